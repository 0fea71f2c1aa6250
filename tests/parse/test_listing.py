"""Listing pages: links by selector, with the title and date of their own block."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Feed
from bot.parse import listing

URL = "https://press.example/releases/"
PAGE = """<!doctype html><html lang="de-AT"><head><title>Press</title><base href="/en/"></head><body>
<nav><a href="/">Home</a> <a href="/about">About</a></nav>
<main>
 <ul class="list">
  <li><time datetime="2026-11-23T14:05:00+01:00">today</time>
      <h3><a href="one.html">First   story</a></h3><p>Text.</p></li>
  <li><h3><a href="two.html#part">Second story</a></h3><span class="d">22.11.2026</span></li>
  <li><a href="three.html"><img alt="x"><h3>Third story</h3><p>A teaser with words</p></a>
      <a href="three.html">more</a><time>21 November 2026</time></li>
  <li><a href="https://other.example/four"><img alt="Fourth story"></a></li>
  <li><a href="javascript:x()">Menu</a> <a href="/releases/#top">Top</a></li>
 </ul>
</main></body></html>"""


def parse(
    html: str | bytes = PAGE,
    *,
    links: str = "ul.list a",
    title: str | None = None,
    date: str | None = None,
    following: str | None = None,
) -> Feed:
    data = html if isinstance(html, bytes) else html.encode()
    return listing.parse(data, {}, URL, links=links, title=title, date=date, following=following)


def test_links_are_read_with_title_and_date_each_once() -> None:
    found = parse()
    assert found.fault is None
    assert (found.title, found.language) == ("Press", "de")
    assert [(entry.link, entry.title) for entry in found.entries] == [
        ("https://press.example/en/one.html", "First story"),
        ("https://press.example/en/two.html#part", "Second story"),
        ("https://press.example/en/three.html", "Third story"),
        ("https://other.example/four", "Fourth story"),
    ]
    assert [entry.published_at for entry in found.entries] == [
        datetime(2026, 11, 23, 13, 5, tzinfo=UTC),
        datetime(2026, 11, 22, tzinfo=UTC),
        datetime(2026, 11, 21, tzinfo=UTC),
        None,
    ]


def test_selectors_of_title_and_date_look_into_the_links_own_block() -> None:
    found = parse(title="p", date=".d, time")
    assert [entry.title for entry in found.entries][:3] == ["Text.", "Second story", "A teaser with words"]
    assert found.entries[1].published_at == datetime(2026, 11, 22, tzinfo=UTC)


def test_a_date_is_never_taken_from_another_links_block() -> None:
    html = "<div><p><a href=/a>A story</a></p><p><a href=/b>B story</a> <time>23 Nov 2026</time></p></div>"
    first, second = parse(html, links="a").entries
    assert first.published_at is None
    assert second.published_at is not None


def test_the_only_link_of_a_page_keeps_to_its_own_block() -> None:
    block = "<article><h2><a href=/a>A</a></h2><time>23 Nov 2026</time></article>"
    html = f"<body><time>1 Jan 2020</time>{block}</body>"
    assert parse(html, links="a").entries[0].published_at == datetime(2026, 11, 23, tzinfo=UTC)
    undated = html.replace("<time>23 Nov 2026</time>", "")
    assert parse(undated, links="a").entries[0].published_at is None


@pytest.mark.parametrize("links", ["li", "li h3", "li a"])
def test_a_selected_block_stands_for_the_link_in_it(links: str) -> None:
    assert parse(links=links).entries[0].link == "https://press.example/en/one.html"


@pytest.mark.parametrize("bad", ["a[", "::", "a:nope(", ""])
def test_a_bad_selector_is_a_fault(bad: str) -> None:
    fault = parse(links=bad).fault
    assert fault is not None
    assert fault.startswith("bad selector")


def test_a_selector_that_finds_nothing_says_so() -> None:
    fault = parse(links="table a").fault
    assert fault is not None
    assert "'table a' finds no link" in fault
    assert parse("", links="a").fault is not None
    assert parse("<a href='mailto:x@y.example'>x</a>", links="a").fault is not None


def test_pages_in_other_encodings_are_read() -> None:
    html = '<html><head><meta charset="windows-1251"></head><body><a href="/a">Новости дня</a></body></html>'
    assert parse(html.encode("cp1251"), links="a").entries[0].title == "Новости дня"


@pytest.mark.parametrize(
    ("block", "title", "day"),
    [
        # dates without an element of their own, or with one that is not called <time>
        ("<li>23.11.2026 <a href=/a>The pier is open</a></li>", "The pier is open", 23),
        ("<li><a href=/a>The pier is open</a> | 23 November 2026</li>", "The pier is open", 23),
        ("<li><em>2026-11-23</em><a href=/a>The pier is open</a></li>", "The pier is open", 23),
        ("<li><a href=/a><span>23/11/2026</span> The pier is open</a></li>", "The pier is open", 23),
        # a date that is part of the headline, a year, a number
        ("<li><a href=/a>The pier on 23 November 2026</a></li>", "The pier on 23 November 2026", None),
        ("<li><a href=/a>The pier is open</a> since 2026</li>", "The pier is open", None),
        ("<li><a href=/a>The pier is open</a> call 2311-2026-77</li>", "The pier is open", None),
        # what invites to read on is no headline
        ("<li><h4>The pier is open</h4><a href=/a>Read more about this</a></li>", "The pier is open", None),
        (
            "<li><b>The pier is open to walkers</b> <a href=/a>more</a></li>",
            "The pier is open to walkers",
            None,
        ),
        ("<li><h4>The pier is open</h4><a href=/a><img src=x></a></li>", "The pier is open", None),
        ("<li><a href=/a aria-label='The pier is open'>Mehr</a></li>", "The pier is open", None),
        ("<li><a href=/a>More</a></li>", "More", None),
    ],
)
def test_headlines_and_dates_of_blocks_of_all_shapes(block: str, title: str, day: int | None) -> None:
    entry = parse(f"<ul>{block}<li><a href=/b>Another story of the town</a></li></ul>", links="li a").entries[
        0
    ]
    assert entry.title == title
    assert (entry.published_at and entry.published_at.day) == day


@pytest.mark.parametrize(
    ("markup", "following", "address"),
    [
        ("<link rel=next href='?page=2'>", None, "https://press.example/releases/?page=2"),
        ("<a rel='nofollow NEXT' href='/p2#top'>older</a>", None, "https://press.example/p2"),
        ("<a class=older href='/p2'>older</a>", "a.older", "https://press.example/p2"),
        ("<li class=n><a href='/p2'>older</a></li>", "li.n", "https://press.example/p2"),
        ("<a rel=next href='https://media.press.example/2'>older</a>", None, "https://media.press.example/2"),
        # none: another site, the page itself, no address, not selected
        ("<a rel=next href='https://other.example/2'>older</a>", None, None),
        ("<a rel=next href='#2'>older</a><a rel=next href='/releases/?utm_source=x'>x</a>", None, None),
        ("<a rel=next href='javascript:more()'>older</a>", None, None),
        ("<a rel=next href='/p2'>older</a>", "a.older", None),
        ("<a href='/p2'>next</a>", None, None),
    ],
)
def test_the_next_page_of_a_listing(markup: str, following: str | None, address: str | None) -> None:
    found = parse(
        f"<ul><li><a href=/a>A story</a></li></ul>{markup}", links="li a[href='/a']", following=following
    )
    assert found.next_page == address
    assert found.fault is None


def test_a_bad_selector_of_the_next_page_is_a_fault() -> None:
    fault = parse(following="a[").fault
    assert fault is not None
    assert fault.startswith("bad selector")


@settings(deadline=None, max_examples=100)
@given(
    where=st.floats(0, 1),
    put=st.sampled_from(
        ["<", "<a href='", "</li>", "<li>", "<base href='http://['>", "\x00", "<time datetime='9'>", "<a>"]
    )
    | st.text(max_size=9),
)
def test_no_damage_makes_it_raise(where: float, put: str) -> None:
    place = int(where * len(PAGE))
    assert isinstance(parse((PAGE[:place] + put + PAGE[place:]).encode("utf-8", "replace")), Feed)


@settings(deadline=None, max_examples=100)
@given(data=st.binary(max_size=200), links=st.text(max_size=12))
def test_no_bytes_and_no_selector_make_it_raise(data: bytes, links: str) -> None:
    assert isinstance(parse(data, links="a"), Feed)
    assert isinstance(parse(links=links), Feed)
