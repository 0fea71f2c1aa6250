"""Sources added to their files, changed and taken out, with every other byte as it was.

Each edit is made as text, and read again before it takes the file's place: it must say what was meant,
everything else what it said, and nothing may be at fault that was not before.
"""

import difflib
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Named
from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path

from bot.config.faults import Document
from bot.config.layout import is_flow
from bot.config.load import SOURCES, undisturbed
from bot.config.replace import replace_file
from bot.config.source_files import BY_HAND, File, Files, in_vain, refused
from bot.config.source_model import ADDRESSES
from bot.config.source_text import (
    Item,
    around,
    habits_of,
    with_items,
    with_keys,
    with_pair,
    with_renamed,
    without_item,
    without_pair,
)
from bot.config.sources import keys_of
from bot.config.written import Value, as_plain
from bot.config.yaml_nodes import CONTROL, Mapping, Node, Scalar, Sequence, plain


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A change of a file that is not written yet, or is."""

    path: Path
    #: None: there is no such file yet
    before: bytes | None
    after: bytes
    #: of the sources that are added, changed or taken out
    keys: tuple[str, ...]

    def write(self) -> "Edit":
        """Write the file, unless somebody changed it meanwhile; return the edit. Raises NewsbotError."""
        if self.after != self.before:
            replace_file(self.path, self.after, before=self.before)
        return self

    @property
    def lines(self) -> tuple[int, int, str]:
        """The first and the last line that are new or changed, 1-based, and their text."""
        before, after = _lines(self.before or b""), _lines(self.after)
        start = 0
        while start < min(len(before), len(after)) and before[start] == after[start]:
            start += 1
        end = 0
        while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
            end += 1
        return start + 1, len(after) - end, "".join(after[start : len(after) - end])

    def diff(self, *, context: int = 1) -> str:
        """Return the change as a unified diff without its head; "" where nothing changes."""
        made = difflib.unified_diff(_lines(self.before or b""), _lines(self.after), n=context)
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in list(made)[2:])


def add_source(folder: Path, fields: Item) -> Edit:
    """Add a source at the end of ``sources.yaml``, made when missing; ``add_sources`` says more."""
    return add_sources(folder, [fields])


def add_sources(folder: Path, items: Items[Item]) -> Edit:
    """Add sources at the end of ``sources.yaml``, and write it; ``plan_add`` says more."""
    return plan_add(folder, items).write()


def change_source(
    folder: Path,
    key: str,
    *,
    set: Named[str, Value],  # noqa: A002
    remove: Collection[str] = (),
) -> Edit:
    """Change a source where it stands, and write the file; ``plan_change`` says more."""
    return plan_change(folder, key, set=set, remove=remove).write()


def remove_source(folder: Path, key: str) -> Edit:
    """Take a source out of its file, and write that; comments above it stay. Raises as ``plan_change``."""
    return plan_remove(folder, key).write()


@undisturbed()
def plan_add(folder: Path, items: Items[Item]) -> Edit:
    """Return the edit that adds sources at the end of ``sources.yaml``.

    An item is an address alone, or keys with their values in the order in which they are written: texts,
    numbers, truth values, spans, lists and mappings of these; None is left out. Raises ConfigError where
    a file cannot be read, or would have a fault that it does not have now; NewsbotError where nothing can
    be added in place.
    """
    wanted = [_address(item) if isinstance(item, str) else _given(item) for item in items]
    files = Files.read(folder)
    path = folder / SOURCES.name
    file = files.get(path)
    misnamed = path.with_suffix(".yml")
    if file.data is None and misnamed.exists():
        raise refused(str(misnamed), "is not read: its name must end in .yaml", f"rename it to {path.name}")
    changed = file.encoded(with_items(file.text, file.key, file.node, wanted))
    said = [as_plain(item) for item in wanted]
    found = files.checked(file, changed, [*file.said(), *said])
    return Edit(path=path, before=file.data, after=changed, keys=found[len(found) - len(said) :])


@undisturbed()
def plan_change(
    folder: Path,
    key: str,
    *,
    set: Named[str, Value],  # noqa: A002
    remove: Collection[str] = (),
) -> Edit:
    """Return the edit that gives a source values for some keys and takes others away, in its own place.

    The source keeps its key, and so its history: ``id`` is written where its name or its address gave it
    another one. An address alone becomes ``key: value`` lines, and needs ``feed``, ``sitemap``, ``page``
    or ``search``. Raises ConfigError and NewsbotError as ``plan_add`` does, and NewsbotError for a key
    that no source has.
    """
    files = Files.read(folder)
    file, number = files.find(key)
    wanted = _given(set)
    former = plain(file.items[number])
    kept = former if isinstance(former, dict) else {}
    new = {name: value for name, value in kept.items() if name not in remove} | wanted
    if isinstance(former, str) and not any(name in new for name in ADDRESSES):
        raise refused(
            key, "is an address alone, which has no keys", f"say what it is, too: {', '.join(ADDRESSES)}"
        )
    if "id" not in wanted and "id" not in remove and _key_of(new) != key:
        wanted = {"id": key} | wanted
        new = {"id": key} | new
    text = _changed(file, number, wanted, [name for name in remove if name not in wanted])
    assert isinstance(file.node, Sequence)
    before, behind = around(file.text, file.node, number)
    if not (text.startswith(before) and text.endswith(behind)):
        raise in_vain(file.path)
    changed = file.encoded(text)
    said = file.said()
    said[number] = as_plain(new)
    files.checked(file, changed, said)
    return Edit(path=file.path, before=file.data, after=changed, keys=(key,))


@undisturbed()
def plan_remove(folder: Path, key: str) -> Edit:
    """Return the edit that takes a source out of its file. Raises as ``plan_change``."""
    files = Files.read(folder)
    file, number = files.find(key)
    assert isinstance(file.node, Sequence)
    changed = file.encoded(without_item(file.text, file.node, number))
    said = file.said()
    del said[number]
    files.checked(file, changed, said)
    return Edit(path=file.path, before=file.data, after=changed, keys=(key,))


def _changed(file: File, number: int, wanted: Named[str, Value], remove: Items[str]) -> str:
    """Return the text of a file with one of its sources changed, one key after the other."""
    assert isinstance(file.node, Sequence)
    habits = habits_of(file.text, file.node)
    former = next((name for name in remove if name in ADDRESSES and _has(file.items[number], name)), None)
    latter = next((name for name in wanted if name in ADDRESSES and not _has(file.items[number], name)), None)
    if former is not None and latter is not None:
        # another kind of source takes the place of the former
        node = file.items[number]
        assert isinstance(node, Mapping)
        file = file.reread(with_renamed(file.text, node, former, latter))
    for name in (*wanted, *remove):
        node = file.items[number]
        if isinstance(node, Scalar):
            within = file.node is not None and is_flow(file.text, file.node)
            return with_keys(file.text, node, wanted, habits, within=within)
        if not isinstance(node, Mapping):
            raise refused(file.path.name, "a source is an address, or `key: value` lines", BY_HAND)
        if name in wanted:
            text = with_pair(file.text, node, name, wanted[name], habits)
        elif node.key(name) is not None:
            text = without_pair(file.text, node, name)
        else:
            continue
        file = file.reread(text)
    return file.text


def _has(node: Node, name: str) -> bool:
    return isinstance(node, Mapping) and node.key(name) is not None


def _given(fields: Named[str, Value]) -> dict[str, Value]:
    """Return what is to be written, without what is None."""
    found = {name: value for name, value in fields.items() if value is not None}
    for text in _texts(found):
        if odd := CONTROL.search(text):
            raise refused("a value", "holds a control character", f"remove U+{ord(odd[0]):04X}")
    return found


def _address(url: str) -> str:
    _given({"feed": url})
    return url


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, Named):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, Items) and not isinstance(value, str):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)


def _key_of(fields: Named[str, Value]) -> str | None:
    """Return the key that a source with these keys has."""
    place = Document(file="").at(0, 0)
    pairs = tuple(
        (Scalar(place=place, text=name), Scalar(place=place, text=value, is_null=not value))
        for name, value in fields.items()
        if isinstance(value, str)
    )
    return next(iter(keys_of(Mapping(place=place, pairs=pairs))), None)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8").splitlines(keepends=True)
