"""The token index: it finds what has the tokens, forgets what was replaced, and says what it does not know."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, Event

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.model import AllTokens, AnyToken, TextFrom, Token, TokenQuery
from bot.store import Store, Tx, articles, search
from bot.store.search import Indexed
from bot.store.tables import articles as article_table
from bot.store.tables import index_queue
from tests.store.build import (
    MINUTE,
    NOW,
    a_read,
    a_source,
    add_article,
    add_entries,
    add_revision,
    add_sources,
    an_article,
    an_entry,
    index_all,
    indexed,
    rows,
)
from tests.store.test_token_query import holds, queries

ALL = 1000


@pytest.fixture
def source(store: Store) -> int:
    return add_sources(store, a_source())["orbit"]


def add(store: Store, source: int, *texts: str) -> list[int]:
    """Store articles with these texts and return their numbers, ascending."""
    return [add_article(store, source, f"n{index}", text=text) for index, text in enumerate(texts)]


def put(store: Store, tokens: dict[int, str], *, revision: int = 1) -> None:
    """Index articles by tokens that are given instead of made."""
    new = [Indexed(article_id=number, revision=revision, tokens=text) for number, text in tokens.items()]
    store.write(search.put, new)


def add_numbered(store: Store, source: int, *numbers: int) -> None:
    """Store articles under numbers of our choice."""
    an_article = {"source_id": source, "url": "", "site": "", "title": "", "authors": [], "text_from": "page"}
    times = {"first_seen_at": NOW, "read_at": NOW}

    def insert(tx: Tx) -> None:
        for number in numbers:
            key = number.to_bytes(16)
            tx.execute(
                sa.insert(article_table).values(id=number, url_key=key, revision=1, **an_article, **times)
            )
            tx.execute(sa.insert(index_queue).values(article_id=number, too_long=False))

    store.write(insert)


def found(store: Store, query: TokenQuery, **values) -> list[int]:
    return store.read(search.candidates, query, **{"limit": ALL, **values})


def test_words_and_beginnings_of_words_are_found(store: Store, source: int):
    ids = add(store, source, "AsterX flies", "Asterix walks", "a cooperation")
    assert index_all(store) == 3
    assert found(store, Token("asterx")) == ids[:1]
    assert found(store, Token("aster")) == []
    assert found(store, Token("aster", True)) == ids[:2]
    assert found(store, Token("cooperat", True)) == ids[2:]
    assert found(store, Token("cooperation", True)) == ids[2:]


def test_all_and_any_can_be_nested(store: Store, source: int):
    ids = add(store, source, "red car", "red bus", "blue car", "green")
    index_all(store)
    either = AnyToken((Token("red"), Token("blue")))
    assert found(store, AllTokens((either, Token("car")))) == [ids[0], ids[2]]
    assert found(store, AnyToken((AllTokens((Token("red"), Token("bus"))), Token("gree", True)))) == [
        ids[1],
        ids[3],
    ]


def test_what_needs_nothing_is_every_article_and_one_of_nothing_is_none(store: Store, source: int):
    ids = add(store, source, "one", "two")
    index_all(store)
    assert found(store, AllTokens(())) == ids
    assert store.read(search.newest, AllTokens(()), limit=1) == ids[1:]
    assert store.read(search.count, AllTokens(()), most=9) == 2
    assert found(store, AnyToken(())) == []
    assert store.read(search.newest, AnyToken(()), limit=9) == []
    assert store.read(search.count, AnyToken(()), most=9) == 0


SCRIPTS = [
    "กขค",
    "ที่",
    "नमस्ते",
    "か\u3099",
    "ガ",
    "宇宙",
    "e\u0301t",
    "m\u0338n",
    "٣٤",
    "ªb",
    "straße",
    "မြန်မာ",
    "한국어",
    "😀",
    "\U00020000\U00020001",
    "x" * 200,
    "宇" * 200,
    "near",
    "and",
    "or",
    "not",
]


def test_tokens_of_every_script_are_kept_as_they_are(store: Store, source: int):
    """Words of the search syntax and of every script are words: nothing is split, folded or left out."""
    ids = add(store, source, *["text"] * len(SCRIPTS))
    put(store, {number: f"{word} common" for number, word in zip(ids, SCRIPTS, strict=True)})
    for number, word in zip(ids, SCRIPTS, strict=True):
        assert found(store, Token(word)) == [number], word
        assert number in found(store, Token(word[0], True)), word
        if len(word) > 1:
            assert number not in found(store, Token(word[:-1])), word
            assert number not in found(store, Token(word[1:])), word


def test_an_article_without_tokens_is_indexed_and_not_found(store: Store, source: int):
    ids = add(store, source, "one")
    put(store, {ids[0]: ""})
    assert store.read(search.indexed) == (1, 1)
    assert found(store, AnyToken((Token("one"), Token("n0")))) == []


def test_pages_go_on_where_the_last_one_ended(store: Store, source: int):
    ids = add(store, source, *["word"] * 7)
    index_all(store)
    query = Token("word")
    assert found(store, query, limit=3) == ids[:3]
    assert found(store, query, after=ids[2], limit=3) == ids[3:6]
    assert found(store, query, after=ids[6]) == []
    assert store.read(search.newest, query, limit=3) == ids[:3:-1]
    assert store.read(search.newest, query, before=ids[4], limit=3) == ids[3:0:-1]
    assert store.read(search.newest, query, before=ids[0], limit=3) == []


def test_pages_are_whole_however_far_the_numbers_are_apart(store: Store, source: int):
    numbers = [1, 2, 2047, 2048, 5000, 32_767, 65_536, 70_000, 600_000, 1_048_576, 3_000_000, 2**40]
    add_numbered(store, source, *numbers)
    put(store, {number: "every odd" if number % 2 else "every even" for number in numbers})
    odd = [number for number in numbers if number % 2]
    for word, expected in (("every", numbers), ("odd", odd)):
        for number in [0, *numbers]:
            above = [other for other in expected if other > number]
            below = [other for other in expected if other < number][::-1]
            for limit in (1, 3, 99):
                assert found(store, Token(word), after=number, limit=limit) == above[:limit]
                assert store.read(search.newest, Token(word), before=number, limit=limit) == below[:limit]
    assert store.read(search.newest, Token("every"), limit=99) == numbers[::-1]
    assert found(store, Token("every"), after=2**41) == []


def test_counting_ends_where_it_is_told_to(store: Store, source: int):
    add(store, source, *["word"] * 5, "other")
    index_all(store)
    assert store.read(search.count, Token("word"), most=9) == 5
    assert store.read(search.count, Token("word"), most=3) == 3
    assert store.read(search.count, Token("nothing"), most=3) == 0


def test_an_article_waits_until_it_is_indexed_the_newest_first(store: Store, source: int):
    ids = add(store, source, "one", "two", "three")
    waiting = store.read(search.unindexed, limit=2)
    assert [(one.article_id, one.revision, one.title, one.text) for one in waiting] == [
        (ids[2], 1, "N2", "three"),
        (ids[1], 1, "N1", "two"),
    ]
    assert [(one.old_title, one.old_text) for one in waiting] == [(None, None)] * 2
    assert store.read(search.unindexed_ids, limit=9) == ids
    assert store.read(search.unindexed_ids, after=ids[0], limit=1) == ids[1:2]
    assert store.read(search.newest_unindexed, limit=2) == ids[:0:-1]
    assert store.read(search.newest_unindexed, before=ids[1], limit=9) == ids[:1]
    store.write(search.put, [indexed(one) for one in waiting])
    assert store.read(search.unindexed_ids, limit=9) == ids[:1]
    assert store.read(search.indexed) == (2, 3)
    index_all(store)
    assert store.read(search.unindexed, limit=9) == []
    assert store.read(search.indexed) == (3, 3)


def test_a_new_revision_waits_and_takes_the_place_of_the_former_one(store: Store, source: int):
    ids = add(store, source, "old words", "old too")
    index_all(store)
    add_revision(store, ids[0], "new words")
    assert store.read(search.unindexed_ids, limit=9) == ids[:1]
    waiting = store.read(search.unindexed, limit=9)[0]
    assert (waiting.revision, waiting.text) == (2, "new words")
    assert (waiting.old_title, waiting.old_text) == ("N0", "old words")
    assert found(store, Token("old")) == ids
    index_all(store)
    assert found(store, Token("old")) == ids[1:]
    assert found(store, Token("new")) == found(store, Token("words")) == ids[:1]
    assert store.read(search.count, Token("words"), most=9) == 1


def test_what_was_indexed_stays_to_be_replaced_however_many_revisions_come(store: Store, source: int):
    ids = add(store, source, "first")
    index_all(store)
    for text in ("second", "third"):
        add_revision(store, ids[0], text)
    waiting = store.read(search.unindexed, limit=9)[0]
    assert (waiting.revision, waiting.text, waiting.old_text) == (3, "third", "first")
    index_all(store)
    assert [found(store, Token(word)) for word in ("first", "second", "third")] == [[], [], ids]


def test_a_read_that_brings_the_same_text_does_not_wait(store: Store, source: int, now: datetime):
    entry = add_entries(store, source, an_entry())["Launch"]
    store.write(articles.save_reads, [a_read(entry, an_article())], now=now)
    index_all(store)
    store.write(articles.save_reads, [a_read(entry, an_article())], now=now)
    assert store.read(search.unindexed_ids, limit=9) == []


def test_an_index_of_a_revision_that_was_replaced_meanwhile_is_left_out(store: Store, source: int):
    ids = add(store, source, "old")
    late = [indexed(one) for one in store.read(search.unindexed, limit=9)]
    add_revision(store, ids[0], "new")
    store.write(search.put, late)
    assert found(store, Token("old")) == []
    assert store.read(search.unindexed_ids, limit=9) == ids
    index_all(store)
    assert (found(store, Token("old")), found(store, Token("new"))) == ([], ids)


def test_an_article_that_somebody_else_indexed_is_left_out(store: Store, source: int):
    ids = add(store, source, "one", "two")
    mine = [indexed(one) for one in store.read(search.unindexed, limit=9)]
    index_all(store)
    put(store, {ids[0]: "another"})
    store.write(search.put, mine)
    assert (found(store, Token("one")), found(store, Token("another"))) == (ids[:1], [])
    assert store.read(search.count, Token("one"), most=9) == 1


def test_an_article_that_is_gone_is_left_out(store: Store, source: int):
    add(store, source, "one")
    put(store, {999: "word"})
    assert found(store, Token("word")) == []
    store.write(search.put, [])


def test_a_stop_gap_that_is_dropped_is_not_found_any_more(store: Store, source: int, now: datetime):
    entries = add_entries(store, source, an_entry("a"), an_entry("b"))
    page = an_article("b", text="whole page")
    store.write(articles.save_reads, [a_read(entries["B"], page)], now=now)
    stop_gap = an_article("a", text="short gap", text_from=TextFrom.SUMMARY)
    retry = {"state": "retry", "next_read_at": now, "error": "slow"}
    gap_id = store.write(articles.save_reads, [a_read(entries["A"], stop_gap, **retry)], now=now)[
        0
    ].article_id
    index_all(store)
    assert found(store, Token("gap")) == [gap_id]
    store.write(articles.save_reads, [a_read(entries["A"], page)], now=now)
    assert store.read(articles.get, gap_id) is None
    assert found(store, Token("gap")) == []
    assert store.read(search.count, Token("gap"), most=9) == 0
    assert store.read(search.indexed) == (1, 1)


def test_old_tokens_that_are_missing_are_told_as_a_mistake_where_they_are_needed(store: Store, source: int):
    """FTS5 keeps no text, so it cannot forget by itself; PostgreSQL can."""
    ids = add(store, source, "old")
    index_all(store)
    add_revision(store, ids[0], "new")
    if store.dialect == "sqlite":
        with pytest.raises(ValueError, match=f"article {ids[0]} "):
            put(store, {ids[0]: "new"}, revision=2)
        assert store.read(search.unindexed_ids, limit=9) == ids
    else:
        put(store, {ids[0]: "new"}, revision=2)
        assert found(store, Token("old")) == []


def test_more_words_than_a_row_can_hold_are_looked_at_for_every_query(
    store: Store, source: int, now: datetime
):
    """PostgreSQL spoils a text search vector of a megabyte; such an article is never lost for it."""
    ids = add(store, source, "small", "huge", "small too")
    index_all(store)
    add_revision(store, ids[1], "huge again")
    vast = " ".join(f"宇宙{index:07}" for index in range(80_000))
    row = Indexed(article_id=ids[1], revision=2, tokens=f"{vast} last", old_tokens="n1 huge")
    store.write(search.put, [row])
    every = sorted({*found(store, Token("last")), *store.read(search.unindexed_ids, limit=9)})
    assert every == ids[1:2]
    assert store.read(search.unindexed, limit=9) == []
    assert found(store, Token("huge")) == []
    if store.dialect == "postgresql":
        assert store.read(search.indexed) == (2, 3)
        add_revision(store, ids[1], "small at last")
        assert index_all(store) == 1
        assert found(store, Token("last")) == ids[1:2]


def test_a_batch_of_hundreds_is_indexed_at_once(store: Store, source: int, now: datetime):
    entries = add_entries(store, source, *[an_entry(f"n{index}") for index in range(600)])
    reads = [
        a_read(entries[f"N{index}"], an_article(f"n{index}", text=f"word{index} all")) for index in range(600)
    ]
    store.write(articles.save_reads, reads, now=now)
    assert index_all(store) == 600
    assert store.read(search.count, Token("all"), most=1000) == 600
    assert len(found(store, Token("word59", True))) == 11
    assert store.read(search.unindexed_ids, limit=9) == []


def test_the_first_folding_is_noted_and_another_one_empties_the_index(store: Store, source: int):
    ids = add(store, source, "one", "two")
    assert store.read(search.version) is None
    assert store.write(search.match_version, "1/14.0.0") is False
    assert store.read(search.version) == "1/14.0.0"
    index_all(store)
    add_revision(store, ids[0], "uno")
    assert store.write(search.match_version, "1/14.0.0") is False
    assert store.write(search.match_version, "2/15.0.0") is True
    assert store.read(search.version) == "2/15.0.0"
    assert found(store, AnyToken((Token("one"), Token("two")))) == []
    assert store.read(search.indexed) == (0, 2)
    waiting = store.read(search.unindexed, limit=9)
    assert [(one.article_id, one.text, one.old_text) for one in waiting] == [
        (ids[1], "two", None),
        (ids[0], "uno", None),
    ]
    index_all(store)
    assert (found(store, Token("uno")), found(store, Token("two"))) == (ids[:1], ids[1:])


def test_an_index_of_unknown_folding_is_emptied(store: Store, source: int):
    add(store, source, "one")
    index_all(store)
    assert store.write(search.match_version, "1/14.0.0") is True
    assert store.read(search.indexed) == (0, 1)


def test_old_tokens_that_were_made_before_the_index_was_emptied_do_no_harm(store: Store, source: int):
    ids = add(store, source, "old")
    store.write(search.match_version, "1")
    index_all(store)
    add_revision(store, ids[0], "new")
    late = [indexed(one) for one in store.read(search.unindexed, limit=9)]
    assert late[0].old_tokens is not None
    store.write(search.match_version, "2")
    store.write(search.put, late)
    assert (found(store, Token("old")), found(store, Token("new"))) == ([], ids)
    add_revision(store, ids[0], "newest")
    index_all(store)
    assert (found(store, Token("new")), found(store, Token("newest"))) == ([], ids)


def test_a_batch_that_fails_leaves_the_index_as_it_was(store: Store, source: int):
    ids = add(store, source, "one")
    waiting = [indexed(one) for one in store.read(search.unindexed, limit=9)]

    def fail(tx: Tx) -> None:
        search.put(tx, waiting)
        tx.execute(sa.insert(article_table).values(id=ids[0]))

    with pytest.raises(StoreError):
        store.write(fail)
    assert found(store, Token("one")) == []
    assert store.read(search.unindexed_ids, limit=9) == ids


def deep(levels: int) -> TokenQuery:
    query: TokenQuery = Token("deepest")
    for level in range(levels):
        query = (AllTokens, AnyToken)[level % 2]((Token(f"level{level}", level % 3 == 0), query))
    return query


def test_wide_and_deep_queries_are_answered(store: Store, source: int):
    many = [f"word{index}" for index in range(2000)]
    ids = add(store, source, " ".join(many), "word1999 level49", "other")
    index_all(store)
    assert found(store, AnyToken(tuple(map(Token, many)))) == ids[:2]
    assert found(store, AllTokens(tuple(map(Token, many)))) == ids[:1]
    assert found(store, AnyToken(tuple(Token(word, True) for word in many))) == ids[:2]
    assert found(store, deep(50)) == ids[1:2]
    assert found(store, AllTokens((deep(50), AnyToken((deep(49), deep(48)))))) in ([], ids[1:2])
    assert ids[1] in found(store, AnyToken((Token("word1999"), deep(200))))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(queries, min_size=1, max_size=5), min_size=1, max_size=1))
def test_what_is_found_is_what_has_the_tokens(filled: tuple[Store, dict[int, set[str]]], asked):
    store, words = filled
    for query in asked[0]:
        expected = [number for number, has in words.items() if holds(query, has)]
        assert found(store, query) == expected
        assert store.read(search.newest, query, limit=ALL) == expected[::-1]
        assert store.read(search.count, query, most=ALL) == len(expected)


@pytest.fixture
def filled(store: Store, source: int) -> tuple[Store, dict[int, set[str]]]:
    """Articles with every choice of some words."""
    words = ["a", "ab", "b", "ca", "d"]
    texts = [" ".join(word for bit, word in enumerate(words) if choice >> bit & 1) for choice in range(32)]
    ids = add(store, source, *texts)
    put(store, dict(zip(ids, texts, strict=True)))
    return store, {number: set(text.split()) for number, text in zip(ids, texts, strict=True)}


def test_two_who_index_the_same_articles_at_once_do_no_harm(store: Store, source: int):
    ids = add(store, source, *["word"] * 20)
    waiting = [indexed(one) for one in store.read(search.unindexed, limit=99)]
    at_once = Barrier(3)

    def race(index: int) -> None:
        at_once.wait()
        store.write(search.put, waiting[::-1] if index % 2 else waiting)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(race, range(3)))
    assert found(store, Token("word")) == ids
    assert store.read(search.indexed) == (20, 20)


def test_an_article_is_not_lost_that_gets_a_revision_while_it_is_indexed(
    store: Store, source: int, now: datetime
):
    """Whoever comes first, the new revision waits afterwards or is indexed."""
    ids = add(store, source, "old", "other")
    late = [indexed(one) for one in store.read(search.unindexed, limit=9)]
    begun, go_on = Event(), Event()

    def slow(tx: Tx) -> None:
        search.put(tx, late)
        begun.set()
        go_on.wait(5)

    with ThreadPoolExecutor(2) as threads:
        indexing = threads.submit(store.write, slow)
        begun.wait(5)
        reading = threads.submit(add_revision, store, ids[0], "new", now + MINUTE)
        go_on.set()
        indexing.result(10)
        reading.result(10)
    assert store.read(search.unindexed_ids, limit=9) == ids[:1]
    index_all(store)
    assert (found(store, Token("old")), found(store, Token("new"))) == ([], ids[:1])
    assert len(store.read(rows, sa.select(article_table.c.id))) == 2


WORDS = ["red", "blue", "green"]
steps = st.one_of(
    st.tuples(st.just("read"), st.integers(0, 3), st.sets(st.sampled_from(WORDS))),
    st.tuples(st.just("drop"), st.integers(0, 3), st.just(None)),
    st.tuples(st.just("index"), st.integers(1, 3), st.just(None)),
    st.tuples(st.just("fold"), st.integers(0, 1), st.just(None)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=25))
def test_whatever_happens_no_article_is_missed(pages: tuple[Store, list[int]], taken):
    """What has a word is found by it or waits; and once all are indexed only numbers used again may lie."""
    store, entry_ids = pages
    store.write(lambda tx: tx.execute(sa.delete(article_table)))
    for version in ("one", "another"):
        store.write(search.match_version, version)
    has: dict[int, set[str]] = {}
    used: set[int] = set()
    lying: set[int] = set()
    for step, number, words in taken:
        if step == "read":
            article = an_article(f"page{number}", text=" ".join(sorted(words)), title="Page")
            found_id = store.write(articles.save_reads, [a_read(entry_ids[number], article)], now=NOW)[
                0
            ].article_id
            if found_id not in has and found_id in used:
                lying.add(found_id)
            has[found_id] = words
            used.add(found_id)
        elif step == "drop" and len(has) > number:
            gone = sorted(has)[number]
            store.write(
                lambda tx, gone=gone: tx.execute(sa.delete(article_table).where(article_table.c.id == gone))
            )
            del has[gone]
        elif step == "index":
            store.write(search.put, [indexed(one) for one in store.read(search.unindexed, limit=number)])
        elif step == "fold" and store.write(search.match_version, f"{number}"):
            used, lying = set(has), set()
        waiting = set(store.read(search.unindexed_ids, limit=ALL))
        for word in WORDS:
            assert {one for one in has if word in has[one]} <= waiting | set(found(store, Token(word)))
    index_all(store)
    for word in WORDS:
        truth = {one for one in has if word in has[one]}
        assert truth <= set(found(store, Token(word))) <= truth | lying
    assert store.read(search.indexed) == (len(has), len(has))
    if store.dialect == "sqlite":
        check = "INSERT INTO article_tokens (article_tokens) VALUES ('integrity-check')"
        store.write(lambda tx: tx.exec_driver_sql(check))


@pytest.fixture
def pages(store: Store, source: int) -> tuple[Store, list[int]]:
    """Four entries to read."""
    entries = add_entries(store, source, *[an_entry(f"page{number}") for number in range(4)])
    return store, [entries[f"Page{number}"] for number in range(4)]
