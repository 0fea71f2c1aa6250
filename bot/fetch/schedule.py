"""When to ask again: pure rules over what came of the last time.

The pipeline calls these after every fetch and stores what they say: ``learned`` keeps the rhythm,
``fail_weight_after`` the failures, ``next_fetch`` says when and why, ``explain`` says it in words.
Times are aware UTC instants; chance comes in as an argument.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.errors import FailureKind
from bot.fetch.rhythm import interval, learned, next_step_s, rate_per_day, usual
from bot.fetch.schedule_facts import (
    MAX_DELAY,
    NextFetch,
    NextReason,
    Outcome,
    Timing,
    is_sane,
    seconds,
)
from bot.fetch.schedule_hints import freshness, hint_of
from bot.fetch.schedule_moved import is_settled, moved_after
from bot.fetch.schedule_words import explain
from bot.model import Rhythm

__all__ = [
    "HARD",
    "JITTER",
    "MAX_DELAY",
    "MAX_HINT",
    "READ_DELAYS",
    "SOFT",
    "TEMPORARY",
    "NextFetch",
    "NextReason",
    "Outcome",
    "Timing",
    "explain",
    "fail_weight_after",
    "freshness",
    "hint_of",
    "interval",
    "is_settled",
    "learned",
    "moved_after",
    "next_fetch",
    "next_read_at",
    "phase_of",
    "rate_per_day",
    "wants_whole",
    "while_down",
]

#: how far a server's own word may stretch an interval
MAX_HINT: Final = timedelta(hours=2)
#: part of the delay that jitter adds or takes away
JITTER: Final = 0.1
#: waits before an article page is asked for the 2nd, 3rd, 4th and 5th time
READ_DELAYS: Final = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)

#: somebody has to change something before it works again
HARD: Final = frozenset(
    {
        FailureKind.BAD_URL,
        FailureKind.REFUSED_ADDRESS,
        FailureKind.UNAUTHORISED,
        FailureKind.FORBIDDEN,
        FailureKind.GONE,
        FailureKind.TLS,
        FailureKind.NOT_A_FEED,
        FailureKind.NOT_A_PAGE,
        FailureKind.TOO_LARGE,
        FailureKind.TOO_COMPLEX,
        FailureKind.BAD_CODING,
    }
)
#: servers have these for hours, and come back: a feed that is read every day does answer 404 at times
SOFT: Final = frozenset(
    {
        FailureKind.DNS,
        FailureKind.PROTOCOL,
        FailureKind.REDIRECTS,
        FailureKind.NOT_FOUND,
        FailureKind.RATE_LIMITED,
        FailureKind.SERVER_ERROR,
        FailureKind.HTTP_STATUS,
        FailureKind.ROBOTS,
        FailureKind.EMPTY,
        FailureKind.MALFORMED,
        FailureKind.CRASHED,
    }
)
#: a moment's trouble of the network
TEMPORARY: Final = frozenset({FailureKind.TIMEOUT, FailureKind.RESET, FailureKind.CONNECT})
_WEIGHT_HARD: Final = 1.0
_WEIGHT_SOFT: Final = 0.5
_WEIGHT_TEMPORARY: Final = 0.25
#: more than this changes nothing: the shortest interval has long reached MAX_DELAY
_MAX_WEIGHT: Final = 100_000.0
#: what has failed so much is not asked once more before a digest
_HEAVY: Final = 2.0

#: before a digest, each source is asked once more: not earlier than this, and not later than that
_BEFORE_DIGEST: Final = timedelta(minutes=30)
_LAST_CALL: Final = timedelta(minutes=3)
#: An interval up to this has room for its own phase (half an interval more or less) below MAX_DELAY.
_LONGEST_STEP_S: Final = MAX_DELAY.total_seconds() / 1.5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
#: two whole requests never come closer together than this
_WHOLE_APART: Final = timedelta(hours=6)


def fail_weight_after(weight: float, outcome: Outcome) -> float:
    """Return the sum of the failures since the last success: 0 after one, else more by the failure's weight.

    A hard failure weighs 1, a soft one 0.5, a temporary one 0.25.
    """
    if outcome.ok:
        return 0.0
    if outcome.kind in HARD:
        added = _WEIGHT_HARD
    elif outcome.kind in TEMPORARY:
        added = _WEIGHT_TEMPORARY
    else:
        added = _WEIGHT_SOFT
    return min(weight + added, _MAX_WEIGHT)


def phase_of(key: str) -> float:
    """Return the part of an interval, in [0, 1), that is a source's own: the same for ever, spread evenly."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest()) / 2**48


