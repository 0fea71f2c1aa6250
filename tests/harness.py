"""An installation of the bot in a folder of its own, driven as a user drives it: by files and commands."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).parent.parent

WATCHES = {
    "cspo": {
        "name": "CSpO",
        "description": "Combined Space Operations",
        "any": ["{CSpO}", "Combined Space Operations"],
    },
    "asterx": {"name": "AsterX", "any": ["AsterX"]},
}


@dataclass
class Installation:
    """Configuration, database and digests in one folder."""

    folder: Path
    database: str = ""
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database = self.database or f"sqlite:///{self.folder}/newsbot.db"

    def configure(
        self,
        *,
        sources: list[dict[str, Any]],
        watches: dict[str, Any] | None = None,
        channels: dict[str, Any] | None = None,
        digests: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        """Write the three files; JSON is YAML."""
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        newsbot: dict[str, Any] = {
            "contact": "mailto:desk@newsbot.invalid",
            "timezone": "UTC",
            "database": self.database,
            "fetch": {"host_pause": "0 s"},
            "channels": channels or {},
            "digests": digests or {},
        }
        (config / "newsbot.yaml").write_text(json.dumps(newsbot | settings), encoding="utf-8")
        (config / "watchlists.yaml").write_text(json.dumps({"watches": watches or WATCHES}), encoding="utf-8")
        listed = [{"allow_private": ["127.0.0.0/8"]} | source for source in sources]
        (config / "sources.yaml").write_text(json.dumps({"sources": listed}), encoding="utf-8")

    def newsbot(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; with ``check``, anything but exit code 0 is an error."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env=self._env(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        if check and done.returncode != 0:
            raise AssertionError(
                f"newsbot {' '.join(words)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def json(self, *words: str) -> Any:
        """Run a command with --json and return its document."""
        return json.loads(self.newsbot(*words, "--json").stdout)

    def daemon(self) -> "RunningDaemon":
        """Start ``newsbot run``."""
        log = (self.folder / "daemon.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=self.folder,
            env=self._env(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        return RunningDaemon(process=process, log=self.folder / "daemon.log")

    def _env(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "160"} | self.environ


@dataclass
class RunningDaemon:
    """A daemon that runs beside the test."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def __enter__(self) -> "RunningDaemon":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


def eventually(look: "Callable[[], T]", *, within_s: float = 45.0, what: str = "") -> T:
    """Return the first true value of ``look``, asked again and again; fails when none comes in time."""
    end = time.monotonic() + within_s
    wait = Event()
    while True:
        if value := look():
            return value
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {within_s:.0f} s: {what}")
        wait.wait(0.1)
