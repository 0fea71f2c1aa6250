"""A second reading judges only what changed, and gives what a first one would."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Settings, Validators, load
from bot.errors import ConfigError, Fault
from tests.config.folder import VALIDATORS, Folder


class Counted:
    """Rules that know how often they were asked."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.asked = 0
        rules = {
            name: getattr(VALIDATORS, name)
            for name in ("query", "phrase", "context", "advice", "schedule", "cron", "searchable", "channels")
        }
        self.rules = Validators(compose=self.compose, **rules)

    def compose(self, **lists: list[str]) -> str:
        self.asked += 1
        return VALIDATORS.compose(**lists)

    def read(self, environ: dict[str, str] | None = None) -> Settings:
        self.asked = 0
        return load(self.folder.path, validators=self.rules, environ=environ or {})

    def faults(self) -> tuple[Fault, ...]:
        with pytest.raises(ConfigError) as caught:
            self.read()
        return caught.value.faults


@pytest.fixture
def rules(folder: Folder) -> Counted:
    """A folder with a file of three watches and one of one, and rules that remember."""
    folder.write_all(watchlists="watches:\n  one: {any: [EU]}\n  two: {any: [foo]}\n  three: {any: [bar]}\n")
    folder.write("watchlists.d/more.yaml", "watches:\n  more: {any: [baz]}\n")
    return Counted(folder)


def fresh(folder: Folder) -> Settings:
    """Return what a first reading gives."""
    return load(folder.path, validators=replace(VALIDATORS, memory=Counted(folder).rules.memory), environ={})


def test_what_did_not_change_is_not_judged_again(folder: Folder, rules: Counted) -> None:
    """A change in one file leaves the other files alone."""
    rules.read()
    assert rules.asked == 4
    rules.read()
    assert rules.asked == 0
    folder.write("watchlists.d/more.yaml", "watches:\n  more: {any: [qux]}\n")
    assert [watch.query for watch in rules.read().watches] == ["EU", "foo", "bar", "qux"]
    assert rules.asked == 1
    assert rules.read() == fresh(folder)


def test_a_change_that_keeps_time_and_size_is_seen(folder: Folder, rules: Counted) -> None:
    """The bytes count, not what the file system says of them."""
    rules.read()
    path = folder.path / "watchlists.yaml"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"foo", b"fop"))
    import os

    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rules.read().watches[1].query == "fop"


def test_warnings_are_said_every_time(rules: Counted) -> None:
    """At the same place."""
    first, second = rules.read().warnings, rules.read().warnings
    assert first == second
    assert any("'EU' is two letters long" in warning.message for warning in second)


def test_faults_are_told_every_time(folder: Folder, rules: Counted) -> None:
    """Beside those of a file that was read before."""
    folder.write("watchlists.d/more.yaml", "watches:\n  more: {any: [(foo]}\n  fine: {any: [foo]}\n")
    folder.write("sources.yaml", "sources: [nowhere]\n")
    first = rules.faults()
    assert [fault.file.rsplit("/", 1)[1] for fault in first] == ["more.yaml", "sources.yaml"]
    assert rules.faults() == first
    # the faulty watch alone, and its item by itself
    assert rules.asked == 2


def test_a_key_in_two_files_is_found_among_remembered_ones(folder: Folder, rules: Counted) -> None:
    """Whichever of the two files changed."""
    rules.read()
    folder.write("watchlists.d/more.yaml", "watches:\n  two: {any: [baz]}\n")
    (fault,) = rules.faults()
    assert fault.message == f"'two' is also at {folder.path}/watchlists.yaml:3:3"
    assert rules.faults() == (fault,)


def test_a_changed_source_is_seen_by_a_remembered_watch(folder: Folder, rules: Counted) -> None:
    """What files say of each other is never remembered."""
    folder.write("watchlists.d/more.yaml", "watches:\n  more: {any: [foo], sources: [one-example-feed]}\n")
    rules.read()
    folder.write("sources.yaml", "sources:\n  - https://two.example/feed\n")
    (fault,) = rules.faults()
    assert fault.message == "there is no source 'one-example-feed'"
    assert rules.asked == 0


def test_a_file_that_comes_between_moves_no_place(folder: Folder, rules: Counted) -> None:
    """The order of the report is that of the files."""
    rules.read()
    folder.write("watchlists.d/a.yaml", "watches:\n  first: {any: [UN]}\n")
    assert rules.read().warnings == fresh(folder).warnings
    (folder.path / "watchlists.d/a.yaml").unlink()
    assert rules.read() == fresh(folder)


def test_secrets_are_looked_up_every_time(folder: Folder, rules: Counted) -> None:
    """A rotated one is taken over although its file is as it was."""
    folder.write("newsbot.yaml", "contact: a@b.org\nchannels: {s: {type: slack, webhook_url_env: HOOK}}\n")
    one, two = ("https://hooks.slack.com/services/a", "https://hooks.slack.com/services/b")
    assert rules.read({"HOOK": one}).secrets == (one,)
    assert rules.read({"HOOK": two}).secrets == (two,)


def test_an_open_file_is_noticed_when_its_rights_change(folder: Folder, rules: Counted) -> None:
    """Who may read it is no part of its bytes."""
    slack = (
        "contact: a@b.org\nchannels: {s: {type: slack, webhook_url: 'https://hooks.slack.com/services/a'}}\n"
    )
    path = folder.write("newsbot.yaml", slack)
    closed = rules.read().warnings
    path.chmod(0o644)
    assert len(rules.read().warnings) == len(closed) + 1


def test_rules_that_are_others_judge_anew(folder: Folder, rules: Counted) -> None:
    """The memory belongs to the rules."""
    rules.read()
    others = Counted(folder)
    others.read()
    assert others.asked == 4


def test_an_alias_is_two_watches(folder: Folder, rules: Counted) -> None:
    """One node, two keys."""
    folder.write("watchlists.yaml", "watches:\n  one: &x {any: [foo]}\n  two: *x\n")
    for _ in range(2):
        assert [watch.key for watch in rules.read().watches] == ["one", "two", "more"]


def test_another_folder_is_another_configuration(folder: Folder, rules: Counted, tmp_path: Path) -> None:
    """Although the files are called the same."""
    rules.read()
    other = Folder(tmp_path / "other")
    other.write_all(watchlists="watches:\n  one: {any: [other]}\n")
    settings = load(other.path, validators=rules.rules, environ={})
    assert [watch.query for watch in settings.watches] == ["other"]
    assert len(rules.read().watches) == 4
