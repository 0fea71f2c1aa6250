"""What sources are worth: counted by what came of what they list, and by who else lists it."""

from datetime import datetime, timedelta

from bot.store import Store, articles, mentions, sources
from bot.store.sources import SourceValue
from tests.store.build import (
    MINUTE,
    a_read,
    a_source,
    add_article,
    add_entries,
    add_mention,
    add_revision,
    add_sources,
    add_watches,
    an_article,
    an_entry,
    key_of,
)

DAY = timedelta(days=1)


def worthless(key: str, **values) -> SourceValue:
    nothing = {"articles": 0, "mentions": 0, "firsts": 0, "only_here": 0, "median_delay": None}
    return SourceValue(source=key, source_name=key.title(), **{"enabled": True, **nothing, **values})


def value_of(store: Store, since: datetime) -> dict[str, SourceValue]:
    return {one.source: one for one in store.read(sources.value, since=since)}


def list_again(store: Store, number: int, name: str, now: datetime, **values) -> None:
    """Let another source list the address of an article."""
    add_entries(store, number, an_entry(name, url=f"https://orbit.example/{name}", **values), now=now)


def test_a_source_of_nothing_is_worth_nothing(store: Store, now: datetime):
    store.write(sources.sync, [a_source("a"), a_source("b", enabled=False)], now=now)
    assert store.read(sources.value, since=now) == [worthless("a"), worthless("b", enabled=False)]


def test_articles_and_mentions_are_counted_for_every_source_that_lists_them(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    add_watches(store, "cspo", "other")
    for name in ("one", "two", "three"):
        number = add_article(store, numbers["a"], name)
        if name != "three":
            add_mention(store, number)
            add_mention(store, number, "other")
    list_again(store, numbers["b"], "one", now + MINUTE)
    found = value_of(store, now)
    assert [(one.articles, one.mentions) for one in found.values()] == [(3, 2), (1, 1)]
    assert [(one.firsts, one.only_here) for one in found.values()] == [(1, 1), (0, 0)]


def test_first_is_who_listed_it_first_not_who_was_named_first(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    add_watches(store, "cspo")
    add_mention(store, add_article(store, numbers["b"], "one"))
    list_again(store, numbers["a"], "one", now + MINUTE)
    found = value_of(store, now)
    assert (found["a"].firsts, found["b"].firsts) == (0, 1)


def test_copies_are_one_story(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"))
    add_watches(store, "cspo")
    copy = {"copy_hash": key_of("the same text")}
    add_article(store, numbers["a"], "one", **copy)
    add_mention(store, add_article(store, numbers["b"], "two", now=now + MINUTE, **copy))
    add_mention(store, add_article(store, numbers["c"], "three", now=now + MINUTE))
    found = value_of(store, now)
    assert [(one.mentions, one.firsts, one.only_here) for one in found.values()] == [
        (0, 1, 0),
        (1, 0, 0),
        (1, 0, 1),
    ]


def test_history_and_what_was_dismissed_are_worth_nothing(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_watches(store, "cspo")
    add_mention(store, add_article(store, number, "old", baseline=True), backfill=True)
    dismissed = add_mention(store, add_article(store, number, "noise"))
    store.write(mentions.dismiss, dismissed.id, why=None, now=now)
    add_mention(store, add_article(store, number, "unwanted"), told=False)
    add_mention(store, add_article(store, number, "early", now=now - DAY), now=now - DAY)
    found = value_of(store, now)["orbit"]
    assert (found.articles, found.mentions, found.only_here) == (2, 0, 0)


def test_the_delay_is_that_of_what_was_mentioned(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_watches(store, "cspo")
    for minutes in (1, 5, 30):
        published_at = now - minutes * MINUTE
        article = add_article(store, number, f"after {minutes}", published_at=published_at)
        add_mention(store, article)
    add_mention(store, add_article(store, number, "undated", published_at=None))
    add_article(store, number, "late", published_at=now - DAY)
    assert value_of(store, now)["orbit"].median_delay == 5 * MINUTE


def test_without_mentions_the_delay_is_that_of_the_articles(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_article(store, number, "one", published_at=now - 2 * MINUTE)
    add_article(store, number, "two", published_at=now - 4 * MINUTE)
    add_article(store, number, "old", published_at=now - 9 * DAY, baseline=True)
    assert value_of(store, now)["orbit"].median_delay == 3 * MINUTE


def test_nothing_is_listed_before_it_is_published(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_article(store, number, "one", published_at=now + DAY)
    assert value_of(store, now)["orbit"].median_delay == timedelta()


def test_texts_with_mentions_come_page_by_page_at_their_present_revision(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_watches(store, "cspo", "other")
    ids = [add_article(store, number, name) for name in ("one", "two", "three", "four")]
    for article_id in (ids[3], ids[0], ids[2]):
        add_mention(store, article_id)
    add_mention(store, ids[0], "other")
    add_revision(store, ids[0], "See https://elsewhere.example/report")
    page = store.read(sources.mentioned_texts, since=now, limit=2)
    assert [one.article_id for one in page] == [ids[0], ids[2]]
    assert (page[0].url, page[0].source) == ("https://orbit.example/one", "orbit")
    assert page[0].text == "See https://elsewhere.example/report"
    rest = store.read(sources.mentioned_texts, since=now, after=ids[2], limit=2)
    assert [one.article_id for one in rest] == [ids[3]]
    assert store.read(sources.mentioned_texts, since=now + DAY, limit=2) == []


def test_an_address_that_led_elsewhere_counts_for_whoever_listed_it(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    add_watches(store, "cspo")
    article_id = add_article(store, numbers["a"], "one")
    entry_id = add_entries(store, numbers["b"], an_entry("short", url="https://s.example/1"))["Short"]
    again = a_read(entry_id, an_article("one"))
    assert store.write(articles.save_reads, [again], now=now)[0].what == "duplicate"
    add_mention(store, article_id)
    assert {one.source: one.mentions for one in store.read(sources.value, since=now)} == {"a": 1, "b": 1}
