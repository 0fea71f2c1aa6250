"""Why an article satisfies a watch, or why not: its query as a tree with true and false.

Every node is evaluated by the same functions that the matcher uses, for itself and for what stands
under it. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.match import meta
from bot.match.automaton import Automaton
from bot.match.evaluate import evidence, holds, node_of, text_leaves
from bot.match.scope import is_within_scope
from bot.match.sense import Guard, SenseEvidence
from bot.match.spans import merge, spans_at
from bot.match.tree import (
    META_FIELDS,
    And,
    AtLeast,
    In,
    Leaf,
    Near,
    Not,
    NotNear,
    Or,
    Query,
    label,
    parts_of,
)
from bot.match.version import query_of
from bot.match.view import View
from bot.model import Article, Span, Watch

_KINDS: dict[type[Query], str] = {
    And: "and",
    Or: "or",
    Not: "not",
    In: "field",
    Near: "near",
    NotNear: "not_near",
    AtLeast: "at_least",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """A node of a query, with what it comes to for one article."""

    #: the node in the watch language
    text: str
    #: ``and``, ``or``, ``not``, ``field``, ``near``, ``not_near``, ``at_least``; of a term ``word``,
    #: ``phrase``, ``exact``, ``prefix``, ``wild`` or ``regex``
    kind: str
    matched: bool
    #: where a term stands in its field, all places; for NEAR and atleast those that count; else empty
    spans: tuple[Span, ...] = ()
    parts: tuple["Explained", ...] = ()
    #: what the article's field holds that a term is looked for in; empty for the text
    held: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """All that decides whether an article is a mention of a watch."""

    #: true exactly where the matcher finds a mention
    matched: bool
    query: Explained
    #: whether the watch looks at articles of this language and source
    in_scope: bool
    #: the spans of the mention; empty where the query does not hold
    spans: tuple[Span, ...]
    #: what the acronym means here; None without a sense guard, and where the query does not hold
    sense: SenseEvidence | None = None


def explain(watch: Watch, article: Article) -> Explained:
    """Return the tree of a watch's query for one article.

    Scope is not looked at, and a disabled watch is explained as if it were enabled. Raises QueryError,
    with the watch's key as subject, for a query that does not parse.
    """
    return Explainer(watch).explain(article)


class Explainer:
    """Explains one watch for many articles."""

    def __init__(self, watch: Watch) -> None:
        """Raises QueryError, with the watch's key as subject, for a query that does not parse."""
        self._watch = watch
        self.query = query_of(watch)
        self._leaves: list[Leaf] = list(dict.fromkeys(text_leaves(self.query)))
        self._numbers = {leaf: number for number, leaf in enumerate(self._leaves)}
        self._automaton = Automaton(self._leaves)
        self._guard = Guard(watch) if watch.is_guarded else None

    def explain(self, article: Article) -> Explained:
        """Return the tree of the query for an article."""
        return self._explained(self.query, article, self._view(article), None)

    def examine(self, article: Article) -> Examined:
        """Return everything that decides whether an article is a mention."""
        view = self._view(article)
        tree = self._explained(self.query, article, view, None)
        in_scope = is_within_scope(self._watch, article)
        spans = self._spans(self.query, view, None) if tree.matched else ()
        sense = None
        if tree.matched and self._guard is not None:
            sense = self._guard.evidence(article, spans)
        return Examined(
            matched=tree.matched and in_scope, query=tree, in_scope=in_scope, spans=spans, sense=sense
        )

    def _view(self, article: Article) -> View:
        return View(article, self._automaton.scan(article.title, article.text), self._leaves)

    def _explained(self, query: Query, article: Article, view: View, field: str | None) -> Explained:
        below = query.field if isinstance(query, In) else field
        parts = tuple(self._explained(part, article, view, below) for part in parts_of(query))
        placed = not parts or isinstance(query, (Near, NotNear, AtLeast))
        return Explained(
            text=str(query),
            kind=_KINDS.get(type(query)) or type(query).__name__.lower(),
            matched=holds(node_of(query, self._numbers, field), view),
            spans=self._spans(query, view, field) if placed else (),
            parts=parts,
            held=tuple(meta.values(article, field)) if not parts and field in META_FIELDS and field else (),
        )

    def _spans(self, query: Query, view: View, field: str | None) -> tuple[Span, ...]:
        found = []
        for leaf, places in evidence(node_of(query, self._numbers, field), view):
            if places is None:
                places = [place for one in view.occurrences(leaf, None) for _, place in one.leaves]
            found.append(spans_at(label(self._leaves[leaf]), places))
        return tuple(merge(found))


def missing(tree: Explained) -> list[Explained]:
    """Return the nodes that stand alone between the article and a match; none where there are several.

    Of a part of OR, one such node of each part: any of them would do.
    """
    return [] if tree.matched else list(_alone(tree))


def _alone(tree: Explained) -> Iterator[Explained]:
    """Yield the nodes each of which, the other way round, would turn its tree round."""
    if tree.kind == "and" and not tree.matched:
        false = [part for part in tree.parts if not part.matched]
        if len(false) == 1:
            yield from _alone(false[0])
    elif tree.kind == "or" and not tree.matched:
        for part in tree.parts:
            yield from _alone(part)
    elif tree.kind == "field":
        yield from _alone(tree.parts[0])
    else:
        yield tree
