"""What is read: what sources list, what an address answers, and the articles that come of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.asking import Offer, Tier


class TextFrom(StrEnum):
    """Where an article's text was taken from."""

    PAGE = "page"
    FEED = "feed"
    SUMMARY = "summary"


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
    #: the outlet that an aggregator names as where the item comes from (RSS ``source``); "" when it does not
    outlet: str = ""


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
    #: of a page that is no source itself: the sources that it offers, best first
    offers: tuple[Offer, ...] = ()
    #: address of the next page of a listing; None where there is none
    next_page: str | None = None
    #: of a listing found by structure: the CSS selector that selects its links; "" where none was looked for
    chosen: str = ""
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
    #: every hop before this one: (status, address)
    redirects: tuple[tuple[int, str], ...] = ()


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
    #: how sure it is that this is the article, the whole of it, and nothing else: 0 to 1
    confidence: float = 1.0
    #: the page shows the beginning only, and asks for money or a login for the rest
    paywalled: bool = False
    #: what the page itself says its language is, ISO 639-1; None where it says nothing
    declared_language: str | None = None
    #: the part of the site that it stands in, as the page calls it; ""
    section: str = ""
    #: address of its picture; None where it names none
    image: str | None = None
    #: address of the next page of the same article; None where this is all of it
    next_page: str | None = None
    #: how many pages its text was put together from
    pages: int = 1
    #: False where the page asks that no copy of it be kept (robots noarchive)
    archivable: bool = True
    #: key and tier of the source that first listed it
    source: str = ""
    tier: Tier | None = None
    #: of that source; of an article that is matched, of every source that lists it
    tags: tuple[str, ...] = ()
    #: keys and tiers of the other sources that list it; filled for matching only
    more_sources: tuple[str, ...] = ()
    more_tiers: tuple[Tier, ...] = ()
    first_seen_at: datetime | None = None
    #: the row's number; None for an article that is not stored
    id: int | None = None
    revision: int = 1
    #: copies of one text share a story; None for a text too short to tell
    story_id: int | None = None
    #: of its text, to find copies by (``model.copies``); b"" for a short text, and where it was not just made
    sketch: bytes = field(default=b"", repr=False)
    #: where its text belongs to the site, not to the article: (start, end), half-open, in order and apart;
    #: filled for matching only
    furniture: tuple[tuple[int, int], ...] = ()
    #: the version of the program's extractor that took the text; 0 for one from before they were counted
    extractor: int = 0
    #: it changes whenever it is looked at: its changes are no news, and not every one is kept
    noisy: bool = False
