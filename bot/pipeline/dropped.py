"""Dropped: what a watch's own negations take away, and what its sense guard holds back.

Nobody sees what a NOT removes. ``dropped`` looks through the stored articles for it: those that
satisfy a watch without its negations, but not the watch itself. Reads only.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.match import Explainer, Matcher
from bot.match.excerpt import Excerpter
from bot.match.matcher import compile as compile_watches
from bot.match.relaxed import Negations, Removal
from bot.model import Article, MentionState, StoredMention, Watch
from bot.pipeline.archive import forwards, narrowed
from bot.store import Store, Tx, articles, mentions
from bot.store.articles import Unmatched


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """An article that the negations of a watch keep out."""

    #: the watch's key
    watch: str
    #: at its present revision
    article: Article
    removals: tuple[Removal, ...]
    #: where what is forbidden stands, as the excerpts of mentions are made
    excerpt: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldBack:
    """A mention that the sense guard holds back."""

    mention: StoredMention
    #: what the article says of the acronym's meaning, one line
    why: str


async def dropped(store: Store, watches: Sequence[Watch], *, since: datetime | None = None) -> list[Dropped]:
    """Return what the negations of these watches take away from the stored articles, the newest first.

    ``since`` leaves out what was first seen before. A disabled watch takes nothing away. Raises
    QueryError, with the watch's key as subject, for a query that does not parse.
    """
    negated = {watch.key: Negations(watch) for watch in watches if watch.enabled}
    chosen = [watch for watch in watches if watch.enabled and negated[watch.key]]
    if not chosen:
        return []
    look = _Look(chosen, negated)
    found: list[Dropped] = []
    wanted = narrowed(negated[watch.key].relaxed for watch in chosen)
    async for batch in forwards(store, wanted, since=since):
        found += await asyncio.to_thread(look.dropped, batch.rows)
    return sorted(found, key=_newest_first)


def _newest_first(one: Dropped) -> tuple[float, int, str]:
    seen, number = one.article.first_seen_at, one.article.id or 0
    return (-seen.timestamp() if seen else 0.0, -number, one.watch)


class _Look:
    """Some watches with and without their negations, ready for articles."""

    def __init__(self, watches: Sequence[Watch], negated: dict[str, Negations]) -> None:
        self._negated = negated
        self._whole = _matcher(watches)
        relaxed = [replace(watch, query=str(negated[watch.key].relaxed)) for watch in watches]
        self._relaxed = _matcher(relaxed)

    def dropped(self, rows: Sequence[Unmatched]) -> list[Dropped]:
        """Return what the negations take away from some articles."""
        found = []
        for row in rows:
            kept = {mention.watch for mention in self._whole.find(row.article, excerpts=False)}
            for mention in self._relaxed.find(row.article):
                if mention.watch in kept:
                    continue
                removals = self._negated[mention.watch].removals(row.article)
                spans = [span for removal in removals for span in removal.spans]
                # what stands in a field such as the address has no place in the text
                excerpt, marks = (
                    Excerpter(row.article).make(spans) if spans else (mention.excerpt, mention.marks)
                )
                found.append(
                    Dropped(
                        watch=mention.watch,
                        article=row.article,
                        removals=tuple(removals),
                        excerpt=excerpt,
                        marks=marks,
                    )
                )
        return found


def _matcher(watches: Sequence[Watch]) -> Matcher:
    """Return a matcher that asks no article what an acronym means."""
    return compile_watches([replace(watch, long_forms=(), rivals=(), context=()) for watch in watches])


async def held_back(
    store: Store, watches: Sequence[Watch], *, since: datetime | None = None
) -> list[HeldBack]:
    """Return the mentions of these watches that are not told for their sense, the last found first.

    ``since`` leaves out what was found before.
    """
    asked = {watch.key: watch for watch in watches}
    pairs = await store.aread(_contradicted, list(asked), since=since)
    return await asyncio.to_thread(_with_reasons, asked, pairs)


def _with_reasons(
    watches: Mapping[str, Watch], pairs: Sequence[tuple[StoredMention, Article | None]]
) -> list[HeldBack]:
    explainers = {key: Explainer(watches[key]) for key in {mention.watch for mention, _ in pairs}}
    return [
        HeldBack(mention=mention, why=_why(explainers[mention.watch], article)) for mention, article in pairs
    ]


def _contradicted(
    tx: Tx, keys: Sequence[str], *, since: datetime | None
) -> list[tuple[StoredMention, Article | None]]:
    only = keys[0] if len(keys) == 1 else None
    found = mentions.list_mentions(tx, watch=only, since=since, state=MentionState.CONTRADICTED)
    return [
        (mention, articles.get(tx, mention.article_id, revision=mention.revision))
        for mention in found
        if mention.watch in keys and not mention.wanted
    ]


def _why(explainer: Explainer, article: Article | None) -> str:
    """Return what the article says, as far as the watch still reads it so."""
    sense = None if article is None else explainer.examine(article).sense
    return sense.why if sense is not None else "the watch was changed since"
