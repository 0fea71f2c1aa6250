"""One program at a time works on a database: the run lock, and who holds it.

SQLite: ``flock`` on ``<database>.lock``, which the kernel frees however a program ends.
PostgreSQL: an advisory lock on a connection that is kept open, which the server frees with it.
Who holds it is written beside the lock (into the file, into ``leases``); that is only for people.
"""

import contextlib
import fcntl
import json
import os
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bot.errors import AlreadyRunning
from bot.store.engines import parse_url
from bot.store.faults import database_path, subject_of, unwritable, wrapped
from bot.store.tables import leases

#: Any fixed number; advisory locks are counted per database.
_ADVISORY = 0x6E657773_00000002
_NAME = "run"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who works on a database."""

    #: the command, such as ``newsbot run``
    what: str
    pid: int
    host: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.what} (pid {self.pid} on {self.host}, since {self.since:%Y-%m-%d %H:%M:%S} UTC)"


class _Lock(Protocol):
    def close(self) -> None:
        """Give the lock back."""


class RunLock:
    """The right to work on a database, held until it is released or the program ends."""

    def __init__(self, lock: _Lock, me: Holder) -> None:
        self._lock = lock
        #: what others are told of us
        self.me = me

    @classmethod
    def acquire(cls, store_url: str, *, what: str, now: datetime) -> Self:
        """Return the lock of this database.

        ``what`` is our own command, for the one who comes second. Raises AlreadyRunning, which names
        the holder, and StoreError where the lock cannot be had at all.
        """
        me = Holder(what=what, pid=os.getpid(), host=socket.gethostname(), since=now)
        path = database_path(store_url)
        lock: _Lock = _FileLock(_lock_path(path), me) if path else _ServerLock(store_url, me)
        return cls(lock, me)

    @staticmethod
    def holder(store_url: str) -> Holder | None:
        """Return who works on this database, None when nobody does. Raises StoreError."""
        path = database_path(store_url)
        return _file_holder(_lock_path(path)) if path else _server_holder(store_url)

    def release(self) -> None:
        """Give the lock back; a second time does nothing."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _taken(subject: str, by: Holder | None) -> AlreadyRunning:
    who = str(by) if by else "another program"
    return AlreadyRunning(f"already in use by {who}", subject=subject)


def _lock_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


class _FileLock:
    def __init__(self, path: Path, me: Holder) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            by = _read_holder(path)
            self.close()
            raise _taken(str(path).removesuffix(".lock"), by) from error
        self._write(json.dumps(_as_dict(me)).encode())

    def _write(self, data: bytes) -> None:
        # The lock holds with or without this note: a full disk must not stop a program here.
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, data, 0)

    def close(self) -> None:
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        os.close(fd)


def _as_dict(me: Holder) -> dict[str, Any]:
    return {"what": me.what, "pid": me.pid, "host": me.host, "since": me.since.isoformat()}


def _from_dict(data: Any) -> Holder | None:
    try:
        return Holder(
            what=str(data["what"]),
            pid=int(data["pid"]),
            host=str(data["host"]),
            since=datetime.fromisoformat(data["since"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _read_holder(path: Path) -> Holder | None:
    try:
        return _from_dict(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return None


def _file_holder(path: Path) -> Holder | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        by = _read_holder(path)
        if by is None:
            return None
        try:
            # A note without a lock is what a killed program leaves.
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return by
        return None
    finally:
        os.close(fd)


class _ServerLock:
    def __init__(self, url: str, me: Holder) -> None:
        self._engine = _own_engine(url)
        with wrapped(url):
            self._connection = self._engine.connect()
            got = self._connection.execute(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY))).scalar()
            if got:
                _note(self._connection, me)
                return
            by = _noted(self._connection)
        self.close()
        raise _taken(subject_of(url), by)

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()


def _own_engine(url: str) -> sa.Engine:
    return sa.create_engine(
        parse_url(url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )


def _has_leases(connection: sa.Connection) -> bool:
    # The lock may be taken before the schema is made.
    return connection.execute(sa.select(sa.func.to_regclass(leases.name))).scalar() is not None


def _note(connection: sa.Connection, me: Holder) -> None:
    if not _has_leases(connection):
        return
    row = postgresql.insert(leases).values(
        name=_NAME, holder=json.dumps(_as_dict(me)), since=me.since, until=None, epoch=1
    )
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": row.excluded.holder, "since": row.excluded.since, "epoch": leases.c.epoch + 1},
        )
    )


def _noted(connection: sa.Connection) -> Holder | None:
    if not _has_leases(connection):
        return None
    found = connection.execute(sa.select(leases.c.holder).where(leases.c.name == _NAME)).scalar()
    return _from_dict(json.loads(found)) if found else None


_HELD = sa.text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = :high AND objid = :low"
)


def _server_holder(url: str) -> Holder | None:
    engine = _own_engine(url)
    try:
        with wrapped(url), engine.connect() as connection:
            # Asked of the server, not tried: a look must never stand in a starting program's way.
            held = connection.execute(
                _HELD, {"high": _ADVISORY >> 32, "low": _ADVISORY & 0xFFFFFFFF}
            ).scalar()
            return _noted(connection) if held else None
    finally:
        engine.dispose()
