"""The sense guard: what an article says that an acronym means, and why."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match.matcher import Matcher
from bot.match.matcher import compile as compile_watches
from bot.match.sense import MOST_PLACES, Guard, SenseEvidence
from bot.model import Article, Sense, Span, Watch
from tests.build import a_watch, an_article
from tests.match.strategies import any_text, news_text

CSPO = a_watch(
    "CSpO",
    long_forms=(
        "Combined Space Operations", "opérations spatiales combinées", "Kombinierte Weltraumoperationen",
        "operaciones espaciales combinadas", "連合宇宙作戦", "联合太空行动", "연합우주작전",
        "Совместные космические операции",
    ),
    rivals=(
        "Certified Scrum Product Owner", "certified sustainable palm oil", "huile de palme durable certifiée",
        "認定スクラムプロダクトオーナー",
    ),
    context=(
        "space*", "satellit*", "orbit*", "defen?e", "spatia*", "Weltraum*", "宇宙", "卫星", "위성", "спутник*",
        "Five Eyes", '"missile warning"',
    ),
)  # fmt: skip
OTHER = (
    "“Chief Sustainability and Purpose Officer (CSPO)” gives a long form that is neither expected nor a rival"
)
FILLER = "ministers met again on Friday and agreed on very little. "


guard_of = cache(Guard)


@cache
def matcher_of(watch: Watch) -> Matcher:
    return compile_watches([watch])


def spans_of(watch: Watch, article: Article) -> tuple[Span, ...]:
    """Return the spans of the mention that the matcher finds; none where it finds none."""
    (mention,) = matcher_of(watch).find(article) or [None]
    return mention.spans if mention else ()


def evidence(text: str, title: str = "", watch: Watch = CSPO) -> SenseEvidence:
    """Return what the guard of a watch says of an article, which both of its doors agree on."""
    article = an_article(text, title=title)
    guard, spans = guard_of(watch), spans_of(watch, article)
    found = guard.evidence(article, spans)
    assert guard.judge(article, spans) is found.verdict
    return found


def sense(text: str, title: str = "", watch: Watch = CSPO) -> str:
    return evidence(text, title, watch).verdict.value


VERDICTS = [
    # a definition
    ("The Combined Space Operations (CSpO) initiative met.", "confirmed"),
    ("The CSpO (Combined Space Operations) initiative met.", "confirmed"),
    ("Ten nations of Combined Allied Space Operations (CSpO) met.", "confirmed"),
    ("Les opérations spatiales combinées (CSpO) ont repris.", "confirmed"),
    ("Kombinierte Weltraumoperationen (CSpO) begannen.", "confirmed"),
    ("Las operaciones espaciales combinadas (CSpO) siguen.", "confirmed"),
    ("日本が連合宇宙作戦（CSpO）イニシアチブに参加した。", "confirmed"),
    ("日本加入联合太空行动（CSpO）倡议。", "confirmed"),
    ("일본이 연합우주작전(CSpO)에 참여했다.", "confirmed"),
    ("Совместные космические операции (CSpO) начались.", "confirmed"),
    ("CSPO (Certified Scrum Product Owner®)", "contradicted"),
    ("A two-day Certified Scrum Product Owner (CSPO) training.", "contradicted"),
    ("Certified, sustainable and traceable palm oil (CSPO) sold well.", "contradicted"),
    ("L’huile de palme durable certifiée (CSPO) se vend bien.", "contradicted"),
    ("認定スクラムプロダクトオーナー（CSPO）研修を開催する。", "contradicted"),
    # a long form by itself
    ("CSpO partners met. Combined Space Operations are new.", "confirmed"),
    ("CSpO partners met. Combined\u00a0Space\nOperations are new.", "confirmed"),
    ("CSpO met for a Combined Space Operation.", "confirmed"),
    ("Le CSpO. Une opération, puis des opérations spatiales combinées.", "confirmed"),
    ("CSpO 会议。联合太空行动继续。", "confirmed"),
    ("Get your CSPO: be a Certified Scrum Product Owner.", "contradicted"),
    ("Our CSPO courses. Certified Scrum Product Owners earn more.", "contradicted"),
    ("CSPO sales rose. Certified sustainable palm oil is in demand.", "contradicted"),
    # both
    ("Combined Space Operations (CSpO), not Certified Scrum Product Owner (CSPO).", "confirmed"),
    ("Certified Scrum Product Owner (CSPO). Combined Space Operations met.", "confirmed"),
    ("Certified Scrum Product Owners. Combined Allied Space Operations (CSpO).", "confirmed"),
    ("Certified Scrum Product Owner (CSPO) training on satellites.", "contradicted"),
    # a rival long form that defines nothing, and context
    ("Certified Scrum Product Owners met. CSpO partners spoke of satellites.", "likely"),
    ("Certified sustainable palm oil. CSPO. " + FILLER * 6 + "Satellites.", "contradicted"),
    # context
    ("CSpO partners spoke of satellites.", "likely"),
    ("Space: CSpO partners met.", "likely"),
    ("The CSpO met on defence.", "likely"),
    ("The CSpO met on defense.", "likely"),
    ("The CSpO and the Five Eyes met.", "likely"),
    ("The CSpO met on missile warning.", "likely"),
    ("Le CSpO parle de l’espace et des moyens spatiaux.", "likely"),
    ("Das CSpO tagte zur Weltraumlage.", "likely"),
    ("CSpOは宇宙について協議した。", "likely"),
    ("CSpO 讨论了卫星问题。", "likely"),
    ("CSpO는 위성 문제를 논의했다.", "likely"),
    ("В CSpO обсудили спутники.", "likely"),
    # nothing
    ("The CSPO certificate is in demand.", "unknown"),
    ("Get your (CSPO) training now.", "unknown"),
    ("CSpO (left) met.", "unknown"),
    ("CSpO (2024)", "unknown"),
    ("CSpO met missiles and gave a warning of five blue eyes.", "unknown"),
    ("Chief Sustainability and Purpose Officer (CSPO) Jane Doe", "unknown"),
]


@pytest.mark.parametrize(("text", "verdict"), VERDICTS, ids=[row[0] for row in VERDICTS])
def test_what_an_article_says(text: str, verdict: str) -> None:
    """In its text, or in its title all the same."""
    assert sense(text) == verdict
    assert sense("", title=text) == verdict


def test_the_title_decides_for_the_text_and_the_text_for_the_title() -> None:
    assert sense("CSpO partners met.", title="Combined Space Operations in Ottawa") == "confirmed"
    assert sense("A Certified Scrum Product Owner earns more.", title="Your CSPO training") == "contradicted"


def test_an_exact_term_is_defined_in_other_letters_too() -> None:
    """A text that writes {CSpO} in capitals where it defines it still defines it."""
    exact = a_watch("{CSpO}", long_forms=CSPO.long_forms, rivals=CSPO.rivals)
    assert sense("Combined Allied Space Operations (CSPO) met. CSpO partners …", watch=exact) == "confirmed"
    text = "Certified, sustainable and fine palm oils (CSPO) sold well, says CSpO."
    assert sense(text, watch=exact) == "contradicted"
    assert sense("", title="COMBINED ALLIED SPACE OPERATIONS (CSPO) MEETS", watch=exact) == "confirmed"


def test_an_acronym_may_be_written_in_small_letters_in_the_query() -> None:
    small = a_watch("cspo", long_forms=CSPO.long_forms)
    assert sense("Combined Allied Space Operations (CSpO)", watch=small) == "confirmed"
    assert sense("Combined Allied Space Operations (cspo)", watch=small) == "unknown"


def test_only_the_acronyms_of_the_spans_are_defined() -> None:
    """A definition of another acronym says nothing."""
    assert (
        sense(
            "Combined Allied Space Operations (CASO). CSpO met.",
            watch=a_watch("CSpO", long_forms=CSPO.long_forms),
        )
        == "unknown"
    )
    either = a_watch("CSpO OR AsterX", long_forms=CSPO.long_forms)
    assert evidence("AsterX began. Combined Allied Space Operations (CSpO) met.", watch=either).definitions
    article = an_article("AsterX began. Combined Allied Space Operations (CSpO) met.")
    asterx = [span for span in spans_of(either, article) if span.term == "AsterX"]
    assert Guard(either).evidence(article, asterx).definitions == ()


def test_plural_dotted_and_longer_acronyms_are_defined() -> None:
    assert sense("The CSpO. Combined Allied Space Operations cells (CSpOs) met.") == "confirmed"
    prefix = a_watch("CSpO*", long_forms=CSPO.long_forms)
    assert sense("Combined Allied Space Operations Center (CSpOC)", watch=prefix) == "confirmed"
    union = a_watch("EU", long_forms=("European Union",), rivals=("Entropia Universe",))
    assert sense("The European defence Union (E.U.) met.", watch=union) == "confirmed"
    assert sense("Entropia’s Universe (E.U.) opened.", watch=union) == "contradicted"


def test_a_span_may_be_a_long_form_itself() -> None:
    """However an expression of the query lets it be written."""
    watch = a_watch(r"re:/Combined.Space.Operations/", long_forms=("Combined Space Operations",))
    found = evidence("The Combined_Space_Operations folder", watch=watch)
    assert found.verdict is Sense.CONFIRMED
    assert found.why == "the text says “Combined_Space_Operations”, the expected long form"


def test_a_long_form_inside_a_longer_rival_one_is_the_rival() -> None:
    council = a_watch(
        "NSC", long_forms=("National Security Council",), rivals=("Israeli National Security Council",)
    )
    assert (
        sense("The Israeli National Security Council met. The NSC decided.", watch=council) == "contradicted"
    )
    assert sense("The Israeli National Security Council (NSC) met.", watch=council) == "contradicted"
    assert sense("The National Security Council met. The NSC decided.", watch=council) == "confirmed"
    text = "The NSC: the Israeli National Security Council and the National Security Council met."
    assert sense(text, watch=council) == "confirmed"
    found = evidence("The Israeli National Security Council met.", title="NSC", watch=council)
    assert found.why == "the text says “Israeli National Security Council”, a rival long form"


def test_a_rival_one_may_go_on_where_the_right_one_ends() -> None:
    watch = a_watch("SC", long_forms=("Security Council",), rivals=("Security Council of Israel",))
    assert sense("The Security Council of Israel met. The SC decided.", watch=watch) == "contradicted"
    assert sense("The Security Council met. The SC decided.", watch=watch) == "confirmed"
    both = a_watch("SC", long_forms=("Security Council",), rivals=("Security Council",))
    assert sense("The Security Council met. The SC decided.", watch=both) == "confirmed"


def test_a_mention_without_spans_is_judged_by_the_text_alone() -> None:
    """A mention through fields has none."""
    guard = Guard(a_watch("tag:space", long_forms=CSPO.long_forms, rivals=CSPO.rivals, context=CSPO.context))
    assert guard.judge(an_article("Satellites in orbit, and CSpO."), ()) is Sense.UNKNOWN
    assert guard.judge(an_article("Combined Space Operations"), ()) is Sense.CONFIRMED
    assert guard.judge(an_article("certified sustainable palm oil"), ()) is Sense.CONTRADICTED


def words(count: int) -> str:
    return " ".join(["word"] * count)


@pytest.mark.parametrize("between", [0, 1, 49, 50])
def test_context_within_50_words_counts(between: int) -> None:
    assert sense(f"CSpO, {words(between)} orbit") == "likely"
    assert sense(f"orbit {words(between)} – CSpO") == "likely"


def test_context_farther_away_does_not() -> None:
    assert sense(f"CSpO {words(51)} orbit") == "unknown"
    assert sense(f"orbit {words(51)} CSpO") == "unknown"
    assert sense(f"orbit {words(51)} CSpO {words(51)} orbit") == "unknown"


def test_words_are_those_of_the_watch_language() -> None:
    """Hyphens part words, soft hyphens and marks do not, each character of a spaceless run is a word."""
    assert sense("CSpO " + "a-" * 25 + "a-" * 25 + " orbit") == "likely"
    assert sense("CSpO " + "a-" * 51 + " orbit") == "unknown"
    assert sense("CSpO " + "a\u00adb\u00adc\u0301 " * 50 + " orbit") == "likely"
    assert sense("CSpO " + "हिन्दी " * 50 + " orbit") == "likely"
    assert sense("CSpO" + "あ" * 50 + "宇宙") == "likely"
    assert sense("CSpO" + "あ" * 51 + "宇宙") == "unknown"


def test_the_text_goes_on_after_the_title() -> None:
    """A headline with the acronym is explained by the first words of its text, and the other way round."""
    assert sense("Satellites in orbit.", title="CSpO met") == "likely"
    assert sense("CSpO met.", title="Satellites in orbit") == "likely"
    assert sense("CSpO met.", title="CSpO on satellites") == "likely"
    assert sense(f"{words(49)} orbit.", title="CSpO met") == "likely"
    assert sense(f"{words(50)} orbit.", title="CSpO met") == "unknown"
    assert sense(f"{words(49)} CSpO.", title="orbit met") == "likely"
    assert sense(f"{words(50)} CSpO.", title="orbit met") == "unknown"


def test_a_span_is_no_context_of_itself_but_of_another() -> None:
    watch = a_watch('CSpO OR "space command"', context=("space*", "CSp*"))
    assert sense("CSpO met.", watch=watch) == "unknown"
    assert sense("The space command met.", watch=watch) == "unknown"
    assert sense("CSpO met the space command.", watch=watch) == "likely"


def test_evidence_shows_what_decided() -> None:
    """Definitions with their extent, one line for people."""
    text = "The Combined Space\nOperations initiative (“CSpO”) met."
    found = evidence(text, title="CSpO (Combined Space Operations)")
    assert found.why == "“CSpO (Combined Space Operations)” gives the expected long form"
    assert [
        (one.acronym, one.long_form, one.field, one.start, one.end, one.sense) for one in found.definitions
    ] == [
        ("CSpO", "Combined Space Operations", "title", 0, 32, Sense.CONFIRMED),
        ("CSpO", "Combined Space Operations", "body", 4, 49, Sense.CONFIRMED),
    ]
    assert evidence(text).why == "“Combined Space Operations initiative (CSpO)” gives the expected long form"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "Certified Scrum Product Owner (CSPO)",
            "“Certified Scrum Product Owner (CSPO)” gives a rival long form",
        ),
        (
            "CSPO. Certified Scrum Product Owners earn more.",
            "the text says “Certified Scrum Product Owners”, a rival long form",
        ),
        (
            "CSpO. Combined Space Operations",
            "the text says “Combined Space Operations”, the expected long form",
        ),
        ("CSpO saw Satellites", "no long form is given, but “Satellites” stands within 50 words"),
        (
            "CSpO saw orbits. Certified Scrum Product Owners did not.",
            "the text says “Certified Scrum Product Owners”, a rival long form, but “orbits” stands within 50 words",
        ),
        ("CSpO met", "no long form is given, and no context term stands within 50 words"),
        (
            "Chief Sustainability and Purpose Officer (CSPO)",
            f"{OTHER}, and no context term stands within 50 words",
        ),
        (
            "Chief Sustainability and Purpose Officer (CSPO) for satellites",
            f"{OTHER}, but “satellites” stands within 50 words",
        ),
    ],
)
def test_a_line_says_why(text: str, why: str) -> None:
    assert evidence(text).why == why


def test_without_context_nothing_is_said_of_it() -> None:
    assert (
        evidence("CSpO met", watch=a_watch("CSpO", long_forms=CSPO.long_forms)).why == "no long form is given"
    )


def test_a_long_pair_is_shown_shortened() -> None:
    text = f"Combined Space Operations (CSpO, {'and so on ' * 15})"
    assert len(evidence(text).why) < 200
    assert "…” gives the expected long form" in evidence(text).why


def test_evidence_shows_the_nearest_context_on_either_side_of_a_span() -> None:
    text = "orbit orbit, space: CSpO, satellites, orbit. " + FILLER * 20 + "orbit"
    assert evidence(text).context == (
        Span(field="body", start=13, end=18, term="space*"),
        Span(field="body", start=26, end=36, term="satellit*"),
    )
    found = evidence("Combined Space Operations (CSpO)", title="CSpO on satellites")
    assert [(span.field, span.term) for span in found.context] == [
        ("title", "satellit*"), ("body", "space*"),
    ]  # fmt: skip


def test_items_may_be_written_in_quotes_or_not() -> None:
    watch = a_watch(
        "CSpO",
        long_forms=('"Combined Space Operations"', "…", ""),
        rivals=("Certified Scrum Product Owner®",),
        context=('"missile warning"', "early warning", "orbit OR space*"),
    )
    assert sense("CSpO. Combined Space Operations", watch=watch) == "confirmed"
    assert sense("CSPO: Certified Scrum Product Owner", watch=watch) == "contradicted"
    for text in ("CSpO on missile warning", "CSpO on early warning", "CSpO in orbit", "CSpO: spacecraft"):
        assert sense(text, watch=watch) == "likely"
    assert sense("CSpO gave an early, loud warning", watch=watch) == "unknown"


@pytest.mark.parametrize("item", ["sp*", "*space", "(space", "AND", ""])
def test_context_that_does_not_parse_is_refused_with_the_watch(item: str) -> None:
    with pytest.raises(QueryError) as caught:
        Guard(a_watch("CSpO", key="cspo", context=("orbit", item)))
    assert caught.value.subject == "cspo"


def test_a_query_that_does_not_parse_is_refused_with_the_watch() -> None:
    with pytest.raises(QueryError) as caught:
        Guard(a_watch("a OR b c", key="cspo", context=("orbit",)))
    assert caught.value.subject == "cspo"


HOSTILE = [
    "(CSpO",
    "CSpO (",
    "(CSpO)",
    "CSpO orbit ",
    "Combined Space ",
    "Scrum Product (CSpO) ",
    "「CSpO宇宙",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    """200,000 characters; of the acronym's places only the first are read closely."""
    found = evidence("CSpO " + piece * (200_000 // len(piece)))
    assert len(found.definitions) <= MOST_PLACES


def test_many_long_forms_inside_longer_rival_ones_are_all_looked_at() -> None:
    council = a_watch(
        "NSC", long_forms=("National Security Council",), rivals=("Israeli National Security Council",)
    )
    text = "NSC " + "Israeli National Security Council, " * 900
    assert sense(text, watch=council) == "contradicted"
    assert sense(text + "National Security Council", watch=council) == "confirmed"


LETTERS = [
    "CSpO",
    "CSPO",
    "CSpOs",
    "(",
    ")",
    "（",
    "）",
    ", ",
    ". ",
    " ",
    "\n\n",
    "orbit",
    "Satellites",
    "宇宙",
    "あ",
]
PHRASES = [*CSPO.long_forms, *CSPO.rivals, "Combined Allied Space", "Chief Scrum Product Officer", words(45)]
articles = st.lists(st.one_of(st.sampled_from(LETTERS + PHRASES), any_text), max_size=20).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(articles, articles)
def test_any_article_is_judged_and_evidence_says_the_same(title: str, text: str) -> None:
    """Whatever the text; what is shown lies in it."""
    article = an_article(text, title=title)
    guard, spans = guard_of(CSPO), spans_of(CSPO, article)
    found = guard.evidence(article, spans)
    assert guard.judge(article, spans) is found.verdict
    assert found.why
    assert (found.verdict is Sense.LIKELY) <= bool(found.context)
    for one in (*found.definitions, *found.context):
        field = title if one.field == "title" else text
        assert 0 <= one.start < one.end <= len(field)
    places = [(one.field != "title", one.start) for one in found.definitions]
    assert places == sorted(places)


runs = st.integers(0, 60).map(words)
context_words = st.sampled_from(
    ["CSpO", "orbit", "space station", "space", "宇宙", "あ" * 20, "co-orbit", ", "]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(runs, context_words), max_size=8).map(" ".join),
    st.one_of(news_text, st.lists(context_words, max_size=3).map("".join)),
)
def test_context_is_near_exactly_where_the_language_says_so(text: str, title: str) -> None:
    """LIKELY is what NEAR/50 finds where the text goes on after the title."""
    watch = a_watch("CSpO", context=("orbit", "space station", "宇宙", "space*"))
    near = a_watch('CSpO NEAR/50 (orbit OR "space station" OR 宇宙 OR space*)')
    holds = bool(matcher_of(near).find(an_article(f"{title} . {text}")))
    assert sense(text, title, watch) == ("likely" if holds else "unknown")
