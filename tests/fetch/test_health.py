"""How a source is doing, and when people are told of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind
from bot.fetch.health import (
    Facts,
    Judgement,
    Notice,
    is_flood,
    judge,
    judge_answer,
    judge_failure,
    notice,
    notice_after,
)
from bot.fetch.schedule import Outcome, learned
from bot.model import Health, Rhythm
from tests.build import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TROUBLES = (Health.PARTIAL, Health.FAILING, Health.EMPTY, Health.QUIET, Health.FLOOD)
#: a Monday, midnight
MONDAY = NOW.replace(hour=0)


def judged(before: Health = Health.OK, **facts: Any) -> Health:
    """Return the health that follows, the one before where nothing changes."""
    found = judge(before, Facts(**{"now": NOW, "ok": True, "listed": 25} | facts))
    return before if found is None else found.health


def answered(before: Health, **facts: Any) -> Health:
    found = judge_answer(before, **{"listed": 25, "new": 1, "held": 0, "fault": None} | facts)
    return before if found is None else found.health


def lived(
    days: float, per_day: float, *, open_at: Callable[[datetime], bool] = lambda _: True, burst: int = 1
) -> Rhythm:
    """Return the rhythm of a source that brings its items evenly while it is open, asked every half hour."""
    known, now, owed = learned(Rhythm(), Outcome(ok=True), since=None, now=MONDAY), MONDAY, 0.0
    while now < MONDAY + days * DAY:
        now += 30 * MINUTE
        owed += per_day / 48 if open_at(now) else 0.0
        new = burst * int(owed / burst)
        owed -= new
        known = learned(known, Outcome(ok=True, new_entries=new), since=now - 30 * MINUTE, now=now)
    return known


def silent(known: Rhythm, span: timedelta) -> tuple[Rhythm, datetime]:
    """Return the rhythm after a silence since its last item, and when that is."""
    assert known.last_new_at is not None
    now = end = known.last_new_at
    while end < known.last_new_at + span:
        end += 30 * MINUTE
        if end > now + 6 * HOUR:
            known = learned(known, Outcome(ok=True), since=now, now=end)
            now = end
    return known, end


# pages that cannot be read


@pytest.mark.parametrize(
    ("read", "unread", "health"),
    [
        (0, 4, Health.OK),
        (0, 5, Health.PARTIAL),
        (2, 3, Health.PARTIAL),
        (3, 3, Health.OK),
        (9, 11, Health.OK),
        (8, 12, Health.PARTIAL),
    ],
)
def test_most_of_five_pages_or_more_unread_is_partial(read: int, unread: int, health: Health) -> None:
    assert judged(pages_read=read, pages_unread={"forbidden": unread}) is health


def test_partial_ends_when_most_pages_are_read_and_not_before() -> None:
    assert judged(Health.PARTIAL, pages_read=10, pages_unread={"forbidden": 10}) is Health.PARTIAL
    assert judged(Health.PARTIAL, pages_read=13, pages_unread={"forbidden": 7}) is Health.OK


def test_partial_names_the_commonest_reason() -> None:
    unread = {"timeout": 2, "forbidden": 9, "robots": 3}
    found = judge(Health.OK, Facts(now=NOW, ok=True, listed=25, pages_read=6, pages_unread=unread))
    assert found == Judgement(
        health=Health.PARTIAL,
        why="14 of its last 20 pages could not be read: "
        "the site refuses us, or wants consent or a subscription first",
    )


@pytest.mark.parametrize("kind", ["", *FailureKind])
def test_every_reason_has_words(kind: str) -> None:
    found = judge(Health.OK, Facts(now=NOW, ok=True, listed=25, pages_unread={kind: 9}))
    assert found is not None
    assert "_" not in found.why
    assert len(found.why.split(": ")[1]) > 4


# silence


@pytest.mark.parametrize(
    ("per_day", "fine", "quiet"),
    [(24, 5 * HOUR, 12 * HOUR), (10, 14 * HOUR, 20 * HOUR), (1, 6 * DAY, 8 * DAY)],
)
def test_a_silence_that_chance_does_not_explain_is_quiet(
    per_day: float, fine: timedelta, quiet: timedelta
) -> None:
    known = lived(42, per_day)
    for span, health in ((fine, Health.OK), (quiet, Health.QUIET)):
        rhythm, now = silent(known, span)
        assert judged(now=now, rhythm=rhythm) is health


def test_nights_and_weekends_of_its_own_are_not_quiet_but_a_silent_monday_is() -> None:
    """30 items on each working day, none by night: rate alone would cry every Saturday."""
    known = lived(32.9, 30 / 12 * 24, open_at=lambda now: now.weekday() < 5 and 7 <= now.hour < 19)
    assert known.last_new_at is not None
    assert known.last_new_at.weekday() == 4
    assert 56 * HOUR < timedelta(seconds=known.longest_gap_s) < 62 * HOUR
    for span in (12 * HOUR, 60 * HOUR, 108 * HOUR):
        rhythm, now = silent(known, span)
        assert judged(now=now, rhythm=rhythm) is Health.OK
    rhythm, now = silent(known, 126 * HOUR)
    assert judged(now=now, rhythm=rhythm) is Health.QUIET


def test_what_was_watched_for_less_than_two_weeks_may_have_its_weekend() -> None:
    known = lived(4.8, 48)
    assert known.longest_gap_s == 1800
    rhythm, now = silent(known, 4.9 * DAY)
    assert judged(now=now, rhythm=rhythm) is Health.OK
    rhythm, now = silent(known, 5.1 * DAY)
    assert judged(now=now, rhythm=rhythm) is Health.QUIET


def test_where_its_longest_silence_is_not_known_five_days_must_pass() -> None:
    known = replace(lived(42, 48), longest_gap_s=0.0)
    rhythm, now = silent(known, 4.9 * DAY)
    assert judged(now=now, rhythm=rhythm) is Health.OK
    rhythm, now = silent(known, 5.1 * DAY)
    assert judged(now=now, rhythm=rhythm) is Health.QUIET


def test_items_that_come_in_bursts_count_once() -> None:
    """20 items each Monday: two weeks without are no wonder, though 40 items are missing."""
    known = lived(56, 20 / 7, burst=20)
    assert known.longest_gap_s == 7 * 86_400
    rhythm, now = silent(known, 20 * DAY)
    assert judged(now=now, rhythm=rhythm) is Health.OK


def test_fewer_than_ten_items_say_nothing() -> None:
    known = lived(9, 1)
    assert known.items == 9
    rhythm, now = silent(known, 60 * DAY)
    assert judged(now=now, rhythm=rhythm) is Health.OK


def test_quiet_says_how_long_and_what_was_to_be_expected() -> None:
    known = lived(42, 10)
    rhythm, now = silent(known, 3 * DAY)
    found = judge(Health.OK, Facts(now=now, ok=True, listed=25, rhythm=rhythm))
    assert found is not None
    assert found.why == "nothing new for 3 days, in which it used to bring about 30 items"


def test_quiet_lasts_until_something_new_comes_however_much_was_forgotten() -> None:
    known = lived(42, 10)
    rhythm, now = silent(known, 60 * DAY)
    since = now - 55 * DAY
    facts = {"now": now, "rhythm": rhythm, "since": since}
    assert judged(Health.QUIET, **facts) is Health.QUIET
    rhythm = learned(rhythm, Outcome(ok=True, new_entries=1), since=now - HOUR, now=now)
    assert judged(Health.QUIET, **facts | {"rhythm": rhythm}) is Health.OK


# a refresh alone


def test_an_answer_judges_what_it_shows() -> None:
    for before in Health:
        assert answered(before, held=200) is Health.FLOOD
        assert answered(before, listed=0, new=0) is Health.EMPTY
        if before is not Health.PARTIAL:
            assert answered(before) is Health.OK


def test_a_refresh_ends_neither_partial_nor_quiet_without_a_reason() -> None:
    assert answered(Health.PARTIAL) is Health.PARTIAL
    assert answered(Health.QUIET, new=0) is Health.QUIET
    assert answered(Health.QUIET, new=2) is Health.OK


def test_a_list_that_did_not_change_is_as_it_was() -> None:
    for before in (Health.EMPTY, Health.FLOOD, Health.PARTIAL, Health.QUIET):
        assert answered(before, listed=None, new=0) is before
    for before in (Health.OK, Health.FAILING, Health.UNKNOWN):
        assert answered(before, listed=None, new=0) is Health.OK


def test_what_could_not_be_read_of_a_list_is_said() -> None:
    found = judge_answer(Health.OK, listed=3, new=1, held=0, fault="the XML ends early")
    assert found == Judgement(health=Health.OK, why="not everything could be read: the XML ends early")


def test_a_failure_says_what_went_wrong() -> None:
    assert judge_failure(FailureKind.TIMEOUT, "no answer in 30 s") == Judgement(
        health=Health.FAILING, why="no answer in 30 s"
    )
    assert judge_failure(FailureKind.NOT_A_FEED, "").why == "not a feed"


def test_all_that_is_known_agrees_with_the_last_answer() -> None:
    assert judged(listed=0) is Health.EMPTY
    assert judged(Health.EMPTY) is Health.OK
    assert judged(Health.FLOOD) is Health.FLOOD
    assert judged(ok=False, kind=FailureKind.DNS) is Health.FAILING
    assert judged(Health.FAILING, ok=False) is Health.FAILING
    assert judged(Health.UNKNOWN, listed=None) is Health.UNKNOWN


# floods


@pytest.mark.parametrize(
    ("new", "known", "recent", "flood"),
    [
        (300, 300, (), True),
        (31, 19, (), True),
        (31, 18, (), False),
        (30, 30, (), False),
        (300, 100, (2, 3, 2), False),
        (300, 290, (70, 80, 60), False),
        (300, 290, (1, 1, 1, 1, 500), True),
        (51, 51, (10, 10), True),
        (50, 50, (10, 10), False),
    ],
)
def test_a_flood_is_many_more_than_usual_and_mostly_known(
    new: int, known: int, recent: tuple[int, ...], flood: bool
) -> None:
    assert is_flood(new, known, recent) is flood


# telling


def told(
    noticed: Health | None, health: Health, *, lasted: timedelta, kind: FailureKind | None = None
) -> Notice | None:
    return notice(noticed, health, since=NOW - lasted, kind=kind, why="so it is", now=NOW)


@pytest.mark.parametrize(
    ("health", "kind", "after"),
    [
        (Health.FAILING, FailureKind.FORBIDDEN, DAY),
        (Health.FAILING, FailureKind.UNAUTHORISED, DAY),
        (Health.FAILING, FailureKind.NOT_FOUND, 3 * DAY),
        (Health.FAILING, FailureKind.GONE, 0 * DAY),
        (Health.FAILING, FailureKind.TLS, DAY),
        (Health.FAILING, FailureKind.NOT_A_FEED, DAY),
        (Health.FAILING, FailureKind.SERVER_ERROR, DAY),
        (Health.FAILING, FailureKind.DNS, DAY),
        (Health.FAILING, FailureKind.TIMEOUT, DAY),
        (Health.FAILING, None, DAY),
        (Health.EMPTY, None, DAY),
        (Health.PARTIAL, None, 6 * HOUR),
        (Health.QUIET, None, 0 * DAY),
        (Health.FLOOD, None, 0 * DAY),
    ],
)
def test_a_trouble_is_told_once_it_has_lasted(
    health: Health, kind: FailureKind | None, after: timedelta
) -> None:
    assert notice_after(kind if health is Health.FAILING else health) == after
    if after:
        assert told(None, health, lasted=after - MINUTE, kind=kind) is None
    expected = Notice(health=health, why="so it is", since=NOW - after)
    assert told(None, health, lasted=after, kind=kind) == expected
    assert told(Health.OK, health, lasted=after, kind=kind) == expected


@given(noticed=st.none() | st.sampled_from(Health), health=st.sampled_from(Health))
def test_nothing_is_told_twice_and_nothing_over_that_was_not_told(
    noticed: Health | None, health: Health
) -> None:
    found = told(noticed, health, lasted=30 * DAY)
    if found is None:
        assert health in (noticed, Health.OK, Health.UNKNOWN)
    else:
        assert found.health is health is not noticed
        assert (health is Health.OK) <= (noticed in TROUBLES)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_was_told_is_told_to_be_over_at_once(trouble: Health) -> None:
    found = told(trouble, Health.OK, lasted=MINUTE)
    assert found is not None
    assert found.health is Health.OK
    assert found.why
    assert found.since is None


@settings(max_examples=200)
@given(
    states=st.lists(st.sampled_from([Health.OK, *TROUBLES]), min_size=1, max_size=40),
    kind=st.sampled_from(FailureKind),
)
def test_over_any_history_troubles_and_recoveries_alternate(states: list[Health], kind: FailureKind) -> None:
    """Each state lasts 8 h: nobody is told the same twice in a row, nor of a recovery from nothing."""
    noticed: Health | None = None
    since, heard, before = NOW, [Health.OK], None
    for turn, state in enumerate(states):
        now = NOW + turn * 8 * HOUR
        since = since if state is before else now
        before = state
        found = notice(noticed, state, since=since, kind=kind, why="", now=now + 7 * HOUR)
        if found is not None:
            noticed = found.health
            heard.append(noticed)
    assert all(one is not other for one, other in pairwise(heard))
