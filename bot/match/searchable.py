"""A watch's query as search engines understand it: words, "phrases", OR, brackets; a space is AND.

What is searched for is never less than what the watch looks for, where its query is made of words and
phrases: conditions that no engine knows are left out, so that more is found, and the watch decides on what
comes back. Where the language has no equal, the nearest is asked: ``organi*`` is asked as ``organi``, and
alternatives that cannot be said at all (``defen?e``, expressions, fields of the article) are left out. Pure.
"""

import re
from collections.abc import Iterable
from typing import Final

from bot.match.query import parse
from bot.match.tree import (
    META_FIELDS,
    And,
    AtLeast,
    Exact,
    In,
    Near,
    NotNear,
    Or,
    Phrase,
    Prefix,
    Query,
    Word,
    join,
)

#: what search engines take; longer questions are cut by them, wherever they like
LONGEST: Final = 350
#: a word that needs no quotes, and means itself
_PLAIN: Final = re.compile(r"(?!(?:AND|OR|NOT|O?NEAR)\Z)[^\W_]+")
_UNQUOTED: Final = re.compile(r"[\"“”„\s]+")


def search_text(query: Query | str) -> str | None:
    """Return a query as search engines understand it, at most 350 characters; not yet URL-encoded.

    Longer ones are shortened only by what keeps all that the watch looks for: parts of an AND are left out,
    and alternatives that another one finds, too. None where nothing can be searched for (regular expressions
    alone), and where the alternatives are too many to be asked at once: half a watch would pass for a whole.

    Raises QueryError for a text that is no query.
    """
    wanted = _wanted(parse(query) if isinstance(query, str) else query)
    if wanted is None:
        return None
    text = _written(wanted)
    while len(text) > LONGEST:
        shorter = _shorter(wanted)
        if shorter is None:
            return None
        wanted, text = shorter, _written(shorter)
    return text


def _wanted(query: Query) -> Query | None:
    """Return a query of words, phrases, AND and OR that finds as much; None for what cannot be said."""
    if isinstance(query, Word | Phrase | Exact):
        return _said(query.text)
    if isinstance(query, Prefix):
        # Of a phrase the whole words are left, which find more; a single word has nothing else.
        return _said(query.text.rpartition(" ")[0] or query.text)
    if isinstance(query, And):
        return _all(query.parts)
    if isinstance(query, Near):
        return _all((query.left, query.right))
    if isinstance(query, Or):
        return _any([found for part in query.parts if (found := _wanted(part)) is not None])
    if isinstance(query, NotNear):
        return _wanted(query.left)
    if isinstance(query, AtLeast):
        return _wanted(query.part)
    if isinstance(query, In) and query.field not in META_FIELDS:
        return _wanted(query.part)
    return None


def _said(text: str) -> Query | None:
    words = _UNQUOTED.sub(" ", text).strip()
    if not any(char.isalnum() for char in words):
        return None
    return Phrase(words) if " " in words else Word(words)


def _all(parts: Iterable[Query]) -> Query | None:
    parts = list(parts)
    # A word cut short would find less than it should; it is left out where something else is asked for.
    whole = [part for part in parts if not (isinstance(part, Prefix) and " " not in part.text)]
    for kept in (whole, parts):
        found = list(dict.fromkeys(wanted for part in kept if (wanted := _wanted(part)) is not None))
        if found:
            return join(And, found)
    return None


def _any(found: list[Query]) -> Query | None:
    """Join alternatives, without those that another finds: ``Aster`` finds what ``"Aster Corp"`` does."""
    kept = [
        one
        for place, one in enumerate(found)
        if not any(
            _finds(other, one) and (number < place or not _finds(one, other))
            for number, other in enumerate(found)
            if number != place
        )
    ]
    return join(Or, kept) if kept else None


def _finds(wide: Query, narrow: Query) -> bool:
    if wide == narrow:
        return True
    if not isinstance(wide, Word | Phrase) or not isinstance(narrow, Word | Phrase):
        return False
    return f" {wide.text.casefold()} " in f" {narrow.text.casefold()} "


def _shorter(query: Query) -> Query | None:
    """Return the query without the longest part of an AND; None where it has none that could go."""
    if isinstance(query, And):
        longest = max(query.parts, key=lambda part: len(_written(part)))
        return join(And, [part for part in query.parts if part is not longest])
    if isinstance(query, Or):
        shortened = [(_shorter(part), part) for part in query.parts]
        widest = max(
            (part for shorter, part in shortened if shorter is not None),
            key=lambda part: len(_written(part)),
            default=None,
        )
        if widest is not None:
            return _any([(shorter if part is widest else None) or part for shorter, part in shortened])
    return None


def _written(query: Query) -> str:
    if isinstance(query, And):
        return " ".join(map(_inner, query.parts))
    if isinstance(query, Or):
        return " OR ".join(map(_inner, query.parts))
    assert isinstance(query, Word | Phrase)
    return query.text if _PLAIN.fullmatch(query.text) else f'"{query.text}"'


def _inner(part: Query) -> str:
    """Return a part in brackets where engines would read it otherwise: to many of them OR binds first."""
    return f"({_written(part)})" if isinstance(part, And | Or) else _written(part)
