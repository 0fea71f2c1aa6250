"""Why an article does not satisfy a query, in sentences: one for each condition that does not hold.

Made from the tree that ``bot.match.explain`` gives, for people who do not read trees. Pure.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.errors import QueryError
from bot.match.explain import Explained, Explainer
from bot.match.query import parse
from bot.match.scope import is_within_scope
from bot.match.tree import META_FIELDS, Exact, Phrase, Word
from bot.model import Article, Span, Watch

#: alternatives that are named
_MOST_NAMED: Final = 5
_META: Final = {
    "url": "its address",
    "author": "its author",
    "site": "its site",
    "source": "its source",
    "tag": "the tags of its source",
    "lang": "its language",
}
_PLACES: Final = {"title": "in the title", "lead": "in the first 100 words", "body": "in the text"}


def reasons(tree: Explained, article: Article) -> list[str]:
    """Return what keeps an article from satisfying a query, one line each; [] where it satisfies it.

    All of them would have to change. Where a term is nearly there, in other letters or as the
    beginning of a longer word, the line says so.
    """
    return [] if tree.matched else list(_reasons(tree, article, None))


def scope_reasons(watch: Watch, article: Article) -> list[str]:
    """Return what of its scope keeps a watch from an article, one line each; [] where nothing does."""
    tags = f"has the tags {', '.join(article.tags)}" if article.tags else "has no tags"
    tier = f"has the tier {article.tier}" if article.tier else "has no tier"
    parts = (
        (Watch(key=watch.key, query="", languages=watch.languages), f"its language is {article.language}"),
        (Watch(key=watch.key, query="", sources=watch.sources), f"its source is {article.source}"),
        (Watch(key=watch.key, query="", tags=watch.tags), f"its source {tags}"),
        (Watch(key=watch.key, query="", tiers=watch.tiers), f"its source {tier}"),
    )
    return [
        f"{held}, and the watch is for {_or(wanted, 0)}"
        for part, held in parts
        if not is_within_scope(part, article)
        and (wanted := [*part.languages, *part.sources, *part.tags, *part.tiers])
    ]


def _reasons(node: Explained, article: Article, field: str | None) -> Iterator[str]:
    """Yield the reasons why a node is false."""
    if node.kind == "and":
        for part in node.parts:
            if not part.matched:
                yield from _reasons(part, article, field)
    elif node.kind == "field":
        yield from _reasons(node.parts[0], article, node.text.partition(":")[0])
    elif node.kind == "or":
        yield _none_of(node, article, field)
    elif node.kind == "not":
        yield _forbidden(node.parts[0], field)
    elif node.kind in ("near", "not_near", "at_least"):
        yield from _places(node, article, field)
    else:
        yield _absent([node], article, field)


def _none_of(node: Explained, article: Article, field: str | None) -> str:
    """Say of an OR what each of its parts lacks."""
    if not any(part.parts for part in node.parts):
        return _absent(node.parts, article, field)
    lacking = [" and ".join(_reasons(part, article, field)) for part in node.parts[:_MOST_NAMED]]
    more = len(node.parts) - len(lacking)
    return "; or ".join(lacking) + (f"; or {more} more" if more else "")


def _absent(terms: Sequence[Explained], article: Article, field: str | None) -> str:
    """Say that none of some terms is there."""
    named = [term.text for term in terms[:_MOST_NAMED]]
    more = len(terms) - len(named)
    if field in META_FIELDS:
        held = ", ".join(terms[0].held) or "unknown"
        return f"{_META[field]} is {held}, not {_or(named, more)}"
    place = _PLACES[field] if field else "in it"
    if len(terms) == 1:
        said = f"{named[0]} is not {place}"
    elif more or len(terms) > 2:
        said = f"none of {_or(named, more)} is {place}"
    else:
        said = f"neither {named[0]} nor {named[1]} is {place}"
    nearly = next(filter(None, (_nearly(term, article, field) for term in terms[:_MOST_NAMED])), "")
    return f"{said} ({nearly})" if nearly else said


def _or(named: Sequence[str], more: int) -> str:
    if more:
        return f"{', '.join(named)} or {more} more"
    return f"{', '.join(named[:-1])} or {named[-1]}" if len(named) > 1 else named[0]


def _nearly(term: Explained, article: Article, field: str | None) -> str:
    """Say that a term is there in another form or place; "" where it is not."""
    if field is not None and (found := _found(term.text, article)):
        return f"“{found}” is elsewhere"
    leaf = parse(term.text)
    if isinstance(leaf, Exact) and (found := _found(f'"{leaf.text}"', article)):
        return f"“{found}” is, but letter case counts in {leaf}"
    if isinstance(leaf, Word | Phrase | Exact) and (found := _found(f'"{leaf.text}*"', article)):
        return f"“{found}” is, a longer word; write {leaf.text}* to find it"
    return ""


def _found(query: str, article: Article) -> str:
    """Return the first thing that a term finds, as it is written there; "" for nothing."""
    try:
        spans = Explainer(Watch(key="nearly", query=query)).explain(article).spans
    except QueryError:
        return ""
    return _written(spans[0], article) if spans else ""


def _written(span: Span, article: Article) -> str:
    text = article.title if span.field == "title" else article.text
    return " ".join(text[span.start : span.end].split())


def _forbidden(node: Explained, field: str | None) -> str:
    """Say that something is there that may not be."""
    if field is None and node.kind == "field":
        field, node = node.text.partition(":")[0], node.parts[0]
    if field in META_FIELDS:
        return f"{_META[field]} holds {node.text}, which NOT forbids"
    place = _PLACES[field] if field else "in it"
    present = [leaf for leaf in _leaves(node) if leaf.matched] or [node]
    named = [f"{leaf.text} ({len(leaf.spans)}×)" if leaf.spans else leaf.text for leaf in present]
    more = max(0, len(named) - _MOST_NAMED)
    verb = "is" if len(named) == 1 else "are"
    shown = " and ".join(named) if not more else f"{', '.join(named[:_MOST_NAMED])} and {more} more"
    return f"{shown} {verb} {place}, which NOT forbids"


def _leaves(node: Explained) -> Iterator[Explained]:
    if not node.parts:
        yield node
    for part in node.parts:
        yield from _leaves(part)


def _places(node: Explained, article: Article, field: str | None) -> Iterator[str]:
    """Yield what is wrong with places beside places."""
    needed = node.parts[:1] if node.kind == "not_near" else node.parts
    absent = [part for part in needed if not part.matched]
    if absent:
        for part in absent:
            yield from _reasons(part, article, field)
    elif node.kind == "near":
        yield f"what it asks for stands too far apart: {node.text}"
    elif node.kind == "not_near":
        left, right = (f"({part.text})" if part.kind == "or" else part.text for part in node.parts)
        yield f"{right} stands beside every {left}: {node.text}"
    else:
        count = len({span for leaf in _leaves(node) for span in leaf.spans})
        yield f"it is there too seldom, {count}×: {node.text}"
