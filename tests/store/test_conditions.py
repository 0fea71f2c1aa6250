"""What a source's health is judged by, and the verdicts."""

from datetime import datetime, timedelta

from bot.errors import FailureKind
from bot.model import Health, Rhythm
from bot.store import Store, articles, sources
from bot.store.conditions import PAGES_FOR, PAGES_JUDGED
from bot.store.sources import HealthChange, SourceFacts
from tests.store.build import MINUTE, a_read, a_save, a_source, add_entries, add_sources, an_article, an_entry

DAY = timedelta(days=1)


def facts_of(store: Store, now: datetime, key: str = "orbit") -> SourceFacts:
    (found,) = store.read(sources.facts, now=now, keys=[key])
    return found


def read_pages(
    store: Store, number: int, outcomes: list[FailureKind | None], at: datetime, name: str
) -> None:
    """Read a page for each of these outcomes, None for one that could be read, a minute apart."""
    for place, kind in enumerate(outcomes):
        title = f"{name} {place}"
        entry_id = add_entries(store, number, an_entry(title), now=at)[title.title()]
        save = a_read(entry_id, an_article(title) if kind is None else None)
        if kind is not None:
            save = a_read(entry_id, None, state="unread", error="no", kind=kind)
        store.write(articles.save_reads, [save], now=at + place * MINUTE)


def test_what_was_saved_of_a_source_is_told(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    rhythm = Rhythm(heard=1.5, watched_s=60.0, last_new_at=now, items=1, recent_new=(1,))
    answered = a_save(number, listed=1, rhythm=rhythm, new=(an_entry(),), health_why="fine")
    store.write(sources.save_refreshes, [answered], now=now - DAY)
    failed = a_save(
        number,
        keep_validators=True,
        health=Health.FAILING,
        health_why="no such host",
        kind=FailureKind.DNS,
        error="no such host",
        fail_weight=0.5,
    )
    store.write(sources.save_refreshes, [failed], now=now)
    assert facts_of(store, now) == SourceFacts(
        id=number,
        source=a_source(),
        health=Health.FAILING,
        health_since=now,
        health_why="no such host",
        noticed_health=None,
        first_asked_at=now - DAY,
        last_fetch_at=now,
        last_outcome="dns",
        last_error="no such host",
        failing_since=now,
        fail_weight=0.5,
        listed=1,
        rhythm=rhythm,
    )


def test_pages_are_counted_by_what_came_of_them(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    outcomes = [None, FailureKind.FORBIDDEN, FailureKind.FORBIDDEN, FailureKind.NOT_FOUND]
    read_pages(store, number, outcomes, now, "a")
    found = facts_of(store, now + DAY)
    assert (found.pages_read, found.pages_unread) == (1, {"forbidden": 2, "not_found": 1})


def test_only_the_last_pages_count(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    read_pages(store, number, [FailureKind.FORBIDDEN] * 5, now, "a")
    read_pages(store, number, [None] * PAGES_JUDGED, now + DAY, "b")
    found = facts_of(store, now + 2 * DAY)
    assert (found.pages_read, found.pages_unread) == (PAGES_JUDGED, {})


def test_pages_of_long_ago_do_not_count(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    read_pages(store, number, [None], now, "a")
    assert facts_of(store, now + PAGES_FOR).pages_read == 1
    assert facts_of(store, now + PAGES_FOR + MINUTE).pages_read == 0


def test_what_waits_still_or_has_no_page_does_not_count(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    without = add_entries(store, number, an_entry("a", url=None), an_entry("b"), now=now)
    store.write(articles.save_reads, [a_read(without["A"], an_article("a"))], now=now)
    waits = a_read(without["B"], an_article("b"), state="retry", next_read_at=now + DAY)
    store.write(articles.save_reads, [waits], now=now)
    found = facts_of(store, now)
    assert (found.pages_read, found.pages_unread) == (0, {})


def test_sources_are_judged_apart_and_only_those_that_are_asked(store: Store, now: datetime):
    numbers = add_sources(store, *(a_source(key) for key in "abcd"))
    read_pages(store, numbers["a"], [None, None], now, "a")
    read_pages(store, numbers["b"], [FailureKind.ROBOTS], now, "b")
    store.write(sources.pause, "d", why="", now=now)
    listed = [a_source("a"), a_source("b"), a_source("c", enabled=False), a_source("d")]
    store.write(sources.sync, listed, now=now)
    found = store.read(sources.facts, now=now)
    assert [(one.source.key, one.pages_read, one.pages_unread) for one in found] == [
        ("a", 2, {}),
        ("b", 0, {"robots": 1}),
    ]
    assert store.read(sources.facts, now=now, keys=[]) == []
    assert [one.source.key for one in store.read(sources.facts, now=now, keys=["b", "c", "x"])] == ["b"]


def test_the_last_polls_that_told_something_are_there_the_newest_first(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    failed = {"status": None, "kind": FailureKind.DNS, "error": "no such host", "bytes": 0}
    unchanged = {"status": 304, "keep_validators": True, "baseline": False}
    for minutes, values in enumerate(({"new": (an_entry(),)}, unchanged, failed)):
        saves = [a_save(numbers["a"], **values), a_save(numbers["b"])]
        store.write(sources.save_refreshes, saves, now=now + minutes * MINUTE)
    found = store.read(sources.recent_fetches, "a")
    assert [(one.at, one.status, one.new, one.kind, one.error) for one in found] == [
        (now + 2 * MINUTE, None, 0, "dns", "no such host"),
        (now, 200, 1, None, None),
    ]
    assert (found[1].bytes, found[1].duration_ms) == (3456, 12)
    assert len(store.read(sources.recent_fetches, "b", limit=2)) == 2
    assert store.read(sources.recent_fetches, "nobody") == []


def test_a_verdict_is_kept_with_since_when_it_holds(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    store.write(sources.save_refreshes, [a_save(number) for number in numbers.values()], now=now)
    for later, why in ((1, "nothing for 9 days"), (2, "nothing for 10 days")):
        change = HealthChange(source_id=numbers["a"], health=Health.QUIET, why=why)
        store.write(sources.save_health, [change], now=now + later * DAY)
    found = facts_of(store, now, "a")
    assert (found.health, found.health_since, found.health_why) == (
        Health.QUIET,
        now + DAY,
        "nothing for 10 days",
    )
    assert facts_of(store, now, "b").health is Health.OK
    store.write(sources.save_health, [], now=now)


def test_a_poll_that_says_nothing_of_health_leaves_the_verdict(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    store.write(sources.save_refreshes, [a_save(number)], now=now)
    change = HealthChange(source_id=number, health=Health.PARTIAL, why="pages are forbidden")
    store.write(sources.save_health, [change], now=now)
    unchanged = a_save(number, status=304, keep_validators=True, baseline=False, health=None)
    store.write(sources.save_refreshes, [unchanged], now=now + MINUTE)
    found = facts_of(store, now)
    assert (found.health, found.health_since, found.health_why) == (
        Health.PARTIAL,
        now,
        "pages are forbidden",
    )
