"""A watch is added to its file as a person would add it: one more entry, and not a byte of the rest changed."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.config import add_watch, starter
from bot.errors import ConfigError, FailureKind, NewsbotError, QueryError
from bot.model import Watch
from tests.config.folder import VALIDATORS, Folder
from tests.config.test_property import CONTENT

QUERY = 'AsterX OR ("Aster X" NOT NEAR/8 (missile OR "SAMP/T"))'


def added(folder: Folder, text: str | bytes | None, key: str = "new", **given: object) -> str:
    """Add a watch to a file with this text, and return the file's text afterwards."""
    if text is not None:
        folder.write("watchlists.yaml", text)
    given = given or {"query": "AsterX"}
    path = add_watch(folder.path, key, validators=VALIDATORS, **given)  # type: ignore[arg-type]
    return path.read_bytes().decode()


def watches(folder: Folder) -> list[Watch]:
    """Return what the program reads in the folder."""
    folder.write_all(watchlists=None)
    return list(folder.read().watches)


def test_a_watch_is_added_behind_the_others(folder: Folder) -> None:
    """With the indentation, the lists and the blank lines that the file has."""
    text = """\
# Our desk's watches.   (ask Ada before you edit)

watches:
    cspo:                         # keeps its key
        any: [ "{CSpO}" , 'Combined Space Operations' ]

    # the exercise
    asterx:
        any:
        - AsterX                  # as one word
        - "Aster X"

    # old:
    #     any: [x]
"""
    assert added(folder, text, query=QUERY, name="New: one", context=["space", "satellit*"]) == text + (
        f"""
    new:
        name: 'New: one'
        query: '{QUERY}'
        context:
        - space
        - 'satellit*'
"""
    )
    assert [watch.key for watch in watches(folder)] == ["cspo", "asterx", "new"]
    assert watches(folder)[2] == Watch(
        key="new", query=QUERY, name="New: one", context=("space", "satellit*")
    )


def test_every_list_can_be_given(folder: Folder) -> None:
    """What is empty is left out."""
    added(
        folder,
        None,
        "cspo-2",
        name="CSpO",
        description="it's ten nations",
        any=["CSpO", "{CSpO}", "yes", "C++: the language", "a 'b' #c"],
        all=["space"],
        none=["scrum"],
        long_forms=["Combined Space Operations"],
        rivals=["Certified Scrum Product Owner"],
        context=["defen?e"],
        languages=["en", "no"],
    )
    (watch,) = watches(folder)
    assert watch == Watch(
        key="cspo-2",
        query=VALIDATORS.compose(
            any=["CSpO", "{CSpO}", "yes", "C++: the language", "a 'b' #c"], all=["space"], none=["scrum"]
        ),
        name="CSpO",
        description="it's ten nations",
        long_forms=("Combined Space Operations",),
        rivals=("Certified Scrum Product Owner",),
        context=("defen?e",),
        languages=("en", "no"),
    )


@pytest.mark.parametrize("text", [None, "", "\n\n", "\ufeff"])
def test_a_file_that_is_not_there_is_made(folder: Folder, text: str | None) -> None:
    """With a head that helps editors and people."""
    after = added(folder, text)
    assert "# yaml-language-server: $schema=./schema/watchlists.schema.json\n" in after
    assert after.endswith("\nwatches:\n  new:\n    query: AsterX\n")
    assert [watch.key for watch in watches(folder)] == ["new"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("watches:\n", "watches:\n  new:\n    query: AsterX\n"),
        ("watches:", "watches:\n  new:\n    query: AsterX\n"),
        ("watches: {}\n", "watches:\n  new:\n    query: AsterX\n"),
        ("watches: { }  # none yet\n", "watches:  # none yet\n  new:\n    query: AsterX\n"),
        ("watches: ~\n", "watches:\n  new:\n    query: AsterX\n"),
        ("watches: null # none\n# end\n", "watches: # none\n# end\n  new:\n    query: AsterX\n"),
        ("watches:\n  # a: {any: [x]}\n", "watches:\n  # a: {any: [x]}\n  new:\n    query: AsterX\n"),
        ("# nothing yet\n", "# nothing yet\nwatches:\n  new:\n    query: AsterX\n"),
        ("# nothing yet", "# nothing yet\nwatches:\n  new:\n    query: AsterX\n"),
        ("watches:\n  a: {any: [x]}", "watches:\n  a: {any: [x]}\n  new:\n    query: AsterX\n"),
        ("watches:\n a: {any: [x]}\n", "watches:\n a: {any: [x]}\n new:\n   query: AsterX\n"),
        (
            "watches:\n  a:\n    any: [x]\n\n\n",
            "watches:\n  a:\n    any: [x]\n\n\n  new:\n    query: AsterX\n",
        ),
        ("watches:\n  a: {any: [x]}\n...\n", "watches:\n  a: {any: [x]}\n  new:\n    query: AsterX\n...\n"),
        ("---\nwatches:\n  a: {any: [x]}\n", "---\nwatches:\n  a: {any: [x]}\n  new:\n    query: AsterX\n"),
        (
            "watches:\n  a:\n    query: |+\n      foo\n\n",
            "watches:\n  a:\n    query: |+\n      foo\n\n  new:\n    query: AsterX\n",
        ),
        (
            "watches: &all\n  a: &a {any: [x]}\n  b: *a\n",
            "watches: &all\n  a: &a {any: [x]}\n  b: *a\n  new:\n    query: AsterX\n",
        ),
        (
            "watches:\n  a:\n    any: >-\n      - no\n",
            None,
        ),
    ],
)
def test_whatever_the_file_is_like_the_rest_stays(folder: Folder, before: str, after: str | None) -> None:
    """Empty, commented out, without a last line end, with marks of YAML's own."""
    assert added(folder, before) == (after or before + "\n  new:\n    query: AsterX\n")


