"""`newsbot explain`: the tree of a watch for a mention, or for any watch and article."""

from collections.abc import Iterator

import pytest

from tests.build import NOW
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.sites import LocalSite

TEXT = [
    "Ministers of ten countries met in Wellington on Friday to agree on rules for manoeuvres in orbit.",
    "The initiative, CSpO for short, has existed since 2014 and now counts ten members, officials said.",
    "A joint statement is expected by the end of the week, together with a list of points of contact.",
]
SCRUM = [
    "The Certified Scrum Product Owner (CSPO) badge has adorned profiles for nearly two decades, trainers say.",
    "Employers are less impressed: in a survey of two hundred firms, one in six said that it mattered.",
]
JSON = [
    "mention", "matched", "query", "tree", "watch", "article_id", "in_scope", "sense", "state", "reasons",
]  # fmt: skip
WATCHES = {
    "cspo": {
        "name": "Combined Space",
        "any": ["CSpO"],
        "not": ["scrum master"],
        "long_forms": ["Combined Space Operations"],
        "rivals": ["Certified Scrum Product Owner"],
        "context": ["orbit*"],
    },
    "french": {"any": ["ministers"], "languages": ["fr"]},
    "many": {"any": ["Wellington", *(f"place{number}" for number in range(40))]},
    "deep": {"query": "orbit AND (Paris OR (Wellington AND (Friday NOT (snow OR rain))))"},
    "source": {"query": "Wellington AND source:ledger AND NOT title:partners"},
}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, LocalSite]]:
    made = Installation(tmp_path_factory.mktemp("explain"))
    with LocalSite(name="Ledger") as site:
        site.add_article("told", "Ten partners agreed", TEXT, published=NOW)
        site.add_article("scrum", "CSPO or not?", SCRUM, published=NOW)
        made.configure(sources=[{"name": "Ledger", "feed": site.feed_url}], watches=WATCHES)
        made.newsbot("once", "--no-baseline")
        yield made, site


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation[0].folder)
    return sayer(capsys)


@pytest.fixture
def told(installation) -> str:
    """The address of the article that was found."""
    return f"{installation[1].url}/news/told"


@pytest.fixture
def scrum(installation) -> str:
    return f"{installation[1].url}/news/scrum"


@pytest.fixture
def mention(say) -> dict[str, str]:
    """The number of each mention of `cspo`, by the state that it is in."""
    return {row["state"]: str(row["id"]) for row in say("mentions", "--watch", "cspo", "--json").json}


def test_a_mention_is_explained_with_its_places_sense_and_state(say, mention):
    shown = say("explain", mention["new"])
    assert (shown.code, shown.err) == (0, "")
    assert "MATCH  Ten partners agreed" in shown.out
    assert "├ CSpO" in shown.out and "text 1×" in shown.out
    assert "The initiative, CSpO for short, has existed" in shown.out
    assert "sense: likely, no long form is given, but “orbit” stands within 50 words" in shown.out
    assert f"mention {mention['new']}: new" in shown.out


def test_another_sense_shows_its_definition(say, mention):
    shown = say("explain", mention["contradicted"]).out
    assert "sense: contradicted" in shown
    assert "definition CSPO = Certified Scrum Product Owner (contradicted, in the text)" in shown
    assert ": contradicted" in shown


def test_a_watch_and_an_article_are_explained_by_number_or_address(say, told):
    by_address = say("explain", "cspo", f"{told}?utm_source=x", "--json").json
    by_number = say("explain", "Combined Space", str(by_address["article_id"]), "--json").json
    assert by_address == by_number
    assert by_address["watch"] == "cspo"


def test_json_keeps_its_fields_and_has_more(say, mention, told):
    found = say("explain", mention["new"], "--json").json
    assert list(found) == JSON
    assert (found["matched"], found["watch"], found["in_scope"], found["state"]) == (
        True,
        "cspo",
        True,
        "new",
    )
    assert str(found["mention"]) == mention["new"]
    assert found["tree"]["kind"] == "and"
    assert (found["sense"]["verdict"], found["reasons"]) == ("likely", [])
    other = say("explain", "deep", told, "--json").json
    assert (other["matched"], other["sense"]) == (True, None)
    missing = say("explain", "source", told, "--json").json
    assert (missing["mention"], missing["state"], missing["matched"]) == (None, None, False)
    assert missing["reasons"] == ["partners (1×) is in the title, which NOT forbids"]


