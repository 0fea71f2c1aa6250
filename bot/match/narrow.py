"""What the token index holds of an article, and what it is asked for a query.

The tokens of an article are its folded words; of a run of a script without spaces they are its pairs
of characters and its last character, so that any piece of the run is found by pairs or by a beginning.
The index narrows down and never decides: what it leaves out cannot match. Pure.

Source: "Backfill" in the design of the engine, measured there: 15 % of the text on SQLite.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from bot.match.fold import FIELD_BREAK, FOLD_VERSION, fold
from bot.match.fold_tables import is_spaceless
from bot.match.terms import forms
from bot.match.tree import (
    META_FIELDS,
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
    Term,
    Wild,
    Word,
)
from bot.match.wild import openings
from bot.model import AllTokens, AnyToken, Token, TokenQuery

#: changes when an article's tokens would be others
INDEX_VERSION: Final = f"{FOLD_VERSION}/{unicodedata.unidata_version}"
#: longer words are held by their beginning
LONGEST_TOKEN: Final = 100


def tokens(title: str, text: str) -> str:
    """Return the tokens of an article, each once, joined by single spaces; "" where there is none."""
    folded = fold(title, text).text
    words = dict.fromkeys(folded.replace(FIELD_BREAK, " ").split())
    if folded.isascii():
        return " ".join(word[:LONGEST_TOKEN] for word in words)
    return " ".join(dict.fromkeys(token for word in words for token in _tokens_of(word)))


def _tokens_of(word: str) -> Iterator[str]:
    if not is_spaceless(word[0]):
        yield word[:LONGEST_TOKEN]
        return
    for at in range(len(word) - 1):
        yield word[at : at + 2]
    yield word[-1]


def narrow(query: Query) -> TokenQuery | None:
    """Return what every article that satisfies the query has among its tokens; None where that is nothing.

    Every article that the query holds for satisfies the answer; many that it does not hold for do, too.
    """
    if isinstance(query, (Word, Phrase, Exact, Prefix, Wild)):
        return _term(query)
    if isinstance(query, And):
        wanted = [found for part in query.parts if (found := narrow(part)) is not None]
        return _all(wanted)
    if isinstance(query, Or):
        either = [found for part in query.parts if (found := narrow(part)) is not None]
        return _any(either) if len(either) == len(query.parts) else None
    if isinstance(query, Near):
        return _all([found for part in (query.left, query.right) if (found := narrow(part)) is not None])
    if isinstance(query, NotNear):
        return narrow(query.left)
    if isinstance(query, AtLeast):
        return narrow(query.part)
    if isinstance(query, In):
        return None if query.field in META_FIELDS else narrow(query.part)
    if isinstance(query, (Not, Regex)):
        return None
    raise TypeError(f"{type(query).__name__} is no node of a query")


def _term(term: Term) -> TokenQuery:
    if isinstance(term, Wild):
        return _wild(term)
    pieces = [_pattern(form.pattern, is_open=form.open_end) for form in forms(term)]
    found = _any(list(dict.fromkeys(pieces)))
    assert found is not None
    return found


def _pattern(pattern: str, *, is_open: bool) -> TokenQuery:
    """Return the tokens of an article that holds a pattern of the automaton."""
    words = pattern.split()
    found: list[TokenQuery] = []
    for number, word in enumerate(words):
        if is_spaceless(word[0]):
            found += _run(word)
        else:
            ends_here = not is_open or number < len(words) - 1
            found.append(Token(word[:LONGEST_TOKEN], not ends_here))
    wanted = _all(list(dict.fromkeys(found)))
    assert wanted is not None
    return wanted


def _run(word: str) -> list[TokenQuery]:
    """Return the tokens of any run that holds a piece of a run."""
    if len(word) == 1:
        # the first of a pair, or the last of a run
        return [Token(word, True)]
    return [Token(word[at : at + 2]) for at in range(len(word) - 1)]


def _wild(term: Wild) -> TokenQuery:
    wild = openings(term.text)
    first = wild.letters.split("?")[0]
    if wild.spaceless:
        found = [token for piece in wild.letters.split("?") if piece for token in _run(piece)]
        wanted = _all(list(dict.fromkeys(found)))
        assert wanted is not None
        return wanted
    return Token(first[:LONGEST_TOKEN], True)


def _all(parts: list[TokenQuery]) -> TokenQuery | None:
    return parts[0] if len(parts) == 1 else AllTokens(tuple(parts)) if parts else None


def _any(parts: list[TokenQuery]) -> TokenQuery | None:
    return parts[0] if len(parts) == 1 else AnyToken(tuple(parts)) if parts else None
