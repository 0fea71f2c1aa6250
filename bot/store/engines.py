"""The connections: three engines on SQLite, one on PostgreSQL.

SQLite: the reader's transactions are deferred and read-only, the writer's begin IMMEDIATE, so that
a read-modify-write loses nothing and never fails half-way with a lock (measured: the driver's
default lost 5,364 of 8,437). The outbox writer also waits for the disk. It takes engines of their
own because ``synchronous`` cannot change within a transaction.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa

from bot.errors import FailureKind, StoreError
from bot.store.faults import moved

#: How long a connection waits for another program's lock.
BUSY_MS = 10_000
READERS = 4
#: On PostgreSQL, where writers do not wait for each other.
WRITERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Engines:
    """The ways into one database."""

    reader: sa.Engine
    writer: sa.Engine
    outbox: sa.Engine

    def dispose(self) -> None:
        """Close every connection."""
        for engine in {self.reader, self.writer, self.outbox}:
            engine.dispose()


def parse_url(url: str) -> sa.URL:
    """Return the address with its driver; raises StoreError where it cannot be a database of ours."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise _refused(url, "is not the address of a database") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise _refused(url, "names no file")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise _refused(url, f"{backend} is not a database that newsbot can use")


def _refused(url: str, why: str) -> StoreError:
    return StoreError(
        why,
        kind=FailureKind.DATABASE,
        subject=url if "@" not in url else url.split("@")[-1],
        hint="write sqlite:///data/newsbot.db or postgresql://user@host/name",
    )


#: KiB of pages that each connection keeps for itself
_READER_CACHE_KB: Final = 4_000
_WRITER_CACHE_KB: Final = 16_000


def engines_for(url: sa.URL) -> Engines:
    """Return the engines of a database; connects to nothing yet."""
    if url.get_backend_name() == "sqlite":
        file = _SameFile(Path(url.database or ""))
        return Engines(
            reader=_sqlite(url, file, begin="BEGIN", query_only=True, size=READERS),
            writer=_sqlite(url, file, begin="BEGIN IMMEDIATE", size=1),
            outbox=_sqlite(url, file, begin="BEGIN IMMEDIATE", synchronous="FULL", size=1),
        )
    try:
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            # a server that was restarted is noticed before a transaction is tried on it
            pool_pre_ping=True,
            pool_size=READERS + WRITERS,
            max_overflow=4,
        )
    except ImportError as error:
        raise StoreError(
            "the PostgreSQL driver is not installed",
            kind=FailureKind.DATABASE,
            subject=url.render_as_string(hide_password=True),
            hint="pip install 'newsbot[postgres]'",
        ) from error
    return Engines(
        reader=engine.execution_options(postgresql_readonly=True),
        writer=engine,
        outbox=engine,
    )


class _SameFile:
    """The database file, which must stay the one it was: in WAL mode SQLite itself does not look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity: tuple[int, int] | None = None

    def connect(self) -> sqlite3.Connection:
        # mode=rw: a file that was deleted is not made anew, empty, behind our back.
        name = f"file:{quote(str(self.path.absolute()))}?mode=rw"
        return sqlite3.connect(name, uri=True, check_same_thread=False)

    def check(self) -> None:
        """Raise StoreError when the file is gone or another one."""
        try:
            found = self.path.stat()
            identity = found.st_dev, found.st_ino
        except FileNotFoundError:
            identity = None
        self._identity = self._identity or identity
        if identity is None or identity != self._identity:
            raise moved(self.path)


def _sqlite(
    url: sa.URL,
    file: _SameFile,
    *,
    begin: str,
    size: int,
    synchronous: str = "NORMAL",
    query_only: bool = False,
) -> sa.Engine:
    engine = sa.create_engine(
        url,
        creator=file.connect,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=BUSY_MS / 1000,
    )

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        set_up_sqlite(connection, synchronous=synchronous, query_only=query_only)

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        file.check()
        # Straight to the driver: SQLAlchemy's own way to execute costs more than the statement.
        connection.connection.cursor().execute(begin)

    return engine


def set_up_sqlite(connection: sqlite3.Connection, *, synchronous: str, query_only: bool) -> None:
    """Bring a new SQLite connection into our state."""
    # The driver must not begin transactions of its own: the engine's "begin" event does.
    connection.isolation_level = None
    pragmas = [f"busy_timeout={BUSY_MS}"]
    if not query_only:
        # Kept in the file; a reader finds them set. Measured on entries of 3 kB: pages of 8 KiB take a third
        # less of the disk than the usual 4 KiB, and a fifth less CPU to write.
        pragmas += ["page_size=8192", "journal_mode=WAL"]
        # Some builds overwrite all that is deleted with zeros: ten times the work where the token index is
        # emptied. FAST does it where it costs no writing of its own.
        pragmas.append("secure_delete=FAST")
    pragmas += [f"synchronous={synchronous}", "foreign_keys=ON", "temp_store=MEMORY"]
    # Pages that many connections read are in the system's memory, once; only who writes gathers them.
    pragmas.append(f"cache_size={-_READER_CACHE_KB if query_only else -_WRITER_CACHE_KB}")
    if query_only:
        pragmas.append("query_only=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()
