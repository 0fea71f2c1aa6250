"""What a status and its headers mean: errors in words, and how long the server wants to be left alone."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from bot.errors import FailureKind, FetchError, Retry

MAX_RETRY_AFTER: Final = timedelta(hours=24)
#: what we are called in rules for programs
PRODUCT: Final = "newsbot"

#: an agent's name before a directive, which is not the name of a directive that has a value
_AGENT: Final = re.compile(
    r"\s*(?!unavailable_after|max-)(?P<agent>\*|[a-z][a-z0-9_./-]*)\s*:(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)

_KINDS: Final[dict[int, tuple[FailureKind, Retry, str, str]]] = {
    401: (
        FailureKind.UNAUTHORISED,
        Retry.NEVER,
        "the server wants a user and a password",
        "give this source a user and a password, or ask the publisher for an address that is open",
    ),
    403: (
        FailureKind.FORBIDDEN,
        Retry.NEVER,
        "the server refuses us",
        "it may want to know who asks: set a contact; or it does not want to be read by programs",
    ),
    404: (FailureKind.NOT_FOUND, Retry.LATER, "there is nothing at this address", "check the address"),
    408: (FailureKind.HTTP_STATUS, Retry.LATER, "the server gave up waiting for our request", ""),
    410: (FailureKind.GONE, Retry.NEVER, "the server says that this is gone for good", "remove it"),
    425: (FailureKind.HTTP_STATUS, Retry.LATER, "the server does not want to be asked yet", ""),
    429: (FailureKind.RATE_LIMITED, Retry.LATER, "the server was asked too often", "ask it less often"),
    503: (FailureKind.SERVER_ERROR, Retry.LATER, "the server is overloaded or under repair", ""),
}


def status_error(status: int, headers: Mapping[str, str], *, subject: str, now: datetime) -> FetchError:
    """Return the error that an answer without content stands for; any status but 2xx and 304.

    ``now`` is when it came.
    """
    if status in _KINDS:
        kind, retry, why, hint = _KINDS[status]
    elif status >= 500:
        kind, retry, why, hint = (
            FailureKind.SERVER_ERROR,
            Retry.LATER,
            "the server has a fault of its own",
            "",
        )
    elif status >= 400:
        kind, retry, why, hint = FailureKind.HTTP_STATUS, Retry.NEVER, "the server refused the request", ""
    elif status >= 300:
        kind, retry, why, hint = FailureKind.HTTP_STATUS, Retry.LATER, "a redirect that leads nowhere", ""
    else:
        kind, retry, why, hint = FailureKind.HTTP_STATUS, Retry.LATER, "not the whole content", ""
    return FetchError(
        f"{why} (HTTP {status})",
        kind=kind,
        subject=subject,
        retry=retry,
        hint=hint,
        status=status,
        retry_after=retry_after(headers, now=now) if status >= 400 else None,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Return how long the server asks us to stay away, 0 to 24 h; None when it does not, or says junk.

    A date counts from the answer's own Date, so that a wrong clock, theirs or ours, does no harm; from
    ``now`` where the server does not say what time it is. Source: RFC 9110 section 10.2.3.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text) if len(text) < 9 else math.inf
        return timedelta(seconds=min(seconds, MAX_RETRY_AFTER.total_seconds()))
    until, sent = http_date(text), http_date(headers.get("date", "")) or now
    if until is None or until < sent:
        return None
    return min(until - sent, MAX_RETRY_AFTER)


def http_date(text: str) -> datetime | None:
    """Return the instant that a header names, in UTC; None for what is no date."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text[:64])
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def lean_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name, repeated ones joined by commas, without cookies.

    Values are read as latin-1, so that a validator goes back to its server byte for byte.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in headers:
            if name == "x-robots-tag" and not _AGENT.match(value):
                value = f"*: {value}"  # what follows an agent's name in the line before is not meant for it
            headers[name] = f"{headers[name]}, {value}"
        elif name != "set-cookie":
            headers[name] = value
    return headers


def archiving_allowed(headers: Mapping[str, str], *, agent: str = PRODUCT) -> bool:
    """Return whether the server lets us keep a copy of what it sent: no ``noarchive``, no ``none``.

    Directives behind the name of another agent are not for us, up to the next name; headers are those of
    ``lean_headers``. Source: developers.google.com/search/docs, "X-Robots-Tag".
    """
    for_us = True
    for part in headers.get("x-robots-tag", "").lower().split(","):
        directive = part
        if (named := _AGENT.match(part)) is not None:
            for_us = named["agent"] in ("*", agent)
            directive = named["rest"]
        if for_us and directive.strip() in ("noarchive", "none"):
            return False
    return True
