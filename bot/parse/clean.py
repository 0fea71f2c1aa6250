"""Turn what publishers write into plain, safe text and addresses.

Every reader of this room passes foreign text and links through here before they become part of an Entry.
Decides nothing about news; knows nothing of feeds.
"""

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

from lxml import etree

from bot.parse import markup
from bot.parse.markup import HARD, LINE, MARKS, PARAGRAPH

MAX_TITLE = 500
MAX_SUMMARY = 20_000
MAX_TEXT = 200_000
MAX_URL = 4096
MAX_ID = 1000
#: Up to here it is quicker to ask whether a text is printable than to look at it in parts.
_SHORT = 1000

#: Controls, lone surrogates, non-characters, direction overrides, byte order marks: never stored (P4).
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
#: C1 controls are Windows letters in a wrong coat wherever they appear in text.
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}

_PLAIN_ASCII = bytes(range(0x20, 0x7F)) + f"{PARAGRAPH}{LINE}".encode("ascii")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_BLANK_LINES = re.compile(r"\n{3,}")
_HTTP = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
#: Nothing to resolve, to encode or to doubt; nearly all links are so.
_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/[A-Za-z0-9/._~!$'()*+,;:@?=#%-]*)?")
_BARE_HOST = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:[/?#:]|\Z)", re.IGNORECASE)
_SCHEME = re.compile(r"[^/?#]*:")
_UNSAFE = re.compile(r"[\s\"<>`]")
_IN_URL_DROPPED = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def clean(text: str) -> str:
    """Return the text without controls, lone surrogates and direction overrides, in NFC; line ends are LF."""
    if not text.isprintable() and _UNWANTED.search(text) is not None:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _UNWANTED.sub(lambda found: _WINDOWS.get(ord(found[0]), ""), text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def line(text: str, limit: int = MAX_TITLE) -> str:
    """Return cleaned text on one line, white space collapsed, at most ``limit`` characters."""
    if len(text) <= limit and text.isprintable() and "  " not in text:
        text = text.strip()
        return text if text.isascii() else _cut(unicodedata.normalize("NFC", text), limit)
    # Four times the limit survives any collapsing that a real title needs, and bounds a hostile one.
    return _cut(_one_line(text[: limit * 4]), limit)


def _one_line(text: str) -> str:
    # Printable text has no control, no direction mark and no white space but plain blanks: most is done here.
    if text.isprintable() and "  " not in text:
        text = text.strip()
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    cleaned = clean(text)
    # What was taken out may have stood between two blanks.
    return text if cleaned == text else " ".join(cleaned.split())


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rstrip()


def title(text: str, limit: int = MAX_TITLE) -> str:
    """Return a headline as plain text: entities resolved, also doubly escaped ones, and markup removed.

    Only what is clearly markup goes, so that ``if a < b`` and ``The <dialog> element`` stay whole.
    """
    if "<" not in text and "&" not in text:
        return line(text, limit)
    text = markup.unwrapped(text[: limit * 8])
    for _ in range(2):
        if "<" in text and markup.is_meant(text):
            text = markup.marked(text).replace(PARAGRAPH, " ").replace(LINE, " ")
        elif "&" in text:
            text = markup.resolved(text)
        else:
            break
    return line(text, limit)


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """Return HTML (or text) as plain text, paragraphs split by a blank line, at most ``limit`` characters."""
    text = text[: limit * 6]
    if "<" not in text:
        if len(text) < _SHORT and "&" not in text and text.isprintable():
            return _cut(_one_line(text), limit)
        text = markup.resolved(text)
        if "<" not in text or not markup.is_meant(text):
            return _paragraphs(_BLANK_LINE.sub(PARAGRAPH, text) if "\n" in text else text, limit)
    return _paragraphs(markup.marked(text), limit)


def tree_text(root: "etree._Element", limit: int = MAX_TEXT) -> str:
    """Return the text of a parsed element as ``plain`` does that of a string."""
    return _paragraphs(markup.resolved("".join(_tree_parts(root))), limit)


def html_tree(markup: str | bytes) -> "etree._Element | None":
    """Parse any HTML, however broken; None where nothing is in it. Opens no file and no address."""
    parser = etree.HTMLParser(
        no_network=True,
        recover=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        encoding="utf-8",
    )
    raw = markup if isinstance(markup, bytes) else markup.encode("utf-8", "replace")
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _tree_parts(root: "etree._Element") -> list[str]:
    parts: list[str] = []
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        name = tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
        mark = MARKS.get(name, "")
        if event == "start":
            if mark is HARD and element is not root:
                walker.skip_subtree()
            else:
                parts += (mark, element.text or "")
        else:
            parts.append("" if mark in (LINE, HARD) else mark)
            if element is not root:
                parts.append(element.tail or "")
    return parts


def _paragraphs(marked: str, limit: int) -> str:
    """Turn the marks into blank lines and line ends, collapse all other white space, clean and cut."""
    marked = marked.replace("\n", " ")
    one_line = _tight
    if not _is_plain(marked):
        marked = marked.replace("\xa0", " ").replace("\t", " ").replace("\r", " ")
        one_line = _tight if _is_plain(marked) else _one_line
    if PARAGRAPH not in marked and LINE not in marked:
        return _cut(one_line(marked), limit)
    paragraphs = []
    for paragraph in filter(None, marked.split(PARAGRAPH)):
        if LINE in paragraph:
            text = "\n".join(map(one_line, paragraph.split(LINE))).strip("\n")
            text = _BLANK_LINES.sub("\n\n", text)
        else:
            text = one_line(paragraph)
        if text:
            paragraphs.append(text)
    return _cut("\n\n".join(paragraphs), limit)


def _is_plain(marked: str) -> bool:
    """Tell whether nothing is to clean but blanks: asked once for a text, not for each of its lines."""
    if marked.isascii():
        # Five times as fast as isprintable, which asks the Unicode database for each character.
        return not marked.encode("ascii").translate(None, _PLAIN_ASCII)
    text = marked.replace(PARAGRAPH, "").replace(LINE, "")
    return text.isprintable() and unicodedata.is_normalized("NFC", text)


def _tight(text: str) -> str:
    return " ".join(text.split()) if "  " in text else text.strip(" ")


def link(href: str, base: str = "") -> str | None:
    """Return the absolute http(s) address that ``href`` names beside ``base``, or None (defence P8).

    White space and quotes inside are percent-encoded; all else stays as the publisher wrote it. Without a
    base, an address without a scheme stays relative: nobody can know more.
    """
    if _PLAIN_LINK.fullmatch(href) is not None and len(href) <= MAX_URL:
        return href
    href = _IN_URL_DROPPED.sub("", href[: MAX_URL + 256]).strip()
    if not href:
        return None
    if "\\" in href:
        href = _with_slashes(href)
    if _HTTP.match(href) is None:
        href = f"http://{href}" if _BARE_HOST.match(href) else _joined(base, href)
        if _HTTP.match(href) is None and (base or _SCHEME.match(href)):
            return None
    if "&amp;" in href:
        href = href.replace("&amp;", "&")
    if _UNSAFE.search(href) is not None:
        href = _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), href)
    return href if len(href) <= MAX_URL and (not base or _has_host(href)) else None


def _with_slashes(href: str) -> str:
    """Return a link whose backslashes are what browsers take them for: who reads one must not go elsewhere.

    Source: WHATWG URL Standard, a backslash is a slash up to the query of an http(s) address.
    """
    end = min((at for mark in "?#" if (at := href.find(mark)) >= 0), default=len(href))
    return href[:end].replace("\\", "/") + href[end:].replace("\\", "%5C")


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and "%" not in host and port != 0


def language(text: str | None) -> str | None:
    """Return the ISO 639-1 code of a language tag such as ``en-GB``, or None."""
    if not text:
        return None
    primary = text.strip().replace("_", "-").partition("-")[0].lower()
    return primary if len(primary) == 2 and primary.isascii() and primary.isalpha() else None
