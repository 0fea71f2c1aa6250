"""Dates as newsrooms write them, and what is no date."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.parse import dates

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
#: 23 November 2026, 14:05 UTC unless the zone says otherwise
AT = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mon, 23 Nov 2026 14:05:00 GMT", 0),
        ("Mon, 23 Nov 2026 14:05:00 +0100", -1),
        ("Mon, 23 Nov 2026 14:05:00 -0530", 5.5),
        ("23 Nov 2026 14:05 +0000", 0),
        ("Mon, 23 Nov 26 14:05:00 EST", 5),
        ("Monday, 23-Nov-26 14:05:00 PST", 8),
        ("Mon Nov 23 14:05:00 2026", 0),
        ("Mon, 23 Nov 2026 14:05:00 +0100 (CET)", -1),
        ("Mon, 23 Nov 2026 14:05:00 CEST", -2),
        ("Mon, 23 Nov 2026 14:05:00 JST", -9),
        ("Mon, 23 Nov 2026 14:05:00 KST", -9),
        ("Mon, 23 Nov 2026 14:05:00 IST", -5.5),
        ("Mon, 23 Nov 2026 2:05:00 PM GMT", 0),
        ("23 Nov 2026 14:05:00 GMT9", -9),
        ("23 Nov 2026 14:05:00 GMT+0900", -9),
        ("23 Nov 2026 14:05:00 GMT+09:00", -9),
        ("23 Nov 2026 14:05:00 UTC+2", -2),
        ("23 Nov 2026 14:05:00 UTC-3", 3),
        ("23 Nov 2026 14:05:00 UTC\u22123", 3),
        ("2026-11-23T14:05:00Z", 0),
        ("2026-11-23t14:05:00z", 0),
        ("2026-11-23T14:05:00.123456789+01:00", -1),
        ("2026-11-23T14:05:00,5-0800", 8),
        ("2026-11-23T14:05-05", 5),
        ("2026-11-23 14:05:00 +0100", -1),
        ("2026-11-23 14:05", 0),
        ("20261123T140500Z", 0),
        ("2026/11/23 14:05:00", 0),
        ("1795442700", 0),
        ("1795442700000", 0),
        ("23.11.2026 14:05", 0),
        ("23.11.2026, 14.05 Uhr", 0),
        ("Montag, 23. November 2026 um 14:05 Uhr", 0),
        ("lundi 23 novembre 2026 à 14h05", 0),
        ("23 de noviembre de 2026, 14:05", 0),
        ("23 novembre 2026, ore 14.05", 0),
        ("23 de novembro de 2026 às 14:05", 0),
        ("maandag 23 november 2026 14:05", 0),
        ("November 23, 2026, 2:05 p.m. ET", 5),
        ("Nov. 23rd, 2026 at 2:05 PM", 0),
        ("11/23/2026 2:05 PM", 0),
        ("2026年11月23日 14:05", 0),
        ("2026年11月23日 14時05分", 0),
        ("2026年11月23日 下午2:05", 0),
        ("2026년 11월 23일 오후 2:05", 0),
        ("23 ноября 2026, 14:05", 0),
        ("Published: 23 November 2026 14:05", 0),
        ("Mon, 23 Nov 2026 14:05:00 +09:00:00", -9),
        ("2026-11-23T14:05:00+09:00:00", -9),
        ("2026-11-23T14:05:00+0100[Europe/Berlin]", -1),
        ("2026-11-23 14:05:00.123456 +0100 CET m=+0.1", -1),
        ("Mon Nov 23 2026 14:05:00 GMT+0900 (Japan Standard Time)", -9),
        ("Mon, 23 Nov 2026 14.05.00 +0100", -1),
        ("2026-11-23T14:5:0Z", 0),
        ("/Date(1795442700000+0100)/", 0),
        ("1795442700.25", 0),
        ("pon, 23 lis 2026 14:05:00 +0100", -1),
        ("ma, 23 marras 2026 14:05:00 +0200", -2),
        ("Pzt, 23 Kas 2026 14:05:00 +0300", -3),
        ("Δευ, 23 Νοε 2026 14:05:00 +0200", -2),
        ("Пн, 23 нояб. 2026 г. 14:05", 0),
        ("Thứ hai, 23/11/2026 - 14:05", 0),
        ("23 พ.ย. 2569 14:05", 0),
    ],
)
def test_a_date_with_a_time_is_read(text: str, hours: float) -> None:
    assert dates.parse(text) == AT + timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-11-23",
            "20261123",
            "23.11.2026",
            "23/11/2026",
            "11/23/2026",
            "23-11-2026",
            "23.11.26",
            "2026.11.23",
        ),
        *("23 Nov 2026", "23 novembre 2026", "23. November 2026", "23 noviembre 2026", "23 novembro 2026"),
        *(
            "2026年11月23日",
            "2026년 11월 23일",
            "lun. 23 nov. 2026",
            "Nov 23, 2026",
            "2026-W48-1",
            "2026-327",
        ),
        # one of each family of scripts and word orders
        *(
            "2026 m. lapkričio 23 d.",
            "2026. gada 23. novembris",
            "2026(e)ko azaroaren 23",
            "23 tháng 11 năm 2026",
        ),
        *("23 نوفمبر 2026", "٢٣ نوفمبر ٢٠٢٦", "23 تشرين الثاني 2026", "23 בנובמבר 2026", "23 نومبر 2026"),
        *("23 नवंबर 2026", "23 নভেম্বর 2026", "23 நவம்பர் 2026", "23 ნოემბერი 2026", "23 նոյեմբերի 2026"),
        *("23 қараша 2026", "23 noyabr 2026", "23. studenoga 2026.", "23. новембар 2026.", "23 ноември 2026"),
        # other calendars and eras that count the same months
        *("23 พฤศจิกายน 2569", "令和8年11月23日", "R8.11.23", "民國115年11月23日", "２０２６年１１月２３日"),
    ],
)
def test_a_date_without_a_time_is_midnight_in_utc(text: str) -> None:
    assert dates.parse(text) == datetime(2026, 11, 23, tzinfo=UTC)


def test_the_date_of_the_design_is_nine_hours_east() -> None:
    assert dates.parse("03 Dec 2023 06:12:15 GMT9") == datetime(2023, 12, 2, 21, 12, 15, tzinfo=UTC)


def test_midnight_at_the_end_of_a_day_and_leap_seconds_are_times() -> None:
    assert dates.parse("2026-11-23T24:00:00Z") == datetime(2026, 11, 24, tzinfo=UTC)
    assert dates.parse("Mon, 23 Nov 2026 24:00:00 GMT") == datetime(2026, 11, 24, tzinfo=UTC)
    assert dates.parse("2016-12-31T23:59:60Z") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "month", "day"), [("05/11/2026", 11, 5), ("05/11/2026 2:05 PM", 5, 11), ("11/12/2026", 11, 12)]
)
def test_of_two_meanings_the_day_comes_first_but_not_in_america_nor_in_the_future(
    text: str, month: int, day: int
) -> None:
    found = dates.parse(text, now=NOW)
    assert found is not None
    assert (found.month, found.day) == (month, day)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "soon",
            "not a date",
            "14:05",
            "2 days ago",
            "November",
            "23 Nov",
            "2026",
            "12345",
            "May 2026 12 x",
        ),
        *(
            "2025-02-29",
            "29 Feb 2025 10:00:00 GMT",
            "31.11.2026",
            "2026-13-01",
            "00/00/2026",
            "2026-11-23T25:00:00Z",
        ),
        *(
            "0001-01-01T00:00:00Z",
            "1989-12-31",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "0",
            "315532800",
            "9999-12-31",
        ),
        "Mon, 31 Nov 2026 10:00:00 GMT",
    ],
)
def test_what_is_no_date_or_before_1990_gives_none(text: str) -> None:
    assert dates.parse(text) is None


def test_the_future_is_not_believed() -> None:
    assert dates.parse("2026-11-24T19:59:00Z", now=NOW) is not None
    assert dates.parse("2026-11-24T20:01:00Z", now=NOW) is None
    assert dates.parse("2026-11-24T20:01:00Z") is not None


def test_the_first_year_of_an_era_has_a_name() -> None:
    assert dates.parse("令和元年5月1日") == datetime(2019, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "1:", "1.", "+1", "Nov ", "23 Nov ", "-", "年", "午前", "e\u0301", "GMT"]
)
def test_a_long_text_is_no_more_work_than_a_short_one(unit: str) -> None:
    assert dates.parse(unit * 500_000) is None or unit == "23 Nov "


def test_a_29th_of_february_exists_in_leap_years() -> None:
    assert dates.parse("29 Feb 2024 10:00:00 GMT") == datetime(2024, 2, 29, 10, tzinfo=UTC)


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=200) | st.text("0123456789-:/. TZGMTNovaph+,年月日", max_size=60))
def test_any_text_gives_none_or_a_believable_time(text: str) -> None:
    found = dates.parse(text, now=NOW)
    assert found is None or (found.tzinfo is UTC and dates.EARLIEST <= found <= NOW + dates.AHEAD)


@settings(deadline=None, max_examples=200)
@given(
    at=st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)).map(
        lambda at: at.replace(microsecond=0, tzinfo=UTC)
    ),
    shape=st.sampled_from(
        [
            "%a, %d %b %Y %H:%M:%S GMT",
            "%d %B %Y %H:%M:%S +0000",
            "%Y-%m-%dT%H:%M:%SZ",
            "%Y-%m-%d %H:%M:%S",
            "%d.%m.%Y %H:%M:%S",
            "%b %d, %Y %I:%M:%S %p",
            "%Y%m%dT%H%M%SZ",
            "%s",
        ]
    ),
)
def test_every_moment_is_read_back(at: datetime, shape: str) -> None:
    text = str(int(at.timestamp())) if shape == "%s" else at.strftime(shape)
    assert dates.parse(text) == at
