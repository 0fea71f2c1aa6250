"""Scope over several sources: an article that a second source lists, too, is looked at again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.app import opened, synchronise
from bot.config import defaults
from bot.model import MentionState, Tier, Watch
from bot.pipeline import backfill, match
from bot.store import Store, articles, mentions
from tests.build import FakeClock
from tests.store.build import (
    NOW,
    a_read,
    a_source,
    add_article,
    add_entries,
    add_sources,
    an_entry,
    source_id,
)

GENERAL = a_source("general", tags=("world",))
DEFENCE = a_source("defence", tags=("defence",), tier=Tier.SPECIALIST)
WATCHES = (
    Watch(key="everywhere", query="AsterX"),
    Watch(key="tags", query="AsterX", tags=("defence",)),
    Watch(key="tiers", query="AsterX", tiers=(Tier.SPECIALIST, Tier.OFFICIAL)),
    Watch(key="sources", query="AsterX", sources=("defence",)),
    Watch(key="field", query="AsterX tag:defence source:defence"),
    Watch(key="other", query="AsterX", tags=("sport",)),
)


async def _work(store: Store, *steps: Any) -> None:
    clock = FakeClock(NOW)
    wanted = replace(defaults(), database=store.url, watches=WATCHES, sources=(GENERAL, DEFENCE))
    synchronise(store, wanted, clock=clock)
    async with opened(wanted, store=store, clock=clock, reading=False) as deps:
        for step in steps:
            await step(deps)


def _list_again(store: Store, article_id: int, source: int, *, baseline: bool = False) -> None:
    """Let another source list an article that is stored already."""
    stored = store.read(articles.get, article_id)
    assert stored is not None
    entry = an_entry("again", url=stored.url, baseline=baseline)
    assert add_entries(store, source, entry, now=NOW + timedelta(minutes=5)) == {}


def _found(store: Store) -> set[str]:
    return {mention.watch for mention in store.read(mentions.list_mentions)}


async def test_a_second_source_brings_an_article_into_the_scope_of_more_watches(store: Store) -> None:
    add_sources(store, GENERAL, DEFENCE)
    article = add_article(store, source_id(store, GENERAL), text="AsterX opens")
    await _work(store, match)
    assert _found(store) == {"everywhere"}
    _list_again(store, article, source_id(store, DEFENCE))
    await _work(store, match)
    assert _found(store) == {"everywhere", "tags", "tiers", "sources", "field"}
    assert {mention.state for mention in store.read(mentions.list_mentions)} == {MentionState.NEW}


async def test_the_first_sight_of_the_second_source_is_history(store: Store) -> None:
    """For the watches that look only there; the others have been told already."""
    add_sources(store, GENERAL, DEFENCE)
    article = add_article(store, source_id(store, GENERAL), text="AsterX opens")
    await _work(store, match)
    _list_again(store, article, source_id(store, DEFENCE), baseline=True)
    await _work(store, match)
    states = {mention.watch: mention.state for mention in store.read(mentions.list_mentions)}
    assert states.pop("everywhere") is MentionState.NEW
    # a query has no scope: its field is looked at as the article is
    assert states.pop("field") is MentionState.NEW
    assert set(states.values()) == {MentionState.BACKFILL}
    assert set(states) == {"tags", "tiers", "sources"}


async def test_the_same_holds_where_the_second_source_leads_there_by_another_address(store: Store) -> None:
    add_sources(store, GENERAL, DEFENCE)
    article = add_article(store, source_id(store, GENERAL), text="AsterX opens")
    await _work(store, match)
    stored = store.read(articles.get, article)
    assert stored is not None
    numbers = add_entries(
        store, source_id(store, DEFENCE), an_entry("moved", url="https://orbit.example/x?id=1")
    )
    read = a_read(numbers["Moved"], stored)
    assert store.write(articles.save_reads, [read], now=NOW)[0].what == "duplicate"
    await _work(store, match)
    assert "tags" in _found(store)


async def test_a_source_that_lists_an_article_again_has_nothing_matched_again(store: Store) -> None:
    add_sources(store, GENERAL, DEFENCE)
    article = add_article(store, source_id(store, GENERAL), text="AsterX opens")
    await _work(store, match)
    _list_again(store, article, source_id(store, GENERAL))
    assert store.read(articles.unmatched, limit=9) == []


async def test_a_backfill_knows_every_source_too(store: Store) -> None:
    add_sources(store, GENERAL, DEFENCE)
    article = add_article(store, source_id(store, GENERAL), text="AsterX opens", now=NOW - timedelta(days=1))
    _list_again(store, article, source_id(store, DEFENCE))
    await _work(store, backfill)
    assert _found(store) == {"everywhere", "tags", "tiers", "sources", "field"}
