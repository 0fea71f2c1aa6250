"""What is asked of a parsing worker: bytes that were answered, and how they are to be read.

``ListingJob`` is read by ``source.parse``, ``ExtractJob`` by ``article.extract``. Plain values only: they
cross a pipe (``wire``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from bot.model import Entry, JsonLd, Page, Source, SourceKind, Tier


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingJob:
    """What a source answered, and how it is to be read."""

    data: bytes
    #: after redirects: what relative links stand beside
    url: str
    #: aware; no date may be ahead of it by more than a day
    now: datetime
    #: of the answer, any case
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: SourceKind = SourceKind.AUTO
    #: the address that was asked for, which a PAGE's entry leads to; "": the same as ``url``
    address: str = ""
    #: CSS selectors of a listing: its links (None: found by structure), and each one's title and date
    links: str | None = None
    title: str | None = None
    date: str | None = None
    #: CSS selector of the link to the next page of a listing; None: ``rel=next``
    next: str | None = None
    #: only entries younger than this are taken; one without a date stays
    newer_than: timedelta | None = None
    #: None: as many as are ever taken of one listing
    max_entries: int | None = None
    #: PAGE: where its text stands, and how far its JSON-LD is believed
    content_selector: str | None = None
    json_ld: JsonLd = JsonLd.AUTO
    #: whether links lead through an aggregator, and are to be unwrapped
    unwrap: bool = False
    #: ISO 639-1; of several feeds that a page offers, those in it come first
    language: str | None = None

    @classmethod
    def of(cls, source: Source, page: Page, *, now: datetime) -> Self:
        """Return the job to read what a source answered, as the source is configured."""
        return cls(
            data=page.body,
            headers=page.headers,
            url=page.url,
            now=now,
            kind=source.kind,
            address=source.url,
            links=source.links,
            title=source.title,
            date=source.date,
            next=source.next,
            newer_than=source.newer_than,
            max_entries=source.max_entries,
            content_selector=source.content_selector,
            json_ld=source.json_ld,
            unwrap=source.kind is SourceKind.SEARCH or source.tier is Tier.AGGREGATOR,
            language=source.language,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractJob:
    """A page, to be read as an article; see ``article.extract`` for what the fields mean."""

    html: bytes
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    entry: Entry | None = None
    content_selector: str | None = None
    json_ld: JsonLd = JsonLd.AUTO
    #: there is no page: the article is what the entry itself says
    alone: bool = False
