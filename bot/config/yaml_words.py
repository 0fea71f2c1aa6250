"""What YAML's parser complains of → what to tell somebody who never heard of YAML.

PyYAML has two parsers, libyaml's and its own, that word the same fault differently; both are known
here. What neither knows keeps the parser's own words.
"""

import re
from typing import Any, NamedTuple

import yaml

from bot.config.faults import Document, Place

_QUOTES = "put quotes around the whole item"
#: Comments and quoted texts first, so that a bracket within them does not count.
_BRACKETS = re.compile(r"(?:^|(?<=[\s\[{,]))#.*|(?:(?<=[\s\[{,:])|^)(?:\"[^\"]*\"|'[^']*')|[][{}]")
_INVISIBLE = re.compile(r"[ ]*[\u00a0\u2000-\u200b\u3000\ufeff]")


class _Said(NamedTuple):
    """One complaint; ``{char}`` is what stands at its place, ``{closing}`` what would close it."""

    pattern: str
    message: str
    hint: str
    #: the fault began where the parser's context began, not where it gave up
    began: bool = False


_NOT_CLOSED = _Said(
    r"expected ',' or '[]}]'",
    "what '{char}' opens here is not closed where it should be",
    f"close it with '{{closing}}'; where an item holds ? * : # or a bracket, {_QUOTES}",
    began=True,
)
_COMPLAINTS = (
    _Said(
        r"unexpected end of stream",
        "a quotation mark opened here is never closed",
        "close it with the same mark",
        began=True,
    ),
    _Said(r"escape", "a backslash in double quotes needs another one before it", "or use single quotes"),
    _Said(r"tab character|'\\t'", "a tab stands where only spaces may", "indent with spaces"),
    _NOT_CLOSED,
    _Said(
        r"mapping values are not allowed",
        "a colon is not expected here",
        "check the indentation, and whether the line above lacks its colon; "
        "if the colon belongs to the text, put quotes around the text",
    ),
    _Said(
        r"sequence entries are not allowed",
        "a '- ' item is not expected here",
        "begin the list on a line of its own",
    ),
    _Said(
        r"could not find expected ':'",
        "this line has no ':' after the key",
        "write `key: value`, or `- item` with a blank after the dash",
        began=True,
    ),
    _Said(r"expected alphabetic or numeric", "a value cannot begin with '{char}'", _QUOTES, began=True),
    _Said(
        r"expected '-' indicator|while parsing a block collection.*expected <block end>",
        "'- ' was expected here",
        "where text follows a closing quote or brace, put single quotes around the whole item; "
        "else begin the item with '- ' under the others",
    ),
    _Said(
        r"expected key|expected <block end>",
        "the value ended before this",
        "where text follows a closing quote or brace, put single quotes around the whole value; "
        "else check the indentation",
    ),
    _Said(r"<document start>", "this stands outside of what came before", "check the indentation"),
    _Said(
        r"comment or line break|chomping or indentation",
        "text cannot follow '|' or '>' on the same line",
        "put quotes around the whole value",
    ),
    _Said(r"expected (the )?node content", "a value is missing before this", f"remove it, or {_QUOTES}"),
    _Said(r"incompatible YAML", "the file asks for another version of YAML", "remove the '%YAML' line"),
    _Said(
        r"tag URI|expected URI|parsing a tag|scanning a tag|tag handle",
        "'!' begins a tag here, and tags are not read",
        _QUOTES,
        began=True,
    ),
)


def syntax_fault(error: Exception, document: Document) -> tuple[Place, str, str]:
    """Return the place, the message and the hint for what YAML's parser refused."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return document.at(0, 0), "this is not YAML", "an escape in double quotes stands for no character"
    problem, context = _place(document, error.problem_mark), _place(document, error.context_mark)
    place = problem or context or document.at(0, 0)
    said = f"{error.context or ''}: {error.problem or ''}"
    if "cannot start any token" in said:
        return (place, *_cannot_start(place))
    if "node content" in said and (opened := _left_open(document, place)):
        return (opened, *_filled(_NOT_CLOSED, opened, place))
    for complaint in _COMPLAINTS:
        if re.search(complaint.pattern, said):
            pointed = context if complaint.began and context else place
            return (pointed, *_filled(complaint, pointed, place))
    return place, f"this is not YAML: {error.problem or 'it cannot be read'}", _invisible(place)


def _place(document: Document, mark: Any) -> Place | None:
    return None if mark is None else document.at(mark.line, mark.column)


def _left_open(document: Document, end: Place) -> Place | None:
    """Return the last bracket before a place that nothing closes; None when all are closed there."""
    opened: list[Place] = []
    for number, line in enumerate(document.lines[: end.line + 1]):
        for found in _BRACKETS.finditer(line[: end.column] if number == end.line else line):
            if found[0] in "[{":
                opened.append(document.at(number, found.start()))
            elif found[0] in "]}" and opened:
                opened.pop()
    return opened[-1] if opened else None


def _cannot_start(place: Place) -> tuple[str, str]:
    character = place.character
    if character == "\t":
        return "a tab stands where only spaces may", "indent with spaces"
    return f"a value cannot begin with '{character}'", _QUOTES


def _filled(complaint: _Said, pointed: Place, stumbled: Place) -> tuple[str, str]:
    """Return message and hint with their characters, after a look for what the eye cannot see there."""
    character = pointed.character
    words = {"char": character, "closing": "}" if character == "{" else "]"}
    hint = complaint.hint.format_map(words)
    # a ' #' before the closing bracket ate it: nothing in the parser's words says so
    if character in "[{" and complaint.began and re.search(r"[\s\[{,]#", pointed.rest):
        hint = f"'#' begins a comment and hides the rest of its line: {_QUOTES}"
    return complaint.message.format_map(words), _invisible(stumbled) or hint


def _invisible(place: Place) -> str:
    if _INVISIBLE.match(place.text):
        return "the line is indented with characters that only look like spaces: delete them"
    return ""
