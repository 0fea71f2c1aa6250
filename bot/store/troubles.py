"""What is told of sources: notices of their health, those that need a look, and what they flooded us with.

Upper rooms reach this through ``bot.store.sources``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.model import Health, SourceRecovery, SourceTrouble, host_of
from bot.store.base import Tx
from bot.store.source_rows import HEALTHS
from bot.store.statements import AnyRow, Many, param
from bot.store.tables import entries, health_notices, sources
from bot.store.types import Utc


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNotice:
    """What is to be told of a source's health."""

    source_id: int
    health: Health
    why: str
    #: since when it has been so
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthNotice:
    """What was told of a source's health."""

    id: int
    #: the source's key
    source: str
    source_name: str
    at: datetime
    health: Health
    why: str
    since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldCount:
    """Items of a source that are history although they came later."""

    #: the source's key
    source: str
    source_name: str
    #: why: ``flood``
    why: str
    entries: int
    #: when the last of them came
    last_at: datetime


_ADD_NOTICE = Many(sa.insert(health_notices), columns=("source_id", "at", "health", "why", "since"))
_NOTICED = Many(
    sa.update(sources)
    .where(sources.c.id == param("of", sources.c.id))
    .values(noticed_health=param("told", sources.c.noticed_health))
)
_NOTICES = (
    sa.select(
        health_notices.c.id,
        sources.c.key.label("source"),
        sources.c.name.label("source_name"),
        health_notices.c.at,
        health_notices.c.health,
        health_notices.c.why,
        health_notices.c.since,
    )
    .join(sources, sources.c.id == health_notices.c.source_id)
    .where(
        health_notices.c.at >= sa.bindparam("since", type_=Utc()),
        health_notices.c.at < sa.bindparam("until", type_=Utc()),
    )
    .order_by(health_notices.c.at, health_notices.c.id)
)
_COUNTS = (
    sa.select(sources.c.health, sa.func.count())
    .where(sources.c.enabled, sources.c.paused_at.is_(None))
    .group_by(sources.c.health)
)
#: What is told of a source that is in this state where nothing else is known of it.
_TROUBLES: Final[Mapping[str, str]] = {
    Health.FAILING.value: "fails",
    Health.PARTIAL.value: "most of its pages cannot be read",
    Health.EMPTY.value: "lists nothing",
    Health.QUIET.value: "has had nothing new for unusually long",
    Health.FLOOD.value: "listed again, as new, what it had listed before",
}
_TROUBLED_SINCE = sa.case(
    (sources.c.paused_at.is_not(None), sources.c.paused_at),
    (
        sources.c.health == Health.FAILING.value,
        sa.func.coalesce(sources.c.failing_since, sources.c.health_since),
    ),
    else_=sources.c.health_since,
)
#: When the last notice told what the source is still doing.
_told_at = (
    sa.select(sa.func.max(health_notices.c.at))
    .where(health_notices.c.source_id == sources.c.id, health_notices.c.health == sources.c.health)
    .correlate(sources)
    .scalar_subquery()
)
_TROUBLED = (
    sa.select(
        sources.c.key,
        sources.c.url,
        sources.c.name,
        sources.c.health,
        sources.c.last_outcome,
        sources.c.health_why,
        sources.c.last_error,
        sources.c.paused_at,
        sources.c.paused_why,
        _TROUBLED_SINCE.label("since"),
        _told_at.label("told_at"),
    )
    .where(
        sources.c.enabled,
        sa.or_(sources.c.health.in_(list(_TROUBLES)), sources.c.paused_at.is_not(None)),
    )
    # NULLs last on both
    .order_by(_TROUBLED_SINCE.is_(None), _TROUBLED_SINCE, sources.c.id)
)
#: What a person paused is no news to people.
_TOLD = _TROUBLED.where(
    sa.or_(
        sa.and_(sources.c.paused_at.is_(None), sources.c.noticed_health == sources.c.health),
        sa.and_(sources.c.paused_at.is_not(None), sources.c.paused_by_answer.is_(sa.true())),
    )
)
_later, _former, _before = (health_notices.alias(name) for name in ("later", "former", "before_it"))
_former_id = (
    sa.select(sa.func.max(_before.c.id))
    .where(
        _before.c.source_id == health_notices.c.source_id,
        _before.c.id < health_notices.c.id,
        _before.c.health != Health.OK.value,
    )
    .correlate(health_notices)
    .scalar_subquery()
)
_RECOVERED = (
    sa.select(sources.c.name, health_notices.c.why, _former.c.health, _former.c.since)
    .select_from(
        health_notices.join(sources, sources.c.id == health_notices.c.source_id).join(
            _former, _former.c.id == _former_id
        )
    )
    .where(
        health_notices.c.at >= sa.bindparam("since", type_=Utc()),
        health_notices.c.at < sa.bindparam("until", type_=Utc()),
        health_notices.c.health == Health.OK.value,
        sources.c.enabled,
        sources.c.paused_at.is_(None),
        ~sa.exists().where(_later.c.source_id == sources.c.id, _later.c.id > health_notices.c.id),
    )
    .order_by(health_notices.c.at, health_notices.c.id)
)
_HELD = (
    sa.select(
        sources.c.key.label("source"),
        sources.c.name.label("source_name"),
        entries.c.held.label("why"),
        sa.func.count().label("entries"),
        sa.func.max(entries.c.first_seen_at).label("last_at"),
    )
    .join(sources, sources.c.id == entries.c.source_id)
    .where(
        entries.c.held.is_not(None),
        entries.c.first_seen_at >= sa.bindparam("since", type_=Utc()),
        entries.c.first_seen_at < sa.bindparam("until", type_=Utc()),
    )
    .group_by(sources.c.id, sources.c.key, sources.c.name, entries.c.held)
    .order_by(sources.c.id)
)


