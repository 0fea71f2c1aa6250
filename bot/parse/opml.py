"""Read and write OPML, the lists of feeds that feed readers exchange.

Folders become tags. What is no feed (a listing page, a sitemap, a search) is written as a link that other
readers pass over, with attributes of our own that bring it back whole. Pure: opens no file and no address,
expands no entity, and never raises.

Source: OPML 2.0, http://opml.org/spec2.opml (subscription lists, categories, comments, inclusion).
"""

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from bot.model import SourceKind
from bot.parse import clean, encoding, markup
from bot.parse.outline import (
    KINDS,
    MAX_BYTES,
    MAX_NAME,
    MAX_OPTION,
    OPTIONS,
    Collected,
    Outline,
    Outlines,
    tag,
    tags_of,
)

#: of the attributes of our own
NAMESPACE, PREFIX = "urn:newsbot:sources", "newsbot"
_HEAD = 65_536
#: Folders around one source that still give it tags.
_MAX_DEPTH = 20

_OPML = re.compile(r"<(?:\w{1,20}:)?(?:opml|outline)[\s>]", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
#: An outline's tag. A quoted value may hold ">"; where the quotes do not pair, the next ">" ends it.
_OUTLINE = re.compile(
    r"<(?P<close>/?)(?:\w{1,20}:)?outline(?=[\s/>])"
    r"(?P<rest>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"(?<![\w.:-])([A-Za-z_][\w.:-]*+)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
_TITLE = re.compile(r"<title[^<>]*>([^<]{0,2000})</title", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def is_opml(data: bytes) -> bool:
    """Tell whether bytes look like OPML."""
    return _OPML.search(encoding.decode(encoding.inflate(data, _HEAD)[:_HEAD], {})) is not None


def read(data: bytes) -> Outlines:
    """Return the sources that an OPML file names, at most 10,000, each address once.

    Ill-formed files are read as far as they can be; one that declares entities is refused whole.
    """
    if len(data) > MAX_BYTES:
        return Outlines(fault=f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    text = encoding.decode(encoding.inflate(data, MAX_BYTES), {})
    if not _OPML.search(text, 0, _HEAD):
        return Outlines(fault="not OPML: it holds no outlines")
    if re.search(r"<!ENTITY", text[:_HEAD], re.IGNORECASE):
        return Outlines(fault="the file declares entities, which no honest list of feeds does")
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    reader = _Reader()
    line, place = 1, 0
    for found in _OUTLINE.finditer(text):
        line, place = line + text.count("\n", place, found.start()), found.start()
        if found["close"]:
            reader.close()
        else:
            reader.open(_attributes(found["rest"]), line, is_closed=found["rest"].rstrip().endswith("/"))
    titled = _TITLE.search(text)
    return reader.collected.outcome(
        title=clean.title(titled[1], MAX_NAME) if titled else "",
        fault=None if re.search(r"</(?:\w{1,20}:)?opml\s*>", text, re.IGNORECASE) else _CUT,
    )


_CUT = "cut off: the file ends in the middle"


class _Reader:
    """Walks the outlines of one file, with the folders around each."""

    def __init__(self) -> None:
        self.collected = Collected()
        #: of each open outline: the tag that it gives to those inside it, "" for none
        self._folders: list[str] = []
        #: how many outlines deep we are in one that is commented out
        self._hidden = 0

    def open(self, given: Mapping[str, str], line: int, *, is_closed: bool) -> None:
        """Take an outline's start."""
        if self._hidden or given.get("iscomment", "").lower() == "true":
            self._hidden += not is_closed
            return
        is_source = bool(given.get("xmlurl") or (given.get("url") and f"{PREFIX}:kind" in given))
        if is_source:
            self._source(given, line)
        elif given.get("type", "").lower() == "include":
            self.collected.refuse(line, _name(given) or "include", "leads to another list: import that one")
        if not is_closed:
            self._folders.append("" if is_source else tag(_name(given)))

    def close(self) -> None:
        """Take an outline's end."""
        if self._hidden:
            self._hidden -= 1
        elif self._folders:
            self._folders.pop()

    def _source(self, given: Mapping[str, str], line: int) -> None:
        options = [
            (name, clean.line(given[own], MAX_OPTION))
            for name in OPTIONS
            if (own := f"{PREFIX}:{name}") in given
        ]
        site = clean.link(given.get("htmlurl", ""))
        self.collected.add(
            given.get("xmlurl") or given["url"],
            Outline(
                url="",
                name=_name(given),
                kind=KINDS.get(given.get(f"{PREFIX}:kind", "").lower(), SourceKind.FEED),
                site=site if site and "://" in site else None,
                language=clean.language(given.get("language")),
                tags=tags_of((*self._folders[:_MAX_DEPTH], *_categories(given.get("category", "")))),
                options=tuple((name, value) for name, value in options if value),
                line=line,
            ),
        )


def _attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a tag that say something, their names in lower case."""
    found = (
        (name.lower(), double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(tag)
    )
    return {name: text for name, value in found if (text := markup.resolved(value).strip())}


def _name(given: Mapping[str, str]) -> str:
    return clean.title(given.get("text") or given.get("title") or "", MAX_NAME)


def _categories(written: str) -> list[str]:
    return [part for path in written.split(",") for part in path.split("/")]


def write(outlines: Iterable[Outline], *, title: str) -> bytes:
    """Return an OPML 2.0 file of the sources, in folders by their first tag, in the order given."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={PREFIX: NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _xml(title)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for outline in outlines:
        parent = body
        if outline.tags:
            name = _xml(outline.tags[0])
            if name not in folders:
                folders[name] = etree.SubElement(body, "outline", {"text": name, "title": name})
            parent = folders[name]
        etree.SubElement(parent, "outline", _written(outline))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _written(outline: Outline) -> dict[str, str]:
    name = outline.name or outline.url
    is_feed = outline.kind in (SourceKind.FEED, SourceKind.AUTO)
    given = {"text": name, "title": name, "type": "rss" if is_feed else "link"}
    given["xmlUrl" if is_feed else "url"] = outline.url
    if outline.site:
        given["htmlUrl"] = outline.site
    if outline.language:
        given["language"] = outline.language
    if len(outline.tags) > 1:
        # commas and slashes divide categories
        given["category"] = ",".join(re.sub(r"[,/\s]+", " ", tag) for tag in outline.tags[1:])
    if outline.kind is not SourceKind.FEED:
        given[f"{{{NAMESPACE}}}kind"] = outline.kind.value
    given |= {f"{{{NAMESPACE}}}{name}": value for name, value in outline.options if name in OPTIONS}
    return {name: _xml(value) for name, value in given.items()}


def _xml(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
