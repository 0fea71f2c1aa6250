"""Outcome: what came of asking one source, as what is saved of it and what is told.

Part of the refresh step. Decides nothing itself: when to ask again is ``bot.fetch.schedule``'s to say, how
the source is doing ``bot.fetch.health``'s, whether the network is down ``bot.fetch.network``'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.errors import FailureKind, FetchError, NewsbotError
from bot.fetch import schedule
from bot.fetch.health import Judgement, judge_answer, judge_failure
from bot.fetch.schedule import NextFetch, NextReason, Outcome, Timing
from bot.model import NotModified, Offer, Page, Rhythm, Source
from bot.pipeline.arrivals import Arrivals
from bot.pipeline.deps import Deps
from bot.pipeline.listed import Listed
from bot.store.sources import RefreshSave, SourceState

#: Why a source is paused that is gone for good, in words.
_GONE = "the server says that it is gone for good (HTTP 410)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A source that could not be read."""

    source: str
    kind: FailureKind
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One question to one source: who asks whom, since when, and how."""

    deps: Deps
    state: SourceState
    #: as it is asked: a bare address as what was discovered there
    source: Source
    #: on the monotonic clock
    since_s: float
    #: asked without validators
    whole: bool
    #: what was discovered just now
    found: Offer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One source asked: what to save, and what to tell."""

    state: SourceState
    save: RefreshSave
    outcome: Outcome
    failure: Failure | None = None
    #: new items that only repeated known titles
    held: int = 0
    #: its failure is the network's, and not counted
    network: bool = False


def read(asked: Asked, page: Page, found: Listed, brought: Arrivals, *, body_hash: bytes) -> Visit:
    """Return the visit of a source whose listing was read."""
    state, feed = asked.state, found.feed
    outcome = Outcome(
        ok=True,
        modified=True,
        new_entries=brought.news if state.baseline_done else 0,
        hint=schedule.hint_of(page.headers, ttl=feed.ttl),
    )
    health = judge_answer(
        state.health, listed=len(feed.entries), new=outcome.new_entries, held=brought.held, fault=feed.fault
    )
    save = _save(
        asked,
        outcome,
        page=page,
        health=health,
        # The listing of several addresses must be asked again even where its first one did not change.
        etag=page.etag if found.whole else None,
        last_modified=page.last_modified if found.whole else None,
        body_hash=body_hash if found.whole else None,
        keep_validators=False,
        baseline=True,
        title=feed.title or None,
        listed=len(feed.entries),
        new=brought.new,
        seen=brought.seen,
        changed=brought.changed,
        found=asked.found,
    )
    return Visit(state=state, outcome=outcome, save=save, held=brought.held)


def unchanged(asked: Asked, answer: Page | NotModified, *, body_hash: bytes | None = None) -> Visit:
    """Return the visit of a source that is as it was; of the same bytes, new validators are kept."""
    state = asked.state
    outcome = Outcome(ok=True, hint=schedule.freshness(answer.headers))
    validators: dict[str, Any] = {"keep_validators": True}
    if isinstance(answer, Page):
        validators = {
            "etag": answer.etag,
            "last_modified": answer.last_modified,
            "body_hash": body_hash,
            "keep_validators": False,
        }
    health = judge_answer(state.health, listed=None, new=0, held=0, fault=None)
    return Visit(
        state=state, outcome=outcome, save=_save(asked, outcome, page=answer, health=health, **validators)
    )


def failed(
    asked: Asked, error: NewsbotError, *, status: int | None = None, retry_after: timedelta | None = None
) -> Visit:
    """Return the visit of a source that could not be read; while the network is down nothing is counted."""
    deps, state, now = asked.deps, asked.state, asked.deps.clock.now()
    outcome = Outcome(ok=False, kind=error.kind, retry_after=retry_after)
    detail = f"{error.message} ({error.hint})" if error.hint else error.message
    failure = Failure(source=state.source.key, kind=error.kind, detail=detail)
    if (
        isinstance(error, FetchError)
        and status is None
        and deps.network.failed(state.source.host, error.kind, now)
    ):
        wait = deps.network.retry_in(now, jitter=deps.jitter())
        following = schedule.while_down(
            wait, timing=timing_of(deps, state.source), rhythm=state.rhythm, now=now
        )
        save = _row(
            asked,
            following,
            fail_weight=state.fail_weight,
            rhythm=None,
            health=None,
            moved=state.moved,
            kind=error.kind,
            error=detail,
        )
        return Visit(state=state, outcome=outcome, save=save, failure=failure, network=True)
    health = judge_failure(error.kind, error.message)
    save = _save(asked, outcome, health=health, status=status, kind=error.kind, error=detail)
    return Visit(state=state, outcome=outcome, save=save, failure=failure)


def timing_of(deps: Deps, source: Source) -> Timing:
    """Return how often a source may be asked."""
    return Timing(every=source.every, adapts=source.adapts, shortest=deps.shortest, longest=deps.longest)


def _save(
    asked: Asked,
    outcome: Outcome,
    *,
    health: Judgement | None,
    page: Page | NotModified | None = None,
    **fields: Any,
) -> RefreshSave:
    """Return what is saved of an outcome that counts."""
    deps, state, now = asked.deps, asked.state, asked.deps.clock.now()
    weight = schedule.fail_weight_after(state.fail_weight, outcome)
    rhythm = schedule.learned(state.rhythm, outcome, since=state.answered_at, now=now)
    following = schedule.next_fetch(
        timing=timing_of(deps, state.source),
        rhythm=rhythm,
        outcome=outcome,
        fail_weight=weight,
        now=now,
        jitter=deps.jitter(),
        phase=schedule.phase_of(state.source.key),
        digest_at=deps.next_digest.after(now),
    )
    moved = state.moved
    if page is not None:
        moved = schedule.moved_after(moved, page.redirects, page.url, parsed=True, now=now)
    answered: dict[str, Any] = {}
    if page is not None:
        answered = {
            "status": page.status if isinstance(page, Page) else 304,
            "bytes": len(page.body) if isinstance(page, Page) else 0,
            "whole": isinstance(page, Page) and asked.whole,
        }
    return _row(
        asked,
        following,
        fail_weight=weight,
        rhythm=rhythm,
        health=health,
        moved=moved,
        pause=_GONE if following.reason is NextReason.GONE else None,
        **(answered | fields),
    )


def _row(
    asked: Asked,
    following: NextFetch,
    *,
    fail_weight: float,
    rhythm: Rhythm | None,
    health: Judgement | None,
    **fields: Any,
) -> RefreshSave:
    """Return the row of an outcome; of what ``fields`` do not say, nothing, and validators stay."""
    values: Mapping[str, Any] = {
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
        source_id=asked.state.id,
        asked_url=asked.state.source.url,
        next_fetch_at=following.at,
        next_reason=following.to_json(),
        fail_weight=fail_weight,
        rhythm=rhythm,
        health=None if health is None else health.health,
        health_why=None if health is None else health.why or None,
        duration_ms=round((asked.deps.clock.monotonic_s() - asked.since_s) * 1000),
        **(dict(values) | fields),
    )
