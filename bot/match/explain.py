"""Why an article satisfies a watch, or why not: its query as a tree with true and false.

Terms are found exactly as the matcher finds them; the operators are evaluated here a second time, as
plainly as they read. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.match.automaton import Automaton, Scan
from bot.match.spans import merge, spans_of
from bot.match.tree import And, Exact, Not, Or, Phrase, Prefix, Query, Term, Word, label, terms
from bot.match.version import query_of
from bot.model import Article, Span, Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """A node of a query, with what it comes to for one article."""

    #: the node in the watch language
    text: str
    #: ``and``, ``or``, ``not``, ``word``, ``phrase``, ``exact`` or ``prefix``
    kind: str
    matched: bool
    #: where a term stands, all places; empty for operators
    spans: tuple[Span, ...] = ()
    parts: tuple["Explained", ...] = ()


def explain(watch: Watch, article: Article) -> Explained:
    """Return the tree of a watch's query for one article.

    ``matched`` of its root is true exactly where the matcher finds a mention; a disabled watch is
    explained as if it were enabled. Raises QueryError, with the watch's key as subject, for a query
    that does not parse.
    """
    query = query_of(watch)
    numbers = {term: number for number, term in enumerate(dict.fromkeys(terms(query)))}
    scan = Automaton(list(numbers)).scan(article.title, article.text)
    return _explained(query, numbers, scan)


def _explained(query: Query, numbers: Mapping[Term, int], scan: Scan) -> Explained:
    text = str(query)
    if isinstance(query, (Word, Phrase, Exact, Prefix)):
        spans = merge([spans_of(label(query), scan, numbers[query])])
        kind = type(query).__name__.lower()
        return Explained(text=text, kind=kind, matched=bool(spans), spans=tuple(spans))
    if isinstance(query, Not):
        part = _explained(query.part, numbers, scan)
        return Explained(text=text, kind="not", matched=not part.matched, parts=(part,))
    if isinstance(query, (And, Or)):
        parts = tuple(_explained(part, numbers, scan) for part in query.parts)
        quantifier = all if isinstance(query, And) else any
        kind = "and" if isinstance(query, And) else "or"
        return Explained(
            text=text, kind=kind, matched=quantifier(part.matched for part in parts), parts=parts
        )
    raise TypeError(f"{type(query).__name__} is no node of a query")
