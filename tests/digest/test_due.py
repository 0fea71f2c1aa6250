"""Slots: one a local date over both clock changes, one catch-up after downtime, none twice."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.due import due_slot, next_slots, parse_cron, parse_schedule

BERLIN = ZoneInfo("Europe/Berlin")
#: both hemispheres, half-hour changes, changes at midnight, a skipped day, no changes at all
ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Havana", "America/Nuuk",
    "America/Santiago", "America/Asuncion", "America/St_Johns", "Africa/Cairo", "Africa/Casablanca",
    "Asia/Beirut", "Asia/Gaza", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
    "Pacific/Apia", "Pacific/Kiritimati", "Antarctica/Troll", "UTC",
)  # fmt: skip
WORDS = ("every day at 07:00", "every monday at 02:30", "hourly", "every 15 minutes")
CRON = ("30 2 1 * *", "0 0 29 2 *", "5 4 13 * fri")
SCHEDULES = (*map(parse_schedule, WORDS), *map(parse_cron, CRON))

instants = st.datetimes(datetime(2005, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("time", ["00:00", "02:30", "12:00", "23:59"])
def test_a_daily_schedule_has_one_slot_for_each_local_date(zone_name, time):
    zone = ZoneInfo(zone_name)
    slots = next_slots(
        parse_schedule(f"every day at {time}"), zone=zone, after=utc(2024, 1, 1, 12), count=731
    )
    gaps = [later - earlier for earlier, later in pairwise(slots)]
    assert min(gaps) >= timedelta(hours=20)
    assert max(gaps) <= timedelta(hours=28)
    assert abs(slots[-1] - slots[0] - timedelta(days=730)) <= timedelta(hours=2)


def test_a_repeated_time_means_its_first_occurrence():
    daily = parse_schedule("every day at 02:30")
    slots = next_slots(daily, zone=BERLIN, after=utc(2026, 10, 24, 12), count=2)
    assert slots == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]


def test_a_skipped_time_moves_forward_by_the_gap():
    daily = parse_schedule("every day at 02:30")
    slots = next_slots(daily, zone=BERLIN, after=utc(2026, 3, 28, 12), count=2)
    assert [slot.astimezone(BERLIN).strftime("%d %H:%M") for slot in slots] == ["29 03:30", "30 02:30"]


def test_a_skipped_day_gives_no_second_digest():
    """Samoa had no 30 December 2011."""
    slots = next_slots(
        parse_schedule("every day at 07:00"),
        zone=ZoneInfo("Pacific/Apia"),
        after=utc(2011, 12, 28, 18),
        count=3,
    )
    assert slots == [utc(2011, 12, 29, 17), utc(2011, 12, 30, 17), utc(2011, 12, 31, 17)]


def test_nothing_is_due_before_the_slot_and_one_is_due_from_it_on():
    daily = parse_schedule("every day at 07:00")
    last, slot = utc(2026, 11, 20, 6), utc(2026, 11, 21, 6)
    assert due_slot(daily, zone=BERLIN, last_slot=last, now=slot - timedelta(microseconds=1)) is None
    assert due_slot(daily, zone=BERLIN, last_slot=last, now=slot) == slot
    assert due_slot(daily, zone=BERLIN, last_slot=slot, now=slot + timedelta(hours=5)) is None


@pytest.mark.parametrize("words", ["every day at 07:00", "every 15 minutes", "every monday at 07:00"])
def test_after_years_of_downtime_one_catch_up_is_due(words):
    schedule, now = parse_schedule(words), utc(2026, 11, 24, 9)
    slot = due_slot(schedule, zone=BERLIN, last_slot=utc(1996, 1, 1), now=now)
    assert now - timedelta(days=7) < slot <= now
    assert due_slot(schedule, zone=BERLIN, last_slot=slot, now=now) is None


def test_a_rare_schedule_is_found_after_long_downtime():
    slot = due_slot(parse_cron("0 12 29 2 *"), zone=BERLIN, last_slot=utc(2020, 3, 1), now=utc(2027, 12, 31))
    assert slot == utc(2024, 2, 29, 11)


def test_a_clock_that_jumps_back_repeats_no_slot():
    daily = parse_schedule("every day at 07:00")
    slot = utc(2026, 11, 21, 6)
    seen = [
        due_slot(daily, zone=BERLIN, last_slot=slot, now=slot + jump)
        for jump in (timedelta(hours=-1), timedelta(days=-400), timedelta(minutes=1), timedelta(0))
    ]
    assert seen == [None] * 4


def test_immediately_has_no_slots():
    now = parse_schedule("immediately")
    assert due_slot(now, zone=BERLIN, last_slot=utc(2020, 1, 1), now=utc(2026, 1, 1)) is None
    assert next_slots(now, zone=BERLIN, after=utc(2026, 1, 1), count=3) == []


@given(
    schedule=st.sampled_from(SCHEDULES),
    zone_name=st.sampled_from(ZONES),
    start=instants,
    away=st.timedeltas(timedelta(0), timedelta(days=40)),
)
@settings(max_examples=200, deadline=None)
def test_what_is_due_is_the_last_of_the_next_slots(schedule, zone_name, start, away):
    zone, now = ZoneInfo(zone_name), start + away
    passed = [slot for slot in next_slots(schedule, zone=zone, after=start, count=4000) if slot <= now]
    assert due_slot(schedule, zone=zone, last_slot=start, now=now) == (passed[-1] if passed else None)


@given(schedule=st.sampled_from(SCHEDULES), zone_name=st.sampled_from(ZONES), start=instants)
@settings(max_examples=100, deadline=None)
def test_next_slots_rise_and_are_the_same_from_any_of_them_on(schedule, zone_name, start):
    zone = ZoneInfo(zone_name)
    slots = next_slots(schedule, zone=zone, after=start, count=6)
    assert slots[0] > start
    assert all(earlier < later for earlier, later in pairwise(slots))
    assert next_slots(schedule, zone=zone, after=slots[2], count=3) == slots[3:]
    assert all(slot.tzinfo is UTC for slot in slots)


@given(
    zone_name=st.sampled_from(ZONES),
    start=instants,
    steps=st.lists(st.timedeltas(timedelta(days=-2), timedelta(days=3)), max_size=25),
)
@settings(max_examples=100, deadline=None)
def test_a_daemon_under_a_jumping_clock_sends_no_slot_twice_and_none_too_early(zone_name, start, steps):
    zone, daily = ZoneInfo(zone_name), parse_schedule("every day at 07:00")
    now = last = start
    for step in steps:
        now += step
        slot = due_slot(daily, zone=zone, last_slot=last, now=now)
        if slot is not None:
            assert last < slot <= now
            last = slot


def test_a_schedule_falls_on_dates_of_the_zone_not_of_utc():
    tokyo = ZoneInfo("Asia/Tokyo")
    [slot] = next_slots(parse_schedule("every monday at 07:00"), zone=tokyo, after=utc(2026, 11, 20), count=1)
    assert slot == utc(2026, 11, 22, 22)
    assert slot.astimezone(tokyo).date() == date(2026, 11, 23)
