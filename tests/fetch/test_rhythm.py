"""How often a source brings something new, and the interval that follows from it."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind
from bot.fetch.rhythm import interval, learned, rate_per_day
from bot.fetch.schedule import Outcome, Timing, next_fetch
from bot.model import Rhythm
from tests.build import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TIMING = Timing(every=15 * MINUTE)
NOTHING = Outcome(ok=True)


def brought(new: int) -> Outcome:
    return Outcome(ok=True, modified=True, new_entries=new)


def after_silence(span: timedelta, *, every: timedelta = 15 * MINUTE, rhythm: Rhythm | None = None) -> Rhythm:
    """Return what is known after a silence, asked every quarter of an hour."""
    known, now = rhythm or learned(Rhythm(), NOTHING, since=None, now=NOW), NOW
    while now < NOW + span:
        now += every
        known = learned(known, NOTHING, since=now - every, now=now)
    return known


class World:
    """A source that brings ``per_day`` items at random, asked as the schedule says."""

    def __init__(
        self, per_day: float, *, seed: int = 1, open_at: Callable[[datetime], bool] = lambda _: True
    ) -> None:
        self.chance = random.Random(seed)
        self.per_day = per_day
        self.open_at = open_at
        self.now = NOW
        self.rhythm = learned(Rhythm(), brought(25), since=None, now=NOW)
        self.asked: list[datetime] = []
        self.delays: list[timedelta] = []

    def live(self, days: float) -> "World":
        end = self.now + timedelta(days=days)
        item, outcome = self._item(self.now), NOTHING
        while self.now < end:
            planned = next_fetch(
                timing=TIMING,
                rhythm=self.rhythm,
                outcome=outcome,
                fail_weight=0.0,
                now=self.now,
                jitter=self.chance.random(),
                phase=0.3,
            )
            since, self.now, new = self.now, planned.at, 0
            while item <= self.now:
                if self.open_at(item):
                    new += 1
                    self.delays.append(self.now - item)
                item = self._item(item)
            outcome = brought(new)
            self.rhythm = learned(self.rhythm, outcome, since=since, now=self.now)
            self.asked.append(self.now)
        return self

    def _item(self, after: datetime) -> datetime:
        return after + timedelta(days=self.chance.expovariate(self.per_day))


@settings(max_examples=25, deadline=None)
@given(per_day=st.floats(4, 400), seed=st.integers(0, 1000))
def test_what_is_learned_comes_near_the_true_rate(per_day: float, seed: int) -> None:
    """After six weeks, within four standard deviations of what two weeks can tell."""
    world = World(per_day, seed=seed).live(42)
    slack = 4 * (per_day / 28) ** 0.5 + 1.5
    assert rate_per_day(world.rhythm, TIMING) == pytest.approx(per_day, rel=0.05, abs=slack)


@pytest.mark.parametrize(
    ("per_day", "shortest", "longest"),
    [
        (1, 110 * MINUTE, 2 * HOUR),
        (10, 90 * MINUTE, 2 * HOUR),
        (24, 45 * MINUTE, 72 * MINUTE),
        (65, 18 * MINUTE, 30 * MINUTE),
        (1000, 10 * MINUTE, 10 * MINUTE),
    ],
)
def test_one_new_item_a_poll_is_aimed_at(per_day: float, shortest: timedelta, longest: timedelta) -> None:
    world = World(per_day).live(30)
    assert shortest <= interval(world.rhythm, TIMING, now=world.now) <= longest


def test_a_listing_of_25_items_with_10_new_a_day_is_never_far_behind() -> None:
    world = World(10).live(60)
    gaps = [later - earlier for earlier, later in pairwise(world.asked)]
    assert max(gaps) <= 3 * HOUR
    assert max(world.delays) <= 3 * HOUR
    assert len(world.asked) < 60 * 24


def test_a_weekend_hardly_stretches_the_interval_of_weekdays() -> None:
    """Nothing comes on Saturday and Sunday: on Monday morning it is asked nearly as on Friday."""
    world = World(60, open_at=lambda item: item.weekday() < 5).live(25.5)
    assert world.now.weekday() == 4
    friday = interval(world.rhythm, TIMING, now=world.now)
    world.live(2.5)
    monday = interval(world.rhythm, TIMING, now=world.now)
    assert friday <= monday <= 1.3 * friday


@pytest.mark.parametrize(
    ("silence", "shortest", "longest"),
    [
        (30 * MINUTE, 15 * MINUTE, 15 * MINUTE),
        (3 * HOUR, 15 * MINUTE, 18 * MINUTE),
        (8 * HOUR, 15 * MINUTE, 24 * MINUTE),
        (DAY, 24 * MINUTE, 36 * MINUTE),
        (7 * DAY, 2 * HOUR, 2 * HOUR),
        (29 * DAY, 2 * HOUR, 2 * HOUR),
        (45 * DAY, 4 * HOUR, 10 * HOUR),
        (100 * DAY, DAY, DAY),
    ],
)
def test_silence_stretches_slowly_and_beyond_two_hours_after_a_month_only(
    silence: timedelta, shortest: timedelta, longest: timedelta
) -> None:
    known = after_silence(silence, every=min(15 * MINUTE, silence))
    assert shortest <= interval(known, TIMING, now=NOW + silence) <= longest


def test_any_new_item_ends_the_slowness_of_a_long_silence_at_once() -> None:
    known = after_silence(100 * DAY, every=HOUR)
    now = NOW + 101 * DAY
    assert interval(known, TIMING, now=now) == DAY
    known = learned(known, brought(1), since=now - DAY, now=now)
    assert interval(known, TIMING, now=now) == 2 * HOUR


def test_it_begins_with_every_whatever_that_is() -> None:
    for every in (MINUTE, 7 * MINUTE, 15 * MINUTE, 3 * HOUR, DAY):
        assert interval(Rhythm(), Timing(every=every), now=NOW) == every
        assert interval(Rhythm(), Timing(every=every, adapts=False), now=NOW) == every


def test_an_interval_that_its_user_set_does_not_adapt() -> None:
    timing = Timing(every=5 * MINUTE, adapts=False)
    assert interval(after_silence(100 * DAY, every=HOUR), timing, now=NOW + 100 * DAY) == 5 * MINUTE


def test_every_outside_of_the_bounds_widens_them() -> None:
    assert interval(Rhythm(heard=1e4, watched_s=1e5), Timing(every=4 * MINUTE), now=NOW) == 4 * MINUTE
    silent = Rhythm(heard=0, watched_s=1e6, last_new_at=NOW)
    assert interval(silent, Timing(every=5 * HOUR), now=NOW) == 5 * HOUR


def test_the_first_sight_and_failures_teach_nothing() -> None:
    first = learned(Rhythm(), brought(500), since=None, now=NOW)
    assert first == Rhythm(last_new_at=NOW)
    failed = Outcome(ok=False, kind=FailureKind.TIMEOUT, new_entries=3)
    assert learned(first, failed, since=NOW, now=NOW + HOUR) == first


def test_a_standstill_says_nothing_of_the_rhythm_but_its_items_are_items() -> None:
    """Three weeks off, and the listing shows the last 25: that is no rate of 25 in three weeks."""
    known = World(100).live(20).rhythm
    later = learned(known, brought(25), since=NOW, now=NOW + 21 * DAY)
    assert (later.heard, later.watched_s) == (known.heard, known.watched_s)
    assert (later.items, later.recent_new[-1]) == (known.items + 25, 25)
    back = learned(known, brought(2), since=NOW, now=NOW - DAY)
    assert (back.heard, back.watched_s) == (known.heard, known.watched_s)


def test_the_last_twenty_polls_that_brought_something_are_remembered() -> None:
    known = Rhythm()
    for turn in range(30):
        now = NOW + turn * HOUR
        known = learned(known, brought(turn), since=now - HOUR, now=now)
    assert known.recent_new == tuple(range(10, 30))
    assert (known.items, known.last_new_at) == (sum(range(30)), NOW + 29 * HOUR)


def test_the_longest_silence_that_it_came_back_from_is_remembered_for_months() -> None:
    known, now = Rhythm(last_new_at=NOW), NOW

    def pause(span: timedelta) -> timedelta:
        nonlocal known, now
        now += span
        known = learned(known, NOTHING, since=now - HOUR, now=now - HOUR / 2)
        known = learned(known, brought(1), since=now - HOUR / 2, now=now)
        return timedelta(seconds=known.longest_gap_s)

    assert pause(3 * HOUR) == 3 * HOUR
    assert pause(60 * HOUR) == 60 * HOUR
    week = [pause(12 * HOUR) for _ in range(14)][-1]
    assert 55 * HOUR < week < 60 * HOUR
    year = [pause(12 * HOUR) for _ in range(730)][-1]
    assert year == 12 * HOUR


def test_a_standstill_of_ours_is_no_silence_of_the_source() -> None:
    known = Rhythm(last_new_at=NOW, longest_gap_s=3600.0)
    later = learned(known, brought(3), since=NOW, now=NOW + 9 * DAY)
    assert (later.longest_gap_s, later.last_new_at) == (3600.0, NOW + 9 * DAY)


@settings(max_examples=200, deadline=None)
@given(
    known=st.builds(
        Rhythm, heard=st.floats(0, 1e5), watched_s=st.floats(0, 14 * 86_400), items=st.integers(0, 10**6)
    ),
    new=st.integers(0, 5000),
    gap=st.timedeltas(min_value=timedelta(seconds=1), max_value=36 * HOUR),
)
def test_what_fades_stays_within_its_memory(known: Rhythm, new: int, gap: timedelta) -> None:
    later = learned(known, brought(new), since=NOW - gap, now=NOW)
    assert 0 <= later.heard <= known.heard + new
    assert 0 < later.watched_s <= max(known.watched_s, 14 * 86_400) + 1
    more = learned(known, brought(new + 1), since=NOW - gap, now=NOW)
    assert interval(more, TIMING, now=NOW) <= interval(later, TIMING, now=NOW)
    halves = learned(known, NOTHING, since=NOW - gap, now=NOW - gap / 2)
    halves = learned(halves, NOTHING, since=NOW - gap / 2, now=NOW)
    whole = learned(known, NOTHING, since=NOW - gap, now=NOW)
    assert halves.watched_s == pytest.approx(whole.watched_s)
    assert replace(halves, watched_s=0, heard=0) == replace(
        whole, watched_s=0, heard=0, last_new_at=NOW - gap
    )
