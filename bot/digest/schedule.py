"""The value of a schedule: on which local days, and at which minutes of them.

Words and cron lines both become this one value (``words.py``, ``cron.py``), and it prints itself
in words again. It knows nothing of zones and instants: those are ``due.py``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: Index = ``date.weekday()``.
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY_WEEKDAY = frozenset(range(7))
WORKING_DAYS = frozenset(range(5))
WEEKEND = frozenset({5, 6})
EVERY_MONTH_DAY = frozenset(range(1, 32))
EVERY_MONTH = frozenset(range(1, 13))
MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When a digest is due, in the wall time of its zone; ``str()`` says it in words."""

    #: minutes since local midnight, ascending, without repeats
    times: tuple[int, ...] = ()
    #: 0 = Monday
    weekdays: frozenset[int] = EVERY_WEEKDAY
    #: 1–31
    month_days: frozenset[int] = EVERY_MONTH_DAY
    #: 1–12
    months: frozenset[int] = EVERY_MONTH
    #: a day needs to match only one of weekdays and month_days (cron's rule when it names both)
    either: bool = False
    #: no slots at all: a digest as soon as there is something to tell
    immediate: bool = False
    #: the cron line, where no words say the same
    cron: str = ""

    def falls_on(self, day: date) -> bool:
        """Tell whether a local day has slots."""
        if day.month not in self.months:
            return False
        by_week, by_month = day.weekday() in self.weekdays, day.day in self.month_days
        return by_week or by_month if self.either else by_week and by_month

    def __str__(self) -> str:
        if self.immediate:
            return "immediately"
        if self.cron:
            return f"cron {self.cron}"
        return in_words(self.times, self.weekdays)


def in_words(times: tuple[int, ...], weekdays: frozenset[int]) -> str:
    """Return ``every monday at 07:00`` and the like; ``parse_schedule`` reads it back."""
    step = _step(times)
    if step and weekdays == EVERY_WEEKDAY:
        if step % 60:
            return f"every {step} minutes"
        return "hourly" if step == 60 else f"every {step // 60} hours"
    return f"{_days_in_words(weekdays)} at {joined(f'{at // 60:02}:{at % 60:02}' for at in times)}"


def joined(words: Iterable[str]) -> str:
    """Return ``a, b and c``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _step(times: tuple[int, ...]) -> int:
    """Return the minutes between times that tile the day from midnight; 0 when they do not."""
    step = MINUTES_A_DAY // len(times)
    tiles = len(times) > 1 and times == tuple(range(0, MINUTES_A_DAY, step))
    return step if tiles else 0


def _days_in_words(weekdays: frozenset[int]) -> str:
    if weekdays == EVERY_WEEKDAY:
        return "every day"
    if weekdays == WORKING_DAYS:
        return "weekdays"
    if weekdays == WEEKEND:
        return "weekends"
    return f"every {joined(DAY_NAMES[day] for day in sorted(weekdays))}"
