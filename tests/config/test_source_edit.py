"""A source is added, changed and taken out as a person would do it, and not a byte of the rest changes."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.config import (
    Edit,
    add_source,
    add_sources,
    change_source,
    plan_add,
    plan_change,
    plan_remove,
    remove_source,
    starter,
)
from bot.errors import ConfigError, FailureKind, NewsbotError
from bot.model import Source, SourceKind, Tier
from tests.config.folder import Folder
from tests.config.test_property import CONTENT

NEW = {"name": "New", "feed": "https://new.example/feed"}


def text_after(folder: Folder, text: str | bytes | None, *items: Any) -> str:
    """Add sources to a file with this text, and return the file's text afterwards."""
    if text is not None:
        folder.write("sources.yaml", text)
    return add_sources(folder.path, items or (NEW,)).path.read_bytes().decode()


def sources(folder: Folder) -> dict[str, Source]:
    """Return what the program reads in the folder, by key."""
    folder.write_all(sources=None)
    return {source.key: source for source in folder.read().sources}


IN_LINES = """\
# Where we look.   (ask Ada before you edit)
sources:
    - https://one.example/feed      # the first

    # their own site
    -   name: Two                   # keeps its name
        feed: "https://two.example/feed?a=b"
        tags:
          - space   # as a tag
          - defence

    # - https://old.example
"""


def test_a_source_is_added_behind_the_others(folder: Folder) -> None:
    """With the indentation, the quotes and the blank lines that the file has."""
    fields = {
        "name": "New: one",
        "page": "https://new.example/press",
        "links": 'a[href*="/20"]',
        "tags": ["space", "a, b"],
        "every": timedelta(minutes=30),
        "pages": 2,
        "enabled": False,
        "language": None,
        "basic_auth": {"user": "desk", "password_env": "DESK"},
    }
    assert text_after(folder, IN_LINES, fields) == IN_LINES + (
        """
    -   name: "New: one"
        page: https://new.example/press
        links: 'a[href*="/20"]'
        tags: [space, "a, b"]
        every: 30 min
        pages: 2
        enabled: false
        basic_auth: {user: desk, password_env: DESK}
"""
    )


def test_a_file_that_writes_braces_gets_braces(folder: Folder) -> None:
    """As long as the line stays short."""
    text = "sources:\n- {name: One, feed: 'https://one.example/feed'}\n"
    after = text_after(
        folder, text, NEW, NEW | {"name": "Long", "links": "x" * 90, "page": NEW["feed"], "feed": None}
    )
    assert after == (
        text
        + "- {name: New, feed: 'https://new.example/feed'}\n"
        + f"- name: Long\n  links: {'x' * 90}\n  page: https://new.example/feed\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, None),
        ("", None),
        ("\n\n", None),
        ("sources:\n", "sources:\n  - https://x.example/\n"),
        ("sources:", "sources:\n  - https://x.example/\n"),
        ("sources: []  # none yet\n", "sources:  # none yet\n  - https://x.example/\n"),
        ("sources: ~\n# end\n", "sources:\n# end\n  - https://x.example/\n"),
        ("# nothing yet", "# nothing yet\nsources:\n  - https://x.example/\n"),
        ("sources:\n- https://a.example", "sources:\n- https://a.example\n- https://x.example/\n"),
        (
            "sources:\n  - https://a.example\n...\n",
            "sources:\n  - https://a.example\n  - https://x.example/\n...\n",
        ),
        ("sources: [https://a.example]\n", "sources: [https://a.example, 'https://x.example/']\n"),
        (
            'sources: [\n  "https://a.example",  # one\n]\n',
            'sources: [\n  "https://a.example", "https://x.example/",  # one\n]\n',
        ),
        ("{sources: [https://a.example]}\n", "{sources: [https://a.example, 'https://x.example/']}\n"),
        (
            "sources:\n  - &a https://a.example\n",
            "sources:\n  - &a https://a.example\n  - https://x.example/\n",
        ),
    ],
)
def test_whatever_the_file_is_like_the_rest_stays(
    folder: Folder, before: str | None, after: str | None
) -> None:
    """Empty, commented out, in brackets, without a last line end, with marks of YAML's own."""
    found = text_after(folder, before, "https://x.example/")
    if after is None:
        assert found.startswith("# yaml-language-server: $schema=./schema/sources.schema.json\n")
        assert found.endswith("\nsources:\n  - https://x.example/\n")
    else:
        assert found == after
    assert "x-example" in sources(folder)


