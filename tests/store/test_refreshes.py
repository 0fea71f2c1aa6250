"""Refreshes: entries are stored once, known ones found again by any of their keys, outcomes noted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from bot.errors import FailureKind, StoreError
from bot.model import Health, Moved, Rhythm
from bot.store import Store, articles, sources
from bot.store.sources import SourceState
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


def test_a_poll_that_found_nothing_changed_is_noted_with_its_source_only(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    unchanged = a_save(number, status=304, keep_validators=True, baseline=False)
    store.write(sources.save_refreshes, [unchanged], now=now)
    row = store.read(sources.list_sources)[0]
    assert (row.last_outcome, row.last_fetch_at) == ("not_modified", now)
    assert store.read(rows, sa.select(fetches)) == []


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


def test_titles_that_a_source_knows_are_told(store: Store):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    one, two, three = an_entry("one"), an_entry("two"), an_entry("three")
    add_entries(store, numbers["a"], one, two)
    add_entries(store, numbers["b"], three)
    asked = [one.title_key, three.title_key, two.title_key, one.title_key]
    found = store.read(sources.known_titles, numbers["a"], asked)
    assert found == {one.title_key, two.title_key}
    assert store.read(sources.known_titles, numbers["a"], []) == set()


def test_an_entry_keeps_the_outlet_that_an_aggregator_names(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_entries(store, number, an_entry("one", outlet="Le Quotidien"), an_entry("two"))
    found = store.read(articles.entries_to_read, "orbit.example", now=now, limit=9)
    assert [task.entry.outlet for task in found] == ["Le Quotidien", ""]


def test_what_a_flood_brings_is_read_and_kept_as_history(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry("one", held="flood", baseline=False))["One"]
    store.write(articles.save_reads, [a_read(entry_id, an_article("one"))], now=now)
    (found,) = store.read(articles.unmatched, limit=9)
    assert found.baseline is True
    (entry,) = store.read(rows, sa.select(entries.c.held, entries.c.baseline))
    assert entry == {"held": "flood", "baseline": True}


def test_whether_a_page_wants_no_copy_kept_stays_with_the_article(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry("one"))["One"]
    for archivable in (False, True):
        article = an_article("one", archivable=archivable)
        (result,) = store.write(articles.save_reads, [a_read(entry_id, article)], now=now)
        assert store.read(articles.get, result.article_id).archivable is archivable


def test_what_a_former_address_answered_is_not_taken_for_the_present_one(store: Store, now: datetime):
    former, present = a_source(), a_source(url="https://orbit.example/new")
    number = add_sources(store, former)["orbit"]
    store.write(sources.sync, [present], now=now)
    late = a_save(number, etag='"1"', last_modified="then", pause="gone", new=(an_entry(),))
    assert store.write(sources.save_refreshes, [replace(late, asked_url=former.url)], now=now) == [1]
    (state,) = store.read(sources.due_sources, "orbit.example", now=now)
    assert (state.last_modified, state.baseline_done, state.last_fetch_at) == (None, False, None)
    store.write(sources.save_refreshes, [replace(late, asked_url=present.url, pause=None)], now=now)
    (state,) = store.read(sources.due_sources, "orbit.example", now=now, everything=True)
    assert (state.last_modified, state.baseline_done) == ("then", True)


class TestWhatIsLearned:
    """What a poll says of its source is there at the next one."""

    UNCHANGED: ClassVar[dict[str, Any]] = {"status": 304, "keep_validators": True, "baseline": False}
    FAILED: ClassVar[dict[str, Any]] = {
        "status": None,
        "keep_validators": True,
        "baseline": False,
        "kind": FailureKind.DNS,
        "error": "no such host",
        "health": Health.FAILING,
    }

    @pytest.fixture
    def save(self, store: Store, now: datetime) -> Callable[..., SourceState]:
        """Give a function that saves one poll, so many minutes from now, and returns what is known then."""
        number = add_sources(store, a_source())["orbit"]

        def saved(minutes: int = 0, **values: Any) -> SourceState:
            poll = a_save(number, **values)
            store.write(sources.save_refreshes, [poll], now=now + minutes * MINUTE)
            return store.read(sources.due_sources, "orbit.example", now=now, everything=True)[0]

        return saved

    def test_of_a_new_source_nothing_is_known(self, store: Store, now: datetime):
        add_sources(store, a_source())
        (state,) = store.read(sources.due_sources, "orbit.example", now=now)
        assert (state.rhythm, state.moved, state.found) == (Rhythm(), None, None)
        assert (state.first_asked_at, state.answered_at, state.whole_at) == (None, None, None)
        assert (state.health, state.health_since, state.last_outcome) == (Health.UNKNOWN, None, None)

    def test_the_rhythm_comes_back_after_news(self, save, now: datetime):
        rhythm = Rhythm(heard=2.5, watched_s=1e6, last_new_at=now, items=7, recent_new=(1, 2, 4))
        assert save(rhythm=rhythm, new=(an_entry(),)).rhythm == rhythm
        assert save(rhythm=None).rhythm == rhythm
        assert save(rhythm=None, new=(an_entry("b"),)).rhythm == rhythm

    def test_without_news_the_rhythm_goes_on(self, save, now: datetime):
        first = Rhythm(heard=2.5, watched_s=10.0, items=7, recent_new=(1, 2, 4))
        save(rhythm=first, new=(an_entry(),))
        silent = Rhythm(heard=2.25, watched_s=900.0, last_new_at=now, items=7, recent_new=(1, 2, 4))
        assert save(rhythm=silent, **self.UNCHANGED).rhythm == silent

    def test_when_it_was_asked_first_and_answered_last(self, save, now: datetime):
        state = save(**self.FAILED)
        assert (state.first_asked_at, state.answered_at, state.last_fetch_at) == (now, None, now)
        assert save(1).answered_at == now + MINUTE
        assert save(2, **self.UNCHANGED).answered_at == now + 2 * MINUTE
        state = save(3, **self.FAILED)
        assert (state.answered_at, state.first_asked_at) == (now + 2 * MINUTE, now)

    def test_when_it_was_asked_for_the_whole(self, save, now: datetime):
        assert save(whole=True).whole_at == now
        assert save(1, **self.UNCHANGED).whole_at == now
        assert save(2, **self.UNCHANGED | {"whole": True}).whole_at == now + 2 * MINUTE

    def test_where_it_moved_to_is_what_the_last_save_says(self, save, now: datetime):
        moved = Moved(to="https://new.example/feed", times=2, since=now)
        assert save(moved=moved).moved == moved
        again = replace(moved, times=3)
        assert save(moved=again, **self.UNCHANGED).moved == again
        assert save(moved=again, **self.FAILED).moved == again
        assert save(**self.UNCHANGED).moved is None

    def test_failures_count_from_the_first_to_the_next_answer(self, save, now: datetime):
        assert save(**self.FAILED).failing_since == now
        assert save(1, **self.FAILED).failing_since == now
        assert save(2, **self.FAILED | {"health": None}).failing_since == now
        assert save(3, **self.UNCHANGED).failing_since is None
        assert save(4, **self.FAILED | {"health": None}).failing_since is None
        assert save(5, **self.FAILED).failing_since == now + 5 * MINUTE

    def test_health_has_a_beginning(self, save, now: datetime):
        state = save(health=Health.EMPTY)
        assert (state.health, state.health_since, state.failing_since) == (Health.EMPTY, now, None)
        assert save(1, health=Health.EMPTY, **self.UNCHANGED).health_since == now
        assert save(2, health=None, **self.UNCHANGED).health is Health.EMPTY
        state = save(3, health=Health.OK, **self.UNCHANGED)
        assert (state.health, state.health_since) == (Health.OK, now + 3 * MINUTE)

    def test_the_reason_of_the_next_time_and_the_length_of_the_listing_are_shown(self, store: Store, save):
        save(next_reason={"reason": "rhythm", "interval_s": 900.5, "why": "ünï\0"}, listed=25)
        row = store.read(sources.list_sources)[0]
        assert row.next_reason == {"reason": "rhythm", "interval_s": 900.5, "why": "ünï"}
        assert store.read(sources.facts, now=row.next_fetch_at)[0].listed == 25
        save(next_reason={"reason": "failing"}, **self.FAILED)
        assert store.read(sources.list_sources)[0].next_reason == {"reason": "failing"}
        assert store.read(sources.facts, now=row.next_fetch_at)[0].listed == 25
