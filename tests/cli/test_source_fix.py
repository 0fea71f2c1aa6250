"""`newsbot source fix`: what is settled is offered as a change of the file; keys, comments and history stay."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.app import settings_from
from bot.clock import SystemClock
from bot.errors import FailureKind
from bot.model import Health, Moved, Offer, Source, SourceKind
from bot.store import Store, sources
from tests.cli.told import Say, sayer
from tests.harness import ROOT, Installation
from tests.sites import LocalSite
from tests.store.build import a_save

DAY = timedelta(days=1)
ALLOWED = "allow_private: [127.0.0.0/8]"


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite(name="Ledger") as made:
        for number in range(4):
            made.add_article(f"story-number-{number}", f"A story of the number {number}", ["Some text."])
        yield made


@pytest.fixture
def installation(tmp_path) -> Installation:
    made = Installation(tmp_path)
    made.configure(sources=[], watches={"cspo": {"name": "CSpO", "any": ["CSpO"]}})
    return made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


@pytest.fixture
def listed(say, installation):
    """Write the sources' file, and have the database know them."""

    def listed(text: str) -> None:
        file = installation.folder / "config" / "sources.yaml"
        file.write_text(f"# ours\nsources:\n{text}")
        assert say("source").code == 0

    return listed


@pytest.fixture
def came(installation):
    """Note what came of asking a source."""

    def came(key: str, **values: object) -> None:
        now = SystemClock().now()
        store = Store.open(installation.database, clock_now=now)
        try:
            (row,) = (row for row in store.read(sources.list_sources) if row.key == key)
            asked = store.read(sources.due_sources, row.host, now=now, only=[key], everything=True)
            store.write(sources.save_refreshes, [a_save(asked[0].id, **values)], now=now)
        finally:
            store.close()

    return came


def failed(kind: FailureKind, **values: object) -> dict[str, object]:
    return {"health": Health.FAILING, "kind": kind, "error": kind.value, "fail_weight": 1.0} | values


def text_of(installation: Installation) -> str:
    return (installation.folder / "config" / "sources.yaml").read_text()


def only(installation: Installation) -> Source:
    (source,) = settings_from(installation.folder / "config").sources
    return source


def test_an_address_that_moved_for_good_is_shown_and_written_when_agreed(say, listed, came, installation):
    listed(f"  - feed: http://127.0.0.1:9/old.xml   # the old one\n    {ALLOWED}\n")
    key = only(installation).key
    moved = Moved(to="http://127.0.0.1:9/new.xml", times=6, since=SystemClock().now() - 2 * DAY)
    came(key, moved=moved)
    shown = say("source", "fix")
    assert shown.code == 1
    assert "-  - feed: http://127.0.0.1:9/old.xml   # the old one" in shown.out
    assert "http://127.0.0.1:9/new.xml" in shown.out and "(6 times since" in shown.out
    assert "--yes writes it" in shown.out
    assert "old.xml" in text_of(installation)
    assert say("source", "fix", "--yes").code == 0
    assert (only(installation).url, only(installation).key) == ("http://127.0.0.1:9/new.xml", key)
    assert "# ours" in text_of(installation) and "# the old one" in text_of(installation)
    assert "Nothing to fix." in say("source", "fix").out


def test_a_move_that_is_young_or_rare_is_not_offered(say, listed, came):
    listed(f"  - name: Ledger\n    feed: http://127.0.0.1:9/old.xml\n    {ALLOWED}\n")
    for times, since in ((4, 2 * DAY), (9, DAY / 2)):
        came("ledger", moved=Moved(to="http://x.example/", times=times, since=SystemClock().now() - since))
        assert say("source", "fix").out == "Nothing to fix.\n"


def test_what_was_found_at_a_bare_address_is_written_down(say, listed, came, installation):
    file = installation.folder / "config" / "newsbot.yaml"
    file.write_text(file.read_text().replace('{"host_pause": "0 s"}', "{}"))
    listed("  - https://bare.example/   # by itself\n")
    came("bare-example", found=Offer(kind=SourceKind.FEED, url="https://bare.example/rss"))
    assert say("source", "fix", "bare", "--yes").code == 0
    source = only(installation)
    assert (source.key, source.kind, source.url) == (
        "bare-example",
        SourceKind.FEED,
        "https://bare.example/rss",
    )
    assert "# by itself" in text_of(installation)


