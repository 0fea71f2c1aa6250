"""Read a sitemap: plain or news, an index of sitemaps, packed with gzip, or a list of addresses.

Reads as a stream, so that the 50 MB which the protocol allows need no tree of ten times that size.
Pure: opens no file and no address, expands no entity, and never raises.

Source: https://www.sitemaps.org/protocol.html and Google's news sitemap extension.
"""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from lxml import etree

from bot.model import Entry, Feed
from bot.parse import clean, dates, discover, encoding
from bot.parse.raw import MAX_ENTRIES
from bot.parse.tidy import strip_document_type

_ITEMS = ("{*}url", "{*}sitemap", "url", "sitemap")
_CHILD_DATE = re.compile(r"(?<!\d)(20[0-4]\d)(?:[-_/.]?(0[1-9]|1[0-2])(?!\d))?(?:[-_/.]?([0-3]\d))?(?!\d)")
_END = re.compile(
    r"</(?:\w{1,20}:)?(?:urlset|sitemapindex)\s*>|<(?:urlset|sitemapindex)[^<>]*/>", re.IGNORECASE
)
_Found = dict[str, str]


def parse(data: bytes, headers: Mapping[str, str], url: str) -> Feed:
    """Read the bytes that a sitemap's address answered.

    Returns a Feed with the 2,000 newest entries in the order of the source. ``published_at`` and ``title``
    are a news sitemap's own; ``lastmod`` is ``updated_at``. An index has no entries: ``alternates`` are its
    children, the newest first. ``fault`` says what was wrong. Never raises.
    """
    data = encoding.inflate(data)
    if not data.strip(b" \t\r\n\0"):
        return Feed(fault="empty: the address answered nothing at all")
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
        return Feed(fault="not a sitemap: a feed; write `feed:` for this source")
    return Feed(fault=f"not a sitemap: begins with {clean.line(text[:200], 60)!r}")


def address_list(text: str) -> list[str]:
    """Return the addresses of a plain-text sitemap, one a line; none where any line is something else."""
    lines = [line for line in (line.strip() for line in text.splitlines()) if line]
    return lines if lines and all(line.startswith(("http://", "https://")) for line in lines) else []


def _xml(text: str, url: str) -> Feed:
    entries: list[Entry] = []
    children: list[tuple[datetime, str]] = []
    name = ""
    for tag, found in _read(text):
        link = clean.link(found.get("loc", ""), url)
        if link is None:
            continue
        if tag == "sitemap":
            children.append((dates.parse(found.get("lastmod", "")) or _date_in(link), link))
            continue
        name = name or found.get("name", "")
        entries.append(
            Entry(
                link=link,
                title=clean.title(found.get("title", "")),
                published_at=dates.parse(found.get("publication_date", "")),
                updated_at=dates.parse(found.get("lastmod", "")),
                language=clean.language(found.get("language")),
            )
        )
        if len(entries) >= 2 * MAX_ENTRIES:
            entries = newest(entries)
    if children:
        children.sort(key=lambda child: child[0], reverse=True)
    return Feed(
        title=clean.title(name),
        link=url,
        entries=tuple(newest(entries)),
        alternates=tuple(dict.fromkeys(link for _, link in children[:MAX_ENTRIES])),
        fault=None if _END.search(text) else "cut off: the sitemap ends in the middle",
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


def _read(text: str) -> Iterator[tuple[str, _Found]]:
    """Yield ("url" or "sitemap", its fields) as far as they can be read."""
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    events = etree.iterparse(
        stream,
        events=("end",),
        tag=_ITEMS,
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _event, element in events:
            yield _local(str(element.tag)), _fields(element)
            element.clear()
            while element.getprevious() is not None and (parent := element.getparent()) is not None:
                del parent[0]
    except etree.XMLSyntaxError:
        # Damage that cannot be recovered from: what came before it stands.
        return


def _fields(element: "etree._Element") -> _Found:
    found: _Found = {}
    for inner in element.iter():
        if isinstance(inner.tag, str) and inner.text:
            namespace = inner.tag.lower()
            # A video's or picture's title is not the article's.
            if "sitemap-image" not in namespace and "sitemap-video" not in namespace:
                found.setdefault(_local(inner.tag), inner.text.strip())
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _date_in(link: str) -> datetime:
    """Return the month that a child's address names (``sitemap-2026-11.xml``), for indexes without dates."""
    places = list(_CHILD_DATE.finditer(link))
    if not places:
        return dates.EARLIEST
    found = places[-1]
    return dates.parse(f"{found[1]}-{found[2] or '01'}-{found[3] or '01'}") or dates.EARLIEST
