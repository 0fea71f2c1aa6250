"""What is refused, and how: every fault at once at its place, warnings, and no watch that fails in silence."""

from pathlib import Path

import pytest

from bot.config import Settings
from bot.errors import Fault, QueryError
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.model import Watch
from bot.run.reload import Reloader
from tests.cli.told import sayer
from tests.config.folder import Folder
from tests.match.language.reading import an_article

SOURCES = """\
sources:
  - {id: ministry, feed: 'https://ministry.example', language: fr, tags: [defence]}
  - {id: ledger, feed: 'https://ledger.example', language: en, tags: [space]}
"""


def unmarked(text: str) -> str:
    """Return a text without the marks ``⟦`` and ``⟧`` around what a pointer has to underline."""
    return text.replace("⟦", "").replace("⟧", "")


def place(text: str) -> tuple[int, int]:
    """Return the line and the column of the mark ``⟦``."""
    before = text[: text.index("⟦")]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def warnings(folder: Folder, lines: str) -> list[Fault]:
    """Return what is said of the one watch of these lines, with the marks taken out."""
    told = folder.load(watchlists=unmarked(f"watches:\n  a:\n{lines}"), sources=SOURCES).warnings
    return [warning for warning in told if warning.file.endswith("watchlists.yaml")]


def underlined(fault: Fault) -> str:
    """Return what the pointer underlines."""
    return fault.source_line[fault.column - 1 :][: fault.width]


# The rule: "`newsbot check` lists all faults at once as `file:line:column: message`, points at the
# character inside the query, says what was expected and the nearest valid name."

BROKEN = """\
watches:
  one:
    query: 'AsterX OR (Toulouse AND Japan OR x1)'
  two:
    any: [foo, "(bar"]
    not:
      - titel:baz
    long_forms: [a OR b]
  three:
    query: >
      AsterX AND
      missile NEAR Toulouse
    langauges: [en]
"""
FAULTS = [
    (3, "OR", "AND and OR are mixed without parentheses", "Toulouse AND (Japan OR x1)"),
    (5, "(", 'this "(" is not closed', '")" was expected'),
    (7, "titel:", '"titel:" is no field', "did you mean title:?"),
    (8, "OR", "an item here is one phrase, without 'OR'", "an item of each part"),
    (12, "NEAR", "NEAR needs a number", "NEAR/5"),
    (13, "langauges", "unknown key 'langauges'", "did you mean 'languages'?"),
]


def test_all_faults_are_told_at_once_each_at_its_character_with_what_was_expected(folder: Folder) -> None:
    faults = sorted(folder.faults(watchlists=BROKEN, sources=SOURCES), key=lambda fault: fault.line)
    assert [(fault.line, underlined(fault), fault.message) for fault in faults] == [row[:3] for row in FAULTS]
    for fault, (*_, hint) in zip(faults, FAULTS, strict=True):
        assert hint in fault.hint
        assert str(fault).startswith(
            f"{folder.path}/watchlists.yaml:{fault.line}:{fault.column}: {fault.message}"
        )


