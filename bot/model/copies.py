"""When two texts are copies of one: what their sketches say of it.

A sketch is a few hundred bytes that ``bot.parse.sketch`` makes of a text: of the hashes of all runs of three
words those of the lowest rank, at most 128, each with the place in the text that it stands at. Two
sketches tell how much of the shorter text stands in the other (containment), and whether it stands
all over it or in one place: a copy that was edited agrees everywhere, a shared background paragraph or
quote in one place only. The lowest hashes of all are the text's marks, by which a store finds
candidates: copies share some of them.

Sampling by rank serves shortened copies, which bands of MinHash values do not: what is left of a text keeps
its hashes, and those of low rank among them.

Source: Broder, "On the resemblance and containment of documents" (1997); measured in
``benchmarks/stories.py``.
"""

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

#: How many marks a text has at most.
MARKS = 24
#: How many runs a text has, and by how many bits the sample is thinned; values of 64 bits follow.
SKETCH_HEAD = struct.Struct("<IB")
#: The place in the text takes the lowest bits of a value.
PLACE_BITS = 4
PLACES = 1 << PLACE_BITS


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """How two texts compare, by their sketches; all zeros where one has none."""

    #: the share of the shorter text's runs that stand in the other, 0 to 1
    contained: float = 0.0
    #: how evenly these stand in the shorter text: about 1 where all over it, near 0 where in one place
    spread: float = 0.0
    #: how long the shorter text is beside the other, 0 to 1
    length: float = 0.0
    #: how many values were the same
    shared: int = 0


#: Below this two texts are no copies, however evenly they agree: of a text with three words of ten changed a
#: third of the runs is left.
_CONTAINED = 0.25
#: From here on they need not agree all over.
_SURE = 0.65
_SPREAD = 0.7
#: Pages of one site share templates: "The weather on Monday", market reports, notices.
_SAME_SITE = 0.8
#: A copy may be cut to a third; what is shorter beside the other is a brief in a round-up, or a quote.
_LENGTH = 0.25
#: Fewer values in common are a coincidence.
_FEWEST_SHARED = 6


def marks(sketch: bytes) -> list[int]:
    """Return the numbers (positive, below 2⁶⁰) by which copies of a text are found; none for b""."""
    return [value >> PLACE_BITS for value in _read(sketch)[2][:MARKS]]


def likeness(one: bytes, other: bytes) -> Likeness:
    """Compare two sketches."""
    (count, scale, values), (other_count, other_scale, other_values) = _read(one), _read(other)
    if count > other_count:
        return likeness(other, one)
    # The coarser sample is a part of what the finer one would be.
    limit = 1 << (64 - max(scale, other_scale))
    mine = [value for value in values if value < limit]
    theirs = {value >> PLACE_BITS for value in other_values}
    found = [value for value in mine if value >> PLACE_BITS in theirs]
    if not found:
        return Likeness()
    contained = len(found) / len(mine)
    return Likeness(
        contained=contained,
        spread=_spread(mine, found, contained),
        length=count / other_count,
        shared=len(found),
    )


def are_copies(found: Likeness, *, same_site: bool) -> bool:
    """Tell whether two texts that compare like this are copies of one text."""
    if found.length < _LENGTH or found.shared < _FEWEST_SHARED:
        return False
    if same_site:
        return found.contained >= _SAME_SITE
    return found.contained >= _SURE or (found.contained >= _CONTAINED and found.spread >= _SPREAD)


def _read(sketch: bytes) -> tuple[int, int, Sequence[int]]:
    """Return how many runs the text has, the scale of the sample, and the sample, the lowest first."""
    values = array("Q")
    if len(sketch) < SKETCH_HEAD.size or (len(sketch) - SKETCH_HEAD.size) % values.itemsize:
        return 0, 0, ()
    count, scale = SKETCH_HEAD.unpack_from(sketch)
    values.frombytes(sketch[SKETCH_HEAD.size :])
    return count, min(scale, 63), values


def _spread(values: Sequence[int], found: Sequence[int], contained: float) -> float:
    """Return in how many places runs were found, beside how many there would be if they stood all over."""
    there = [0] * PLACES
    for value in values:
        there[value & (PLACES - 1)] += 1
    hit = len({value & (PLACES - 1) for value in found})
    return hit / sum(1 - (1 - contained) ** count for count in there)
