"""Polling beside its peers: CPU for a first poll, and for a poll in which nothing changed.

    python benchmarks/poll.py [--feeds 5000] [--hosts 1000] [--peers newsbot,aiohttp,httpx,requests,reader,newsboat,sfeed]

Feeds of about 57 kB are served from loopback addresses by another process, over plain HTTP. Each contender
runs in a process of its own; counted is the CPU of its whole process tree, without its start-up. What they do:

- newsbot: conditional requests, politeness, parsing in worker processes, entries known apart and stored in SQLite;
- aiohttp + fastfeedparser, httpx (its default client) + feedparser, requests + feedparser: parse, and store nothing;
- reader, newsboat: parse and store in SQLite; sfeed: parses and stores text files.

Peers that are not installed are left out. Read the ratios; the figures are those of one machine.
"""

import argparse
import asyncio
import importlib.util
import json
import logging
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from poll_world import ITEMS, addresses, body, start, tree_cpu_s

#: hosts asked at once
AT_ONCE = 64


async def newsbot(urls: list[str], folder: Path) -> list[float]:
    from bot import log
    from bot.app import opened, settings_from
    from bot.clock import SystemClock
    from bot.model import Source, SourceKind
    from bot.pipeline import refresh
    from bot.store import Store, sources

    # As `newsbot once` does: the peers log nothing either.
    log.configure(level=logging.ERROR)
    (folder / "config").mkdir()
    (folder / "config" / "newsbot.yaml").write_text(
        "contact: mailto:bench@newsbot.invalid\nfetch: {host_pause: 0 s}\n"
    )
    (folder / "config" / "sources.yaml").write_text("sources: []\n")
    (folder / "config" / "watchlists.yaml").write_text("watches: {}\n")
    settings = settings_from(folder / "config", database=f"sqlite:///{folder}/bench.db")
    store = Store.open(settings.database, clock_now=SystemClock().now())
    listed = [
        Source(key=f"f{n}", name=f"f{n}", kind=SourceKind.FEED, url=url, allow_private=("127.0.0.0/8",))
        for n, url in enumerate(urls)
    ]
    store.write(sources.sync, listed, now=SystemClock().now())
    hosts = list(dict.fromkeys(source.host for source in listed))
    cpu = []
    async with opened(settings, store=store, host_pause=timedelta(0)) as deps:

        async def one(host: str) -> None:
            done = await refresh(deps, host, everything=True)
            assert not done.failures, done.failures

        await _side_by_side(one, hosts[:2])
        store.write(_forget)
        for _ in range(2):
            before = tree_cpu_s()
            await _side_by_side(one, hosts)
            cpu.append(tree_cpu_s() - before)
    assert sum(row.entries for row in store.read(sources.list_sources)) == ITEMS * len(urls)
    store.close()
    return cpu


def _forget(tx: object) -> None:
    """Take back the warm-up, so that the first poll is a first poll for every feed."""
    from sqlalchemy import text

    for statement in (
        "DELETE FROM entries",
        "DELETE FROM fetches",
        "UPDATE sources SET etag=NULL, last_modified=NULL, body_hash=NULL, baseline_done=0, whole_at=NULL",
    ):
        tx.execute(text(statement))  # type: ignore[attr-defined]


async def _side_by_side(one: Callable[[str], Awaitable[None]], subjects: list[str]) -> None:
    waiting = iter(subjects)

    async def work() -> None:
        for subject in waiting:
            await one(subject)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def aiohttp(urls: list[str], _folder: Path) -> list[float]:
    import aiohttp
    import fastfeedparser

    etags: dict[str, str] = {}
    cpu = []
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=AT_ONCE, limit_per_host=1)
    ) as session:

        async def one(url: str) -> None:
            headers = {"If-None-Match": etags[url]} if url in etags else {}
            async with session.get(url, headers=headers) as answer:
                if answer.status == 200:
                    text = (await answer.read()).decode()
                    assert len(fastfeedparser.parse(text).entries) == ITEMS
                    etags[url] = answer.headers["ETag"]

        for _ in range(2):
            before = tree_cpu_s()
            await _side_by_side(one, urls)
            cpu.append(tree_cpu_s() - before)
    return cpu


async def httpx(urls: list[str], _folder: Path) -> list[float]:
    import feedparser
    import httpx

    etags: dict[str, str] = {}
    cpu = []
    async with httpx.AsyncClient(timeout=60) as client:

        async def one(url: str) -> None:
            headers = {"If-None-Match": etags[url]} if url in etags else {}
            answer = await client.get(url, headers=headers)
            if answer.status_code == 200:
                assert len(feedparser.parse(answer.content).entries) == ITEMS
                etags[url] = answer.headers["ETag"]

        for _ in range(2):
            before = tree_cpu_s()
            await _side_by_side(one, urls)
            cpu.append(tree_cpu_s() - before)
    return cpu