def test_newsbot_check_prints_them_all_with_pointers(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_all(watchlists=BROKEN, sources=SOURCES)
    monkeypatch.setenv("COLUMNS", "200")
    told = sayer(capsys)("--config", str(folder.path), "check")
    assert told.code == 2
    for line, part, message, _ in FAULTS:
        assert f"watchlists.yaml:{line}:" in told.err
        assert message in told.err
        assert "^" * len(part) in told.err
    assert "6 errors" in told.err


@pytest.mark.parametrize(
    "text",
    [
        "watches:\n  a: {query: 'foo AND ⟦)⟧'}\n",
        "watches:\n  a:\n    query: foo AND bar ⟦OR⟧ baz\n",
        "watches:\n  a:\n    query: |\n      foo\n      AND ⟦)⟧ bar\n",
        "watches:\n  a:\n    query: >-\n      foo AND\n\n      (bar) ⟦)⟧\n",
        'watches:\n  a:\n    any:\n      - foo\n      - "foo ⟦)⟧"\n',
        "watches:\n  a: {any: [foo, 're:/a⟦(⟧b/']}\n",
        "watches:\n  a: {any: ['it''s ⟦)⟧']}\n",
        "watches:\n  a: {all: ['連合 ⟦)⟧']}\n",
    ],
)
def test_the_pointer_finds_its_character_in_every_style_of_yaml(folder: Folder, text: str) -> None:
    faults = folder.faults(watchlists=unmarked(text), sources=SOURCES)
    assert place(text) in [(fault.line, fault.column) for fault in faults]


# The rule: "Warnings: a term of one or two letters without braces; a term with inner capitals and no
# `long_forms` (CSpO will also find CSPO); a query whose only positive terms are very common words; a NOT
# that removes all; a watch that no source in its scope can satisfy."


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("    any: [AsterX, ⟦EU⟧]\n", "two letters long, and letter case does not count"),
        ("    query: AsterX OR ⟦X⟧\n", "one letter long, and letter case does not count"),
        ("    any: [⟦CSpO⟧]\n", "'CSpO' will also find 'CSPO'"),
        ("    any: [⟦the⟧]\n", "a very common word: the watch will find nearly every article"),
        ("    query: '(⟦the⟧ OR of) AND (from OR with)'\n", "very common words"),
        ("    any: [AsterX]\n    not: [⟦aster*⟧]\n", "removes every article in which 'AsterX' is found"),
        ("    any: [Aster X]\n    not: [⟦aster⟧]\n", "removes every article"),
        ("    any: [AsterX ⟦NEAR/11⟧ Toulouse]\n", "11 words may stand between"),
        ("    any: ['⟦site:ministry.example⟧']\n", "looked at for every article"),
        ("    any: [AsterX]\n    sources: {tags: [⟦defense⟧]}\n", "no source has the tag 'defense'"),
        ("    any: [AsterX]\n    ⟦languages⟧: [ja]\n", "no source in the scope of the watch is declared"),
        ("    any: [AsterX]\n    ⟦sources⟧: {tags: [space], only: [ministry]}\n", "it can find nothing"),
    ],
)
def test_what_works_but_was_hardly_meant_is_a_warning_at_its_place(
    folder: Folder, lines: str, says: str
) -> None:
    (warning,) = warnings(folder, lines)
    assert says in warning.message
    assert underlined(warning) == lines[lines.index("⟦") + 1 : lines.index("⟧")]
    assert warning.hint


@pytest.mark.parametrize(
    "lines",
    [
        "    any: ['{EU}', '{CSpO}']\n",
        "    any: [CSpO]\n    long_forms: [Combined Space Operations]\n",
        "    any: [the exercise AsterX]\n",
        "    any: [AsterX]\n    all: [the]\n",
        "    any: [AsterX]\n    not: [missile]\n",
        "    any: [AsterX NEAR/10 Toulouse]\n",
        "    any: [AsterX]\n    languages: [en]\n    sources: {tags: [space, defence]}\n",
    ],
)
def test_what_was_meant_brings_no_warning(folder: Folder, lines: str) -> None:
    assert warnings(folder, lines) == []


def test_newsbot_check_shows_warnings_and_succeeds(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_all(watchlists="watches:\n  a: {any: [AsterX, EU]}\n", sources=SOURCES)
    monkeypatch.setenv("COLUMNS", "200")
    told = sayer(capsys)("--config", str(folder.path), "check")
    assert told.code == 0
    assert "watchlists.yaml:2:21" in told.err
    assert "'EU' is two letters long" in told.err


# The rule: "A watch that fails to parse never silently matches nothing: at start it is an error, at reload
# the last good configuration stays in force."


def test_a_watch_that_does_not_parse_is_an_error_wherever_it_is_used() -> None:
    for use in (lambda watch: compile_watches([watch]), lambda watch: parse(watch.query)):
        with pytest.raises(QueryError):
            use(Watch(key="broken", query="a OR b c"))
    with pytest.raises(QueryError) as caught:
        compile_watches([Watch(key="fine", query="a"), Watch(key="broken", query="a OR b c")])
    assert caught.value.subject == "broken"


@pytest.mark.parametrize("command", ["once", "run", "check", "backfill", "mentions", "status"])
def test_at_start_it_is_an_error(
    folder: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    database = f"sqlite:///{tmp_path}/newsbot.db"
    folder.write_all(
        newsbot=f"contact: a@b.org\ndatabase: {database}\n", watchlists="watches:\n  a: {any: [(foo]}\n"
    )
    told = sayer(capsys)("--config", str(folder.path), command)
    assert (told.code, told.out) == (2, "")
    assert 'this "(" is not closed' in told.err


def test_at_reload_the_last_good_configuration_stays_in_force(folder: Folder) -> None:
    """And once the file is whole again it is taken over."""
    folder.write_all(watchlists="watches:\n  a: {any: [AsterX]}\n", sources=SOURCES)
    reloader = Reloader(folder.path, folder.read)
    folder.write("watchlists.yaml", "watches:\n  a: {any: [AsterX OR]}\n")
    assert reloader.look() is None
    folder.write("watchlists.yaml", "watches:\n  a: {any: [AsterX, Toulouse]}\n")
    settings = reloader.look()
    assert isinstance(settings, Settings)
    assert compile_watches(settings.watches).find(an_article("Toulouse"))
