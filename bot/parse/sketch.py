"""From a text to its sketch, by which copies of it are known; see ``bot.model.copies`` for what one is.

Runs in a worker of ``sandbox``: the program itself only compares.
"""

import re
import zlib

import numpy as np
from numpy.typing import NDArray

from bot.model.copies import MARKS, PLACE_BITS, PLACES, SKETCH_HEAD
from bot.parse.identity import fold

#: Runs of so many words; in scripts without spaces, of so many letters.
_RUN = 3
_MOST_VALUES = 128
#: Fewer words or runs say nothing: a caption, a notice.
_FEWEST_WORDS = 20
_FEWEST_RUNS = 12
#: Runs of fewer letters are of short words only, which all texts share: "one of the".
_FEWEST_LETTERS = 10
#: A letter of a script without spaces stands for so many.
_SPACELESS_LETTERS = 4
#: Words looked at: no article is longer, and what is shares its beginning with its copies.
_MOST_WORDS = 20_000
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\U00020000-\U0003fffd]|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30fa"
    r"\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]+"
)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
_SHIFT = np.uint64(33)


def of(text: str) -> bytes:
    """Return the sketch of a text without its title; b"" for one that is too short to tell.

    A title says nothing: copies have headlines of their own, and other stories the same one.
    """
    words = _WORD.findall(fold(text))[:_MOST_WORDS]
    if len(words) < _FEWEST_WORDS:
        return b""
    values = _values(words)
    if len(values) < _FEWEST_RUNS:
        return b""
    scale = 0
    kept = len(values)
    while kept > _MOST_VALUES:
        scale += 1
        kept = int(np.searchsorted(values, np.uint64(1 << (64 - scale))))
    return SKETCH_HEAD.pack(len(values), scale) + values[: max(kept, min(MARKS, len(values)))].tobytes()


def _values(words: list[str]) -> NDArray[np.uint64]:
    """Return the hashes of all runs, each once, the lowest first; the lowest bits are where it stands."""
    known: dict[str, int] = {}
    for word in words:
        if word not in known:
            known[word] = zlib.crc32(word.encode("utf-8", "replace"))
    hashes = np.fromiter((known[word] for word in words), np.uint64, len(words))
    lengths = np.fromiter((_letters(word) for word in words), np.int64, len(words))
    runs = len(words) - _RUN + 1
    # numpy wraps around in arrays without a word
    mixed = sum(
        (hashes[at : at + runs] * factor for at, factor in enumerate(_FACTORS)), np.zeros(runs, np.uint64)
    )
    mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX
    mixed ^= mixed >> _SHIFT
    letters = sum((lengths[at : at + runs] for at in range(_RUN)), np.zeros(runs, np.int64))
    places = (np.arange(runs) * PLACES // runs).astype(np.uint64)
    telling = letters >= _FEWEST_LETTERS
    mixed, places = mixed[telling], places[telling]
    hashed, first = np.unique(mixed >> np.uint64(PLACE_BITS), return_index=True)
    values: NDArray[np.uint64] = (hashed << np.uint64(PLACE_BITS)) | places[first]
    return values


def _letters(word: str) -> int:
    return _SPACELESS_LETTERS if len(word) == 1 and word >= "\u0e00" else len(word)