def test_windows_line_ends_and_a_mark_at_the_head_stay(folder: Folder) -> None:
    """And the new lines have them, too."""
    text = "\ufeffsources:\r\n  - https://a.example"
    assert text_after(folder, text) == f"{text}\r\n  - name: New\r\n    feed: https://new.example/feed\r\n"


def test_the_shipped_file_takes_another_source(folder: Folder) -> None:
    """And a thousand more, in one go."""
    text = starter()["sources.yaml"]
    assert text_after(folder, text).startswith(text)
    many = [{"name": f"Source {number}", "feed": f"https://s{number}.example/feed"} for number in range(1000)]
    assert add_sources(folder.path, many).keys[-1] == "source-999"
    assert len(sources(folder)) > 1020


def test_an_address_alone_becomes_a_source_with_keys(folder: Folder) -> None:
    """It keeps its key, which its former address gave it, and its comment."""
    folder.write("sources.yaml", IN_LINES)
    edit = change_source(folder.path, "one-example-feed", set={"feed": "https://elsewhere.example/rss"})
    assert edit.path.read_text() == IN_LINES.replace(
        "    - https://one.example/feed      # the first\n",
        "    - id: one-example-feed      # the first\n      feed: https://elsewhere.example/rss\n",
    )
    assert sources(folder)["one-example-feed"].kind is SourceKind.FEED


@pytest.mark.parametrize(
    ("before", "change", "remove", "after"),
    [
        ("{name: A, feed: 'https://a.example'} # a", {"feed": "https://b.example"}, (), "{name: A, feed: 'https://b.example'} # a"),
        ("{name: A, feed: 'https://a.example'}", {"tier": "official"}, (), "{name: A, feed: 'https://a.example', tier: official}"),
        ("{name: A, tags: [x, y], feed: 'https://a.example'}", {}, ("tags",), "{name: A, feed: 'https://a.example'}"),
        ("{name: A, feed: 'https://a.example', every: 1 h}", {}, ("every",), "{name: A, feed: 'https://a.example'}"),
        ("name: A\n    feed: https://a.example  # a", {"feed": "https://b.example"}, (), "name: A\n    feed: https://b.example  # a"),
        (
            "name: A\n    page: https://a.example  # a\n    links: h3 a\n    # end",
            {"feed": "https://b.example"},
            ("page", "links"),
            "name: A\n    feed: https://b.example  # a\n    # end",
        ),
        ("name: A\n    feed: https://a.example", {"enabled": False}, (), "name: A\n    feed: https://a.example\n    enabled: false"),
        ("name: A\n    feed: https://a.example", {}, ("name",), "feed: https://a.example\n    id: a"),
        ("feed: https://a.example", {"name": "A"}, (), "feed: https://a.example\n    id: a-example\n    name: A"),
        ("feed: https://a.example", {"id": "b"}, (), "feed: https://a.example\n    id: b"),
        (
            "name: A\n    tags:\n      - x  # x\n    feed: https://a.example",
            {"tags": ["a", "b c"]},
            (),
            "name: A\n    tags: [a, b c]  # x\n    feed: https://a.example",
        ),
        ("name: A\n    feed: >-\n      https://a.example\n    every: 1 h", {"feed": "https://b.example"}, (), "name: A\n    feed: https://b.example\n    every: 1 h"),
        ("name: A\n    every:\n    feed: https://a.example", {"every": "2 h"}, (), "name: A\n    every: 2 h\n    feed: https://a.example"),
        ("name: A # a\n    # b\n    feed: https://a.example", {}, ("name",), "# a\n    # b\n    feed: https://a.example\n    id: a"),
    ],
)  # fmt: skip
def test_a_source_is_changed_where_it_stands(
    folder: Folder, before: str, change: dict[str, object], remove: tuple[str, ...], after: str
) -> None:
    """A value, a key, another kind; what is on the line behind stays there."""
    around = "# top\nsources:\n  - {}\n\n  # other\n  - https://z.example # z\n"
    folder.write("sources.yaml", around.format(before))
    key = "a-example" if before.startswith("feed") else "a"
    edit = change_source(folder.path, key, set=change, remove=remove)
    assert edit.path.read_text().replace("-  ", "- ") == around.format(after)


