"""The queries that every tick and every poll asks use their indexes, on SQLite as it plans them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.model import AllTokens, Token
from bot.store import Store, Tx, articles, deliveries, mentions, search, sources, trail
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
    # what a virtual table asks for itself is told as a comment
    own = [text for text in asked if not text.startswith("--")]
    plans = [connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall() for text in own]
    return "\n".join(row[3] for plan in plans for row in plan)


@pytest.mark.parametrize(("fn", "kwargs", "indexes"), CALLS)
def test_what_is_due_is_found_by_its_partial_index(
    store_on_sqlite: Store, now: datetime, fn, kwargs, indexes
):
    plan = store_on_sqlite.read(plan_of, fn, now=now, **kwargs)
    assert all(index in plan for index in indexes), plan


def test_hosts_with_most_to_do_are_found_in_the_order_of_their_index(store_on_sqlite: Store, now: datetime):
    plan = store_on_sqlite.read(plan_of, sources.due_hosts, limit=9, now=now)
    assert "SEARCH sources USING INDEX ix_sources_due (next_fetch_at<?)" in plan
    looked_at, _, sorted_later = plan.partition("SCAN due")
    # a few hundred rows are grouped and sorted, never all that is due
    assert "TEMP B-TREE" not in looked_at
    assert "TEMP B-TREE" in sorted_later


def test_the_facts_of_health_walk_no_entries_but_the_last_of_each_source(
    store_on_sqlite: Store, now: datetime
):
    plan = store_on_sqlite.read(plan_of, sources.facts, now=now)
    assert "ix_entries_done (source_id=? AND done_at>?)" in plan
    assert "SCAN entries" not in plan
    assert plan.count("TEMP B-TREE") <= 1, plan


def test_the_last_polls_of_a_source_are_found_by_their_index(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, sources.recent_fetches, "orbit")
    assert "ix_fetches_source_id_at (source_id=?)" in plan
    assert "TEMP B-TREE" not in plan


def test_what_was_held_back_is_found_by_its_partial_index(store_on_sqlite: Store, now: datetime):
    plan = store_on_sqlite.read(plan_of, sources.held_counts, since=now, until=now)
    assert "ix_entries_held (first_seen_at>? AND first_seen_at<?)" in plan


def test_known_titles_are_found_by_their_index(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, sources.known_titles, 1, [b"a" * 16])
    assert "USING COVERING INDEX ix_entries_source_id_title_key" in plan


def test_the_value_of_sources_walks_no_whole_table(store_on_sqlite: Store, now: datetime):
    plan = store_on_sqlite.read(plan_of, sources.value, since=now)
    assert "ix_mentions_found_at" in plan
    assert "ix_articles_first_seen_at" in plan
    for name in ("entries", "articles", "mentions"):
        assert f"SCAN {name}" not in plan, plan


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


@pytest.mark.parametrize(
    ("fn", "kwargs"), [(search.candidates, {"after": 5}), (search.newest, {"before": 5})]
)
@pytest.mark.parametrize("query", [Token("word"), AllTokens(())])
def test_candidates_come_in_their_order_without_sorting(store_on_sqlite: Store, fn, kwargs, query):
    lines = store_on_sqlite.read(plan_of, fn, query, limit=9, **kwargs).split("\n")
    assert not [line for line in lines if "TEMP B-TREE" in line]
    # what FTS5 asks of its own tables is none of ours
    first = next(line for line in lines if "article_tokens_" not in line)
    by_words = "SCAN article_tokens VIRTUAL TABLE INDEX"
    assert first.startswith(
        by_words if isinstance(query, Token) else "SEARCH articles USING INTEGER PRIMARY KEY"
    )


def test_what_waits_for_the_index_is_read_from_its_queue_alone(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, search.unindexed, limit=9)
    assert plan.startswith("SCAN index_queue\nSEARCH articles USING INTEGER PRIMARY KEY"), plan
    assert "TEMP B-TREE" not in plan
    for fn in (search.unindexed_ids, search.newest_unindexed):
        plan = store_on_sqlite.read(plan_of, fn, limit=9)
        assert plan.startswith("SEARCH index_queue USING INTEGER PRIMARY KEY"), plan


def test_outdated_mentions_are_found_page_by_page_without_sorting(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, mentions.outdated, "cspo", "v2", after=5, limit=9)
    assert "ix_mentions_watch_id_id (watch_id=? AND id>?)" in plan
    assert "TEMP B-TREE" not in plan


def test_dismissed_mentions_are_found_by_their_partial_index(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, mentions.dismissed_samples, "cspo", limit=9)
    assert "ix_mentions_dismissed" in plan


def test_an_address_is_traced_without_a_scan_of_entries_or_articles(store_on_sqlite: Store):
    plan = store_on_sqlite.read(plan_of, trail.trail, [b"a" * 16, b"b" * 16])
    assert "ix_entries_source_id_url_key" in plan
    assert "uq_articles_url_key" in plan or "sqlite_autoindex_articles" in plan
    for name in ("entries", "articles", "mentions", "mention_events", "digest_items", "deliveries"):
        assert f"SCAN {name}" not in plan, plan
