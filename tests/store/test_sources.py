"""Sources: what a changed configuration does, what is due, and how each is shown."""

from datetime import datetime, timedelta

import pytest

from bot.errors import FailureKind
from bot.model import Health, SourceKind, Tier
from bot.store import Store, sources
from tests.store.build import MINUTE, a_save, a_source, add_entries, add_sources, an_entry

LISTING = a_source(
    "press",
    kind=SourceKind.LISTING,
    language="de",
    tags=("space", "defence"),
    tier=Tier.OFFICIAL,
    every=timedelta(minutes=7, seconds=30),
    baseline=False,
    allow_private=("127.0.0.0/8",),
    links="main a",
    title="h2",
    date="time",
    newer_than=timedelta(days=3),
)


def test_a_source_comes_back_as_it_was_configured(store: Store, now: datetime):
    store.write(sources.sync, [LISTING], now=now)
    assert store.read(sources.due_sources, "press.example", now=now)[0].source == LISTING


def test_new_sources_are_due_at_once(store: Store, now: datetime):
    report = store.write(sources.sync, [a_source("a"), a_source("b")], now=now)
    assert report.added == ("a", "b")
    assert store.read(sources.due_hosts, now=now, limit=10) == ["a.example", "b.example"]


def test_the_same_configuration_changes_nothing(store: Store, now: datetime):
    listed = [a_source("a"), LISTING]
    store.write(sources.sync, listed, now=now)
    before = store.read(sources.list_sources)
    assert store.write(sources.sync, listed, now=now + MINUTE) == sources.SyncReport()
    assert store.read(sources.list_sources) == before


def test_a_source_that_is_not_named_any_more_is_switched_off_and_keeps_its_history(
    store: Store, now: datetime
):
    number = add_sources(store, a_source("a"))["a"]
    add_entries(store, number, an_entry())
    report = store.write(sources.sync, [], now=now)
    row = store.read(sources.list_sources)[0]
    assert report.removed == ("a",)
    assert (row.enabled, row.entries) == (False, 1)
    assert store.read(sources.due_hosts, now=now + timedelta(days=9), limit=10) == []
    assert store.write(sources.sync, [], now=now).removed == ()


