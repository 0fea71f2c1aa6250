"""What the schedule is told, and what it answers: values that the store keeps and people are shown."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from bot.errors import FailureKind

#: nothing is left alone for longer, whatever happened to it
MAX_DELAY: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How often a source may be asked."""

    #: the interval; where ``adapts``, the one that it begins with
    every: timedelta
    #: whether the interval follows what the source brings
    adapts: bool = True
    #: bounds of an interval that adapts; ``every`` may lie outside and then widens them
    shortest: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(hours=2)


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
    #: new items; those held back as a flood do not count
    new_entries: int = 0
    #: how long the server says that its answer stays fresh: the largest of ttl, Cache-Control, Expires
    hint: timedelta | None = None


class NextReason(StrEnum):
    """What decided when a source is asked next."""

    #: the interval that its user set
    EVERY = "every"
    #: the interval that follows from what it brings
    RHYTHM = "rhythm"
    #: the longer interval of a source that has been silent for a month
    SILENT = "silent"
    #: the server said how long its answer stays fresh
    HINT = "hint"
    #: once more before a digest
    DIGEST = "digest"
    #: it failed, time after time
    FAILING = "failing"
    #: the server asked to be left alone
    RETRY_AFTER = "retry_after"
    #: the server said that it is gone for good: it is to be paused
    GONE = "gone"
    #: the network is down, and nobody is asked
    NETWORK = "network"


@dataclass(frozen=True, kw_only=True, slots=True)
class NextFetch:
    """When a source is asked next, and the facts that decided it."""

    #: aware UTC
    at: datetime
    reason: NextReason
    #: seconds between two questions while all is well
    interval_s: float
    #: seconds that this one waits, before it is moved to the source's own phase
    wait_s: float
    #: seconds that the server says its answer stays fresh; None when it does not
    hint_s: float | None = None
    #: until when the server asked to be left alone; None when it did not
    held_until: datetime | None = None
    #: the digest before which it is asked once more; None when that is not why
    digest_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the facts as plain values, times in ISO 8601; what is None is left out."""
        facts: dict[str, Any] = {
            "at": self.at.isoformat(),
            "reason": self.reason.value,
            "interval_s": round(self.interval_s, 3),
            "wait_s": round(self.wait_s, 3),
            "hint_s": self.hint_s,
            "held_until": self.held_until.isoformat() if self.held_until else None,
            "digest_at": self.digest_at.isoformat() if self.digest_at else None,
        }
        return {name: value for name, value in facts.items() if value is not None}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any] | None) -> Self | None:
        """Return what ``to_json`` gave; None for nothing, or for facts that another release wrote."""
        try:
            return (
                None
                if not facts
                else cls(
                    at=datetime.fromisoformat(facts["at"]),
                    reason=NextReason(facts["reason"]),
                    interval_s=float(facts["interval_s"]),
                    wait_s=float(facts["wait_s"]),
                    hint_s=None if facts.get("hint_s") is None else float(facts["hint_s"]),
                    held_until=_moment(facts.get("held_until")),
                    digest_at=_moment(facts.get("digest_at")),
                )
            )
        except (KeyError, TypeError, ValueError):
            return None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def seconds(span: timedelta | None) -> float:
    """Return a span in seconds; 0 for None and for what is negative."""
    return 0.0 if span is None else max(span.total_seconds(), 0.0)


def is_sane(number: float) -> bool:
    """Tell whether a number can be reckoned with: finite and not negative."""
    return math.isfinite(number) and number >= 0
