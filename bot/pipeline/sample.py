"""Sample: what a source would bring, read once and stored nowhere.

For whoever tries an address before it becomes a source, or looks why one behaves as it does: its listing, one
article as it would be stored, and what of it is likely to disappoint. Asks politely (turns, robots.txt).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.errors import NewsbotError
from bot.fetch import MAX_PAGE, Fetcher, Robots, Terms, terms_of
from bot.model import (
    Access,
    Article,
    Entry,
    Feed,
    FullText,
    Page,
    Source,
    SourceKind,
    TextFrom,
    Tier,
    site_of,
)
from bot.parse.article import from_entry
from bot.parse.offers import choose
from bot.parse.sandbox import ExtractJob, ListingJob, Sandbox
from bot.pipeline.discovery import Discovered, discover

_NO_ACCESS: Final = Access()
#: an article of fewer words is hardly whole
_FEWEST_WORDS: Final = 80
#: a listing whose newest entry is older may be abandoned
_STALE: Final = timedelta(days=60)
#: of its entries that must be without a date, or lead elsewhere, to be worth a word
_MOST: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What a source would bring."""

    #: as it was read: what was discovered takes the place of a bare address
    source: Source
    #: with a ``fault`` where nothing could be read
    feed: Feed
    #: None where nothing had to be discovered
    discovered: Discovered | None = None
    #: of the first entry; from what the source lists where the page could not be read
    article: Article | None = None
    #: why that page could not be read; None where it was, or was not to be
    problem: str | None = None
    #: what is likely to disappoint, a sentence each
    warnings: tuple[str, ...] = ()


async def sample(
    fetcher: Fetcher,
    robots: Robots,
    sandbox: Sandbox,
    source: Source,
    *,
    access: Access = _NO_ACCESS,
    now: datetime,
) -> Sample:
    """Read a source's listing and the article of its first entry. Raises FetchError for its own address.

    A bare address is discovered; of several sources that it leads to, the first is read.
    """
    terms = terms_of(source, access)
    discovered = None
    if source.kind is SourceKind.AUTO and source.links is None:
        discovered = await discover(fetcher, sandbox, source.url, terms=terms, now=now, robots=robots)
        source, feed = _as_discovered(source, discovered)
    else:
        feed = await _listing(fetcher, sandbox, source, terms, now)
    entry = next((entry for entry in feed.entries if entry.link), None)
    found = Sample(source=source, feed=feed, discovered=discovered)
    if entry is not None and entry.link is not None:
        found = await _with_article(fetcher, robots, sandbox, found, entry, entry.link, terms, now)
    return replace(found, warnings=tuple(remarks(found, now=now)))


def _as_discovered(source: Source, discovered: Discovered) -> tuple[Source, Feed]:
    offer = choose(discovered.offers, url=source.url) or next(iter(discovered.offers), None)
    came = None if offer is None else discovered.of(offer)
    if offer is None or came is None or came.feed is None:
        first = discovered.tried[0] if discovered.tried else None
        return source, first.feed if first and first.feed else Feed(fault="nothing there could be read")
    links = came.feed.chosen or None if offer.kind is SourceKind.LISTING else None
    return replace(source, kind=offer.kind, url=offer.url, links=links), came.feed


async def _listing(fetcher: Fetcher, sandbox: Sandbox, source: Source, terms: Terms, now: datetime) -> Feed:
    feed = await _parsed(fetcher, sandbox, source, source.url, terms, now)
    if feed.fault is None and not feed.entries and feed.alternates and source.kind is SourceKind.SITEMAP:
        newest = await _parsed(fetcher, sandbox, source, feed.alternates[0], terms, now)
        return replace(newest, alternates=feed.alternates)
    return feed


async def _parsed(
    fetcher: Fetcher, sandbox: Sandbox, source: Source, url: str, terms: Terms, now: datetime
) -> Feed:
    page = await fetcher.get(url, terms=terms)
    assert isinstance(page, Page)  # nothing conditional was asked
    return await sandbox.listing(ListingJob.of(source, page, now=now))


async def _with_article(
    fetcher: Fetcher,
    robots: Robots,
    sandbox: Sandbox,
    found: Sample,
    entry: Entry,
    link: str,
    terms: Terms,
    now: datetime,
) -> Sample:
    """Return the sample with the article of an entry, as it would be stored."""
    source = found.source
    listed = replace(from_entry(entry, url=link), source=source.key)
    if source.full_text is FullText.FEED or source.kind is SourceKind.PAGE:
        return replace(found, article=listed)
    verdict = await robots.verdict(link, terms=terms, now=now)
    if not verdict.allowed and source.robots:
        return replace(found, article=listed, problem=verdict.why)
    if verdict.crawl_delay is not None:
        fetcher.slow_down(link, verdict.crawl_delay, terms=terms)
    try:
        page = await fetcher.get(link, terms=terms, max_body=MAX_PAGE)
        assert isinstance(page, Page)
        job = ExtractJob(
            html=page.body,
            url=page.url,
            headers=page.headers,
            entry=entry,
            content_selector=source.content_selector,
            json_ld=source.json_ld,
        )
        article = await sandbox.extract(job)
    except NewsbotError as error:
        return replace(found, article=listed, problem=str(error))
    return replace(found, article=replace(article, source=source.key))


def remarks(found: Sample, *, now: datetime) -> list[str]:
    """Return what of a sample is likely to disappoint, a sentence each; none where all looks well."""
    source, entries = found.source, found.feed.entries
    told = []
    if not source.tls_verify:
        told.append("TLS is not verified: whoever stands between may read and change what is fetched")
    if found.feed.fault is not None and entries:
        told.append(f"not all of it could be read: {found.feed.fault}")
    if entries:
        told += _of_entries(source, entries, now=now)
    if found.article is not None and found.problem is None:
        told += _of_article(source, found.article)
    return told


def _of_entries(source: Source, entries: tuple[Entry, ...], *, now: datetime) -> list[str]:
    told = []
    dates = [entry.published_at or entry.updated_at for entry in entries]
    known = [at for at in dates if at is not None]
    if not known:
        told.append("none of its entries has a date: they count from when they are first seen")
    elif len(known) <= len(dates) * _MOST:
        told.append(f"{len(dates) - len(known)} of {len(dates)} entries have no date that is understood")
    if known and max(known) < now - _STALE:
        told.append(f"its newest entry is of {max(known):%d %B %Y}: it may be abandoned")
    if not any(entry.link for entry in entries):
        told.append("none of its entries leads to a page: only what it says itself can be read")
    if not any(entry.title for entry in entries) and source.kind is not SourceKind.SITEMAP:
        told.append("none of its entries has a title")
    own = site_of(source.url)
    sites = [site_of(entry.link) for entry in entries if entry.link]
    others = [site for site in sites if site != own]
    if sites and len(others) > len(sites) * _MOST:
        where = f"to {others[0]}" if len(set(others)) == 1 else f"to {len(set(others))} other sites"
        hint = "" if source.tier is Tier.AGGREGATOR else "; an aggregator is marked by `tier: aggregator`"
        told.append(f"its entries lead {where}, not to its own{hint}")
    return told


def _of_article(source: Source, article: Article) -> list[str]:
    words = len(article.text.split())
    if source.full_text is not FullText.FEED and article.text_from is not TextFrom.PAGE:
        return [
            f"the page gave no text, so the {article.text_from.value} of the listing is taken ({words} words)"
        ]
    if words < _FEWEST_WORDS:
        return [f"the first article has only {words} words: a note, a paywall, or a wrong part of its page"]
    return []
