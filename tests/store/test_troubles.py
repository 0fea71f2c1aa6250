"""What is told of sources: troubles in words, notices once and in order, what was held back of a flood."""

from datetime import datetime, timedelta

import pytest

from bot.errors import FailureKind
from bot.model import Health, SourceRecovery
from bot.store import Store, sources
from bot.store.sources import HealthChange, HeldCount, NewNotice
from tests.store.build import MINUTE, a_save, a_source, add_entries, add_sources, an_entry

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("health", "why", "message"),
    [
        (Health.FAILING, None, "fails"),
        (Health.FAILING, "gone for 3 days", "gone for 3 days"),
        (Health.PARTIAL, None, "most of its pages cannot be read"),
        (Health.PARTIAL, "17 of 20 pages: forbidden", "17 of 20 pages: forbidden"),
        (Health.EMPTY, None, "lists nothing"),
        (Health.QUIET, None, "has had nothing new for unusually long"),
        (Health.FLOOD, None, "listed again, as new, what it had listed before"),
        (Health.OK, "all is well", None),
        (Health.UNKNOWN, None, None),
    ],
)
def test_a_trouble_is_told_in_words(store: Store, now: datetime, health: Health, why, message):
    number = add_sources(store, a_source())["orbit"]
    store.write(sources.save_refreshes, [a_save(number)], now=now - DAY)
    change = HealthChange(source_id=number, health=health, why=why)
    store.write(sources.save_health, [change], now=now)
    found = [
        (trouble.name, trouble.message, trouble.since) for trouble in store.read(sources.source_troubles)
    ]
    assert found == ([] if message is None else [("Orbit", message, now)])


def test_a_trouble_that_no_notice_told_yet_may_pass_by_itself(store: Store, now: datetime):
    numbers = add_sources(store, *(a_source(key) for key in "abcd"))
    failing = [a_save(numbers[key], health=Health.FAILING, kind=FailureKind.DNS, error="no") for key in "abc"]
    store.write(sources.save_refreshes, failing, now=now)
    notices = [
        NewNotice(source_id=numbers["a"], health=Health.FAILING, why="no"),
        NewNotice(source_id=numbers["b"], health=Health.QUIET, why="silent"),
    ]
    store.write(sources.add_notices, notices, now=now)
    store.write(sources.pause, "d", why="gone", now=now + MINUTE)
    assert [trouble.name for trouble in store.read(sources.source_troubles)] == ["A", "B", "C", "D"]
    assert [trouble.name for trouble in store.read(sources.source_troubles, told=True)] == ["A"]


def test_what_an_answer_paused_is_told_and_what_a_person_paused_is_not(store: Store, now: datetime):
    numbers = add_sources(store, a_source("gone"), a_source("unwanted"))
    gone = {"health": Health.FAILING, "kind": FailureKind.GONE, "error": "gone", "pause": "gone for good"}
    failing = {"health": Health.FAILING, "kind": FailureKind.DNS, "error": "no such host"}
    saves = [a_save(numbers["gone"], **gone), a_save(numbers["unwanted"], **failing)]
    store.write(sources.save_refreshes, saves, now=now)
    notices = [NewNotice(source_id=number, health=Health.FAILING, why="x") for number in numbers.values()]
    store.write(sources.add_notices, notices, now=now + MINUTE)
    store.write(sources.pause, "unwanted", why="", now=now + MINUTE)
    (trouble,) = store.read(sources.source_troubles, told=True)
    assert (trouble.key, trouble.host) == ("gone", "gone.example")
    assert (trouble.kind, trouble.paused) == ("gone", True)
    assert (trouble.message, trouble.told_at) == ("paused: gone for good", now + MINUTE)


def test_a_trouble_knows_when_it_was_told_and_how_it_fails(store: Store, now: datetime):
    numbers = add_sources(store, *(a_source(key) for key in "abc"))
    failed = {"health": Health.FAILING, "kind": FailureKind.DNS, "error": "no such host"}
    saves = [
        a_save(numbers["a"], **failed),
        a_save(numbers["b"], health=Health.QUIET),
        a_save(numbers["c"], **failed),
    ]
    store.write(sources.save_refreshes, saves, now=now)

    def tell(at: datetime, *told: tuple[str, Health]) -> None:
        new = [NewNotice(source_id=numbers[key], health=health, why="x") for key, health in told]
        store.write(sources.add_notices, new, now=at)

    tell(now, ("a", Health.FAILING), ("b", Health.FAILING))
    tell(now + MINUTE, ("a", Health.OK), ("b", Health.QUIET))
    tell(now + 2 * MINUTE, ("a", Health.FAILING), ("c", Health.QUIET))
    found = {one.key: one for one in store.read(sources.source_troubles)}
    assert {key: one.told_at for key, one in found.items()} == {
        "a": now + 2 * MINUTE,
        "b": now + MINUTE,
        "c": None,
    }
    assert [(one.health, one.kind, one.paused) for one in found.values()] == [
        (Health.FAILING, "dns", False),
        (Health.QUIET, None, False),
        (Health.FAILING, "dns", False),
    ]


