"""What status shows, and the log of fetches that does not grow for ever."""

from datetime import datetime

import sqlalchemy as sa

from bot.errors import FailureKind
from bot.store import Store, deliveries, health, sources
from bot.store.tables import fetches
from tests.store.build import (
    MINUTE,
    a_delivery,
    a_save,
    a_source,
    add_article,
    add_entries,
    add_mention,
    add_sources,
    add_watches,
    an_entry,
    rows,
)


def test_a_new_database_has_nothing_and_nothing_waits(store: Store, now: datetime):
    counts = store.read(health.status_counts, now=now)
    assert (counts.articles, counts.mentions, counts.entries_waiting, counts.oldest_due_at) == (0, 0, 0, None)
    assert counts.database_bytes > 10_000
    assert counts.since == now


def test_what_there_is_and_what_waits_is_counted(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_watches(store, "cspo")
    article_id = add_article(store, number)
    assert store.read(health.status_counts, now=now).articles_unmatched == 1
    add_mention(store, article_id)
    add_entries(store, number, an_entry("soon", next_read_at=now + MINUTE))
    new = [a_delivery("one"), a_delivery("two"), a_delivery("three")]
    store.write(deliveries.save_digest, key="d", slot=now, events=[], deliveries=new, now=now - MINUTE)
    first, second, _third = store.read(deliveries.due_deliveries, now=now, limit=9)
    for delivery_id in (first, second):
        store.write(deliveries.claim_delivery, delivery_id, holder="me", now=now, lease=MINUTE)
    store.write(
        deliveries.mark_retry,
        first,
        holder="me",
        now=now,
        next_attempt_at=None,
        error="no",
        kind=FailureKind.REJECTED,
    )
    counts = store.read(health.status_counts, now=now)
    assert (counts.articles, counts.mentions, counts.entries_waiting, counts.articles_unmatched) == (
        1,
        1,
        1,
        0,
    )
    assert (counts.deliveries_open, counts.deliveries_failed) == (2, 1)
    assert counts.oldest_due_at == now - MINUTE


def test_old_fetches_are_dropped_and_new_ones_kept(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    for minutes in range(5):
        store.write(sources.save_refreshes, [a_save(number)], now=now + minutes * MINUTE)
    assert store.write(health.prune_fetches, before=now + 3 * MINUTE) == 3
    assert store.write(health.prune_fetches, before=now + 3 * MINUTE) == 0
    left = store.read(rows, sa.select(fetches.c.at).order_by(fetches.c.at))
    assert [row["at"] for row in left] == [now + 3 * MINUTE, now + 4 * MINUTE]
