"""Take the text of a page from where a CSS selector says that it stands."""

import soupsieve
from bs4 import BeautifulSoup, Tag
from lxml import html
from lxml.html import HtmlElement

from bot.parse import clean

#: Inside the text nobody reads these.
_UNREAD = ["script", "style", "template", "noscript", "svg", "iframe", "object", "button", "select"]
_MAX_PARTS = 500


def text(root: HtmlElement, selector: str) -> str:
    """Return the text of the selected elements, in the order of the page, paragraphs split by a blank line.

    What stands inside another selected element is taken once. "" where nothing is selected, or where the
    selector does not parse.
    """
    try:
        wanted = soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, NotImplementedError):
        return ""
    soup = BeautifulSoup(html.tostring(root, encoding="unicode"), "lxml")
    chosen = wanted.select(soup, limit=_MAX_PARTS)
    taken = set(map(id, chosen))
    parts = [element for element in chosen if not any(id(parent) in taken for parent in element.parents)]
    return "\n\n".join(filter(None, map(_text, parts)))[: clean.MAX_TEXT].rstrip()


def _text(element: Tag) -> str:
    for unread in element.find_all(_UNREAD):
        unread.decompose()
    return clean.plain(str(element))
