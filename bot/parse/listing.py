"""Read a page without a feed: its links by CSS selector, each with the title and date of its block.

Pure: opens no file and no address. Decides nothing about which links are news; the selector does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

import soupsieve
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from bot.model import Entry, Feed
from bot.parse import clean, dates, encoding
from bot.parse.address import canonical_url
from bot.parse.raw import MAX_ENTRIES

#: Elements that are a link's block where it is the only link of the page.
_BLOCKS = frozenset(("li", "article", "div", "tr", "section"))
#: How far above a link its block is looked for.
_MAX_CLIMB = 30
#: How often one address is looked at: picture, headline and "more" are three.
_MAX_REPEATS = 5
#: How much of an element is looked at for a title; links around half a page are nobody's title.
_MAX_NODES = 500
#: Fewer words than these are hardly a headline.
_SHORT, _SHORT_WORDS = 24, 3
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def parse(
    data: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    links: str,
    title: str | None = None,
    date: str | None = None,
) -> Feed:
    """Read the links that ``links`` selects, in the order of the page, each address once.

    ``title`` and ``date`` are selectors too, looked for in each link's own block, nearest first; without
    them the link's text and the block's ``<time>`` are taken. A selector that does not parse, or that finds
    nothing, gives a Feed whose ``fault`` says so.
    """
    try:
        wanted = [soupsieve.compile(selector) if selector else None for selector in (links, title, date)]
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        return Feed(fault=f"bad selector: {clean.line(str(error), 300)}")
    if wanted[0] is None:
        return Feed(fault="bad selector: no selector of the links is given")
    text = encoding.decode(encoding.inflate(data), headers)
    if not text.strip():
        return Feed(fault="empty: the address answered nothing at all")
    soup = BeautifulSoup(text, "lxml")
    page = _Page(soup, url, title=wanted[1], date=wanted[2])
    anchors = page.anchors(wanted[0])
    if not anchors:
        return Feed(
            fault=f"the selector {links!r} finds no link on this page ({len(soup.find_all('a'))} links)"
        )
    entries = page.entries(anchors)
    if not entries:
        return Feed(fault=f"the selector {links!r} finds {len(anchors)} links, none to another page")
    return Feed(title=page.title(), link=url, entries=entries, language=page.language())


class _Page:
    """One page being read: the tree, and where its links stand."""

    def __init__(
        self,
        soup: BeautifulSoup,
        url: str,
        *,
        title: soupsieve.SoupSieve | None,
        date: soupsieve.SoupSieve | None,
    ) -> None:
        self._soup = soup
        self._url = url
        self._title = title
        self._date = date
        base = soup.find("base", href=True)
        self._base = clean.link(_attribute(base, "href"), url) or url if isinstance(base, Tag) else url

    def anchors(self, links: soupsieve.SoupSieve) -> list[tuple[Tag, str]]:
        """Return the selected links with their addresses; a selected block stands for its first link."""
        found: list[tuple[Tag, str]] = []
        for element in links.select(self._soup, limit=MAX_ENTRIES * 4):
            anchor = (
                element
                if element.has_attr("href")
                else element.find("a", href=True) or element.find_parent("a", href=True)
            )
            if isinstance(anchor, Tag):
                found.append((anchor, clean.link(_attribute(anchor, "href"), self._base) or ""))
        return found

    def entries(self, anchors: list[tuple[Tag, str]]) -> tuple[Entry, ...]:
        """Make one entry of each address: the longest title, the first date."""
        owners = _owners([(anchor, canonical_url(link)) for anchor, link in anchors])
        here = canonical_url(self._url)
        found: dict[str, Entry] = {}
        times: Counter[str] = Counter()
        for anchor, link in anchors:
            address = canonical_url(link)
            if not link or address == here:
                continue
            before = found.get(address)
            if len(found) >= MAX_ENTRIES and before is None:
                continue
            times[address] += 1
            if times[address] > _MAX_REPEATS:
                continue
            blocks = list(_blocks(anchor, owners))
            title, date = self._title_of(anchor, blocks), self._date_of(blocks)
            if before is not None:
                title = max(before.title, title, key=len)
                date = before.published_at or date
                link = before.link if before.link and ("#" in link or "#" not in before.link) else link
            found[address] = Entry(link=link, title=title, published_at=date)
        return tuple(found.values())

    def _title_of(self, anchor: Tag, blocks: list[Tag]) -> str:
        if self._title is not None:
            for block in blocks:
                chosen = self._title.select_one(block)
                text = _text(chosen) if chosen is not None else ""
                if text:
                    return text
        inside = [node for node in islice(anchor.descendants, _MAX_NODES) if isinstance(node, Tag)]
        heading = next((node for node in inside if node.name in _HEADINGS), None)
        text = _text(heading) if heading is not None else ""
        if text := text or _text(anchor):
            if len(text) <= _SHORT and len(text.split()) < _SHORT_WORDS:
                # "Read more": the headline stands beside it.
                text = next((_text(beside) for beside in _headings(blocks)), "") or text
            return text
        named = next((alt for node in inside if node.name == "img" and (alt := _attribute(node, "alt"))), "")
        return clean.title(_attribute(anchor, "aria-label") or _attribute(anchor, "title") or named)

    def _date_of(self, blocks: list[Tag]) -> datetime | None:
        for block in blocks:
            chosen = self._date.select(block) if self._date is not None else block.find_all("time")
            if self._date is not None and self._date.match(block):
                chosen = [*chosen, block]
            for element in chosen:
                found = _date_in(element) if isinstance(element, Tag) else None
                if found is not None:
                    return found
        return self._date_before(blocks[-1]) if blocks and self._date is not None else None

    def _date_before(self, block: Tag) -> datetime | None:
        """Return the date of the element before a block: ``<dt>`` and ``<dd>``, or two rows of a table."""
        before = block.find_previous_sibling()
        if not isinstance(before, Tag) or before.find("a", href=True) is not None or self._date is None:
            return None
        chosen = [before] if self._date.match(before) else self._date.select(before, limit=1)
        return _date_in(chosen[0]) if chosen else None

    def title(self) -> str:
        """Return the page's own title."""
        head = self._soup.find("title")
        return _text(head) if isinstance(head, Tag) else ""

    def language(self) -> str | None:
        """Return the language that the page declares."""
        root = self._soup.find("html")
        return clean.language(_attribute(root, "lang")) if isinstance(root, Tag) else None


