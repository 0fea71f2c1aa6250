"""The stored articles that queries are about, by their numbers; and how many there are.

The token index (``bot.store.search``) says which few; what is loaded here is decided by the match room.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.store.articles import MATCHABLE, Unmatched, unmatched_from, with_listers
from bot.store.base import Tx
from bot.store.statements import any_of, chunks, param
from bot.store.tables import articles
from bot.store.types import Utc

_SINCE = sa.bindparam("since", type_=Utc())
_SOME = MATCHABLE.where(any_of(articles.c.id, "ids")).order_by(articles.c.id)
_SOME_SINCE = _SOME.where(articles.c.first_seen_at >= _SINCE)
_LAST = sa.select(sa.func.max(articles.c.id))
_FIRST = sa.select(sa.func.min(articles.c.id)).where(articles.c.first_seen_at >= _SINCE)
_COUNT_SINCE = sa.select(sa.func.count()).select_from(articles).where(articles.c.first_seen_at >= _SINCE)
_COUNT = sa.select(sa.func.count()).where(articles.c.id > param("is_id", articles.c.id))


def some(tx: Tx, ids: Sequence[int], *, since: datetime | None = None) -> list[Unmatched]:
    """Return the articles with these numbers, with their text, in order of their numbers.

    ``since`` leaves out what was first seen before; numbers that no article has are left out.
    """
    found = []
    for part in chunks(sorted(ids)):
        if since is None:
            found += [unmatched_from(row) for row in tx.execute(_SOME, {"ids": list(part)})]
        else:
            rows = tx.execute(_SOME_SINCE, {"ids": list(part), "since": since})
            found += [unmatched_from(row) for row in rows]
    return with_listers(tx, found)


def last_number(tx: Tx) -> int:
    """Return the highest number of an article; 0 where there is none."""
    return int(tx.execute(_LAST).scalar() or 0)


def first_since(tx: Tx, since: datetime) -> int | None:
    """Return the lowest number of an article that was first seen then or later; None where there is none."""
    found: int | None = tx.execute(_FIRST, {"since": since}).scalar()
    return found


def count_after(tx: Tx, article_id: int) -> int:
    """Return how many articles have a higher number."""
    return int(tx.execute(_COUNT, {"is_id": article_id}).scalar_one())


def count_since(tx: Tx, since: datetime) -> int:
    """Return how many articles were first seen then or later."""
    return int(tx.execute(_COUNT_SINCE, {"since": since}).scalar_one())