def test_a_source_of_another_file_is_changed_there(folder: Folder) -> None:
    """Sources stand in sources.d, too."""
    folder.write_all()
    path = folder.write("sources.d/more.yaml", "sources:\n  - {name: More, feed: 'https://more.example'}\n")
    assert change_source(folder.path, "more", set={"every": "1 h"}).path == path
    assert sources(folder)["more"].every == timedelta(hours=1)
    assert remove_source(folder.path, "more").path == path
    assert path.read_text() == "sources:\n"


def test_a_source_is_taken_out_with_its_lines(folder: Folder) -> None:
    """Comments above it stay, and nobody else's line goes."""
    folder.write("sources.yaml", IN_LINES)
    remove_source(folder.path, "two")
    after = remove_source(folder.path, "one-example-feed").path.read_text()
    assert after == (
        "# Where we look.   (ask Ada before you edit)\nsources:\n\n    # their own site\n\n    # - https://old.example\n"
    )
    assert sources(folder) == {}


def test_a_source_in_brackets_is_changed_and_taken_out(folder: Folder) -> None:
    """Few write them so, and it is YAML."""
    text = "sources: [ {name: A, feed: 'https://a.example'}, https://b.example, {name: C, feed: 'https://c.example'} ]\n"
    folder.write("sources.yaml", text)
    change_source(folder.path, "b-example", set={"sitemap": "https://b.example/map.xml"})
    assert remove_source(folder.path, "c").path.read_text() == (
        "sources: [ {name: A, feed: 'https://a.example'}, {id: b-example, sitemap: 'https://b.example/map.xml'} ]\n"
    )
    remove_source(folder.path, "a")
    assert list(sources(folder)) == ["b-example"]


def test_a_plan_writes_nothing_and_shows_what_it_would(folder: Folder) -> None:
    """For a command that asks first."""
    path = folder.write("sources.yaml", IN_LINES)
    added = plan_add(folder.path, [NEW])
    assert path.read_text() == IN_LINES
    assert added.lines == (13, 15, "\n    -   name: New\n        feed: https://new.example/feed\n")
    assert added.diff().splitlines()[-2:] == ["+    -   name: New", "+        feed: https://new.example/feed"]
    changed = plan_change(folder.path, "two", set={"feed": "https://three.example"})
    assert [line for line in changed.diff().splitlines() if line[0] in "+-"] == [
        '-        feed: "https://two.example/feed?a=b"',
        "+        feed: https://three.example",
    ]
    assert plan_change(folder.path, "two", set={"name": "Two"}).diff() == ""
    assert plan_remove(folder.path, "two").keys == ("two",)
    assert path.read_text() == IN_LINES


