"""The windows in which PostgreSQL looks for a page of candidates: together all numbers, each once, in order."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Token
from bot.store import Store, Tx, gin_search, search
from bot.store.gin_search import _downwards, _upwards, buckets
from tests.postgresql import Server

numbers = st.one_of(st.integers(1, 5_000), st.integers(1, 3_000_000), st.integers(1, 2**62))


def holds(lexemes: tuple[str, ...], number: int) -> bool:
    return not lexemes or bool(set(lexemes) & set(buckets(number)))


@given(numbers, numbers)
def test_upwards_every_number_is_in_one_window_and_in_order(start: int, other: int):
    """A number is in the last window that begins at or below it, and in no earlier one."""
    first, number = sorted((start, other))
    windows = list(_upwards(first, number))
    begun = [begin for begin, _ in windows]
    assert begun[0] == first and begun == sorted(begun) and begun[-1] <= number
    assert [begin <= number and holds(lexemes, number) for begin, lexemes in windows].count(True) == 1
    assert holds(windows[-1][1], number)


@given(numbers, numbers)
def test_downwards_every_number_is_in_one_window_and_in_order(start: int, other: int):
    number, first = sorted((start, other))
    windows = [window for window in _downwards(first) if window[0] >= number]
    begun = [begin for begin, _ in windows]
    assert begun[0] == first and begun == sorted(begun, reverse=True)
    assert [holds(lexemes, number) for _, lexemes in windows].count(True) == 1
    assert holds(windows[-1][1], number)


def test_there_is_no_window_behind_the_last_number_or_before_the_first():
    assert list(_upwards(8, 7)) == []
    assert list(_downwards(0)) == []


@pytest.fixture
def store_on_postgresql(postgresql: Server, postgresql_template: str, now: datetime) -> Iterator[Store]:
    url = postgresql.create(template=postgresql_template)
    store = Store.open(url, clock_now=now)
    yield store
    store.close()
    postgresql.drop(url)


def test_what_is_asked_afterwards_is_planned_as_ever(store_on_postgresql: Store):
    def planning(tx: Tx) -> list[str]:
        return [tx.exec_driver_sql(f"SHOW {name}").scalar_one() for name in ("enable_seqscan", "jit")]

    def ask(tx: Tx) -> list[str]:
        search.candidates(tx, Token("word"), limit=9)
        search.count(tx, Token("word"), most=9)
        return planning(tx)

    assert store_on_postgresql.read(ask) == store_on_postgresql.read(planning)


@pytest.mark.parametrize(
    "query", ["'word'", "'word':* & ('other' | 'third')", " | ".join(f"'w{n}'" for n in range(2000))]
)
def test_postgresql_is_left_only_the_index(store_on_postgresql: Store, query: str):
    """However many words there are, and whatever the planner believes of them."""

    def plan(tx: Tx) -> str:
        explained = sa.text(f"EXPLAIN {gin_search._UP.text}")
        with gin_search._by_index(tx):
            found = tx.execute(explained, {"query": query, "start": 1, "most": 500}).scalars()
            return "\n".join(found)

    assert "Bitmap Index Scan on ix_article_tokens_tokens" in store_on_postgresql.read(plan)
