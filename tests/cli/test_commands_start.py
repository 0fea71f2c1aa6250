"""`newsbot start` and `init`: from one's own words to a configuration that holds them as they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import settings_from
from bot.cli.start import watch_key
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.sinks import closed_port
from tests.sites import LocalSite


@pytest.fixture
def say(capsys, monkeypatch, tmp_path) -> Say:
    monkeypatch.chdir(tmp_path)
    return sayer(capsys)


def test_init_writes_a_configuration_that_checks_and_overwrites_nothing(say, tmp_path):
    assert say("init").code == 0
    assert say("check").code == 0
    mine = tmp_path / "config" / "sources.yaml"
    mine.write_text("sources: []\n")
    assert say("init").code == 2
    (tmp_path / "config" / "newsbot.yaml").unlink()
    assert say("init").code == 0
    assert mine.read_text() == "sources: []\n"
    assert say("init", "--force").code == 0
    assert mine.read_text() != "sources: []\n"


def test_start_shows_what_it_finds_and_adds_only_new_words(tmp_path):
    made = Installation(tmp_path)
    with LocalSite(name="Ledger") as site:
        site.add_article("a", "Rules agreed", ["CSpO partners met, and the C++ code was shown to them. " * 9])
        made.configure(
            sources=[{"name": "Ledger", "feed": site.feed_url}], watches={"mine": {"any": ["CSpO"]}}
        )
        shown = made.newsbot("start", "CSpO", "C++ code", "c code").stdout
        assert "Rules agreed" in shown
        assert "1 article from 1 source" in shown
        watches = settings_from(tmp_path / "config").watches
        assert [(watch.key, watch.name) for watch in watches] == [
            ("mine", "mine"), ("c-code", "C++ code"), ("c-code-2", "c code"),
        ]  # fmt: skip
        # Said again, nothing is added; a new word finds what is stored already.
        assert "Nothing new" in made.newsbot("start", "C++ code").stdout
        assert "Rules agreed" in made.newsbot("start", "partners").stdout
    assert len(settings_from(tmp_path / "config").watches) == 4


def test_start_says_when_nothing_can_be_reached_and_what_to_do(tmp_path):
    made = Installation(tmp_path)
    with closed_port() as port:
        made.configure(sources=[{"name": "Dead", "feed": f"http://127.0.0.1:{port}/feed.xml"}])
        told = made.newsbot("start", "連合宇宙作戦", check=False)
    assert told.returncode == 1
    assert "None of 1 source could be read: is this machine online?" in told.stdout
    assert "newsbot once" in told.stdout


@pytest.mark.parametrize(
    "word", ["CSpO", "{CSpO}", 'say "hi there"', "on: yes # no", "連合宇宙作戦", "O'Neill", "a\\b"]
)
def test_a_word_is_written_as_it_was_said(say, tmp_path, word):
    from bot.cli.start import _watchlist
    from bot.match.query import compose

    say("init")
    (tmp_path / "config" / "watchlists.yaml").write_text(_watchlist(None, [word], taken=()), encoding="utf-8")
    (watch,) = settings_from(tmp_path / "config").watches
    assert watch.query == compose(any=[word], all=[], none=[])


@given(word=st.text(min_size=1))
@settings(max_examples=100, deadline=None)
def test_every_word_has_a_key(word):
    assert watch_key(word).isascii()
    assert 0 < len(watch_key(word)) <= 60
