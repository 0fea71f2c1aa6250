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
from bot.match.fold import fold
from bot.match.syntax import FIELDS, GRAMMAR, Refusal, refusal_of_stumble, refusal_of_token
from bot.match.tree import (
    DELIMITERS,
    And,
    Exact,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
    Word,
    is_positive,
    join,
    terms,
)

__all__ = ["And", "Exact", "Not", "Or", "Phrase", "Prefix", "Query", "Word", "compose", "parse"]

MOST_CHARACTERS: Final = 16_384
MOST_TERMS: Final = 2_000
#: AND, OR and NOT inside each other; what a person writes has three
MOST_LEVELS: Final = 50
_PREFIX_LETTERS: Final = 3
#: an item of a watch's list that is more than the words of one phrase
_EXPRESSION: Final = re.compile(
    rf"[(){{}}\"“”„]|(?:^|\s)(?:(?:AND|OR|NOT|O?NEAR(?:/\d*)?|(?:w|pre)/\d+)(?=\s|$)|-(?=[^\s-])|(?:{'|'.join(FIELDS)}|re):(?=\S))"
)


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
    wanted = [_item(item, f"any[{number}]") for number, item in enumerate(any)]
    parts = [_item(item, f"all[{number}]") for number, item in enumerate(all)]
    unwanted = [_item(item, f"not[{number}]") for number, item in enumerate(none)]
    if not wanted and not parts:
        raise QueryError("nothing to look for", query="", position=0, hint="any or all needs an item")
    if wanted:
        parts.insert(0, join(Or, wanted))
    query = str(join(And, [*parts, *map(Not, unwanted)]))
    parse(query)
    return query


def _item(item: str, subject: str) -> Query:
    """Read one item of a list."""
    item = item.strip()
    try:
        if _EXPRESSION.search(item) or len(item.split()) < 2:
            return parse(item)
        return _reported(item, lambda: _quoted(item, 0))
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
    try:
        parsed: _Parsed = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise refusal_of_stumble(error, text) from None
    if not is_positive(parsed.node):
        raise Refusal("nothing to look for: every term is negated", parsed.at, hint="add a term without NOT")
    if len(terms(parsed.node)) > MOST_TERMS:
        raise Refusal(f"the query has more than {MOST_TERMS:,} terms", _place_of_term(text, MOST_TERMS))
    return parsed.node


@lru_cache(maxsize=1)
def _parser() -> Lark:
    """Return the parser, which builds trees as it reads; made on the first query."""
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())


def _place_of_term(text: str, number: int) -> int:
    places = [
        token.start_pos for token in _parser().lex(text) if token.type in {"WORD", "QUOTED", "BRACES", "CS"}
    ]
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
            if part.bare.lower() in {"and", "or", "not"}:
                hint = f'write {part.bare.upper()}, or "{part.bare}" in quotes for the word'
                raise Refusal("operators are upper case", part.at, width=len(part.bare), hint=hint)
        links = _links(children)
        kind = links[0][0]
        for link, at, width in links:
            if link is not kind:
                raise _mixed([part.node for part in parts], [link for link, _, _ in links], at, width)
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

    def word(self, children: list[Token]) -> _Parsed:
        text, at = str(children[0]), children[0].start_pos or 0
        return _Parsed(_word(text, at), at, bare=text)

    def quoted(self, children: list[Token]) -> _Parsed:
        at = children[0].start_pos or 0
        return _Parsed(_quoted(children[0][1:-1], at + 1), at)

    def braces(self, children: list[Token]) -> _Parsed:
        at = children[0].start_pos or 0
        return _Parsed(_exact(children[0][1:-1], at + 1), at)

    def cs(self, children: list[Token]) -> _Parsed:
        at = children[0].start_pos or 0
        inner = children[0][len("cs(") : -1]
        return _Parsed(_exact(inner.strip()[1:-1], at + 3 + len(inner) - len(inner.lstrip()) + 1), at)

    def refused(self, children: list[Token]) -> _Parsed:
        raise refusal_of_token(children[0])


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


def _mixed(parts: list[Query], links: list[type[And | Or]], at: int, width: int) -> Refusal:
    """Show both ways to read a level that mixes AND and OR."""
    readings = [_reading(parts, links, tight) for tight in (And, Or)]
    hint = "put parentheses where you mean them: " + "  or  ".join(readings)
    return Refusal("AND and OR are mixed without parentheses", at, width=width, hint=hint)


def _reading(parts: list[Query], links: list[type[And | Or]], tight: type[And | Or]) -> str:
    """Write the level as if one operator bound tighter than the other."""
    groups = [[parts[0]]]
    for link, part in zip(links, parts[1:], strict=True):
        if link is tight:
            groups[-1].append(part)
        else:
            groups.append([part])
    return str(join(Or if tight is And else And, [join(tight, group) for group in groups]))


def _word(text: str, at: int) -> Term:
    """Read a bare word: a whole word, or the beginning of one."""
    if "?" in text:
        hint = "write the spellings with OR"
        raise Refusal("the wildcard ? is not available in this version", at + text.index("?"), hint=hint)
    for sign, place in ((text[0], at), (text[-1], at + len(text) - 1)):
        if sign in ",;":
            raise Refusal(f'a "{sign}" does not separate terms', place, hint="write OR or AND between them")
    if "*" in text:
        return _prefix(text, at)
    _require_letters(text, at)
    return Word(text)


def _prefix(text: str, at: int) -> Prefix:
    star = text.index("*")
    if star == 0:
        raise Refusal(
            "a word cannot begin with a wildcard",
            at,
            hint=f"the * comes after {_PREFIX_LETTERS} letters or more",
        )
    if star < len(text) - 1:
        raise Refusal("the wildcard * stands only at the end of a word", at + star)
    stem = text[:-1]
    if len(fold(stem).text.replace(" ", "")) < _PREFIX_LETTERS:
        hint = f"write {_PREFIX_LETTERS} letters or more before it, or the words themselves with OR"
        raise Refusal("too few letters before the wildcard *", at + star, hint=hint)
    if unicodedata.category(stem[-1])[0] not in "LNM":
        raise Refusal("the wildcard * stands directly after a letter", at + star)
    return Prefix(stem)


def _quoted(inner: str, at: int) -> Term:
    """Read what stands between quotation marks."""
    _refuse_wildcards(inner, at, "a phrase" if len(inner.split()) > 1 else "quotes")
    _require_letters(inner, at)
    words = inner.split()
    return Word(words[0]) if len(words) == 1 else Phrase(" ".join(words))


def _exact(inner: str, at: int) -> Exact:
    _refuse_wildcards(inner, at, "braces")
    _require_letters(inner, at)
    return Exact(" ".join(inner.split()))


def _refuse_wildcards(inner: str, at: int, where: str) -> None:
    found = re.search(r"[*?]", inner)
    if found:
        hint = "leave it out, or write the word with its wildcard as a term of its own"
        raise Refusal(f"the wildcard {found[0]} means nothing inside {where}", at + found.start(), hint=hint)


def _require_letters(text: str, at: int) -> None:
    # most terms have a plain letter; only folding knows about the rest
    plainly = any(unicodedata.category(char) in {"Lu", "Ll", "Nd"} for char in text)
    if not plainly and not fold(text).text.strip():
        hint = "between terms write AND, OR or NOT" if re.fullmatch(rf"[^{DELIMITERS}]+", text) else ""
        raise Refusal("a term needs a letter or a digit", at, width=max(1, len(text)), hint=hint)
