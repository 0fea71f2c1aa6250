"""`newsbot try`: what a query would find, as people and as programs read it."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cli import try_
from bot.clock import SystemClock
from bot.pipeline.trial import NearMisses, Trial
from bot.store import Store
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.store.build import a_source, add_article, add_sources

DOCUMENT = [
    "query", "watch", "since", "articles", "hits", "outlets", "first_at", "last_at", "days", "terms", "senses",
    "dropped", "out_of_scope", "samples", "near_misses", "against", "advice",
]  # fmt: skip
SAMPLE = [
    "id", "url", "title", "source", "outlet", "language", "published_at", "first_seen_at", "spans", "excerpt",
    "sense",
]  # fmt: skip
WATCHES = {
    "asterx": {"name": "AsterX", "any": ["AsterX"], "languages": ["en"]},
    "cspo": {
        "name": "CSpO",
        "any": ["CSpO"],
        "rivals": ["Certified Scrum Product Owner"],
        "context": ["satellit*"],
    },
    "off": {"any": ["space"], "enabled": False},
}
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One whose archive holds ten articles of three outlets, one of them seen long ago."""
    made = Installation(tmp_path_factory.mktemp("try"))
    made.configure(
        sources=[{"name": "Orbit", "feed": "http://127.0.0.1:9/feed.xml"}],
        watches=WATCHES,
        timezone="Europe/Paris",
    )
    now = SystemClock().now()
    store = Store.open(made.database, clock_now=now)
    source = add_sources(store, a_source(), now=now)["orbit"]

    def add(name: str, text: str, *, days: float = 1, **values: Any) -> None:
        at = now - days * DAY
        add_article(store, source, name, now=at, text=text, published_at=at, **values)

    add("ancient", "AsterX, long ago.", days=200)
    add("again", "Aster X is back in space.", days=9)
    add("empty", "space and nothing else", days=4)
    add("arms", "AsterX in space, a missile nearby.", days=3, title="AsterX [bold]armed[/bold]\x1b[31m")
    add("closing", "AsterX closes, far from orbit.", days=2)
    add("opening", "AsterX opens in space.", site="Ledger")
    add("colony", "AsterX est ouvert.", language="fr", title="")
    add("sense", "The CSpO looked at satellites.", site="")
    add("rival", "A Certified Scrum Product Owner (CSPO) course.")
    add("unknown", "CSpO without more.")
    store.close()
    return made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_query_says_how_much_it_finds_and_what_each_term_brings(say):
    told = say("try", '(AsterX OR "Aster X") AND (space OR orbit) NOT missile')
    out = flat(told.out)
    assert told.code == 0
    assert "3 hits in 9 articles of the last 90 days" in out
    assert "2 outlets: Orbit News (2), Ledger (1)" in out
    assert "taken away by NOT: 1 article" in out
    assert "any AsterX 2 2" in out
    assert 'any "Aster X" 1 1' in out
    assert "not missile 1 1" in out
    assert "hits 3 Opening" in out
    assert "Ledger ·" in out and "AsterX opens in space." in out


def test_near_misses_are_told_by_what_is_missing(say):
    out = flat(say("try", '(AsterX OR "Aster X") AND (space OR orbit) NOT missile').out)
    assert "near misses 3 of 6 with a term of the query lack one condition" in out
    assert "1 kept out by NOT missile" in out
    assert "missile (1×) is in it, which NOT forbids" in out
    assert '1 without AsterX OR "Aster X"' in out
    assert "1 without space OR orbit" in out
    assert "neither space nor orbit is in it" not in out, "that has just been said"


def test_the_window_is_ninety_days_another_one_or_all_of_it(say):
    assert "4 hits in 9 articles of the last 90 days" in say("try", "AsterX").out
    assert "2 hits in 5 articles of the last 2 days" in say("try", "AsterX", "--since", "2d").out
    assert "5 hits in 10 articles\n" in say("try", "AsterX", "--all").out
    assert "5 hits in 10 articles since 2020-01-01" in say("try", "AsterX", "--since", "2020-01-01").out
    assert "No stored articles since 2120-01-01: " in say("try", "AsterX", "--since", "2120-01-01").out
    assert say("try", "AsterX", "--since", "soon").code == 2


