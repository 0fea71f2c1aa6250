"""Backfill and the token index: a new watch finds what the stream would have found, on both databases."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import opened, synchronise
from bot.config import defaults
from bot.match import INDEX_VERSION
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.match.tree import Query
from bot.model import Article, MentionState, Watch
from bot.pipeline import backfill, due, index, match
from bot.pipeline.archive import BATCH, backwards, forwards, narrowed
from bot.store import Store, articles, deliveries, mentions, search, watches
from tests.build import FakeClock
from tests.match.test_operators import articles as any_article
from tests.match.test_operators import positive
from tests.store.build import (
    NOW,
    a_read,
    a_source,
    add_article,
    add_entries,
    add_revision,
    add_sources,
    an_entry,
)
from tests.store.build import an_article as article_of

LATER = NOW + timedelta(hours=1)


async def _with(store: Store, step: Any, *chosen: Watch, now: Any = LATER, **options: Any) -> Any:
    """Run a step on a store whose configuration has just these watches."""
    clock = FakeClock(now)
    wanted = replace(defaults(), database=store.url, watches=chosen, sources=(a_source(),))
    synchronise(store, wanted, clock=clock)
    async with opened(wanted, store=store, clock=clock, reading=False) as deps:
        return await step(deps, **options)


async def _index_all(deps: Any) -> int:
    total = 0
    while done := (await index(deps)).articles:
        total += done
    return total


def _fill(store: Store, texts: Sequence[str | Article], *, prefix: str = "story") -> list[int]:
    """Store articles, all at once, and return their numbers."""
    source = add_sources(store, a_source())["orbit"]
    made = [
        article_of(f"{prefix}{number}", text=text)
        if isinstance(text, str)
        else article_of(f"{prefix}{number}", text=text.text, title=text.title, language=text.language)
        for number, text in enumerate(texts)
    ]
    names = [f"{prefix}{number}" for number in range(len(texts))]
    entries = [an_entry(name, url=article.url) for name, article in zip(names, made, strict=True)]
    numbers = add_entries(store, source, *entries)
    reads = [a_read(numbers[name.title()], article) for name, article in zip(names, made, strict=True)]
    saved = store.write(articles.save_reads, reads, now=NOW)
    return [result.article_id for result in saved if result.article_id is not None]


def _found(store: Store, watch: str) -> set[int]:
    return {
        mention.article_id
        for mention in store.read(mentions.list_mentions, watch=watch)
        if mention.state is not MentionState.WITHDRAWN
    }


def _in_stream(store: Store, watch: Watch) -> set[int]:
    """What the watch finds when every stored article is handed to the matcher."""
    matcher = compile_watches([watch])
    stored = store.read(articles.list_articles, limit=None, text=True)
    return {article.id for article in stored if article.id is not None and matcher.find(article)}


def _is_text(article: Article) -> bool:
    """Tell whether an article could come out of a parser: without lone surrogates."""
    return all(not "\ud800" <= char <= "\udfff" for char in article.title + article.text)


# Backfill set = stream set.


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    queries=st.lists(positive, min_size=1, max_size=20),
    texts=st.lists(any_article.filter(_is_text), min_size=3, max_size=12),
    indexed=st.booleans(),
)
def test_a_backfill_finds_what_the_stream_finds(
    store: Store, queries: list[Query], texts: list[Any], *, indexed: bool
) -> None:
    """For any queries and articles, one by one over the index and many in one pass, indexed or not yet."""
    number = len(store.read(articles.list_articles, limit=None))
    _fill(store, texts, prefix=f"turn{number}-")
    chosen = [Watch(key=f"w{at}", query=str(query)) for at, query in enumerate(queries)]

    async def work(deps: Any) -> None:
        if indexed:
            await _index_all(deps)
        await backfill(deps)
        # a watch that is no new one finds what came since in the stream
        while (await match(deps)).articles:
            pass

    asyncio.run(_with(store, work, *chosen))
    for watch in chosen:
        assert _found(store, watch.key) == _in_stream(store, watch), watch.query


async def test_many_new_watches_share_one_pass(store: Store) -> None:
    _fill(store, [f"word{number} AsterX" for number in range(30)])
    chosen = [Watch(key=f"w{number}", query=f"word{number}") for number in range(30)]
    done = await _with(store, backfill, *chosen)
    assert done.articles == 30
    assert len(done.mentions) == 30


async def test_the_index_spares_a_rare_watch_the_articles_without_its_words(store: Store) -> None:
    _fill(store, ["common words only"] * 20 + ["common words and AsterX"])
    await _with(store, _index_all)
    done = await _with(store, backfill, Watch(key="asterx", query="AsterX"))
    assert (done.articles, len(done.mentions)) == (1, 1)


async def test_articles_that_wait_for_the_index_are_found_all_the_same(store: Store) -> None:
    _fill(store, ["AsterX one"])
    await _with(store, _index_all)
    _fill(store, ["AsterX two", "nothing"], prefix="late")
    done = await _with(store, backfill, Watch(key="asterx", query="AsterX"))
    assert len(done.mentions) == 2


# Resumable.


async def test_a_backfill_that_is_cut_goes_on_where_it_was(store: Store) -> None:
    _fill(store, ["AsterX"] * (2 * BATCH + 20))
    watch = Watch(key="asterx", query="AsterX")

    class Killed(Exception):  # noqa: N818
        pass

    def die(_share: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        await _with(store, backfill, watch, progress=die)
    assert len(_found(store, "asterx")) == BATCH
    done = await _with(store, backfill, watch)
    assert done.articles == BATCH + 20
    assert len(_found(store, "asterx")) == 2 * BATCH + 20


async def test_progress_rises_to_the_end(store: Store) -> None:
    _fill(store, ["AsterX"] * (BATCH + 1))
    told: list[float] = []
    await _with(
        store, backfill, Watch(key="a", query="AsterX"), Watch(key="b", query="x"), progress=told.append
    )
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


async def test_news_goes_first(store: Store) -> None:
    """Between two batches the backfill waits for whoever says so."""
    _fill(store, ["AsterX"] * (BATCH + 1))
    waited = 0

    async def give_way() -> None:
        nonlocal waited
        waited += 1

    await _with(store, backfill, Watch(key="a", query="AsterX"), give_way=give_way)
    assert waited == 2


# A changed watch.


async def test_a_changed_watch_marks_what_it_no_longer_matches(store: Store) -> None:
    first, second = _fill(store, ["AsterX and missiles", "AsterX in Toulouse"])
    await _with(store, backfill, Watch(key="w", query="AsterX"))
    done = await _with(
        store, backfill, Watch(key="w", query="AsterX NOT missiles"), now=LATER + timedelta(hours=1)
    )
    assert done.withdrawn == 1
    assert _found(store, "w") == {second}
    (gone,) = store.read(mentions.list_mentions, watch="w", state=MentionState.WITHDRAWN)
    assert (gone.article_id, gone.withdrawn_why) == (first, "watch")


async def test_what_matches_again_is_what_it_was(store: Store) -> None:
    _fill(store, ["AsterX and missiles", "AsterX in Toulouse"])
    for turn, query in enumerate(("AsterX", "AsterX Toulouse", "AsterX OR Toulouse")):
        await _with(store, backfill, Watch(key="w", query=query), now=LATER + timedelta(hours=turn))
    stored = store.read(mentions.list_mentions, watch="w")
    assert {mention.state for mention in stored} == {MentionState.BACKFILL}
    assert {span.term for mention in stored for span in mention.spans} == {"AsterX", "Toulouse"}


async def test_a_changed_watch_alerts_nobody(store: Store) -> None:
    _fill(store, ["AsterX in Toulouse"])
    store.write(deliveries.schedule_state, "morning", now=NOW)
    for turn, query in enumerate(("Toulouse", "AsterX", "missiles", "AsterX")):
        await _with(store, backfill, Watch(key="w", query=query), now=LATER + timedelta(hours=turn))
    assert store.read(deliveries.pending_events, "morning", watch_keys=None, since=NOW, limit=9) == []


async def test_what_a_person_dismissed_never_comes_back(store: Store) -> None:
    _fill(store, ["AsterX in Toulouse"])
    await _with(store, backfill, Watch(key="w", query="AsterX"))
    (mention,) = store.read(mentions.list_mentions, watch="w")
    store.write(mentions.dismiss, mention.id, why="an advertisement", now=LATER)
    await _with(store, backfill, Watch(key="w", query="AsterX OR Toulouse"), now=LATER + timedelta(hours=1))
    await _with(store, backfill, Watch(key="w", query="AsterX OR Toulouse"), again=True)
    (mention,) = store.read(mentions.list_mentions, watch="w")
    assert mention.state is MentionState.DISMISSED


# The sense guard on the way.


async def test_a_contradicted_sense_is_stored_and_not_told(store: Store) -> None:
    guarded = Watch(
        key="cspo",
        query="CSpO",
        long_forms=("Combined Space Operations",),
        rivals=("Certified Scrum Product Owner",),
    )
    wanting = replace(guarded, key="all", deliver_contradicted=True)
    store.write(deliveries.schedule_state, "morning", now=NOW)
    await _with(store, match, guarded, wanting, now=NOW)
    _fill(store, ["Become a Certified Scrum Product Owner (CSPO) in two days."])
    await _with(store, match, guarded, wanting, now=NOW)
    stored = store.read(mentions.list_mentions)
    assert {mention.state for mention in stored} == {MentionState.CONTRADICTED}
    told = store.read(deliveries.pending_events, "morning", watch_keys=None, since=NOW, limit=9)
    assert [(event.mention.watch, event.mention.wanted) for event in told] == [("all", True)]


# The index.


async def test_indexing_goes_on_until_nothing_waits(store: Store) -> None:
    _fill(store, ["AsterX"] * 5)
    assert await _with(store, _index_all) == 5
    assert store.read(search.indexed) == (5, 5)
    assert (await _with(store, index)).articles == 0


async def test_a_new_revision_is_found_by_its_words_and_not_by_the_old_ones(store: Store) -> None:
    (number,) = _fill(store, ["AsterX opens"])
    await _with(store, _index_all)
    add_revision(store, number, "CSpO opens")
    await _with(store, _index_all)
    old, new = narrowed([parse("AsterX")]), narrowed([parse("CSpO")])
    assert old is not None
    assert new is not None
    assert store.read(search.candidates, old, limit=9) == []
    assert store.read(search.candidates, new, limit=9) == [number]


async def test_an_index_of_another_folding_is_not_asked_and_made_anew(store: Store) -> None:
    (number,) = _fill(store, ["AsterX opens"])
    await _with(store, _index_all)
    store.write(search.match_version, "0/former")

    async def is_due(deps: Any) -> bool:
        return (await due(deps, now=LATER, hosts=0)).index

    assert await _with(store, is_due)
    await _with(store, backfill, Watch(key="w", query="AsterX"))
    assert _found(store, "w") == {number}
    await _with(store, _index_all)
    assert store.read(search.version) == INDEX_VERSION
    assert store.read(search.indexed) == (1, 1)
    assert not await _with(store, is_due)


@pytest.mark.parametrize("query", ["AsterX", "re:/Aster/", "lang:en", "AsterX OR nothing*"])
async def test_the_archive_is_read_both_ways(store: Store, query: str) -> None:
    _fill(
        store, [f"AsterX {number}" if number % 3 == 0 else f"other {number}" for number in range(BATCH + 30)]
    )
    await _with(store, _index_all)
    late = _fill(store, ["AsterX late"], prefix="late")
    wanted = narrowed([parse(query)])
    up = [row.article.id async for batch in forwards(store, wanted) for row in batch.rows]
    down = [row.article.id async for batch in backwards(store, wanted) for row in batch.rows]
    assert up == sorted(set(up))
    assert down == up[::-1]
    assert set(late) <= set(up)
    assert len(up) >= (BATCH + 30) // 3 + 1


async def test_the_archive_since_a_time_leaves_out_what_came_before(store: Store) -> None:
    source = add_sources(store, a_source())["orbit"]
    add_article(store, source, "old", text="AsterX", now=NOW - timedelta(days=3))
    new = add_article(store, source, "new", text="AsterX", now=NOW)
    for wanted in (None, narrowed([parse("AsterX")])):
        batches = forwards(store, wanted, since=NOW - timedelta(days=1))
        assert [row.article.id async for batch in batches for row in batch.rows] == [new]


def test_the_stored_version_is_that_of_the_whole_watch(store: Store) -> None:
    """Scope and guard count, what is delivered and the name do not."""
    seen = set()
    for watch in (
        Watch(key="w", query="AsterX"),
        Watch(key="w", query="AsterX", name="Another name", deliver_contradicted=True),
        Watch(key="w", query="AsterX", languages=("en",)),
        Watch(key="w", query="AsterX", tags=("defence",)),
        Watch(key="w", query="AsterX", rivals=("Asterix",)),
    ):
        synchronise(store, replace(defaults(), watches=(watch,)), clock=FakeClock(NOW))
        seen.add(store.read(watches.active)[0].version)
    assert len(seen) == 4
