"""Tell a page from a feed, and find the feeds that a page offers."""

import re

from bot.parse import clean

MAX_ALTERNATES = 20
_HEAD = 65_536
#: Feeds are offered in the head of a page.
_MAX_CHARS = 1_000_000

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_FEED = re.compile(r"<(?:\w{1,20}:)?(?:rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_SITEMAP = re.compile(r"<(?:\w{1,20}:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_FEED_PATH = re.compile(r"(?:/feed/?|/rss/?|[./](?:rss|atom|rdf|xml))(?:[?#].*)?\Z", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Tell whether a text is an HTML page: its markup comes before any of a feed's."""
    page = _PAGE.search(text, 0, _HEAD)
    if page is None:
        return False
    feed = _FEED.search(text, 0, _HEAD) or _SITEMAP.search(text, 0, _HEAD)
    return feed is None or page.start() < feed.start()


def is_feed(text: str) -> bool:
    """Tell whether a text looks like a feed, XML or JSON, however damaged."""
    return text.lstrip("\ufeff \t\r\n").startswith("{") or (_FEED.search(text, 0, _HEAD) is not None)


def is_sitemap(text: str) -> bool:
    """Tell whether a text looks like an XML sitemap or an index of them."""
    return _SITEMAP.search(text, 0, _HEAD) is not None


def alternates(text: str, url: str) -> tuple[str, ...]:
    """Return the addresses of the feeds that a page offers, in its order, at most 20.

    Source: HTML Standard, link type "alternate" and feed autodiscovery.
    """
    root = clean.html_tree(text[:_MAX_CHARS])
    if root is None:
        return ()
    base_element = root.find(".//base[@href]")
    base = clean.link(base_element.get("href") or "", url) or url if base_element is not None else url
    found: dict[str, None] = {}
    for element in root.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        relations = (element.get("rel") or "").lower().split()
        if ("alternate" in relations and kind in _FEED_TYPES) or "feed" in relations:
            _add(found, element.get("href"), base)
    if not found:
        for element in root.iter("a"):
            if _FEED_PATH.search((element.get("href") or "").strip()[: clean.MAX_URL]):
                _add(found, element.get("href"), base)
    return tuple(found)[:MAX_ALTERNATES]


def _add(found: dict[str, None], href: str | None, base: str) -> None:
    link = clean.link(href or "", base)
    if link is not None and len(found) < MAX_ALTERNATES:
        found[link] = None