def test_a_configured_watch_is_tried_with_its_scope_and_guard(say):
    told = say("try", "--watch", "AsterX")
    assert "3 hits in 9 articles" in told.out
    assert "of other languages or sources than the watch's: 1 more" in told.out
    guarded = say("try", "-w", "cspo")
    assert "sense: 1 contradicted, 1 likely, 1 unknown" in guarded.out
    assert "Rival  contradicted" in guarded.out
    assert "4 hits" in say("try", "-w", "off").out


def test_a_query_against_a_watch_shows_what_either_lacks(say):
    told = say("try", "AsterX AND space", "--against", "asterx")
    out = flat(told.out)
    assert "with the scope and the sense guard of asterx" in told.err
    assert "against asterx 2 in both, 0 only here, 1 only in asterx only in asterx Closing" in out
    assert "AsterX closes, far from orbit. space is not in it" in out
    assert "scope" not in say("try", "AsterX", "--against", "off").err


def test_the_document_has_the_fields_of_the_contract(say):
    told = say("try", "AsterX AND space NOT missile", "--against", "asterx", "--json", "-n", "1")
    made = told.json
    assert list(made) == DOCUMENT
    assert (made["query"], made["watch"]) == ("AsterX AND space AND NOT missile", None)
    assert (made["articles"], made["hits"], made["dropped"], made["out_of_scope"]) == (9, 1, 1, 0)
    assert made["outlets"] == [{"outlet": "Ledger", "hits": 1}]
    assert [set(day) for day in made["days"]] == [{"day", "hits"}]
    assert date.fromisoformat(made["days"][0]["day"])
    assert made["terms"] == [
        {"term": "AsterX", "role": "all", "articles": 1, "only": 1},
        {"term": "space", "role": "all", "articles": 1, "only": 1},
        {"term": "missile", "role": "not", "articles": 1, "only": 1},
    ]
    assert [list(sample) for sample in made["samples"]] == [SAMPLE]
    near = made["near_misses"]
    assert (near["articles"], near["looked_at"], near["is_cut"]) == (4, 5, False)
    assert [(one["part"], one["articles"]) for one in near["missing"]] == [
        ("NOT missile", 1), ("space", 1), ("AsterX", 2),
    ]  # fmt: skip
    assert [list(sample) for sample in near["missing"][0]["samples"]] == [[*SAMPLE, "why"]]
    assert near["missing"][0]["samples"][0]["why"] == ["missile (1×) is in it, which NOT forbids"]
    against = made["against"]
    assert {name: against[name] for name in ("watch", "both", "only_query", "only_watch")} == {
        "watch": "asterx", "both": 1, "only_query": 0, "only_watch": 2,
    }  # fmt: skip
    assert datetime.fromisoformat(made["since"]) < datetime.fromisoformat(made["first_at"])


def test_the_document_of_a_watch_names_it_and_tells_senses(say):
    made = say("try", "--watch", "CSpO", "--json").json
    assert (made["watch"], made["against"]) == ("cspo", None)
    assert made["senses"] == {"confirmed": 0, "contradicted": 1, "likely": 1, "unknown": 1}
    assert {sample["sense"] for sample in made["samples"]} == {"contradicted", "likely", "unknown"}
    assert (
        next(sample for sample in made["samples"] if sample["title"] == "Sense")["outlet"] == "orbit.example"
    )


def test_advice_is_a_warning_beside_the_result(say):
    told = say("try", "CSpO", "--json")
    assert told.err.startswith("warning: 'CSpO' will also find 'CSPO'")
    assert [set(one) for one in told.json["advice"]] == [{"message", "hint", "term"}]
    assert say("-q", "try", "CSpO", "--json").err == ""


def test_what_cannot_be_tried_is_refused_with_its_place(say):
    told = say("try", "AsterX OR space AND orbit")
    assert (told.code, told.out) == (2, "")
    assert "AND and OR are mixed without parentheses" in told.err
    assert "^" in told.err
    assert say("try").code == 2
    assert say("try", "AsterX", "--watch", "asterx").code == 2
    told = say("try", "--watch", "astrex")
    assert (told.code, "did you mean 'AsterX'?" in told.err) == (2, True)
    assert say("try", "AsterX", "--against", "nothing").code == 2


