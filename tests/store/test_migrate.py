"""Migrations: the same schema as the tables, all or nothing, and a copy of the file first."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import StoreError
from bot.store import Store, sources
from bot.store.engines import engines_for, parse_url
from bot.store.faults import database_path
from bot.store.migrate import FOLDER, revisions, upgrade
from bot.store.tables import metadata, postgresql_metadata
from tests.store.build import a_source

NEXT = """
import sqlalchemy as sa
from alembic import op
from bot.store.types import Text

revision = "9999"
down_revision = "%s"

def upgrade():
    with op.batch_alter_table("sources") as batch:
        batch.add_column(sa.Column("colour", Text, nullable=False, server_default="blue"))
        batch.alter_column("feed_title", new_column_name="own_title")
    %s
"""

#: On SQLite not a table of ours: FTS5 makes it and some of its own with the same beginning.
INDEX = "article_tokens"


@contextlib.contextmanager
def engine_of(url: str) -> Iterator[sa.Engine]:
    engines = engines_for(parse_url(url))
    yield engines.writer
    engines.dispose()


def with_next(tmp_path: Path, more: str = "") -> Path:
    """Return a copy of the migrations with one more revision."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_next.py").write_text(NEXT % (revisions()[-1], more))
    return folder


def is_plain(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether a table of SQLite is none of those that make up the full-text index."""
    return kind != "table" or name is None or not name.startswith(INDEX)


def test_the_migrated_schema_is_the_one_of_the_tables(database_url: str):
    with engine_of(database_url) as engine, engine.connect() as connection:
        on_sqlite = engine.dialect.name == "sqlite"
        options = {"compare_type": True, "include_name": is_plain if on_sqlite else None}
        context = MigrationContext.configure(connection, opts=options)
        tables = [metadata] if on_sqlite else [metadata, postgresql_metadata]
        assert compare_metadata(context, tables) == []


def test_partial_indexes_and_strictness_are_those_of_the_tables_on_sqlite(
    sqlite_template: Path, tmp_path: Path
):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(engine)
    engine.dispose()

    def shape(path: Path) -> dict[str, str]:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
        return {name: " ".join(sorted(sql.replace(",", " ").replace('"', "").split())) for name, sql in found}

    migrated = shape(sqlite_template)
    assert migrated.pop("alembic_version")
    index = {name for name in migrated if name.startswith(INDEX)}
    # of FTS5 itself: what finds words and what says how, but no text and no sizes
    assert index == {INDEX, f"{INDEX}_data", f"{INDEX}_idx", f"{INDEX}_config"}
    for name in index:
        del migrated[name]
    assert migrated == shape(tmp_path / "made.db")
    assert all("STRICT" in sql for sql in migrated.values() if "TABLE" in sql)


def test_the_names_of_the_files_tell_the_revisions():
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == revisions()


def test_an_upgrade_keeps_the_rows_and_a_copy_of_the_file(database_url: str, tmp_path: Path, now: datetime):
    store = Store.open(database_url, clock_now=now)
    store.write(sources.sync, [a_source("orbit")], now=now)
    store.close()
    with engine_of(database_url) as engine:
        assert upgrade(engine, now=now, folder=with_next(tmp_path)) == revisions()[-1]
        with engine.connect() as connection:
            found = connection.execute(sa.text("SELECT key, colour, own_title FROM sources")).all()
    assert found == [("orbit", "blue", None)]
    if path := database_path(database_url):
        backup = path.with_name(f"{path.name}.backup-{revisions()[-1]}")
        copy = Store.open(f"sqlite:///{backup}", migrate=False, clock_now=now)
        assert [row.key for row in copy.read(sources.list_sources)] == ["orbit"]
        copy.close()


def test_making_a_database_leaves_no_copy(tmp_path: Path, now: datetime):
    Store.open(f"sqlite:///{tmp_path / 'newsbot.db'}", clock_now=now).close()
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_an_upgrade_that_fails_changes_nothing(database_url: str, tmp_path: Path, now: datetime):
    folder = with_next(tmp_path, 'raise RuntimeError("half-way")')
    with engine_of(database_url) as engine, pytest.raises(RuntimeError, match="half-way"):
        upgrade(engine, now=now, folder=folder)
    store = Store.open(database_url, migrate=False, clock_now=now)
    assert store.read(sources.list_sources) == []
    store.close()


def test_an_upgrade_that_would_leave_orphans_changes_nothing(
    sqlite_template: Path, tmp_path: Path, now: datetime
):
    path = tmp_path / "newsbot.db"
    shutil.copyfile(sqlite_template, path)
    folder = with_next(
        tmp_path,
        'op.execute("INSERT INTO fetches (source_id, at, duration_ms, bytes, new) VALUES (999, 0, 0, 0, 0)")',
    )
    with engine_of(f"sqlite:///{path}") as engine, pytest.raises(StoreError, match="fetches"):
        upgrade(engine, now=now, folder=folder)
    Store.open(f"sqlite:///{path}", migrate=False, clock_now=now).close()


def test_an_up_to_date_database_is_left_alone(database_url: str, now: datetime):
    with engine_of(database_url) as engine:
        assert upgrade(engine, now=now) == revisions()[-1]
