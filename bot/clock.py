"""The clock: the only place that asks what time it is.

Everything else is told (``now`` is an argument), so that every rule about time can be tested
with a time of one's own choosing.
"""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time; tests pass one that they set themselves."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never jumps; only differences mean anything."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never jumps; only differences mean anything."""
        return time.monotonic()
