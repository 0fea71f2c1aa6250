"""What one poll costs: our fetcher beside an httpx client, an httpx client per host, aiohttp and requests.

    python -m benchmarks.transport [--hosts 200] [--requests 2000]

Starts a server on 127.0.1.1, 127.0.1.2 … in a process of its own, asks it over kept connections, 64 at
once, and prints the CPU time of this process for each request: an unchanged poll (304) and a changed one
(200, 50 kB, gzip). All in one run, so that the ratios hold on any machine. Read the ratios, not the times.
"""

import argparse
import asyncio
import gzip
import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import httpx

from bot.clock import SystemClock
from bot.fetch import Fetcher, HostPacer, Policy, Terms, user_agent
from bot.model import NotModified, Page

ETAG = '"v1"'
CONCURRENCY = 64
Ask = Callable[[str], Awaitable[None]]


def serve(hosts: int) -> None:
    """Answer on ``hosts`` loopback addresses until stdin closes; print the port."""
    words = random.Random(7).choices([f"word{n}" for n in range(4000)], k=8000)
    body = gzip.compress(" ".join(words).encode()[:50_000])
    common = b"Date: Mon, 23 Nov 2026 09:00:00 GMT\r\nServer: bench\r\nETag: " + ETAG.encode() + b"\r\n"
    common += b"Last-Modified: Mon, 23 Nov 2026 08:00:00 GMT\r\nCache-Control: max-age=300\r\n"
    same = b"HTTP/1.1 304 Not Modified\r\n" + common + b"\r\n"
    changed = (
        b"HTTP/1.1 200 OK\r\n" + common + b"Content-Type: application/rss+xml\r\nContent-Encoding: gzip\r\n"
    )
    changed += b"Content-Length: %d\r\n\r\n" % len(body) + body

    class Server(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport
            self.data = b""

        def data_received(self, data: bytes) -> None:
            self.data += data
            while b"\r\n\r\n" in self.data:
                request, _, self.data = self.data.partition(b"\r\n\r\n")
                known = b"if-none-match" in request.lower()
                self.transport.write(same if known else changed)  # type: ignore[attr-defined]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(Server, address(0), 0, backlog=500)
        port = first.sockets[0].getsockname()[1]
        others = [address(number) for number in range(1, hosts)]
        if others:
            await loop.create_server(Server, others, port, backlog=500)
        print(port, flush=True)
        await loop.run_in_executor(None, sys.stdin.read)

    asyncio.run(main())


def address(number: int) -> str:
    """Return a loopback address of its own for each host."""
    return f"127.0.{1 + number // 254}.{1 + number % 254}"


@contextmanager
def server(hosts: int) -> Iterator[int]:
    """Run the server in a process of its own; yield its port."""
    command = [sys.executable, "-m", "benchmarks.transport", "--serve", "--hosts", str(hosts)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


async def cpu_ms(ask: Ask, urls: list[str], requests: int) -> float:
    """Return milliseconds of CPU for each request; the connections are opened before."""
    await drive(ask, iter(urls))
    started = time.process_time()
    await drive(ask, itertools.islice(itertools.cycle(urls), requests))
    return (time.process_time() - started) / requests * 1000


async def drive(ask: Ask, urls: Iterator[str]) -> None:
    """Ask for all addresses, ``CONCURRENCY`` at once."""

    async def worker() -> None:
        for url in urls:
            await ask(url)

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))


async def ours(urls: list[str], requests: int) -> tuple[float, float]:
    """Measure our fetcher."""
    fetcher = Fetcher(
        user_agent=user_agent("0", "bench@newsbot.invalid"),
        pacer=HostPacer(pause=timedelta(), clock=SystemClock()),
    )
    terms = Terms(policy=Policy(allow_private=("127.0.0.0/8",)))

    async def same(url: str) -> None:
        assert isinstance(await fetcher.get(url, terms=terms, etag=ETAG), NotModified)

    async def changed(url: str) -> None:
        answer = await fetcher.get(url, terms=terms)
        assert isinstance(answer, Page)
        assert len(answer.body) == 50_000

    try:
        return await cpu_ms(same, urls, requests), await cpu_ms(changed, urls, requests)
    finally:
        await fetcher.aclose()


