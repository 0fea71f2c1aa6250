"""Any text is read back from YAML as it was, whichever parser reads it, and plain words stay plain."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config.written import as_key, as_value
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