def test_a_source_that_is_gone_is_switched_off(say, listed, came, installation):
    listed(f"  - name: Ledger\n    feed: http://127.0.0.1:9/old.xml\n    {ALLOWED}\n")
    came("ledger", **failed(FailureKind.GONE), pause="gone")
    told = say("source", "fix", "--yes")
    assert "gone for good (HTTP 410)" in told.out
    assert only(installation).enabled is False
    assert "enabled: false" in text_of(installation)
    assert say("source", "fix").out == "Nothing to fix.\n"


def test_the_feed_of_an_address_that_answers_a_page_is_looked_for(say, listed, came, site, installation):
    home = site.set_page(
        "/", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    )
    listed(f"  - name: Ledger\n    feed: {home}\n    {ALLOWED}\n")
    came("ledger", **failed(FailureKind.NOT_A_FEED))
    assert say("source", "fix", "--yes").code == 0
    assert (only(installation).key, only(installation).url) == ("ledger", site.feed_url)


def test_a_listing_that_takes_a_feeds_place_takes_the_page_key(say, listed, came, site, installation):
    site.fault("/feed.xml", status=404)
    for number in range(4, 12):
        site.add_article(f"story-of-the-number-{number}", f"A story of the number {number}", ["Some text."])
    listed(f"  - name: Ledger\n    feed: {site.listing_url}\n    {ALLOWED}\n")
    came("ledger", **failed(FailureKind.NOT_A_FEED))
    assert say("source", "fix", "--yes").code == 0
    assert (only(installation).kind, only(installation).url) == (SourceKind.LISTING, site.listing_url)


def test_of_several_the_user_says_which(say, listed, came, site, installation):
    site.set_page("/world.xml", '<rss version="2.0"><channel><title>World</title><item><title>A</title>'
                                "<link>/w/1</link></item></channel></rss>")  # fmt: skip
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{name}.xml">' for name in ("feed", "world")
    )
    listed(f"  - name: Ledger\n    feed: {site.set_page('/', f'<html><head>{links}')}\n    {ALLOWED}\n")
    came("ledger", **failed(FailureKind.NOT_A_FEED))
    told = say("source", "fix", "--yes")
    assert told.code == 2
    command = f"newsbot source fix ledger --address {site.url}/world.xml"
    assert command in told.err
    assert say(*command.split()[1:], "--yes").code == 0
    assert only(installation).url == f"{site.url}/world.xml"


def test_an_address_that_is_given_must_be_a_source(say, listed, site, installation):
    listed(f"  - name: Ledger\n    feed: http://127.0.0.1:9/old.xml\n    {ALLOWED}\n")
    page = site.set_page("/page", "<html><body>No feed.")
    assert say("source", "fix", "ledger", "--address", page, "--yes").code == 1
    assert say("source", "fix", "--address", page).code == 2
    assert only(installation).url == "http://127.0.0.1:9/old.xml"


def test_a_pause_by_hand_is_only_told(say, listed, installation):
    listed(f"  - name: Ledger\n    feed: http://127.0.0.1:9/old.xml\n    {ALLOWED}\n")
    say("source", "pause", "ledger")
    told = say("source", "fix")
    assert "`newsbot source resume ledger` asks it again" in told.out


def test_on_a_terminal_it_asks_before_it_writes(listed, came, installation):
    listed(f"  - name: Ledger\n    feed: http://127.0.0.1:9/old.xml\n    {ALLOWED}\n")
    came("ledger", moved=Moved(to="http://127.0.0.1:9/new.xml", times=6, since=SystemClock().now() - 2 * DAY))
    for answer, url in ((b"n\n", "http://127.0.0.1:9/old.xml"), (b"y\n", "http://127.0.0.1:9/new.xml")):
        ours, theirs = pty.openpty()
        os.write(ours, answer)
        done = subprocess.run(
            [sys.executable, "-m", "bot", "source", "fix"],
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.DEVNULL,
            cwd=installation.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            timeout=60,
            check=False,
        )
        os.close(ours)
        os.close(theirs)
        assert done.returncode == (0 if answer == b"y\n" else 1)
        assert only(installation).url == url