def test_nothing_found_and_nothing_stored_say_so(say, tmp_path):
    out = say("try", "zeppelin").out
    assert "0 hits in 9 articles" in out
    assert "hits a day" not in out
    elsewhere = f"sqlite:///{tmp_path / 'empty.db'}"
    assert (
        "No stored articles yet: `newsbot once`" in say("--database", elsewhere, "try", "AsterX", "--all").out
    )


def test_a_database_may_be_tried_without_a_configuration(say, installation, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "4 hits" in say("--database", installation.database, "try", "AsterX").out
    assert "there is no such configuration folder" in say("try", "AsterX").err


def test_foreign_text_steers_nothing(say):
    out = say("try", "missile").out
    assert "AsterX [bold]armed[/bold]" in out
    assert "\x1b" not in out
    assert "(no title)" in say("try", "AsterX AND lang:fr").out


# The chart.


def _trial(days: list[tuple[date, int]], since: datetime | None = None) -> Trial:
    at = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))
    return Trial(
        query="x", since=since, articles=9, hits=sum(hits for _, hits in days), outlets=(), first_at=at,
        last_at=at, days=tuple(days), terms=(), senses=None, dropped=0, out_of_scope=0, samples=(),
        near=NearMisses(articles=0, looked_at=0, is_cut=False, missing=()), against=None,
    )  # fmt: skip


def _chart(*hits: tuple[int, int], since: int | None = None, width: int = 91) -> list[str]:
    """The chart of hits so many days ago."""
    zone = ZoneInfo("Asia/Tokyo")
    now = SystemClock().now()
    today = now.astimezone(zone).date()
    days = sorted((today - back * DAY, count) for back, count in hits)
    begun = None if since is None else now - since * DAY
    return [line.plain for line in try_._chart(_trial(days, begun), zone, width=width)]


def test_a_day_is_a_column_and_the_highest_fills_it():
    *rows, axis = _chart((2, 1), (0, 8))
    assert [len(row) for row in rows] == [9] * 4
    assert [row[0] for row in rows] == [" ", " ", " ", rows[3][0]]
    assert rows[3][0] != " " and {row[8] for row in rows} == {rows[0][8]}
    assert {row[4] for row in rows} == {" "}
    assert "hits a day, at most 8" in axis


@pytest.mark.parametrize(
    ("back", "width", "columns", "says"),
    [(90, 91, 91, "a day"), (91, 91, 14, "a week"), (90, 80, 13, "a week"), (3_000, 91, 33, "in 13 weeks"), (60_000, 91, 91, "in 52 weeks")],
)  # fmt: skip
def test_a_long_time_is_told_in_longer_steps(back: int, width: int, columns: int, says: str) -> None:
    *rows, axis = _chart((back, 2), (0, 1), width=width)
    assert len(rows[0]) == columns * max(1, min(3, width // columns))
    assert f"hits {says}, at most" in axis


def test_what_was_published_before_the_window_is_only_counted():
    *_, axis = _chart((50, 7), (3, 1), (1, 2), since=5)
    assert axis.endswith("hits a day, at most 2; 7 published before")
    assert _chart((50, 7), (40, 7), since=5) == []


def test_the_chart_knows_the_letters_that_the_output_knows(installation):
    plain = Installation(installation.folder, environ={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    out = plain.newsbot("try", "AsterX").stdout
    assert "###" in out
    assert "\\u2588" not in out
    assert json.loads(plain.newsbot("try", "AsterX", "--json").stdout)["hits"] == 4


def test_of_many_terms_that_nothing_holds_some_are_counted(say):
    words = " OR ".join(f"zeppelin{number}" for number in range(40))
    out = flat(say("try", f"AsterX OR {words}").out)
    assert "zeppelin11 0 0" in out
    assert "zeppelin12" not in out
    assert "… and 28 more that nothing holds" in out
    assert len(say("try", f"AsterX OR {words}", "--json").json["terms"]) == 41
