"""The boolean layer: queries over term numbers, and the group of terms through which each is reached.

A plan says the same as its query, shaped so that most articles are refused by one look at a set.
Only presence counts here; where terms stand is another question. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.match.tree import And, Exact, Not, Or, Phrase, Prefix, Query, Term, Word


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a query over term numbers."""

    #: the term's number; -1 for an operator
    term: int = -1
    #: ``And``, ``Or`` or ``Not``; None for a term
    kind: type[Query] | None = None
    parts: tuple["Node", ...] = ()


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

    def holds(self, present: AbstractSet[int]) -> bool:
        """Tell whether an article with these terms satisfies the query."""
        return (
            all(not group.isdisjoint(present) for group in self.groups)
            and self.barred.isdisjoint(present)
            and all(holds(node, present) for node in self.rest)
        )


def plan(query: Query, numbers: Mapping[Term, int]) -> Plan:
    """Shape a query for deciding; every term of it has a number."""
    root = _node(query, numbers)
    groups: list[frozenset[int]] = []
    barred: set[int] = set()
    rest: list[Node] = []
    for part in root.parts if root.kind is And else (root,):
        negated = part.kind is Not
        terms = _any_of(part.parts[0] if negated else part)
        if terms is None:
            rest.append(part)
        elif negated:
            barred |= terms
        else:
            groups.append(terms)
    return Plan(root, tuple(groups), frozenset(barred), tuple(rest))


def _node(query: Query, numbers: Mapping[Term, int]) -> Node:
    if isinstance(query, (And, Or)):
        return Node(kind=type(query), parts=tuple(_node(part, numbers) for part in query.parts))
    if isinstance(query, Not):
        return Node(kind=Not, parts=(_node(query.part, numbers),))
    if isinstance(query, (Word, Phrase, Exact, Prefix)):
        return Node(term=numbers[query])
    raise TypeError(f"{type(query).__name__} is no node of a query")


def _any_of(node: Node) -> frozenset[int] | None:
    """Return the terms of a node that holds where any of them is present; None for other nodes."""
    if node.kind is None:
        return frozenset({node.term})
    if node.kind is Or and all(part.kind is None for part in node.parts):
        return frozenset(part.term for part in node.parts)
    return None


def holds(node: Node, present: AbstractSet[int]) -> bool:
    """Tell whether a node holds for an article with these terms."""
    if node.kind is None:
        return node.term in present
    if node.kind is And:
        return all(holds(part, present) for part in node.parts)
    if node.kind is Or:
        return any(holds(part, present) for part in node.parts)
    return not holds(node.parts[0], present)


def evidence(node: Node, present: AbstractSet[int]) -> Iterator[int]:
    """Yield the positive terms that make a node hold, in the order of the query; none where it does not."""
    if node.kind is None:
        if node.term in present:
            yield node.term
    elif node.kind is not Not and holds(node, present):
        for part in node.parts:
            yield from evidence(part, present)


def anchor(node: Node, frequency: Callable[[int], float]) -> frozenset[int]:
    """Return the rarest group of terms of which the node needs one; empty where it needs none.

    ``frequency`` gives the share, or the number, of articles that hold a term; the choice changes how
    often a query is looked at, never its answer.
    """
    if node.kind is None:
        return frozenset({node.term})
    if node.kind is Not:
        return frozenset()
    groups = [anchor(part, frequency) for part in node.parts]
    if node.kind is Or:
        return frozenset().union(*groups) if all(groups) else frozenset()
    needed = [group for group in groups if group]
    return min(needed, key=lambda group: (sum(map(frequency, group)), len(group)), default=frozenset())
