"""Read dates as newsrooms write them.

Used by every reader of this room: feeds, sitemaps, listings and articles. Never guesses what is not
written: a text that is no date gives None, and so does a date before 1990 or one in the future.
"""

import re
from datetime import UTC, datetime, timedelta

from bot.parse.date_words import FILLERS, MONTHS, WEEKDAY_OR_MONTH, ZONES

#: Before this, a date on a news page is a mistake (epoch zero, a founding year, a default).
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
#: Clocks of publishers run ahead, and zones are mistaken; further ahead is no date of news.
AHEAD = timedelta(days=1)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
#: No date is longer; what is gets cut, so that hostile text costs nothing.
_MAX_CHARS = 120

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,12})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[A-Za-z]*\s+(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"\s+(?:([+-]\d{4})|(GMT|UTC|UT|Z))",
    re.ASCII,
)
_TIME = re.compile(
    r"(?<![\d:.])(\d{1,2})(?:[:h.]|\s?Uhr\s?)(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?![\d])\s*(?:(am|pm)\b|([ap])\.\s?m\.)?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})\s*(am\b|pm\b|a\.m\.|p\.m\.|uhr\b|h\b)", re.IGNORECASE)
_CJK_TIME = re.compile(
    r"(午前|上午|오전|午後|下午|오후)?\s*(\d{1,2})\s*[時时点시:]\s*(\d{1,2})\s*(?:分|분)?(?:\s*[::]?\s*(\d{1,2})\s*(?:秒|초)?)?"
)
_OFFSET = re.compile(
    r"(?:\b(GMT|UTC|UT|Z)\s?)?([+\-\u2212])(\d{1,2})(?::?(\d{2}))?(?!\d)|\b(?:GMT|UTC)(\d{1,2})\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_YMD = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)\s?[日일.]?")
_DMY = re.compile(r"(?<!\d)(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?")
_UNIX = re.compile(r"(\d{9,10}|\d{12,13}|\d{16})(?:\.\d{1,9})?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª|\u00b0)(?![^\W\d_])", re.IGNORECASE)
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_AMERICAN = re.compile(r"\d\s*(?:am|pm)\b", re.IGNORECASE)
_MAX_OFFSET = 15 * 60
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
    if text[4:5] == "-":
        iso = _ISO.fullmatch(text)
        if iso is not None:
            return _from_iso(iso)
    elif (found := _fixed_mail(text)) is not None:
        return found
    mail = _RFC822.fullmatch(text)
    if mail is not None and (made := _from_mail(mail)) is not None:
        return made
    text = " ".join(text[:_MAX_CHARS].split())
    compact = _COMPACT.fullmatch(text)
    if compact is not None and (made := _from_compact(compact)) is not None:
        return made
    unix = _UNIX.fullmatch(text)
    if unix is not None:
        return _from_unix(unix[1])
    week = _ISO_WEEK_OR_DAY.fullmatch(text)
    if week is not None:
        return _from_week(week)
    return _from_words(text, now)


def _fixed_mail(text: str) -> datetime | None:
    """Read ``Mon, 23 Nov 2026 14:05:00 +0100`` by its columns, as three of four feeds write it; else None."""
    # isdecimal of the joined figures keeps out what int() would take: signs, blanks and underscores
    figures = text[5:7] + text[12:16] + text[17:19] + text[20:22] + text[23:25]
    month = MONTHS.get(text[8:11].lower())
    if month is None or len(figures) != 12 or not figures.isdecimal() or text[19:20] + text[22:23] != "::":
        return None
    zone = text[25:]
    if zone in (" GMT", " +0000", " UTC", " Z"):
        offset = 0
    elif len(zone) == 6 and zone[1] in "+-" and zone[2:].isdecimal():
        offset = _minutes(zone[1:])
    else:
        return None
    day, year = int(figures[:2]), int(figures[2:6])
    return _make(year, month, day, int(figures[6:8]), int(figures[8:10]), int(figures[10:]), offset)


def _from_iso(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    offset = 0 if zone is None or zone in "Zz" else _minutes(zone)
    return _make(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), offset)


def _from_mail(match: re.Match[str]) -> datetime | None:
    day, name, year, hour, minute, second, offset, _utc = match.groups()
    month = MONTHS.get(name.lower())
    if month is None:
        return None
    return _make(
        int(year),
        month,
        int(day),
        int(hour),
        int(minute),
        int(second or 0),
        _minutes(offset) if offset else 0,
    )


def _from_compact(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    offset = 0 if zone is None or zone in "Zz" else _minutes(zone)
    return _make(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), offset)


def _from_unix(digits: str) -> datetime | None:
    # Seconds, milliseconds and microseconds tell themselves apart by their length until the year 2286.
    seconds = int(digits[: 10 if len(digits) in (10, 13, 16) else 9])
    try:
        return datetime.fromtimestamp(seconds, UTC)
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
    if minutes > _MAX_OFFSET:
        return 0
    return -minutes if zone[0] in "-\u2212" else minutes


