"""Listings by structure: bounds and damage; how well articles are found is measured in ``tests/quality``."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Feed
from bot.parse import listing, structure
from tests.quality.listings import LISTINGS

URL = "https://ostwick.example/news/"
ROWS = "".join(
    f"<li><h3><a href='/news/{number}-votes-of-the-harbour'>{number} votes of the harbour council</a></h3>"
    f"<i>{number} Nov 2026</i><a href='/tag/harbour'>Harbour</a></li>"
    for number in range(10, 20)
)
PAGE = f"<html><body><nav><a href='/'>Home</a></nav><ul class=news>{ROWS}</ul><a rel=next href='?p=2'>2</a></body></html>"


def parse(html: str, **more: str) -> Feed:
    return structure.parse(html.encode("utf-8", "replace"), {}, URL, **more)


def test_what_was_chosen_is_said_as_a_selector() -> None:
    found = parse(PAGE)
    assert found.chosen == "h3 a"
    assert len(found.entries) == 10
    assert found.entries[0].title == "10 votes of the harbour council"
    assert found.next_page == "https://ostwick.example/news/?p=2"


def test_titles_and_dates_can_be_selected_all_the_same() -> None:
    assert {entry.title for entry in parse(PAGE, title="i").entries} >= {"10 Nov 2026"}
    fault = parse(PAGE, title="i[").fault
    assert fault is not None
    assert fault.startswith("bad selector")


def test_links_out_of_the_list_are_not_selected_when_names_tell_them_apart() -> None:
    mixed = PAGE.replace("</nav>", "</nav><ol class=top><li><h3><a href='/about/us'>About</a></h3></li></ol>")
    found = parse(mixed)
    assert "https://ostwick.example/about/us" not in {entry.link for entry in found.entries}
    assert len(found.entries) == 10


def test_addresses_of_one_page_with_other_parameters_stay_apart() -> None:
    html = "".join(
        f"<p><a href='/view.php?id={n}00'>A story of the harbour, part {n}</a></p>" for n in range(1, 6)
    )
    assert len(parse(html).entries) == 5


@pytest.mark.parametrize("html", ["", " ", "\0", "<", "{}", "plain text"])
def test_no_page_is_a_fault(html: str) -> None:
    found = parse(html)
    assert found.entries == ()
    assert found.fault


def test_a_page_of_many_links_is_read_in_part() -> None:
    rows = "".join(
        f"<li><a href='/news/{n}-votes-of-the-council'>The {n} votes of the council</a></li>"
        for n in range(6000)
    )
    assert 0 < len(parse(f"<ul>{rows}</ul>").entries) <= 2000


def test_a_deep_page_ends() -> None:
    assert isinstance(parse("<div>" * 3000 + PAGE + "</div>" * 3000), Feed)
    assert isinstance(parse("<div class='a b'><a href='/x-y-z-w'>" * 500), Feed)


@settings(deadline=None, max_examples=100)
@given(
    page=st.sampled_from(LISTINGS),
    where=st.floats(0, 1),
    put=st.sampled_from(["<", "</ul>", "<li>", "<a href='", "<base href='//['>", "</body>", "\x00", "<h2>", "<nav>"])
    | st.text(max_size=9),
)  # fmt: skip
def test_damage_makes_it_raise_nothing_and_say_only_what_holds(page, where, put) -> None:
    place = int(where * len(page.html))
    data = (page.html[:place] + put + page.html[place:]).encode("utf-8", "replace")
    found = structure.parse(data, {}, page.url)
    assert bool(found.entries) != bool(found.fault)
    if found.entries:
        assert listing.parse(data, {}, page.url, links=found.chosen).entries == found.entries
