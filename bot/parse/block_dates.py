"""Find the date of a listed article: in its block, beside it, or in the heading that it stands under.

Used by ``listing``. Dates are taken from ``<time>``, from short texts that are nothing but a date, and from
what a selector names; never from a headline.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import islice

import soupsieve
from bs4 import Tag
from bs4.element import NavigableString

from bot.parse import clean, dates

#: How much of an element is looked at; what is longer is no date and nobody's title.
_MAX_NODES = 500
#: A date that is written without an element of its own: short, with a year, or with a day and a month.
_MAX_DATE, _DATE_WORDS = 60, 8
_DATED = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d[./-]\d{1,2}[./-]\d\d|\d{4}[年년]")
#: How far up and back the heading with a date is looked for.
_MAX_CLIMB, _MAX_BACK = 3, 60


class BlockDates:
    """The dates of one page's blocks."""

    def __init__(self, selector: soupsieve.SoupSieve | None) -> None:
        """``selector`` names the elements of dates; None takes what is written as one."""
        self._selector = selector
        #: of the parents of blocks: whether dates stand before their blocks, not after
        self._leads: dict[int, bool] = {}
        self._headings: dict[int, datetime | None] = {}

    def of(self, blocks: list[Tag], title: str, *, alone: bool = False) -> datetime | None:
        """Return the first date that a link's own blocks give, the innermost first, else that beside them.

        Where the link is the only one (``alone``), what stands beside its block is not known to be its own.
        """
        for block in blocks:
            chosen = self._selector.select(block) if self._selector is not None else block.find_all("time")
            if self._selector is not None and self._selector.match(block):
                chosen = [*chosen, block]
            for element in chosen:
                found = _date_in(element) if isinstance(element, Tag) else None
                if found is not None:
                    return found
        if not blocks:
            return None
        if self._selector is None and (written := _written(blocks, title)) is not None:
            return written
        return None if alone else self._beside(blocks[-1])

    def of_headings(self, blocks: Mapping[str, Tag]) -> dict[str, datetime]:
        """Return the dates of the headings that blocks stand under, where there are several such headings.

        A single date above a list is when the page was made, or anything.
        """
        found: dict[str, datetime] = {}
        for name, block in blocks.items():
            at = self._heading_above(block)
            if at is not None:
                found[name] = at
        return found if len(set(found.values())) > 1 else {}

    def _beside(self, block: Tag) -> datetime | None:
        """Return the date before or after a block: of ``<dt>`` and ``<dd>``, or of two rows of a table."""
        parent = block.parent
        if parent is None:
            return None
        if id(parent) not in self._leads:
            first = next(
                (child for child in parent.children if isinstance(child, Tag) and _has_link(child)), block
            )
            before = first.find_previous_sibling()
            self._leads[id(parent)] = isinstance(before, Tag) and self._date_of(before) is not None
        beside = block.find_previous_sibling() if self._leads[id(parent)] else block.find_next_sibling()
        return self._date_of(beside) if isinstance(beside, Tag) and not _has_link(beside) else None

    def _date_of(self, element: Tag) -> datetime | None:
        if self._selector is None:
            return _written([element], "")
        chosen = [element] if self._selector.match(element) else self._selector.select(element, limit=1)
        return _date_in(chosen[0]) if chosen else None

    def _heading_above(self, block: Tag) -> datetime | None:
        here: Tag | None = block
        for _ in range(_MAX_CLIMB):
            if here is None or here.name in ("body", "html"):
                return None
            for before in islice(here.previous_siblings, _MAX_BACK):
                if not isinstance(before, Tag):
                    continue
                if id(before) not in self._headings:
                    text = "" if _has_link(before) else text_of(before)
                    self._headings[id(before)] = short_date(text, "") if text else None
                if (found := self._headings[id(before)]) is not None:
                    return found
            here = here.parent
        return None


def short_date(text: str, title: str) -> datetime | None:
    """Return the date that a short text is, or None for any other text, and for a part of the title."""
    text = text.strip()
    if not text or len(text) > _MAX_DATE or _DATED.search(text) is None or text in title:
        return None
    return dates.parse(text) if len(text.split()) <= _DATE_WORDS else None


def text_of(element: Tag) -> str:
    """Return the text of an element on one line, or of its beginning."""
    nodes = islice(element.descendants, _MAX_NODES)
    return clean.line(" ".join(node for node in nodes if type(node) is NavigableString))


def attribute(element: Tag, name: str) -> str:
    """Return an attribute as text; "" where there is none."""
    value = element.get(name)
    return value if isinstance(value, str) else " ".join(value) if value else ""


def _has_link(element: Tag) -> bool:
    return element.name == "a" or element.find("a", href=True) is not None


def _written(blocks: list[Tag], title: str) -> datetime | None:
    """Return the first date in the blocks' short texts, the headline aside."""
    for block in blocks:
        for text in islice(block.descendants, _MAX_NODES):
            if type(text) is NavigableString and (found := short_date(text, title)) is not None:
                return found
    return None


def _date_in(element: Tag) -> datetime | None:
    for written in (attribute(element, "datetime"), attribute(element, "content"), element.get_text(" ")):
        found = dates.parse(written) if written.strip() else None
        if found is not None:
            return found
    return None
