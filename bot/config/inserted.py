"""Where a new watch belongs in the text of ``watchlists.yaml``, and the lines that are put there.

The file's own habits are kept: its line ends, how deep it indents, blank lines between watches.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Named
from dataclasses import dataclass

from bot.config.faults import Report
from bot.config.layout import ends_blank, has_blank_above, is_flow, line_end_of, parted, without
from bot.config.written import as_key, as_value
from bot.config.yaml_nodes import Mapping, Scalar, Sequence

#: what a new file begins with
HEADER = """\
# yaml-language-server: $schema=./schema/watchlists.schema.json
#
# What to look for: one entry for each topic. After an edit, run:  newsbot check
"""
_STEP = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """The place for a new watch, and how the file is written."""

    #: the text up to the new lines, and from there on
    before: str
    after: str
    #: blanks before the new key, and those by which each level is deeper
    indent: int = _STEP
    step: int = _STEP
    #: blanks by which the items of a list are deeper than its key
    item_step: int = _STEP
    #: whether a blank line stands between watches
    spaced: bool = False
    #: ``watches:`` has to be written, too
    is_first: bool = False

    def text(self, key: str, entry: Named[str, str | list[str]]) -> str:
        """Return the whole text with the watch in it."""
        end = line_end_of(self.before + self.after)
        lead = "" if not self.before or self.before.endswith(("\n", "\r")) else end
        if self.spaced and not ends_blank(self.before):
            lead += end
        lines = ["watches:"] if self.is_first else []
        added = "".join(line + end for line in [*lines, *self._lines(key, entry)])
        return self.before + lead + added + self.after

    def _lines(self, key: str, entry: Named[str, str | list[str]]) -> Iterator[str]:
        blanks = " " * self.indent
        yield f"{blanks}{as_key(key)}:"
        blanks += " " * self.step
        for name, value in entry.items():
            if isinstance(value, str):
                yield f"{blanks}{name}: {as_value(value)}"
            else:
                yield f"{blanks}{name}:"
                yield from (f"{blanks}{' ' * self.item_step}- {as_value(item)}" for item in value)


def spot_in(text: str, root: Mapping | None, report: Report) -> Spot | None:
    """Return where a watch can be added to a text; None after it was reported why it cannot.

    ``root`` is what the text was read as; None for a text without any key.
    """
    before, after = parted(text)
    if root is None or not root.pairs:
        return Spot(before=before if before.strip() else HEADER, after=after, is_first=True)
    other = next((key for key, _ in root.pairs if key.text != "watches"), None)
    if other is not None:
        report.fault(other.place, f"unknown key '{other.text}'", hint="the file holds only 'watches:'")
        return None
    key, watches = root.pairs[0]
    if is_flow(text, root):
        _refuse_braces(key, report)
        return None
    if isinstance(watches, Scalar) and watches.is_null:
        return Spot(before=without(before, watches), after=after, indent=key.place.column + _STEP)
    if not isinstance(watches, Mapping):
        report.fault(key.place, "'watches' must be `key: value` lines, one for each watch")
        return None
    bare = before if watches.pairs else without(before, watches)
    if bare != before:
        return Spot(before=bare, after=after, indent=key.place.column + _STEP)
    if is_flow(text, watches):
        _refuse_braces(key, report)
        return None
    return Spot(
        before=before,
        after=after,
        indent=watches.pairs[0][0].place.column,
        step=next(_steps(watches), _STEP),
        item_step=next(_item_steps(watches), _STEP),
        spaced=_is_spaced(watches),
    )


def _refuse_braces(key: Scalar, report: Report) -> None:
    report.fault(
        key.place,
        "the watches stand in braces, where nothing can be added in place",
        hint="write each on lines of its own: `  cspo:`, and below it `    any: [CSpO]`",
    )


def _steps(watches: Mapping) -> Iterator[int]:
    """Yield by how much the lines under each watch are deeper than its key; the last watch first."""
    for key, value in reversed(watches.pairs):
        if isinstance(value, Mapping) and value.pairs and value.place.character != "{":
            first = value.pairs[0][0].place
            # what an alias stands for is elsewhere
            if first.line > key.place.line and first.column > key.place.column:
                yield first.column - key.place.column


def _item_steps(watches: Mapping) -> Iterator[int]:
    for _, watch in reversed(watches.pairs):
        for key, value in watch.pairs if isinstance(watch, Mapping) else ():
            if isinstance(value, Sequence) and value.place.character == "-":
                step = value.place.column - key.place.column
                if value.place.line > key.place.line and step >= 0:
                    yield step


def _is_spaced(watches: Mapping) -> bool:
    """Tell whether blank lines stand before watches; of a single watch, whether it takes several lines."""
    keys = [key.place for key, _ in watches.pairs]
    if len(keys) == 1:
        return watches.pairs[0][1].place.line > keys[0].line
    return any(has_blank_above(place.document.lines, place.line) for place in keys[1:])
