"""From a page's bytes to its parsed tree, once; every reader of pages shares the tree.

First step of ``article.extract``. Tells pages from what is none, and opens no file and no address.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree, html

from bot.errors import FailureKind, ParseError
from bot.parse import encoding

#: One class for every element; the library's own look-up of one is a function in Python, called for each.
_CLASSES = etree.ElementDefaultClassLookup(
    element=html.HtmlElement,
    comment=html.HtmlComment,
    pi=html.HtmlProcessingInstruction,
    entity=html.HtmlEntity,
)
#: What libxml2 takes for the end of a text, or refuses.
_CONTROLS = bytes(sign for sign in range(32) if sign not in b"\t\n\r")
#: A self-closing <html/> or a doctype with a slash makes libxml2 drop the page that follows.
#: Source: https://bugs.launchpad.net/lxml/+bug/1955915
_DOCTYPE = re.compile(rb"<\s?!\s?DOCTYPE[^<>]{0,500}>", re.IGNORECASE)
_HTML_CLOSED = re.compile(rb"(<html\b[^<>]{0,2000}?)\s*/>", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"<meta\b[^<>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_META_HEAD = 4096
_MAX_NAMES = 1000
_TEXT_LENGTH = etree.XPath("string-length()")
_HEAD_ONLY = frozenset({"title", "meta", "link", "script", "style", "base", "noscript", "template"})
#: What a page is nested with, and can be read without.
_BOXES = re.compile(
    rb"</?(?:div|section|article|main|center|table|tbody|thead|tr|td|th|ul|ol|li|dl|dd|dt|blockquote|fieldset|form)"
    rb"\b[^<>]*>",
    re.IGNORECASE,
)
_INLINE = re.compile(
    rb"</?(?:span|b|i|u|em|strong|font|big|small|sub|sup|a|tt|code|q|s|ins|del)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<(?:!doctype\s+html|[a-z][a-z0-9-]*[\s/>])", re.IGNORECASE)
#: An object or array of JSON; a page that begins with a stray bracket goes on otherwise.
_JSON = re.compile(r"[\ufeff\s]*(?:\{\s*(?:\"|\})|\[\s*[\[{\"\d\]])")
_NOT_HTML = re.compile(
    r"\s*(?:<\?xml\b[^<>]{0,500}>\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex|svg)\b", re.IGNORECASE
)

#: How files begin that are no pages, whatever the server calls them.
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "a media file"),
    (b"PK\x03\x04", "an archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"ID3", "a media file"),
    (b"OggS", "a media file"),
    (b"\x7fELF", "a program"),
    (b"Rar!", "an archive"),
)
_PAGE_TYPES = frozenset(
    {
        "",
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "application/xml",
        "text/xml",
        "application/octet-stream",
    }
)


def parse(data: bytes | str, url: str, headers: Mapping[str, str]) -> html.HtmlElement:
    """Return the root of a page's tree, comments and processing instructions left out.

    Raises ParseError: NOT_A_PAGE where the bytes are no HTML, EMPTY where nothing is in it.
    """
    markup = data if isinstance(data, str) else _decoded(data, url, headers)
    if not markup.strip():
        raise ParseError("the page is empty", kind=FailureKind.EMPTY, subject=url)
    _refuse_other_text(markup, url)
    root = _tree(_mended(markup))
    if root is None:
        raise ParseError("the page holds nothing that can be read", kind=FailureKind.EMPTY, subject=url)
    return root


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """What a page will cost."""

    elements: int
    #: tables, rows and cells
    table_parts: int
    #: characters of text
    chars: int


def measure(root: html.HtmlElement, elements: Iterable[html.HtmlElement]) -> Size:
    """Count what a page is made of, and cut absurd class names, which every rule looks through.

    ``elements`` are all of the tree.
    """
    count = 0
    for count, element in enumerate(elements, start=1):  # noqa: B007
        for name in ("class", "id"):
            value = element.get(name)
            if value is not None and len(value) > _MAX_NAMES:
                element.set(name, value[:_MAX_NAMES])
    return Size(
        elements=count,
        table_parts=sum(1 for _ in root.iter("table", "td", "th", "tr")),
        chars=int(_TEXT_LENGTH(root)),
    )


def _decoded(data: bytes, url: str, headers: Mapping[str, str]) -> str:
    """Decode a page, or refuse what is none by its first bytes and its type."""
    media = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    kind = media.partition(";")[0].strip().lower()
    start = data[:16].lstrip()
    what = next((name for mark, name in _SIGNATURES if start.startswith(mark)), None)
    if what is None and kind not in _PAGE_TYPES and not _TAG.search(data[:_META_HEAD].decode("latin-1")):
        what = kind
    if what is not None:
        raise _no_page(what, url)
    data = encoding.inflate(data)
    if "charset" not in media.lower():
        # Pages name their encoding further down than feeds do.
        named = _META_CHARSET.search(data[:_META_HEAD])
        if named is not None:
            headers = {"content-type": f"text/html; charset={named[1].decode('ascii')}"}
    return encoding.decode(data, headers)


def _refuse_other_text(markup: str, url: str) -> None:
    head = markup[:_META_HEAD]
    if _JSON.match(head) is not None:
        raise _no_page("JSON", url)
    if _NOT_HTML.match(head.lstrip("\ufeff")) is not None:
        raise _no_page("XML, not HTML", url)
    if _TAG.search(head) is None and _TAG.search(markup) is None:
        raise _no_page("plain text or data", url)


def _no_page(what: str, url: str) -> ParseError:
    return ParseError(
        f"the address gives {what}, not a page",
        kind=FailureKind.NOT_A_PAGE,
        subject=url,
        hint="the article is taken from what its source lists",
    )


def _mended(text: str) -> bytes:
    """Return a page in UTF-8, without what stops the parser."""
    text = text.replace("\ufffe", "").replace("\uffff", "")
    markup = text.encode("utf-8", "ignore").translate(None, _CONTROLS)
    doctype = _DOCTYPE.search(markup, 0, 1000)
    if doctype is not None and b"/" in doctype[0]:
        markup = markup[: doctype.start()] + markup[doctype.end() :]
    closed = _HTML_CLOSED.search(markup, 0, _META_HEAD)
    if closed is not None:
        markup = markup[: closed.start()] + closed[1] + b">" + markup[closed.end() :]
    return markup


def _tree(markup: bytes) -> html.HtmlElement | None:
    root, too_deep = _parsed(markup)
    if too_deep:
        # libxml2 stops where elements are nested too deeply; without the boxes the text is still there.
        root, _ = _parsed(_BOXES.sub(b"<br>", _INLINE.sub(b" ", markup)))
    return root


def _parsed(markup: bytes) -> tuple[html.HtmlElement | None, bool]:
    """Return the tree, if there is one with a body, and whether it was cut off for its depth."""
    parser = html.HTMLParser(
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = html.document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = None
    if root is not None and root.find("body") is None:
        _give_body(root)
    fatal = list(parser.error_log.filter_from_fatals())
    if any(error.type == etree.ErrorTypes.ERR_NO_MEMORY for error in fatal):
        raise MemoryError
    too_deep = any("depth" in error.message.lower() for error in fatal)
    return (root if root is not None and root.find("body") is not None else None), too_deep


def _give_body(root: html.HtmlElement) -> None:
    """Put what is no head into a body: both tags may be left out, and libxml2 knows no ``<main>``.

    Source: HTML Standard, 13.1.2.4 "Optional tags".
    """
    head = root.find("head")
    children = [] if head is None else list(head)
    start = next(
        (place for place, child in enumerate(children) if child.tag not in _HEAD_ONLY), len(children)
    )
    if start < len(children):
        body = root.makeelement("body")
        body.extend(children[start:])
        root.append(body)
