"""YAML text → nodes that know their place: the first step of reading the configuration.

Scalars stay the text that stands in the file: ``NO``, ``on``, ``07:30``, ``010`` and ``1_000`` are
what somebody wrote, and the models decide what is a number. Only an absent value is recognised.
Duplicate keys, tags, several documents, deep nesting and copies beyond measure are faults; nothing
here knows what the keys mean, and nothing in a file is ever executed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from bot.config.faults import Document, Place, Report
from bot.config.yaml_words import syntax_fault

#: Nodes inside nodes; the deepest configuration has six.
MAX_DEPTH = 32
#: Nodes that aliases may copy, altogether: nine lists of nine aliases each are the classic bomb.
MAX_COPIED = 10_000

#: The one implicit type of a plain scalar; Source: YAML 1.2.2 §10.3.2, the core schema's null.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_CORE_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scalar:
    """A single value, as text."""

    place: Place
    text: str
    #: "" plain, ``'`` or ``"`` quoted, ``|`` or ``>`` a block
    style: str = ""
    #: nothing was written: ``key:`` or ``key: ~``
    is_null: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple["Node", ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """Keys with their values, in the order of the file."""

    place: Place
    pairs: tuple[tuple[Scalar, "Node"], ...] = ()

    def get(self, name: str) -> "Node | None":
        """Return the value of a key, or None when there is no such key."""
        return next((value for key, value in self.pairs if key.text == name), None)

    def key(self, name: str) -> Scalar | None:
        """Return the key itself, for its place, or None when there is no such key."""
        return next((key for key, _ in self.pairs if key.text == name), None)


Node = Scalar | Sequence | Mapping


def parse(text: str, document: Document, report: Report) -> Node | None:
    """Return the node of the one document in a text; None for no document, or when a fault stops it.

    Faults go into the report. What YAML itself refuses stops at the first; duplicate keys do not.
    """
    if fault := CONTROL.search(text):
        report.fault(
            document.at_offset(text, fault.start()),
            "the file holds a control character",
            hint=f"delete the character U+{ord(fault[0]):04X}",
        )
        return None
    # libyaml reads 60,000 lines in half a second, the pure parser in eight
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(document, report)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except _Stop:
        return None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        place, message, hint = syntax_fault(error, document)
        report.fault(place, message, hint=hint)
        return None
    return builder.root


def plain(node: Node) -> Any:
    """Return a node as dicts, lists and strings; keys without a value are left out, as if not written."""
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {
        key.text: plain(value)
        for key, value in node.pairs
        if not (isinstance(value, Scalar) and value.is_null)
    }


def stripped(value: object) -> object:
    """Return what ``plain`` gives without the blanks around its texts: they mean nothing.

    A text in the last lines of a file gets a line end when something follows.
    """
    if isinstance(value, dict):
        return {name: stripped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [stripped(inner) for inner in value]
    return value.strip() if isinstance(value, str) else value


def scalars(node: Node) -> Iterator[Scalar]:
    """Yield the values inside a node, without keys."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from scalars(item)
    else:
        for _, value in node.pairs:
            yield from scalars(value)


class _Stop(Exception):  # noqa: N818
    """A fault after which nothing more can be read from the file."""


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is still open."""

    start: Any
    anchor: str | None
    is_mapping: bool
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Scalar, Node]] = field(default_factory=list)
    #: first place of each key
    seen: dict[str, Scalar] = field(default_factory=dict)
    #: the key that waits for its value; None while a key is expected
    key: Scalar | None = None
    #: the waiting key is faulty: its value is read and dropped
    drop: bool = False
    size: int = 1


class _Builder:
    """Makes nodes of the parser's events, without recursion."""

    def __init__(self, document: Document, report: Report) -> None:
        self.root: Node | None = None
        self._document = document
        self._report = report
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._documents = 0
        self._copied = 0

    def take(self, event: Any) -> None:
        """Take one event of the parser."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(
                    event, "a second document begins here", "a file holds one document: remove the '---'"
                )

    def _place(self, start: Any, end: Any) -> Place:
        return Place(self._document, start.line, start.column, end.line, end.column)

    def _stop(self, event: Any, message: str, hint: str = "") -> NoReturn:
        self._report.fault(self._place(event.start_mark, event.end_mark), message, hint=hint)
        raise _Stop

    def _tag(self, event: Any) -> None:
        if event.tag not in _CORE_TAGS:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._stop(
                event,
                f"the tag '{shown}' is not read here",
                "remove it; if it is text, put quotes around the whole item",
            )

    def _scalar(self, event: Any) -> None:
        self._tag(event)
        # PyYAML's own parser says None where libyaml says ""
        style = event.style or ""
        is_null = not style and event.tag is None and event.value in _NULL
        place = self._place(event.start_mark, event.end_mark)
        if control := CONTROL.search(event.value):
            self._report.fault(
                place,
                "the value holds a control character",
                hint=f"remove the escape for U+{ord(control[0]):04X}",
            )
            raise _Stop
        node = Scalar(place=place, text=event.value, style=style, is_null=is_null)
        self._attach(node, event.anchor, 1)

    def _alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            open_here = any(frame.anchor == event.anchor for frame in self._stack)
            why = "holds itself" if open_here else "is not defined above"
            self._stop(
                event,
                f"'*' begins an alias, and '{event.anchor}' {why}",
                "if it is text, put quotes around the whole item",
            )
        node, size = known
        self._copied += size
        if self._copied > MAX_COPIED:
            self._stop(event, f"aliases copy more than {MAX_COPIED:,} values", "write the values out")
        self._attach(node, None, size)

    def _open(self, event: Any) -> None:
        self._tag(event)
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event, f"more than {MAX_DEPTH} levels of nesting", "no setting is that deep")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(_Frame(start=event.start_mark, anchor=event.anchor, is_mapping=is_mapping))

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        place = self._place(frame.start, event.end_mark)
        node: Node
        if frame.is_mapping:
            node = Mapping(place=place, pairs=tuple(frame.pairs))
        else:
            node = Sequence(place=place, items=tuple(frame.items))
        self._attach(node, frame.anchor, frame.size)

    def _attach(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._stack:
            self.root = node
            return
        frame = self._stack[-1]
        frame.size += size
        if not frame.is_mapping:
            frame.items.append(node)
        elif frame.key is None:
            self._key(frame, node)
        else:
            if not frame.drop:
                frame.pairs.append((frame.key, node))
            frame.key, frame.drop = None, False

    def _key(self, frame: _Frame, node: Node) -> None:
        """Take a node as the next key; a faulty one is reported, and its value will be dropped."""
        if not isinstance(node, Scalar) or node.is_null:
            self._report.fault(
                node.place, "a key must be a word", hint="if it is text, put quotes around the item"
            )
            frame.key, frame.drop = Scalar(place=node.place, text=""), True
            return
        frame.key = node
        if first := frame.seen.get(node.text):
            self._report.fault(
                node.place,
                f"the key '{node.text}' is given twice",
                hint=f"first on line {first.place.line + 1}",
            )
            frame.drop = True
        elif node.text == "<<" and not node.style:
            self._report.fault(node.place, "merge keys ('<<') are not read", hint="write the keys out")
            frame.drop = True
        frame.seen.setdefault(node.text, node)
