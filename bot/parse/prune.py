"""Take from a page's tree what is not the article: navigation, related boxes, forms, notices, comments.

Runs before the text is taken out, for a watch that is found in a "related stories" box is the worst kind of
false hit. Judges by elements, roles and class names; what holds a good part of the page's prose is never
taken, whatever it is called. Changes the tree it is given.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from lxml.html import HtmlElement

#: Elements that are never part of an article.
_ALWAYS = frozenset(
    {
        "nav", "aside", "dialog", "footer", "amp-ad", "amp-embed", "amp-sticky-ad", "amp-sidebar", "amp-list",
        "amp-consent", "amp-user-notification",
    }
)  # fmt: skip
_ROLES = frozenset(
    {
        "navigation", "complementary", "contentinfo", "search", "dialog", "alertdialog", "banner", "menu",
        "menubar", "toolbar",
    }
)  # fmt: skip
_CONTAINERS = frozenset(
    {
        "div", "section", "ul", "ol", "dl", "form", "p", "details", "header", "span", "table", "figure",
        "h2", "h3", "h4", "strong",
    }
)  # fmt: skip
#: Parts of class names and ids that name a box beside the article, in the words of the web's templates.
_BOX = re.compile(
    r"(?<![a-z])(?:related|newsletters?|cookies?|consent|gdpr|share|sharing|sharebar|socials?|comments?|commentlist"
    r"|disqus|sidebar|promos?|promoted|recommended|recommendations?|recirc|trending|popular|mostread|readmore|morefrom"
    r"|seealso|teasers?|outbrain|taboola|advert|advertisement|ads|sponsored|paywall|subscribe|subscription|signup"
    r"|breadcrumbs?|nav|navigation|navbar|menu|footer|toolbar|utility-?bar|pagination|pager|tags|taglist"
    r"|authorbox|authorbio|bio|field__label|field-label(?!-))"
    r"(?![a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: What holds more than this share of the page's prose is the article, whatever its class says.
_PROSE_SHARE = 0.3
_PROSE_CHARS = 60
#: A cell with less text than this is data, whatever it stands in.
_LAYOUT_CHARS = 400
_LAYOUT_SHARE = 0.4
_CELL_CHARS = 200

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_LONE = ("p", "div", "li", *_HEADINGS)
_BLOCKS = frozenset(
    {
        "p", "li", "div", "ul", "ol", "table", "section", "article", "h1", *_HEADINGS, "blockquote", "figure",
        "aside", "header", "footer", "td", "th", "dl", "dd", "dt", "pre", "form", "main",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"(?:https?://|www\.)")
_TAG_AFTER = re.compile(r"\s*[\[(].{1,20}[\])]")
#: "READ MORE:", "Lesen Sie auch:", "あわせて読みたい：" and their like, before a headline.
_PREFIX_ENDS = (":", "：", "»", ">", "|", "–", "—")
_MAX_LONE = 300
#: Where more of the prose than this stands in lone links, the article is a list of links.
_LINK_SHARE = 0.25


def boilerplate(root: HtmlElement) -> None:
    """Take out the subtrees that are not the article; the text after them stays."""
    total = max(prose(root), 1)
    gone: set[HtmlElement] = set()
    for element in list(root.iter("*")):
        parent = element.getparent()
        if parent is None:
            continue
        if parent in gone or (_is_box(element, parent) and prose(element) <= _PROSE_SHARE * total):
            gone.add(element)
    # Outermost first: what lies inside goes with it.
    for element in gone:
        parent = element.getparent()
        if parent is not None and parent not in gone:
            element.drop_tree()


def _is_box(element: HtmlElement, parent: HtmlElement) -> bool:
    tag = element.tag
    if tag in _ALWAYS:
        # <blockquote><footer> says who is quoted
        return not (tag == "footer" and parent.tag == "blockquote")
    if not element.attrib or tag in ("html", "body", "main", "article", "head"):
        return False
    get = element.get
    if get("role") in _ROLES or get("hidden") is not None or get("aria-hidden") == "true":
        return True
    if tag not in _CONTAINERS and "-" not in str(tag):
        return False
    names = f"{get('class', '')} {get('id', '')}"
    return len(names) > 1 and _names_a_box(names[:300])


@lru_cache(maxsize=4096)
def _names_a_box(names: str) -> bool:
    return _BOX.search(_CAMEL.sub("-", names).lower()) is not None


def layout_tables(root: HtmlElement) -> None:
    """Make boxes of the tables that a page is laid out with, so that only tables of data are left.

    A table is layout where one of its cells holds half of its text, and much of the page's. Cells beside
    that one are columns of the page, and go, where all that they say is short.
    """
    tables = list(root.iter("table"))
    least = max(_LAYOUT_CHARS, _LAYOUT_SHARE * len(_text(root))) if tables else 0
    for table in tables:
        size = len(_text(table))
        if size < least:
            continue
        cells = [cell for cell in table.iter("td", "th") if _table_of(cell) is table]
        biggest = max(cells, key=lambda cell: len(_text(cell)), default=None)
        if biggest is None or len(_text(biggest)) < max(least, size / 2):
            continue
        for cell in cells:
            if cell is not biggest and not _says_much(cell):
                cell.drop_tree()
        for part in (table, *table.iter("tbody", "thead", "tfoot", "tr", "td", "th")):
            if part is table or _table_of(part) is table:
                part.tag = "div"


def _table_of(part: HtmlElement) -> HtmlElement | None:
    return next(part.iterancestors("table"), None)


def _says_much(cell: HtmlElement) -> bool:
    """Tell whether a cell holds a sentence rather than a menu, a notice or a heading."""
    linked = sum(len(_text(link)) for link in cell.iter("a"))
    return len(_text(cell)) - linked > _CELL_CHARS


def prose(root: HtmlElement) -> int:
    """Return how many characters stand in paragraphs that are long enough to be sentences."""
    count = 0
    for paragraph in root.iter("p"):
        length = len("".join(paragraph.itertext()).strip())
        if length > _PROSE_CHARS:
            count += length
    return count


def lone_links(root: HtmlElement, host: str) -> None:
    """Take out headlines of the same site that stand alone as links, with the list they leave empty.

    Kept: links to other sites (sources, offers), to places in the page, and all paragraphs where the article
    is itself a list of links.
    """
    found = [element for element in root.iter(*_LONE) if _is_lone_link(element, host)]
    total = sum(len(_text(paragraph)) for paragraph in root.iter("p")) or 1
    if sum(len(_text(element)) for element in found if element.tag == "p") > _LINK_SHARE * total:
        found = [element for element in found if element.tag != "p"]
    _drop_lists([element for element in found if element.tag == "li"])
    for element in found:
        if element.tag != "li" and element.getparent() is not None:
            before = element.getprevious()
            element.drop_tree()
            _drop_orphan(before)


def _drop_lists(items: list[HtmlElement]) -> None:
    """Take out the items of lists of which they are four fifths, and a list that is empty then."""
    lists: dict[HtmlElement, list[HtmlElement]] = {}
    for item in items:
        parent = item.getparent()
        if parent is not None:
            lists.setdefault(parent, []).append(item)
    for parent, chosen in lists.items():
        if len(chosen) < 0.8 * sum(child.tag == "li" for child in parent):
            continue
        for item in chosen:
            item.drop_tree()
        if parent.tag in ("ul", "ol") and not _text(parent) and parent.getparent() is not None:
            before = parent.getprevious()
            parent.drop_tree()
            _drop_orphan(before)


def _drop_orphan(heading: HtmlElement | None) -> None:
    """Take out a short heading ("More on this:") whose list is gone."""
    if heading is None or heading.getparent() is None or heading.tag not in ("p", *_HEADINGS):
        return
    text = _text(heading)
    if not 0 < len(text) <= 40:
        return
    following = heading.getnext()
    bare = heading.tag in _HEADINGS and (following is None or following.tag in _HEADINGS)
    if bare or text.endswith((":", "：", "…", "...")):
        heading.drop_tree()


def _is_lone_link(element: HtmlElement, host: str) -> bool:
    first = next(element.iter("a"), None)
    if first is None or any(inner.tag in _BLOCKS for inner in element.iterdescendants("*")):
        return False
    text = _text(element)
    enough = 5 if element.tag == "li" else 4
    if len(text) > _MAX_LONE or (len(text.split()) < enough and len(text) < 20) or _ADDRESS.match(text):
        return False
    links = list(element.iter("a"))
    if not all(_leads_to_site(link.get("href", ""), host) for link in links):
        return False
    linked = sum(len(_text(link)) for link in links)
    rest = len(text) - linked
    # "Home | News | Sport": what stands between links of a row says nothing.
    between = len(links) > 1 and not any(sign.isalnum() for sign in _unlinked(element))
    if linked and (between or rest <= max(3, 0.1 * len(text))):
        return True
    place = text.find(_text(first))
    before = text[:place].strip()
    if before.endswith(_PREFIX_ENDS) and len(before) <= 40:
        return rest - len(before) <= max(3, 0.05 * len(text))
    return place == 0 and linked > 0 and _TAG_AFTER.fullmatch(text[linked:]) is not None


def _unlinked(element: HtmlElement) -> str:
    """Return what an element says outside its links."""
    parts = [element.text or ""]
    for inner in element.iterdescendants():
        if inner.tag != "a" and next(inner.iterancestors("a"), None) is None:
            parts.append(inner.text or "")
        if next(inner.iterancestors("a"), None) is None:
            parts.append(inner.tail or "")
    return "".join(parts)


def _leads_to_site(href: str, host: str) -> bool:
    href = href.strip()
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:")):
        return False
    try:
        name = urlsplit(href).hostname or ""
    except ValueError:
        return False
    return not name or same_site(name, host)


def same_site(one: str, other: str) -> bool:
    """Tell whether two host names belong to one site, as far as names can say: the last two labels agree."""
    return _last_labels(one) == _last_labels(other)


def _last_labels(host: str) -> list[str]:
    labels = host.lower().rstrip(".").split(".")
    # "co.uk" and "com.au" are no sites: a short label before a country code is part of the ending.
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return labels[-3:] if short else labels[-2:]


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def keep_captions(root: HtmlElement) -> None:
    """Make the captions of pictures between two paragraphs paragraphs themselves: extraction drops figures.

    Captions of lead and gallery pictures are left out: they repeat from article to article.
    """
    for caption in list(root.iter("figcaption")):
        figure = caption.getparent()
        if figure is None or figure.tag != "figure" or len(_text(caption).split()) < 5:
            continue
        before, after = figure.getprevious(), figure.getnext()
        if before is not None and after is not None and before.tag == after.tag == "p":
            caption.tag = "p"
            figure.addnext(caption)


def drop(root: HtmlElement, tags: Iterable[str]) -> None:
    """Take out all elements of these names; the text after them stays."""
    for element in list(root.iter(*tags)):
        if element.getparent() is not None:
            element.drop_tree()
