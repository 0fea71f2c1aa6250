"""Claims on hosts: exactly one has a host, until it gives it back or its lease runs out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from bot.store import Store, Tx, articles, sources
from tests.store.build import MINUTE, a_source, add_entries, add_sources, an_entry

LEASE = 5 * MINUTE


def claim(store: Store, holder: str, now: datetime, host: str = "a.example") -> bool:
    return store.write(sources.claim_host, host, holder=holder, now=now, lease=LEASE)


def test_a_claimed_host_is_nobody_else_s_and_not_due(store: Store, now: datetime):
    add_sources(store, a_source("a"))
    assert claim(store, "one", now)
    assert not claim(store, "two", now)
    assert not claim(store, "one", now)
    assert store.read(sources.due_hosts, now=now, limit=9) == []


def test_a_host_given_back_can_be_claimed_again(store: Store, now: datetime):
    add_sources(store, a_source("a"))
    claim(store, "one", now)
    store.write(sources.release_host, "a.example", holder="two")
    assert not claim(store, "two", now)
    store.write(sources.release_host, "a.example", holder="one")
    assert store.read(sources.due_hosts, now=now, limit=9) == ["a.example"]
    assert claim(store, "two", now)


def test_a_lease_that_ran_out_is_free_and_its_holder_finds_out(store: Store, now: datetime):
    add_sources(store, a_source("a"))
    claim(store, "one", now)
    assert not claim(store, "two", now + LEASE - MINUTE)
    assert store.read(sources.due_hosts, now=now + LEASE, limit=9) == ["a.example"]
    assert claim(store, "two", now + LEASE)
    assert not store.write(sources.extend_claim, "a.example", holder="one", now=now + LEASE, lease=LEASE)


def test_an_extended_claim_lasts_longer(store: Store, now: datetime):
    claim(store, "one", now)
    assert store.write(sources.extend_claim, "a.example", holder="one", now=now + 4 * MINUTE, lease=LEASE)
    assert not claim(store, "two", now + 8 * MINUTE)
    assert claim(store, "two", now + 9 * MINUTE)


def test_the_only_program_frees_what_a_killed_one_held(store: Store, now: datetime):
    claim(store, "one", now, "a.example")
    claim(store, "one", now, "b.example")
    assert store.write(sources.release_all_hosts) == 2
    assert store.write(sources.release_all_hosts) == 0
    assert claim(store, "two", now, "a.example")


def test_a_held_host_is_left_alone_by_refreshes_and_reads(store: Store, now: datetime):
    number = add_sources(store, a_source("a"))["a"]
    store.write(sources.hold_host, "a.example", until=now + timedelta(hours=1))
    assert store.read(sources.due_hosts, now=now, limit=9) == []
    assert not claim(store, "one", now)
    assert store.read(sources.held_until, "a.example", now=now) == now + timedelta(hours=1)
    assert claim(store, "one", now + timedelta(hours=1))
    add_entries(store, number, an_entry(host="page.example"))
    store.write(sources.hold_host, "page.example", until=now + timedelta(hours=1))
    assert store.read(articles.hosts_to_read, now=now, limit=9) == []


def test_the_longer_of_two_holds_stays(store: Store, now: datetime):
    for minutes in (10, 60, 30):
        store.write(sources.hold_host, "a.example", until=now + minutes * MINUTE)
    assert store.read(sources.held_until, "a.example", now=now) == now + 60 * MINUTE
    assert store.read(sources.held_until, "a.example", now=now + 60 * MINUTE) is None
    assert store.read(sources.held_until, "unknown.example", now=now) is None


@pytest.mark.parametrize("known", [True, False])
def test_of_many_who_claim_at_once_exactly_one_has_it(store: Store, now: datetime, known: bool):
    if known:
        claim(store, "earlier", now - timedelta(hours=1))
    at_once = Barrier(4)

    def race(holder: str) -> bool:
        at_once.wait()
        return claim(store, holder, now)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(race, ["one", "two", "three", "four"])) == 1


def test_a_claim_within_a_transaction_that_fails_is_none(store: Store, now: datetime):
    def fail(tx: Tx) -> None:
        sources.claim_host(tx, "a.example", holder="one", now=now, lease=LEASE)
        raise KeyError

    with pytest.raises(KeyError):
        store.write(fail)
    assert claim(store, "two", now)
