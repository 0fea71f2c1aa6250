"""Compose: when a schedule's slot has closed, put what happened since into one digest.

Unit: a schedule's slot. One transaction stores the digest, what is in it, and its deliveries with
their bodies frozen; only then can anything be sent. The slot is unique, and an event enters each
schedule once, so a second try of the same slot changes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.deliver import message_id
from bot.digest.compose import compose as compose_digest
from bot.digest.due import due_slot, next_slots
from bot.model import (
    Coverage,
    Digest,
    EventKind,
    MentionEvent,
    NewDelivery,
    SourceFlood,
    SourceRecovery,
    SourceTrouble,
    WatchHistory,
)
from bot.pipeline.deps import Deps, DigestPlan
from bot.store import Tx, deliveries, mentions, sources

log = structlog.get_logger("compose")

_A_DAY = timedelta(days=1)
#: More events than this wait for the next digest; nothing is lost.
_MOST_EVENTS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """A slot that was dealt with."""

    key: str
    slot: datetime
    #: None where the schedule does not send empty digests and there was nothing to tell
    digest_id: int | None
    mentions: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Loaded:
    started_at: datetime
    last_digest_at: datetime | None
    #: up to when the digest before told how the sources are doing
    told_until: datetime
    events: list[MentionEvent]
    histories: list[WatchHistory]
    coverage: Coverage
    troubles: list[SourceTrouble]
    recovered: list[SourceRecovery]
    floods: list[SourceFlood]


async def compose(deps: Deps) -> list[Composed]:
    """Compose every digest whose slot has closed; nothing due gives an empty list."""
    composed = []
    for plan in deps.digests:
        now = deps.clock.now()
        state = await deps.store.aread(deliveries.find_schedule, plan.key)
        if state is None:
            state = await deps.store.awrite(deliveries.schedule_state, plan.key, now=now)
        if plan.schedule.immediate:
            waiting = await deps.store.aread(
                deliveries.pending_events, plan.key, watch_keys=plan.watches, since=state.started_at, limit=1
            )
            slot = now if waiting else None
        else:
            slot = due_slot(plan.schedule, zone=plan.zone, last_slot=state.last_slot, now=now)
        if slot is not None and (done := await compose_plan(deps, plan, slot=slot)) is not None:
            composed.append(done)
    return composed


async def compose_plan(
    deps: Deps,
    plan: DigestPlan,
    *,
    slot: datetime,
    channels: Sequence[str] | None = None,
    empty: bool | None = None,
) -> Composed | None:
    """Compose one digest and put it into the outbox.

    ``channels`` and ``empty`` override what the plan says. Returns None when another program
    composed this slot already.
    """
    now = deps.clock.now()
    loaded = await deps.store.aread(_load, deps, plan, until=now)
    send_empty = plan.send_empty if empty is None else empty
    if not loaded.events and not send_empty:
        await deps.store.awrite(deliveries.skip_slot, plan.key, slot)
        log.info("compose", digest=plan.key, slot=slot.isoformat(), outcome="empty")
        return Composed(key=plan.key, slot=slot, digest_id=None)
    digest = _digest(deps, plan, loaded, slot=slot)
    # Rendering is CPU: in a thread, so that fetching goes on.
    new = await asyncio.to_thread(_deliveries, deps, digest, plan.channels if channels is None else channels)
    digest_id = await deps.store.awrite_durable(
        deliveries.save_digest,
        key=plan.key,
        slot=slot,
        events=[event.id for event in loaded.events],
        deliveries=new,
        # What happens from then on, while the digest is drawn, is told by the next one.
        now=now,
    )
    if digest_id is None:
        log.info("compose", digest=plan.key, slot=slot.isoformat(), outcome="taken")
        return None
    log.info(
        "compose",
        digest=plan.key,
        slot=slot.isoformat(),
        outcome="ok",
        mentions=digest.mentions,
        stories=digest.stories,
        deliveries=len(new),
    )
    return Composed(key=plan.key, slot=slot, digest_id=digest_id, mentions=digest.mentions)


async def preview(deps: Deps, plan: DigestPlan, *, history: bool = False) -> Digest:
    """Return the digest that would be composed now; nothing is stored.

    ``history`` shows mentions that are history or were told already, too: what a newcomer wants to see.
    """
    now = deps.clock.now()
    loaded = await deps.store.aread(_load, deps, plan, until=now)
    if history:
        stored = await deps.store.aread(mentions.list_mentions, limit=_MOST_EVENTS)
        loaded.events[:] = [
            MentionEvent(id=mention.id, kind=EventKind.FOUND, at=mention.found_at, mention=mention)
            for mention in stored
            if plan.watches is None or mention.watch in plan.watches
        ]
    return _digest(deps, plan, loaded, slot=now)


def _load(tx: Tx, deps: Deps, plan: DigestPlan, *, until: datetime) -> _Loaded:
    schedule = deliveries.find_schedule(tx, plan.key)
    started_at = until if schedule is None else schedule.started_at
    last = deliveries.last_digest(tx, plan.key)
    told_until = _before(deliveries.told_until(tx, plan.key) or started_at, until)
    chosen = [watch for watch in deps.watches if plan.watches is None or watch.key in plan.watches]
    days = mentions.counts_by_day(
        tx, watch_keys=[watch.key for watch in chosen], until=until, zone_name=plan.zone.key
    )
    found = mentions.last_found(tx)
    return _Loaded(
        started_at=started_at,
        last_digest_at=last,
        told_until=told_until,
        events=deliveries.pending_events(
            tx, plan.key, watch_keys=plan.watches, since=started_at, limit=_MOST_EVENTS
        ),
        histories=[
            WatchHistory(
                key=watch.key,
                name=watch.name or watch.key,
                description=watch.description,
                days=days.get(watch.key, ()),
                last_mention_at=found.get(watch.key),
            )
            for watch in chosen
            if watch.enabled
        ],
        coverage=deliveries.coverage(tx, since=told_until, until=until),
        troubles=sources.source_troubles(tx, told=True),
        recovered=sources.recoveries(tx, since=told_until, until=until),
        floods=[
            SourceFlood(name=held.source_name, entries=held.entries)
            for held in sources.held_counts(tx, since=told_until, until=until)
            if held.why == "flood"
        ],
    )


def _digest(deps: Deps, plan: DigestPlan, loaded: _Loaded, *, slot: datetime) -> Digest:
    following = next_slots(plan.schedule, zone=plan.zone, after=max(slot, deps.clock.now()), count=1)
    return compose_digest(
        key=plan.key,
        name=plan.name,
        slot=slot,
        # at the digest before, else where the schedule began
        since=_before(loaded.last_digest_at or loaded.started_at, slot),
        until=slot,
        timezone=plan.zone.key,
        schedule=str(plan.schedule),
        next_slot=following[0] if following else None,
        events=loaded.events,
        watches=loaded.histories,
        coverage=loaded.coverage,
        troubles=loaded.troubles,
        recovered=loaded.recovered,
        floods=loaded.floods,
        told_until=loaded.told_until,
    )


def _before(since: datetime, until: datetime) -> datetime:
    """Return where a period begins; one that would be none, after a clock that jumped, is a day."""
    return since if since < until else until - _A_DAY


def _deliveries(deps: Deps, digest: Digest, channels: Sequence[str]) -> list[NewDelivery]:
    """Freeze the digest's body for every target of every channel."""
    new = []
    for channel in channels:
        transport = deps.transports[channel]
        for target in transport.targets():
            name = message_id(digest=digest.key, slot=digest.slot, channel=channel, target=target)
            new.append(
                NewDelivery(
                    channel=channel,
                    target=target,
                    body=transport.payload(digest, target=target, message_id=name),
                    message_id=name,
                    dedup_key=f"{digest.key}/{digest.slot.isoformat()}/{channel}/{target}",
                )
            )
    return new
