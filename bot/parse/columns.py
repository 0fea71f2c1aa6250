"""Part links that stand in the same kinds of boxes, and are not of the same kind.

Used by ``structure``, for pages whose markup names nothing: the second link of every item is its author, the
first of two lists is the menu. Parts only where the links differ by what speaks for them; cards in rows of
three stay together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from bs4 import Tag


class _Standing(Protocol):
    """A link with what speaks for it."""

    tag: Tag
    points: float


L = TypeVar("L", bound=_Standing)

_MAX_CLIMB = 12
#: Links of one item at most, and the share of items that must have as many as most.
_MAX_COLUMNS, _REGULAR = 5, 0.7
#: Items at least, for their links to be columns.
_FEWEST = 3
#: By how many points parts must differ to be parted.
_APART = 1.5


def parted(links: Sequence[L], dated: Callable[[L], bool]) -> list[list[L]]:
    """Return the links in parts that are alike, in the order of the page; one part where all are.

    ``dated`` tells whether a link's own block has a date.
    """
    found: list[list[L]] = []
    for column in _columns(links):
        found += _lists(column, dated)
    return found


def _columns(links: Sequence[L]) -> list[list[L]]:
    """Part the links of each item by their place in it, where every item has as many."""
    for height in range(1, _MAX_CLIMB):
        items = _under(links, height)
        if len(items) < _FEWEST:
            break
        size, times = Counter(map(len, items)).most_common(1)[0]
        if not 1 < size <= _MAX_COLUMNS or times < _REGULAR * len(items):
            continue
        columns = [[item[place] for item in items if place < len(item)] for place in range(size)]
        beyond = [link for item in items for link in item[size:]]
        points = [_mean(column) for column in columns]
        if max(points) - min(points) > _APART:
            return [*columns, beyond] if beyond else columns
    return [list(links)]


def _lists(links: Sequence[L], dated: Callable[[L], bool]) -> list[list[L]]:
    """Part the links by the box that holds them, where the boxes' links differ."""
    for height in reversed(range(1, _MAX_CLIMB)):
        boxes = _under(links, height)
        if len(boxes) < 2:
            continue
        if min(map(len, boxes)) < 2:
            break
        points = [_mean(box) + _APART * _share(box, dated) for box in boxes]
        return [list(box) for box in boxes] if max(points) - min(points) > _APART else [list(links)]
    return [list(links)]


def _under(links: Sequence[L], height: int) -> list[list[L]]:
    """Return the links by the element that is so high above them."""
    found: dict[int, list[L]] = defaultdict(list)
    for link in links:
        above: Tag = link.tag
        for _ in range(height):
            above = above.parent or above
        found[id(above)].append(link)
    return list(found.values())


def _mean(links: Sequence[L]) -> float:
    return sum(link.points for link in links) / len(links)


def _share(links: Sequence[L], dated: Callable[[L], bool]) -> float:
    sample = links[:: max(1, len(links) // 8)][:8]
    return sum(map(dated, sample)) / len(sample)
