"""A fault as a compiler shows it: message, place, the line itself with a pointer, the hint.

Lines come as pieces with a role, so that the command line can colour them; this room knows no colours.
"""

import unicodedata
from dataclasses import dataclass

from bot.errors import Fault

#: Characters of the file's line that are shown; a longer one is cut around the pointer.
_WINDOW = 96


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with its role: label, message, place, gutter, source, marked, pointer, hint."""

    text: str
    role: str


def render_fault(fault: Fault, *, label: str = "error") -> list[str]:
    """Return the lines that show a fault, plain, without line ends."""
    return ["".join(piece.text for piece in line) for line in fault_pieces(fault, label=label)]


def fault_pieces(fault: Fault, *, label: str = "error") -> list[list[Piece]]:
    """Return the lines that show a fault, each as pieces; ``label`` is ``error`` or ``warning``."""
    lines = [
        [Piece(label, "label"), Piece(": ", "message"), Piece(fault.message, "message")],
        [Piece("  --> ", "gutter"), Piece(f"{fault.file}:{fault.line}:{fault.column}", "place")],
    ]
    if not fault.source_line.strip():
        return lines + ([[Piece("      ", "gutter"), Piece(fault.hint, "hint")]] if fault.hint else [])
    before, marked, after = _window(fault)
    number = f"{fault.line:>4}"
    lines.append(
        [
            Piece(f"{number} | ", "gutter"),
            Piece(before, "source"),
            Piece(marked, "marked"),
            Piece(after, "source"),
        ]
    )
    pointer = [
        Piece(f"{' ' * len(number)} | ", "gutter"),
        Piece(" " * _columns(before) + "^" * max(1, _columns(marked)), "pointer"),
    ]
    lines.append(pointer)
    if fault.hint and _columns(before + marked + fault.hint) < _WINDOW:
        pointer.append(Piece(f" {fault.hint}", "hint"))
    elif fault.hint:
        lines.append([Piece(f"{' ' * len(number)} = ", "gutter"), Piece(fault.hint, "hint")])
    return lines


def _window(fault: Fault) -> tuple[str, str, str]:
    """Return the line before, under and after the pointer, cut to what fits on a screen."""
    start = fault.column - 1
    before, rest = fault.source_line[:start], fault.source_line[start:]
    marked, after = rest[: fault.width], rest[fault.width :]
    if len(before) > _WINDOW // 2:
        before = "…" + before[-_WINDOW // 2 :]
    if len(marked) > _WINDOW // 2:
        marked, after = marked[: _WINDOW // 2] + "…", ""
    room = _WINDOW - len(before) - len(marked)
    return before, marked, after if len(after) <= room else after[: max(0, room)] + "…"


def _columns(text: str) -> int:
    """Return how many columns a terminal gives a text: two for wide characters, none for marks."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
