"""The outbox: a delivery's way from frozen to sent, every attempt a row.

``pending → sending`` is committed to the disk before anything leaves; what is found ``sending`` at
a start was in flight when the program died, and nobody can know. Upper rooms reach this through
``bot.store.deliveries``.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.errors import FailureKind
from bot.model import Delivery, DeliveryState
from bot.store.base import Tx
from bot.store.statements import AnyRow, on_both, param
from bot.store.tables import attempts, deliveries, digests
from bot.store.types import Utc

_NOW = sa.bindparam("now", type_=Utc())
_MOST = sa.bindparam("most", type_=sa.Integer())
#: Only what waits to be sent has a time; see ``bot.store.tables``.
_DUE = (
    sa.select(deliveries.c.id, deliveries.c.channel)
    .where(deliveries.c.next_attempt_at <= _NOW)
    .order_by(deliveries.c.next_attempt_at, deliveries.c.id)
    .limit(_MOST)
)
_of = deliveries.c.id == param("of", deliveries.c.id)
_CLAIM = (
    sa.update(deliveries)
    .where(_of, deliveries.c.next_attempt_at <= _NOW)
    .values(
        state=DeliveryState.SENDING.value,
        attempts=deliveries.c.attempts + 1,
        next_attempt_at=None,
        claimed_by=param("holder", deliveries.c.claimed_by),
        claimed_until=param("until", deliveries.c.claimed_until),
    )
    .returning(deliveries.c.id)
)
#: Also what a start found in flight and gave up on: its sender may still come back with an answer.
_ours = sa.and_(
    _of,
    deliveries.c.state.in_([DeliveryState.SENDING.value, DeliveryState.UNCERTAIN.value]),
    deliveries.c.claimed_by == param("holder", deliveries.c.claimed_by),
)
_SETTLE = (
    sa.update(deliveries)
    .where(_ours)
    .values(
        state=param("now_is", deliveries.c.state),
        next_attempt_at=param("next_at", deliveries.c.next_attempt_at),
        claimed_by=None,
        claimed_until=None,
        sent_at=param("was_sent_at", deliveries.c.sent_at),
        remote_id=param("remote", deliveries.c.remote_id),
        error=param("why", deliveries.c.error),
        error_kind=param("why_kind", deliveries.c.error_kind),
    )
    .returning(deliveries.c.attempts)
)
_RECOVER = (
    sa.update(deliveries)
    .where(
        deliveries.c.state == sa.text("'sending'"),
        deliveries.c.claimed_until < param("before", deliveries.c.claimed_until),
    )
    .values(
        state=DeliveryState.UNCERTAIN.value,
        next_attempt_at=_NOW,
        error=param("why", deliveries.c.error),
        error_kind=FailureKind.UNCERTAIN.value,
    )
    .returning(deliveries.c.id, deliveries.c.attempts)
)
_ATTEMPT = on_both(
    lambda insert: (row := insert(attempts)).on_conflict_do_update(
        index_elements=["delivery_id", "number"],
        set_={name: row.excluded[name] for name in ("at", "outcome", "kind", "error")},
    )
)
_BARE = (
    sa.select(
        deliveries.c.id,
        deliveries.c.digest_id,
        digests.c.schedule_key.label("digest"),
        deliveries.c.channel,
        deliveries.c.target,
        deliveries.c.message_id,
        deliveries.c.state,
        deliveries.c.attempts,
        deliveries.c.next_attempt_at,
        deliveries.c.sent_at,
        deliveries.c.remote_id,
        deliveries.c.error,
    )
    .select_from(deliveries)
    .join(digests, digests.c.id == deliveries.c.digest_id)
)
_BY_ID = _BARE.add_columns(deliveries.c.body).where(_of)
_OF_DIGEST = (
    sa.select(deliveries.c.id)
    .where(deliveries.c.digest_id == param("of", deliveries.c.digest_id))
    .order_by(deliveries.c.id)
)

#: Later than any lease.
_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_IN_FLIGHT = "newsbot was stopped before the answer came"


def due_deliveries(tx: Tx, *, now: datetime, limit: int) -> list[int]:
    """Return the numbers of deliveries to hand over now, the longest waiting first."""
    return [row.id for row in tx.execute(_DUE, {"now": now, "most": limit})]


def due_by_channel(tx: Tx, *, now: datetime, limit: int) -> dict[str, tuple[int, ...]]:
    """Return ``due_deliveries`` by the channel that each goes to, in the same order."""
    found: dict[str, tuple[int, ...]] = {}
    for row in tx.execute(_DUE, {"now": now, "most": limit}):
        found[row.channel] = (*found.get(row.channel, ()), row.id)
    return found


def claim_delivery(
    tx: Tx, delivery_id: int, *, holder: str, now: datetime, lease: timedelta
) -> Delivery | None:
    """Take a delivery that is due for sending, and return it with its body; None when it is not ours."""
    values = {"of": delivery_id, "holder": holder, "now": now, "until": now + lease}
    if tx.execute(_CLAIM, values).first() is None:
        return None
    return get_delivery(tx, delivery_id)


def mark_sent(tx: Tx, delivery_id: int, *, holder: str, now: datetime, remote_id: str | None) -> bool:
    """Note that our delivery was accepted; False where it is not ours any more."""
    return _settle(tx, delivery_id, holder, now, DeliveryState.SENT, outcome="sent", remote_id=remote_id)


def mark_retry(
    tx: Tx,
    delivery_id: int,
    *,
    holder: str,
    now: datetime,
    next_attempt_at: datetime | None,
    error: str,
    kind: FailureKind,
) -> None:
    """Note that our delivery was refused for certain; without a next attempt it has failed."""
    again = next_attempt_at is not None
    state = DeliveryState.PENDING if again else DeliveryState.FAILED
    outcome = "retry" if again else "failed"
    _settle(
        tx, delivery_id, holder, now, state, outcome=outcome, next_at=next_attempt_at, error=error, kind=kind
    )


def mark_uncertain(
    tx: Tx,
    delivery_id: int,
    *,
    holder: str,
    now: datetime,
    next_attempt_at: datetime | None,
    error: str,
) -> None:
    """Note that the answer to our delivery was lost; with a next attempt the same bytes go again."""
    _settle(
        tx,
        delivery_id,
        holder,
        now,
        DeliveryState.UNCERTAIN,
        outcome="uncertain",
        next_at=next_attempt_at,
        error=error,
        kind=FailureKind.UNCERTAIN,
    )


def recover_sending(tx: Tx, *, now: datetime, expired_only: bool = False) -> int:
    """Make what was in flight uncertain, to be sent again now, and return how many that were.

    For the start of the only program: whoever was sending is dead. While it runs, ``expired_only``
    takes only what nobody wrote an answer down for within the lease.
    """
    before = now if expired_only else _FOR_EVER
    found = tx.execute(_RECOVER, {"now": now, "before": before, "why": _IN_FLIGHT}).all()
    if found:
        rows = [
            _attempt(row.id, row.attempts, now, "uncertain", _IN_FLIGHT, FailureKind.UNCERTAIN)
            for row in found
        ]
        tx.execute(_ATTEMPT[tx.dialect.name], rows)
    return len(found)


def list_deliveries(
    tx: Tx, *, state: DeliveryState | str | None = None, limit: int | None = 50
) -> list[Delivery]:
    """Return deliveries, the last made first, with empty bodies."""
    query = _BARE.order_by(deliveries.c.id.desc())
    if state is not None:
        query = query.where(deliveries.c.state == str(state))
    if limit is not None:
        query = query.limit(limit)
    return [_delivery(row, b"") for row in tx.execute(query)]


def get_delivery(tx: Tx, delivery_id: int) -> Delivery | None:
    """Return a delivery with its body, None where there is no such one."""
    row = tx.execute(_BY_ID, {"of": delivery_id}).first()
    return None if row is None else _delivery(row, row.body)


def of_digest(tx: Tx, digest_id: int) -> list[int]:
    """Return the numbers of a digest's deliveries."""
    return list(tx.execute(_OF_DIGEST, {"of": digest_id}).scalars())


