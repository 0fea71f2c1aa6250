"""Mentions: what was found, what happened to it, and how often; unique by watch and article.

A mention's state is not stored but follows from its facts, in the order of ``MentionState``. What people say
of mentions stands in ``bot.store.verdicts``, what a changed watch does to them in
``bot.store.reevaluation``; both are part of this face.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.model import EventKind, MentionState, Sense, StoredMention
from bot.store.base import Tx
from bot.store.mention_rows import (
    NEWS,
    STATE,
    STORED,
    facts_of,
    stored_from,
)
from bot.store.reevaluation import Outdated, Reevaluated, outdated, save_reevaluated
from bot.store.rematching import ArticleMatches, Match, rematch
from bot.store.statements import AnyRow, any_of, chunks, on_both, param
from bot.store.tables import articles, mention_events, mentions, watches
from bot.store.verdicts import dismiss, dismissed_samples, get, kept_samples, undo_dismissal

__all__ = [
    "ArticleMatches",
    "Match",
    "Outdated",
    "Reevaluated",
    "SavedMention",
    "counts_by_day",
    "counts_by_state",
    "dismiss",
    "dismissed_samples",
    "for_article",
    "get",
    "kept_samples",
    "last_found",
    "list_mentions",
    "outdated",
    "save_matches",
    "save_reevaluated",
    "undo_dismissal",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedMention:
    """A mention that was not known before."""

    id: int
    #: the watch's key
    watch: str
    article_id: int
    backfill: bool


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
            mentions.c.unwanted,
            mentions.c.furniture,
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
    .where(NEWS)
    .group_by(watches.c.key)
)
_OF_ARTICLE = STORED.where(mentions.c.article_id == param("of", mentions.c.article_id)).order_by(
    mentions.c.id
)
_facts = sa.select(mentions.c.watch_id, STATE.label("is_now"), mentions.c.found_at).subquery()
_BY_STATE = (
    sa.select(watches.c.key, _facts.c.is_now, sa.func.count(), sa.func.max(_facts.c.found_at))
    .join(_facts, _facts.c.watch_id == watches.c.id)
    .group_by(watches.c.key, _facts.c.is_now)
)


def save_matches(
    tx: Tx, matches: Sequence[ArticleMatches], *, now: datetime, versions: Mapping[str, str] | None = None
) -> list[SavedMention]:
    """Store what articles mention and return the mentions that are new, in the order of ``matches``.

    A new one that is no history and may be told has the event *found*, for digests to tell. Of one that is
    known by watch and article, ``bot.store.rematching`` says what becomes. ``versions`` are those of the
    watches that were all looked for, by key: what one of them found in an earlier revision and does not
    find in this one is withdrawn.
    """
    ids = _watch_ids(tx, {found.mention.watch for match in matches for found in match.mentions})
    keys = {number: key for key, number in ids.items()}
    found_all = [(match, found) for match in matches for found in match.mentions]
    rows = [_row(match, found, ids[found.mention.watch], now) for match, found in found_all]
    added = tx.execute(_ADD[tx.dialect.name], rows).all() if rows else []
    if news := [row for row in added if not (row.backfill or row.unwanted or row.furniture)]:
        tx.execute(_ADD_EVENTS, [_found(row, now) for row in sorted(news, key=lambda row: int(row.id))])
    rematch(tx, matches, added={row.id for row in added}, versions=versions or {}, now=now)
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
    article_id: int | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    state: MentionState | str | None = None,
    sense: Sense | str | None = None,
    limit: int | None = None,
) -> list[StoredMention]:
    """Return mentions, the last found first.

    ``watch`` is a watch's key; ``since`` and ``before`` restrict to those found then or later, and
    earlier than that.
    """
    query = STORED
    if watch is not None:
        query = query.where(watches.c.key == watch)
    if article_id is not None:
        query = query.where(mentions.c.article_id == article_id)
    if since is not None:
        query = query.where(mentions.c.found_at >= since)
    if before is not None:
        query = query.where(mentions.c.found_at < before)
    if state is not None:
        query = query.where(sa.literal(str(state)) == STATE)
    if sense is not None:
        query = query.where(mentions.c.sense == str(sense))
    query = query.order_by(mentions.c.found_at.desc(), mentions.c.id.desc())
    if limit is not None:
        query = query.limit(limit)
    return [stored_from(row) for row in tx.execute(query)]


def for_article(tx: Tx, article_id: int) -> list[StoredMention]:
    """Return what was found in an article, in the order in which it was found."""
    return [stored_from(row) for row in tx.execute(_OF_ARTICLE, {"of": article_id})]


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
        .where(mentions.c.found_at >= starts[0], NEWS, seen >= starts[0], seen < until)
        .group_by(watches.c.key)
    )
    found = {row[0]: tuple(int(number) for number in row[1:]) for row in tx.execute(query)}
    return {key: found.get(key, (0,) * days) for key in watch_keys}


def counts_by_state(tx: Tx) -> list[tuple[str, MentionState, int, datetime]]:
    """Return how many mentions each watch has in each state, and when the last of them was found."""
    return [(row[0], MentionState(row[1]), int(row[2]), row[3]) for row in tx.execute(_BY_STATE)]


def last_found(tx: Tx) -> dict[str, datetime]:
    """Return when each watch last had a mention that was news; a watch without one is not there."""
    return {row[0]: row[1] for row in tx.execute(_LAST)}


def _watch_ids(tx: Tx, keys: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunks(sorted(keys)):
        found.update((row[0], row[1]) for row in tx.execute(_WATCH_IDS, {"keys": list(some)}))
    return found


def _row(match: ArticleMatches, found: Match, watch_id: int, now: datetime) -> dict[str, Any]:
    return facts_of(found.mention, told=found.told) | {
        "watch_id": watch_id,
        "article_id": match.article_id,
        "found_at": now,
        "backfill": found.backfill,
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
