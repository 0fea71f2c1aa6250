"""The words of the program: one value for each thing it speaks of, all frozen.

``Source → Entry → Article (revision) → Mention → Digest → Delivery``. Times are aware and in UTC.
Nothing here does anything: rooms make these values and hand them on.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit


class SourceKind(StrEnum):
    """How a source lists its entries."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    #: only an address: what comes back tells whether it is a feed or a sitemap
    AUTO = "auto"


class Tier(StrEnum):
    """How close a source stands to the news."""

    OFFICIAL = "official"
    SPECIALIST = "specialist"
    GENERAL = "general"
    AGGREGATOR = "aggregator"


class TextFrom(StrEnum):
    """Where an article's text was taken from."""

    PAGE = "page"
    FEED = "feed"
    SUMMARY = "summary"


class MentionState(StrEnum):
    """What a mention's facts amount to; the first that holds, in this order."""

    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    FURNITURE = "furniture"
    CONTRADICTED = "contradicted"
    BACKFILL = "backfill"
    NEW = "new"


class EventKind(StrEnum):
    """What happened to a mention; each event enters each digest schedule once."""

    FOUND = "found"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    #: handed over, but the answer was lost: nobody can know
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class Health(StrEnum):
    """How a source is doing."""

    OK = "ok"
    FAILING = "failing"
    EMPTY = "empty"
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
    every: timedelta = timedelta(minutes=15)
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

    @property
    def host(self) -> str:
        """The lower-case host name of the address; manners are kept per host."""
        return host_of(self.url)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One item that a source lists; text fields are plain text, without markup."""

    #: the item's own identifier (RSS guid, Atom id), as given; "" when it has none
    id: str = ""
    #: absolute http(s) address; None when the item has none that is usable
    link: str | None = None
    title: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    #: the short text the source gives, plain
    summary: str = ""
    #: the whole text where the source gives it, plain, paragraphs split by a blank line; "" when not
    content: str = ""
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """What a source lists, whatever its format: feed, sitemap or listing page."""

    title: str = ""
    link: str | None = None
    #: in the order of the source
    entries: tuple[Entry, ...] = ()
    language: str | None = None
    #: why nothing, or not everything, could be read; None when all is well
    fault: str | None = None
    #: addresses of feeds that the page offers, where it is no feed itself; sitemap children of an index
    alternates: tuple[str, ...] = ()
    #: how long the source says that its listing stays fresh; None when it does not
    ttl: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What an address answered."""

    #: after redirects
    url: str
    status: int
    #: names in lower case
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: every hop before this one: (status, address)
    redirects: tuple[tuple[int, str], ...] = ()

    @property
    def etag(self) -> str | None:
        """The validator to send back next time, or None."""
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        """The date to send back next time, as the server wrote it, or None."""
        return self.headers.get("last-modified")


