"""When to ask again."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind
from bot.fetch.schedule import Outcome, fail_weight_after, next_fetch_at, next_read_at
from tests.build import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FINE = Outcome(ok=True, modified=True)

spans = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))
outcomes = st.builds(
    Outcome,
    ok=st.booleans(),
    modified=st.booleans(),
    kind=st.none() | st.sampled_from(FailureKind),
    retry_after=st.none() | spans,
    ttl=st.none() | spans,
)


def after(
    every: timedelta = 15 * MINUTE, *, weight: float = 0.0, outcome: Outcome = FINE, jitter: float = 0.5
) -> timedelta:
    return next_fetch_at(every=every, fail_weight=weight, outcome=outcome, now=NOW, jitter=jitter) - NOW


@settings(max_examples=200, deadline=None)
@given(every=spans, weight=st.floats(0, 1e300), outcome=outcomes, jitter=st.floats(0, 1, exclude_max=True))
def test_the_next_fetch_is_in_the_future_and_within_a_day(
    every: timedelta, weight: float, outcome: Outcome, jitter: float
) -> None:
    assert timedelta() < after(every, weight=weight, outcome=outcome, jitter=jitter) <= 24 * HOUR


@settings(max_examples=200, deadline=None)
@given(every=spans, weight=st.floats(0, 100), outcome=outcomes, jitter=st.floats(0, 1, exclude_max=True))
def test_retry_after_always_holds(every: timedelta, weight: float, outcome: Outcome, jitter: float) -> None:
    wait = after(every, weight=weight, outcome=outcome, jitter=jitter)
    if outcome.retry_after is not None:
        assert wait >= min(outcome.retry_after, 24 * HOUR)


def test_jitter_moves_by_a_tenth_at_most() -> None:
    assert after(jitter=0.5) == 15 * MINUTE
    assert after(jitter=0.0) == 13.5 * MINUTE
    assert 16 * MINUTE < after(jitter=0.9999) < 16.5 * MINUTE


@pytest.mark.parametrize(
    ("every", "ttl", "wait"),
    [
        (15 * MINUTE, None, 15 * MINUTE),
        (15 * MINUTE, 5 * MINUTE, 15 * MINUTE),
        (15 * MINUTE, 60 * MINUTE, HOUR),
        (15 * MINUTE, 24 * HOUR, 2 * HOUR),
        (6 * HOUR, 24 * HOUR, 6 * HOUR),
    ],
)
def test_a_ttl_stretches_to_two_hours_at_most(
    every: timedelta, ttl: timedelta | None, wait: timedelta
) -> None:
    assert after(every, outcome=Outcome(ok=True, ttl=ttl)) == wait


@pytest.mark.parametrize(
    ("kind", "weight"),
    [
        (FailureKind.FORBIDDEN, 1.0),
        (FailureKind.NOT_A_FEED, 1.0),
        (FailureKind.TLS, 1.0),
        (FailureKind.NOT_FOUND, 0.5),
        (FailureKind.RATE_LIMITED, 0.5),
        (FailureKind.SERVER_ERROR, 0.5),
        (FailureKind.DNS, 0.5),
        (FailureKind.MALFORMED, 0.5),
        (FailureKind.TIMEOUT, 0.25),
        (FailureKind.RESET, 0.25),
        (None, 0.5),
    ],
)
def test_failures_weigh_by_kind(kind: FailureKind | None, weight: float) -> None:
    failed = Outcome(ok=False, kind=kind)
    assert fail_weight_after(0.0, failed) == weight
    assert fail_weight_after(3.0, failed) == 3.0 + weight
    assert fail_weight_after(3.0, FINE) == 0.0


def test_failures_stretch_the_interval_by_their_sum_up_to_a_day() -> None:
    failed = Outcome(ok=False, kind=FailureKind.SERVER_ERROR)
    assert after(weight=0.5, outcome=failed) == 22.5 * MINUTE
    assert after(weight=3.0, outcome=failed) == HOUR
    assert after(weight=500.0, outcome=failed) == 24 * HOUR


def test_what_is_gone_is_asked_once_a_day() -> None:
    assert after(weight=1.0, outcome=Outcome(ok=False, kind=FailureKind.GONE)) == 24 * HOUR


def test_an_article_page_is_tried_five_times() -> None:
    waits = [next_read_at(attempts, now=NOW, retry_after=None) for attempts in range(1, 6)]
    assert waits == [NOW + 5 * MINUTE, NOW + 30 * MINUTE, NOW + 2 * HOUR, NOW + 12 * HOUR, None]


def test_retry_after_holds_for_pages_up_to_a_day() -> None:
    assert next_read_at(1, now=NOW, retry_after=HOUR) == NOW + HOUR
    assert next_read_at(1, now=NOW, retry_after=MINUTE) == NOW + 5 * MINUTE
    assert next_read_at(1, now=NOW, retry_after=timedelta(days=9)) == NOW + 24 * HOUR
    assert next_read_at(5, now=NOW, retry_after=HOUR) is None
