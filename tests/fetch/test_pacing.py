"""One request at a time for each host, in order, with a pause between two."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.fetch import HostPacer


class StillClock(SystemClock):
    """A clock whose monotonic hand the test moves."""

    def __init__(self) -> None:
        self.hand = 1000.0

    def monotonic_s(self) -> float:
        return self.hand


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_host_is_asked_by_one_at_a_time_in_order() -> None:
    pacer = HostPacer(pause=timedelta(), clock=SystemClock())
    order: list[int] = []
    inside = 0

    async def ask(number: int) -> None:
        nonlocal inside
        async with pacer.turn("a"):
            inside += 1
            assert inside == 1
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert order == list(range(20))


async def test_hosts_do_not_wait_for_each_other() -> None:
    pacer = HostPacer(pause=timedelta(hours=1), clock=SystemClock())
    async with pacer.turn("a"), pacer.turn("b"), pacer.turn("c"):
        pass


async def test_the_pause_lies_between_the_end_of_one_and_the_start_of_the_next() -> None:
    clock = SystemClock()
    pacer = HostPacer(pause=timedelta(seconds=0.05), clock=clock)
    ended = 0.0
    for _ in range(3):
        async with pacer.turn("a"):
            assert clock.monotonic_s() - ended >= 0.049
            await asyncio.sleep(0.01)
            ended = clock.monotonic_s()


async def test_a_pause_that_has_passed_is_not_waited_for() -> None:
    clock = StillClock()
    pacer = HostPacer(pause=timedelta(hours=1), clock=clock)
    async with pacer.turn("a"):
        pass
    clock.hand += 3600
    async with pacer.turn("a"):
        pass


async def test_a_crawl_delay_makes_the_pause_longer_up_to_a_minute() -> None:
    clock = StillClock()
    pacer = HostPacer(pause=timedelta(seconds=2), clock=clock)
    pacer.set_delay("a", timedelta(hours=1))
    async with pacer.turn("a"):
        pass
    waiting = asyncio.create_task(pacer.turn("a").__aenter__())
    await settle()
    assert not waiting.done()
    waiting.cancel()
    clock.hand += 60
    async with pacer.turn("a"):
        pass
    pacer.set_delay("a", timedelta())
    clock.hand += 60
    async with pacer.turn("a"):
        pass
    clock.hand += 2
    async with pacer.turn("a"):
        pass


@pytest.mark.parametrize("moment", ["in the queue", "in the pause", "in the turn"])
async def test_a_cancelled_turn_goes_to_the_next(moment: str) -> None:
    clock = StillClock()
    pacer = HostPacer(pause=timedelta(hours=1 if moment == "in the pause" else 0), clock=clock)
    if moment == "in the pause":
        async with pacer.turn("a"):
            pass
    entered: list[str] = []
    leave = asyncio.Event()

    async def ask(name: str) -> None:
        async with pacer.turn("a"):
            entered.append(name)
            await leave.wait()

    first = asyncio.create_task(ask("first"))
    await settle()
    second, third = asyncio.create_task(ask("second")), asyncio.create_task(ask("third"))
    await settle()
    (second if moment == "in the queue" else first).cancel()
    clock.hand += 7200
    await settle()
    leave.set()
    await settle()
    third.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    expected = {
        "in the queue": ["first", "third"],
        "in the pause": ["second"],
        "in the turn": ["first", "second", "third"],
    }
    assert entered == expected[moment]


async def test_idle_hosts_are_forgotten() -> None:
    """10,000 hosts asked over a day leave no trace."""
    clock = StillClock()
    pacer = HostPacer(pause=timedelta(seconds=2), clock=clock)
    for number in range(10_000):
        clock.hand += 1
        async with pacer.turn(f"host-{number}"):
            pass
    assert len(pacer._free_at) <= 3
    assert not pacer._waiting
    unpaced = HostPacer(pause=timedelta(), clock=clock)
    async with unpaced.turn("a"):
        pass
    assert not unpaced._free_at


async def test_crawl_delays_are_bounded() -> None:
    pacer = HostPacer(pause=timedelta(), clock=StillClock())
    for number in range(10_050):
        pacer.set_delay(f"host-{number}", timedelta(seconds=1))
    assert len(pacer._delay_s) == 10_000