@dataclass(frozen=True, kw_only=True, slots=True)
class NotModified:
    """The address said that nothing changed since the validators we sent."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """A text with its facts; what watches are matched against."""

    url: str
    title: str = ""
    #: paragraphs split by a blank line
    text: str = ""
    authors: tuple[str, ...] = ()
    #: ISO 639-1; None when unknown or doubtful
    language: str | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    #: the outlet's name
    site: str = ""
    #: what the page calls its own address, where it is believed
    canonical_url: str | None = None
    text_from: TextFrom = TextFrom.PAGE
    #: key, tags and tier of the source that first listed it
    source: str = ""
    tags: tuple[str, ...] = ()
    tier: Tier | None = None
    first_seen_at: datetime | None = None
    #: the row's number; None for an article that is not stored
    id: int | None = None
    revision: int = 1
    #: copies of one text share a story; None for a text too short to tell
    story_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """What somebody wants to be told about."""

    #: letters, digits, ``-`` and ``_``; never reused for another meaning
    key: str
    #: in the watch language; ``any``/``all``/``not`` are written into one query
    query: str
    name: str = ""
    description: str = ""
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Where a term stands: code-point offsets, half-open, into the stored title or text."""

    #: ``title`` or ``body``
    field: str
    start: int
    end: int
    #: the term as the query writes it
    term: str
    #: an exact-case term found folded, because the title is all capitals
    all_capitals: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A watch that an article satisfies."""

    watch: str
    #: the version of the watch that matched
    watch_version: str
    #: the first revision that matches; spans index its text
    revision: int
    #: the first 200, in order of field and place
    spans: tuple[Span, ...]
    #: how many there are altogether
    total: int
    #: at most 300 characters
    excerpt: str
    #: where terms stand in the excerpt: (start, end), half-open
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMention:
    """A mention with the facts of its article, as lists and digests show it."""

    id: int
    watch: str
    watch_name: str
    article_id: int
    story_id: int | None
    url: str
    title: str
    source: str
    source_name: str
    #: the outlet's name
    outlet: str
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    found_at: datetime
    state: MentionState
    sense: str | None
    revision: int
    watch_version: str
    spans: tuple[Span, ...]
    total: int
    excerpt: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MentionEvent:
    """Something that happened to a mention and that a digest has to tell."""

    id: int
    kind: EventKind
    at: datetime
    mention: StoredMention


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What was looked at, so that an empty digest is evidence."""

    sources_checked: int = 0
    sources_failing: int = 0
    articles: int = 0
    in_full: int = 0
    from_feed: int = 0
    summary_only: int = 0
    #: entries whose page could not be read
    unread: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceTrouble:
    """A source that needs a look."""

    name: str
    message: str
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchHistory:
    """What a digest says of a watch beside its new mentions."""

    key: str
    name: str
    description: str = ""
    #: mentions a day, oldest first, today last; 14 numbers
    days: tuple[int, ...] = ()
    last_mention_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """One place that carries a story."""

    name: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TermHits:
    """How often a term was found: why a mention is one."""

    term: str
    in_title: int = 0
    in_text: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestStory:
    """A story as a digest tells it: the article first seen leads."""

    title: str
    url: str
    outlet: str
    language: str | None
    #: the publication time where it is known, else when it was first seen
    at: datetime
    excerpt: str
    marks: tuple[tuple[int, int], ...]
    why: tuple[TermHits, ...]
    #: the other outlets that carry it
    also: tuple[Outlet, ...] = ()
    mention_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestWatch:
    """One watch's part of a digest."""

    key: str
    name: str
    description: str
    #: mentions, stories and outlets before anything was cut
    mentions: int
    outlets: int
    stories: tuple[DigestStory, ...]
    #: stories that were cut
    more: int = 0
    #: per cent against the 14-day mean; None without a history
    change_percent: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietWatch:
    """A watch with nothing new."""

    name: str
    last_mention_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What one schedule has to tell at one slot; the same for every channel."""

    #: the schedule's key
    key: str
    name: str
    slot: datetime
    #: the period it covers, half-open
    since: datetime
    until: datetime
    #: IANA name; times are shown in this zone
    timezone: str
    #: the schedule in words
    schedule: str
    next_slot: datetime | None
    mentions: int
    stories: int
    outlets: int
    watches: tuple[DigestWatch, ...]
    quiet: tuple[QuietWatch, ...]
    coverage: Coverage
    troubles: tuple[SourceTrouble, ...] = ()
    #: mentions a day, oldest first, today last
    days: tuple[int, ...] = ()
    #: mean of the days before today; None without a history
    daily_mean: float | None = None
    #: address of the web part; "" where there is none
    web_url: str = ""
    #: per cent of mentions a day against the mean; None without a history
    change_percent: int | None = None

    @property
    def id(self) -> str:
        """A short readable name, the same for the same slot."""
        return f"d-{self.slot:%Y%m%d-%H%M%S}-{self.key}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A way to a person, as configured; what its kind needs stands in the transport."""

    key: str
    #: ``email``, ``slack``, ``file``, ``stdout`` …
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One digest on its way to one target, with its body frozen."""

    id: int
    digest_id: int
    #: the schedule's key
    digest: str
    channel: str
    target: str
    body: bytes
    message_id: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    remote_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDelivery:
    """A delivery before it is stored."""

    channel: str
    target: str
    body: bytes
    message_id: str
    #: unique for ever: schedule, slot, channel and target
    dedup_key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the other side said when it accepted a delivery."""

    remote_id: str | None = None
