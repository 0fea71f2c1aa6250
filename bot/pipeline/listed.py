"""Listed: what an answer lists, parsed in the sandbox, with a sitemap index's children and further pages.

Part of the refresh step. Each child and each page is asked for on the source's own terms.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import FailureKind, FetchError, NewsbotError, ParseError, Retry
from bot.fetch import Terms
from bot.model import Entry, Feed, Page, Source, SourceKind
from bot.parse.identity import EntryKeys, entry_keys
from bot.parse.sandbox import ListingJob
from bot.pipeline.deps import Deps

#: How many children of a sitemap index are read in one refresh, newest first.
_INDEX_CHILDREN = 3
_INDEXES = frozenset({SourceKind.SITEMAP, SourceKind.AUTO})


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What a source lists, and whether its validators tell of all of it."""

    feed: Feed
    keys: list[EntryKeys]
    #: False where other addresses than the source's own were read, too: these change without it
    whole: bool = True


async def listed(deps: Deps, source: Source, page: Page, *, terms: Terms, now: datetime) -> Listed:
    """Return what a source's answer lists; what is read beside it and fails is left out.

    Raises ParseError where the answer could not be read at all (too complex, crashed).
    """
    feed, keys = await deps.sandbox.keyed_listing(ListingJob.of(source, page, now=now))
    if feed.fault is None and not feed.entries and feed.alternates and source.kind in _INDEXES:
        return await _children(deps, source, feed, terms=terms, now=now)
    if feed.entries and feed.next_page is not None and source.pages > 1:
        return await _further(deps, source, feed, page, terms=terms, now=now)
    return Listed(feed=feed, keys=keys)


async def _children(deps: Deps, source: Source, feed: Feed, *, terms: Terms, now: datetime) -> Listed:
    """Read the newest children of a sitemap index as one listing: what several share must be seen."""
    entries: list[Entry] = []
    failure: NewsbotError | None = None
    for child in feed.alternates[:_INDEX_CHILDREN]:
        try:
            entries += (await _ask(deps, source, child, terms=terms, now=now)).entries
        except NewsbotError as error:
            failure = error
    if failure is not None and not entries:
        raise _part_failed(source, failure)
    merged = replace(feed, entries=tuple(entries), fault=None)
    return Listed(feed=merged, keys=entry_keys(entries), whole=False)


def _part_failed(source: Source, failure: NewsbotError) -> ParseError:
    """Return the failure of an index of which no part could be read; it is not gone where a part is."""
    kind = FailureKind.NOT_FOUND if failure.kind is FailureKind.GONE else failure.kind
    return ParseError(
        f"its part {failure.subject} could not be read: {failure.message}",
        kind=kind,
        subject=source.url,
        retry=failure.retry,
        hint=failure.hint,
    )


async def _further(
    deps: Deps, source: Source, feed: Feed, page: Page, *, terms: Terms, now: datetime
) -> Listed:
    """Read the pages that follow the first, as one listing."""
    entries = list(feed.entries)
    read = {page.url, source.url}
    following = feed.next_page
    for _ in range(source.pages - 1):
        if following is None or following in read:
            break
        read.add(following)
        try:
            more = await _ask(deps, source, following, terms=terms, now=now)
        except NewsbotError:
            # The first page stands; the next poll tries again.
            break
        entries += more.entries
        following = more.next_page
    return Listed(feed=replace(feed, entries=tuple(entries)), keys=entry_keys(entries), whole=False)


async def _ask(deps: Deps, source: Source, url: str, *, terms: Terms, now: datetime) -> Feed:
    answer = await deps.fetcher.get(url, terms=terms)
    if not isinstance(answer, Page):
        # The fetcher refuses a 304 that nobody asked for; this keeps the types honest.
        raise FetchError(
            "not modified, and nothing was asked before",
            kind=FailureKind.PROTOCOL,
            subject=url,
            retry=Retry.LATER,
        )
    return (await deps.sandbox.keyed_listing(ListingJob.of(source, answer, now=now)))[0]
