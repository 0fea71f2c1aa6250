"""Reads: an article is stored once, its stop-gap replaced by its page, its copies one story."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import sqlalchemy as sa

from bot.errors import FailureKind
from bot.model import TextFrom
from bot.store import Store, articles, mentions
from bot.store.articles import ReadResult
from bot.store.mentions import ArticleMatches
from bot.store.tables import articles as article_table
from bot.store.tables import entries, stories
from bot.store.tables import revisions as revision_table
from tests.store.build import (
    MINUTE,
    a_read,
    a_source,
    add_article,
    add_entries,
    add_mention,
    add_sources,
    add_watches,
    an_article,
    an_entry,
    key_of,
    matches_of,
    rows,
)

STOP_GAP = an_article(text="only a summary", text_from=TextFrom.SUMMARY)


def read(store: Store, now: datetime, *saves) -> list[ReadResult]:
    return store.write(articles.save_reads, saves, now=now)


def entry_row(store: Store, entry_id: int) -> dict:
    return store.read(rows, sa.select(entries).where(entries.c.id == entry_id))[0]


def stopped(store: Store, now: datetime, article=STOP_GAP, **values) -> tuple[int, int]:
    """Store an entry with its stop-gap and return both numbers."""
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry())["Launch"]
    save = a_read(
        entry_id, article, state="retry", next_read_at=now + MINUTE, error="slow", kind=FailureKind.TIMEOUT
    )
    result = read(store, now, save, *values.get("more", ()))[0]
    assert result.what == "new"
    assert result.article_id is not None
    return entry_id, result.article_id


def test_a_page_makes_a_new_article_and_closes_its_entry(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry())["Launch"]
    result = read(store, now, a_read(entry_id, an_article()))[0]
    row = entry_row(store, entry_id)
    assert result.what == "new"
    assert (row["state"], row["article_id"], row["attempts"]) == ("read", result.article_id, 1)
    assert (row["content"], row["summary"], row["next_read_at"], row["done_at"]) == ("", "", None, now)


def test_the_same_address_from_another_source_is_a_duplicate(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    first = add_entries(store, numbers["a"], an_entry("one"))["One"]
    second = add_entries(store, numbers["b"], an_entry("two"))["Two"]
    results = read(store, now, a_read(first, an_article()), a_read(second, an_article(text="another text")))
    assert [result.what for result in results] == ["new", "duplicate"]
    assert results[0].article_id == results[1].article_id
    assert len(store.read(articles.list_articles)) == 1


def test_a_stop_gap_waits_for_its_page_which_becomes_a_revision(store: Store, now: datetime):
    entry_id, article_id = stopped(store, now)
    row = entry_row(store, entry_id)
    assert (row["state"], row["content"], row["error_kind"]) == ("retry", "Some content.", "timeout")
    task = store.read(articles.entries_to_read, "orbit.example", now=now + MINUTE, limit=9)[0]
    assert task.article_id == article_id
    store.write(
        mentions.save_matches,
        [ArticleMatches(article_id=article_id, revision=1, mentions=(), mark_matched=True)],
        now=now,
    )
    result = read(store, now, a_read(entry_id, an_article()))[0]
    assert (result.what, result.article_id) == ("revision", article_id)
    again = store.read(articles.unmatched, limit=9)[0].article
    assert (again.revision, again.text_from, again.text) == (2, TextFrom.PAGE, "The whole text of launch.")
    assert entry_row(store, entry_id)["state"] == "read"


def test_a_stop_gap_whose_page_stands_under_another_address_moves_there(store: Store, now: datetime):
    entry_id, article_id = stopped(store, now)
    page = an_article(url="https://orbit.example/2026/launch.html")
    result = read(store, now, a_read(entry_id, page))[0]
    assert (result.what, result.article_id) == ("revision", article_id)
    assert store.read(articles.by_url, key_of(page.url)).id == article_id
    assert store.read(articles.by_url, key_of(STOP_GAP.url)) is None


def test_a_page_with_the_same_text_is_no_revision_but_better_founded(store: Store, now: datetime):
    entry_id, article_id = stopped(store, now)
    page = an_article(text=STOP_GAP.text)
    result = read(store, now, a_read(entry_id, page))[0]
    assert (result.what, result.article_id) == ("unchanged", article_id)
    article = store.read(articles.get, article_id)
    assert (article.revision, article.text_from) == (1, TextFrom.PAGE)


def test_a_summary_never_replaces_a_page(store: Store, now: datetime):
    number = add_sources(store, a_source("other"))["other"]
    add_article(store, number, "launch")
    entry_id = add_entries(store, number, an_entry("again", url="https://short.example/x"))["Again"]
    result = read(store, now, a_read(entry_id, STOP_GAP, state="unread", error="forbidden"))[0]
    assert result.what == "duplicate"
    assert store.read(articles.list_articles, text=True)[0].text == "The whole text of launch."


def test_a_page_read_for_another_source_replaces_a_stop_gap(store: Store, now: datetime):
    _, article_id = stopped(store, now)
    number = add_sources(store, a_source("other"))["other"]
    other = add_entries(store, number, an_entry("other", url="https://short.example/x"))["Other"]
    result = read(store, now, a_read(other, an_article()))[0]
    assert (result.what, result.article_id) == ("revision", article_id)


def test_a_stop_gap_that_turns_out_to_be_a_known_article_goes_unless_somebody_was_told(
    store: Store, now: datetime
):
    add_watches(store, "cspo")
    entry_id, stop_gap = stopped(store, now)
    number = add_sources(store, a_source("other"))["other"]
    known = add_article(store, number, "known")
    result = read(store, now, a_read(entry_id, an_article("known")))[0]
    assert (result.what, result.article_id) == ("duplicate", known)
    assert store.read(articles.get, stop_gap) is None
    assert entry_row(store, entry_id)["article_id"] == known


def test_a_stop_gap_that_was_told_stays(store: Store, now: datetime):
    add_watches(store, "cspo")
    entry_id, stop_gap = stopped(store, now)
    add_mention(store, stop_gap)
    number = add_sources(store, a_source("other"))["other"]
    add_article(store, number, "known")
    read(store, now, a_read(entry_id, an_article("known")))
    assert store.read(articles.get, stop_gap) is not None


def test_the_same_text_and_title_at_another_address_of_a_source_is_a_duplicate(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    found = add_entries(store, number, an_entry("one"), an_entry("two"), an_entry("three"))
    copy = {"copy_hash": b"c" * 16}
    results = read(
        store,
        now,
        a_read(found["One"], an_article("one", title="Launch  Day"), **copy),
        a_read(found["Two"], an_article("two", title="launch day"), **copy),
        a_read(found["Three"], an_article("three", title="Another title"), **copy),
    )
    assert [result.what for result in results] == ["new", "duplicate", "new"]


def test_short_texts_are_never_copies(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    found = add_entries(store, number, an_entry("one"), an_entry("two"))
    saves = [
        a_read(found[key.title()], an_article(key, title="Same", text="Same.")) for key in ("one", "two")
    ]
    assert [result.what for result in read(store, now, *saves)] == ["new", "new"]
    assert [article.story_id for article in store.read(articles.list_articles)] == [None, None]


def test_the_first_of_equal_texts_leads_the_story_and_outlets_are_counted(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"))
    copy = {"copy_hash": b"c" * 16}
    first = add_article(store, numbers["a"], "one", site="Alpha", **copy)
    add_article(store, numbers["b"], "two", site="Beta", now=now + MINUTE, **copy)
    add_article(store, numbers["c"], "three", site="Beta", now=now + MINUTE, **copy)
    story = store.read(rows, sa.select(stories))[0]
    assert (story["first_article_id"], story["title"], story["outlets"]) == (first, "One", 2)
    assert {article.story_id for article in store.read(articles.list_articles)} == {story["id"]}


def test_a_replaced_text_finds_its_story_and_leaves_no_empty_one(store: Store, now: datetime):
    number = add_sources(store, a_source("other"))["other"]
    add_article(store, number, "wire", copy_hash=b"w" * 16)
    source = add_sources(store, a_source("other"), a_source("orbit"))["orbit"]
    entry_id = add_entries(store, source, an_entry())["Launch"]
    gap = a_read(entry_id, STOP_GAP, state="retry", next_read_at=now, error="slow", copy_hash=b"s" * 16)
    read(store, now, gap)
    assert len(store.read(rows, sa.select(stories))) == 2
    read(store, now, a_read(entry_id, an_article(), copy_hash=b"w" * 16))
    left = store.read(rows, sa.select(stories.c.title, stories.c.outlets))
    assert left == [{"title": "Wire", "outlets": 1}]
    assert len({article.story_id for article in store.read(articles.list_articles)}) == 1


def test_an_entry_without_anything_is_closed(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry())["Launch"]
    assert read(store, now, a_read(entry_id, None))[0].what == "unchanged"
    assert entry_row(store, entry_id)["state"] == "read"


def test_a_stop_gap_for_lack_of_time_is_no_attempt(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry())["Launch"]
    read(store, now, a_read(entry_id, STOP_GAP, state="retry", next_read_at=now))
    assert entry_row(store, entry_id)["attempts"] == 0


def test_an_entry_that_is_gone_is_left_out(store: Store, now: datetime):
    assert read(store, now, a_read(12345, an_article())) == []
    assert store.read(articles.list_articles) == []


def test_of_many_who_store_one_article_at_once_one_makes_it(store: Store, now: datetime):
    numbers = add_sources(store, *(a_source(f"s{index}") for index in range(4)))
    saves = [
        [
            a_read(
                add_entries(store, number, an_entry(f"{key} {name}"))[f"{key} {name}".title()],
                an_article(name),
            )
            for name in ("a", "b", "c")
        ]
        for key, number in numbers.items()
    ]
    at_once = Barrier(4)

    def race(mine) -> list[str]:
        at_once.wait()
        order = mine if mine is saves[0] else list(reversed(mine))
        return [result.what for result in read(store, now, *order)]

    with ThreadPoolExecutor(4) as threads:
        whats = [what for some in threads.map(race, saves) for what in some]
    assert (whats.count("new"), whats.count("duplicate")) == (3, 9)
    assert len(store.read(rows, sa.select(article_table.c.id))) == 3
    assert len(store.read(rows, sa.select(revision_table.c.number))) == 3


def test_a_mention_of_an_older_revision_leaves_the_newer_one_waiting(store: Store, now: datetime):
    add_watches(store, "cspo")
    entry_id, article_id = stopped(store, now)
    read(store, now, a_read(entry_id, an_article()))
    store.write(mentions.save_matches, [matches_of(article_id, "cspo")], now=now)
    assert [row.article.revision for row in store.read(articles.unmatched, limit=9)] == [2]
