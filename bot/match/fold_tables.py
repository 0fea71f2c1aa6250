"""The tables behind folding: what each code point becomes, and what has to be looked at more closely.

Built once a process, on the first fold, with bulk operations over the blocks that need it: a
separator between all characters lets one call of ``unicodedata.normalize`` fold a whole block.
Nothing here knows about articles or queries.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.match.tree import DASHES

#: code points below this have an entry; what lies above is either ignorable or no letter
LIMIT: Final = 0x40000
#: a value is the folded code point, with its class and flags above it
CODE: Final = 0x1FFFFF
CLASS_SHIFT: Final = 21
#: classes: what is neither letter nor digit; letters; letters of scripts without spaces; letters that
#: a symbol such as ™ or ㎏ unfolds into. Words end where the class changes.
SEPARATOR, WORD, SPACELESS, SYMBOL = range(4)
#: the character is not there for matching
DROP: Final = 1 << 23
#: the character becomes more than one, or may not stand alone
SLOW: Final = 1 << 24
#: the character belongs to the one before it
JOINS: Final = 1 << 25
#: a mark that stays as it is after a letter which keeps its marks
KEPT_MARK: Final = 1 << 26
#: a letter or digit whose marks are dropped, or another character that no mark can be kept on
STRIPS: Final = 1 << 27
#: a mark that changes places with other marks
ORDERED: Final = 1 << 28

SPACE: Final = 0x20

Ranges = tuple[tuple[int, int], ...]

#: Default_Ignorable_Code_Point and the other format characters. Source: Unicode 14,
#: DerivedCoreProperties.txt and DerivedGeneralCategory.txt
_IGNORABLE: Final[Ranges] = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F),
    (0x890, 0x891), (0x8E2, 0x8E2), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
#: lengthens a written Arabic word and is no letter of it
_TATWEEL: Final = "\u0640"
#: scripts written without spaces between words (Hangul has spaces, but glues particles to its words)
_SPACELESS: Final[Ranges] = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x19E0, 0x19FF),
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x302F), (0x3031, 0x3035), (0x3038, 0x303C),
    (0x3041, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x318F), (0x31A0, 0x31BF), (0x31F0, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA960, 0xA97F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),
    (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x1AFF0, 0x1AFFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFD),
)  # fmt: skip
#: letters and digits that lose their marks: Latin, Greek and Cyrillic, and the digits among them
_STRIPS: Final[Ranges] = (
    (0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6),
    (0xF8, 0x2AF), (0x370, 0x373), (0x376, 0x377), (0x37B, 0x37D), (0x37F, 0x37F), (0x386, 0x386),
    (0x388, 0x481), (0x48A, 0x52F), (0x1C80, 0x1C8F), (0x1D00, 0x1DBF), (0x1E00, 0x1FBC), (0x1FC2, 0x1FCC),
    (0x1FD0, 0x1FDB), (0x1FE0, 0x1FEC), (0x1FF2, 0x1FFC), (0x2C60, 0x2C7F), (0xA640, 0xA66E),
    (0xA680, 0xA69B), (0xA722, 0xA788), (0xA78B, 0xA7FF), (0xAB30, 0xAB5A), (0xAB5C, 0xAB69),
)  # fmt: skip
#: points that Arabic and Hebrew writers may leave out
_OPTIONAL_POINTS: Final[Ranges] = (
    (0x591, 0x5BD), (0x5BF, 0x5BF), (0x5C1, 0x5C2), (0x5C4, 0x5C5), (0x5C7, 0x5C7), (0x610, 0x61A),
    (0x64B, 0x652), (0x657, 0x65E), (0x670, 0x670), (0x6D6, 0x6DC), (0x6DF, 0x6E4), (0x6E7, 0x6E8),
    (0x6EA, 0x6ED), (0x898, 0x89F), (0x8CA, 0x8E1), (0x8E3, 0x8FF), (0xFB1E, 0xFB1E),
)  # fmt: skip
#: planes 0 to 3 without surrogates and private use: all else there is ideographs and Hangul syllables,
#: which fold to themselves
_BLOCKS: Final[Ranges] = (
    (0x80, 0x33FF), (0x4DC0, 0x4DFF), (0xA000, 0xABFF), (0xD7A4, 0xD7FF), (0xF900, 0xFFFF),
    (0x10000, 0x1FFFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
#: categories without a folded form: unassigned, private use, surrogates, controls
_NOTHING: Final = frozenset({"Cn", "Co", "Cs", "Cc"})
_THEMSELVES: Final[Ranges] = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x3FFFD))
#: the second halves of Hangul syllables
_HANGUL_TAILS: Final[Ranges] = ((0x1161, 0x1175), (0x11A8, 0x11C2))
_APOSTROPHES: Final = "\u2018\u2019\u201a\u201b\u02bb\u02bc\u2032\u00b4`"
_QUOTES: Final = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
#: letters whose stroke Unicode does not take apart, and the dotless i
_STROKES: Final = str.maketrans("đħłøŧƀǥƶȼɇɉɍɏıȷ", "dhlotbgzcejryij")


def points(ranges: Iterable[tuple[int, int]]) -> frozenset[str]:
    """Return the characters of ranges whose both ends are included."""
    return frozenset(chr(point) for low, high in ranges for point in range(low, high + 1))


#: soft hyphens, zero-width and bidi characters, variation selectors
IGNORABLE: Final = points(_IGNORABLE)
_DROPPED: Final = IGNORABLE | {_TATWEEL}
_STRIPPING: Final = points(_STRIPS)
_POINTS: Final = points(_OPTIONAL_POINTS)
_SPACELESS_SET: Final = points(_SPACELESS[:-1])
#: quotation marks and dashes as one types them
PLAIN: Final = str.maketrans(
    {**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_QUOTES, '"'), **dict.fromkeys(DASHES, "-")}
)
_SPACE_FOR_QUOTES: Final = str.maketrans(dict.fromkeys(_APOSTROPHES + _QUOTES, " "))


def is_spaceless(char: str) -> bool:
    """Tell whether a letter belongs to a script that is written without spaces between words."""
    return char in _SPACELESS_SET or "\U00020000" <= char <= "\U0003fffd"


def strips(char: str) -> bool:
    """Tell whether the marks on this folded letter or digit are dropped."""
    return char in _STRIPPING


def _case_and_width(text: str) -> str:
    """Fold width and case, and take letters and their marks apart.

    Source: Unicode 3.13, D146 (compatibility caseless matching).
    """
    text = text.translate(_SPACE_FOR_QUOTES)
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKD", text).translate(_STROKES).translate(_SPACE_FOR_QUOTES)


def without_marks(text: str) -> str:
    """Drop what is ignorable, optional, or a mark on a letter that loses its marks; compose the rest."""
    kept: list[str] = []
    base = ""
    for char in text:
        if char in _DROPPED or char in _POINTS:
            continue
        if unicodedata.category(char)[0] != "M":
            base = char
        elif strips(base):
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


@lru_cache(maxsize=16_384)
def fold_segment(segment: str) -> tuple[int, ...]:
    """Fold one character together with the marks that follow it.

    Returns folded code points with their class, packed like the table's values; nothing for a
    segment of ignorable characters.
    """
    symbol = unicodedata.category(segment[0])[0] in "PSZC"
    values: list[int] = []
    kind = SEPARATOR
    for char in without_marks(_case_and_width(segment)):
        # a mark is of its letter's class; without a letter it is none either
        if unicodedata.category(char)[0] != "M":
            kind = _class_of(char, symbol=symbol)
        values.append(SPACE if kind == SEPARATOR else ord(char) | kind << CLASS_SHIFT)
    return tuple(values)


def _class_of(char: str, *, symbol: bool) -> int:
    """Return the class of a folded character that is no mark."""
    if unicodedata.category(char)[0] in "LN":
        if is_spaceless(char):
            return SPACELESS
        return SYMBOL if symbol else WORD
    # ideographs that this Python's Unicode does not know yet
    return SPACELESS if char >= "\U00020000" and is_spaceless(char) else SEPARATOR


@dataclass(frozen=True, slots=True)
class Tables:
    """What every code point folds to."""

    #: 128 bytes of ASCII, folded; what is no letter or digit is a space
    ascii: bytes
    #: by code point below ``LIMIT``: folded code point, class and flags
    values: NDArray[np.uint32]


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Return the tables, built on the first call (about 0.1 s)."""
    letters = "".join(chr(point).lower() if chr(point).isalnum() else " " for point in range(128))
    values = np.full(LIMIT, SPACE, np.uint32)
    values[:128] = [ord(char) | (char != " ") << CLASS_SHIFT for char in letters]
    for point in (0x30, 0x61):
        values[point : point + (10 if point == 0x30 else 26)] |= STRIPS
    values[0x41:0x5B] |= STRIPS
    for low, high in _THEMSELVES:
        values[low : high + 1] = np.arange(low, high + 1, dtype=np.uint32) | SPACELESS << CLASS_SHIFT
    chars = [
        char
        for low, high in _BLOCKS
        for char in map(chr, range(low, high + 1))
        if unicodedata.category(char) not in _NOTHING
    ]
    folded = _case_and_width("\n".join(chars)).split("\n")
    tails = _tails(chars, folded)
    packed = [_value(char, fold, tails) for char, fold in zip(chars, folded, strict=True)]
    values[[ord(char) for char in chars]] = packed
    for char in _DROPPED:
        if ord(char) < LIMIT:
            values[ord(char)] = SPACE | DROP
    values.setflags(write=False)
    return Tables(ascii=letters.encode().ljust(256), values=values)


