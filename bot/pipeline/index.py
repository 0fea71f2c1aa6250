"""Index: put articles into the token index, by which new watches and searches find them.

Unit: a batch of articles. The index only narrows down, and what it does not hold yet is looked at
whole: it may lag behind, and a kill costs nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bot.match import INDEX_VERSION, tokens
from bot.pipeline.deps import Deps
from bot.store import search
from bot.store.search import Indexed, ToIndex

log = structlog.get_logger("index")

_BATCH: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedArticles:
    """What indexing a batch brought."""

    articles: int = 0


async def index(deps: Deps) -> IndexedArticles:
    """Index the newest articles that wait, at most one batch; none waiting gives an empty outcome.

    An index that another folding made is emptied first, and filled anew batch by batch.
    """
    if await deps.store.aread(search.version) != INDEX_VERSION:
        emptied = await deps.store.awrite(search.match_version, INDEX_VERSION)
        log.info("index", outcome="emptied" if emptied else "begun", version=INDEX_VERSION)
    waiting = await deps.store.aread(search.unindexed, limit=_BATCH)
    if not waiting:
        return IndexedArticles()
    rows = await asyncio.to_thread(_indexed, waiting)
    await deps.store.awrite(search.put, rows)
    log.info("index", articles=len(rows))
    return IndexedArticles(articles=len(rows))


def _indexed(waiting: Sequence[ToIndex]) -> list[Indexed]:
    return [
        Indexed(
            article_id=one.article_id,
            revision=one.revision,
            tokens=tokens(one.title, one.text),
            old_tokens=None if one.old_text is None else tokens(one.old_title or "", one.old_text),
        )
        for one in waiting
    ]
