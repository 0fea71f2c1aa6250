"""Make a well-formed feed of one that is not, so that the strict reader can read it.

Knows which elements of a feed hold others and which hold text: whatever stands inside a text element is
text, however unclosed, so one broken paragraph cannot swallow the next item. One pass over the text, linear
in its length. An item that the end of the file cuts short is dropped: half a headline is worse than none.
"""

import html
import re
from dataclasses import dataclass

from bot.parse.raw import MAX_ENTRIES

_ITEMS = frozenset(("item", "entry"))
_ROOTS = frozenset(("rss", "rdf", "feed"))
#: Elements that hold elements, by local name.
_CONTAINERS = _ITEMS | _ROOTS | {"channel", "image", "textinput", "author", "contributor", "items"}
#: Elements whose text may hold HTML: only what no HTML is called can end them before their end tag does.
_LONG = frozenset(("description", "content", "encoded", "summary", "body", "div", "fulltext"))
#: Names that feeds use and HTML does not.
_ONLY_FEED = frozenset(
    ("guid", "pubdate", "description", "encoded", "published", "updated", "issued", "modified")
)
#: Names that end an unclosed short text.
_FEED = _ONLY_FEED | {
    "title",
    "link",
    "author",
    "content",
    "summary",
    "category",
    "comments",
    "id",
    "enclosure",
}

_TOKEN = re.compile(
    r"(?P<cdata><!\[CDATA\[)"
    r"|(?P<comment><!--)"
    r"|(?P<dropped><[!?][^<>]*>?)"
    r"|<(?P<close>/?)(?P<name>[A-Za-z_][\w.-]*(?::[\w.-]+)?)(?P<rest>[\s/][^<>]*)?>"
    r"|(?P<angle><)"
    r"|&(?P<entity>#\d{1,12}|#[xX][0-9a-fA-F]{1,12}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|(?P<amp>&)"
)
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w.-]*(?::[\w.-]+)?)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
#: Characters that XML 1.0 does not allow.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_DOCUMENT_TYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
#: Everything that matters inside a document type: quoted texts, comments, brackets, the end.
_IN_DOCUMENT_TYPE = re.compile(r"\"[^\"]*\"|'[^']*'|<!--|[\[\]>]")
_HEAD = 65_536
#: A feed of 5 MiB has fewer; what has more is made to cost time (2 µs each).
_MAX_TOKENS = 500_000
_MAX_DEPTH = 32

