"""`newsbot source value`: what came of each source, and the sites that no source covers."""

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.source_value import uncovered
from bot.clock import SystemClock
from bot.store import Store
from bot.store.sources import MentionedText
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.store.build import a_source, add_article, add_mention, add_sources, add_watches

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One in which Orbit brought two mentions, and Idle nothing."""
    made = Installation(tmp_path_factory.mktemp("value"))
    made.configure(
        sources=[
            {"name": name, "feed": f"https://{name.lower()}.example/feed", "allow_private": []}
            for name in ("Orbit", "Idle")
        ],
        fetch={},
    )
    now = SystemClock().now()
    store = Store.open(made.database, clock_now=now)
    try:
        numbers = add_sources(store, a_source(), a_source("idle"), now=now)
        add_watches(store, "cspo", now=now)
        for name, url in (("one", "https://orbit.example/one"), ("two", "https://elsewhere.example/two")):
            text = f"The whole text of {name}, see https://www.missing.example/{name} and https://x.com/a."
            article = add_article(
                store, numbers["orbit"], name, now=now - HOUR, url=url, text=text, published_at=now - 3 * HOUR
            )
            add_mention(store, article, now=now - HOUR)
    finally:
        store.close()
    return made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_each_source_is_told_by_what_came_of_it(say):
    out = flat(say("source", "value").out)
    assert "Orbit 2 0 2 2 2 h" in out
    assert "no mention since" in out and ": Idle" in out


def test_the_sites_that_no_source_covers_are_named(say):
    document = say("source", "value", "--json").json
    assert [(site["site"], site["articles"]) for site in document["uncovered"]] == [
        ("missing.example", 2), ("elsewhere.example", 1),
    ]  # fmt: skip
    assert document["sources"][0] == {
        "source": "orbit", "name": "Orbit", "enabled": True, "articles": 2, "mentions": 2, "firsts": 0,
        "only_here": 2, "median_delay_s": 7200,
    }  # fmt: skip
    assert "`newsbot source add missing.example` covers the first" in say("source", "value").out


def test_csv_has_a_row_a_source(say):
    rows = list(csv.DictReader(io.StringIO(say("source", "value", "--csv").out)))
    assert [(row["source"], row["mentions"]) for row in rows] == [("orbit", "2"), ("idle", "0")]


def test_the_time_may_be_said(say):
    assert ": Orbit, Idle" in flat(say("source", "value", "--since", "30m").out)
    assert say("source", "value", "--since", "soon").code == 2
    assert say("source", "value", "--json", "--csv").code == 2


@given(text=st.text(max_size=300))
def test_any_text_gives_sites_or_none(text):
    found = uncovered(
        [
            MentionedText(
                article_id=1, url="https://a.example/", source="a", text=f"{text} https://b.example/{text}"
            )
        ],
        {"a.example"},
    )
    assert all(site["articles"] == 1 for site in found)
    assert "a.example" not in {site["site"] for site in found}
