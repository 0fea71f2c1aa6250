"""When a delivery that did not get through is tried again: pure.

The first tries come quickly, since most faults pass; then twice a day, so that a mail server that is
away over a long weekend loses nothing; after five days nobody is waiting for that digest any more.
"""

from datetime import datetime, timedelta

from bot.errors import DeliveryError, FailureKind, Retry

_FIRST_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)
_LATER_DELAY = timedelta(hours=12)
#: 5 h 21 min of first delays and nine times twelve hours: 4.7 days.
_MOST_ATTEMPTS = 15
#: Each further try of an unknown outcome may be a repeat for the reader.
_MOST_UNKNOWN_ATTEMPTS = 5
_LONGEST_RATE_LIMIT = timedelta(hours=1)
_LONGEST_WAIT = timedelta(hours=24)
#: A server that limits us again and again is left alone for longer than it asks.
_POLITE_ATTEMPTS = 3


def next_attempt_at(attempts: int, error: DeliveryError, *, now: datetime) -> datetime | None:
    """Return when to try again after ``attempts`` tries (1 or more); None when it is given up.

    ``error.retry_after`` is a least delay, capped at 24 h; for a rate limit it is the delay itself,
    capped at 1 h, until the fourth try.
    """
    most = _MOST_UNKNOWN_ATTEMPTS if error.retry is Retry.UNKNOWN else _MOST_ATTEMPTS
    if error.retry is Retry.NEVER or attempts >= most:
        return None
    delay = _FIRST_DELAYS[attempts - 1] if attempts <= len(_FIRST_DELAYS) else _LATER_DELAY
    if error.retry_after is None:
        return now + delay
    if error.kind is FailureKind.RATE_LIMITED:
        asked = min(error.retry_after, _LONGEST_RATE_LIMIT)
        return now + (asked if attempts <= _POLITE_ATTEMPTS else max(asked, delay))
    return now + max(delay, min(error.retry_after, _LONGEST_WAIT))
