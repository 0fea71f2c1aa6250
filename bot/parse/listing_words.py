"""The words by which pages name what is no list of articles, in the languages of the web.

Tables for ``structure``, ``surroundings``, ``link_shape`` and ``offers``; they decide nothing. One row a
language or a kind of word, split by a comma and a blank.
"""

import re
from collections.abc import Iterable


def _any(rows: Iterable[str]) -> str:
    return "|".join(word for row in rows for word in row.split(", "))


#: How classes and ids name boxes beside the listing; words as they stand between hyphens.
_BOXES = (
    "nav, navigation, navbar, navi, menu, [a-z]{2,8}menu, submenu, breadcrumbs?, footer, foot, sidebar, skip",
    "toolbar, topbar, login, langs?, languages?, newsletter, advert, ads, sponsored, cookies?, consent",
    "related, popular, most-?read, most-?viewed, trending, recommended, see-also, comments?",
    "share, sharing, socials?, pagination, pager, paging, paginator, page-numbers",
    "tags, tag-?list, tag-?cloud, filters?, facets?, categories, topics, quick-?links, partners, widget-area",
)
#: How such boxes are headed; a heading begins so.
_HEADINGS = (
    "related, most (?:read|popular|viewed|shared), popular, trending, recommended, see also, you may",
    r"more from, tags?\b, topics, categor, archives?\b, follow us, contact, about, quick links, useful links",
    r"links\b, sitemap, services, navigation, menu, partners, recent (?:posts|comments)\b",
    "meist, beliebt, verwandte, ähnliche, mehr zum, auch interessant, lesen sie auch, themen, kategorien",
    r"schlagw, archiv\b, folgen sie, kontakt, über uns",
    "les plus, à lire aussi, voir aussi, articles liés, sur le même, catégories, mots-clés, suivez, liens",
    "rubriques, lo más, más leíd, relacionad, etiquetas, categorías, enlaces, te puede interesar",
    "i più letti, correlati, leggi anche, mais lidas, leia também, relacionados",
    "najczęściej czytane, zobacz też, powiązane, nejčtenější, související, meest gelezen, mest läst",
    "人気, 関連, ランキング, アクセス, タグ, カテゴリ, アーカイブ, リンク, おすすめ",
    "热门, 相关, 推荐, 标签, 分类, 排行, 인기, 관련, 많이 본, 태그",
    "الأكثر, ذات صلة, مواضيع, روابط, اقرأ أيضا",
    "самое, похожие, читайте также, популярн, рубрики, метки, ссылки",
)
#: What invites to read on; the headline stands elsewhere.
_MORE = (
    "continue reading.{0,20}, download, pdf, weiter ?lesen, mehr(?: lesen| erfahren)?, zum artikel",
    "lire (?:la suite|plus|l'article), en savoir plus, leer más, ver más, seguir leyendo",
    "leggi(?: tutto| di più)?, saiba mais, leia mais, lees (?:meer|verder), läs mer, les mer, læs mere",
    "lue lisää, czytaj (?:dalej|więcej), číst více, devamını oku, citește mai mult",
    "подробнее, читать(?: далее| полностью)?, اقرأ (?:المزيد|أكثر), المزيد",
    "続きを読む, もっと(?:見る|読む), 詳細(?:を見る)?, 詳しくは.{0,6}",
    "阅读(?:全文|更多), 查看更多, 더 ?보기, 자세히(?: 보기)?",
)
_THING = r"(?:more|on|full (?:story|article|text)|details?|article|story)"
_MORE_ENGLISH = (
    rf"(?:read|learn|find out|see|view|show)(?: the)? {_THING}(?: .{{0,20}})?"
    r"|(?:more|full (?:story|article|text)|details?|article)(?: (?:about|on|info|details?)\b.{0,20})?"
)
_PAGES = (r"\d{1,4}", "next, previous, prev, older, newer, weiter, zurück, suivante?, siguiente, 次, 前")
#: How feeds of comments are called.
_COMMENTS = (
    "comment, kommentar, comentári, comentari, commenti, reacti(?:e|on)s, kommentti, kommentaari, komentar",
    "komentář, komentarz, hozzászólás, коммент, коментар, コメント, 评论, 評論, 留言, 댓글, تعليق, yorum",
    "σχόλι, תגוב, bình luận, ความเห็น, टिप्पण",
)

BOX_NAME = re.compile(rf"(?<![a-z])(?:{_any(_BOXES)})(?![a-z])")
BOX_HEADING = re.compile(_any(_HEADINGS), re.IGNORECASE)
MORE = re.compile(rf"[\W_]*(?:{_MORE_ENGLISH}|{_any(_MORE)})[\W_]*", re.IGNORECASE)
PAGE_NUMBER = re.compile(rf"[\W_]*(?:{_any(_PAGES)})[\W_]*", re.IGNORECASE)
COMMENTS = re.compile(_any(_COMMENTS), re.IGNORECASE)
