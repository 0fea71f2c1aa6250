"""Refresh: ask the due sources of one host what they list, and store the entries that are new.

Unit: a host, because politeness is per host. Saved in one transaction for each handful of sources:
new entries first, then the validators that would hide them next time, then when to ask again.
"""

import asyncio
import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.errors import FailureKind, FetchError
from bot.fetch import Policy
from bot.fetch.schedule import Outcome, fail_weight_after, next_fetch_at
from bot.model import Entry, Feed, Health, NotModified, Page, SourceKind, host_of
from bot.parse.identity import EntryKeys, KnownEntry, entry_keys, new_entries
from bot.parse.sandbox import ListingJob
from bot.pipeline.deps import Deps
from bot.store import Tx, sources
from bot.store.sources import NewEntry, RefreshSave, SourceState

log = structlog.get_logger("refresh")

#: Results are saved when this many wait, or when the first of them has waited this long.
_SAVE_AFTER = 20
_SAVE_AFTER_S = 2.0
#: How many children of a sitemap index are read in one refresh, newest first.
_INDEX_CHILDREN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A source that could not be read."""

    source: str
    kind: FailureKind
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """What a refresh of one host brought."""

    host: str
    #: another program holds the host; nothing was asked
    taken: bool = False
    #: the host asked to be left alone until then (Retry-After); None when it did not
    held_until: datetime | None = None
    ok: tuple[str, ...] = ()
    not_modified: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    new_entries: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Visit:
    """One source asked: what to save, and what to tell."""

    state: SourceState
    save: RefreshSave
    outcome: Outcome
    failure: Failure | None = None


async def refresh(
    deps: Deps,
    host: str,
    *,
    everything: bool = False,
    only: Collection[str] | None = None,
    baseline: bool = True,
) -> Refreshed:
    """Ask the sources of one host and store what is new.

    ``everything`` asks enabled sources that are not due, too; ``only`` restricts to these keys;
    ``baseline=False`` treats a first sight as news.
    """
    now = deps.clock.now()
    states = await deps.store.awrite(_claim, deps, host, now=now, everything=everything, only=only)
    if states is None:
        return await _not_asked(deps, host, now=now)
    visits: list[_Visit] = []
    waiting: list[_Visit] = []
    counts: list[int] = []
    since = deps.clock.monotonic_s()
    try:
        for state in states:
            waiting.append(await _visit(deps, state, baseline=baseline))
            if len(waiting) >= _SAVE_AFTER or deps.clock.monotonic_s() - since > _SAVE_AFTER_S:
                counts += await deps.store.awrite(_save, deps, host, waiting, release=False)
                visits += waiting
                waiting, since = [], deps.clock.monotonic_s()
    finally:
        # Shielded: whoever cancels us (a shutdown) must not cost what was read already.
        counts += await asyncio.shield(deps.store.awrite(_save, deps, host, waiting, release=True))
        visits += waiting
    for visit, new in zip(visits, counts, strict=True):
        _tell(visit, new)
    return Refreshed(
        host=host,
        ok=tuple(v.state.source.key for v in visits if v.outcome.ok and v.outcome.modified),
        not_modified=tuple(v.state.source.key for v in visits if v.outcome.ok and not v.outcome.modified),
        failures=tuple(v.failure for v in visits if v.failure is not None),
        new_entries=sum(counts),
    )


async def _not_asked(deps: Deps, host: str, *, now: datetime) -> Refreshed:
    """Say why a host was left alone: another program holds it, or it asked for peace."""
    until = await deps.store.aread(sources.held_until, host, now=now)
    if until is None:
        return Refreshed(host=host, taken=True)
    return Refreshed(host=host, taken=True, held_until=until)


def _claim(
    tx: Tx, deps: Deps, host: str, *, now: datetime, everything: bool, only: Collection[str] | None
) -> list[SourceState] | None:
    if not sources.claim_host(tx, host, holder=deps.holder, now=now, lease=deps.host_lease):
        return None
    return sources.due_sources(tx, host, now=now, only=only, everything=everything)


def _save(tx: Tx, deps: Deps, host: str, visits: list[_Visit], *, release: bool) -> list[int]:
    now = deps.clock.now()
    counts = sources.save_refreshes(tx, [visit.save for visit in visits], now=now) if visits else []
    holds = [visit.outcome.retry_after for visit in visits if visit.outcome.retry_after is not None]
    if holds:
        sources.hold_host(tx, host, until=now + max(holds))
    if release:
        sources.release_host(tx, host, holder=deps.holder)
    else:
        sources.extend_claim(tx, host, holder=deps.holder, now=now, lease=deps.host_lease)
    return counts


async def _visit(deps: Deps, state: SourceState, *, baseline: bool) -> _Visit:
    """Ask one source; whatever happens to it becomes a value, so that the others are asked too."""
    source = state.source
    started = deps.clock.monotonic_s()
    try:
        page = await deps.fetcher.get(
            source.url,
            policy=Policy(allow_private=source.allow_private),
            etag=state.etag,
            last_modified=state.last_modified,
        )
    except FetchError as error:
        detail = f"{error.message} ({error.hint})" if error.hint else error.message
        return _failed(deps, state, error.kind, detail, started, error.status, error.retry_after)
    if isinstance(page, NotModified):
        return _unchanged(deps, state, None, started)
    body_hash = hashlib.sha256(page.body).digest()[:16]
    if body_hash == state.body_hash and state.baseline_done:
        return _unchanged(deps, state, page, started)
    feed, keys = await _listing(deps, state, page)
    if feed.fault is not None and not feed.entries:
        kind = FailureKind.EMPTY if not page.body.strip() else FailureKind.NOT_A_FEED
        detail = feed.fault
        if feed.alternates and source.kind is not SourceKind.SITEMAP:
            detail = f"{detail}; did you mean {feed.alternates[0]}?"
        return _failed(deps, state, kind, detail, started, page.status, None)
    return await _listed(deps, state, page, feed, keys, body_hash, started, baseline=baseline)


async def _listing(deps: Deps, state: SourceState, page: Page) -> tuple[Feed, list[EntryKeys]]:
    """Parse what a source answered; of a sitemap index, the newest children too."""
    feed, keys = await _parse(deps, state, page)
    if feed.entries or not feed.alternates or state.source.kind not in (SourceKind.SITEMAP, SourceKind.AUTO):
        return feed, keys
    if feed.fault is not None:
        return feed, keys
    entries: list[Entry] = []
    fault: str | None = None
    for child in feed.alternates[:_INDEX_CHILDREN]:
        try:
            answer = await deps.fetcher.get(child, policy=Policy(allow_private=state.source.allow_private))
        except FetchError as error:
            fault = str(error)
            continue
        if isinstance(answer, Page):
            entries += (await _parse(deps, state, answer))[0].entries
    # The children are one listing: what several of them share must be seen.
    return replace(feed, entries=tuple(entries), fault=None if entries else fault), entry_keys(entries)


async def _parse(deps: Deps, state: SourceState, page: Page) -> tuple[Feed, list[EntryKeys]]:
    return await deps.sandbox.keyed_listing(ListingJob.of(state.source, page, now=deps.clock.now()))


async def _listed(
    deps: Deps,
    state: SourceState,
    page: Page,
    feed: Feed,
    keys: list[EntryKeys],
    body_hash: bytes,
    started: float,
    *,
    baseline: bool,
) -> _Visit:
    """Decide which entries are new, and when to ask again."""
    now = deps.clock.now()
    known: list[KnownEntry] = []
    if state.baseline_done and keys:
        rows = await deps.store.aread(sources.known_entries, state.id, keys)
        known = [
            KnownEntry(
                entry_id=row.entry_id,
                url_key=row.url_key,
                id_key=row.id_key,
                title_key=row.title_key,
                published_at=row.published_at,
            )
            for row in rows
        ]
    new, seen = new_entries(list(zip(feed.entries, keys, strict=True)), known)
    first_sight = baseline and state.source.baseline and not state.baseline_done
    outcome = Outcome(ok=True, modified=True, kind=None, retry_after=None, new_entries=len(new), ttl=feed.ttl)
    # A sitemap index must be asked again even when it says that it did not change: its children do.
    validators = not (feed.alternates and state.source.kind in (SourceKind.SITEMAP, SourceKind.AUTO))
    save = _save_of(
        deps,
        state,
        outcome,
        started,
        now=now,
        health=Health.OK if feed.entries else Health.EMPTY,
        status=page.status,
        bytes=len(page.body),
        etag=page.etag if validators else None,
        last_modified=page.last_modified if validators else None,
        body_hash=body_hash if validators else None,
        keep_validators=False,
        baseline=True,
        title=feed.title or None,
        seen=tuple(seen),
        new=tuple(
            [
                _new_entry(state, feed.entries[index], keys[index], feed, baseline=first_sight, now=now)
                for index in new
            ]
        ),
    )
    return _Visit(state=state, outcome=outcome, save=save)


def _new_entry(
    state: SourceState, entry: Entry, keys: EntryKeys, feed: Feed, *, baseline: bool, now: datetime
) -> NewEntry:
    return NewEntry(
        key=keys.key,
        url=entry.link,
        host=host_of(entry.link) if entry.link else state.source.host,
        url_key=keys.url_key,
        id_key=keys.id_key,
        title_key=keys.title_key,
        title=entry.title,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        authors=entry.authors,
        summary=entry.summary,
        content=entry.content,
        language=entry.language or feed.language,
        baseline=baseline,
        next_read_at=now,
    )


def _unchanged(deps: Deps, state: SourceState, page: Page | None, started: float) -> _Visit:
    outcome = Outcome(ok=True, modified=False, kind=None, retry_after=None, new_entries=0, ttl=None)
    now = deps.clock.now()
    if page is None:
        save = _save_of(deps, state, outcome, started, now=now, status=304)
    else:
        # The same bytes under new validators: the new ones are what the server will know next time.
        save = _save_of(
            deps,
            state,
            outcome,
            started,
            now=now,
            status=page.status,
            bytes=len(page.body),
            etag=page.etag,
            last_modified=page.last_modified,
            body_hash=state.body_hash,
            keep_validators=False,
        )
    return _Visit(state=state, outcome=outcome, save=save)


def _failed(
    deps: Deps,
    state: SourceState,
    kind: FailureKind,
    detail: str,
    started: float,
    status: int | None,
    retry_after: timedelta | None,
) -> _Visit:
    outcome = Outcome(ok=False, modified=False, kind=kind, retry_after=retry_after, new_entries=0, ttl=None)
    changed = {"health": Health.FAILING, "status": status, "kind": kind, "error": detail}
    return _Visit(
        state=state,
        outcome=outcome,
        save=_save_of(deps, state, outcome, started, now=deps.clock.now(), **changed),
        failure=Failure(source=state.source.key, kind=kind, detail=detail),
    )


def _save_of(
    deps: Deps, state: SourceState, outcome: Outcome, started: float, *, now: datetime, **fields: Any
) -> RefreshSave:
    """Return what is saved of an outcome; of what ``fields`` do not say, nothing, and validators stay."""
    weight = fail_weight_after(state.fail_weight, outcome)
    values: dict[str, Any] = {
        "health": Health.OK,
        "status": None,
        "kind": None,
        "error": None,
        "bytes": 0,
        "etag": None,
        "last_modified": None,
        "body_hash": None,
        "keep_validators": True,
        "new": (),
        "seen": (),
        "baseline": False,
        "title": None,
    }
    return RefreshSave(
        source_id=state.id,
        next_fetch_at=next_fetch_at(
            every=state.source.every, fail_weight=weight, outcome=outcome, now=now, jitter=deps.jitter()
        ),
        fail_weight=weight,
        duration_ms=round((deps.clock.monotonic_s() - started) * 1000),
        **(values | fields),
    )


def _tell(visit: _Visit, new: int) -> None:
    facts: dict[str, object] = {"source": visit.state.source.key, "ms": visit.save.duration_ms}
    if visit.failure is not None:
        log.warning(
            "refresh", outcome="failed", kind=visit.failure.kind.value, why=visit.failure.detail, **facts
        )
    elif not visit.outcome.modified:
        log.info("refresh", outcome="not_modified", **facts)
    else:
        log.info("refresh", outcome="ok", new=new, bytes=visit.save.bytes, **facts)