def test_what_somebody_changed_meanwhile_stays(folder: Folder) -> None:
    """An editor that was open all the time loses nothing."""
    path = folder.write("sources.yaml", IN_LINES)
    plan = plan_change(folder.path, "two", set={"feed": "https://three.example"})
    path.write_text(IN_LINES + "    - https://theirs.example\n")
    with pytest.raises(NewsbotError, match="somebody changed it just now"):
        plan.write()
    assert path.read_text().endswith("theirs.example\n")


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"name": "One", "feed": "https://x.example"}, "two sources have the key 'one'"),
        ({"fed": "https://x.example"}, "unknown key 'fed'"),
        ({"feed": "ftp://x.example"}, "must be a web address"),
        ({"feed": "https://x.example", "ca_file": "none.pem"}, "there is no file"),
        ({"feed": "https://x.example", "name": "a\x00b"}, "holds a control character"),
        ({"feed": "https://x.example", "tags": ["\ud800"]}, "holds a control character"),
        ({}, "the source has no address"),
        ("nowhere", "the address must be"),
        ({"feed": "https://x.example", "was": "one"}, "'was' is the key of a source that there still is"),
    ],
)
def test_what_would_not_load_is_refused_and_nothing_written(folder: Folder, item: Any, message: str) -> None:
    """The fault is that of the file as it would be."""
    path = folder.write("sources.yaml", "sources:\n  - {name: One, feed: 'https://one.example'}\n")
    before = path.read_bytes()
    with pytest.raises(NewsbotError, match=message):
        add_source(folder.path, item)
    assert path.read_bytes() == before


def test_an_old_fault_hinders_nobody(folder: Folder) -> None:
    """Only what an edit would add is its own; a faulty source can be changed, and taken out."""
    text = "sources:\n  - {name: A, fed: x}\n  - {name: B, feed: nowhere}\n"
    folder.write("sources.yaml", text)
    add_source(folder.path, NEW)
    remove_source(folder.path, "a")
    change_source(folder.path, "b", set={"feed": "https://b.example"})
    assert set(sources(folder)) == {"b", "new"}


def test_secrets_are_not_looked_up(folder: Folder) -> None:
    """Whoever adds a source may not be who runs the bot."""
    secret = NEW | {
        "proxy_env": "P",
        "headers": {"X-Api-Key_env": "KEY", "Authorization": {"file": "x"}},
        "cookies": {"a": {"env": "C"}},
        "basic_auth": {"user": "u", "password_file": "none"},
    }
    with pytest.raises(ConfigError, match="both given"):
        add_source(folder.path, secret)
    del secret["basic_auth"]
    add_source(folder.path, secret)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: none\n", "'sources' must be a list"),
        ("sources: {a: b}\n", "'sources' must be a list"),
        ("source:\n  - https://a.example\n", "unknown key 'source'"),
        ("sources:\n\t- x\n", "a tab stands"),
        ("- a\n", "the file must begin with a key"),
        (b"sources:\n  - \xe9\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_left_as_it_is(
    folder: Folder, text: str | bytes, message: str
) -> None:
    """With the place of its fault."""
    path = folder.write("sources.yaml", text)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=message):
        add_source(folder.path, NEW)
    assert path.read_bytes() == before


def test_a_file_of_the_wrong_name_is_not_left_aside(folder: Folder) -> None:
    """A new sources.yaml beside it would hide it for good."""
    folder.write("sources.yml", "sources:\n")
    with pytest.raises(NewsbotError, match="is not read") as caught:
        add_source(folder.path, NEW)
    assert caught.value.hint == "rename it to sources.yaml"


def test_an_unknown_key_is_told_with_the_nearest(folder: Folder) -> None:
    """For each command that names a source."""
    folder.write("sources.yaml", IN_LINES)
    with pytest.raises(NewsbotError) as caught:
        remove_source(folder.path, "one-exampel-feed")
    assert (caught.value.message, caught.value.hint) == (
        "there is no source of this key",
        "did you mean 'one-example-feed'?",
    )


