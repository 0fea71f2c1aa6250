"""What YAML's parsers complain of is told in words, whichever of the two parsers is installed."""

import pytest
import yaml

from bot.config.faults import Document
from bot.config.yaml_words import syntax_fault

PARSERS = [loader for name in ("CSafeLoader", "SafeLoader") if (loader := getattr(yaml, name, None))]
BROKEN = {
    "a:\n\tb: 1\n": ("a tab stands", 2),
    "a: 'x\nb: 2\n": ("a quotation mark", 1),
    "a: [x, y\nb: 2\n": ("what '[' opens", 1),
    "a: {b: c\n": ("what '{' opens", 1),
    "a: [x, #y]\nb: 2\n": ("what '[' opens", 1),
    "a: [x,\n": ("what '[' opens", 1),
    "a: [* x]\n": ("a value cannot begin with '*'", 1),
    'any:\n  - "A X" OR b\n': ("'- ' was expected", 2),
    "any:\n  - {CSpO} OR b\n": ("'- ' was expected", 2),
    "q: {CSpO} AND x\n": ("the value ended", 1),
    "a: 'it's'\n": ("the value ended", 1),
    "a: b: c\n": ("a colon is not expected", 1),
    "a\nb: c\n": ("a colon is not expected", 2),
    "a:\n  - x\n  b: c\n": ("'- ' was expected", 3),
    " a: 1\nb: 2\n": ("this stands outside", 2),
    "a: @x\n": ("a value cannot begin with '@'", 1),
    "a: `x`\n": ("a value cannot begin with '`'", 1),
    "a: %x\n": ("a value cannot begin with '%'", 1),
    'a: "\\d"\n': ("a backslash in double quotes", 1),
    "a: - x\n": ("a '- ' item is not expected", 1),
    "a: >x\n b\n": ("text cannot follow '|' or '>'", 1),
    "a: ]\n": ("a value is missing", 1),
    "sources:\n- a\n-b\n": ("this line has no ':'", 3),
    "a: !! b\n": ("'!' begins a tag", 1),
    "%YAML 2.0\n---\na: 1\n": ("the file asks for another version", 1),
}


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@pytest.mark.parametrize("text", BROKEN)
def test_a_complaint_is_told_in_words(text: str, parser: type) -> None:
    """The same words and the same line from both parsers."""
    message, line = BROKEN[text]
    document = Document.of(text, file="x.yaml", order=0)
    with pytest.raises(yaml.YAMLError) as caught:
        list(yaml.parse(text, Loader=parser))
    place, said, hint = syntax_fault(caught.value, document)
    assert said.startswith(message)
    assert place.line + 1 == line
    assert hint


@pytest.mark.parametrize("item", ["defen?e", "x?"])
def test_a_question_mark_in_a_flow_list_asks_for_quotes(item: str) -> None:
    """PyYAML's own parser refuses it; libyaml takes it as it is."""
    text = f"any: [{item}, b]\n"
    with pytest.raises(yaml.YAMLError) as caught:
        list(yaml.parse(text, Loader=yaml.SafeLoader))
    _, _, hint = syntax_fault(caught.value, Document.of(text, file="x.yaml", order=0))
    assert "put quotes around the whole item" in hint
