"""`newsbot source`: the list, one source explained, paused and resumed, and how each may be named."""

import csv
import io

import pytest

from bot.clock import SystemClock
from bot.store import Store, sources
from tests.cli.ill_sources import NAMES, ill_installation
from tests.cli.told import Say, sayer
from tests.harness import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return ill_installation(tmp_path_factory.mktemp("sources"))[0]


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_list_says_how_each_is_doing_and_what_happened(say):
    told = say("source")
    out = flat(told.out)
    assert (told.code, told.err) == (0, "")
    assert "Broken feed failing 4 d 0" in out
    assert "there is nothing here (HTTP 404)" in out
    assert "Silent feed quiet" in out
    assert "nothing new for 12 days; 2 a day were usual" in out
    assert "Gone feed paused" in out
    assert "Off feed off" in out
    assert "bare.example auto→feed ok" in out
    assert "10 sources" in out


def test_the_list_may_be_cut_to_some_healths(say):
    rows = say("source", "list", "--health", "failing", "--health", "paused", "--json").json
    assert [row["name"] for row in rows] == ["Broken", "Gone"]
    assert "2 sources of 10" in say("source", "list", "--health", "failing", "--health", "paused").out
    assert "None of 10 sources is flood." in say("source", "list", "--health", "flood").out
    wrong = say("source", "list", "--health", "faling")
    assert (wrong.code, wrong.out) == (2, "")
    assert "did you mean 'failing'?" in wrong.err


def test_programs_get_what_was_learned_too(say):
    rows = {row["key"]: row for row in say("source", "list", "--json").json}
    well, gone, moved = rows["well"], rows["gone"], rows["moved"]
    assert (well["items"], well["entries"], well["health"], well["interval_s"] > 0) == (140, 1, "ok", True)
    assert (gone["next_fetch_at"], gone["interval_s"]) == (None, None)
    assert gone["paused_why"] == "its server says that it is gone for good"
    assert (moved["moved_to"], moved["moved_times"]) == ("https://moved.example/new.xml", 6)
    assert (rows["bare-example"]["found_kind"], rows["bare-example"]["found_url"]) == (
        "feed", "https://bare.example/rss",
    )  # fmt: skip
    table = list(csv.DictReader(io.StringIO(say("source", "list", "--csv").out)))
    assert [row["key"] for row in table] == list(rows)


@pytest.mark.parametrize(
    "name",
    [
        "broken",
        "Broken",
        "BROKEN",
        "bro",
        "https://broken.example/feed.xml",
        "http://www.broken.example/feed.xml/",
    ],
)
def test_a_source_may_be_named_in_many_ways(say, name):
    assert say("source", "why", name, "--json").json["key"] == "broken"


def test_a_name_that_means_several_or_none_says_so(say):
    several = say("source", "why", "")
    assert (several.code, several.out) == (2, "")
    none = say("source", "why", "brokn")
    assert none.code == 2
    assert "did you mean 'broken'?" in none.err


def test_a_beginning_that_two_share_names_both(say, monkeypatch, tmp_path):
    own, _ = ill_installation(tmp_path)
    file = own.folder / "config" / "sources.yaml"
    file.write_text(f"{file.read_text()}  - name: Moved too\n    feed: https://two.example/\n")
    monkeypatch.chdir(own.folder)
    told = say("source", "why", "mov")
    assert told.code == 2
    assert "name one of moved, moved-too" in told.err


def test_why_tells_when_it_is_asked_and_what_came_of_it(say):
    out = flat(say("source", "why", "broken").out)
    assert "health failing for 4 d: there is nothing here (HTTP 404)" in out
    assert "`newsbot source try https://broken.example`" in out
    assert "It has failed" in out
    assert "It is asked" in out
    assert out.count("404") >= 2
    well = say("source", "why", "well", "--json").json
    assert (well["etag"], well["listed"], well["state"]) == ('"v1"', 12, "ok")
    assert well["why"][0].startswith("It is asked every")
    assert [row["new"] for row in well["fetches"]] == [1]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("moved", "sent for good to https://moved.example/new.xml (6 times since"),
        ("moved", "`newsbot source fix moved` writes it down"),
        ("bare-example", "feed https://bare.example/rss, which is what is read"),
        ("insecure", "certificate is not verified"),
        ("off", "It is switched off in the configuration"),
        ("gone", "It is paused, and not asked before `newsbot source resume`"),
        ("partial", "`full_text: feed` in sources.yaml"),
        ("never", "not asked yet"),
    ],
)
def test_why_speaks_of_whatever_is_special(say, name, says):
    assert says in flat(say("source", "why", name).out)


def test_a_source_is_paused_and_resumed(say, installation):
    told = say("source", "pause", "well", "--why", "until [bold]Monday[/bold]")
    assert (told.code, told.err) == (0, "")
    assert "newsbot source resume well" in told.out
    row = next(row for row in say("source", "list", "--json").json if row["key"] == "well")
    assert (row["paused_why"], row["next_fetch_at"]) == ("until [bold]Monday[/bold]", None)
    assert "until [bold]Monday[/bold]" in say("source").out
    assert "due now" in say("source", "resume", "Well").out
    assert say("source", "list", "--health", "paused", "--json").json[0]["key"] == "gone"
    assert "was not paused" in say("source", "resume", "Well").out
    assert "still off" in say("source", "resume", "off").out


def test_pausing_a_search_pauses_it_for_every_watch(say, monkeypatch, tmp_path):
    own, _ = ill_installation(tmp_path)
    file = own.folder / "config" / "sources.yaml"
    file.write_text(f"{file.read_text()}  - name: Wires\n    search: https://wires.example/?q={{query}}\n")
    monkeypatch.chdir(own.folder)
    told = say("source", "pause", "wires")
    paused = {row["key"] for row in say("source", "list", "--health", "paused", "--json").json}
    assert told.code == 0
    assert "wires--cspo" in paused


def test_a_name_that_nothing_has_pauses_nothing(say, installation):
    assert say("source", "pause", "nothing").code == 2
    store = Store.open(installation.database, clock_now=SystemClock().now())
    try:
        assert {row.key for row in store.read(sources.list_sources)} >= {name.lower() for name in NAMES}
    finally:
        store.close()
