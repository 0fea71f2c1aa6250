"""Words in a row: what stands near the places of a mention and could be a term of its own.

A sequence is something that a phrase would find: one to four words, or two to eight characters of a
script without spaces, with nothing but blanks, a hyphen or an apostrophe between them. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.match.common_words import common_words
from bot.match.fold import Folded, fold
from bot.match.fold_tables import IGNORABLE, is_spaceless
from bot.match.terms import plain
from bot.match.words import Words
from bot.model import Article, Span

#: words between a span and what belongs to it
NEAR_WORDS: Final = 50
_FIELDS: Final = ("title", "body")
_MOST_WORDS: Final = 4
_MOST_CHARACTERS: Final = 8
#: letters of a word that stands alone
_FEWEST_LETTERS: Final = 3
_TOKEN: Final = re.compile(r"[^ \0]+")
_IGNORED: Final = str.maketrans(dict.fromkeys(IGNORABLE, ""))
#: scripts in which small words are written by themselves
_GRAMMAR: Final = "HIRAGANA"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A sequence at one place of an article."""

    #: folded words, split by single spaces; characters of a spaceless script follow each other
    key: str
    #: as it is written there
    written: str
    #: ``title`` or ``body``
    field: str
    #: words between it and the nearest span of its field; None where that has no span, or none near
    distance: int | None
    #: whether every word of it, but for the common ones, begins with a capital
    is_name: bool


@dataclass(frozen=True, slots=True)
class _Unit:
    """One word, or one character of a spaceless script with its marks."""

    key: str
    field: int
    start: int
    end: int
    #: of a character: its script; "" for a word
    script: str


def sequences(article: Article, spans: Sequence[Span]) -> Iterator[Found]:
    """Yield the sequences of the title, and those near the spans, in order of place.

    Where no span stands in the text, its beginning counts as near.
    """
    folded = fold(article.title, article.text)
    words = Words(folded)
    near = _ranges(words, spans)
    units = list(_units(folded))
    for at, unit in enumerate(units):
        low, high = words.bounds(unit.field, unit.start, unit.end)
        distance = min(
            (max(first - high - 1, low - last - 1, 0) for first, last in near[unit.field]), default=None
        )
        if distance is not None and distance > NEAR_WORDS:
            distance = None
        leads = unit.field == 1 and not near[1] and _leads(words, folded, low)
        if unit.field == 0 or distance is not None or leads:
            for row in _rows(units, at, folded):
                yield _found(row, folded, distance)


def _ranges(words: Words, spans: Sequence[Span]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return by field the numbers of the first and last word of each span."""
    near: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for span in spans:
        field = _FIELDS.index(span.field)
        near[field].append(words.bounds(field, span.start, span.end))
    return near


def _leads(words: Words, folded: Folded, number: int) -> bool:
    first, _ = words.bounds(1, 0, len(folded.fields[1]))
    return number - first < NEAR_WORDS


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


def _rows(units: Sequence[_Unit], at: int, folded: Folded) -> Iterator[list[_Unit]]:
    """Yield the sequences that begin at a unit, the shortest first."""
    first = units[at]
    if first.script == _GRAMMAR or (not first.script and _is_weak(first.key)):
        return
    row = [first]
    if not first.script and len(first.key) >= _FEWEST_LETTERS:
        yield row
    for unit in units[at + 1 : at + (_MOST_CHARACTERS if first.script else _MOST_WORDS)]:
        if unit.field != first.field or unit.script != first.script:
            return
        gap = folded.fields[unit.field][row[-1].end : unit.start]
        if not _joins(gap, spaceless=bool(unit.script)) or unit.key.isnumeric():
            return
        row = [*row, unit]
        if unit.script or not _is_weak(unit.key):
            yield row


def _is_weak(word: str) -> bool:
    """Tell whether a word says nothing at the beginning or end of a sequence."""
    return len(word) == 1 or word.isnumeric() or word in common_words()


def _joins(gap: str, *, spaceless: bool) -> bool:
    if spaceless:
        return not gap
    # a paragraph ends where two lines do
    return plain(gap) in (" ", "'") and gap.count("\n") < 2


def _found(row: Sequence[_Unit], folded: Folded, distance: int | None) -> Found:
    text = folded.fields[row[0].field]
    capitals = [text[unit.start].isupper() for unit in row if unit.key not in common_words()]
    return Found(
        key=("" if row[0].script else " ").join(unit.key for unit in row),
        written=" ".join(text[row[0].start : row[-1].end].translate(_IGNORED).split()),
        field=_FIELDS[row[0].field],
        distance=distance,
        is_name=all(capitals),
    )
