"""Words so common that nearly every article of their language holds one of them.

Written by hand, some forty for each language, as it writes them; a watch made of these alone finds
everything. Pure.
"""

from functools import lru_cache

from bot.match.fold import fold

_WORDS = (
    # English
    """
    the of and to a in is it that for on was with as be by at from are this have has had not but or
    an which they his her he she we you i their will would can more about who all its were been one
    """,
    # French
    """
    le la les un une de des du et à au aux en est que qui dans pour par sur pas plus ne ce cette ces
    il elle ils elles on nous vous se sa son ses leur avec mais ou où être été a sont comme tout y d
    l
    """,
    # German
    """
    der die das den dem des ein eine einer eines einem einen und in im ist zu von mit auf für nicht
    sich es er sie wir ich als auch an am bei nach aus um dass wie oder aber so wird war sind hat zum
    zur
    """,
    # Spanish
    """
    el la los las un una unos unas de del al y o en que a por para con no se su sus lo es son como
    más pero este esta estos fue ha han ser sin sobre también entre cuando muy ya todo donde desde
    """,
    # Italian
    """
    il lo la i gli le un uno una di del della dei delle da dal in nel nella con su per tra e o che
    non si è sono ha al alla come più anche ma questo questa essere se ci nei sul sulla dalla degli
    loro
    """,
    # Portuguese
    """
    o a os as um uma de do da dos das em no na nos nas por para com e ou que não se é são foi ao à
    mais como mas seu sua ser também já tem entre pelo pela até isso ele ela quando muito
    """,
    # Dutch
    """
    de het een en van in is op te dat die niet met voor zijn er aan ook als maar om bij uit door naar
    nog wordt werd heeft hebben dit deze of wat over tot dan kan zich hij zij ze we ik je
    """,
    # Russian
    """
    и в не на я он что с это как по из но за то от о у же для так она они мы вы был была было были
    его её их к до бы или при есть который также все только если
    """,
    # Ukrainian
    """
    і в не на що з та як до за від для у й це по він вона вони є але про або був була було бути його
    її їх також який після при
    """,
    # Polish
    """
    i w na z do nie się że to jest o od po za jak przez dla przy lub oraz ale a jego są był była było
    tym tego które który która także tak co już może
    """,
    # Swedish, Danish and Norwegian
    """
    och i att det som en på är av för med den till inte om ett har de var från vi kan ska men og er
    til af et ikke der han hun jeg fra ved eller også være blev
    """,
    # Turkish
    """
    ve bir bu da de için ile çok daha en gibi kadar ne o olan olarak var ama sonra her ki mi değil
    göre
    """,
    # Arabic
    """
    في من على إلى عن أن إن التي الذي هذا هذه ما لا كان كانت مع بعد قبل بين كل أو ثم قد لم لن هو هي هم
    ذلك تلك حيث عند كما غير منذ حتى خلال
    """,
    # Hebrew
    """
    של את על לא כי הוא היא זה זו עם גם או אם כל יש אין אל מה רק אבל הם אני אנחנו בין עד כמו היה הייתה
    """,
    # Persian
    """
    و در به از که این را با است آن برای یک خود تا بر هم نیز شد می او ما یا اما هر شده بود کرد
    """,
    # Hindi
    """
    के का की में है और से को पर यह हैं कि ने एक नहीं भी था थी थे तो ही जो लिए कर इस वह हो गया
    """,
    # Japanese
    """
    の は が を に で と も へ や か から まで より です ます した する して いる ある ない この その
    これ それ こと もの ため として など について という なる れる られる
    """,
    # Chinese, both ways of writing it
    """
    的 了 在 是 和 有 我 他 她 们 們 这 這 那 不 也 就 都 而 与 與 及 对 對 为 為 以 于 於 中 上 下
    一 个 個 等 将 將 被 从 從 我们 我們 他们 他們 一个 一個
    """,
    # Korean
    """
    은 는 이 가 을 를 의 에 에서 와 과 도 로 으로 하다 있다 있는 하는 한 그 것 수 및 등 대한 위해
    통해 그리고 하지만
    """,
)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Return the words, folded; made when they are first asked for."""
    return frozenset(fold(" ".join(_WORDS)).text.split())
