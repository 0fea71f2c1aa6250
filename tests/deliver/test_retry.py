"""When a delivery is tried again, and when it is given up."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deliver.retry import next_attempt_at
from bot.errors import DeliveryError, FailureKind, Retry
from tests.deliver.examples import SLOT

MINUTE = timedelta(minutes=1)


def an_error(retry=Retry.LATER, kind=FailureKind.TEMPORARY, retry_after=None) -> DeliveryError:
    return DeliveryError("x", kind=kind, subject="mail", retry=retry, retry_after=retry_after)


def delays(error):
    found = []
    while (again := next_attempt_at(len(found) + 1, error, now=SLOT)) is not None:
        found.append(again - SLOT)
    return found


def test_tries_come_quickly_first_then_twice_a_day_for_five_days():
    waits = delays(an_error())
    assert waits[:6] == [
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        60 * MINUTE,
        timedelta(hours=4),
        timedelta(hours=12),
    ]
    assert timedelta(days=4) < sum(waits, timedelta()) <= timedelta(days=5)


def test_what_can_never_succeed_is_given_up_at_once():
    assert next_attempt_at(1, an_error(Retry.NEVER), now=SLOT) is None


def test_unknown_outcomes_are_repeated_four_times_at_most():
    assert len(delays(an_error(Retry.UNKNOWN, FailureKind.UNCERTAIN))) == 4


@pytest.mark.parametrize(
    ("attempts", "asked", "waits"),
    [
        (1, timedelta(seconds=2), timedelta(seconds=2)),
        (1, timedelta(days=1), timedelta(hours=1)),
        (3, timedelta(seconds=30), timedelta(seconds=30)),
        (4, timedelta(seconds=2), timedelta(hours=1)),
    ],
)
def test_a_rate_limit_is_waited_out_and_stubborn_ones_for_longer(attempts, asked, waits):
    error = an_error(kind=FailureKind.RATE_LIMITED, retry_after=asked)
    assert next_attempt_at(attempts, error, now=SLOT) == SLOT + waits


def test_a_refused_login_waits_an_hour_at_least():
    error = an_error(kind=FailureKind.AUTHENTICATION, retry_after=timedelta(hours=1))
    assert min(delays(error)) == timedelta(hours=1)
    assert max(delays(error)) == timedelta(hours=12)


@given(
    st.integers(1, 100),
    st.sampled_from(Retry),
    st.sampled_from(FailureKind),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_the_next_try_is_never_before_now_and_never_after_a_day(attempts, retry, kind, retry_after):
    again = next_attempt_at(attempts, an_error(retry, kind, retry_after), now=SLOT)
    assert again is None or SLOT <= again <= SLOT + timedelta(days=1)
