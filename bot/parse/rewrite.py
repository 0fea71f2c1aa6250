"""Write a damaged feed again, well-formed: the one pass that ``tidy`` makes over it.

Knows which elements of a feed hold others and which hold text: whatever stands inside a text element is
text, however unclosed, so one broken paragraph cannot swallow the next item. Linear in the text's length. An
item that the end of the file cuts short is dropped: half a headline is worse than none.
"""

import html
import re

from bot.parse.raw import MAX_ENTRIES

_ITEMS = frozenset(("item", "entry"))
_ROOTS = frozenset(("rss", "rdf", "feed"))
#: Elements that hold elements, by local name.
_CONTAINERS = _ITEMS | _ROOTS | {"channel", "image", "textinput", "author", "contributor", "items"}
#: Elements whose text may hold HTML: only what no HTML is called can end them before their end tag does.
_LONG = frozenset(("description", "content", "encoded", "summary", "body", "div", "fulltext"))
#: Names that feeds use and HTML does not.
_ONLY_FEED = frozenset(
    (
        *("guid", "pubdate", "description", "encoded", "published", "updated", "issued", "modified", "docs"),
        *("category", "author", "contributor", "enclosure", "comments", "generator", "ttl", "lastbuilddate"),
        *("language", "managingeditor", "webmaster", "cloud", "copyright", "rights", "subtitle"),
    )
)
#: What a headline or a name may hold; any other tag ends it, and any tag at all ends a link or a date.
_HTML = (
    "a abbr acronym b bdi big blockquote br center cite code del dfn div em font h1 h2 h3 h4 h5 h6 hr i img"
    " ins kbd li mark nobr ol p pre q s samp small span strike strong sub sup table tbody td th tr tt u ul"
    " var wbr"
)
_IN_HEADLINES = frozenset(_HTML.split())
_HEADLINES = frozenset(("title", "subtitle", "name", "author", "creator", "category", "rights", "copyright"))

