"""Read what a page says of itself in JSON-LD: graphs, lists, several blocks, broken JSON.

Used by ``metadata``. Bounded in size and number of nodes; what cannot be read is left out, never raised.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

Node = dict[str, Any]

_MAX_CHARS = 1_000_000
_MAX_NODES = 2_000
_WRAPPERS = re.compile(
    r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/)|(?:-->|//\]\]>|\]\]>|;)\s*$", re.DOTALL
)
_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")
_ARTICLE = ("article", "posting", "report", "newsstory", "pressrelease")
#: Below an article stand other articles (related, part of a series): these are not walked into.
_BESIDE = frozenset(
    {"comment", "citation", "hasPart", "mentions", "isBasedOn", "review", "relatedLink", "about"}
)


def nodes(root: HtmlElement) -> list[Node]:
    """Return all typed nodes of a page's JSON-LD, in document order, references resolved one step deep."""
    found: list[Node] = []
    budget = _MAX_CHARS
    for script in root.iter("script"):
        if "ld+json" not in script.get("type", "").lower():
            continue
        text = script.text or ""
        budget -= len(text)
        if budget < 0:
            break
        for value in _values(text):
            found += _walk(value, _MAX_NODES - len(found))
    named = {node["@id"]: node for node in found if isinstance(node.get("@id"), str) and len(node) > 2}
    return [_resolved(node, named) for node in found]


def drop(root: HtmlElement) -> None:
    """Take all JSON-LD out of a page, where nothing that it says is to be believed."""
    for script in list(root.iter("script")):
        if "ld+json" in script.get("type", "").lower():
            script.drop_tree()


def _values(text: str) -> Iterator[Any]:
    """Yield what a block holds: one value, or several one after the other."""
    text = _WRAPPERS.sub("", _WRAPPERS.sub("", text)).strip()
    decoder = json.JSONDecoder(strict=False)
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        values = []
        place = 0
        try:
            while place < len(attempt):
                value, place = decoder.raw_decode(attempt, place)
                values.append(value)
                while place < len(attempt) and attempt[place] in " \t\r\n;,":
                    place += 1
        except (ValueError, RecursionError):
            if not values:
                continue
        yield from values
        return


def _walk(value: Any, limit: int) -> list[Node]:
    found: list[Node] = []
    stack = [value]
    steps = 0
    while stack and len(found) < limit and steps < 10 * _MAX_NODES:
        steps += 1
        here = stack.pop()
        if isinstance(here, list):
            stack.extend(reversed(here))
        elif isinstance(here, dict):
            if "@type" in here:
                found.append(here)
            stack.extend(
                inner
                for key, inner in reversed(here.items())
                if isinstance(inner, dict | list) and key not in _BESIDE
            )
    return found


def _resolved(node: Node, named: dict[str, Node]) -> Node:
    return {key: _reference(value, named) for key, value in node.items()}


def _reference(value: Any, named: dict[str, Node]) -> Any:
    if isinstance(value, list):
        return [_reference(inner, named) if isinstance(inner, dict) else inner for inner in value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) <= 2:
        return named.get(value["@id"], value)
    return value


def kinds(node: Node) -> tuple[str, ...]:
    """Return the types of a node, in lower case, without their vocabulary."""
    given = node.get("@type")
    names = given if isinstance(given, list) else [given]
    return tuple(str(name).rpartition("/")[2].lower() for name in names if isinstance(name, str))


def articles(found: list[Node]) -> list[Node]:
    """Return the nodes that are articles; without any, pages and videos with a headline or a date."""
    chosen = [node for node in found if any(kind.endswith(_ARTICLE) for kind in kinds(node))]
    return chosen or [
        node
        for node in found
        if any(kind.endswith(("page", "videoobject", "creativework")) for kind in kinds(node))
        and ("headline" in node or "datePublished" in node)
    ]


def text(node: Node, key: str) -> str:
    """Return a field as text: the string itself, the first of a list, or the name of a node."""
    value = node.get(key)
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return value.strip() if isinstance(value, str) else ""


def names(node: Node, key: str) -> list[str]:
    """Return the names that a field holds: strings and named nodes, one or many."""
    value = node.get(key)
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") if isinstance(item, dict) else item
        for one in name if isinstance(name, list) else [name]:
            found += [one.strip()] if isinstance(one, str) and one.strip() else []
    return found
