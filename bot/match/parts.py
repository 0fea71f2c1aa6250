"""A query taken apart: what each of its terms brings, takes away, or lacks in one article. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.match import tree
from bot.match.automaton import Automaton
from bot.match.evaluate import Node, holds, node_of, occurrences, text_leaves
from bot.match.tree import Query
from bot.match.view import View
from bot.model import Article

#: stands for a term that is taken out of a query: it is found nowhere
_NEVER: Final = Node(kind=tree.Or)


class Role(StrEnum):
    """What a term is for: one of several, needed (in the query, or its branch of an OR), or forbidden."""

    ANY = "any"
    ALL = "all"
    NOT = "not"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """A term of a query, or what NEAR, NOT NEAR or atleast make of several."""

    #: in the watch language, with its field
    text: str
    query: Query
    node: Node
    role: Role


class Parts:
    """A query taken apart: what holds if a term is taken out, and what is missing where it fails.

    A term that is taken out is found nowhere: as one of several it brings nothing, as a needed one it
    lets nothing through, as a forbidden one it takes nothing away.
    """

    def __init__(self, query: Query) -> None:
        self._query = query
        self._leaves = list(dict.fromkeys(text_leaves(query)))
        self._automaton = Automaton(self._leaves)
        self._root = node_of(query, {leaf: number for number, leaf in enumerate(self._leaves)})
        found: dict[tuple[str, bool], _Part] = {}
        for part in _parts(query, self._root, None, is_negative=False, is_choice=True):
            found.setdefault((part.text, part.role is Role.NOT), part)
        #: in written order, each once; one term may be wanted here and forbidden there
        self.all = tuple(found.values())
        #: whether a part of the query can hold where the query does not
        self.has_conditions = any(part.role is not Role.ANY or part.node.kind for part in self.all)
        #: variants of the query by the number of a part, and whether it is all that is forbidden
        self._variants: dict[tuple[int, bool], Node] = {}
        terms = [part for part in self.all if isinstance(part.query, tree.Term) and part.role is not Role.NOT]
        # the fields of what is known about an article stand in no text
        self._wanted = frozenset(part.node.leaf for part in terms) - {-1}
        #: what is looked for in the text, and not forbidden
        self.terms = [part.query for part in terms if part.node.leaf in self._wanted]

    def view(self, article: Article) -> View:
        """Return an article as this query looks at it."""
        return View(article, self._automaton.scan(article.title, article.text), self._leaves)

    def holds(self, view: View) -> bool:
        """Tell whether the query holds."""
        return holds(self._root, view)

    def holds_anything(self, view: View) -> bool:
        """Tell whether a term is found that is not forbidden; true where none is looked for in the text."""
        return not self._wanted or view.has_any(self._wanted)

    def found(self, view: View) -> Iterator[tuple[int, bool]]:
        """Yield the numbers of what a hit holds, each with whether it would be none without it."""
        for number, part in enumerate(self.all):
            if part.role is not Role.NOT and holds(part.node, view):
                yield number, not holds(self._variant(number), view)

    def forbidden(self, view: View) -> Iterator[tuple[int, bool]]:
        """Yield the numbers of what takes an article away, each with whether it would be a hit without it.

        A part takes it away if it would do so alone, or if all the others would not.
        """
        for number, part in enumerate(self.all):
            if part.role is Role.NOT and holds(part.node, view):
                is_needed = holds(self._variant(number), view)
                if is_needed or not holds(self._variant(number, alone=True), view):
                    yield number, is_needed

    def lacking(self, view: View) -> list[str]:
        """Return each part that alone stands between an article and a hit, as it is written.

        Only where something of the query is found beside it: an article that holds nothing is no near miss.
        """
        return list(dict.fromkeys(_lacking(self._query, self._root, None, view)))

    def _variant(self, number: int, *, alone: bool = False) -> Node:
        """Return the query without a part, at all its places; ``alone``: with it as all that is forbidden."""
        part = self.all[number]

        def choose(node: Node, is_negative: bool) -> Node | None:
            if node == part.node and is_negative is (part.role is Role.NOT):
                return node if alone else _NEVER
            return _NEVER if alone and is_negative and node.kind is None else None

        if (number, alone) not in self._variants:
            self._variants[number, alone] = _changed(self._root, choose)
        return self._variants[number, alone]


def _parts(
    query: Query, node: Node, field: str | None, *, is_negative: bool, is_choice: bool
) -> Iterator[_Part]:
    """Yield the parts of a query in written order, repeated ones again."""
    if isinstance(query, tree.In):
        # fields are pushed down to the leaves: there is no node of their own
        yield from _parts(query.part, node, query.field, is_negative=is_negative, is_choice=is_choice)
        return
    below = tree.parts_of(query)
    if not below or isinstance(query, tree.Positional):
        role = Role.NOT if is_negative else Role.ANY if is_choice else Role.ALL
        yield _Part(text=_text(query, field), query=query, node=node, role=role)
    if not isinstance(query, tree.Not | tree.AtLeast):
        is_choice = isinstance(query, tree.Or)
    for at, part in enumerate(below):
        turned = is_negative is not _turns(node, at)
        yield from _parts(part, node.parts[at], field, is_negative=turned, is_choice=is_choice)


def _turns(node: Node, at: int) -> bool:
    """Tell whether a node forbids what stands at a place under it."""
    return node.kind is tree.Not or (node.kind is tree.NotNear and at == 1)


def _text(query: Query, field: str | None) -> str:
    return str(query if field is None else tree.In(field, query))


def _changed(node: Node, choose: Callable[[Node, bool], Node | None], *, is_negative: bool = False) -> Node:
    """Return a query with what ``choose`` gives in place of a node; None keeps it and goes on below."""
    chosen = choose(node, is_negative)
    if chosen is not None:
        return chosen
    parts = tuple(
        _changed(part, choose, is_negative=is_negative is not _turns(node, at))
        for at, part in enumerate(node.parts)
    )
    # what is not changed is shared: a query may have two thousand terms
    is_same = all(new is old for new, old in zip(parts, node.parts, strict=True))
    return node if is_same else replace(node, parts=parts)


def _lacking(query: Query, node: Node, field: str | None, view: View) -> Iterator[str]:
    """Yield what alone is missing under a node that does not hold."""
    if isinstance(query, tree.In):
        yield from _lacking(query.part, node, query.field, view)
    elif isinstance(query, tree.And):
        held = [holds(part, view) for part in node.parts]
        if held.count(False) == 1:
            at = held.index(False)
            deeper = list(_lacking(query.parts[at], node.parts[at], field, view))
            yield from deeper
            others = (part for part, is_held in zip(query.parts, held, strict=True) if is_held)
            if not deeper and any(map(tree.is_positive, others)):
                yield _text(query.parts[at], field)
    elif isinstance(query, tree.Or):
        for part, below in zip(query.parts, node.parts, strict=True):
            yield from _lacking(part, below, field, view)
    elif isinstance(query, tree.Positional):
        needed = node.parts[:1] if isinstance(query, tree.NotNear) else node.parts
        if any(occurrences(part, view) for part in needed):
            yield _text(query, field)
