"""Which slot of a schedule is due: local wall time first, instants after.

A slot is a local date with a time of day, turned into an instant by the zone's rules: a time that a
clock change repeats means its first occurrence, one that it skips moves forward by the length of the
gap. So a daily schedule has exactly one slot for each local date, over both changes, in every zone.
Nothing here reads the clock, and what was done already stands in the database (``last_slot``).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.digest.cron import parse_cron
from bot.digest.schedule import Schedule
from bot.digest.words import parse_schedule

__all__ = ["Schedule", "due_slot", "next_slots", "parse_cron", "parse_schedule"]

#: Where a zone skipped a whole day (Samoa, 2011), slots of neighbouring dates change places.
_OVERLAP = timedelta(days=2)
#: 29 February, and no leap day in 2100: the longest that a schedule can be silent, and more.
_SEARCH = timedelta(days=40 * 366)


def due_slot(schedule: Schedule, *, zone: ZoneInfo, last_slot: datetime, now: datetime) -> datetime | None:
    """Return the latest slot in ``(last_slot, now]``, in UTC; None when none is due.

    Slots missed before it are not made up for one by one: one catch-up covers them. A clock that
    jumped back makes nothing due again, since slots up to ``last_slot`` never come back. The search
    goes backwards by days, so years of downtime cost no more than a morning. An ``immediate``
    schedule has no slots.
    """
    if schedule.immediate or now <= last_slot:
        return None
    day = _local_date(now, zone) + _OVERLAP
    stop = max(_local_date(last_slot, zone) - _OVERLAP, day - _SEARCH)
    latest: datetime | None = None
    while day >= stop:
        passed = [slot for slot in _slots_of(schedule, zone, day) if last_slot < slot <= now]
        if passed and latest is None:
            stop = max(stop, day - _OVERLAP)
        latest = max([*passed, *([latest] if latest else [])], default=None)
        day -= timedelta(days=1)
    return latest


def next_slots(schedule: Schedule, *, zone: ZoneInfo, after: datetime, count: int) -> list[datetime]:
    """Return the next slots strictly after an instant, in UTC, ascending; none for ``immediate``."""
    if schedule.immediate or count < 1:
        return []
    day = _local_date(after, zone) - _OVERLAP
    stop = day + _SEARCH
    found: set[datetime] = set()
    while day <= stop:
        new = [slot for slot in _slots_of(schedule, zone, day) if slot > after]
        if len(found) < count <= len(found) + len(new):
            stop = min(stop, day + _OVERLAP)
        found.update(new)
        day += timedelta(days=1)
    return sorted(found)[:count]


def _slots_of(schedule: Schedule, zone: ZoneInfo, day: date) -> list[datetime]:
    if not schedule.falls_on(day):
        return []
    # fold=0 takes the first of two; in a gap it keeps the offset from before, which moves forward
    walls = (datetime.combine(day, time(at // 60, at % 60), tzinfo=zone) for at in schedule.times)
    return [wall.astimezone(UTC) for wall in walls]


def _local_date(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
