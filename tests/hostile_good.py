"""Good sources of the hostile world: they publish something every few seconds, and say when.

Each is of a kind of its own (RSS, Atom, JSON Feed, news sitemap, listing page) and answers conditional
requests. What it publishes holds the watched word, and leads to a page with a text of its own.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path

from tests.hostile import HostileWeb, Script, Seen, page

#: the word that is watched
WORD = "zebrafinch"
#: how many items a good source lists
_LISTED = 25
_TOPICS = ("harbour", "orchard", "railway", "glacier", "museum", "lighthouse", "quarry", "festival", "bridge")


@dataclass(frozen=True)
class Item:
    """What was published, and when."""

    title: str
    url: str
    at: datetime


@dataclass
class GoodSite:
    """A site that publishes; ``kind`` is the key of its source and chooses its format."""

    kind: str
    web: HostileWeb
    items: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.address = self.web.respond("/list", self._listing)

    def source(self, every: str) -> dict[str, object]:
        """Return the source as the configuration has it."""
        key = {"sitemap": "sitemap", "listing": "page"}.get(self.kind, "feed")
        more = {"links": "h2 a"} if self.kind == "listing" else {}
        return {"id": f"good-{self.kind}", key: self.address, "every": every, **more}

    def publish(self, number: int, at: datetime) -> Item:
        """Publish one more item."""
        topic = _TOPICS[number % len(_TOPICS)]
        title = f"{WORD.capitalize()} bulletin {number} of the {self.kind} desk on the {topic}"
        text = "".join(
            f"<p>Paragraph {part} of number {number} by {self.kind}: the {topic} was seen by a {WORD} "
            f"at noon, said witness {number * 7 + part}, and nobody else noticed it before {part} o'clock.</p>"
            for part in range(4)
        )
        html = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
        url = self.web.answer(f"/news/{number}", page(html.encode(), content_type="text/html; charset=utf-8"))
        item = Item(title, url, at)
        self.items.append(item)
        return item

    def _listing(self, seen: Seen) -> bytes | Script:
        etag = f'"{len(self.items)}"'
        if seen.headers.get("if-none-match") == etag:
            return (f"HTTP/1.1 304 Not Modified\r\netag: {etag}\r\n\r\n".encode(),)
        form, media = _FORMS[self.kind]
        body = form(self.items[-_LISTED:][::-1])
        return page(body.encode(), content_type=media, etag=etag)


def _rss(items: list[Item]) -> str:
    rows = "".join(
        f"<item><title>{item.title}</title><link>{item.url}</link><guid>{item.url}</guid>"
        f"<pubDate>{format_datetime(item.at)}</pubDate></item>"
        for item in items
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Good RSS</title>{rows}</channel></rss>"


def _atom(items: list[Item]) -> str:
    rows = "".join(
        f"<entry><id>{item.url}</id><title>{item.title}</title><link href='{item.url}'/>"
        f"<updated>{item.at.isoformat()}</updated></entry>"
        for item in items
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Good Atom</title>{rows}</feed>"


def _json(items: list[Item]) -> str:
    rows = [
        {"id": item.url, "url": item.url, "title": item.title, "date_published": item.at.isoformat()}
        for item in items
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Good JSON", "items": rows})


def _sitemap(items: list[Item]) -> str:
    rows = "".join(
        f"<url><loc>{item.url}</loc><n:news><n:publication><n:name>Good map</n:name><n:language>en</n:language>"
        f"</n:publication><n:publication_date>{item.at.isoformat()}</n:publication_date>"
        f"<n:title>{item.title}</n:title></n:news></url>"
        for item in items
    )
    return (
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        f"xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{rows}</urlset>"
    )


def _listed(items: list[Item]) -> str:
    rows = "".join(f"<div><h2><a href='{escape(item.url)}'>{item.title}</a></h2></div>" for item in items)
    return (
        f"<!doctype html><html><head><title>Good list</title></head><body><main>{rows}</main></body></html>"
    )


_FORMS: dict[str, tuple[Callable[[list[Item]], str], str]] = {
    "rss": (_rss, "application/rss+xml"),
    "atom": (_atom, "application/atom+xml"),
    "json": (_json, "application/feed+json"),
    "sitemap": (_sitemap, "application/xml"),
    "listing": (_listed, "text/html; charset=utf-8"),
}
KINDS = tuple(_FORMS)


async def publish_for_ever(sites: list[GoodSite], record: Path, *, every_s: float) -> None:
    """Have each site publish in turn, each every ``every_s``, and write down what and when."""
    number = 0
    with record.open("a", buffering=1) as log:
        while True:
            for site in sites:
                number += 1
                item = site.publish(number, datetime.now(UTC))
                row = {"source": f"good-{site.kind}", "title": item.title, "url": item.url, "at": time.time()}
                log.write(json.dumps(row) + "\n")
                await asyncio.sleep(every_s / len(sites))
