"""The watch language a second time, as slow and obvious as it can be: what the matcher is held to.

A place of a term is what a watch of that single term finds; everything above it (words, fields,
operators) is written anew here, without numpy, sorting or plans.
"""

import unicodedata
from itertools import product

from bot.match import tree
from bot.match.fold import fold
from bot.match.fold_tables import is_spaceless
from bot.match.matcher import compile as compile_watches
from bot.match.tree import Query
from bot.model import Article, Watch

#: field, start, end, and the terms with their places that make it
Stretch = tuple[str, int, int, frozenset[tuple[str, str, int, int]]]


def holds(query: Query, article: Article, field: str | None = None) -> bool:
    """Tell whether a query holds for an article."""
    match query:
        case tree.And():
            return all(holds(part, article, field) for part in query.parts)
        case tree.Or():
            return any(holds(part, article, field) for part in query.parts)
        case tree.Not():
            return not holds(query.part, article, field)
        case tree.In():
            return holds(query.part, article, query.field)
        case tree.AtLeast():
            return _count(stretches(query.part, article, field)) >= query.count
        case _ if field in tree.META_FIELDS:
            return _in_meta(query, article, str(field))
        case _:
            return bool(stretches(query, article, field))


def stretches(query: Query, article: Article, field: str | None = None) -> list[Stretch]:
    """Return every place of a term, or pair of places that NEAR joins."""
    match query:
        case tree.Or():
            return [one for part in query.parts for one in stretches(part, article, field)]
        case tree.In():
            return stretches(query.part, article, query.field)
        case tree.Near():
            sides = stretches(query.left, article, field), stretches(query.right, article, field)
            return [
                (a[0], min(a[1], b[1]), max(a[2], b[2]), a[3] | b[3])
                for a, b in product(*sides)
                if _near(a, b, article, query.most, ordered=query.ordered)
            ]
        case tree.NotNear():
            right = stretches(query.right, article, field)
            return [
                a
                for a in stretches(query.left, article, field)
                if not any(_spoils(a, b, article, query.most, ordered=query.ordered) for b in right)
            ]
        case _:
            return [place for place in _places(query, article) if _is_within(place, article, field)]


def marked(query: Query, article: Article, field: str | None = None) -> set[tuple[str, int, int]]:
    """Return the places that a mention marks: those of positive terms in what holds."""
    match query:
        case tree.And() | tree.Or():
            if not holds(query, article, field):
                return set()
            return set().union(*(marked(part, article, field) for part in query.parts))
        case tree.Not():
            return set()
        case tree.In():
            return marked(query.part, article, query.field)
        case tree.AtLeast():
            if not holds(query, article, field):
                return set()
            return marked(query.part, article, field)
        case _ if field in tree.META_FIELDS:
            return set()
        case tree.Near():
            # of all pairs those with nothing nearer on the same side: any pair at all marks both its places
            return {place[1:] for one in stretches(query, article, field) for place in one[3]}
        case _:
            return {place[1:] for one in stretches(query, article, field) for place in one[3]}


def _places(leaf: Query, article: Article) -> list[Stretch]:
    found = compile_watches([Watch(key="w", query=str(leaf))]).find(article)
    return [
        (span.field, span.start, span.end, frozenset({(str(leaf), span.field, span.start, span.end)}))
        for mention in found
        for span in mention.spans
    ]


def _near(a: Stretch, b: Stretch, article: Article, most: int, *, ordered: bool) -> bool:
    if a[0] != b[0]:
        return False
    if a[2] <= b[1]:
        return _between(a, b, article) <= most
    if b[2] <= a[1]:
        return not ordered and _between(b, a, article) <= most
    return False


def _spoils(a: Stretch, b: Stretch, article: Article, most: int, *, ordered: bool) -> bool:
    overlap = a[0] == b[0] and a[1] < b[2] and b[1] < a[2]
    if overlap:
        return not ordered and a[3] != b[3]
    return _near(a, b, article, most, ordered=ordered)


def _between(low: Stretch, high: Stretch, article: Article) -> int:
    """Count the words between two places of one field."""
    text = article.title if low[0] == "title" else article.text
    numbers = _word_numbers(text)
    after = [number for at, number in numbers if at >= high[1]]
    before = [number for at, number in numbers if at < low[2]]
    last = before[-1] if before else 0
    first = after[0] if after else (numbers[-1][1] if numbers else 0) + 1
    return first - last - 1


def _word_numbers(text: str) -> list[tuple[int, int]]:
    """Return where each letter of the folded text began, and the number of its word from 1."""
    folded = fold(text)
    numbers: list[tuple[int, int]] = []
    number, before = 0, " "
    for at, char in enumerate(folded.text):
        if char != " ":
            if before == " " or (is_spaceless(char) and unicodedata.category(char)[0] != "M"):
                number += 1
            numbers.append((folded.origin(at, at + 1)[1], number))
        before = char
    return numbers


def _is_within(place: Stretch, article: Article, field: str | None) -> bool:
    if field is None:
        return True
    if field in ("title", "body"):
        return place[0] == field
    if place[0] != "body":
        return False
    before = [number for at, number in _word_numbers(article.text) if at < place[2]]
    return (before[-1] if before else 0) <= 100


def _count(found: list[Stretch]) -> int:
    """Count places, of those that overlap one: the ends first, as many as fit beside each other."""
    total = 0
    taken: tuple[str, int] = ("", 0)
    for field, start, end, _ in sorted(found, key=lambda one: (one[0] == "body", one[2], one[1])):
        if field != taken[0] or start >= taken[1]:
            total, taken = total + 1, (field, end)
    return total


def _in_meta(leaf: Query, article: Article, field: str) -> bool:
    """Tell whether a field holds a term: as a text of its own, or as a whole."""
    held = {
        "url": [article.url, article.canonical_url],
        "author": article.authors,
        "site": [article.site, article.url.split("/")[2]],
        "source": [article.source],
        "tag": article.tags,
        "lang": [article.language],
    }[field]
    values = [value for value in held if value]
    if field in ("source", "tag", "lang"):
        assert isinstance(leaf, tree.Word | tree.Phrase | tree.Exact | tree.Prefix)
        wanted = fold(leaf.text).text.strip()
        folded = [fold(value).text.strip() for value in values]
        if isinstance(leaf, tree.Prefix):
            return any(value.startswith(wanted) for value in folded)
        return any(value == wanted or (field == "lang" and value.split()[0] == wanted) for value in folded)
    return any(_places(leaf, Article(url="https://x.example/", text=value)) for value in values)
