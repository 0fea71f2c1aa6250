"""The daemon with many sources: memory of all its processes, and CPU while nothing is due.

    python benchmarks/daemon.py [--sources 10000] [--idle 60]

Starts `newsbot run` with so many feeds on loopback addresses, waits until each was asked once and the entries are
read from the feeds, and prints the share of memory (PSS) of the main process and of all, the most there was and at the
end; then the CPU of all processes over a while in which no source is due.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from poll_world import WORDS, addresses, cpu_s, pss_mb, start, tree

CONFIG = "contact: mailto:bench@newsbot.invalid\nfetch: {host_pause: 0 s, every: 2 h, longest: 6 h}\n"


def feed(path: str) -> tuple[str, bytes]:
    """Return a feed of two items with their text: ten thousand feeds make twenty thousand articles."""
    number = int(path.rpartition("/")[2].partition(".")[0])
    words = " ".join(WORDS[(number * 7 + step * step) % len(WORDS)] for step in range(120))
    items = "".join(
        f"<item><title>Story {number}-{n} of the {WORDS[number % 12]} desk</title><guid>{number}-{n}</guid>"
        f"<link>http://127.1.{number % 200}.1/{number}/{n}</link><description>{n} {words}</description></item>"
        for n in range(2)
    )
    kind = "application/rss+xml"
    return kind, f"<rss version='2.0'><channel><title>Feed {number}</title>{items}</channel></rss>".encode()


def configure(folder: Path, count: int, port: int) -> None:
    """Write a configuration of so many feeds."""
    (folder / "config").mkdir()
    lines = [
        f"  - {{id: f{n}, feed: '{url}', full_text: feed, allow_private: [127.0.0.0/8]}}\n"
        for n, url in enumerate(addresses(count, min(count, 5000), port))
    ]
    (folder / "config" / "newsbot.yaml").write_text(CONFIG)
    (folder / "config" / "sources.yaml").write_text(f"sources:\n{''.join(lines)}")
    (folder / "config" / "watchlists.yaml").write_text(
        "watches: {cspo: {any: [CSpO]}, asterx: {any: [AsterX]}}\n"
    )


def done(database: Path) -> tuple[int, int]:
    """Return how many sources were asked, and how many entries wait to be read."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as store:
            asked = store.execute("SELECT count(*) FROM sources WHERE last_fetch_at IS NOT NULL").fetchone()
            waiting = store.execute("SELECT count(*) FROM entries WHERE next_read_at IS NOT NULL").fetchone()
    except sqlite3.OperationalError:
        return 0, 0
    return int(asked[0]), int(waiting[0])


def sizes(root: int) -> tuple[float, float]:
    """Return the PSS in MB of the main process, and of all."""
    each = {}
    for pid in tree(root):
        try:
            each[pid] = pss_mb(pid)
        except OSError:
            continue
    return each.get(root, 0.0), sum(each.values())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--idle", type=float, default=60.0)
    options = parser.parse_args()
    port, server = start(feed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configure(folder, options.sources, port)
        database = folder / "bench.db"
        with (folder / "log").open("wb") as log:
            daemon = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "bot",
                    "--config",
                    folder / "config",
                    "--database",
                    f"sqlite:///{database}",
                    "run",
                ],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
                stdout=log,
                stderr=log,
            )
        started, most, most_main = time.perf_counter(), 0.0, 0.0
        while True:
            time.sleep(2)
            asked, waiting = done(database)
            alone, together = sizes(daemon.pid)
            most, most_main = max(most, together), max(most_main, alone)
            print(
                f"\r{time.perf_counter() - started:5.0f} s: {asked} asked, {waiting} waiting, {together:.0f} MB ",
                end="",
            )
            if asked == options.sources and not waiting:
                break
        first = cpu_s(tree(daemon.pid))
        print(f"\nfirst poll, with reading and matching: {first:.1f} CPU s")
        time.sleep(20)
        before = cpu_s(tree(daemon.pid))
        time.sleep(options.idle)
        idle = (cpu_s(tree(daemon.pid)) - before) / options.idle
        alone, together = sizes(daemon.pid)
        print(
            f"memory, the most: main {most_main:.0f} MB, all {most:.0f} MB; idle: main {alone:.0f} MB, all {together:.0f} MB"
        )
        print(f"idle: {idle:.2%} of a core")
        daemon.terminate()
        daemon.wait()
    server.terminate()


if __name__ == "__main__":
    main()
