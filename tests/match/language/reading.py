"""How these tests look at the language: what a query finds in an article, and how it is refused.

Whatever is asked here is asked of every evaluator at once: the matcher of the stream, the explanation,
and the tokens that the index is asked for before it. They have to agree on each example.
"""

from typing import Any

import pytest

from bot.errors import QueryError
from bot.match import Explainer, narrow, tokens
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.model import Article, Mention, Watch
from tests.match.test_operators import is_held


def an_article(text: str = "", *, title: str = "", **facts: Any) -> Article:
    """Make an article with just this text and title."""
    return Article(**{"url": "https://ledger.example/one", "title": title, "text": text} | facts)


def mention_of(watch: Watch | str, article: Article) -> Mention | None:
    """Return the mention that every evaluator agrees on; None where there is none."""
    watch = Watch(key="w", query=watch) if isinstance(watch, str) else watch
    (mention,) = compile_watches([watch]).find(article) or [None]
    examined = Explainer(watch).examine(article)
    assert examined.matched is (mention is not None)
    if mention is not None:
        assert examined.spans[: len(mention.spans)] == mention.spans
        wanted = narrow(parse(watch.query))
        assert wanted is None or is_held(wanted, set(tokens(article.title, article.text).split()))
    return mention


def holds(query: str, text: str = "", *, title: str = "", **facts: Any) -> bool:
    """Tell whether an article satisfies a query."""
    return mention_of(query, an_article(text, title=title, **facts)) is not None


def found(query: str, text: str = "", *, title: str = "", **facts: Any) -> list[str]:
    """Return the stretches that a query finds, those of the title first; [] where it does not hold."""
    mention = mention_of(query, an_article(text, title=title, **facts))
    spans = mention.spans if mention is not None else ()
    return [(title if span.field == "title" else text)[span.start : span.end] for span in spans]


def refusal(query: str) -> QueryError:
    """Return the error by which a query is refused; fails where it is not."""
    with pytest.raises(QueryError) as caught:
        parse(query)
    return caught.value


def pointed(error: QueryError) -> str:
    """Return the part of the query that a refusal points at; "" at its end."""
    return error.query[error.position : error.position + error.width]


def words(count: int, word: str = "word") -> str:
    """Return a word so many times, split by spaces."""
    return " ".join([word] * count)
