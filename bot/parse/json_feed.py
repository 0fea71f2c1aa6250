"""Read JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1); wrong types are read as nothing."""

import html
import json
from typing import Any

from bot.model import Entry, Feed
from bot.parse import clean
from bot.parse.raw import MAX_ENTRIES, RawItem, entry, first_link


def parse(text: str, url: str) -> Feed:
    """Read a JSON Feed; ``Feed.fault`` says what was wrong with it."""
    try:
        feed = json.loads(text.lstrip("\ufeff \t\r\n"))
    except (ValueError, RecursionError) as error:
        return Feed(fault=f"not a feed: JSON that does not parse ({str(error)[:200]})")
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return Feed(fault="not a feed: JSON without a list of items")
    if "version" not in feed and "title" not in feed and not any(_is_item(item) for item in feed["items"]):
        return Feed(fault="not a feed: JSON that is no JSON Feed")
    language = _string(feed, "language")
    items = [item for item in feed["items"] if isinstance(item, dict)][:MAX_ENTRIES]
    shared = _authors(feed)
    return Feed(
        title=clean.title(_string(feed, "title")),
        link=first_link([_string(feed, "home_page_url")], url),
        entries=tuple(_entry(item, url, language, shared) for item in items),
        language=clean.language(language),
    )


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
    """Return a text field; numbers, as which ids are often written, are read as text."""
    value = values.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _authors(values: dict[str, Any]) -> list[str]:
    """Return the authors of 1.1 (``authors``) or 1.0 (``author``)."""
    listed = values.get("authors")
    people = listed if isinstance(listed, list) else []
    people = [*people, values.get("author")]
    return [name for person in people if isinstance(person, dict) and (name := _string(person, "name"))]
