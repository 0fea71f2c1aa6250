"""Run ``newsbot`` in a process of its own, with probes in it and around it.

In the process (``python -m tests.daemon_probe FOLDER …``, the words of the command line after the folder):
an audit hook writes every address that is connected to to ``FOLDER/touched.jsonl``; a task in the event loop writes how late it was woken, and how much of the time
the loop's own thread was at work, to ``FOLDER/lag.txt``. The parsing processes get the same hook, by way of
a ``sitecustomize`` module, and tell what they open or connect to over a datagram socket.

Around it (``Probed``): the memory of the whole process tree, and the socket that the parsing processes
tell their doings to. Nothing in ``bot`` knows of any of this.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent
#: how often the event loop is asked whether it is awake
_BEAT_S = 0.02
#: how often the memory of the process tree is taken
_SAMPLE_S = 0.5

#: What every Python process of the daemon runs at its start; only the parsing ones do more than look.
#: They may open what the interpreter and the libraries consist of, and nothing else.
_SITECUSTOMIZE = """
import os, socket, sys

def _install():
    home = (sys.prefix, sys.base_prefix, sys.exec_prefix, {root!r}, "/proc/self/", "/usr/lib/", "/usr/share/zoneinfo")
    busy = []

    def tell(text):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.setblocking(False)
            way.sendto(text.encode("utf-8", "replace")[:2000], {way!r})

    def hook(event, args):
        if busy or event not in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.exec"):
            return
        what = args[0] if event == "open" else args[-1] if event == "socket.connect" else args[:2]
        if event == "open" and (isinstance(what, int) or os.fsdecode(what).startswith(home)):
            return
        busy.append(True)
        try:
            tell(f"{{event}} {{what!r}}")
        except OSError:
            os._exit(99)
        finally:
            busy.clear()

    sys.addaudithook(hook)

if "bot.parse.worker" in sys.orig_argv:
    _install()
"""


@dataclass
class Probed:
    """A ``newsbot`` command that runs under probes in ``folder``; a context that ends with the process."""

    folder: Path
    words: tuple[str, ...]
    environ: dict[str, str] = field(default_factory=dict)
    #: (seconds since the start, processes, bytes) of the process tree
    memory: list[tuple[float, int, int]] = field(default_factory=list)
    #: what the parsing processes opened or connected to outside their libraries
    workers_touched: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        hooks = self.folder / "hooks"
        hooks.mkdir()
        way = str(self.folder / "workers.sock")
        (hooks / "sitecustomize.py").write_text(_SITECUSTOMIZE.format(root=str(ROOT), way=way))
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(way)
        self._told.settimeout(0.2)
        self.log = self.folder / "daemon.log"
        path = os.pathsep.join((str(hooks), str(ROOT)))
        with self.log.open("ab") as log, (self.folder / "stdout.txt").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.daemon_probe", str(self.folder), *self.words],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "160"} | self.environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        self._over = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._weigh, self._listen)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._told.close()

    def wait(self, seconds: float) -> bool:
        """Wait as long, or until the process ends; tell whether it still runs."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def stop(self) -> float:
        """Ask the process to end; return after how many seconds it did."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - began

    def events(self) -> list[dict[str, Any]]:
        """Return the events of the log, which must be in JSON, one a line."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def connected(self) -> set[tuple[str, int]]:
        """Return each address and port that the process itself connected to."""
        lines = (self.folder / "touched.jsonl").read_text("utf-8").splitlines()
        return {(host, port) for host, port in map(json.loads, lines)}

    def lags(self) -> "Lags":
        """Return how late the event loop was, over its whole life."""
        rows = [line.split() for line in (self.folder / "lag.txt").read_text().splitlines()]
        return Lags([(float(late), float(busy)) for late, busy in rows])

    def _weigh(self) -> None:
        began = time.monotonic()
        while not self._over.wait(_SAMPLE_S):
            pids = tree(self.process.pid)
            self.memory.append((time.monotonic() - began, len(pids), sum(map(proportional_bytes, pids))))

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                self.workers_touched.append(self._told.recv(4096).decode("utf-8", "replace"))
            except TimeoutError:
                continue


@dataclass(frozen=True)
class Lags:
    """(seconds late, seconds in which the loop's thread was at work) of each beat of the event loop."""

    beats: list[tuple[float, float]]

    def late_s(self, percentile: float) -> float:
        """Return a percentile of how late the loop was woken, whoever was to blame."""
        return _percentile([late for late, _ in self.beats], percentile)

    def busy_s(self, percentile: float) -> float:
        """Return a percentile of how long the loop's own work kept it from being woken.

        A crowded machine does not add to it, as it does to ``late_s``.
        """
        return _percentile([min(late, busy) for late, busy in self.beats], percentile)


def _percentile(values: list[float], percentile: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percentile / 100))]


def tree(root: int) -> set[int]:
    """Return the ids of a process and of all below it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text("latin-1").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        if pid in parents:
            found.add(pid)
            waiting += [child for child, parent in parents.items() if parent == pid]
    return found


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process, shared pages divided by who shares them; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)


def _watch_sockets(folder: Path) -> None:
    """Write down each address that this process connects to, once."""
    into = os.open(folder / "touched.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    seen: set[tuple[str, int]] = set()

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event != "socket.connect" or not isinstance(args[1], tuple):
            return
        what = (str(args[1][0]), int(args[1][1]))
        if what not in seen:
            seen.add(what)
            os.write(into, (json.dumps(what) + "\n").encode())

    sys.addaudithook(hook)


def _watch_loop(folder: Path) -> None:
    """Have every event loop that ``asyncio.run`` starts tell how late it is woken."""
    into = (folder / "lag.txt").open("a", buffering=1 << 14)
    run = asyncio.run

    async def beat() -> None:
        while True:
            began, at_work = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_BEAT_S)
            late = time.perf_counter() - began - _BEAT_S
            into.write(f"{max(late, 0.0):.5f} {time.thread_time() - at_work:.5f}\n")

    async def watched(main: Coroutine[Any, Any, Any]) -> Any:
        beating = asyncio.create_task(beat())
        try:
            return await main
        finally:
            beating.cancel()
            into.flush()

    asyncio.run = lambda main, **options: run(watched(main), **options)


if __name__ == "__main__":
    _watch_sockets(Path(sys.argv[1]))
    _watch_loop(Path(sys.argv[1]))
    sys.argv[1:] = sys.argv[2:]
    from bot.cli import main as newsbot

    newsbot()
