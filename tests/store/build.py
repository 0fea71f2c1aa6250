"""Builders of what the store is given: everything defaulted, so that a test names what it is about."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import Article, Health, Mention, NewDelivery, Source, SourceKind, Span, Watch
from bot.store import Store, Tx, articles, mentions, sources, watches
from bot.store.articles import ReadSave
from bot.store.mentions import ArticleMatches, SavedMention
from bot.store.sources import NewEntry, RefreshSave

NOW = datetime(2026, 2, 3, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def key_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]


def a_source(key: str = "orbit", **values: Any) -> Source:
    return Source(
        **{
            "key": key,
            "name": key.title(),
            "kind": SourceKind.FEED,
            "url": f"https://{key}.example/feed",
            **values,
        }
    )


def an_entry(name: str = "launch", **values: Any) -> NewEntry:
    url = values.get("url", f"https://orbit.example/{name}")
    return NewEntry(
        **{
            "key": key_of(name).hex(),
            "url": url,
            "host": "orbit.example",
            "url_key": key_of(url) if url else None,
            "id_key": key_of(f"id {name}"),
            "title_key": key_of(f"title {name}"),
            "title": name.title(),
            "published_at": NOW - MINUTE,
            "updated_at": None,
            "authors": ("Ann Author",),
            "summary": "A summary.",
            "content": "Some content.",
            "language": "en",
            "baseline": False,
            "next_read_at": NOW,
            **values,
        }
    )


def a_save(source_id: int, **values: Any) -> RefreshSave:
    return RefreshSave(
        **{
            "source_id": source_id,
            "next_fetch_at": NOW + 15 * MINUTE,
            "fail_weight": 0.0,
            "health": Health.OK,
            "status": 200,
            "kind": None,
            "error": None,
            "duration_ms": 12,
            "bytes": 3456,
            "etag": None,
            "last_modified": None,
            "body_hash": None,
            "keep_validators": False,
            "new": (),
            "seen": (),
            "baseline": True,
            "title": None,
            **values,
        }
    )


def an_article(name: str = "launch", **values: Any) -> Article:
    return Article(
        **{
            "url": f"https://orbit.example/{name}",
            "title": name.title(),
            "text": f"The whole text of {name}.",
            "site": "Orbit News",
            "language": "en",
            "authors": ("Ann Author",),
            "published_at": NOW - MINUTE,
            **values,
        }
    )


def a_read(entry_id: int, article: Article | None, **values: Any) -> ReadSave:
    return ReadSave(
        **{
            "entry_id": entry_id,
            "article": article,
            "url_key": key_of(article.url) if article else b"",
            "text_hash": key_of(article.title + article.text) if article else b"",
            "copy_hash": None,
            "state": "read",
            "next_read_at": None,
            "error": None,
            "kind": None,
            **values,
        }
    )


def a_mention(watch: str = "cspo", **values: Any) -> Mention:
    return Mention(
        **{
            "watch": watch,
            "watch_version": "v1",
            "revision": 1,
            "spans": (Span(field="body", start=4, end=9, term="whole"),),
            "total": 1,
            "excerpt": "The whole text",
            "marks": ((4, 9),),
            **values,
        }
    )


def a_delivery(name: str = "one", **values: Any) -> NewDelivery:
    return NewDelivery(
        **{
            "channel": "mail",
            "target": f"{name}@example.com",
            "body": f"body of {name}".encode(),
            "message_id": f"<{name}@newsbot>",
            "dedup_key": f"daily/{name}",
            **values,
        }
    )


def add_sources(store: Store, *listed: Source, now: datetime = NOW) -> dict[str, int]:
    """Store sources and return their numbers by key."""
    store.write(sources.sync, listed, now=now)
    return {source.key: source_id(store, source) for source in listed}


def source_id(store: Store, source: Source) -> int:
    states = store.read(sources.due_sources, source.host, now=NOW, only=[source.key], everything=True)
    return states[0].id


def add_entries(store: Store, source: int, *new: NewEntry, now: datetime = NOW) -> dict[str, int]:
    """List entries in a source and return the numbers of those that wait to be read, by title."""
    store.write(sources.save_refreshes, [a_save(source, new=new)], now=now)
    found: dict[str, int] = {}
    for host in {entry.host for entry in new}:
        waiting = store.read(articles.entries_to_read, host, now=now + timedelta(days=365), limit=1000)
        found |= {task.entry.title: task.id for task in waiting}
    return found


def add_article(store: Store, source: int, name: str = "launch", now: datetime = NOW, **values: Any) -> int:
    """Store an article by way of an entry and return its number."""
    entry_values = {"baseline": values.pop("baseline", False), "next_read_at": now}
    save_values = {name: values.pop(name) for name in ("copy_hash",) if name in values}
    article = an_article(name, **values)
    entry = an_entry(name, url=article.url, **entry_values)
    numbers = add_entries(store, source, entry, now=now)
    saved = a_read(numbers[name.title()], article, **save_values)
    result = store.write(articles.save_reads, [saved], now=now)[0]
    assert result.article_id is not None
    return result.article_id


def add_watches(store: Store, *keys: str, now: datetime = NOW) -> None:
    """Store watches for these words, at version v1."""
    store.write(watches.sync, [(Watch(key=key, query=key), "v1") for key in keys], now=now)


def add_mention(
    store: Store,
    article_id: int,
    watch: str = "cspo",
    *,
    backfill: bool = False,
    now: datetime = NOW,
    **values: Any,
) -> SavedMention:
    match = ArticleMatches(
        article_id=article_id,
        revision=1,
        mentions=((a_mention(watch, **values), backfill),),
        mark_matched=True,
    )
    return store.write(mentions.save_matches, [match], now=now)[0]


def rows(tx: Tx, statement: Any) -> list[dict[str, Any]]:
    """Return what a statement selects, as plain dictionaries."""
    return [dict(row) for row in tx.execute(statement).mappings()]