def test_a_recovery_is_told_where_it_is_the_last_word(store: Store, now: datetime):
    numbers = add_sources(store, *(a_source(key) for key in "abcdef"))

    def tell(at: datetime, health: Health, *keys: str, since: datetime | None = None) -> None:
        new = [NewNotice(source_id=numbers[key], health=health, why=health, since=since) for key in keys]
        store.write(sources.add_notices, new, now=at)

    tell(now - 2 * DAY, Health.EMPTY, "a", since=now - 9 * DAY)
    tell(now - DAY, Health.FAILING, "a", "b", "c", "d", "e", since=now - 2 * DAY)
    tell(now - MINUTE, Health.OK, "b")
    tell(now, Health.OK, "a", "c", "d", "e", "f")
    tell(now + MINUTE, Health.QUIET, "c")
    store.write(sources.pause, "d", why="", now=now)
    store.write(sources.sync, [a_source(key) for key in "abcdf"], now=now)
    found = store.read(sources.recoveries, since=now, until=now + DAY)
    assert found == [
        SourceRecovery(name="A", message="ok", trouble=Health.FAILING, since=now - 2 * DAY),
    ]
    assert [one.name for one in store.read(sources.recoveries, since=now - DAY, until=now)] == ["B"]


def test_a_failing_source_is_told_since_its_first_failure(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    failed = {"keep_validators": True, "kind": FailureKind.TIMEOUT, "error": "too slow"}
    store.write(sources.save_refreshes, [a_save(number, **failed, health=Health.OK)], now=now)
    store.write(sources.save_refreshes, [a_save(number, **failed, health=Health.FAILING)], now=now + DAY)
    (trouble,) = store.read(sources.source_troubles)
    assert (trouble.message, trouble.since) == ("too slow", now)


def test_a_failure_that_does_not_count_is_no_trouble(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    store.write(sources.save_refreshes, [a_save(number)], now=now)
    failed = a_save(number, keep_validators=True, kind=FailureKind.DNS, error="no answer", health=None)
    store.write(sources.save_refreshes, [failed], now=now + MINUTE)
    row = store.read(sources.list_sources)[0]
    assert (row.health, row.failing_since, row.last_outcome) == (Health.OK, None, "dns")
    assert store.read(sources.source_troubles) == []


def test_a_paused_source_needs_a_look_whatever_its_health(store: Store, now: datetime):
    add_sources(store, a_source("a"), a_source("b"))
    store.write(sources.pause, "b", why="the server says it is gone for good", now=now)
    store.write(sources.pause, "a", why="", now=now + MINUTE)
    found = [
        (trouble.name, trouble.message, trouble.since) for trouble in store.read(sources.source_troubles)
    ]
    assert found == [
        ("B", "paused: the server says it is gone for good", now),
        ("A", "paused", now + MINUTE),
    ]


def test_sources_are_counted_by_health_where_they_are_asked(store: Store, now: datetime):
    numbers = add_sources(store, *(a_source(key) for key in "abcde"))
    saves = [
        a_save(numbers["a"]),
        a_save(numbers["b"]),
        a_save(numbers["c"], health=Health.EMPTY),
        a_save(numbers["d"], health=Health.EMPTY),
    ]
    store.write(sources.save_refreshes, saves, now=now)
    store.write(sources.pause, "d", why="", now=now)
    assert store.read(sources.health_counts) == {Health.OK: 2, Health.EMPTY: 1, Health.UNKNOWN: 1}


def test_notices_are_kept_in_order_and_the_last_one_is_known_of_its_source(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    first = NewNotice(source_id=numbers["a"], health=Health.QUIET, why="nothing for 9 days", since=now - DAY)
    second = NewNotice(source_id=numbers["b"], health=Health.FAILING, why="no such host")
    recovered = NewNotice(source_id=numbers["a"], health=Health.OK, why="it lists news again")
    store.write(sources.add_notices, [first, second], now=now)
    store.write(sources.add_notices, [recovered], now=now + MINUTE)
    store.write(sources.add_notices, [], now=now + MINUTE)
    told = store.read(sources.notices, since=now, until=now + 2 * MINUTE)
    assert [(one.source, one.source_name, one.health, one.why, one.at, one.since) for one in told] == [
        ("a", "A", Health.QUIET, "nothing for 9 days", now, now - DAY),
        ("b", "B", Health.FAILING, "no such host", now, None),
        ("a", "A", Health.OK, "it lists news again", now + MINUTE, None),
    ]
    assert [one.source for one in store.read(sources.notices, since=now, until=now + MINUTE)] == ["a", "b"]
    known = {one.source.key: one.noticed_health for one in store.read(sources.facts, now=now)}
    assert known == {"a": Health.OK, "b": Health.FAILING}
    (state,) = store.read(sources.due_sources, "b.example", now=now)
    assert state.noticed_health is Health.FAILING


def test_what_was_held_back_is_counted_by_source_and_time(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    flood = [an_entry(f"old {place}", held="flood") for place in range(3)]
    add_entries(store, numbers["a"], *flood, an_entry("news"), now=now)
    add_entries(store, numbers["a"], an_entry("again", held="flood"), now=now + MINUTE)
    add_entries(store, numbers["b"], an_entry("other"), now=now)
    assert store.read(sources.held_counts, since=now, until=now + DAY) == [
        HeldCount(source="a", source_name="A", why="flood", entries=4, last_at=now + MINUTE)
    ]
    (first,) = store.read(sources.held_counts, since=now, until=now + MINUTE)
    assert first.entries == 3
    assert store.read(sources.held_counts, since=now + DAY, until=now + 2 * DAY) == []
