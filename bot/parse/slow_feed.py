"""Read with feedparser what the strict reader cannot: formats of old and damage beyond ``tidy``.

Costs 10 to 40 times the fast reader's time, so it is the last resort. Gets text that is already decoded,
without a document type, as a stream: given a string, feedparser would open addresses and files.
"""

import io
import re
from calendar import timegm
from datetime import timedelta
from typing import Any

import feedparser

from bot.model import Feed
from bot.parse import clean
from bot.parse.raw import MAX_ENTRIES, RawItem, entry, first_link

#: Damage made to cost time (a million nested tags) takes feedparser a minute in 5 MiB.
_MAX_CHARS = 400_000
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]{1,4000}))")
_ITEM = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)


def parse(text: str, url: str) -> Feed | None:
    """Read a feed of any shape; None where feedparser sees no feed in it either."""
    parsed: Any = feedparser.parse(
        io.BytesIO(_REFERENCE.sub(_possible, _cut(text)).encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.entries and not parsed.get("version"):
        return None
    feed = parsed.feed
    language = feed.get("language")
    return Feed(
        title=clean.title(feed.get("title") or ""),
        link=first_link([feed.get("link") or ""], url),
        entries=tuple(entry(_item(found, url, language)) for found in parsed.entries[:MAX_ENTRIES]),
        language=clean.language(language),
        ttl=_ttl(feed.get("ttl")),
    )


def _possible(reference: re.Match[str]) -> str:
    """Keep a character reference that names a character; feedparser raises on others (defence P4)."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def _cut(text: str) -> str:
    """Cut the text after its 2,000th item (each costs 0.2 ms, measured) or its first 400,000 characters."""
    text = text[:_MAX_CHARS]
    for number, found in enumerate(_ITEM.finditer(text), start=1):
        if number > MAX_ENTRIES:
            return text[: found.start()]
    return text


def _item(found: Any, url: str, language: str | None) -> RawItem:
    content = found.get("content") or []
    return RawItem(
        id=found.get("id") or "",
        links=[link for link in (found.get("link"),) if link],
        base=(found.get("title_detail") or {}).get("base") or url,
        title=found.get("title") or "",
        published=_dates(found, "published"),
        updated=_dates(found, "updated"),
        authors=[person.get("name") or "" for person in found.get("authors") or [] if person],
        summary=found.get("summary") or "",
        content=(content[0].get("value") or "") if content else "",
        language=(found.get("title_detail") or {}).get("language") or language,
        outlet=(found.get("source") or {}).get("title") or "",
    )


def _dates(found: Any, name: str) -> list[str]:
    # feedparser answers for "updated" with "published" where only that is given, and warns of it
    if name not in found.keys():  # noqa: SIM118
        return []
    parsed = found.get(f"{name}_parsed")
    return [found[name] or "", *([str(timegm(parsed))] if parsed else [])]


def _ttl(minutes: Any) -> timedelta | None:
    text = str(minutes or "")
    return (
        timedelta(minutes=int(text))
        if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text)
        else None
    )
