"""Where an address went: who listed it, what became of its page, what was found in it, who was told.

The whole way of one address from the first listing to the delivery, for somebody who asks why he was
told of an article, or why not. Reads only.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.model import DeliveryState
from bot.store.base import Tx
from bot.store.statements import AnyRow, any_of
from bot.store.tables import (
    articles,
    deliveries,
    digest_items,
    digests,
    entries,
    mention_events,
    mentions,
    sources,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailEntry:
    """A source that listed it."""

    #: the source's key
    source: str
    source_name: str
    url: str | None
    title: str
    first_seen_at: datetime
    last_listed_at: datetime
    #: whether it was there at the source's first sight: history, no news
    baseline: bool
    #: new, retry, read, unread
    state: str
    attempts: int
    error: str | None
    #: a word of ``FailureKind``
    error_kind: str | None
    #: None when nothing more is planned
    next_read_at: datetime | None
    article_id: int | None
    #: why it is history although it came later: ``flood``; None for all others
    held: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailDelivery:
    """Where a digest went."""

    channel: str
    target: str
    state: DeliveryState
    sent_at: datetime | None
    #: why it was not accepted at the last attempt; None where it was
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailDigest:
    """A digest that told a mention."""

    #: the schedule's key
    schedule: str
    slot: datetime
    deliveries: tuple[TrailDelivery, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailMention:
    """What was found in an article."""

    id: int
    article_id: int
    #: the oldest slot first; () where no digest told it yet
    digests: tuple[TrailDigest, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trail:
    """What is known of an address; all empty where it was never seen."""

    #: the first seen first
    entries: tuple[TrailEntry, ...] = ()
    #: mostly one; several where the address, or what listed it, led to more
    article_ids: tuple[int, ...] = ()
    #: in the order in which they were found
    mentions: tuple[TrailMention, ...] = ()


_ENTRY = sa.select(
    entries.c.id,
    sources.c.key.label("source"),
    sources.c.name.label("source_name"),
    entries.c.url,
    entries.c.title,
    entries.c.first_seen_at,
    entries.c.last_listed_at,
    entries.c.baseline,
    entries.c.state,
    entries.c.attempts,
    entries.c.error,
    entries.c.error_kind,
    entries.c.next_read_at,
    entries.c.article_id,
    entries.c.held,
).join(sources, sources.c.id == entries.c.source_id)
#: By way of all sources: entries that were not read are found by source and key only.
_LISTED = _ENTRY.where(entries.c.source_id.in_(sa.select(sources.c.id)), any_of(entries.c.url_key, "keys"))
_LEADING = _ENTRY.where(any_of(entries.c.article_id, "ids"))
_ARTICLES = sa.select(articles.c.id).where(any_of(articles.c.url_key, "keys"))
_MENTIONS = (
    sa.select(mentions.c.id, mentions.c.article_id)
    .where(any_of(mentions.c.article_id, "ids"))
    .order_by(mentions.c.id)
)
_DIGESTS = (
    sa.select(mention_events.c.mention_id, digests.c.id, digests.c.schedule_key, digests.c.slot)
    .distinct()
    .select_from(mention_events)
    .join(digest_items, digest_items.c.event_id == mention_events.c.id)
    .join(digests, digests.c.id == digest_items.c.digest_id)
    .where(any_of(mention_events.c.mention_id, "ids"))
    .order_by(digests.c.slot, digests.c.id)
)
_DELIVERIES = (
    sa.select(
        deliveries.c.digest_id,
        deliveries.c.channel,
        deliveries.c.target,
        deliveries.c.state,
        deliveries.c.sent_at,
        deliveries.c.error,
    )
    .where(any_of(deliveries.c.digest_id, "ids"))
    .order_by(deliveries.c.id)
)


def trail(tx: Tx, url_keys: Collection[bytes]) -> Trail:
    """Return where an address went; ``url_keys`` are the 16 bytes of each form of it.

    The entries that list it, the articles at it or that these entries led to (a redirect), and the
    entries of other addresses that led to the same articles.
    """
    keys = sorted(set(url_keys))
    listed = {row.id: row for row in tx.execute(_LISTED, {"keys": keys})}
    at_it = set(tx.execute(_ARTICLES, {"keys": keys}).scalars())
    article_ids = sorted(at_it | {row.article_id for row in listed.values()} - {None})
    listed |= {row.id: row for row in tx.execute(_LEADING, {"ids": article_ids})}
    return Trail(
        entries=tuple(
            _entry(row) for row in sorted(listed.values(), key=lambda row: (row.first_seen_at, row.id))
        ),
        article_ids=tuple(article_ids),
        mentions=_mentions(tx, article_ids),
    )


def _entry(row: AnyRow) -> TrailEntry:
    return TrailEntry(
        source=row.source,
        source_name=row.source_name,
        url=row.url,
        title=row.title,
        first_seen_at=row.first_seen_at,
        last_listed_at=row.last_listed_at,
        baseline=row.baseline,
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        error_kind=row.error_kind,
        next_read_at=row.next_read_at,
        article_id=row.article_id,
        held=row.held,
    )


def _mentions(tx: Tx, article_ids: list[int]) -> tuple[TrailMention, ...]:
    found = tx.execute(_MENTIONS, {"ids": article_ids}).all()
    told = tx.execute(_DIGESTS, {"ids": [row.id for row in found]}).all()
    sent: dict[int, list[TrailDelivery]] = defaultdict(list)
    for way in tx.execute(_DELIVERIES, {"ids": sorted({row.id for row in told})}):
        sent[way.digest_id].append(
            TrailDelivery(
                channel=way.channel,
                target=way.target,
                state=DeliveryState(way.state),
                sent_at=way.sent_at,
                error=way.error,
            )
        )
    of: dict[int, list[TrailDigest]] = defaultdict(list)
    for row in told:
        of[row.mention_id].append(
            TrailDigest(schedule=row.schedule_key, slot=row.slot, deliveries=tuple(sent[row.id]))
        )
    return tuple(
        TrailMention(id=row.id, article_id=row.article_id, digests=tuple(of[row.id])) for row in found
    )
