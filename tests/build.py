"""Makers of values for tests: everything defaulted, so that a test names only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import Article, Entry, Source, SourceKind, Watch

#: A quiet Monday morning.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_source(key: str = "ledger", **fields: Any) -> Source:
    """Make a source."""
    defaults: dict[str, Any] = {
        "name": key.title(),
        "kind": SourceKind.FEED,
        "url": f"https://{key}.example/feed.xml",
    }
    return Source(key=key, **defaults | fields)


def an_entry(slug: str = "one", **fields: Any) -> Entry:
    """Make an entry."""
    defaults: dict[str, Any] = {
        "id": f"tag:{slug}",
        "link": f"https://ledger.example/{slug}",
        "title": f"Title of {slug}",
        "published_at": NOW - timedelta(hours=1),
    }
    return Entry(**defaults | fields)


def an_article(text: str = "", **fields: Any) -> Article:
    """Make an article."""
    defaults: dict[str, Any] = {"url": "https://ledger.example/one", "title": "A title", "text": text}
    return Article(**defaults | fields)


def a_watch(query: str = "AsterX", **fields: Any) -> Watch:
    """Make a watch."""
    return Watch(**{"key": "asterx", "name": "AsterX", "query": query} | fields)


class FakeClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.instant = now
        self.elapsed_s = 0.0

    def now(self) -> datetime:
        return self.instant

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def forward(self, by: timedelta) -> None:
        self.instant += by
        self.elapsed_s += by.total_seconds()
