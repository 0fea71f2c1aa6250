"""A mention of an article that is matched again: it appears, vanishes, comes back, moves, and says so rarely."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.model import MentionState, Sense, Span
from bot.store import Store, deliveries, mentions
from bot.store.mentions import ArticleMatches
from bot.store.tables import mention_events
from tests.store.build import (
    NOW,
    a_source,
    add_article,
    add_mention,
    add_revision,
    add_sources,
    add_watches,
    matches_of,
    rows,
)

HOUR = timedelta(hours=1)
VERSIONS = {"cspo": "v1"}


@pytest.fixture
def article_id(store: Store) -> int:
    add_watches(store, "cspo")
    return add_article(store, add_sources(store, a_source())["orbit"])


def again(
    store: Store, article_id: int, *keys: str, revision: int, hours: int = 1, noisy: bool = False, **values
):
    """Match a revision: it mentions these watches."""
    found = matches_of(article_id, *keys, revision=revision, **values)
    match = ArticleMatches(
        article_id=article_id, revision=revision, mentions=found.mentions, mark_matched=True, noisy=noisy
    )
    return store.write(mentions.save_matches, [match], now=NOW + hours * HOUR, versions=VERSIONS)


def kinds(store: Store) -> list[tuple[str, int]]:
    found = store.read(rows, sa.select(mention_events).order_by(mention_events.c.id))
    return [(row["kind"], row["revision"]) for row in found]


def only(store: Store):
    (mention,) = store.read(mentions.list_mentions)
    return mention


def test_what_the_text_lost_is_withdrawn_and_said(store: Store, article_id: int):
    add_mention(store, article_id)
    add_revision(store, article_id, "Without it.")
    assert again(store, article_id, revision=2) == []
    assert (only(store).state, only(store).withdrawn_why) == (MentionState.WITHDRAWN, "revision")
    assert kinds(store) == [("found", 1), ("withdrawn", 2)]
    again(store, article_id, revision=2, hours=2)
    assert kinds(store) == [("found", 1), ("withdrawn", 2)]


def test_what_a_later_revision_says_first_is_found_then(store: Store, article_id: int):
    again(store, article_id, revision=1)
    add_revision(store, article_id, "Now with the whole of it.")
    (saved,) = again(store, article_id, "cspo", revision=2)
    assert (saved.watch, only(store).revision) == ("cspo", 2)
    assert kinds(store) == [("found", 2)]


def test_what_comes_back_is_changed_and_after_some_times_nobody_is_told(store: Store, article_id: int):
    add_mention(store, article_id)
    for revision in range(2, 12):
        add_revision(store, article_id, f"Text {revision}.")
        keys = ("cspo",) if revision % 2 else ()
        again(store, article_id, *keys, revision=revision, hours=revision)
        state = MentionState.NEW if keys else MentionState.WITHDRAWN
        assert only(store).state is state
    assert kinds(store) == [("found", 1), ("withdrawn", 2), ("changed", 3), ("withdrawn", 4)]
    assert only(store).revision == 11


@pytest.mark.parametrize(
    "values",
    [
        {"spans": (Span(field="title", start=0, end=4, term="CSpO"),)},
        {"sense": Sense.CONFIRMED},
    ],
)
def test_the_headline_or_another_sense_is_a_change_worth_telling(store: Store, article_id: int, values):
    add_mention(store, article_id)
    add_revision(store, article_id, "Another text of it.")
    again(store, article_id, "cspo", revision=2, **values)
    assert kinds(store) == [("found", 1), ("changed", 2)]
    assert only(store).revision == 2


def test_a_mention_that_only_moved_keeps_the_text_that_it_was_found_in(store: Store, article_id: int):
    add_mention(store, article_id)
    add_revision(store, article_id, "Another text of it.")
    again(store, article_id, "cspo", revision=2, spans=(Span(field="body", start=9, end=13, term="text"),))
    assert (only(store).revision, only(store).spans[0].start) == (1, 4)
    assert kinds(store) == [("found", 1)]


def test_spans_follow_a_text_that_was_replaced_in_place(store: Store, article_id: int):
    add_mention(store, article_id)
    again(store, article_id, "cspo", revision=1, spans=(Span(field="body", start=9, end=13, term="text"),))
    assert (only(store).revision, only(store).spans[0].start) == (1, 9)
    assert kinds(store) == [("found", 1)]


def test_of_a_page_that_changes_all_the_time_only_what_is_found_is_told(store: Store, article_id: int):
    add_mention(store, article_id)
    for revision, keys in ((2, ()), (3, ("cspo",)), (4, ())):
        add_revision(store, article_id, f"Text {revision}.")
        again(store, article_id, *keys, revision=revision, noisy=True)
    assert only(store).state is MentionState.WITHDRAWN
    assert kinds(store) == [("found", 1)]


def test_furniture_is_kept_and_told_to_nobody_until_the_article_says_it(store: Store, article_id: int):
    (saved,) = again(store, article_id, "cspo", revision=1, furniture=True)
    assert saved.watch == "cspo"
    assert only(store).state is MentionState.FURNITURE
    assert kinds(store) == []
    add_revision(store, article_id, "Now with the whole of it.")
    again(store, article_id, "cspo", revision=2)
    assert (only(store).state, only(store).revision) == (MentionState.NEW, 2)
    assert kinds(store) == [("found", 2)]


def test_what_turns_out_to_be_furniture_is_not_told_any_more(store: Store, article_id: int):
    add_mention(store, article_id)
    assert len(pending(store)) == 1
    again(store, article_id, "cspo", revision=1, furniture=True)
    assert only(store).state is MentionState.FURNITURE
    assert pending(store) == []
    again(store, article_id, "cspo", revision=1)
    assert only(store).state is MentionState.NEW
    assert len(pending(store)) == 1


def pending(store: Store) -> list:
    return store.read(deliveries.pending_events, "daily", watch_keys=None, since=NOW - HOUR, limit=9)


def test_history_and_dismissed_mentions_change_in_silence(store: Store, article_id: int):
    add_mention(store, article_id, backfill=True)
    store.write(mentions.dismiss, only(store).id, why="no", now=NOW)
    before = only(store)
    add_revision(store, article_id, "Another text of it.")
    again(store, article_id, "cspo", revision=2, sense=Sense.CONFIRMED)
    assert only(store) == before
    add_revision(store, article_id, "Without it.")
    again(store, article_id, revision=3)
    assert kinds(store) == []


def test_another_version_of_the_watch_withdraws_nothing(store: Store, article_id: int, now: datetime):
    add_mention(store, article_id, watch_version="v0")
    add_revision(store, article_id, "Without it.")
    again(store, article_id, revision=2)
    assert only(store).state is MentionState.NEW
    store.write(
        mentions.save_matches,
        [ArticleMatches(article_id=article_id, revision=2, mentions=(), mark_matched=True)],
        now=now,
    )
    assert only(store).state is MentionState.NEW


def test_a_watch_that_was_not_looked_for_withdraws_nothing_although_its_twin_was(
    store: Store, article_id: int
):
    """A version is of what a watch asks: a disabled one and its copy may have the same."""
    add_watches(store, "cspo", "twin")
    add_mention(store, article_id, "twin")
    add_revision(store, article_id, "Without it.")
    again(store, article_id, revision=2)
    assert only(store).state is MentionState.NEW
