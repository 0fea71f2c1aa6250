"""Refreshes: entries are stored once, known ones found again by any of their keys, outcomes noted."""

from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.errors import FailureKind, StoreError
from bot.model import Health
from bot.store import Store, articles, sources
from bot.store.tables import entries, fetches
from tests.store.build import (
    MINUTE,
    a_read,
    a_save,
    a_source,
    add_article,
    add_entries,
    add_sources,
    an_article,
    an_entry,
    key_of,
    rows,
)


@dataclass(frozen=True)
class Keys:
    url_key: bytes | None = None
    id_key: bytes | None = None
    title_key: bytes | None = None


def test_new_entries_are_stored_once_and_counted(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    save = a_save(number, new=(an_entry("a"), an_entry("b")))
    assert store.write(sources.save_refreshes, [save], now=now) == [2]
    again = a_save(number, new=(an_entry("a"), an_entry("c")))
    assert store.write(sources.save_refreshes, [again], now=now) == [1]
    assert store.read(sources.list_sources)[0].entries == 3


def test_many_sources_are_saved_at_once_and_counted_apart(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"))
    saves = [
        a_save(numbers["a"], new=(an_entry("a", authors=("Ann", 'O"Neil\n'), published_at=None),)),
        a_save(numbers["b"], status=304, keep_validators=True, baseline=False),
        a_save(numbers["c"], new=(an_entry("a", authors=()), an_entry("b", url=None, url_key=None))),
    ]
    assert store.write(sources.save_refreshes, saves, now=now) == [1, 0, 2]
    chosen = sa.select(entries.c.authors, entries.c.published_at).order_by(entries.c.id)
    found = store.read(rows, chosen)
    assert [row["authors"] for row in found] == [["Ann", 'O"Neil\n'], [], ["Ann Author"]]
    assert [row["published_at"] for row in found] == [None, now - MINUTE, now - MINUTE]


def test_a_first_sight_is_over_also_where_the_validators_stay(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    store.write(sources.save_refreshes, [a_save(number, etag='"1"', baseline=False)], now=now)
    kept = a_save(number, keep_validators=True, etag="ignored", baseline=True)
    store.write(sources.save_refreshes, [kept], now=now)
    (state,) = store.read(sources.due_sources, "orbit.example", now=now, everything=True)
    assert (state.etag, state.baseline_done) == ('"1"', True)


def test_the_same_key_in_two_sources_is_two_entries(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    saves = [a_save(number, new=(an_entry(),)) for number in numbers.values()]
    assert store.write(sources.save_refreshes, saves, now=now) == [1, 1]


def test_counts_come_in_the_order_of_the_saves(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"))
    saves = [
        a_save(numbers["c"], new=(an_entry("x"), an_entry("y"))),
        a_save(numbers["a"], status=304, keep_validators=True),
        a_save(numbers["b"], new=(an_entry("x"),)),
    ]
    assert store.write(sources.save_refreshes, saves, now=now) == [2, 0, 1]
    assert store.write(sources.save_refreshes, [], now=now) == []


def test_an_entry_comes_back_as_it_was_listed(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    new = an_entry("a", title="Ünïcode 日本", authors=("A", "B"), content="Long\n\ntext", baseline=True)
    add_entries(store, number, new)
    task = store.read(articles.entries_to_read, new.host, now=now, limit=9)[0]
    assert (task.key, task.url, task.host, task.attempts) == (new.key, new.url, new.host, 0)
    assert (task.baseline, task.article_id, task.source.key) == (True, None, "orbit")
    assert task.entry.title == new.title
    assert task.entry.authors == new.authors
    assert task.entry.published_at == new.published_at
    assert (task.entry.summary, task.entry.content, task.entry.language) == (new.summary, new.content, "en")


@pytest.mark.parametrize("by", ["url_key", "id_key", "title_key"])
def test_an_entry_is_known_by_any_of_its_keys(store: Store, by: str):
    number = add_sources(store, a_source())["orbit"]
    entry = an_entry("a")
    entry_id = add_entries(store, number, entry, an_entry("b"))["A"]
    found = store.read(sources.known_entries, number, [Keys(**{by: getattr(entry, by)})])
    assert [row.entry_id for row in found] == [entry_id]
    assert found[0].url_key == entry.url_key
    assert found[0].published_at == entry.published_at


def test_an_entry_known_by_several_keys_comes_once_and_only_from_its_source(store: Store):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    entry = an_entry()
    add_entries(store, numbers["a"], entry)
    keys = Keys(url_key=entry.url_key, id_key=entry.id_key, title_key=entry.title_key)
    assert len(store.read(sources.known_entries, numbers["a"], [keys, keys])) == 1
    assert store.read(sources.known_entries, numbers["b"], [keys]) == []
    assert store.read(sources.known_entries, numbers["a"], [Keys()]) == []
    assert store.read(sources.known_entries, numbers["a"], []) == []


def test_a_listing_of_thousands_is_found_again_whole(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    listed = [an_entry(f"entry {index}") for index in range(1500)]
    assert store.write(sources.save_refreshes, [a_save(number, new=listed)], now=now) == [1500]
    found = store.read(sources.known_entries, number, listed)
    assert len(found) == 1500
    seen = a_save(number, seen=[row.entry_id for row in found])
    store.write(sources.save_refreshes, [seen], now=now + MINUTE)
    times = store.read(rows, sa.select(entries.c.last_listed_at).distinct())
    assert times == [{"last_listed_at": now + MINUTE}]


def test_validators_are_kept_replaced_or_cleared_as_the_save_says(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]

    def after(**values) -> tuple[str | None, str | None, bytes | None]:
        store.write(sources.save_refreshes, [a_save(number, **values)], now=now)
        state = store.read(sources.due_sources, "orbit.example", now=now, everything=True)[0]
        return state.etag, state.last_modified, state.body_hash

    full = {"etag": '"1"', "last_modified": "then", "body_hash": b"1" * 16}
    assert after(**full) == ('"1"', "then", b"1" * 16)
    assert after(keep_validators=True, etag="ignored") == ('"1"', "then", b"1" * 16)
    assert after(etag='"2"') == ('"2"', None, None)
    assert after() == (None, None, None)


def test_validators_are_not_kept_when_the_entries_could_not_be_stored(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    bad = a_save(number, etag='"1"', new=(an_entry(title=None),))
    with pytest.raises(StoreError):
        store.write(sources.save_refreshes, [bad], now=now)
    assert store.read(sources.due_sources, "orbit.example", now=now)[0].etag is None


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({}, "ok"),
        ({"status": 304, "keep_validators": True}, "not_modified"),
        (
            {"kind": FailureKind.TIMEOUT, "error": "too slow", "health": Health.FAILING, "status": None},
            "timeout",
        ),
    ],
)
def test_the_outcome_is_noted_with_the_source_and_in_the_log(
    store: Store, now: datetime, values, outcome: str
):
    number = add_sources(store, a_source())["orbit"]
    store.write(sources.save_refreshes, [a_save(number, **values)], now=now)
    row = store.read(sources.list_sources)[0]
    assert (row.last_outcome, row.last_fetch_at) == (outcome, now)
    assert row.last_error == values.get("error")
    assert row.health is values.get("health", Health.OK)
    assert row.next_fetch_at == now + 15 * MINUTE
    logged = store.read(rows, sa.select(fetches))[0]
    assert (logged["source_id"], logged["at"], logged["duration_ms"], logged["bytes"]) == (
        number,
        now,
        12,
        3456,
    )
    assert logged["kind"] == (values["kind"].value if "kind" in values else None)
    assert logged["new"] == 0


def test_the_first_sight_is_over_once_and_for_all(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]

    def done(**values) -> bool:
        store.write(sources.save_refreshes, [a_save(number, **values)], now=now)
        return store.read(sources.due_sources, "orbit.example", now=now, everything=True)[0].baseline_done

    assert not done(baseline=False)
    assert done(baseline=True)
    assert done(baseline=False)


def test_an_address_that_was_read_for_another_source_is_not_read_again(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"))
    article_id = add_article(store, numbers["a"], "launch")
    add_entries(store, numbers["b"], an_entry("copy", url="https://orbit.example/launch"))
    add_entries(store, numbers["c"], an_entry("other", url="https://orbit.example/other"))
    found = store.read(rows, sa.select(entries).order_by(entries.c.id))
    assert [(row["state"], row["article_id"]) for row in found[1:]] == [("read", article_id), ("new", None)]
    assert (found[1]["content"], found[1]["next_read_at"]) == ("", None)


def test_an_address_that_led_to_another_one_is_not_read_again_either(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    entry = an_entry("short", url="https://short.example/1")
    entry_id = add_entries(store, numbers["a"], entry)["Short"]
    read = a_read(entry_id, an_article(), url_key=key_of("somewhere else"))
    article_id = store.write(articles.save_reads, [read], now=now)[0].article_id
    add_entries(store, numbers["b"], entry)
    found = store.read(rows, sa.select(entries.c.article_id))
    assert found == [{"article_id": article_id}] * 2
