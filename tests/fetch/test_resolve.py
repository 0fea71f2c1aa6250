"""Names are looked up in threads, remembered for a while, and never twice at once."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.fetch.resolve import Resolver, system_lookup


class Lookups:
    """Count look-ups, and hold those of ``slow`` until they are let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        if host.startswith("slow"):
            self.go.wait(10)
        if host == "none":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        if host == "unsure":
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return ["192.0.2.1"]


@pytest.fixture
def lookups() -> Iterator[Lookups]:
    made = Lookups()
    yield made
    made.go.set()


async def test_an_answer_is_remembered(lookups: Lookups) -> None:
    resolver = Resolver(lookup=lookups)
    assert await resolver("a", 80) == ("192.0.2.1",)
    assert await resolver("a", 443) == ("192.0.2.1",)
    assert lookups.asked == ["a"]
    resolver.close()


async def test_an_answer_is_forgotten_after_its_time(lookups: Lookups) -> None:
    resolver = Resolver(lookup=lookups, ttl=timedelta())
    await resolver("a", 80)
    await resolver("a", 80)
    assert lookups.asked == ["a", "a"]
    resolver.close()


@pytest.mark.parametrize(
    ("host", "remembered"), [("none", True), ("unsure", False)], ids=["no such name", "no answer"]
)
async def test_a_dead_name_is_not_looked_up_for_each_of_its_sources(
    lookups: Lookups, host: str, remembered: bool
) -> None:
    """That there is no such name is an answer; that nobody could tell is forgotten sooner."""
    resolver = Resolver(lookup=lookups, ttl_failure=timedelta())
    raised: set[int] = set()
    errors: list[OSError] = []
    for _ in range(1000 if remembered else 3):
        with pytest.raises(socket.gaierror) as caught:
            await resolver(host, 80)
        errors.append(caught.value)
        raised.add(id(caught.value))
    assert len(lookups.asked) == (1 if remembered else 3)
    assert {error.errno for error in errors} == {errors[0].errno}
    assert len(raised) == len(errors)
    resolver.close()


async def test_a_name_that_nobody_could_tell_is_not_asked_for_at_once_again(lookups: Lookups) -> None:
    resolver = Resolver(lookup=lookups)
    for _ in range(5):
        with pytest.raises(socket.gaierror):
            await resolver("unsure", 80)
    assert lookups.asked == ["unsure"]
    resolver.close()


async def test_many_who_ask_at_once_wait_for_one_look_up(lookups: Lookups) -> None:
    """And one who gives up does not take the answer from the others."""
    resolver = Resolver(lookup=lookups)
    tasks = [asyncio.create_task(resolver("slow", 80)) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    lookups.go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [("192.0.2.1",)] * 4
    assert lookups.asked == ["slow"]
    resolver.close()


async def test_a_stuck_look_up_holds_up_no_other(lookups: Lookups) -> None:
    resolver = Resolver(threads=3, lookup=lookups)
    stuck = [asyncio.create_task(resolver(f"slow-{number}", 80)) for number in range(2)]
    for number in range(20):
        assert await resolver(f"quick-{number}", 80)
    assert not any(task.done() for task in stuck)
    lookups.go.set()
    await asyncio.gather(*stuck)
    resolver.close()


async def test_threads_are_daemons_and_as_many_as_needed(lookups: Lookups) -> None:
    before = threading.active_count()
    resolver = Resolver(lookup=lookups)
    assert threading.active_count() == before
    for number in range(20):
        await resolver(f"quick-{number}", 80)
    started = [thread for thread in threading.enumerate() if thread.name.startswith("lookup-")]
    assert started
    assert all(thread.daemon for thread in started)
    resolver.close()


def test_the_system_knows_localhost() -> None:
    assert "127.0.0.1" in system_lookup("localhost")


async def test_a_name_that_cannot_be_one_is_no_such_name() -> None:
    resolver = Resolver()
    with pytest.raises(socket.gaierror):
        await resolver("müller.example", 80)
    resolver.close()
