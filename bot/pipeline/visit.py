"""Visit: ask one source, and say what came of it as a value, whatever that was.

Part of the refresh step: an error ends here, so that the host's other sources are asked too.
"""

import hashlib
from dataclasses import replace

from bot.errors import FailureKind, FetchError, ParseError
from bot.fetch import Terms, terms_of
from bot.fetch.network import NETWORK_KINDS
from bot.fetch.schedule import phase_of, wants_whole
from bot.model import NotModified, Page, Source, SourceKind
from bot.parse.offers import choose
from bot.pipeline.arrivals import arrivals
from bot.pipeline.deps import Deps
from bot.pipeline.discovery import Discovered, discover
from bot.pipeline.listed import Listed, listed
from bot.pipeline.outcome import Asked, Visit, failed, read, unchanged
from bot.store.sources import SourceState

#: Of several sources that an address offers, so many are named.
_NAMED = 3
#: Nobody answered: of the last two not even a packet left.
_UNANSWERED = NETWORK_KINDS | {FailureKind.BAD_URL, FailureKind.REFUSED_ADDRESS}
#: What was discovered has gone somewhere else: it is looked for again.
_LOST = frozenset({FailureKind.NOT_FOUND, FailureKind.GONE, FailureKind.NOT_A_FEED})


async def visit(deps: Deps, state: SourceState, *, baseline: bool) -> Visit:
    """Ask one source; whatever happens to it becomes a value."""
    now = deps.clock.now()
    asked = Asked(
        deps=deps,
        state=state,
        source=_as_found(state),
        since_s=deps.clock.monotonic_s(),
        whole=wants_whole(state.whole_at, now=now, phase=phase_of(state.source.key)),
    )
    terms = terms_of(asked.source, deps.access_of(state.source))
    try:
        try:
            visited = await _visit(asked, terms, baseline=baseline)
        except (FetchError, ParseError) as error:
            if asked.source is state.source or error.kind not in _LOST:
                raise
            visited = await _discovered(replace(asked, source=state.source), terms, baseline=baseline)
    except FetchError as error:
        if error.kind not in _UNANSWERED:
            deps.network.answered(state.source.host, deps.clock.now())
        return failed(asked, error, status=error.status, retry_after=error.retry_after)
    except ParseError as error:
        visited = failed(asked, error)
    deps.network.answered(state.source.host, deps.clock.now())
    return visited


def _as_found(state: SourceState) -> Source:
    """Return the source as it is asked: a bare address as what was discovered there."""
    if state.found is None or state.source.kind is not SourceKind.AUTO:
        return state.source
    return replace(state.source, kind=state.found.kind, url=state.found.url)


async def _visit(asked: Asked, terms: Terms, *, baseline: bool) -> Visit:
    deps, state = asked.deps, asked.state
    conditional = not asked.whole and state.baseline_done
    page = await deps.fetcher.get(
        asked.source.url,
        terms=terms,
        etag=state.etag if conditional else None,
        last_modified=state.last_modified if conditional else None,
    )
    if isinstance(page, NotModified):
        return unchanged(asked, page)
    body_hash = hashlib.sha256(page.body).digest()[:16]
    if body_hash == state.body_hash and state.baseline_done:
        return unchanged(asked, page, body_hash=body_hash)
    found = await listed(deps, asked.source, page, terms=terms, now=deps.clock.now())
    if found.feed.fault is not None and not found.feed.entries:
        if asked.source.kind is SourceKind.AUTO and page.body.strip():
            return await _discovered(asked, terms, baseline=baseline)
        raise _not_a_source(asked.source, page, found)
    now = deps.clock.now()
    brought = await arrivals(
        deps,
        state,
        found.feed,
        found.keys,
        archive=asked.source.kind is SourceKind.SITEMAP,
        baseline=baseline,
        now=now,
    )
    return read(asked, page, found, brought, body_hash=body_hash)


def _not_a_source(source: Source, page: Page, found: Listed) -> ParseError:
    feed = found.feed
    kind = FailureKind.NOT_A_FEED if page.body.strip() else FailureKind.EMPTY
    offered = [offer.url for offer in feed.offers] or feed.alternates
    hint = ""
    if offered and source.kind is not SourceKind.SITEMAP:
        hint = f"did you mean {offered[0]}?"
    return ParseError(feed.fault or "not a source", kind=kind, subject=source.url, hint=hint)


async def _discovered(asked: Asked, terms: Terms, *, baseline: bool) -> Visit:
    """Look for the one source that a bare address leads to, and read it at once."""
    deps, source = asked.deps, asked.source
    found = await discover(
        deps.fetcher, deps.sandbox, source.url, robots=deps.robots, terms=terms, now=deps.clock.now()
    )
    offer = found.offers[0] if found.direct else choose(found.offers, url=source.url)
    if offer is None or offer.url == source.url:
        raise _undecided(source, found)
    following = replace(asked, source=replace(source, kind=offer.kind, url=offer.url), found=offer)
    return await _visit(following, terms, baseline=baseline)


def _undecided(source: Source, found: Discovered) -> ParseError:
    """Return the failure of a bare address that leads to nothing, or to more than one thing."""
    if not found.offers:
        return ParseError(
            "not a feed, and no feed, sitemap or list of articles was found there",
            kind=FailureKind.NOT_A_FEED,
            subject=source.url,
            hint=f"newsbot source try {source.url}",
        )
    named = ", ".join(offer.url for offer in found.offers[:_NAMED])
    return ParseError(
        f"leads to {len(found.offers)} sources: {named}",
        kind=FailureKind.NOT_A_FEED,
        subject=source.url,
        hint=f"choose one: newsbot source fix {source.key}",
    )
