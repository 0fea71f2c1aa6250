r"""Regular expressions on the original text, run by RE2: linear in the text, whatever the pattern.

Text and pattern are handed to the engine in a small alphabet of bytes that tells apart just what the pattern
tells apart: characters that every class of the pattern treats alike are the same byte. So each set of Unicode
is a few bytes to the engine, and what it finds is counted in characters.

Where a pattern asks for ends of words or lines, each character stands between two bytes about its places:
where a word begins or ends, one of the two bytes that meet is a letter of ASCII; beside a line end they are
line ends. The engine's own ``\b``, ``^`` and ``$`` look at one byte on either side, so they hold exactly
where the watch language says. Pure.

Source: "Grammar" and "Folding" in the watch language.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

import numpy as np
import re2
from numpy.typing import NDArray

from bot.match.fold_tables import IGNORABLE, is_spaceless
from bot.match.regex_classes import RegexRefused
from bot.match.regex_sets import END, PAGE, Alphabet, alphabet, letters, marks
from bot.match.regex_syntax import MOST_CHARACTERS, read

__all__ = ["MOST_CHARACTERS", "Pattern", "RegexRefused", "compiled"]

#: bytes that RE2 may spend on a pattern: on its program, and on the states that it has met in texts
_MEMORY: Final = 8 << 20
#: the bytes beside a character: nothing is there, a word begins or ends, a line ends
_NOTHING, _WORD_END, _LINE_END = b"|W\n"
#: any of them, to the engine
_BESIDE: Final = r"[\x00-\x7f]"
#: letters of an alphabet begin at this byte; one byte each where they are so few
_FIRST: Final = 0x80
_FEW: Final = 128
#: two bytes each otherwise, from halves of what is left, so that no letter begins inside another
_HALF: Final = 64
#: what characters are to words: neither letter nor digit; either; either, of a script without spaces; marks;
#: what is dropped when texts are folded
_OTHER, _LETTER, _SPACELESS, _MARK, _UNSEEN = range(5)


class Pattern:
    """One regular expression, ready to be looked for."""

    __slots__ = ("_cells", "_engine", "_framed", "_pages", "_width", "pattern")

    def __init__(self, pattern: str) -> None:
        r"""Compile a pattern in which ``\/`` is already ``/``.

        Raises RegexRefused where it cannot be read, can only match the empty text, or is too large.
        """
        self.pattern = pattern
        syntax = read(pattern)
        sets = list(dict.fromkeys(part for part in syntax.parts if not isinstance(part, str)))
        told = alphabet(sets)
        self._pages, self._cells = told.pages, _bytes_of(told, pattern)
        #: whether every character stands between two bytes about its place
        self._framed = syntax.places
        #: bytes a character
        self._width = self._cells.itemsize + 2 * self._framed
        written = {
            chars: _in_brackets(numbers, told.size, framed=self._framed)
            for chars, numbers in zip(sets, told.letters, strict=True)
        }
        source = "".join(part if isinstance(part, str) else written[part] for part in syntax.parts)
        self._engine = _engine(source, pattern)

    def find(self, text: str, *, most: int = 1_000) -> list[tuple[int, int]]:
        """Return where the pattern stands in a text: half-open code-point offsets, rising, never overlapping.

        At most ``most`` places. Of several matches that begin at one place the engine takes the one that the
        pattern prefers; an empty match is no match. Empty where there is none. Each place costs one search,
        which looks through the rest of the text at most once.
        """
        spelled, width = self._spelled(text), self._width
        found: list[tuple[int, int]] = []
        at = 0
        while at <= len(spelled) and len(found) < most:
            match = self._engine.search(spelled, at)
            if match is None:
                break
            start, end = match.span()
            if start < end:
                found.append((start // width, end // width))
                at = end
            else:
                at = (start // width + 1) * width
        return found

    def is_in(self, text: str) -> bool:
        """Tell whether the pattern stands anywhere in a text."""
        return bool(self.find(text, most=1))

    def _spelled(self, text: str) -> bytes:
        """Return a text in the bytes that the engine knows."""
        pages, places = _on_pages(text)
        chars = self._cells.take(self._pages.take(pages) + places)
        if not self._framed:
            return chars.tobytes()
        spelled = np.empty((len(chars), self._width), np.uint8)
        spelled[:, 0], spelled[:, -1] = _frames(text)
        spelled[:, 1:-1] = chars.view(np.uint8).reshape(-1, self._width - 2)
        return spelled.tobytes()


@lru_cache(maxsize=4_096)
def compiled(pattern: str) -> Pattern:
    """Return a pattern, compiled once; see ``Pattern``."""
    return Pattern(pattern)


def _engine(source: str, pattern: str) -> Any:
    """Compile a pattern that is written for the engine."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = _MEMORY
    options.never_capture = True
    try:
        return re2.compile(source.encode("ascii"), options)
    except re2.error:
        raise _too_large(pattern) from None


