"""Reload: notice an edited configuration, and take it over only when it is whole.

A faulty edit leaves the last good configuration in force, and says so with every fault's place.
"""

from collections.abc import Callable
from pathlib import Path

import structlog

from bot.config import Settings
from bot.errors import ConfigError

log = structlog.get_logger("config")

#: What identifies a state of the files: path, time of change in ns, size in bytes.
_Signature = tuple[tuple[str, int, int], ...]


class Reloader:
    """Look at the configuration folder again and again."""

    def __init__(self, folder: Path, load: Callable[[], Settings]) -> None:
        self._folder = folder
        self._load = load
        self._seen = _signature(folder)

    def look(self, *, force: bool = False) -> Settings | None:
        """Return new settings when the files changed and have no fault, else None.

        ``force`` reads them even if they look the same (a rotated secret lies elsewhere).
        """
        signature = _signature(self._folder)
        if signature == self._seen and not force:
            return None
        self._seen = signature
        try:
            settings = self._load()
        except ConfigError as error:
            for fault in error.faults:
                log.error("reload", outcome="faulty", why=str(fault))
            log.error("reload", outcome="kept", why="the last good configuration stays in force")
            return None
        log.info("reload", outcome="ok", sources=len(settings.sources), watches=len(settings.watches))
        return settings


def _signature(folder: Path) -> _Signature:
    found = []
    for path in sorted((*folder.glob("*.yaml"), *folder.glob("*.d/*.yaml"))):
        try:
            facts = path.stat()
        except OSError:
            # Gone between listing and looking: an editor at work; the next look sees the end of it.
            continue
        found.append((str(path), facts.st_mtime_ns, facts.st_size))
    return tuple(found)
