"""Any text is read back from YAML as it was, whichever parser reads it, and plain words stay plain."""

from datetime import timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config.written import as_key, as_node, as_plain, as_value
from bot.config.yaml_nodes import CONTROL

PARSERS = [loader for name in ("CSafeLoader", "SafeLoader") if (loader := getattr(yaml, name, None))]
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not CONTROL.search(text))


@pytest.mark.parametrize(
    "text",
    [
        "Combined Space Operations",
        "opérations spatiales",
        "連合宇宙作戦",
        "it's",
        "AsterX (2027)",
        "foo OR bar",
    ],
)
def test_plain_words_stay_plain(text: str) -> None:
    """A person would write no quotes around them."""
    assert as_value(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("yes", "'yes'"),
        ("Null", "'Null'"),
        ("12", "'12'"),
        ("{CSpO}", "'{CSpO}'"),
        ("satellit*", "'satellit*'"),
        ("foo: bar", "'foo: bar'"),
        ("foo #bar", "'foo #bar'"),
        ("'quoted'", "'''quoted'''"),
        (" x", "' x'"),
        ("", "''"),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_what_yaml_could_take_for_something_else_is_quoted(text: str, written: str) -> None:
    """In single quotes, where nothing needs an escape."""
    assert as_value(text) == written


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@given(text=TEXTS)
def test_a_value_is_read_back_as_it_was(parser: type, text: str) -> None:
    """As an item of a list, and behind a key; as text for every reader."""
    written = as_value(text)
    assert "\n" not in written
    found = yaml.load(f"a:\n  - {written}\nb: {written}\n", Loader=parser)
    assert found == {"a": [text], "b": text}


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@given(key=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True))
def test_a_key_is_read_back_as_it_was(parser: type, key: str) -> None:
    """Never as a number or a truth value."""
    assert yaml.load(f"  {as_key(key)}:\n    a: b\n", Loader=parser) == {key: {"a": "b"}}


@pytest.mark.parametrize(
    ("value", "written", "within"),
    [
        ("https://a.example/x?y=1&z={query}", "https://a.example/x?y=1&z={query}", "'https://a.example/x?y=1&z={query}'"),
        ("https://a.example/x:", "'https://a.example/x:'", "'https://a.example/x:'"),
        ("Paris, Texas", "Paris, Texas", "'Paris, Texas'"),
        (True, "true", "true"),
        ("true", "'true'", "'true'"),
        (3, "3", "3"),
        (timedelta(minutes=90), "90 min", "90 min"),
        ("10 MB", "10 MB", "10 MB"),
        (["a", "b, c", 1], "[a, 'b, c', 1]", "[a, 'b, c', 1]"),
        ({"user": "u", "password_env": "P"}, "{user: u, password_env: P}", "{user: u, password_env: P}"),
    ],
)  # fmt: skip
def test_a_value_of_a_source_is_written_as_a_person_would(value: object, written: str, within: str) -> None:
    """In braces and brackets some signs need quotes that need none elsewhere."""
    assert as_node(value) == written
    assert as_node(value, within=True) == within


VALUES = st.recursive(
    TEXTS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@given(value=VALUES, quote=st.sampled_from(["'", '"']))
def test_any_value_is_read_back_as_it_was(parser: type, value: object, quote: str) -> None:
    """In lines and in braces, with either sort of quotes."""
    written = as_node(value, quote=quote)
    assert "\n" not in written
    assert yaml.load(f"a: {written}\nb: [{as_node(value, within=True, quote=quote)}]\n", Loader=parser) == {
        "a": as_plain(value),
        "b": [as_plain(value)],
    }
