"""What every command needs: the global options, and the settings and the database they lead to."""

import difflib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.clock import SystemClock
from bot.errors import ConfigError, FailureKind, Fault, NewsbotError, StoreError

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

        settings = settings_from(self.existing_folder(), database=self.database)
        _check_database(settings.database)
        return settings

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
        _check_database(url)
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


def _check_database(url: str) -> None:
    """Refuse an address that can be no database: the fault of who wrote it, not of the database."""
    from bot.store.engines import parse_url

    try:
        parse_url(url)
    except StoreError as error:
        raise NewsbotError(
            error.message, kind=FailureKind.CONFIG, subject=error.subject, hint=error.hint
        ) from error


def options_of(ctx: typer.Context) -> Options:
    """Return the global options of a command."""
    found = ctx.find_object(Options)
    return found if found is not None else Options()


def unknown(what: str, name: str, known: Iterable[str], *, hint: str = "") -> NewsbotError:
    """Return the error for a name that nothing has, with the nearest one that something has."""
    names = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), names, n=1)
    listed = f"there are: {', '.join(names.values())}" if names else "there is none yet"
    return NewsbotError(
        f"there is no such {what}",
        kind=FailureKind.CONFIG,
        subject=name,
        hint=f"did you mean '{names[near[0]]}'?" if near else hint or listed,
    )


#: The highest number of rows that may be asked for, and the highest number of a row.
MOST_ROWS = 1_000_000_000
HIGHEST_ID = 2**63 - 1

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"\s*(\d{1,6})\s*(?:(m)(?:in(?:ute)?s?)?|(h)(?:ours?)?|(d)(?:ays?)?|(w)(?:eeks?)?)\s*")


def since(text: str | None, *, now: datetime) -> datetime | None:
    """Return the instant that ``7d``, ``24h`` or an ISO date means; None stays None. Raises NewsbotError."""
    if text is None:
        return None
    try:
        if span := _SPAN.fullmatch(text.lower()):
            unit = next(name for name in span.groups()[1:] if name)
            return now - timedelta(**{_UNITS[unit]: int(span[1])})
        instant = datetime.fromisoformat(text.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NewsbotError(
            f"'{text}' is neither a time span nor a date",
            kind=FailureKind.CONFIG,
            subject="--since",
            hint="write 24h, 7d, or a date such as 2026-11-23",
        ) from None
