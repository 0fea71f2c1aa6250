"""The trail of an address: from who listed it to who was told, or where it ended."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.errors import FailureKind
from bot.model import DeliveryState
from bot.store import Store, articles, deliveries, trail
from bot.store.tables import mention_events
from bot.store.trail import Trail
from tests.store.build import (
    MINUTE,
    NOW,
    a_delivery,
    a_read,
    a_source,
    add_entries,
    add_mention,
    add_sources,
    add_watches,
    an_article,
    an_entry,
    key_of,
)

URL = "https://orbit.example/launch"


def trace(store: Store, *urls: str) -> Trail:
    return store.read(trail.trail, [key_of(url) for url in urls or (URL,)])


def tell(store: Store, schedule: str, slot: datetime, *channels: str) -> None:
    """Store a digest of all that waits, with a delivery to each channel."""
    events = store.read(deliveries.pending_events, schedule, watch_keys=None, since=NOW, limit=99)
    stored = store.write_durable(
        deliveries.save_digest,
        key=schedule,
        slot=slot,
        events=[event.id for event in events],
        deliveries=[a_delivery(f"{schedule} {name}", channel=name) for name in channels],
        now=slot,
    )
    assert stored is not None


@pytest.fixture
def entry_id(store: Store) -> int:
    add_watches(store, "cspo", "asterx")
    return add_entries(store, add_sources(store, a_source())["orbit"], an_entry())["Launch"]


def test_an_address_that_was_never_seen_has_no_trail(store: Store, entry_id: int):
    assert trace(store, "https://elsewhere.example/") == Trail()
    assert store.read(trail.trail, []) == Trail()


def test_an_entry_that_could_not_be_read_says_why(store: Store, entry_id: int, now: datetime):
    retry = a_read(
        entry_id,
        None,
        state="retry",
        next_read_at=now + MINUTE,
        error="no answer in time",
        kind=FailureKind.TIMEOUT,
    )
    store.write(articles.save_reads, [retry], now=now)
    found = trace(store)
    assert (found.article_ids, found.mentions) == ((), ())
    (entry,) = found.entries
    assert (entry.source, entry.source_name, entry.url, entry.title) == ("orbit", "Orbit", URL, "Launch")
    assert (entry.first_seen_at, entry.last_listed_at, entry.baseline) == (now, now, False)
    assert (entry.state, entry.attempts, entry.next_read_at) == ("retry", 1, now + MINUTE)
    assert (entry.error, entry.error_kind, entry.article_id) == ("no answer in time", "timeout", None)


def test_an_entry_that_a_flood_brought_says_so(store: Store, entry_id: int):
    number = add_sources(store, a_source(), a_source("late"))["late"]
    add_entries(store, number, an_entry(held="flood"))
    assert [(entry.held, entry.baseline) for entry in trace(store).entries] == [
        (None, False),
        ("flood", True),
    ]


def test_every_source_that_listed_it_is_there_the_first_one_first(store: Store, entry_id: int, now: datetime):
    number = add_sources(store, a_source(), a_source("late"))["late"]
    add_entries(store, number, an_entry(baseline=True), now=now + MINUTE)
    assert [(entry.source, entry.baseline) for entry in trace(store).entries] == [
        ("orbit", False),
        ("late", True),
    ]


def test_an_article_s_mentions_digests_and_deliveries_are_on_its_trail(
    store: Store, entry_id: int, now: datetime
):
    article_id = store.write(articles.save_reads, [a_read(entry_id, an_article())], now=now)[0].article_id
    told = add_mention(store, article_id, "cspo").id
    history = add_mention(store, article_id, "asterx", backfill=True).id
    tell(store, "weekly", now + 2 * MINUTE)
    tell(store, "daily", now + MINUTE, "mail", "slack")
    due = store.read(deliveries.due_deliveries, now=now + MINUTE, limit=9)
    store.write(deliveries.claim_delivery, due[0], holder="me", now=now + MINUTE, lease=MINUTE)
    store.write(deliveries.mark_sent, due[0], holder="me", now=now + 2 * MINUTE, remote_id=None)
    found = trace(store)
    assert (found.article_ids, found.entries[0].article_id) == ((article_id,), article_id)
    assert [(mention.id, mention.article_id) for mention in found.mentions] == [
        (told, article_id),
        (history, article_id),
    ]
    daily, weekly = found.mentions[0].digests
    assert (daily.schedule, daily.slot, weekly.schedule, weekly.deliveries) == (
        "daily",
        now + MINUTE,
        "weekly",
        (),
    )
    assert [(way.channel, way.target, way.state, way.sent_at) for way in daily.deliveries] == [
        ("mail", "daily mail@example.com", DeliveryState.SENT, now + 2 * MINUTE),
        ("slack", "daily slack@example.com", DeliveryState.PENDING, None),
    ]
    assert found.mentions[1].digests == ()


def test_a_redirect_is_followed_both_ways(store: Store, entry_id: int, now: datetime):
    """The entry's address and the article's are two; each leads to the whole trail."""
    final = "https://orbit.example/final"
    article_id = store.write(articles.save_reads, [a_read(entry_id, an_article(url=final))], now=now)[
        0
    ].article_id
    assert trace(store) == trace(store, final) == trace(store, URL, final, URL)
    assert trace(store).article_ids == (article_id,)
    assert [entry.url for entry in trace(store, final).entries] == [URL]


def test_two_addresses_may_lead_to_two_articles(store: Store, entry_id: int, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    other = add_entries(store, number, an_entry("other"))["Other"]
    reads = [a_read(entry_id, an_article()), a_read(other, an_article("other"))]
    ids = [result.article_id for result in store.write(articles.save_reads, reads, now=now)]
    assert trace(store, URL, "https://orbit.example/other").article_ids == tuple(sorted(ids))
    assert len(trace(store, URL).entries) == 1


def test_a_digest_that_told_a_mention_twice_over_is_there_once(store: Store, entry_id: int, now: datetime):
    article_id = store.write(articles.save_reads, [a_read(entry_id, an_article())], now=now)[0].article_id
    mention_id = add_mention(store, article_id).id
    changed = {"mention_id": mention_id, "kind": "changed", "revision": 1, "at": now}
    store.write(lambda tx: tx.execute(sa.insert(mention_events).values(changed)))
    tell(store, "daily", now + MINUTE, "mail")
    (mention,) = trace(store).mentions
    assert [(digest.schedule, len(digest.deliveries)) for digest in mention.digests] == [("daily", 1)]
