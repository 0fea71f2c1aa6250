"""Whatever stands in a file, reading it gives settings or ConfigError, and each fault a true place."""

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.config import render_fault
from tests.config.folder import GOOD, Folder

WORDS = st.sampled_from(
    [
        "contact",
        "timezone",
        "database",
        "fetch",
        "every",
        "channels",
        "digests",
        "type",
        "email",
        "slack",
        "file",
        "smtp",
        "password",
        "webhook_url_env",
        "schedule",
        "cron",
        "watches",
        "all",
        "sources",
        "feed",
        "page",
        "links",
        "search",
        "watch",
        "text",
        "headers",
        "cookies",
        "basic_auth",
        "user",
        "proxy",
        "env",
        "X-Y_env",
        "ca_file",
        "was",
        "name",
        "id",
        "any",
        "not",
        "query",
        "long_forms",
        "rivals",
        "context",
        "languages",
        "only",
        "tags",
        "tiers",
        "AND",
        "NEAR/5",
        "EU",
        "AsterX",
        "{CSpO}",
        "*x",
        "&a",
        "!t",
        "<<:",
        "15",
        "~",
        "true",
        "https://a.example",
        "'x",
        '"x',
        "[",
        "]",
        "{",
        "}",
        "-",
        ":",
        "#",
        "|",
        ">",
        ",",
        "?",
        "%",
        "@",
        "`",
        "\\",
        "---",
        "...",
    ]
)
GAPS = st.sampled_from(
    ["", " ", "\n", "\n  ", "\n    ", ": ", "\n- ", "\n  - ", "\t", "\r\n", "\u2028", "\u00a0"]
)
YAMLISH = st.lists(st.tuples(WORDS, GAPS), max_size=25).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)
PREFIXES = st.sampled_from(
    [
        "",
        "sources:\n  - ",
        "sources:\n  - feed: https://a.example\n    headers: ",
        "sources:\n  - feed: https://a.example\n    cookies: {X-Y: ",
        "fetch: {proxy: ",
        "watches:\n  a:\n    any: ",
        "watches:\n  a:\n    any: [EU]\n    rivals: ",
        "watches:\n  a:\n    sources: ",
        "channels:\n  a: ",
        "digests:\n  a: ",
    ]
)
CONTENT = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.tuples(PREFIXES, YAMLISH).map(lambda parts: "".join(parts).encode()),
)
TREES = st.recursive(
    st.one_of(st.none(), WORDS, st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=15,
)


def judge(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        changed: dict[str, str | bytes | None] = {name: content}
        for fault in folder.faults({"X": "y"}, **changed):
            assert fault.line >= 1
            assert fault.column >= 1
            assert fault.width >= 1
            assert fault.message
            assert "\n" not in fault.message + fault.hint + fault.source_line
            assert render_fault(fault)


@given(st.sampled_from([name.removesuffix(".yaml") for name in GOOD]), CONTENT)
@example("sources", b'sources: ["\\ud800"]\n')
@example("sources", b'sources: ["\\U00110000"]\n')
@example("watchlists", b"watches: {a: {any: [{: }]}}\n")
@example("watchlists", b"watches: {a: {any: [x], sources: [[a], {b: c}, ~], languages: {en: fr}}}\n")
@example(
    "watchlists", b"watches: {a: {any: [x], sources: {only: {a: b}, tags: x}, context: [{a: b}, [c]]}}\n"
)
@example("newsbot", b"? [a]\n: b\n")
@example(
    "sources",
    b"sources: [{feed: x, headers: [a], cookies: {a: {b: {c: d}}}, basic_auth: [x], proxy: {a: b}}]\n",
)
@example(
    "sources",
    b"sources: [{feed: 'https://a.example', headers: {a: {env: [x]}, b_env: {c: d}, c: ~, d: {}}}]\n",
)
@example("newsbot", b"digests: {a: {schedule: 'x', channels: [[a]], watches: {a: b}}}\n")
@example("newsbot", b"channels: {a: {type: [x]}, b: {type: {}}, c: [], d: 3, e: }\n")
@example("newsbot", b"channels: {a: {type: email, smtp: [x], to: {a: b}, from: []}}\n")
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    """Nothing but ConfigError leaves this room."""
    judge(name, content)


@given(st.sampled_from([name.removesuffix(".yaml") for name in GOOD]), TREES)
@settings(max_examples=150, deadline=None)
def test_any_shape_is_read_or_refused(name: str, tree: object) -> None:
    """Valid YAML of a wrong shape included."""
    text = repr_yaml(tree)
    judge(name, text.encode("utf-8", "replace"))


def repr_yaml(tree: object) -> str:
    """Return a tree as flow YAML, its texts in double quotes."""
    if tree is None:
        return "~"
    if isinstance(tree, str):
        return (
            '"'
            + "".join(
                f"\\U{ord(character):08x}" if not character.isalnum() else character for character in tree
            )
            + '"'
        )
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{repr_yaml(key)}: {repr_yaml(value)}" for key, value in tree.items()) + "}"
    assert isinstance(tree, list)
    return "[" + ", ".join(map(repr_yaml, tree)) + "]"
