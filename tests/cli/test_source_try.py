"""`newsbot source try`: what an address would bring, what looks wrong with it, and that nothing is kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.site_pages import LINKS
from tests.sites import LocalSite

TEXT = [
    f"Ministers of ten countries met on day {day} to agree on rules for manoeuvres in orbit, officials said, "
    f"and on {day} points of contact that each of them is to name before the end of the year."
    for day in range(1, 6)
]
ALLOW = ("--allow-private", "127.0.0.0/8")


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite(name="Ledger") as made:
        for number in range(6):
            made.add_article(
                f"ten-partners-agree-on-rule-{number}",
                f"Ten partners agree on rule number {number}",
                TEXT,
                published=SystemClock().now() - timedelta(hours=9 - number),
            )
        yield made


@pytest.fixture
def installation(tmp_path, site) -> Installation:
    made = Installation(tmp_path)
    made.configure(
        sources=[
            {"name": "Ledger", "feed": site.feed_url},
            {"name": "Search", "search": f"{site.feed_url}?q={{query}}"},
        ],
        watches={"cspo": {"name": "CSpO", "any": ["CSpO"]}},
    )
    return made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_feed_is_shown_with_its_entries_and_its_first_article(say, site, installation):
    address = f"{site.feed_url}?all"
    told = say("source", "try", address, *ALLOW)
    out = flat(told.out)
    assert (told.code, told.err) == (0, "")
    assert "Ledger 6 entries feed" in out
    assert "Ten partners agree on rule number 5" in out
    assert "Ada Reporter" in out
    assert "185 words, text from page" in out
    assert "beware" not in out
    assert f'- name: Ledger feed: "{address}"' in out or f"- name: Ledger feed: {address}" in out
    assert not (installation.folder / "newsbot.db").exists()


def test_a_page_shows_what_it_leads_to_and_what_to_paste(say, site):
    home = site.set_page(
        "/", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    )
    out = flat(say("source", "try", home, *ALLOW).out)
    assert "This address is no source itself. It leads to: kind title entries newest address found" in out
    assert "1 feed Ledger 6" in out
    document = say("source", "try", home, *ALLOW, "--json").json
    assert [(offer["kind"], offer["url"], offer["entries"]) for offer in document["offers"]] == [
        ("feed", site.feed_url, 6)
    ]
    assert (document["kind"], document["source"], len(document["entries"])) == ("feed", site.feed_url, 6)
    assert document["article"]["text_from"] == "page"


def test_a_page_without_a_feed_shows_the_selector_of_its_links(say, site):
    site.fault("/feed.xml", status=404)
    out = flat(say("source", "try", site.listing_url, *ALLOW).out)
    assert "listing" in out
    assert f"page: {site.listing_url} links: " in out
    chosen = say("source", "try", site.listing_url, *ALLOW, "--json").json["links"]
    again = say("source", "try", site.listing_url, "--links", chosen, *ALLOW, "--json").json
    assert len(again["entries"]) == 6


def test_a_selector_of_ones_own_is_tried(say, site):
    document = say(
        "source", "try", site.listing_url, "--links", LINKS, "--date", "time", *ALLOW, "--json"
    ).json
    assert (document["kind"], len(document["entries"])) == ("listing", 6)
    assert all(entry["published_at"] for entry in document["entries"])
    nothing = say("source", "try", site.listing_url, "--links", "div.none a", *ALLOW)
    assert nothing.code == 1
    assert "finds no link" in nothing.out
    assert say("source", "try", site.listing_url, "--title", "h3", *ALLOW).code == 2


def test_a_configured_source_is_tried_as_it_is_configured(say, site):
    assert "Ledger 6 entries" in flat(say("source", "try", "ledger").out)
    searched = say("source", "try", "search", "--json").json
    assert searched["source"] == f"{site.feed_url}?q=CSpO"


def test_a_name_that_is_no_address_and_no_source_offers_the_nearest(say):
    told = say("source", "try", "ledgr")
    assert (told.code, told.out) == (2, "")
    assert "did you mean 'ledger'?" in told.err


def test_what_irritates_is_told(say, site):
    entries = "".join(
        f"<item><title>Story {number} of elsewhere</title><link>http://127.0.0.8:9/{number}</link></item>"
        for number in range(3)
    )
    odd = site.set_page(
        "/odd.xml", f'<rss version="2.0"><channel><title>Odd</title>{entries}</channel></rss>'
    )
    out = flat(say("source", "try", odd, *ALLOW).out)
    assert "none of its entries has a date" in out
    assert "its entries lead to 127.0.0.8, not to its own" in out
    assert "the first article could not be read:" in out


def test_robots_txt_is_obeyed_for_the_sample(say, site):
    site.robots = "User-agent: *\nDisallow: /news/\n"
    out = flat(say("source", "try", site.feed_url, *ALLOW).out)
    assert "could not be read: robots.txt of 127.0.0.1 does not allow newsbot to read this" in out
    assert "text from summary" in out
    assert {seen.path for seen in site.requests} == {"/feed.xml", "/robots.txt"}


def test_what_leads_nowhere_ends_with_one(say, site):
    site.fault("/feed.xml", status=404)
    nothing = say("source", "try", site.set_page("/x", "<html><body><p>Nothing."), *ALLOW)
    assert nothing.code == 1
    assert "leads to none that could be read" in nothing.out
    dead = say("source", "try", f"{site.url}/dead", *ALLOW)
    assert (dead.code, dead.out) == (1, "")
    assert "HTTP 404" in dead.err


@pytest.mark.parametrize("address", ["ftp://x.example/", "https://desk:hunter2@x.example/", "not an address"])
def test_what_is_no_address_is_a_usage_error(say, address):
    told = say("source", "try", address)
    assert (told.code, told.out) == (2, "")
    assert "hunter2" not in told.err
