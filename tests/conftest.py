"""Fixtures that every room's tests share: a database of each kind, and a time of our own."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import Store
from tests.postgresql import Server, running_server

#: A plain winter Tuesday, so that no test depends on today.
NOW = datetime(2026, 2, 3, 9, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The time of the test."""
    return NOW


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for the session (under pytest-xdist: one for each worker)."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy: quicker than migrating for every test."""
    path = tmp_path_factory.mktemp("template") / "newsbot.db"
    Store.open(f"sqlite:///{path}", clock_now=NOW).close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: Server) -> Iterator[str]:
    """The same on PostgreSQL; nobody may be connected to it while it is copied."""
    url = postgresql.create()
    Store.open(url, clock_now=NOW).close()
    yield url
    postgresql.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it, of both kinds in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'newsbot.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database without rows, of both kinds in turn."""
    if request.param == "sqlite":
        path = tmp_path / "newsbot.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.create(template=request.getfixturevalue("postgresql_template"))
    yield url
    server.drop(url)


@pytest.fixture
def store(database_url: str, now: datetime) -> Iterator[Store]:
    """An open store, on both kinds of database in turn."""
    opened = Store.open(database_url, clock_now=now)
    yield opened
    opened.close()
