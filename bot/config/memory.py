"""What an earlier reading found, for files that are as they were: a reload reads only what changed.

Every file's bytes are read each time, and what they gave is taken again only for the very same bytes
in the same place under the same rules. What had a fault is never remembered, so that it is told again;
what a secret's key points at (a variable, a file) is looked up at each reading.
"""

import hashlib
from dataclasses import dataclass, field

from bot.config.faults import Document, Place
from bot.config.yaml_nodes import Mapping, Scalar
from bot.model import Watch

#: place, message and hint of a warning
Note = tuple[Place, str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A watch without fault, and what is to be said of it all the same."""

    watch: Watch
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """What one file gave."""

    #: its name, its place in the report, who may read it, its bytes
    identity: tuple[str, int, int, bytes]
    root: Mapping
    #: by the ``id`` of the watch's key, which lives as long as ``root``
    judged: dict[int, Judged] = field(default_factory=dict)


class Memory:
    """What the last reading found; belongs to the rules by which it was judged."""

    def __init__(self) -> None:
        self.files: dict[str, _File] = {}


class Recall:
    """One reading: what it takes from the memory, and what it leaves there when it is done."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._before = memory.files
        self._now: dict[str, _File] = {}
        self._judged: dict[int, dict[int, Judged]] = {}

    def root(self, document: Document, data: bytes) -> Mapping | None:
        """Return what a file gave the last time; None when it is not known or has changed."""
        known = self._before.get(document.file)
        if known is None or known.identity != _identity(document, data):
            return None
        self._keep(known)
        return known.root

    def keep_root(self, document: Document, data: bytes, root: Mapping) -> None:
        """Remember what a file gave that has no fault."""
        self._keep(_File(_identity(document, data), root))

    def _keep(self, file: _File) -> None:
        self._now[file.identity[0]] = file
        self._judged[id(file.root.place.document)] = file.judged

    def judged(self, key: Scalar) -> Judged | None:
        """Return the watch of a key as it was judged before, or None."""
        known = self._judged.get(id(key.place.document))
        return known.get(id(key)) if known is not None else None

    def keep_judged(self, key: Scalar, judged: Judged) -> None:
        """Remember a watch without fault."""
        known = self._judged.get(id(key.place.document))
        if known is not None:
            known[id(key)] = judged

    def done(self) -> None:
        """Forget what this reading did not meet."""
        self._memory.files = self._now


def _identity(document: Document, data: bytes) -> tuple[str, int, int, bytes]:
    return document.file, document.order, document.mode, hashlib.sha256(data).digest()
