"""Bring a database to the newest revision: all of it in one transaction, a copy of the file first.

What revisions there are stands in the names of the files under ``migrations/versions``. Alembic is
imported only where there is work for it: opening an up-to-date database asks one row.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bot.errors import FailureKind, StoreError
from bot.store.engines import set_up_sqlite
from bot.store.faults import database_path, subject_of, unwritable
from bot.store.tables import installation

FOLDER = Path(__file__).with_name("migrations")
_VERSION = sa.text("SELECT version_num FROM alembic_version")
#: Any fixed number: two programs that upgrade one PostgreSQL database wait for each other.
_UPGRADE_LOCK = 0x6E657773_00000001


def revisions(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the revisions that this program knows, oldest first."""
    return tuple(sorted(path.name.partition("_")[0] for path in (folder / "versions").glob("[0-9]*_*.py")))


def current(connection: sa.Connection) -> str | None:
    """Return the revision of this database; None when it has no table at all.

    Raises StoreError where there are tables, but not ours.
    """
    names = set(sa.inspect(connection).get_table_names())
    if "alembic_version" in names:
        found = connection.execute(_VERSION).scalar()
        return None if found is None else str(found)
    if names:
        raise StoreError(
            "this database belongs to another program",
            kind=FailureKind.NOT_A_DATABASE,
            subject=subject_of(_url(connection)),
            hint="name another one with `database:` or --database",
        )
    return None


def check(found: str | None, *, known: tuple[str, ...], url: str) -> bool:
    """Return whether the database is up to date; raises StoreError when a newer newsbot made it."""
    if found is not None and found not in known:
        raise StoreError(
            f"was made by a newer newsbot (revision {found}; this one knows up to {known[-1]})",
            kind=FailureKind.DATABASE,
            subject=subject_of(url),
            hint="install that version again, or use another database",
        )
    return found == known[-1]


def upgrade(engine: sa.Engine, *, now: datetime, folder: Path = FOLDER) -> str | None:
    """Bring the database to the newest revision and return the one it had; None for a new database.

    Changes everything or nothing, also when killed half-way. An SQLite file that already holds data
    is copied to ``<file>.backup-<its revision>`` first. Raises StoreError.
    """
    known = revisions(folder)
    with _exclusive(engine) as connection:
        # Asked again under the lock: another program may have done it meanwhile.
        found = current(connection)
        if check(found, known=known, url=_url(connection)):
            return found
        if found is not None:
            _back_up(connection, found)
        _run(connection, folder)
        if found is None:
            connection.execute(sa.insert(installation).values(id=1, created_at=now))
        _check_foreign_keys(connection)
    return found


@contextlib.contextmanager
def _exclusive(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection in a transaction that nobody else can write beside."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
            yield connection
        return
    own = sa.create_engine(engine.url, poolclass=sa.NullPool, hide_parameters=True)

    @sa.event.listens_for(own, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        set_up_sqlite(connection, synchronous="FULL", query_only=False)
        # Batch migrations rebuild tables; the pragma does nothing once a transaction has begun.
        # Source: https://sqlite.org/lang_altertable.html#otheralter
        connection.execute("PRAGMA foreign_keys=OFF").close()

    @sa.event.listens_for(own, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with own.begin() as connection:
        yield connection


def _run(connection: sa.Connection, folder: Path) -> None:
    # Here and not above: it costs a tenth of a second, which an up-to-date database never pays.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _back_up(connection: sa.Connection, revision: str) -> None:
    path = database_path(_url(connection))
    if path is None:
        return
    target = path.with_name(f"{path.name}.backup-{revision}")
    partial = target.with_name(f"{target.name}.part")
    try:
        partial.unlink(missing_ok=True)
        # Another connection: ours holds the write lock, so the copy is what stands before the upgrade.
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
        partial.replace(target)
    except OSError as error:
        raise unwritable(target, error) from error


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(1)
    if broken:
        raise StoreError(
            f"the upgrade would leave a row of {broken[0][0]} without what it points to; nothing was changed",
            kind=FailureKind.DATABASE,
            subject=subject_of(_url(connection)),
            hint="please report this",
        )


def _url(connection: sa.Connection) -> str:
    return connection.engine.url.render_as_string(hide_password=False)
