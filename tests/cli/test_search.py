"""`newsbot search`: the watch language over the stored articles."""

import csv
import io
import json
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.store import Store
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.store.build import a_source, add_article, add_sources

COLUMNS = [
    "id", "url", "title", "source", "outlet", "language", "published_at", "first_seen_at", "spans", "excerpt",
]  # fmt: skip
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One whose archive holds five articles of two sources, the first of them seen long ago."""
    made = Installation(tmp_path_factory.mktemp("search"))
    made.configure(sources=[{"name": "Orbit", "feed": "http://127.0.0.1:9/feed.xml"}])
    now = SystemClock().now()
    store = Store.open(made.database, clock_now=now)
    sources = add_sources(store, a_source(name="Orbit News"), a_source("ledger"), now=now)
    for days, source, name, text in (
        (60, "orbit", "ancient", "AsterX, and AsterX again."),
        (3, "orbit", "plain", "AsterX in short."),
        (2, "ledger", "both", "AsterX in space."),
        (2, "ledger", "other", "Nothing of it."),
        (1, "orbit", "=asterx", "A long text in passing. " * 50 + "AsterX."),
    ):
        at = now - days * DAY
        add_article(store, sources[source], name, now=at, text=text, published_at=at)
    store.close()
    return made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def titles(say: Say, *words: str) -> list[str]:
    return [row["title"] for row in say("search", *words, "--json").json]


def test_the_newest_come_first_or_the_best(say):
    assert titles(say, "AsterX OR space") == ["=Asterx", "Both", "Plain", "Ancient"]
    assert titles(say, "AsterX OR space", "--best") == ["Both", "=Asterx", "Ancient", "Plain"]


def test_since_source_and_limit_leave_out_the_rest(say):
    assert titles(say, "AsterX", "--since", "7d") == ["=Asterx", "Both", "Plain"]
    assert titles(say, "AsterX", "--source", "ledger") == ["Both"]
    assert titles(say, "AsterX", "-s", "Orbit News", "-n", "1") == ["=Asterx"]


def test_rows_have_the_fields_of_the_contract(say):
    (row,) = say("search", "AsterX AND space", "--json").json
    assert list(row) == COLUMNS
    assert (row["title"], row["source"], row["outlet"], row["language"]) == (
        "Both",
        "ledger",
        "Orbit News",
        "en",
    )
    assert row["spans"] == [
        {"field": "body", "start": 0, "end": 6, "term": "AsterX"},
        {"field": "body", "start": 10, "end": 15, "term": "space"},
    ]
    assert row["excerpt"] == "AsterX in space."
    assert row["published_at"].endswith("Z")
    assert row["first_seen_at"] == row["published_at"]


def test_other_forms_are_lines_and_cells(say):
    lines = say("search", "AsterX", "--jsonl").out.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["=Asterx", "Both", "Plain", "Ancient"]
    rows = list(csv.DictReader(io.StringIO(say("search", "AsterX", "--csv").out)))
    assert list(rows[0]) == COLUMNS
    assert rows[0]["title"] == "'=Asterx"
    assert next(csv.reader([say("search", "zeppelin", "--csv").out])) == COLUMNS
    assert say("search", "AsterX", "--csv", "--json").code == 2


def test_people_see_where_it_stands_and_whether_there_is_more(say):
    told = say("search", "AsterX", "-n", "2")
    assert told.code == 0
    assert "Both" in told.out and "AsterX in space." in told.out and "https://orbit.example/both" in told.out
    assert "Ancient" not in told.out
    assert told.err == "the newest 2; --limit N shows more\n"
    assert say("search", "AsterX", "-n", "2", "--best").err == "the best 2; --limit N shows more\n"
    told = say("search", "AsterX")
    assert (told.out.splitlines()[-1], told.err) == ("4 articles", "")


def test_nothing_found_says_where_to_look(say):
    assert "No article among the stored ones satisfies this query" in say("search", "zeppelin").out
    assert "No article like that" in say("search", "AsterX", "--since", "2120-01-01").out


def test_what_cannot_be_searched_is_refused(say):
    told = say("search", "AsterX NEAR space")
    assert (told.code, told.out) == (2, "")
    assert "^" in told.err
    told = say("search", "AsterX", "--source", "ledgr")
    assert (told.code, "did you mean 'Ledger'?" in told.err) == (2, True)
    assert say("search", "AsterX", "--since", "soon").code == 2


def test_a_database_may_be_searched_without_a_configuration(say, installation, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert len(say("--database", installation.database, "search", "AsterX", "--json").json) == 4
