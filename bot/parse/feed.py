"""Read a feed, whatever it is: RSS, RDF, Atom, CDF, JSON Feed; well-formed or not.

The door of the feed readers. A strict parse that succeeds is read in one walk (``fast_feed``); what is not
well-formed is made so first (``tidy``); what is no feed even then is left to feedparser (``slow_feed``).
Pure: opens no file and no address, expands no entity, and never raises.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.model import Feed
from bot.parse import clean, discover, encoding, fast_feed, json_feed, tidy

#: What is read of one feed; the fetcher refuses longer ones before.
MAX_BYTES = 5 * 1024 * 1024
_ENTITY = b"<!ENTITY"
_DOCUMENT_TYPE = b"<!DOCTYPE"
_HEAD = 65_536


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
        return Feed(fault="empty: the address answered nothing at all")
    text = encoding.decode(data, headers)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        return json_feed.parse(start, url)
    text = tidy.strip_document_type(start)
    feed = _strict(text, url)
    if feed is not None:
        return feed
    if discover.is_page(start):
        return _page(start, url)
    return _damaged(text, url)


def _strict(text: str, url: str) -> Feed | None:
    root = fast_feed.parse_xml(text.encode("utf-8", "replace"))
    return None if root is None else fast_feed.read(root, url, bases="base" in text)


def _damaged(text: str, url: str) -> Feed:
    tidied = tidy.tidy(text)
    if tidied is not None:
        root = fast_feed.parse_xml(tidied.xml)
        feed = None if root is None else fast_feed.read(root, url)
        if feed is not None and (feed.entries or feed.title):
            if tidied.cut_off:
                count = len(feed.entries)
                return replace(
                    feed, fault=f"cut off: the feed ends in the middle; {count} entries could be read"
                )
            return feed
    # Imported here: feedparser takes 60 ms to load and few feeds ever need it.
    from bot.parse import slow_feed

    slow = slow_feed.parse(text, url)
    if slow is not None:
        return slow
    return Feed(fault=f"not a feed: {_what(text)}")


def _page(text: str, url: str) -> Feed:
    offered = discover.alternates(text, url)
    hint = f"; it offers {len(offered)} feed(s), such as {offered[0]}" if offered else "; it offers no feed"
    return Feed(fault=f"not a feed: an HTML page{hint}", alternates=offered)


def _what(text: str) -> str:
    if discover.is_sitemap(text):
        return "a sitemap"
    return f"begins with {clean.line(text[:200], 60)!r}"
