"""The watch language: from text to tree.

``parse`` reads one query, ``compose`` writes the lists of a watch (any, all, not) as one query.
Whatever is wrong is refused with the character it stumbled over and what was expected; nothing is
guessed. ``str(tree)`` is the canonical text. Pure.

Source: "A watch" and "Grammar" in the watch language.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from bot.errors import QueryError
from bot.match.joined import at_least, mixed, near, within
from bot.match.syntax import GRAMMAR, Refusal, refusal_of_call, refusal_of_field, refusal_of_stumble
from bot.match.tree import (
    FOREIGN_SIGNS,
    And,
    AtLeast,
    Exact,
    In,
    Near,
    Not,
    NotNear,
    Or,
    Phrase,
    Prefix,
    Query,
    Regex,
    Wild,
    Word,
    is_positive,
    join,
    leaves,
)
from bot.match.written import read_exact, read_quoted, read_regex, read_word

__all__ = [
    "And",
    "AtLeast",
    "Exact",
    "In",
    "Near",
    "Not",
    "NotNear",
    "Or",
    "Phrase",
    "Prefix",
    "Query",
    "Regex",
    "Wild",
    "Word",
    "compose",
    "parse",
    "parse_item",
]

MOST_CHARACTERS: Final = 16_384
MOST_TERMS: Final = 2_000
#: AND, OR and NOT inside each other; what a person writes has three
MOST_LEVELS: Final = 50
#: tokens that are one term each
_LEAVES: Final = frozenset({"WORD", "QUOTED", "BRACES", "CS", "REGEX"})
#: a word of letters and digits alone, or the beginning of one: no parser is needed
_PLAIN: Final = re.compile(r"(?!(?:AND|OR|NOT|O?NEAR)\Z)[^\W_]+\*?")
#: an item of a watch's list that is more than the words of one phrase
_EXPRESSION: Final = re.compile(
    rf"[{{}}\"“”„{''.join(FOREIGN_SIGNS)}]"
    r"|(?:^|[\s()])(?:(?:AND|OR|NOT|O?NEAR(?:/\S*)?|(?i:O?NEAR|w|pre)/\d+)(?=[\s()]|$)"
    r"|-(?=[^\s-])|[A-Za-z]+:(?=\S)|(?i:atleast)\d*\s*\(|cs\()"
)
#: an operator of the NEAR family in small letters: nobody looks for such a word
_SMALL_NEAR: Final = re.compile(r"(?:O?NEAR|PRE)/\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A part of a query that is read, and where it stands."""

    node: Query
    at: int
    levels: int = 0
    #: how a bare word is written; "" for anything else
    bare: str = ""


@lru_cache(maxsize=262_144)
def parse(text: str) -> Query:
    """Read one query into its tree.

    ``str()`` of the tree is the canonical text, which parses back equal.
    Raises QueryError with the 0-based position of the character it stumbled over and what was expected.
    """
    return _reported(text, lambda: _read(text))


def compose(*, any: Sequence[str], all: Sequence[str], none: Sequence[str]) -> str:  # noqa: A002 - the watch's words
    """Write the lists of a watch as one query: one of ``any``, every one of ``all``, none of ``none``.

    An item without operators is one phrase, a single word is a word; an item with operators keeps
    its meaning in parentheses. Returns the canonical text.
    Raises QueryError with ``subject`` naming the list and the item (``any[0]``, ``all[2]``, ``not[1]``), and
    with ``query`` and ``position`` of that item.
    """
    wanted = [parse_item(item, subject=f"any[{number}]") for number, item in enumerate(any)]
    parts = [parse_item(item, subject=f"all[{number}]") for number, item in enumerate(all)]
    unwanted = [parse_item(item, subject=f"not[{number}]") for number, item in enumerate(none)]
    if not wanted and not parts:
        raise QueryError("nothing to look for", query="", position=0, hint="any or all needs an item")
    if wanted:
        parts.insert(0, join(Or, wanted))
    query = str(join(And, [*parts, *map(Not, unwanted)]))
    parse(query)
    return query


def parse_item(item: str, *, subject: str = "") -> Query:
    """Read one item of a watch's list: without operators it is one phrase, a single word a word.

    Raises QueryError with ``subject`` and the position in the item.
    """
    item = item.strip()
    try:
        if _PLAIN.fullmatch(item):
            return _reported(item, lambda: read_word(item, 0))
        if _EXPRESSION.search(item) or len(item.split()) < 2:
            return parse(item)
        if bracket := re.search(r"[()]", item):
            hint = "put a phrase in quotes of its own, or write AND or OR between the terms"
            raise QueryError(
                "parentheses group terms that operators join, and here is none",
                query=item,
                position=bracket.start(),
                hint=hint,
            )
        return _reported(item, lambda: read_quoted(item, 0, where="a phrase"))
    except QueryError as error:
        error.subject = subject
        raise


def _reported(text: str, read: Callable[[], Query]) -> Query:
    """Turn a refusal into the error that people are shown."""
    try:
        return read()
    except Refusal as refusal:
        raise QueryError(
            refusal.message, query=text, position=refusal.at, hint=refusal.hint, width=refusal.width
        ) from None


