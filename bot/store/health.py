"""How the installation is doing: what ``status`` shows, and the small housekeeping of the log of fetches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import DeliveryState
from bot.store.base import Tx
from bot.store.tables import articles, deliveries, entries, fetches, installation, mentions, sources

#: Rows dropped with one statement, so that no list of numbers grows without bound.
_BATCH = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusCounts:
    """What there is, and what waits."""

    #: when this database was made
    since: datetime | None
    articles: int
    mentions: int
    #: entries whose pages are still to be read
    entries_waiting: int
    articles_unmatched: int
    #: waiting to be sent, or being sent
    deliveries_open: int
    deliveries_failed: int
    #: the oldest moment that any source, entry or delivery has been due since; None when all is done
    oldest_due_at: datetime | None
    database_bytes: int


_open = sa.or_(deliveries.c.next_attempt_at.is_not(None), deliveries.c.state == DeliveryState.SENDING.value)
_SIZE = {
    "sqlite": sa.text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    "postgresql": sa.text("SELECT pg_database_size(current_database())"),
}
_OLDEST = (
    sa.select(sa.func.min(sources.c.next_fetch_at)).where(sources.c.enabled, sources.c.paused_at.is_(None)),
    sa.select(sa.func.min(entries.c.next_read_at)).where(entries.c.next_read_at.is_not(None)),
    sa.select(sa.func.min(deliveries.c.next_attempt_at)).where(deliveries.c.next_attempt_at.is_not(None)),
)
_oldest_rows = sa.select(fetches.c.id, fetches.c.at).order_by(fetches.c.id).limit(_BATCH).subquery()
_PRUNE = sa.delete(fetches).where(
    fetches.c.id.in_(
        sa.select(_oldest_rows.c.id).where(
            _oldest_rows.c.at < sa.bindparam("before", type_=fetches.c.at.type)
        )
    )
)


def database_size(tx: Tx) -> int:
    """Return the size of the database in bytes."""
    return int(tx.execute(_SIZE[tx.dialect.name]).scalar_one())


def status_counts(tx: Tx, *, now: datetime) -> StatusCounts:
    """Return what there is and what waits; ``now`` tells what is due."""
    due = [
        moment for query in _OLDEST if (moment := tx.execute(query).scalar()) is not None and moment <= now
    ]
    return StatusCounts(
        since=tx.execute(sa.select(installation.c.created_at)).scalar(),
        articles=_count(tx, articles),
        mentions=_count(tx, mentions),
        entries_waiting=_count(tx, entries, entries.c.next_read_at.is_not(None)),
        articles_unmatched=_count(tx, articles, articles.c.matched_at.is_(None)),
        deliveries_open=_count(tx, deliveries, _open),
        deliveries_failed=_count(tx, deliveries, deliveries.c.state == DeliveryState.FAILED.value),
        oldest_due_at=min(due, default=None),
        database_bytes=database_size(tx),
    )


def prune_fetches(tx: Tx, *, before: datetime) -> int:
    """Drop the log of fetches before then and return how many rows that were."""
    dropped = 0
    while True:
        gone = tx.execute(_PRUNE, {"before": before}).rowcount
        dropped += gone
        if gone < _BATCH:
            return dropped


def _count(tx: Tx, table: sa.Table, *conditions: sa.ColumnElement[Any]) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one())
