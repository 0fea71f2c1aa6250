"""What statuses and their headers mean (N15)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, Retry
from bot.fetch.answers import archiving_allowed, lean_headers, retry_after, status_error
from tests.build import NOW

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
    error = status_error(status, {"retry-after": "7"}, subject="http://site.example/", now=NOW)
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
    wait = retry_after({"retry-after": value, "date": DATE}, now=NOW - timedelta(days=400))
    assert wait == (None if wait_s is None else timedelta(seconds=wait_s))


def test_a_date_from_a_server_that_does_not_tell_its_time_counts_from_ours() -> None:
    """RFC 9110: the Date header may be missing; a day is the most, whoever's clock is wrong."""
    for date in ({}, {"date": "junk"}):
        until = {"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT"} | date
        nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
        assert retry_after(until, now=nine - timedelta(minutes=5)) == timedelta(minutes=5)
        assert retry_after(until, now=nine + timedelta(minutes=5)) is None
        assert retry_after(until, now=nine - timedelta(days=50)) == timedelta(hours=24)
    assert retry_after({}, now=NOW) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_wait_within_a_day_or_none(value: str, date: str) -> None:
    wait = retry_after({"retry-after": value, "date": date}, now=NOW)
    assert wait is None or timedelta() <= wait <= timedelta(hours=24)


def test_headers_are_by_lower_name_joined_and_without_cookies() -> None:
    raw = [(b"ETag", b'"a\xff"'), (b"Vary", b"a"), (b"vary", b"b"), (b"Set-Cookie", b"x=1")]
    assert lean_headers(raw) == {"etag": '"aÿ"', "vary": "a, b"}


# -- X-Robots-Tag ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "allowed"),
    [
        ([], True),
        ([""], True),
        (["noarchive"], False),
        (["NoArchive"], False),
        (["none"], False),
        (["noindex"], True),
        (["noindex, nofollow"], True),
        (["noindex, noarchive"], False),
        (["index,noarchive ,follow"], False),
        (["nonearchive"], True),
        (["newsbot: noarchive"], False),
        (["NewsBot : NOARCHIVE"], False),
        (["newsbot: noindex, noarchive"], False),
        (["otherbot: noarchive"], True),
        (["otherbot: noindex, noarchive"], True),
        (["newsbot-images: none"], True),
        (["otherbot: none, newsbot: noarchive"], False),
        (["newsbot: noindex, otherbot: noarchive"], True),
        (["otherbot: none", "noarchive"], False),
        (["otherbot: noindex", "nofollow", "none"], False),
        (["noarchive", "otherbot: all"], False),
        (["otherbot: none", "otherbot2: noarchive"], True),
        (["*: noarchive"], False),
        (["unavailable_after: 25 Jun 2030 15:00:00 PST, noarchive"], False),
        (["otherbot: unavailable_after: Friday, 25-Jun-30 15:00:00 PST", "noarchive"], False),
        (["max-snippet: 20, max-image-preview: large"], True),
        (["max-snippet:-1, noarchive"], False),
        ([",,: ,noarchive:"], True),
        (["otherbot: noindex", "max-snippet: 1, noarchive"], False),
    ],
)
def test_a_server_may_ask_that_no_copy_be_kept(lines: list[str], allowed: bool) -> None:
    """In as many lines as it likes, and of us or everybody, not of somebody else."""
    headers = lean_headers([(b"X-Robots-Tag", line.encode()) for line in lines])
    assert archiving_allowed(headers) is allowed


@given(st.lists(st.text(alphabet="newsbot:, *archi\u00ff-", max_size=40), max_size=5))
def test_any_wish_is_read(lines: list[str]) -> None:
    """And a line for somebody else never takes back what is asked of everybody."""
    headers = lean_headers([(b"x-robots-tag", line.encode("latin-1")) for line in lines])
    archiving_allowed(headers)
    more = lean_headers([(b"x-robots-tag", line.encode("latin-1")) for line in [*lines, "noarchive"]])
    assert not archiving_allowed(more)
