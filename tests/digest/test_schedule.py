"""Schedules in words and cron lines: what they mean, what they print, what they refuse."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.due import Schedule, parse_cron, parse_schedule
from bot.digest.schedule import DAY_NAMES
from bot.errors import FailureKind, ScheduleError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every day at 07:00", "every day at 07:00"),
        ("daily at 7:00", "every day at 07:00"),
        ("Every  Monday at 07:00", "every monday at 07:00"),
        ("every mon, thu and sat at 17:30, 07:00", "every monday, thursday and saturday at 07:00 and 17:30"),
        ("mondays and every friday at 07:00", "every monday and friday at 07:00"),
        ("weekdays at 07:00", "weekdays at 07:00"),
        ("every weekday at 07:00", "weekdays at 07:00"),
        ("weekends at 09:15", "weekends at 09:15"),
        ("weekdays and weekends at 09:15", "every day at 09:15"),
        ("hourly", "hourly"),
        ("every hour", "hourly"),
        ("every 60 minutes", "hourly"),
        ("every 2 hours", "every 2 hours"),
        ("every 15 min", "every 15 minutes"),
        ("every 24 hours", "every day at 00:00"),
        ("immediately", "immediately"),
    ],
)
def test_words_are_read_and_said_again(text, words):
    schedule = parse_schedule(text)
    assert str(schedule) == words
    assert parse_schedule(words) == schedule


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 7 * * *", "every day at 07:00"),
        ("0 7 * * mon-fri", "weekdays at 07:00"),
        ("30 6,18 * * 1,3", "every monday and wednesday at 06:30 and 18:30"),
        ("0 7 * * 0", "every sunday at 07:00"),
        ("0 7 * * 7", "every sunday at 07:00"),
        ("0 7 * * sat-sun", "weekends at 07:00"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0 */2 * * *", "every 2 hours"),
        ("0 7 1 * *", "cron 0 7 1 * *"),
        ("0 7 * JAN-mar *", "cron 0 7 * jan-mar *"),
    ],
)
def test_a_cron_line_is_said_in_words_where_words_say_the_same(line, words):
    assert str(parse_cron(line)) == words


def days(schedule, start=date(2026, 1, 1), count=365):
    every = (start + timedelta(days=n) for n in range(count))
    return [day for day in every if schedule.falls_on(day)]


def test_two_restricted_day_fields_are_joined_by_or():
    thirteenth_or_friday = days(parse_cron("0 7 13 * fri"))
    assert all(day.day == 13 or day.weekday() == 4 for day in thirteenth_or_friday)
    assert {day.day == 13 for day in thirteenth_or_friday} == {True, False}


@pytest.mark.parametrize("line", ["0 7 */2 * fri", "0 7 1-31/2 * *"])
def test_a_day_field_that_begins_with_a_star_restricts_as_well(line):
    assert all(day.day % 2 for day in days(parse_cron(line)))


def test_ranges_lists_and_steps():
    schedule = parse_cron("5-20/5,50 8-10 * feb,dec *")
    assert [f"{at // 60}:{at % 60:02}" for at in schedule.times[:6]] == [
        "8:05",
        "8:10",
        "8:15",
        "8:20",
        "8:50",
        "9:05",
    ]
    assert {day.month for day in days(schedule)} == {2, 12}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "every day at 07:00"),
        ("fortnightly", "every day at 07:00"),
        ("every day", "at which time"),
        ("mondays", "at which time"),
        ("every moonday at 07:00", "monday"),
        ("every day at 7am", "07:00"),
        ("every day at 7pm", "19:00"),
        ("every day at 24:00", "23:59"),
        ("every day at noon", "07:00"),
        ("every 7 hours", "every 6 hours or every 8 hours"),
        ("every 0 minutes", "every 1 minutes"),
        ("0 7 * * mon", "cron:"),
        ("imediately", "immediately"),
        ("every day at 07:00\nX: y", "is not a time"),
    ],
)
def test_what_is_no_schedule_is_refused_with_what_to_write(text, says):
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(text)
    assert says in str(caught.value)
    assert caught.value.kind is FailureKind.SCHEDULE
    assert caught.value.hint


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "five fields"),
        ("@daily", "five fields"),
        ("0 7 * * * *", "five fields"),
        ("60 7 * * *", "0 to 59"),
        ("0 24 * * *", "0 to 23"),
        ("0 7 0 * *", "1 to 31"),
        ("0 7 * 13 *", "1 to 12"),
        ("0 7 * * 8", "0 to 7"),
        ("0 7 * * funday", "sun, mon"),
        ("0 7 * * fri-mon", "two ranges"),
        ("5/15 * * * *", "5-59/15"),
        ("*/0 * * * *", "step"),
        ("*/x * * * *", "step"),
        ("1,,2 * * * *", "minute"),
        ("-5 * * * *", "minute"),
        ("٣ * * * *", "minute"),
        ("0 7 30 2 *", "never"),
        ("0 7 31 4,6,9,11 *", "never"),
    ],
)
def test_what_is_no_cron_line_is_refused_with_the_field(line, says):
    with pytest.raises(ScheduleError) as caught:
        parse_cron(line)
    assert says in str(caught.value)


@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    times=st.sets(st.integers(0, 1439), min_size=1, max_size=4),
)
def test_every_schedule_of_words_can_be_written_and_read(weekdays, times):
    schedule = Schedule(times=tuple(sorted(times)), weekdays=frozenset(weekdays))
    assert parse_schedule(str(schedule)) == schedule
    line = f"every {' and '.join(DAY_NAMES[day] for day in weekdays)} at 07:00"
    assert parse_schedule(line).weekdays == weekdays


@given(st.text(max_size=40))
@settings(max_examples=200)
def test_any_text_is_a_schedule_or_a_schedule_error(text):
    for parse in (parse_schedule, parse_cron):
        try:
            schedule = parse(text)
        except ScheduleError:
            continue
        assert schedule.immediate or schedule.times
