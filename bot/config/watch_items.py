"""The lists of a watch as they were meant: what YAML took for something else is read as text again.

YAML eats some of the watch language: ``{CSpO}`` is a mapping to it, ``#`` a comment, ``*x`` an alias.
What can be taken back is taken back here, and the rest is told in words.
"""

import re

from bot.config.faults import Report
from bot.config.validate import head
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence

#: lists that are written into one query
QUERY_LISTS = ("any", "all", "not")
#: lists that say what an acronym means
GUARD_LISTS = ("long_forms", "rivals", "context")
_LISTS = QUERY_LISTS + GUARD_LISTS
_QUOTES = "put quotes around the whole item"


def taken_back(node: Mapping, report: Report) -> Mapping:
    """Return a watch with its lists as they were meant, after telling what cannot be known."""
    pairs: list[tuple[Scalar, Node]] = []
    for key, value in node.pairs:
        if key.text in _LISTS and isinstance(value, Sequence):
            items = tuple(item for item in (_item(item, report) for item in value.items) if item is not None)
            pairs.append((key, Sequence(place=value.place, items=items)))
        elif key.text == "languages" and isinstance(value, Sequence):
            pairs.append((key, _without_empty(value, report)))
        elif key.text in (*_LISTS, "query") and isinstance(value, Scalar) and value.is_null:
            _report_hidden(key, value, report)
        elif key.text == "query" and isinstance(value, Mapping):
            if (exact := _exact(value)) is not None:
                pairs.append((key, exact))
            else:
                report.fault(head(value), "'query' must be text", hint=_QUOTES)
                report.told.add(key.place)
        elif key.text == "sources" and (scope := _scope(key, value, report)) is not None:
            pairs.append((key, scope))
        elif key.text != "sources":
            pairs.append((key, value))
    return Mapping(place=node.place, pairs=tuple(pairs))


def _scope(key: Scalar, value: Node, report: Report) -> Node | None:
    """Return the sources of a watch as a mapping; a list alone names them."""
    if isinstance(value, Sequence):
        only = Scalar(place=key.place, text="only")
        return Mapping(place=value.place, pairs=((only, _without_empty(value, report)),))
    if isinstance(value, Mapping):
        pairs = (
            (name, _without_empty(inner, report) if isinstance(inner, Sequence) else inner)
            for name, inner in value.pairs
        )
        return Mapping(place=value.place, pairs=tuple(pairs))
    if isinstance(value, Scalar) and not value.is_null:
        text = value.text.strip()
        hint = f"write a list: [{text}]" if text not in ("all", "") else "leave it out to mean every source"
        report.fault(value.place, "'sources' must be a list of keys, or {tags: […], tiers: […]}", hint=hint)
        return None
    return value


def _without_empty(items: Sequence, report: Report) -> Sequence:
    """Return a list without the items that nothing was written for, after reporting them."""
    empty = [item for item in items.items if isinstance(item, Scalar) and item.is_null]
    for item in empty:
        _report_empty(item, report)
    return Sequence(place=items.place, items=tuple(item for item in items.items if item not in empty))


def _report_hidden(key: Scalar, value: Scalar, report: Report) -> None:
    """Report a key whose value a comment ate; a key without one is as good as absent."""
    if re.search(r":\s+#\S", key.place.rest):
        report.fault(
            value.place if value.place.text.strip() else key.place,
            f"'{key.text}' is empty",
            hint="'#' begins a comment and hides the rest of the line: put quotes around the value",
        )


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
        hint = "remove it, or write what it is to be"
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
