"""Which hosts are asked next, where some of them hang."""

from datetime import datetime, timedelta

import pytest

from bot.store import Store, sources
from tests.store.build import a_save, a_source, add_sources


@pytest.fixture
def troubled(store: Store, now: datetime) -> Store:
    """Twenty sources on hosts of their own; the first fifteen failed and are due since long."""
    listed = [a_source(f"s{number:02}", url=f"https://h{number:02}.example/feed") for number in range(20)]
    numbers = add_sources(store, *listed)
    saves = [
        a_save(numbers[source.key], next_fetch_at=now - timedelta(hours=2), fail_weight=1.0)
        for source in listed[:15]
    ]
    store.write(sources.save_refreshes, saves, now=now)
    return store


def test_those_that_failed_take_no_more_than_their_share(troubled: Store, now: datetime):
    found = troubled.read(sources.next_hosts, now=now, limit=10, troubled=3)
    assert [due.troubled for due in found].count(True) == 3
    assert {due.host for due in found if not due.troubled} == {
        f"h{number}.example" for number in range(15, 20)
    }


def test_without_room_for_them_only_the_well_ones_are_asked(troubled: Store, now: datetime):
    found = troubled.read(sources.next_hosts, now=now, limit=10, troubled=0)
    assert len(found) == 5
    assert not any(due.troubled for due in found)


def test_never_more_than_the_limit_and_the_longest_due_first(troubled: Store, now: datetime):
    found = troubled.read(sources.next_hosts, now=now, limit=4, troubled=4)
    assert [due.host for due in found] == ["h00.example", "h01.example", "h02.example", "h03.example"]


def test_hosts_that_answered_well_are_known(store: Store, now: datetime):
    numbers = add_sources(
        store, a_source("a", url="https://a.example/f"), a_source("b", url="https://b.example/f")
    )
    assert store.read(sources.answering_hosts) == []
    store.write(sources.save_refreshes, [a_save(numbers["a"], status=200, listed=1, baseline=True)], now=now)
    assert store.read(sources.answering_hosts) == ["a.example"]