def test_what_cannot_be_changed_in_place_is_left_to_its_owner(folder: Folder) -> None:
    """What an alias copies stands in two sources at once."""
    text = "sources:\n  - {name: A, feed: 'https://a.example', tags: &t [x]}\n  - {name: B, feed: 'https://b.example', tags: *t}\n"
    path = folder.write("sources.yaml", text)
    for change in ({"tags": ["y"]}, {"feed": "https://c.example", "tags": ["y"]}):
        with pytest.raises(NewsbotError, match="cannot be changed in place") as caught:
            change_source(folder.path, "b", set=change)
        assert "with an editor" in caught.value.hint
    assert path.read_text() == text


def test_an_address_alone_takes_no_keys_without_its_kind(folder: Folder) -> None:
    """What it is was to be found out; now it has to be said."""
    folder.write("sources.yaml", IN_LINES)
    with pytest.raises(NewsbotError, match="is an address alone") as caught:
        change_source(folder.path, "one-example-feed", set={"tags": ["x"]})
    assert "feed" in caught.value.hint


def test_the_file_keeps_its_mode_and_a_read_only_one_stays(folder: Folder) -> None:
    """Somebody meant it so."""
    path = folder.write("sources.yaml", IN_LINES, mode=0o600)
    add_source(folder.path, NEW)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o440)
    with pytest.raises(NewsbotError) as caught:
        remove_source(folder.path, "new")
    assert caught.value.kind is FailureKind.READ_ONLY


COMMENTS = st.sampled_from(["", "  # c\n", "# c - d: e\n", "\n", "   \n", "  # - https://b.example\n"])
#: how sources are written; {n} makes each of them another one
ITEMS = st.sampled_from(
    [
        "- https://s{n}.example/feed\n",
        "- 'https://s{n}.example/feed'   # why - not\n",
        "- {{name: Source {n}, feed: 'https://s{n}.example/feed'}}\n",
        '-   {{ "feed": "https://s{n}.example/feed",   name: "Source {n}" , tags: [a, "b # c"] }}   # why\n',
        "- name: Source {n}\n    feed: https://s{n}.example/feed\n",
        "- name: Source {n}   # a\n    # b\n    feed: >-\n      https://s{n}.example/feed\n\n",
        "-   feed: https://s{n}.example/feed\n      tags:\n      - a\n      - b   # c\n      name: 'Source {n}'\n",
        "-\n    name: Source\n      {n}\n    tags: [a,\n      b]\n    feed: 'https://s{n}.example/feed'   # c\n",
        "- feed: https://s{n}.example/feed\n    id: source-{n}\n    basic_auth:\n      user: u\n      password_env: P\n",
        "- name: Source {n}\n    language:   # none\n    feed: https://s{n}.example/feed\n    every: 1 h\n",
        "- &a{n} {{name: Source {n}, feed: 'https://s{n}.example/feed', tags: &t{n} [宇宙]}}\n",
    ]
)
LISTS = st.lists(st.tuples(COMMENTS, ITEMS), min_size=1, max_size=4)
ENDS = st.sampled_from(["\n", "\r\n"])
WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def chunks_of(entries: list[tuple[str, str]], end: str) -> list[str]:
    """Return a file of sources in parts: its head, and each source with the comments above it."""
    parts = ["sources:\n", *(f"{comment}  {item.format(n=n)}" for n, (comment, item) in enumerate(entries))]
    return [part.replace("\n", end) for part in parts]


def loaded(folder: Folder) -> list[Source]:
    folder.write_all(sources=None)
    return list(folder.read({"P": "p"}).sources)


