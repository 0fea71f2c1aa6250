"""Files: each digest as a file in a folder, for archives and for trying out.

The payload is the file's name on a line of its own, then its content: so the name is frozen with the
body, and what is sent twice is the same file.
"""

import asyncio
import errno
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from bot.deliver import render
from bot.deliver.identity import atom, safe_id, short_id
from bot.deliver.judge import later
from bot.deliver.options import Options
from bot.errors import DeliveryError, FailureKind
from bot.model import Digest, Receipt

_SUFFIXES = {"html": ".html", "text": ".txt"}
_PLACEHOLDER = re.compile(r"\{([^}]*)\}")
_KNOWN = ("id", "digest", "date")
_NAME = re.compile(r"[\w-][\w.-]{0,199}", re.ASCII)


class FileOptions(Options):
    """What a channel of type ``file`` needs."""

    path: str = Field(
        min_length=1,
        description="folder, or file such as `out/{digest}-{date}.html`; also `{id}`; created when missing",
    )
    format: Literal["html", "text"] = "html"

    @field_validator("path")
    @classmethod
    def _only_known_names(cls, path: str) -> str:
        folder, name = os.path.split(path)
        if _PLACEHOLDER.search(folder) or "\0" in path:
            raise ValueError("names in braces belong into the file name, not into the folder")
        for found in _PLACEHOLDER.findall(name):
            if found not in _KNOWN:
                raise ValueError(
                    f"{{{found}}} is unknown; there are {', '.join(f'{{{known}}}' for known in _KNOWN)}"
                )
        if _is_file(path) and not _NAME.fullmatch(_PLACEHOLDER.sub("x", name)):
            raise ValueError("a file name has letters, digits, `.`, `-` and `_`")
        return path


class File:
    """A channel that writes files."""

    kind = "file"

    def __init__(self, key: str, options: FileOptions) -> None:
        self._key = key
        self._format = options.format
        path = Path(options.path)
        named = _is_file(options.path)
        self._folder = path.parent if named else path
        self._name = path.name if named else "{id}" + _SUFFIXES[options.format]

    def targets(self) -> tuple[str, ...]:
        """Return the folder."""
        return (str(self._folder),)

    def payload(self, digest: Digest, *, target: str, message_id: str) -> bytes:
        """Return the name and the content of the file; the name is made of the digest's key and slot only."""
        values = {
            "id": safe_id(digest),
            "digest": atom(digest.key),
            "date": f"{digest.slot.astimezone(ZoneInfo(digest.timezone)):%Y-%m-%d}",
        }
        content = render.html(digest) if self._format == "html" else render.text(digest)
        return self._framed(values, content)

    async def send(self, body: bytes, *, target: str, message_id: str) -> Receipt:
        """Write the file whole or not at all; the same body again leaves the same file."""
        name, _, content = body.partition(b"\n")
        path = Path(target) / name.decode("ascii")
        try:
            await asyncio.to_thread(_write, path, content, short_id(message_id))
        except OSError as error:
            raise self._failed(error, path) from None
        return Receipt(remote_id=str(path))

    def test_payload(self, *, target: str, message_id: str, now: datetime) -> bytes:
        """Return a small file that says that the channel works."""
        stamp = f"{now:%Y%m%d-%H%M%S}"
        values = {"id": f"test-{stamp}", "digest": "test", "date": stamp}
        words = (
            f"This is a test from Newsbot. The channel “{self._key}” works: digests will be written here.\n"
        )
        return self._framed(values, words)

    def _framed(self, values: dict[str, str], content: str) -> bytes:
        name = _PLACEHOLDER.sub(lambda found: values[found[1]], self._name)
        return name.encode() + b"\n" + content.encode()

    def _failed(self, error: OSError, path: Path) -> DeliveryError:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        why = error.strerror or type(error).__name__
        return later(
            self._key,
            f"{path} could not be written: {why.lower()}",
            kind=FailureKind.DISK_FULL if full else FailureKind.TEMPORARY,
            hint="make room" if full else f"let uid {os.getuid()} write there, or change `path`",
        )


def _is_file(path: str) -> bool:
    return Path(path).suffix in {".html", ".htm", ".txt"} or "{" in Path(path).name


def _write(path: Path, content: bytes, tag: str) -> None:
    """Write beside the place and rename: nobody ever sees half a file, not after a power cut either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{tag}.part")
    try:
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
