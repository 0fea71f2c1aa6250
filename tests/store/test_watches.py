"""Watches: versions, when they became active, and how far they were backfilled."""

from datetime import datetime

from bot.model import Watch
from bot.store import Store, watches
from bot.store.watches import WatchReport
from tests.store.build import MINUTE


def sync(store: Store, now: datetime, *listed: tuple[Watch, str]) -> WatchReport:
    return store.write(watches.sync, listed, now=now)


def a_watch(key: str = "cspo", **values) -> Watch:
    return Watch(**{"key": key, "query": key, **values})


def test_a_new_watch_is_active_since_now_and_to_be_backfilled(store: Store, now: datetime):
    assert sync(store, now, (a_watch("a"), "1"), (a_watch("b", name="Bee"), "1")).added == ("a", "b")
    rows = store.read(watches.active)
    assert [(row.key, row.name, row.version, row.active_since) for row in rows] == [
        ("a", "a", "1", now),
        ("b", "Bee", "1", now),
    ]
    assert [(row.backfilled_version, row.backfill_after) for row in rows] == [(None, 0)] * 2
    assert store.read(watches.to_backfill) == rows


def test_the_same_watches_change_nothing(store: Store, now: datetime):
    sync(store, now, (a_watch(), "1"))
    assert sync(store, now + MINUTE, (a_watch(), "1")) == WatchReport()
    assert store.read(watches.active)[0].active_since == now


def test_a_new_name_is_no_new_meaning(store: Store, now: datetime):
    sync(store, now, (a_watch(), "1"))
    assert sync(store, now + MINUTE, (a_watch(name="Space"), "1")) == WatchReport()
    row = store.read(watches.active)[0]
    assert (row.name, row.active_since) == ("Space", now)


def test_a_changed_watch_starts_again(store: Store, now: datetime):
    sync(store, now, (a_watch(), "1"))
    store.write(watches.save_backfill_progress, "cspo", "1", 70)
    store.write(watches.save_backfilled, "cspo", "1", now=now)
    assert store.read(watches.to_backfill) == []
    assert sync(store, now + MINUTE, (a_watch(query="other"), "2")).changed == ("cspo",)
    row = store.read(watches.to_backfill)[0]
    assert (row.version, row.active_since, row.backfill_after) == ("2", now + MINUTE, 0)


def test_a_watch_not_named_any_more_is_off_and_named_again_starts_again(store: Store, now: datetime):
    sync(store, now, (a_watch(), "1"))
    number = store.read(watches.active)[0].id
    store.write(watches.save_backfilled, "cspo", "1", now=now)
    assert sync(store, now).removed == ("cspo",)
    assert sync(store, now).removed == ()
    assert store.read(watches.active) == []
    assert sync(store, now + MINUTE, (a_watch(), "1")).changed == ("cspo",)
    row = store.read(watches.to_backfill)[0]
    assert (row.id, row.active_since) == (number, now + MINUTE)


def test_a_watch_that_is_switched_off_is_neither_active_nor_backfilled(store: Store, now: datetime):
    assert sync(store, now, (a_watch(enabled=False), "1")).added == ("cspo",)
    assert store.read(watches.active) == []
    assert store.read(watches.to_backfill) == []


def test_progress_is_kept_for_its_version_only(store: Store, now: datetime):
    sync(store, now, (a_watch(), "2"))
    store.write(watches.save_backfill_progress, "cspo", "2", 40)
    store.write(watches.save_backfill_progress, "cspo", "1", 90)
    store.write(watches.save_backfilled, "cspo", "1", now=now)
    row = store.read(watches.to_backfill)[0]
    assert (row.backfill_after, row.backfilled_version) == (40, None)
    store.write(watches.save_backfilled, "cspo", "2", now=now)
    assert store.read(watches.active)[0].backfilled_version == "2"


def test_the_last_backfill_of_whatever_version_is_remembered(store: Store, now: datetime):
    sync(store, now, (a_watch(), "1"))
    assert store.read(watches.active)[0].last_backfill is None
    store.write(watches.save_backfilled, "cspo", "1", now=now + MINUTE)
    sync(store, now + 2 * MINUTE, (a_watch(query="other"), "2"))
    assert store.read(watches.active)[0].last_backfill == now + MINUTE
    store.write(watches.save_backfilled, "cspo", "1", now=now + 3 * MINUTE)
    assert store.read(watches.active)[0].last_backfill == now + MINUTE
