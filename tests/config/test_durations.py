"""Time spans as people write them."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.durations import DurationError, in_words, parse_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("15 min", timedelta(minutes=15)),
        ("15min", timedelta(minutes=15)),
        ("2 h", timedelta(hours=2)),
        ("1 hour", timedelta(hours=1)),
        ("30 s", timedelta(seconds=30)),
        ("1.5 h", timedelta(minutes=90)),
        ("7 days", timedelta(days=7)),
        ("400 days", timedelta(days=400)),
        ("1 week", timedelta(weeks=1)),
        (" 3 D ", timedelta(days=3)),
    ],
)
def test_spans_are_read(text: str, span: timedelta) -> None:
    """Numbers with a unit, spelt out or short."""
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("15", "did you mean '15 min'?"),
        ("15 m", "did you mean '15 min'?"),
        ("2 months", "did you mean '60 days'?"),
        ("1 year", "did you mean '365 days'?"),
        ("3 fortnights", "units: s, min, h, days, weeks"),
        ("", ""),
        ("-1 h", ""),
        ("1_000 s", ""),
        ("١٥ min", ""),
        ("soon", ""),
        ("999999999 weeks", "longer than history"),
    ],
)
def test_what_is_no_span_is_refused_with_what_was_meant(text: str, hint: str) -> None:
    """A bare number has no unit; months and years have no length."""
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert hint in caught.value.hint


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_span_or_refused(text: str) -> None:
    """Nothing else comes out."""
    with suppress(DurationError):
        assert parse_duration(text) >= timedelta(0)


@given(st.integers(0, 10**8))
@settings(max_examples=200, deadline=None)
def test_a_span_in_words_reads_back(seconds: int) -> None:
    """What is printed may be written."""
    span = timedelta(seconds=seconds)
    if seconds < 10**6 or seconds % 60 == 0:
        assert parse_duration(in_words(span)) == span
