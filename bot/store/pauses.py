"""What people, and the network, do to sources between two polls: pause, resume, correct, forgive.

Upper rooms reach this through ``bot.store.sources``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.model import Health, Moved, Offer, Source
from bot.store.base import Tx
from bot.store.source_rows import LEARNED_COLUMNS, SOURCE_COLUMNS, moved_from, source_from
from bot.store.statements import param
from bot.store.tables import installation, sources
from bot.store.types import Utc

#: Over how long the sources are asked again that a dead network kept from answering.
_SPREAD: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedSource:
    """A source whose address has been sending us elsewhere for good."""

    source: Source
    moved: Moved


_NOW = sa.bindparam("now", type_=Utc())
_named = sa.update(sources).where(sources.c.key == param("of", sources.c.key))
_forgiven: dict[str, Any] = {"fail_weight": 0.0, "failing_since": None, "last_error": None}
_PAUSE = _named.values(
    paused_at=_NOW, paused_why=param("reason", sources.c.paused_why), paused_by_answer=sa.false()
)
#: What it was before it failed is judged anew at the next poll.
_well_again = sa.case((sources.c.baseline_done, Health.OK.value), else_=Health.UNKNOWN.value)
_failing = sources.c.health == Health.FAILING.value
_judged_anew: dict[str, Any] = _forgiven | {
    "health": sa.case((_failing, _well_again), else_=sources.c.health),
    "health_since": sa.case((_failing, _NOW), else_=sources.c.health_since),
    "health_why": sa.case((_failing, None), else_=sources.c.health_why),
    "next_reason": None,
}
_RESUME = _named.values(
    **_judged_anew, paused_at=None, paused_why=None, paused_by_answer=None, next_fetch_at=_NOW
)
_FOUND = _named.values(
    **_judged_anew,
    found_kind=param("new_kind", sources.c.found_kind),
    found_url=param("new_url", sources.c.found_url),
    etag=None,
    last_modified=None,
    body_hash=None,
    next_fetch_at=_NOW,
)
_MOVED = (
    sa.select(*SOURCE_COLUMNS, *LEARNED_COLUMNS)
    .where(sources.c.enabled, sources.c.moved_to.is_not(None))
    .order_by(sources.c.id)
)
_FAILING_SINCE = (
    sa.select(sources.c.id)
    .where(
        sources.c.enabled,
        sources.c.paused_at.is_(None),
        sources.c.failing_since >= sa.bindparam("since", type_=Utc()),
    )
    .order_by(sources.c.next_fetch_at, sources.c.id)
)
_FORGIVE = (
    sa.update(sources)
    .where(sources.c.id == param("of", sources.c.id))
    .values(**_judged_anew, next_fetch_at=param("next_at", sources.c.next_fetch_at))
)
_NETWORK = sa.select(installation.c.network_down_since)


def pause(tx: Tx, key: str, *, why: str, now: datetime) -> bool:
    """Let a source not be asked any more before it is resumed; False where no source has this key."""
    return tx.execute(_PAUSE, {"of": key, "reason": why, "now": now}).rowcount == 1


def resume(tx: Tx, key: str, *, now: datetime) -> bool:
    """Let a source be asked now, with its failures forgotten; False where no source has this key."""
    return tx.execute(_RESUME, {"of": key, "now": now}).rowcount == 1


def accept_found(tx: Tx, key: str, offer: Offer, *, now: datetime) -> bool:
    """Let a bare address be read by one of its offers, from now on; False where no source has this key."""
    values = {"of": key, "new_kind": offer.kind.value, "new_url": offer.url, "now": now}
    return tx.execute(_FOUND, values).rowcount == 1


def moved_sources(tx: Tx) -> list[MovedSource]:
    """Return the sources that are sent elsewhere for good, however often so far, as they were configured."""
    return [
        MovedSource(source=source_from(row), moved=moved)
        for row in tx.execute(_MOVED)
        if (moved := moved_from(row)) is not None
    ]


def forgive(tx: Tx, *, since: datetime, now: datetime, spread: timedelta = _SPREAD) -> int:
    """Take back what failures did that began then or later: it was the network. Return to how many sources.

    They are due from now on, evenly spread, those first that would have been first.
    """
    numbers = tx.execute(_FAILING_SINCE, {"since": since}).scalars().all()
    if numbers:
        step = spread / len(numbers)
        tx.execute(
            _FORGIVE,
            [
                {"of": number, "next_at": now + step * place, "now": now}
                for place, number in enumerate(numbers)
            ],
        )
    return len(numbers)


def set_network(tx: Tx, down_since: datetime | None) -> None:
    """Note since when no source can be reached; None: some can."""
    tx.execute(sa.update(installation).values(network_down_since=down_since))


def network_down_since(tx: Tx) -> datetime | None:
    """Return since when no source can be reached, None while some can."""
    since: datetime | None = tx.execute(_NETWORK).scalar()
    return since
