"""What the elements of a feed are called, and what they say, in every dialect of RSS and Atom.

Part of the strict reader: ``fast_feed`` walks the tree, here stands what each field is read from, best first.
"""

import base64
import html
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeAlias

from lxml import etree

from bot.parse import clean

#: The children of an item or channel by their short names.
Fields: TypeAlias = "dict[str, list[etree._Element]]"  # noqa: SLF001 - lxml has no public name for it

#: Our short names for the namespaces whose elements we read; elements of others say nothing here, so that
#: a ``media:title`` is no title. Lower case, for publishers vary it.
_PREFIXES = {
    "": "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/net/rss1.1#": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss091": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "",
    "http://www.w3.org/2005/atom": "atom:",
    "http://purl.org/atom/ns#": "atom:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/elements/1.0/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
}

IDS = ("guid", "atom:id", "id", "dc:identifier")
PUBLISHED = (
    *("pubdate", "atom:published", "published", "atom:issued", "issued", "dc:date", "dcterms:issued"),
    *("dcterms:created", "atom:created", "created", "dcterms:date"),
)
UPDATED = ("atom:updated", "updated", "atom:modified", "modified", "dcterms:modified", "lastbuilddate")
_TITLES = ("title", "atom:title", "dc:title", "media:title")
_SUMMARIES = (
    *("description", "atom:summary", "summary", "dc:description", "itunes:summary", "media:description"),
    "abstract",
)
_CONTENTS = ("content:encoded", "atom:content", "content", "encoded", "xhtml:body", "xhtml:div", "fulltext")
#: Atom content that nobody reads.
_NO_TEXT = ("image/", "audio/", "video/")
_UPDATE_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}


def short_name(tag: object) -> str:
    """Return our name of a tag: ``item``, ``atom:link``, ``dc:creator``; "" where it says nothing here."""
    if not isinstance(tag, str):
        return ""
    namespace, brace, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    namespace = namespace.strip().lower() if brace else ""
    prefix = _PREFIXES.get(namespace)
    if prefix is None and "/rss" in namespace and "module" not in namespace:
        # RSS under an address of its author's fancy.
        prefix = ""
    elif prefix is None and namespace.endswith("/atom"):
        prefix = "atom:"
    return "" if prefix is None else prefix + local.lower()


def text_of(fields: Fields, *names: str) -> str:
    """Return the first text that stands under one of the names, or ""."""
    for name in names:
        for element in fields.get(name, ()):
            value = _value(element)
            if value:
                return value
    return ""


def texts_of(fields: Fields, names: tuple[str, ...]) -> list[str]:
    """Return all texts that stand under the names, in their order."""
    return [value for name in names if name in fields for e in fields[name] if (value := _value(e))]


def is_http(text: str) -> bool:
    """Tell whether a text begins like an http(s) address."""
    return text[:8].lower().startswith(("http://", "https://"))


def title(fields: Fields) -> str:
    """Return the title as written; a picture's or film's only where there is no other."""
    for name in _TITLES:
        for element in fields.get(name, ()):
            text = _body(element, 4 * clean.MAX_TITLE)
            if text and not text.isspace():
                return text
    return ""


def summary(fields: Fields) -> str:
    """Return the short text as HTML, or ""."""
    for name in _SUMMARIES:
        if name in fields and (text := _body(fields[name][0], clean.MAX_SUMMARY)):
            return text
    return ""


def content(fields: Fields) -> str:
    """Return the whole text as HTML, or ""."""
    for name in _CONTENTS:
        for element in fields.get(name, ()):
            if (element.get("type") or "").startswith(_NO_TEXT):
                continue
            if text := _body(element, clean.MAX_TEXT):
                return text
    return ""


def links(fields: Fields, guids: "Iterable[etree._Element]") -> list[str]:
    """Return the addresses an item or channel gives for itself, best first.

    RSS ``link``, then Atom's alternates, pages before other formats, then RSS guids that are permanent links.
    """
    written: list[str] = []
    pages: list[str] = []
    others: list[str] = []
    for name in ("link", "atom:link"):
        for element in fields.get(name, ()):
            href = element.get("href")
            if not href:
                written.append(_value(element))
                continue
            relation = (element.get("rel") or "alternate").strip().lower().rpartition("/")[2]
            if relation == "alternate":
                (pages if "html" in (element.get("type") or "html").lower() else others).append(href)
    permanent = [_value(guid) for guid in guids if _is_permanent(guid)]
    return [*filter(None, written), *pages, *others, *filter(is_http, permanent)]


def authors(fields: Fields, fields_of: "Callable[[etree._Element], Fields]") -> list[str]:
    """Return the names as written; ``fields_of`` looks into an Atom author."""
    names: list[str] = []
    for name in ("author", "atom:author"):
        for element in fields.get(name, ()):
            if len(element):
                inner = fields_of(element)
                names.append(text_of(inner, "atom:name", "name") or text_of(inner, "atom:email", "email"))
            else:
                names.append(element.text or "")
    names += [_value(element) for element in fields.get("dc:creator", ())]
    return names or [_value(element) for element in fields.get("itunes:author", ())]


def ttl(fields: Fields) -> timedelta | None:
    """Return how long the listing stays fresh: RSS ``ttl`` in minutes, or the syndication module's period."""
    minutes = _number(text_of(fields, "ttl"))
    if minutes:
        return timedelta(minutes=minutes)
    hours = _UPDATE_PERIODS.get(text_of(fields, "sy:updateperiod").lower())
    if hours is None:
        return None
    return timedelta(hours=hours) / (_number(text_of(fields, "sy:updatefrequency")) or 1)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _value(element: "etree._Element") -> str:
    text = "".join(map(str, element.itertext())) if len(element) else element.text
    return text.strip() if text else ""


def _body(element: "etree._Element", limit: int) -> str:
    """Return an element's text: HTML as written, or the plain text of the tree it holds, escaped as HTML."""
    if len(element):
        return html.escape(clean.tree_text(element, limit), quote=False)
    text = element.text or ""
    if text and (element.get("mode") == "base64" or element.get("type") == "application/octet-stream"):
        return _from_base64(text)
    return text


def _from_base64(text: str) -> str:
    """Source: RFC 4287 section 4.1.3.3 and Atom 0.3, which allow it for any text."""
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except ValueError:
        return ""


def _is_permanent(guid: "etree._Element") -> bool:
    return (guid.get("isPermaLink") or guid.get("ispermalink") or "true").strip().lower() != "false"
