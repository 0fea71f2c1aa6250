"""How often a source brings something new, and the interval that follows from it.

One new item a poll is aimed at. What is learned is a rate: new items over the time in which they came,
both fading over two weeks, so that a weekend weighs little against the weeks before it. Until a
source has been watched for long, the belief it starts with (one new item per ``every``) weighs about a
day: hours of silence do not stretch its interval, days of silence do.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.fetch.schedule_facts import MAX_DELAY, NextReason, Outcome, Timing, seconds
from bot.model import Rhythm

_DAY_S: Final = 86_400.0
#: what was learned fades to a third (1/e) in this time
MEMORY: Final = timedelta(days=14)
#: what the first belief weighs before anything is known, and how fast that goes once something is
_BELIEF_S: Final = _DAY_S
_BELIEF_FADES_S: Final = 7 * _DAY_S
#: Between two answers that lie further apart, something stood still here or there, and listings may
#: have forgotten items meanwhile: such a gap says nothing of a rhythm.
_LONGEST_GAP: Final = 1.5 * MAX_DELAY
#: The longest silence that a source came back from fades to a third in this time, so that a holiday is
#: remembered for a while, and a pause of long ago is not.
_GAP_MEMORY: Final = timedelta(days=90)
#: silent for longer: asked less often than ``longest``, and once a day when silent for as long as the second
SILENT_AFTER: Final = timedelta(days=30)
_DAILY_AFTER: Final = timedelta(days=90)
#: how many polls that brought something are remembered
_RECENT: Final = 20
#: Intervals that are learned take one of these lengths (minutes), so that sources share them, each has a
#: steady phase, and a rate that wavers does not move it.
_LADDER_MIN: Final = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 24, 30, 36, 40, 45),
    *(60, 72, 90, 120, 144, 180, 240, 288, 360, 480, 720, 960, 1440),
)
_LADDER: Final = tuple(60.0 * minutes for minutes in _LADDER_MIN)


def learned(rhythm: Rhythm, outcome: Outcome, *, since: datetime | None, now: datetime) -> Rhythm:
    """Return what is known of a source's rhythm after one more question.

    ``since`` is when it last answered well; None at its first sight, which counts for nothing but the
    beginning of its silence. A failure teaches nothing: the next answer covers its time, too.
    """
    if not outcome.ok:
        return rhythm
    if since is None:
        return replace(rhythm, last_new_at=rhythm.last_new_at or now)
    new = max(outcome.new_entries, 0)
    gap = now - since
    telling = timedelta() < gap <= _LONGEST_GAP
    if new:
        rhythm = replace(
            rhythm,
            last_new_at=now,
            longest_gap_s=_longest_gap_s(rhythm, now=now) if telling else rhythm.longest_gap_s,
            items=rhythm.items + new,
            recent_new=(*rhythm.recent_new, new)[-_RECENT:],
        )
    elif rhythm.last_new_at is None:
        rhythm = replace(rhythm, last_new_at=since)
    if not telling:
        return rhythm
    gap_s, memory_s = gap.total_seconds(), MEMORY.total_seconds()
    kept = math.exp(-gap_s / memory_s)
    # The earlier part of the gap has faded already when it ends.
    weight = (1 - kept) * memory_s / gap_s
    return replace(
        rhythm,
        heard=rhythm.heard * kept + new * weight,
        watched_s=rhythm.watched_s * kept + gap_s * weight,
    )


def _longest_gap_s(rhythm: Rhythm, *, now: datetime) -> float:
    """Return the longest silence that a source came back from, the one that ends now among them."""
    if rhythm.last_new_at is None:
        return rhythm.longest_gap_s
    silence = max(now - rhythm.last_new_at, timedelta())
    return max(rhythm.longest_gap_s * math.exp(-silence / _GAP_MEMORY), silence.total_seconds())


def rate_per_day(rhythm: Rhythm, timing: Timing) -> float:
    """Return how many new items a day are expected, the first belief counted in."""
    belief_s = _BELIEF_S * math.exp(-rhythm.watched_s / _BELIEF_FADES_S)
    believed = belief_s / max(seconds(timing.every), 1.0)
    return _DAY_S * (rhythm.heard + believed) / (rhythm.watched_s + belief_s)


def interval(rhythm: Rhythm, timing: Timing, *, now: datetime) -> timedelta:
    """Return how long after one question the next is due while all is well: 1 s to 24 h.

    ``every`` where the user set it; else what makes one new item a poll, within ``shortest`` and
    ``longest``, and up to 24 h for what has been silent for more than 30 days.
    """
    return timedelta(seconds=usual(rhythm, timing, now=now)[0])


def usual(rhythm: Rhythm, timing: Timing, *, now: datetime) -> tuple[float, NextReason]:
    """Return the interval in seconds, and what it follows from: EVERY, RHYTHM or SILENT."""
    every_s = min(max(seconds(timing.every), 1.0), MAX_DELAY.total_seconds())
    if not timing.adapts:
        return every_s, NextReason.EVERY
    lowest_s = min(every_s, max(seconds(timing.shortest), 1.0))
    highest_s = min(max(every_s, seconds(timing.longest)), MAX_DELAY.total_seconds())
    silent_s = _silent_s(rhythm, highest_s, now=now)
    if silent_s > highest_s:
        return _on_ladder(silent_s), NextReason.SILENT
    wanted_s = min(max(_DAY_S / max(rate_per_day(rhythm, timing), 1e-9), lowest_s), highest_s)
    return _on_ladder(wanted_s, lowest_s, every_s, highest_s), NextReason.RHYTHM


def _silent_s(rhythm: Rhythm, highest_s: float, *, now: datetime) -> float:
    """Return the interval that a silence stretches to: slowly, from ``highest_s`` to a day."""
    if rhythm.last_new_at is None:
        return 0.0
    over = (now - rhythm.last_new_at - SILENT_AFTER) / (_DAILY_AFTER - SILENT_AFTER)
    return highest_s + (MAX_DELAY.total_seconds() - highest_s) * min(max(over, 0.0), 1.0)


def _on_ladder(wanted_s: float, *others: float) -> float:
    """Return the nearest of the shared lengths, by ratio; never outside of ``others``, where given."""
    lowest, highest = min(others, default=0.0), max(others, default=MAX_DELAY.total_seconds())
    steps = [step for step in _LADDER if lowest <= step <= highest]
    return min((*others, *steps), key=lambda step: abs(math.log(step / wanted_s)))


def next_step_s(wanted_s: float) -> float:
    """Return the shortest of the shared lengths that is not shorter than this one (seconds, up to 24 h)."""
    return next((step for step in _LADDER if step >= wanted_s), _LADDER[-1])
