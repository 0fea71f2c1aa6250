"""The log: one event is one line, and no secret is ever in it.

This only configures structlog and the standard library's logging; who has something to say asks
``structlog.get_logger()``. Everything goes to standard error, so that results keep standard output
to themselves.
"""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog

#: Addresses that are secrets themselves, credentials in addresses, and token-like query values.
#: Source: defences.md O7 (measured: client libraries log full addresses).
_HIDDEN = (
    (re.compile(r"(hooks\.slack\.com/services/)[^\s\"']+"), r"\1…"),
    (re.compile(r"(https?://)[^\s/@\"']+@"), r"\1…@"),
    (
        re.compile(
            r"([?&](?:token|key|api_?key|secret|sig|signature|password|auth)=)[^&\s\"']+", re.IGNORECASE
        ),
        r"\1…",
    ),
)
#: A line must stay one line, and a terminal must not be steered by a foreign headline.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
#: These say more than anybody wants to read, full addresses included.
_TALKATIVE = ("httpx", "httpcore", "apscheduler", "trafilatura", "htmldate", "asyncio", "alembic", "mail.log")


class Redactor:
    """Take configured secrets, and what looks like one, out of a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Longest first, so that a secret that contains another one goes whole.
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text with every secret replaced by an ellipsis."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        for pattern, replacement in _HIDDEN:
            text = pattern.sub(replacement, text)
        return text


def one_line(text: str) -> str:
    """Return the text with control characters written out, so that it stays on one line."""
    return text.translate(_CONTROLS)


class _Clean:
    """Redact and flatten every value of an event."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        for name, value in event.items():
            if isinstance(value, str):
                event[name] = one_line(self._redact(value))
            elif not isinstance(value, bool | int | float | type(None)):
                event[name] = one_line(self._redact(str(value)))
        return event


class _Handler(logging.Handler):
    """Hand records of other libraries to structlog, so that they obey the same rules."""

    def emit(self, record: logging.LogRecord) -> None:
        event = structlog.get_logger()
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        event.log(record.levelno, "library", logger=record.name, text=text)


class _Stream:
    """Write to standard error and survive its end: a daemon outlives the terminal it came from."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return

    def isatty(self) -> bool:
        return self._stream.isatty()


def configure(*, style: str = "human", level: int = logging.INFO, secrets: Iterable[str] = ()) -> None:
    """Set up the log of this process; calling it again replaces what stood.

    ``style`` is ``human`` or ``json``; ``level`` a number of the logging module; ``secrets`` are
    values that must never be written.
    """
    stream = _Stream(sys.stderr)
    last: list[Any]
    if style == "json":
        last = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=10, sort_keys=False)]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _Clean(Redactor(secrets)),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=stream),  # type: ignore[arg-type]  # a stream that cannot fail
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Handler()]
    root.setLevel(max(level, logging.WARNING))
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
