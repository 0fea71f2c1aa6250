"""Sources: what the configuration names, when each is asked next, and how each is doing.

Claims on hosts and the saving of refreshes stand in modules of their own and are part of this face.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.model import Health, Source, SourceKind, SourceTrouble, Tier
from bot.store.base import Tx
from bot.store.hosts import (
    claim_host,
    extend_claim,
    free,
    held_until,
    hold_host,
    release_all_hosts,
    release_host,
)
from bot.store.refreshes import EntryKeysLike, KnownRow, NewEntry, RefreshSave, known_entries, save_refreshes
from bot.store.statements import AnyRow, param
from bot.store.tables import entries, hosts, sources
from bot.store.types import Utc

__all__ = [
    "EntryKeysLike",
    "KnownRow",
    "NewEntry",
    "RefreshSave",
    "SourceRow",
    "SourceState",
    "SyncReport",
    "claim_host",
    "due_hosts",
    "due_sources",
    "extend_claim",
    "held_until",
    "hold_host",
    "known_entries",
    "list_sources",
    "release_all_hosts",
    "release_host",
    "save_refreshes",
    "source_from",
    "source_troubles",
    "sync",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncReport:
    """What a changed configuration did to the sources; keys, in the order of the configuration."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


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
    last_fetch_at: datetime | None


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


