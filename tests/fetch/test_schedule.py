"""When to ask again."""

import re
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import bot
from bot.errors import FailureKind
from bot.fetch.schedule import (
    HARD,
    SOFT,
    TEMPORARY,
    NextFetch,
    NextReason,
    Outcome,
    Timing,
    fail_weight_after,
    interval,
    next_fetch,
    next_read_at,
    phase_of,
    wants_whole,
    while_down,
)
from bot.model import Rhythm
from tests.build import NOW

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
FINE = Outcome(ok=True, modified=True)
FAILED = Outcome(ok=False, kind=FailureKind.SERVER_ERROR)
FIXED = Timing(every=15 * MINUTE, adapts=False)
ADAPTS = Timing(every=15 * MINUTE)
NEW = Rhythm()

spans = st.timedeltas(min_value=timedelta(), max_value=400 * DAY)
parts = st.floats(0, 1, exclude_max=True)
outcomes = st.builds(
    Outcome,
    ok=st.booleans(),
    modified=st.booleans(),
    kind=st.none() | st.sampled_from(FailureKind),
    retry_after=st.none() | spans,
    new_entries=st.integers(0, 5000),
    hint=st.none() | spans,
)
timings = st.builds(Timing, every=spans, adapts=st.booleans(), shortest=spans, longest=spans)
rhythms = st.builds(
    Rhythm,
    heard=st.floats(0, 1e6),
    watched_s=st.floats(0, 14 * 86_400),
    last_new_at=st.none()
    | st.timedeltas(min_value=-400 * DAY, max_value=400 * DAY).map(lambda span: NOW + span),
    items=st.integers(0, 10**6),
)
digests = st.none() | st.timedeltas(min_value=-DAY, max_value=8 * DAY).map(lambda span: NOW + span)
some = settings(max_examples=300, deadline=None)


def asked(
    timing: Timing = FIXED,
    *,
    rhythm: Rhythm = NEW,
    outcome: Outcome = FINE,
    weight: float = 0.0,
    now: datetime = NOW,
    jitter: float = 0.5,
    phase: float = 0.0,
    digest_at: datetime | None = None,
) -> NextFetch:
    return next_fetch(
        timing=timing,
        rhythm=rhythm,
        outcome=outcome,
        fail_weight=weight,
        now=now,
        jitter=jitter,
        phase=phase,
        digest_at=digest_at,
    )


@some
@given(
    timing=timings,
    rhythm=rhythms,
    outcome=outcomes,
    weight=st.floats(0, 1e300),
    jitter=parts,
    phase=parts,
    digest_at=digests,
)
def test_the_next_fetch_is_in_the_future_and_within_a_day(
    timing: Timing,
    rhythm: Rhythm,
    outcome: Outcome,
    weight: float,
    jitter: float,
    phase: float,
    digest_at: datetime | None,
) -> None:
    planned = asked(
        timing,
        rhythm=rhythm,
        outcome=outcome,
        weight=weight,
        jitter=jitter,
        phase=phase,
        digest_at=digest_at,
    )
    assert NOW < planned.at <= NOW + DAY
    if outcome.retry_after is not None:
        assert planned.at >= NOW + min(outcome.retry_after, DAY)
    assert NextFetch.from_json(planned.to_json()) is not None


@some
@given(timing=timings, rhythm=rhythms, jitter=parts, phase=parts)
def test_while_all_is_well_it_is_asked_within_half_an_interval_of_its_interval(
    timing: Timing, rhythm: Rhythm, jitter: float, phase: float
) -> None:
    usual = interval(rhythm, timing, now=NOW)
    wait = asked(timing, rhythm=rhythm, jitter=jitter, phase=phase).at - NOW
    assert 0.5 * usual - SECOND <= wait <= min(1.5 * usual, DAY) + SECOND


