"""Column types: what goes in comes out on both databases, mended or refused where it is wrong."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store import Store, sources
from bot.store import types as column_types
from bot.store.tables import installation, leases
from bot.store.tables import sources as table
from tests.store.build import a_source


def put_name(store: Store, name: str, now: datetime) -> str:
    store.write(sources.sync, [a_source("orbit", name=name)], now=now)
    return store.read(sources.list_sources)[0].name


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("plain", "plain"),
        ("a\0b", "ab"),
        ("half \ud83d pair", "half  pair"),
        ("\udce9t\udce9", "t"),
        ("é 日本 🚀", "é 日本 🚀"),
        ("", ""),
    ],
)
def test_text_loses_nul_and_lone_surrogates_only(store: Store, now: datetime, given_text: str, kept: str):
    assert put_name(store, given_text, now) == kept


@given(st.text(st.characters(exclude_categories=())))
@settings(max_examples=200, deadline=None)
def test_clean_text_can_be_stored_anywhere_and_stays_as_it_is(text: str):
    cleaned = column_types.clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert column_types.clean(cleaned) == cleaned


def test_texts_inside_json_are_cleaned_as_well(store: Store, now: datetime):
    source = a_source("orbit", tags=("a\0b", "\ud800c", "日本"), allow_private=("127.0.0.0/8",))
    store.write(sources.sync, [source], now=now)
    kept = store.read(sources.due_sources, source.host, now=now)[0].source
    assert kept.tags == ("ab", "c", "日本")
    assert kept.allow_private == ("127.0.0.0/8",)


@given(
    instant=st.datetimes(min_value=datetime(1902, 1, 1), max_value=datetime(2900, 1, 1)),
    offset=st.integers(min_value=-14 * 60, max_value=14 * 60),
)
@settings(max_examples=200, deadline=None)
def test_an_instant_survives_to_the_microsecond_on_sqlite(instant: datetime, offset: int):
    aware = instant.replace(tzinfo=timezone(timedelta(minutes=offset)))
    dialect = sa.create_engine("sqlite://").dialect
    utc = column_types.Utc()
    stored = utc.bind_processor(dialect)(aware)
    back = utc.result_processor(dialect, None)(stored)
    assert isinstance(stored, int)
    assert back == aware
    assert back.tzinfo is UTC


def test_instants_come_back_in_utc_whatever_zone_they_came_in(store: Store):
    elsewhere = datetime(2026, 2, 3, 18, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    store.write(lambda tx: tx.execute(sa.update(installation).values(created_at=elsewhere)))
    back = store.read(lambda tx: tx.execute(sa.select(installation.c.created_at)).scalar_one())
    assert back == elsewhere
    assert back.tzinfo is UTC


def test_a_naive_time_is_a_bug_and_raised_as_one(store: Store):
    with pytest.raises(ValueError, match="naive"):
        store.write(sources.sync, [a_source("orbit")], now=datetime(2026, 2, 3))
    assert store.read(sources.list_sources) == []


def test_flags_numbers_and_bytes_keep_their_types(store: Store, now: datetime):
    store.write(sources.sync, [a_source("orbit")], now=now)
    store.write(lambda tx: tx.execute(sa.update(table).values(body_hash=b"\0\xff" * 8, fail_weight=0.25)))
    state = store.read(sources.due_sources, "orbit.example", now=now)[0]
    assert state.body_hash == b"\0\xff" * 8
    assert type(state.body_hash) is bytes
    assert state.fail_weight == 0.25
    assert state.baseline_done is False
    assert state.source.enabled is True


def test_a_number_beyond_32_bits_is_kept(store: Store, now: datetime):
    row = {"name": "x", "holder": "y", "since": now, "until": None, "epoch": 1 << 40}
    store.write(lambda tx: tx.execute(sa.insert(leases), row))
    assert store.read(lambda tx: tx.execute(sa.select(leases.c.epoch)).scalar_one()) == 1 << 40
