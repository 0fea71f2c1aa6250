"""How long a server says that its answer stays fresh."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.fetch.schedule import freshness, hint_of

DATE = {"date": "Mon, 23 Nov 2026 09:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, Max-Age="600", must-revalidate'}, 600),
        ({"cache-control": "max-age = 600"}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600", "age": "600"}, None),
        ({"cache-control": "max-age=600", "age": "9999"}, None),
        ({"cache-control": "max-age=600", "age": "-5"}, 600),
        ({"cache-control": "max-age=600", "age": "old"}, 600),
        ({"cache-control": "max-age=600, max-age=10"}, 600),
        ({"cache-control": "s-maxage=9000, max-age=60"}, 60),
        ({"cache-control": "s-maxage=9000"}, None),
        ({"cache-control": "stale-while-revalidate=9000"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "max-age=-1"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "max-age=6e9"}, None),
        ({"cache-control": "max-age=" + "9" * 300}, 365 * 86_400),
        ({"cache-control": "max-age=600, no-cache"}, None),
        ({"cache-control": "no-store, max-age=600"}, None),
        ({"cache-control": 'no-cache="set-cookie", max-age=600'}, 600),
        ({"expires": "Mon, 23 Nov 2026 09:30:00 GMT"} | DATE, 1800),
        ({"expires": "Mon, 23 Nov 2026 09:30:00 GMT", "age": "600"} | DATE, 1200),
        ({"expires": "Mon, 23 Nov 2026 08:30:00 GMT"} | DATE, None),
        ({"expires": "Mon, 23 Nov 2026 09:30:00 GMT"}, None),
        ({"expires": "0"} | DATE, None),
        ({"expires": "-1"} | DATE, None),
        ({"expires": "Thu, 01 Jan 9999 00:00:00 GMT"} | DATE, 365 * 86_400),
        ({"expires": "Mon, 23 Nov 2026 09:30:00 GMT", "cache-control": "max-age=60"} | DATE, 60),
        ({"expires": "Mon, 23 Nov 2026 09:30:00 GMT", "cache-control": "max-age=junk"} | DATE, None),
        ({"expires": "Mon, 23 Nov 2026 09:30:00 GMT", "cache-control": "no-cache"} | DATE, None),
        ({"expires": "Mon, 23 Nov 2026 09:30:00 GMT", "cache-control": "private"} | DATE, 1800),
    ],
)
def test_freshness_is_read_as_rfc_9111_says(headers: dict[str, str], seconds: int | None) -> None:
    assert freshness(headers) == (None if seconds is None else timedelta(seconds=seconds))


@settings(max_examples=300, deadline=None)
@given(
    headers=st.dictionaries(
        st.sampled_from(("cache-control", "expires", "date", "age")),
        st.text(max_size=60) | st.from_regex(r"(max-age|no-cache|s-maxage)=?[\"0-9, a-z=-]{0,20}"),
    )
)
def test_no_header_breaks_it_and_none_is_negative(headers: dict[str, str]) -> None:
    said = freshness(headers)
    assert said is None or timedelta() < said <= timedelta(days=365)


def test_the_longest_word_of_headers_and_listing_counts() -> None:
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    headers = {"cache-control": "max-age=60"}
    assert hint_of(headers, ttl=hour) == hour
    assert hint_of(headers, ttl=None) == minute
    assert hint_of(headers, ttl=-hour) == minute
    assert hint_of({"cache-control": "no-cache"}, ttl=hour) == hour
    assert hint_of({}, ttl=None) is None