def test_windows_line_ends_stay(folder: Folder) -> None:
    """And the new lines have them, too."""
    text = "\ufeffwatches:\r\n  a:\r\n    any: [x]\r\n\r\n  b:\r\n    any: [y]"
    assert added(folder, text) == text + "\r\n\r\n  new:\r\n    query: AsterX\r\n"
    assert [watch.key for watch in watches(folder)] == ["a", "b", "new"]


@pytest.mark.parametrize("key", ["no", "null", "2027", "-x", "on", "1e3", "_"])
def test_a_key_that_yaml_takes_for_something_else_is_quoted(folder: Folder, key: str) -> None:
    """Every reader of YAML finds the same key."""
    assert f"\n  '{key}':\n" in added(folder, None, key)
    assert [watch.key for watch in watches(folder)] == [key]


def test_the_shipped_file_takes_another_watch(folder: Folder) -> None:
    """And then one more."""
    text = starter()["watchlists.yaml"]
    first = added(folder, text, "one", query=QUERY)
    assert first == f"{text}\n  one:\n    query: '{QUERY}'\n"
    second = added(folder, None, "two", any=["foo", "bar baz"])
    assert second == f"{first}\n  two:\n    any:\n      - foo\n      - bar baz\n"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("watches: {a: {any: [x]}}\n", (1, 1), "the watches stand in braces"),
        ("watches: {\n  a: {any: [x]},\n  b: {any: [y]},\n}\n", (1, 1), "the watches stand in braces"),
        ("{watches: {a: {any: [x]}}}\n", (1, 2), "the watches stand in braces"),
        ("watches: [a]\n", (1, 1), "'watches' must be"),
        ("watches: none\n", (1, 1), "'watches' must be"),
        ("watchs:\n  a: {any: [x]}\n", (1, 1), "unknown key 'watchs'"),
        ("watches:\n\ta: x\n", (2, 1), "a tab stands"),
        ("- a\n", (1, 1), "the file must begin with a key"),
        ("watches:\n  a: {any: [x]}\n  a: {any: [y]}\n", (3, 3), "the key 'a' is given twice"),
        (b"watches:\n  a: {name: \xe9}\n", (2, 13), "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_told_with_the_place(
    folder: Folder, text: str | bytes, place: tuple[int, int], message: str
) -> None:
    """And is left as it is."""
    path = folder.write("watchlists.yaml", text)
    before = path.read_bytes()
    with pytest.raises(ConfigError) as caught:
        added(folder, None)
    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == place
    assert message in fault.message
    assert path.read_bytes() == before


def test_a_key_that_is_taken_is_refused_with_its_place(folder: Folder) -> None:
    """In whichever file it stands."""
    folder.write_all()
    folder.write("watchlists.d/more.yaml", "watches:\n  more: {any: [x]}\n")
    for key, place in (("cspo", "watchlists.yaml:2:3"), ("more", "watchlists.d/more.yaml:2:3")):
        with pytest.raises(NewsbotError, match=rf"there is a watch of this key at .*{place}"):
            added(folder, None, key)


