"""Why a source is asked when it is, in plain sentences."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.fetch.rhythm import MEMORY, usual
from bot.fetch.schedule_facts import MAX_DELAY, NextFetch, NextReason, Timing
from bot.model import Rhythm

_DAY_S: Final = 86_400.0
#: until a source was watched for so long, its interval says more of where it began than of the source
_KNOWN_AFTER_S: Final = 3 * _DAY_S


def explain(
    facts: Mapping[str, Any] | None,
    *,
    rhythm: Rhythm,
    timing: Timing,
    fail_weight: float,
    now: datetime,
    when: Callable[[datetime], str],
    failures: int | None = None,
) -> list[str]:
    """Return why a source is asked when it is: plain sentences, the usual interval first, the date last.

    ``facts`` are those of ``NextFetch.to_json``, as the store kept them; without them only the usual
    interval is told. ``when`` writes an instant for its reader; ``failures`` is how many in a row.
    """
    planned = NextFetch.from_json(facts)
    told = [_usually(rhythm, timing, now=now)]
    if planned is None:
        return told
    told += _hinted(planned, timing)
    told += _failed(planned, fail_weight, failures)
    if planned.held_until is not None and planned.held_until > now:
        told.append(f"Its server asked to be left alone until {when(planned.held_until)}.")
    if planned.reason is NextReason.GONE:
        told.append("Its server says that it is gone for good (HTTP 410), so it is paused.")
    elif planned.reason is NextReason.NETWORK:
        told.append("The network is down: no source is asked until it answers again.")
    elif planned.reason is NextReason.DIGEST and planned.digest_at is not None:
        digest = when(planned.digest_at)
        told.append(f"A digest is due at {digest}: it is asked once more in the half hour before.")
    if planned.reason is not NextReason.GONE:
        told.append("It is due now." if planned.at <= now else f"It is asked next at {when(planned.at)}.")
    return told


def _usually(rhythm: Rhythm, timing: Timing, *, now: datetime) -> str:
    interval_s, reason = usual(rhythm, timing, now=now)
    asked = f"It is asked every {spell(interval_s)}"
    if reason is NextReason.EVERY:
        return f"{asked}: that is set for it, and does not adapt."
    if reason is NextReason.SILENT:
        assert rhythm.last_new_at is not None
        silent = spell((now - rhythm.last_new_at).total_seconds())
        return f"{asked}: nothing new has come for {silent}. The next new item brings it back at once."
    if rhythm.watched_s < timing.every.total_seconds() / 2:
        return f"{asked} to begin with: it adapts to what it brings."
    if rhythm.heard < 0.05:
        brought = f"{asked}: {_span_of(rhythm)} it brought nothing new"
    else:
        brought = f"{asked}: {_span_of(rhythm)} it brought {_amount(rhythm)}"
    if rhythm.watched_s < _KNOWN_AFTER_S:
        return f"{brought}; it began with every {spell(timing.every.total_seconds())}, and is still learning."
    if interval_s <= timing.shortest.total_seconds():
        return f"{brought}, and it is never asked more often."
    if interval_s >= timing.longest.total_seconds():
        return f"{brought}, and news must not come later than that."
    return f"{brought}, and one new item a poll is aimed at."


def _span_of(rhythm: Rhythm) -> str:
    """Say over what time: what fades over two weeks stands for two weeks at most."""
    watched = timedelta(seconds=rhythm.watched_s)
    # By then what was watched first has faded half away.
    if watched >= MEMORY / 2:
        return f"in the last {MEMORY.days} days"
    return f"in the last {spell(rhythm.watched_s)}"


def _amount(rhythm: Rhythm) -> str:
    if rhythm.watched_s < _DAY_S:
        return _items(rhythm.heard)
    per_day = rhythm.heard / rhythm.watched_s * _DAY_S
    if per_day >= 0.95:
        return f"about {_items(per_day)} a day"
    return f"about {_items(per_day * 7)} a week"


def _items(count: float) -> str:
    number = max(round(count), 1)
    return "1 new item" if number == 1 else f"{number:,} new items"


def _hinted(planned: NextFetch, timing: Timing) -> list[str]:
    if planned.hint_s is None:
        return []
    said = f"Its server says that its answer stays fresh for {spell(planned.hint_s)}"
    if planned.reason is NextReason.HINT:
        instead = f"asked after {spell(planned.wait_s)} instead of {spell(planned.interval_s)}"
        return [
            f"{said}: {instead}{', the most that is granted' if planned.hint_s > planned.wait_s else ''}."
        ]
    if not timing.adapts and planned.hint_s > planned.interval_s:
        return [f"{said}; the interval that is set for it goes before that."]
    return []


def _failed(planned: NextFetch, fail_weight: float, failures: int | None) -> list[str]:
    if fail_weight <= 0:
        return []
    times = "" if failures is None else " once" if failures == 1 else f" {failures:,} times in a row"
    said = f"It has failed{times} (weight {fail_weight:g})"
    if planned.wait_s <= planned.interval_s:
        return [f"{said}: too little to ask it less often."]
    waits = f"asked after {spell(planned.wait_s)} instead of {spell(planned.interval_s)}"
    most = ", the most there is" if planned.wait_s >= MAX_DELAY.total_seconds() else ""
    return [f"{said}: {waits}{most}, until it answers well again."]


def spell(span_s: float) -> str:
    """Return a span for people, in one unit, or two where one says too little: ``1 h 30 min``."""
    span_s = max(span_s, 0.0)
    if span_s < 90:
        return f"{max(round(span_s), 1)} s"
    minutes = round(span_s / 60)
    if minutes < 100:
        return "1 h" if minutes == 60 else f"{minutes} min"
    if minutes >= 2850:
        return f"{round(minutes / 1440)} days"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{round(minutes / 60)} h"
