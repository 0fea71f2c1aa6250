"""What works but was hardly meant: advice on the query of a watch. Pure.

A query that parses can still find nearly everything, or nothing at all. ``advise`` says so in words,
with the term to look at; it never refuses anything and never guesses: what it says of a query holds.

Source: "What is refused, and how" in the watch language.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from bot.match.common_words import common_words
from bot.match.fold import fold
from bot.match.fold_tables import is_spaceless
from bot.match.implied import covers, implies
from bot.match.terms import forms
from bot.match.tree import (
    META_FIELDS,
    And,
    In,
    Leaf,
    Near,
    Not,
    NotNear,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
    Wild,
    Word,
    label,
    needs_text,
    parts_of,
)
from bot.match.version import query_of
from bot.model import Watch

#: beyond this many words between them, two terms seldom have to do with each other
NEAR_ENOUGH: Final = 10


class Advice(NamedTuple):
    """One thing that was hardly meant."""

    #: one line, no trailing stop
    message: str
    #: what to write instead
    hint: str
    #: the part of the query it speaks of, as it is written there
    term: str
    #: other ways in which that part may be written
    also: tuple[str, ...] = ()


def advise(watch: Watch) -> list[Advice]:
    """Return what of a watch's query works but was hardly meant; [] where there is nothing to say.

    Raises QueryError, with the watch's key as subject, for a query that does not parse.
    """
    query = query_of(watch)
    common = _common(query) or []
    said = [_too_common(common)] if common else []
    words = [leaf for leaf, field in _text_leaves(query) if isinstance(leaf, Word) and leaf not in common]
    said += filter(None, map(_too_short, dict.fromkeys(words)))
    if not watch.long_forms and not all(word.text.islower() for word in words):
        positive = [leaf for leaf, _ in _text_leaves(query, positive=True) if isinstance(leaf, Word)]
        said += filter(None, map(_capitals_lost, dict.fromkeys(positive)))
    said += _removed(query, [], None)
    said += _in_vain(query)
    if not needs_text(query):
        said.append(_without_text(query))
    return said


def _text_leaves(
    query: Query, field: str | None = None, *, positive: bool = False
) -> Iterator[tuple[Leaf, str | None]]:
    """Yield what is looked for in the text, with its field; ``positive``: only what the watch is for."""
    if isinstance(query, Leaf):
        if field not in META_FIELDS:
            yield query, field
    elif not (positive and isinstance(query, Not)):
        within = query.field if isinstance(query, In) else field
        parts = parts_of(query)
        for part in parts[:1] if positive and isinstance(query, NotNear) else parts:
            yield from _text_leaves(part, within, positive=positive)


def _too_short(word: Word) -> Advice | None:
    """Speak of a word of one or two letters, which is another word in other letter case."""
    text = unicodedata.normalize("NFKC", word.text)
    if len(text) == 1 and is_spaceless(text):
        return Advice(
            f"'{word.text}' is a single character, which is found inside other words, too",
            "write the whole word",
            word.text,
        )
    if len(text) > 2 or not text.isalpha() or text.lower() == text.upper():
        return None
    other = text.upper() if text.islower() else text.lower()
    length = "one letter" if len(text) == 1 else "two letters"
    return Advice(
        f"'{word.text}' is {length} long, and letter case does not count: it finds '{other}', too",
        f"write {{{word.text}}} to find it in these letters only",
        word.text,
    )


def _capitals_lost(word: Word) -> Advice | None:
    """Speak of an acronym with lower-case letters in it, which means something else in capitals."""
    letters = [char for char in word.text if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    inner = any(char.isupper() for char in letters[1:])
    small = "".join(char for char in letters if char.islower())
    # AsterX in capitals is the same name; UAVs are several of the same
    is_acronym = inner and 2 * capitals >= len(letters) and small
    if not is_acronym or (small == "s" and letters[-1] == "s"):
        return None
    return Advice(
        f"'{word.text}' will also find '{word.text.upper()}': letter case does not count",
        f"give the watch `long_forms`, what the letters stand for, or write {{{word.text}}}",
        word.text,
    )


def _common(query: Query) -> list[Word] | None:
    """Return very common words by which alone the query can hold; None where it needs another term."""
    if isinstance(query, Word):
        text = query.text.lower()
        folded = text if text.isascii() else fold(text).text.strip()
        return [query] if folded in common_words() else None
    if isinstance(query, Or):
        branches = [words for part in query.parts if (words := _common(part)) is not None]
        return [word for words in branches for word in words] or None
    if not isinstance(query, And | Near):
        inner = parts_of(query)[:1]
        ends = isinstance(query, Not) or (isinstance(query, In) and query.field in META_FIELDS)
        return _common(inner[0]) if inner and not ends else None
    found: list[Word] = []
    for part in parts_of(query):
        if isinstance(part, Not):
            continue
        words = _common(part)
        if words is None:
            return None
        found += words
    return found


def _too_common(words: Sequence[Word]) -> Advice:
    names = [f"'{word.text}'" for word in dict.fromkeys(words)]
    first = words[0].text
    hint = "add a rarer word that has to be there, or write a phrase in quotes"
    if len(names) > 1:
        message = f"{', '.join(names[:3])} are very common words: the watch will find nearly every article"
    elif len(first) > 1 and first.isupper():
        message = f"'{first}' also finds '{first.lower()}', a very common word: nearly every article"
        hint = f"write {{{first}}} to find it in these letters only"
    else:
        message = f"'{first}' is a very common word: the watch will find nearly every article"
    return Advice(message, hint, first)


def _removed(query: Query, given: Sequence[tuple[Query, str | None]], field: str | None) -> Iterator[Advice]:
    """Speak of every NOT that leaves nothing; ``given``: what holds already where the query is looked at."""
    if isinstance(query, And):
        wanted = [part for part in query.parts if not isinstance(part, Not)]
        held = [*given, *((part, field) for part in wanted)]
        for part in query.parts:
            if isinstance(part, Not):
                yield from _leaves_nothing(part, held, field)
            else:
                others = [(other, field) for other in wanted if other is not part]
                yield from _removed(part, [*given, *others], field)
    elif isinstance(query, NotNear):
        if not query.ordered and _always_over(query):
            yield Advice(
                f"'{_shown(query.right)}' stands wherever '{_shown(query.left)}' does: nothing can be found",
                "leave one of the two out",
                f"NOT NEAR/{query.most}",
                _signs("NOT ", query.most),
            )
    elif not isinstance(query, Not):
        within = query.field if isinstance(query, In) else field
        for part in parts_of(query):
            yield from _removed(part, given, within)


def _always_over(query: NotNear) -> bool:
    """Tell whether each place of the left side has one of the right side over it."""
    left = query.left.parts if isinstance(query.left, Or) else (query.left,)
    right = query.right.parts if isinstance(query.right, Or) else (query.right,)
    return all(any(_lies_over(other, one) for other in right) for one in left)


def _lies_over(wide: Query, narrow: Query) -> bool:
    # a place of the very same term is no other place
    return isinstance(wide, Leaf) and isinstance(narrow, Leaf) and wide != narrow and covers(wide, narrow)


def _leaves_nothing(
    negated: Not, held: Iterable[tuple[Query, str | None]], field: str | None
) -> Iterator[Advice]:
    for one, where in held:
        if implies(one, negated.part, where, field):
            yield Advice(
                f"'{negated}' removes every article in which '{_shown(one)}' is found",
                "leave one of the two out",
                str(negated),
                (f"-{negated.part}", f"NOT {_shown(negated.part)}"),
            )
            return


def _shown(query: Query) -> str:
    """Return a part as people are shown it: quotes tell them nothing, braces do."""
    return label(query) if isinstance(query, Word | Phrase | Prefix) else str(query)


def _in_vain(query: Query) -> Iterator[Advice]:
    """Speak of wide NEARs, and of branches of OR that another one holds already."""
    if isinstance(query, Near | NotNear) and query.most > NEAR_ENOUGH:
        yield Advice(
            f"{query.most} words may stand between: so far apart, two words seldom belong together",
            f"{NEAR_ENOUGH} or fewer keep what belongs together",
            f"NEAR/{query.most}",
            _signs("", query.most),
        )
    if isinstance(query, Or):
        yield from _contained(query)
    for part in parts_of(query):
        yield from _in_vain(part)


def _signs(before: str, most: int) -> tuple[str, ...]:
    return tuple(f"{before}{sign}/{most}" for sign in ("ONEAR", "NEAR", "w", "W", "pre", "PRE"))


def _contained(query: Or) -> Iterator[Advice]:
    """Speak of a term that another one of the same OR finds already."""
    terms = [(part, _shape(part)) for part in query.parts if isinstance(part, Term)]
    shapes = {shape: part for part, shape in reversed(terms) if isinstance(part, Word | Prefix | Phrase)}
    lengths = {len(shape) for shape in shapes}
    for part, shape in terms:
        pieces = (shape[start : start + length] for start in _starts(shape) for length in lengths)
        wide = (found for piece in pieces if (found := shapes.get(piece)) is not None and found is not part)
        other = next((found for found in wide if covers(found, part)), None)
        if other is not None:
            message = f"'{_shown(part)}' adds nothing: '{_shown(other)}' finds it already"
            yield Advice(message, "leave it out", str(part), (_shown(part), label(part)))


def _starts(shape: str) -> Iterator[int]:
    """Yield where in a shape a term may begin that it holds."""
    if shape.isascii():
        at = 0
        while 0 <= at < len(shape) - 1:
            yield at
            at = shape.find(" ", at + 1)
    else:
        yield from (at for at, char in enumerate(shape) if char == " " or is_spaceless(char))


def _shape(term: Term) -> str:
    """Return a term roughly as it is looked for; what one of them holds is then looked at closely."""
    if not term.text.isascii() or isinstance(term, Wild):
        return forms(term)[0].pattern
    return f" {term.text.lower()}" if isinstance(term, Prefix) else f" {term.text.lower()} "


def _without_text(query: Query) -> Advice:
    """Speak of a query for which every article has to be looked at."""
    part = query
    while isinstance(part, And | Or):
        part = next(inner for inner in part.parts if not needs_text(inner) and not isinstance(inner, Not))
    return Advice(
        "no word of the text has to be there: the watch is looked at for every article, which takes time",
        "add a word that each of these articles holds, if there is one",
        str(part),
    )
