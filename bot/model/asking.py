"""Where is read and how: sources, what is learned of them, and the manners they are asked with."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit


class SourceKind(StrEnum):
    """How a source lists its entries."""

    FEED = "feed"
    SITEMAP = "sitemap"
    #: the links of a page without a feed
    LISTING = "listing"
    #: one page whose own text is the article, each change of it a revision
    PAGE = "page"
    #: a feed whose address was filled with the query of one watch
    SEARCH = "search"
    #: only an address: what it is, or where its feed is, has to be discovered
    AUTO = "auto"


class Tier(StrEnum):
    """How close a source stands to the news."""

    OFFICIAL = "official"
    SPECIALIST = "specialist"
    GENERAL = "general"
    AGGREGATOR = "aggregator"


class FullText(StrEnum):
    """Where the text of a source's articles is to be taken from."""

    #: the page; what the source itself gives where the page cannot be read
    AUTO = "auto"
    #: the page, and never the text that the source gives
    PAGE = "page"
    #: what the source gives; pages are never asked for
    FEED = "feed"


class JsonLd(StrEnum):
    """How far the JSON-LD in a source's pages is believed."""

    #: for title, authors, dates and language
    AUTO = "auto"
    #: for the text (``articleBody``), too
    TEXT = "text"
    #: not at all
    OFF = "off"


class PauseScope(StrEnum):
    """To whom a Retry-After applies, and who is asked by one program at a time."""

    HOST = "host"
    #: the registrable domain: all hosts of one publisher
    DOMAIN = "domain"
    #: a Retry-After is the source's own matter: one host may carry thousands of routes
    SOURCE = "source"


class Health(StrEnum):
    """How a source is doing."""

    OK = "ok"
    #: it lists, and most of its pages cannot be read
    PARTIAL = "partial"
    FAILING = "failing"
    #: it answers well and lists nothing
    EMPTY = "empty"
    #: nothing new for longer than its own history explains
    QUIET = "quiet"
    #: it listed again, as new, what it had listed before
    FLOOD = "flood"
    #: never asked yet
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A place that lists news."""

    #: ``[a-z0-9-]{1,64}``, unique, kept for ever
    key: str
    name: str
    kind: SourceKind
    url: str
    #: ISO 639-1, as the user declared it; None when undeclared
    language: str | None = None
    tags: tuple[str, ...] = ()
    tier: Tier | None = None
    #: how often it is asked; where ``adapts``, to begin with
    every: timedelta = timedelta(minutes=15)
    #: whether the interval follows what the source brings; off where the user set one for it
    adapts: bool = True
    enabled: bool = True
    #: whether the first sight of this source alerts nothing
    baseline: bool = True
    #: CIDRs that are not public and may be connected to for this source only
    allow_private: tuple[str, ...] = ()
    #: CSS selector of the links of a listing page
    links: str | None = None
    #: CSS selector of the title, looked for in the link's block
    title: str | None = None
    #: CSS selector of the date, looked for in the link's block
    date: str | None = None
    #: sitemaps: only entries younger than this are taken; None takes all
    newer_than: timedelta | None = None
    #: listing: CSS selector of the link to the next page; None: not paged, or ``rel=next``
    next: str | None = None
    #: listing: how many pages are read at each poll
    pages: int = 1
    full_text: FullText = FullText.AUTO
    json_ld: JsonLd = JsonLd.AUTO
    #: CSS selector of the element that holds the text of an article's page
    content_selector: str | None = None
    scope: PauseScope = PauseScope.HOST
    #: between two requests to its host; None: as for all
    host_pause: timedelta | None = None
    #: for a whole request; None: as for all
    timeout: timedelta | None = None
    #: bytes of one answer, decoded; None: as for all
    max_body: int | None = None
    #: entries taken of one listing; None: as for all
    max_entries: int | None = None
    user_agent: str | None = None
    #: whether robots.txt is obeyed for its pages
    robots: bool = True
    #: False: whoever stands between may read and change what is fetched
    tls_verify: bool = True
    #: path of the certificates of the authorities that are trusted for this source; None: the system's
    ca_file: str | None = None
    #: search: the key of the source as configured, and the watch that it was filled with
    parent: str | None = None
    watch: str | None = None
    #: the key that it had before; its history is carried over
    was: str | None = None

    @property
    def host(self) -> str:
        """What manners are kept by: the lower-case host of the address, or its domain."""
        return paced_by(self.url, self.scope)


#: The host of nearly every address, without the cost of taking it all apart: every listed entry is asked.
_HOST = re.compile(r"https?://([A-Za-z0-9.-]+)(?:[:/?#]|\Z)")


def host_of(url: str) -> str:
    """Return the lower-case host name of an address, or "" where it has none."""
    if (simple := _HOST.match(url)) is not None and "@" not in url:
        return simple[1].lower()
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


#: Names under which the public registers domains in two labels: ``co.uk``, ``com.au``, ``or.jp``.
_SECOND_LEVEL = frozenset(
    (
        "ac",
        "co",
        "com",
        "edu",
        "gob",
        "gouv",
        "gov",
        "govt",
        "gub",
        "ltd",
        "mil",
        "ne",
        "net",
        "nom",
        "or",
        "org",
    )
)


def domain_of(host: str) -> str:
    """Return the registrable domain of a host name, by the usual shapes; an IP address stays as it is."""
    labels = host.removesuffix(".").split(".")
    if len(labels) < 3 or ":" in host or labels[-1].isdigit():
        return host
    own = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-own:])


def site_of(url: str) -> str:
    """Return the site that an address belongs to: the registrable domain of its host."""
    return domain_of(host_of(url))


def paced_by(url: str, scope: PauseScope) -> str:
    """Return the name that manners are kept by for an address: its host, or its domain."""
    return site_of(url) if scope is PauseScope.DOMAIN else host_of(url)


#: Headers that frame a request, or decide what its answer means: the program's alone, whoever gives others.
OWN_HEADERS = frozenset(
    (
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What a source is asked with that nobody may read: kept in memory, never stored, never shown."""

    #: name and value; sent to the source's own origin (scheme, host, port) only
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    #: user and password
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    #: http(s)://[user:password@]host:port of the proxy that everything of this source goes through
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """What was learned of how often a source brings something new; its first sight does not count."""

    #: new items, earlier ones counting less and less
    heard: float = 0.0
    #: seconds over which they came, earlier ones counting less and less
    watched_s: float = 0.0
    last_new_at: datetime | None = None
    #: new items ever
    items: int = 0
    #: how many each of the last polls that brought something brought, at most 20, the latest last
    recent_new: tuple[int, ...] = ()
    #: the longest silence between two new items, in seconds; fades over months
    longest_gap_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """Where a source's address has been sending us for good (301, 308), time after time."""

    to: str
    times: int
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A source that an address offers."""

    kind: SourceKind
    url: str
    #: what the page calls it
    title: str = ""
    #: how it was found, in words
    found_by: str = ""
