"""Search: the watch language over all stored articles, for a question that is asked once. Reads only.

The token index narrows down, the matcher of the stream decides. Without ranking the newest come first
and the search ends as soon as it has enough; ranked, every article that satisfies the query is looked at.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self, TypeAlias

from bot.match import Explainer, Matcher, narrow
from bot.match.excerpt import Excerpter
from bot.match.matcher import MOST_SPANS
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.match.tree import Query
from bot.model import Article, Mention, Sense, Span, TokenQuery, Watch, host_of
from bot.pipeline.archive import backwards, forwards, narrowed
from bot.store import Store, Tx, archive
from bot.store import search as token_index

_WATCH: Final = "search"
#: a term that no more articles hold is rare
_RARE: Final = 500
#: How soon more of the same counts for less, and how much the length of a text weighs.
#: Source: BM25's usual k1 and b; Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009.
_K1: Final = 1.2
_B: Final = 0.75
#: characters of a usual article, title and text
_USUAL_LENGTH: Final = 3_000

#: the higher, the earlier an article stands; see ``rank``
Rank: TypeAlias = tuple[int, int, float, datetime, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A stored article that a query found, at its present revision."""

    article: Article
    #: the first 200, in order of field and place
    spans: tuple[Span, ...]
    #: how many there are altogether
    total: int
    #: at most 300 characters
    excerpt: str
    #: where terms stand in the excerpt: (start, end), half-open
    marks: tuple[tuple[int, int], ...]
    #: None without a sense guard
    sense: Sense | None = None

    @classmethod
    def of(cls, article: Article, mention: Mention) -> Self:
        """Return an article with what a watch found in it."""
        return cls(
            article=article,
            spans=mention.spans,
            total=mention.total,
            excerpt=mention.excerpt,
            marks=mention.marks,
            sense=mention.sense,
        )

    @classmethod
    def at(cls, article: Article, spans: Sequence[Span], *, shown: Sequence[Span]) -> Self:
        """Return an article with these spans, and an excerpt of where others stand; both in their order."""
        excerpt, marks = Excerpter(article).make(shown)
        return cls(
            article=article, spans=tuple(spans[:MOST_SPANS]), total=len(spans), excerpt=excerpt, marks=marks
        )

    @property
    def outlet(self) -> str:
        """The outlet's name, or its host where the page gives none."""
        return outlet_of(self.article)


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """What a search found."""

    found: tuple[Found, ...] = ()
    #: whether there are others that were not asked for
    more: bool = False


def outlet_of(article: Article) -> str:
    """Return the outlet's name, or its host where the page gives none."""
    return article.site or host_of(article.url)


def dated(article: Article) -> datetime:
    """Return the time that an article stands under: its own, else when it was first seen."""
    found = article.published_at or article.first_seen_at
    # stored articles have been seen
    assert found is not None
    return found


async def search(
    store: Store,
    query: str,
    *,
    since: datetime | None = None,
    source: str | None = None,
    limit: int = 20,
    best: bool = False,
    progress: Callable[[float], None] = lambda _share: None,
) -> Results:
    """Return the stored articles that satisfy a query, at most ``limit``.

    The last stored come first; with ``best`` those of the highest ``rank``. ``since`` leaves out what was
    first seen before, ``source`` (a key) what another source was the first to list. ``progress`` is told
    how far it came, from 0 to 1. Raises QueryError for a query that does not parse.
    """
    tree = parse(query)
    matcher = await asyncio.to_thread(compile_watches, [Watch(key=_WATCH, query=query)])
    if best:
        return await _best(store, tree, matcher, since, source, limit, progress)
    found: list[Found] = []
    async for articles, share in newest(store, narrowed([tree]), since=since):
        found += await asyncio.to_thread(_look, matcher, _of_source(articles, source))
        progress(share)
        if len(found) > limit:
            break
    return Results(found=tuple(found[:limit]), more=len(found) > limit)


