"""The hostile world and a ``newsbot`` that reads it, both in processes of their own, and what came of it."""

import ctypes
import json
import os
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.daemon_probe import ROOT, Probed
from tests.hostile_features import SECRETS
from tests.hostile_good import WORD
from tests.hostile_world import ALLOWED

#: how often each hostile source is asked while it does not fail
EVERY = "2 s"
_IN_OPEN = 0x20
_IN_NONBLOCK = 0x800


@dataclass
class Canary:
    """Tells whether anybody opened a file, by any means (inotify)."""

    path: Path

    def __enter__(self) -> Self:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue = self._libc.inotify_init1(_IN_NONBLOCK)
        assert self._libc.inotify_add_watch(self._queue, os.fsencode(self.path), _IN_OPEN) > 0
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._queue)

    def was_opened(self) -> bool:
        """Tell whether the file was opened since the ``with`` began."""
        try:
            return bool(os.read(self._queue, 4096))
        except BlockingIOError:
            return False


@dataclass
class World:
    """The hostile world while it is served, and what it saw when it has ended."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    #: sources as the configuration has them
    hostile: list[dict[str, Any]]
    good: list[dict[str, Any]]
    #: the ports of the vault, which nobody may connect to
    vault: tuple[int, ...]
    #: how often each path of each source was asked for
    asked: dict[str, dict[str, int]] = field(default_factory=dict)
    #: what came to the addresses that nobody should ask
    vault_saw: dict[str, Any] = field(default_factory=dict)
    trap_saw: dict[str, Any] = field(default_factory=dict)
    #: the headers of each request to the server that listens
    heard: list[dict[str, str]] = field(default_factory=list)

    def published(self) -> list[dict[str, Any]]:
        """Return what the good sources published until now: source, title, url, at (seconds)."""
        lines = (self.folder / "published.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def configure(self, *, timeout: str) -> None:
        """Write the configuration that reads the whole world."""
        config = self.folder / "config"
        config.mkdir()
        newsbot = {
            "contact": "mailto:desk@newsbot.invalid",
            "timezone": "UTC",
            "database": f"sqlite:///{self.folder}/newsbot.db",
            "fetch": {"host_pause": "0 s", "timeout": timeout},
        }
        defaults = {"allow_private": [ALLOWED], "every": EVERY}
        sources = [defaults | source for source in [*self.hostile, *self.good]]
        watches = {"bird": {"name": "Bird", "any": [WORD]}}
        for name, content in (
            ("newsbot", newsbot),
            ("sources", {"sources": sources}),
            ("watchlists", {"watches": watches}),
        ):
            (config / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")

    def probed(self, *words: str) -> Probed:
        """Return a ``newsbot`` command that reads this world under probes."""
        authority = ROOT / "tests" / "fetch" / "tls" / "authority.pem"
        return Probed(self.folder, words, environ={"SSL_CERT_FILE": str(authority), **SECRETS})

    def end(self) -> None:
        """Stop serving, and read what was seen."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)
        seen = json.loads((self.folder / "asked.json").read_text())
        self.asked, self.vault_saw, self.trap_saw = seen["paths"], seen["vault"], seen["trap"]
        self.heard = seen["ear"]


@contextmanager
def hostile_world(folder: Path) -> Iterator[World]:
    """Serve the hostile world until the end of the ``with``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile_world", str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        told = json.loads((folder / "world.json").read_text())
        yield World(folder, process, told["hostile"], told["good"], tuple(told["vault"]))
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@dataclass(frozen=True)
class Rows:
    """The database of a run, as any program can read it."""

    path: Path

    def query(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def entries(self) -> dict[str, list[sqlite3.Row]]:
        """Return the entries of each source, by its key in the configuration."""
        found = defaultdict(list)
        for row in self.query(
            "SELECT s.key AS source, e.* FROM entries e JOIN sources s ON s.id = e.source_id"
        ):
            found[row["source"].partition("--")[0]].append(row)
        return found

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield ("table.column", text) of every text that is stored."""
        for (table,) in self.query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        ):
            for row in self.query(f'SELECT * FROM "{table}"'):
                for column in row.keys():  # noqa: SIM118 - a Row iterates over its values
                    if isinstance(row[column], str):
                        yield f"{table}.{column}", row[column]


def seconds(stored: int) -> float:
    """Return a stored time (microseconds) in seconds since 1970."""
    return stored / 1_000_000