def test_a_broken_file_beside_it_is_told(folder: Folder) -> None:
    """Whether it has the key, nobody knows."""
    folder.write("watchlists.d/more.yaml", "watches: [\n")
    with pytest.raises(ConfigError, match="not closed"):
        added(folder, "watches:\n")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"key": "a b"}, "the key of a watch"),
        ({"key": ""}, "the key of a watch"),
        ({"query": "foo OR bar AND baz"}, "mixed"),
        ({"any": ["(foo"]}, "not closed"),
        ({"none": ["foo"]}, "nothing to look for"),
        ({"query": None}, "nothing to look for"),
        ({"query": "foo", "any": ["bar"]}, "a query is given beside"),
        ({"query": "foo", "rivals": ["a OR b"]}, "one phrase"),
        ({"query": "foo", "context": ["NOT b"]}, "one word or phrase"),
        ({"query": "foo", "languages": ["jp"]}, "two letters"),
        ({"query": "foo", "name": "a\x00b"}, "a control character"),
        ({"query": "foo", "name": "\ud800"}, "a control character"),
        ({"query": "foo", "long_forms": ["x y"], "rivals": ["X Y"]}, "among the long_forms"),
    ],
)
def test_what_is_no_watch_is_refused_and_nothing_written(
    folder: Folder, given: dict[str, object], message: str
) -> None:
    """The query's error knows its character."""
    with pytest.raises(NewsbotError, match=message) as caught:
        added(folder, None, **{"query": None if "any" in given or "none" in given else "foo"} | given)  # type: ignore[arg-type]
    assert not list(folder.path.iterdir())
    if isinstance(caught.value, QueryError):
        assert caught.value.query or message == "nothing to look for"


def test_a_read_only_file_is_told_with_what_to_do(folder: Folder) -> None:
    """Somebody meant it to stay."""
    path = folder.write("watchlists.yaml", "watches:\n", mode=0o440)
    with pytest.raises(NewsbotError) as caught:
        added(folder, None)
    assert (caught.value.kind, caught.value.hint) == (
        FailureKind.READ_ONLY,
        "make it writable: chmod u+w, and try again",
    )
    assert path.read_text() == "watches:\n"


def test_a_folder_that_cannot_be_written_is_told(folder: Folder) -> None:
    """A link into nowhere can be read by nobody and written by nobody."""
    with pytest.raises(ConfigError, match="there is no such folder"):
        add_watch(folder.path / "none", "new", validators=VALIDATORS, query="foo")
    (folder.path / "watchlists.yaml").symlink_to(folder.path / "no" / "such.yaml")
    with pytest.raises(NewsbotError, match="leads to no file"):
        added(folder, None)


def test_the_file_keeps_its_mode_and_a_link_stays_one(folder: Folder) -> None:
    """No copy is left beside it."""
    real = folder.write("elsewhere/mine.yaml", "watches:\n", mode=0o640)
    link = folder.path / "watchlists.yaml"
    link.symlink_to(real)
    added(folder, None)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text() == "watches:\n  new:\n    query: AsterX\n"
    assert [path.name for path in real.parent.iterdir()] == ["mine.yaml"]


COMMENTS = st.sampled_from(["", "  # c\n", "# c\n", "\n", "   \n", "  # b: {any: [x]}\n"])
ENTRIES = st.sampled_from(
    [
        "{key}: {{any: [foo, 'b # c']}}\n",
        '{key}:   {{ query: "foo" }}   # why\n',
        "{key}:\n    any:\n    - foo\n    - bar\n",
        "{key}:\n      any:\n        - foo   # x\n      not: [bar]\n",
        "{key}:\n    query: |\n      foo OR\n      bar\n\n",
        "{key}:\n    query: >+\n      foo\n\n\n",
        "{key}:\n    name: 'it''s'\n    query: foo\n      OR bar\n",
        "'{key}':\n    any: [\n      foo,\n    bar]\n",
        "{key}: &{key} {{any: [宇宙]}}\n",
    ]
)


@example([], "\n", False, " ")
@given(
    st.lists(st.tuples(COMMENTS, ENTRIES), max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_any_file_keeps_every_byte(
    entries: list[tuple[str, str]], end: str, is_whole: bool, name: str
) -> None:
    """And holds the new watch, whatever its name."""
    text = "watches:\n" + "".join(
        f"{comment}  {entry.format(key=f'w{number}')}" for number, (comment, entry) in enumerate(entries)
    )
    text = text.replace("\n", end) if is_whole else text.rstrip("\n").replace("\n", end)
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        folder.write_all(watchlists=text)
        before = list(folder.read().watches)
        after = added(folder, None, name=name, query=QUERY)
        assert after.startswith(text)
        found = list(folder.read().watches)
        assert found[:-1] == before
        assert (found[-1].key, found[-1].query, found[-1].name) == ("new", QUERY, name.strip() or "new")


@given(CONTENT)
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_added_to_or_refused(content: bytes) -> None:
    """What is refused is left as it is, and what is not has one more watch."""
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        file = folder.write("watchlists.yaml", content)
        try:
            added(folder, None)
        except NewsbotError:
            assert file.read_bytes() == content
        else:
            assert b"  new:" in file.read_bytes()
            with pytest.raises(NewsbotError, match="there is a watch of this key"):
                added(folder, None)
