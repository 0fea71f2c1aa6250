"""The files of a configuration folder → documents and one merged node for each kind of file.

Beside ``sources.yaml`` stands ``sources.d/*.yaml`` of the same shape, and so for the other two. Lists
are joined, mappings united; what two files both set is a fault that names both.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.config.faults import Document, Report
from bot.config.memory import Recall
from bot.config.validate import head
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence, parse

#: A source takes some 200 bytes: this is room for 80,000.
MAX_FILE = 16 * 1024 * 1024
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One of the three files."""

    #: ``sources`` for sources.yaml and sources.d/
    stem: str
    #: whether there must be one
    needed: bool
    #: of the three, which comes first in the report
    order: int

    @property
    def optional(self) -> "Kind":
        """The same kind, where a file without content is no fault."""
        return replace(self, needed=False)

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.stem}.yaml"


def read_kind(folder: Path, kind: Kind, report: Report, recall: Recall | None = None) -> Mapping | None:
    """Return the root of a kind of file, its ``.d`` folder merged in; None when a part cannot be read.

    A kind that is not needed and not there is an empty mapping. With ``recall``, files that are as
    they were are not parsed again.
    """
    paths = paths_of(folder, kind, report)
    if not paths:
        nowhere = Document(file=str(folder / kind.name), order=kind.order * 1000)
        if not kind.needed:
            return Mapping(place=nowhere.at(0, 0))
        other = folder / f"{kind.stem}.yml"
        hint = f"rename {other} to {kind.name}" if _exists(other) else "`newsbot init` writes one"
        report.fault(nowhere.at(0, 0), "not found", hint=hint)
        return None
    roots = [_read(path, kind, number, report, recall) for number, path in enumerate(paths)]
    found = [root for root in roots if root is not None]
    return merged(found, report) if len(found) == len(roots) else None


def paths_of(folder: Path, kind: Kind, report: Report) -> list[Path]:
    """Return the files of a kind that are there, its own first, then those of its ``.d`` folder."""
    own = [folder / kind.name] if _exists(folder / kind.name) else []
    return own + _beside(folder / f"{kind.stem}.d", kind, report)


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:
        return True


def _beside(folder: Path, kind: Kind, report: Report) -> list[Path]:
    """Return the files of a ``.d`` folder in the order of their names; say which are not read."""
    try:
        names = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        report.fault(
            Document(file=str(folder), order=kind.order * 1000).at(0, 0), f"cannot be read: {error.strerror}"
        )
        return []
    for path in names:
        if path.suffix == ".yml":
            place = Document(file=str(path), order=kind.order * 1000).at(0, 0)
            report.warning(
                place, "not read: its name must end in .yaml", hint=f"rename it to {path.stem}.yaml"
            )
    return [path for path in names if path.suffix == ".yaml" and not path.name.startswith(".")]


def _read(path: Path, kind: Kind, number: int, report: Report, recall: Recall | None) -> Mapping | None:
    """Return the root of one file, or None after its fault was reported."""
    document = Document(file=str(path), order=kind.order * 1000 + number)
    data = bytes_of(path, document, report)
    if data is None:
        return None
    if recall is not None and (known := recall.root(document, data)) is not None:
        return known
    before = report.count
    root = root_of(data, document, kind, report)
    if root is not None and recall is not None and report.count == before:
        recall.keep_root(document, data, root)
    return root


def bytes_of(path: Path, document: Document, report: Report) -> bytes | None:
    """Return what a file holds, and note who may read it; None after its fault was reported."""
    try:
        if not path.is_file():
            report.fault(document.at(0, 0), "is not a file" if path.exists() else "leads to no file")
            return None
        document.mode = path.stat().st_mode & 0o777
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        report.fault(document.at(0, 0), f"cannot be read: {error.strerror}", hint="check who may read it")
        return None


def root_of(data: bytes, document: Document, kind: Kind, report: Report) -> Mapping | None:
    """Return the root of a file's bytes, or None after their fault was reported.

    ``document`` names the file; the nodes stand in one of the same name that has its lines.
    """
    text = _decoded(data, document, report)
    if text is None:
        return None
    mode = document.mode
    document = Document.of(text, file=document.file, order=document.order)
    document.mode = mode
    first_key = {"sources": "sources:", "watchlists": "watches:"}.get(kind.stem, "contact:")
    if not text.strip():
        report.fault(document.at(0, 0), "the file is empty", hint=f"it begins with {first_key}")
        return None
    before = report.count
    root = parse(text, document, report)
    if root is None and report.count > before:
        return None
    document.parsed = True
    if root is None or (isinstance(root, Scalar) and root.is_null):
        # comments only: settings have defaults, and a part may have nothing to add
        if kind.needed and document.order == kind.order * 1000:
            report.fault(document.at(0, 0), f"'{first_key}' is missing", hint="the file holds only comments")
            return None
        return Mapping(place=document.at(0, 0))
    if not isinstance(root, Mapping):
        report.fault(head(root), "the file must begin with a key", hint=f"such as {first_key}")
        return None
    return root


def _decoded(data: bytes, document: Document, report: Report) -> str | None:
    if len(data) > MAX_FILE:
        report.fault(document.at(0, 0), f"the file is larger than {MAX_FILE // 1024 // 1024} MiB")
        return None
    if data.startswith(_UTF16):
        report.fault(document.at(0, 0), "the file is UTF-16", hint="save it as UTF-8")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig", errors="replace")
        shown = Document.of(
            data.decode("utf-8-sig", errors="replace"), file=document.file, order=document.order
        )
        report.fault(
            shown.at_offset(good, len(good)),
            f"the byte 0x{data[error.start]:02X} is not UTF-8",
            hint="save the file as UTF-8",
        )
        return None


def merged(roots: list[Mapping], report: Report) -> Mapping:
    """Return the roots of several files as one."""
    merged: dict[str, tuple[Scalar, Node]] = {}
    for root in roots:
        for key, value in root.pairs:
            if key.text not in merged:
                merged[key.text] = (key, value)
                continue
            first_key, first = merged[key.text]
            if isinstance(value, Scalar) and value.is_null:
                continue
            if isinstance(first, Scalar) and first.is_null:
                merged[key.text] = (key, value)
            elif isinstance(first, Sequence) and isinstance(value, Sequence):
                merged[key.text] = (first_key, Sequence(place=first.place, items=first.items + value.items))
            elif isinstance(first, Mapping) and isinstance(value, Mapping):
                pairs = _united(first.pairs, value.pairs, report)
                merged[key.text] = (first_key, Mapping(place=first.place, pairs=pairs))
            else:
                _collision(key, first_key, report)
    return Mapping(place=roots[0].place, pairs=tuple(merged.values()))


def _united(
    first: Iterable[tuple[Scalar, Node]], second: Iterable[tuple[Scalar, Node]], report: Report
) -> tuple[tuple[Scalar, Node], ...]:
    pairs = {key.text: (key, value) for key, value in first}
    for key, value in second:
        if known := pairs.get(key.text):
            _collision(key, known[0], report)
        else:
            pairs[key.text] = (key, value)
    return tuple(pairs.values())


def _collision(key: Scalar, first: Scalar, report: Report) -> None:
    report.fault(key.place, f"'{key.text}' is also at {first.place.named()}", hint="keep one of the two")
