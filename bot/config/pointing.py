"""Where in a file a character of a value stands, and where a part of a watch's query does."""

import re
from collections.abc import Iterable, Iterator

from bot.config.faults import Place
from bot.config.yaml_nodes import Mapping, Node, Scalar, scalars

#: where a query stands in a watch, in the order in which it is searched
_QUERIES = ("query", "any", "all", "not")
_NEGATION = "NOT "
_QUOTED = re.compile(r"[\"“”„][^\"“”„]*[\"“”]|\{[^{}]*\}|cs\('[^']*'\)")


def inside(scalar: Scalar, position: int, width: int) -> Place:
    """Return the place of a character of a value; the value's own where escapes make that uncertain.

    Line breaks and indentation fold into blanks in YAML, so the characters that are not blank are
    counted: they stand in the file in the same order, whatever the style.
    """
    place = scalar.place
    lines = place.document.lines[place.line : place.end_line + 1]
    written: list[tuple[str, int, int]] = []
    for number, line in enumerate(lines):
        start = place.column if number == 0 else 0
        end = place.end_column if place.line + number == place.end_line else len(line)
        if scalar.style in ("|", ">") and number == 0:
            continue
        written += [(line[at], place.line + number, at) for at in range(start, min(end, len(line)))]
    if scalar.style in ("'", '"'):
        written = written[1:-1]
    if scalar.style == "'":
        written = [
            here
            for here, before in zip(written, [None, *written], strict=False)
            if not _doubled(here, before)
        ]
    solid = [here for here in written if not here[0].isspace()]
    text = [character for character in scalar.text if not character.isspace()]
    if [here[0] for here in solid] != text or not solid:
        return place
    count = sum(not character.isspace() for character in scalar.text[:position])
    if count >= len(solid):
        _, line_at, column = solid[-1]
        return Place(place.document, line_at, column + 1, line_at, column + 2)
    _, line_at, column = solid[count]
    return Place(place.document, line_at, column, line_at, column + max(1, width))


def _doubled(here: tuple[str, int, int], before: tuple[str, int, int] | None) -> bool:
    """Tell whether this is the first of two single quotes that stand for one."""
    return before is not None and here[0] == before[0] == "'" and here[1:] == (before[1], before[2] + 1)


def find_part(watch: Node, spellings: Iterable[str]) -> Place | None:
    """Return the place of a part of a watch's query, in the first of its spellings that is found.

    What is negated stands in the list ``not`` without its NOT. An item that is the part itself comes
    before one that only holds it, and what stands in quotes or braces comes last: it is another term.
    """
    items = list(_items(watch))
    for spelling in spellings:
        for look in (_whole, _outside_quotes, _anywhere):
            for name, item in items:
                wanted = spelling.removeprefix(_NEGATION) if name == "not" else spelling
                if (at := look(wanted, item.text)) is not None:
                    return inside(item, at, len(wanted))
    return None


def _whole(wanted: str, text: str) -> int | None:
    return text.index(wanted) if text.strip() == wanted else None


def _outside_quotes(wanted: str, text: str) -> int | None:
    return _anywhere(wanted, _QUOTED.sub(lambda found: "\0" * len(found[0]), text))


def _anywhere(wanted: str, text: str) -> int | None:
    found = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text)
    return found.start() if found else None


def _items(watch: Node) -> Iterator[tuple[str, Scalar]]:
    if isinstance(watch, Mapping):
        for name in _QUERIES:
            if (value := watch.get(name)) is not None:
                yield from ((name, item) for item in scalars(value))
