"""The rows of a sitemap: what each ``url`` or ``sitemap`` element says, as text by field.

Well-formed ones are read as a stream, so that the 50 MB which the protocol allows need no tree of ten times
that size; damaged ones are scanned, from one opening tag to the next, whatever is missing in between.
"""

import io
import re
from collections.abc import Iterator

from lxml import etree

from bot.parse import markup

#: What one element says: the text of its fields by their local names in lower case.
Row = dict[str, str]

_NAMES = ("{*}url", "{*}sitemap", "url", "sitemap")
_START = re.compile(r"<(?:(?!image|video)\w{1,20}:)?(url|sitemap)(?:\s[^<>]*)?>", re.IGNORECASE)
_FIELD = re.compile(
    r"<(?:(?P<prefix>\w{1,20}):)?(?P<name>loc|lastmod|title|publication_date|language|name)(?:\s[^<>]*)?>\s*"
    r"(?:<!\[CDATA\[(?P<section>.{0,5000}?)\]\]>|(?P<text>[^<]*))",
    re.IGNORECASE | re.DOTALL,
)
#: A video's or picture's title and address are not the article's.
_OTHERS = ("sitemap-image", "sitemap-video")
_OTHER_PREFIXES = ("image", "video", "mobile", "pagemap")


def read(text: str) -> Iterator[tuple[str, Row]]:
    """Yield ("url" or "sitemap", its fields) for every element of a well-formed sitemap.

    Raises etree.XMLSyntaxError where it is not well-formed; what came before must not be kept then.
    """
    events = etree.iterparse(
        io.BytesIO(text.encode("utf-8", "replace")),
        events=("end",),
        tag=_NAMES,
        encoding="utf-8",
        recover=False,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _event, element in events:
        yield _local(str(element.tag)), _fields(element)
        element.clear()
        while element.getprevious() is not None and (parent := element.getparent()) is not None:
            del parent[0]


def scan(text: str) -> Iterator[tuple[str, Row]]:
    """Yield the same for a sitemap that is damaged, as far as it can be made out."""
    begun: re.Match[str] | None = None
    for start in _START.finditer(text):
        if begun is not None:
            yield begun[1].lower(), _scanned(text, begun.end(), start.start())
        begun = start
    if begun is not None:
        yield begun[1].lower(), _scanned(text, begun.end(), len(text))


def _scanned(text: str, begin: int, end: int) -> Row:
    row: Row = {}
    for found in _FIELD.finditer(text, begin, end):
        value = found["text"] if found["section"] is None else found["section"]
        if value and (found["prefix"] or "").lower() not in _OTHER_PREFIXES:
            resolved = value if found["text"] is None else markup.resolved(value)
            row.setdefault(found["name"].lower(), resolved.strip())
    return row


def _fields(element: "etree._Element") -> Row:
    row: Row = {}
    for inner in element.iter():
        if isinstance(inner.tag, str) and inner.text:
            namespace = inner.tag.lower()
            if not any(other in namespace for other in _OTHERS):
                row.setdefault(_local(inner.tag), inner.text.strip())
    return row


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()
