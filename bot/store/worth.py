"""What sources are worth: what came of what each lists, and whether anybody else lists it.

Upper rooms reach this through ``bot.store.sources``. For a person who asks, not for every poll.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import sqlalchemy as sa

from bot.store.base import Tx
from bot.store.mention_rows import NEWS
from bot.store.statements import any_of, chunks, param
from bot.store.tables import articles, entries, mentions, revisions, sources
from bot.store.types import Utc

#: Where nothing of a source was mentioned, its delay is that of so many of its last articles.
_LAST_ARTICLES: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceValue:
    """What came of what one source lists; history does not count."""

    #: the source's key
    source: str
    source_name: str
    enabled: bool
    #: articles that it lists
    articles: int
    #: of these, those that a watch found something in
    mentions: int
    #: stories with a mention that several sources list, and this one did first; an article may be one alone
    firsts: int
    #: stories with a mention that no other source lists
    only_here: int
    #: from publication to when it was listed here: of the mentioned articles, where there are none of all;
    #: None where no publication time is known
    median_delay: timedelta | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MentionedText:
    """The text of an article that a watch found something in."""

    article_id: int
    url: str
    #: key of the source that listed it first
    source: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Listing:
    """That a source lists an article."""

    source_id: int
    article_id: int
    first_seen_at: datetime
    entry_id: int
    #: whether it came later than the source's first sight, and in no flood
    is_news: bool


_SINCE = sa.bindparam("since", type_=Utc())
_MENTIONED = (
    sa.select(articles.c.id, articles.c.story_id)
    .distinct()
    .join(mentions, mentions.c.article_id == articles.c.id)
    .where(mentions.c.found_at >= _SINCE, NEWS, mentions.c.dismissed_at.is_(None))
)
_OF_STORIES = sa.select(articles.c.id, articles.c.story_id).where(any_of(articles.c.story_id, "stories"))
_LISTINGS = sa.select(
    entries.c.source_id, entries.c.article_id, entries.c.first_seen_at, entries.c.id, entries.c.baseline
).where(any_of(entries.c.article_id, "ids"))
_PUBLISHED = sa.select(articles.c.id, articles.c.published_at).where(
    any_of(articles.c.id, "ids"), articles.c.published_at.is_not(None)
)
# Materialised: SQLite would else walk all entries in the order of their sources.
_recent = (
    sa.select(articles.c.id, articles.c.published_at)
    .where(articles.c.first_seen_at >= _SINCE)
    .cte("recent")
    .prefix_with("MATERIALIZED")
)
_listed_recently = _recent.join(
    entries, sa.and_(entries.c.article_id == _recent.c.id, sa.not_(entries.c.baseline))
)
_ARTICLES = (
    sa.select(entries.c.source_id, sa.func.count(_recent.c.id.distinct()))
    .select_from(_listed_recently)
    .group_by(entries.c.source_id)
)
_ranked = (
    sa.select(
        entries.c.source_id,
        entries.c.first_seen_at,
        _recent.c.published_at,
        sa.func.row_number()
        .over(partition_by=entries.c.source_id, order_by=entries.c.id.desc())
        .label("place"),
    )
    .select_from(_listed_recently)
    .where(_recent.c.published_at.is_not(None))
    .subquery()
)
_LAST = sa.select(_ranked.c.source_id, _ranked.c.first_seen_at, _ranked.c.published_at).where(
    _ranked.c.place <= _LAST_ARTICLES
)
_SOURCES = sa.select(sources.c.id, sources.c.key, sources.c.name, sources.c.enabled).order_by(sources.c.id)
_some_mentioned = (
    sa.select(mentions.c.article_id)
    .distinct()
    .where(
        mentions.c.found_at >= _SINCE,
        mentions.c.dismissed_at.is_(None),
        mentions.c.article_id > param("after", mentions.c.article_id),
    )
    .order_by(mentions.c.article_id)
    .limit(sa.bindparam("most", type_=sa.Integer()))
    .subquery()
)
_TEXTS = (
    sa.select(articles.c.id, articles.c.url, sources.c.key, revisions.c.text)
    .select_from(_some_mentioned)
    .join(articles, articles.c.id == _some_mentioned.c.article_id)
    .join(sources, sources.c.id == articles.c.source_id)
    .join(
        revisions,
        sa.and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision),
    )
    .order_by(articles.c.id)
)


def value(tx: Tx, *, since: datetime) -> list[SourceValue]:
    """Return what came of what each source listed since then, in the order in which they were first named.

    A mention counts where it is news and nobody dismissed it.
    """
    period = {"since": since}
    mentioned = {row.id: row.story_id for row in tx.execute(_MENTIONED, period)}
    stories = {number: story for number, story in mentioned.items() if story is not None}
    told = dict(stories)
    for some in chunks(sorted(set(stories.values()))):
        told.update((row.id, row.story_id) for row in tx.execute(_OF_STORIES, {"stories": list(some)}))
    listings = _listings(tx, sorted(mentioned | told))
    firsts, alone = _standing([(told.get(one.article_id), one) for one in listings])
    listed: dict[int, set[int]] = defaultdict(set)
    for one in listings:
        if one.article_id in mentioned:
            listed[one.source_id].add(one.article_id)
    counts = {row[0]: int(row[1]) for row in tx.execute(_ARTICLES, period)}
    delays = _delays(tx, [one for one in listings if one.is_news and one.article_id in mentioned], since)
    return [
        SourceValue(
            source=row.key,
            source_name=row.name,
            enabled=row.enabled,
            articles=counts.get(row.id, 0),
            mentions=len(listed[row.id]),
            firsts=firsts[row.id],
            only_here=alone[row.id],
            median_delay=timedelta(seconds=median(delays[row.id])) if row.id in delays else None,
        )
        for row in tx.execute(_SOURCES)
    ]


def mentioned_texts(tx: Tx, *, since: datetime, after: int = 0, limit: int) -> list[MentionedText]:
    """Return the present texts of articles with a mention found since then, in order of their numbers.

    ``after`` is the number of the last one of the page before; fewer than ``limit`` are the last page.
    """
    found = tx.execute(_TEXTS, {"since": since, "after": after, "most": limit})
    return [MentionedText(article_id=row.id, url=row.url, source=row.key, text=row.text) for row in found]


def _listings(tx: Tx, article_ids: Sequence[int]) -> list[_Listing]:
    return [
        _Listing(
            source_id=row.source_id,
            article_id=row.article_id,
            first_seen_at=row.first_seen_at,
            entry_id=row.id,
            is_news=not row.baseline,
        )
        for ids in chunks(article_ids)
        for row in tx.execute(_LISTINGS, {"ids": list(ids)})
    ]


def _standing(listings: Sequence[tuple[int | None, _Listing]]) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many stories each source listed first among several, and how many it alone listed."""
    by_story: dict[tuple[bool, int], list[_Listing]] = defaultdict(list)
    for story_id, one in listings:
        by_story[(True, story_id) if story_id is not None else (False, one.article_id)].append(one)
    firsts: dict[int, int] = defaultdict(int)
    alone: dict[int, int] = defaultdict(int)
    for members in by_story.values():
        first = min(members, key=lambda one: (one.first_seen_at, one.entry_id))
        several = len({one.source_id for one in members}) > 1
        (firsts if several else alone)[first.source_id] += 1
    return firsts, alone


def _delays(tx: Tx, listings: Sequence[_Listing], since: datetime) -> dict[int, list[float]]:
    """Return how many seconds after publication each source listed what was mentioned, else its last ones."""
    published: dict[int, datetime] = {}
    for ids in chunks(sorted({one.article_id for one in listings})):
        published.update((row[0], row[1]) for row in tx.execute(_PUBLISHED, {"ids": list(ids)}))
    mentioned: dict[int, list[float]] = defaultdict(list)
    for one in listings:
        if (at := published.get(one.article_id)) is not None:
            mentioned[one.source_id].append(_seconds(at, one.first_seen_at))
    others: dict[int, list[float]] = defaultdict(list)
    for source_id, first_seen_at, published_at in tx.execute(_LAST, {"since": since}):
        others[source_id].append(_seconds(published_at, first_seen_at))
    return others | mentioned


def _seconds(published_at: datetime, first_seen_at: datetime) -> float:
    # A time in the future is a mistake of the page's, not foresight of ours.
    return max((first_seen_at - published_at).total_seconds(), 0.0)
