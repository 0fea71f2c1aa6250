"""Refresh: ask the due sources of one host what they list, and store the entries that are new.

Unit: a host, because politeness is per host. Saved in one transaction for each handful of sources:
new entries first, then the validators that would hide them next time, then when to ask again.
``visit`` asks one source, ``listed`` parses its answer, ``arrivals`` tells what is new, ``outcome`` says what
is saved.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.model import Health, PauseScope
from bot.pipeline.deps import Deps
from bot.pipeline.outcome import Failure, Visit
from bot.pipeline.visit import visit
from bot.store import Tx, sources
from bot.store.sources import NewNotice, SourceState

log = structlog.get_logger("refresh")

#: Results are saved when this many wait, or when the first of them has waited this long.
_SAVE_AFTER = 20
_SAVE_AFTER_S = 2.0


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
    visits: list[Visit] = []
    waiting: list[Visit] = []
    counts: list[int] = []
    since = deps.clock.monotonic_s()
    try:
        for state in states:
            waiting.append(await visit(deps, state, baseline=baseline))
            if len(waiting) >= _SAVE_AFTER or deps.clock.monotonic_s() - since > _SAVE_AFTER_S:
                counts += await deps.store.awrite(_save, deps, host, waiting, release=False)
                visits += waiting
                waiting, since = [], deps.clock.monotonic_s()
    finally:
        # Shielded: whoever cancels us (a shutdown) must not cost what was read already.
        counts += await asyncio.shield(deps.store.awrite(_save, deps, host, waiting, release=True))
        visits += waiting
    for visited, new in zip(visits, counts, strict=True):
        _tell(visited, new)
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


def _save(tx: Tx, deps: Deps, host: str, visits: list[Visit], *, release: bool) -> list[int]:
    now = deps.clock.now()
    counts = sources.save_refreshes(tx, [visit.save for visit in visits], now=now) if visits else []
    holds = [visit.outcome.retry_after for visit in visits if _holds_host(visit)]
    if longest := max((hold for hold in holds if hold is not None), default=None):
        sources.hold_host(tx, host, until=now + longest)
    if gone := [visit for visit in visits if visit.save.pause is not None]:
        # Told at once, and only once: what is paused is not judged again.
        sources.add_notices(tx, [_gone(visit, now) for visit in gone], now=now)
    if release:
        sources.release_host(tx, host, holder=deps.holder)
    else:
        sources.extend_claim(tx, host, holder=deps.holder, now=now, lease=deps.host_lease)
    return counts


def _gone(visit: Visit, now: datetime) -> NewNotice:
    why = f"{visit.save.pause}: it is paused (newsbot source fix {visit.state.source.key})"
    return NewNotice(source_id=visit.state.id, health=Health.FAILING, why=why, since=now)


def _holds_host(visit: Visit) -> bool:
    """Tell whether a Retry-After is for the whole host: one host may carry thousands of routes."""
    return visit.outcome.retry_after is not None and visit.state.source.scope is not PauseScope.SOURCE


def _tell(visit: Visit, new: int) -> None:
    facts: dict[str, object] = {"source": visit.state.source.key, "ms": visit.save.duration_ms}
    if visit.network:
        log.info("refresh", outcome="network_down", kind=visit.save.kind, **facts)
    elif visit.failure is not None:
        log.warning(
            "refresh", outcome="failed", kind=visit.failure.kind.value, why=visit.failure.detail, **facts
        )
    elif not visit.outcome.modified:
        log.info("refresh", outcome="not_modified", **facts)
    else:
        held = {"held": visit.held} if visit.held else {}
        log.info("refresh", outcome="ok", new=new, bytes=visit.save.bytes, **held, **facts)
