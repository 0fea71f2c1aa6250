"""Errors of the database become StoreErrors that say what is wrong, and whether to try again."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import FailureKind, Retry, StoreError
from bot.store import Store, Tx, sources
from bot.store.faults import store_error, subject_of, unwritable
from bot.store.tables import schedules
from tests.postgresql import Server, name_of
from tests.store.build import a_source


@contextlib.contextmanager
def connected(path: Path, **options) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0, **options)
    try:
        yield connection
    finally:
        connection.close()


def test_a_lock_of_another_program_is_tried_later(tmp_path: Path):
    path = tmp_path / "newsbot.db"
    with connected(path) as one, connected(path) as two:
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as caught:
            two.execute("BEGIN IMMEDIATE")
    error = store_error(f"sqlite:///{path}", caught.value)
    assert (error.kind, error.retry, error.subject) == (FailureKind.LOCKED, Retry.LATER, str(path))


def test_a_build_of_sqlite_that_lacks_something_is_said_by_its_name(tmp_path: Path):
    with connected(tmp_path / "newsbot.db") as one, pytest.raises(sqlite3.OperationalError) as caught:
        one.execute("CREATE VIRTUAL TABLE words USING fts9(tokens)")
    error = store_error(f"sqlite:///{tmp_path / 'newsbot.db'}", caught.value)
    assert (error.kind, error.retry) == (FailureKind.DATABASE, Retry.NEVER)
    assert "built without FTS9" in str(error)
    assert "Python" in error.hint


def test_a_full_disk_is_tried_later_and_leaves_the_database_whole(
    sqlite_template: Path, tmp_path: Path, now: datetime
):
    path = tmp_path / "newsbot.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{path}", clock_now=now)

    def fill(tx: Tx) -> None:
        tx.exec_driver_sql("PRAGMA max_page_count=1")
        sources.sync(tx, [a_source(f"s{number}", name="x" * 5000) for number in range(200)], now=now)

    with pytest.raises(StoreError) as caught:
        store.write(fill)
    assert (caught.value.kind, caught.value.retry) == (FailureKind.DISK_FULL, Retry.LATER)
    assert store.read(sources.list_sources) == []
    store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1000000"))
    store.write(sources.sync, [a_source()], now=now)
    assert len(store.read(sources.list_sources)) == 1
    store.close()


def test_a_database_that_may_only_be_read_is_said_with_the_user(sqlite_template: Path):
    with (
        connected(f"file:{sqlite_template}?mode=ro", uri=True) as connection,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        connection.execute("DELETE FROM sources")
    error = store_error(f"sqlite:///{sqlite_template}", caught.value)
    assert (error.kind, error.retry) == (FailureKind.READ_ONLY, Retry.NEVER)


def test_a_file_that_was_replaced_while_in_use_stops_the_work(
    sqlite_template: Path, tmp_path: Path, now: datetime
):
    path = tmp_path / "newsbot.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{path}", clock_now=now)
    store.write(sources.sync, [a_source()], now=now)
    path.unlink()
    with pytest.raises(StoreError, match="deleted or replaced") as caught:
        store.write(sources.sync, [a_source("other")], now=now)
    assert caught.value.retry is Retry.NEVER
    assert not path.exists()
    store.close()


def test_a_reader_cannot_write(store: Store, now: datetime):
    with pytest.raises(StoreError) as caught:
        store.read(sources.sync, [a_source()], now=now)
    assert caught.value.kind is FailureKind.READ_ONLY
    assert store.read(sources.list_sources) == []


def test_a_broken_rule_of_the_schema_rolls_back_and_is_not_retried(store: Store, now: datetime):
    row = {"key": "daily", "last_slot": now, "started_at": now}
    with pytest.raises(StoreError) as caught:
        store.write(lambda tx: tx.execute(sa.insert(schedules), [row, row]))
    assert (caught.value.kind, caught.value.retry) == (FailureKind.DATABASE, Retry.NEVER)
    assert store.read(lambda tx: tx.execute(sa.select(schedules)).all()) == []


def test_no_value_of_a_row_is_in_an_error(store: Store, now: datetime):
    row = {"key": "canary-in-a-row", "last_slot": now, "started_at": now}
    with pytest.raises(StoreError) as caught:
        store.write(lambda tx: tx.execute(sa.insert(schedules), [row, row]))
    assert "canary" not in str(caught.value)


def test_an_error_of_the_caller_rolls_back_and_comes_out_as_it_is(store: Store, now: datetime):
    def fail(tx: Tx) -> None:
        sources.sync(tx, [a_source()], now=now)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        store.write(fail)
    assert store.read(sources.list_sources) == []


def test_a_cut_connection_may_be_tried_later_and_works_again(
    postgresql: Server, postgresql_template: str, now: datetime
):
    url = postgresql.create(template=postgresql_template)
    store = Store.open(url, clock_now=now)

    def cut(tx: Tx) -> None:
        sources.sync(tx, [a_source()], now=now)
        number = tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(sa.text("SELECT pg_terminate_backend(:number)"), {"number": number})
        sources.list_sources(tx)

    engine = sa.create_engine(
        postgresql.url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as other, pytest.raises(StoreError) as caught:
        store.write(cut)
    assert caught.value.retry is Retry.LATER
    assert store.read(sources.list_sources) == []
    store.write(sources.sync, [a_source()], now=now)
    assert len(store.read(sources.list_sources)) == 1
    store.close()
    engine.dispose()
    postgresql.drop(url)
    assert name_of(url) not in postgresql.url


def test_a_password_is_never_shown():
    assert "secret" not in subject_of("postgresql://me:secret@host/newsbot")
    assert subject_of("sqlite:///data/newsbot.db") == "data/newsbot.db"


@pytest.mark.parametrize(("number", "kind"), [(28, FailureKind.DISK_FULL), (13, FailureKind.READ_ONLY)])
def test_a_folder_that_cannot_be_made_says_why(number: int, kind: FailureKind):
    assert unwritable(Path("/x/newsbot.db"), OSError(number, "why")).kind is kind
