"""Digests: which slots a schedule has had, what has not been told yet, and the digest with its outbox.

``digest_items`` says what was told, never a watermark: on PostgreSQL a row with a lower number may
be committed later. A delivery's further way stands in ``bot.store.outbox``, part of this face.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import Coverage, DeliveryState, EventKind, Health, MentionEvent, NewDelivery, TextFrom
from bot.store.base import Tx
from bot.store.mention_rows import NEWS, STORED, stored_from
from bot.store.outbox import (
    claim_delivery,
    due_by_channel,
    due_deliveries,
    get_delivery,
    list_deliveries,
    mark_retry,
    mark_sent,
    mark_uncertain,
    of_digest,
    recover_sending,
)
from bot.store.pauses import network_down_since
from bot.store.statements import on_both, param
from bot.store.tables import (
    articles,
    deliveries,
    digest_items,
    digests,
    entries,
    mention_events,
    mentions,
    schedules,
    sources,
    watches,
)
from bot.store.types import Utc

__all__ = [
    "ScheduleState",
    "claim_delivery",
    "coverage",
    "due_by_channel",
    "due_deliveries",
    "find_schedule",
    "get_delivery",
    "last_digest",
    "list_deliveries",
    "mark_retry",
    "mark_sent",
    "mark_uncertain",
    "of_digest",
    "pending_events",
    "recover_sending",
    "save_digest",
    "schedule_state",
    "skip_slot",
    "told_until",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleState:
    """How far a schedule has come."""

    #: the last slot that was dealt with
    last_slot: datetime
    #: when we first heard of the schedule; what happened before is not told
    started_at: datetime


class _Told(Exception):  # noqa: N818 - not an error: it makes a savepoint roll back
    """Some of the events are in another digest of this schedule."""


_of = schedules.c.key == param("of", schedules.c.key)
_SCHEDULE = sa.select(schedules.c.last_slot, schedules.c.started_at).where(_of)
_START = on_both(lambda insert: insert(schedules).on_conflict_do_nothing(index_elements=["key"]))
_ADVANCE = (
    sa.update(schedules)
    .where(_of, schedules.c.last_slot < param("slot", schedules.c.last_slot))
    .values(last_slot=param("slot", schedules.c.last_slot))
)
_told = sa.exists().where(
    digest_items.c.event_id == mention_events.c.id,
    digest_items.c.schedule_key == param("of", digest_items.c.schedule_key),
)
_PENDING = (
    STORED.add_columns(
        mention_events.c.id.label("event_id"),
        mention_events.c.kind.label("event_kind"),
        mention_events.c.at.label("event_at"),
    )
    .join(mention_events, mention_events.c.mention_id == mentions.c.id)
    .where(
        mention_events.c.at >= param("since", mention_events.c.at),
        mentions.c.dismissed_at.is_(None),
        NEWS,
        ~_told,
    )
    .order_by(mention_events.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_ADD = on_both(
    lambda insert: (
        insert(digests)
        .on_conflict_do_nothing(index_elements=["schedule_key", "slot"])
        .returning(digests.c.id)
    )
)
_ADD_ITEMS = on_both(
    lambda insert: insert(digest_items).on_conflict_do_nothing(index_elements=["schedule_key", "event_id"])
)
_ADD_DELIVERIES = sa.insert(deliveries)
_LAST = sa.select(sa.func.max(digests.c.slot)).where(
    digests.c.schedule_key == param("of", digests.c.schedule_key)
)
_TOLD_UNTIL = sa.select(sa.func.max(digests.c.created_at)).where(
    digests.c.schedule_key == param("of", digests.c.schedule_key)
)
_SINCE = sa.bindparam("since", type_=Utc())
_UNTIL = sa.bindparam("until", type_=Utc())
_PAUSED = sources.c.paused_at.is_not(None)
_DOING = (
    sa.select(
        sources.c.health,
        _PAUSED.label("paused"),
        sa.func.count().label("all"),
        sa.func.sum(sa.case((sources.c.last_fetch_at >= _SINCE, 1), else_=0)).label("asked"),
        sa.func.sum(sa.case((sources.c.answered_at >= _SINCE, 1), else_=0)).label("answered"),
    )
    .where(sources.c.enabled)
    .group_by(sources.c.health, _PAUSED)
)
#: The field of Coverage that counts sources which are doing so.
_COUNTED = {
    Health.FAILING.value: "sources_failing",
    Health.PARTIAL.value: "sources_partial",
    Health.EMPTY.value: "sources_empty",
    Health.QUIET.value: "sources_quiet",
    Health.FLOOD.value: "sources_flooding",
    Health.UNKNOWN.value: "sources_unknown",
}
_READ = (
    sa.select(articles.c.text_from, sa.func.count())
    .where(articles.c.read_at >= _SINCE, articles.c.read_at < _UNTIL)
    .group_by(articles.c.text_from)
)
_UNREAD = sa.select(sa.func.count()).where(
    entries.c.state == sa.text("'unread'"),
    entries.c.done_at >= _SINCE,
    entries.c.done_at < _UNTIL,
    entries.c.article_id.is_(None),
)


def find_schedule(tx: Tx, key: str) -> ScheduleState | None:
    """Return how far a schedule has come, None when it was never heard of."""
    row = tx.execute(_SCHEDULE, {"of": key}).first()
    return None if row is None else ScheduleState(last_slot=row.last_slot, started_at=row.started_at)


def schedule_state(tx: Tx, key: str, *, now: datetime) -> ScheduleState:
    """Return how far a schedule has come; one that was never heard of starts now."""
    tx.execute(_START[tx.dialect.name], {"key": key, "last_slot": now, "started_at": now})
    row = tx.execute(_SCHEDULE, {"of": key}).one()
    return ScheduleState(last_slot=row.last_slot, started_at=row.started_at)


def pending_events(
    tx: Tx, key: str, *, watch_keys: Collection[str] | None, since: datetime, limit: int
) -> list[MentionEvent]:
    """Return what this schedule has not told yet, in the order in which it happened.

    ``watch_keys`` None means all watches; ``since`` leaves out what happened before. Never told are
    history, dismissed mentions, what a changed watch does not find any more, and senses that a watch
    does not want; what is taken back of these waits again.
    """
    query = _PENDING
    if watch_keys is not None:
        query = query.where(watches.c.key.in_(sorted(watch_keys)))
    return [
        MentionEvent(
            id=row.event_id, kind=EventKind(row.event_kind), at=row.event_at, mention=stored_from(row)
        )
        for row in tx.execute(query, {"of": key, "since": since, "most": limit})
    ]


def save_digest(
    tx: Tx,
    *,
    key: str,
    slot: datetime,
    events: Sequence[int],
    deliveries: Sequence[NewDelivery],
    now: datetime,
) -> int | None:
    """Store a digest, what it tells, and its deliveries; return its number.

    None, with nothing stored, when this slot has a digest already or one of the events is in
    another digest of this schedule: somebody else was quicker.
    """
    try:
        with tx.begin_nested():
            return _save_digest(tx, key, slot, events, deliveries, now)
    except _Told:
        return None


def skip_slot(tx: Tx, key: str, slot: datetime) -> None:
    """Note that a slot was dealt with without a digest."""
    _advance(tx, key, slot)


def last_digest(tx: Tx, key: str) -> datetime | None:
    """Return the slot of a schedule's last digest, None before the first."""
    slot: datetime | None = tx.execute(_LAST, {"of": key}).scalar()
    return slot


