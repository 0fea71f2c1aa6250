"""Tell what stands around a page's listing: navigation, footers, boxes of related and most read articles.

Used by ``structure``. Judges by elements, roles, names and headings; what holds most of what looks like
articles is the listing itself, whatever it is called.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from bs4 import BeautifulSoup, Tag

from bot.parse import listing_words
from bot.parse.block_dates import attribute, text_of
from bot.parse.listing import HEADINGS

#: Elements and roles that stand around the page, not in it.
_AROUND = frozenset(("nav", "footer", "aside", "dialog", "menu"))
_ROLES = frozenset(
    ("navigation", "contentinfo", "complementary", "banner", "search", "dialog", "menu", "menubar")
)
#: A header of one of these is an article's, not the page's.
_ITEMS = frozenset(("article", "main", "li", "section", "td", "dd"))
_NEVER = frozenset(("html", "body", "main", "article", "a"))
_MAX_HEADING, _MAX_HEADING_WORDS = 40, 4
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHARE = 0.6
_MAX_CLIMB, _MAX_SIBLINGS = 3, 60


class Surroundings:
    """Which elements of a page stand beside its listing."""

    def __init__(self, soup: BeautifulSoup, likely: Iterable[Tag]) -> None:
        """``likely`` are the links that look like articles wherever they stand."""
        self._inside: Counter[int] = Counter()
        self._likely = 0
        for tag in likely:
            self._likely += 1
            self._inside.update(id(parent) for parent in tag.parents)
        self._beside: dict[int, bool] = {}
        for box in _titled_boxes(soup):
            if not self._holds_most(box):
                self._beside[id(box)] = True

    def holds(self, tag: Tag) -> bool:
        """Tell whether a link stands in one of them."""
        path: list[int] = []
        found = False
        for parent in tag.parents:
            known = self._beside.get(id(parent))
            if known is not None:
                found = known
                break
            path.append(id(parent))
            if self._is_beside(parent):
                found = True
                break
        self._beside.update(dict.fromkeys(path, found))
        return found

    def _is_beside(self, element: Tag) -> bool:
        if element.name in _NEVER or not _is_around(element):
            return False
        return element.name in ("nav", "footer") or not self._holds_most(element)

    def _holds_most(self, element: Tag) -> bool:
        return self._likely > 2 and self._inside[id(element)] > _SHARE * self._likely


def _is_around(element: Tag) -> bool:
    if element.name in _AROUND or attribute(element, "role").lower() in _ROLES:
        return True
    if element.name == "header":
        return not any(parent.name in _ITEMS for parent in element.parents)
    names = f"{attribute(element, 'class')} {attribute(element, 'id')}"[:300]
    return len(names) > 1 and listing_words.BOX_NAME.search(_CAMEL.sub("-", names).lower()) is not None


def _titled_boxes(soup: BeautifulSoup) -> Iterator[Tag]:
    """Yield what stands under the headings of boxes beside the listing, up to the next heading."""
    for heading in soup.find_all([*sorted(HEADINGS), "strong", "b", "dt", "caption", "legend"]):
        text = text_of(heading)
        if not 0 < len(text) <= _MAX_HEADING or listing_words.BOX_HEADING.match(text) is None:
            continue
        if len(text.split()) > _MAX_HEADING_WORDS or heading.find("a") or heading.find_parent("a"):
            continue
        under = [box for box in _under(heading) if box.find("a", href=True) is not None or box.name == "a"]
        # One link under a heading is an article with its headline.
        if sum(len(box.find_all("a", limit=3)) + (box.name == "a") for box in under) > 1:
            yield from under


def _under(heading: Tag) -> Iterator[Tag]:
    start: Tag = heading
    for _ in range(_MAX_CLIMB):
        if any(isinstance(beside, Tag) for beside in start.next_siblings) or start.parent is None:
            break
        start = start.parent
    if start.name in ("body", "html", "main"):
        return
    for beside in islice(start.next_siblings, _MAX_SIBLINGS):
        if isinstance(beside, Tag):
            if beside.name in HEADINGS:
                return
            yield beside
