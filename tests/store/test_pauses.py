"""Pauses by hand and by answer, addresses that moved or were found, and what a dead network did, forgiven."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.errors import FailureKind
from bot.model import Health, Moved, Offer, SourceKind
from bot.store import Store, health, sources
from bot.store.sources import SourceRow
from tests.store.build import MINUTE, a_save, a_source, add_sources

DAY = timedelta(days=1)
FAILED: dict[str, Any] = {
    "keep_validators": True,
    "baseline": False,
    "status": None,
    "health": Health.FAILING,
    "health_why": "no such host",
    "kind": FailureKind.DNS,
    "error": "no such host",
    "fail_weight": 2.0,
    "next_fetch_at": datetime.fromisoformat("2026-02-04T09:30:00+00:00"),
}


def row_of(store: Store, key: str = "orbit") -> SourceRow:
    return {row.key: row for row in store.read(sources.list_sources)}[key]


def test_a_paused_source_is_never_asked(store: Store, now: datetime):
    add_sources(store, a_source())
    assert store.write(sources.pause, "orbit", why="too much", now=now) is True
    assert store.read(sources.due_hosts, now=now + DAY, limit=9) == []
    assert store.read(sources.due_sources, "orbit.example", now=now + DAY, everything=True) == []
    assert store.read(health.status_counts, now=now + DAY).oldest_due_at is None
    row = row_of(store)
    assert (row.enabled, row.paused_at, row.paused_why) == (True, now, "too much")


def test_a_pause_outlives_the_same_configuration_read_again(store: Store, now: datetime):
    add_sources(store, a_source())
    store.write(sources.pause, "orbit", why="too much", now=now)
    store.write(sources.sync, [a_source(name="Another")], now=now)
    assert row_of(store).paused_at == now


def test_resumed_it_is_due_with_its_failures_forgotten(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    store.write(sources.save_refreshes, [a_save(number)], now=now)
    store.write(sources.save_refreshes, [a_save(number, **FAILED, pause="gone")], now=now + MINUTE)
    assert row_of(store).paused_why == "gone"
    assert store.write(sources.resume, "orbit", now=now + 2 * MINUTE) is True
    row = row_of(store)
    assert (row.paused_at, row.paused_why, row.failing_since) == (None, None, None)
    assert (row.health, row.health_why, row.next_fetch_at) == (Health.OK, None, now + 2 * MINUTE)
    (state,) = store.read(sources.due_sources, "orbit.example", now=now + 2 * MINUTE)
    assert state.fail_weight == 0.0


def test_nobody_can_pause_or_resume_what_is_not_there(store: Store, now: datetime):
    assert store.write(sources.pause, "nobody", why="", now=now) is False
    assert store.write(sources.resume, "nobody", now=now) is False
    offer = Offer(kind=SourceKind.FEED, url="https://a.example/rss")
    assert store.write(sources.accept_found, "nobody", offer, now=now) is False


def test_an_answer_that_comes_after_a_pause_by_hand_leaves_it(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    store.write(sources.pause, "orbit", why="holidays", now=now)
    store.write(sources.save_refreshes, [a_save(number, **FAILED, pause="gone")], now=now + MINUTE)
    store.write(sources.sync, [a_source(url="https://new.example/feed")], now=now + MINUTE)
    row = row_of(store)
    assert (row.paused_at, row.paused_why) == (now, "holidays")


def test_an_offer_that_was_accepted_is_asked_for_now_and_from_the_beginning(store: Store, now: datetime):
    number = add_sources(store, a_source(kind=SourceKind.AUTO))["orbit"]
    store.write(sources.save_refreshes, [a_save(number, etag='"1"')], now=now)
    store.write(sources.save_refreshes, [a_save(number, **FAILED)], now=now)
    offer = Offer(kind=SourceKind.SITEMAP, url="https://orbit.example/map.xml", title="Map", found_by="guess")
    assert store.write(sources.accept_found, "orbit", offer, now=now + MINUTE) is True
    (state,) = store.read(sources.due_sources, "orbit.example", now=now + MINUTE)
    assert state.found == Offer(kind=SourceKind.SITEMAP, url="https://orbit.example/map.xml")
    assert (state.etag, state.fail_weight, state.health) == (None, 0.0, Health.OK)
    assert state.source.kind is SourceKind.AUTO


def test_what_was_discovered_stays_until_something_else_is(store: Store, now: datetime):
    number = add_sources(store, a_source(kind=SourceKind.AUTO))["orbit"]
    offer = Offer(kind=SourceKind.FEED, url="https://orbit.example/rss")
    for found, expected in ((offer, offer), (None, offer)):
        store.write(sources.save_refreshes, [a_save(number, found=found)], now=now)
        assert row_of(store).found == expected


def test_sources_that_are_sent_elsewhere_are_told_with_how_often(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"))
    moved = Moved(to="https://a.example/new", times=5, since=now - DAY)
    saves = [a_save(numbers["a"], moved=moved), a_save(numbers["b"])]
    store.write(sources.save_refreshes, saves, now=now)
    (found,) = store.read(sources.moved_sources)
    assert (found.source, found.moved) == (a_source("a"), moved)
    assert row_of(store, "a").moved == moved
    unchanged = a_save(numbers["a"], status=304, keep_validators=True, baseline=False)
    store.write(sources.save_refreshes, [unchanged], now=now)
    assert store.read(sources.moved_sources) == []


@pytest.mark.parametrize("first_asked", [True, False])
def test_failures_of_a_dead_network_are_taken_back(store: Store, now: datetime, first_asked: bool):
    number = add_sources(store, a_source())["orbit"]
    if first_asked:
        store.write(sources.save_refreshes, [a_save(number, etag='"1"')], now=now - DAY)
    store.write(sources.save_refreshes, [a_save(number, **FAILED)], now=now)
    later = now + 10 * MINUTE
    assert store.write(sources.forgive, since=now, now=later) == 1
    (state,) = store.read(sources.due_sources, "orbit.example", now=later + 5 * MINUTE)
    assert (state.fail_weight, state.failing_since) == (0.0, None)
    assert state.health is (Health.OK if first_asked else Health.UNKNOWN)
    assert state.etag == ('"1"' if first_asked else None)
    assert row_of(store).last_error is None


def test_those_forgiven_are_asked_one_after_the_other(store: Store, now: datetime):
    keys = [f"s{index}" for index in range(10)]
    numbers = add_sources(store, *(a_source(key) for key in keys))
    store.write(sources.save_refreshes, [a_save(numbers[key], **FAILED) for key in keys], now=now)
    store.write(sources.forgive, since=now, now=now, spread=10 * MINUTE)
    times = [row.next_fetch_at for row in store.read(sources.list_sources)]
    assert times == [now + place * MINUTE for place in range(10)]


def test_what_failed_before_the_network_did_still_fails(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    store.write(sources.save_refreshes, [a_save(numbers["a"], **FAILED)], now=now - MINUTE)
    store.write(sources.save_refreshes, [a_save(numbers["a"], **FAILED)], now=now)
    store.write(sources.pause, "b", why="", now=now)
    assert store.write(sources.forgive, since=now, now=now) == 0
    row = row_of(store, "a")
    assert (row.health, row.failing_since) == (Health.FAILING, now - MINUTE)


def test_the_state_of_the_network_is_kept(store: Store, now: datetime):
    assert store.read(sources.network_down_since) is None
    store.write(sources.set_network, now)
    assert store.read(sources.network_down_since) == now
    store.write(sources.set_network, None)
    assert store.read(sources.network_down_since) is None
