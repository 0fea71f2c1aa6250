"""Articles: which entries are to be read, and which articles are to be matched and shown."""

from datetime import datetime, timedelta

from bot.model import TextFrom, Tier
from bot.store import Store, archive, articles, mentions, sources
from bot.store.mentions import ArticleMatches
from tests.store.build import (
    MINUTE,
    a_read,
    a_source,
    add_article,
    add_entries,
    add_sources,
    an_article,
    an_entry,
    key_of,
)


def test_hosts_wait_by_the_host_of_the_page_not_of_the_source(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_entries(
        store,
        number,
        an_entry("a", host="a.example", next_read_at=now + MINUTE),
        an_entry("b", host="b.example", next_read_at=now),
        an_entry("c", host="c.example", next_read_at=None),
        an_entry("d", host="d.example", next_read_at=now - MINUTE),
    )
    assert store.read(articles.hosts_to_read, now=now, limit=9) == ["d.example", "b.example"]
    assert store.read(articles.hosts_to_read, now=now, limit=1) == ["d.example"]
    assert store.read(articles.entries_pending) == 3
    assert store.read(articles.entries_due, now=now) == 2


def test_a_claimed_host_is_not_read(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_entries(store, number, an_entry())
    store.write(sources.claim_host, "orbit.example", holder="one", now=now, lease=MINUTE)
    assert store.read(articles.hosts_to_read, now=now, limit=9) == []


def test_entries_of_a_host_come_in_the_order_they_wait_at_most_so_many(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_entries(
        store,
        number,
        an_entry("late", next_read_at=now - MINUTE),
        an_entry("early", next_read_at=now - 2 * MINUTE),
        an_entry("later", next_read_at=now + MINUTE),
    )
    found = store.read(articles.entries_to_read, "orbit.example", now=now, limit=9)
    assert [task.entry.title for task in found] == ["Early", "Late"]
    assert len(store.read(articles.entries_to_read, "orbit.example", now=now, limit=1)) == 1


def test_an_entry_that_failed_waits_and_is_asked_again(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry())["Launch"]
    retry = a_read(entry_id, None, state="retry", next_read_at=now + 5 * MINUTE, error="timed out")
    assert store.write(articles.save_reads, [retry], now=now)[0].what == "retry"
    assert store.read(articles.hosts_to_read, now=now + 4 * MINUTE, limit=9) == []
    task = store.read(articles.entries_to_read, "orbit.example", now=now + 5 * MINUTE, limit=9)[0]
    assert (task.attempts, task.entry.content) == (1, "Some content.")


def test_an_entry_that_is_given_up_waits_no_longer(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry())["Launch"]
    assert (
        store.write(articles.save_reads, [a_read(entry_id, None, state="unread", error="gone")], now=now)[
            0
        ].what
        == "unread"
    )
    assert store.read(articles.entries_pending) == 0


def test_an_unmatched_article_comes_with_its_text_and_the_facts_of_its_source(store: Store, now: datetime):
    number = add_sources(store, a_source(tags=("space",), tier=Tier.OFFICIAL))["orbit"]
    article_id = add_article(store, number, authors=("A", "B"), canonical_url="https://orbit.example/c")
    found = store.read(articles.unmatched, limit=9)
    article = found[0].article
    assert (article.id, article.revision, article.text) == (article_id, 1, "The whole text of launch.")
    assert (article.source, article.tags, article.tier) == ("orbit", ("space",), Tier.OFFICIAL)
    assert (article.authors, article.canonical_url) == (("A", "B"), "https://orbit.example/c")
    assert (article.first_seen_at, found[0].first_seen_at, found[0].baseline) == (now, now, False)
    assert store.read(articles.get, article_id) == article
    assert store.read(articles.by_url, key_of(article.url)) == article
    assert store.read(articles.get, 999) is None
    assert store.read(articles.by_url, b"nothing") is None


def test_articles_are_matched_oldest_first_and_not_again(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    ids = [add_article(store, number, name) for name in ("a", "b", "c")]
    assert [row.article.id for row in store.read(articles.unmatched, limit=2)] == ids[:2]
    done = ArticleMatches(article_id=ids[0], revision=1, mentions=(), mark_matched=True)
    store.write(mentions.save_matches, [done], now=now)
    assert [row.article.id for row in store.read(articles.unmatched, limit=9)] == ids[1:]
    assert [row.article.id for row in store.read(archive.some, ids[:0:-1])] == ids[1:]
    assert [row.article.id for row in store.read(archive.some, ids[1::-1])] == ids[:2]
    assert store.read(archive.last_number) == ids[-1]


def test_an_article_is_history_until_an_entry_that_is_news_leads_to_it(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"), a_source("c"))
    add_article(store, numbers["a"], baseline=True)
    url = "https://orbit.example/launch"
    add_entries(store, numbers["b"], an_entry("again", url=url, baseline=True))
    assert store.read(articles.unmatched, limit=9)[0].baseline is True
    add_entries(store, numbers["c"], an_entry("news", url=url, baseline=False))
    assert store.read(articles.unmatched, limit=9)[0].baseline is False


def test_lists_show_the_last_seen_first_and_no_text_unless_asked(store: Store, now: datetime):
    numbers = add_sources(store, a_source("a"), a_source("b"))
    for minutes, (name, key) in enumerate([("one", "a"), ("two", "b"), ("three", "a")]):
        add_article(store, numbers[key], name, now=now + minutes * MINUTE)

    def titles(**values) -> list[str]:
        return [article.title for article in store.read(articles.list_articles, **values)]

    assert titles() == ["Three", "Two", "One"]
    assert titles(source="a") == ["Three", "One"]
    assert titles(source="nobody") == []
    assert titles(since=now + MINUTE) == ["Three", "Two"]
    assert titles(limit=1) == ["Three"]
    assert [article.text for article in store.read(articles.list_articles, limit=1)] == [""]
    assert store.read(articles.list_articles, limit=1, text=True)[0].text == "The whole text of three."


def test_a_former_revision_can_be_had(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry())["Launch"]
    first = an_article(text="first", text_from=TextFrom.SUMMARY)
    store.write(
        articles.save_reads, [a_read(entry_id, first, state="retry", next_read_at=now, error="slow")], now=now
    )
    result = store.write(articles.save_reads, [a_read(entry_id, an_article(text="second"))], now=now)[0]
    assert result.article_id is not None
    assert store.read(articles.get, result.article_id).text == "second"
    assert store.read(articles.get, result.article_id, revision=1).text == "first"
    assert store.read(articles.get, result.article_id, revision=3) is None


def test_counts_tell_where_the_texts_came_from(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    add_article(store, number, "a")
    add_article(store, number, "b", text_from=TextFrom.FEED, copy_hash=b"c" * 16)
    add_article(store, number, "c", text_from=TextFrom.SUMMARY)
    assert store.read(articles.counts) == {
        "articles": 3,
        "stories": 1,
        "in_full": 1,
        "from_feed": 1,
        "summary_only": 1,
    }


def test_an_article_keeps_the_time_when_it_was_first_listed(store: Store, now: datetime):
    number = add_sources(store, a_source())["orbit"]
    entry_id = add_entries(store, number, an_entry(), now=now)["Launch"]
    store.write(articles.save_reads, [a_read(entry_id, an_article())], now=now + timedelta(hours=3))
    assert store.read(articles.list_articles)[0].first_seen_at == now
