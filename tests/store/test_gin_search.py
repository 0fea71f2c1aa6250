"""The windows in which PostgreSQL looks for a page of candidates: together all numbers, each once, in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import Store, Tx, gin_search
from bot.store.gin_search import _downwards, _upwards, buckets

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
def settings_of():
    def settings(tx: Tx) -> list[str]:
        names = ("enable_seqscan", "jit")
        return [tx.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]

    return settings


def test_what_is_asked_afterwards_is_planned_as_ever(store: Store, settings_of):
    if store.dialect == "sqlite":
        assert not hasattr(store, "settings")
        return
    usual = store.read(settings_of)

    def ask(tx: Tx) -> list[str]:
        gin_search.up(tx, "'word'", start=1, most=9)
        gin_search.count(tx, "'word'", most=9)
        return settings_of(tx)

    assert store.read(ask) == usual
