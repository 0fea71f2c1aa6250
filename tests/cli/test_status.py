"""`newsbot status`: the sources in words, and all that needs a look with what to do about it."""

from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.store import Store, sources
from tests.cli.ill_sources import ill_installation
from tests.cli.told import Say, sayer
from tests.harness import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return ill_installation(tmp_path_factory.mktemp("status"))[0]


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_sources_are_counted_in_words(say):
    out = flat(say("status").out)
    assert (
        "10 sources: 4 ok, 1 with unreadable pages, 1 failing, 1 unusually quiet, 1 not asked yet, 1 paused, "
        "1 switched off"
    ) in out


def test_what_needs_a_look_stands_with_its_reason_and_what_to_do_the_longest_first(say):
    out = say("status").out
    places = [out.index(name) for name in ("Broken", "Silent", "Partial")]
    assert places[0] == min(places)
    assert "failing" in out and "4 d" in out
    assert "newsbot source try" in flat(out)
    assert "full_text: feed" in flat(out)
    assert "Well" not in out


def test_moves_gone_ones_and_standing_warnings_are_told(say):
    out = flat(say("status").out)
    assert "1 source moved for good: `newsbot source fix`" in out
    assert "gone for good (HTTP 410), says the server: Gone; `newsbot source fix`" in out
    assert "TLS is not verified for Insecure" in out


def test_a_pause_by_hand_is_told_with_its_reason(say):
    say("source", "pause", "never", "--why", "holiday")
    assert "Never: holiday (`newsbot source resume never`)" in flat(say("status").out)
    say("source", "resume", "never")
    assert "holiday" not in say("status").out


def test_programs_get_the_counts(say):
    document = say("status", "--json").json
    assert document["health"] == {
        "ok": 4, "failing": 1, "paused": 1, "quiet": 1, "partial": 1, "unknown": 1, "off": 1,
    }  # fmt: skip
    assert (document["moved"], document["network_down_since"]) == (["moved"], None)


def test_a_dead_network_is_one_notice(say, installation):
    now = SystemClock().now()
    store = Store.open(installation.database, clock_now=now)
    try:
        store.write(sources.set_network, now - timedelta(minutes=12))
        assert "the network is down since" in flat(say("status").out)
        store.write(sources.set_network, None)
        assert "the network is down" not in flat(say("status").out)
    finally:
        store.close()


def test_without_sources_it_says_how_to_add_one(say, tmp_path, monkeypatch):
    made = Installation(tmp_path)
    made.configure(sources=[])
    monkeypatch.chdir(tmp_path)
    assert "newsbot source add" in say("status").out
    assert "newsbot source add" in say("source").out
