"""Read dates as newsrooms write them.

Used by every reader of this room: feeds, sitemaps, listings and articles. Never guesses what is not
written: a text that is no date gives None, and so does a date before 1990 or one in the future.
Here stand the shapes that machines write; ``date_phrases`` reads what people write.
"""

import re
from datetime import UTC, datetime, timedelta

from bot.parse import date_phrases
from bot.parse.date_phrases import MAX_OFFSET, make
from bot.parse.date_words import MONTHS

#: Before this, a date on a news page is a mistake (epoch zero, a founding year, a default).
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
#: Clocks of publishers run ahead, and zones are mistaken; further ahead is no date of news.
AHEAD = timedelta(days=1)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
#: No date is longer; what is gets cut, so that hostile text costs nothing.
_MAX_CHARS = 120

#: As figures, for the shape that ``datetime`` itself reads.
_ENGLISH = {
    name.title(): f"{month:02}" for name, month in MONTHS.items() if len(name) == 3 and name.isascii()
}
_UTC = frozenset((" GMT", " +0000", " UTC", " Z", " UT"))
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[A-Za-z]*\s+(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"\s+(?:([+-]\d{4})|(GMT|UTC|UT|Z))",
    re.ASCII,
)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,12})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?")
#: Seconds, milli- or microseconds; ``/Date(1795442700000+0100)/`` is how .NET wraps them.
_UNIX = re.compile(r"(?:/Date\()?(\d{9,10}|\d{12,13}|\d{16})(?:\.\d{1,9})?(?:[+-]\d{4})?(?:\)/)?", re.ASCII)
_ISO_WEEK_OR_DAY = re.compile(r"(\d{4})-?(W\d{2}-?\d?|\d{3})(?:T.*)?")


def parse(text: str, *, now: datetime | None = None) -> datetime | None:
    """Return the point in time that a text names.

    A date without a time is midnight, one without a zone is UTC. ``now`` (aware) is what the date must not
    be ahead of by more than a day; without it only dates after 2099 are refused.

    Returns an aware UTC datetime, or None where the text is no date, or one before 1990 or in the future.
    Source: RFC 5322 section 3.3 and 4.3, ISO 8601, and the dates of several hundred real feeds.
    """
    text = text.strip()
    found = _read(text, now) if text else None
    return None if found is None else believable(found, now=now)


def believable(found: datetime, *, now: datetime | None = None) -> datetime | None:
    """Return an aware time in UTC, or None where no news can be of that time (see ``parse``)."""
    limit = _LATEST if now is None else now + AHEAD
    return found if EARLIEST <= found <= limit else None


def _read(text: str, now: datetime | None) -> datetime | None:
    found = _from_iso(text) if text[4:5] == "-" else _from_mail(text)
    if found is not None:
        return found
    text = " ".join(text[:_MAX_CHARS].split())
    for shape, read in _SHAPES:
        match = shape.fullmatch(text)
        if match is not None and (found := read(match)) is not None:
            return found
        if match is not None and shape in _NOTHING_ELSE:
            return None
    return date_phrases.read(text, lambda at: now is None or believable(at, now=now) is not None)


def _from_mail(text: str) -> datetime | None:
    """Read ``Mon, 23 Nov 2026 14:05:00 +0100`` by its columns, as three of four feeds write it; else None."""
    month = _ENGLISH.get(text[8:11])
    if month is None:
        return None
    zone = text[25:]
    zone = "+00:00" if zone in _UTC else zone[1:] if len(zone) == 6 else "none"
    return _in_utc(f"{text[12:16]}-{month}-{text[5:7]}T{text[17:25]}{zone}")


def _from_iso(text: str) -> datetime | None:
    # A stray letter after the figures is no reason to give up: the phrases are looked at next.
    return _in_utc(text) if len(text) <= _MAX_CHARS else None


def _in_utc(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        if found.microsecond:
            found = found.replace(microsecond=0)
        if found.tzinfo is UTC:
            return found
        offset = found.utcoffset()
        is_zone = offset is not None and -MAX_OFFSET <= offset <= MAX_OFFSET
        return found.astimezone(UTC) if is_zone else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _from_figures(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    return _made(year, int(month), day, hour, minute, second, zone)


def _from_rfc822(match: re.Match[str]) -> datetime | None:
    day, name, year, hour, minute, second, offset, _utc = match.groups()
    month = MONTHS.get(name.lower())
    return None if month is None else _made(year, month, day, hour, minute, second, offset)


def _made(
    year: str,
    month: int,
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    zone: str | None,
) -> datetime | None:
    offset = _minutes(zone) if zone and zone not in "Zz" else 0
    return make(int(year), month, int(day), int(hour or 0), int(minute or 0), int(second or 0), offset)


def _from_unix(match: re.Match[str]) -> datetime | None:
    # Seconds, milliseconds and microseconds tell themselves apart by their length until the year 2286.
    digits = match[1]
    try:
        return datetime.fromtimestamp(int(digits[: 10 if len(digits) in (10, 13, 16) else 9]), UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _from_week(match: re.Match[str]) -> datetime | None:
    year, rest = match[1], match[2]
    try:
        if rest.startswith("W"):
            day = int(rest[-1]) if len(rest.replace("-", "")) == 4 else 1
            return datetime.fromisocalendar(int(year), int(rest[1:3]), day).replace(tzinfo=UTC)
        first = datetime(int(year), 1, 1, tzinfo=UTC)
        found = first + timedelta(days=int(rest) - 1)
    except (ValueError, OverflowError):
        return None
    return found if found.year == first.year and int(rest) else None


def _minutes(zone: str) -> int:
    """Return the minutes east of UTC of ``+0100``, ``+01:00`` or ``-05``; absurd ones count as UTC."""
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
    if timedelta(minutes=minutes) > MAX_OFFSET:
        return 0
    return -minutes if zone[0] == "-" else minutes


_SHAPES = (
    (_ISO, _from_figures),
    (_RFC822, _from_rfc822),
    (_COMPACT, _from_figures),
    (_UNIX, _from_unix),
    (_ISO_WEEK_OR_DAY, _from_week),
)
#: Shapes that mean one thing only: what is wrong in them is not looked at again.
_NOTHING_ELSE = frozenset((_ISO, _UNIX, _ISO_WEEK_OR_DAY))