def _owners(anchors: list[tuple[Tag, str]]) -> dict[int, str | None]:
    """Map each element above a link to the one address inside it, or to None where there are several."""
    owners: dict[int, str | None] = {}
    for anchor, link in anchors:
        for parent in islice(anchor.parents, _MAX_CLIMB):
            key = id(parent)
            if owners.setdefault(key, link) != link:
                owners[key] = None
    return owners


def _blocks(anchor: Tag, owners: dict[int, str | None]) -> Iterator[Tag]:
    """Yield the elements that belong to this link alone, the innermost first."""
    if id(anchor) not in owners:
        yield anchor
    link = owners.get(id(anchor.parent))
    alone = len(set(owners.values())) == 1
    for parent in islice(anchor.parents, _MAX_CLIMB):
        if link is None or owners.get(id(parent)) != link or parent.name in ("body", "html", "[document]"):
            return
        yield parent
        if alone and parent.name in _BLOCKS:
            return


def _headings(blocks: list[Tag]) -> Iterator[Tag]:
    """Yield the headings of a link's own blocks, the nearest first."""
    for block in blocks:
        for heading in islice(block.find_all(sorted(_HEADINGS)), 1):
            if isinstance(heading, Tag):
                yield heading


def _date_in(element: Tag) -> datetime | None:
    for written in (_attribute(element, "datetime"), _attribute(element, "content"), element.get_text(" ")):
        found = dates.parse(written) if written.strip() else None
        if found is not None:
            return found
    return None


def _text(element: Tag) -> str:
    nodes = islice(element.descendants, _MAX_NODES)
    return clean.line(" ".join(node for node in nodes if type(node) is NavigableString))


def _attribute(element: Tag, name: str) -> str:
    value = element.get(name)
    return value if isinstance(value, str) else " ".join(value) if value else ""
