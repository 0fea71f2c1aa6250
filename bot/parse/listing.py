"""Read a page without a feed: its links by CSS selector, each with the title and date of its block.

Pure: opens no file and no address. Decides nothing about which links are news; the selector does.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice

import soupsieve
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from bot.model import Entry, Feed, site_of
from bot.parse import clean, encoding, listing_words
from bot.parse.address import canonical_url
from bot.parse.block_dates import BlockDates, attribute, short_date, text_of
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
_MAX_HEADLINE = 200
#: How classes call the headline in a link that is a whole card.
_TITLE = re.compile(
    r"(?<![a-zA-Z])(?:title|headline|heading|titel|titre|titulo|title?text)(?![a-zA-Z])", re.IGNORECASE
)
#: Elements of headlines.
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def parse(
    data: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    links: str,
    title: str | None = None,
    date: str | None = None,
    following: str | None = None,
) -> Feed:
    """Read the links that ``links`` selects, in the order of the page, each address once.

    ``title`` and ``date`` are selectors too, looked for in each link's own block, nearest first; without
    them the link's text, and the block's ``<time>`` or what else is written as a date, are taken.
    ``following`` selects the link to the next page (``Feed.next_page``); without it, ``rel=next`` names it. A
    selector that does not parse, or that finds nothing, gives a Feed whose ``fault`` says so.
    """
    try:
        wanted = compiled(links)
        page = open_page(data, headers, url, title=title, date=date)
        after = page.next_page(compiled(following) if following else None)
    except BadPageError as error:
        return Feed(fault=str(error))
    anchors = page.anchors(wanted)
    if not anchors:
        return Feed(fault=f"the selector {links!r} finds no link on this page ({page.count()} links)")
    entries = page.entries(anchors)
    if not entries:
        return Feed(fault=f"the selector {links!r} finds {len(anchors)} links, none to another page")
    return Feed(title=page.title(), link=url, entries=entries, language=page.language(), next_page=after)


class BadPageError(Exception):
    """A selector that does not parse, or a page with nothing in it; the message says which."""


def compiled(selector: str) -> soupsieve.SoupSieve:
    """Return a selector ready to use. Raises BadPageError."""
    try:
        if selector:
            return soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        raise BadPageError(f"bad selector: {clean.line(str(error), 300)}") from error
    raise BadPageError("bad selector: no selector of the links is given")


def open_page(
    data: bytes, headers: Mapping[str, str], url: str, *, title: str | None, date: str | None
) -> "Page":
    """Return a page ready to be read. Raises BadPageError."""
    titles, times = (compiled(selector) if selector else None for selector in (title, date))
    text = encoding.decode(encoding.inflate(data), headers)
    if not text.strip():
        raise BadPageError("empty: the address answered nothing at all")
    return Page(BeautifulSoup(text, "lxml"), url, title=titles, date=times)


class Page:
    """One page being read: the tree, and where its links stand."""

    def __init__(
        self,
        soup: BeautifulSoup,
        url: str,
        *,
        title: soupsieve.SoupSieve | None,
        date: soupsieve.SoupSieve | None,
    ) -> None:
        self.soup = soup
        self.url = url
        self._title = title
        self._dates = BlockDates(date)
        base = soup.find("base", href=True)
        self.base = clean.link(attribute(base, "href"), url) or url if isinstance(base, Tag) else url

    def count(self) -> int:
        """Return how many links the page has."""
        return len(self.soup.find_all("a"))

    def next_page(self, following: soupsieve.SoupSieve | None) -> str | None:
        """Return the address of the page after this one, on the same site, or None."""
        if following is not None:
            named: Iterable[Tag] = following.select(self.soup, limit=1)
        else:
            named = (link for link in self.soup.find_all(["link", "a"], href=True) if _is_next(link))
        for element in named:
            anchor = element if element.has_attr("href") else element.find("a", href=True)
            href = attribute(anchor, "href") if isinstance(anchor, Tag) else ""
            link = clean.link(href, self.base) if href else None
            if link is not None and self._is_beside(link):
                return link.partition("#")[0]
        return None

    def _is_beside(self, link: str) -> bool:
        if site_of(link) != site_of(self.url):
            return False
        return canonical_url(link) != canonical_url(self.url)

    def anchors(self, links: soupsieve.SoupSieve) -> list[tuple[Tag, str]]:
        """Return the selected links with their addresses; a selected block stands for its first link."""
        found: list[tuple[Tag, str]] = []
        for element in links.select(self.soup, limit=MAX_ENTRIES * 4):
            anchor = (
                element
                if element.has_attr("href")
                else element.find("a", href=True) or element.find_parent("a", href=True)
            )
            if isinstance(anchor, Tag):
                found.append((anchor, clean.link(attribute(anchor, "href"), self.base) or ""))
        return found

    def entries(self, anchors: list[tuple[Tag, str]]) -> tuple[Entry, ...]:
        """Make one entry of each address: the longest title, the first date."""
        owners = owners_of([(anchor, canonical_url(link)) for anchor, link in anchors])
        alone = len(set(owners.values())) == 1
        here = canonical_url(self.url)
        found: dict[str, Entry] = {}
        blocks_of_entries: dict[str, Tag] = {}
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
            blocks = list(blocks_of(anchor, owners, alone=alone))
            title = self.title_of(anchor, blocks)
            date = self.date_of(blocks, title, alone=alone)
            if before is not None:
                title = max(before.title, title, key=len)
                date = before.published_at or date
                link = before.link if before.link and ("#" in link or "#" not in before.link) else link
            found[address] = Entry(link=link, title=title, published_at=date)
            blocks_of_entries.setdefault(address, blocks[-1] if blocks else anchor)
        if all(entry.published_at is None for entry in found.values()):
            for address, at in self._dates.of_headings(blocks_of_entries).items():
                found[address] = replace(found[address], published_at=at)
        return tuple(found.values())

    def title_of(self, anchor: Tag, blocks: list[Tag]) -> str:
        """Return the headline of a link with these blocks of its own; "" where there is none."""
        if self._title is not None:
            for block in blocks:
                chosen = self._title.select_one(block)
                text = text_of(chosen) if chosen is not None else ""
                if text:
                    return text
        inside = [node for node in islice(anchor.descendants, _MAX_NODES) if isinstance(node, Tag)]
        heading = next((node for node in inside if node.name in HEADINGS), None) or next(
            (node for node in inside if _TITLE.search(attribute(node, "class")) is not None), None
        )
        text = _whole(anchor, text_of(heading) if heading is not None else "")
        if (len(text) <= _SHORT and len(text.split()) < _SHORT_WORDS) or listing_words.MORE.fullmatch(text):
            # "Read more", or a picture: the headline stands beside it.
            text = next((text_of(beside) for beside in headings_of(blocks)), "") or text
        if text and not listing_words.MORE.fullmatch(text):
            return text
        named = next((alt for node in inside if node.name == "img" and (alt := attribute(node, "alt"))), "")
        said = clean.title(attribute(anchor, "aria-label") or attribute(anchor, "title") or named)
        return said or _leading_text(blocks) or text

    def date_of(self, blocks: list[Tag], title: str, *, alone: bool = False) -> datetime | None:
        """Return the date that a link's own blocks give; a date in its title is none."""
        return self._dates.of(blocks, title, alone=alone)

    def title(self) -> str:
        """Return the page's own title."""
        head = self.soup.find("title")
        return text_of(head) if isinstance(head, Tag) else ""

    def language(self) -> str | None:
        """Return the language that the page declares."""
        root = self.soup.find("html")
        return clean.language(attribute(root, "lang")) if isinstance(root, Tag) else None


