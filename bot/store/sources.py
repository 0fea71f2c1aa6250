"""Sources: when each is asked next, what is known of it, and how it is shown.

What a changed configuration does, claims on hosts, the saving of refreshes, pauses and health stand in
modules of their own and are part of this face.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.model import Health, Moved, Offer, Rhythm, Source, SourceKind
from bot.store.base import Tx
from bot.store.conditions import FetchRow, HealthChange, SourceFacts, facts, recent_fetches, save_health
from bot.store.hosts import (
    claim_host,
    extend_claim,
    free,
    held_until,
    hold_host,
    release_all_hosts,
    release_host,
)
from bot.store.pauses import (
    MovedSource,
    accept_found,
    forgive,
    moved_sources,
    network_down_since,
    pause,
    resume,
    set_network,
)
from bot.store.refresh_values import ChangedEntry, EntryKeysLike, KnownRow, NewEntry, RefreshSave
from bot.store.refreshes import known_entries, known_titles, save_refreshes
from bot.store.source_rows import (
    HEALTHS,
    LEARNED_COLUMNS,
    SOURCE_COLUMNS,
    found_from,
    health_from,
    moved_from,
    rhythm_from,
    source_from,
)
from bot.store.source_sync import SyncReport, plan, sync
from bot.store.statements import AnyRow, param
from bot.store.tables import entries, hosts, sources
from bot.store.troubles import (
    HealthNotice,
    HeldCount,
    NewNotice,
    add_notices,
    health_counts,
    held_counts,
    notices,
    recoveries,
    source_troubles,
)
from bot.store.types import Utc
from bot.store.worth import MentionedText, SourceValue, mentioned_texts, value

__all__ = [
    "ChangedEntry",
    "DueHost",
    "EntryKeysLike",
    "FetchRow",
    "HealthChange",
    "HealthNotice",
    "HeldCount",
    "KnownRow",
    "MentionedText",
    "MovedSource",
    "NewEntry",
    "NewNotice",
    "RefreshSave",
    "SourceFacts",
    "SourceRow",
    "SourceState",
    "SourceValue",
    "SyncReport",
    "accept_found",
    "add_notices",
    "answering_hosts",
    "claim_host",
    "due_hosts",
    "due_sources",
    "extend_claim",
    "facts",
    "forgive",
    "health_counts",
    "held_counts",
    "held_until",
    "hold_host",
    "known_entries",
    "known_titles",
    "list_sources",
    "mentioned_texts",
    "moved_sources",
    "network_down_since",
    "next_hosts",
    "notices",
    "pause",
    "plan",
    "recent_fetches",
    "recoveries",
    "release_all_hosts",
    "release_host",
    "resume",
    "save_health",
    "save_refreshes",
    "set_network",
    "source_from",
    "source_troubles",
    "sync",
    "value",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """A source as a refresh needs it."""

    id: int
    source: Source
    etag: str | None
    last_modified: str | None
    #: of the last body; None when there was none
    body_hash: bytes | None
    fail_weight: float
    #: whether its first sight is over
    baseline_done: bool
    first_asked_at: datetime | None
    last_fetch_at: datetime | None
    #: ``ok``, ``not_modified`` or a word of FailureKind; None when never asked
    last_outcome: str | None
    #: when it last answered well, changed or not; at its present address
    answered_at: datetime | None
    #: when it was last asked without validators, and answered
    whole_at: datetime | None
    rhythm: Rhythm
    #: where it has been sending us for good
    moved: Moved | None
    #: what was discovered at a bare address; its title is not kept
    found: Offer | None
    health: Health
    health_since: datetime | None
    #: since when every attempt fails; None when the last one did not
    failing_since: datetime | None
    #: the health that was last told; None where none was
    noticed_health: Health | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DueHost:
    """A host with a source that is due."""

    host: str
    #: whether a due source there failed the last time
    troubled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow:
    """A source as lists show it."""

    name: str
    key: str
    kind: SourceKind
    url: str
    host: str
    health: Health
    enabled: bool
    next_fetch_at: datetime
    last_fetch_at: datetime | None
    #: ``ok``, ``not_modified`` or a word of FailureKind; None when never asked
    last_outcome: str | None
    last_error: str | None
    #: how many entries it has listed so far
    entries: int
    #: as it was configured
    source: Source
    health_since: datetime | None
    #: in words; None where there is nothing to say
    health_why: str | None
    #: since when every attempt fails; None when the last one did not
    failing_since: datetime | None
    first_asked_at: datetime | None
    #: since when it is not asked; None while it is
    paused_at: datetime | None
    paused_why: str | None
    #: where it has been sending us for good, however often so far
    moved: Moved | None
    #: what was discovered at a bare address
    found: Offer | None
    rhythm: Rhythm
    #: the facts that led to ``next_fetch_at``, as they were saved
    next_reason: Mapping[str, Any] | None


_NOW = sa.bindparam("now", type_=Utc())
_asked = sa.and_(sources.c.enabled, sources.c.paused_at.is_(None))
#: Rows looked at for each host that is wanted: of a host with thousands of due sources there are many.
_ROWS_A_HOST: Final = 8
# Only the first rows, in the order of the index: with thousands due, most would be sorted for nothing.
# Materialised: SQLite would else group by walking all sources in the order of their hosts.
_due = (
    sa.select(sources.c.host, sources.c.next_fetch_at, sources.c.fail_weight)
    .select_from(sources.outerjoin(hosts, hosts.c.host == sources.c.host))
    .where(_asked, sources.c.next_fetch_at <= _NOW, free(_NOW))
    .order_by(sources.c.next_fetch_at, sources.c.host)
    .limit(sa.bindparam("rows", type_=sa.Integer()))
    .cte("due")
    .prefix_with("MATERIALIZED")
)
_due_at = sa.func.min(_due.c.next_fetch_at)
_DUE_HOSTS = (
    sa.select(
        _due.c.host,
        sa.func.max(_due.c.fail_weight).label("weight"),
        sa.select(sa.func.count()).select_from(_due).scalar_subquery().label("looked_at"),
    )
    .group_by(_due.c.host)
    .order_by(_due_at, _due.c.host)
)
_ANSWERING = (
    sa.select(sources.c.host)
    .distinct()
    .where(_asked, sources.c.answered_at.is_not(None), sources.c.failing_since.is_(None))
)
_OF_HOST = (
    sa.select(
        sources.c.id,
        *SOURCE_COLUMNS,
        sources.c.etag,
        sources.c.last_modified,
        sources.c.body_hash,
        sources.c.fail_weight,
        sources.c.baseline_done,
        sources.c.first_asked_at,
        sources.c.last_fetch_at,
        sources.c.last_outcome,
        sources.c.answered_at,
        sources.c.whole_at,
        *LEARNED_COLUMNS,
        sources.c.health,
        sources.c.health_since,
        sources.c.failing_since,
        sources.c.noticed_health,
    )
    .where(sources.c.host == param("of", sources.c.host), _asked)
    .order_by(sources.c.next_fetch_at, sources.c.id)
)
_DUE_OF_HOST = _OF_HOST.where(sources.c.next_fetch_at <= _NOW)
_counted = (
    sa.select(entries.c.source_id, sa.func.count().label("entries")).group_by(entries.c.source_id).subquery()
)
_LIST = (
    sa.select(
        *SOURCE_COLUMNS,
        sources.c.host,
        sources.c.health,
        sources.c.next_fetch_at,
        sources.c.last_fetch_at,
        sources.c.last_outcome,
        sources.c.last_error,
        sa.func.coalesce(_counted.c.entries, 0).label("entries"),
        sources.c.health_since,
        sources.c.health_why,
        sources.c.failing_since,
        sources.c.first_asked_at,
        sources.c.paused_at,
        sources.c.paused_why,
        *LEARNED_COLUMNS,
        sources.c.next_reason,
    )
    .select_from(sources.outerjoin(_counted, _counted.c.source_id == sources.c.id))
    .order_by(sources.c.id)
)


def due_hosts(tx: Tx, *, now: datetime, limit: int) -> list[str]:
    """Return hosts with a source that is due, which nobody works on; the longest due first."""
    return [due.host for due in next_hosts(tx, now=now, limit=limit, troubled=limit)]


def next_hosts(tx: Tx, *, now: datetime, limit: int, troubled: int) -> list[DueHost]:
    """Return hosts as ``due_hosts`` does, at most ``troubled`` of them such as failed the last time.

    Each of those may hang until its time is up, and the others must not wait for that.
    """
    rows = limit * _ROWS_A_HOST
    while True:
        found = tx.execute(_DUE_HOSTS, {"now": now, "rows": rows}).all()
        chosen = _chosen(found, limit=limit, troubled=troubled)
        if len(chosen) == limit or not found or found[0].looked_at < rows:
            return chosen
        # A few hosts have them all: look further.
        rows *= _ROWS_A_HOST


def _chosen(found: Iterable[AnyRow], *, limit: int, troubled: int) -> list[DueHost]:
    chosen: list[DueHost] = []
    for row in found:
        due = DueHost(host=row.host, troubled=row.weight > 0)
        troubled -= due.troubled
        if not due.troubled or troubled >= 0:
            chosen.append(due)
        if len(chosen) >= limit:
            break
    return chosen[:limit]


def due_sources(
    tx: Tx, host: str, *, now: datetime, only: Collection[str] | None = None, everything: bool = False
) -> list[SourceState]:
    """Return the sources of a host that are due, the longest due first; none switched off or paused.

    ``everything`` returns those that are not due as well; ``only`` restricts to these keys.
    """
    found = tx.execute(_OF_HOST if everything else _DUE_OF_HOST, {"of": host, "now": now})
    return [_state(row) for row in found if only is None or row.key in only]


def answering_hosts(tx: Tx) -> list[str]:
    """Return the hosts of sources that are asked and answered well the last time."""
    return list(tx.execute(_ANSWERING).scalars())


def list_sources(tx: Tx) -> list[SourceRow]:
    """Return every source, switched-off ones too, in the order in which they were first named."""
    return [_row(row) for row in tx.execute(_LIST)]


def _state(row: AnyRow) -> SourceState:
    return SourceState(
        id=row.id,
        source=source_from(row),
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        fail_weight=row.fail_weight,
        baseline_done=row.baseline_done,
        first_asked_at=row.first_asked_at,
        last_fetch_at=row.last_fetch_at,
        last_outcome=row.last_outcome,
        answered_at=row.answered_at,
        whole_at=row.whole_at,
        rhythm=rhythm_from(row),
        moved=moved_from(row),
        found=found_from(row),
        health=HEALTHS[row.health],
        health_since=row.health_since,
        failing_since=row.failing_since,
        noticed_health=health_from(row.noticed_health),
    )


def _row(row: AnyRow) -> SourceRow:
    source = source_from(row)
    return SourceRow(
        name=source.name,
        key=source.key,
        kind=source.kind,
        url=source.url,
        host=row.host,
        health=HEALTHS[row.health],
        enabled=source.enabled,
        next_fetch_at=row.next_fetch_at,
        last_fetch_at=row.last_fetch_at,
        last_outcome=row.last_outcome,
        last_error=row.last_error,
        entries=row.entries,
        source=source,
        health_since=row.health_since,
        health_why=row.health_why,
        failing_since=row.failing_since,
        first_asked_at=row.first_asked_at,
        paused_at=row.paused_at,
        paused_why=row.paused_why,
        moved=moved_from(row),
        found=found_from(row),
        rhythm=rhythm_from(row),
        next_reason=row.next_reason,
    )
