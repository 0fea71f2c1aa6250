"""Search: the watch language over the stored articles, newest or best first, on both databases."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match import INDEX_VERSION, tokens
from bot.match.query import parse
from bot.model import Article, Span
from bot.pipeline.search import newest, outlet_of, rank, rarest, search
from bot.store import Store, articles
from bot.store import search as token_index
from bot.store.search import Indexed
from tests.store.build import NOW, a_read, a_source, add_entries, add_sources, an_article, an_entry

HOUR = timedelta(hours=1)


def fill(store: Store, *texts: str, source: str = "orbit", seen: Any = NOW, **values: Any) -> list[int]:
    """Store articles with these texts, all at once, and return their numbers."""
    number = add_sources(store, a_source(source))[source]
    first = len(store.read(articles.list_articles, limit=None))
    made = [
        an_article(f"a{first + at}", **{"title": "News", "text": text} | values)
        for at, text in enumerate(texts)
    ]
    names = [f"A{first + at}" for at in range(len(texts))]
    entries = [
        an_entry(name.lower(), url=article.url, title=name) for name, article in zip(names, made, strict=True)
    ]
    ids = add_entries(store, number, *entries, now=seen)
    reads = [a_read(ids[name], article) for name, article in zip(names, made, strict=True)]
    saved = store.write(articles.save_reads, reads, now=seen)
    return [result.article_id for result in saved if result.article_id is not None]


def index_all(store: Store) -> None:
    """Put every stored article into the token index."""
    store.write(token_index.match_version, INDEX_VERSION)
    rows = [
        Indexed(article_id=one.article_id, revision=one.revision, tokens=tokens(one.title, one.text))
        for one in store.read(token_index.unindexed, limit=5_000)
    ]
    store.write(token_index.put, rows)


async def found(store: Store, query: str, **options: Any) -> list[int | None]:
    return [one.article.id for one in (await search(store, query, **options)).found]


@pytest.mark.parametrize("is_indexed", [False, True])
async def test_the_last_stored_come_first_and_no_more_than_were_asked_for(
    store: Store, *, is_indexed: bool
) -> None:
    ids = fill(store, "AsterX one", "nothing", "AsterX two", "AsterX three", *["nothing"] * 20)
    if is_indexed:
        index_all(store)
    assert await found(store, "AsterX") == [ids[3], ids[2], ids[0]]
    results = await search(store, "AsterX", limit=2)
    assert ([one.article.id for one in results.found], results.more) == ([ids[3], ids[2]], True)
    assert not (await search(store, "AsterX", limit=3)).more


@pytest.mark.parametrize("best", [False, True])
async def test_what_is_found_says_where_and_shows_it(store: Store, *, best: bool) -> None:
    fill(store, "An exercise, AsterX, opens.")
    (one,) = (await search(store, "AsterX AND -missile", best=best)).found
    assert one.spans == (Span(field="body", start=13, end=19, term="AsterX"),)
    assert (one.total, one.excerpt, one.marks) == (1, "An exercise, AsterX, opens.", ((13, 19),))
    assert (one.outlet, one.sense) == ("Orbit News", None)


@pytest.mark.parametrize("best", [False, True])
async def test_time_and_source_leave_out_what_is_not_asked_for(store: Store, *, best: bool) -> None:
    (old,) = fill(store, "AsterX", seen=NOW - 48 * HOUR)
    (other,) = fill(store, "AsterX", source="other")
    (new,) = fill(store, "AsterX")
    assert await found(store, "AsterX", best=best) == [new, other, old]
    assert await found(store, "AsterX", since=NOW - HOUR, best=best) == [new, other]
    assert await found(store, "AsterX", source="orbit", best=best) == [new, old]
    assert await found(store, "AsterX", since=NOW + HOUR, best=best) == []


async def test_the_best_come_first_and_more_are_told_of(store: Store) -> None:
    ids = fill(
        store,
        "AsterX " + "and much else " * 200,
        "AsterX in space",
        "AsterX in short",
        "AsterX AsterX AsterX",
    )
    results = await search(store, "AsterX OR space", best=True, limit=3)
    assert [one.article.id for one in results.found] == [ids[1], ids[3], ids[2]]
    assert results.more
    assert results.found[0].excerpt == "AsterX in space"


async def test_a_term_behind_two_hundred_others_counts(store: Store) -> None:
    """A mention carries its first 200 spans only; the rank looks at them all."""
    ids = fill(store, "space " * 300 + "AsterX", "AsterX in space")
    assert await found(store, "AsterX OR space", best=True) == ids


async def test_a_query_that_does_not_parse_names_no_watch(store: Store) -> None:
    with pytest.raises(QueryError) as error:
        await search(store, "AsterX OR")
    assert error.value.subject == ""


async def test_progress_is_told(store: Store) -> None:
    fill(store, *["AsterX"] * 450)
    heard: list[float] = []
    await search(store, "AsterX", best=True, progress=heard.append)
    assert heard == sorted(heard)
    assert (len(heard), heard[-1]) == (3, 1.0)
    heard.clear()
    await search(store, "AsterX", progress=heard.append)
    assert len(heard) == 1, "twenty are found in the first batch"


# Walking the archive.


async def test_the_newest_are_walked_until_everything_left_was_seen_before(store: Store) -> None:
    fill(store, *["old"] * 250, seen=NOW - 48 * HOUR)
    ids = fill(store, "new", "newer")
    batches = [batch async for batch in newest(store, None, since=NOW - HOUR)]
    assert [article.id for some, _ in batches for article in some] == ids[::-1]
    assert len(batches) == 1
    assert [batch async for batch in newest(store, None, since=NOW + HOUR)] == []


async def test_articles_with_a_rare_term_are_walked_first_and_none_twice(store: Store) -> None:
    first = fill(store, "AsterX in space", "AsterX")
    common = fill(store, *["space"] * 510)
    index_all(store)
    walked = [
        article.id
        async for some, _ in rarest(store, [parse("space"), parse("AsterX")], since=None)
        for article in some
    ]
    assert walked == [*first[::-1], *common[::-1]]


async def test_without_terms_every_article_is_walked(store: Store) -> None:
    ids = fill(store, "one", "two")
    assert [article.id async for some, _ in rarest(store, [], since=None) for article in some] == ids[::-1]


# The rank.

_terms = st.lists(st.sampled_from(["AsterX", "space", "orbit"]), max_size=5)


def _an_article(**values: Any) -> Article:
    return an_article("ranked", **{"id": 1, "text": "x" * 1_000, "first_seen_at": NOW} | values)


def _spans(title: Sequence[str], body: Sequence[str]) -> list[Span]:
    return [
        Span(field=field, start=at * 10, end=at * 10 + 5, term=term)
        for field, terms in (("title", title), ("body", body))
        for at, term in enumerate(terms)
    ]


@given(title=_terms, body=_terms, other_title=_terms, other_body=_terms)
def test_different_terms_outweigh_everything(
    title: list[str], body: list[str], other_title: list[str], other_body: list[str]
) -> None:
    """And those in the title everything but that."""
    one = rank(_an_article(), _spans(title, body))
    other = rank(_an_article(published_at=NOW + HOUR, id=2), _spans(other_title, other_body))
    mine = len({*title, *body}), len(set(title))
    theirs = len({*other_title, *other_body}), len(set(other_title))
    if mine != theirs:
        assert (one > other) is (mine > theirs)


@given(body=_terms.filter(bool), more=st.integers(1, 20), length=st.integers(0, 50_000))
def test_more_places_never_lower_the_rank_and_more_text_never_raises_it(
    body: list[str], more: int, length: int
) -> None:
    article = _an_article()
    assert rank(article, _spans([], body * more)) >= rank(article, _spans([], body))
    longer = _an_article(text="x" * (1_000 + length))
    assert rank(longer, _spans([], body)) <= rank(article, _spans([], body))


def test_of_equals_the_newest_comes_first_and_then_the_last_stored() -> None:
    spans = _spans(["AsterX"], ["space"])
    young, old = _an_article(published_at=NOW), _an_article(published_at=NOW - HOUR, id=9)
    assert rank(young, spans) > rank(old, spans)
    assert rank(_an_article(id=2), spans) > rank(_an_article(id=1), spans)
    assert rank(_an_article(published_at=None), spans) == rank(_an_article(published_at=NOW), spans)


def test_an_outlet_without_a_name_goes_by_its_host() -> None:
    assert outlet_of(_an_article(site="Ledger")) == "Ledger"
    assert outlet_of(_an_article(site="")) == "orbit.example"