async def httpx_shared(urls: list[str], requests: int) -> tuple[float, float]:
    """Measure one httpx client for all hosts, as its documentation advises."""
    async with httpx.AsyncClient(trust_env=False) as client:
        return await httpx_both(lambda _: client, urls, requests)


async def httpx_per_host(urls: list[str], requests: int) -> tuple[float, float]:
    """Measure an httpx client for each host."""
    clients = {url: httpx.AsyncClient(trust_env=False, verify=False) for url in urls}
    try:
        return await httpx_both(clients.__getitem__, urls, requests)
    finally:
        for client in clients.values():
            await client.aclose()


async def httpx_both(
    client: Callable[[str], httpx.AsyncClient], urls: list[str], requests: int
) -> tuple[float, float]:
    """Measure both sorts of poll with httpx."""

    async def same(url: str) -> None:
        answer = await client(url).get(url, headers={"If-None-Match": ETAG})
        assert answer.status_code == 304

    async def changed(url: str) -> None:
        assert len((await client(url).get(url)).content) == 50_000

    return await cpu_ms(same, urls, requests), await cpu_ms(changed, urls, requests)


async def with_aiohttp(urls: list[str], requests: int) -> tuple[float, float]:
    """Measure aiohttp; raises ImportError where it is not installed."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def same(url: str) -> None:
            async with session.get(url, headers={"If-None-Match": ETAG}) as answer:
                await answer.read()
                assert answer.status == 304

        async def changed(url: str) -> None:
            async with session.get(url) as answer:
                assert len(await answer.read()) == 50_000

        return await cpu_ms(same, urls, requests), await cpu_ms(changed, urls, requests)


async def with_requests(urls: list[str], requests: int) -> tuple[float, float]:
    """Measure requests, a session a thread; raises ImportError where it is not installed."""
    import requests as library

    session = library.Session()
    session.trust_env = False
    session.mount("http://", library.adapters.HTTPAdapter(pool_connections=len(urls), pool_maxsize=4))
    loop = asyncio.get_running_loop()

    def fetch(url: str, headers: dict[str, str], status: int) -> None:
        answer = session.get(url, headers=headers)
        assert answer.status_code == status
        assert len(answer.content) == (50_000 if status == 200 else 0)

    with ThreadPoolExecutor(16) as pool:

        async def same(url: str) -> None:
            await loop.run_in_executor(pool, fetch, url, {"If-None-Match": ETAG}, 304)

        async def changed(url: str) -> None:
            await loop.run_in_executor(pool, fetch, url, {}, 200)

        return await cpu_ms(same, urls, requests), await cpu_ms(changed, urls, requests)


CONTESTANTS: dict[str, Callable[[list[str], int], Awaitable[tuple[float, float]]]] = {
    "newsbot": ours,
    "httpx, a client per host": httpx_per_host,
    "httpx, one client": httpx_shared,
    "aiohttp": with_aiohttp,
    "requests, 16 threads": with_requests,
}


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    options.add_argument("--hosts", type=int, default=200)
    options.add_argument("--requests", type=int, default=2000, help="for each figure, after the warm-up")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.serve:
        serve(chosen.hosts)
        return
    print(f"{chosen.hosts} hosts, {chosen.requests} requests, {CONCURRENCY} at once, {os.cpu_count()} cores")
    print(f"{'CPU per request':<28}{'304':>12}{'ratio':>9}{'200, 50 kB':>14}{'ratio':>9}")
    base: tuple[float, float] | None = None
    with server(chosen.hosts) as port:
        urls = [f"http://{address(number)}:{port}/feed.xml" for number in range(chosen.hosts)]
        for name, measure in CONTESTANTS.items():
            try:
                same, changed = asyncio.run(measured(measure, urls, chosen.requests))
            except ImportError:
                print(f"{name:<28}{'not installed':>12}")
                continue
            except Exception as error:
                print(f"{name:<28}failed: {error!r}")
                continue
            base = base or (same, changed)
            ratios = same / base[0], changed / base[1]
            print(f"{name:<28}{same:>9.3f} ms{ratios[0]:>8.1f}x{changed:>11.3f} ms{ratios[1]:>8.1f}x")


async def measured(
    measure: Callable[[list[str], int], Awaitable[tuple[float, float]]], urls: list[str], requests: int
) -> tuple[float, float]:
    """Turn an awaitable into the coroutine that asyncio.run wants."""
    return await measure(urls, requests)


if __name__ == "__main__":
    main()
