"""Watches: what the configuration watches for, at which version, and how far each has been backfilled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import Watch
from bot.store.base import Tx
from bot.store.statements import AnyRow, param
from bot.store.tables import watches


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchReport:
    """What a changed configuration did to the watches; keys, in the order of the configuration."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchRow:
    """A watch that is switched on, as it is stored."""

    id: int
    key: str
    name: str
    version: str
    #: since when this version has been matched against what comes in
    active_since: datetime
    #: the version that all stored articles were matched against; None when there was none
    backfilled_version: str | None
    #: the last article that this version was matched against; 0 before the first
    backfill_after: int
    #: when any version was last matched against all stored articles; None before the first time
    last_backfill: datetime | None


_ALL = sa.select(watches).order_by(watches.c.id)
_ACTIVE = (
    sa.select(
        watches.c.id,
        watches.c.key,
        watches.c.name,
        watches.c.version,
        watches.c.active_since,
        watches.c.backfilled_version,
        watches.c.backfill_after,
        watches.c.last_backfill,
    )
    .where(watches.c.enabled)
    .order_by(watches.c.id)
)
_TO_BACKFILL = _ACTIVE.where(
    sa.or_(watches.c.backfilled_version.is_(None), watches.c.backfilled_version != watches.c.version)
)
_ADD = sa.insert(watches)
_of_version = (
    watches.c.key == param("of", watches.c.key),
    watches.c.version == param("at_version", watches.c.version),
)
_PROGRESS = (
    sa.update(watches).where(*_of_version).values(backfill_after=param("article", watches.c.backfill_after))
)
_FILLED = (
    sa.update(watches)
    .where(*_of_version)
    .values(backfilled_version=watches.c.version, last_backfill=param("now", watches.c.last_backfill))
)


def sync(tx: Tx, watches: Sequence[tuple[Watch, str]], *, now: datetime) -> WatchReport:
    """Make the stored watches those of the configuration: pairs of a watch and its version.

    A new one, one with another version and one that is switched on again are active since now and
    to be backfilled. One that is not named any more is switched off, with its mentions kept.
    """
    stored = {row.key: row for row in tx.execute(_ALL)}
    added, changed = [], []
    for watch, version in watches:
        row = stored.pop(watch.key, None)
        if row is None:
            added.append(_new_row(watch, version, now))
        elif _update(tx, row, watch, version, now):
            changed.append(watch.key)
    if added:
        tx.execute(_ADD, added)
    removed = [row for row in stored.values() if row.enabled]
    for row in removed:
        tx.execute(_change(row), {"enabled": False})
    return WatchReport(
        added=tuple(row["key"] for row in added),
        changed=tuple(changed),
        removed=tuple(row.key for row in removed),
    )


def active(tx: Tx) -> list[WatchRow]:
    """Return the watches that are switched on, in the order in which they were first named."""
    return [WatchRow(**row) for row in tx.execute(_ACTIVE).mappings()]


def to_backfill(tx: Tx) -> list[WatchRow]:
    """Return the active watches whose version was not yet matched against all stored articles."""
    return [WatchRow(**row) for row in tx.execute(_TO_BACKFILL).mappings()]


def save_backfill_progress(tx: Tx, key: str, version: str, article_id: int) -> None:
    """Note the last article that this version was matched against; another version is left alone."""
    tx.execute(_PROGRESS, {"of": key, "at_version": version, "article": article_id})


def save_backfilled(tx: Tx, key: str, version: str, *, now: datetime) -> None:
    """Note that this version was matched against all stored articles; another version is left alone."""
    tx.execute(_FILLED, {"of": key, "at_version": version, "now": now})


def _new_row(watch: Watch, version: str, now: datetime) -> dict[str, Any]:
    return {
        "key": watch.key,
        "name": watch.name or watch.key,
        "query": watch.query,
        "version": version,
        "active_since": now,
        "enabled": watch.enabled,
        "backfill_after": 0,
    }


def _change(row: AnyRow) -> sa.Update:
    return sa.update(watches).where(watches.c.id == row.id)


def _update(tx: Tx, row: AnyRow, watch: Watch, version: str, now: datetime) -> bool:
    """Bring one stored watch up to date and return whether it means something else now."""
    facts = {"name": watch.name or watch.key, "query": watch.query, "enabled": watch.enabled}
    again = watch.enabled and not row.enabled
    means = row.version != version or again
    if means:
        # Also when it is switched on again: what came meanwhile was not matched against it.
        facts |= {"version": version, "active_since": now, "backfilled_version": None, "backfill_after": 0}
    if means or any(getattr(row, name) != value for name, value in facts.items()):
        tx.execute(_change(row), facts)
    return means
