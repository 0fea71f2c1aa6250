"""Who is parsed next: small before dear, hosts in turn, and whom we suspect."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parse.jobs import ExtractJob, ListingJob
from bot.parse.lanes import SMALL, Lane, Lanes, Suspects, Task, Turns

NOW = datetime(2026, 2, 3, tzinfo=UTC)
ENOUGH = 1 << 30


@pytest.fixture
async def lanes():
    return Lanes()


def a_task(host="a.example", size=10, **more):
    job = ExtractJob(html=b"x" * size, url=f"https://{host}/1")
    return Task(job=job, answer=asyncio.get_running_loop().create_future(), **more)


def taken(lanes):
    """All that waits, in the order in which it would be parsed, small ones first."""
    found = []
    while (task := lanes.next_small()) is not None:
        found.append(task)
    while (task := lanes.next_dear(ENOUGH)) is not None:
        found.append(task)
    return found


async def test_a_job_is_of_the_host_that_was_asked():
    """Not of the one that it was sent on to: else a source could lay its costs on another."""
    job = ListingJob(data=b"", url="https://cdn.example/f", address="https://A.example/feed", now=NOW)
    task = Task(job=job, answer=asyncio.get_running_loop().create_future())
    assert task.host == "a.example"


async def test_hosts_take_turns():
    turns = Turns()
    many = [a_task("a.example") for _ in range(3)]
    one, two = a_task("b.example"), a_task("c.example")
    for task in (*many, one, two):
        turns.add(task)
    assert [turns.take() for _ in range(5)] == [many[0], one, two, many[1], many[2]]
    assert not turns


@given(st.lists(st.sampled_from("abcde")))
def test_nobody_waits_for_more_than_one_job_of_each_other_host(hosts):
    """And no host's own jobs change their order."""

    async def order():
        turns = Turns()
        tasks = [a_task(f"{host}.example") for host in hosts]
        for task in tasks:
            turns.add(task)
        assert list(turns) == sorted(tasks, key=lambda task: hosts.index(task.host[0]))
        return tasks, [turns.take() for _ in tasks]

    tasks, given_out = asyncio.run(order())
    for host in set(hosts):
        mine = [task for task in given_out if task.host[0] == host]
        assert mine == [task for task in tasks if task.host[0] == host]
        for number, task in enumerate(mine):
            before = Counter(other.host for other in given_out[: given_out.index(task)])
            assert max(before.values(), default=0) <= number + 1


async def test_what_is_put_back_is_the_next():
    """Its host has then had its turn."""
    turns = Turns()
    first, second, third = a_task("a.example"), a_task("b.example"), a_task("a.example")
    for task in (first, second):
        turns.add(task)
    turns.put_back(third)
    assert [turns.take() for _ in range(3)] == [third, second, first]


async def test_small_ones_are_told_from_large_ones_by_their_bytes(lanes):
    large, small = a_task(size=SMALL + 1), a_task(size=SMALL)
    for task in (large, small):
        lanes.add(task, 0.0)
    assert (large.lane, small.lane) == (Lane.LARGE, Lane.SMALL)
    assert taken(lanes) == [small, large]
    assert not lanes


async def test_large_and_suspect_ones_share_the_time(lanes):
    """A large feed does not wait for all who are killed at ten seconds, nor they for all large feeds."""
    lanes.suspects.add("bad.example", 0.0)
    for _ in range(9):
        lanes.add(a_task("a.example", SMALL + 1), 1.0)
        lanes.add(a_task("bad.example"), 1.0)
    order = []
    while (task := lanes.next_dear(ENOUGH)) is not None:
        lanes.took(task, 3.0 if task.lane is Lane.SUSPECT else 1.0)
        order.append(task.lane is Lane.SUSPECT)
    assert order[:12] == [False, True, False, False, False, True, False, False, False, True, False, False]
    assert len(order) == 18


async def test_who_did_not_wait_has_nothing_to_make_up_for(lanes):
    lanes.suspects.add("bad.example", 0.0)
    for _ in range(5):
        lanes.add(a_task("bad.example"), 1.0)
    for _ in range(3):
        lanes.took(lanes.next_dear(ENOUGH), 10.0)
    for _ in range(3):
        lanes.add(a_task("a.example", SMALL + 1), 1.0)
    first, second = lanes.next_dear(ENOUGH), lanes.next_dear(ENOUGH)
    lanes.took(first, 10.0)
    assert {first.lane, second.lane} == {Lane.LARGE}
    lanes.took(second, 10.0)
    assert lanes.next_dear(ENOUGH).lane is Lane.SUSPECT


async def test_a_dear_one_that_does_not_fit_is_waited_for(lanes):
    """Else those that fit would go before it for ever."""
    lanes.suspects.add("bad.example", 0.0)
    large, suspect = a_task("a.example", 4 << 20), a_task("bad.example")
    for task in (large, suspect):
        lanes.add(task, 1.0)
    assert lanes.next_dear(3 << 20) is None
    assert lanes.next_dear(4 << 20) is large
    lanes.took(large, 1.0)
    assert lanes.next_dear(1 << 20) is None
    assert lanes.next_dear(2 << 20) is suspect


async def test_what_nobody_waits_for_is_left_out(lanes):
    tasks = [a_task(size=size) for size in (10, 10, SMALL + 1, SMALL + 1)]
    for task in tasks:
        lanes.add(task, 0.0)
    tasks[0].answer.cancel()
    tasks[2].answer.cancel()
    assert taken(lanes) == [tasks[1], tasks[3]]


async def test_a_task_found_out_is_suspect_with_its_host(lanes):
    task, other = a_task("a.example"), a_task("a.example")
    lanes.add(task, 0.0)
    lanes.suspect(task, 0.0)
    lanes.add(other, 3599.0)
    later = a_task("a.example")
    lanes.add(later, 3601.0)
    assert (task.lane, other.lane, later.lane) == (Lane.SUSPECT, Lane.SUSPECT, Lane.SMALL)


async def test_all_that_waits_can_be_taken_at_once(lanes):
    lanes.suspects.add("bad.example", 0.0)
    tasks = {a_task("bad.example"), a_task(size=SMALL + 1), a_task(), a_task()}
    for task in tasks:
        lanes.add(task, 0.0)
    assert set(lanes.empty()) == tasks
    assert not lanes


def test_a_suspect_is_cleared_by_its_next_parse_or_an_hour():
    suspects = Suspects()
    suspects.add("a.example", 0.0)
    suspects.add("b.example", 0.0)
    suspects.clear("b.example")
    suspects.clear("never.example")
    assert [suspects.holds(host, 1.0) for host in ("a.example", "b.example", "c.example")] == [
        True,
        False,
        False,
    ]
    assert not suspects.holds("a.example", 3600.0)


def test_so_many_suspects_are_remembered():
    """Those of late: whoever has a thousand names cannot have us remember them all."""
    suspects = Suspects()
    for number in range(10_000):
        suspects.add(f"{number}.example", float(number) / 100)
    known = [suspects.holds(f"{number}.example", 100.0) for number in range(10_000)]
    assert sum(known) == 4096
    assert all(known[-4096:])