def owners_of(anchors: list[tuple[Tag, str]]) -> dict[int, str | None]:
    """Map each element above a link to the one address inside it, or to None where there are several."""
    owners: dict[int, str | None] = {}
    for anchor, link in anchors:
        for parent in islice(anchor.parents, _MAX_CLIMB):
            key = id(parent)
            if owners.setdefault(key, link) != link:
                owners[key] = None
    return owners


def blocks_of(anchor: Tag, owners: dict[int, str | None], *, alone: bool) -> Iterator[Tag]:
    """Yield the elements that belong to this link alone, the innermost first.

    Where it is the only link (``alone``), all above it would: the first box around it is its block.
    """
    if id(anchor) not in owners:
        yield anchor
    link = owners.get(id(anchor.parent))
    for parent in islice(anchor.parents, _MAX_CLIMB):
        if link is None or owners.get(id(parent)) != link or parent.name in ("body", "html", "[document]"):
            return
        yield parent
        if alone and parent.name in _BLOCKS:
            return


def headings_of(blocks: list[Tag]) -> Iterator[Tag]:
    """Yield the headings of a link's own blocks, the nearest first."""
    for block in blocks:
        for heading in islice(block.find_all(sorted(HEADINGS)), 1):
            if isinstance(heading, Tag):
                yield heading


def _whole(anchor: Tag, text: str) -> str:
    """Return a headline whole, where it is cut short and the link's tooltip is not."""
    text = text or _undated(anchor)
    tooltip = clean.title(attribute(anchor, "title"))
    cut = text.rstrip(" .\u2026")
    return tooltip if cut != text and len(tooltip) > len(cut) and tooltip.startswith(cut[:_SHORT]) else text


def _undated(anchor: Tag) -> str:
    """Return a link's text without the parts that are only a date."""
    nodes = [node for node in islice(anchor.descendants, _MAX_NODES) if type(node) is NavigableString]
    kept = [node for node in nodes if len(nodes) == 1 or short_date(node, "") is None]
    return clean.line(" ".join(kept or nodes))


def _leading_text(blocks: list[Tag]) -> str:
    """Return the first text of a link's own blocks that is long enough for a headline."""
    for block in blocks:
        for text in islice(block.descendants, _MAX_NODES):
            line = clean.line(text) if type(text) is NavigableString else ""
            invites = listing_words.MORE.fullmatch(line) is not None
            if _SHORT <= len(line) <= _MAX_HEADLINE and not invites and short_date(line, "") is None:
                return line
    return ""


def _is_next(link: Tag) -> bool:
    relations = link.get("rel")
    return "next" in [relation.lower() for relation in relations or ()]
