"""The boolean layer: queries over numbered leaves, and the group of terms through which each is reached.

A plan says the same as its query, shaped so that most articles are refused by one look at a set;
only what asks for places, fields or regular expressions is evaluated node by node. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.match.proximity import Occurrence, count, near, not_near
from bot.match.terms import Place
from bot.match.tree import (
    META_FIELDS,
    And,
    AtLeast,
    Exact,
    In,
    Leaf,
    Near,
    Not,
    NotNear,
    Or,
    Phrase,
    Prefix,
    Query,
    Regex,
    Wild,
    Word,
    leaves,
)
from bot.match.view import View


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a query over numbered leaves; fields are pushed down to the leaves."""

    #: the leaf's number; -1 for an operator, and for a leaf of a meta field
    leaf: int = -1
    #: the operator; None for a leaf
    kind: type[Query] | None = None
    parts: tuple["Node", ...] = ()
    #: where a leaf is looked for; None: title and body
    field: str | None = None
    #: a leaf that is looked for in a meta field
    meta: Leaf | None = None
    #: whether presence in the scan says nothing of this leaf
    is_regex: bool = False
    #: NEAR: words between; atleast: places
    number: int = 0
    ordered: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether this is a term that may stand anywhere in the text."""
        return self.leaf >= 0 and self.field is None and not self.is_regex


@dataclass(frozen=True, slots=True)
class Plan:
    """A query, ready to be decided many times."""

    root: Node
    #: of each of these groups one term is needed
    groups: tuple[frozenset[int], ...]
    #: none of these terms may be present
    barred: frozenset[int]
    #: what groups cannot say
    rest: tuple[Node, ...]

    @property
    def is_any(self) -> bool:
        """Whether one present term of its only group is all the query asks for."""
        return len(self.groups) == 1 and not self.barred and not self.rest

    def holds(self, view: View) -> bool:
        """Tell whether an article satisfies the query."""
        for group in self.groups:
            if not view.has_any(group):
                return False
        if self.barred and view.has_any(self.barred):
            return False
        return not self.rest or all(holds(node, view) for node in self.rest)


def plan(query: Query, numbers: Mapping[Leaf, int]) -> Plan:
    """Shape a query for deciding; every leaf that is looked for in the text has a number."""
    root = node_of(query, numbers)
    groups: list[frozenset[int]] = []
    barred: set[int] = set()
    rest: list[Node] = []
    for part in root.parts if root.kind is And else (root,):
        negated = part.kind is Not
        terms = _any_of(part.parts[0] if negated else part)
        if terms is None:
            rest.append(part)
            groups += required(part)
        elif negated:
            barred |= terms
        else:
            groups.append(terms)
    return Plan(root, tuple(groups), frozenset(barred), tuple(rest))


def text_leaves(query: Query) -> Iterator[Leaf]:
    """Yield the leaves of a query that are looked for in the text, repeated ones again."""
    return (leaf for leaf, field in leaves(query) if field not in META_FIELDS)


def node_of(query: Query, numbers: Mapping[Leaf, int], field: str | None = None) -> Node:
    """Return a query over the numbers of its leaves."""
    if isinstance(query, (Word, Phrase, Exact, Prefix, Wild, Regex)):
        if field in META_FIELDS:
            return Node(field=field, meta=query)
        return Node(leaf=numbers[query], field=field, is_regex=isinstance(query, Regex))
    if isinstance(query, In):
        return node_of(query.part, numbers, query.field)
    if isinstance(query, (And, Or)):
        parts = tuple(node_of(part, numbers, field) for part in query.parts)
        return Node(kind=type(query), parts=parts)
    if isinstance(query, Not):
        return Node(kind=Not, parts=(node_of(query.part, numbers, field),))
    if isinstance(query, AtLeast):
        return Node(kind=AtLeast, parts=(node_of(query.part, numbers, field),), number=query.count)
    if isinstance(query, (Near, NotNear)):
        sides = (node_of(query.left, numbers, field), node_of(query.right, numbers, field))
        return Node(kind=type(query), parts=sides, number=query.most, ordered=query.ordered)
    raise TypeError(f"{type(query).__name__} is no node of a query")


def _any_of(node: Node) -> frozenset[int] | None:
    """Return the terms of a node that holds where any of them is present; None for other nodes."""
    if node.is_plain:
        return frozenset({node.leaf})
    if node.kind is Or and all(part.is_plain for part in node.parts):
        return frozenset(part.leaf for part in node.parts)
    return None


def required(node: Node) -> list[frozenset[int]]:
    """Return groups of terms of each of which one has to be present; none where nothing is certain."""
    if node.kind is None:
        return [] if node.leaf < 0 or node.is_regex else [frozenset({node.leaf})]
    if node.kind is Not:
        return []
    if node.kind is NotNear:
        return required(node.parts[0])
    groups = [required(part) for part in node.parts]
    if node.kind is Or:
        # one of the parts holds, so one term of the first group of any of them is there
        return [frozenset().union(*(found[0] for found in groups))] if all(groups) else []
    return [group for found in groups for group in found]


def holds(node: Node, view: View) -> bool:
    """Tell whether a node holds for an article."""
    if node.kind is None:
        if node.is_plain:
            return view.has(node.leaf)
        if node.meta is not None:
            assert node.field is not None
            return view.in_meta(node.meta, node.field)
        return bool(view.occurrences(node.leaf, node.field))
    if node.kind is And:
        return all(holds(part, view) for part in node.parts)
    if node.kind is Or:
        return any(holds(part, view) for part in node.parts)
    if node.kind is Not:
        return not holds(node.parts[0], view)
    if node.kind is AtLeast:
        return count(occurrences(node.parts[0], view)) >= node.number
    return bool(occurrences(node, view))


def occurrences(node: Node, view: View) -> list[Occurrence]:
    """Return where a node stands; only for terms, and what NEAR and OR make of them."""
    if node.kind is None:
        return view.occurrences(node.leaf, node.field)
    if node.kind is Or:
        return [one for part in node.parts for one in occurrences(part, view)]
    sides = [occurrences(part, view) for part in node.parts]
    if node.kind is Near:
        return near(*sides, most=node.number, ordered=node.ordered)
    if node.kind is NotNear:
        return not_near(*sides, most=node.number, ordered=node.ordered)
    raise TypeError(f"{node.kind} stands at no place")


def evidence(node: Node, view: View) -> Iterator[tuple[int, list[Place] | None]]:
    """Yield what makes a node hold: leaves and their places, None for all of a term's; in written order.

    Nothing is yielded where it does not hold; negations and meta fields have no places.
    """
    if node.is_plain:
        if view.has(node.leaf):
            yield node.leaf, None
    elif node.kind in (And, Or):
        if holds(node, view):
            for part in node.parts:
                yield from evidence(part, view)
    elif node.kind is AtLeast:
        if holds(node, view):
            yield from _places(occurrences(node.parts[0], view))
    elif node.kind is not Not and node.meta is None:
        yield from _places(occurrences(node, view))


def _places(found: list[Occurrence]) -> Iterator[tuple[int, list[Place]]]:
    by_leaf: dict[int, dict[Place, None]] = {}
    for one in found:
        for leaf, place in one.leaves:
            by_leaf.setdefault(leaf, {})[place] = None
    for leaf, places in by_leaf.items():
        yield leaf, list(places)


def anchor(node: Node, frequency: Callable[[int], float]) -> frozenset[int]:
    """Return the rarest group of terms of which the node needs one; empty where it needs none.

    ``frequency`` gives the share, or the number, of articles that hold a term; the choice changes how
    often a query is looked at, never its answer.
    """
    if node.kind is None:
        return frozenset() if node.leaf < 0 or node.is_regex else frozenset({node.leaf})
    if node.kind is Not:
        return frozenset()
    if node.kind is NotNear:
        return anchor(node.parts[0], frequency)
    groups = [anchor(part, frequency) for part in node.parts]
    if node.kind is Or:
        return frozenset().union(*groups) if all(groups) else frozenset()
    needed = [group for group in groups if group]
    return min(needed, key=lambda group: (sum(map(frequency, group)), len(group)), default=frozenset())
