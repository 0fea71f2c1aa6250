"""Backfill: match new and changed watches against the articles that are stored already.

Unit: a batch of articles, in order of their numbers; how far it came is saved with what it found,
so that a kill costs one batch. A few watches ask the token index, each for itself, so that a rare one is
there at once; many, and those that the index cannot help, go over the articles together. Of a changed
watch the mentions it had are looked at first: what it matches no longer is marked, and nobody is alerted,
since the user edited the watch himself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from bot.match import Matcher, query_of
from bot.match.matcher import compile as compile_watches
from bot.model import Watch
from bot.pipeline.archive import forwards, narrowed
from bot.pipeline.deps import Deps
from bot.pipeline.match import decide, is_told
from bot.store import Tx, archive, mentions, watches
from bot.store.articles import Unmatched
from bot.store.mentions import ArticleMatches, Outdated, Reevaluated, SavedMention
from bot.store.watches import WatchRow

log = structlog.get_logger("backfill")

#: More watches than this go together, each article being loaded once: 50 of all kinds, each for itself, take
#: 1.7 times as long. Source: measured, ``benchmarks/backfill.py``
_MOST_ONE_BY_ONE: Final = 16
#: mentions that are looked at again in one batch
_BATCH: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Backfilled:
    """What a backfill brought."""

    watches: tuple[str, ...] = ()
    #: articles that were looked at
    articles: int = 0
    mentions: tuple[SavedMention, ...] = ()
    #: mentions of changed watches that are none any more
    withdrawn: int = 0


@dataclass(kw_only=True, slots=True)
class _Work:
    """One backfill as it goes on."""

    deps: Deps
    progress: Callable[[float], None]
    give_way: Callable[[], Awaitable[None]]
    articles: int = 0
    withdrawn: int = 0
    found: list[SavedMention] = field(default_factory=list)


async def backfill(
    deps: Deps,
    *,
    only: Collection[str] | None = None,
    again: bool = False,
    progress: Callable[[float], None] = lambda _share: None,
    give_way: Callable[[], Awaitable[None]] | None = None,
) -> Backfilled:
    """Match the watches that wait for it against all stored articles.

    ``only`` restricts to these watches; ``again`` takes watches that were filled already, too, from
    the beginning. ``progress`` is told how far it came, from 0 to 1; ``give_way`` is awaited before each
    batch. None waiting gives an empty outcome.
    """
    rows = {row.key: row for row in await deps.store.aread(_waiting, only=only, again=again)}
    chosen = [watch for watch in deps.watches if watch.key in rows]
    if not chosen:
        return Backfilled()
    work = _Work(deps=deps, progress=progress, give_way=give_way or _at_once)
    for watch in chosen:
        await _reevaluate(work, watch, rows[watch.key])
    groups = _groups(chosen)
    for number, group in enumerate(groups):
        begun, size = number / len(groups), 1 / len(groups)
        await _fill(work, group, [rows[watch.key] for watch in group], again=again, begun=begun, size=size)
    log.info(
        "backfill",
        watches=",".join(sorted(rows)),
        articles=work.articles,
        mentions=len(work.found),
        withdrawn=work.withdrawn,
    )
    return Backfilled(
        watches=tuple(sorted(watch.key for watch in chosen)),
        articles=work.articles,
        mentions=tuple(work.found),
        withdrawn=work.withdrawn,
    )


async def _at_once() -> None:
    """Give way to nobody: who waits for a backfill has nothing else to do."""


def _groups(chosen: list[Watch]) -> list[list[Watch]]:
    """Return which watches go over the articles together."""
    if len(chosen) > _MOST_ONE_BY_ONE:
        return [chosen]
    helped = [watch for watch in chosen if narrowed([query_of(watch)]) is not None]
    others = [watch for watch in chosen if watch not in helped]
    return [*([watch] for watch in helped), *([others] if others else [])]


async def _fill(
    work: _Work, group: Sequence[Watch], rows: Sequence[WatchRow], *, again: bool, begun: float, size: float
) -> None:
    """Match some watches together, from where the last try came to."""
    store, clock = work.deps.store, work.deps.clock
    matcher = await asyncio.to_thread(compile_watches, group)
    wanted = narrowed(query_of(watch) for watch in group)
    active_since = {row.key: row.active_since for row in rows}
    newest = max(active_since.values())
    after = 0 if again else min(row.backfill_after for row in rows)
    async for batch in forwards(store, wanted, after=after):
        # What came after a watch became active belongs to the stream, which decides whether it is news.
        old = [row for row in batch.rows if row.baseline or row.first_seen_at < newest]
        matches = await asyncio.to_thread(_decide, matcher, old, active_since)
        work.found += await store.awrite(_save, rows, matches, batch.reached, now=clock.now())
        work.articles += len(batch.rows)
        work.progress(begun + size * batch.share)
        await work.give_way()
    await store.awrite(_finish, rows, now=clock.now())
    work.progress(begun + size)


def _decide(
    matcher: Matcher, rows: Sequence[Unmatched], active_since: dict[str, datetime]
) -> list[ArticleMatches]:
    """Return the mentions of a batch that are history."""
    return [
        ArticleMatches(
            article_id=match.article_id,
            revision=match.revision,
            mentions=tuple(found for found in match.mentions if found.backfill),
            mark_matched=False,
        )
        for match in decide(matcher, rows, active_since, mark_matched=False)
    ]


async def _reevaluate(work: _Work, watch: Watch, row: WatchRow) -> None:
    """Look again at the mentions that another version of a watch found."""
    store, clock = work.deps.store, work.deps.clock
    matcher = compile_watches([watch])
    after = 0
    while outdated := await store.aread(mentions.outdated, watch.key, row.version, after=after, limit=_BATCH):
        articles = await store.aread(archive.some, [one.article_id for one in outdated])
        results = await asyncio.to_thread(_look_again, matcher, watch, outdated, articles)
        await store.awrite(
            mentions.save_reevaluated, watch.key, results, version=row.version, now=clock.now()
        )
        work.withdrawn += sum(result.mention is None for result in results)
        after = outdated[-1].mention_id


def _look_again(
    matcher: Matcher, watch: Watch, outdated: Sequence[Outdated], rows: Sequence[Unmatched]
) -> list[Reevaluated]:
    found = {row.article.id: matcher.find(row.article) for row in rows}
    results = []
    for one in outdated:
        mention = next(iter(found.get(one.article_id, ())), None)
        told = mention is not None and is_told(mention, watch)
        results.append(Reevaluated(mention_id=one.mention_id, mention=mention, told=told))
    return results


def _waiting(tx: Tx, *, only: Collection[str] | None, again: bool) -> list[WatchRow]:
    rows = watches.active(tx) if again else watches.to_backfill(tx)
    return [row for row in rows if only is None or row.key in only]


def _save(
    tx: Tx, rows: Sequence[WatchRow], matches: Sequence[ArticleMatches], reached: int, *, now: datetime
) -> list[SavedMention]:
    saved = mentions.save_matches(tx, matches, now=now)
    for row in rows:
        watches.save_backfill_progress(tx, row.key, row.version, reached)
    return saved


def _finish(tx: Tx, rows: Sequence[WatchRow], *, now: datetime) -> None:
    for row in rows:
        watches.save_backfilled(tx, row.key, row.version, now=now)
