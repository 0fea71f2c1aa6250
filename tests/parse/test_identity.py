"""Identity: canonical addresses, keys of entries, what is new after ten polls."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Entry
from bot.parse import address
from bot.parse.address import without_tracking
from bot.parse.identity import (
    KnownEntry,
    canonical_url,
    copy_hash,
    entry_keys,
    new_entries,
    text_hash,
    url_key,
)

START = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)


class Store:
    """Remembers entries as the database does: unique by key, found again by any of the three keys."""

    def __init__(self) -> None:
        self.rows: dict[str, KnownEntry] = {}
        self.announced: list[Entry] = []

    def poll(self, entries: Sequence[Entry]) -> list[Entry]:
        keys = entry_keys(entries)
        asked = {key for k in keys for key in (k.url_key, k.id_key, k.title_key) if key is not None}
        known = [row for row in self.rows.values() if {row.url_key, row.id_key, row.title_key} & asked]
        new, seen = new_entries(list(zip(entries, keys, strict=True)), known)
        assert {row.entry_id for row in known} >= set(seen)
        for place in new:
            assert keys[place].key not in self.rows, "two new entries share a key"
            self.rows[keys[place].key] = KnownEntry(
                entry_id=len(self.rows),
                url_key=keys[place].url_key,
                id_key=keys[place].id_key,
                title_key=keys[place].title_key,
                published_at=entries[place].published_at,
            )
        self.announced += [entries[place] for place in new]
        return [entries[place] for place in new]


def entries(count: int = 12, *, dated: bool = True, first: int = 0) -> list[Entry]:
    return [
        Entry(
            id=f"id-{number}",
            link=f"https://n.example/news/{number}",
            title=f"Story number {number} of the operators' council",
            published_at=START + timedelta(hours=number) if dated else None,
        )
        for number in range(first, first + count)
    ]


def _with_new_ids(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, id=f"{entry.id}-{poll}") for entry in listed]


def _with_new_links(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, link=f"{entry.link}/{poll}x") for entry in listed]


def _with_new_titles(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, title=f"{entry.title} (update {poll})") for entry in listed]


def _with_new_order(listed: list[Entry], poll: int) -> list[Entry]:
    return random.Random(poll).sample(listed, len(listed))


def _with_new_ids_and_links(listed: list[Entry], poll: int) -> list[Entry]:
    return _with_new_ids(_with_new_links(listed, poll), poll)


def _with_sessions(listed: list[Entry], poll: int) -> list[Entry]:
    links = [f"{entry.link};jsessionid=ABC{poll}?PHPSESSID=x{poll}" for entry in listed]
    return [replace(entry, id=link, link=link) for entry, link in zip(listed, links, strict=True)]


def _without_ids(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, id="") for entry in listed]


def _without_links(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, link=None) for entry in listed]


def _without_both(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, id="", link=None) for entry in listed]


def _with_one_id(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, id="the-same") for entry in listed]


def _with_one_link(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, link="https://n.example/live") for entry in listed]


def _with_fragments(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, link=f"https://n.example/live#{entry.id}", id="") for entry in listed]


def _with_short_titles(listed: list[Entry], poll: int) -> list[Entry]:
    return [replace(entry, title=f"No {entry.id}", link=None, id="") for entry in listed]


def _with_tracking(listed: list[Entry], poll: int) -> list[Entry]:
    return [
        replace(entry, link=f"http://www.{(entry.link or '')[8:]}?utm_id={poll}", id="") for entry in listed
    ]


CHURN = [
    *(
        _with_new_ids,
        _with_new_links,
        _with_new_titles,
        _with_new_order,
        _with_new_ids_and_links,
        _with_sessions,
    ),
    *(
        _without_ids,
        _without_links,
        _without_both,
        _with_one_id,
        _with_one_link,
        _with_fragments,
        _with_short_titles,
    ),
    _with_tracking,
]


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("churn", CHURN, ids=lambda churn: churn.__name__.lstrip("_"))
def test_ten_polls_of_a_churning_feed_announce_each_story_once(
    churn: Callable[[list[Entry], int], list[Entry]], dated: bool
) -> None:
    store = Store()
    for poll in range(10):
        store.poll(churn(entries(dated=dated), poll))
    assert len(store.announced) == 12


@pytest.mark.parametrize("churn", CHURN, ids=lambda churn: churn.__name__.lstrip("_"))
def test_a_growing_feed_announces_each_new_story_once(
    churn: Callable[[list[Entry], int], list[Entry]],
) -> None:
    store = Store()
    for poll in range(10):
        # The newest first, the oldest fall off the end; churn goes on.
        new = store.poll(churn(entries(8, first=poll * 2)[::-1], poll))
        assert len(new) == (8 if poll == 0 else 2)


@settings(deadline=None, max_examples=100)
@given(
    churns=st.lists(
        st.sampled_from([_with_new_ids, _with_new_order, _with_tracking, _without_ids]), max_size=6
    ),
    seed=st.integers(0, 99),
)
def test_any_mixture_of_mild_churn_announces_each_story_once(
    churns: list[Callable[[list[Entry], int], list[Entry]]], seed: int
) -> None:
    store = Store()
    store.poll(entries())
    for poll, churn in enumerate(churns):
        assert store.poll(churn(entries(), poll + seed)) == []


def test_a_daily_column_is_new_each_day() -> None:
    store = Store()
    for day in range(5):
        column = Entry(
            id=f"col-{day}",
            link=f"https://n.example/column/{day}",
            title="The morning briefing: all you need to know",
            published_at=START + timedelta(days=day),
        )
        assert store.poll([column]) == [column]


def test_a_daily_column_under_one_identifier_is_new_when_title_and_date_change() -> None:
    store = Store()
    for day in range(3):
        entry = Entry(
            id="col", link=f"https://n.example/{day}", title=f"On {day}", published_at=START + timedelta(day)
        )
        assert store.poll([entry]) == [entry]


def test_a_story_listed_twice_is_new_once() -> None:
    store = Store()
    first, second = entries(2)
    again = replace(first, id="other", link=f"{first.link}?utm_source=top", title="A story of its own")
    assert store.poll([first, second, again]) == [first, second]


def test_a_story_that_vanishes_and_returns_is_not_new() -> None:
    store = Store()
    store.poll(entries())
    store.poll([])
    assert store.poll(entries()) == []


def test_known_entries_that_are_listed_again_are_named() -> None:
    listed = entries(3)
    keys = entry_keys(listed)
    known = [
        KnownEntry(
            entry_id=70 + place, url_key=k.url_key, id_key=k.id_key, title_key=k.title_key, published_at=None
        )
        for place, k in enumerate(keys[:2])
    ]
    assert new_entries(list(zip(listed, keys, strict=True)), known) == ([2], [70, 71])


def test_keys_are_unique_and_of_fixed_size() -> None:
    keys = entry_keys([*entries(), Entry(), Entry(title="x"), Entry(summary="only a summary")])
    assert len({key.key for key in keys}) == len(keys)
    assert all(len(part) == 16 for key in keys for part in (key.url_key, key.id_key, key.title_key) if part)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Www.Example.ORG:443/a/b/?utm_source=x&b=2&a=1#top", "https://www.example.org/a/b?a=1&b=2"),
        ("http://example.org", "http://example.org/"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://example.org/a//b/./../c/index.html", "https://example.org/a/c"),
        ("https://m.example.org/a?amp=1", "https://example.org/a"),
        ("https://amp.example.org/a", "https://example.org/a"),
        ("https://m.example", "https://m.example/"),
        ("https://en.m.wiki.example/wiki/X", "https://en.wiki.example/wiki/X"),
        ("https://en.m.wiki.example.org/x", "https://en.m.wiki.example.org/x"),
        ("https://example.org/news/amp/", "https://example.org/news"),
        ("https://example.org/news.amp.html", "https://example.org/news.html"),
        ("https://example.org/amp-lamps", "https://example.org/amp-lamps"),
        ("https://example.org/?p=123&ref=rss", "https://example.org/?p=123"),
        ("https://example.org/?ref=123&attachment_id=4", "https://example.org/?attachment_id=4&ref=123"),
        ("https://example.org/story?sid=12345", "https://example.org/story?sid=12345"),
        ("https://example.org/story?sid=0123456789abcdef0123456789abcdef", "https://example.org/story"),
        ("https://example.org/a;jsessionid=AB12", "https://example.org/a"),
        (
            "https://example.org/a?fbclid=1&gclid=2&mc_cid=3&at_medium=RSS&cmpid=4&xtor=RSS-1&id=7",
            "https://example.org/a?id=7",
        ),
        ("https://www.google.com/amp/s/example.org/x/amp/", "https://example.org/x"),
        ("https://example-org.cdn.ampproject.org/c/s/example.org/x", "https://example.org/x"),
        (
            "https://bücher.example/ä b?q=%c3%a4&amp;x=1",
            "https://xn--bcher-kva.example/%C3%A4%20b?q=%C3%A4&x=1",
        ),
        ("https://example.org/#!/page/1", "https://example.org/#!/page/1"),
        ("https://example.org/%7euser/%2f", "https://example.org/~user/%2F"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x"),
        (" mailto:a@b.example ", "mailto:a@b.example"),
    ],
)
def test_all_spellings_of_an_address_have_one_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_scheme_and_www_make_no_other_key() -> None:
    assert url_key("http://www.example.org/a/") == url_key("https://m.example.org/a?utm_id=1")
    assert url_key("https://example.org/a") != url_key("https://example.org/b")


URLS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["http://", "https://", "HTTP://", "", "//"]),
        st.sampled_from(
            ["example.org", "M.Example.org", "amp.m.example.org", "ä.example", "[::1]", "x", "u@h.example:80"]
        ),
        st.lists(
            st.sampled_from(
                *[
                    [
                        "/",
                        "/amp",
                        "/index.html",
                        "/a",
                        "//",
                        "/..",
                        "/.",
                        ".amp",
                        ".html",
                        "%2e",
                        "%2E%2e",
                        "%",
                        "é",
                        ";sid=1",
                        " ",
                        "\\",
                    ]
                ]
            ),
            max_size=6,
        ).map("".join),
        st.lists(
            st.sampled_from(["?", "&", "a=1", "utm_x=1", "amp;", "amp", "=", "%26", "#", "!", "+", "é"]),
            max_size=6,
        ).map("".join),
    ),
)


@settings(deadline=None, max_examples=200)
@given(url=URLS | st.text(max_size=60))
def test_the_canonical_form_of_a_canonical_form_is_itself(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@settings(deadline=None, max_examples=200)
@given(
    path=st.lists(
        st.sampled_from(["/a", "/B.c", "/x-1", "/...", "/~u", "/amped", "/index", "/"]), max_size=5
    ).map("".join)
)
def test_the_short_way_for_plain_addresses_gives_what_the_long_way_gives(path: str) -> None:
    url = f"https://www.example.org{path}"
    assert canonical_url(url) == address.normalised(url)


def test_a_text_hash_changes_with_title_or_text() -> None:
    assert text_hash("a", "b") == text_hash("a", "b")
    assert len({text_hash("a", "b"), text_hash("ab", ""), text_hash("a", "c")}) == 3


def test_copies_share_a_hash_whatever_their_spacing_and_short_texts_have_none() -> None:
    text = " ".join(f"Word{number}" for number in range(60))
    assert copy_hash(text) == copy_hash(text.upper().replace(" ", ",\n\n"))
    assert copy_hash(text) != copy_hash(f"{text} more")
    assert copy_hash("too short") is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?utm_source=feed&utm_medium=rss", "https://a.example/x"),
        ("https://a.example/x?id=3&utm_source=feed#top", "https://a.example/x?id=3"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?b=2&a=1"),
        ("https://m.a.example/amp/x/index.html", "https://m.a.example/amp/x/index.html"),
        ("https://a.example/#!/x", "https://a.example/#!/x"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_an_address_is_shown_without_tracking_and_otherwise_as_it_is(url, shown):
    assert without_tracking(url) == shown