def _read(text: str) -> Query:
    if len(text) > MOST_CHARACTERS:
        raise Refusal(f"the query is longer than {MOST_CHARACTERS:,} characters", MOST_CHARACTERS)
    if (lone := re.search(r"[\ud800-\udfff]", text)) is not None:
        raise Refusal("this is half a character", lone.start(), hint="write the character again")
    try:
        parsed: _Parsed = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise refusal_of_stumble(error, text) from None
    if not is_positive(parsed.node):
        raise Refusal("nothing to look for: every term is negated", parsed.at, hint="add a term without NOT")
    if sum(1 for _ in leaves(parsed.node)) > MOST_TERMS:
        raise Refusal(f"the query has more than {MOST_TERMS:,} terms", _place_of_term(text, MOST_TERMS))
    return parsed.node


@lru_cache(maxsize=1)
def _parser() -> Lark:
    """Return the parser, which builds trees as it reads; made on the first query."""
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())


def _place_of_term(text: str, number: int) -> int:
    places = [token.start_pos for token in _parser().lex(text) if token.type in _LEAVES]
    return places[number] or 0


class _Builder(Transformer[Token, _Parsed]):
    """Make a tree of what the grammar finds; raises Refusal for what has no meaning."""

    def start(self, children: list[_Parsed]) -> _Parsed:
        return children[0]

    def sequence(self, children: list[_Parsed | Token]) -> _Parsed:
        parts = [child for child in children if isinstance(child, _Parsed)]
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            typed = unicodedata.normalize("NFKC", part.bare).upper()
            if typed in {"AND", "OR", "NOT"}:
                hint = f'write {typed}, or "{part.bare}" in quotes for the word'
                raise Refusal("operators are upper case", part.at, width=len(part.bare), hint=hint)
        links = _links(children)
        kind = links[0][0]
        for link, at, width in links:
            if link is not kind:
                raise mixed([part.node for part in parts], [link for link, _, _ in links], at, width)
        for part in parts:
            if kind is Or and not is_positive(part.node):
                hint = "a branch of OR without a term to find would hold for nearly every article"
                raise Refusal("this branch of OR has no positive term", part.at, hint=hint)
        node = join(kind, [part.node for part in parts])
        return _Parsed(node, parts[0].at, _deeper(parts, parts[0].at))

    def negation(self, children: tuple[Token, _Parsed]) -> _Parsed:
        sign, part = children
        at = sign.start_pos or 0
        if isinstance(part.node, Not):
            raise Refusal("what is negated is negated already", part.at, hint="leave both out")
        return _Parsed(Not(part.node), at, _deeper([part], at))

    def proximity(self, children: list[_Parsed | Token]) -> _Parsed:
        if len(children) == 1:
            assert isinstance(children[0], _Parsed)
            return children[0]
        parts = [child for child in children if isinstance(child, _Parsed)]
        signs = [child for child in children if isinstance(child, Token)]
        node = near([(part.node, part.at) for part in parts], signs)
        return _Parsed(node, parts[0].at, _deeper(parts, parts[0].at))

    def group(self, children: list[_Parsed]) -> _Parsed:
        # in parentheses a word is no operator that was written in lower case
        return _Parsed(children[0].node, children[0].at, children[0].levels)

    def within(self, children: tuple[Token, _Parsed]) -> _Parsed:
        field, part = children
        at = field.start_pos or 0
        if (refusal := refusal_of_field(field)) is not None:
            raise refusal
        return _Parsed(within(field[:-1], part.node, part.at), at, _deeper([part], at))

    def at_least(self, children: tuple[Token, _Parsed]) -> _Parsed:
        sign, part = children
        at = sign.start_pos or 0
        return _Parsed(at_least(sign, part.node, part.at), at, _deeper([part], at))

    def word(self, children: list[Token]) -> _Parsed:
        text, at = str(children[0]), children[0].start_pos or 0
        if _SMALL_NEAR.fullmatch(text):
            hint = f'write {text.upper()}, or "{text}" in quotes for the word'
            raise Refusal("operators are upper case", at, width=len(text), hint=hint)
        return _Parsed(read_word(text, at), at, bare=text)

    def quoted(self, children: list[Token]) -> _Parsed:
        at = children[0].start_pos or 0
        return _Parsed(read_quoted(children[0][1:-1], at + 1), at)

    def braces(self, children: list[Token]) -> _Parsed:
        at = children[0].start_pos or 0
        return _Parsed(read_exact(children[0][1:-1], at + 1), at)

    def cs(self, children: list[Token]) -> _Parsed:
        at = children[0].start_pos or 0
        inner = children[0][len("cs(") : -1]
        return _Parsed(read_exact(inner.strip()[1:-1], at + 3 + len(inner) - len(inner.lstrip()) + 1), at)

    def regex(self, children: list[Token]) -> _Parsed:
        at = children[0].start_pos or 0
        return _Parsed(read_regex(str(children[0]), at), at)

    def refused(self, children: list[Token]) -> _Parsed:
        raise refusal_of_call(children[0])


def _links(children: list[_Parsed | Token]) -> list[tuple[type[And | Or], int, int]]:
    """Return what joins each part to the one before it: kind, position and width."""
    links: list[tuple[type[And | Or], int, int]] = []
    sign: Token | None = None
    for child in children[1:]:
        if isinstance(child, Token):
            sign = child
        elif sign is None:
            # no operator between two terms means AND
            links.append((And, child.at, 1))
        else:
            links.append((Or if sign.type == "OR" else And, sign.start_pos or 0, len(sign)))
            sign = None
    return links


def _deeper(parts: Sequence[_Parsed], at: int) -> int:
    levels = 1 + max(part.levels for part in parts)
    if levels > MOST_LEVELS:
        raise Refusal(f"more than {MOST_LEVELS} operators stand inside each other", at)
    return levels
