"""A source between its row and its values: what the configuration says of it, and what was learned.

Of the configuration the row's ``settings`` keep only what is not the default, so that they stay short:
they are written again with every poll. What the configuration keeps secret never comes here.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.model import FullText, Health, JsonLd, Moved, Offer, PauseScope, Rhythm, Source, SourceKind, Tier
from bot.store.statements import AnyRow
from bot.store.tables import sources

#: Fields of a source that are columns of their own.
_COLUMNS: Final = {"key", "name", "kind", "url", "enabled"}
_TIMES: Final = {"every", "newer_than", "host_pause", "timeout"}
_TUPLES: Final = {"tags", "allow_private"}
_ENUMS: Final[Mapping[str, Any]] = {
    "tier": Tier,
    "full_text": FullText,
    "json_ld": JsonLd,
    "scope": PauseScope,
}
_DEFAULTS: Final = {
    field.name: field.default
    for field in fields(Source)
    if field.name not in _COLUMNS and field.default is not MISSING
}
# Looked up rather than called: an enum's constructor is what this costs most, thousands of times a poll.
KINDS: Final = {kind.value: kind for kind in SourceKind}
HEALTHS: Final = {health.value: health for health in Health}

#: What is learned of a rhythm: each field is a column of that name.
RHYTHM: Final = tuple(field.name for field in fields(Rhythm))

#: What ``source_from`` needs of a row.
SOURCE_COLUMNS: Final[tuple[sa.Column[Any], ...]] = (
    sources.c.key,
    sources.c.name,
    sources.c.kind,
    sources.c.url,
    sources.c.settings,
    sources.c.enabled,
)
#: What ``rhythm_from``, ``moved_from`` and ``found_from`` need of a row.
LEARNED_COLUMNS: Final[tuple[sa.Column[Any], ...]] = (
    *(sources.c[name] for name in RHYTHM),
    sources.c.moved_to,
    sources.c.moved_times,
    sources.c.moved_since,
    sources.c.found_url,
    sources.c.found_kind,
)


def _reader(name: str) -> tuple[str, Callable[[Any], Any]]:
    """Return the key of a field in the settings, and what makes its JSON value one of the model's."""
    if name in _TIMES:
        return f"{name}_s", lambda value: timedelta(seconds=value)
    if name in _TUPLES:
        return name, tuple
    if name in _ENUMS:
        return name, {word.value: word for word in _ENUMS[name]}.__getitem__
    return name, lambda value: value


_READERS: Final = {key: (name, read) for name in _DEFAULTS for key, read in (_reader(name),)}
_KEYS: Final = {name: key for key, (name, _) in _READERS.items()}


def source_from(row: AnyRow) -> Source:
    """Return the source of a row that has ``SOURCE_COLUMNS``; what its settings lack is the default."""
    values: dict[str, Any] = {}
    for key, value in row.settings.items():
        if value is not None and key in _READERS:
            name, read = _READERS[key]
            values[name] = read(value)
    return Source(
        key=row.key, name=row.name, kind=KINDS[row.kind], url=row.url, enabled=row.enabled, **values
    )


def settings_of(source: Source) -> dict[str, Any]:
    """Return what a row keeps of a source beside its own columns, as JSON values."""
    found: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(source, name)
        if value != default:
            found[_KEYS[name]] = value.total_seconds() if isinstance(value, timedelta) else value
    return found


def tags_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tags that settings name."""
    return tuple(settings.get("tags", ()))


def tier_of(settings: Mapping[str, Any]) -> Tier | None:
    """Return the tier that settings name, None where they do not."""
    tier = settings.get("tier")
    return None if tier is None else Tier(tier)


def rhythm_from(row: AnyRow) -> Rhythm:
    """Return what was learned of how often a source brings something new."""
    values = {name: getattr(row, name) for name in RHYTHM}
    values["recent_new"] = tuple(values["recent_new"] or ())
    return Rhythm(**values)


def moved_from(row: AnyRow) -> Moved | None:
    """Return where a source has been sending us for good, None where it does not."""
    if row.moved_to is None:
        return None
    return Moved(to=row.moved_to, times=row.moved_times, since=row.moved_since)


def found_from(row: AnyRow) -> Offer | None:
    """Return what was discovered at a bare address, None before that."""
    return None if row.found_url is None else Offer(kind=KINDS[row.found_kind], url=row.found_url)


def health_from(word: str | None) -> Health | None:
    """Return the health of a word that may be missing."""
    return None if word is None else HEALTHS[word]


#: What a source is judged anew by: nothing of what its former address did.
FORGOTTEN: Final[Mapping[str, Any]] = {
    "etag": None,
    "last_modified": None,
    "body_hash": None,
    "last_error": None,
    "health": Health.UNKNOWN.value,
    "health_since": None,
    "health_why": None,
    "fail_weight": 0.0,
    "failing_since": None,
    "next_reason": None,
    "listed": None,
    "answered_at": None,
    "whole_at": None,
    "moved_to": None,
    "moved_times": None,
    "moved_since": None,
    "found_url": None,
    "found_kind": None,
    # a pause that the former address brought about; one by hand stays
    "paused_at": sa.case((sources.c.paused_by_answer.is_(sa.true()), None), else_=sources.c.paused_at),
    "paused_why": sa.case((sources.c.paused_by_answer.is_(sa.true()), None), else_=sources.c.paused_why),
    "paused_by_answer": None,
}