def requests(urls: list[str], _folder: Path) -> list[float]:
    import feedparser
    import requests

    session, etags, cpu = requests.Session(), {}, []
    for _ in range(2):
        before = tree_cpu_s()
        for url in urls:
            answer = session.get(
                url, headers={"If-None-Match": etags[url]} if url in etags else {}, timeout=30
            )
            if answer.status_code == 200:
                assert len(feedparser.parse(answer.content).entries) == ITEMS
                etags[url] = answer.headers["ETag"]
        cpu.append(tree_cpu_s() - before)
    return cpu


def reader(urls: list[str], folder: Path) -> list[float]:
    from reader import make_reader

    made = make_reader(str(folder / "reader.db"))
    for url in urls:
        made.add_feed(url)
    cpu = []
    for _ in range(2):
        before = tree_cpu_s()
        made.update_feeds(scheduled=False, workers=2)
        cpu.append(tree_cpu_s() - before)
    assert made.get_entry_counts().total == ITEMS * len(urls)
    return cpu


def newsboat(urls: list[str], folder: Path) -> list[float]:
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "config").write_text("reload-threads 2\n")
    command = [
        "newsboat",
        "-u",
        folder / "urls",
        "-c",
        folder / "cache.db",
        "-C",
        folder / "config",
        "-x",
        "reload",
    ]
    return _commands(command, rounds=2)


def sfeed(urls: list[str], folder: Path) -> list[float]:
    lines = "\n".join(f'\tfeed "f{number}" "{url}"' for number, url in enumerate(urls))
    (folder / "sfeedrc").write_text(
        f'sfeedpath="{folder}/feeds"\nmaxjobs=8\n'
        f'fetch() {{ curl -sf --etag-save "{folder}/$1.etag" --etag-compare "{folder}/$1.etag" "$2"; }}\n'
        f"feeds() {{\n{lines}\n}}\n"
    )
    return _commands(["sfeed_update", folder / "sfeedrc"], rounds=2)


def _commands(command: list[object], *, rounds: int) -> list[float]:
    cpu = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return cpu


#: name → what does it, and what it needs (modules, or commands where they begin with a slash); of how many
#: feeds it reads one: those that take minutes for thousands are measured on fewer, which is to their advantage
CONTENDERS: dict[str, tuple[Callable[[list[str], Path], object], tuple[str, ...], int]] = {
    "newsbot": (newsbot, (), 1),
    "aiohttp": (aiohttp, ("aiohttp", "fastfeedparser"), 1),
    "httpx": (httpx, ("httpx", "feedparser"), 5),
    "requests": (requests, ("requests", "feedparser"), 5),
    "reader": (reader, ("reader",), 5),
    "newsboat": (newsboat, ("/newsboat",), 20),
    "sfeed": (sfeed, ("/sfeed_update", "/curl"), 5),
}


def contender(name: str, feeds: int, hosts: int, port: int) -> None:
    """Run one contender in this process and print its figures."""
    run, _, share = CONTENDERS[name]
    urls = addresses(feeds, hosts, port)[::share]
    with tempfile.TemporaryDirectory() as folder:
        cpu = run(urls, Path(folder))
        if asyncio.iscoroutine(cpu):
            cpu = asyncio.run(cpu)
    assert isinstance(cpu, list)
    print(json.dumps([value / len(urls) * 1000 for value in cpu]))


def _missing(needed: tuple[str, ...]) -> list[str]:
    return [
        name
        for name in needed
        if (shutil.which(name[1:]) if name.startswith("/") else importlib.util.find_spec(name)) is None
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=5000)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--peers", default=",".join(CONTENDERS))
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contender(options.contender, options.feeds, options.hosts, options.port)
        return
    port, server = start()
    size = len(body(1)) / 1000
    print(
        f"{options.feeds} feeds of {size:.0f} kB on {options.hosts} addresses, {AT_ONCE} at once; CPU ms a feed\n"
    )
    print(
        f"{'':12}{'first poll':>12}{'feeds/s':>9}{'ratio':>8}{'all 304':>12}{'feeds/s':>9}{'ratio':>8}{'wall s':>9}"
    )
    ours: list[float] = []
    for name in options.peers.split(","):
        if missing := _missing(CONTENDERS[name][1]):
            print(f"{name:12}not installed: {', '.join(word.lstrip('/') for word in missing)}")
            continue
        command = [sys.executable, __file__, "--contender", name, "--port", str(port)]
        started = time.perf_counter()
        out = subprocess.run(
            [*command, "--feeds", str(options.feeds), "--hosts", str(options.hosts)],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        if out.returncode:
            words = re.sub(r"\s+", " ", out.stderr)[-200:]
            print(f"{name:12}failed: {words or '?'}")
            continue
        first, same = json.loads(out.stdout.splitlines()[-1])
        ours = ours or [first, same]
        print(
            f"{name:12}{first:12.2f}{1000 / first:9.0f}{first / ours[0]:7.1f}×{same:12.3f}{1000 / same:9.0f}"
            f"{same / ours[1]:7.1f}×{time.perf_counter() - started:9.1f}",
            flush=True,
        )
    server.terminate()


if __name__ == "__main__":
    main()
