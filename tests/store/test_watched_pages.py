"""A watched page: one article for ever, each change a revision, and news even where its first sight was not."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.model import SourceKind
from bot.store import Store, articles, sources
from bot.store.articles import EntryToRead, ReadSave
from bot.store.sources import ChangedEntry
from bot.store.tables import entries
from tests.store.build import (
    MINUTE,
    a_read,
    a_save,
    a_source,
    add_entries,
    add_sources,
    an_article,
    an_entry,
    rows,
)

DAY = timedelta(days=1)
PAGE = a_source("page", kind=SourceKind.PAGE, url="https://orbit.example/page")


def first_sight(store: Store, now: datetime, **values) -> tuple[int, int]:
    """Store a page as it was first seen; return the numbers of its source and of its entry."""
    number = add_sources(store, PAGE)["page"]
    entry = an_entry("page", content="First text.", **{"baseline": True, **values})
    entry_id = add_entries(store, number, entry, now=now)["Page"]
    store.write(articles.save_reads, [read_of(entry_id, "First text.")], now=now)
    return number, entry_id


def read_of(entry_id: int, text: str) -> ReadSave:
    return a_read(entry_id, an_article("page", text=text))


def change(store: Store, number: int, entry_id: int, text: str, now: datetime) -> EntryToRead:
    """Let the page change, and return it as it is to be read."""
    changed = ChangedEntry(entry_id=entry_id, title="Page", content=text, summary="Sum", updated_at=now)
    store.write(sources.save_refreshes, [a_save(number, seen=[entry_id], changed=[changed])], now=now)
    (task,) = store.read(articles.entries_to_read, "orbit.example", now=now, limit=9)
    return task


def test_a_changed_page_is_read_again_at_once_from_what_it_says_now(store: Store, now: datetime):
    number, entry_id = first_sight(store, now)
    assert store.read(articles.entries_due, now=now + DAY) == 0
    task = change(store, number, entry_id, "Second text.", now + DAY)
    assert (task.id, task.changed, task.attempts) == (entry_id, True, 0)
    assert (task.entry.content, task.entry.summary, task.entry.updated_at) == (
        "Second text.",
        "Sum",
        now + DAY,
    )
    assert task.article_id is not None


def test_its_new_text_is_a_revision_of_the_same_article_and_news(store: Store, now: datetime):
    number, entry_id = first_sight(store, now)
    (before,) = store.read(articles.unmatched, limit=9)
    assert (before.baseline, before.first_seen_at) == (True, now)
    change(store, number, entry_id, "Second text.", now + DAY)
    later = now + DAY + MINUTE
    (result,) = store.write(articles.save_reads, [read_of(entry_id, "Second text.")], now=later)
    assert (result.what, result.article_id) == ("revision", before.article.id)
    (after,) = store.read(articles.unmatched, limit=9)
    assert (after.article.revision, after.article.text) == (2, "Second text.")
    assert (after.baseline, after.first_seen_at) == (False, later)
    assert after.article.first_seen_at == now
    (entry,) = store.read(rows, sa.select(entries))
    assert (entry["state"], entry["content"], entry["next_read_at"]) == ("read", "", None)


def test_a_change_that_could_not_be_read_at_once_is_news_later(store: Store, now: datetime):
    number, entry_id = first_sight(store, now)
    change(store, number, entry_id, "Second text.", now + DAY)
    failed = a_read(entry_id, None, state="retry", next_read_at=now + DAY, error="no")
    store.write(articles.save_reads, [failed], now=now + DAY)
    (task,) = store.read(articles.entries_to_read, "orbit.example", now=now + DAY, limit=9)
    assert (task.changed, task.entry.content) == (True, "Second text.")
    store.write(articles.save_reads, [read_of(entry_id, "Second text.")], now=now + DAY)
    assert store.read(articles.unmatched, limit=9)[0].baseline is False


def test_another_answer_with_the_same_text_is_no_revision_and_no_news(store: Store, now: datetime):
    number, entry_id = first_sight(store, now)
    change(store, number, entry_id, "First text.", now + DAY)
    (result,) = store.write(articles.save_reads, [read_of(entry_id, "First text.")], now=now + DAY)
    assert result.what == "unchanged"
    (found,) = store.read(articles.unmatched, limit=9)
    assert (found.baseline, found.article.revision) == (True, 1)
    assert store.read(articles.entries_due, now=now + 9 * DAY) == 0


def test_a_page_that_changed_before_it_was_first_read_is_still_its_first_sight(store: Store, now: datetime):
    number = add_sources(store, PAGE)["page"]
    entry = an_entry("page", content="First text.", baseline=True)
    entry_id = add_entries(store, number, entry, now=now)["Page"]
    task = change(store, number, entry_id, "Second text.", now + DAY)
    assert task.changed is False
    store.write(articles.save_reads, [read_of(entry_id, "Second text.")], now=now + DAY)
    (found,) = store.read(articles.unmatched, limit=9)
    assert (found.baseline, found.article.text) == (True, "Second text.")


def test_a_stop_gap_of_a_first_sight_stays_history_when_its_page_comes(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry("one", baseline=True))["One"]
    stop_gap = a_read(entry_id, an_article("one", text="Summary."), state="retry", next_read_at=now)
    store.write(articles.save_reads, [stop_gap], now=now)
    (result,) = store.write(articles.save_reads, [a_read(entry_id, an_article("one"))], now=now + MINUTE)
    assert result.what == "revision"
    assert store.read(articles.unmatched, limit=9)[0].baseline is True


def test_of_other_sources_an_article_is_as_old_as_its_first_sight(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry("one"))["One"]
    for minutes, text in enumerate(("First.", "Second.")):
        save = a_read(entry_id, an_article("one", text=text))
        store.write(articles.save_reads, [save], now=now + minutes * MINUTE)
    (found,) = store.read(articles.unmatched, limit=9)
    assert (found.article.revision, found.first_seen_at) == (2, now)
