"""Folding: one form for texts and terms, with a map back to the stored offsets.

The folded form is lower-case words split by single spaces, with a space at both ends and between
letters of scripts without spaces and other letters. A term written in that form, boundaries and
all, is found by plain substring search. Fields are folded together, split by a NUL, so that one
scan sees the whole article and nothing is found across a field's end. Pure.

Source: "Folding" in the watch language; measured 15–40 µs for an article of 3 kB, up to 100 µs where
many letters unfold into several.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.match.fold_tables import (
    CLASS_SHIFT,
    CODE,
    DROP,
    JOINS,
    KEPT_MARK,
    LIMIT,
    ORDERED,
    SEPARATOR,
    SLOW,
    SPACE,
    STRIPS,
    WORD,
    fold_segment,
    tables,
)

#: changes when the same text would fold differently; part of every watch's version
FOLD_VERSION: Final = "2"
#: between two fields of a folded text; no term holds it
FIELD_BREAK: Final = "\0"
#: marks on one letter beyond this many are not there. Source: UAX #15, stream-safe text
MOST_MARKS: Final = 30

_Positions = NDArray[np.int64]
_Values = NDArray[np.uint32]
#: where a segment begins and ends, and what it folds to
_Segment = tuple[int, int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Folded:
    """Fields in their folded form, and where every character of it came from."""

    #: single-spaced words, a space at both ends, fields split by ``FIELD_BREAK``
    text: str
    fields: tuple[str, ...]
    #: where each field begins in the joined text that ``starts`` and ``ends`` index
    bases: tuple[int, ...]
    starts: _Positions
    #: None where every folded character came from exactly one
    ends: _Positions | None

    def origin(self, first: int, after: int) -> tuple[int, int, int]:
        """Return what a stretch of the folded text came from: field number, start and end in that field."""
        start: int = self.starts.item(first)
        end: int = self.starts.item(after - 1) + 1 if self.ends is None else self.ends.item(after - 1)
        number = bisect_right(self.bases, start) - 1
        base = self.bases[number]
        return number, start - base, end - base

    def gap(self, at: int) -> str:
        """Return what stands in the field where the folded text has a space between two words."""
        number, _, end = self.origin(at - 1, at)
        return self.fields[number][end : self.starts.item(at + 1) - self.bases[number]]


def fold(*fields: str) -> Folded:
    """Fold one or more fields together.

    Takes any text, lone surrogates and unassigned characters included; offsets are in code points.
    A field without letters or digits folds to a single space.
    """
    bases = [1]
    for field in fields[:-1]:
        bases.append(bases[-1] + len(field) + 3)
    joined = " " + " \0 ".join(fields) + " "
    breaks = [base - 2 for base in bases[1:]]
    if joined.isascii():
        text, starts, ends = _fold_ascii(joined, breaks)
    else:
        text, starts, ends = _fold_any(joined, breaks)
    return Folded(text, fields, tuple(bases), starts, ends)


def _fold_ascii(joined: str, breaks: list[int]) -> tuple[str, _Positions, None]:
    folded = np.frombuffer(bytearray(joined.encode().translate(tables().ascii)), np.uint8)
    folded[breaks] = 0
    blank = folded == SPACE
    starts = np.flatnonzero(~(blank[1:] & blank[:-1])) + 1
    # the blank at the very beginning stands, whatever follows it
    text = " " + folded[starts].tobytes().decode("ascii")
    return text, np.concatenate((_ZERO, starts)), None


_ZERO: Final[_Positions] = np.zeros(1, np.int64)


def _fold_any(joined: str, breaks: list[int]) -> tuple[str, _Positions, _Positions | None]:
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    if int(points.max()) >= LIMIT:
        # tags and variation selectors vanish, private use separates
        ignorable = (points >= 0xE0000) & (points <= 0xE0FFF)
        points = np.where(points < LIMIT, points, np.where(ignorable, np.uint32(0xAD), np.uint32(SPACE)))
    values = tables().values.take(points)
    values[breaks] = 0
    flags = int(np.bitwise_or.reduce(values))
    starts: _Positions | None = None
    ends: _Positions | None = None
    if flags & DROP:
        starts = np.flatnonzero((values & DROP) == 0)
        values, points = values[starts], points[starts]
    if flags & (SLOW | JOINS):
        at = _unsettled(values) if flags & JOINS else np.flatnonzero(values & SLOW)
        if len(at):
            segments = _joined(values, points, at) if flags & JOINS else _lone(points, at)
            values, starts, ends = _spliced(values, starts, segments)
    text, kept = _separate(values)
    return text, kept if starts is None else starts[kept], None if ends is None else ends[kept]


def _unsettled(values: _Values) -> _Positions:
    """Return where a character cannot be taken from the table as it is."""
    odd = (values & (SLOW | JOINS)) != 0
    marks = np.flatnonzero(values & KEPT_MARK)
    if len(marks):
        before = values[marks - 1]
        settled = (before & (SLOW | STRIPS)) == 0
        settled &= ((before ^ values[marks]) >> CLASS_SHIFT) & 3 == 0
        settled &= (before & (JOINS | KEPT_MARK)) != JOINS
        settled &= (before & values[marks] & ORDERED) == 0
        odd[marks[settled]] = False
    return np.flatnonzero(odd)


def _lone(points: NDArray[np.uint32], at: _Positions) -> list[_Segment]:
    """Fold characters that stand alone."""
    return [
        (place, place + 1, fold_segment(chr(point)))
        for place, point in zip(at.tolist(), points[at].tolist(), strict=True)
    ]


def _joined(values: _Values, points: NDArray[np.uint32], at: _Positions) -> list[_Segment]:
    """Fold characters together with what is written onto them."""
    joins = ((values & JOINS) != 0).tobytes()
    blank = (values == SPACE).tobytes()
    text = points.tobytes().decode("utf-32-le", "surrogatepass")
    segments: list[_Segment] = []
    after = 0
    for place in at.tolist():
        if place < after:
            continue
        first, after = place, place + 1
        if joins[first]:
            first -= 1
            while joins[first]:
                first -= 1
            # nothing is written onto a separator
            first += blank[first]
        while joins[after]:
            after += 1
        segments.append((first, after, fold_segment(text[first : min(after, first + 1 + MOST_MARKS)])))
    return segments


def _spliced(
    values: _Values, starts: _Positions | None, segments: list[_Segment]
) -> tuple[_Values, _Positions, _Positions]:
    """Put folded segments in the place of what they were folded from.

    Returns the new values, and where each of them begins and ends.
    """
    places: list[int] = []
    firsts: list[int] = []
    lasts: list[int] = []
    replaced: list[int] = []
    #: by stretch up to the end of a segment: its length afterwards, and how far it moved
    lengths: list[int] = []
    moved: list[int] = []
    end = shift = 0
    for first, after, packed in segments:
        size, count = after - first, len(packed)
        place = first - shift
        places += range(place, place + count)
        replaced += packed
        if count == size:
            # as many as before: one came from one
            firsts += range(first, after)
            lasts += range(first, after)
        else:
            firsts += [first] * count
            lasts += [after - 1] * count
        lengths.append(place + count - end)
        moved.append(shift)
        end = place + count
        shift += size - count
    total = len(values) - shift
    order = np.arange(total)
    order += np.repeat([*moved, shift], [*lengths, total - end])
    changed = np.asarray(places, np.int64)
    order[changed] = firsts
    result = values.take(order)
    result[changed] = replaced
    if starts is None:
        ends = order + 1
        ends[changed] = np.asarray(lasts, np.int64) + 1
        return result, order, ends
    origins = starts.take(order)
    ends = origins + 1
    ends[changed] = starts[np.asarray(lasts, np.int64)] + 1
    return result, origins, ends


def _separate(values: _Values) -> tuple[str, _Positions]:
    """Make every run of separators one space, and put one wherever the script's habit changes.

    Returns the text and, for each of its characters, the place in ``values`` it came from.
    """
    blank = values == SPACE
    kept = np.empty(len(values), np.bool_)
    kept[0] = True
    np.logical_and(blank[1:], blank[:-1], out=kept[1:])
    np.logical_not(kept[1:], out=kept[1:])
    order = np.flatnonzero(kept)
    values = values.take(order)
    if (int(np.bitwise_or.reduce(values)) >> CLASS_SHIFT) & 3 > WORD:
        kinds = (values >> CLASS_SHIFT) & 3
        border = (kinds[1:] != kinds[:-1]) & (kinds[1:] != SEPARATOR) & (kinds[:-1] != SEPARATOR)
        if border.any():
            before = np.flatnonzero(border) + 1
            values = np.insert(values, before, SPACE)
            order = np.insert(order, before, order[before])
    return (values & CODE).tobytes().decode("utf-32-le"), order
