"""A file replaced as a whole: whoever reads it sees what it was or what it is to be, never a part.

The new text is on the disk before it takes the file's place, which keeps its mode and its owner.
"""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.errors import FailureKind, NewsbotError, Retry

_FULL = (errno.ENOSPC, errno.EDQUOT)


def replace_file(path: Path, data: bytes, *, before: bytes | None) -> None:
    """Write a file that holds ``before`` now; None where it is not there yet. A link stays a link.

    Raises NewsbotError: READ_ONLY, DISK_FULL, or CONFIG where somebody changed the file meanwhile.
    """
    try:
        target = path.resolve()
        facts = target.stat() if before is not None else None
        if facts is not None and not facts.st_mode & 0o222:
            raise _refused(path, "is read-only", "make it writable: chmod u+w, and try again")
        waiting = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            _write(waiting, data, facts)
            if (target.read_bytes() if target.exists() else None) != before:
                raise NewsbotError(
                    "somebody changed it just now, so nothing was written",
                    kind=FailureKind.CONFIG,
                    subject=str(path),
                    retry=Retry.LATER,
                    hint="try again",
                )
            waiting.replace(target)
        finally:
            waiting.unlink(missing_ok=True)
        _settle(target.parent)
    except OSError as error:
        if error.errno in _FULL:
            raise NewsbotError(
                "cannot be written: the disk is full",
                kind=FailureKind.DISK_FULL,
                subject=str(path),
                retry=Retry.LATER,
                hint="make room and try again",
            ) from error
        why = (error.strerror or str(error)).lower()
        hint = "see who may write the file and its folder, or make the change by hand"
        raise _refused(path, f"cannot be written: {why}", hint) from error


def _refused(path: Path, message: str, hint: str) -> NewsbotError:
    return NewsbotError(message, kind=FailureKind.READ_ONLY, subject=str(path), hint=hint)


def _write(waiting: Path, data: bytes, facts: os.stat_result | None) -> None:
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if facts is not None:
            # only who is root may give a file away
            with suppress(PermissionError):
                os.fchown(descriptor, facts.st_uid, facts.st_gid)
            os.fchmod(descriptor, facts.st_mode & 0o7777)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _settle(folder: Path) -> None:
    """Have the folder's new entry written, too, where the system can."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
