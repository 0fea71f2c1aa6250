"""Mentions: what was found, what happened to it, and how often; unique by watch and article.

A mention's state is not stored but follows from its facts, in the order of ``MentionState``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.model import EventKind, Mention, MentionState, Span, StoredMention
from bot.store.base import Tx
from bot.store.statements import AnyRow, any_of, chunks, on_both, param
from bot.store.tables import articles, mention_events, mentions, revisions, sources, watches


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleMatches:
    """What one article was found to mention."""

    article_id: int
    #: the revision that was looked at
    revision: int
    #: each with whether it is history (backfill) rather than news
    mentions: Sequence[tuple[Mention, bool]]
    #: whether all watches were looked for, so that the article waits no longer
    mark_matched: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedMention:
    """A mention that was not known before."""

    id: int
    #: the watch's key
    watch: str
    article_id: int
    backfill: bool


#: The first fact that holds decides.
_STATE = sa.case(
    (mentions.c.dismissed_at.is_not(None), MentionState.DISMISSED.value),
    (mentions.c.withdrawn_at.is_not(None), MentionState.WITHDRAWN.value),
    (mentions.c.furniture, MentionState.FURNITURE.value),
    (mentions.c.sense == sa.literal(MentionState.CONTRADICTED.value), MentionState.CONTRADICTED.value),
    (mentions.c.backfill, MentionState.BACKFILL.value),
    else_=MentionState.NEW.value,
)
#: Everything a StoredMention is made of; the title is that of the revision which the spans index.
STORED = (
    sa.select(
        mentions.c.id.label("mention_id"),
        watches.c.key.label("watch"),
        watches.c.name.label("watch_name"),
        mentions.c.article_id,
        articles.c.story_id,
        articles.c.url,
        revisions.c.title,
        sources.c.key.label("source"),
        sources.c.name.label("source_name"),
        articles.c.site,
        articles.c.language,
        articles.c.published_at,
        articles.c.first_seen_at,
        mentions.c.found_at,
        _STATE.label("state"),
        mentions.c.sense,
        mentions.c.revision,
        mentions.c.watch_version,
        mentions.c.spans,
        mentions.c.total,
        mentions.c.excerpt,
        mentions.c.marks,
    )
    .select_from(mentions)
    .join(watches, watches.c.id == mentions.c.watch_id)
    .join(articles, articles.c.id == mentions.c.article_id)
    .join(sources, sources.c.id == articles.c.source_id)
    .join(
        revisions,
        sa.and_(revisions.c.article_id == mentions.c.article_id, revisions.c.number == mentions.c.revision),
    )
)
_BY_ID = STORED.where(mentions.c.id == param("is_id", mentions.c.id))
_WATCH_IDS = sa.select(watches.c.key, watches.c.id).where(any_of(watches.c.key, "keys"))
_ADD = on_both(
    lambda insert: (
        insert(mentions)
        .on_conflict_do_nothing(index_elements=["watch_id", "article_id"])
        .returning(
            mentions.c.id,
            mentions.c.watch_id,
            mentions.c.article_id,
            mentions.c.revision,
            mentions.c.backfill,
        )
    )
)
_ADD_EVENTS = sa.insert(mention_events)
_MARK = (
    sa.update(articles)
    # a revision that came meanwhile still waits
    .where(
        articles.c.id == param("of", articles.c.id),
        articles.c.revision == param("looked_at", articles.c.revision),
    )
    .values(matched_at=param("now", articles.c.matched_at))
)
_LAST = (
    sa.select(watches.c.key, sa.func.max(mentions.c.found_at))
    .join(mentions, mentions.c.watch_id == watches.c.id)
    .where(~mentions.c.backfill)
    .group_by(watches.c.key)
)


def save_matches(tx: Tx, matches: Sequence[ArticleMatches], *, now: datetime) -> list[SavedMention]:
    """Store what articles mention and return the mentions that are new, in the order of ``matches``.

    One that is known by watch and article stays as it is. A new one that is no history has the event
    *found*, for digests to tell.
    """
    ids = _watch_ids(tx, {mention.watch for match in matches for mention, _ in match.mentions})
    keys = {number: key for key, number in ids.items()}
    rows = [
        _row(match, mention, ids[mention.watch], backfill=backfill, now=now)
        for match in matches
        for mention, backfill in match.mentions
    ]
    added = tx.execute(_ADD[tx.dialect.name], rows).all() if rows else []
    if news := [row for row in added if not row.backfill]:
        tx.execute(_ADD_EVENTS, [_found(row, now) for row in sorted(news, key=lambda row: int(row.id))])
    looked_at = [
        {"of": match.article_id, "looked_at": match.revision, "now": now}
        for match in matches
        if match.mark_matched
    ]
    if looked_at:
        tx.execute(_MARK, looked_at)
    place = {match.article_id: index for index, match in enumerate(matches)}
    return [
        SavedMention(id=row.id, watch=keys[row.watch_id], article_id=row.article_id, backfill=row.backfill)
        for row in sorted(added, key=lambda row: (place[row.article_id], row.id))
    ]


def list_mentions(
    tx: Tx,
    *,
    watch: str | None = None,
    since: datetime | None = None,
    state: MentionState | str | None = None,
    limit: int | None = None,
) -> list[StoredMention]:
    """Return mentions, the last found first.

    ``watch`` is a watch's key; ``since`` restricts to those found then or later.
    """
    query = STORED
    if watch is not None:
        query = query.where(watches.c.key == watch)
    if since is not None:
        query = query.where(mentions.c.found_at >= since)
    if state is not None:
        query = query.where(sa.literal(str(state)) == _STATE)
    query = query.order_by(mentions.c.found_at.desc(), mentions.c.id.desc())
    if limit is not None:
        query = query.limit(limit)
    return [stored_from(row) for row in tx.execute(query)]


def get(tx: Tx, mention_id: int) -> StoredMention | None:
    """Return a mention, None where there is no such one."""
    row = tx.execute(_BY_ID, {"is_id": mention_id}).first()
    return None if row is None else stored_from(row)


def counts_by_day(
    tx: Tx, *, watch_keys: Collection[str], until: datetime, zone_name: str, days: int = 14
) -> dict[str, tuple[int, ...]]:
    """Return how many mentions each of these watches had a day, the oldest day first.

    Days are those of the zone by the time when the article was first seen; the last one ends at
    ``until``, exclusive. History does not count. Every key is there, also one without any mention.
    """
    starts = _day_starts(until, zone_name, days)
    ends = [*starts[1:], until]
    seen = articles.c.first_seen_at
    columns = [
        sa.func.sum(sa.case((sa.and_(seen >= start, seen < end), 1), else_=0))
        for start, end in zip(starts, ends, strict=True)
    ]
    query = (
        sa.select(watches.c.key, *columns)
        .select_from(mentions)
        .join(watches, watches.c.id == mentions.c.watch_id)
        .join(articles, articles.c.id == mentions.c.article_id)
        # nothing is found before it is seen, and mentions have the index
        .where(mentions.c.found_at >= starts[0], ~mentions.c.backfill, seen >= starts[0], seen < until)
        .group_by(watches.c.key)
    )
    found = {row[0]: tuple(int(number) for number in row[1:]) for row in tx.execute(query)}
    return {key: found.get(key, (0,) * days) for key in watch_keys}


def last_found(tx: Tx) -> dict[str, datetime]:
    """Return when each watch last had a mention that was news; a watch without one is not there."""
    return {row[0]: row[1] for row in tx.execute(_LAST)}


def stored_from(row: AnyRow) -> StoredMention:
    """Return the mention of a row of ``STORED``."""
    return StoredMention(
        id=row.mention_id,
        watch=row.watch,
        watch_name=row.watch_name,
        article_id=row.article_id,
        story_id=row.story_id,
        url=row.url,
        title=row.title,
        source=row.source,
        source_name=row.source_name,
        outlet=row.site or row.source_name,
        language=row.language,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        found_at=row.found_at,
        state=MentionState(row.state),
        sense=row.sense,
        revision=row.revision,
        watch_version=row.watch_version,
        spans=tuple(
            Span(field=field, start=start, end=end, term=term, all_capitals=all_capitals)
            for field, start, end, term, all_capitals in row.spans
        ),
        total=row.total,
        excerpt=row.excerpt,
        marks=tuple((start, end) for start, end in row.marks),
    )


def _watch_ids(tx: Tx, keys: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunks(sorted(keys)):
        found.update((row[0], row[1]) for row in tx.execute(_WATCH_IDS, {"keys": list(some)}))
    return found


def _row(
    match: ArticleMatches, mention: Mention, watch_id: int, *, backfill: bool, now: datetime
) -> dict[str, Any]:
    return {
        "watch_id": watch_id,
        "article_id": match.article_id,
        "revision": mention.revision,
        "watch_version": mention.watch_version,
        "found_at": now,
        "backfill": backfill,
        "furniture": False,
        "total": mention.total,
        "excerpt": mention.excerpt,
        "marks": mention.marks,
        "spans": [(span.field, span.start, span.end, span.term, span.all_capitals) for span in mention.spans],
    }


def _found(row: AnyRow, now: datetime) -> dict[str, Any]:
    return {"mention_id": row.id, "kind": EventKind.FOUND.value, "revision": row.revision, "at": now}


def _day_starts(until: datetime, zone_name: str, days: int) -> list[datetime]:
    """Return the instants at which the days begin; the last one holds the moment before ``until``."""
    zone = ZoneInfo(zone_name)
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    return [
        datetime(day.year, day.month, day.day, tzinfo=zone)
        for day in (last - timedelta(days=back) for back in range(days - 1, -1, -1))
    ]
