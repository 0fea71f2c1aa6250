"""The feeds that ``poll.py`` and ``daemon.py`` read: made up, served on loopback addresses."""

import asyncio
import multiprocessing
import os
import socket
from collections.abc import Callable
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


def feed(path: str) -> tuple[str, bytes]:
    """Return the type and the content of a feed's path."""
    return "application/rss+xml", body(int(path.rpartition("/")[2].partition(".")[0]))


def serve(listening: socket.socket, answer: Callable[[str], tuple[str, bytes]]) -> None:
    """Answer GET with what ``answer`` gives for the path, an ETag and 304s, on every address of the socket."""
    cache: dict[str, bytes] = {}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                if b"if-none-match" in head.lower():
                    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
                else:
                    if path not in cache:
                        kind, data = answer(path)
                        head = f'HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nETag: "1"\r\nContent-Length: {len(data)}'
                        cache[path] = head.encode() + b"\r\n\r\n" + data
                    writer.write(cache[path])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(handle, sock=listening, backlog=512)
        await server.serve_forever()

    asyncio.run(run())


def tree(root: int | None = None) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    waiting, found = [root or os.getpid()], []
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def cpu_s(pids: list[int]) -> float:
    """Return the CPU seconds of processes and of what they waited for."""
    tick, total = os.sysconf("SC_CLK_TCK"), 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) / tick
    return total


def tree_cpu_s() -> float:
    """Return the CPU seconds of this process and all below it, the dead ones included."""
    return cpu_s(tree())


def pss_mb(pid: int) -> float:
    """Return a process's share of memory in MB: what several share counts in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def addresses(feeds: int, hosts: int, port: int) -> list[str]:
    """Return the feeds' addresses, spread over the hosts."""
    return [
        f"http://127.{1 + number % hosts // 250}.{1 + number % hosts % 250}.1:{port}/feed/{number}.xml"
        for number in range(feeds)
    ]


def start(answer: Callable[[str], tuple[str, bytes]] = feed) -> tuple[int, multiprocessing.Process]:
    """Start the server; return its port, and the process to terminate."""
    listening = socket.create_server(("0.0.0.0", 0), backlog=1024)
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listening, answer), daemon=True)
    server.start()
    return listening.getsockname()[1], server
