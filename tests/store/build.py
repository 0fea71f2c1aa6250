"""Builders of what the store is given: everything defaulted, so that a test names what it is about."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.model import Article, Health, Mention, NewDelivery, Source, SourceKind, Span, Watch
from bot.store import Store, Tx, articles, mentions, search, sources, watches
from bot.store.articles import ReadSave
from bot.store.mentions import ArticleMatches, Match, SavedMention
from bot.store.search import Indexed
from bot.store.sources import NewEntry, RefreshSave
from bot.store.tables import entries

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


def add_revision(store: Store, article_id: int, text: str, now: datetime = NOW, **values: Any) -> None:
    """Give an article another text, by way of the entry that led to it."""
    stored = store.read(articles.get, article_id)
    assert stored is not None
    entry = store.read(
        lambda tx: tx.execute(sa.select(entries).where(entries.c.article_id == article_id)).one()
    )
    changed = replace(stored, text=text, **values)
    result = store.write(articles.save_reads, [a_read(entry.id, changed)], now=now)[0]
    assert result.what == "revision"


def index_all(store: Store) -> int:
    """Index whatever waits by its words, and return how many articles that were."""
    waiting = store.read(search.unindexed, limit=1000)
    store.write(search.put, [indexed(one) for one in waiting])
    return len(waiting)


def indexed(waiting: search.ToIndex) -> Indexed:
    """Return a waiting article with its tokens, which are simply its words."""
    old = None if waiting.old_text is None else words(f"{waiting.old_title} {waiting.old_text}")
    return Indexed(
        article_id=waiting.article_id,
        revision=waiting.revision,
        tokens=words(f"{waiting.title} {waiting.text}"),
        old_tokens=old,
    )


def words(text: str) -> str:
    return " ".join(dict.fromkeys(text.casefold().replace(".", " ").split()))


def add_watches(store: Store, *keys: str, now: datetime = NOW, version: str = "v1") -> None:
    """Store watches for these words, at one version."""
    store.write(watches.sync, [(Watch(key=key, query=key), version) for key in keys], now=now)


def matches_of(
    article_id: int,
    *watch_keys: str,
    backfill: bool = False,
    told: bool = True,
    mark_matched: bool = True,
    **values: Any,
) -> ArticleMatches:
    """Return what these watches found in an article."""
    return ArticleMatches(
        article_id=article_id,
        revision=values.get("revision", 1),
        mentions=tuple(
            Match(mention=a_mention(key, **values), backfill=backfill, told=told) for key in watch_keys
        ),
        mark_matched=mark_matched,
    )


def add_mention(
    store: Store, article_id: int, watch: str = "cspo", *, now: datetime = NOW, **values: Any
) -> SavedMention:
    """Store what a watch found in an article; ``values`` are those of ``matches_of``."""
    return store.write(mentions.save_matches, [matches_of(article_id, watch, **values)], now=now)[0]


def rows(tx: Tx, statement: Any) -> list[dict[str, Any]]:
    """Return what a statement selects, as plain dictionaries."""
    return [dict(row) for row in tx.execute(statement).mappings()]
