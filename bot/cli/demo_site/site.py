"""The demo's news site as one thing: every outlet on its own loopback address, two batches of news."""

import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from bot.cli.demo_site.pages import missing, replies
from bot.cli.demo_site.server import LoopbackServer, Reply
from bot.cli.demo_site.world import Paper, papers
from bot.model import Source, SourceKind, Tier

_LOOPBACK = "127.0.0.0/8"
_HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 10))


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """One invented outlet while it is being served."""

    key: str
    name: str
    motto: str
    #: its front page, with a trailing slash
    url: str
    kind: SourceKind
    #: the address of what lists its articles
    listing: str
    #: CSS selectors of a listing page; None elsewhere
    links: str | None
    title: str | None
    date: str | None
    #: ISO 639-1
    language: str
    tier: Tier
    tags: tuple[str, ...]


class DemoSite:
    """Serve the invented outlets from ``start`` to ``stop``, or as a context manager.

    ``now`` (aware) is the moment that all its dates are reckoned from. Each outlet takes the next of
    ``hosts``; where this machine does not have that address, a port of its own on 127.0.0.1.
    """

    def __init__(self, *, now: datetime, hosts: Iterable[str] = _HOSTS) -> None:
        self._papers = papers(now)
        self._hosts = tuple(hosts)
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._replies: dict[str, dict[str, Reply]] = {}
        self._missing: dict[str, Reply] = {}
        self._servers: dict[str, LoopbackServer] = {}
        self._outlets: tuple[Outlet, ...] = ()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Take the addresses and serve the first day's articles.

        Raises OSError where not even 127.0.0.1 can be bound.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            for paper, host in zip(self._papers, self._hosts, strict=True):
                self._servers[paper.key] = self._bind(paper, host)
            self._missing = {paper.key: missing(paper, url=self._url(paper)) for paper in self._papers}
            self._publish(day=1)
            self._outlets = tuple(_outlet(paper, self._url(paper)) for paper in self._papers)
            for server in self._servers.values():
                server.start()
            undo.pop_all()

    def stop(self) -> None:
        """Close every connection and free the ports; more than once does no harm."""
        for server in self._servers.values():
            server.stop()
        self._servers = {}
        self._outlets = ()

    def publish_second_day(self) -> None:
        """Make the second batch of articles appear, at once in all outlets."""
        self._publish(day=2)

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """The outlets in the order in which they are shown; () while nothing is served."""
        return self._outlets

    def sources(self) -> tuple[Source, ...]:
        """Return the outlets as sources, each allowed to be read on loopback; () while nothing is served."""
        return tuple(
            Source(
                key=outlet.key,
                name=outlet.name,
                kind=outlet.kind,
                url=outlet.listing,
                language=outlet.language,
                tags=outlet.tags,
                tier=outlet.tier,
                allow_private=(_LOOPBACK,),
                links=outlet.links,
                title=outlet.title,
                date=outlet.date,
            )
            for outlet in self._outlets
        )

    def lookalikes(self) -> dict[str, str]:
        """Return, by address, why articles that look like mentions of the demo's watches are none."""
        return {
            self._url(paper) + piece.path: piece.lookalike
            for paper in self._papers
            for piece in paper.pieces
            if piece.lookalike and paper.key in self._servers
        }

    @property
    def requests(self) -> Counter[str]:
        """How often each address was asked for so far, by its URL without the query; a copy."""
        with self._lock:
            return Counter(self._requests)

    def _bind(self, paper: Paper, host: str) -> LoopbackServer:
        def answer(path: str) -> Reply:
            return self._answer(paper, path)

        try:
            return LoopbackServer(host, answer)
        except OSError:
            # macOS brings up the first loopback address only.
            return LoopbackServer("127.0.0.1", answer)

    def _url(self, paper: Paper) -> str:
        return self._servers[paper.key].url

    def _publish(self, *, day: int) -> None:
        made = {paper.key: replies(paper, url=self._url(paper), day=day) for paper in self._papers}
        with self._lock:
            self._replies = made

    def _answer(self, paper: Paper, path: str) -> Reply:
        with self._lock:
            self._requests[self._url(paper) + path] += 1
            return self._replies[paper.key].get(path) or self._missing[paper.key]


def _outlet(paper: Paper, url: str) -> Outlet:
    return Outlet(
        key=paper.key,
        name=paper.name,
        motto=paper.motto,
        url=f"{url}/",
        kind=paper.kind,
        listing=url + paper.listing,
        links=paper.links,
        title=paper.title_selector,
        date=paper.date_selector,
        language=paper.language,
        tier=paper.tier,
        tags=paper.tags,
    )