def told_until(tx: Tx, key: str) -> datetime | None:
    """Return up to when the schedule's digests have told what happened, None before the first."""
    until: datetime | None = tx.execute(_TOLD_UNTIL, {"of": key}).scalar()
    return until


def coverage(tx: Tx, *, since: datetime, until: datetime) -> Coverage:
    """Return what was looked at in this time, half-open.

    Sources count as checked when they answered since then, or were asked and fail; by how they are doing
    they count as they do now. Articles count by when their text was taken; unread are the entries that
    were given up and left no text at all.
    """
    period = {"since": since, "until": until}
    by_text = {row[0]: int(row[1]) for row in tx.execute(_READ, period)}
    return Coverage(
        **_doing(tx, period),
        articles=sum(by_text.values()),
        in_full=by_text.get(TextFrom.PAGE.value, 0),
        from_feed=by_text.get(TextFrom.FEED.value, 0),
        summary_only=by_text.get(TextFrom.SUMMARY.value, 0),
        unread=int(tx.execute(_UNREAD, period).scalar_one()),
        network_down_since=network_down_since(tx),
    )


def _doing(tx: Tx, period: Mapping[str, datetime]) -> dict[str, int]:
    """Return how many sources were checked, and how many are doing how, by field of Coverage."""
    counts = Counter[str]()
    for row in tx.execute(_DOING, period).mappings():
        every, answered, asked = int(row["all"]), int(row["answered"]), int(row["asked"])
        failing = row["health"] == Health.FAILING.value
        counts["sources"] += every
        # What was asked in vain and does not fail was asked while the network was down.
        counts["sources_checked"] += asked if failing else answered
        counts["sources_unanswered"] += asked - answered if failing else 0
        if (field := "sources_paused" if row["paused"] else _COUNTED.get(row["health"])) is not None:
            counts[field] += every
    return dict(counts)


def _advance(tx: Tx, key: str, slot: datetime) -> None:
    tx.execute(_START[tx.dialect.name], {"key": key, "last_slot": slot, "started_at": slot})
    tx.execute(_ADVANCE, {"of": key, "slot": slot})


def _save_digest(
    tx: Tx, key: str, slot: datetime, events: Sequence[int], new: Sequence[NewDelivery], now: datetime
) -> int:
    dialect = tx.dialect.name
    digest_id = tx.execute(_ADD[dialect], {"schedule_key": key, "slot": slot, "created_at": now}).scalar()
    if digest_id is None:
        raise _Told
    if events:
        rows = [
            {"schedule_key": key, "event_id": event, "digest_id": digest_id} for event in sorted(set(events))
        ]
        added = tx.execute(_ADD_ITEMS[dialect], rows, execution_options={"preserve_rowcount": True})
        if added.rowcount < len(rows):
            raise _Told
    if new:
        tx.execute(_ADD_DELIVERIES, [_delivery_row(delivery, digest_id, now) for delivery in new])
    _advance(tx, key, slot)
    return int(digest_id)


def _delivery_row(delivery: NewDelivery, digest_id: int, now: datetime) -> dict[str, Any]:
    return {
        "dedup_key": delivery.dedup_key,
        "digest_id": digest_id,
        "channel": delivery.channel,
        "target": delivery.target,
        "message_id": delivery.message_id,
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": now,
        "body": delivery.body,
    }