def test_a_source_named_again_is_the_same_one_and_due(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    store.write(sources.save_refreshes, [a_save(number, next_fetch_at=now + timedelta(days=1))], now=now)
    store.write(sources.sync, [], now=now)
    assert store.write(sources.sync, [a_source("a")], now=now).changed == ("a",)
    state = store.read(sources.due_sources, "a.example", now=now)[0]
    assert (state.id, state.baseline_done) == (number, True)


def test_a_new_address_keeps_the_history_and_forgets_the_validators(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    saved = a_save(
        number,
        etag='"1"',
        last_modified="then",
        body_hash=b"h" * 16,
        new=(an_entry(),),
        fail_weight=3.0,
        health=Health.FAILING,
        kind=FailureKind.GONE,
        error="gone",
    )
    store.write(sources.save_refreshes, [saved], now=now)
    report = store.write(sources.sync, [a_source("a", url="https://new.example/feed")], now=now)
    state = store.read(sources.due_sources, "new.example", now=now)[0]
    assert report.changed == ("a",)
    assert (state.id, state.etag, state.last_modified, state.body_hash) == (number, None, None, None)
    assert (state.baseline_done, state.fail_weight) == (True, 0.0)
    assert store.read(sources.list_sources)[0].entries == 1
    assert store.read(sources.source_troubles) == []


def test_a_new_name_changes_neither_validators_nor_time(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    store.write(sources.save_refreshes, [a_save(number, etag='"1"')], now=now)
    store.write(sources.sync, [a_source("a", name="Another")], now=now)
    assert store.read(sources.due_hosts, now=now, limit=10) == []
    state = store.read(sources.due_sources, "a.example", now=now, everything=True)[0]
    assert (state.etag, state.source.name) == ('"1"', "Another")


def test_a_shorter_interval_holds_at_once(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    store.write(sources.save_refreshes, [a_save(number, next_fetch_at=now + timedelta(hours=2))], now=now)
    store.write(sources.sync, [a_source("a", every=timedelta(minutes=10))], now=now)
    assert store.read(sources.list_sources)[0].next_fetch_at == now + timedelta(minutes=10)


def test_a_source_switched_off_by_its_configuration_is_never_due(store: Store, now: datetime):
    store.write(sources.sync, [a_source("a", enabled=False)], now=now)
    assert store.read(sources.due_hosts, now=now, limit=10) == []
    assert store.read(sources.due_sources, "a.example", now=now, everything=True) == []
    assert store.read(sources.list_sources)[0].enabled is False


def test_hosts_come_in_the_order_of_their_longest_waiting_source(store: Store, now: datetime):
    numbers = add_sources(
        store, a_source("a"), a_source("b"), a_source("c"), a_source("b2", url="https://b.example/2")
    )
    times = {"a": 5, "b": 9, "b2": 1, "c": 3}
    saves = [a_save(numbers[key], next_fetch_at=now + wait * MINUTE) for key, wait in times.items()]
    store.write(sources.save_refreshes, saves, now=now)
    assert store.read(sources.due_hosts, now=now, limit=10) == []
    assert store.read(sources.due_hosts, now=now + 3 * MINUTE, limit=10) == ["b.example", "c.example"]
    assert store.read(sources.due_hosts, now=now + 9 * MINUTE, limit=2) == ["b.example", "c.example"]
    due = store.read(sources.due_sources, "b.example", now=now + 3 * MINUTE)
    assert [state.source.key for state in due] == ["b2"]


def test_a_host_with_a_thousand_due_sources_does_not_hide_the_others(store: Store, now: datetime):
    many = [a_source(f"s{place}", url=f"https://many.example/{place}") for place in range(1000)]
    store.write(sources.sync, many, now=now)
    later = [a_source("a"), a_source("b"), a_source("c")]
    store.write(sources.sync, many + later, now=now + MINUTE)
    for limit, found in ((1, ["many"]), (2, ["many", "a"]), (9, ["many", "a", "b", "c"]), (0, [])):
        hosts = store.read(sources.due_hosts, now=now + MINUTE, limit=limit)
        assert hosts == [f"{name}.example" for name in found]
    store.write(sources.hold_host, "many.example", until=now + 9 * MINUTE)
    assert store.read(sources.due_hosts, now=now + MINUTE, limit=2) == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("only", "found"), [(["b2"], ["b2"]), ([], []), (None, ["b2", "b"]), (["nobody"], [])]
)
def test_everything_of_a_host_can_be_asked_or_only_some(store: Store, now: datetime, only, found):
    numbers = add_sources(store, a_source("b"), a_source("b2", url="https://b.example/2"))
    saves = [
        a_save(numbers["b"], next_fetch_at=now + 2 * MINUTE),
        a_save(numbers["b2"], next_fetch_at=now + MINUTE),
    ]
    store.write(sources.save_refreshes, saves, now=now)
    states = store.read(sources.due_sources, "b.example", now=now, only=only, everything=True)
    assert [state.source.key for state in states] == found


def test_troubles_are_those_of_enabled_sources_with_the_time_they_began(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"), a_source("d"))
    bad = {"health": Health.FAILING, "kind": FailureKind.DNS, "error": "no such host"}
    for at in (now, now + MINUTE, now + 2 * MINUTE):
        store.write(
            sources.save_refreshes, [a_save(numbers["a"], **bad), a_save(numbers["d"], **bad)], now=at
        )
    store.write(sources.save_refreshes, [a_save(numbers["b"], health=Health.EMPTY)], now=now + MINUTE)
    store.write(sources.save_refreshes, [a_save(numbers["c"])], now=now)
    store.write(sources.sync, [a_source("a"), a_source("b"), a_source("c")], now=now)
    found = store.read(sources.source_troubles)
    assert [(trouble.name, trouble.message, trouble.since) for trouble in found] == [
        ("A", "no such host", now),
        ("B", "lists nothing", now + MINUTE),
    ]
    store.write(sources.save_refreshes, [a_save(numbers["a"])], now=now)
    store.write(sources.save_refreshes, [a_save(numbers["a"], **bad)], now=now + 9 * MINUTE)
    assert store.read(sources.source_troubles)[1].since == now + 9 * MINUTE
