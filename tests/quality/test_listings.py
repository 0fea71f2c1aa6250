"""How well the articles of a page without a selector are found: pinned floors over invented sites."""

from urllib.parse import urljoin

import pytest

from bot.parse import listing, structure
from bot.parse.address import canonical_url
from tests.quality.listings import LISTINGS, NO_LISTINGS, Listing

FLOOR = 0.95


def found_of(page: Listing) -> structure.Feed:
    return structure.parse(page.html.encode(), {}, page.url)


def score(page: Listing) -> tuple[float, float]:
    """Precision and recall of one page."""
    base = "https://rel.example/cms/" if "<base" in page.html else page.url
    wanted = {canonical_url(urljoin(base, href)) for href in page.articles}
    found = {canonical_url(entry.link or "") for entry in found_of(page).entries}
    right = len(wanted & found)
    return right / max(len(found), 1), right / len(wanted)


def test_precision_and_recall_over_all_pages() -> None:
    """On average over the pages, and on no page worse than a listing that a user would throw away."""
    scores = {page.name: score(page) for page in LISTINGS}
    assert len(scores) >= 25
    for part in (0, 1):
        assert sum(each[part] for each in scores.values()) / len(scores) >= FLOOR, scores
    assert not {name: each for name, each in scores.items() if min(each) < 0.8}


@pytest.mark.parametrize("page", LISTINGS, ids=lambda page: page.name)
def test_the_selector_that_is_told_selects_the_same_links(page: Listing) -> None:
    found = found_of(page)
    assert found.chosen
    assert listing.parse(page.html.encode(), {}, page.url, links=found.chosen).entries == found.entries


@pytest.mark.parametrize("page", LISTINGS, ids=lambda page: page.name)
def test_entries_have_their_own_headlines_and_dates(page: Listing) -> None:
    entries = found_of(page).entries
    titles = {entry.title for entry in entries}
    assert len(titles) == len(entries)
    assert sum(entry.published_at is not None for entry in entries) >= 0.95 * page.dated


@pytest.mark.parametrize("name", NO_LISTINGS)
def test_a_page_without_a_listing_is_a_fault(name: str) -> None:
    found = structure.parse(NO_LISTINGS[name].encode(), {}, "https://ostwick.example/x/y")
    assert found.entries == ()
    assert found.fault
    assert "links:" in found.fault
