"""A changed watch: its mentions follow it, nobody is told anything for it, and all can be taken back."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.model import MentionState, Sense, Span, StoredMention
from bot.store import Store, deliveries, mentions
from bot.store.mentions import Outdated, Reevaluated
from bot.store.tables import mention_events
from bot.store.tables import mentions as table
from tests.store.build import (
    MINUTE,
    NOW,
    a_mention,
    a_source,
    add_article,
    add_mention,
    add_sources,
    add_watches,
    matches_of,
    rows,
)


@pytest.fixture
def found(store: Store) -> list[int]:
    """Three mentions of the watch cspo at version v1, which is at v2 by now, and one of another watch."""
    add_watches(store, "cspo", "asterx")
    number = add_sources(store, a_source())["orbit"]
    ids = [add_mention(store, add_article(store, number, f"n{index}")).id for index in range(3)]
    add_mention(store, add_article(store, number, "other"), "asterx")
    add_watches(store, "cspo", "asterx", now=NOW + MINUTE, version="v2")
    return ids


def outdated(store: Store, *, after: int = 0, limit: int = 9, version: str = "v2") -> list[int]:
    return [
        one.mention_id for one in store.read(mentions.outdated, "cspo", version, after=after, limit=limit)
    ]


def save(store: Store, *results: Reevaluated, version: str = "v2", now: datetime = NOW + 2 * MINUTE) -> None:
    store.write(mentions.save_reevaluated, "cspo", results, version=version, now=now)


def kept(mention_id: int, *, told: bool = True, version: str = "v2", **values) -> Reevaluated:
    return Reevaluated(mention_id=mention_id, mention=a_mention(watch_version=version, **values), told=told)


def gone(mention_id: int) -> Reevaluated:
    return Reevaluated(mention_id=mention_id, mention=None)


def get(store: Store, mention_id: int) -> StoredMention:
    stored = store.read(mentions.get, mention_id)
    assert stored is not None
    return stored


def pending(store: Store, key: str = "daily") -> list[int]:
    events = store.read(deliveries.pending_events, key, watch_keys={"cspo"}, since=NOW, limit=99)
    return [event.mention.id for event in events]


def events(store: Store) -> int:
    return len(store.read(rows, sa.select(mention_events.c.id)))


def test_mentions_that_another_version_found_are_outdated(store: Store, found: list[int]):
    first = store.read(mentions.outdated, "cspo", "v2", after=0, limit=1)
    assert first == [Outdated(mention_id=found[0], article_id=get(store, found[0]).article_id)]
    assert outdated(store) == found
    assert outdated(store, after=found[0], limit=1) == found[1:2]
    assert outdated(store, version="v1") == []
    save(store, kept(found[0]), gone(found[1]))
    assert outdated(store) == found[2:]


def test_what_is_still_found_gets_its_new_facts(store: Store, found: list[int]):
    before = get(store, found[0])
    spans = (Span(field="title", start=0, end=2, term="N0"),)
    facts = {"spans": spans, "total": 3, "excerpt": "N0", "marks": ((0, 2),), "sense": Sense.LIKELY}
    save(store, kept(found[0], **facts))
    after = get(store, found[0])
    assert (after.watch_version, after.spans, after.total, after.excerpt) == ("v2", spans, 3, "N0")
    assert (after.marks, after.sense, after.state) == (((0, 2),), "likely", MentionState.NEW)
    assert (after.found_at, after.article_id, after.withdrawn_why) == (
        before.found_at,
        before.article_id,
        None,
    )
    assert get(store, found[1]).watch_version == "v1"


def test_what_is_not_found_any_more_is_withdrawn_and_not_told(store: Store, found: list[int]):
    assert pending(store) == found
    save(store, gone(found[1]))
    after = get(store, found[1])
    assert (after.state, after.withdrawn_why, after.watch_version) == (MentionState.WITHDRAWN, "watch", "v2")
    assert pending(store) == [found[0], found[2]]
    stored = store.read(rows, sa.select(table.c.withdrawn_at).where(table.c.id == found[1]))
    assert stored == [{"withdrawn_at": NOW + 2 * MINUTE}]


def test_no_event_is_made_for_a_change_of_a_watch(store: Store, found: list[int]):
    before = events(store)
    save(store, kept(found[0]), gone(found[1]), kept(found[2], told=False))
    save(store, kept(found[0]), kept(found[1]), kept(found[2]))
    assert events(store) == before


@pytest.mark.parametrize("backfill", [False, True])
def test_what_is_found_again_is_what_it_was(store: Store, found: list[int], backfill: bool):
    store.write(lambda tx: tx.execute(sa.update(table).values(backfill=backfill)))
    state = MentionState.BACKFILL if backfill else MentionState.NEW
    save(store, gone(found[1]))
    add_watches(store, "cspo", "asterx", now=NOW + 3 * MINUTE, version="v3")
    assert outdated(store, version="v3") == found
    save(store, kept(found[1], version="v3"), version="v3")
    after = get(store, found[1])
    assert (after.state, after.withdrawn_why, after.watch_version) == (state, None, "v3")
    assert pending(store) == ([] if backfill else found)


def test_a_withdrawn_mention_is_also_found_again_by_the_stream_and_by_a_backfill(
    store: Store, found: list[int], now: datetime
):
    before = events(store)
    for backfill, mention_id in zip((False, True), found, strict=False):
        save(store, gone(mention_id))
        again = matches_of(
            get(store, mention_id).article_id, "cspo", backfill=backfill, watch_version="v2", excerpt="again"
        )
        assert store.write(mentions.save_matches, [again], now=now + 3 * MINUTE) == []
        after = get(store, mention_id)
        assert (after.state, after.excerpt, after.found_at) == (MentionState.NEW, "again", now)
    assert pending(store) == found
    assert events(store) == before


def test_what_stands_is_left_alone_by_the_stream(store: Store, found: list[int], now: datetime):
    before = get(store, found[0])
    again = matches_of(before.article_id, "cspo", watch_version="v2", excerpt="again")
    store.write(mentions.save_matches, [again], now=now + MINUTE)
    assert get(store, found[0]) == before


def test_what_a_revision_withdrew_is_back_only_when_its_text_is_matched_again(
    store: Store, found: list[int], now: datetime
):
    by_revision = (
        sa.update(table).where(table.c.id.in_(found[:2])).values(withdrawn_at=now, withdrawn_why="revision")
    )
    store.write(lambda tx: tx.execute(by_revision))
    save(store, gone(found[0]), kept(found[1]))
    assert [get(store, number).withdrawn_why for number in found[:2]] == ["revision"] * 2
    assert outdated(store) == found[2:]
    before = events(store)
    again = matches_of(get(store, found[0]).article_id, "cspo", watch_version="v2")
    store.write(mentions.save_matches, [again], now=now)
    assert get(store, found[0]).state is MentionState.NEW
    assert events(store) == before + 1


def test_a_sense_that_the_watch_does_not_want_is_not_told_until_it_is_wanted(store: Store, found: list[int]):
    save(store, kept(found[1], sense=Sense.CONTRADICTED, told=False))
    assert get(store, found[1]).state is MentionState.CONTRADICTED
    assert pending(store) == [found[0], found[2]]
    save(store, kept(found[1], sense=Sense.CONTRADICTED, told=True))
    assert get(store, found[1]).state is MentionState.CONTRADICTED
    assert pending(store) == found


def test_what_was_told_stays_on_record_and_is_not_told_again(store: Store, found: list[int], now: datetime):
    told = store.read(deliveries.pending_events, "daily", watch_keys=None, since=now, limit=99)
    store.write_durable(
        deliveries.save_digest,
        key="daily",
        slot=now,
        events=[event.id for event in told],
        deliveries=(),
        now=now,
    )
    save(store, gone(found[0]), kept(found[1], told=False))
    assert pending(store) == []
    assert pending(store, "weekly") == found[2:]
    save(store, kept(found[0]), kept(found[1]))
    assert pending(store) == []
    assert pending(store, "weekly") == found


def test_a_watch_that_was_changed_again_meanwhile_is_left_alone(store: Store, found: list[int]):
    add_watches(store, "cspo", "asterx", now=NOW + 3 * MINUTE, version="v3")
    before = [get(store, number) for number in found]
    save(store, kept(found[0]), gone(found[1]), version="v2")
    assert [get(store, number) for number in found] == before


def test_mentions_of_other_watches_are_left_alone(store: Store, found: list[int]):
    other = store.read(mentions.list_mentions, watch="asterx")[0]
    save(store, gone(other.id))
    save(store, kept(other.id, excerpt="mine"))
    assert get(store, other.id) == other
    save(store)


def test_a_dismissal_outlasts_every_change(store: Store, found: list[int], now: datetime):
    store.write(mentions.dismiss, found[0], why="no", now=now)
    save(store, gone(found[0]))
    save(store, kept(found[0]))
    assert get(store, found[0]).state is MentionState.DISMISSED
    assert pending(store) == found[1:]


def test_what_is_withdrawn_or_unwanted_counts_as_no_news(store: Store, found: list[int], now: datetime):
    def counts() -> int:
        days = store.read(
            mentions.counts_by_day, watch_keys=["cspo"], until=now + 9 * MINUTE, zone_name="UTC", days=1
        )
        return days["cspo"][0]

    assert counts() == 3
    save(store, gone(found[0]), kept(found[1], told=False))
    assert counts() == 1
    assert "cspo" in store.read(mentions.last_found)
    save(store, gone(found[2]))
    assert "cspo" not in store.read(mentions.last_found)
