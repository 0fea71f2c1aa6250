"""How sources are doing: the facts that it is judged by, and the verdicts, which are found elsewhere.

Upper rooms reach this through ``bot.store.sources``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from bot.model import Health, Rhythm, Source
from bot.store.base import Tx
from bot.store.source_rows import (
    HEALTHS,
    LEARNED_COLUMNS,
    SOURCE_COLUMNS,
    health_from,
    rhythm_from,
    source_from,
)
from bot.store.statements import AnyRow, Many, any_of, chunks, param
from bot.store.tables import entries, fetches, sources
from bot.store.types import Utc

#: A source is judged by the last pages that were asked for on its behalf: so many at most, and none older.
PAGES_JUDGED: Final = 20
PAGES_FOR: Final = timedelta(days=14)


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFacts:
    """What a source's health is judged by."""

    id: int
    source: Source
    health: Health
    health_since: datetime | None
    health_why: str | None
    #: the health that was last told; None where none was
    noticed_health: Health | None
    first_asked_at: datetime | None
    last_fetch_at: datetime | None
    #: ``ok``, ``not_modified`` or a word of FailureKind; None when never asked
    last_outcome: str | None
    last_error: str | None
    #: since when every attempt fails; None when the last one did not
    failing_since: datetime | None
    fail_weight: float
    #: entries in its last listing; None before the first
    listed: int | None
    rhythm: Rhythm
    #: of the last pages: how many could be read
    pages_read: int = 0
    #: of the last pages: how many could not, by the word of FailureKind
    pages_unread: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchRow:
    """One poll of a source that told something: an answer with a listing, or a failure; no "not modified"."""

    at: datetime
    duration_ms: int
    #: of HTTP; None when there was no answer
    status: int | None
    bytes: int
    #: how many entries were new
    new: int
    #: a word of FailureKind; None when it went well
    kind: str | None
    error: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthChange:
    """A source that is doing otherwise than it did."""

    source_id: int
    health: Health
    #: in words; None where there is nothing to say
    why: str | None = None


_FACTS = sa.select(
    sources.c.id,
    *SOURCE_COLUMNS,
    sources.c.health,
    sources.c.health_since,
    sources.c.health_why,
    sources.c.noticed_health,
    sources.c.first_asked_at,
    sources.c.last_fetch_at,
    sources.c.last_outcome,
    sources.c.last_error,
    sources.c.failing_since,
    sources.c.fail_weight,
    sources.c.listed,
    *LEARNED_COLUMNS,
).where(sources.c.enabled, sources.c.paused_at.is_(None))
_latest = (
    sa.select(entries.c.id)
    .where(
        entries.c.source_id == sources.c.id,
        entries.c.done_at >= sa.bindparam("since", type_=Utc()),
        entries.c.state.in_(("read", "unread")),
        entries.c.url.is_not(None),
    )
    .order_by(entries.c.done_at.desc())
    .limit(PAGES_JUDGED)
)
_lateral = _latest.correlate(sources).lateral()
#: SQLite knows no LATERAL, and PostgreSQL would ask the list anew for each entry.
_PAGES = {
    "sqlite": sa.select(sources.c.id, entries.c.state, entries.c.error_kind, sa.func.count())
    .select_from(sources.join(entries, entries.c.id.in_(_latest.correlate(sources).scalar_subquery())))
    .group_by(sources.c.id, entries.c.state, entries.c.error_kind),
    "postgresql": sa.select(sources.c.id, entries.c.state, entries.c.error_kind, sa.func.count())
    .select_from(sources.join(_lateral, sa.true()).join(entries, entries.c.id == _lateral.c.id))
    .group_by(sources.c.id, entries.c.state, entries.c.error_kind),
}
_SAVE = Many(
    sa.update(sources)
    .where(sources.c.id == param("of", sources.c.id))
    .values(
        health=param("state", sources.c.health),
        health_since=sa.case(
            (sources.c.health == param("state", sources.c.health), sources.c.health_since),
            else_=param("now", sources.c.health_since),
        ),
        health_why=param("reason", sources.c.health_why),
    )
)


_FETCHES = (
    sa.select(
        fetches.c.at,
        fetches.c.duration_ms,
        fetches.c.status,
        fetches.c.bytes,
        fetches.c.new,
        fetches.c.kind,
        fetches.c.error,
    )
    .where(
        fetches.c.source_id
        == sa.select(sources.c.id).where(sources.c.key == param("of", sources.c.key)).scalar_subquery()
    )
    .order_by(fetches.c.at.desc(), fetches.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer()))
)


def facts(tx: Tx, *, now: datetime, keys: Collection[str] | None = None) -> list[SourceFacts]:
    """Return what the health of sources is judged by, of all that are asked, or of those with these keys.

    Of pages, only those that were asked for in the last 14 days count, 20 a source at most.
    """
    pages = _PAGES[tx.dialect.name]
    since = {"since": now - PAGES_FOR}
    if keys is None:
        return _facts(tx.execute(_FACTS.order_by(sources.c.id)), tx.execute(pages, since))
    found: list[SourceFacts] = []
    for some in chunks(sorted(keys)):
        named = any_of(sources.c.key, "keys")
        values = {"keys": list(some)}
        found += _facts(
            tx.execute(_FACTS.where(named).order_by(sources.c.id), values),
            tx.execute(pages.where(named), values | since),
        )
    return found


def _facts(rows: Iterable[AnyRow], pages: Iterable[AnyRow]) -> list[SourceFacts]:
    read: dict[int, int] = {}
    unread: dict[int, dict[str, int]] = {}
    for number, state, kind, count in pages:
        if state == "read":
            read[number] = read.get(number, 0) + count
        else:
            unread.setdefault(number, {})[kind or ""] = count
    return [
        SourceFacts(
            id=row.id,
            source=source_from(row),
            health=HEALTHS[row.health],
            health_since=row.health_since,
            health_why=row.health_why,
            noticed_health=health_from(row.noticed_health),
            first_asked_at=row.first_asked_at,
            last_fetch_at=row.last_fetch_at,
            last_outcome=row.last_outcome,
            last_error=row.last_error,
            failing_since=row.failing_since,
            fail_weight=row.fail_weight,
            listed=row.listed,
            rhythm=rhythm_from(row),
            pages_read=read.get(row.id, 0),
            pages_unread=unread.get(row.id, {}),
        )
        for row in rows
    ]


def recent_fetches(tx: Tx, key: str, *, limit: int = 10) -> list[FetchRow]:
    """Return the last polls of a source that told something, the newest first."""
    return [FetchRow(**row) for row in tx.execute(_FETCHES, {"of": key, "most": limit}).mappings()]


def save_health(tx: Tx, changes: Sequence[HealthChange], *, now: datetime) -> None:
    """Store how sources are doing; since when, is now, unless they did so before."""
    if changes:
        rows = [
            {"of": change.source_id, "state": change.health.value, "reason": change.why, "now": now}
            for change in changes
        ]
        _SAVE(tx, rows)