_NOW = sa.bindparam("now", type_=Utc())
_ALL = sa.select(
    sources.c.id,
    sources.c.key,
    sources.c.name,
    sources.c.kind,
    sources.c.url,
    sources.c.settings,
    sources.c.enabled,
    sources.c.next_fetch_at,
).order_by(sources.c.id)
# Materialised: SQLite would else group by walking all sources in the order of their hosts.
_due = (
    sa.select(sources.c.host, sources.c.next_fetch_at)
    .where(sources.c.enabled, sources.c.next_fetch_at <= _NOW)
    .cte("due")
    .prefix_with("MATERIALIZED")
)
_due_hosts = (
    sa.select(_due.c.host, sa.func.min(_due.c.next_fetch_at).label("due_at")).group_by(_due.c.host).subquery()
)
_DUE_HOSTS = (
    sa.select(_due_hosts.c.host)
    .select_from(_due_hosts.outerjoin(hosts, hosts.c.host == _due_hosts.c.host))
    .where(free(_NOW))
    .order_by(_due_hosts.c.due_at, _due_hosts.c.host)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_OF_HOST = (
    sa.select(
        sources.c.id,
        sources.c.key,
        sources.c.name,
        sources.c.kind,
        sources.c.url,
        sources.c.settings,
        sources.c.enabled,
        sources.c.etag,
        sources.c.last_modified,
        sources.c.body_hash,
        sources.c.fail_weight,
        sources.c.baseline_done,
        sources.c.last_fetch_at,
    )
    .where(sources.c.host == param("of", sources.c.host), sources.c.enabled)
    .order_by(sources.c.next_fetch_at, sources.c.id)
)
_DUE_OF_HOST = _OF_HOST.where(sources.c.next_fetch_at <= _NOW)
_ADD = sa.insert(sources)
_CHANGE = (
    sa.update(sources)
    .where(sources.c.id == param("of", sources.c.id))
    .values(
        name=param("new_name", sources.c.name),
        kind=param("new_kind", sources.c.kind),
        url=param("new_url", sources.c.url),
        host=param("new_host", sources.c.host),
        settings=param("new_settings", sources.c.settings),
        enabled=param("new_enabled", sources.c.enabled),
        next_fetch_at=param("next_at", sources.c.next_fetch_at),
    )
)
_FORGET = (
    sa.update(sources)
    .where(sources.c.id == param("of", sources.c.id))
    .values(
        etag=None, last_modified=None, body_hash=None, health=Health.UNKNOWN.value, fail_weight=0.0,
        failing_since=None,
    )
)  # fmt: skip
_DISABLE = sa.update(sources).where(sources.c.id == param("of", sources.c.id)).values(enabled=False)
_counted = (
    sa.select(entries.c.source_id, sa.func.count().label("entries")).group_by(entries.c.source_id).subquery()
)
_LIST = (
    sa.select(
        sources.c.name,
        sources.c.key,
        sources.c.kind,
        sources.c.url,
        sources.c.host,
        sources.c.health,
        sources.c.enabled,
        sources.c.next_fetch_at,
        sources.c.last_fetch_at,
        sources.c.last_outcome,
        sources.c.last_error,
        sa.func.coalesce(_counted.c.entries, 0).label("entries"),
    )
    .select_from(sources.outerjoin(_counted, _counted.c.source_id == sources.c.id))
    .order_by(sources.c.id)
)
_TROUBLES = (
    sa.select(sources.c.name, sources.c.health, sources.c.last_error, sources.c.failing_since)
    .where(sources.c.enabled, sources.c.health.in_([Health.FAILING.value, Health.EMPTY.value]))
    .order_by(sources.c.failing_since, sources.c.id)
)


def sync(tx: Tx, sources: Sequence[Source], *, now: datetime) -> SyncReport:
    """Make the stored sources those of the configuration, told apart by key.

    A new one is due now. One whose address changed keeps its entries and its baseline, loses its
    validators and is due now; a shorter interval holds at once. One that is not named any more is
    switched off, with its history kept.
    """
    stored = {row.key: row for row in tx.execute(_ALL)}
    added, changed = [], []
    for source in sources:
        row = stored.pop(source.key, None)
        if row is None:
            added.append(source)
        elif source_from(row) != source:
            _change(tx, row, source, now)
            changed.append(source.key)
    if added:
        tx.execute(_ADD, [_new_row(source, now) for source in added])
    removed = [row for row in stored.values() if row.enabled]
    if removed:
        tx.execute(_DISABLE, [{"of": row.id} for row in removed])
    return SyncReport(
        added=tuple(source.key for source in added),
        changed=tuple(changed),
        removed=tuple(row.key for row in removed),
    )


def due_hosts(tx: Tx, *, now: datetime, limit: int) -> list[str]:
    """Return hosts with an enabled source that is due, which nobody works on; the longest due first."""
    return list(tx.execute(_DUE_HOSTS, {"now": now, "most": limit}).scalars())


def due_sources(
    tx: Tx, host: str, *, now: datetime, only: Collection[str] | None = None, everything: bool = False
) -> list[SourceState]:
    """Return the enabled sources of a host that are due, the longest due first.

    ``everything`` returns those that are not due as well; ``only`` restricts to these keys.
    """
    found = tx.execute(_OF_HOST if everything else _DUE_OF_HOST, {"of": host, "now": now})
    return [
        SourceState(
            id=row.id,
            source=source_from(row),
            etag=row.etag,
            last_modified=row.last_modified,
            body_hash=row.body_hash,
            fail_weight=row.fail_weight,
            baseline_done=row.baseline_done,
            last_fetch_at=row.last_fetch_at,
        )
        for row in found
        if only is None or row.key in only
    ]


def list_sources(tx: Tx) -> list[SourceRow]:
    """Return every source, switched-off ones too, in the order in which they were first named."""
    return [
        SourceRow(**{**row, "kind": SourceKind(row["kind"]), "health": Health(row["health"])})
        for row in tx.execute(_LIST).mappings()
    ]


def source_troubles(tx: Tx) -> list[SourceTrouble]:
    """Return the enabled sources that fail or list nothing, the longest trouble first."""
    return [
        SourceTrouble(
            name=row.name,
            message=row.last_error or ("lists nothing" if row.health == Health.EMPTY else "fails"),
            since=row.failing_since,
        )
        for row in tx.execute(_TROUBLES)
    ]


def source_from(row: AnyRow) -> Source:
    """Return the source of a row that has key, name, kind, url, enabled and settings."""
    settings = row.settings
    newer_than = settings["newer_than_s"]
    return Source(
        key=row.key,
        name=row.name,
        kind=_KINDS[row.kind],
        url=row.url,
        enabled=row.enabled,
        language=settings["language"],
        tags=tuple(settings["tags"]),
        tier=_TIERS[settings["tier"]],
        every=timedelta(seconds=settings["every_s"]),
        baseline=settings["baseline"],
        allow_private=tuple(settings["allow_private"]),
        links=settings["links"],
        title=settings["title"],
        date=settings["date"],
        newer_than=None if newer_than is None else timedelta(seconds=newer_than),
    )


# Looked up rather than called: an enum's constructor is what this costs most, thousands of times a poll.
_KINDS = {kind.value: kind for kind in SourceKind}
_TIERS = {None: None} | {tier.value: tier for tier in Tier}


def _settings(source: Source) -> dict[str, Any]:
    return {
        "language": source.language,
        "tags": source.tags,
        "tier": None if source.tier is None else source.tier.value,
        "every_s": source.every.total_seconds(),
        "baseline": source.baseline,
        "allow_private": source.allow_private,
        "links": source.links,
        "title": source.title,
        "date": source.date,
        "newer_than_s": None if source.newer_than is None else source.newer_than.total_seconds(),
    }


def _new_row(source: Source, now: datetime) -> dict[str, Any]:
    return {
        "key": source.key,
        "name": source.name,
        "kind": source.kind.value,
        "url": source.url,
        "host": source.host,
        "settings": _settings(source),
        "enabled": source.enabled,
        "next_fetch_at": now,
        "health": Health.UNKNOWN.value,
        "fail_weight": 0.0,
        "baseline_done": False,
    }


def _change(tx: Tx, row: AnyRow, source: Source, now: datetime) -> None:
    moved = row.url != source.url
    if moved:
        tx.execute(_FORGET, {"of": row.id})
    due_now = moved or (source.enabled and not row.enabled)
    tx.execute(
        _CHANGE,
        {
            "of": row.id,
            "new_name": source.name,
            "new_kind": source.kind.value,
            "new_url": source.url,
            "new_host": source.host,
            "new_settings": _settings(source),
            "new_enabled": source.enabled,
            "next_at": now if due_now else min(row.next_fetch_at, now + source.every),
        },
    )
