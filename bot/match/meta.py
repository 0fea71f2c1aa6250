"""Fields of what is known about an article: its address, authors, outlet, source, tags and language.

They are short and few watches ask for them, so each is looked at when it is asked for. A term of
``source``, ``tag`` and ``lang`` is compared with a whole value, one of the others found within. Pure.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.match.fold import Folded, fold
from bot.match.regex import compiled
from bot.match.terms import forms, place
from bot.match.tree import Leaf, Prefix, Regex, Term
from bot.model import Article, host_of

#: fields whose values are compared as wholes
_WHOLE = frozenset({"source", "tag", "lang"})


def values(article: Article, field: str) -> Sequence[str]:
    """Return what a field of an article holds; empty where nothing is known."""
    if field == "url":
        found: Sequence[str | None] = (article.url, article.canonical_url)
    elif field == "author":
        found = article.authors
    elif field == "site":
        found = (article.site, host_of(article.url))
    elif field == "source":
        found = (article.source, *article.more_sources)
    elif field == "tag":
        found = article.tags
    else:
        found = (article.language,)
    return [value for value in found if value]


def is_in(leaf: Leaf, article: Article, field: str) -> bool:
    """Tell whether a field of an article holds a leaf of a query."""
    held = values(article, field)
    if isinstance(leaf, Regex):
        return any(compiled(leaf.pattern).is_in(value) for value in held)
    if field in _WHOLE:
        return any(_is_whole(leaf, value, field) for value in held)
    return any(_stands_in(leaf, _folded(value)) for value in held)


@lru_cache(maxsize=4_096)
def _folded(value: str) -> Folded:
    # the field is not the title: what is all capitals there is a code or a name
    return fold("", value)


def _is_whole(leaf: Term, value: str, field: str) -> bool:
    wanted, held = fold(leaf.text).text.strip(), fold(value).text.strip()
    if isinstance(leaf, Prefix):
        return held.startswith(wanted)
    # zh is said of zh-Hant, too
    return held == wanted or (field == "lang" and held.split(" ")[0] == wanted)


def _stands_in(term: Term, folded: Folded) -> bool:
    for form in forms(term):
        for found in re.finditer(f"(?={re.escape(form.pattern)})", folded.text):
            if place(form, folded, found.start(), found.start() + len(form.pattern)) is not None:
                return True
    return False
