"""Take a link out of what aggregators wrap around it: redirectors, search engines, AMP caches.

Pure: only links that hold the address they lead to are unwrapped; nobody is asked. ``source.parse`` does it
for searches and aggregators, whose links are all wrapped; a publisher's own links are left alone.
"""

import base64
import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from bot.model import domain_of
from bot.parse import clean

#: Hosts that only lead elsewhere, their path, and the parameter that says where.
_REDIRECTORS = tuple(
    (re.compile(host), re.compile(path), names)
    for host, path, names in (
        (r"(?:www\.|news\.)?google\.[a-z.]{2,6}", r"/(?:url|news/url)", ("q", "url")),
        (r"(?:www\.|cn\.)?bing\.com", r"/news/apiclick\.aspx", ("url",)),
        (r"(?:lm?|www|m)\.facebook\.com", r"/(?:l\.php|flx/warn/)", ("u",)),
        (r"l\.instagram\.com|l\.threads\.(?:net|com)", r"/", ("u",)),
        (r"(?:www\.|m\.)?youtube\.com", r"/redirect", ("q",)),
        (r"(?:www\.|html\.|lite\.)?duckduckgo\.com", r"/l/?", ("uddg",)),
        (r"t\.umblr\.com", r"/redirect", ("z",)),
        (r"out\.reddit\.com", r"/.*", ("url",)),
        (r"(?:www\.|m\.)?vk\.(?:com|ru)", r"/away(?:\.php)?", ("to",)),
        (r"(?:www\.)?linkedin\.com", r"/(?:redir/redirect|safety/go)/?", ("url",)),
        (r"(?:\w+\.)*safelinks\.protection\.outlook\.com", r"/.*", ("url",)),
        (r"(?:\w+\.)*slack-redir\.net", r"/link", ("url",)),
        (r"(?:www\.)?getpocket\.com", r"/redirect", ("url",)),
    )
)
#: Paths and parameters of redirectors that we never met: ``/click?url=…``, ``/out.php?to=…``.
_REDIRECTING_PATH = re.compile(
    r"(?:/[\w.~-]*)*/(?:api)?(?:redirect(?:or|ion)?|redir|rd|out(?:bound)?|click(?:s|thru|through)?|track(?:er|ing)?"
    r"|go(?:to)?|away|exit|leave|l|r|link|url|u|jump|forward|proxy|visit)(?:\.(?:php|aspx?|jsp|cgi|html?))?/?|/?",
    re.IGNORECASE,
)
_REDIRECTING_NAMES = (
    "url",
    "u",
    "to",
    "target",
    "dest",
    "destination",
    "redirect",
    "redirect_url",
    "link",
    "goto",
)
_YAHOO = re.compile(r"/RU=([^/]+)/")
_AMP_CACHE_HOST = re.compile(
    r"(?:[\w-]+\.)?cdn\.ampproject\.org|(?:www\.)?google\.[a-z.]{2,6}", re.IGNORECASE
)
_AMP_CACHE_PATH = re.compile(r"/(?:amp/|[cvi]/)(s/)?((?:[\w-]+\.)+[a-z]{2,}(?:/.*)?)\Z", re.IGNORECASE)
_GOOGLE_NEWS = re.compile(r"/(?:__i/)?(?:rss/)?(?:rd/)?(?:articles|read)/([\w-]{16,})={0,2}\Z")
_BING_CLICK = re.compile(r"/ck/a\Z")
_HELD = re.compile(rb"https?://[!-~]+")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_ENCODED_HTTP = re.compile(r"https?%3a", re.IGNORECASE)


def unwrapped(link: str) -> str:
    """Return the address that a wrapped link leads to, also where it is wrapped several times.

    A link that holds no other http(s) address, or whose address is merely a parameter of an article, comes
    back as it is. Doing it twice changes nothing more.
    """
    while True:
        inner = _once(link)
        # What is inside is always shorter, so that this ends.
        if not inner or len(inner) >= len(link):
            return link
        link = inner


def _once(link: str) -> str:
    """Return what a link leads to by its outermost wrapping; "" where it has none."""
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if not host or parts.scheme not in ("http", "https"):
        return ""
    return (
        _address(_by_parameter(parts, host))
        or _address(_in_path(parts, host))
        or _address(_in_base64(parts, host))
    )


def _by_parameter(parts: SplitResult, host: str) -> str:
    if not parts.query:
        return ""
    known = next(
        (
            names
            for hosts, paths, names in _REDIRECTORS
            if hosts.fullmatch(host) and paths.fullmatch(parts.path or "/")
        ),
        None,
    )
    names = known or (_REDIRECTING_NAMES if _REDIRECTING_PATH.fullmatch(parts.path) else ())
    given = parse_qsl(parts.query)
    for name in names:
        for key, value in given:
            address = _address(value) if key.lower() == name else ""
            # A site's own "/go?url=" to itself may be a login; to another it is a way out.
            if address and (known or _domain(address) != domain_of(host)):
                return address
    return ""


def _in_path(parts: SplitResult, host: str) -> str:
    if host.endswith("search.yahoo.com") and (found := _YAHOO.search(parts.path)) is not None:
        return found[1]
    if _AMP_CACHE_HOST.fullmatch(host) and (cached := _AMP_CACHE_PATH.match(parts.path)) is not None:
        query = f"?{parts.query}" if parts.query else ""
        return f"{'https' if cached[1] else 'http'}://{cached[2]}{query}"
    return ""


def _in_base64(parts: SplitResult, host: str) -> str:
    """Return the address in an id of Google News of the old kind, or in a click of Bing.

    Newer ids of Google News hold a reference that only its server resolves: nothing comes back.
    """
    if host == "news.google.com" and (found := _GOOGLE_NEWS.fullmatch(parts.path)) is not None:
        return _held(_bytes(found[1]))
    if host.removeprefix("www.") == "bing.com" and _BING_CLICK.fullmatch(parts.path):
        value = dict(parse_qsl(parts.query)).get("u", "")
        return _bytes(value.removeprefix("a1")).decode("utf-8", "replace") if value.startswith("a1") else ""
    return ""


def _held(message: bytes) -> str:
    """Return the first address of a protocol buffer: its length stands before it, in seven bits a byte."""
    found = _HELD.search(message)
    if found is None:
        return ""
    before, start = message[: found.start()], found.start()
    length = before[-1] if before else 0
    if len(before) >= 2 and before[-2] >= 0x80 and length < 0x80:
        length = (length << 7) | (before[-2] & 0x7F)
    return message[start : start + length].decode("ascii", "replace") if 8 < length <= len(found[0]) else ""


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def _address(value: str) -> str:
    """Return a value as an absolute http(s) address, or ""."""
    for _ in range(2):
        if _ENCODED_HTTP.match(value):
            value = unquote(value)
    if _HTTP.match(value) is None:
        return ""
    link = clean.link(value, value)
    return link if link is not None and "." in _host(link) else ""


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _domain(link: str) -> str:
    return domain_of(_host(link))
