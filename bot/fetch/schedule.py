"""When to ask again: pure rules over what came of the last time.

The pipeline calls these after every fetch and stores what they say. Times are aware UTC instants;
chance comes in as an argument.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.errors import FailureKind

MAX_DELAY: Final = timedelta(hours=24)
#: how far a listing's own word (ttl) may stretch the interval
MAX_TTL: Final = timedelta(hours=2)
#: part of the delay that jitter adds or takes away, so that sources asked together drift apart
JITTER: Final = 0.1
#: waits before an article page is asked for the 2nd, 3rd, 4th and 5th time
READ_DELAYS: Final = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)

#: somebody has to change something before it works again
_HARD: Final = frozenset(
    {
        FailureKind.BAD_URL,
        FailureKind.REFUSED_ADDRESS,
        FailureKind.UNAUTHORISED,
        FailureKind.FORBIDDEN,
        FailureKind.GONE,
        FailureKind.TLS,
        FailureKind.NOT_A_FEED,
        FailureKind.TOO_LARGE,
        FailureKind.BAD_CODING,
    }
)
#: a moment's trouble of the network
_TEMPORARY: Final = frozenset({FailureKind.TIMEOUT, FailureKind.RESET, FailureKind.CONNECT})
_WEIGHT_HARD: Final = 1.0
_WEIGHT_SOFT: Final = 0.5
_WEIGHT_TEMPORARY: Final = 0.25
#: more than this changes nothing: the shortest interval has long reached MAX_DELAY
_MAX_WEIGHT: Final = 10_000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of asking a source once."""

    #: whether the listing was read, or known to be unchanged
    ok: bool
    #: whether it had changed
    modified: bool = False
    #: how it failed; None when it did not
    kind: FailureKind | None = None
    #: how long the server asked us to stay away
    retry_after: timedelta | None = None
    new_entries: int = 0
    #: how long the source says its listing stays fresh
    ttl: timedelta | None = None


def fail_weight_after(weight: float, outcome: Outcome) -> float:
    """Return the sum of the failures since the last success: 0 after one, else more by the failure's weight.

    A hard failure weighs 1, a soft one 0.5, a temporary one 0.25.
    """
    if outcome.ok:
        return 0.0
    if outcome.kind in _HARD:
        added = _WEIGHT_HARD
    elif outcome.kind in _TEMPORARY:
        added = _WEIGHT_TEMPORARY
    else:
        added = _WEIGHT_SOFT
    return min(weight + added, _MAX_WEIGHT)


def next_fetch_at(
    *, every: timedelta, fail_weight: float, outcome: Outcome, now: datetime, jitter: float
) -> datetime:
    """Return when to ask a source again: after ``now``, within 24 h of it.

    ``fail_weight`` is the sum *after* this outcome (``fail_weight_after``); ``jitter`` lies in [0, 1)
    and moves the delay by at most a tenth; a Retry-After always holds and is never cut short by it.
    A failing source is asked after ``every`` × (1 + sum); one that is gone (410), once a day.
    """
    if not outcome.ok:
        delay_s = every.total_seconds() * (1 + max(fail_weight, 0.0))
        if outcome.kind is FailureKind.GONE:
            delay_s = MAX_DELAY.total_seconds()
    else:
        ttl = min(outcome.ttl or timedelta(), MAX_TTL)
        delay_s = max(every, ttl).total_seconds()
    delay_s *= 1 + JITTER * (2 * jitter - 1)
    if outcome.retry_after is not None:
        delay_s = max(delay_s, outcome.retry_after.total_seconds())
    return now + timedelta(seconds=min(max(delay_s, 1.0), MAX_DELAY.total_seconds()))


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
