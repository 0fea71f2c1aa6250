"""Match: find the watches that each new article, or new revision, satisfies.

Unit: a batch of articles. No claim is needed: a mention is unique by watch and article, and an
article counts as matched only at the revision that was looked at.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.match import Matcher, is_within_scope
from bot.model import Mention, Sense, Watch
from bot.pipeline.deps import Deps
from bot.store import Tx, articles, mentions, watches
from bot.store.articles import Unmatched
from bot.store.mentions import ArticleMatches, Match, SavedMention

log = structlog.get_logger("match")


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """What matching a batch brought."""

    articles: int = 0
    #: mentions that were not known before
    mentions: tuple[SavedMention, ...] = ()


async def match(deps: Deps, *, limit: int = 200) -> Matched:
    """Match the oldest articles that wait, at most ``limit``; none waiting gives an empty outcome."""
    rows, active_since = await deps.store.aread(_load, limit=limit)
    if not rows:
        return Matched()
    # The CPU of a batch is some milliseconds: in a thread, so that fetching goes on.
    matches = await asyncio.to_thread(decide, deps.matcher, rows, active_since, mark_matched=True)
    saved = await deps.store.awrite(
        mentions.save_matches, matches, now=deps.clock.now(), versions=deps.matcher.versions
    )
    log.info(
        "match", articles=len(rows), mentions=len(saved), backfill=sum(mention.backfill for mention in saved)
    )
    return Matched(articles=len(rows), mentions=tuple(saved))


def _load(tx: Tx, *, limit: int) -> tuple[list[Unmatched], dict[str, datetime]]:
    rows = articles.unmatched(tx, limit=limit)
    return rows, {row.key: row.active_since for row in watches.active(tx)} if rows else {}


def decide(
    matcher: Matcher, rows: Sequence[Unmatched], active_since: Mapping[str, datetime], *, mark_matched: bool
) -> list[ArticleMatches]:
    """Return the mentions of a batch, each with whether it is history rather than news.

    It is history when every entry within the scope of the watch that leads to the article is baseline,
    or when the article was seen before this version of the watch became active.
    """
    watches = {watch.key: watch for watch in matcher.watches}
    decided = []
    for row in rows:
        found = []
        for mention in matcher.find(row.article):
            since = active_since.get(mention.watch)
            watch = watches[mention.watch]
            backfill = (
                row.baseline
                or (since is not None and row.first_seen_at < since)
                or (row.as_news is not None and not is_within_scope(watch, row.as_news))
            )
            told = is_told(mention, watch)
            found.append(Match(mention=mention, backfill=backfill, told=told))
        if found or mark_matched:
            assert row.article.id is not None
            decided.append(
                ArticleMatches(
                    article_id=row.article.id,
                    revision=row.article.revision,
                    mentions=tuple(found),
                    mark_matched=mark_matched,
                    noisy=row.article.noisy,
                )
            )
    return decided


def is_told(mention: Mention, watch: Watch) -> bool:
    """Tell whether a mention is delivered: not in another sense, unless its watch wants that, too."""
    return mention.sense is not Sense.CONTRADICTED or watch.deliver_contradicted
