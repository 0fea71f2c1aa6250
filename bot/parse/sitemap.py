"""Read a sitemap: plain or news, an index of sitemaps, packed with gzip, a list of addresses, or a feed.

The door of the sitemap readers; ``sitemap_rows`` reads the XML. Pure: opens no file and no address, expands
no entity, and never raises.

Source: https://www.sitemaps.org/protocol.html and Google's news sitemap extension.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from lxml import etree

from bot.model import Entry, Feed
from bot.parse import clean, dates, discover, encoding, feed, sitemap_rows
from bot.parse.raw import MAX_ENTRIES
from bot.parse.sitemap_rows import Row
from bot.parse.tidy import strip_document_type

_CHILD_DATE = re.compile(r"(?<!\d)(20[0-4]\d)(?:[-_/.]?(0[1-9]|1[0-2])(?!\d))?(?:[-_/.]?([0-3]\d))?(?!\d)")
_END = re.compile(
    r"</(?:\w{1,20}:)?(?:urlset|sitemapindex)\s*>|<(?:urlset|sitemapindex)[^<>]*/>", re.IGNORECASE
)


def parse(data: bytes, headers: Mapping[str, str], url: str) -> Feed:
    """Read the bytes that a sitemap's address answered.

    Returns a Feed with the 2,000 newest entries in the order of the source. ``published_at`` and ``title``
    are a news sitemap's own; ``lastmod`` is ``updated_at``. An index has no entries: ``alternates`` are its
    children, the newest first. A feed, which the protocol allows in a sitemap's place, is read as one.
    ``fault`` says what was wrong. Never raises.
    """
    try:
        return _parse(encoding.inflate(data), headers, url)
    except Exception as error:  # noqa: BLE001 - defence P4: foreign bytes through a foreign parser
        return Feed(fault=f"could not be understood: {type(error).__name__}: {clean.line(str(error), 200)}")


def _parse(data: bytes, headers: Mapping[str, str], url: str) -> Feed:
    if not data.strip(b" \t\r\n\0"):
        return Feed(fault=f"empty: the address answered {'nothing but blanks' if data else 'nothing at all'}")
    text = encoding.decode(data, headers).lstrip("\ufeff \t\r\n")
    if discover.is_sitemap(text):
        return _xml(strip_document_type(text), url)
    listed = address_list(text)
    if listed:
        links = [link for href in listed if (link := clean.link(href, url)) is not None]
        return Feed(link=url, entries=tuple(Entry(link=link) for link in dict.fromkeys(links[:MAX_ENTRIES])))
    if discover.is_page(text):
        return Feed(fault="not a sitemap: an HTML page", alternates=discover.alternates(text, url))
    if discover.is_feed(text):
        found = feed.parse(data, headers, url)
        if any(entry.link for entry in found.entries):
            return found
        return Feed(fault="not a sitemap: a feed; write `feed:` for this source")
    return Feed(fault=f"not a sitemap: begins with {clean.line(text[:200], 60)!r}")


def address_list(text: str) -> list[str]:
    """Return the addresses of a plain-text sitemap, one a line; none where any line is something else."""
    lines = [line for line in (line.strip() for line in text.splitlines()) if line and line[0] != "#"]
    return lines if lines and all(line.startswith(("http://", "https://")) for line in lines) else []


def _xml(text: str, url: str) -> Feed:
    try:
        found = _Found(sitemap_rows.read(text), url)
    except etree.XMLSyntaxError:
        found = None
    if found is None or not (found.entries or found.children):
        found = _Found(sitemap_rows.scan(text), url)
    children = sorted(found.children, key=lambda child: child[0], reverse=True)
    return Feed(
        title=clean.title(found.name),
        link=url,
        entries=tuple(newest(found.entries)),
        alternates=tuple(dict.fromkeys(link for _, link in children[:MAX_ENTRIES])),
        fault=None if _END.search(text) else "cut off: the sitemap ends in the middle",
    )


class _Found:
    """What the rows of a sitemap come to."""

    def __init__(self, rows: Iterable[tuple[str, Row]], url: str) -> None:
        self.entries: list[Entry] = []
        self.children: list[tuple[datetime, str]] = []
        #: of the publication
        self.name = ""
        for tag, row in rows:
            link = clean.link(row.get("loc", ""), url)
            if link is None:
                continue
            if tag == "sitemap":
                self.children.append((dates.parse(row.get("lastmod", "")) or _date_in(link), link))
                continue
            self.name = self.name or row.get("name", "")
            self.entries.append(_entry(row, link))
            if len(self.entries) >= 2 * MAX_ENTRIES:
                self.entries = newest(self.entries)


def _entry(row: Row, link: str) -> Entry:
    return Entry(
        link=link,
        title=clean.title(row.get("title", "")),
        published_at=dates.parse(row.get("publication_date", "")),
        updated_at=dates.parse(row.get("lastmod", "")),
        language=clean.language(row.get("language")),
    )


def newest(entries: list[Entry]) -> list[Entry]:
    """Return the 2,000 newest entries in their own order; undated ones count as old."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    ranked = sorted(
        range(len(entries)),
        key=lambda place: entries[place].published_at or entries[place].updated_at or dates.EARLIEST,
        reverse=True,
    )
    return [entries[place] for place in sorted(ranked[:MAX_ENTRIES])]


def _date_in(link: str) -> datetime:
    """Return the month that a child's address names (``sitemap-2026-11.xml``), for indexes without dates."""
    places = list(_CHILD_DATE.finditer(link))
    if not places:
        return dates.EARLIEST
    found = places[-1]
    return dates.parse(f"{found[1]}-{found[2] or '01'}-{found[3] or '01'}") or dates.EARLIEST
