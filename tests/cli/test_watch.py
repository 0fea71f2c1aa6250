"""`newsbot watch`: the list, one watch whole, and adding one with its comments kept."""

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
from pathlib import Path

import pytest

from bot.app import settings_from
from bot.clock import SystemClock
from bot.model import MentionState
from bot.store import RunLock, Store, articles, watches
from tests.build import NOW
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.sites import LocalSite

COLUMNS = [
    "key", "name", "enabled", "query", "terms", "mentions", "new", "backfill", "dismissed", "last_found_at",
    "active_since", "backfilled",
]  # fmt: skip
SHOWN = [
    *COLUMNS, "description", "version", "query_terms", "languages", "sources", "tags", "tiers", "long_forms", "rivals",
    "context", "deliver_contradicted", "states", "digests", "advice",
]  # fmt: skip
END = "A joint statement is expected by the end of the week, together with a list of points of contact."
TEXTS = [
    "Ministers of the CSpO nations met in Wellington to speak of satellites, and of rules in orbit.",
    "The CSpO partners will warn each other before satellites come close, officials declared today.",
    "The Certified Scrum Product Owner (CSPO) badge has adorned profiles for decades, trainers declared.",
]
WATCHLISTS = """\
# what we look for
watches:
  cspo:
    name: Combined Space  # as the desk says
    description: Combined Space Operations initiative
    any: [CSpO, Combined Space Operations]
    not: ["scrum master"]
    rivals: [Certified Scrum Product Owner]
    context: [satellit*]
    languages: [en, fr]
    sources: {tiers: [official, general]}

  quiet: {query: 'zeppelin NEAR/3 race', enabled: false}
"""
DIGESTS = {
    "brief": {"name": "Morning brief", "schedule": "every day at 07:00", "channels": ["folder"], "watches": ["cspo"]},
    "now": {"name": "Alerts", "schedule": "immediately", "channels": ["folder"], "watches": ["cspo"]},
}  # fmt: skip
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that read a site once; what a test changes is put back for the next."""
    made = Installation(tmp_path_factory.mktemp("watch"))
    with LocalSite(name="Ledger") as site:
        for number, text in enumerate(TEXTS):
            paragraphs = [text, f"{END} That was number {number}."]
            site.add_article(f"a{number}", f"Story {number}", paragraphs, published=NOW)
        made.configure(
            sources=[{"name": "Ledger", "feed": site.feed_url, "tier": "general"}],
            channels={"folder": {"type": "file", "path": str(made.folder / "sent")}},
            digests=DIGESTS,
            timezone="Europe/Paris",
        )
        (made.folder / "config" / "watchlists.yaml").write_text(WATCHLISTS, encoding="utf-8")
        made.newsbot("once", "--no-baseline")
        yield made


@pytest.fixture
def installation(read_once, tmp_path: Path) -> Iterator[Installation]:
    shutil.copytree(read_once.folder, tmp_path / "before")
    yield read_once
    shutil.rmtree(read_once.folder)
    shutil.copytree(tmp_path / "before", read_once.folder)


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def flat(text: str) -> str:
    return " ".join(text.split())


def watchlists(installation: Installation) -> str:
    return (installation.folder / "config" / "watchlists.yaml").read_text(encoding="utf-8")


# The list.


def test_the_list_has_the_fields_of_the_contract(say):
    rows = say("watch", "list", "--json").json
    assert [list(row) for row in rows] == [COLUMNS, COLUMNS]
    cspo, quiet = rows
    assert (cspo["key"], cspo["name"], cspo["enabled"], cspo["terms"]) == ("cspo", "Combined Space", True, 3)
    assert cspo["query"] == '(CSpO OR "Combined Space Operations") AND NOT "scrum master"'
    assert (cspo["mentions"], cspo["new"], cspo["backfill"], cspo["dismissed"]) == (3, 2, 0, 0)
    assert UTC_TIME.fullmatch(cspo["last_found_at"]) and UTC_TIME.fullmatch(cspo["active_since"])
    assert cspo["backfilled"] == 1.0
    assert (quiet["enabled"], quiet["mentions"], quiet["last_found_at"], quiet["backfilled"]) == (
        False, 0, None, None,
    )  # fmt: skip


def test_a_dismissed_mention_counts_as_one(say):
    say("mentions", "dismiss", "1", "--why", "not ours")
    row = say("watch", "list", "--json").json[0]
    assert (row["mentions"], row["dismissed"]) == (3, 1)


def test_people_see_what_is_looked_for_and_what_was_found(say):
    told = say("watch")
    assert (told.code, told.err) == (0, "")
    out = flat(told.out)
    assert 'cspo (CSpO OR "Combined Space Operations") AND NOT "scrum master" 3 2 0 0' in out
    assert "Combined Space" in out
    assert "quiet zeppelin NEAR/3 race 2 0 0 0 – switched off" in out
    assert out.endswith("2 watches; `newsbot watch show KEY` shows one whole")


def test_lines_and_cells_are_the_same_rows(say):
    assert [json.loads(line)["key"] for line in say("watch", "list", "--jsonl").out.splitlines()] == [
        "cspo", "quiet",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(say("watch", "list", "--csv").out)))
    assert list(rows[0]) == COLUMNS
    assert rows[1]["query"] == "zeppelin NEAR/3 race"


def test_how_far_a_backfill_came_is_told(say, installation):
    """A kill, or a daemon at work beside, leaves a watch in the middle of the archive."""
    store = Store.open(installation.database, clock_now=NOW)
    last = max(article.id or 0 for article in store.read(articles.list_articles))
    row = next(row for row in store.read(watches.active) if row.key == "cspo")
    changed = settings_from(installation.folder / "config").watches[0]
    store.write(watches.sync, [(changed, "other")], now=NOW)
    store.write(watches.sync, [(changed, row.version)], now=NOW)
    store.write(watches.save_backfill_progress, "cspo", row.version, last - 1)
    store.close()
    assert say("watch", "list", "--json").json[0]["backfilled"] == pytest.approx((last - 1) / last)
    assert f"{(last - 1) / last:.0%} of the stored articles" in flat(say("watch").out)
    assert f"{(last - 1) / last:.0%} of the stored articles" in flat(say("watch", "show", "cspo").out)


def test_a_watch_that_was_edited_waits_to_be_taken_over(say, installation):
    path = installation.folder / "config" / "watchlists.yaml"
    path.write_text(WATCHLISTS.replace("scrum master", "scrum"), encoding="utf-8")
    assert say("watch", "list", "--json").json[0]["backfilled"] is None
    assert "waits for `newsbot once` or `run`" in flat(say("watch").out)
    assert "waits for `newsbot once` or `run`" in flat(say("watch", "show", "cspo").out)


def test_a_very_long_query_is_cut_in_the_table_only(say, installation):
    words = " OR ".join(f"word{number}" for number in range(40))
    path = installation.folder / "config" / "watchlists.yaml"
    path.write_text(json.dumps({"watches": {"cspo": {"query": words}}}), encoding="utf-8")
    out = flat(say("watch").out)
    assert "word39" not in out and "word9 …" in out and " 40 2 0 " in out
    assert say("watch", "list", "--json").json[0]["query"] == words
    assert "word39" in say("watch", "show", "cspo").out


def test_an_installation_without_watches_or_articles_adds_its_first(capsys, monkeypatch, tmp_path):
    made = Installation(tmp_path)
    made.configure(sources=[{"name": "Ledger", "feed": "http://127.0.0.1:9/feed.xml"}])
    (tmp_path / "config" / "watchlists.yaml").write_text("# none yet\nwatches: {}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    say = sayer(capsys)
    assert say("watch").out == "No watches yet: `newsbot watch add cspo 'CSpO'` adds one.\n"
    assert say("watch", "list", "--json").json == []
    assert "No stored articles of the last 30 days" in say("watch", "add", "cspo", "{CSpO}").out
    assert watchlists(made).startswith("# none yet\nwatches:\n  cspo:\n")


# One watch.


def test_a_watch_is_shown_whole(say):
    told = say("watch", "show", "Combined Space")
    out = flat(told.out)
    assert told.code == 0
    for said in (
        "Combined Space cspo Combined Space Operations initiative",
        '(CSpO OR "Combined Space Operations") AND NOT "scrum master"',
        'any of CSpO, "Combined Space Operations"',
        'forbidden "scrum master"',
        "scope languages en, fr; tiers official, general",
        "not for Certified Scrum Product Owner",
        "speaks of satellit*",
        "another sense held back; `newsbot mentions --watch cspo --dropped`",
        "active since",
        "mentions 2 new, 1 contradicted; the last",
        "told by Morning brief (every day at 07:00; next: ",
        " 07:00, in ",
        "told by Alerts (immediately; next: on each mention)",
    ):
        assert said in out, said
    assert "warning: 'CSpO' will also find 'CSPO'" in told.err


def test_a_watch_that_nobody_is_told_of_says_so(say):
    out = flat(say("watch", "show", "quiet").out)
    assert "every language, every source" in out
    assert "mentions none yet" in out
    assert "told by no digest: add it to the `watches:` of one in newsbot.yaml" in out
    assert "version" in out and "switched off" in out


def test_the_document_of_a_watch_has_the_fields_of_the_contract(say):
    made = say("watch", "show", "cspo", "--json").json
    assert list(made) == SHOWN
    assert made["terms"] == 3
    assert made["query_terms"] == [
        {"term": "CSpO", "role": "any"},
        {"term": '"Combined Space Operations"', "role": "any"},
        {"term": '"scrum master"', "role": "not"},
    ]
    assert re.fullmatch("[0-9a-f]{12}", made["version"])
    assert (made["languages"], made["sources"], made["tiers"]) == (["en", "fr"], [], ["official", "general"])
    assert (made["rivals"], made["context"]) == (["Certified Scrum Product Owner"], ["satellit*"])
    assert set(made["states"]) == {state.value for state in MentionState}
    assert (made["states"]["new"], made["states"]["contradicted"]) == (2, 1)
    brief, alerts = made["digests"]
    assert (brief["digest"], brief["timezone"], alerts["next"]) == ("brief", "Europe/Paris", None)
    assert UTC_TIME.fullmatch(brief["next"])
    assert [set(one) for one in made["advice"]] == [{"message", "hint", "term"}]


def test_an_unknown_watch_names_the_nearest(say):
    told = say("watch", "show", "csop")
    assert (told.code, "did you mean 'cspo'?" in told.err) == (2, True)


# Adding one.


def test_a_watch_is_added_after_a_look_and_comments_are_kept(say, installation):
    told = say("watch", "add", "orbit", "orbit OR {Wellington}", "--name", "In orbit")
    out = flat(told.out)
    assert (told.code, told.err) == (0, "")
    assert "1 hit in 3 articles of the last 30 days" in out
    assert "Story 0" in out
    assert f"added In orbit to {Path('config/watchlists.yaml')}" in out
    assert "newsbot once reads now, newsbot run on schedule" in out
    assert "No digest tells it" in out
    assert watchlists(installation).startswith(WATCHLISTS)
    (*_, added) = settings_from(installation.folder / "config").watches
    assert (added.key, added.name, added.query) == ("orbit", "In orbit", "orbit OR {Wellington}")
    assert say("watch", "list", "--json").json[2]["backfilled"] is None


def test_what_the_hits_would_be_without_any_is_hinted_at(say):
    out = flat(say("watch", "add", "none", "CSpO AND zeppelin").out)
    assert "0 hits in 3 articles" in out
    assert "3 near misses: `newsbot try` shows them" in out


def test_a_running_newsbot_takes_it_over_by_itself(say, installation):
    lock = RunLock.acquire(installation.database, what="newsbot run", now=SystemClock().now())
    try:
        out = flat(say("watch", "add", "orbit", "orbit").out)
    finally:
        lock.release()
    assert f"The running newsbot (pid {os.getpid()}) takes it over by itself" in out


@pytest.mark.parametrize(
    ("key", "query", "says"),
    [
        ("orbit", "orbit OR", "^"),
        ("cspo", "orbit", "there is a watch of this key"),
        ("in orbit", "orbit", "did you mean 'in-orbit'?"),
    ],
)
def test_what_cannot_be_added_is_refused_at_once(say, installation, key: str, query: str, says: str) -> None:
    told = say("watch", "add", key, query)
    assert (told.code, told.out) == (2, "")
    assert says in told.err
    assert watchlists(installation) == WATCHLISTS


def test_advice_is_given_before_it_is_added(say):
    assert "warning: 'the' is a very common word" in say("watch", "add", "all", "the").err
    assert say("-q", "watch", "add", "more", "the").err == ""


@pytest.mark.parametrize(
    ("answer", "words", "code", "is_added"),
    [(b"n\n", (), 1, False), (b"\n", (), 0, True), (b"", ("--yes",), 0, True)],
)
def test_on_a_terminal_one_is_asked(
    installation, answer: bytes, words: tuple[str, ...], code: int, *, is_added: bool
) -> None:
    """Unless one said yes already."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "watch", "add", "orbit", "orbit", *words],
        cwd=installation.folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.write(ours, answer)
        assert process.stdout is not None
        out = process.stdout.read().decode()
    os.close(theirs)
    os.close(ours)
    assert process.returncode == code
    assert "1 hit in 3 articles" in out
    assert ("added" in out) is is_added
    assert ("orbit:" in watchlists(installation)) is is_added
