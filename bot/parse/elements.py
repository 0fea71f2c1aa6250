"""What the elements of a feed are called, and what they say, in every dialect of RSS and Atom.

Part of the strict reader: ``fast_feed`` walks the tree and sorts the children of an item by *role*; here
stands which elements play a role, best first, and how each role is read.
"""

import base64
import html
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeAlias

from lxml import etree

from bot.parse import clean

#: The children of an item or channel by the role they play, best first.
Roles: TypeAlias = "dict[str, list[etree._Element]]"  # noqa: SLF001 - lxml has no public name for it

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

#: What the prefixes that feeds use mean, whatever namespace is declared for them; "" is no prefix at all.
_BY_PREFIX = {
    **{name: f"{name}:" for name in ("atom", "dc", "dcterms", "content", "sy", "itunes", "media")},
    **dict.fromkeys(("", "rss", "rdf"), ""),
    **dict.fromkeys(("a", "a10", "atom10", "atom03"), "atom:"),
}
#: What plays a role: the short names of elements, best first.
_PLAYERS = {
    "title": ("title", "atom:title", "dc:title", "media:title"),
    "link": ("link", "atom:link"),
    "guid": ("guid",),
    "id": ("atom:id", "id", "dc:identifier"),
    "published": (
        *("pubdate", "atom:published", "published", "atom:issued", "issued", "dc:date", "dcterms:issued"),
        *("dcterms:created", "atom:created", "created", "dcterms:date"),
    ),
    "updated": ("atom:updated", "updated", "atom:modified", "modified", "dcterms:modified", "lastbuilddate"),
    "author": ("author", "atom:author", "dc:creator"),
    "podcaster": ("itunes:author",),
    "summary": (
        *("description", "atom:summary", "summary", "dc:description", "itunes:summary", "media:description"),
        "abstract",
    ),
    "content": (
        *("content:encoded", "atom:content", "content", "encoded", "xhtml:body", "xhtml:div", "fulltext"),
    ),
    "source": ("source", "atom:source", "bing:source", "dc:source"),
    "name": ("atom:name", "name"),
    "email": ("atom:email", "email"),
    "language": ("language", "dc:language"),
    "ttl": ("ttl",),
    "period": ("sy:updateperiod",),
    "frequency": ("sy:updatefrequency",),
    "channel": ("channel", "atom:channel"),
    "items": ("items",),
    "item": ("item", "entry", "atom:entry"),
}
#: For every short name its role, and how many are better.
_ROLES = {name: (role, rank) for role, names in _PLAYERS.items() for rank, name in enumerate(names)}
_NO_ROLE = ("", 0)
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
#: What nothing but a link can be, so that no other has to be looked for.
_ADDRESS = re.compile(r"https?://\w[\w.-]*\.\w+(?:[/?#:]|\Z)")
#: Atom content that nobody reads.
_NO_TEXT = ("image/", "audio/", "video/")
_UPDATE_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}


def role(element: "etree._Element") -> tuple[str, int]:
    """Return the role that an element's tag plays, and how many others are better; "" for none."""
    known = _ROLES.get(short_name(element))
    if known is None and element.prefix is None and isinstance(element.tag, str):
        # The whole feed stands in a namespace of something else, such as XHTML's.
        known = _ROLES.get(local_name(element))
    return known or _NO_ROLE


