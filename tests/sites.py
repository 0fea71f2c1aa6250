"""A news site for tests: one outlet on a loopback address, which a test fills, edits and breaks as it runs.

It serves ``/feed.xml`` (RSS), ``/news`` (a listing page), ``/sitemap.xml`` (a news sitemap) and a page for
each article with the furniture of real ones, answers conditional requests, and logs every request. A test
waits for a request, never for time::

    with LocalSite(host="127.0.0.2", name="Ledger") as site:
        site.add_article("one", "A title", ["A paragraph."], published=NOW)
        site.fault("/feed.xml", status=503, headers={"Retry-After": "60"}, times=1)
        source = site.source("ledger", SourceKind.FEED)
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Self

from bot.model import Source, SourceKind
from tests.site_pages import DATE, FURNITURE, LINKS, TITLE, LocalArticle, feed, listing, page, sitemap
from tests.site_server import Answer, Server

__all__ = ["FURNITURE", "Fault", "LocalSite", "Seen"]

#: The status in the log of a request whose connection was closed without a word.
_DROPPED = 0
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One request as it came in, with the status that it was answered with (0: dropped)."""

    method: str
    #: with its query
    target: str
    #: names in lower case
    headers: Mapping[str, str]
    status: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What goes wrong on a path; the defaults change nothing."""

    #: answer this status instead
    status: int | None = None
    body: bytes | None = None
    #: added to the answer's own
    headers: Mapping[str, str] = field(default_factory=dict)
    #: close the connection without a word
    drop: bool = False
    #: promise the whole body, send this many bytes of it, and close
    cut: int | None = None
    #: answer only when `LocalSite.release` is called for the path, or the site stops
    hold: bool = False
    #: answer this much later
    delay: timedelta = timedelta()
    #: how often it happens; None for ever
    times: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Content:
    """What a path holds, before anything goes wrong."""

    body: bytes
    kind: str = _HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: number of the site's change that made it; None gives no validators
    change: int | None = None


class LocalSite:
    """Serve one outlet on ``host`` and a free port while the context is open.

    Without ``validators`` it sends neither ETag nor Last-Modified, and so never a 304.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        name: str = "Local News",
        language: str = "en",
        validators: bool = True,
    ) -> None:
        self.host = host
        self.name = name
        self.language = language
        #: text of robots.txt; None answers 404
        self.robots: str | None = None
        self._validators = validators
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._articles: dict[str, LocalArticle] = {}
        self._pages: dict[str, _Content] = {}
        self._faults: dict[str, Fault] = {}
        self._gates: dict[str, threading.Event] = {}
        self._requests: list[Seen] = []
        self._change = 0
        self._changes: dict[str, int] = {}
        self._server = Server(host, self._answer)
        self.url = self._server.url
        self.feed_url = f"{self.url}/feed.xml"
        self.listing_url = f"{self.url}/news"
        self.sitemap_url = f"{self.url}/sitemap.xml"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self.clear_faults()
        self._server.stop()

    # What the site says.

    def add_article(
        self,
        slug: str,
        title: str,
        paragraphs: Sequence[str],
        *,
        author: str = "Ada Reporter",
        published: datetime | None = None,
        summary: str | None = None,
        language: str | None = None,
        sidebar: Sequence[str] = (),
        guid: str | None = None,
        listed: bool = True,
    ) -> str:
        """Publish an article, newest first in every list, and return its address.

        Without ``published`` neither page nor lists give a date; the summary is the first paragraph,
        and the guid is made from the slug, unless they are given ("" gives none).
        """
        article = LocalArticle(
            slug=slug,
            title=title,
            paragraphs=tuple(paragraphs),
            author=author,
            published=published,
            summary=(paragraphs[0] if paragraphs else "") if summary is None else summary,
            language=language or self.language,
            sidebar=tuple(sidebar),
            guid=f"{self.name}:{slug}" if guid is None else guid,
            listed=listed,
        )
        with self._changed:
            self._note_change(article.path)
            self._articles = {slug: article} | {
                key: old for key, old in self._articles.items() if key != slug
            }
        return self.url + article.path

    def edit_article(self, slug: str, **changes: Any) -> None:
        """Change fields of a published article; it keeps its place in the lists."""
        with self._changed:
            article = replace(self._articles[slug], **changes)
            self._note_change(article.path)
            self._articles[slug] = article

    def remove_article(self, slug: str) -> None:
        """Take an article away: its page answers 404 and the lists no longer show it."""
        with self._changed:
            self._note_change(self._articles.pop(slug).path)

    def set_page(
        self,
        path: str,
        body: bytes | str,
        *,
        content_type: str = _HTML,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Answer ``path`` with exactly this, also in place of what the site makes; return its address."""
        data = body.encode() if isinstance(body, str) else body
        with self._changed:
            self._note_change(path)
            self._pages[path] = _Content(
                body=data, kind=content_type, status=status, headers=headers or {}, change=self._change
            )
        return self.url + path

    # What goes wrong.

    def fault(self, path: str, **what: Any) -> None:
        """Make ``path`` fail as the fields of `Fault` say, until `clear_faults` or for ``times`` requests."""
        with self._changed:
            self._faults[path] = Fault(**what)
            if path not in self._gates or self._gates[path].is_set():
                self._gates[path] = threading.Event()

    def release(self, path: str) -> None:
        """Let the held answers of ``path`` go, and hold no more."""
        with self._changed:
            self._faults.pop(path, None)
            self._gates[path].set()

    def clear_faults(self) -> None:
        """Let everything go well again; held answers go out."""
        with self._changed:
            self._faults.clear()
            for gate in self._gates.values():
                gate.set()

    # What was asked.

    @property
    def requests(self) -> tuple[Seen, ...]:
        """Every request so far, in the order in which they came."""
        with self._changed:
            return tuple(self._requests)

    def statuses(self, path: str) -> list[int]:
        """Return the statuses that a path was answered with, in order; 0 for a dropped connection."""
        return [seen.status for seen in self.requests if seen.path == path]

    def forget(self) -> None:
        """Empty the request log."""
        with self._changed:
            self._requests.clear()

    def wait_for(self, path: str, *, times: int = 1, timeout: float = 30.0) -> None:
        """Wait until ``path`` was asked for ``times`` times; raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._count(path) >= times, timeout):
                raise TimeoutError(f"{self.url}{path}: {self._count(path)} requests, not {times}")

    def source(self, key: str, kind: SourceKind = SourceKind.FEED, **more: Any) -> Source:
        """Return this site as a source of a kind, allowed to be read on loopback."""
        urls = {SourceKind.LISTING: self.listing_url, SourceKind.SITEMAP: self.sitemap_url}
        if kind is SourceKind.LISTING:
            more = {"links": LINKS, "title": TITLE, "date": DATE} | more
        fields: dict[str, Any] = {"name": self.name, "url": urls.get(kind, self.feed_url)}
        return Source(key=key, kind=kind, allow_private=("127.0.0.0/8",), **fields | more)

    # Answering, in the server's threads.

    def _count(self, path: str) -> int:
        return sum(seen.path == path for seen in self._requests)

    def _note_change(self, path: str) -> None:
        self._change += 1
        self._changes[path] = self._change

    def _answer(self, method: str, target: str, headers: Mapping[str, str]) -> Answer:
        seen = Seen(method=method, target=target, headers=headers, status=_DROPPED)
        # One lock around it all: what is said, what goes wrong and what is logged belong together.
        with self._changed:
            fault = self._take_fault(seen.path)
            gate = self._gates.get(seen.path)
            answer = self._decide(seen, fault)
            self._requests.append(replace(seen, status=_DROPPED if fault.drop else answer.status))
            self._changed.notify_all()
        if fault.hold and gate is not None:
            gate.wait()
        if fault.delay:
            self._stopping.wait(fault.delay.total_seconds())
        return answer

    def _take_fault(self, path: str) -> Fault:
        fault = self._faults.get(path, Fault())
        if fault.times is not None:
            self._faults[path] = replace(fault, times=fault.times - 1)
            if fault.times <= 1:
                del self._faults[path]
        return fault

    def _decide(self, seen: Seen, fault: Fault) -> Answer:
        content = self._content(seen.path)
        if fault.status is not None or fault.body is not None:
            body = b"out of order" if fault.body is None else fault.body
            content = replace(content, status=fault.status or content.status, body=body, change=None)
        validators = self._validators_of(content)
        headers = {**validators, **content.headers, **fault.headers}
        if validators and _is_known(validators, seen.headers):
            return Answer(status=304, headers=headers, drop=fault.drop)
        headers = {"Content-Type": content.kind, **headers}
        return Answer(
            body=content.body, status=content.status, headers=headers, drop=fault.drop, cut=fault.cut
        )

    def _content(self, path: str) -> _Content:
        if path in self._pages:
            return self._pages[path]
        listed = [article for article in self._articles.values() if article.listed]
        if path == "/feed.xml":
            text = feed(listed, name=self.name, language=self.language, url=self.url)
            return _Content(
                body=text.encode(), kind="application/rss+xml; charset=utf-8", change=self._change
            )
        if path == "/sitemap.xml":
            text = sitemap(listed, name=self.name, url=self.url)
            return _Content(body=text.encode(), kind="application/xml; charset=utf-8", change=self._change)
        if path == "/news":
            text = listing(listed, name=self.name, language=self.language)
            return _Content(body=text.encode(), change=self._change)
        if path == "/robots.txt" and self.robots is not None:
            return _Content(body=self.robots.encode(), kind="text/plain; charset=utf-8")
        for article in self._articles.values():
            if article.path == path:
                return _Content(body=page(article, name=self.name).encode(), change=self._changes[path])
        return _Content(body=b"<!doctype html><title>404</title><h1>Not found</h1>", status=404)

    def _validators_of(self, content: _Content) -> dict[str, str]:
        if content.change is None or not self._validators or content.status != 200:
            return {}
        changed_at = _BEGAN + timedelta(seconds=content.change)
        tag = hashlib.sha256(content.body).hexdigest()[:16]
        return {"ETag": f'"{tag}"', "Last-Modified": format_datetime(changed_at, usegmt=True)}


def _is_known(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    """Tell whether a client has it already; the tag decides where it sends both (RFC 9110, 13.2.2)."""
    if (tags := theirs.get("if-none-match")) is not None:
        return ours["ETag"] in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    since = theirs.get("if-modified-since")
    return since is not None and parsedate_to_datetime(ours["Last-Modified"]) <= parsedate_to_datetime(since)