@some
@given(
    timing=timings,
    rhythm=rhythms,
    retry_after=st.none() | spans,
    weights=st.tuples(st.floats(0, 1000), st.floats(0, 1000)).map(sorted),
    kind=st.sampled_from(sorted(set(FailureKind) - {FailureKind.GONE})),
    jitter=parts,
    phase=parts,
    digest_at=digests,
)
def test_what_failed_more_is_never_asked_earlier(
    timing: Timing,
    rhythm: Rhythm,
    retry_after: timedelta | None,
    weights: list[float],
    kind: FailureKind,
    jitter: float,
    phase: float,
    digest_at: datetime | None,
) -> None:
    outcome = Outcome(ok=False, kind=kind, retry_after=retry_after)
    less, more = (
        asked(
            timing,
            rhythm=rhythm,
            outcome=outcome,
            weight=weight,
            jitter=jitter,
            phase=phase,
            digest_at=digest_at,
        ).at
        for weight in weights
    )
    assert less <= more + timedelta(milliseconds=1)


def test_a_source_in_its_phase_stays_in_it_and_jitter_does_not_add_up() -> None:
    """Each question comes within a tenth of an interval of the source's own moment, for days."""
    now, phase = NOW, phase_of("ledger")
    for turn in range(500):
        now = asked(now=now, jitter=turn * 0.618 % 1, phase=phase).at
        if turn:
            moments = (now - NOW.replace(hour=0, minute=0)) / (15 * MINUTE) - phase
            assert abs(moments - round(moments)) <= 0.1 + 1e-6
    assert now - NOW == pytest.approx(500 * 15 * MINUTE, abs=30 * MINUTE)


