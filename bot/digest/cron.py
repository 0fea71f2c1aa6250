"""Schedules as cron lines: ``0 7 * * mon-fri`` → ``Schedule``.

Five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday); lists, ranges,
steps, and names of months and days. Where both day fields are restricted, a day that matches either
has slots; a field that begins with ``*`` (``*/2`` too) does not count as restricted, and both must hold.

Source: POSIX.1-2017 ``crontab``; the rule on ``*`` as in Vixie cron, ``crontab(5)``.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.digest.schedule import EVERY_MONTH, EVERY_MONTH_DAY, Schedule, in_words
from bot.errors import ScheduleError

#: After so many years every pairing of date and weekday has come round (no century breaks it here).
_CALENDAR_YEARS = 28
#: Longer lists of times are clearer as the cron line itself.
_MOST_TIMES_IN_WORDS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field(name="minute", low=0, high=59),
    _Field(name="hour", low=0, high=23),
    _Field(name="day of month", low=1, high=31),
    _Field(
        name="month",
        low=1,
        high=12,
        names=("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ),
    _Field(name="day of week", low=0, high=7, names=("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)


def parse_cron(text: str) -> Schedule:
    """Read a cron line of five fields.

    Raises ScheduleError, which says which field was not understood, or that the line never comes true.
    """
    parts = text.lower().split()
    if len(parts) != len(_FIELDS):
        raise ScheduleError(
            f"a cron line has five fields, {text!r} has {len(parts)}",
            hint='minute, hour, day of month, month, day of week, as in "0 7 * * mon-fri"',
        )
    minutes, hours, month_days, months, days = (
        _field(part, field) for part, field in zip(parts, _FIELDS, strict=True)
    )
    weekdays = frozenset((day - 1) % 7 for day in days)
    either = not parts[2].startswith("*") and not parts[4].startswith("*")
    times = tuple(sorted(hour * 60 + minute for hour in hours for minute in minutes))
    plain = months == EVERY_MONTH and month_days == EVERY_MONTH_DAY and not either
    words = in_words(times, weekdays) if plain else ""
    sayable = plain and (len(times) <= _MOST_TIMES_IN_WORDS or " at " not in words)
    schedule = Schedule(
        times=times,
        weekdays=weekdays,
        month_days=month_days,
        months=months,
        either=either,
        cron="" if sayable else " ".join(parts),
    )
    if not _ever(schedule):
        raise ScheduleError(
            f"{text!r} never comes true", hint="no month of it has that day; check the third and fourth field"
        )
    return schedule


def _field(text: str, field: _Field) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        values.update(_range(part, field))
    return frozenset(values)


def _range(part: str, field: _Field) -> range:
    span, slash, step_text = part.partition("/")
    if slash and (not _is_number(step_text) or int(step_text) == 0):
        raise _wrong(part, field, "the step after `/` is a number from 1 up")
    step = int(step_text) if slash else 1
    if span == "*":
        # Sunday is 0 here; 7 would be a second one
        return range(field.low, (6 if field.high == 7 else field.high) + 1, step)
    first, dash, last = span.partition("-")
    low = _value(first, part, field)
    if not dash:
        if slash:
            raise _wrong(part, field, f"a step needs a range: write {first}-{field.high}/{step_text}")
        return range(low, low + 1)
    high = 7 if last == "sun" else _value(last, part, field)
    if high < low:
        raise _wrong(part, field, "a range goes up; write two ranges with a comma between")
    return range(low, high + 1, step)


def _value(text: str, part: str, field: _Field) -> int:
    if text in field.names:
        return field.low + field.names.index(text)
    if not _is_number(text):
        names = f" or {', '.join(field.names)}" if field.names else ""
        raise _wrong(part, field, f"a number from {field.low} to {field.high}{names}")
    value = int(text)
    if not field.low <= value <= field.high:
        raise _wrong(part, field, f"from {field.low} to {field.high}")
    return value


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _wrong(part: str, field: _Field, hint: str) -> ScheduleError:
    return ScheduleError(f"{part!r} is not a {field.name}", hint=hint)


def _ever(schedule: Schedule) -> bool:
    first = date(2000, 1, 1)
    return any(schedule.falls_on(first + timedelta(days=n)) for n in range(_CALENDAR_YEARS * 366))
