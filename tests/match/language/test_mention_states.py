"""Mention states: derived from facts that are stored each by itself; the first that holds is shown."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import opened, synchronise
from bot.config import defaults
from bot.match import FOLD_VERSION, watch_version
from bot.model import MentionState, Sense, Tier, Watch
from bot.pipeline import backfill, match, read, refresh
from bot.store import Store, articles, deliveries, mentions, watches
from bot.store.tables import mentions as table
from tests.build import FakeClock, a_watch
from tests.match.language.reading import an_article, mention_of
from tests.pipeline.test_backfill import LATER, _fill, _with
from tests.sites import LocalSite
from tests.store.build import (
    MINUTE,
    NOW,
    a_source,
    add_article,
    add_entries,
    add_mention,
    add_revision,
    add_sources,
    add_watches,
    an_entry,
)

ASTERX = Watch(key="asterx", query="AsterX")
#: each fact by the state that it stands for, in the order in which they hold
FACTS: dict[MentionState, dict[str, Any]] = {
    MentionState.DISMISSED: {"dismissed_at": NOW, "dismissed_why": "not this"},
    MentionState.WITHDRAWN: {"withdrawn_at": NOW, "withdrawn_why": "revision"},
    MentionState.FURNITURE: {"furniture": True},
    MentionState.CONTRADICTED: {"sense": Sense.CONTRADICTED.value},
    MentionState.BACKFILL: {"backfill": True},
}


@pytest.fixture
def mention_id(store: Store) -> int:
    """A mention that is news."""
    add_watches(store, "cspo")
    return add_mention(store, add_article(store, add_sources(store, a_source())["orbit"])).id


def _state(store: Store, mention_id: int) -> MentionState:
    found = store.read(mentions.get, mention_id)
    assert found is not None
    return found.state


def _states(store: Store, watch: Watch = ASTERX) -> list[MentionState]:
    return [mention.state for mention in store.read(mentions.list_mentions, watch=watch.key)]


# The rule: "Facts are stored each by itself; the state shown is derived, first that holds: dismissed >
# withdrawn > furniture > contradicted > backfill > new"


def test_the_first_fact_that_holds_is_the_state_whatever_else_holds(store: Store, mention_id: int) -> None:
    """Every combination of the facts."""
    never = {"dismissed_at": None, "withdrawn_at": None, "furniture": False, "sense": None, "backfill": False}
    for chosen in product([False, True], repeat=len(FACTS)):
        held = [state for state, holds in zip(FACTS, chosen, strict=True) if holds]
        facts = dict(never)
        for state in held:
            facts |= FACTS[state]
        store.write(lambda tx, facts=facts: tx.execute(sa.update(table).values(facts)))
        expected = held[0] if held else MentionState.NEW
        assert _state(store, mention_id) is expected, held
        assert len(store.read(mentions.list_mentions, state=expected)) == 1


@pytest.mark.parametrize("sense", [None, Sense.CONFIRMED, Sense.LIKELY, Sense.UNKNOWN])
def test_of_the_senses_only_contradicted_is_a_state(
    store: Store, mention_id: int, sense: Sense | None
) -> None:
    value = None if sense is None else sense.value
    store.write(lambda tx: tx.execute(sa.update(table).values(sense=value)))
    assert _state(store, mention_id) is MentionState.NEW


# The rule: "Undo restores what stands below."


@pytest.mark.parametrize("below", [*list(MentionState)[1:]])
def test_undo_restores_what_stands_below(store: Store, mention_id: int, below: MentionState) -> None:
    store.write(lambda tx: tx.execute(sa.update(table).values(FACTS.get(below, {"furniture": False}))))
    store.write(mentions.dismiss, mention_id, why="not this", now=NOW)
    assert _state(store, mention_id) is MentionState.DISMISSED
    store.write(mentions.undo_dismissal, mention_id)
    assert _state(store, mention_id) is below


# The rule: "dismissed (a person said "not this": it never comes back)"


async def test_what_is_dismissed_never_comes_back(store: Store) -> None:
    """Not by matching again, by a backfill, by a new revision, or by another version of the watch."""
    await _with(store, match, ASTERX, now=NOW)
    (number,) = _fill(store, ["AsterX"])
    await _with(store, match, ASTERX, now=NOW)
    (mention,) = store.read(mentions.list_mentions)
    store.write(mentions.dismiss, mention.id, why="not this", now=NOW)
    add_revision(store, number, "AsterX again", now=NOW)
    for watch in (ASTERX, replace(ASTERX, query="AsterX OR again"), replace(ASTERX, query="x"), ASTERX):
        await _with(store, match, watch)
        await _with(store, backfill, watch, again=True)
        assert _states(store) == [MentionState.DISMISSED]


# The rule: "contradicted (sense guard)"; "stored and shown, marked, and not delivered, unless the watch
# says `deliver_contradicted: true`"


@pytest.mark.parametrize("wanted", [False, True])
async def test_contradicted_mentions_are_stored_and_shown_and_delivered_only_where_that_is_wanted(
    store: Store, *, wanted: bool
) -> None:
    watch = Watch(
        key="cspo", query="CSpO", rivals=("Certified Scrum Product Owner",), deliver_contradicted=wanted
    )
    store.write(deliveries.schedule_state, "morning", now=NOW)
    await _with(store, match, watch, now=NOW)
    _fill(store, ["A Certified Scrum Product Owner (CSPO) certificate.", "The CSpO met."])
    await _with(store, match, watch, now=NOW)
    shown = store.read(mentions.list_mentions)
    assert [(mention.state, mention.sense) for mention in shown] == [
        (MentionState.NEW, "unknown"), (MentionState.CONTRADICTED, "contradicted"),
    ]  # fmt: skip
    told = store.read(deliveries.pending_events, "morning", watch_keys=None, since=NOW, limit=9)
    assert len(told) == (2 if wanted else 1)


# The rule: "backfill: the article was first seen before this version of the watch became active, or all its
# entries are baseline."


async def test_an_article_first_seen_before_this_version_was_active_is_backfill(store: Store) -> None:
    """However late it is matched."""
    source = add_sources(store, a_source())["orbit"]
    add_article(store, source, "early", text="AsterX", now=NOW)
    await _with(store, backfill, replace(ASTERX, query="nothing"), now=NOW)
    await _with(store, backfill, ASTERX, now=NOW + MINUTE)
    add_article(store, source, "late", text="AsterX", now=NOW + 2 * MINUTE)
    await _with(store, match, ASTERX, now=NOW + 3 * MINUTE)
    states = {mention.title: mention.state for mention in store.read(mentions.list_mentions)}
    assert states == {"Early": MentionState.BACKFILL, "Late": MentionState.NEW}


async def test_another_version_is_active_from_its_own_time_on(store: Store) -> None:
    """What was seen between the two versions is history to the second."""
    await _with(store, match, ASTERX, now=NOW - MINUTE)
    _fill(store, ["AsterX", "Toulouse"])
    await _with(store, match, ASTERX, now=NOW)
    assert _states(store) == [MentionState.NEW]
    wider = replace(ASTERX, query="AsterX OR Toulouse")
    await _with(store, backfill, wider, now=LATER)
    assert sorted(_states(store)) == [MentionState.BACKFILL, MentionState.NEW]


@pytest.mark.parametrize(
    ("listed", "state"),
    [
        ((True,), MentionState.BACKFILL),
        ((True, True), MentionState.BACKFILL),
        ((True, False), MentionState.NEW),
        ((False,), MentionState.NEW),
    ],
)
async def test_an_article_all_of_whose_entries_are_baseline_is_backfill(
    store: Store, listed: tuple[bool, ...], state: MentionState
) -> None:
    await _with(store, match, ASTERX, now=NOW - MINUTE)
    numbers = add_sources(store, a_source(), a_source("ledger"))
    for source, baseline in zip(("orbit", "ledger"), listed, strict=False):
        if source == "orbit":
            add_article(store, numbers[source], text="AsterX", baseline=baseline)
        else:
            entry = an_entry("again", url="https://orbit.example/launch", baseline=baseline)
            add_entries(store, numbers[source], entry)
    await _with(store, match, ASTERX, now=NOW)
    assert _states(store) == [state]


async def test_backfill_is_told_by_no_digest(store: Store) -> None:
    store.write(deliveries.schedule_state, "morning", now=NOW)
    _fill(store, ["AsterX"])
    await _with(store, backfill, ASTERX)
    assert store.read(deliveries.pending_events, "morning", watch_keys=None, since=NOW, limit=9) == []


# The rule: "`new` stays `new` after delivery; what was delivered stands in the digests."


def test_new_stays_new_after_delivery(store: Store, mention_id: int, now: datetime) -> None:
    events = store.read(deliveries.pending_events, "morning", watch_keys=None, since=now, limit=9)
    saved = store.write_durable(
        deliveries.save_digest,
        key="morning",
        slot=now,
        events=[event.id for event in events],
        deliveries=(),
        now=now,
    )
    assert saved is not None
    assert _state(store, mention_id) is MentionState.NEW
    assert store.read(deliveries.pending_events, "morning", watch_keys=None, since=now, limit=9) == []


# The rule: "Baseline: `entries.baseline` is set for every entry of a source's first successful complete
# listing and kept until it is read"


async def test_the_first_successful_listing_is_baseline_and_what_comes_after_is_news(store: Store) -> None:
    """A listing that fails is none, and an entry that is read late is no news for that."""
    clock = FakeClock(NOW)
    with LocalSite(host="127.0.0.1", name="Ledger") as site:
        for slug in ("early", "late"):
            site.add_article(slug, f"AsterX {slug}", [f"The story {slug}."], published=NOW)
        settings = replace(
            defaults(), database=store.url, watches=(ASTERX,), sources=(site.source("ledger"),)
        )
        synchronise(store, settings, clock=clock)
        pause = timedelta(0)
        async with opened(settings, store=store, clock=clock, host_pause=pause, workers=1) as deps:

            async def turn() -> dict[str, MentionState]:
                clock.forward(timedelta(hours=3))
                await refresh(deps, "127.0.0.1", everything=True)
                await read(deps, "127.0.0.1")
                await match(deps)
                return {found.title: found.state for found in store.read(mentions.list_mentions)}

            site.fault("/feed.xml", status=500, times=1)
            assert await turn() == {}
            site.fault("/news/late", status=500, times=1)
            await turn()
            site.add_article("news", "AsterX news", ["The story news."], published=NOW)
            assert await turn() == {
                "AsterX early": MentionState.BACKFILL,
                "AsterX late": MentionState.BACKFILL,
                "AsterX news": MentionState.NEW,
            }


# The rule: "`mentions.revision` is the first revision that matches; spans index *its* text."


async def test_the_revision_of_a_mention_is_the_first_that_matches_and_its_spans_index_that_text(
    store: Store,
) -> None:
    await _with(store, match, ASTERX, now=NOW - MINUTE)
    number = add_article(store, add_sources(store, a_source())["orbit"], text="Nothing of it.")
    await _with(store, match, ASTERX, now=NOW)
    assert _states(store) == []
    add_revision(store, number, "The exercise AsterX opens.")
    await _with(store, match, ASTERX, now=NOW)
    add_revision(store, number, "AsterX: the exercise opens, a correction.", now=NOW + MINUTE)
    await _with(store, match, ASTERX, now=NOW + MINUTE)
    (mention,) = store.read(mentions.list_mentions)
    text = store.read(articles.get, number, revision=mention.revision)
    assert text is not None
    assert (mention.revision, text.text) == (2, "The exercise AsterX opens.")
    assert [text.text[span.start : span.end] for span in mention.spans] == ["AsterX"]


async def test_a_span_that_appears_in_a_later_revision_of_news_is_new(store: Store) -> None:
    await _with(store, match, ASTERX, now=NOW - MINUTE)
    number = add_article(store, add_sources(store, a_source())["orbit"], text="Nothing of it.")
    await _with(store, match, ASTERX, now=NOW)
    add_revision(store, number, "AsterX opens.")
    await _with(store, match, ASTERX, now=NOW)
    assert _states(store) == [MentionState.NEW]


# The rule: "A watch's version is the hash of its query, scope, guard and the fold version; a new name or
# description is no new version."

OTHERS: list[dict[str, Any]] = [
    {"query": "AsterX*"},
    {"query": "{AsterX}"},
    {"query": "title:AsterX"},
    {"languages": ("en",)},
    {"sources": ("ledger",)},
    {"tags": ("defence",)},
    {"tiers": (Tier.OFFICIAL,)},
    {"long_forms": ("Aster Exercise",)},
    {"rivals": ("Aster Exercise",)},
    {"context": ("space",)},
]


def test_query_scope_and_guard_make_the_version() -> None:
    """Each for itself: no two of them come to the same."""
    versions = [watch_version(a_watch(**fields)) for fields in [{}, *OTHERS]]
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(
    "same",
    [
        {"name": "Another name"},
        {"description": "Another line"},
        {"key": "other"},
        {"query": "  ( AsterX ) "},
        {"deliver_contradicted": True},
    ],
)
def test_a_new_name_or_description_is_no_new_version(same: dict[str, Any]) -> None:
    """Nor is another way to write the same query, nor what is delivered."""
    assert watch_version(a_watch(**same)) == watch_version(a_watch())


@pytest.mark.parametrize("name", ["languages", "sources", "tags"])
def test_the_order_of_a_scope_is_no_new_version(name: str) -> None:
    one, other = a_watch(**{name: ("en", "fr")}), a_watch(**{name: ("fr", "en")})
    assert watch_version(one) == watch_version(other)


def test_the_fold_version_is_a_part_of_it() -> None:
    """It stands before the canonical query in what is hashed, so that another folding is another version."""
    for query, version in (
        ("AsterX", FOLD_VERSION),
        ("a AND b", FOLD_VERSION),
        ("AsterX", f"{FOLD_VERSION}+"),
    ):
        hashed = hashlib.sha256(f"{version}\n{query}".encode()).hexdigest()[:12]
        assert (watch_version(a_watch(query)) == hashed) is (version == FOLD_VERSION)


def test_only_another_version_of_a_watch_is_matched_again(store: Store) -> None:
    def synchronised(**fields: Any) -> tuple[str, ...]:
        changed = replace(defaults(), watches=(a_watch(**fields),))
        return synchronise(store, changed, clock=FakeClock(NOW))[1].changed

    synchronised()
    (before,) = store.read(watches.active)
    store.write(watches.save_backfilled, before.key, before.version, now=NOW)
    assert synchronised(name="Another name", description="Another line") == ()
    assert store.read(watches.to_backfill) == []
    assert synchronised(languages=("en",)) == ("asterx",)
    assert [row.key for row in store.read(watches.to_backfill)] == ["asterx"]


# The rule: "An article whose language is unknown or doubtful passes every `languages` scope."


@pytest.mark.parametrize(("language", "passes"), [("en", True), ("fr", False), (None, True), ("", True)])
async def test_an_article_of_unknown_language_passes_every_scope(
    store: Store, language: str | None, *, passes: bool
) -> None:
    watch = replace(ASTERX, languages=("en", "ja"))
    assert (mention_of(watch, an_article("AsterX", language=language)) is not None) is passes
    add_article(store, add_sources(store, a_source())["orbit"], text="AsterX", language=language or None)
    await _with(store, backfill, watch, now=LATER + timedelta(hours=1))
    assert bool(_states(store)) is passes