def local_name(element: "etree._Element") -> str:
    """Return an element's name without its namespace, in lower case."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def short_name(element: "etree._Element") -> str:
    """Return our name of an element: ``item``, ``atom:link``, ``dc:creator``; "" where it says nothing here.

    Of a namespace that nobody knows (misspelt, or of its author's fancy) the prefix says what was meant.
    """
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    namespace, brace, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    namespace = namespace.strip().lower() if brace else ""
    prefix = _PREFIXES.get(namespace)
    if prefix is None and "bing.com/" in namespace:
        # The outlet's name in news searches; the address is that of the search.
        prefix = "bing:"
    elif prefix is None:
        prefix = _BY_PREFIX.get((element.prefix or "").lower())
    return "" if prefix is None else prefix + local.lower()


def about(element: "etree._Element") -> str:
    """Return what RDF says an element is about, in whatever namespace, or ""."""
    known = element.get(_ABOUT)
    if known is not None:
        return known
    # Not items(): lxml looks each value up again, which is quadratic.
    name = next((name for name in element.keys() if str(name).endswith(("}about", "about"))), None)  # noqa: SIM118
    return (element.get(name) or "") if name is not None else ""


def text_of(roles: Roles, role: str) -> str:
    """Return the first text that plays the role, or ""."""
    for element in roles.get(role, ()):
        value = _value(element)
        if value:
            return value
    return ""


def texts_of(roles: Roles, role: str) -> list[str]:
    """Return all texts that play the role, best first."""
    return [value for element in roles.get(role, ()) if (value := _value(element))]


def is_http(text: str) -> bool:
    """Tell whether a text begins like an http(s) address."""
    return text[:8].lower().startswith(("http://", "https://"))


def title(roles: Roles) -> str:
    """Return the title as written; a picture's or film's only where there is no other."""
    for element in roles.get("title", ()):
        text = clean.tree_text(element, 4 * clean.MAX_TITLE) if len(element) else _body(element)
        if text and not text.isspace():
            return text
    return ""


def summary(roles: Roles) -> str:
    """Return the short text as HTML, or ""."""
    for element in roles.get("summary", ()):
        if text := _body(element):
            return text
    return ""


def content(roles: Roles) -> str:
    """Return the whole text as HTML, or ""."""
    for element in roles.get("content", ()):
        if (element.get("type") or "").startswith(_NO_TEXT):
            continue
        if text := _body(element):
            return text
    return ""


def links(roles: Roles, guids: "Iterable[etree._Element]") -> list[str]:
    """Return the addresses an item or channel gives for itself, best first.

    RSS ``link``, then Atom's alternates, pages before other formats, then RSS guids that are permanent links.
    """
    playing = roles.get("link", ())
    if len(playing) == 1 and _ADDRESS.match(only := (playing[0].text or "").strip()) is not None:
        return [only]
    written: list[str] = []
    pages: list[str] = []
    others: list[str] = []
    for element in playing:
        href = element.get("href")
        if not href:
            # HTML serializers take it for a link of theirs, which is always empty: the address stands behind.
            written.append(_value(element) or (element.tail or "").strip())
            continue
        relation = (element.get("rel") or "alternate").strip().lower().rpartition("/")[2]
        if relation == "alternate":
            (pages if "html" in (element.get("type") or "html").lower() else others).append(href)
    found = [*filter(None, written), *pages, *others]
    if found and _ADDRESS.match(found[0]) is not None:
        return found
    return [*found, *(text for guid in guids if is_http(text := _value(guid)) and _is_permanent(guid))]


def authors(roles: Roles, roles_in: "Callable[[etree._Element], Roles]") -> list[str]:
    """Return the names as written; ``roles_in`` looks into an Atom author."""
    names: list[str] = []
    for element in roles.get("author", ()):
        if len(element):
            inner = roles_in(element)
            names.append(text_of(inner, "name") or text_of(inner, "email") or _value(element))
        else:
            names.append(element.text or "")
    return names or [_value(element) for element in roles.get("podcaster", ())]


def outlet(roles: Roles, roles_in: "Callable[[etree._Element], Roles]") -> str:
    """Return the name of the outlet that an aggregator has the item from, or "".

    RSS ``source`` holds it as text, Atom's as a title.
    """
    for element in roles.get("source", ()):
        name = title(roles_in(element)) if len(element) else _value(element)
        if name and not is_http(name):
            return name
    return ""


def ttl(roles: Roles) -> timedelta | None:
    """Return how long the listing stays fresh: RSS ``ttl`` in minutes, or the syndication module's period."""
    minutes = _number(text_of(roles, "ttl"))
    if minutes:
        return timedelta(minutes=minutes)
    hours = _UPDATE_PERIODS.get(text_of(roles, "period").lower())
    if hours is None:
        return None
    return timedelta(hours=hours) / (_number(text_of(roles, "frequency")) or 1)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _value(element: "etree._Element") -> str:
    text = "".join(map(str, element.itertext())) if len(element) else element.text
    return text.strip() if text else ""


def _body(element: "etree._Element") -> str:
    """Return an element's text as HTML: as written, or the tree it holds written out."""
    if len(element):
        if element[0].prefix is None:
            return etree.tostring(element, encoding="unicode", with_tail=False)
        return html.escape(clean.tree_text(element), quote=False).replace("\n", "<br>")
    text = element.text or ""
    # Base64 has no blanks in it, which is asked first because it is quicker.
    if text and " " not in text[:200].strip() and _is_base64(element):
        return _from_base64(text)
    return text


def _is_base64(element: "etree._Element") -> bool:
    """Source: RFC 4287 section 4.1.3.3 and Atom 0.3, which allow it for any text."""
    return element.get("mode") == "base64" or element.get("type") == "application/octet-stream"


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except ValueError:
        return ""


def _is_permanent(guid: "etree._Element") -> bool:
    return (guid.get("isPermaLink") or guid.get("ispermalink") or "true").strip().lower() != "false"
