"""The refresh step beside its peers: CPU seconds for a first poll and for a poll in which nothing changed.

    python benchmarks/refresh.py [--feeds 1000] [--hosts 200] [--peers newsbot,requests,reader]

Feeds of about 50 kB are served from loopback addresses by another process. Each contender runs in a
process of its own; counted is the CPU of its whole process tree, without its start-up. Newsbot stores
what it reads; `requests + feedparser` stores nothing, which is to its advantage. Peers that are not
installed (`pip install requests reader`) are left out.
"""

import argparse
import asyncio
import importlib.util
import json
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

WORDS = [
    "orbit",
    "satellite",
    "exercise",
    "alliance",
    "ministry",
    "debris",
    "launch",
    "command",
    "partner",
    "window",
    "ground",
    "signal",
]


#: As the usual press feed has them: 20 items with a summary and the text in HTML.
ITEMS = 20


def body(number: int) -> bytes:
    """Return a feed of about 50 kB, a different one for each number."""
    items = []
    for item in range(ITEMS):
        seed = number * 41 + item
        words = [WORDS[(seed * 7 + step * step) % len(WORDS)] for step in range(250)]
        prose = " ".join(words)
        html = "".join(
            f"<p>{' '.join(words[at : at + 50])} <a href='https://example.org/{at}'>more</a> <em>{words[at]}</em></p>"
            for at in range(0, 250, 50)
        )
        items.append(
            f"<item><title>Story {seed} of the {WORDS[seed % 12]} desk</title>"
            f"<link>http://127.1.{number % 200}.1/story/{seed}</link><guid isPermaLink='false'>s-{seed}</guid>"
            f"<pubDate>Mon, 23 Nov 2026 {item % 24:02d}:{seed % 60:02d}:00 GMT</pubDate>"
            f"<dc:creator>Author {seed % 9}</dc:creator><category>{WORDS[seed % 11]}</category>"
            f"<description>{prose[:240]}</description><content:encoded><![CDATA[{html}]]></content:encoded></item>"
        )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
        f"<channel><title>Feed {number}</title><link>http://127.1.0.1/</link>{''.join(items)}</channel></rss>"
    ).encode()


def serve(listening: socket.socket) -> None:
    """Answer GET /feed/N.xml, with an ETag and 304s, on every address of the socket."""
    cache: dict[int, bytes] = {}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                number = int(head.split(b" ", 2)[1].rsplit(b"/", 1)[1].split(b".")[0])
                if b"if-none-match" in head.lower():
                    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
                else:
                    data = cache.setdefault(number, body(number))
                    writer.write(
                        b'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: "1"\r\n'
                        b"Content-Length: %d\r\n\r\n" % len(data) + data
                    )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(handle, sock=listening, backlog=512)
        await server.serve_forever()

    asyncio.run(run())


def tree_cpu_s() -> float:
    """Return the CPU seconds of this process and all below it, the dead ones included."""
    parents: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    tick = os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        parents.setdefault(int(fields[1]), []).append(pid)
        used[pid] = sum(int(value) for value in fields[11:15]) / tick
    waiting, total = [os.getpid()], 0.0
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0.0)
        waiting += parents.get(pid, [])
    return total


def addresses(feeds: int, hosts: int, port: int) -> list[str]:
    """Return the feeds' addresses, spread over the hosts."""
    return [f"http://127.1.{number % hosts}.1:{port}/feed/{number}.xml" for number in range(feeds)]


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
        slots = asyncio.Semaphore(64)

        async def one(host: str) -> None:
            async with slots:
                done = await refresh(deps, host, everything=True)
                assert not done.failures, done.failures

        await asyncio.gather(*(one(host) for host in hosts[:2]))
        store.write(_forget)
        for _ in range(2):
            before = tree_cpu_s()
            await asyncio.gather(*(one(host) for host in hosts))
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
        "UPDATE sources SET etag=NULL, last_modified=NULL, body_hash=NULL, baseline_done=0",
    ):
        tx.execute(text(statement))  # type: ignore[attr-defined]


def requests_feedparser(urls: list[str], _folder: Path) -> list[float]:
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


def contender(name: str, feeds: int, hosts: int, port: int) -> None:
    """Run one contender in this process and print its figures."""
    urls = addresses(feeds, hosts, port)
    with tempfile.TemporaryDirectory() as folder:
        if name == "newsbot":
            cpu = asyncio.run(newsbot(urls, Path(folder)))
        else:
            cpu = {"requests": requests_feedparser, "reader": reader}[name](urls, Path(folder))
    print(json.dumps(cpu))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--peers", default="newsbot,requests,reader")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contender(options.contender, options.feeds, options.hosts, options.port)
        return
    listening = socket.create_server(("0.0.0.0", 0), backlog=512)
    port = listening.getsockname()[1]
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listening,), daemon=True)
    server.start()
    print(
        f"{options.feeds} feeds of {len(body(1)) / 1000:.0f} kB on {options.hosts} addresses; CPU ms a feed\n"
    )
    print(f"{'':24}{'first poll':>12}{'ratio':>8}{'all 304':>12}{'ratio':>8}{'wall s':>10}")
    ours: list[float] = []
    for name in options.peers.split(","):
        needed = {"requests": ("requests", "feedparser"), "reader": ("reader",)}.get(name, ())
        if any(importlib.util.find_spec(module) is None for module in needed):
            print(f"{name:24}not installed")
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
            print(f"{name:24}failed: {out.stderr.strip().splitlines()[-1] if out.stderr.strip() else '?'}")
            continue
        wall = time.perf_counter() - started
        cpu = [value / options.feeds * 1000 for value in json.loads(out.stdout.splitlines()[-1])]
        ours = ours or cpu
        print(
            f"{name:24}{cpu[0]:12.2f}{cpu[0] / ours[0]:7.1f}×{cpu[1]:12.3f}{cpu[1] / ours[1]:7.1f}×{wall:10.1f}"
        )
    server.terminate()


if __name__ == "__main__":
    main()
