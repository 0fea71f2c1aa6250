"""Words in a row: what stands near the places of a mention and could be a term of its own.

A sequence is something that a phrase would find: one to four words, or up to eight characters of a
script without spaces, with nothing but blanks, a hyphen or an apostrophe between them. Pure.

Source: measured, 5 to 20 ms an article, by the number of places, however long it is.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from bot.match.common_words import common_words
from bot.match.fold import Folded, fold
from bot.match.fold_tables import is_spaceless
from bot.match.terms import plain
from bot.model import Article, Span

#: words between a span and what belongs to it
NEAR_WORDS: Final = 50
#: words of one article that are looked at, the first ones
_MOST_LOOKED_AT: Final = 300
_FIELDS: Final = ("title", "body")
_MOST_WORDS: Final = 4
_MOST_CHARACTERS: Final = 8
#: letters of a word that stands alone
_FEWEST_LETTERS: Final = 3
_TOKEN: Final = re.compile(r"[^ \0]+")
#: the script in which the small words of Japanese are written
_GRAMMAR: Final = "HIRAGANA"


class Found(NamedTuple):
    """A sequence at one place of an article."""

    #: folded words, split by single spaces; characters of a spaceless script follow each other
    key: str
    #: ``title`` or ``body``, and where it stands there
    field: str
    start: int
    end: int
    #: whether a span of the same field is near
    is_near: bool
    #: whether every word of it, but for the common ones, begins with a capital
    is_name: bool


class _Unit(NamedTuple):
    """One word, or one character of a spaceless script with its marks."""

    key: str
    field: int
    start: int
    end: int
    #: of a character: its script; "" for a word
    script: str


def sequences(article: Article, spans: Sequence[Span]) -> Iterator[Found]:
    """Yield the sequences of the title and those near the spans, in order of place.

    Where no span stands in the text, its beginning is looked at instead.
    """
    folded = fold(article.title, article.text)
    units = list(_units(folded))
    near = _near(units, spans)
    text_at = bisect_left(units, 1, key=lambda unit: unit.field)
    looked_at = near | set(range(text_at))
    if not any(at >= text_at for at in near):
        looked_at |= set(range(text_at, min(text_at + NEAR_WORDS, len(units))))
    capitals = [folded.fields[unit.field][unit.start].isupper() for unit in units]
    for at in sorted(looked_at)[:_MOST_LOOKED_AT]:
        for last in _ends(units, at, folded):
            row = units[at : last + 1]
            yield Found(
                key=("" if row[0].script else " ").join([unit.key for unit in row]),
                field=_FIELDS[row[0].field],
                start=row[0].start,
                end=row[-1].end,
                is_near=at in near,
                is_name=all(
                    capitals[number]
                    for number in range(at, last + 1)
                    if capitals[number] or units[number].key not in common_words()
                ),
            )


def _near(units: Sequence[_Unit], spans: Iterable[Span]) -> set[int]:
    """Return the numbers of the words near a span of their own field."""
    near: set[int] = set()
    for span in spans:
        field = _FIELDS.index(span.field)
        first = bisect_left(units, (field, span.start), key=lambda unit: (unit.field, unit.start))
        after = bisect_left(units, (field, span.end), key=lambda unit: (unit.field, unit.start))
        window = range(max(0, first - NEAR_WORDS - 1), min(len(units), after + NEAR_WORDS + 1))
        near.update(number for number in window if units[number].field == field)
        if len(near) > 2 * _MOST_LOOKED_AT:
            break
    return near


def _units(folded: Folded) -> Iterator[_Unit]:
    for token in _TOKEN.finditer(folded.text):
        if not is_spaceless(token[0][0]):
            yield _Unit(token[0], *folded.origin(token.start(), token.end()), "")
            continue
        starts = [at for at in range(*token.span()) if unicodedata.category(folded.text[at])[0] != "M"]
        for first, after in zip(starts, [*starts[1:], token.end()], strict=True):
            key = folded.text[first:after]
            yield _Unit(key, *folded.origin(first, after), _script(key[0]))


@lru_cache(maxsize=16_384)
def _script(char: str) -> str:
    name = unicodedata.name(char, "CJK").split()[0].split("-")[0]
    return "CJK" if name == "IDEOGRAPHIC" else name


def _ends(units: Sequence[_Unit], at: int, folded: Folded) -> Iterator[int]:
    """Yield the numbers of the words with which a sequence can end that begins at a word."""
    first = units[at]
    if first.script == _GRAMMAR or (not first.script and _is_weak(first.key)):
        return
    if not first.script and len(first.key) >= _FEWEST_LETTERS:
        yield at
    most = _MOST_CHARACTERS if first.script else _MOST_WORDS
    for number in range(at + 1, min(at + most, len(units))):
        unit = units[number]
        if unit.field != first.field or unit.script != first.script or unit.key.isnumeric():
            return
        if not _joins(folded.fields[unit.field][units[number - 1].end : unit.start], unit.script):
            return
        if unit.script or not _is_weak(unit.key):
            yield number


def _is_weak(word: str) -> bool:
    """Tell whether a word says nothing at the beginning or end of a sequence."""
    return len(word) == 1 or word.isnumeric() or word in common_words()


def _joins(gap: str, script: str) -> bool:
    if script:
        return not gap
    # a paragraph ends where two lines do
    return gap == " " or (plain(gap) in (" ", "'") and gap.count("\n") < 2)
