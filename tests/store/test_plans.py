"""The queries that every tick and every poll asks use their indexes, on SQLite as it plans them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.store import Store, Tx, articles, deliveries, mentions, sources
from tests.store.build import an_entry

CALLS: list[tuple[Callable[..., Any], dict[str, Any], tuple[str, ...]]] = [
    (sources.due_hosts, {"limit": 9}, ("ix_sources_due",)),
    (articles.hosts_to_read, {"limit": 9}, ("ix_entries_due",)),
    (deliveries.due_deliveries, {"limit": 9}, ("ix_deliveries_due",)),
    (articles.entries_due, {}, ("ix_entries_due",)),
]


@pytest.fixture
def store_on_sqlite(sqlite_template: Path, tmp_path: Path, now: datetime) -> Iterator[Store]:
    path = tmp_path / "newsbot.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{path}", clock_now=now)
    yield store
    store.close()


def plan_of(tx: Tx, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """Run a query function and return how SQLite plans what it asked."""
    connection = tx.connection.dbapi_connection
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    fn(tx, *args, **kwargs)
    connection.set_trace_callback(None)
    plans = [connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall() for text in asked]
    return "\n".join(row[3] for plan in plans for row in plan)


@pytest.mark.parametrize(("fn", "kwargs", "indexes"), CALLS)
def test_what_is_due_is_found_by_its_partial_index(
    store_on_sqlite: Store, now: datetime, fn, kwargs, indexes
):
    plan = store_on_sqlite.read(plan_of, fn, now=now, **kwargs)
    assert all(index in plan for index in indexes), plan


def test_what_is_unmatched_is_found_by_its_partial_index(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, articles.unmatched, limit=9)
    assert "ix_articles_unmatched" in plan
    assert "ix_entries_article_id" in plan


def test_known_entries_are_found_by_each_of_their_keys(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, sources.known_entries, 1, [an_entry()])
    assert all(f"ix_entries_source_id_{key}" in plan for key in ("url_key", "id_key", "title_key")), plan


def test_a_page_of_mentions_needs_no_scan(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, mentions.list_mentions, limit=9)
    assert "ix_mentions_found_at" in plan
    assert "TEMP B-TREE" not in plan


def test_entries_of_a_host_are_found_by_their_index(store_on_sqlite: Store, now: datetime):
    plan = store_on_sqlite.read(plan_of, articles.entries_to_read, "orbit.example", now=now, limit=9)
    assert "ix_entries_due (host=? AND next_read_at<?)" in plan
