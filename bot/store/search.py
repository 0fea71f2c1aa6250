"""The token index: which articles may satisfy a query. It narrows down candidates and never decides.

An article's tokens are its folded words, made by the match room and handed in as one text. Articles
wait in a queue from when their text is stored (``bot.store.reads``) until it is indexed::

    article, or a new revision ─► index_queue ─► unindexed ─► put ─► candidates, newest, count

Who asks for candidates also has to look at those that still wait (``unindexed_ids``), and asks for
these *first*: indexing moves articles from there to here. An article may be in both.
"""

from typing import Final

import sqlalchemy as sa

from bot.model import TokenQuery
from bot.store import gin_search
from bot.store.base import Tx
from bot.store.indexing import Indexed, ToIndex, indexed, match_version, put, unindexed, version
from bot.store.statements import param
from bot.store.tables import index_queue
from bot.store.token_query import fts5, simplified, tsquery

__all__ = [
    "Indexed",
    "ToIndex",
    "candidates",
    "count",
    "indexed",
    "match_version",
    "newest",
    "newest_unindexed",
    "put",
    "unindexed",
    "unindexed_ids",
    "version",
]

_MOST = sa.bindparam("most", type_=sa.Integer())
_WAITING = (
    sa.select(index_queue.c.article_id)
    .where(index_queue.c.article_id > param("after", index_queue.c.article_id))
    .order_by(index_queue.c.article_id)
    .limit(_MOST)
)
_LAST_WAITING = (
    sa.select(index_queue.c.article_id)
    .where(index_queue.c.article_id < param("before", index_queue.c.article_id))
    .order_by(index_queue.c.article_id.desc())
    .limit(_MOST)
)
#: The articles that match, without those that were dropped since: FTS5 cannot know of it.
#: CROSS JOIN: SQLite keeps to this order.
_MATCHING: Final = (
    "SELECT article_tokens.rowid FROM article_tokens"
    " CROSS JOIN articles ON articles.id = article_tokens.rowid"
    " WHERE article_tokens MATCH :query AND article_tokens.rowid"
)
_EVERY: Final = "SELECT id FROM articles WHERE id"
_UP: Final = "{ids} >= :start ORDER BY 1 LIMIT :most"
_DOWN: Final = "{ids} <= :start ORDER BY 1 DESC LIMIT :most"
_COUNT: Final = "SELECT count(*) FROM ({ids} > 0 LIMIT :most) AS found"
_MATCHING_UP, _MATCHING_DOWN, _MATCHING_COUNT = (
    sa.text(text.format(ids=_MATCHING)) for text in (_UP, _DOWN, _COUNT)
)
_EVERY_UP, _EVERY_DOWN, _EVERY_COUNT = (sa.text(text.format(ids=_EVERY)) for text in (_UP, _DOWN, _COUNT))
#: Higher than any article's number.
_BEHIND_ALL: Final = 2**63 - 1


def candidates(tx: Tx, query: TokenQuery, *, after: int = 0, limit: int) -> list[int]:
    """Return the numbers above ``after`` of indexed articles that may satisfy a query, ascending."""
    asked = simplified(query)
    if isinstance(asked, bool):
        return _of(tx, _EVERY_UP, start=after + 1, most=limit) if asked else []
    if tx.dialect.name == "postgresql":
        return gin_search.up(tx, tsquery(asked), start=after + 1, most=limit)
    return _of(tx, _MATCHING_UP, query=fts5(asked), start=after + 1, most=limit)


def newest(tx: Tx, query: TokenQuery, *, before: int | None = None, limit: int) -> list[int]:
    """Return the numbers below ``before`` of indexed articles that may satisfy a query, descending."""
    asked = simplified(query)
    start = (_BEHIND_ALL if before is None else before) - 1
    if isinstance(asked, bool):
        return _of(tx, _EVERY_DOWN, start=start, most=limit) if asked else []
    if tx.dialect.name == "postgresql":
        return gin_search.down(tx, tsquery(asked), start=start, most=limit)
    return _of(tx, _MATCHING_DOWN, query=fts5(asked), start=start, most=limit)


def count(tx: Tx, query: TokenQuery, *, most: int) -> int:
    """Return how many indexed articles may satisfy a query; counting ends at ``most``."""
    asked = simplified(query)
    if isinstance(asked, bool):
        return _of(tx, _EVERY_COUNT, most=most)[0] if asked else 0
    if tx.dialect.name == "postgresql":
        return gin_search.count(tx, tsquery(asked), most=most)
    return _of(tx, _MATCHING_COUNT, query=fts5(asked), most=most)[0]


def unindexed_ids(tx: Tx, *, after: int = 0, limit: int) -> list[int]:
    """Return the numbers above ``after`` of articles that no candidates are found among, ascending.

    They wait to be indexed, or have more words than PostgreSQL takes: candidates for every query.
    """
    return list(tx.execute(_WAITING, {"after": after, "most": limit}).scalars())


def newest_unindexed(tx: Tx, *, before: int | None = None, limit: int) -> list[int]:
    """Return what ``unindexed_ids`` does from the other end: numbers below ``before``, descending."""
    bound = _BEHIND_ALL if before is None else before
    return list(tx.execute(_LAST_WAITING, {"before": bound, "most": limit}).scalars())


def _of(tx: Tx, statement: sa.TextClause, **values: int | str) -> list[int]:
    return list(tx.execute(statement, values).scalars())