def add_notices(tx: Tx, notices: Sequence[NewNotice], *, now: datetime) -> None:
    """Tell how sources are doing: each notice is kept, and known as the last one told of its source."""
    if not notices:
        return
    rows: list[dict[str, Any]] = [
        {
            "source_id": notice.source_id,
            "at": now,
            "health": notice.health.value,
            "why": notice.why,
            "since": notice.since,
        }
        for notice in notices
    ]
    _ADD_NOTICE(tx, rows)
    _NOTICED(tx, [{"of": notice.source_id, "told": notice.health.value} for notice in notices])


def notices(tx: Tx, *, since: datetime, until: datetime) -> list[HealthNotice]:
    """Return what was told from then on and before ``until``, the first told first."""
    return [
        HealthNotice(**{**row, "health": HEALTHS[row["health"]]})
        for row in tx.execute(_NOTICES, {"since": since, "until": until}).mappings()
    ]


def health_counts(tx: Tx) -> dict[Health, int]:
    """Return how many of the sources that are asked are doing how; a health that none has is not there."""
    return {HEALTHS[word]: int(count) for word, count in tx.execute(_COUNTS)}


def source_troubles(tx: Tx, *, told: bool = False) -> list[SourceTrouble]:
    """Return the enabled sources that need a look, and why, the longest trouble first.

    ``told`` leaves out what no notice told yet, a trouble that may pass by itself, and what a person
    paused.
    """
    return [
        SourceTrouble(
            key=row.key,
            host=host_of(row.url),
            name=row.name,
            message=_message(row),
            since=row.since,
            health=HEALTHS[row.health],
            kind=row.last_outcome if row.health == Health.FAILING.value else None,
            paused=row.paused_at is not None,
            told_at=row.told_at,
        )
        for row in tx.execute(_TOLD if told else _TROUBLED)
    ]


def recoveries(tx: Tx, *, since: datetime, until: datetime) -> list[SourceRecovery]:
    """Return the sources of which the last notice, in this time, half-open, told that they are well again.

    The first told first; those that are switched off or paused meanwhile are left out.
    """
    return [
        SourceRecovery(name=row.name, message=row.why, trouble=HEALTHS[row.health], since=row.since)
        for row in tx.execute(_RECOVERED, {"since": since, "until": until})
    ]


def _message(row: AnyRow) -> str:
    if row.paused_at is not None:
        return f"paused: {row.paused_why}" if row.paused_why else "paused"
    failed = row.last_error if row.health == Health.FAILING.value else None
    return row.health_why or failed or _TROUBLES[row.health]


def held_counts(tx: Tx, *, since: datetime, until: datetime) -> list[HeldCount]:
    """Return what each source listed in this time, half-open, that was held back as no news."""
    return [HeldCount(**row) for row in tx.execute(_HELD, {"since": since, "until": until}).mappings()]
