"""How a source is doing, in words: what every list, ``status`` and ``source why`` say of it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.cli.output import clean, failure_kind, span, table, when
from bot.model import Health, host_of

if TYPE_CHECKING:
    from bot.config import FetchSettings
    from bot.fetch.schedule import Timing
    from bot.model import Source
    from bot.store.sources import SourceRow

OFF, PAUSED = "off", "paused"
#: what a source may be doing, in words
STATES: Final = (*(health.value for health in Health), PAUSED, OFF)
_COLOURS: Final = {
    Health.OK.value: "green",
    Health.FAILING.value: "red",
    Health.PARTIAL.value: "yellow",
    Health.EMPTY.value: "yellow",
    Health.QUIET.value: "yellow",
    Health.FLOOD.value: "yellow",
    PAUSED: "magenta",
}
#: an explanation is cut behind so many characters where many sources are listed
_LONGEST: Final = 160

#: what is said where there is nothing to do
_WAIT: Final = "nothing to do: it is asked again by itself"
_HELD: Final = "nothing to do: what came again is held back and counted in the digest"


def state(row: "SourceRow") -> str:
    """Return what a source is doing, in one word: its health, ``paused`` or ``off``."""
    if not row.enabled:
        return OFF
    return PAUSED if row.paused_at is not None else row.health.value


def since(row: "SourceRow") -> datetime | None:
    """Return since when it has been doing so, None where that is not known."""
    if row.paused_at is not None:
        return row.paused_at
    return row.failing_since or row.health_since if row.health is Health.FAILING else row.health_since


def is_ill(row: "SourceRow") -> bool:
    """Tell whether a source that is asked needs a look."""
    return state(row) not in (Health.OK.value, Health.UNKNOWN.value, OFF, PAUSED)


def happened(row: "SourceRow") -> str:
    """Return what happened to a source, in words."""
    if row.paused_at is not None:
        return row.paused_why or "paused by hand"
    if row.health is Health.FAILING:
        return row.last_error or row.health_why or failure_kind(row.last_outcome)
    if row.health_why:
        return row.health_why
    if row.last_error:
        return row.last_error
    return {None: "not asked yet", "ok": "read", "not_modified": "nothing changed"}.get(
        row.last_outcome, failure_kind(row.last_outcome)
    )


def advice(row: "SourceRow") -> str:
    """Return what can be done about a source that needs a look; "" for one that does not."""
    from bot.digest.advice import advice as remedy

    said = remedy(
        row.health,
        key=row.key,
        host=host_of(row.url),
        kind=row.last_outcome,
        paused=row.paused_at is not None,
    )
    if said or not is_ill(row):
        return said
    return _HELD if row.health is Health.FLOOD else _WAIT


def coloured(word: str) -> str:
    """Return what a source is doing in its colour."""
    return f"[{_COLOURS.get(word, 'dim')}]{word}[/]"


def lasting(moment: datetime | None, *, now: datetime) -> str:
    """Return how long something has lasted: ``3 d``; "" for None."""
    if moment is None:
        return ""
    seconds = max((now - moment).total_seconds(), 0.0)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return "< 1 min"


def every(span_s: float) -> str:
    """Return an interval in words: ``15 min``, ``2 h``."""
    from bot.fetch.schedule_words import spell

    return spell(span_s)


def cut(text: str) -> str:
    """Return an explanation that is not too long for a list."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2].rstrip()} …"


def timing_of(source: "Source", fetch: "FetchSettings") -> "Timing":
    """Return how often a source may be asked."""
    from bot.fetch.schedule import Timing

    return Timing(every=source.every, adapts=source.adapts, shortest=fetch.shortest, longest=fetch.longest)


def interval_of(row: "SourceRow", fetch: "FetchSettings", *, now: datetime) -> timedelta:
    """Return how often a source is asked while all is well."""
    from bot.fetch.schedule import interval

    return interval(row.rhythm, timing_of(row.source, fetch), now=now)


def sources_table(rows: "list[SourceRow]", fetch: "FetchSettings", *, now: datetime) -> Any:
    """Return the table of sources: how each is doing and since when, and when it is asked next."""
    shown = table(("source", "kind", "health", "since", "entries", "every", "asked", "next", "what happened"))
    for column in (4, 5):
        shown.columns[column].justify = "right"
    for row in rows:
        doing = state(row)
        asked = doing not in (OFF, PAUSED)
        shown.add_row(
            clean(row.name),
            _kind(row),
            coloured(doing),
            lasting(since(row), now=now) if doing not in (Health.OK.value, OFF) else "",
            f"{row.entries:,}",
            every(interval_of(row, fetch, now=now).total_seconds()) if asked else "–",
            when(row.last_fetch_at, now=now),
            span(row.next_fetch_at, now=now) if asked else "–",
            clean(cut(happened(row))),
        )
    return shown


def _kind(row: "SourceRow") -> str:
    found = f"→{row.found.kind.value}" if row.found is not None and row.kind.value == "auto" else ""
    return f"{row.kind.value}{found}"