@given(LISTS, ENDS, st.booleans(), WORDS)
@settings(max_examples=100, deadline=None)
def test_any_file_gets_one_more_source_and_keeps_every_byte(
    entries: list[tuple[str, str]], end: str, is_whole: bool, name: str
) -> None:
    """Whatever its name."""
    text = "".join(chunks_of(entries, end))
    text = text if is_whole else text.rstrip("\r\n")
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        folder.write("sources.yaml", text)
        before = loaded(folder)
        fields = {
            "id": "new",
            "name": name,
            "feed": "https://new.example/?a=b#c",
            "tags": [name],
            "tier": "general",
        }
        if not name.strip():
            with pytest.raises(ConfigError, match="must not be empty"):
                add_source(folder.path, fields)
            return
        after = text_after(folder, None, fields)
        assert after.startswith(text)
        *known, new = loaded(folder)
        assert known == before
        assert (new.key, new.name, new.tags, new.tier) == ("new", name.strip(), (name.strip(),), Tier.GENERAL)


@given(LISTS, ENDS, st.data())
@settings(max_examples=100, deadline=None)
def test_any_source_is_changed_and_keeps_its_key_and_the_others_every_byte(
    entries: list[tuple[str, str]], end: str, data: st.DataObject
) -> None:
    """Each value as it was given, all else as it was."""
    parts = chunks_of(entries, end)
    number = data.draw(st.integers(0, len(entries) - 1))
    change = data.draw(
        st.fixed_dictionaries(
            {"feed": st.sampled_from(["https://new.example/?q=1", "https://n.example/a'b,c"])},
            optional={
                "name": WORDS.filter(str.strip),
                "tags": st.lists(WORDS.filter(str.strip), min_size=1, max_size=2),
                "every": st.just("2 h"),
            },
        )
    )
    remove = data.draw(st.sets(st.sampled_from(["tags", "every", "language", "basic_auth", "id"])))
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        file = folder.write("sources.yaml", "".join(parts))
        before = loaded(folder)
        key = before[number].key
        change_source(folder.path, key, set=change, remove=remove - {"id"})
        after = file.read_bytes().decode()
        assert after.startswith("".join(parts[: number + 1]) + parts[number + 1][: len(entries[number][0])])
        assert after.endswith("".join(parts[number + 2 :]))
        found = loaded(folder)
        assert found[:number] + found[number + 1 :] == before[:number] + before[number + 1 :]
        assert (found[number].key, found[number].url) == (key, change["feed"])
        if "name" in change:
            assert found[number].name == change["name"].strip()
        tags = () if "tags" in remove else before[number].tags
        assert found[number].tags == tuple(dict.fromkeys(tag.strip() for tag in change.get("tags", tags)))


@given(LISTS, ENDS, st.data())
@settings(max_examples=100, deadline=None)
def test_any_source_is_taken_out_and_the_others_keep_every_byte(
    entries: list[tuple[str, str]], end: str, data: st.DataObject
) -> None:
    """And the comments above it stay."""
    parts = chunks_of(entries, end)
    number = data.draw(st.integers(0, len(entries) - 1))
    comment = parts[number + 1][: len(entries[number][0].replace("\n", end))]
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        file = folder.write("sources.yaml", "".join(parts))
        before = loaded(folder)
        remove_source(folder.path, before[number].key)
        after = file.read_bytes().decode()
        rest = "".join(parts[number + 2 :])
        assert after.startswith("".join(parts[: number + 1]) + comment)
        assert after.endswith(rest)
        # blank lines behind it may stay
        assert not after.removeprefix("".join(parts[: number + 1]) + comment).removesuffix(rest).strip()
        assert loaded(folder) == before[:number] + before[number + 1 :]


@given(CONTENT)
@example(b"sources:\n  - - a\n")
@example(b"sources:\n  - ? a\n    : b\n")
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_added_to_or_refused(content: bytes) -> None:
    """What is refused is left as it is, and what is not has one more source."""
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        file = folder.write("sources.yaml", content)
        try:
            edit = add_source(folder.path, NEW)
        except NewsbotError:
            assert file.read_bytes() == content
        else:
            assert isinstance(edit, Edit)
            with pytest.raises(NewsbotError, match="two sources have the key 'new'"):
                add_source(folder.path, NEW)