def next_fetch(
    *,
    timing: Timing,
    rhythm: Rhythm,
    outcome: Outcome,
    fail_weight: float,
    now: datetime,
    jitter: float,
    phase: float,
    digest_at: datetime | None = None,
) -> NextFetch:
    """Return when to ask a source again, after ``now`` and within 24 h of it, and why.

    ``rhythm`` and ``fail_weight`` are those *after* this outcome; ``jitter`` and ``phase`` lie in
    [0, 1); ``digest_at`` is the next digest that may tell of this source. A Retry-After always holds.
    A source that is gone (reason GONE) is to be paused.
    """
    interval_s, reason = usual(rhythm, timing, now=now)
    wait_s = step_s = interval_s
    hint_s = min(seconds(outcome.hint), MAX_HINT.total_seconds()) if timing.adapts else 0.0
    weight = 0.0 if outcome.ok or not is_sane(fail_weight) else min(fail_weight, _MAX_WEIGHT)
    if not outcome.ok and outcome.kind is FailureKind.GONE:
        wait_s, reason = MAX_DELAY.total_seconds(), NextReason.GONE
    elif weight > 1:
        wait_s, reason = interval_s * weight, NextReason.FAILING
    elif outcome.ok and hint_s > interval_s:
        wait_s = step_s = next_step_s(hint_s)
        reason = NextReason.HINT
    at = now + timedelta(seconds=_delay_s(wait_s, step_s, now=now, jitter=jitter, phase=phase))
    slot = _before(digest_at, now=now, phase=phase)
    if slot is not None and slot < at and weight < _HEAVY and reason is not NextReason.GONE:
        at, reason = slot, NextReason.DIGEST
    held_until = None
    if outcome.retry_after is not None and seconds(outcome.retry_after) > 0:
        held_until = now + min(outcome.retry_after, MAX_DELAY)
        if held_until > at:
            at, reason = held_until, NextReason.RETRY_AFTER
    return NextFetch(
        at=at,
        reason=reason,
        interval_s=interval_s,
        wait_s=min(wait_s, MAX_DELAY.total_seconds()),
        hint_s=seconds(outcome.hint) or None,
        held_until=held_until,
        digest_at=digest_at if reason is NextReason.DIGEST else None,
    )


def _delay_s(wait_s: float, step_s: float, *, now: datetime, jitter: float, phase: float) -> float:
    """Return how long to wait: ``wait_s``, moved to the source's own phase in a grid of ``step_s``.

    The nearest point of the grid is at most half a step away: sources that began together are spread
    over a whole step at once, and one that is in its phase stays in it. Jitter adds or takes a tenth,
    on the side that keeps within half a step.
    """
    swing = JITTER * (2 * jitter - 1)
    if step_s > _LONGEST_STEP_S:
        # No room for half an interval more: it is asked up to a tenth earlier instead.
        return min(wait_s, MAX_DELAY.total_seconds()) * (1 - JITTER * (1 - jitter))
    wait_s = min(wait_s, _room_s(step_s))
    wanted_s = wait_s + swing * (wait_s - step_s)
    since_s = (now - _EPOCH).total_seconds()
    offset_s = phase * step_s
    due_s = round((since_s + wanted_s - offset_s) / step_s) * step_s + offset_s - since_s
    moved_s = due_s + swing * step_s
    return moved_s if abs(moved_s - wanted_s) <= step_s / 2 else due_s - swing * step_s


def _room_s(step_s: float) -> float:
    """Return the longest wait that, moved by phase and jitter, still ends within 24 h."""
    return (MAX_DELAY.total_seconds() - (0.5 - JITTER) * step_s) / (1 + JITTER)


def _before(digest_at: datetime | None, *, now: datetime, phase: float) -> datetime | None:
    """Return the source's own moment before a digest; None when there is none, or it is about to be."""
    if digest_at is None or now >= digest_at - _BEFORE_DIGEST:
        return None
    return digest_at - _BEFORE_DIGEST + phase * (_BEFORE_DIGEST - _LAST_CALL)


def while_down(wait: timedelta, *, timing: Timing, rhythm: Rhythm, now: datetime) -> NextFetch:
    """Return when to ask next while the network is down; ``wait`` is what ``Network.retry_in`` says."""
    return NextFetch(
        at=now + wait,
        reason=NextReason.NETWORK,
        interval_s=usual(rhythm, timing, now=now)[0],
        wait_s=wait.total_seconds(),
    )


def wants_whole(whole_at: datetime | None, *, now: datetime, phase: float) -> bool:
    """Tell whether a source is to be asked without validators: once a day, at an hour of its own.

    ``whole_at`` is when that was last done; None for never. Servers lie: an ETag that never changes
    would hide all news.
    """
    if whole_at is None or whole_at > now:
        return True
    turn = now - (now - _EPOCH - phase * _DAY) % _DAY
    return whole_at < turn and now - whole_at >= _WHOLE_APART


def next_read_at(attempts: int, *, now: datetime, retry_after: timedelta | None) -> datetime | None:
    """Return when to ask for an article page again after ``attempts`` (≥ 1) failed ones; None = given up.

    The waits are 5 min, 30 min, 2 h and 12 h; a longer Retry-After holds, up to 24 h.
    """
    if attempts > len(READ_DELAYS):
        return None
    delay = READ_DELAYS[max(attempts, 1) - 1]
    if retry_after is not None:
        delay = max(delay, min(retry_after, MAX_DELAY))
    return now + delay
