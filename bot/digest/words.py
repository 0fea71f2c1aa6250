"""Schedules in words: ``every monday at 07:00``, ``hourly``, ``immediately`` → ``Schedule``."""

import re
from difflib import get_close_matches

from bot.digest.schedule import (
    DAY_NAMES,
    EVERY_WEEKDAY,
    MINUTES_A_DAY,
    WEEKEND,
    WORKING_DAYS,
    Schedule,
)
from bot.errors import ScheduleError

_EXAMPLES = (
    "write for example `every day at 07:00`, `weekdays at 07:00 and 17:00`, `every monday at 07:00`, "
    "`hourly`, `every 15 minutes` or `immediately`; anything else by `cron:`"
)
_INTERVAL = re.compile(r"every (?:(\d{1,4}) )?(minutes?|mins?|hours?|h)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_SEPARATOR = re.compile(r"\s*(?:,\s*and\b|,|\band\b|&)\s*")

_DAYS: dict[str, frozenset[int]] = {
    "day": EVERY_WEEKDAY,
    "weekday": WORKING_DAYS,
    "weekdays": WORKING_DAYS,
    "working day": WORKING_DAYS,
    "weekend": WEEKEND,
    "weekends": WEEKEND,
    **{
        spelling: frozenset({number})
        for number, name in enumerate(DAY_NAMES)
        for spelling in (name, f"{name}s", name[:3])
    },
}


def parse_schedule(text: str) -> Schedule:
    """Read a schedule in words; capitals and extra blanks do not matter.

    Intervals (``every 2 hours``) start at local midnight, so they must divide the day evenly.
    Raises ScheduleError, which says which word was not understood and what can be written.
    """
    words = " ".join(text.lower().split())
    if words == "immediately":
        return Schedule(immediate=True)
    if words in {"hourly", "every hour"}:
        return Schedule(times=tuple(range(0, MINUTES_A_DAY, 60)))
    if found := _INTERVAL.fullmatch(words):
        return _interval(int(found[1] or 1), "minutes" if found[2].startswith("m") else "hours")
    days, at, times = words.partition(" at ")
    if not at:
        raise ScheduleError(f"{text!r} is not a schedule", hint=_hint(words))
    days = "every day" if days == "daily" else days
    return Schedule(times=_times(times), weekdays=_weekdays(days.removeprefix("every "), text))


def _interval(number: int, unit: str) -> Schedule:
    most = 60 if unit == "minutes" else 24
    if not number or most % number:
        fitting = [n for n in range(1, most + 1) if most % n == 0]
        near = sorted(fitting, key=lambda n: abs(n - number))[:2]
        raise ScheduleError(
            f"every {number} {unit} does not divide {'an hour' if most == 60 else 'a day'} evenly",
            hint=f"write every {min(near)} {unit} or every {max(near)} {unit}",
        )
    return Schedule(times=tuple(range(0, MINUTES_A_DAY, number if unit == "minutes" else number * 60)))


def _weekdays(text: str, whole: str) -> frozenset[int]:
    days: frozenset[int] = frozenset()
    for word in _SEPARATOR.split(text):
        named = _DAYS.get(word.removeprefix("every "))
        if named is None:
            near = get_close_matches(word, _DAYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else _EXAMPLES
            raise ScheduleError(f"{word!r} in {whole!r} is not a day", hint=hint)
        days |= named
    return days


def _times(text: str) -> tuple[int, ...]:
    times = set()
    for word in _SEPARATOR.split(text):
        found = _TIME.fullmatch(word)
        if found is None:
            raise ScheduleError(f"{word!r} is not a time of day", hint=_time_hint(word))
        hour, minute = int(found[1]), int(found[2])
        if hour > 23 or minute > 59:
            raise ScheduleError(f"{word} is not a time of day", hint="from 00:00 to 23:59")
        times.add(hour * 60 + minute)
    return tuple(sorted(times))


def _time_hint(word: str) -> str:
    found = re.fullmatch(r"(\d{1,2})(?:[.h](\d{2}))?\s*(am|pm|h)?", word)
    if found is None or int(found[1]) > 23:
        return "write hours and minutes, as in 07:00"
    hour = int(found[1]) % 12 + (12 if found[3] == "pm" else 0) if found[3] in {"am", "pm"} else int(found[1])
    return f"write {hour:02}:{found[2] or '00'}"


def _hint(words: str) -> str:
    near = get_close_matches(words, ["immediately", "hourly", "every hour", "every day"], n=1, cutoff=0.75)
    if words in {"daily", "every day", "weekdays", "weekends"} or words.removeprefix("every ") in _DAYS:
        return f"at which time? write `{words} at 07:00`"
    if len(words.split()) == 5 and not words.startswith("every"):
        return f'is it a cron line? write `cron: "{words}"`'
    return f"did you mean `{near[0]}`?" if near else _EXAMPLES
