"""What people say of mentions: a dismissal lasts until it is undone, whatever else happens."""

from datetime import datetime

import pytest

from bot.model import MentionState, Sense
from bot.store import Store, deliveries, mentions
from tests.store.build import (
    MINUTE,
    a_source,
    add_article,
    add_mention,
    add_revision,
    add_sources,
    add_watches,
    matches_of,
)


@pytest.fixture
def found(store: Store, now: datetime) -> list[int]:
    """Four mentions of the watch cspo, found one after the other; the last one is history."""
    add_watches(store, "cspo", "asterx")
    number = add_sources(store, a_source())["orbit"]
    return [
        add_mention(
            store, add_article(store, number, f"n{index}"), now=now + index * MINUTE, backfill=index == 3
        ).id
        for index in range(4)
    ]


def pending(store: Store, now: datetime) -> list[int]:
    events = store.read(deliveries.pending_events, "daily", watch_keys=None, since=now, limit=99)
    return [event.mention.id for event in events]


def test_a_dismissed_mention_says_when_and_why(store: Store, found: list[int], now: datetime):
    dismissed = store.write(mentions.dismiss, found[0], why="a scrum course", now=now + MINUTE)
    assert dismissed == store.read(mentions.get, found[0])
    assert (dismissed.state, dismissed.dismissed_at, dismissed.dismissed_why) == (
        MentionState.DISMISSED,
        now + MINUTE,
        "a scrum course",
    )
    other = store.read(mentions.get, found[1])
    assert (other.state, other.dismissed_at, other.dismissed_why) == (MentionState.NEW, None, None)


def test_dismissed_again_it_keeps_its_time_and_gets_the_new_reason(
    store: Store, found: list[int], now: datetime
):
    store.write(mentions.dismiss, found[0], why="", now=now)
    again = store.write(mentions.dismiss, found[0], why="palm oil", now=now + MINUTE)
    assert (again.dismissed_at, again.dismissed_why) == (now, "palm oil")


def test_a_mention_that_is_not_there_is_neither_dismissed_nor_undone(store: Store, now: datetime):
    assert store.write(mentions.dismiss, 999, why="", now=now) is None
    assert store.write(mentions.undo_dismissal, 999) is None


def test_undone_it_is_what_stands_below(store: Store, found: list[int], now: datetime):
    for number, state in zip(found[2:], (MentionState.NEW, MentionState.BACKFILL), strict=True):
        store.write(mentions.dismiss, number, why="no", now=now)
        undone = store.write(mentions.undo_dismissal, number)
        assert (undone.state, undone.dismissed_at, undone.dismissed_why) == (state, None, None)


def test_a_dismissed_mention_is_not_told_and_undone_it_is(store: Store, found: list[int], now: datetime):
    store.write(mentions.dismiss, found[1], why="no", now=now)
    assert pending(store, now) == [found[0], found[2]]
    store.write(mentions.undo_dismissal, found[1])
    assert pending(store, now) == found[:3]


def test_neither_matching_again_nor_a_backfill_nor_a_revision_brings_it_back(
    store: Store, found: list[int], now: datetime
):
    before = store.write(mentions.dismiss, found[0], why="no", now=now)
    add_revision(store, before.article_id, "A new text with the whole of it.")
    for backfill in (False, True):
        again = matches_of(before.article_id, "cspo", backfill=backfill, revision=2, sense=Sense.CONFIRMED)
        assert store.write(mentions.save_matches, [again], now=now + MINUTE) == []
    assert store.read(mentions.get, found[0]) == before
    assert pending(store, now) == found[1:3]


def test_samples_are_the_last_dismissed_and_the_last_found_that_stand(
    store: Store, found: list[int], now: datetime
):
    number = add_sources(store, a_source())["orbit"]
    other = add_mention(store, add_article(store, number, "other"), "asterx").id
    rival = add_mention(store, add_article(store, number, "rival"), sense=Sense.CONTRADICTED, told=False).id
    store.write(mentions.dismiss, found[2], why="no", now=now + 5 * MINUTE)
    store.write(mentions.dismiss, found[0], why="no", now=now + 6 * MINUTE)
    store.write(mentions.dismiss, other, why="no", now=now + 7 * MINUTE)

    def ids(samples, **values) -> list[int]:
        return [mention.id for mention in store.read(samples, "cspo", **{"limit": 9, **values})]

    assert ids(mentions.dismissed_samples) == [found[0], found[2]]
    assert ids(mentions.dismissed_samples, limit=1) == [found[0]]
    assert ids(mentions.kept_samples) == [found[3], found[1]]
    assert ids(mentions.kept_samples, limit=1) == [found[3]]
    assert rival not in ids(mentions.kept_samples)
    assert store.read(mentions.dismissed_samples, "nobody", limit=9) == []
