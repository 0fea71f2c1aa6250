"""Digests: a slot once, an event once in each schedule, all of it or nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from bot.errors import FailureKind, StoreError
from bot.model import Coverage, EventKind, Health, TextFrom
from bot.store import Store, articles, deliveries, sources
from bot.store.tables import digest_items, digests
from bot.store.tables import mentions as mention_table
from tests.store.build import (
    MINUTE,
    a_delivery,
    a_read,
    a_save,
    a_source,
    add_article,
    add_entries,
    add_mention,
    add_sources,
    add_watches,
    an_entry,
    rows,
)


@pytest.fixture
def found(store: Store, now: datetime) -> list[int]:
    """Three mentions, of the watches a, b and a."""
    add_watches(store, "a", "b")
    number = add_sources(store, a_source())["orbit"]
    return [
        add_mention(store, add_article(store, number, f"n{index}"), watch, now=now + index * MINUTE).id
        for index, watch in enumerate(["a", "b", "a"])
    ]


def pending(store: Store, key: str = "daily", **values):
    since = values.pop("since", datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    return store.read(
        deliveries.pending_events, key, **{"watch_keys": None, "since": since, "limit": 100, **values}
    )


def save(store: Store, slot: datetime, events, key: str = "daily", new=()) -> int | None:
    return store.write_durable(
        deliveries.save_digest, key=key, slot=slot, events=events, deliveries=new, now=slot
    )


def test_a_schedule_starts_when_it_is_first_heard_of(store: Store, now: datetime):
    assert store.read(deliveries.find_schedule, "daily") is None
    state = store.write(deliveries.schedule_state, "daily", now=now)
    assert (state.last_slot, state.started_at) == (now, now)
    assert store.write(deliveries.schedule_state, "daily", now=now + MINUTE) == state
    assert store.read(deliveries.find_schedule, "daily") == state


def test_what_happened_is_pending_in_its_order(store: Store, found, now: datetime):
    events = pending(store)
    assert [event.mention.id for event in events] == found
    assert (events[0].kind, events[0].at) == (EventKind.FOUND, now)
    assert [event.mention.watch for event in pending(store, watch_keys={"b"})] == ["b"]
    assert pending(store, watch_keys=set()) == []
    assert [event.mention.id for event in pending(store, since=now + MINUTE)] == found[1:]
    assert len(pending(store, limit=1)) == 1


def test_history_and_dismissed_mentions_are_never_pending(store: Store, found, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_mention(store, add_article(store, number, "old"), "a", backfill=True)
    dismiss = sa.update(mention_table).where(mention_table.c.id == found[0]).values(dismissed_at=now)
    store.write(lambda tx: tx.execute(dismiss))
    assert [event.mention.id for event in pending(store)] == found[1:]


def test_an_event_is_told_once_in_each_schedule(store: Store, found, now: datetime):
    events = [event.id for event in pending(store)]
    assert save(store, now, events[:2]) is not None
    assert [event.id for event in pending(store)] == events[2:]
    assert [event.id for event in pending(store, "weekly")] == events
    assert save(store, now, events, key="weekly") is not None


def test_a_digest_stores_its_deliveries_and_advances_its_schedule(store: Store, found, now: datetime):
    store.write(deliveries.schedule_state, "daily", now=now - MINUTE)
    new = [a_delivery("one"), a_delivery("two")]
    digest_id = save(store, now, [event.id for event in pending(store)], new=new)
    assert digest_id is not None
    ids = store.read(deliveries.of_digest, digest_id)
    assert store.read(deliveries.due_deliveries, now=now, limit=9) == ids
    delivery = store.read(deliveries.get_delivery, ids[1])
    assert (delivery.digest, delivery.digest_id, delivery.body) == ("daily", digest_id, b"body of two")
    assert (delivery.channel, delivery.target, delivery.message_id) == (
        "mail",
        "two@example.com",
        "<two@newsbot>",
    )
    assert store.read(deliveries.find_schedule, "daily").last_slot == now
    assert store.read(deliveries.last_digest, "daily") == now
    assert store.read(deliveries.last_digest, "other") is None


def test_an_empty_digest_is_a_digest(store: Store, now: datetime):
    assert save(store, now, [], new=[a_delivery()]) is not None
    assert save(store, now, [], new=[a_delivery("again")]) is None
    assert len(store.read(deliveries.list_deliveries)) == 1


def test_the_same_slot_is_not_stored_twice(store: Store, found, now: datetime):
    events = [event.id for event in pending(store)]
    assert save(store, now, events[:1]) is not None
    assert save(store, now, events[1:], new=[a_delivery()]) is None
    assert [event.id for event in pending(store)] == events[1:]
    assert store.read(deliveries.list_deliveries) == []


def test_a_digest_that_would_tell_again_is_not_stored_at_all(store: Store, found, now: datetime):
    events = [event.id for event in pending(store)]
    save(store, now, events[:1])
    assert save(store, now + MINUTE, events, new=[a_delivery()]) is None
    assert len(store.read(rows, sa.select(digests))) == 1
    assert len(store.read(rows, sa.select(digest_items))) == 1
    assert store.read(deliveries.find_schedule, "daily").last_slot == now
    assert save(store, now + MINUTE, events[1:]) is not None


def test_a_delivery_that_exists_already_rolls_the_digest_back(store: Store, found, now: datetime):
    save(store, now, [], new=[a_delivery()])
    events = [event.id for event in pending(store)]
    with pytest.raises(StoreError):
        save(store, now + MINUTE, events, new=[a_delivery()])
    assert [event.id for event in pending(store)] == events
    assert store.read(deliveries.last_digest, "daily") == now


def test_the_last_slot_never_goes_back(store: Store, now: datetime):
    save(store, now, [])
    store.write(deliveries.skip_slot, "daily", now - MINUTE)
    assert store.read(deliveries.find_schedule, "daily").last_slot == now
    store.write(deliveries.skip_slot, "daily", now + MINUTE)
    assert store.read(deliveries.find_schedule, "daily").last_slot == now + MINUTE
    assert store.read(deliveries.last_digest, "daily") == now


@pytest.mark.parametrize("same_slot", [True, False])
def test_of_many_who_compose_at_once_one_stores_the_digest(
    store: Store, found, now: datetime, same_slot: bool
):
    events = [event.id for event in pending(store)]
    at_once = Barrier(4)

    def race(index: int) -> int | None:
        at_once.wait()
        slot = now if same_slot else now + index * MINUTE
        return save(store, slot, events if index % 2 else events[::-1], new=[a_delivery(f"by {index}")])

    with ThreadPoolExecutor(4) as threads:
        stored = [number for number in threads.map(race, range(4)) if number is not None]
    assert len(stored) == 1
    assert len(store.read(deliveries.list_deliveries)) == 1
    assert len(store.read(rows, sa.select(digest_items))) == 3


def test_coverage_counts_what_was_looked_at_in_its_time(store: Store, now: datetime):
    numbers = add_sources(store, a_source("orbit"), a_source("b"), a_source("c"), a_source("off"))
    late = now + timedelta(hours=1)
    save_ok, failing = (
        a_save(numbers["orbit"]),
        {"health": Health.FAILING, "kind": FailureKind.DNS, "error": "x"},
    )
    store.write(sources.save_refreshes, [save_ok, a_save(numbers["b"], **failing)], now=now)
    store.write(
        sources.save_refreshes, [a_save(numbers["c"]), a_save(numbers["off"])], now=now - late.resolution
    )
    store.write(sources.sync, [a_source("orbit"), a_source("b"), a_source("c")], now=now)
    for name, text_from in [
        ("p", TextFrom.PAGE),
        ("q", TextFrom.PAGE),
        ("f", TextFrom.FEED),
        ("s", TextFrom.SUMMARY),
    ]:
        add_article(store, numbers["orbit"], name, text_from=text_from)
    add_article(store, numbers["orbit"], "tomorrow", now=late)
    entries = add_entries(store, numbers["orbit"], an_entry("lost"), an_entry("waiting"))
    store.write(articles.save_reads, [a_read(entries["Lost"], None, state="unread", error="gone")], now=now)
    assert store.read(deliveries.coverage, since=now, until=late) == Coverage(
        sources=3,
        sources_checked=2,
        sources_unanswered=1,
        sources_failing=1,
        articles=4,
        in_full=2,
        from_feed=1,
        summary_only=1,
        unread=1,
    )
    empty = store.read(deliveries.coverage, since=late + MINUTE, until=late + 2 * MINUTE)
    assert empty == Coverage(sources=3, sources_failing=1)


def test_coverage_counts_each_source_once_by_how_it_is_doing(store: Store, now: datetime):
    states = (Health.OK, Health.PARTIAL, Health.EMPTY, Health.QUIET, Health.FLOOD)
    keys = [*(state.value for state in states), "fails", "failed", "paused", "gone", "new"]
    numbers = add_sources(store, *(a_source(key) for key in keys))
    store.write(sources.sync, [*map(a_source, keys), a_source("off", enabled=False)], now=now)
    failing = {"health": Health.FAILING, "kind": FailureKind.DNS, "error": "x", "keep_validators": True}
    saves = [a_save(numbers[state.value], health=state) for state in states]
    saves += [a_save(numbers[key]) for key in ("failed", "paused", "gone")]
    store.write(sources.save_refreshes, saves, now=now)
    gone = a_save(numbers["gone"], health=Health.FAILING, kind=FailureKind.GONE, error="x", pause="gone")
    later = [a_save(numbers["fails"], **failing), a_save(numbers["failed"], **failing), gone]
    store.write(sources.save_refreshes, later, now=now + MINUTE)
    store.write(sources.pause, "paused", why="", now=now + MINUTE)
    assert store.read(deliveries.coverage, since=now, until=now + 2 * MINUTE) == Coverage(
        sources=10,
        sources_checked=9,
        sources_unanswered=1,
        sources_failing=2,
        sources_partial=1,
        sources_empty=1,
        sources_quiet=1,
        sources_flooding=1,
        sources_paused=2,
        sources_unknown=1,
    )


def test_what_a_dead_network_kept_from_answering_was_not_checked(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    store.write(sources.save_refreshes, [a_save(number) for number in numbers.values()], now=now - MINUTE)
    unreached = {"health": None, "kind": FailureKind.DNS, "error": "x", "keep_validators": True}
    saves = [a_save(numbers["a"]), a_save(numbers["b"], **unreached)]
    store.write(sources.save_refreshes, saves, now=now)
    store.write(sources.set_network, now)
    found = store.read(deliveries.coverage, since=now, until=now + MINUTE)
    assert found == Coverage(sources=2, sources_checked=1, network_down_since=now)
    assert found.sources_answered == 1


def test_a_digest_tells_up_to_when_it_was_composed_not_up_to_its_slot(store: Store, now: datetime):
    assert store.read(deliveries.told_until, "daily") is None
    late = now + timedelta(hours=3)
    store.write_durable(deliveries.save_digest, key="daily", slot=now, events=[], deliveries=[], now=late)
    assert store.read(deliveries.told_until, "daily") == late
    assert store.read(deliveries.told_until, "other") is None
