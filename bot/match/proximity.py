"""Places beside places: NEAR, ONEAR, NOT NEAR, and how many there are.

An occurrence is a place with the words it begins and ends in, and the places of the terms that make
it. All in n log n. Pure.

Source: "Grammar" in the watch language.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bot.match.terms import Place


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place of a term, or the stretch from one place to another that stands near it."""

    field: int
    start: int
    end: int
    #: numbers of its first and its last word
    first: int
    last: int
    #: the terms that make it, each as its leaf's number and its place
    leaves: tuple[tuple[int, Place], ...]


class _Line:
    """Occurrences of one field, ready to be asked for neighbours."""

    def __init__(self, found: Iterable[Occurrence]) -> None:
        self._by_start = sorted(found, key=_start)
        self._by_end = sorted(self._by_start, key=_end)
        self._starts = [one.start for one in self._by_start]
        self._ends = [one.end for one in self._by_end]
        #: by place in ``_by_start``: how far those up to here reach
        self._reach = list(accumulate(self._ends_by_start(), max))

    def _ends_by_start(self) -> list[int]:
        return [one.end for one in self._by_start]

    def after(self, one: Occurrence) -> Occurrence | None:
        """Return the first that begins where ``one`` ends, or later."""
        at = bisect_left(self._starts, one.end)
        return self._by_start[at] if at < len(self._starts) else None

    def before(self, one: Occurrence) -> Occurrence | None:
        """Return the last that ends where ``one`` begins, or earlier."""
        at = bisect_right(self._ends, one.start)
        return self._by_end[at - 1] if at else None

    def over(self, one: Occurrence) -> bool:
        """Tell whether another place overlaps ``one``; the same term in the same place is no other."""
        at = bisect_left(self._starts, one.end)
        if not at or self._reach[at - 1] <= one.start:
            return False
        low = bisect_right(self._reach, one.start)
        return any(other.end > one.start and other.leaves != one.leaves for other in self._by_start[low:at])


def near(
    left: Sequence[Occurrence], right: Sequence[Occurrence], *, most: int, ordered: bool
) -> list[Occurrence]:
    """Return, for each occurrence that has one of the other side near it, the stretch of the two.

    At most ``most`` words stand between them and they do not overlap; ``ordered``: the left one first.
    """
    lefts, rights = _by_field(left), _by_field(right)
    #: by field, start and end: of NEAR within NEAR many pairs make one stretch
    found: dict[tuple[int, int, int], Occurrence] = {}
    for field in lefts.keys() & rights.keys():
        ours, theirs = _Line(lefts[field]), _Line(rights[field])
        pairs: list[tuple[Occurrence | None, Occurrence | None]] = []
        for one in lefts[field]:
            pairs.append((one, theirs.after(one)))
            if not ordered:
                pairs.append((theirs.before(one), one))
        for one in rights[field]:
            pairs.append((ours.before(one), one))
            if not ordered:
                pairs.append((one, ours.after(one)))
        for low, high in pairs:
            if low is not None and high is not None and high.first - low.last - 1 <= most:
                place = field, low.start, high.end
                found[place] = _stretch(low, high, found.get(place))
    return list(found.values())


def not_near(
    left: Sequence[Occurrence], right: Sequence[Occurrence], *, most: int, ordered: bool
) -> list[Occurrence]:
    """Return the occurrences of ``left`` with none of ``right`` near or over them.

    ``ordered``: only what begins after them counts.
    """
    rights = {field: _Line(found) for field, found in _by_field(right).items()}
    return [one for one in left if not _has_near(one, rights.get(one.field), most=most, ordered=ordered)]


def _has_near(one: Occurrence, line: _Line | None, *, most: int, ordered: bool) -> bool:
    if line is None:
        return False
    following = line.after(one)
    if following is not None and following.first - one.last - 1 <= most:
        return True
    if ordered:
        return False
    before = line.before(one)
    return (before is not None and one.first - before.last - 1 <= most) or line.over(one)


def count(found: Iterable[Occurrence]) -> int:
    """Return how many places there are; of places that overlap one counts."""
    total, field, reach = 0, -1, 0
    for one in sorted(found, key=lambda one: (one.field, one.end, one.start)):
        if one.field != field or one.start >= reach:
            total, field, reach = total + 1, one.field, one.end
    return total


def _by_field(found: Iterable[Occurrence]) -> dict[int, list[Occurrence]]:
    fields: defaultdict[int, list[Occurrence]] = defaultdict(list)
    for one in found:
        fields[one.field].append(one)
    return fields


def _stretch(low: Occurrence, high: Occurrence, known: Occurrence | None) -> Occurrence:
    """Return the stretch from one place to another, with the leaves of a known one of the same bounds."""
    leaves = dict.fromkeys((*(known.leaves if known else ()), *low.leaves, *high.leaves))
    return Occurrence(low.field, low.start, high.end, low.first, high.last, tuple(leaves))


def _start(one: Occurrence) -> tuple[int, int]:
    return one.start, one.end


def _end(one: Occurrence) -> tuple[int, int]:
    return one.end, one.start
