"""`newsbot mentions`: senses, what was dropped, and what people dismiss."""

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import NOW
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.sites import LocalSite

DROPPED = [
    "watch", "article_id", "url", "title", "source", "outlet", "published_at", "removed_by", "excerpt",
]  # fmt: skip
END = "A joint statement is expected by the end of the week, together with a list of points of contact."
SPACE = [
    "Ministers of the CSpO nations met in Wellington to speak of satellites, and of rules in orbit.",
    "The CSpO partners will warn each other before satellites come close, officials declared today.",
]
SCRUM = [
    "The Certified Scrum Product Owner (CSPO) badge has adorned profiles for decades, trainers declared.",
    "Our CSPO training helps you to lead, as the Scrum Alliance demands, and employers doubt it all.",
    "Whoever holds a CSPO earns more, the Scrum Alliance found, and many employers doubt it all.",
]
WATCHES = {
    "cspo": {"name": "Combined Space", "any": ["CSpO"]},
    "wellington": {"any": ["Wellington"], "not": ["satellites"]},
    "guarded": {"query": "CSpO", "rivals": ["Certified Scrum Product Owner"]},
}


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that read a site once; what a test changes is put back for the next."""
    made = Installation(tmp_path_factory.mktemp("mentions"))
    with LocalSite(name="Ledger") as site:
        for number, text in enumerate([*SPACE, *SCRUM]):
            paragraphs = [text, f"{END} That was number {number}."]
            site.add_article(
                f"a{number}", f"Story {number}", paragraphs, published=NOW + timedelta(hours=number)
            )
        made.configure(sources=[{"name": "Ledger", "feed": site.feed_url}], watches=WATCHES)
        made.newsbot("once", "--no-baseline")
        yield made


@pytest.fixture
def installation(read_once, tmp_path: Path) -> Iterator[Installation]:
    shutil.copytree(read_once.folder, tmp_path / "before")
    yield read_once
    shutil.copytree(tmp_path / "before", read_once.folder, dirs_exist_ok=True)


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def _ids(say: Say, *titles: str, watch: str = "cspo") -> list[str]:
    rows = say("mentions", "--watch", watch, "--json").json
    found = {row["title"]: str(row["id"]) for row in rows}
    return [found[title] for title in titles]


# Dropped.


def test_what_a_not_took_away_is_listed_with_the_negation_and_its_place(say):
    told = say("mentions", "--dropped", "--watch", "wellington")
    assert (told.code, told.err) == (0, "")
    assert "NOT satellites" in told.out
    assert "Story 0" in told.out and "to speak of satellites" in told.out
    assert "1 article that a NOT took away in the last 30 days" in told.out


def test_what_the_sense_guard_held_back_is_the_second_part(say):
    told = say("mentions", "--dropped", "-w", "guarded")
    assert "1 mention held back for another sense" in told.out
    assert "“Certified Scrum Product Owner (CSPO)” gives a rival long form" in " ".join(told.out.split())
    assert "took away" not in told.out


def test_dropped_rows_have_the_fields_of_the_contract(say):
    rows = say("mentions", "--dropped", "--json").json
    assert [list(row) for row in rows] == [DROPPED, DROPPED]
    assert (rows[0]["watch"], rows[0]["removed_by"]) == ("wellington", ["NOT satellites"])
    assert rows[1]["watch"] == "guarded"
    assert rows[1]["removed_by"][0].startswith("sense: ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[0]["published_at"])
    table = list(csv.DictReader(io.StringIO(say("mentions", "--dropped", "--csv").out)))
    assert table[0]["removed_by"] == "NOT satellites"
    assert len(say("mentions", "--dropped", "--jsonl").out.splitlines()) == 2


def test_nothing_dropped_says_so_and_heads_its_csv(say):
    assert "Nothing was dropped in the last 30 days" in say("mentions", "--dropped", "-w", "cspo").out
    assert "Nothing was dropped since 2036-01-01" in (
        say("mentions", "--dropped", "-w", "wellington", "--since", "2036-01-01").out
    )
    assert next(csv.reader([say("mentions", "--dropped", "-w", "cspo", "--csv").out])) == DROPPED


def test_a_limit_holds_for_either_part(say):
    assert len(say("mentions", "--dropped", "--limit", "1", "--json").json) == 2


def test_senses_are_shown_and_filtered(say):
    told = say("mentions", "--watch", "guarded")
    assert "contradicted" in told.out and "unknown" in told.out
    rows = say("mentions", "--sense", "contradicted", "--json").json
    assert [(row["watch"], row["sense"], row["state"]) for row in rows] == [
        ("guarded", "contradicted", "contradicted")
    ]
    assert "sense" not in say("mentions", "--watch", "cspo").out.splitlines()[0]


# Dismissed.


def test_a_dismissal_is_told_with_its_reason_and_lasts(say):
    (number,) = _ids(say, "Story 2")
    told = say("mentions", "dismiss", number, "--why", "the  Scrum\ncertificate")
    assert (told.code, told.err) == (0, "")
    assert f"{number} Story 2 (cspo) dismissed for the Scrum certificate" in told.out
    assert f"newsbot mentions undo {number}" in told.out
    say("backfill")
    (row,) = say("mentions", "--state", "dismissed", "--json").json
    assert str(row["id"]) == number
    assert "the Scrum certificate" in say("mentions", "--state", "dismissed").out
    again = say("mentions", "dismiss", number, "--why", "another reason")
    assert "was dismissed already, for the Scrum certificate; now for another reason" in again.out


def test_a_dismissal_is_taken_back(say):
    (number,) = _ids(say, "Story 2")
    say("mentions", "dismiss", number, "--why", "wrong")
    assert f"{number} Story 2 (cspo) is again new" in say("mentions", "undo", number).out
    assert say("mentions", "--state", "dismissed", "--json").json == []
    assert "was not dismissed: it is new" in say("mentions", "undo", number).out


def test_dismissals_suggest_lines_to_add_and_how_to_try_them(say):
    numbers = _ids(say, "Story 2", "Story 3", "Story 4")
    told = say("mentions", "dismiss", *numbers, "--why", "Scrum")
    assert "What tells the 3 dismissed articles of Combined Space from the 2 kept" in told.out
    assert "in watchlists.yaml, under cspo" in told.out
    assert re.search(r'^  not: \["Scrum Alliance"', told.out, re.MULTILINE)
    assert '  rivals: ["Certified Scrum Product Owner"]' in told.out
    assert re.search(r'^  context: \["satellites"', told.out, re.MULTILINE)
    assert re.search(r"^  newsbot try 'CSpO AND NOT .*' --against cspo$", told.out, re.MULTILINE)
    assert told.out.endswith(say("mentions", "suggest", "cspo").out)


def test_what_is_suggested_is_a_configuration_that_holds(say, installation):
    """The lines go into the file as they are printed, and the dismissed articles are gone."""
    numbers = _ids(say, "Story 2", "Story 3", "Story 4")
    told = say("mentions", "dismiss", *numbers, "--why", "Scrum").out
    lines = [
        f"    {line.strip()}" for line in told.splitlines() if re.match(r"  (?:not|rivals|context): ", line)
    ]
    config = installation.folder / "config" / "watchlists.yaml"
    config.write_text("watches:\n  cspo:\n    any: [CSpO]\n" + "\n".join(lines) + "\n")
    assert say("check").code == 0
    say("backfill")
    rows = say("mentions", "--watch", "cspo", "--state", "new", "--json").json
    assert sorted(row["title"] for row in rows) == ["Story 0", "Story 1"]


def test_suggestions_are_json_too(say):
    numbers = _ids(say, "Story 3", "Story 4")
    told = say("mentions", "dismiss", *numbers, "--why", "Scrum", "--json").json
    assert [row["dismissed_why"] for row in told["mentions"]] == ["Scrum", "Scrum"]
    assert told["mentions"][0]["state"] == "dismissed"
    found = say("mentions", "suggest", "Combined Space", "--json").json
    assert told["suggestions"] == [found]
    assert list(found) == ["watch", "dismissed", "kept", "not", "rivals", "context"]
    assert (found["watch"], found["dismissed"], found["kept"]) == ("cspo", 2, 3)
    assert {"term": "Scrum Alliance", "dismissed": 2, "kept": 0} in found["not"]
    undone = say("mentions", "undo", numbers[0], "--json").json
    assert undone["mentions"][0]["dismissed_at"] is None


def test_without_dismissals_there_is_nothing_to_learn_from(say):
    told = say("mentions", "suggest", "cspo")
    assert told.code == 0
    assert "No mention of 'cspo' was dismissed" in told.out
    dismissed = _ids(say, "Story 0", "Story 1", "Story 2", "Story 3", "Story 4")
    say("mentions", "dismiss", dismissed[0], "--why", "old")
    assert "Nothing tells the 1 dismissed article of 'cspo'" in say("mentions", "suggest", "cspo").out


def test_a_reason_is_needed_where_nobody_can_be_asked(say, installation):
    (number,) = _ids(say, "Story 2")
    for words in ((), ("--why", "  ")):
        told = say("mentions", "dismiss", number, *words)
        assert (told.code, told.out) == (2, "")
        assert "needs a reason" in told.err and '--why "' in told.err
    assert say("mentions", "--state", "dismissed", "--json").json == []


def test_on_a_terminal_the_reason_is_asked_for(say, installation):
    (number,) = _ids(say, "Story 2")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "mentions", "dismiss", number, "--json"],
        cwd=installation.folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(theirs)
        os.write(ours, b"the Scrum certificate\n")
        out, err = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, err
    assert "Why?" in err
    assert json.loads(out)["mentions"][0]["dismissed_why"] == "the Scrum certificate"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["mentions", "dismiss", "1", "999", "--why", "x"], "nothing was changed"),
        (["mentions", "dismiss", "998", "999", "--why", "x"], "998, 999: there are no such mentions"),
        (["mentions", "undo", "999"], "no such mention"),
        (["mentions", "dismiss", "--why", "x"], "ID"),
        (["mentions", "dismiss", "0", "--why", "x"], "greater than or equal to 1"),
        (["mentions", "dismiss", "one", "--why", "x"], "integer"),
        (["mentions", "suggest", "csp"], "cspo"),
        (["mentions", "--dropped", "--state", "new"], "--dropped"),
        (["mentions", "--dropped", "--sense", "unknown"], "--dropped"),
        (["mentions", "--dropped", "--watch", "csp"], "cspo"),
        (["mentions", "--dropped", "--since", "yesterday"], "24h"),
        (["mentions", "--sense", "wrong"], "wrong"),
    ],
)
def test_what_cannot_be_done_as_asked_changes_nothing(say, words, meant):
    told = say(*words)
    assert (told.code, told.out) == (2, "")
    assert meant in " ".join(told.err.split())
    assert say("mentions", "--state", "dismissed", "--json").json == []
