"""An item as a reader found it, and what becomes of it: cleaned, cut, dated, with an absolute link.

All feed readers fill a RawItem; ``entry`` is the one place that turns it into an Entry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from bot.model import Entry
from bot.parse import clean, dates

_Item = TypeVar("_Item")
MAX_ENTRIES = 2000
MAX_AUTHORS = 20
MAX_AUTHOR = 200


@dataclass(kw_only=True, slots=True)
class RawItem:
    """An item's fields as written; markup still in them."""

    id: str = ""
    #: in order of preference; the first that is a usable address is taken
    links: list[str] = field(default_factory=list)
    base: str = ""
    title: str = ""
    #: dates as written, likeliest first
    published: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    #: HTML or text, as ``clean.plain`` takes it
    summary: str = ""
    content: str = ""
    language: str | None = None
    #: the outlet's name, where an aggregator gives it
    outlet: str = ""


def entry(item: RawItem) -> Entry:
    """Make an Entry of an item; nothing in it can make this fail."""
    summary = clean.plain(item.summary, clean.MAX_SUMMARY) if item.summary else ""
    content = ""
    if item.content:
        # Many feeds give the same text twice.
        content = summary if item.content == item.summary else clean.plain(item.content)
    return Entry(
        id=clean.line(item.id, clean.MAX_ID) if item.id else "",
        link=first_link(item.links, item.base),
        title=clean.title(item.title) if item.title else "",
        published_at=_first_date(item.published),
        updated_at=_first_date(item.updated),
        authors=authors(item.authors) if item.authors else (),
        summary=summary,
        content=content,
        language=clean.language(item.language),
        outlet=clean.title(item.outlet, MAX_AUTHOR) if item.outlet else "",
    )


def newest_end(items: Sequence[_Item], read: Callable[[_Item], Entry]) -> Sequence[_Item]:
    """Return the 2,000 items at the end of a listing where its newest ones are; all where they are fewer.

    Nearly all listings are newest first; some are oldest first.
    """
    if len(items) <= MAX_ENTRIES:
        return items
    first, last = (_age(read(item)) for item in (items[0], items[-1]))
    return items[-MAX_ENTRIES:] if last > first else items[:MAX_ENTRIES]


def _age(found: Entry) -> datetime:
    return found.published_at or found.updated_at or dates.EARLIEST


def first_link(links: list[str], base: str) -> str | None:
    """Return the first usable address, absolute, or None."""
    for href in links:
        link = clean.link(href, base)
        if link is not None:
            return link
    return None


def _first_date(texts: list[str]) -> datetime | None:
    for text in texts:
        found = dates.parse(text)
        if found is not None:
            return found
    return None


def authors(names: list[str]) -> tuple[str, ...]:
    """Return the authors' names, each once; ``mail@host (Name)`` and ``Name <mail@host>`` give the name."""
    found: dict[str, None] = {}
    for written in names[:MAX_AUTHORS]:
        name = clean.title(written, MAX_AUTHOR)
        if "@" in name:
            name = _without_mail(name)
        if name:
            found[name] = None
    return tuple(found)


def _without_mail(name: str) -> str:
    before, bracket, inside = name.partition("(")
    if bracket and "@" in before:
        return inside.partition(")")[0].strip()
    words = [word for word in name.split() if "@" not in word]
    return " ".join(words).strip(' <>(),;"')
