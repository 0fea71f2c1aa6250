"""Health: judge from time to time how every source is doing, and note what people are to be told.

A refresh judges by its own answer; here the facts of many answers are judged: pages that cannot be read,
and silence that is unusual for this source. The rules stand in ``bot.fetch.health``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.errors import FailureKind
from bot.fetch import health
from bot.fetch.health import Facts, Judgement, Notice
from bot.model import Health
from bot.pipeline.deps import Deps
from bot.store import Tx, sources
from bot.store.sources import HealthChange, NewNotice, SourceFacts

log = structlog.get_logger("health")

_KINDS = {kind.value: kind for kind in FailureKind}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What a look at all sources brought."""

    sources: int = 0
    #: sources that are doing otherwise than they did
    changes: tuple[HealthChange, ...] = ()
    #: what people are to be told
    notices: tuple[NewNotice, ...] = ()


async def judge_sources(deps: Deps) -> Judged:
    """Judge every source that is asked, save what changed, and note what is to be told of it."""
    now = deps.clock.now()
    rows = await deps.store.aread(sources.facts, now=now)
    judged = [(row, health.judge(row.health, _facts(row, now))) for row in rows]
    changes = [_change(row, judgement) for row, judgement in judged if _differs(row, judgement)]
    told = [(row, said) for row, judgement in judged if (said := _notice(row, judgement, now)) is not None]
    notices = [
        NewNotice(source_id=row.id, health=said.health, why=said.why, since=said.since) for row, said in told
    ]
    if changes or notices:
        await deps.store.awrite(_save, deps, changes, notices)
    for row, said in told:
        tell = log.info if said.health is Health.OK else log.warning
        tell("health", source=row.source.key, health=said.health.value, why=said.why)
    return Judged(sources=len(rows), changes=tuple(changes), notices=tuple(notices))


def _facts(row: SourceFacts, now: datetime) -> Facts:
    return Facts(
        now=now,
        ok=row.failing_since is None,
        kind=_KINDS.get(row.last_outcome or ""),
        detail=row.last_error or "",
        listed=row.listed,
        rhythm=row.rhythm,
        since=row.health_since,
        pages_read=row.pages_read,
        pages_unread=row.pages_unread,
    )


def _differs(row: SourceFacts, judgement: Judgement | None) -> bool:
    return judgement is not None and (judgement.health, judgement.why) != (row.health, row.health_why or "")


def _change(row: SourceFacts, judgement: Judgement | None) -> HealthChange:
    assert judgement is not None
    return HealthChange(source_id=row.id, health=judgement.health, why=judgement.why or None)


def _notice(row: SourceFacts, judgement: Judgement | None, now: datetime) -> Notice | None:
    """Return what is to be told of a source as it is doing now, whoever found that out."""
    now_health = row.health if judgement is None else judgement.health
    since = row.health_since if now_health is row.health else now
    why = judgement.why if judgement is not None and judgement.why else row.health_why or row.last_error or ""
    if now_health is Health.FAILING and row.noticed_health is not Health.FAILING and row.listed is None:
        # It has never been read: no passing trouble, but most likely a mistake in its address.
        return Notice(health=now_health, why=why, since=row.failing_since)
    return health.notice(
        row.noticed_health,
        now_health,
        since=row.failing_since if now_health is Health.FAILING else since,
        kind=_KINDS.get(row.last_outcome or ""),
        why=why,
        now=now,
    )


def _save(tx: Tx, deps: Deps, changes: Sequence[HealthChange], notices: Sequence[NewNotice]) -> None:
    # The clock is read here: a notice must not be older than a digest composed before it was saved.
    now = deps.clock.now()
    sources.save_health(tx, changes, now=now)
    sources.add_notices(tx, notices, now=now)
