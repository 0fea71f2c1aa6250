"""A changed configuration: who is who, what goes on, what begins anew, and what it would do."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind
from bot.model import FullText, Health, Moved, Offer, Rhythm, Source, SourceKind
from bot.store import Store, Tx, sources
from bot.store.sources import SourceRow, SourceState, SyncReport
from bot.store.tables import entries
from bot.store.tables import sources as table
from tests.store.build import MINUTE, NOW, a_save, a_source, add_entries, add_sources, an_entry, rows

DAY = timedelta(days=1)
RHYTHM = Rhythm(heard=3.5, watched_s=7200.0, items=4, recent_new=(1, 3))


def row_of(store: Store, key: str) -> SourceRow:
    return {row.key: row for row in store.read(sources.list_sources)}[key]


def state_of(store: Store, source: Source) -> SourceState:
    found = store.read(sources.due_sources, source.host, now=NOW, everything=True)
    return {state.source.key: state for state in found}[source.key]


def learned(store: Store, number: int, now: datetime, **values) -> None:
    """Save an answer that everything was learned from."""
    save = a_save(
        number,
        etag='"1"',
        last_modified="then",
        body_hash=b"h" * 16,
        whole=True,
        listed=1,
        rhythm=RHYTHM,
        new=(an_entry(),),
        moved=Moved(to="https://other.example/feed", times=3, since=now),
        found=Offer(kind=SourceKind.FEED, url="https://a.example/rss"),
        next_reason={"reason": "rhythm"},
        **values,
    )
    store.write(sources.save_refreshes, [save], now=now)


def test_a_source_with_a_former_key_is_that_source_with_its_history(store: Store, now: datetime):
    number = add_sources(store, a_source("old", url="https://a.example/feed"))["old"]
    learned(store, number, now)
    new = a_source("new", url="https://a.example/feed", was="old")
    report = store.write(sources.sync, [new], now=now)
    assert report == SyncReport(renamed=(("old", "new"),))
    assert [row.key for row in store.read(sources.list_sources)] == ["new"]
    state = state_of(store, new)
    assert (state.id, state.baseline_done, state.etag, state.rhythm) == (number, True, '"1"', RHYTHM)
    assert row_of(store, "new").entries == 1
    assert store.write(sources.sync, [new], now=now) == SyncReport()


def test_a_former_key_still_names_the_source_when_that_was_switched_off_meanwhile(
    store: Store, now: datetime
):
    number = add_sources(store, a_source("old"))["old"]
    learned(store, number, now)
    store.write(sources.sync, [], now=now)
    new = a_source("new", was="old")
    assert store.write(sources.sync, [new], now=now).renamed == (("old", "new"),)
    assert (row_of(store, "new").enabled, state_of(store, new).id) == (True, number)


def test_a_former_key_that_is_still_named_is_another_source(store: Store, now: datetime):
    add_sources(store, a_source("old"))
    report = store.write(sources.sync, [a_source("old"), a_source("new", was="old")], now=now)
    assert (report.added, report.renamed) == (("new",), ())


def test_a_former_key_changes_nothing_where_the_source_has_its_own_history(store: Store, now: datetime):
    numbers = add_sources(store, a_source("old"), a_source("new"))
    report = store.write(sources.sync, [a_source("new", was="old")], now=now)
    assert (report.changed, report.renamed, report.removed) == (("new",), (), ("old",))
    assert state_of(store, a_source("new")).id == numbers["new"]


def test_of_two_that_claim_one_former_key_the_first_is_it(store: Store, now: datetime):
    number = add_sources(store, a_source("old"))["old"]
    report = store.write(sources.sync, [a_source("b", was="old"), a_source("c", was="old")], now=now)
    assert (report.renamed, report.added) == ((("old", "b"),), ("c",))
    assert state_of(store, a_source("b")).id == number


def test_a_new_address_is_a_new_chance(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    learned(store, number, now)
    gone = a_save(
        number,
        keep_validators=True,
        fail_weight=1.0,
        health=Health.FAILING,
        health_why="gone",
        kind=FailureKind.GONE,
        error="gone",
        pause="gone for good",
    )
    store.write(sources.save_refreshes, [gone], now=now)
    moved = a_source("a", url="https://new.example/feed")
    store.write(sources.sync, [moved], now=now)
    state = state_of(store, moved)
    assert (state.etag, state.last_modified, state.body_hash, state.whole_at) == (None, None, None, None)
    assert (state.moved, state.found, state.failing_since, state.answered_at) == (None, None, None, None)
    assert (state.fail_weight, state.health, state.health_since) == (0.0, Health.UNKNOWN, None)
    assert (state.baseline_done, state.rhythm, state.first_asked_at) == (True, RHYTHM, now)
    row = row_of(store, "a")
    assert (row.paused_at, row.paused_why, row.next_fetch_at, row.next_reason) == (None, None, now, None)
    assert (row.entries, row.last_error) == (1, None)


def test_another_kind_at_the_same_address_forgets_as_much(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    learned(store, number, now)
    listing = a_source("a", kind=SourceKind.LISTING)
    store.write(sources.sync, [listing], now=now)
    state = state_of(store, listing)
    assert (state.etag, state.moved, state.found, state.baseline_done) == (None, None, None, True)


def test_paused_by_hand_it_stays_paused_at_a_new_address(store: Store, now: datetime):
    add_sources(store, a_source("a"))
    store.write(sources.pause, "a", why="holidays", now=now)
    store.write(sources.sync, [a_source("a", url="https://new.example/feed")], now=now + MINUTE)
    row = row_of(store, "a")
    assert (row.paused_at, row.paused_why) == (now, "holidays")
    assert store.read(sources.due_hosts, now=now + DAY, limit=9) == []


def test_another_setting_keeps_validators_and_time(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    learned(store, number, now)
    changed = a_source("a", max_entries=9, full_text=FullText.FEED, tls_verify=False)
    assert store.write(sources.sync, [changed], now=now).changed == ("a",)
    assert state_of(store, changed).etag == '"1"'
    assert row_of(store, "a").next_fetch_at == now + 15 * MINUTE


def test_an_interval_that_the_user_sets_holds_at_once(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    store.write(sources.save_refreshes, [a_save(number, next_fetch_at=now + 2 * 60 * MINUTE)], now=now)
    store.write(sources.sync, [a_source("a", adapts=False)], now=now)
    assert row_of(store, "a").next_fetch_at == now + 15 * MINUTE


def test_a_shorter_interval_does_not_hurry_what_fails(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    failing = a_save(number, fail_weight=2.0, next_fetch_at=now + DAY, health=Health.FAILING)
    store.write(sources.save_refreshes, [failing], now=now)
    store.write(sources.sync, [a_source("a", every=5 * MINUTE)], now=now)
    assert row_of(store, "a").next_fetch_at == now + DAY


def test_a_search_is_switched_off_with_its_watch_and_goes_on_with_it(store: Store, now: datetime):
    filled = [
        a_source(f"wires--{watch}", kind=SourceKind.SEARCH, parent="wires", watch=watch)
        for watch in ("one", "two")
    ]
    number = add_sources(store, *filled)["wires--two"]
    add_entries(store, number, an_entry())
    assert store.write(sources.sync, filled[:1], now=now).removed == ("wires--two",)
    assert store.write(sources.sync, filled, now=now).changed == ("wires--two",)
    assert state_of(store, filled[1]).id == number
    assert store.read(rows, sa.select(entries.c.source_id)) == [{"source_id": number}]


def test_the_plan_says_what_would_happen_and_does_nothing(store: Store, now: datetime):
    add_sources(store, a_source("a"), a_source("b"), a_source("c"), a_source("d"))
    before = store.read(sources.list_sources)
    listed = [
        a_source("a"),
        a_source("b", url="https://new.example/feed"),
        a_source("c2", was="c"),
        a_source("e"),
        a_source("f", baseline=False),
        a_source("g", enabled=False),
    ]
    planned = store.read(sources.plan, listed)
    assert planned == SyncReport(
        added=("e", "f", "g"), changed=("b",), removed=("d",), renamed=(("c", "c2"),), baselines=("e",)
    )
    assert store.read(sources.list_sources) == before
    assert store.write(sources.sync, listed, now=now) == planned


def test_a_source_that_is_switched_on_for_the_first_time_has_its_first_sight_ahead(
    store: Store, now: datetime
):
    store.write(sources.sync, [a_source("a", enabled=False), a_source("b")], now=now)
    number = store.read(sources.due_sources, "b.example", now=now)[0].id
    store.write(sources.save_refreshes, [a_save(number)], now=now)
    store.write(sources.sync, [a_source("a", enabled=False), a_source("b", enabled=False)], now=now)
    planned = store.read(sources.plan, [a_source("a"), a_source("b")])
    assert planned == SyncReport(changed=("a", "b"), baselines=("a",))


class _Undone(Exception):  # noqa: N818 - not an error: it makes the transaction roll back
    pass


KEYS = st.sampled_from("abcd")
CONFIGURATIONS = st.lists(
    st.builds(
        a_source,
        KEYS,
        url=st.sampled_from(["https://one.example/feed", "https://two.example/feed"]),
        enabled=st.booleans(),
        was=st.none() | KEYS,
        every=st.sampled_from([15 * MINUTE, 5 * MINUTE]),
    ),
    max_size=4,
    unique_by=lambda source: source.key,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=CONFIGURATIONS, after=CONFIGURATIONS)
def test_whatever_the_change_the_plan_holds_and_no_history_is_lost(
    store: Store, now: datetime, before: list[Source], after: list[Source]
):
    def change(tx: Tx) -> None:
        sources.sync(tx, before, now=now)
        known = {row["id"] for row in rows(tx, sa.select(table.c.id))}
        planned = sources.plan(tx, after)
        assert sources.sync(tx, after, now=now + MINUTE) == planned
        assert sources.sync(tx, after, now=now + MINUTE) == SyncReport()
        listed = {row.key: row for row in sources.list_sources(tx)}
        assert [listed[source.key].source for source in after] == after
        assert {key for key, row in listed.items() if row.enabled} == {
            one.key for one in after if one.enabled
        }
        assert known <= {row["id"] for row in rows(tx, sa.select(table.c.id))}
        assert len(listed) == len(known) + len(planned.added)
        raise _Undone

    with pytest.raises(_Undone):
        store.write(change)
