"""What asking a source came to: noted with the source, and in the log of fetches where it told something.

Most polls find nothing changed, so that statement is kept lean; an answer that has more to say than that
it came is saved by another one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.model import Rhythm
from bot.store.base import Tx
from bot.store.refresh_values import RefreshSave
from bot.store.source_rows import RHYTHM
from bot.store.statements import Many, param
from bot.store.tables import fetches, sources
from bot.store.types import Flag, Utc

#: What only new entries change in a rhythm, and what time alone does, too.
_LEARNED_OF_NEWS: Final = ("items", "recent_new")
_ALWAYS_LEARNED: Final = tuple(name for name in RHYTHM if name not in _LEARNED_OF_NEWS)


def _if_told(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(param(f"new_{column.name}", column), column)


_TROUBLE_AT = sa.bindparam("trouble_at", type_=Utc())
_ANSWERED_AT = param("answered", sources.c.answered_at)
_FETCHED_AT = param("now", sources.c.last_fetch_at)
_STATE = param("state", sources.c.health)
_OUTCOME: dict[str, Any] = {
    "next_fetch_at": param("next_at", sources.c.next_fetch_at),
    "next_reason": param("reason", sources.c.next_reason),
    "first_asked_at": sa.func.coalesce(sources.c.first_asked_at, _FETCHED_AT),
    "last_fetch_at": _FETCHED_AT,
    "answered_at": sa.func.coalesce(_ANSWERED_AT, sources.c.answered_at),
    "last_outcome": param("outcome", sources.c.last_outcome),
    "last_error": param("why", sources.c.last_error),
    "health": sa.func.coalesce(_STATE, sources.c.health),
    "health_since": sa.case(
        (sa.func.coalesce(_STATE, sources.c.health) == sources.c.health, sources.c.health_since),
        else_=_FETCHED_AT,
    ),
    "health_why": sa.case(
        (_STATE.is_(None), sources.c.health_why), else_=param("state_why", sources.c.health_why)
    ),
    "fail_weight": param("weight", sources.c.fail_weight),
    # the first time of an unbroken row; an answer ends it, and a failure that does not count leaves it
    "failing_since": sa.case(
        (_TROUBLE_AT.is_not(None), sa.func.coalesce(sources.c.failing_since, _TROUBLE_AT)),
        (_ANSWERED_AT.is_(None), sources.c.failing_since),
        else_=None,
    ),
    **{name: _if_told(sources.c[name]) for name in _ALWAYS_LEARNED},
    "moved_to": sa.null(),
    "moved_times": sa.null(),
    "moved_since": sa.null(),
}
_KEEP = sa.bindparam("keep", type_=Flag())
_PAUSE = param("pause", sources.c.paused_why)
#: A pause by hand, made meanwhile, stays what it is.
_pauses = sa.and_(_PAUSE.is_not(None), sources.c.paused_at.is_(None))


def _unless_kept(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.case((_KEEP, column), else_=param(f"new_{column.name}", column))


_of_source = sa.update(sources).where(
    sources.c.id == param("of", sources.c.id),
    # What another address answered, before the configuration changed, says nothing of this one.
    sources.c.url == sa.func.coalesce(param("asked_url", sources.c.url), sources.c.url),
)
#: For the many that tell nothing: with every word less, a poll of thousands is quicker.
_SAVE = Many(_of_source.values(_OUTCOME))
_SAVE_ANSWER = Many(
    _of_source.values(
        _OUTCOME
        | {
            "etag": _unless_kept(sources.c.etag),
            "last_modified": _unless_kept(sources.c.last_modified),
            "body_hash": _unless_kept(sources.c.body_hash),
            "feed_title": _if_told(sources.c.feed_title),
            "baseline_done": sa.or_(sources.c.baseline_done, param("done", sources.c.baseline_done)),
            "listed": _if_told(sources.c.listed),
            **{name: _if_told(sources.c[name]) for name in _LEARNED_OF_NEWS},
            "whole_at": _if_told(sources.c.whole_at),
            "moved_to": param("new_moved_to", sources.c.moved_to),
            "moved_times": param("new_moved_times", sources.c.moved_times),
            "moved_since": param("new_moved_since", sources.c.moved_since),
            "found_url": _if_told(sources.c.found_url),
            "found_kind": _if_told(sources.c.found_kind),
            "paused_at": sa.case((_pauses, _FETCHED_AT), else_=sources.c.paused_at),
            "paused_why": sa.case((_pauses, _PAUSE), else_=sources.c.paused_why),
            "paused_by_answer": sa.case((_pauses, sa.true()), else_=sources.c.paused_by_answer),
        }
    )
)
_LOG = Many(
    sa.insert(fetches),
    columns=("source_id", "at", "duration_ms", "status", "bytes", "new", "kind", "error"),
)


def save_outcomes(tx: Tx, saves: Sequence[tuple[RefreshSave, int]], *, now: datetime) -> None:
    """Note outcomes (≥ 1), each with how many entries were new."""
    silent: list[dict[str, Any]] = []
    telling: list[dict[str, Any]] = []
    for save, _ in saves:
        if _is_silent(save):
            silent.append(_outcome(save, now))
        else:
            telling.append(_outcome(save, now) | _answer(save, now))
    if silent:
        _SAVE(tx, silent)
    if telling:
        _SAVE_ANSWER(tx, telling)
    # A poll that found nothing changed, one of a million a day, leaves its time with the source alone.
    if log := [_log_row(save, new, now) for save, new in saves if save.status != 304]:
        _LOG(tx, log)


def _is_silent(save: RefreshSave) -> bool:
    """Tell whether a save has nothing but an outcome."""
    return save.keep_validators and not (
        save.baseline
        or save.title is not None
        or save.new
        or save.listed is not None
        or save.moved is not None
        or save.whole
        or save.found is not None
        or save.pause is not None
    )


def _outcome(save: RefreshSave, now: datetime) -> dict[str, Any]:
    well = "not_modified" if save.status == 304 else "ok"
    return {
        "of": save.source_id,
        "asked_url": save.asked_url,
        "next_at": save.next_fetch_at,
        "reason": save.next_reason,
        "now": now,
        "answered": now if save.kind is None else None,
        "outcome": well if save.kind is None else save.kind.value,
        "why": save.error,
        "state": None if save.health is None else save.health.value,
        "state_why": save.health_why,
        "weight": save.fail_weight,
        "trouble_at": None if save.kind is None or save.health is None else now,
        **_learned(save.rhythm, _ALWAYS_LEARNED),
    }


def _learned(rhythm: Rhythm | None, names: Sequence[str]) -> dict[str, Any]:
    return {f"new_{name}": None if rhythm is None else getattr(rhythm, name) for name in names}


def _answer(save: RefreshSave, now: datetime) -> dict[str, Any]:
    moved, found = save.moved, save.found
    return {
        "keep": save.keep_validators,
        "new_feed_title": save.title,
        "done": save.baseline,
        "new_etag": save.etag,
        "new_last_modified": save.last_modified,
        "new_body_hash": save.body_hash,
        "new_listed": save.listed,
        **_learned(save.rhythm, _LEARNED_OF_NEWS),
        "new_whole_at": now if save.whole else None,
        "new_moved_to": None if moved is None else moved.to,
        "new_moved_times": None if moved is None else moved.times,
        "new_moved_since": None if moved is None else moved.since,
        "new_found_url": None if found is None else found.url,
        "new_found_kind": None if found is None else found.kind.value,
        "pause": save.pause,
    }


def _log_row(save: RefreshSave, new: int, now: datetime) -> dict[str, Any]:
    return {
        "source_id": save.source_id,
        "at": now,
        "duration_ms": save.duration_ms,
        "status": save.status,
        "bytes": save.bytes,
        "new": new,
        "kind": None if save.kind is None else save.kind.value,
        "error": save.error,
    }
