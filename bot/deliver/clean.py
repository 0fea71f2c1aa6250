"""What may leave the house: foreign text without controls, and addresses that are only addresses.

Titles, authors and excerpts were written by strangers. Every renderer takes them through here first.
"""

import re
import unicodedata
from urllib.parse import urlsplit

#: They reorder what stands beside them, so that a reader sees another text than the one sent.
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Controls, lone surrogates, and code points that no font and no receiver knows.
_REMOVED = frozenset({"Cc", "Cs", "Co", "Cn"})
_BLANKS = re.compile(r"\s+")
#: Characters with a meaning in markup of any of our formats, never literal in an address (RFC 3986 §2).
_UNSAFE_IN_URL = re.compile(r"[\s\"'<>\\^`{|}\x00-\x1f\x7f-\x9f]")
_LONGEST_URL = 4096


def clean(text: str) -> str:
    """Return the text on one line, without control characters, lone surrogates and bidi overrides.

    Blanks at its ends stay (one each), so that pieces of a text can be cleaned one by one.
    """
    text = _BLANKS.sub(" ", text)
    if text.isascii() and text.isprintable():
        return text
    kept = "".join(
        char for char in text if char not in _BIDI_OVERRIDES and unicodedata.category(char) not in _REMOVED
    )
    return _BLANKS.sub(" ", kept)


def shorten(text: str, most: int) -> str:
    """Return the text cleaned, without blanks at its ends, and with ``…`` where it was cut to ``most``."""
    text = clean(text).strip()
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def web_link(url: str) -> str:
    """Return the address if it can be linked as it is, else "".

    Only absolute http(s) without user names (they disguise the host); characters that end a link in
    HTML, Slack or plain text are percent-encoded.
    """
    url = url.strip()
    if not url or len(url) > _LONGEST_URL or url != clean(url) or "\\" in url:
        return ""
    try:
        parts = urlsplit(url)
        # reading the port checks it
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return ""
    if not usable or "@" in parts.netloc or _UNSAFE_IN_URL.search(parts.netloc):
        return ""
    return _UNSAFE_IN_URL.sub(lambda found: f"%{ord(found[0]):02X}", url)
