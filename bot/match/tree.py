"""The tree of a query: frozen nodes that print themselves in the watch language.

A node's text is canonical: parsing it gives an equal node. Nothing here reads or matches;
``bot.match.query`` makes these trees and the rest of the room walks them. What a node means stands in
its docstring.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

#: characters that end a bare word wherever they stand
DELIMITERS = r"\s(){}\"“”„"
#: every dash that is made plain; only the first one is written in queries
DASHES = (
    "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
    "\u058a\u05be\u2e17\u2e1a\u2e3a\u2e3b\u2e40\U00010ead"
)
#: signs of other keyboards, and what is meant by them; in a bare word they would be looked for as they stand
FOREIGN_SIGNS: Final = {
    **dict.fromkeys("（［", "("), **dict.fromkeys("）］", ")"), "｛": "{", "｝": "}", "＊": "*", "？": "?",
    **dict.fromkeys("「」『』«»＂", '"'),
}  # fmt: skip
#: fields that are stretches of the article's own text
TEXT_FIELDS: Final = ("title", "lead", "body")
#: fields of what is known about the article
META_FIELDS: Final = ("url", "author", "site", "source", "tag", "lang")
FIELDS: Final = TEXT_FIELDS + META_FIELDS
#: a word that may stand without quotes
_BARE = re.compile(rf"(?![{DASHES}])[^{DELIMITERS}*?{''.join(FOREIGN_SIGNS)}]+")
#: bare words that mean something else, or that a reader would take for it
_RESERVED = re.compile(
    r"(?:and|or|not)|O?NEAR(?:/\d*)?|(?:w|pre)/\d+|[a-z]+:.*|.*[,;]|[,;].*", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Query:
    """Any node of a query; ``str(node)`` is its canonical text."""


@dataclass(frozen=True, slots=True)
class Word(Query):
    """A whole word, found folded; symbols inside or around it count."""

    text: str

    def __str__(self) -> str:
        return self.text if is_bare(self.text) else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Phrase(Query):
    """Two or more words in this order, split by single spaces."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Exact(Query):
    """One or more words whose letter case and diacritics count."""

    text: str

    def __str__(self) -> str:
        return f'cs("{self.text}")' if "{" in self.text or "}" in self.text else f"{{{self.text}}}"


@dataclass(frozen=True, slots=True)
class Prefix(Query):
    """Every word that begins with ``text``, or phrase whose last word goes on after it."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}*"' if " " in self.text else f"{self.text}*"


@dataclass(frozen=True, slots=True)
class Wild(Query):
    """A word with ``?`` for exactly one letter each; a ``*`` at its end lets the word go on."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Regex(Query):
    """A regular expression on the original text, as a linear-time engine reads it; ``/`` is plain in it."""

    pattern: str

    def __str__(self) -> str:
        return f"re:/{_slashes_escaped(self.pattern)}/"


#: a node that the automaton finds
Term: TypeAlias = Word | Phrase | Exact | Prefix | Wild
#: a node that is looked for in the text itself
Leaf: TypeAlias = Term | Regex


@dataclass(frozen=True, slots=True)
class And(Query):
    """All parts, anywhere in the article."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " AND ".join(_inner(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or(Query):
    """At least one of the parts."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " OR ".join(_inner(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not(Query):
    """The part does not hold anywhere in the article."""

    part: Query

    def __str__(self) -> str:
        return f"NOT {_inner(self.part)}"


@dataclass(frozen=True, slots=True)
class In(Query):
    """The part, with all its terms looked for in one field only."""

    #: of ``FIELDS``
    field: str
    part: Query

    def __str__(self) -> str:
        return f"{self.field}:{_operand(self.part)}"


@dataclass(frozen=True, slots=True)
class Near(Query):
    """A place of ``left`` and one of ``right`` with at most ``most`` words between them, in one field.

    The two places do not overlap; a phrase is one word, and so is each character of a spaceless run.
    """

    left: Query
    right: Query
    most: int
    #: whether the left one has to come first
    ordered: bool = False

    def __str__(self) -> str:
        sign = "ONEAR" if self.ordered else "NEAR"
        return f"{_operand(self.left)} {sign}/{self.most} {_operand(self.right)}"


