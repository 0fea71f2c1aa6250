"""Memory for large bodies: shared, waited for, and given back by whoever held it last (H2)."""

import asyncio
import gc
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

import pytest

from bot.errors import FetchError
from bot.fetch import Fetcher, HostPacer, Limits
from bot.fetch.body import read_body
from bot.fetch.budget import SMALL, Budget, Share
from bot.model import Page
from tests.fetch.conftest import AGENT
from tests.hostile import LOOPBACK, HostileWeb, page

MEGABYTE = 1 << 20


async def stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def read(budget: Budget, *chunks: bytes, most: int = MEGABYTE, **headers: str) -> bytes:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return await read_body(stream(chunks), headers, max_body=most, subject="s", take=budget.take)


async def settled(*tasks: "asyncio.Task[object]") -> list[bool]:
    """Let tasks go as far as they can, and tell which are done."""
    for _ in range(10):
        await asyncio.wait(tasks, timeout=0)
    return [task.done() for task in tasks]


async def holding(budget: Budget, size: int, leave: asyncio.Event) -> None:
    share = await budget.take(size)
    await leave.wait()
    del share


async def test_small_bodies_never_wait():
    budget = Budget(1)
    full = await budget.take(1)
    bodies = [await asyncio.create_task(read(budget, b"x" * SMALL)) for _ in range(3)]
    assert [len(body) for body in bodies] == [SMALL] * 3
    assert full.size == 1


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_large_body_waits_until_the_one_before_is_gone(coding):
    budget = Budget(MEGABYTE)
    content = b"x" * (SMALL + 1000)
    packed = gzip.compress(content) if coding == "gzip" else content
    # 900 kB of 1 MiB are taken: there is no room for the two more that may come.
    first: list[bytes] = [await asyncio.create_task(read(budget, b"y" * 900_000))]
    second = asyncio.create_task(read(budget, packed, content_encoding=coding))
    assert await settled(second) == [False]
    first.clear()
    assert await second == content


async def test_a_body_gives_back_what_it_might_have_needed_and_did_not():
    """It asks for as much as it may become, unless the server says how long it is."""
    budget = Budget(MEGABYTE)
    bodies = [
        await asyncio.create_task(read(budget, b"x" * 300_000, content_length="300000")) for _ in range(3)
    ]
    unknown = asyncio.create_task(read(budget, b"x" * 300_000))
    assert await settled(unknown) == [False]
    bodies.clear()
    await unknown


async def test_the_share_lives_as_long_as_the_bytes():
    """Whoever they are handed on to; a page that is gone is not enough."""
    budget = Budget(MEGABYTE)
    body = await asyncio.create_task(read(budget, b"y" * 900_000))
    answer = Page(url="https://e.example/", status=200, body=body)
    kept: list[bytes] = [answer.body]
    del answer, body
    second = asyncio.create_task(read(budget, b"x" * 300_000))
    assert await settled(second) == [False]
    kept.clear()
    await second


async def test_a_body_that_fails_holds_nothing():
    budget = Budget(MEGABYTE)
    with pytest.raises(FetchError):
        await asyncio.create_task(read(budget, b"x" * MEGABYTE, b"x"))
    gc.collect()
    await asyncio.create_task(read(budget, b"x" * 300_000))


async def test_who_comes_when_it_is_full_waits_in_turn():
    """One beyond all bounds is had alone, nobody overtakes it, and who gives up leaves no hole."""
    budget, leave, order = Budget(100), asyncio.Event(), []

    async def visit(name: str, size: int) -> None:
        share = await budget.take(size)
        order.append(name)
        await leave.wait()
        del share

    first = asyncio.create_task(visit("a", 10))
    huge = asyncio.create_task(visit("b", 500))
    third = asyncio.create_task(visit("c", 10))
    gone = asyncio.create_task(visit("gone", 10))
    await settled(first, huge, third, gone)
    assert order == ["a"]
    gone.cancel()
    leave.set()
    await asyncio.gather(first, huge, third)
    assert order == ["a", "b", "c"]
    await asyncio.create_task(visit("d", 100))


async def test_who_is_cancelled_as_his_turn_comes_gives_it_on():
    budget, leave = Budget(100), asyncio.Event()
    first = asyncio.create_task(holding(budget, 100, leave))
    second = asyncio.create_task(holding(budget, 100, leave))
    await settled(first, second)
    leave.set()
    await first
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.create_task(holding(budget, 100, leave))


async def test_who_gives_up_as_the_memory_comes_back_is_passed_over():
    """His place is given on before he knows that it was his turn."""
    budget = Budget(100)
    held = [await asyncio.create_task(budget.take(100))]
    second, third = (asyncio.create_task(budget.take(100)) for _ in range(2))
    assert await settled(second, third) == [False, False]
    held[0].keep(0)
    second.cancel()
    third_share = await third
    assert third_share.size == 100
    gone = asyncio.create_task(budget.take(100))
    assert await settled(gone) == [False]
    gone.cancel()
    third_share.keep(0)
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_who_holds_a_body_does_not_wait_for_a_second():
    """A listing whose children are read would else wait for those who wait for it."""
    budget = Budget(100)

    async def parent() -> tuple[Share, Share]:
        own = await budget.take(60)
        await asyncio.wait([asyncio.create_task(asyncio.sleep(0))])
        return own, await budget.take(60)

    held = [await asyncio.create_task(parent())]
    others = [asyncio.create_task(parent()) for _ in range(5)]
    assert await settled(*others) == [False] * 5
    held.clear()
    while others:
        # Each holds its two until nobody looks at them any more; then the next has its turn.
        assert [share.size for share in await others.pop(0)] == [60, 60]


async def test_a_bomb_is_not_inflated_before_it_has_memory():
    bombs = [gzip.compress(b"\0" * MEGABYTE) for _ in range(16)]
    budget = Budget(MEGABYTE)
    held = [await asyncio.create_task(budget.take(MEGABYTE))]
    tracemalloc.start()
    try:
        waiting = [asyncio.create_task(read(budget, bomb, content_encoding="gzip")) for bomb in bombs]
        assert await settled(*waiting) == [False] * 16
        assert tracemalloc.get_traced_memory()[1] < 16 * 2 * SMALL + MEGABYTE
    finally:
        tracemalloc.stop()
    held.clear()
    sizes = []
    while waiting:
        task = waiting.pop(0)
        sizes.append(len(await task))
    assert sizes == [MEGABYTE] * 16


async def test_a_share_outlives_its_loop():
    """Given back by whatever thread knew it last, also after the program's end."""
    share = await asyncio.to_thread(lambda: asyncio.run(Budget(10).take(5)))
    del share


async def test_waiting_for_memory_is_not_part_of_the_deadline(web: HostileWeb, pacer: HostPacer) -> None:
    """A source is not to blame for what others have us hold."""
    limits = Limits(total=timedelta(seconds=0.3), memory=MEGABYTE)
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer, limits=limits)
    async with HostileWeb("127.0.0.2") as other:
        urls = [server.answer("/a", page(b"x" * 900_000)) for server in (web, other)]
        held = [await asyncio.create_task(fetcher.get(urls[0], terms=LOOPBACK))]
        second = asyncio.create_task(fetcher.get(urls[1], terms=LOOPBACK))
        await asyncio.wait([second], timeout=0.6)
        assert not second.done()
        held.clear()
        answer = await second
        assert isinstance(answer, Page)
        assert len(answer.body) == 900_000
    await fetcher.aclose()
