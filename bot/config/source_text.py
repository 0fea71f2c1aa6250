"""A source written into the text of a file, changed there or taken out: each a change of a few lines.

The file's own habits are kept: braces or lines, quotes, line ends, how deep it indents, blank lines
between sources. What comes out is only a text: whoever asks for it reads it again, and finds out whether
it says what was meant.
"""

import re
from collections.abc import Callable, Collection, Iterator
from collections.abc import Mapping as Named
from dataclasses import dataclass

from bot.config.faults import Document
from bot.config.layout import (
    end_of,
    ends_blank,
    has_blank_above,
    is_flow,
    line_end,
    line_end_of,
    line_start,
    parted,
    start_of,
    without,
)
from bot.config.written import Value, as_node, as_value
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence, scalars

#: what a new file begins with
HEADER = """\
# yaml-language-server: $schema=./schema/sources.schema.json
#
# Where to look. After an edit, run:  newsbot check
"""
#: an address alone, or keys with their values
Item = str | Named[str, Value]
_STEP = 2
_DASH = re.compile(r"\s*-(?=\s|\Z)")
#: so many sources show how a file is written
_LOOKED_AT = 20
#: A source in braces stays on one line up to here.
_WIDTH = 110


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How the sources of a file are written."""

    #: blanks before the dash, and from the dash to the first key
    indent: int = _STEP
    step: int = _STEP
    in_braces: bool = False
    #: whether a blank line stands between sources
    spaced: bool = False
    quote: str = "'"
    end: str = "\n"

    def lines(self, item: Item) -> Iterator[str]:
        """Yield the lines of a source, with their line ends."""
        dash = f"{' ' * self.indent}-{' ' * (self.step - 1)}"
        if isinstance(item, str):
            yield f"{dash}{as_node(item, quote=self.quote)}{self.end}"
            return
        flow = dash + as_node(item, quote=self.quote)
        if self.in_braces and len(flow) <= _WIDTH:
            yield flow + self.end
            return
        for number, (name, value) in enumerate(item.items()):
            lead = dash if number == 0 else " " * (self.indent + self.step)
            yield f"{lead}{pair(name, value, self.quote)}{self.end}"


def pair(name: str, value: Value, quote: str, *, within: bool = False) -> str:
    """Return a key with its value, on one line."""
    return f"{as_value(name)}: {as_node(value, within=within, quote=quote)}"


def habits_of(text: str, items: Sequence | None) -> Habits:
    """Return how the last sources of a text are written."""
    found = items.items[-_LOOKED_AT:] if items is not None else ()
    mappings = [item for item in found if isinstance(item, Mapping) and item.pairs]
    in_lines = [item for item in mappings if not is_flow(text, item)]
    dashes = [_dash(item) for item in (*in_lines[-1:], *found[-1:])]
    column = next((column for _, column in filter(None, dashes)), _STEP)
    deep = in_lines[-1].pairs[0][0].place.column - column if in_lines else 0
    lines = items.place.document.lines if items is not None else ()
    blank = sum(has_blank_above(lines, item.place.line) for item in found[1:])
    quotes = [scalar.style for item in found for scalar in scalars(item)]
    return Habits(
        indent=column,
        step=max(deep, _STEP),
        in_braces=bool(mappings) and mappings[-1] not in in_lines,
        spaced=blank * 2 > len(found[1:]),
        quote='"' if quotes.count('"') > quotes.count("'") else "'",
        end=line_end_of(text),
    )


def _dash(item: Node) -> tuple[int, int] | None:
    """Return the line and the column of the dash of an item; None where none stands before it."""
    place = item.place
    for number in range(place.line, -1, -1):
        line = place.document.lines[number]
        before = line[: place.column] if number == place.line else line
        if found := _DASH.match(before):
            return number, found.end() - 1
        if before.strip() and not before.lstrip().startswith("#"):
            return None
    return None


def with_items(text: str, key: Scalar | None, items: Node | None, new: Collection[Item]) -> str:
    """Return a text with sources added behind its last.

    ``key`` and ``items`` are those of ``sources:``, None where the text has none.
    """
    if isinstance(items, Sequence) and items.items and is_flow(text, items):
        return _within_brackets(text, items, new)
    before, after = parted(text)
    habits = habits_of(text, items if isinstance(items, Sequence) else None)
    if key is None or items is None:
        before = before if before.strip() else HEADER.replace("\n", habits.end)
    elif not isinstance(items, Sequence) or not items.items:
        before = without(before, items)
    lead = "" if not before or before.endswith(("\n", "\r")) else habits.end
    head = f"sources:{habits.end}" if key is None else ""
    added: list[str] = []
    for item in new:
        if habits.spaced and (added or not ends_blank(before + lead)):
            added.append(habits.end)
        added += habits.lines(item)
    return f"{before}{lead}{head}{''.join(added)}{after}"


def _within_brackets(text: str, items: Sequence, new: Collection[Item]) -> str:
    habits = habits_of(text, items)
    at = end_of(text, items.items[-1])
    added = "".join(f", {as_node(item, within=True, quote=habits.quote)}" for item in new)
    return text[:at] + added + text[at:]


def around(text: str, items: Sequence, number: int) -> tuple[str, str]:
    """Return what stands before and behind one of the sources: nothing of that is its own."""
    item = items.items[number]
    if is_flow(text, items):
        return text[: start_of(text, item)], text[end_of(text, item) :]
    line, _ = _dash(item) or (item.place.line, 0)
    return text[: Document.offset_of(text, line, 0)], text[line_end(text, end_of(text, item)) :]


def without_item(text: str, items: Sequence, number: int) -> str:
    """Return a text without one of its sources; comments above it stay."""
    if is_flow(text, items):
        nodes = items.items
        return _cut(text, lambda at: (start_of(text, nodes[at]), end_of(text, nodes[at])), number, len(nodes))
    return "".join(around(text, items, number))


def _cut(text: str, span: Callable[[int], tuple[int, int]], number: int, count: int) -> str:
    """Return a text without one of ``count`` parts that commas stand between; ``span``: where each stands."""
    start, end = span(number)
    if number + 1 < count:
        return text[:start] + text[span(number + 1)[0] :]
    return text[: span(number - 1)[1] if number else start] + text[end:]


def with_keys(text: str, item: Scalar, keys: Named[str, Value], habits: Habits, *, within: bool) -> str:
    """Return a text in which an address alone has become a source with keys."""
    start, end = start_of(text, item), end_of(text, item)
    if within or habits.in_braces:
        return text[:start] + as_node(keys, within=within, quote=habits.quote) + text[end:]
    first, *more = (pair(name, value, habits.quote) for name, value in keys.items())
    behind = line_end(text, end)
    blanks = " " * item.place.column
    lines = "".join(f"{blanks}{line}{habits.end}" for line in more)
    lead = "" if not lines or text[:behind].endswith(("\n", "\r")) else habits.end
    return f"{text[:start]}{first}{text[end:behind]}{lead}{lines}{text[behind:]}"


def with_pair(text: str, item: Mapping, name: str, value: Value, habits: Habits) -> str:
    """Return a text in which a source has a value for a key, in the place of a former one."""
    within = is_flow(text, item)
    key, former = item.key(name), item.get(name)
    if key is not None and former is not None and (isinstance(former, Scalar) or is_flow(text, former)):
        start, end = start_of(text, former), end_of(text, former)
        if isinstance(former, Scalar) and former.style in ("|", ">"):
            end = line_end(text, end - 1) if end > start else end
            return text[:start] + as_node(value, quote=habits.quote) + habits.end + text[end:]
        lead = " " if text[start - 1 : start] == ":" else ""
        return text[:start] + lead + as_node(value, within=within, quote=habits.quote) + text[end:]
    if key is not None and former is not None:
        start = start_of(text, key)
        return text[:start] + pair(name, value, habits.quote) + text[end_of(text, former) :]
    last = item.pairs[-1]
    behind = max(end_of(text, last[0]), end_of(text, last[1]))
    if within:
        return f"{text[:behind]}, {pair(name, value, habits.quote, within=True)}{text[behind:]}"
    at = line_end(text, behind)
    lead = "" if text[:at].endswith(("\n", "\r")) else habits.end
    blanks = " " * item.pairs[0][0].place.column
    return f"{text[:at]}{lead}{blanks}{pair(name, value, habits.quote)}{habits.end}{text[at:]}"


def with_renamed(text: str, item: Mapping, former: str, name: str) -> str:
    """Return a text in which a key of a source has another name, its value as it was."""
    key = item.key(former)
    assert key is not None
    return text[: start_of(text, key)] + as_value(name) + text[end_of(text, key) :]


def without_pair(text: str, item: Mapping, name: str) -> str:
    """Return a text in which a source has no such key; comments on lines of their own stay."""
    number = next(at for at, (key, _) in enumerate(item.pairs) if key.text == name)
    spans = [(start_of(text, key), max(end_of(text, key), end_of(text, value))) for key, value in item.pairs]
    if is_flow(text, item):
        return _cut(text, spans.__getitem__, number, len(spans))
    start, end = spans[number]
    behind = line_end(text, end)
    if number:
        return text[: line_start(text, start)] + text[behind:]
    # the first key stands behind the dash, and the next one takes its place
    following = spans[1][0] if len(spans) > 1 else behind
    if line_start(text, following) == behind:
        return text[:start] + text[following:]
    return text[:start].rstrip(" ") + text[end:]
