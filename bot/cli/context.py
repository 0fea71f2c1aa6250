"""What every command needs: the global options, and the settings and the database they lead to."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.clock import SystemClock
from bot.errors import ConfigError, FailureKind, Fault, NewsbotError

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import Store


class LogFormat(StrEnum):
    """How log lines look."""

    HUMAN = "human"
    JSON = "json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The options that stand before the command."""

    config: Path | None = None
    database: str | None = None
    log_format: LogFormat = LogFormat.HUMAN
    #: -1 only trouble, 0 usual, 1 and more: detail
    verbosity: int = 0

    def folder(self) -> Path:
        """Return the configuration folder: the option, $NEWSBOT_CONFIG, ./config or /etc/newsbot."""
        if self.config is not None:
            return self.config
        if named := os.environ.get("NEWSBOT_CONFIG"):
            return Path(named)
        return next(
            (folder for folder in (Path("config"), Path("/etc/newsbot")) if folder.is_dir()), Path("config")
        )

    def settings(self) -> "Settings":
        """Read the configuration. Raises ConfigError with all faults."""
        from bot.app import settings_from

        return settings_from(self.existing_folder(), database=self.database)

    def existing_folder(self) -> Path:
        """Return the configuration folder. Raises ConfigError when it does not exist."""
        folder = self.folder()
        if not folder.is_dir():
            raise ConfigError(
                (
                    Fault(
                        file=str(folder),
                        line=1,
                        column=1,
                        message="there is no such configuration folder",
                        hint="`newsbot init` makes one; `newsbot start 'CSpO'` makes one for your own words",
                    ),
                )
            )
        return folder

    @contextmanager
    def store(self) -> "Iterator[Store]":
        """Yield the database, opened. Raises ConfigError or StoreError."""
        from bot.store import Store

        url = self.database or self.settings().database
        store = Store.open(url, clock_now=SystemClock().now())
        try:
            yield store
        finally:
            store.close()

    def configure_log(self, settings: "Settings", *, usual: int = logging.INFO) -> None:
        """Set up the log; ``usual`` is the level without -v or -q."""
        from bot import log

        level = usual
        if self.verbosity < 0:
            level = logging.WARNING if usual < logging.WARNING else logging.ERROR
        elif self.verbosity > 0:
            level = logging.INFO if usual > logging.INFO else logging.DEBUG
        log.configure(style=self.log_format.value, level=level, secrets=settings.secrets)


def options_of(ctx: typer.Context) -> Options:
    """Return the global options of a command."""
    found = ctx.find_object(Options)
    return found if found is not None else Options()


_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str | None, *, now: datetime) -> datetime | None:
    """Return the instant that ``7d``, ``24h`` or an ISO date means; None stays None. Raises NewsbotError."""
    if text is None:
        return None
    if span := re.fullmatch(r"\s*(\d{1,6})\s*(min|[mhdw])\w*\s*", text):
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NewsbotError(
            f"'{text}' is neither a time span nor a date",
            kind=FailureKind.CONFIG,
            subject="--since",
            hint="write 24h, 7d, or a date such as 2026-11-23",
        ) from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
