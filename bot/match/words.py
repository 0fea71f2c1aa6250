"""Counting words: which word of an article a place begins and ends in.

A word is what stands between two spaces of the folded text; in a run of a script without spaces each
character is one, with the marks on it. Pure.

Source: "Grammar" in the watch language; measured 20–40 µs an article, only where a query asks.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.match.fold import Folded
from bot.match.fold_tables import CLASS_SHIFT, JOINS, LIMIT, SPACE, SPACELESS, tables

#: words of the body that its field ``lead`` holds
LEAD_WORDS: Final = 100
_BODY: Final = 1

_Numbers = NDArray[np.int64]


class Words:
    """The words of one folded article, numbered through all its fields."""

    def __init__(self, folded: Folded) -> None:
        points = np.frombuffer(folded.text.encode("utf-32-le", "surrogatepass"), np.uint32)
        values = tables().values.take(np.minimum(points, LIMIT - 1))
        solid = points > SPACE
        runs = (values >> CLASS_SHIFT) & 3 == SPACELESS
        begins = solid & np.concatenate((_TRUE, ~solid[:-1]))
        begins |= solid & runs & ((values & JOINS) == 0)
        at = np.flatnonzero(solid)
        numbers = np.cumsum(begins)
        self._starts: _Numbers = folded.starts[at]
        self._numbers: _Numbers = numbers[at]
        self._bases = folded.bases
        self._fields = folded.fields

    def bounds(self, field: int, start: int, end: int) -> tuple[int, int]:
        """Return the numbers of the first and the last word of a place.

        Of a place without letters: the word after it and the word before it, in this order.
        """
        base = self._bases[field]
        first = int(np.searchsorted(self._starts, base + start, side="left"))
        last = int(np.searchsorted(self._starts, base + end, side="left")) - 1
        if first < len(self._starts) and last >= 0:
            return int(self._numbers[first]), int(self._numbers[last])
        total = int(self._numbers[-1]) if len(self._numbers) else 0
        return (
            int(self._numbers[first]) if first < len(self._starts) else total + 1,
            int(self._numbers[last]) if last >= 0 else 0,
        )

    def ends_in_lead(self, last_word: int) -> bool:
        """Tell whether a word of the body is one of its first words."""
        first = int(np.searchsorted(self._starts, self._bases[_BODY], side="left"))
        if first >= len(self._numbers):
            return False
        return last_word - int(self._numbers[first]) < LEAD_WORDS


_TRUE: Final = np.ones(1, np.bool_)
