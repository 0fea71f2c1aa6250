"""Backfill: match new and changed watches against the articles that are stored already.

Unit: a batch of articles, in order of their numbers; how far it came is saved with what it found,
so that a kill costs one batch. All watches that wait go over the articles in one pass.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.match.matcher import compile as compile_watches
from bot.pipeline.deps import Deps
from bot.pipeline.match import decide
from bot.store import Tx, articles, mentions, watches
from bot.store.mentions import ArticleMatches, SavedMention
from bot.store.watches import WatchRow

log = structlog.get_logger("backfill")

_BATCH = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Backfilled:
    """What a backfill brought."""

    watches: tuple[str, ...] = ()
    articles: int = 0
    mentions: tuple[SavedMention, ...] = ()


async def backfill(
    deps: Deps,
    *,
    only: Collection[str] | None = None,
    again: bool = False,
    progress: Callable[[int], None] = lambda _articles: None,
) -> Backfilled:
    """Match the watches that wait for it against all stored articles.

    ``only`` restricts to these watches; ``again`` takes watches that were filled already, too, from
    the beginning. ``progress`` is told the number of articles of each batch. None waiting gives an
    empty outcome.
    """
    rows = await deps.store.aread(_waiting, only=only, again=again)
    keys = {row.key for row in rows}
    chosen = [watch for watch in deps.watches if watch.key in keys]
    if not chosen:
        return Backfilled()
    matcher = compile_watches(chosen)
    active_since = {row.key: row.active_since for row in rows}
    newest = max(active_since.values())
    after = 0 if again else min(row.backfill_after for row in rows)
    seen = 0
    found: list[SavedMention] = []
    while batch := await deps.store.aread(articles.after, after, limit=_BATCH):
        last = batch[-1].article.id
        assert last is not None
        # What came after a watch became active belongs to the stream, which decides whether it is news.
        old = [row for row in batch if row.baseline or row.first_seen_at < newest]
        matches = await asyncio.to_thread(decide, matcher, old, active_since, mark_matched=False)
        matches = [_history(match) for match in matches]
        found += await deps.store.awrite(_save, rows, matches, last, now=deps.clock.now())
        after = last
        seen += len(batch)
        progress(len(batch))
    await deps.store.awrite(_finish, rows)
    log.info("backfill", watches=",".join(sorted(keys)), articles=seen, mentions=len(found))
    return Backfilled(watches=tuple(sorted(keys)), articles=seen, mentions=tuple(found))


def _history(match: ArticleMatches) -> ArticleMatches:
    """Keep only the mentions that are history."""
    return ArticleMatches(
        article_id=match.article_id,
        revision=match.revision,
        mentions=tuple(pair for pair in match.mentions if pair[1]),
        mark_matched=False,
    )


def _waiting(tx: Tx, *, only: Collection[str] | None, again: bool) -> list[WatchRow]:
    rows = watches.active(tx) if again else watches.to_backfill(tx)
    return [row for row in rows if only is None or row.key in only]


def _save(
    tx: Tx, rows: Sequence[WatchRow], matches: Sequence[ArticleMatches], last: int, *, now: datetime
) -> list[SavedMention]:
    saved = mentions.save_matches(tx, matches, now=now)
    for row in rows:
        watches.save_backfill_progress(tx, row.key, row.version, last)
    return saved


def _finish(tx: Tx, rows: Sequence[WatchRow]) -> None:
    for row in rows:
        watches.save_backfilled(tx, row.key, row.version)
