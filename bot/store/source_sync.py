"""The stored sources become those of the configuration; or only: what would that change?

Upper rooms reach this through ``bot.store.sources``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import Health, Source
from bot.store.base import Tx
from bot.store.source_rows import FORGOTTEN, SOURCE_COLUMNS, settings_of, source_from
from bot.store.statements import AnyRow, param
from bot.store.tables import sources


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncReport:
    """What a changed configuration does to the sources; keys, in the order of the configuration."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    #: former and present key of those whose history goes on under another one
    renamed: tuple[tuple[str, str], ...] = ()
    #: of those added or switched on: whose first sight lies ahead, and will alert nothing
    baselines: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Decision:
    added: list[Source] = field(default_factory=list)
    #: stored row and the source that it becomes; renamed where the keys differ
    changed: list[tuple[AnyRow, Source]] = field(default_factory=list)
    #: not named any more
    removed: list[AnyRow] = field(default_factory=list)

    @property
    def _first_seen(self) -> list[Source]:
        """The sources that will be asked from now on and were never read."""
        switched_on = [source for row, source in self.changed if not row.baseline_done and not row.enabled]
        return [source for source in self.added + switched_on if source.enabled and source.baseline]

    def report(self) -> SyncReport:
        """Return what was decided, in keys."""
        return SyncReport(
            added=tuple(source.key for source in self.added),
            changed=tuple(source.key for row, source in self.changed if row.key == source.key),
            removed=tuple(row.key for row in self.removed),
            renamed=tuple((row.key, source.key) for row, source in self.changed if row.key != source.key),
            baselines=tuple(source.key for source in self._first_seen),
        )


_ALL = sa.select(
    sources.c.id, sources.c.next_fetch_at, sources.c.fail_weight, sources.c.baseline_done, *SOURCE_COLUMNS
).order_by(sources.c.id)
_of_source = sources.c.id == param("of", sources.c.id)
_ADD = sa.insert(sources)
_CHANGE = (
    sa.update(sources)
    .where(_of_source)
    .values(
        key=param("new_key", sources.c.key),
        name=param("new_name", sources.c.name),
        kind=param("new_kind", sources.c.kind),
        url=param("new_url", sources.c.url),
        host=param("new_host", sources.c.host),
        settings=param("new_settings", sources.c.settings),
        enabled=param("new_enabled", sources.c.enabled),
        next_fetch_at=param("next_at", sources.c.next_fetch_at),
    )
)
_FORGET = sa.update(sources).where(_of_source).values(**FORGOTTEN)
_DISABLE = sa.update(sources).where(_of_source).values(enabled=False)


def sync(tx: Tx, sources: Sequence[Source], *, now: datetime) -> SyncReport:
    """Make the stored sources those of the configuration, told apart by key.

    A new one is due now. One whose ``was`` is the key of a stored source that is not named any more is
    that source, with its history and without a new baseline. One whose address or kind changed keeps
    its entries and its baseline, loses its validators and whatever its former address did, and is due
    now; paused by hand it stays paused. A shorter interval holds at once, unless its failures decide. One
    that is not named any more is switched off, with its history kept.
    """
    decided = _decide(tx, sources)
    for row, source in decided.changed:
        _change(tx, row, source, now)
    if decided.added:
        tx.execute(_ADD, [_new_row(source, now) for source in decided.added])
    if decided.removed:
        tx.execute(_DISABLE, [{"of": row.id} for row in decided.removed])
    return decided.report()


def plan(tx: Tx, sources: Sequence[Source]) -> SyncReport:
    """Return what ``sync`` would do, and do nothing."""
    return _decide(tx, sources).report()


def _decide(tx: Tx, configured: Sequence[Source]) -> _Decision:
    stored = {row.key: row for row in tx.execute(_ALL)}
    named = {source.key for source in configured}
    decided = _Decision()
    for source in configured:
        row = stored.pop(source.key, None)
        if row is None and source.was is not None and source.was not in named:
            row = stored.pop(source.was, None)
        if row is None:
            decided.added.append(source)
        elif source_from(row) != source:
            decided.changed.append((row, source))
    decided.removed = [row for row in stored.values() if row.enabled]
    return decided


def _new_row(source: Source, now: datetime) -> dict[str, Any]:
    return {
        "key": source.key,
        "name": source.name,
        "kind": source.kind.value,
        "url": source.url,
        "host": source.host,
        "settings": settings_of(source),
        "enabled": source.enabled,
        "next_fetch_at": now,
        "health": Health.UNKNOWN.value,
        "fail_weight": 0.0,
        "baseline_done": False,
    }


def _change(tx: Tx, row: AnyRow, source: Source, now: datetime) -> None:
    former = source_from(row)
    elsewhere = (former.url, former.kind) != (source.url, source.kind)
    if elsewhere:
        tx.execute(_FORGET, {"of": row.id})
    next_at = row.next_fetch_at
    if elsewhere or (source.enabled and not former.enabled):
        next_at = now
    elif not row.fail_weight and (source.every < former.every or former.adapts > source.adapts):
        next_at = min(next_at, now + source.every)
    tx.execute(
        _CHANGE,
        {
            "of": row.id,
            "new_key": source.key,
            "new_name": source.name,
            "new_kind": source.kind.value,
            "new_url": source.url,
            "new_host": source.host,
            "new_settings": settings_of(source),
            "new_enabled": source.enabled,
            "next_at": next_at,
        },
    )
