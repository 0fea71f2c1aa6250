"""Mentions: unique by watch and article, their state from their facts, their days in the reader's zone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from bot.model import MentionState, Sense, Span
from bot.store import Store, Tx, articles, mentions
from bot.store.mentions import ArticleMatches, Match
from bot.store.tables import mention_events
from bot.store.tables import mentions as table
from tests.store.build import (
    MINUTE,
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
def article_id(store: Store) -> int:
    add_watches(store, "cspo", "asterx")
    return add_article(store, add_sources(store, a_source())["orbit"])


def test_a_mention_comes_back_with_the_facts_of_its_article(store: Store, article_id: int, now: datetime):
    spans = (
        Span(field="title", start=0, end=6, term="Launch", all_capitals=True),
        Span(field="body", start=4, end=9, term="日本*"),
    )
    saved = add_mention(
        store, article_id, spans=spans, total=7, excerpt="The whole …", marks=((4, 9), (10, 11))
    )
    assert (saved.watch, saved.article_id, saved.backfill) == ("cspo", article_id, False)
    found = store.read(mentions.get, saved.id)
    assert (found.watch, found.article_id, found.title, found.outlet) == (
        "cspo",
        article_id,
        "Launch",
        "Orbit News",
    )
    assert (found.spans, found.total, found.excerpt) == (spans, 7, "The whole …")
    assert found.marks == ((4, 9), (10, 11))
    assert (found.source, found.source_name, found.state) == ("orbit", "Orbit", MentionState.NEW)
    assert (found.found_at, found.first_seen_at, found.revision, found.watch_version) == (now, now, 1, "v1")
    assert store.read(mentions.list_mentions) == [found]
    assert store.read(mentions.get, 999) is None


def test_an_outlet_without_a_name_is_called_as_its_source(store: Store):
    add_watches(store, "cspo")
    article_id = add_article(store, add_sources(store, a_source())["orbit"], site="")
    assert store.read(mentions.get, add_mention(store, article_id).id).outlet == "Orbit"


def test_a_mention_is_stored_once_and_the_first_one_stays(store: Store, article_id: int, now: datetime):
    match = ArticleMatches(
        article_id=article_id,
        revision=1,
        mentions=(
            Match(mention=a_mention("cspo"), backfill=True),
            Match(mention=a_mention("asterx"), backfill=False),
        ),
        mark_matched=True,
    )
    first = store.write(mentions.save_matches, [match], now=now)
    assert [(saved.watch, saved.backfill) for saved in first] == [("cspo", True), ("asterx", False)]
    assert store.write(mentions.save_matches, [matches_of(article_id, "cspo")], now=now + MINUTE) == []
    assert len(store.read(mentions.list_mentions)) == 2
    assert store.read(mentions.list_mentions, watch="cspo")[0].state is MentionState.BACKFILL


def test_only_news_has_an_event(store: Store, article_id: int, now: datetime):
    add_mention(store, article_id, "cspo", backfill=True)
    news = add_mention(store, article_id, "asterx")
    events = store.read(rows, sa.select(mention_events))
    assert [(event["mention_id"], event["kind"], event["at"]) for event in events] == [
        (news.id, "found", now)
    ]


def test_backfill_does_not_take_an_article_from_the_stream(store: Store, article_id: int, now: datetime):
    match = matches_of(article_id, "cspo", backfill=True, mark_matched=False)
    store.write(mentions.save_matches, [match], now=now)
    assert len(store.read(articles.unmatched, limit=9)) == 1


def test_a_sense_that_is_not_to_be_told_has_no_event(store: Store, article_id: int):
    saved = add_mention(store, article_id, sense=Sense.CONTRADICTED, told=False)
    assert store.read(mentions.get, saved.id).state is MentionState.CONTRADICTED
    assert store.read(rows, sa.select(mention_events.c.id)) == []
    add_mention(store, article_id, "asterx", sense=Sense.CONTRADICTED, told=True)
    assert len(store.read(rows, sa.select(mention_events.c.id))) == 1


@pytest.mark.parametrize("sense", [None, *Sense])
def test_a_mention_keeps_its_sense(store: Store, article_id: int, sense: Sense | None):
    saved = add_mention(store, article_id, sense=sense)
    assert store.read(mentions.get, saved.id).sense == sense


def test_the_mentions_of_an_article_come_in_the_order_in_which_they_were_found(
    store: Store, article_id: int, now: datetime
):
    second = add_mention(store, article_id, "asterx", now=now + MINUTE)
    first = add_mention(store, article_id, "cspo")
    assert [mention.id for mention in store.read(mentions.for_article, article_id)] == [second.id, first.id]
    assert store.read(mentions.for_article, 999) == []


def test_nothing_to_save_is_fine(store: Store, now: datetime):
    assert store.write(mentions.save_matches, [], now=now) == []


def test_a_batch_of_many_is_saved_in_its_order(store: Store, now: datetime):
    add_watches(store, "cspo")
    number = add_sources(store, a_source())["orbit"]
    ids = [add_article(store, number, f"n{index}") for index in range(30)]
    matches = [matches_of(article_id, "cspo") for article_id in reversed(ids)]
    saved = store.write(mentions.save_matches, matches, now=now)
    assert [row.article_id for row in saved] == list(reversed(ids))
    assert store.read(articles.unmatched, limit=9) == []


FACTS = [
    ({}, MentionState.NEW),
    ({"backfill": True}, MentionState.BACKFILL),
    ({"backfill": True, "sense": "contradicted"}, MentionState.CONTRADICTED),
    ({"sense": "confirmed"}, MentionState.NEW),
    ({"sense": "contradicted", "furniture": True}, MentionState.FURNITURE),
    ({"furniture": True, "withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)}, MentionState.WITHDRAWN),
    (
        {"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC), "dismissed_at": datetime(2026, 1, 1, tzinfo=UTC)},
        MentionState.DISMISSED,
    ),
]


@pytest.mark.parametrize(("facts", "state"), FACTS)
def test_the_first_fact_that_holds_decides_the_state(
    store: Store, article_id: int, facts, state: MentionState
):
    saved = add_mention(store, article_id)
    if facts:
        store.write(lambda tx: tx.execute(sa.update(table).values(facts)))
    assert store.read(mentions.get, saved.id).state is state
    assert len(store.read(mentions.list_mentions, state=state)) == 1
    others = [other for other in MentionState if other is not state]
    assert all(store.read(mentions.list_mentions, state=other) == [] for other in others)


def test_lists_can_be_narrowed_and_show_the_last_found_first(store: Store, now: datetime):
    add_watches(store, "a", "b")
    number = add_sources(store, a_source())["orbit"]
    for minutes, watch in enumerate(["a", "b", "a"]):
        article_id = add_article(store, number, f"n{minutes}")
        add_mention(store, article_id, watch, now=now + minutes * MINUTE)

    def titles(**values) -> list[str]:
        return [mention.title for mention in store.read(mentions.list_mentions, **values)]

    assert titles() == ["N2", "N1", "N0"]
    assert titles(watch="a") == ["N2", "N0"]
    assert titles(since=now + MINUTE) == ["N2", "N1"]
    assert titles(limit=1) == ["N2"]
    assert titles(watch="a", since=now + MINUTE, state="new") == ["N2"]
    assert titles(watch="unknown") == []
    assert titles(before=now + MINUTE) == ["N0"]
    assert titles(since=now + MINUTE, before=now + 2 * MINUTE) == ["N1"]
    assert titles(article_id=article_id) == ["N2"]


def test_lists_can_be_narrowed_to_a_sense(store: Store, article_id: int):
    add_mention(store, article_id, "cspo", sense=Sense.LIKELY)
    add_mention(store, article_id, "asterx")
    assert [mention.watch for mention in store.read(mentions.list_mentions, sense=Sense.LIKELY)] == ["cspo"]
    assert [mention.watch for mention in store.read(mentions.list_mentions, sense="likely")] == ["cspo"]
    assert store.read(mentions.list_mentions, sense=Sense.UNKNOWN) == []


def test_days_are_those_of_the_reader_s_zone(store: Store):
    add_watches(store, "cspo", "asterx")
    number = add_sources(store, a_source())["orbit"]
    # in Tokyo (UTC+9) the day begins at 15:00 UTC
    until = datetime(2026, 2, 3, 20, 0, tzinfo=UTC)
    seen = {
        "before": datetime(2026, 2, 1, 14, 59, tzinfo=UTC),
        "first": datetime(2026, 2, 1, 15, 0, tzinfo=UTC),
        "second": datetime(2026, 2, 2, 15, 0, tzinfo=UTC),
        "also second": datetime(2026, 2, 3, 14, 59, tzinfo=UTC),
        "today": datetime(2026, 2, 3, 15, 0, tzinfo=UTC),
        "too late": until,
    }
    for name, at in seen.items():
        add_mention(store, add_article(store, number, name, now=at), now=at)
    old = add_article(store, number, "history", now=until - MINUTE)
    add_mention(store, old, backfill=True, now=until - MINUTE)

    def counted(zone: str, days: int) -> dict[str, tuple[int, ...]]:
        keys = ["cspo", "asterx"]
        return store.read(mentions.counts_by_day, watch_keys=keys, until=until, zone_name=zone, days=days)

    assert counted("Asia/Tokyo", 3) == {"cspo": (1, 2, 1), "asterx": (0, 0, 0)}
    assert counted("UTC", 3) == {"cspo": (2, 1, 2), "asterx": (0, 0, 0)}
    assert counted("UTC", 1) == {"cspo": (2,), "asterx": (0,)}
    assert store.read(mentions.counts_by_day, watch_keys=[], until=until, zone_name="UTC") == {}


def test_a_digest_at_midnight_counts_the_day_that_ends(store: Store):
    add_watches(store, "cspo")
    number = add_sources(store, a_source())["orbit"]
    midnight = datetime(2026, 2, 3, 0, 0, tzinfo=UTC)
    at = midnight - timedelta(hours=1)
    add_mention(store, add_article(store, number, now=at), now=at)
    found = store.read(mentions.counts_by_day, watch_keys=["cspo"], until=midnight, zone_name="UTC", days=2)
    assert found == {"cspo": (0, 1)}


def test_the_last_mention_of_a_watch_is_its_last_news(store: Store, now: datetime):
    add_watches(store, "a", "b", "c")
    number = add_sources(store, a_source())["orbit"]
    for minutes, (watch, backfill) in enumerate([("a", False), ("a", False), ("a", True), ("b", True)]):
        article_id = add_article(store, number, f"n{minutes}")
        add_mention(store, article_id, watch, backfill=backfill, now=now + minutes * MINUTE)
    assert store.read(mentions.last_found) == {"a": now + MINUTE}


def test_two_who_match_the_same_articles_at_once_store_each_mention_once(store: Store, now: datetime):
    add_watches(store, "cspo")
    number = add_sources(store, a_source())["orbit"]
    ids = [add_article(store, number, f"n{index}") for index in range(10)]
    at_once = Barrier(3)

    def race(_index: int) -> int:
        def save(tx: Tx) -> int:
            found = [matches_of(number, "cspo") for number in ids]
            return len(mentions.save_matches(tx, found, now=now))

        at_once.wait()
        return store.write(save)

    with ThreadPoolExecutor(3) as threads:
        assert sum(threads.map(race, range(3))) == 10
    assert len(store.read(rows, sa.select(mention_events.c.id))) == 10
