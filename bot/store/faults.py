"""From what a database driver says to a StoreError: what failed, on which file, whether to try again.

What is no fault of the database (a naive time, a wrong statement's argument) is a bug of ours and
is raised as it came.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.errors import FailureKind, Retry, StoreError

_BACKUP_HINT = "restore a copy: an upgrade leaves one beside the file, named .backup-<revision>"
_SPACE_HINT = "free some space; work goes on by itself"
#: How SQLite begins to say that it lacks what a virtual table is made by: FTS5 is a choice of who builds it.
_NO_MODULE = "no such module: "
#: Less free space than this explains an I/O error: SQLite says IOERR where it cannot grow the -shm file.
_FULL_BELOW = 1 << 20


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: FailureKind
    retry: Retry
    message: str
    hint: str = ""


_MOVED = _Fault(
    FailureKind.DATABASE,
    Retry.NEVER,
    "the file was deleted or replaced while it was in use",
    "stop newsbot, put the right file there and start it again",
)


def database_path(url: str) -> Path | None:
    """Return the file of an SQLite address, None for another database."""
    parsed = sa.make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def subject_of(url: str) -> str:
    """Return how to call this database in front of a user: a path, or the address without its password."""
    path = database_path(url)
    return str(path) if path else sa.make_url(url).render_as_string(hide_password=True)


def one_line(error: BaseException) -> str:
    """Return the first line of what the driver said."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextmanager
def wrapped(url: str) -> Iterator[None]:
    """Turn errors of the database inside the block into StoreErrors."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise _raised(
            url, _Fault(FailureKind.LOCKED, Retry.LATER, "no connection became free in time")
        ) from error
    except sa.exc.DBAPIError as error:
        raise store_error(url, error.orig or error) from error
    except sa.exc.StatementError as error:
        if error.orig is None:
            raise
        raise error.orig from error
    except sqlite3.Error as error:
        raise store_error(url, error) from error


def store_error(url: str, error: BaseException) -> StoreError:
    """Return what a driver's error means."""
    path = database_path(url)
    if isinstance(error, sqlite3.Error):
        return _raised(url, _of_sqlite(error, path))
    return _raised(url, _of_postgresql(error))


def moved(path: Path) -> StoreError:
    """Return the error for a database file that is not the one any more that was opened."""
    return _raised(f"sqlite:///{path}", _MOVED)


def unwritable(path: Path, error: OSError) -> StoreError:
    """Return the error for a file or folder that cannot be made or written."""
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT
        return StoreError(
            "the disk is full",
            kind=FailureKind.DISK_FULL,
            subject=str(path),
            retry=Retry.LATER,
            hint=_SPACE_HINT,
        )
    reason = (error.strerror or str(error)).lower()
    return StoreError(
        f"cannot be written by user {os.geteuid()}: {reason}",
        kind=FailureKind.READ_ONLY,
        subject=str(path),
        hint="give this user the folder, or name another database with `database:` or --database",
    )


def _raised(url: str, fault: _Fault) -> StoreError:
    return StoreError(
        fault.message, kind=fault.kind, subject=subject_of(url), retry=fault.retry, hint=fault.hint
    )


def _of_sqlite(error: sqlite3.Error, path: Path | None) -> _Fault:
    # Source: https://sqlite.org/rescode.html; the low byte is the primary code.
    code = getattr(error, "sqlite_errorcode", 0) or 0
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _Fault(FailureKind.LOCKED, Retry.LATER, "another program holds the database locked")
        case sqlite3.SQLITE_FULL:
            return _Fault(FailureKind.DISK_FULL, Retry.LATER, "the disk is full", _SPACE_HINT)
        case sqlite3.SQLITE_IOERR if path and _is_full(path):
            return _Fault(FailureKind.DISK_FULL, Retry.LATER, "the disk is full", _SPACE_HINT)
        case sqlite3.SQLITE_IOERR:
            return _Fault(FailureKind.DATABASE, Retry.LATER, f"cannot be read or written: {one_line(error)}")
        case sqlite3.SQLITE_READONLY if code == sqlite3.SQLITE_READONLY_DBMOVED:
            return _MOVED
        case sqlite3.SQLITE_CANTOPEN if path and not path.exists():
            return _MOVED
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            message = f"cannot be written by user {os.geteuid()}"
            return _Fault(
                FailureKind.READ_ONLY, Retry.NEVER, message, "check who owns the file and its folder"
            )
        case sqlite3.SQLITE_NOTADB:
            message = "the file is not a database"
            return _Fault(FailureKind.NOT_A_DATABASE, Retry.NEVER, message, _BACKUP_HINT)
        case sqlite3.SQLITE_CORRUPT:
            message = "the database file is damaged"
            return _Fault(FailureKind.NOT_A_DATABASE, Retry.NEVER, message, _BACKUP_HINT)
    said = one_line(error)
    if said.startswith(_NO_MODULE):
        message = f"the SQLite of this Python was built without {said.removeprefix(_NO_MODULE).upper()}"
        return _Fault(
            FailureKind.DATABASE,
            Retry.NEVER,
            message,
            "use another build of Python, or a PostgreSQL database",
        )
    return _Fault(FailureKind.DATABASE, Retry.NEVER, said)


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _FULL_BELOW
    except OSError:
        return False


def _of_postgresql(error: BaseException) -> _Fault:
    # Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    state = getattr(error, "sqlstate", None) or ""
    said = one_line(error)
    if state in {"55P03", "40P01", "40001", "57014"}:
        return _Fault(FailureKind.LOCKED, Retry.LATER, f"another program is in the way: {said}")
    if state in {"53100", "53200"}:
        return _Fault(FailureKind.DISK_FULL, Retry.LATER, "the database server's disk is full", _SPACE_HINT)
    if state in {"25006", "42501"}:
        return _Fault(FailureKind.READ_ONLY, Retry.NEVER, said, "check the rights of this database user")
    if state[:2] in {"28", "3D"}:
        return _Fault(FailureKind.DATABASE, Retry.NEVER, said, "check the address, the user and the password")
    if state[:2] in {"08", "53", "57"} or (not state and type(error).__name__ == "OperationalError"):
        return _Fault(FailureKind.DATABASE, Retry.LATER, f"the database server cannot be reached: {said}")
    return _Fault(FailureKind.DATABASE, Retry.NEVER, said)