def _settle(
    tx: Tx,
    delivery_id: int,
    holder: str,
    now: datetime,
    state: DeliveryState,
    *,
    outcome: str,
    next_at: datetime | None = None,
    remote_id: str | None = None,
    error: str | None = None,
    kind: FailureKind | None = None,
) -> bool:
    sent = state is DeliveryState.SENT
    values = {
        "of": delivery_id,
        "holder": holder,
        "now_is": state.value,
        "next_at": next_at,
        "was_sent_at": now if sent else None,
        "remote": remote_id,
        "why": error,
        "why_kind": None if kind is None else kind.value,
    }
    number = tx.execute(_SETTLE, values).scalar()
    if number is None:
        return False
    tx.execute(_ATTEMPT[tx.dialect.name], [_attempt(delivery_id, number, now, outcome, error, kind)])
    return True


def _attempt(
    delivery_id: int, number: int, now: datetime, outcome: str, error: str | None, kind: FailureKind | None
) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "number": number,
        "at": now,
        "outcome": outcome,
        "error": error,
        "kind": None if kind is None else kind.value,
    }


def _delivery(row: AnyRow, body: bytes) -> Delivery:
    return Delivery(
        id=row.id,
        digest_id=row.digest_id,
        digest=row.digest,
        channel=row.channel,
        target=row.target,
        body=body,
        message_id=row.message_id,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        sent_at=row.sent_at,
        remote_id=row.remote_id,
        error=row.error,
    )