def _make(
    year: int, month: int, day: int, hour: int, minute: int, second: int, offset: int
) -> datetime | None:
    """Build a UTC time; 24:00 is the next midnight and a leap second the second before it."""
    next_day = hour == 24 and minute == 0 and second == 0
    if next_day:
        hour = 0
    elif second == 60:
        second = 59
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return local - timedelta(days=-int(next_day), minutes=offset) if offset or next_day else local
    except (ValueError, OverflowError):
        return None


def _from_words(text: str, now: datetime | None) -> datetime | None:
    """Read a date in words and figures, in any of the languages of ``date_words``."""
    clock, rest = _take_time(_ORDINAL.sub("", text))
    offset, rest = _take_zone(rest) if clock else (0, rest)
    hour, minute, second = clock or (0, 0, 0)
    for day in _days(rest, american=_AMERICAN.search(text) is not None):
        found = _make(*day, hour, minute, second, offset)
        if found is not None and (now is None or believable(found, now=now)):
            return found
    return None


def _take_time(text: str) -> tuple[tuple[int, int, int] | None, str]:
    """Return the time of day, if there is one, and the text without it."""
    cjk = _CJK_TIME.search(text) if not text.isascii() else None
    if cjk is not None:
        hour, minute, second = int(cjk[2]), int(cjk[3]), int(cjk[4] or 0)
        half = "p" if cjk[1] in ("午後", "下午", "오후") else "a" if cjk[1] else ""
        return (_twelve(hour, half), minute, second), text[: cjk.start()] + " " + text[cjk.end() :]
    for match in _TIME.finditer(text):
        if "." in match[0][:3] and not _dotted_time(text, match):
            continue
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        half = (match[4] or match[5] or "")[:1].lower()
        return (_twelve(hour, half), minute, second), text[: match.start()] + " " + text[match.end() :]
    whole = _HOUR.search(text)
    if whole is not None:
        half = whole[2][0].lower()
        hour = _twelve(int(whole[1]), half if half in "ap" else "")
        return (hour, 0, 0), text[: whole.start()] + " " + text[whole.end() :]
    return None, text


def _dotted_time(text: str, match: re.Match[str]) -> bool:
    """Tell ``14.05`` (a time, as Germans and Finns write it) from the first half of ``23.11.2026``."""
    if text[match.end() : match.end() + 1] == "." or text[max(0, match.start() - 1) : match.start()] == ".":
        return False
    return int(match[1]) <= 24 and int(match[2]) < 60


def _twelve(hour: int, half: str) -> int:
    if half == "p" and hour < 12:
        return hour + 12
    return 0 if half == "a" and hour == 12 else hour


def _take_zone(text: str) -> tuple[int, str]:
    """Return the minutes east of UTC and the text without the zone; 0 where none is written."""
    for match in _OFFSET.finditer(text):
        # "2026-11-23" is no offset: a sign right after a figure belongs to the date
        if match[2] and match[1] is None and text[max(0, match.start() - 1) : match.start()].isdigit():
            continue
        total = int(match[3] or match[5]) * 60 + int(match[4] or 0)
        if total <= _MAX_OFFSET:
            sign = 1 if match[2] in ("+", None) else -1
            return sign * total, text[: match.start()] + " " + text[match.end() :]
    for word in _WORD.finditer(text):
        # Zone names are written in capitals; "art", "est" and "set" are words of other languages.
        if word[0].isupper() and word[0] in ZONES:
            return ZONES[word[0]], text[: word.start()] + " " + text[word.end() :]
    return 0, text


def _days(text: str, *, american: bool) -> list[tuple[int, int, int]]:
    """Return what the text can mean as (year, month, day), likeliest first."""
    match = _YMD.search(text)
    if match is not None:
        return [(int(match[1]), int(match[2]), int(match[3]))]
    match = _DMY.search(text)
    if match is not None:
        first, second, year = int(match[1]), int(match[3]), _year(match[4])
        both = [(year, second, first), (year, first, second)]
        # Most of the world writes the day first; with am and pm it is the United States.
        return both[::-1] if american and match[2] == "/" else both if match[2] != "." else both[:1]
    named = _named(text)
    return [] if named is None else [named]


def _named(text: str) -> tuple[int, int, int] | None:
    """Find day, month's name and year beside each other: ``3 mars 2026``, ``March 3, 2026``."""
    tokens = [token for token in (t.casefold() for t in _TOKEN.findall(text)) if token not in FILLERS]
    months = [place for place, token in enumerate(tokens) if token in MONTHS]
    if len(months) > 1:
        months = [place for place in months if tokens[place] != WEEKDAY_OR_MONTH]
    for place in months:
        month = MONTHS[tokens[place]]
        before = tokens[place - 1] if place else ""
        after = tokens[place + 1 : place + 3]
        if before.isdecimal() and after and after[0].isdecimal():
            if len(before) == 4:
                return int(before), month, int(after[0])
            if len(after[0]) in (2, 4):
                return _year(after[0]), month, int(before)
        if len(after) == 2 and after[0].isdecimal() and after[1].isdecimal() and len(after[1]) == 4:
            return int(after[1]), month, int(after[0])
    return None


def _year(digits: str) -> int:
    """Return a year; of two digits, 70–99 are of the last century (POSIX)."""
    number = int(digits)
    if len(digits) == 4:
        return number
    return number + (1900 if number >= 70 else 2000)
