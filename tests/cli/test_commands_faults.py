"""Bad input: an exit code, one message with what to do next, and never a traceback."""

import pytest

from tests.cli.told import Say, sayer
from tests.harness import Installation

COMMANDS = (
    "check", "once", "run", "status", "mentions", "articles", "explain 1", "backfill", "digest list",
    "digest preview brief", "digest send brief", "channel", "channel test folder", "deliveries",
    "source list", "source try x", "source why orbital-ledger", "source value", "source export", "source fix",
    "source pause orbital-ledger", "start CSpO",
)  # fmt: skip


@pytest.fixture
def installation(tmp_path) -> Installation:
    made = Installation(tmp_path)
    made.configure(
        sources=[{"name": "Orbital Ledger", "feed": "https://ledger.example/feed.xml", "allow_private": []}],
        channels={"folder": {"type": "file", "path": "sent"}},
        digests={"brief": {"name": "Brief", "schedule": "every day at 07:00", "channels": ["folder"]}},
        fetch={},
    )
    return made


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation.folder)
    return sayer(capsys)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_broken_configuration_is_told_by_every_command(say, installation, command):
    (installation.folder / "config" / "watchlists.yaml").write_text("watches:\n  x: {any: [a AND]}\n")
    told = say(*command.split())
    assert (told.code, told.out) == (2, "")
    assert "watchlists.yaml:2:" in told.err


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if command not in ("source try x", "start CSpO")]
)
def test_a_missing_configuration_says_how_to_make_one(say, command):
    told = say("--config", "nowhere", *command.split())
    assert (told.code, told.out) == (2, "")
    assert "newsbot init" in told.err


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("once orbital-ledgr", "orbital-ledger"),
        ("mentions --watch csp", "CSpO"),
        ("articles --source orbital-ledgr", "orbital-ledger"),
        ("backfill asterix", "asterx"),
        ("digest preview bref", "brief"),
        ("digest send brief --to foldr", "folder"),
        ("channel test foldr", "folder"),
        ("config schema source", "sources"),
        ("mentionz", "mentions"),
    ],
)
def test_the_nearest_name_is_offered(say, command, meant):
    say("source", "list")
    told = say(*command.split())
    assert (told.code, told.out) == (2, "")
    assert meant in told.err


@pytest.mark.parametrize(
    "command",
    [
        "mentions --limit 0",
        "mentions --limit -1",
        f"articles --limit {10**30}",
        f"explain {10**30}",
        "explain x",
        "explain 99",
        "mentions --since yesterday",
        "mentions --since 999999w",
        "articles --since 3months",
        "mentions --state gone",
        "mentions --json --csv",
        "once --host-pause -1",
        "once --host-pause 1e300",
        "once --host-pause 0",
        "source try http://x.example --allow-private here",
        "digest preview brief --html /proc/none/x.html",
        "config schema --to /proc/none",
        "--database nonsense status",
        "--database mysql://x/y mentions",
        "--database sqlite:////proc/none/x.db mentions",
        "--log-format xml status",
        "init",
        "demo --folder config",
    ],
)
def test_what_cannot_be_done_as_asked_is_a_usage_error(say, command):
    told = say(*command.split())
    assert (told.code, told.out) == (2, "")
    assert told.err.strip()


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_left_alone(say, installation, content):
    file = installation.folder / "newsbot.db"
    file.write_bytes(content)
    told = say("mentions")
    assert told.code in (1, 2)
    assert "newsbot.db" in told.err
    assert file.read_bytes() == content


@pytest.mark.parametrize("word", ["", "  ", '""', "a AND", "caf\udce9", "tab\there"])
def test_what_is_no_word_writes_nothing(say, tmp_path, word):
    told = say("--config", "fresh", "start", word)
    assert (told.code, told.out) == (2, "")
    assert not (tmp_path / "fresh").exists()


def test_start_without_words_says_what_it_wants(say):
    assert say("start").code == 2
