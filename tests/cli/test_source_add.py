"""`newsbot source add`: from an address to a source in the file, with comments kept and nothing guessed."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.app import settings_from
from bot.clock import SystemClock
from bot.model import SourceKind
from tests.cli.told import Say, Told, sayer
from tests.harness import Installation
from tests.sites import LocalSite

TEXT = [
    f"Ministers of ten countries met on day {day} to agree on rules for manoeuvres in orbit, officials said, "
    f"and on {day} points of contact that each of them is to name before the end of the year."
    for day in range(1, 6)
]
ALLOW = ("--allow-private", "127.0.0.0/8")
FILE = """\
# Our sources.
sources:
  # the wire, first
  - name: Wire            # slow
    feed: https://wire.example/rss
    allow_private: [127.0.0.0/8]
"""


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite(name="Ledger: daily") as made:
        for number in range(6):
            made.add_article(
                f"ten-partners-agree-on-rule-{number}",
                f"Ten partners agree on rule number {number}",
                TEXT,
                published=SystemClock().now() - timedelta(hours=9 - number),
            )
        yield made


@pytest.fixture
def installation(tmp_path) -> Installation:
    made = Installation(tmp_path)
    made.configure(sources=[], watches={"cspo": {"name": "CSpO", "any": ["CSpO"]}})
    (tmp_path / "config" / "sources.yaml").write_text(FILE)
    return made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


@pytest.fixture
def add(say):
    def add(*words: str) -> Told:
        return say("source", "add", *words, *ALLOW)

    return add


def written(installation: Installation) -> str:
    return (installation.folder / "config" / "sources.yaml").read_text()


def home(site: LocalSite, *hrefs: str) -> str:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{href}">' for href in hrefs)
    return site.set_page("/", f"<html><head>{links}</head><body>Hello")


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_feed_of_a_site_is_found_and_written_behind_the_others(add, site, installation):
    told = add(home(site, "/feed.xml"), "--tags", "space,daily", "--tier", "specialist", "--language", "en")
    out = flat(told.out)
    assert (told.code, told.err) == (0, "")
    assert f"found feed Ledger: daily {site.feed_url} declared by the page, 6 entries" in out
    assert "added ledger-daily to config/sources.yaml, lines 7 to 12:" in out
    assert "at first sight is history, and alerts nothing" in out
    assert written(installation).startswith(FILE)
    source = settings_from(installation.folder / "config").sources[-1]
    assert (source.key, source.name, source.kind, source.url) == (
        "ledger-daily", "Ledger: daily", SourceKind.FEED, site.feed_url,
    )  # fmt: skip
    assert (source.tags, source.tier, source.language) == (("space", "daily"), "specialist", "en")
    assert source.allow_private == ("127.0.0.0/8",)


def test_a_dry_run_writes_nothing(add, site, installation):
    told = add(home(site, "/feed.xml"), "--dry-run")
    assert told.code == 0
    assert f"feed: {site.feed_url}" in told.out
    assert written(installation) == FILE


def test_several_feeds_are_listed_with_the_commands_that_choose(add, site, installation):
    site.set_page("/world.xml", '<rss version="2.0"><channel><title>World</title><item><title>A</title>'
                                "<link>/w/1</link></item></channel></rss>")  # fmt: skip
    address = home(site, "/feed.xml", "/world.xml")
    told = add(address, "--tags", "a")
    assert (told.code, told.out) == (2, "")
    assert "leads to 2 sources" in told.err
    command = f"newsbot source add {site.url}/world.xml --tags a --allow-private 127.0.0.0/8"
    assert command in told.err
    assert written(installation) == FILE
    assert add(*command.split()[3:-2]).code == 0
    assert f"feed: {site.url}/world.xml" in written(installation)
    assert add(address, "--first").code == 0
    assert f"feed: {site.feed_url}" in written(installation)


def test_what_is_a_source_already_is_refused_with_its_key(add, site, installation):
    assert add(home(site, "/feed.xml")).code == 0
    before = written(installation)
    for address in (f"{site.url}/", site.feed_url, f"{site.feed_url}/"):
        told = add(address)
        assert told.code == 2
        assert "is a source already: ledger-daily" in told.err
    assert "is a source already: wire" in add("http://www.wire.example/rss/").err
    assert written(installation) == before


def test_what_a_bare_address_leads_to_is_a_source_already(say, add, site, installation):
    address = home(site, "/feed.xml")
    file = installation.folder / "config" / "newsbot.yaml"
    settings = json.loads(file.read_text())
    file.write_text(json.dumps(settings | {"fetch": {}}))
    (installation.folder / "config" / "sources.yaml").write_text(f"sources:\n  - {address}\n")
    from bot.model import Offer
    from bot.store import Store, sources

    say("source")
    store = Store.open(installation.database, clock_now=SystemClock().now())
    try:
        (row,) = store.read(sources.list_sources)
        found = Offer(kind=SourceKind.FEED, url=site.feed_url)
        store.write(sources.accept_found, row.key, found, now=SystemClock().now())
    finally:
        store.close()
    told = add(site.feed_url)
    assert told.code == 2
    assert f"is a source already: {row.key}" in told.err


def test_a_key_that_is_taken_gets_an_id_of_its_own(add, site, installation):
    assert add(site.feed_url, "--name", "Wire").code == 0
    keys = [source.key for source in settings_from(installation.folder / "config").sources]
    assert keys[0] == "wire"
    assert len(set(keys)) == 2
    assert "id: " in written(installation)
    assert add(site.sitemap_url, "--id", "wire").code == 2


def test_of_several_addresses_each_is_told_and_the_good_ones_are_written(add, site, installation):
    told = add(home(site, "/feed.xml"), f"{site.url}/dead", "https://wire.example/rss")
    assert told.code == 4
    assert "HTTP 404" in told.err
    assert "is a source already: wire" in told.err
    assert len(settings_from(installation.folder / "config").sources) == 2


def test_nothing_found_says_what_else_there_is(add, site, installation):
    site.fault("/feed.xml", status=404)
    told = add(site.set_page("/about", "<html><body><p>Nothing."))
    assert (told.code, told.out) == (1, "")
    assert "--links" in told.err and "--page" in told.err
    assert written(installation) == FILE


def test_a_page_without_a_feed_becomes_a_listing_with_its_selector(add, site, installation):
    site.fault("/feed.xml", status=404)
    assert add(site.listing_url).code == 0
    source = settings_from(installation.folder / "config").sources[-1]
    assert (source.kind, source.url) == (SourceKind.LISTING, site.listing_url)
    assert source.links


def test_a_selector_a_page_and_a_search_are_taken_as_they_are_said(add, site, installation):
    assert add(site.listing_url, "--links", "main a.headline", "--name", "Listed").code == 0
    assert add(f"{site.url}/news/ten-partners-agree-on-rule-1", "--page").code == 0
    assert add(f"{site.feed_url}?q={{query}}", "--name", "Asked").code == 0
    kinds = [source.kind for source in settings_from(installation.folder / "config").sources[1:]]
    assert kinds == [SourceKind.LISTING, SourceKind.PAGE, SourceKind.SEARCH]
    wrong = add(f"{site.listing_url}?x", "--links", "div.none a")
    assert wrong.code == 1
    assert "finds no link" in wrong.err


@pytest.mark.parametrize(
    "words",
    [
        ("ftp://x.example/",),
        ("https://desk:hunter2@x.example/",),
        ("https://a.example/", "https://b.example/", "--name", "Both"),
    ],
)
def test_what_cannot_be_added_is_a_usage_error(add, installation, words):
    told = add(*words)
    assert (told.code, told.out) == (2, "")
    assert "hunter2" not in told.err
    assert written(installation) == FILE


def test_a_value_that_is_none_is_told_as_every_fault_is(add, site, installation):
    told = add(site.feed_url, "--tier", "royal")
    assert told.code == 2
    assert "royal" in told.err or "tier" in told.err
    assert written(installation) == FILE
