"""Read a feed, whatever it is: RSS, RDF, Atom, CDF, JSON Feed; well-formed or not.

The door of the feed readers. A strict parse that succeeds is read in one walk (``fast_feed``); what is not
well-formed is made so first (``tidy``); what is no feed even then is left to feedparser (``slow_feed``).
Pure: opens no file and no address, expands no entity, and never raises.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.model import Feed
from bot.parse import clean, discover, encoding, fast_feed, json_feed, markup, tidy

#: What is read of one feed; the fetcher refuses longer ones before.
MAX_BYTES = 5 * 1024 * 1024
#: A feed that somebody escaped as a whole, behind nothing but tags.
_ESCAPED = re.compile(r"(?:\s*<[^<>]{0,200}>){0,9}\s*&lt;(?:\?xml|rss|rdf:rdf|feed)\b", re.IGNORECASE)
#: How an HTML serializer writes the sections of XML: as comments.
_HIDDEN_SECTION = "<!--[CDATA["


def parse(data: bytes, headers: Mapping[str, str], url: str) -> Feed:
    """Read the bytes that a feed's address answered.

    ``headers`` are the answer's (any case), ``url`` its address after redirects, which relative links stand
    beside. Returns a Feed with at most 2,000 entries in the order of the source; ``fault`` is None when all
    is well, also for a feed without entries. An HTML page gives a fault and the feeds it offers as
    ``alternates``. Never raises, on any bytes.
    """
    try:
        return _parse(encoding.inflate(data, MAX_BYTES), headers, _base(headers, url))
    except Exception as error:  # noqa: BLE001 - defence P4: foreign bytes through three foreign parsers
        return Feed(fault=f"could not be understood: {type(error).__name__}: {clean.line(str(error), 200)}")


def _base(headers: Mapping[str, str], url: str) -> str:
    """Return what relative links stand beside: the address, or what the answer calls its own."""
    for name, value in headers.items():
        if name.lower() == "content-location":
            return clean.link(value, url) or url
    return url


def _parse(data: bytes, headers: Mapping[str, str], url: str) -> Feed:
    if not data.strip(b" \t\r\n\0"):
        return Feed(fault=f"empty: the address answered {'nothing but blanks' if data else 'nothing at all'}")
    start = encoding.decode(data, headers).lstrip("\ufeff \t\r\n")
    written = json_feed.written(start)
    if written is not None:
        return json_feed.parse(written, url)
    if _ESCAPED.match(start) is not None:
        start = markup.resolved(start)
    return _xml(start, url)


def _xml(start: str, url: str) -> Feed:
    text = tidy.strip_document_type(start)
    feed = _strict(text, url)
    if feed is not None and (all(entry.title for entry in feed.entries) or _HIDDEN_SECTION not in text):
        return feed
    if discover.is_page(start) and not tidy.holds_feed(text):
        return _page(start, url)
    return _damaged(text, url)


def _strict(text: str, url: str) -> Feed | None:
    root = fast_feed.parse_xml(text.encode("utf-8", "replace"))
    if root is None:
        return None
    if fast_feed.holds_section(root) and text.count("<![CDATA[") > text.count("]]>"):
        # A section that is never ended runs to the end of the next one, well-formed, items and all.
        return None
    return fast_feed.read(root, url)


def _damaged(text: str, url: str) -> Feed:
    tidied = tidy.tidy(text)
    if tidied is not None:
        root = fast_feed.parse_xml(tidied.xml)
        feed = None if root is None else fast_feed.read(root, url)
        if feed is not None and tidied.cut_off:
            count = len(feed.entries)
            return replace(feed, fault=f"cut off: the feed ends in the middle; {count} entries could be read")
        if feed is not None and (feed.entries or feed.title):
            return feed
    # Imported here: feedparser takes 60 ms to load and few feeds ever need it.
    from bot.parse import slow_feed

    slow = slow_feed.parse(text, url)
    if slow is not None:
        return slow
    return _page(text, url) if discover.is_page(text) else Feed(fault=f"not a feed: {_what(text)}")


def _page(text: str, url: str) -> Feed:
    offered = discover.alternates(text, url)
    hint = f"; it offers {len(offered)} feed(s), such as {offered[0]}" if offered else "; it offers no feed"
    return Feed(fault=f"not a feed: an HTML page{hint}", alternates=offered)


def _what(text: str) -> str:
    if discover.is_sitemap(text):
        return "a sitemap"
    return f"begins with {clean.line(text[:200], 60)!r}"
