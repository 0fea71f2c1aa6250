"""What each revision does to a database that holds something: no row is lost, and new columns say what can be told."""

import shutil
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from bot.model import Health, MentionState, Rhythm, Tier
from bot.store import Store, articles, mentions, search, sources
from bot.store.engines import engines_for, parse_url
from bot.store.faults import database_path
from bot.store.migrate import FOLDER, upgrade
from bot.store.tables import metadata
from tests.postgresql import Server
from tests.store.build import NOW, a_source, index_all, key_of

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


def made_by(
    revision: str, url: str, tmp_path: Path, now: datetime, rows: dict[str, list[dict[str, Any]]]
) -> str:
    """Make a database as this revision did, with rows in it, and return its address."""
    folder = tmp_path / revision
    newer = [path.name for path in (FOLDER / "versions").glob("[0-9]*.py") if path.name[:4] > revision]
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", *newer))
    engines = engines_for(parse_url(url))
    upgrade(engines.writer, now=now, folder=folder)
    with engines.writer.begin() as connection:
        for name, values in rows.items():
            connection.execute(sa.insert(metadata.tables[name]), values)
    engines.dispose()
    return url


@pytest.fixture
def first(empty_database_url: str, tmp_path: Path, now: datetime) -> str:
    """The address of a database as the first revision made it, with rows in it."""
    return made_by("0001", empty_database_url, tmp_path, now, FIRST)


#: Sources of every health, with settings as revision 0002 wrote them.
SETTINGS = {
    "language": "de",
    "tags": ["space"],
    "tier": "official",
    "every_s": 450.0,
    "baseline": True,
    "allow_private": [],
    "links": None,
    "title": None,
    "date": None,
    "newer_than_s": None,
}
SECOND_SOURCES = [
    FIRST["sources"][0]
    | {
        "id": number,
        "key": key,
        "settings": SETTINGS,
        "health": health,
        "last_fetch_at": NOW,
        "last_outcome": outcome,
        "last_error": "no such host" if health == "failing" else None,
        "failing_since": None if health == "ok" else NOW - timedelta(days=2),
    }
    for number, (key, health, outcome) in enumerate(
        [("orbit", "ok", "not_modified"), ("dead", "failing", "dns"), ("bare", "empty", "ok")], start=1
    )
]


@pytest.fixture
def second(empty_database_url: str, tmp_path: Path, now: datetime) -> str:
    """The address of a database as the second revision made it, with rows in it."""
    waits = {"id": 2, "key": "b", "state": "new", "article_id": None, "next_read_at": NOW}
    read = FIRST["entries"][0] | {"next_read_at": None}
    entries = [read, read | waits]
    rows = FIRST | {"sources": SECOND_SOURCES, "entries": entries}
    return made_by("0002", empty_database_url, tmp_path, now, rows)


def columns_of(url: str) -> dict[str, list[str]]:
    """Return the columns of all plain tables of the first revision that are there."""
    engine = sa.create_engine(parse_url(url))
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        found = {
            name: [column["name"] for column in inspector.get_columns(name)]
            for name in [*FIRST, "installation"]
        }
    engine.dispose()
    return found


def everything(url: str, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of tables, as they are stored, by these columns."""
    engine = sa.create_engine(parse_url(url))
    found = {}
    with engine.connect() as connection:
        for name, names in columns.items():
            known = sa.table(name, *(sa.column(column) for column in names))
            query = sa.select(known).order_by(*list(known.c)[:2])
            found[name] = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return found


def test_every_row_of_the_first_revision_is_kept(first: str, now: datetime):
    columns = columns_of(first)
    before = everything(first, columns)
    assert all(before.values())
    Store.open(first, clock_now=now).close()
    assert everything(first, columns) == before


def test_every_row_of_the_second_revision_is_kept(second: str, now: datetime):
    columns = columns_of(second)
    before = everything(second, columns)
    assert all(before.values())
    Store.open(second, clock_now=now).close()
    after = everything(second, columns)
    # What lists nothing does not fail any more: it is that since then.
    since = columns["sources"].index("failing_since")
    assert [row[since] for row in after["sources"]] == [None, before["sources"][1][since], None]
    for rows in (before["sources"], after["sources"]):
        rows[:] = [row[:since] + row[since + 1 :] for row in rows]
    assert after == before


def test_sources_go_on_after_the_third_revision(second: str, now: datetime):
    store = Store.open(second, clock_now=now)
    states = store.read(sources.due_sources, "orbit.example", now=now)
    found = {state.source.key: state for state in states}
    assert [
        (state.health, state.health_since, state.failing_since, state.answered_at) for state in found.values()
    ] == [
        (Health.OK, None, None, now),
        (Health.FAILING, now - timedelta(days=2), now - timedelta(days=2), None),
        (Health.EMPTY, now - timedelta(days=2), None, now),
    ]
    orbit = found["orbit"]
    assert orbit.source == a_source(
        language="de", tags=("space",), tier=Tier.OFFICIAL, every=timedelta(seconds=450)
    )
    assert (orbit.rhythm, orbit.moved, orbit.found, orbit.whole_at) == (Rhythm(), None, None, None)
    assert (orbit.first_asked_at, found["dead"].first_asked_at) == (now, now)
    assert orbit.baseline_done is True
    store.close()


def test_the_same_configuration_changes_nothing_after_the_third_revision(second: str, now: datetime):
    store = Store.open(second, clock_now=now)
    listed = [row.source for row in store.read(sources.list_sources)]
    assert store.write(sources.sync, listed, now=now) == sources.SyncReport()
    store.close()


def test_articles_and_entries_are_what_they_were_after_the_third_revision(second: str, now: datetime):
    store = Store.open(second, clock_now=now)
    assert all(article.archivable for article in store.read(articles.list_articles))
    assert (
        store.read(sources.held_counts, since=now - timedelta(days=99), until=now + timedelta(days=1)) == []
    )
    (task,) = store.read(articles.entries_to_read, "orbit.example", now=now, limit=9)
    assert (task.entry.outlet, task.changed) == ("", False)
    assert store.read(sources.network_down_since) is None
    store.close()


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


def test_no_revision_writes_a_table_anew(first: str, now: datetime):
    """On SQLite a table that is rebuilt gets another first page; PostgreSQL another file."""

    def places() -> list[tuple[Any, ...]]:
        if path := database_path(first):
            connection = sqlite3.connect(path)
            try:
                return connection.execute(
                    "SELECT name, rootpage FROM sqlite_schema WHERE name IN ('articles', 'entries', 'mentions', 'revisions')"
                ).fetchall()
            finally:
                connection.close()
        engine = sa.create_engine(parse_url(first))
        with engine.connect() as connection:
            names = ("articles", "entries", "mentions", "revisions")
            found = [
                (name, connection.execute(sa.select(sa.func.pg_relation_filenode(name))).scalar())
                for name in names
            ]
        engine.dispose()
        return found

    before = places()
    assert len(before) == 4
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