def _too_large(pattern: str) -> RegexRefused:
    hint = "lower the counts in braces, or write several re:/…/ with OR"
    return RegexRefused("too large for the engine", at=0, width=len(pattern), hint=hint)


def _bytes_of(told: Alphabet, pattern: str) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return an alphabet's cells as the bytes in which its letters are written, one or two each."""
    if told.size <= _FEW:
        return (told.cells + _FIRST).astype(np.uint8)
    if told.size > _HALF * _HALF:
        raise _too_large(pattern)
    high, low = np.divmod(told.cells, _HALF)
    return np.stack((high + _FIRST, low + _FIRST + _HALF), axis=-1).astype(np.uint8).view(np.uint16)[:, 0]


def _in_brackets(numbers: tuple[int, ...], size: int, *, framed: bool) -> str:
    """Write a set of letters for the engine."""
    if size <= _FEW:
        written = _ranges(numbers, _FIRST)
    else:
        rows: dict[tuple[int, ...], list[int]] = {}
        for high, row in groupby(numbers, lambda number: number // _HALF):
            rows.setdefault(tuple(number % _HALF for number in row), []).append(high)
        pairs = (_ranges(highs, _FIRST) + _ranges(lows, _FIRST + _HALF) for lows, highs in rows.items())
        written = f"(?:{'|'.join(pairs)})"
    return f"(?:{_BESIDE}{written}{_BESIDE})" if framed else written


def _ranges(numbers: Sequence[int], first: int) -> str:
    runs = (
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    )
    return "[" + "".join(rf"\x{run[0] + first:02x}-\x{run[-1] + first:02x}" for run in runs) + "]"


@lru_cache(maxsize=4)
def _on_pages(text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the pages of a text's characters, and their places on them."""
    points = _points(text)
    return points // PAGE, points % PAGE


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@lru_cache(maxsize=4)
def _frames(text: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the bytes before and after each character.

    Where a word ends or begins, exactly one of the two bytes that meet there says so.
    """
    points = _points(text)
    ends = _word_ends(points)
    lines = points == ord("\n")
    before = np.full(len(points), _NOTHING, np.uint8)
    after = np.where(ends[1:], _WORD_END, _NOTHING).astype(np.uint8)
    # the byte behind a line end is taken
    free = np.concatenate(([True], lines[:-1]))
    before[free & ends[:-1]] = _WORD_END
    before[lines] = after[lines] = _LINE_END
    return before, after


def _word_ends(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell for each place of a text, its ends included, whether a word begins or ends there."""
    kinds = _kinds().take(points)
    seen = kinds != _UNSEEN
    if seen.all():
        return _ends_between(kinds)
    # what is not seen is not there: its places are those of what stands around it
    return _ends_between(kinds[seen]).take(np.concatenate(([0], np.cumsum(seen))))


def _ends_between(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    on_letter = kinds == _MARK
    if on_letter.any():
        # a mark is of the kind of the character that bears it; at the very beginning none does
        bearers = np.maximum.accumulate(np.where(on_letter, 0, np.arange(len(kinds))))
        kinds = kinds.take(bearers)
        kinds[kinds == _MARK] = _OTHER
        on_letter &= kinds != _OTHER
    around = np.concatenate(([_OTHER], kinds, [_OTHER]))
    ends: NDArray[np.bool_] = (around[:-1] != around[1:]) | (around[1:] == _SPACELESS)
    ends[:-1] &= ~on_letter
    return ends


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of every code point."""
    kinds = np.full(END, _OTHER, np.uint8)
    for kind, chars in ((_LETTER, letters()), (_MARK, marks())):
        for low, high in zip(chars[::2], chars[1::2], strict=True):
            kinds[low:high] = kind
    at = np.flatnonzero(kinds == _LETTER)
    kinds[[point for point in at.tolist() if is_spaceless(chr(point))]] = _SPACELESS
    kinds[[ord(char) for char in IGNORABLE]] = _UNSEEN
    kinds.setflags(write=False)
    return kinds