def test_what_stands_in_the_way_is_said_in_words(say, told, scrum):
    shown = say("explain", "deep", scrum).out
    assert "NO MATCH" in shown
    assert "what stands in the way: orbit is not in it" in shown
    assert "only this stands in the way: partners (1×) is in the title, which NOT forbids" in (
        say("explain", "source", told).out
    )


def test_a_field_shows_what_the_article_holds(say, told):
    assert "holds: ledger" in say("explain", "source", told).out


def test_the_scope_has_a_verdict(say, told):
    shown = say("explain", "french", told)
    assert "NOT FOR THIS WATCH" in shown.out
    assert "scope: no, its language is en, and the watch is for fr" in shown.out
    assert say("explain", "french", told, "--json").json["in_scope"] is False


def test_deep_trees_are_drawn_with_lines(say, told):
    lines = say("explain", "deep", told).out.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("all of"))
    wide = max(line.find("true") for line in lines[begin : begin + 11])
    assert [line[:wide].rstrip() for line in lines[begin : begin + 11]] == [
        "all of",
        "├ orbit",
        "└ one of",
        "  ├ Paris",
        "  └ all of",
        "    ├ Wellington",
        "    ├ Friday",
        "    └ NOT",
        "      └ one of",
        "        ├ snow",
        "        └ rain",
    ]


def test_many_absent_terms_are_counted_unless_all_are_asked_for(say, told):
    shown = say("explain", "many", told).out
    assert "… 28 more, none of them found (--full shows them)" in shown
    assert "place39" not in shown.split("\n\n")[1]
    full = say("explain", "many", told, "--full").out
    assert full.count("place39") > shown.count("place39")


def test_a_dismissed_mention_says_why(say, mention):
    say("mentions", "dismiss", mention["new"], "--why", "not this one")
    assert f"mention {mention['new']}: dismissed" in say("explain", mention["new"]).out
    assert ": not this one" in say("explain", mention["new"]).out
    assert say("explain", mention["new"], "--json").json["state"] == "dismissed"
    say("mentions", "undo", mention["new"])


def test_a_mention_in_capitals_says_so(tmp_path, capsys, monkeypatch):
    made = Installation(tmp_path)
    with LocalSite(name="Ledger") as site:
        site.add_article("a", "JAPAN JOINS CSPO TALKS", TEXT[:1] + TEXT[2:], published=NOW)
        made.configure(
            sources=[{"name": "Ledger", "feed": site.feed_url}], watches={"w": {"any": ["{CSpO}"]}}
        )
        made.newsbot("once", "--no-baseline")
    monkeypatch.chdir(tmp_path)
    assert "all capitals: there letter case was not compared" in sayer(capsys)("explain", "1").out


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["explain", "x"], "no number of a mention"),
        (["explain", "0"], "no number of a mention"),
        (["explain", "999"], "no such mention"),
        (["explain", f"{10**30}"], "no such mention"),
        (["explain", "csp", "1"], "cspo"),
        (["explain", "cspo", "999"], "no such article"),
        (["explain", "cspo", f"{10**30}"], "no such article"),
        (["explain", "cspo", "https://elsewhere.example/one"], "newsbot trace https://elsewhere.example/one"),
        (["explain", "cspo", "no address"], "no web address"),
    ],
)
def test_what_cannot_be_explained_is_a_usage_error(say, words, meant):
    shown = say(*words)
    assert (shown.code, shown.out) == (2, "")
    assert meant in shown.err


def test_a_mention_whose_watch_is_gone_says_what_to_do(say, installation, mention):
    config = installation[0].folder / "config" / "watchlists.yaml"
    before = config.read_text()
    config.write_text(before.replace('"cspo"', '"renamed"'))
    try:
        shown = say("explain", mention["new"])
    finally:
        config.write_text(before)
    assert (shown.code, shown.out) == (2, "")
    assert "no longer configured" in shown.err
