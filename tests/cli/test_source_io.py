"""`newsbot source import` and `export`: lists from and for other programs, the same sources both ways."""

import json
import os
import subprocess
import sys

import pytest

from bot.app import settings_from
from bot.model import SourceKind
from tests.cli.told import Say, sayer
from tests.harness import ROOT, Installation

SOURCES = [
    {"name": "Ledger", "feed": "https://ledger.example/rss", "tags": ["space", "daily"], "language": "en"},
    {
        "id": "press", "name": "Press: room", "page": "https://agency.example/press", "links": "main h3 a",
        "every": "30 min", "allow_private": ["10.1.0.0/16"],
    },
    {"name": "Map", "sitemap": "https://map.example/news.xml", "newer_than": "3 days"},
    {"name": "Search", "search": "https://search.example/?q={query}", "tier": "aggregator"},
    {"name": "Changes", "page": "https://page.example/", "watch": "text", "enabled": False},
    {"name": "Secret", "feed": "https://secret.example/", "basic_auth": {"user": "desk", "password": "hunter2"}},
]  # fmt: skip


def installed(folder, sources=SOURCES) -> Installation:
    made = Installation(folder)
    made.configure(sources=[], fetch={}, watches={"cspo": {"name": "CSpO", "any": ["CSpO"]}})
    text = json.dumps({"sources": sources}) if sources else "sources: []\n"
    (folder / "config" / "sources.yaml").write_text(text)
    return made


@pytest.fixture
def installation(tmp_path) -> Installation:
    return installed(tmp_path)


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


def known(folder) -> list[tuple[object, ...]]:
    return [
        (source.key, source.name, source.kind, source.url, source.links, source.tags, source.language, source.tier,
         source.enabled, source.newer_than, source.adapts)
        for source in settings_from(folder / "config").sources
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["opml", "csv"])
def test_what_is_exported_and_imported_is_the_same(say, tmp_path, installation, form, monkeypatch):
    text = say("source", "export", "--format", form).out
    (tmp_path / "other").mkdir()
    other = installed(tmp_path / "other", sources=[])
    (other.folder / f"list.{form}").write_text(text)
    monkeypatch.chdir(other.folder)
    told = say("source", "import", f"list.{form}")
    assert told.code == 0, told.err
    assert "added 6 sources" in told.out
    assert known(other.folder) == known(installation.folder)
    again = say("source", "import", f"list.{form}")
    assert (again.code, "added 0 sources, 6 configured already" in again.out) == (0, True)


def test_an_exported_configuration_is_one(say, tmp_path, installation):
    text = say("source", "export", "--format", "yaml").out
    before = known(tmp_path)
    (tmp_path / "config" / "sources.yaml").write_text(text)
    assert known(tmp_path) == before


@pytest.mark.parametrize("form", ["opml", "csv", "yaml", "urls"])
def test_nothing_that_a_source_is_trusted_with_is_exported(say, tmp_path, form):
    told = say("source", "export", "--format", form, "--output", "out.txt")
    assert (told.code, told.out) == (0, "")
    text = (tmp_path / "out.txt").read_text()
    assert "https://ledger.example/rss" in text
    assert "hunter2" not in text
    assert "10.1.0.0" not in text


OPML = """<opml version="2.0"><body>
<outline text="Space"><outline text="Orbit" xmlUrl="https://orbit.example/feed"/>
<outline text="Bad" xmlUrl="javascript:alert(1)"/></outline>
<outline text="Ledger too" xmlUrl="http://www.ledger.example/rss/"/>
<outline text="Orbit" xmlUrl="https://orbit.example/feed"/>
<outline text="Ledger" xmlUrl="https://another.example/feed" newsbot:tier="royal" newsbot:every="5 min"/>
</body></opml>"""


def test_a_list_is_cleaned_and_what_is_wrong_is_told_with_its_line(say, tmp_path):
    (tmp_path / "feeds.opml").write_text(OPML)
    told = say("source", "import", "feeds.opml", "--tags", "imported")
    assert told.code == 4
    assert "feeds.opml:3 Bad: only addresses" in told.err
    assert (
        "added 2 sources to config/sources.yaml, 1 configured already, 1 named twice in the list, 1 refused"
        in told.out
    )
    orbit, other = settings_from(tmp_path / "config").sources[-2:]
    assert (orbit.name, orbit.kind, orbit.tags) == ("Orbit", SourceKind.FEED, ("Space", "imported"))
    assert other.key not in ("ledger", "orbit")
    assert (other.tier, other.every.total_seconds()) == (None, 300)


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(say, tmp_path):
    (tmp_path / "feeds.opml").write_text(OPML)
    before = (tmp_path / "config" / "sources.yaml").read_text()
    told = say("source", "import", "feeds.opml", "--dry-run")
    assert "feed: https://orbit.example/feed" in told.out
    assert "would add 2 sources" in told.err
    assert (tmp_path / "config" / "sources.yaml").read_text() == before


def test_a_plain_list_comes_by_stdin(tmp_path, installation):
    data = b"https://a.example/feed.xml\nhttps://b.example/\n"
    command = [sys.executable, "-m", "bot", "source", "import", "-"]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, input=data, env=environ, cwd=tmp_path, check=True, capture_output=True)
    feed, bare = settings_from(tmp_path / "config").sources[-2:]
    assert (feed.kind, bare.kind) == (SourceKind.FEED, SourceKind.AUTO)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("none.opml", None, 2), ("empty.txt", b"", 1), ("words.txt", b"# nothing\n", 1),
     ("bomb.opml", b'<!DOCTYPE x [<!ENTITY a "b">]><opml><outline xmlUrl="https://a.example/"/></opml>', 1)],
)  # fmt: skip
def test_what_is_no_list_changes_nothing(say, tmp_path, name, data, code):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    before = (tmp_path / "config" / "sources.yaml").read_text()
    told = say("source", "import", name)
    assert (told.code, told.out) == (code, "")
    assert name in told.err
    assert (tmp_path / "config" / "sources.yaml").read_text() == before


def test_a_thousand_feeds_are_imported_at_once(say, tmp_path):
    rows = "".join(f'<outline text="S{n}" xmlUrl="https://s{n}.example/feed"/>' for n in range(1000))
    (tmp_path / "many.opml").write_text(f"<opml><body>{rows}</body></opml>")
    assert "added 1,000 sources" in say("source", "import", "many.opml").out
    assert len(settings_from(tmp_path / "config").sources) == 1006
