"""A fault as a compiler shows it."""

from bot.config import fault_pieces, render_fault
from bot.errors import Fault


def a_fault(**changed: object) -> Fault:
    words = {
        "file": "config/sources.yaml",
        "line": 9,
        "column": 3,
        "message": "unknown key 'fed'",
        "hint": "did you mean 'feed'?",
        "source_line": "  fed: https://b.example/rss",
        "width": 3,
    }
    return Fault(**(words | changed))  # type: ignore[arg-type]


def test_the_pointer_stands_under_the_mistake() -> None:
    """Message, place, line, pointer with the hint."""
    assert render_fault(a_fault()) == [
        "error: unknown key 'fed'",
        "  --> config/sources.yaml:9:3",
        "   9 |   fed: https://b.example/rss",
        "     |   ^^^ did you mean 'feed'?",
    ]


def test_a_file_without_lines_shows_none() -> None:
    """A file that is not there has nothing to point at."""
    assert render_fault(a_fault(source_line="", line=1, column=1, message="not found"), label="warning") == [
        "warning: not found",
        "  --> config/sources.yaml:1:1",
        "      did you mean 'feed'?",
    ]


def test_a_long_line_is_cut_around_the_mistake() -> None:
    """A bundle of sources on one line still fits on a screen."""
    lines = render_fault(a_fault(source_line="x" * 500 + "fed" + "y" * 500, column=501))
    assert all(len(line) < 120 for line in lines)
    at = lines[3].index("^")
    assert lines[2][at : at + 3] == "fed"


def test_a_long_hint_gets_a_line_of_its_own() -> None:
    """It would be lost beyond the edge of the screen."""
    assert render_fault(a_fault(hint="word " * 30))[4].startswith("     = word word")


def test_wide_characters_count_twice_and_marks_not_at_all() -> None:
    """The pointer is placed by what a terminal shows."""
    line = render_fault(a_fault(source_line="  - 連合e\u0301x: y", column=9, width=1))[3]
    assert line.index("^") == len("     | ") + 4 + 4 + 1


def test_pieces_say_what_they_are() -> None:
    """So that the command line can colour them."""
    roles = [[piece.role for piece in line] for line in fault_pieces(a_fault())]
    assert roles == [
        ["label", "message", "message"],
        ["gutter", "place"],
        ["gutter", "source", "marked", "source"],
        ["gutter", "pointer", "hint"],
    ]
