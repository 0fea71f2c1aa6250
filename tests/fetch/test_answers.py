"""What statuses and their headers mean (N15)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, Retry
from bot.fetch.answers import lean_headers, retry_after, status_error

DATE = "Mon, 23 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "kind", "retry"),
    [
        (302, FailureKind.HTTP_STATUS, Retry.LATER),
        (400, FailureKind.HTTP_STATUS, Retry.NEVER),
        (401, FailureKind.UNAUTHORISED, Retry.NEVER),
        (403, FailureKind.FORBIDDEN, Retry.NEVER),
        (404, FailureKind.NOT_FOUND, Retry.LATER),
        (408, FailureKind.HTTP_STATUS, Retry.LATER),
        (410, FailureKind.GONE, Retry.NEVER),
        (418, FailureKind.HTTP_STATUS, Retry.NEVER),
        (429, FailureKind.RATE_LIMITED, Retry.LATER),
        (500, FailureKind.SERVER_ERROR, Retry.LATER),
        (503, FailureKind.SERVER_ERROR, Retry.LATER),
        (599, FailureKind.SERVER_ERROR, Retry.LATER),
        (999, FailureKind.SERVER_ERROR, Retry.LATER),
    ],
)
def test_a_status_has_its_kind(status: int, kind: FailureKind, retry: Retry) -> None:
    error = status_error(status, {"retry-after": "7"}, subject="http://site.example/")
    assert (error.kind, error.retry, error.status) == (kind, retry, status)
    assert error.retry_after == (timedelta(seconds=7) if status >= 400 else None)
    assert f"HTTP {status}" in str(error)


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("86400", 86400),
        ("86401", 86400),
        ("9" * 400, 86400),
        ("Mon, 23 Nov 2026 09:02:00 GMT", 120),
        ("Monday, 23-Nov-26 09:02:00 GMT", 120),
        ("Mon Nov 23 09:02:00 2026", 120),
        ("Mon, 23 Nov 2026 11:02:00 +0200", 120),
        ("Mon, 30 Nov 2026 09:00:00 GMT", 86400),
        ("Mon, 23 Nov 2026 08:59:59 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Mon, 99 Nov 2026 09:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, wait_s: int | None) -> None:
    """N15: capped at 24 h; junk and the past mean nothing; dates count from the answer's Date."""
    wait = retry_after({"retry-after": value, "date": DATE})
    assert wait == (None if wait_s is None else timedelta(seconds=wait_s))


def test_a_date_without_the_servers_own_date_means_nothing() -> None:
    assert retry_after({"retry-after": DATE}) is None
    assert retry_after({"retry-after": DATE, "date": "junk"}) is None
    assert retry_after({}) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_wait_within_a_day_or_none(value: str, date: str) -> None:
    wait = retry_after({"retry-after": value, "date": date})
    assert wait is None or timedelta() <= wait <= timedelta(hours=24)


def test_headers_are_by_lower_name_joined_and_without_cookies() -> None:
    raw = [(b"ETag", b'"a\xff"'), (b"Vary", b"a"), (b"vary", b"b"), (b"Set-Cookie", b"x=1")]
    assert lean_headers(raw) == {"etag": '"aÿ"', "vary": "a, b"}
