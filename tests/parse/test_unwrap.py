"""Links that lead through an aggregator, and those that only look so."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.parse.unwrap import unwrapped

INNER = "https://gazette.example/news/pier?id=7&x=a%20b"
QUOTED = "https%3A%2F%2Fgazette.example%2Fnews%2Fpier%3Fid%3D7%26x%3Da%2520b"


def google_news(*addresses: str) -> str:
    """An id of the old kind: a protocol buffer with the article's address, and that of its AMP form."""
    message = b"\x08\x13"
    for mark, address in zip((b"\x22", b"\xd2\x01"), addresses, strict=False):
        size = len(address)
        length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
        message += mark + length + address.encode()
    return base64.urlsafe_b64encode(message).decode().rstrip("=")


LONG = "https://gazette.example/" + "a-long-way-to-the-northern-pier-" * 6


@pytest.mark.parametrize(
    ("link", "inner"),
    [
        (f"https://www.google.com/url?rct=j&sa=t&url={QUOTED}&ct=ga", INNER),
        (f"https://www.google.co.uk/url?q={QUOTED}", INNER),
        (f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url={QUOTED}&c=1", INNER),
        (f"https://l.facebook.com/l.php?u={QUOTED}&h=AT0", INNER),
        (f"https://t.umblr.com/redirect?z={QUOTED}&t=x", INNER),
        (f"https://duckduckgo.com/l/?uddg={QUOTED}", INNER),
        (f"https://r.search.yahoo.com/_ylt=A0;_ylu=X/RV=2/RE=1/RO=10/RU={QUOTED}/RK=0/RS=x", INNER),
        (f"https://aggregator.example/click?id=1&url={QUOTED}", INNER),
        (f"https://aggregator.example/out.php?to={QUOTED}", INNER),
        (f"https://aggregator.example/?u={QUOTED}", INNER),
        (f"https://aggregator.example/r?url={QUOTED.replace('%', '%25')}", INNER),
        ("https://news.google.com/rss/articles/" + google_news("https://gazette.example/pier") + "?oc=5", "https://gazette.example/pier"),
        ("https://news.google.com/__i/rss/rd/articles/" + google_news(LONG, "https://amp.gazette.example/x"), LONG),
        ("https://www.bing.com/ck/a?!&p=1&u=a1" + base64.urlsafe_b64encode(INNER.encode()).decode().rstrip("="), INNER),
        ("https://gazette-example.cdn.ampproject.org/c/s/gazette.example/news/pier", "https://gazette.example/news/pier"),
        ("https://www.google.com/amp/s/gazette.example/news/pier?id=7", "https://gazette.example/news/pier?id=7"),
        # wrapped twice
        (f"https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3D{QUOTED.replace('%', '%25')}", INNER),
    ],
)  # fmt: skip
def test_what_a_link_leads_to_is_taken_out(link: str, inner: str) -> None:
    assert unwrapped(link) == inner


@pytest.mark.parametrize(
    "link",
    [
        INNER,
        # an id of the new kind: only its server knows where it leads
        "https://news.google.com/rss/articles/" + base64.urlsafe_b64encode(b"\x08\x13\x22\x40AU_yqLM" + b"x" * 60).decode().rstrip("="),
        # a parameter that is part of the article
        f"https://gazette.example/2026/pier-vote?url={QUOTED}",
        f"https://gazette.example/comment/reply?share={QUOTED}",
        # to itself: a login, a change of language
        "https://gazette.example/go?url=https%3A%2F%2Fwww.gazette.example%2Fnews",
        # nothing of ours
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?q=file%3A%2F%2F%2Fetc%2Fpasswd",
        "https://www.google.com/url?q=http%3A%2F%2Flocalhost%2F",
        "https://www.google.com/url?q=",
        "https://www.google.com/search?q=https%3A%2F%2Fgazette.example",
        "http://feedproxy.google.com/~r/gazette/~3/abc/",
        "https://news.google.com/articles/CBMi",
        "mailto:x@gazette.example",
        "http://[broken",
        "",
    ],
)  # fmt: skip
def test_other_links_stay_as_they_are(link: str) -> None:
    assert unwrapped(link) == link


pieces = st.sampled_from(
    [
        "https://", "http://", "www.google.com/url?q=", "gazette.example/a", "&url=", "?u=", "/go?url=", "%3A%2F%2F",
        "https%3A%2F%2F", "%25", "/c/s/", "x.cdn.ampproject.org", "/RU=", "news.google.com/rss/articles/", "/", "#", '"', " ",
    ]
) | st.text(max_size=4)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(st.lists(pieces, max_size=9).map("".join))
def test_twice_is_once_and_only_addresses_come_out(link: str) -> None:
    found = unwrapped(link)
    assert unwrapped(found) == found
    assert found == link or found.startswith(("http://", "https://", "HTTP", "Http"))


@settings(deadline=None, max_examples=200)
@given(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30), st.integers(1, 4)
)
def test_what_was_wrapped_comes_out(name: str, times: int) -> None:
    inner = link = f"https://gazette.example/news/{name}"
    for _ in range(times):
        link = f"https://aggregator.example/redirect?url={quote(link, safe='')}"
    # The outer ones lead to the same site, which could be a login.
    assert unwrapped(f"https://www.google.com/url?q={quote(link, safe='')}") in (inner, link)
    assert unwrapped(f"https://other.example/redirect?url={quote(inner, safe='')}") == inner
