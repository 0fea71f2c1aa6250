"""``watchlists.yaml``: what to look for, in the watch language, whose rules the match room brings.

YAML eats some of that language: ``{CSpO}`` is a mapping to it, ``#`` a comment, ``*x`` an alias. What
can be taken back is taken back here, and the rest is told in words.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from pydantic import Field, model_validator

from bot.config.faults import Place, Report
from bot.config.fields import Flag, Strict, Words, wrong_together
from bot.config.settings import Validators
from bot.config.validate import head, validate
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence, scalars
from bot.errors import QueryError
from bot.model import Watch

_LISTS = ("any", "all", "not")
#: Stands in for the rest of a watch while one item is judged by itself.
_COMPANION = "newsbot"
_QUOTES = "put quotes around the whole item"
#: Keys that the design knows and this version does not.
_LATER = "long_forms rivals context languages sources tags tiers deliver_contradicted only"
_WATCH_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class WatchModel(Strict):
    """One watch."""

    later: ClassVar[frozenset[str]] = frozenset(_LATER.split())

    name: Words | None = Field(default=None, description="What the watch is called; its key, when left out.")
    description: str = Field(default="", description="A line for those who read the digest.")
    enabled: Flag = Field(default=True, description="Whether it is looked for.")
    any: tuple[str, ...] = Field(
        default=(), description="At least one of these must be found.", examples=[["CSpO"]]
    )
    all: tuple[str, ...] = Field(default=(), description="And each of these.")
    not_: tuple[str, ...] = Field(default=(), alias="not", description="And none of these.")
    query: Words | None = Field(default=None, description="Or the whole query in one expression.")

    @model_validator(mode="after")
    def _one_way(self) -> "WatchModel":
        lists = self.any or self.all or self.not_
        if self.query is not None and lists:
            raise wrong_together(
                "'query' stands beside any, all or not",
                key="query",
                hint="write it all in the query, or all in the lists",
            )
        if self.query is None and not (self.any or self.all):
            raise wrong_together("the watch has nothing to look for", hint="such as any: [CSpO]")
        return self


def build_watch(key: Scalar, node: Node, *, validators: Validators, report: Report) -> Watch | None:
    """Return a watch with its lists composed into one query, or None after its faults were reported."""
    if isinstance(node, Mapping):
        before = report.count
        node = _taken_back(node, report)
        if report.count > before:
            # without the items at fault the watch may be empty: that follows from them
            report.told.add(key.place)
    model = validate(WatchModel, node, report, name=key)
    if not isinstance(node, Mapping):
        return None
    # the terms are judged even where a key is at fault, so that all is told at once
    query = _query(key, node, validators, report)
    if model is None or query is None:
        return None
    return Watch(
        key=key.text,
        query=query,
        name=model.name or key.text,
        description=model.description,
        enabled=model.enabled,
    )


def key_is_valid(key: Scalar, what: str, report: Report) -> bool:
    """Tell whether a key keeps to letters, digits, - and _; report it when it does not."""
    if _WATCH_KEY.fullmatch(key.text):
        return True
    meant = re.sub(r"[^A-Za-z0-9_-]+", "-", key.text).strip("-")[:64]
    report.fault(
        key.place,
        f"the key of a {what} is 1 to 64 letters, digits, - and _",
        hint=f"did you mean '{meant}'?" if meant else "",
    )
    return False


def _taken_back(node: Mapping, report: Report) -> Mapping:
    """Return a watch with what YAML took for mappings read as text again."""
    pairs: list[tuple[Scalar, Node]] = []
    for key, value in node.pairs:
        if key.text in _LISTS and isinstance(value, Sequence):
            items = tuple(item for item in (_item(item, report) for item in value.items) if item is not None)
            pairs.append((key, Sequence(place=value.place, items=items)))
        elif key.text in (*_LISTS, "query") and isinstance(value, Scalar) and value.is_null:
            if re.search(r":\s+#\S", key.place.rest):
                report.fault(
                    value.place if value.place.text.strip() else key.place,
                    f"'{key.text}' is empty",
                    hint="'#' begins a comment and hides the rest of the line: put quotes around the value",
                )
        elif key.text == "query" and isinstance(value, Mapping):
            if (exact := _exact(value)) is not None:
                pairs.append((key, exact))
            else:
                report.fault(head(value), "'query' must be text", hint=_QUOTES)
                report.told.add(key.place)
        else:
            pairs.append((key, value))
    return Mapping(place=node.place, pairs=tuple(pairs))


def _item(item: Node, report: Report) -> Scalar | None:
    """Return an item of a list as text, or None after it was reported."""
    if isinstance(item, Scalar):
        if item.is_null or not item.text.strip():
            _report_empty(item, report)
            return None
        return item
    if isinstance(item, Mapping):
        if (exact := _exact(item)) is not None:
            return exact
        if item.place.character == "?":
            start = item.place.document.at(item.place.line, item.place.column)
            report.fault(start, "'?' begins a key here", hint=_QUOTES)
        else:
            report.fault(head(item), "a colon and a blank make this a key with a value", hint=_QUOTES)
        return None
    report.fault(head(item), "a list stands inside the list", hint=f"each item is one expression: {_QUOTES}")
    return None


def _report_empty(item: Scalar, report: Report) -> None:
    rest = item.place.text[max(0, item.place.column - 1) :]
    if re.match(r"\s*#|.?\s+#", rest):
        hint = "'#' begins a comment and ate the item: put quotes around it"
    elif "&" in rest:
        hint = f"'&' begins an anchor in YAML: {_QUOTES}"
    else:
        hint = "remove it, or write what to look for"
    report.fault(item.place, "an item is empty", hint=hint)


def _exact(node: Mapping) -> Scalar | None:
    """Return ``{CSpO}`` as the text it was meant to be, or None for another mapping."""
    place = node.place
    if place.character != "{" or not node.pairs or place.line != place.end_line:
        return None
    if not all(isinstance(value, Scalar) and value.is_null for _, value in node.pairs):
        return None
    text = place.text[place.column : place.end_column]
    return Scalar(place=place, text=text) if ":" not in text else None


def _query(key: Scalar, node: Mapping, validators: Validators, report: Report) -> str | None:
    """Return the one query of a watch; None when there is none or it is faulty, after reporting it."""
    written = node.get("query")
    if isinstance(written, Scalar):
        text = written.text.strip()
        return text if text and _judged(written, text, partial(validators.query, text), report) else None
    lists = {name: _texts(node.get(name)) for name in _LISTS}
    if not (lists["any"] or lists["all"]):
        return None
    try:
        query = validators.compose(
            any=_plain(lists["any"]), all=_plain(lists["all"]), none=_plain(lists["not"])
        )
        validators.query(query)
    except QueryError as error:
        if not _items_at_fault(lists, validators, report):
            report.fault(key.place, error.message, hint=error.hint)
        return None
    return query


def _texts(node: Node | None) -> list[Scalar]:
    return list(scalars(node)) if isinstance(node, Sequence) else []


def _plain(items: list[Scalar]) -> list[str]:
    return [item.text.strip() for item in items]


def _items_at_fault(lists: dict[str, list[Scalar]], validators: Validators, report: Report) -> bool:
    """Judge each item by itself and tell whether one was at fault."""
    found = False
    for name, items in lists.items():
        for item in items:
            text = item.text.strip()
            terms = {"any": [_COMPANION], "all": [], "none": []} | {"none" if name == "not" else name: [text]}
            found |= not _judged(item, text, partial(validators.compose, **terms), report)
    return found


def _judged(scalar: Scalar, text: str, rule: Callable[[], object], report: Report) -> bool:
    """Apply a rule to a text and point at the character it stumbles over."""
    try:
        rule()
    except QueryError as error:
        start = max(0, error.query.find(text))
        within = max(0, min(error.position - start, len(text)))
        place = inside(scalar, scalar.text.find(text) + within, error.width)
        report.fault(place, error.message, hint=error.hint)
        return False
    return True


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
