"""Read dates as people write them: in words and figures, in any of the languages of ``date_words``.

Part of ``dates``, which hands over what no machine's shape fits.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.parse.date_words import (
    BUDDHIST_AHEAD,
    BUDDHIST_YEARS,
    ERAS,
    FILLERS,
    MONTHS,
    TWO_WORDS,
    WEEKDAY_OR_MONTH,
    ZONES,
)

#: No zone on earth is further from UTC.
MAX_OFFSET = timedelta(hours=15)
_MAX_MINUTES = 15 * 60

_TIME = re.compile(
    r"(?<![\d:.])(\d{1,2})(?:[:h.]|\s?Uhr\s?)(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?![\d])\s*(?:(am|pm)\b|([ap])\.\s?m\.)?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})\s*(am\b|pm\b|a\.m\.|p\.m\.|uhr\b|h\b)", re.IGNORECASE)
_LOOSE_TIME = re.compile(r"(?<![\d:.])(\d{1,2})([:.])(\d{1,2})\2(\d{1,2})(?![\d:.])")
_CJK_TIME = re.compile(
    r"(午前|上午|오전|午後|下午|오후)?\s*(\d{1,2})\s*[時时点시:]\s*(\d{1,2})\s*(?:分|분)?(?:\s*[::]?\s*(\d{1,2})\s*(?:秒|초)?)?"
)
_OFFSET = re.compile(
    r"(?:\b(GMT|UTC|UT|Z)\s?)?([+\-\u2212])(\d{1,2})(?::?(\d{2}))?(?::\d{2})?(?!\d)|\b(?:GMT|UTC)(\d{1,2})\b",
    re.IGNORECASE,
)
_YMD = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)\s?[日일.]?")
_DMY = re.compile(r"(?<!\d)(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_ERA = re.compile(
    rf"({'|'.join(name for name in ERAS if len(name) > 1)}|\b[RH](?=\d+\.\d+\.))\s?(\d{{1,3}}|元)"
)
_VIETNAMESE = re.compile(r"[\s,]*\b(?:tháng|năm)\b\s*", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª|\u00b0)(?![^\W\d_])", re.IGNORECASE)
#: Marks of direction and width that stand in dates of Arabic, Hebrew, Malayalam.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: A figure, or a word with the vowel signs of Indian scripts and the stops of Thai short forms.
_TOKEN = re.compile(r"\d+|[^\W\d_](?:[^\s\d!-/:-@\[-`{-\xbf\u2000-\u206f،]|\.(?=[^\W\d_]))*")
_WORD = re.compile(r"[^\W\d_]+")
_AMERICAN = re.compile(r"\d\s*(?:am|pm)\b", re.IGNORECASE)
_Day = tuple[int, int, int]


def read(text: str, is_possible: Callable[[datetime], bool]) -> datetime | None:
    """Return the time in UTC that a text of some 100 characters names, or None.

    Of two readings (``05/11/2026``) the likelier one is taken for which ``is_possible``.
    """
    if not text.isascii():
        text = _VIETNAMESE.sub("/", _UNSEEN.sub("", unicodedata.normalize("NFC", text)))
        for words, word in TWO_WORDS.items():
            text = text.replace(words, word)
    text = _ERA.sub(_western, _ORDINAL.sub("", text))
    clock, rest = _take_time(text)
    offset, rest = _take_zone(rest) if clock else (0, rest)
    hour, minute, second = clock or (0, 0, 0)
    for day in _days(rest, american=_AMERICAN.search(text) is not None):
        found = make(*day, hour, minute, second, offset)
        if found is not None and is_possible(found):
            return found
    return None


def make(
    year: int, month: int, day: int, hour: int, minute: int, second: int, offset: int
) -> datetime | None:
    """Build a UTC time from a local one, ``offset`` minutes east; None where there is no such time.

    24:00 is the next midnight, a leap second the second before it, and years of the Buddhist calendar count.
    """
    next_day = hour == 24 and minute == 0 and second == 0
    if next_day:
        hour = 0
    elif second == 60:
        second = 59
    if year in BUDDHIST_YEARS:
        year -= BUDDHIST_AHEAD
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return local - timedelta(days=-int(next_day), minutes=offset) if offset or next_day else local
    except (ValueError, OverflowError):
        return None


def _western(era: re.Match[str]) -> str:
    return str(ERAS[era[1]] + (1 if era[2] == "元" else int(era[2])))


def _take_time(text: str) -> tuple[tuple[int, int, int] | None, str]:
    """Return the time of day, if there is one, and the text without it."""
    cjk = _CJK_TIME.search(text) if not text.isascii() else None
    if cjk is not None:
        half = "p" if cjk[1] in ("午後", "下午", "오후") else "a" if cjk[1] else ""
        return (_twelve(int(cjk[2]), half), int(cjk[3]), int(cjk[4] or 0)), _without(text, cjk)
    for match in _TIME.finditer(text):
        if "." in match[0][:3] and not _dotted_time(text, match):
            continue
        half = (match[4] or match[5] or "")[:1].lower()
        return (_twelve(int(match[1]), half), int(match[2]), int(match[3] or 0)), _without(text, match)
    for match in _LOOSE_TIME.finditer(text):
        # "14.05.00" is a time only beside a date that is complete without it.
        if match[2] == ":" or _named(_without(text, match)) is not None:
            return (int(match[1]), int(match[3]), int(match[4])), _without(text, match)
    whole = _HOUR.search(text)
    if whole is not None:
        half = whole[2][0].lower()
        return (_twelve(int(whole[1]), half if half in "ap" else ""), 0, 0), _without(text, whole)
    return None, text


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


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
        if total <= _MAX_MINUTES:
            sign = 1 if match[2] in ("+", None) else -1
            return sign * total, _without(text, match)
    for word in _WORD.finditer(text):
        # Zone names are written in capitals; "art", "est" and "set" are words of other languages.
        if word[0].isupper() and word[0] in ZONES:
            return ZONES[word[0]], _without(text, word)
    return 0, text


def _days(text: str, *, american: bool) -> list[_Day]:
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


def _named(text: str) -> _Day | None:
    """Find day, month's name and year beside each other, in any order: ``3 mars 2026``, ``March 3, 2026``."""
    tokens = [token for token in (t.casefold() for t in _TOKEN.findall(text)) if token not in FILLERS]
    months = [place for place, token in enumerate(tokens) if token in MONTHS]
    if len(months) > 1:
        months = [place for place in months if tokens[place] != WEEKDAY_OR_MONTH]
    for place in months:
        figures = [token if token.isdecimal() else "" for token in ("", "", *tokens, "", "")][
            place : place + 5
        ]
        day = _arranged(*figures[:2], *figures[3:])
        if day is not None:
            return day[0], MONTHS[tokens[place]], day[1]
    return None


def _arranged(second_before: str, before: str, after: str, second_after: str) -> tuple[int, int] | None:
    """Return year and day of the figures around a month's name ("" where there is none), or None."""
    if before and after and len(before) == 4:
        return int(before), int(after)
    if before and len(after) in (2, 4):
        return _year(after), int(before)
    if after and len(second_after) == 4:
        return int(second_after), int(after)
    if before and len(second_before) == 4:
        return int(second_before), int(before)
    return None


def _year(digits: str) -> int:
    """Return a year; of two digits, 70–99 are of the last century (POSIX)."""
    number = int(digits)
    if len(digits) == 4:
        return number
    return number + (1900 if number >= 70 else 2000)
