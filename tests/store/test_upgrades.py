"""What each revision does to a database that holds something: no row is lost, and new columns are empty."""

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from bot.model import MentionState
from bot.store import Store, articles, mentions, search
from bot.store.engines import engines_for, parse_url
from bot.store.faults import database_path
from bot.store.migrate import FOLDER, upgrade
from bot.store.tables import metadata
from tests.postgresql import Server
from tests.store.build import NOW, index_all, key_of

#: One row at least of every table, by what the first revision made.
FIRST: dict[str, list[dict[str, Any]]] = {
    "sources": [
        {
            "id": 1,
            "key": "orbit",
            "name": "Orbit",
            "kind": "feed",
            "url": "https://orbit.example/feed",
            "host": "orbit.example",
            "settings": {"tags": [], "tier": None},
            "enabled": True,
            "next_fetch_at": NOW,
            "health": "ok",
            "fail_weight": 0.5,
            "baseline_done": True,
        }
    ],
    "hosts": [{"host": "orbit.example"}],
    "stories": [{"id": 1, "title": "Launch", "first_article_id": 1, "first_seen_at": NOW, "outlets": 1}],
    "articles": [
        {
            "id": number,
            "url_key": key_of(str(number)),
            "url": f"https://orbit.example/{number}",
            "source_id": 1,
            "site": "Orbit News",
            "title": f"Title {number}",
            "authors": ["Ann Author"],
            "first_seen_at": NOW,
            "read_at": NOW,
            "revision": 2 if number == 1 else 1,
            "text_from": "page",
            "matched_at": NOW,
        }
        for number in (1, 2, 3)
    ],
    "revisions": [
        {
            "article_id": article,
            "number": number,
            "seen_at": NOW,
            "text_hash": key_of(f"{article} {number}"),
            "title": f"Title {article}",
            "text": f"text{number} of article{article}",
        }
        for article, number in ((1, 1), (1, 2), (2, 1), (3, 1))
    ],
    "entries": [
        {
            "id": 1,
            "source_id": 1,
            "key": "a",
            "host": "orbit.example",
            "title": "Launch",
            "authors": [],
            "first_seen_at": NOW,
            "last_listed_at": NOW,
            "baseline": False,
            "state": "read",
            "attempts": 1,
            "article_id": 1,
            "summary": "",
            "content": "",
        }
    ],
    "fetches": [{"id": 1, "source_id": 1, "at": NOW, "duration_ms": 5, "bytes": 9, "new": 1}],
    "watches": [
        {
            "id": 1,
            "key": "cspo",
            "name": "CSpO",
            "query": "cspo",
            "version": "v1",
            "active_since": NOW,
            "enabled": True,
            "backfilled_version": "v1",
            "backfill_after": 3,
        }
    ],
    "mentions": [
        {
            "id": article,
            "watch_id": 1,
            "article_id": article,
            "revision": 1,
            "watch_version": "v1",
            "found_at": NOW,
            "backfill": False,
            "furniture": False,
            "dismissed_at": dismissed_at,
            "total": 1,
            "excerpt": "text",
            "marks": [[0, 4]],
            "spans": [["body", 0, 4, "text", False]],
        }
        for article, dismissed_at in ((1, None), (2, NOW))
    ],
    "mention_events": [{"id": 1, "mention_id": 1, "kind": "found", "revision": 1, "at": NOW}],
    "schedules": [{"key": "daily", "last_slot": NOW, "started_at": NOW}],
    "digests": [{"id": 1, "schedule_key": "daily", "slot": NOW, "created_at": NOW}],
    "digest_items": [{"schedule_key": "daily", "event_id": 1, "digest_id": 1}],
    "deliveries": [
        {
            "id": 1,
            "dedup_key": "daily/one",
            "digest_id": 1,
            "channel": "mail",
            "target": "one@example.com",
            "message_id": "<one@newsbot>",
            "state": "sent",
            "attempts": 1,
            "created_at": NOW,
            "sent_at": NOW,
            "body": b"body",
        }
    ],
    "attempts": [{"delivery_id": 1, "number": 1, "at": NOW, "outcome": "sent"}],
    "leases": [{"name": "run", "holder": "me", "since": NOW, "epoch": 1}],
}


