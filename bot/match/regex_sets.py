r"""Sets of characters for regular expressions: what ``\w``, ``[a-z]`` and ``\p{Greek}`` hold.

A set is a sorted row of code points at which it begins and ends by turns: ``(0x41, 0x5B)`` is A to Z.
So the complement, the union and membership of whole texts are plain arithmetic. Letters, marks and scripts
are those of the engine's own Unicode tables. Knows no patterns and no texts. Pure.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import re2
from numpy.typing import NDArray

#: where a set begins, ends, begins again …: code points, rising; half-open
Chars: TypeAlias = tuple[int, ...]

#: behind the last code point
END: Final = 0x110000
#: code points on one page of an alphabet
PAGE: Final = 256
EVERY: Final[Chars] = (0, END)
#: behind the last letter that has another case
_LAST_CASED: Final = 0x20000
_SURROGATES: Final[Chars] = (0xD800, 0xE000)
#: White_Space. Source: Unicode, PropList.txt
SPACES: Final[Chars] = (
    0x09, 0x0E, 0x20, 0x21, 0x85, 0x86, 0xA0, 0xA1, 0x1680, 0x1681, 0x2000, 0x200B, 0x2028, 0x202A, 0x202F,
    0x2030, 0x205F, 0x2060, 0x3000, 0x3001,
)  # fmt: skip


def one(char: str) -> Chars:
    """Return the set of one character."""
    return (ord(char), ord(char) + 1)


def union(*sets: Chars) -> Chars:
    """Return what is in any of these sets."""
    flips: list[int] = []
    for low, high in sorted(pair for chars in sets for pair in zip(chars[::2], chars[1::2], strict=True)):
        if flips and low <= flips[-1]:
            flips[-1] = max(flips[-1], high)
        else:
            flips += (low, high)
    return tuple(flips)


def others(chars: Chars) -> Chars:
    """Return everything that is not in a set."""
    return tuple(sorted({*chars} ^ {*EVERY}))


def holds(chars: Chars, point: int) -> bool:
    """Tell whether a code point is in a set."""
    return bisect_right(chars, point) % 2 == 1


def any_case(chars: Chars) -> Chars:
    """Return a set together with every letter that differs from one of its own in case alone.

    Simple case folding: K, k and the Kelvin sign are one, ß and ẞ too, but never ß and ss.
    Source: Unicode, CaseFolding.txt; measured to be what RE2 does for every code point.
    """
    points, families = _cases()
    found = np.searchsorted(np.asarray(chars), points, "right") % 2 == 1
    return union(chars, *{families[number] for number in np.flatnonzero(found).tolist()})


@lru_cache(maxsize=1)
def _cases() -> tuple[NDArray[np.int64], list[Chars]]:
    """Return the letters that have another case, and for each of them all its cases."""
    families: dict[str, list[str]] = {}
    for char in map(chr, range(_LAST_CASED)):
        if {char.lower(), char.upper()} != {char}:
            families.setdefault(char.casefold(), []).append(char)
    cased = [(ord(char), family) for family in families.values() for char in family if len(family) > 1]
    return (
        np.array([point for point, _ in cased], np.int64),
        [union(*map(one, family)) for _, family in cased],
    )


@lru_cache(maxsize=512)
def in_unicode(name: str) -> Chars | None:
    r"""Return what ``\p{name}`` holds: a category or a script as RE2 calls it; None where it knows none."""
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(rf"\p{{{name}}}+", options)
    except re2.error:
        return None
    below, above = _SURROGATES
    points = np.concatenate((np.arange(below), np.arange(above, END))).astype("<u4")
    # UTF-8 has no surrogates: they are let out, and what lies behind them moves up
    spans = (found.span() for found in pattern.finditer(points.tobytes().decode("utf-32-le")))
    chars = tuple(int(flip) for low, high in spans for flip in (points[low], points[high - 1] + 1))
    return union(chars, _SURROGATES) if name in ("Any", "C", "Cs") else chars


def _unicode(*names: str) -> Chars:
    return union(*(chars for name in names if (chars := in_unicode(name)) is not None))


@lru_cache(maxsize=1)
def letters() -> Chars:
    """Return all letters and digits, the digits and numbers of every script included."""
    return _unicode("L", "N")


@lru_cache(maxsize=1)
def marks() -> Chars:
    """Return the combining marks."""
    return _unicode("M")


@lru_cache(maxsize=32)
def in_perl(letter: str) -> Chars:
    r"""Return what ``\w``, ``\d`` or ``\s`` holds, in all of Unicode."""
    if letter == "w":
        return union(letters(), marks(), one("_"))
    return SPACES if letter == "s" else _unicode("Nd")


@lru_cache(maxsize=32)
def in_posix(name: str) -> Chars | None:
    """Return what ``[:name:]`` holds, in all of Unicode; None where there is no such class.

    Source: Unicode, UTS #18, annex C.
    """
    if name in _POSIX:
        return _unicode(*_POSIX[name].split())
    return {
        "ascii": (0, 0x80),
        "blank": union(one("\t"), _unicode("Zs")),
        "punct": union(_unicode("P"), *map(one, "$+<=>^`|~")),
        "space": SPACES,
        "word": in_perl("w"),
        "xdigit": union((0x30, 0x3A), (0x41, 0x47), (0x61, 0x67)),
    }.get(name)


#: classes that are categories of Unicode
_POSIX: Final = {
    "alnum": "L N",
    "alpha": "L",
    "cntrl": "Cc",
    "digit": "Nd",
    "graph": "L M N P S Cf Co",
    "lower": "Ll",
    "print": "L M N P S Cf Co Zs",
    "upper": "Lu",
}
POSIX_NAMES: Final = (*_POSIX, "ascii", "blank", "punct", "space", "word", "xdigit")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What some sets tell apart: characters that all of them treat alike are one letter of it."""

    #: how many letters there are; they are numbered from 0
    size: int
    #: by set: the letters in it, rising
    letters: tuple[tuple[int, ...], ...]
    #: by page of code points: where its cells begin; pages that are alike share theirs
    pages: NDArray[np.uint32]
    #: the letters of the characters on each page
    cells: NDArray[np.uint16]


def alphabet(sets: Sequence[Chars]) -> Alphabet:
    """Return the smallest alphabet in which every one of these sets can be told."""
    edges = np.unique(np.fromiter((flip for chars in (EVERY, *sets) for flip in chars), np.int64))
    held = np.array([np.searchsorted(np.asarray(chars), edges[:-1], "right") % 2 == 1 for chars in sets])
    numbers: dict[bytes, int] = {}
    between = [numbers.setdefault(column.tobytes(), len(numbers)) for column in np.packbits(held, axis=0).T]
    spelled = np.asarray(between, np.uint16)
    rows = np.repeat(spelled, np.diff(edges)).reshape(-1, PAGE)
    kept: dict[bytes, int] = {}
    pages = [kept.setdefault(row.tobytes(), len(kept)) for row in rows]
    return Alphabet(
        size=len(numbers),
        letters=tuple(tuple(np.unique(spelled[row]).tolist()) for row in held),
        pages=np.asarray(pages, np.uint32) * PAGE,
        cells=np.frombuffer(b"".join(kept), np.uint16),
    )