@dataclass(frozen=True, slots=True)
class NotNear(Query):
    """A place of ``left`` that has no place of ``right`` within ``most`` words, nor overlapping it.

    Judged for each place of ``left``; ordered, only places of ``right`` that begin after it count.
    """

    left: Query
    right: Query
    most: int
    ordered: bool = False

    def __str__(self) -> str:
        sign = "ONEAR" if self.ordered else "NEAR"
        return f"{_operand(self.left)} NOT {sign}/{self.most} {_operand(self.right)}"


@dataclass(frozen=True, slots=True)
class AtLeast(Query):
    """At least ``count`` places of the part, title and body together; overlapping ones are one."""

    count: int
    part: Query

    def __str__(self) -> str:
        return f"atleast{self.count}({self.part})"


#: nodes that ask where terms stand, not only whether they do
Positional: TypeAlias = Near | NotNear | AtLeast


def _inner(part: Query) -> str:
    return f"({part})" if isinstance(part, (And, Or)) else str(part)


def _operand(part: Query) -> str:
    return f"({part})" if isinstance(part, (And, Or, Not, Near, NotNear)) else str(part)


def _slashes_escaped(pattern: str) -> str:
    return re.sub(r"(\\.)|/", lambda found: found[1] or r"\/", pattern, flags=re.DOTALL)


def is_bare(text: str) -> bool:
    """Tell whether a word means itself when it is written without quotes."""
    typed = unicodedata.normalize("NFKC", text)
    return _BARE.fullmatch(text) is not None and _RESERVED.fullmatch(typed) is None


def label(leaf: Leaf) -> str:
    """Return a term as people are shown it: without the quotes or braces around it."""
    if isinstance(leaf, Prefix):
        return f"{leaf.text}*"
    return str(leaf) if isinstance(leaf, (Wild, Regex)) else leaf.text


def join(kind: type[And | Or], parts: list[Query]) -> Query:
    """Join parts under one node: a single part stays itself, a part of the same kind is merged in."""
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def parts_of(query: Query) -> tuple[Query, ...]:
    """Return what stands directly under a node, in the order in which it is written; () under a leaf."""
    if isinstance(query, (And, Or)):
        return query.parts
    if isinstance(query, (Not, In, AtLeast)):
        return (query.part,)
    if isinstance(query, (Near, NotNear)):
        return (query.left, query.right)
    return ()


def leaves(query: Query, field: str | None = None) -> Iterator[tuple[Leaf, str | None]]:
    """Yield every leaf with the field it is looked for in, None for title and body, in written order."""
    if isinstance(query, (Word, Phrase, Exact, Prefix, Wild, Regex)):
        yield query, field
    else:
        within = query.field if isinstance(query, In) else field
        for part in parts_of(query):
            yield from leaves(part, within)


def terms(query: Query) -> list[Term]:
    """Return the terms that are looked for in the text, as they are written, repeated ones again."""
    return [leaf for leaf, field in leaves(query) if not isinstance(leaf, Regex) and field not in META_FIELDS]


def is_positive(query: Query) -> bool:
    """Tell whether the query can only hold where something of it is found."""
    if isinstance(query, And):
        return any(is_positive(part) for part in query.parts)
    if isinstance(query, Or):
        return all(is_positive(part) for part in query.parts)
    if isinstance(query, In):
        return is_positive(query.part)
    return not isinstance(query, Not)


def needs_text(query: Query) -> bool:
    """Tell whether the query can only hold where one of its terms stands in the text.

    Otherwise (fields of the article's address, author …, or regular expressions alone) it has to be
    looked at for every article.
    """
    if isinstance(query, And):
        return any(needs_text(part) for part in query.parts)
    if isinstance(query, Or):
        return all(needs_text(part) for part in query.parts)
    if isinstance(query, In):
        return query.field in TEXT_FIELDS and needs_text(query.part)
    if isinstance(query, Near):
        return needs_text(query.left) or needs_text(query.right)
    if isinstance(query, NotNear):
        return needs_text(query.left)
    if isinstance(query, AtLeast):
        return needs_text(query.part)
    return not isinstance(query, (Not, Regex))
