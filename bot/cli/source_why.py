"""``newsbot source why``: when a source is asked next and why, how it is doing, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from bot.cli.context import options_of
from bot.cli.output import clean, console, counted, failure_kind, print_json, table, when
from bot.cli.source_names import chosen, stored
from bot.cli.source_state import Name
from bot.cli.source_words import (
    OFF,
    PAUSED,
    advice,
    coloured,
    happened,
    interval_of,
    is_ill,
    lasting,
    since,
    state,
    timing_of,
)
from bot.clock import SystemClock
from bot.model import FullText, Source

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import Tx
    from bot.store.sources import FetchRow, SourceFacts, SourceRow, SourceState

#: answers that are shown
_LAST: Final = 10


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("why")(why)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What the database knows of one source."""

    row: "SourceRow"
    facts: "SourceFacts | None"
    #: None for a source that is not asked
    state: "SourceState | None"
    #: the newest first
    fetches: "list[FetchRow]"
    #: until when its host wants to be left alone
    held_until: datetime | None
    network_down_since: datetime | None


def why(
    ctx: typer.Context,
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain a source: when it is asked next and why then, how it is doing, what its last answers were."""
    options = options_of(ctx)
    settings = options.settings()
    now = SystemClock().now()
    with stored(options, settings) as (store, rows):
        known = store.read(_known, chosen(rows, name), now)
    if as_json:
        print_json(_document(known, settings, now=now))
    else:
        _print(known, settings, now=now)


def _known(tx: "Tx", row: "SourceRow", now: datetime) -> _Known:
    from bot.store import sources

    return _Known(
        row=row,
        facts=next(iter(sources.facts(tx, now=now, keys=[row.key])), None),
        state=next(iter(sources.due_sources(tx, row.host, now=now, only=[row.key], everything=True)), None),
        fetches=sources.recent_fetches(tx, row.key, limit=_LAST),
        held_until=sources.held_until(tx, row.host, now=now),
        network_down_since=sources.network_down_since(tx),
    )


def _explained(known: _Known, settings: "Settings", *, now: datetime) -> list[str]:
    """Return why a source is asked when it is, in sentences."""
    from bot.fetch.schedule import explain

    row = known.row
    doing = state(row)
    if doing == OFF:
        return ["It is switched off in the configuration, and not asked."]
    if doing == PAUSED:
        return ["It is paused, and not asked before `newsbot source resume`."]
    told = explain(
        row.next_reason,
        rhythm=row.rhythm,
        timing=timing_of(row.source, settings.fetch),
        fail_weight=known.facts.fail_weight if known.facts else 0.0,
        now=now,
        when=lambda moment: when(moment, now=now),
    )
    if known.network_down_since is not None:
        told.append(f"No source can be reached since {when(known.network_down_since, now=now)}.")
    if row.next_reason is None:
        due = row.next_fetch_at <= now
        told.append("It is due now." if due else f"It is asked next at {when(row.next_fetch_at, now=now)}.")
    return told


def _print(known: _Known, settings: "Settings", *, now: datetime) -> None:
    row = known.row
    out = console()
    key = f"  [dim]{clean(row.key)}[/]" if row.key != row.name else ""
    out.print(f"[bold]{clean(row.name)}[/]{key}")
    out.print(f"[dim]{row.kind.value}[/] {clean(row.url)}", soft_wrap=True)
    out.print()
    shown = Table.grid(padding=(0, 2, 0, 0))
    for label, says in _lines(known, settings, now=now):
        shown.add_row(f"[dim]{label}[/]", says)
    out.print(shown)
    if known.fetches:
        out.print()
        out.print(_fetches(known.fetches, now=now))
        out.print("[dim]answers that said “not modified” are not listed[/]")


def _lines(known: _Known, settings: "Settings", *, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what is said of a source: a label and a line each."""
    row = known.row
    doing = state(row)
    lasts = lasting(since(row), now=now) if is_ill(row) or doing == PAUSED else ""
    yield "health", f"{coloured(doing)}{f' for {lasts}' if lasts else ''}: {clean(happened(row))}"
    if todo := advice(row):
        yield "to do", f"[cyan]{clean(todo)}[/]"
    for place, sentence in enumerate(_explained(known, settings, now=now)):
        yield "asked" if not place else "", clean(sentence)
    yield "brought", _brought(known, now=now)
    yield "pages", _pages(known)
    yield from _addresses(row, now=now)
    if row.enabled and row.paused_at is None:
        yield "answers", _validators(known, now=now)
    yield "host", _host(known, now=now)
    for warning in warnings(row.source):
        yield "[yellow]beware[/]", f"[yellow]{clean(warning)}[/]"


def _brought(known: _Known, *, now: datetime) -> str:
    rhythm = known.row.rhythm
    listed = known.facts.listed if known.facts else None
    parts = [f"{counted(known.row.entries, 'entry', 'entries')} so far"]
    if listed is not None:
        parts.append(f"{listed:,} in its last listing")
    if rhythm.items:
        parts.append(f"{counted(rhythm.items, 'new one', 'new ones')} since its first sight")
    if rhythm.items and rhythm.last_new_at is not None:
        parts.append(f"the last at {when(rhythm.last_new_at, now=now)}")
    return ", ".join(parts)


def _pages(known: _Known) -> str:
    full = known.row.source.full_text
    if full is FullText.FEED:
        return "never asked for: full_text: feed"
    facts = known.facts
    unread = sum(facts.pages_unread.values()) if facts else 0
    read = facts.pages_read if facts else 0
    said = "none asked for lately" if not read + unread else f"{read} of the last {read + unread} read"
    if facts and facts.pages_unread:
        kinds = sorted(facts.pages_unread.items(), key=lambda pair: -pair[1])
        said += f" ({', '.join(f'{count} {failure_kind(kind)}' for kind, count in kinds)})"
    return said if full is FullText.AUTO else f"{said}; full_text: {full.value}"


def _addresses(row: "SourceRow", *, now: datetime) -> Iterator[tuple[str, str]]:
    from bot.fetch.schedule import is_settled

    if row.found is not None:
        yield "found", f"{row.found.kind.value} {clean(row.found.url)}, which is what is read"
    if row.moved is not None:
        times = f"{counted(row.moved.times, 'time')} since {when(row.moved.since, now=now)}"
        settled = f"; `newsbot source fix {row.key}` writes it down" if is_settled(row.moved, now=now) else ""
        yield "moved", f"sent for good to {clean(row.moved.to)} ({times}{settled})"


def _validators(known: _Known, *, now: datetime) -> str:
    asked = known.state
    if asked is None or asked.answered_at is None:
        return "none yet"
    kept = [name for name, kept in (("ETag", asked.etag), ("Last-Modified", asked.last_modified)) if kept]
    how = f"asked with {' and '.join(kept)}" if kept else "no validators: each answer is read whole"
    return (
        f"{how}; the last good one {when(asked.answered_at, now=now)}, whole {when(asked.whole_at, now=now)}"
    )


def _host(known: _Known, *, now: datetime) -> str:
    if known.held_until is not None:
        until = when(known.held_until, now=now)
        return f"{clean(known.row.host)} [yellow]wants to be left alone until {until}[/]"
    return clean(known.row.host)


def warnings(source: Source) -> list[str]:
    """Return what stands in the configuration of a source that somebody should know of."""
    found = []
    if not source.tls_verify:
        found.append(
            "its certificate is not verified: whoever stands between may read and change what it says"
        )
    if not source.robots:
        found.append("robots.txt is not obeyed for its pages")
    if source.allow_private:
        found.append(f"addresses that are not public may be asked: {', '.join(source.allow_private)}")
    return found


def _fetches(rows: "list[FetchRow]", *, now: datetime) -> Any:
    shown = table(("at", "status", "took", "bytes", "new", "what happened"))
    for column in shown.columns[1:5]:
        column.justify = "right"
    for row in rows:
        what = clean(row.error or failure_kind(row.kind) or "read")
        shown.add_row(
            when(row.at, now=now),
            "–" if row.status is None else str(row.status),
            f"{row.duration_ms / 1000:.1f} s",
            f"{row.bytes:,}",
            f"{row.new:,}",
            f"[red]{what}[/]" if row.kind else what,
        )
    return shown


def _document(known: _Known, settings: "Settings", *, now: datetime) -> dict[str, Any]:
    from bot.cli.source import as_row

    row, facts, asked = known.row, known.facts, known.state
    return as_row(row, settings.fetch) | {
        "state": state(row),
        "what_happened": happened(row),
        "advice": advice(row),
        "why": _explained(known, settings, now=now),
        "next_reason": row.next_reason,
        "interval_s": round(interval_of(row, settings.fetch, now=now).total_seconds()),
        "failing_since": row.failing_since,
        "fail_weight": facts.fail_weight if facts else 0.0,
        "listed": facts.listed if facts else None,
        "pages_read": facts.pages_read if facts else 0,
        "pages_unread": facts.pages_unread if facts else {},
        "full_text": row.source.full_text,
        "first_asked_at": row.first_asked_at,
        "answered_at": asked.answered_at if asked else None,
        "whole_at": asked.whole_at if asked else None,
        "etag": asked.etag if asked else None,
        "last_modified": asked.last_modified if asked else None,
        "host": row.host,
        "host_held_until": known.held_until,
        "network_down_since": known.network_down_since,
        "warnings": warnings(row.source),
        "fetches": known.fetches,
    }
