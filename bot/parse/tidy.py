"""Make a well-formed feed of one that is not, so that the strict reader can read it.

Finds where in the text the feed begins, whatever stands before it, and has it written again (``rewrite``).
Takes away the document type, here and for well-formed feeds: nothing of it is ever wanted.
"""

import re
from dataclasses import dataclass

from bot.parse.rewrite import FORBIDDEN, Writer

#: What stands before a root element: remarks and instructions, whatever is in them, and the document type.
_PROLOG = re.compile(
    r"<!--.{0,2000}?-->|<\?.{0,2000}?\?>|(?P<type><!DOCTYPE)"
    r"|(?P<root><(?:\w{1,20}:)?(?:rss|rdf|feed|channel|urlset|sitemapindex)[\s>])",
    re.IGNORECASE | re.DOTALL,
)
#: Everything that matters inside a document type: quoted texts, comments, brackets, the end.
_IN_DOCUMENT_TYPE = re.compile(r"\"[^\"]*\"|'[^']*'|<!--|[\[\]>]")
_HEAD = 65_536

_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_ITEM = re.compile(r"<(?:\w{1,20}:)?(item|entry)[\s>]", re.IGNORECASE)
#: What a feed without its root element begins with.
_FIRST = re.compile(
    r"<(?:\w{1,20}:)?(?:title|link|id|description|subtitle|language|generator|updated|pubdate|lastbuilddate"
    r"|author|image|item|entry)[\s>]",
    re.IGNORECASE,
)
#: A surrogate pair in two references, as JavaScript and Java write what stands beyond 65,535.
_PAIR = re.compile(
    r"&#(?:x(d[89ab][0-9a-f]{2});&#x(d[c-f][0-9a-f]{2})|(5[56]\d{3});&#(5[67]\d{3}));", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tidied:
    """A feed made well-formed."""

    xml: bytes
    #: the file ended before the feed did, or held too much
    cut_off: bool


def strip_document_type(text: str) -> str:
    """Remove the document type with the entities it declares: nothing of it is ever expanded (P2, P3)."""
    found = next((found for found in _PROLOG.finditer(text, 0, _HEAD) if found.lastgroup), None)
    if found is None or found.lastgroup == "root":
        return text
    depth = 0
    place = found.end()
    for mark in _IN_DOCUMENT_TYPE.finditer(text, place, place + 4 * _HEAD):
        if mark[0] == "[":
            depth += 1
        elif mark[0] == "]":
            depth -= 1
        elif mark[0] == ">" and depth <= 0:
            before = text[: found.start()]
            return before + text[mark.end() :] if before.strip() else text[mark.end() :].lstrip()
    root = _ROOT.search(text, place)
    return text[: found.start()] + (text[root.start() :] if root else "")


def holds_feed(text: str) -> bool:
    """Tell whether a feed with an item stands somewhere near the beginning of a text."""
    root = _ROOT.search(text, 0, _HEAD)
    return root is not None and _ITEM.search(text, root.start()) is not None


def tidy(text: str) -> Tidied | None:
    """Return the feed as well-formed UTF-8 XML, or None where there is none in the text."""
    text = FORBIDDEN.sub("", text)
    if "&#" in text:
        text = _PAIR.sub(_paired, text)
    root, item = _ROOT.search(text), _ITEM.search(text)
    if root is not None and (item is None or root.start() < item.start()):
        writer = Writer(text, root.start())
    elif item is not None:
        # The root element is lost, or what it holds: as much as is a feed's is put into one of our own.
        begin = _FIRST.search(text) or item
        writer = Writer(text, begin.start(), root="feed" if item[1].lower() == "entry" else "channel")
    else:
        return None
    writer.run()
    return Tidied(xml=writer.xml().encode("utf-8", "replace"), cut_off=not writer.done)


def _paired(found: re.Match[str]) -> str:
    high, low = (int(found[1], 16), int(found[2], 16)) if found[1] else (int(found[3]), int(found[4]))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return found[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
