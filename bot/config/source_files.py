"""The files of sources while they are edited: as they were read, and what a changed one would be read as."""

import re
from collections import Counter
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bot.config.faults import Document, Place, Report, did_you_mean
from bot.config.files import MAX_FILE, bytes_of, merged, paths_of, root_of
from bot.config.load import SOURCES, check_folder
from bot.config.secrets import Vault, secret_names
from bot.config.settings import FetchSettings
from bot.config.source_model import SourceModel
from bot.config.sources import build_sources, keys_of, source_keys
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence, plain, stripped
from bot.errors import ConfigError, FailureKind, Fault, NewsbotError

BY_HAND = "make the change with an editor, and run `newsbot check`"
_BOM = b"\xef\xbb\xbf"
#: the places that messages name, which every edit moves
_PLACES = re.compile(r":\d+:\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file of sources, as it was read."""

    path: Path
    #: its place among the files of sources
    number: int
    #: None: there is no such file yet
    data: bytes | None
    text: str = ""
    #: None: it has no key at all
    root: Mapping | None = None

    @classmethod
    def of(cls, path: Path, number: int, data: bytes | None, report: Report) -> Self:
        """Return a file of these bytes; what is wrong with it goes into the report."""
        document = Document(file=str(path), order=SOURCES.order * 1000 + number)
        content = (data or b"").removeprefix(_BOM)
        # neither an empty file nor one of comments only is a fault here: it is about to have a source
        root = root_of(content, document, SOURCES.optional, report) if content.strip() else None
        file = cls(path=path, number=number, data=data, text=content.decode("utf-8", "replace"), root=root)
        if root is not None:
            for key, _ in root.pairs:
                if key.text != "sources":
                    report.fault(
                        key.place, f"unknown key '{key.text}'", hint="the file holds only 'sources:'"
                    )
            if file.key is not None and not (isinstance(file.node, Sequence) or _is_null(file.node)):
                report.fault(file.key.place, "'sources' must be a list: each item begins with '- '")
        return file

    @property
    def key(self) -> Scalar | None:
        """The key ``sources:``, None where it is not written yet."""
        return self.root.key("sources") if self.root is not None else None

    @property
    def node(self) -> Node | None:
        """What stands under it."""
        return self.root.get("sources") if self.root is not None else None

    @property
    def items(self) -> tuple[Node, ...]:
        """The sources of the file."""
        return self.node.items if isinstance(self.node, Sequence) else ()

    def said(self) -> list[object]:
        """Return what the sources of the file say."""
        return [plain(item) for item in self.items]

    def encoded(self, text: str) -> bytes:
        """Return the bytes of the file with another text."""
        return (_BOM if (self.data or b"").startswith(_BOM) else b"") + text.encode("utf-8")

    def reread(self, text: str) -> "File":
        """Return the file with another text. Raises NewsbotError where that cannot be read."""
        report = Report()
        found = File.of(self.path, self.number, self.encoded(text), report)
        if report.count or len(found.items) != len(self.items):
            raise in_vain(self.path)
        return replace(found, data=self.data)


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """All files of sources, the one that is edited among them."""

    folder: Path
    all: tuple[File, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read them. Raises ConfigError where one cannot be read."""
        report = Report()
        check_folder(folder, report)
        found = []
        for number, path in enumerate(paths_of(folder, SOURCES, report)):
            data = bytes_of(path, Document(file=str(path), order=SOURCES.order * 1000 + number), report)
            found.append(File.of(path, number, data, report))
        if report.count:
            raise ConfigError(report.faults)
        return cls(folder=folder, all=tuple(found))

    def get(self, path: Path) -> File:
        """Return the file of a path, one without content where there is none yet."""
        return next((file for file in self.all if file.path == path), File(path=path, number=0, data=None))

    def find(self, key: str) -> tuple[File, int]:
        """Return the file of a source and its place there. Raises NewsbotError for an unknown key."""
        for file in self.all:
            for number, item in enumerate(file.items):
                if key in keys_of(item):
                    return file, number
        known = [
            name for file in self.all for name in source_keys(Sequence(place=_nowhere(), items=file.items))
        ]
        raise refused(key, "there is no source of this key", did_you_mean(key, known, what="sources"))

    def checked(self, file: File, data: bytes, said: Items[object]) -> tuple[str, ...]:
        """Return the keys of a changed file's sources, once it says what it was meant to say.

        Raises NewsbotError where it does not; ConfigError where there would be faults that there are not now.
        """
        report = Report()
        new = File.of(file.path, file.number, data, report)
        if len(data) > MAX_FILE or report.count or stripped(new.said()) != stripped(list(said)):
            raise in_vain(file.path)
        others = [other for other in self.all if other.path != file.path]
        if faults := self._faults([new, *others]):
            known = Counter(map(_told, self._faults(self.all)))
            fresh = tuple(fault for fault in faults if not _taken(known, _told(fault)))
            if fresh:
                raise ConfigError(fresh)
        return tuple(next(keys_of(item), "") for item in new.items)

    def _faults(self, files: Items[File]) -> tuple[Fault, ...]:
        """Return what is wrong with the sources, secrets taken for granted."""
        report = Report(secret_names=secret_names([SourceModel]))
        ordered = sorted(files, key=lambda file: file.number)
        roots = [file.root for file in ordered if file.root is not None]
        items = merged(roots, report).get("sources") if roots else None
        if isinstance(items, Sequence):
            vault = Vault(environ=None, folder=self.folder, report=report)
            build_sources(items, fetch=FetchSettings(), vault=vault)
        return report.faults


def refused(subject: str, message: str, hint: str) -> NewsbotError:
    """Return the error of an edit that cannot be made."""
    return NewsbotError(message, kind=FailureKind.CONFIG, subject=subject, hint=hint)


def in_vain(path: Path) -> NewsbotError:
    """Return the error of an edit that would have changed more than it was to."""
    return refused(
        str(path), "it cannot be changed in place without changing what else stands there", BY_HAND
    )


def _is_null(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _nowhere() -> Place:
    return Document(file="").at(0, 0)


def _told(fault: Fault) -> str:
    return _PLACES.sub("", f"{fault.file} {fault.message}")


def _taken(known: Counter[str], told: str) -> bool:
    """Take one of those that are known; tell whether there was one."""
    known[told] -= 1
    return known[told] >= 0
