"""What a watch's own NOT takes away, what its sense guard holds back, and what dismissals teach."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import opened, synchronise
from bot.config import defaults
from bot.errors import QueryError
from bot.match.matcher import compile as compile_watches
from bot.match.relaxed import without_negations
from bot.match.suggest import Suggested
from bot.match.tree import Query
from bot.match.version import query_of
from bot.model import Sense, Watch
from bot.pipeline import index, match
from bot.pipeline.dropped import dropped, held_back
from bot.pipeline.suggestions import suggestions
from bot.store import Store, articles, mentions
from tests.build import FakeClock
from tests.match.strategies import queries
from tests.store.build import (
    NOW,
    a_read,
    a_source,
    add_article,
    add_entries,
    add_sources,
    an_article,
    an_entry,
)

ASTERX = Watch(key="asterx", query="AsterX NOT missile")


async def _step(store: Store, step: Any, *watches: Watch) -> Any:
    """Run a step on a store whose configuration has just these watches."""
    clock = FakeClock(NOW)
    wanted = replace(defaults(), watches=watches, sources=(a_source(),))
    synchronise(store, wanted, clock=clock)
    async with opened(wanted, store=store, clock=clock, reading=False) as deps:
        return await step(deps)


def _fill(store: Store, *texts: str, **values: Any) -> list[int]:
    source = add_sources(store, a_source())["orbit"]
    return [
        add_article(store, source, f"story{number}", text=text, **values) for number, text in enumerate(texts)
    ]


async def test_what_a_not_takes_away_is_found_with_the_negation_and_its_place(store: Store) -> None:
    _, second, _ = _fill(store, "AsterX begins.", "AsterX, where no missile flies.", "A missile.")
    (found,) = await dropped(store, [ASTERX])
    assert (found.watch, found.article.id) == ("asterx", second)
    (removal,) = found.removals
    assert (removal.negation, [span.term for span in removal.spans]) == ("NOT missile", ["missile"])
    assert found.excerpt == "AsterX, where no missile flies."
    assert [found.excerpt[start:end] for start, end in found.marks] == ["missile"]


async def test_a_not_near_takes_away_only_what_has_no_other_place(store: Store) -> None:
    both, _ = _fill(store, "puerto rico", "puerto rico, and far from it, on another day, rico")
    (found,) = await dropped(store, [Watch(key="rico", query="rico NOT NEAR/2 puerto")])
    assert found.article.id == both
    assert [removal.negation for removal in found.removals] == ["rico NOT NEAR/2 puerto"]


async def test_the_newest_comes_first_and_what_is_older_than_asked_is_left_out(store: Store) -> None:
    source = add_sources(store, a_source())["orbit"]
    text = "AsterX and a missile"
    old, new = (
        add_article(store, source, name, now=NOW + timedelta(days=days), text=text)
        for name, days in (("old", 0), ("new", 9))
    )
    assert [one.article.id for one in await dropped(store, [ASTERX])] == [new, old]
    since = NOW + timedelta(days=1)
    assert [one.article.id for one in await dropped(store, [ASTERX], since=since)] == [new]


async def test_watches_that_take_nothing_away_are_not_looked_at(store: Store) -> None:
    _fill(store, "AsterX and a missile")
    assert await dropped(store, [Watch(key="w", query="AsterX"), replace(ASTERX, enabled=False)]) == []
    assert await dropped(store, []) == []


async def test_an_article_out_of_scope_was_not_taken_away(store: Store) -> None:
    _fill(store, "AsterX and a missile")
    assert await dropped(store, [replace(ASTERX, languages=("fr",))]) == []
    assert len(await dropped(store, [replace(ASTERX, languages=("en",))])) == 1


async def test_a_field_that_is_forbidden_shows_the_mention_instead(store: Store) -> None:
    _fill(store, "The AsterX exercise.")
    (found,) = await dropped(store, [Watch(key="w", query="AsterX NOT url:orbit")])
    assert (found.excerpt, found.removals[0].spans) == ("The AsterX exercise.", ())
    assert [found.excerpt[start:end] for start, end in found.marks] == ["AsterX"]


async def test_a_guard_changes_nothing_of_what_a_not_takes_away(store: Store) -> None:
    _fill(store, "AsterX and a missile")
    assert len(await dropped(store, [replace(ASTERX, rivals=("Asterisk Exchange",))])) == 1


async def test_a_query_that_does_not_parse_names_its_watch(store: Store) -> None:
    with pytest.raises(QueryError) as caught:
        await dropped(store, [Watch(key="w", query="a AND")])
    assert caught.value.subject == "w"


def _is_text(text: str) -> bool:
    return all(not "\ud800" <= char <= "\udfff" for char in text)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    wanted=st.lists(queries, min_size=1, max_size=6),
    texts=st.lists(st.sampled_from(["CSpO", "space", "EU 宇宙", "operations of C++", "AsterX US"]), min_size=2, max_size=2),
    indexed=st.booleans(),
)  # fmt: skip
async def test_what_was_dropped_is_what_only_the_query_without_negations_finds(
    store: Store, wanted: list[Query], texts: list[str], *, indexed: bool
) -> None:
    """For any queries, whether the articles are in the index already or not."""
    source = add_sources(store, a_source())["orbit"]
    stored = store.read(articles.list_articles, limit=None, text=True)
    for number, text in enumerate(texts, start=len(stored)):
        entry = add_entries(store, source, an_entry(f"s{number}"))[f"S{number}"]
        store.write(articles.save_reads, [a_read(entry, an_article(f"s{number}", text=text))], now=NOW)
    if indexed:
        await _step(store, index)
    watches = [Watch(key=f"w{number}", query=str(query)) for number, query in enumerate(wanted)]
    relaxed = [replace(watch, query=str(without_negations(query_of(watch)))) for watch in watches]
    expected = set()
    for article in store.read(articles.list_articles, limit=None, text=True):
        would = {mention.watch for mention in compile_watches(relaxed).find(article)}
        does = {mention.watch for mention in compile_watches(watches).find(article)}
        expected |= {(watch, article.id) for watch in would - does}
    found = await dropped(store, watches)
    assert {(one.watch, one.article.id) for one in found} == expected
    assert all(one.removals for one in found)


# The sense guard.


GUARDED = Watch(key="cspo", query="CSpO", rivals=("Certified Scrum Product Owner",))
SCRUM = "The Certified Scrum Product Owner (CSPO) course began. The Scrum Alliance counts sprints."


async def test_a_mention_in_another_sense_is_held_back_with_the_reason(store: Store) -> None:
    _fill(store, SCRUM, "CSpO partners met.")
    await _step(store, match, GUARDED)
    (found,) = await held_back(store, [GUARDED])
    assert (found.mention.watch, found.mention.sense) == ("cspo", Sense.CONTRADICTED)
    assert "“Certified Scrum Product Owner (CSPO)” gives a rival long form" in found.why
    assert await held_back(store, [GUARDED], since=NOW + timedelta(days=1)) == []


async def test_a_sense_that_is_wanted_all_the_same_is_not_held_back(store: Store) -> None:
    _fill(store, SCRUM)
    wanted = replace(GUARDED, deliver_contradicted=True)
    await _step(store, match, wanted)
    assert await held_back(store, [wanted]) == []
    assert await held_back(store, []) == []


async def test_a_reason_that_the_watch_no_longer_has_is_said_so(store: Store) -> None:
    _fill(store, SCRUM)
    await _step(store, match, GUARDED)
    (found,) = await held_back(store, [replace(GUARDED, rivals=())])
    assert found.why == "the watch was changed since"


# What dismissals teach.


async def test_suggestions_compare_what_was_dismissed_with_what_was_kept(store: Store) -> None:
    watch = Watch(key="cspo", query="CSpO")
    scrum = "A CSPO earns more. The Scrum Alliance publishes a survey about sprints."
    space = "CSpO ministers spoke of satellites in orbit."
    bad = _fill(store, SCRUM, scrum, space, f"{space} They left.", "Nothing of the kind.")[:2]
    await _step(store, match, watch)
    for mention in store.read(mentions.list_mentions):
        if mention.article_id in bad:
            store.write(mentions.dismiss, mention.id, why="the Scrum certificate", now=NOW)
    learned = await suggestions(store, watch)
    assert (learned.dismissed, learned.kept) == (2, 2)
    assert learned.nots[0] == Suggested(term="Scrum Alliance", dismissed=2, kept=0)
    assert [one.term for one in learned.rivals] == ["Certified Scrum Product Owner"]
    assert "satellites" in [one.term for one in learned.contexts]


async def test_without_dismissals_nothing_is_suggested(store: Store) -> None:
    _fill(store, SCRUM)
    await _step(store, match, Watch(key="cspo", query="CSpO"))
    learned = await suggestions(store, Watch(key="cspo", query="CSpO"))
    assert (learned.dismissed, learned.kept, bool(learned)) == (0, 1, False)
