"""The grammar of the watch language, and how its stumbles are told to a person.

Only tokens and their order live here; what they mean is built in ``bot.match.query``. What other
search tools write but this language does not has a token of its own, so that it is refused by name
instead of being read as a word.
"""

import difflib
import re
from typing import Final

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from bot.match.tree import DASHES, DELIMITERS, FIELDS

_END = rf"(?=[{DELIMITERS}]|\Z)"
#: priorities decide where two tokens fit; without them a longer pattern would win
GRAMMAR: Final = rf"""
start: sequence
sequence: operand ((AND | OR)? operand)*
?operand: (NOT | MINUS) operand -> negation
        | proximity
proximity: primary (NEAR primary)*
?primary: "(" sequence ")" -> group
        | FIELD primary -> within
        | ATLEAST sequence ")" -> at_least
        | WORD -> word
        | QUOTED -> quoted
        | BRACES -> braces
        | CS -> cs
        | REGEX -> regex
        | CALL -> refused

AND.5: /AND{_END}/
OR.5: /OR{_END}/
NOT.5: /NOT{_END}/
MINUS.5: /-(?=[^\s-])/
NEAR.6: /(?:NOT\s+)?(?:O?NEAR(?:\/[^{DELIMITERS}]*)?|(?:w|W|pre|PRE)\/\d+){_END}/
ATLEAST.6: /atleast\d*\s*\(/i
REGEX.7: /re:\/(?:\\.|[^\/\\])*\//s
FIELD.6: /[A-Za-z]+:/
CS.6: /cs\(\s*(?:"[^"]*"|'[^']*')\s*\)/
CALL.5: /cs\(/
QUOTED.4: /["“”„][^"“”„]*["“”]/
BRACES.4: /\{{[^{{}}]*\}}/
WORD: /[^{DASHES}{DELIMITERS}][^{DELIMITERS}]*/

%ignore /\s+/
"""
_BEFORE_NEGATION: Final = re.compile(r"(?:O?NEAR(?:/\S*)?|(?:w|W|pre|PRE)/\d+|[A-Za-z]+:)\Z")
_REGEX: Final = re.compile(r"re:/(?:\\.|[^/\\])*/", re.DOTALL)
_TERM_EXPECTED: Final = 'a word, a "phrase", {exact case} or ( was expected'


class Refusal(Exception):  # noqa: N818 - never leaves the room
    """What is wrong with a query, and where; becomes a QueryError."""

    def __init__(self, message: str, at: int, *, width: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.width = width
        self.hint = hint


def refusal_of_call(token: Token) -> Refusal:
    """Say why ``cs(`` cannot stand as it does."""
    return Refusal(
        'cs( is not followed by a quoted text and ")"',
        token.start_pos or 0,
        width=3,
        hint='write cs("CSpO") or {CSpO}',
    )


def refusal_of_field(token: Token) -> Refusal | None:
    """Say why a name with a colon is no field; None where it is one."""
    at, text = token.start_pos or 0, str(token)
    if text[:-1] in FIELDS:
        return None
    if text == "re:":
        hint = "write it between slashes: re:/F-?35/"
        return Refusal("re: is not followed by a regular expression", at, width=3, hint=hint)
    near = difflib.get_close_matches(text[:-1].lower(), FIELDS, n=1)
    hint = f"did you mean {near[0]}:?" if near else "put the text in quotes to look for it as it stands"
    return Refusal(f'"{text}" is no field', at, width=len(text), hint=hint)


def refusal_of_stumble(error: UnexpectedInput, text: str) -> Refusal:
    """Say what was expected where the parser could not go on."""
    if isinstance(error, UnexpectedCharacters):
        return _of_character(text, error.pos_in_stream or 0)
    if not isinstance(error, UnexpectedToken):
        return Refusal("the query cannot be read", 0)
    kind = error.token.type
    if kind == "$END":
        return _of_end(error, text)
    at, found = error.token.start_pos or 0, str(error.token)
    if kind == "RPAR" and not _open_brackets(text[:at]):
        return Refusal('this ")" closes nothing', at)
    if kind in ("NOT", "MINUS") and (before := _BEFORE_NEGATION.search(text[:at].rstrip())):
        return _negated_within(before[0], at, found)
    return Refusal(f'a term is missing before "{found}"', at, width=len(found), hint=_TERM_EXPECTED)


def _negated_within(before: str, at: int, found: str) -> Refusal:
    """Say how a negation is written that stands after NEAR or a field."""
    if before.endswith(":"):
        hint = f"write NOT {before}…"
    else:
        hint = f"write a NOT NEAR/{before.rpartition('/')[2] or 5} b for an a that has no b near it"
    return Refusal(f'"{found}" cannot stand after {before}', at, width=len(found), hint=hint)


def _of_end(error: UnexpectedToken, text: str) -> Refusal:
    if not text.strip():
        return Refusal("the query is empty", 0, hint=_TERM_EXPECTED)
    unclosed = _open_brackets(text)
    if unclosed and "RPAR" in error.expected:
        return Refusal('this "(" is not closed', unclosed[-1], hint='")" was expected at the end')
    last = text.split()[-1].lstrip("(")
    return Refusal(f'a term is missing after "{last or "("}"', len(text.rstrip()), hint=_TERM_EXPECTED)


def _of_character(text: str, at: int) -> Refusal:
    found = text[at]
    if text.startswith("/", at) and text.endswith("re:", 0, at):
        return Refusal("this regular expression is not closed", at, hint='"/" was expected after it')
    if found in '"“”„':
        return Refusal("this quotation mark is not closed", at)
    if found == "{":
        return Refusal('this "{" is not closed', at, hint='"}" was expected')
    if found == "}":
        return Refusal('this "}" closes nothing', at)
    if found in DASHES:
        hint = 'write "-" directly before what must be absent, or NOT'
        return Refusal(f'a "{found}" cannot stand here', at, hint=hint)
    return Refusal(f'"{found}" cannot stand here', at, hint=_TERM_EXPECTED)


def _open_brackets(text: str) -> list[int]:
    """Return where brackets stand open at the end of a text; what is quoted does not count."""
    text = _REGEX.sub(lambda found: " " * len(found[0]), text)
    unclosed: list[int] = []
    closing = ""
    for at, char in enumerate(text):
        if closing:
            closing = "" if char in closing else closing
        elif char in '"“”„':
            closing = '"“”'
        elif char == "{":
            closing = "}"
        elif char == "(":
            unclosed.append(at)
        elif char == ")" and unclosed:
            unclosed.pop()
    return unclosed
