"""The tree of a query: frozen nodes that print themselves in the watch language.

A node's text is canonical: parsing it gives an equal node. Nothing here reads or matches;
``bot.match.query`` makes these trees and the rest of the room walks them.
"""

import re
from dataclasses import dataclass

#: characters that end a bare word wherever they stand
DELIMITERS = r"\s(){}\"“”„"
#: every dash that is made plain; only the first one is written in queries
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
#: a word that may stand without quotes
_BARE = re.compile(rf"(?![{DASHES}])[^{DELIMITERS}*?]+")
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
    """Every word that begins with ``text``."""

    text: str

    def __str__(self) -> str:
        return f"{self.text}*"


#: a node that is looked for in the text itself
Term = Word | Phrase | Exact | Prefix


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


def _inner(part: Query) -> str:
    return f"({part})" if isinstance(part, (And, Or)) else str(part)


def is_bare(text: str) -> bool:
    """Tell whether a word means itself when it is written without quotes."""
    return _BARE.fullmatch(text) is not None and _RESERVED.fullmatch(text) is None


def label(term: Term) -> str:
    """Return a term as people are shown it: without the quotes or braces around it."""
    return str(term) if isinstance(term, Prefix) else term.text


def join(kind: type[And | Or], parts: list[Query]) -> Query:
    """Join parts under one node: a single part stays itself, a part of the same kind is merged in."""
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def terms(query: Query) -> list[Term]:
    """Return every term of a query in the order in which it is written, repeated ones again."""
    found: list[Term] = []
    _collect(query, found)
    return found


def _collect(query: Query, found: list[Term]) -> None:
    if isinstance(query, (And, Or)):
        for part in query.parts:
            _collect(part, found)
    elif isinstance(query, Not):
        _collect(query.part, found)
    elif isinstance(query, (Word, Phrase, Exact, Prefix)):
        found.append(query)


def is_positive(query: Query) -> bool:
    """Tell whether the query can only hold where some term of it is found."""
    if isinstance(query, And):
        return any(is_positive(part) for part in query.parts)
    if isinstance(query, Or):
        return all(is_positive(part) for part in query.parts)
    return not isinstance(query, Not)