@pytest.mark.parametrize("every", [10 * MINUTE, 15 * MINUTE, 40 * MINUTE, 2 * HOUR, 6 * HOUR])
def test_sources_that_begin_together_are_spread_evenly(every: timedelta) -> None:
    """A thousand sources asked in one second: at the next time no part of the interval has 2 × its share."""
    timing = Timing(every=every, adapts=False)
    due = [
        asked(timing, jitter=number * 0.618 % 1, phase=phase_of(f"source-{number}")).at
        for number in range(1000)
    ]
    share = Counter(int((at - NOW) / every * 10) for at in due)
    assert set(share) <= set(range(5, 15))
    assert max(share.values()) < 200
    in_a_minute = Counter((at - NOW) // MINUTE for at in due)
    assert max(in_a_minute.values()) <= 3 * max(1000 * (MINUTE / every), 5)


def test_phases_are_the_same_for_ever_and_even() -> None:
    assert phase_of("ledger") == phase_of("ledger") == pytest.approx(0.6020, abs=0.0001)
    tenths = Counter(int(10 * phase_of(f"source-{number}")) for number in range(10_000))
    assert set(tenths) == set(range(10))
    assert max(tenths.values()) < 1150


def test_an_interval_of_a_day_is_asked_a_tenth_earlier_at_most() -> None:
    timing = Timing(every=DAY, adapts=False)
    for jitter in (0.0, 0.5, 0.99):
        assert 21.6 * HOUR <= asked(timing, jitter=jitter).at - NOW <= DAY


@pytest.mark.parametrize(
    ("every", "hint", "wait"),
    [
        (15 * MINUTE, None, 15 * MINUTE),
        (15 * MINUTE, 5 * MINUTE, 15 * MINUTE),
        (15 * MINUTE, 60 * MINUTE, HOUR),
        (15 * MINUTE, 100 * MINUTE, 2 * HOUR),
        (15 * MINUTE, 24 * HOUR, 2 * HOUR),
        (6 * HOUR, 24 * HOUR, 6 * HOUR),
    ],
)
def test_a_server_may_stretch_the_interval_to_two_hours(
    every: timedelta, hint: timedelta | None, wait: timedelta
) -> None:
    planned = asked(Timing(every=every), outcome=Outcome(ok=True, hint=hint))
    assert timedelta(seconds=planned.wait_s) == wait
    assert (planned.reason is NextReason.HINT) == (wait > every)


def test_no_hint_stretches_an_interval_that_its_user_set_but_a_retry_after_does() -> None:
    hinted = asked(outcome=Outcome(ok=True, hint=2 * HOUR))
    assert hinted.reason is NextReason.EVERY
    assert hinted.at - NOW <= 22.5 * MINUTE
    held = asked(outcome=Outcome(ok=True, hint=2 * HOUR, retry_after=3 * HOUR))
    assert (held.reason, held.at) == (NextReason.RETRY_AFTER, NOW + 3 * HOUR)


def test_failures_weigh_by_kind() -> None:
    for kinds, weight in ((HARD, 1.0), (SOFT, 0.5), (TEMPORARY, 0.25)):
        for kind in kinds:
            failed = Outcome(ok=False, kind=kind)
            assert fail_weight_after(0.0, failed) == weight
            assert fail_weight_after(3.0, failed) == 3.0 + weight
    assert fail_weight_after(0.0, Outcome(ok=False)) == 0.5
    assert fail_weight_after(3.0, FINE) == 0.0


def test_every_way_to_fail_while_fetching_or_parsing_is_weighed_on_purpose() -> None:
    assert not (HARD & SOFT or HARD & TEMPORARY or SOFT & TEMPORARY)
    kinds = list(FailureKind)
    # The enum lists those of fetching and parsing first, then those of the configuration and so on.
    assert set(kinds[: kinds.index(FailureKind.CONFIG)]) == HARD | SOFT | TEMPORARY


@pytest.mark.parametrize("room", ["fetch", "parse"])
def test_no_way_to_fail_is_named_in_these_rooms_that_has_no_weight(room: str) -> None:
    named = {
        FailureKind[word]
        for path in (Path(bot.__file__).parent / room).rglob("*.py")
        for word in re.findall(r"\bFailureKind\.([A-Z_]+)", path.read_text())
    }
    assert named <= HARD | SOFT | TEMPORARY


@pytest.mark.parametrize(
    ("weight", "wait"),
    [
        (0.25, 15 * MINUTE),
        (1.0, 15 * MINUTE),
        (1.5, 22.5 * MINUTE),
        (4.0, HOUR),
        (500.0, DAY),
    ],
)
def test_failures_stretch_the_interval_by_their_sum_up_to_a_day(weight: float, wait: timedelta) -> None:
    planned = asked(outcome=FAILED, weight=weight)
    assert timedelta(seconds=planned.wait_s) == wait
    assert abs(planned.at - NOW - wait) <= 0.1 * wait + 7.5 * MINUTE
    assert (planned.reason is NextReason.FAILING) == (weight > 1)


def test_what_is_gone_says_so_and_a_success_forgets_what_failed() -> None:
    assert asked(outcome=Outcome(ok=False, kind=FailureKind.GONE), weight=1.0).reason is NextReason.GONE
    assert asked(weight=50.0).reason is NextReason.EVERY


@some
@given(
    every=st.sampled_from((15 * MINUTE, 2 * HOUR, 6 * HOUR, DAY)),
    until=st.timedeltas(min_value=timedelta(), max_value=3 * DAY),
    jitter=parts,
    phase=parts,
)
def test_in_the_half_hour_before_a_digest_each_source_is_asked_once_more(
    every: timedelta, until: timedelta, jitter: float, phase: float
) -> None:
    """Following the plan to the digest, a question falls into the half hour before it, minutes to spare."""
    now, digest_at = NOW, NOW + until
    timing = Timing(every=every, adapts=False)
    assume(until > 31 * MINUTE)
    times: list[datetime] = []
    while now < digest_at:
        now = asked(timing, now=now, jitter=jitter, phase=phase, digest_at=digest_at).at
        times.append(now)
    before = [at for at in times if digest_at - 30 * MINUTE <= at <= digest_at - 3 * MINUTE]
    assert before
    assert every < 30 * MINUTE or len(before) == 1


def test_questions_before_a_digest_are_spread_over_the_half_hour() -> None:
    due = [
        asked(Timing(every=2 * HOUR), phase=phase_of(f"s-{number}"), digest_at=NOW + 40 * MINUTE)
        for number in range(1000)
    ]
    assert {planned.reason for planned in due} == {NextReason.DIGEST}
    in_a_minute = Counter((planned.at - NOW) // MINUTE for planned in due)
    assert set(in_a_minute) == set(range(10, 37))
    assert max(in_a_minute.values()) < 70


def test_no_digest_breaks_a_back_off_a_retry_after_or_a_pause() -> None:
    digest_at, slow = NOW + 2 * HOUR, Timing(every=2 * HOUR)
    a_little = asked(slow, outcome=FAILED, weight=1.0, phase=0.5, digest_at=digest_at)
    assert a_little.reason is NextReason.DIGEST
    heavy = asked(slow, outcome=FAILED, weight=2.0, phase=0.5, digest_at=digest_at)
    assert heavy.reason is NextReason.FAILING
    held = asked(slow, outcome=Outcome(ok=True, retry_after=3 * HOUR), digest_at=digest_at)
    assert held.reason is NextReason.RETRY_AFTER
    gone = asked(slow, outcome=Outcome(ok=False, kind=FailureKind.GONE), weight=1.0, digest_at=digest_at)
    assert gone.reason is NextReason.GONE


def test_while_the_network_is_down_the_wait_is_that_of_the_network() -> None:
    planned = while_down(2 * MINUTE, timing=ADAPTS, rhythm=NEW, now=NOW)
    assert (planned.at, planned.reason) == (NOW + 2 * MINUTE, NextReason.NETWORK)
    assert planned.interval_s == 900


@some
@given(phase=parts, every=st.sampled_from((10 * MINUTE, HOUR, 5 * HOUR)))
def test_once_a_day_a_source_is_asked_without_validators(phase: float, every: timedelta) -> None:
    whole_at: datetime | None = None
    at: list[datetime] = []
    for turn in range(int(10 * DAY / every)):
        now = NOW + turn * every
        if wants_whole(whole_at, now=now, phase=phase):
            whole_at = now
            at.append(now)
    assert 10 <= len(at) <= 12
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert min(gaps) >= 6 * HOUR
    assert max(gaps) <= DAY + 6 * HOUR + every


def test_not_all_are_asked_without_validators_at_one_hour() -> None:
    """A thousand sources, all read whole at 9:00, come again over all hours of the day."""
    hours: Counter[int] = Counter()
    for number in range(1000):
        phase = phase_of(f"source-{number}")
        turns = (NOW + turn * 10 * MINUTE for turn in range(1000))
        hours[next(now for now in turns if wants_whole(NOW, now=now, phase=phase)).hour] += 1
    late = [hours[hour] for hour in range(24)]
    assert sum(count > 0 for count in late) >= 18
    assert max(late) < 350


def test_a_whole_request_in_the_future_was_made_by_a_wrong_clock() -> None:
    assert wants_whole(NOW + 3650 * DAY, now=NOW, phase=0.5)


def test_facts_that_another_release_wrote_are_not_read() -> None:
    facts = asked().to_json()
    assert NextFetch.from_json(facts) == asked()
    for broken in (None, {}, {"at": 3}, facts | {"reason": "whim"}, facts | {"interval_s": "long"}):
        assert NextFetch.from_json(broken) is None


def test_an_article_page_is_tried_five_times() -> None:
    waits = [next_read_at(attempts, now=NOW, retry_after=None) for attempts in range(1, 6)]
    assert waits == [NOW + 5 * MINUTE, NOW + 30 * MINUTE, NOW + 2 * HOUR, NOW + 12 * HOUR, None]


def test_retry_after_holds_for_pages_up_to_a_day() -> None:
    assert next_read_at(1, now=NOW, retry_after=HOUR) == NOW + HOUR
    assert next_read_at(1, now=NOW, retry_after=MINUTE) == NOW + 5 * MINUTE
    assert next_read_at(1, now=NOW, retry_after=9 * DAY) == NOW + 24 * HOUR
    assert next_read_at(5, now=NOW, retry_after=HOUR) is None
