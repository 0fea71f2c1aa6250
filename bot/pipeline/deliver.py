"""Deliver: hand one frozen body to one target, and write down what came of it.

Unit: a delivery. ``pending → sending`` is committed to disk before the first byte leaves; what
happens then is ``sent``, a definite failure (tried again, or given up) or ``uncertain``: an answer
that was lost. Uncertain deliveries are sent again with the same bytes and the same Message-ID.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.deliver.retry import next_attempt_at
from bot.errors import DeliveryError, FailureKind, Retry
from bot.model import Delivery, DeliveryState
from bot.pipeline.deps import Deps
from bot.store import deliveries

log = structlog.get_logger("deliver")

#: Longer than any transport's own deadline, so that a living sender never loses its claim.
_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What became of a delivery."""

    id: int
    #: None when another program holds it, or it was sent already
    state: DeliveryState | None
    channel: str = ""
    error: str | None = None


async def deliver(deps: Deps, delivery_id: int) -> Delivered:
    """Send one delivery and store the outcome; never raises for what the other side does."""
    delivery = await deps.store.awrite_durable(
        deliveries.claim_delivery, delivery_id, holder=deps.holder, now=deps.clock.now(), lease=_LEASE
    )
    if delivery is None:
        return Delivered(id=delivery_id, state=None)
    # Shielded: a shutdown waits for the answer of what is already on its way.
    return await asyncio.shield(_send(deps, delivery))


async def _send(deps: Deps, delivery: Delivery) -> Delivered:
    facts = {"digest": delivery.digest, "channel": delivery.channel, "attempt": delivery.attempts}
    transport = deps.transports.get(delivery.channel)
    try:
        if transport is None:
            raise DeliveryError(
                "the channel is no longer configured",
                kind=FailureKind.CHANNEL_GONE,
                subject=delivery.channel,
                # A channel that was renamed, or lost in an edit, may be back before the digest is stale.
                retry=Retry.LATER,
                hint="name it under `channels:` again, and what waits for it goes out",
            )
        receipt = await transport.send(delivery.body, target=delivery.target, message_id=delivery.message_id)
    except DeliveryError as error:
        return await _refused(deps, delivery, error, facts)
    await deps.store.awrite_durable(
        deliveries.mark_sent,
        delivery.id,
        holder=deps.holder,
        now=deps.clock.now(),
        remote_id=receipt.remote_id,
    )
    log.info("deliver", outcome="sent", message_id=delivery.message_id, **facts)
    return Delivered(id=delivery.id, state=DeliveryState.SENT, channel=delivery.channel)


async def _refused(
    deps: Deps, delivery: Delivery, error: DeliveryError, facts: dict[str, object] | dict[str, str | int]
) -> Delivered:
    now = deps.clock.now()
    again = next_attempt_at(delivery.attempts, error, now=now)
    if error.retry is Retry.UNKNOWN:
        state = DeliveryState.UNCERTAIN
        await deps.store.awrite_durable(
            deliveries.mark_uncertain,
            delivery.id,
            holder=deps.holder,
            now=now,
            next_attempt_at=again,
            error=error.message,
        )
    else:
        state = DeliveryState.PENDING if again is not None else DeliveryState.FAILED
        await deps.store.awrite_durable(
            deliveries.mark_retry,
            delivery.id,
            holder=deps.holder,
            now=now,
            next_attempt_at=again,
            error=error.message,
            kind=error.kind,
        )
    log.warning(
        "deliver",
        outcome=state.value,
        kind=error.kind.value,
        why=str(error),
        again=again.isoformat() if again else None,
        **facts,
    )
    return Delivered(id=delivery.id, state=state, channel=delivery.channel, error=str(error))