#: An attribute as XML has it; what follows the quote tells a value with a tag in it from a quote left open.
_QUOTED = r"[^<>\"'=]*+=\s*+(?:\"[^\"]{0,2000}+\"|'[^']{0,2000}+')(?=[\s/>])"
_TOKEN = re.compile(
    r"(?P<cdata>(?:<!\[CDATA\[\s*)+|<!--\[CDATA\[)"
    r"|(?P<comment><!--)"
    r"|(?P<dropped><[!?][^<>]*>?)"
    r"|<(?P<close>(?:/\s*+)?)(?P<name>[A-Za-z_][\w.-]*(?::[\w.-]+)?)"
    rf"(?P<rest>[\s/](?:(?:{_QUOTED}){{0,40}}+[^<>\"'=]*+(?=>)|[^<>]*))?>"
    r"|</(?P<cut>[A-Za-z_][\w.:-]*)(?=\s*<)"
    r"|(?P<angle><)"
    r"|&(?P<entity>#\d{1,12}|#[xX][0-9a-fA-F]{1,12}|(?!(?:lt|gt|amp|quot);)[A-Za-z][A-Za-z0-9]{1,31});"
    r"|(?P<amp>&(?!(?:lt|gt|amp|quot);))",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"(?<![\w.:-])([A-Za-z_][\w.-]*+(?::[\w.-]++)?+)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))"
)
_ADDRESSES = frozenset(("href", "url", "uri", "src", "about", "resource"))
#: What a namespace may be called; libxml2 takes no other.
_NAMESPACE = re.compile(r"[!#-~]{0,300}")
_ITEM_TAG = re.compile(r"<(/?)(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[", re.IGNORECASE)
_CDATA_END = re.compile(r"(?:\s*\]\]>)+")
#: Characters that XML 1.0 does not allow.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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
#: Those of them that no HTML, however generated, has.
_MODULES = frozenset(_KNOWN) - {"xhtml"}


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Writer:
    """One pass over one damaged feed: copies it, and puts right what it meets on the way.

    Begins at ``place``; ``root`` names the element to put around it, where it has none of its own.
    """

    def __init__(self, text: str, place: int, *, root: str = "") -> None:
        self.text = text
        self.place = place
        #: the root element has been closed; what follows is junk
        self.done = False
        self._root = root
        self._out: list[str] = [f"<{root}>"] if root else []
        self._open: list[str] = [root] if root else []
        #: the text element that is open, with its prefix
        self._inside = ""
        #: where in the output the open item begins
        self._item_at: int | None = None
        self._items = 0
        self._is_atom = root == "feed"
        self._prefixes: set[str] = set()
        self._declared: dict[str, str] = {}
        #: the next place of what ends sections and comments
        self._ends: dict[str, int] = {}

    def run(self) -> None:
        """Copy until the root element is closed or the text ends."""
        text = self.text
        for _ in range(_MAX_TOKENS):
            if self.done or self._items > MAX_ENTRIES:
                break
            token = _TOKEN.search(text, self.place)
            if token is None:
                self._out.append(text[self.place :].replace("]]>", "]]&gt;"))
                # A root that was never there cannot be missing its end.
                self.done = self._open == [self._root] and not self._inside
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
            self._section(token[0])
        elif kind == "comment":
            self._comment()
        elif kind == "angle":
            self._out.append("&lt;")
        elif kind == "amp":
            self._out.append("&amp;")
        elif kind == "entity":
            resolved = html.unescape(token[0])
            self._out.append(_escape("\ufffd" if FORBIDDEN.search(resolved) else resolved))
        elif kind == "cut":
            self._tag(token["cut"].lower(), "", closing=True)
        elif kind != "dropped":
            self._tag(token["name"].lower(), token["rest"] or "", closing=bool(token["close"]))

    def _section(self, opened: str) -> None:
        """Copy a CDATA section; one that runs into the next was never closed and ends with its element."""
        ending = "]]-->" if opened.startswith("<!--") else "]]>"
        begin, end = self.place, self._next(ending)
        if end < 0:
            return
        again = _CDATA.search(self.text, begin, end)
        if again is not None:
            own_end = self.text.find(f"</{self._inside}", begin, again.start()) if self._inside else -1
            self.place = end = own_end if own_end >= 0 else again.start()
        else:
            # Sections that were wrapped twice end twice.
            more = _CDATA_END.match(self.text, end + len(ending))
            self.place = more.end() if more is not None else end + len(ending)
        self._out.append(_escape(self.text[begin:end]))

    def _comment(self) -> None:
        """Leave out a comment; one in which an item ends before any begins was never closed."""
        end = self._next("-->")
        if end < 0:
            return
        first = _ITEM_TAG.search(self.text, self.place, end)
        if first is None or not first[1]:
            self.place = end + len("-->")

    def _next(self, ending: str) -> int:
        """Return where ``ending`` stands next, or -1; looked for again only behind the last one found."""
        known = self._ends.get(ending, 0)
        if 0 <= known < self.place or ending not in self._ends:
            known = self._ends[ending] = self.text.find(ending, self.place)
        return known

    def _tag(self, name: str, rest: str, *, closing: bool) -> None:
        local = _local(name)
        if self._inside:
            if closing and name == self._inside:
                self._end_text()
                return
            if not self._ends_text(name, local, closing=closing, bare=not rest):
                self._out.append(_escape(f"</{name}>" if closing else f"<{name}{rest}>"))
                return
            self._end_text()
        if closing:
            self._end(name)
        else:
            self._start(name, local, rest)

    def _ends_text(self, name: str, local: str, *, closing: bool, bare: bool) -> bool:
        """Tell whether a tag inside an open text shows that its own end tag was forgotten, or misspelt."""
        if local in _ITEMS or local in _ROOTS or (closing and name in self._open):
            return True
        inside = _local(self._inside)
        if inside in _LONG:
            # A link of HTML always has attributes, a link of RSS none.
            is_feeds = local in _ONLY_FEED or (local == "link" and bare) or name.partition(":")[0] in _MODULES
            return not closing and is_feeds and local != inside
        return ":" in name or inside not in _HEADLINES or local not in _IN_HEADLINES

    def _end_text(self) -> None:
        if self._inside:
            self._out.append(f"</{self._inside}>")
            self._inside = ""

    def _start(self, name: str, local: str, rest: str) -> None:
        if local in _ROOTS and self._open:
            # What looked like the root stood in a comment, or around the feed.
            self._is_atom = self._is_atom or local == "feed"
            return
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
        self._is_atom = self._is_atom or local == "feed"
        if empty:
            self._item_at = None if local in _ITEMS else self._item_at
        elif self._holds_elements(local) and len(self._open) < _MAX_DEPTH:
            self._open.append(name)
        else:
            self._inside = name

    def _holds_elements(self, local: str) -> bool:
        # Atom's source repeats the title, link and date of the feed that an entry was taken from.
        return local in _CONTAINERS or (local == "source" and self._is_atom)

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
            if found[4] and name not in _ADDRESSES:
                # The slash of an empty tag sticks to a value without quotes.
                value = value.rstrip("/")
            prefix, colon, local = name.partition(":")
            if prefix == "xmlns" and _NAMESPACE.fullmatch(value) is None:
                continue
            if colon and prefix == "xmlns":
                self._declared.setdefault(local, _escape(value).replace('"', "&quot;"))
                continue
            if colon:
                self._prefixes.add(prefix)
            written.setdefault(name, FORBIDDEN.sub("", value))
        return "".join(
            f' {name}="{_escape(value).replace(chr(34), "&quot;")}"' for name, value in written.items()
        )