@pytest.fixture
def first(empty_database_url: str, tmp_path: Path, now: datetime) -> str:
    """The address of a database as the first revision made it, with rows in it."""
    folder = tmp_path / "first"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "000[2-9]_*"))
    engines = engines_for(parse_url(empty_database_url))
    upgrade(engines.writer, now=now, folder=folder)
    with engines.writer.begin() as connection:
        for name, rows in FIRST.items():
            connection.execute(sa.insert(metadata.tables[name]), rows)
    engines.dispose()
    return empty_database_url


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all plain tables, as they are stored, by the columns of the first revision."""
    engine = sa.create_engine(parse_url(url))
    found = {}
    with engine.connect() as connection:
        for name in [*FIRST, "installation"]:
            columns = [column["name"] for column in sa.inspect(connection).get_columns(name)]
            known = sa.table(name, *(sa.column(column) for column in columns))
            new = {"withdrawn_why", "unwanted", "index_version", "last_backfill"}
            kept = [known.c[column] for column in columns if column not in new]
            found[name] = [tuple(row) for row in connection.execute(sa.select(*kept).order_by(*kept[:2]))]
            assert all(
                value is None
                for column in new & set(columns)
                for value in connection.execute(sa.select(known.c[column])).scalars()
            )
    engine.dispose()
    return found


def test_the_second_revision_keeps_every_row(first: str, now: datetime):
    before = everything(first)
    assert all(before.values())
    Store.open(first, clock_now=now).close()
    assert everything(first) == before


def test_stored_articles_wait_to_be_indexed_after_the_second_revision(first: str, now: datetime):
    store = Store.open(first, clock_now=now)
    assert store.read(search.indexed) == (0, 3)
    assert store.read(search.unindexed_ids, limit=9) == [1, 2, 3]
    waiting = store.read(search.unindexed, limit=9)
    assert [(one.article_id, one.revision, one.text) for one in waiting] == [
        (3, 1, "text1 of article3"),
        (2, 1, "text1 of article2"),
        (1, 2, "text2 of article1"),
    ]
    assert index_all(store) == 3
    assert store.read(articles.get, 1).text == "text2 of article1"
    store.close()


def test_mentions_are_what_they_were_after_the_second_revision(first: str, now: datetime):
    store = Store.open(first, clock_now=now)
    found = {mention.id: mention.state for mention in store.read(mentions.list_mentions)}
    assert found == {1: MentionState.NEW, 2: MentionState.DISMISSED}
    store.close()


def test_the_second_revision_writes_no_table_anew(first: str, now: datetime):
    """On SQLite a table that is rebuilt gets another first page; PostgreSQL another file."""

    def places() -> list[tuple[Any, ...]]:
        if path := database_path(first):
            connection = sqlite3.connect(path)
            try:
                return connection.execute(
                    "SELECT name, rootpage FROM sqlite_schema WHERE name IN ('articles', 'mentions', 'revisions')"
                ).fetchall()
            finally:
                connection.close()
        engine = sa.create_engine(parse_url(first))
        with engine.connect() as connection:
            names = ("articles", "mentions", "revisions")
            found = [
                (name, connection.execute(sa.select(sa.func.pg_relation_filenode(name))).scalar())
                for name in names
            ]
        engine.dispose()
        return found

    before = places()
    assert len(before) == 3
    Store.open(first, clock_now=now).close()
    assert places() == before


def test_long_lists_of_words_are_compressed_the_quick_way_where_postgresql_can(
    postgresql: Server, postgresql_template: str
):
    with psycopg.connect(postgresql_template) as connection:
        known = connection.execute(
            "SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'"
        ).fetchone()
        how = connection.execute(
            "SELECT attcompression::text FROM pg_attribute"
            " WHERE attrelid = 'article_tokens'::regclass AND attname = 'tokens'"
        ).fetchone()
    assert how == ("l" if "lz4" in known[0] else "",)
