"""Read JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1); wrong types are read as nothing.

Damage is repaired as far as its meaning is clear: what is wrapped around the object, commas too many, an end
that is missing.
"""

import html
import json
import re
from typing import Any

from bot.model import Entry, Feed
from bot.parse import clean
from bot.parse.raw import RawItem, entry, first_link, newest_end

#: What servers put before JSON: a guard against scripts, a callback's name, remarks, a chunk's length.
_BEFORE = re.compile(
    r"(?:\)\]\}',?|[\w.$]{1,60}\s*\(|//[^\n]{0,500}\n|/\*[^*]{0,500}\*/|[0-9a-fA-F]{1,8}\r?\n|[\s\ufeff]+){0,9}+(?=\{)"
)
#: A string, which stays as it is, or a comma before a bracket, which goes.
_STRING_OR_COMMA = re.compile(r"\"(?:[^\"\\]++|\\(?:.|\Z))*+(?:\"|\Z)|,(?=\s*[}\]])", re.DOTALL)
_ITEMS = re.compile(r"\"items\"\s*:\s*\[")
_BETWEEN = re.compile(r"[\s,]*")
#: Control characters are allowed in strings, where careless publishers put them, and figures stay as written:
#: they are ids, which no reading as a number may change, and Python refuses to read endless ones.
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)


def written(text: str) -> str | None:
    """Return the JSON that an answer consists of, from its first bracket on, or None."""
    found = _BEFORE.match(text)
    return None if found is None else text[found.end() :]


def parse(text: str, url: str) -> Feed:
    """Read a JSON Feed, from its first bracket on; ``Feed.fault`` says what was wrong with it."""
    fault = None
    try:
        feed = _decoded(text)
    except (ValueError, RecursionError) as error:
        feed = _beginning(text)
        if not feed.get("items"):
            why = "nested too deep" if isinstance(error, RecursionError) else str(error)[:200]
            return Feed(fault=f"not a feed: JSON that does not parse ({why})")
        fault = f"cut off: the feed ends in the middle; {len(feed['items'])} entries could be read"
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return Feed(fault="not a feed: JSON without a list of items")
    if "version" not in feed and "title" not in feed and not any(_is_item(item) for item in feed["items"]):
        return Feed(fault="not a feed: JSON that is no JSON Feed")
    language = _string(feed, "language")
    shared = _authors(feed)
    items = newest_end(
        [item for item in feed["items"] if isinstance(item, dict)],
        lambda item: _entry(item, url, language, shared),
    )
    return Feed(
        title=clean.title(_string(feed, "title")),
        link=first_link([_string(feed, "home_page_url")], url),
        entries=tuple(_entry(item, url, language, shared) for item in items),
        language=clean.language(language),
        fault=fault,
    )


def _decoded(text: str) -> Any:
    try:
        return _DECODER.raw_decode(text)[0]
    except ValueError:
        return _DECODER.raw_decode(_STRING_OR_COMMA.sub(_without_comma, text))[0]


def _without_comma(found: re.Match[str]) -> str:
    return "" if found[0] == "," else found[0]


def _beginning(text: str) -> dict[str, Any]:
    """Return the feed of a text that breaks off, or breaks, in the middle: its whole items."""
    found = _ITEMS.search(text)
    if found is None:
        return {}
    items: list[Any] = []
    place = found.end()
    try:
        feed = _DECODER.raw_decode(text[: found.start()].rstrip().rstrip(",") + "}")[0]
        while True:
            start = _BETWEEN.match(text, place)
            item, place = _DECODER.raw_decode(text, start.end() if start else place)
            items.append(item)
    except (ValueError, RecursionError):
        pass
    return {**feed, "items": items} if items and isinstance(feed, dict) else {}


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and any(
        name in item for name in ("content_html", "content_text", "date_published", "external_url")
    )


def _entry(item: dict[str, Any], url: str, language: str, shared: list[str]) -> Entry:
    text, markup = _string(item, "content_text"), _string(item, "content_html")
    raw = RawItem(
        id=_string(item, "id"),
        links=[link for link in (_string(item, "url"), _string(item, "external_url")) if link],
        base=url,
        title=_string(item, "title"),
        published=[_string(item, "date_published")],
        updated=[_string(item, "date_modified")],
        authors=_authors(item) or shared,
        summary=_string(item, "summary"),
        content=markup or html.escape(text, quote=False),
        language=_string(item, "language") or language,
    )
    if not raw.links and raw.id.lower().startswith(("http://", "https://")):
        raw.links = [raw.id]
    return entry(raw)


def _string(values: dict[str, Any], name: str) -> str:
    """Return a text field; numbers, as which ids are often written, are text already."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _authors(values: dict[str, Any]) -> list[str]:
    """Return the authors of 1.1 (``authors``) or 1.0 (``author``)."""
    listed = values.get("authors")
    people = listed if isinstance(listed, list) else []
    people = [*people, values.get("author")]
    return [name for person in people if isinstance(person, dict) and (name := _string(person, "name"))]
