"""What the token index is asked, written for the full-text search of each database. Pure.

FTS5's parser has a stack of 100 places (up to SQLite 3.45 at least; ``parser stack overflow``), each
opening parenthesis taking one, and two more where something stands before it. So the deepest part
is written first, and what would be too deep all the same is asked more loosely: the index only
narrows down, and an article too many costs no more than a look at it.
"""

from collections.abc import Callable
from typing import Final

from bot.model import AllTokens, AnyToken, Token, TokenQuery
from bot.store.types import clean

#: Places on the parser's stack that we use of the 100; what is around a query takes some, too.
_PLACES: Final = 90
#: Levels that are kept of a query that takes more places than that: 3 places each at the most.
_LEVELS: Final = 25


def simplified(query: TokenQuery) -> TokenQuery | bool:
    """Return the same question without nested parts of one kind; True where all articles satisfy it.

    False where none does: at least one of no parts.
    """
    if isinstance(query, Token):
        text = clean(query.text)
        return Token(text, query.is_prefix) if text else True
    kind = type(query)
    # what decides the whole by itself: one False of all parts, one True of any
    decides = kind is AnyToken
    parts: dict[TokenQuery, None] = {}
    for part in query.parts:
        found = simplified(part)
        if found is decides:
            return decides
        if not isinstance(found, bool):
            parts.update(dict.fromkeys(found.parts if isinstance(found, kind) else (found,)))
    if not parts:
        return not decides
    return next(iter(parts)) if len(parts) == 1 else kind(tuple(parts))


def fts5(query: TokenQuery) -> str:
    """Return the expression for FTS5 of a simplified query."""
    return _written(_writable(query), {AllTokens: " AND ", AnyToken: " OR "}, _fts5_token)


def tsquery(query: TokenQuery) -> str:
    """Return the ``tsquery`` for PostgreSQL of a simplified query."""
    return _written(_writable(query), {AllTokens: " & ", AnyToken: " | "}, _lexeme)


def _fts5_token(token: Token) -> str:
    quoted = '"' + token.text.replace('"', '""') + '"'
    return f"{quoted} *" if token.is_prefix else quoted


def _lexeme(token: Token) -> str:
    quoted = "'" + token.text.replace("\\", "\\\\").replace("'", "''") + "'"
    return f"{quoted}:*" if token.is_prefix else quoted


def _written(query: TokenQuery, signs: dict[type, str], token: Callable[[Token], str]) -> str:
    if isinstance(query, Token):
        return token(query)
    texts = [
        _written(part, signs, token) if isinstance(part, Token) else f"({_written(part, signs, token)})"
        for part in sorted(query.parts, key=_places, reverse=True)
    ]
    return signs[type(query)].join(texts)


def _places(query: TokenQuery) -> int:
    """Return how many places of the parser's stack a query takes, its deepest part written first."""
    if isinstance(query, Token):
        return 1
    first, *others = sorted(map(_places, query.parts), reverse=True)
    return max(first + 1, others[0] + 3) if others else first + 1


def _writable(query: TokenQuery) -> TokenQuery:
    if _places(query) <= _PLACES:
        return query
    looser = simplified(_loosened(query, _LEVELS))
    assert not isinstance(looser, bool)
    return looser


def _loosened(query: TokenQuery, levels: int) -> TokenQuery:
    """Return a query that everything satisfies that satisfies this one, with so many levels at most."""
    if isinstance(query, Token):
        return query
    if levels == 0:
        cover = _cover(query)
        return cover[0] if len(cover) == 1 else AnyToken(cover)
    return type(query)(tuple(_loosened(part, levels - 1) for part in query.parts))


def _cover(query: TokenQuery) -> tuple[Token, ...]:
    """Return tokens of which an article that satisfies the query has at least one."""
    if isinstance(query, Token):
        return (query,)
    covers = [_cover(part) for part in query.parts]
    if isinstance(query, AllTokens):
        return min(covers, key=len)
    return tuple(dict.fromkeys(token for cover in covers for token in cover))
