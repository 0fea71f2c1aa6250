"""Where faults are collected: places in files, the report of all faults at once, the nearest name.

A fault shows the line of the file it stands on, and that line may hold a secret: what is known or
looks to be one is covered here, before anything leaves this room.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.errors import Fault

#: What YAML takes for the end of a line, so that its line numbers are ours. Source: YAML 1.1 §4.1.4.
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
_LOOKS_LIKE_SPACE = re.compile(r"[\u00a0\u2000-\u200b\u3000\ufeff]")
_USERINFO = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)")
#: Shorter values stand in too many innocent words to be searched for everywhere.
_TELLING = 4
COVER = "*"


@dataclass(slots=True, eq=False)
class Document:
    """A file as it was read; ``hidden`` grows while secrets are found in it."""

    #: as the user would name it
    file: str
    lines: tuple[str, ...] = ()
    #: of several files, which comes first in the report
    order: int = 0
    #: who may read it, as the file system says; 0 where that is unknown
    mode: int = 0
    #: (line, start, end) of values that are never shown, 0-based
    hidden: set[tuple[int, int, int]] = field(default_factory=set)
    #: YAML understood it, so that the places of its secrets are known
    parsed: bool = False

    @classmethod
    def of(cls, text: str, *, file: str, order: int) -> "Document":
        """Return the document of a text, split into lines as YAML splits them."""
        return cls(file=file, lines=tuple(_LINE_BREAK.split(text)), order=order)

    def at(self, line: int, column: int) -> "Place":
        """Return one character's place, 0-based; beyond the end it is the end."""
        line = min(line, max(len(self.lines) - 1, 0))
        return Place(self, line, column, line, column + 1)

    def at_offset(self, text: str, offset: int) -> "Place":
        """Return the place of a character of the whole text."""
        before = _LINE_BREAK.split(text[:offset])
        return self.at(len(before) - 1, len(before[-1]))

    @staticmethod
    def offset_of(text: str, line: int, column: int) -> int:
        """Return where in the whole text a character's place is, the reverse of ``at_offset``."""
        at = 0
        for _ in range(line):
            found = _LINE_BREAK.search(text, at)
            at = found.end() if found else len(text)
        return at + column


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; 0-based, the end not included."""

    document: Document
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def text(self) -> str:
        """The whole line of the file, "" when there is none."""
        lines = self.document.lines
        return lines[self.line] if self.line < len(lines) else ""

    @property
    def rest(self) -> str:
        """The line from here on."""
        return self.text[self.column :]

    @property
    def character(self) -> str:
        """The character that stands here, "" at the end of a line."""
        return self.text[self.column : self.column + 1]

    @property
    def width(self) -> int:
        """How many characters of the first line it covers, at least 1."""
        end = self.end_column if self.end_line == self.line else len(self.text.rstrip())
        return max(1, end - self.column)

    def hide(self) -> None:
        """Cover this value wherever its lines are shown."""
        self.document.hidden |= self._parts()

    def show(self) -> None:
        """Take back ``hide``: what stands here turned out to be no secret."""
        self.document.hidden -= self._parts()

    def _parts(self) -> set[tuple[int, int, int]]:
        lines = self.document.lines
        return {
            (
                line,
                self.column if line == self.line else 0,
                self.end_column if line == self.end_line else len(lines[line]),
            )
            for line in range(self.line, min(self.end_line, len(lines) - 1) + 1)
        }

    def named(self) -> str:
        """Return ``file:line:column``, 1-based."""
        return f"{self.document.file}:{self.line + 1}:{self.column + 1}"


@dataclass(slots=True)
class Report:
    """Everything found wrong, and every secret found on the way."""

    #: names of keys whose values are secrets
    secret_names: frozenset[str] = frozenset()
    secrets: set[str] = field(default_factory=set)
    #: secrets that stand in a file themselves
    inline_secrets: list[Place] = field(default_factory=list)
    #: values whose fault was told already; what follows from it is not told again
    told: set[Place] = field(default_factory=set)
    _faults: list[tuple[Place, str, str]] = field(default_factory=list)
    _warnings: list[tuple[Place, str, str]] = field(default_factory=list)

    def fault(self, place: Place, message: str, *, hint: str = "") -> None:
        """Note a fault."""
        self._faults.append((place, message, hint))

    def warning(self, place: Place, message: str, *, hint: str = "") -> None:
        """Note something that works and was hardly meant."""
        self._warnings.append((place, message, hint))

    @property
    def count(self) -> int:
        """How many faults were noted so far."""
        return len(self._faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults in the order of the files, each once, with secrets covered."""
        return self._made(self._faults)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """All warnings, likewise."""
        return self._made(self._warnings)

    def _made(self, noted: Iterable[tuple[Place, str, str]]) -> tuple[Fault, ...]:
        ordered = sorted(
            dict.fromkeys(noted), key=lambda note: (note[0].document.order, note[0].line, note[0].column)
        )
        return tuple(
            Fault(
                file=place.document.file,
                line=place.line + 1,
                column=place.column + 1,
                message=self._covered(message),
                hint=self._covered(hint),
                source_line=self._source_line(place),
                width=place.width,
            )
            for place, message, hint in ordered
        )

    def _covered(self, text: str) -> str:
        for secret in self.secrets:
            if len(secret) >= _TELLING:
                text = text.replace(secret, COVER * 10)
        return _printable(_USERINFO.sub(COVER * 3, text))

    def _source_line(self, place: Place) -> str:
        """Return the line of a place with secrets covered, every character still at its column."""
        text = place.text
        for line, start, end in place.document.hidden:
            if line == place.line:
                text = text[:start] + COVER * (min(end, len(text)) - start) + text[end:]
        if not place.document.parsed and self.secret_names:
            names = "|".join(map(re.escape, sorted(self.secret_names)))
            if any(re.match(rf"[-\s]*['\"]?(?:{names})['\"]?\s*:", line) for line in _lines_above(place)):
                names = r"[^\s:]+"
            text = re.sub(
                rf"((?:{names})['\"]?\s*:\s*)(.+)", lambda found: found[1] + COVER * len(found[2]), text
            )
        text = _USERINFO.sub(lambda found: COVER * len(found[0]), text)
        for secret in self.secrets:
            if len(secret) >= _TELLING:
                text = text.replace(secret, COVER * len(secret))
        return _printable(text)


def _lines_above(place: Place) -> Iterator[str]:
    """Yield the lines that a line stands under, the nearest first, as far as indentation tells."""
    indent = len(place.text) - len(place.text.lstrip())
    for line in reversed(place.document.lines[: place.line]):
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth < indent:
            indent = depth
            yield line


def _printable(text: str) -> str:
    """Return a text that moves no terminal's cursor and colours nothing, as long as it was."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0] in "\t\n" else "\ufffd", text)


def nearest(name: str, names: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the valid name that a wrong one most likely means, or None; letter case and - _ are forgiven."""
    by_folded = {_folded(valid): valid for valid in sorted(names)}
    found = difflib.get_close_matches(_folded(name), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str], *, what: str = "") -> str:
    """Return the hint for a wrong name: the nearest one, else all of them when they are few."""
    names = sorted(names)
    if _LOOKS_LIKE_SPACE.search(name):
        return "delete the characters in it that only look like spaces"
    if near := nearest(name, names):
        return f"did you mean '{near}'?"
    if what and names:
        shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
        return f"{what}: {shown}"
    return ""


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")[:100]