#: Namespaces of prefixes that feeds use, often without declaring them.
_KNOWN = {
    "atom": "http://www.w3.org/2005/Atom",
    "atom10": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xhtml": "http://www.w3.org/1999/xhtml",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tidied:
    """A feed made well-formed."""

    xml: bytes
    #: the file ended before the feed did, or held too much
    cut_off: bool


def strip_document_type(text: str) -> str:
    """Remove the document type with the entities it declares: nothing of it is ever expanded (P2, P3)."""
    found = _DOCUMENT_TYPE.search(text, 0, _HEAD)
    if found is None:
        return text
    depth = 0
    place = found.end()
    for mark in _IN_DOCUMENT_TYPE.finditer(text, place, place + 4 * _HEAD):
        if mark[0] == "[":
            depth += 1
        elif mark[0] == "]":
            depth -= 1
        elif mark[0] == ">" and depth <= 0:
            return text[: found.start()] + text[mark.end() :]
    root = _ROOT.search(text, place)
    return text[: found.start()] + (text[root.start() :] if root else "")


def tidy(text: str) -> Tidied | None:
    """Return the feed as well-formed UTF-8 XML, or None where there is none in the text."""
    text = _FORBIDDEN.sub("", text)
    root = _ROOT.search(text)
    if root is None:
        return None
    writer = _Writer(text, root.start())
    writer.run()
    return Tidied(xml=writer.xml().encode("utf-8", "replace"), cut_off=not writer.done)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Writer:
    """One pass over one damaged feed: copies it, and puts right what it meets on the way."""

    def __init__(self, text: str, place: int) -> None:
        self.text = text
        self.place = place
        #: the root element has been closed; what follows is junk
        self.done = False
        self._out: list[str] = []
        self._open: list[str] = []
        #: the text element that is open, with its prefix
        self._inside = ""
        #: where in the output the open item begins
        self._item_at: int | None = None
        self._items = 0
        self._prefixes: set[str] = set()
        self._declared: dict[str, str] = {}
        self._no_more: set[str] = set()

    def run(self) -> None:
        """Copy until the root element is closed or the text ends."""
        text = self.text
        for _ in range(_MAX_TOKENS):
            if self.done or self._items > MAX_ENTRIES:
                break
            token = _TOKEN.search(text, self.place)
            if token is None:
                self._out.append(text[self.place :].replace("]]>", "]]&gt;"))
                break
            if token.start() > self.place:
                self._out.append(text[self.place : token.start()].replace("]]>", "]]&gt;"))
            self.place = token.end()
            self._take(token)
        if not self.done and self._item_at is not None:
            self._inside = ""
            del self._out[self._item_at :]
            while self._open and _local(self._open.pop()) not in _ITEMS:
                pass
        self._end_text()
        self._out += [f"</{name}>" for name in reversed(self._open)]

    def xml(self) -> str:
        """Return what was written, with every prefix declared on the root element."""
        prefixes = sorted(self._prefixes - {"xml", "xmlns"})
        spaces = _KNOWN | {prefix: space for prefix, space in self._declared.items() if space}
        declared = "".join(f' xmlns:{p}="{spaces.get(p, "urn:x-undeclared:" + p)}"' for p in prefixes)
        head = self._out[0] if self._out else ""
        end = -2 if head.endswith("/>") else -1
        return head[:end] + declared + head[end:] + "".join(self._out[1:])

    def _take(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if kind == "cdata":
            self._out.append(_escape(self._until("]]>")))
        elif kind == "comment":
            self._until("-->")
        elif kind == "angle":
            self._out.append("&lt;")
        elif kind == "amp":
            self._out.append("&amp;")
        elif kind == "entity":
            resolved = html.unescape(token[0])
            self._out.append(_escape("\ufffd" if _FORBIDDEN.search(resolved) else resolved))
        elif kind != "dropped":
            self._tag(token)

    def _until(self, end: str) -> str:
        """Return the text up to ``end`` and step behind it; "" where that never comes."""
        if end in self._no_more:
            return ""
        place = self.text.find(end, self.place)
        if place < 0:
            # Looked for once only, so that a million of unclosed sections costs nothing.
            self._no_more.add(end)
            return ""
        inside = self.text[self.place : place]
        self.place = place + len(end)
        return inside

    def _tag(self, token: re.Match[str]) -> None:
        name, closing, rest = token["name"].lower(), bool(token["close"]), token["rest"] or ""
        local = _local(name)
        if self._inside:
            if closing and name == self._inside:
                self._end_text()
                return
            if not self._ends_text(local, closing, prefixed=":" in name):
                self._out.append(_escape(token[0]))
                return
            self._end_text()
        if closing:
            self._end(name)
        else:
            self._start(name, local, rest)

    def _ends_text(self, local: str, closing: bool, *, prefixed: bool) -> bool:
        """Tell whether a tag inside an open text shows that its end tag was forgotten."""
        if local in _ITEMS or local in _ROOTS or (closing and local == "channel"):
            return True
        if closing:
            return False
        if _local(self._inside) in _LONG:
            return local in _ONLY_FEED and local != _local(self._inside)
        return local in _FEED or prefixed

    def _end_text(self) -> None:
        if self._inside:
            self._out.append(f"</{self._inside}>")
            self._inside = ""

    def _start(self, name: str, local: str, rest: str) -> None:
        if local in _ITEMS and self._item_at is not None:
            # The item before was never closed.
            self._end(next(open_ for open_ in self._open if _local(open_) in _ITEMS))
        if local in _ITEMS:
            self._item_at = len(self._out)
            self._items += 1
        attributes = self._attributes(rest)
        if ":" in name:
            self._prefixes.add(name.partition(":")[0])
        empty = rest.endswith("/") or (local == "link" and " href=" in attributes)
        self._out.append(f"<{name}{attributes}{'/' if empty else ''}>")
        if empty:
            self._item_at = None if local in _ITEMS else self._item_at
        elif local in _CONTAINERS and len(self._open) < _MAX_DEPTH:
            self._open.append(name)
        else:
            self._inside = name

    def _end(self, name: str) -> None:
        """Close an element and all that is open in it; an end without a beginning is left out."""
        if name not in self._open:
            return
        while self._open:
            closed = self._open.pop()
            self._out.append(f"</{closed}>")
            if _local(closed) in _ITEMS:
                self._item_at = None
            if closed == name:
                break
        self.done = not self._open

    def _attributes(self, rest: str) -> str:
        """Write the attributes again: quoted, escaped, each once, prefixes declared later on the root."""
        written: dict[str, str] = {}
        for found in _ATTRIBUTE.finditer(rest):
            name = found[1].lower()
            value = html.unescape(found[2] or found[3] or found[4] or "")
            prefix, colon, local = name.partition(":")
            if colon and prefix == "xmlns":
                self._declared.setdefault(local, _escape(value).replace('"', "&quot;"))
                continue
            if colon:
                self._prefixes.add(prefix)
            written.setdefault(name, _FORBIDDEN.sub("", value))
        return "".join(
            f' {name}="{_escape(value).replace(chr(34), "&quot;")}"' for name, value in written.items()
        )
