"""What waits to be done: one named query for each step, asked by every tick."""

from dataclasses import dataclass
from datetime import datetime

from bot.match import INDEX_VERSION
from bot.pipeline.deps import Deps
from bot.store import Tx, articles, deliveries, search, sources


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Work that waits, by step."""

    #: hosts with sources to refresh
    refresh: tuple[str, ...]
    #: those of them where a source failed the last time
    troubled: frozenset[str]
    #: hosts with entries to read
    read: tuple[str, ...]
    #: whether articles wait to be matched
    match: bool
    #: whether articles wait for the token index
    index: bool
    #: deliveries to hand over, by channel, oldest first
    deliver: dict[str, tuple[int, ...]]


async def due(
    deps: Deps, *, now: datetime, hosts: int, troubled: int | None = None, reading: int | None = None
) -> Due:
    """Return the work that waits: at most ``hosts`` hosts for each of the first two steps.

    ``troubled`` bounds those to refresh that failed the last time, ``reading`` those to read; None: as
    ``hosts``.
    """
    limits = {
        "hosts": max(hosts, 0),
        "troubled": max(hosts if troubled is None else troubled, 0),
        "reading": max(hosts if reading is None else reading, 0),
    }
    return await deps.store.aread(_due, now=now, **limits)


def _due(tx: Tx, *, now: datetime, hosts: int, troubled: int, reading: int) -> Due:
    refresh = sources.next_hosts(tx, now=now, limit=hosts, troubled=troubled) if hosts else []
    return Due(
        refresh=tuple(due.host for due in refresh),
        troubled=frozenset(due.host for due in refresh if due.troubled),
        read=tuple(articles.hosts_to_read(tx, now=now, limit=reading)) if reading else (),
        match=bool(articles.unmatched(tx, limit=1)),
        index=bool(search.unindexed(tx, limit=1)) or search.version(tx) != INDEX_VERSION,
        deliver=deliveries.due_by_channel(tx, now=now, limit=100),
    )
