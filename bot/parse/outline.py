"""A list of sources that comes from somewhere else: what each line of it names, and what cannot be used.

Filled by ``opml`` and ``source_list``, read by the command line. Foreign: addresses are absolute http(s) or
refused, names and tags plain text. Nothing here can set what a source is trusted with (private addresses,
certificates, secrets): that is for the configuration only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.model import SourceKind
from bot.parse import clean

#: What is read of one list; more could be neither overlooked nor asked politely.
MAX_OUTLINES = 10_000
MAX_BYTES = 16 * 1024 * 1024
MAX_NAME = 200
MAX_TAG = 64
MAX_TAGS = 20
MAX_OPTION = 2000
#: the keys of ``sources.yaml`` that a list may bring along: none of them opens a door
OPTIONS = (
    "id", "links", "title", "date", "next", "pages", "newer_than", "every", "tier", "full_text", "json_ld",
    "content_selector", "enabled",
)  # fmt: skip
KINDS = {kind.value: kind for kind in SourceKind}

_BARE_HOST = re.compile(r"[^\W_][\w-]*(?:\.[\w-]+)*\.[^\W\d_]{2,}(?::\d{1,5})?(?:[/?#]\S*)?", re.UNICODE)
_FEED_SCHEME = re.compile(r"\Afeed:(?://)?(https?://)?", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """One source as a list names it."""

    url: str
    name: str = ""
    kind: SourceKind = SourceKind.FEED
    #: the site that it belongs to
    site: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    #: further keys of ``sources.yaml`` with their values, as written there
    options: tuple[tuple[str, str], ...] = ()
    #: of the file it came from, 1-based; 0 for none
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A line of a list that names no source we could ask."""

    line: int
    what: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlines:
    """A list of sources, as far as it could be read."""

    title: str = ""
    #: each address once, in the order of the list, with the tags of all its places
    outlines: tuple[Outline, ...] = ()
    refused: tuple[Refused, ...] = ()
    #: places that named an address again
    repeated: int = 0
    #: why nothing, or not everything, could be read; None when all is well
    fault: str | None = None


def address_key(url: str) -> str:
    """Return what two spellings of one source's address share: no scheme, ``www.``, default port, last slash.

    Unlike an article's canonical form it keeps every parameter: ``?feed=atom`` is another feed.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    own = f":{port}" if port is not None and port != _PORTS.get(parts.scheme) else ""
    return f"{host}{own}{parts.path.rstrip('/')}{'?' if parts.query else ''}{parts.query}"


def address(written: str) -> tuple[str | None, str]:
    """Return the address that a list means, or None and why it cannot be asked."""
    text = _FEED_SCHEME.sub(lambda found: found[1] or "http://", written.strip(), count=1)
    if not text:
        return None, "no address"
    if "://" not in text and _BARE_HOST.fullmatch(text):
        text = f"https://{text}"
    scheme = text.partition(":")[0].lower() if ":" in text else ""
    if scheme not in ("http", "https"):
        return None, "only addresses that begin with http:// or https:// can be asked"
    found = clean.link(text)
    if found is None or not (host := _host(found)):
        return None, "this is no web address"
    if "@" in host:
        return None, "the address holds a user or a password: write them as basic_auth in sources.yaml"
    return found.partition("#")[0], ""


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return ""
    return parts.netloc if parts.hostname and "%" not in parts.hostname else ""


def tag(text: str) -> str:
    """Return a folder's or a category's name as a tag; "" where nothing is left of it."""
    return clean.line(text, MAX_TAG).strip("/, ")


class Collected:
    """Gathers outlines: each address once, at most so many, and what was wrong with the others."""

    def __init__(self) -> None:
        self._found: dict[str, Outline] = {}
        self._refused: list[Refused] = []
        self._repeated = 0
        #: places beyond what is read
        self.left_out = 0

    def add(self, written: str, outline: Outline) -> None:
        """Take a place of the list; ``written`` is its address as it stands there."""
        if len(self._found) + len(self._refused) >= MAX_OUTLINES:
            self.left_out += 1
            return
        url, why = address(written)
        if url is None:
            self.refuse(outline.line, outline.name or written, why)
            return
        known = self._found.get(key := address_key(url))
        if known is None:
            self._found[key] = replace(outline, url=url, tags=outline.tags[:MAX_TAGS])
            return
        self._repeated += 1
        tags = tuple(dict.fromkeys((*known.tags, *outline.tags)))[:MAX_TAGS]
        self._found[key] = replace(known, tags=tags, name=known.name or outline.name)

    def refuse(self, line: int, what: str, why: str) -> None:
        """Note a place that names no source."""
        if len(self._refused) < MAX_OUTLINES:
            self._refused.append(Refused(line=line, what=without_password(what), why=why))

    def outcome(self, *, title: str = "", fault: str | None = None) -> Outlines:
        """Return what was gathered."""
        if fault is None and self.left_out:
            fault = f"the list is longer than {MAX_OUTLINES:,} sources: {self.left_out:,} were left out"
        if fault is None and not self._found and not self._refused:
            fault = "no source is named in it"
        return Outlines(
            title=title,
            outlines=tuple(self._found.values()),
            refused=tuple(self._refused),
            repeated=self._repeated,
            fault=fault,
        )


def without_password(text: str) -> str:
    """Return an address as messages may show it: on one line, at most 120 characters, without credentials."""
    return clean.line(re.sub(r"//[^/?#\s]*@", "//***@", text), 120)


def tags_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as tags, each once."""
    return tuple(dict.fromkeys(filter(None, map(tag, names))))
