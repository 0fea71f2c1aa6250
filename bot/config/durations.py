"""Time spans as people write them: ``15 min``, ``2 h``, ``400 days``. Pure; refuses what has two meanings."""

import re
from datetime import timedelta

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([^\W\d_]*)\.?")
_UNITS = {
    "s": "seconds", "sec": "seconds", "second": "seconds",
    "min": "minutes", "minute": "minutes",
    "h": "hours", "hr": "hours", "hour": "hours",
    "d": "days", "day": "days",
    "w": "weeks", "week": "weeks",
}  # fmt: skip
_MANY_DAYS = {"m": 0, "mo": 30, "month": 30, "y": 365, "yr": 365, "year": 365}


class DurationError(ValueError):
    """A text that is no time span; ``hint`` says what to write."""

    def __init__(self, hint: str) -> None:
        super().__init__("must be a time span such as '15 min', '2 h' or '7 days'")
        self.hint = hint


def parse_duration(text: str) -> timedelta:
    """Return the span that a text means: a number, then s, min, h, days or weeks. Raises DurationError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise DurationError("")
    number, unit = found[1], found[2].casefold()
    if not unit:
        raise DurationError(f"did you mean '{number} min'?")
    name = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
    if name is None:
        raise DurationError(_hint(number, unit))
    try:
        return timedelta(**{name: float(number)})
    except OverflowError:
        raise DurationError("that is longer than history") from None


def in_words(span: timedelta) -> str:
    """Return a span as ``parse_duration`` reads it, in the largest unit that divides it."""
    seconds = span.total_seconds()
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            number = int(seconds // size)
            return f"{number} {'day' if unit == 'days' and number == 1 else unit}"
    return f"{seconds:g} s"


def _hint(number: str, unit: str) -> str:
    days = _MANY_DAYS.get(unit, _MANY_DAYS.get(unit.removesuffix("s")))
    if days == 0:
        return f"minutes or months? did you mean '{number} min'?"
    if days:
        return f"months and years differ in length: did you mean '{float(number) * days:g} days'?"
    return "units: s, min, h, days, weeks"