async def newest(
    store: Store, wanted: TokenQuery | None, *, since: datetime | None
) -> AsyncIterator[tuple[list[Article], float]]:
    """Yield the articles that may hold ``wanted``, the last stored first, and how far one has come.

    ``since`` leaves out what was first seen before, and ends the search where only that is left.
    """
    first = 0 if since is None else await store.aread(archive.first_since, since)
    if first is None:
        return
    async for batch in backwards(store, wanted):
        yield (
            [row.article for row in batch.rows if since is None or row.first_seen_at >= since],
            batch.share,
        )
        if batch.reached <= first:
            return


async def rarest(
    store: Store, terms: Sequence[Query], *, since: datetime | None
) -> AsyncIterator[tuple[list[Article], float]]:
    """Yield the articles that may hold one of some terms, each once, and how far one has come.

    Those of rare terms come first: whoever stops early has seen them, however common the others are.
    Without terms all articles are yielded, the last stored first.
    """
    rare = await store.aread(_rare, terms)
    seen: set[int | None] = set()
    if rare and len(rare) < len(terms):
        async for articles, _ in newest(store, narrowed(rare), since=since):
            seen.update(article.id for article in articles)
            yield articles, 0.0
    async for articles, share in newest(store, narrowed(terms), since=since):
        yield [article for article in articles if article.id not in seen], share


def _rare(tx: Tx, terms: Sequence[Query]) -> list[Query]:
    wanted = [(term, narrow(term)) for term in terms]
    return [
        term
        for term, tokens in wanted
        if tokens is not None and token_index.count(tx, tokens, most=_RARE + 1) <= _RARE
    ]


async def _best(
    store: Store,
    tree: Query,
    matcher: Matcher,
    since: datetime | None,
    source: str | None,
    limit: int,
    progress: Callable[[float], None],
) -> Results:
    """Return the articles of the highest rank; only these are kept while the others are looked at."""
    explainer = Explainer(Watch(key=_WATCH, query=str(tree)))
    kept: list[tuple[Rank, Article]] = []
    total = 0
    async for batch in forwards(store, narrowed([tree]), since=since):
        articles = _of_source((row.article for row in batch.rows), source)
        ranked = await asyncio.to_thread(_ranked, matcher, explainer, articles)
        total += len(ranked)
        kept = heapq.nlargest(limit, [*kept, *ranked], key=_rank_of)
        progress(batch.share)
    found = await asyncio.to_thread(_look, matcher, [article for _, article in kept])
    return Results(found=tuple(found), more=total > len(found))


def _of_source(articles: Iterable[Article], source: str | None) -> list[Article]:
    return [article for article in articles if source in (None, article.source)]


def _look(matcher: Matcher, articles: Iterable[Article]) -> list[Found]:
    return [Found.of(article, mention) for article in articles for mention in matcher.find(article)]


def _ranked(
    matcher: Matcher, explainer: Explainer, articles: Iterable[Article]
) -> list[tuple[Rank, Article]]:
    ranked = []
    for article in articles:
        for mention in matcher.find(article, excerpts=False):
            # a mention carries some spans only: a rare term may stand behind all of a frequent one's
            is_cut = mention.total > len(mention.spans)
            spans = explainer.examine(article).spans if is_cut else mention.spans
            ranked.append((rank(article, spans), article))
    return ranked


def _rank_of(pair: tuple[Rank, Article]) -> Rank:
    return pair[0]


def rank(article: Article, spans: Iterable[Span]) -> Rank:
    """Return how well an article answers a query that it satisfies; compared from left to right.

    1. How many different terms are found: who asks for several wants the article that has them all.
    2. How many of them stand in the title: what an article is about stands there.
    3. How often they are found for the length of the text, rounded to tenths:
       ``n / (n + k1 · (1 − b + b · length / usual length))``, near 0 for a word in passing, near 1 where
       the text speaks of little else.
    4. The newest, so that equals stand as news does.

    No weight is given to rare terms: whoever writes a query chose each of them.

    Source: coordination level ranking, and the term frequency part of BM25 (see ``_K1``).
    """
    listed = list(spans)
    length = len(article.title) + len(article.text)
    room = _K1 * (1 - _B + _B * length / _USUAL_LENGTH)
    return (
        len({span.term for span in listed}),
        len({span.term for span in listed if span.field == "title"}),
        round(len(listed) / (len(listed) + room), 1),
        dated(article),
        article.id or 0,
    )
