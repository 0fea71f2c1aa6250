"""The outbox: a delivery is sent by one, every attempt is a row, and what nobody can know is said so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
import sqlalchemy as sa

from bot.errors import FailureKind
from bot.model import Delivery, DeliveryState
from bot.store import Store, deliveries
from bot.store.tables import attempts
from tests.store.build import MINUTE, a_delivery, rows

LEASE = 5 * MINUTE


@pytest.fixture
def ids(store: Store, now: datetime) -> list[int]:
    new = [a_delivery("one"), a_delivery("two", channel="slack"), a_delivery("three")]
    digest = store.write(deliveries.save_digest, key="daily", slot=now, events=[], deliveries=new, now=now)
    return store.read(deliveries.of_digest, digest)


def claim(store: Store, number: int, now: datetime, holder: str = "me") -> Delivery | None:
    return store.write_durable(deliveries.claim_delivery, number, holder=holder, now=now, lease=LEASE)


def state_of(store: Store, number: int) -> tuple[str, datetime | None]:
    delivery = store.read(deliveries.get_delivery, number)
    return delivery.state.value, delivery.next_attempt_at


def tried(store: Store) -> list[tuple[int, str, str | None]]:
    found = store.read(rows, sa.select(attempts).order_by(attempts.c.delivery_id, attempts.c.number))
    return [(row["number"], row["outcome"], row["kind"]) for row in found]


def refuse(store: Store, number: int, now: datetime, again: datetime | None, holder: str = "me") -> None:
    store.write_durable(
        deliveries.mark_retry,
        number,
        holder=holder,
        now=now,
        next_attempt_at=again,
        error="busy",
        kind=FailureKind.TEMPORARY,
    )


def test_due_deliveries_come_by_channel_in_their_order(store: Store, ids, now: datetime):
    assert store.read(deliveries.due_deliveries, now=now, limit=2) == ids[:2]
    by_channel = {"mail": (ids[0], ids[2]), "slack": (ids[1],)}
    assert store.read(deliveries.due_by_channel, now=now, limit=9) == by_channel
    assert store.read(deliveries.due_deliveries, now=now - MINUTE, limit=9) == []


def test_a_claimed_delivery_is_being_sent_and_nobody_else_s(store: Store, ids, now: datetime):
    delivery = claim(store, ids[0], now)
    assert delivery is not None
    assert (delivery.state, delivery.attempts, delivery.body) == (DeliveryState.SENDING, 1, b"body of one")
    assert claim(store, ids[0], now, "other") is None
    assert claim(store, ids[0], now + 2 * LEASE, "other") is None
    assert ids[0] not in store.read(deliveries.due_deliveries, now=now, limit=9)
    assert claim(store, 999, now) is None


def test_of_many_who_claim_a_delivery_at_once_one_has_it(store: Store, ids, now: datetime):
    at_once = Barrier(4)

    def race(holder: str) -> bool:
        at_once.wait()
        return claim(store, ids[0], now, holder) is not None

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(race, ["a", "b", "c", "d"])) == 1
    assert store.read(deliveries.get_delivery, ids[0]).attempts == 1


def test_a_sent_delivery_is_done(store: Store, ids, now: datetime):
    claim(store, ids[0], now)
    assert store.write_durable(deliveries.mark_sent, ids[0], holder="me", now=now, remote_id="r1")
    delivery = store.read(deliveries.get_delivery, ids[0])
    assert (delivery.state, delivery.sent_at, delivery.remote_id) == (DeliveryState.SENT, now, "r1")
    assert (delivery.error, delivery.next_attempt_at) == (None, None)
    assert claim(store, ids[0], now + LEASE) is None
    assert tried(store) == [(1, "sent", None)]


def test_only_its_holder_can_settle_a_delivery(store: Store, ids, now: datetime):
    claim(store, ids[0], now)
    assert not store.write(deliveries.mark_sent, ids[0], holder="other", now=now, remote_id=None)
    refuse(store, ids[0], now, None, holder="other")
    assert state_of(store, ids[0])[0] == "sending"
    assert tried(store) == []


def test_a_refused_delivery_waits_and_goes_again(store: Store, ids, now: datetime):
    claim(store, ids[0], now)
    refuse(store, ids[0], now, now + MINUTE)
    assert state_of(store, ids[0]) == ("pending", now + MINUTE)
    assert claim(store, ids[0], now) is None
    again = claim(store, ids[0], now + MINUTE, "other")
    assert again is not None
    assert (again.attempts, again.error) == (2, "busy")
    store.write(deliveries.mark_sent, ids[0], holder="other", now=now + MINUTE, remote_id=None)
    assert store.read(deliveries.get_delivery, ids[0]).error is None
    assert tried(store) == [(1, "retry", "temporary"), (2, "sent", None)]


def test_a_delivery_without_a_next_attempt_has_failed(store: Store, ids, now: datetime):
    claim(store, ids[0], now)
    refuse(store, ids[0], now, None)
    assert state_of(store, ids[0]) == ("failed", None)
    assert tried(store) == [(1, "failed", "temporary")]
    assert [row.id for row in store.read(deliveries.list_deliveries, state="failed")] == [ids[0]]


@pytest.mark.parametrize("again", [True, False])
def test_a_lost_answer_is_uncertain_and_goes_again_only_if_told_so(
    store: Store, ids, now: datetime, again: bool
):
    claim(store, ids[0], now)
    when = now + MINUTE if again else None
    store.write(deliveries.mark_uncertain, ids[0], holder="me", now=now, next_attempt_at=when, error="cut")
    assert state_of(store, ids[0]) == ("uncertain", when)
    assert (claim(store, ids[0], now + MINUTE) is not None) is again
    assert tried(store) == [(1, "uncertain", "uncertain")]


def test_while_it_runs_only_what_nobody_answered_for_within_the_lease_is_recovered(
    store: Store, ids, now: datetime
):
    claim(store, ids[0], now)
    claim(store, ids[1], now + LEASE)
    late = now + LEASE + MINUTE
    assert store.write(deliveries.recover_sending, now=late, expired_only=True) == 1
    assert state_of(store, ids[0]) == ("uncertain", late)
    assert state_of(store, ids[1])[0] == "sending"


def test_a_start_makes_what_was_in_flight_uncertain_and_sends_it_again(store: Store, ids, now: datetime):
    claim(store, ids[0], now)
    claim(store, ids[1], now)
    store.write(deliveries.mark_sent, ids[1], holder="me", now=now, remote_id=None)
    assert store.write(deliveries.recover_sending, now=now + MINUTE) == 1
    assert store.write(deliveries.recover_sending, now=now + MINUTE) == 0
    assert state_of(store, ids[0]) == ("uncertain", now + MINUTE)
    again = claim(store, ids[0], now + MINUTE, "new")
    assert again is not None
    assert again.message_id == "<one@newsbot>"
    assert tried(store) == [(1, "uncertain", "uncertain"), (1, "sent", None)]


def test_a_sender_given_up_on_may_still_say_that_it_was_sent(store: Store, ids, now: datetime):
    claim(store, ids[0], now)
    store.write(deliveries.recover_sending, now=now)
    assert store.write(deliveries.mark_sent, ids[0], holder="me", now=now, remote_id=None)
    assert state_of(store, ids[0]) == ("sent", None)
    assert tried(store) == [(1, "sent", None)]


def test_lists_show_the_last_made_first_without_bodies(store: Store, ids, now: datetime):
    found = store.read(deliveries.list_deliveries)
    assert [row.id for row in found] == ids[::-1]
    assert {row.body for row in found} == {b""}
    assert len(store.read(deliveries.list_deliveries, limit=1)) == 1
    assert store.read(deliveries.list_deliveries, state=DeliveryState.SENT) == []
    assert store.read(deliveries.get_delivery, 999) is None
