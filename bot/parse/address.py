"""One form for all spellings of an address: what two links to the same article have in common.

``identity`` builds keys on it. Knows addresses only: opens none, and never says that a page exists.
"""

import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

#: Parameters that tell the publisher where a reader came from; the page is the same without them.
_TRACKING = re.compile(
    r"(?:utm|mc|at|pk|mtm|matomo|piwik|hsa|oly|vero|wt|ns|stm|trk)_\w*|_+hs\w*|guccounter|guce_referr\w*|fb_\w*"
    r"|[a-z]{0,3}clid|msclkid|gbraid|wbraid|_ga|_gl|_openstat|_branch_match_id|igshid|igsh|mkt_tok|__s"
    r"|cmpid|cmp|ocid|icid|ncid|xtor|xtref|xts|ftcamp|ftag|smid|smtyp|snr|srnd|sref|tpcc|wtmc|wt\.\w+|ito"
    r"|ref_src|ref_url|referrer|s_cid|s_kwcid|spm|scm|amp_js_v|amp_gsa|usqp|cndid|emci|emdi|__twitter_impression"
    r"|campaign_id|trackingid|amphtml",
    re.IGNORECASE,
)
_ORIGIN = re.compile(
    r"rss\w*|atom|rdf|feed\w*|home\w*|tw(?:itter)?|fb|facebook|share\w*|social\w*|newsletter\w*|e?mail|linkedin"
    r"|whatsapp|telegram|reddit|yahoo|google\w*|apple\w*|flipboard|smartnews|msn",
    re.IGNORECASE,
)
_YES = re.compile(r"1|true|amp|yes|", re.IGNORECASE)
_VARIANT = re.compile(r"amp|mobile", re.IGNORECASE)
#: Parameters that are tracking, or name a variant, for some values only: ``ref=rss`` but not ``ref=1234``.
_SOMETIMES = (
    dict.fromkeys(
        ("ref", "source", "src", "from", "via", "feed", "rss", "share", "partner", "campaign", "cid"), _ORIGIN
    )
    | dict.fromkeys(("format", "outputtype", "output", "view"), _VARIANT)
    | dict.fromkeys(("amp", "mobile", "rss"), _YES)
)
_SESSION = re.compile(
    r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|sessionid|session_id|sess|oscsid|zenid",
    re.IGNORECASE,
)
#: Short names are a session's only with a session's value: ``sid=12345`` is a story.
_SESSION_NAMES = frozenset(("s", "sid", "session"))
_SESSION_VALUE = re.compile(r"[0-9a-fA-F]{24,}|(?=\w*\d)(?=\w*[a-zA-Z])\w{26,}")
_SESSION_PATH = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/;?#]*", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|shtml|php\d?|aspx?|jsp|cfm)\Z", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?:/amp)+/?\Z|(?<=[\w-])\.amp(?=(?:\.html?)?\Z)", re.IGNORECASE)
_AMP_CACHE = re.compile(r"/(?:amp/|[cvi]/)(s/)?((?:[\w-]+\.)+[a-z]{2,}/.*)\Z", re.IGNORECASE)
_MOBILE_HOST = re.compile(r"(?:amp|m|mobile)\.(?=(?:[^.]+\.)+[^.]+\Z)")
_MOBILE_LABEL = re.compile(r"(?<=\A[a-z]{2})\.m(?=\.[^.]+\.[^.]+\Z)")
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})")
_TO_ENCODE = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~|]")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_DROPPED = re.compile("[\x00-\x1f\x7f-\x9f\u200b\ufeff\ud800-\udfff]+")
#: Already canonical but for a last slash: nearly all addresses are, and are spared the work.
_SIMPLE = re.compile(
    r"https?://(?!(?:amp|m|mobile|[a-z]{2}\.m)\.)[a-z0-9-]+(?:\.[a-z0-9-]+)+"
    r"(?:/(?!\.{0,2}(?:/|\Z))[A-Za-z0-9._~-]+)+/?"
)
_NOT_SIMPLE = re.compile(r"/amp(?:/|\Z)|\.amp|/(?:index|default)\.", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """Return the form that all spellings of an address share; doing it twice changes nothing more.

    Lower-case host (in its ASCII form), no default port, user or fragment (``#!`` stays), no tracking or
    session parameters, the others sorted, no AMP or mobile variant, no index file, no doubled or trailing
    slash, one way of percent-encoding. What is no http(s) address comes back stripped.
    """
    if _SIMPLE.fullmatch(url) is not None and _NOT_SIMPLE.search(url) is None:
        return url.rstrip("/")
    return normalised(url)


def without_tracking(url: str) -> str:
    """Return an address to show and to open: as it is, without what follows its reader around.

    Unlike the canonical form it still leads to the very page that was read.
    """
    before, mark, query = url.partition("#")[0].partition("?")
    fragment = url.partition("#")[2]
    kept = [pair for pair in query.split("&") if pair and not _is_tracking(*pair.partition("=")[::2])]
    shown = before + (mark + "&".join(kept) if kept else "")
    return f"{shown}#{fragment}" if fragment.startswith("!") else shown


def normalised(url: str) -> str:
    """Return the canonical form by the long way, which holds for every address."""
    url = _DROPPED.sub("", url).strip()
    while True:
        shorter = _once(url)
        # Taking one thing away can bring another to light: "/amp" behind "/index.html".
        if shorter == url:
            return url
        url = shorter


def _once(url: str) -> str:
    if _SCHEME.match(url) is None:
        return url
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    if not host:
        return url
    cached = _AMP_CACHE.match(parts.path) if _is_amp_cache(host) else None
    if cached is not None:
        return f"{'https' if cached[1] else 'http'}://{cached[2]}" + (
            f"?{parts.query}" if parts.query else ""
        )
    host = _host(host)
    scheme = parts.scheme.lower()
    if port is not None and port != _PORTS[scheme]:
        host = f"{host}:{port}"
    fragment = _encoded(parts.fragment) if parts.fragment.startswith("!") else ""
    return urlunsplit(SplitResult(scheme, host, _path(parts.path), _query(parts.query), fragment))


def _is_amp_cache(host: str) -> bool:
    return host.endswith(".cdn.ampproject.org") or host in ("www.google.com", "google.com")


def _host(host: str) -> str:
    host = host.lower().strip(".")
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return host
    host = _MOBILE_HOST.sub("", host, count=1) if _MOBILE_HOST.match(host) else host
    return _MOBILE_LABEL.sub("", host)


def _path(path: str) -> str:
    path = _SESSION_PATH.sub("", _encoded(path))
    path = "/" + "/".join(_without_dots(path))
    path = _INDEX.sub("/", path)
    path = _AMP_PATH.sub("", path)
    return path.rstrip("/") or "/"


def _without_dots(path: str) -> list[str]:
    """Return the segments of a path, without empty ones, ``.`` and ``..``. Source: RFC 3986 section 5.2.4."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    return kept


def _query(query: str) -> str:
    kept = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        # "&amp;" that nobody resolved leaves "amp;name"
        name = name.removeprefix("amp;") if equals else name
        if (name or value) and not _is_tracking(name, value):
            kept.append((_encoded(name), equals, _encoded(value)))
    return "&".join("".join(pair) for pair in sorted(kept))


def _is_tracking(name: str, value: str) -> bool:
    if _TRACKING.fullmatch(name) or _SESSION.fullmatch(name):
        return True
    lower = name.lower()
    values = _SOMETIMES.get(lower)
    if values is not None and values.fullmatch(value):
        return True
    return lower in _SESSION_NAMES and _SESSION_VALUE.fullmatch(value) is not None


def _encoded(text: str) -> str:
    """Write percent-encoding one way: unreserved characters plain, all others encoded, in capitals."""
    text = _PERCENT.sub(_decoded, text) if "%" in text else text
    return _TO_ENCODE.sub(_percent, text)


def _decoded(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))
