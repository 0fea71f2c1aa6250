"""The command contract: fields, types, exit codes and streams that scripts of others rely on."""

import csv
import io
import json
import os
import re
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

MENTION = [
    "id", "watch", "article_id", "url", "title", "source", "outlet", "language", "published_at", "found_at",
    "state", "sense", "revision", "spans", "excerpt", "story_id",
]  # fmt: skip
ARTICLE = [
    "id", "url", "canonical_url", "title", "authors", "language", "published_at", "first_seen_at", "source",
    "story_id", "revision", "text_from",
]  # fmt: skip
DELIVERY = ["id", "digest", "channel", "state", "attempts", "sent_at", "message_id", "error"]
SOURCE = {"name", "kind", "url", "health", "next_fetch_at", "last_fetch_at", "last_outcome", "entries"}
ONCE = {"sources", "entries_new", "articles_new", "mentions_new", "duration_s", "failures"}
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TEXT = [
    "Ministers of ten countries met in Wellington on Friday to agree on rules for manoeuvres in orbit.",
    "The initiative, CSpO for short, has existed since 2014 and now counts ten members, officials said.",
    "A joint statement is expected by the end of the week, together with a list of points of contact.",
]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that read a site once, found a mention and sent a digest to a file; one source is dead."""
    made = Installation(tmp_path_factory.mktemp("commands"))
    with LocalSite(name="Ledger") as site:
        site.add_article("told", "Ten partners – agreed", TEXT, author="Ada Moreau", published=NOW)
        site.add_article("other", "=Rules(1)", [*TEXT[:1], *TEXT[2:]], published=NOW - timedelta(hours=1))
        site.set_page("/dead", "gone", status=500)
        made.configure(
            sources=[{"name": "Ledger", "feed": site.feed_url}, {"name": "Dead", "feed": f"{site.url}/dead"}],
            channels={"folder": {"type": "file", "path": str(made.folder / "sent"), "format": "html"}},
            digests={"brief": {"name": "Brief", "schedule": "every day at 07:00", "channels": ["folder"]}},
        )
        summary = made.newsbot("once", "--no-baseline", "--json", check=False)
        (made.folder / "once.json").write_text(summary.stdout)
        assert summary.returncode == 4, summary.stderr
        yield made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def test_mentions_have_the_fields_of_the_contract(say):
    (row,) = say("mentions", "--json").json
    assert list(row) == MENTION
    assert (row["watch"], row["source"], row["outlet"], row["language"]) == ("cspo", "ledger", "Ledger", "en")
    assert (row["state"], row["sense"], row["revision"]) == ("new", None, 1)
    assert row["published_at"] == "2026-11-23T09:00:00Z"
    assert UTC_TIME.fullmatch(row["found_at"])
    assert [set(span) for span in row["spans"]] == [{"field", "start", "end", "term"}]
    assert "CSpO" in row["excerpt"]


def test_articles_have_the_fields_of_the_contract(say):
    rows = say("articles", "--json").json
    assert [list(row) for row in rows] == [ARTICLE, ARTICLE]
    told = next(row for row in rows if row["title"].startswith("Ten"))
    assert (told["authors"], told["text_from"], told["revision"]) == (["Ada Moreau"], "page", 1)
    assert UTC_TIME.fullmatch(told["first_seen_at"])
    assert all(TEXT[0] in row["text"] for row in say("articles", "--json", "--text").json)


def test_sources_have_the_fields_of_the_contract(say):
    rows = {row["name"]: row for row in say("source", "list", "--json").json}
    assert all(set(row) >= SOURCE for row in rows.values())
    assert (rows["Ledger"]["kind"], rows["Ledger"]["health"]) == ("feed", "ok")
    assert (rows["Ledger"]["last_outcome"], rows["Ledger"]["entries"]) == ("ok", 2)
    assert rows["Dead"]["last_outcome"] == "server_error"
    assert all(UTC_TIME.fullmatch(row["next_fetch_at"]) for row in rows.values())


def test_the_summary_of_once_has_the_fields_of_the_contract(installation):
    summary = json.loads((installation.folder / "once.json").read_text())
    assert set(summary) >= ONCE
    assert summary["sources"] == {"ok": 1, "failed": 1, "not_modified": 0}
    assert (summary["entries_new"], summary["articles_new"], summary["mentions_new"]) == (2, 2, 1)
    assert [set(failure) for failure in summary["failures"]] == [{"source", "kind", "detail"}]
    assert summary["failures"][0]["kind"] == "server_error"


def test_a_digest_is_previewed_sent_and_stands_in_the_ledger(say, installation):
    assert "Ten partners" in say("digest", "preview", "brief").out
    page = installation.folder / "new" / "page.html"
    assert say("digest", "preview", "brief", "--html", str(page)).out == ""
    assert "Ten partners" in page.read_text(encoding="utf-8")
    assert say("digest", "send", "brief").code == 0
    (row,) = say("deliveries", "--json").json
    assert list(row) == DELIVERY
    assert (row["digest"], row["channel"], row["state"], row["error"]) == ("brief", "folder", "sent", None)
    assert UTC_TIME.fullmatch(row["sent_at"])
    assert list((installation.folder / "sent").glob("*.html"))


def test_csv_has_a_head_and_no_formulas(say):
    rows = list(csv.reader(io.StringIO(say("articles", "--csv").out)))
    assert rows[0] == ARTICLE
    assert "'=Rules(1)" in [row[3] for row in rows]
    assert next(csv.reader([say("mentions", "--state", "withdrawn", "--csv").out])) == MENTION


def test_json_lines_are_one_object_a_line_and_nothing_is_an_empty_list(say):
    assert [json.loads(line)["source"] for line in say("articles", "--jsonl").out.splitlines()] == [
        "ledger"
    ] * 2
    assert say("mentions", "--state", "withdrawn", "--json").json == []
    assert say("mentions", "--state", "withdrawn", "--jsonl").out == ""


@pytest.mark.parametrize(
    ("group", "listed"),
    [("mentions", "Ten partners"), ("articles", "=Rules"), ("deliveries", ""), ("source", "Dead"),
     ("digest", "every day at 07:00"), ("channel", "folder")],
)  # fmt: skip
def test_a_bare_group_lists(say, group, listed):
    told = say(group)
    assert told.code == 0
    assert listed in told.out


def test_names_may_stand_for_keys(say):
    assert len(say("mentions", "--watch", "CSpO", "--json").json) == 1
    assert len(say("articles", "--source", "Ledger", "--json").json) == 2


def test_explain_shows_the_query_and_where_it_stands(say):
    told = say("explain", "1")
    assert "MATCH" in told.out
    assert "text 1×" in told.out
    assert say("explain", "1", "--json").json["matched"] is True


def test_status_says_what_needs_a_look(say):
    told = say("status")
    assert (told.code, told.err) == (0, "")
    assert "not running" in told.out
    assert "HTTP 500" in told.out or "500" in told.out
    status = say("status", "--json").json
    assert (status["running"], status["counts"]["articles"]) == (None, 2)


def test_check_counts_what_it_read(say):
    told = say("check")
    assert told.code == 0
    assert "1 channel, 1 digest" in told.out
    assert "2 watches" in told.out


def test_backfill_finds_nothing_twice(say):
    told = say("backfill")
    assert (told.code, told.out) == (
        0, "2 articles searched, 0 mentions found that were not known\n",
    )  # fmt: skip


def test_the_schemas_are_printed_and_written(say, tmp_path):
    assert say("config", "schema", "sources").json["$schema"]
    assert say("config", "schema", "--to", str(tmp_path / "schemas")).code == 0
    assert len(list((tmp_path / "schemas").glob("*.schema.json"))) == 3


def test_the_folder_is_an_option_or_a_variable(say, installation, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    config = str(installation.folder / "config")
    assert len(say("--config", config, "articles", "--json").json) == 2
    monkeypatch.setenv("NEWSBOT_CONFIG", config)
    assert len(say("articles", "--json").json) == 2


def test_a_database_may_be_named_without_a_configuration(say, installation, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert len(say("--database", installation.database, "mentions", "--json").json) == 1


def test_whoever_stops_reading_costs_nobody_an_error(installation):
    program = [sys.executable, "-m", "bot", "articles", "--json", "--text"]
    with subprocess.Popen(
        program,
        cwd=installation.folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_an_output_that_knows_few_letters_still_gets_valid_json(installation):
    plain = Installation(installation.folder, environ={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    rows = json.loads(plain.newsbot("articles", "--json").stdout)
    assert "Ten partners – agreed" in [row["title"] for row in rows]
    assert "Ten partners" in plain.newsbot("articles").stdout
