"""A query without its negations: what would be found, and which negation keeps an article out.

A NOT is judged with the whole article, so one of them can take away far more than was meant, and what
it takes nobody sees. Pure.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.match.automaton import Automaton
from bot.match.evaluate import evidence, holds, node_of, occurrences, text_leaves
from bot.match.spans import merge, spans_at
from bot.match.tree import (
    And,
    AtLeast,
    In,
    Leaf,
    Near,
    Not,
    NotNear,
    Or,
    Query,
    Regex,
    join,
    label,
    parts_of,
)
from bot.match.version import query_of
from bot.match.view import View
from bot.model import Article, Span, Watch

#: a NOT or NOT NEAR of a query, with the field that it stands in
_Negation: TypeAlias = tuple[Not | NotNear, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """A negation that keeps an article out."""

    #: in the watch language
    negation: str
    #: where what it forbids stands; empty where that is a field such as ``url:``
    spans: tuple[Span, ...]


def without_negations(query: Query) -> Query:
    """Return a query with every NOT left out, and of every NOT NEAR its left side only.

    Whatever the query holds for satisfies the answer, too.
    """
    relaxed = _relaxed(query, (), None)
    # a query has something to look for: ``parse`` sees to it
    assert relaxed is not None
    return relaxed


class Negations:
    """The negations of one watch, ready to be asked which of them keep an article out."""

    def __init__(self, watch: Watch) -> None:
        """Raises QueryError, with the watch's key as subject, for a query that does not parse."""
        self._query = query_of(watch)
        #: the query without them
        self.relaxed = without_negations(self._query)
        self._all = tuple(dict.fromkeys(_negations(self._query, None)))
        found = dict.fromkeys(text_leaves(self._query))
        terms = [leaf for leaf in found if not isinstance(leaf, Regex)]
        self._leaves: list[Leaf] = [*terms, *(leaf for leaf in found if isinstance(leaf, Regex))]
        self._numbers = {leaf: number for number, leaf in enumerate(self._leaves)}
        self._automaton = Automaton(terms)

    def __bool__(self) -> bool:
        return bool(self._all)

    def removals(self, article: Article) -> list[Removal]:
        """Return the negations that keep an article out, in the order of the query.

        Each of them would do so alone; where none would, those that do it together. [] where the query
        holds, and where it would not hold without its negations either. Scope is not looked at.
        """
        view = View(article, self._automaton.scan(article.title, article.text), self._leaves)
        if self._holds(self._query, view) or not self._holds(self.relaxed, view):
            return []
        at_work = [negation for negation in self._all if self._bites(negation, view)]
        alone = [negation for negation in at_work if not self._holds_with(negation, view)]
        return [self._removal(negation, view) for negation in alone or at_work]

    def _holds(self, query: Query, view: View) -> bool:
        return holds(node_of(query, self._numbers), view)

    def _holds_with(self, negation: _Negation, view: View) -> bool:
        """Tell whether the query would hold if this were its only negation."""
        only = _relaxed(self._query, (negation,), None)
        assert only is not None
        return self._holds(only, view)

    def _bites(self, negation: _Negation, view: View) -> bool:
        """Tell whether a negation takes anything away in this article."""
        query, field = negation
        if isinstance(query, Not):
            return holds(node_of(query.part, self._numbers, field), view)
        left = occurrences(node_of(query.left, self._numbers, field), view)
        return len(occurrences(node_of(query, self._numbers, field), view)) < len(left)

    def _removal(self, negation: _Negation, view: View) -> Removal:
        query, field = negation
        if isinstance(query, Not):
            spans = self._spans(query.part, field, view)
        else:
            beside = Near(query.left, query.right, query.most, query.ordered)
            # where one side lies over the other, the two are not near each other
            spans = self._spans(beside, field, view) or self._spans(query.right, field, view)
        return Removal(negation=str(In(field, query) if field else query), spans=spans)

    def _spans(self, query: Query, field: str | None, view: View) -> tuple[Span, ...]:
        found = []
        for leaf, places in evidence(node_of(query, self._numbers, field), view):
            if places is None:
                places = [place for one in view.occurrences(leaf, None) for _, place in one.leaves]
            found.append(spans_at(label(self._leaves[leaf]), places))
        return tuple(merge(found))


def _relaxed(query: Query, kept: Collection[_Negation], field: str | None) -> Query | None:
    """Return a query with only these of its negations; None where nothing of it is left."""
    if isinstance(query, Not):
        return query if (query, field) in kept else None
    if isinstance(query, NotNear):
        left = _relaxed(query.left, kept, field)
        if left is None or (query, field) not in kept:
            return left
        return NotNear(left, query.right, query.most, query.ordered)
    if isinstance(query, And | Or):
        parts = [_relaxed(part, kept, field) for part in query.parts]
        left_over = [part for part in parts if part is not None]
        # a branch of OR that forbids nothing any more holds for every article
        some = left_over if isinstance(query, And) or len(left_over) == len(parts) else []
        return join(type(query), some) if some else None
    if isinstance(query, In):
        part = _relaxed(query.part, kept, query.field)
        return None if part is None else In(query.field, part)
    if isinstance(query, Near):
        left, right = _relaxed(query.left, kept, field), _relaxed(query.right, kept, field)
        return None if left is None or right is None else Near(left, right, query.most, query.ordered)
    if isinstance(query, AtLeast):
        part = _relaxed(query.part, kept, field)
        return None if part is None else AtLeast(query.count, part)
    return query


def _negations(query: Query, field: str | None) -> Iterator[_Negation]:
    """Yield the negations of a query, in written order, without those that stand inside another."""
    if isinstance(query, Not):
        yield query, field
    elif isinstance(query, NotNear):
        yield from _negations(query.left, field)
        yield query, field
    else:
        within = query.field if isinstance(query, In) else field
        for part in parts_of(query):
            yield from _negations(part, within)
