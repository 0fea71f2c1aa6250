"""Opening a store: made when missing, kept when wrong, and said so in plain words."""

import os
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import FailureKind, Retry, StoreError
from bot.store import Store, health, sources
from bot.store.migrate import revisions
from tests.postgresql import Server
from tests.store.build import a_source


def test_a_missing_database_is_made_with_its_folder(tmp_path: Path, now: datetime):
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'newsbot.db'}"
    store = Store.open(url, clock_now=now)
    assert store.read(health.status_counts, now=now).since == now
    store.close()


def test_what_was_written_is_there_after_opening_again(empty_database_url: str, now: datetime):
    store = Store.open(empty_database_url, clock_now=now)
    store.write(sources.sync, [a_source("orbit")], now=now)
    store.close()
    again = Store.open(empty_database_url, clock_now=now)
    assert [row.key for row in again.read(sources.list_sources)] == ["orbit"]
    assert again.dialect in empty_database_url
    again.close()


def test_a_missing_database_is_refused_where_nothing_may_be_made(tmp_path: Path, now: datetime):
    path = tmp_path / "newsbot.db"
    with pytest.raises(StoreError, match="no database") as caught:
        Store.open(f"sqlite:///{path}", migrate=False, clock_now=now)
    assert caught.value.subject == str(path)
    assert not path.exists()


def test_an_unmigrated_database_is_refused_where_nothing_may_be_changed(
    empty_database_url: str, tmp_path: Path, now: datetime
):
    (tmp_path / "newsbot.db").touch()
    with pytest.raises(StoreError, match="this newsbot needs"):
        Store.open(empty_database_url, migrate=False, clock_now=now)


@pytest.mark.parametrize("content", [b"this is not a database, but long enough to look at" * 50, b"x" * 4096])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    tmp_path: Path, now: datetime, content: bytes
):
    path = tmp_path / "newsbot.db"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{path}", clock_now=now)
    assert caught.value.kind is FailureKind.NOT_A_DATABASE
    assert caught.value.subject == str(path)
    assert "copy" in caught.value.hint
    assert path.read_bytes() == content


def test_a_damaged_database_is_refused(sqlite_template: Path, tmp_path: Path, now: datetime):
    path = tmp_path / "newsbot.db"
    content = bytearray(sqlite_template.read_bytes())
    content[100:4096] = b"\x5a" * 3996
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{path}", clock_now=now)
    assert caught.value.kind is FailureKind.NOT_A_DATABASE
    assert path.read_bytes() == content


def test_another_program_s_database_is_refused(empty_database_url: str, now: datetime):
    engine = sa.create_engine(empty_database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE recipes (id INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="another program") as caught:
        Store.open(empty_database_url, clock_now=now)
    assert caught.value.kind is FailureKind.NOT_A_DATABASE


def test_a_database_of_a_newer_newsbot_is_refused(database_url: str, now: datetime):
    store = Store.open(database_url, clock_now=now)
    store.write(lambda tx: tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    store.close()
    with pytest.raises(StoreError, match="newer newsbot") as caught:
        Store.open(database_url, clock_now=now)
    assert caught.value.kind is FailureKind.DATABASE
    assert revisions()[-1] in caught.value.message


def test_a_folder_that_cannot_be_written_is_said_with_path_and_user(tmp_path: Path, now: datetime):
    (tmp_path / "file").write_text("not a folder")
    path = tmp_path / "file" / "newsbot.db"
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{path}", clock_now=now)
    assert caught.value.kind is FailureKind.READ_ONLY
    assert caught.value.subject == str(path)
    assert str(os.geteuid()) in caught.value.message


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "nonsense", "oracle://u:secret@host/x"]
)
def test_an_address_that_is_no_database_of_ours_is_refused(url: str, now: datetime):
    with pytest.raises(StoreError) as caught:
        Store.open(url, clock_now=now)
    assert caught.value.kind is FailureKind.DATABASE
    assert "sqlite:///" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_may_be_tried_later(now: datetime):
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        Store.open("postgresql://me:secret@127.0.0.1:1/newsbot", clock_now=now)
    assert caught.value.retry is Retry.LATER
    assert "secret" not in str(caught.value)


def test_a_database_server_keeps_other_databases_alone(postgresql: Server, now: datetime):
    first, second = postgresql.create(), postgresql.create()
    one, two = Store.open(first, clock_now=now), Store.open(second, clock_now=now)
    one.write(sources.sync, [a_source("orbit")], now=now)
    assert two.read(sources.list_sources) == []
    one.close()
    two.close()
    postgresql.drop(first)
    postgresql.drop(second)