def _tails(chars: Iterable[str], folded: Iterable[str]) -> frozenset[str]:
    """Return the characters that can be composed into the one before them."""
    found = set(points(_HANGUL_TAILS))
    for char, fold in zip(chars, folded, strict=True):
        # a letter that is composed of two does not fold to itself
        if char != fold:
            parts = unicodedata.decomposition(char).split()
            if len(parts) == 2 and not parts[0].startswith("<"):
                found.add(chr(int(parts[1], 16)))
    return frozenset(found)


def _value(char: str, folded: str, tails: frozenset[str]) -> int:
    """Return the table's value of one character whose width, case and marks are already folded."""
    category = unicodedata.category(char)[0]
    # some letters unfold into a mark and a letter: Thai am, half-width voicing marks
    if category == "M" or (folded and (folded[0] in tails or unicodedata.category(folded[0])[0] == "M")):
        kept = folded == char and category == "M" and char not in tails and char not in _POINTS
        ordered = ORDERED if unicodedata.combining(char) else 0
        kind = SPACELESS if is_spaceless(char) else WORD
        return ord(char) | kind << CLASS_SHIFT | JOINS | (KEPT_MARK | ordered if kept else 0)
    if len(folded) > 1 or folded in _DROPPED:
        folded = without_marks(folded)
        if len(folded) != 1:
            # an ellipsis is one separator, however many dots it unfolds into
            blank = folded and not any(_class_of(part, symbol=False) for part in folded)
            return SPACE if blank else SPACE | SLOW
    kind = _class_of(folded, symbol=category in "PSZC")
    if kind == SEPARATOR:
        return SPACE
    return ord(folded) | kind << CLASS_SHIFT | (STRIPS if folded in _STRIPPING else 0)
