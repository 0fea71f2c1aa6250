"""``newsbot source``: where is read, how each source is doing, and everything that can be done with one.

The group and its list; each other command stands in a file of its own, ``source_*.py``.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import source_add, source_fix, source_io, source_state, source_try, source_value, source_why
from bot.cli.context import Options, options_of, unknown
from bot.cli.output import AsCsv, AsJson, AsJsonLines, Form, console, counted, form_of, print_rows
from bot.cli.source_words import STATES, interval_of, sources_table, state
from bot.clock import SystemClock

if TYPE_CHECKING:
    from bot.config import FetchSettings, Settings
    from bot.store.sources import SourceRow

__all__ = ["register", "source", "sources_table"]

#: the fields of the command contract, and more
COLUMNS = (
    "name", "key", "kind", "url", "health", "enabled", "next_fetch_at", "last_fetch_at", "last_outcome",
    "last_error", "entries", "health_since", "health_why", "paused_at", "paused_why", "interval_s", "items",
    "last_new_at", "host", "moved_to", "moved_times", "moved_since", "found_kind", "found_url", "language",
    "tags", "tier",
)  # fmt: skip

source = typer.Typer(
    help="Show the sources and how they are doing; find, add, try and mend them.", invoke_without_command=True
)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(source, name="source")


Healths = Annotated[
    list[str] | None,
    typer.Option("--health", metavar="WORD", help=f"Only sources that are so: {', '.join(STATES)}."),
]


@source.callback()
def bare(ctx: typer.Context) -> None:
    """List the sources."""
    if ctx.invoked_subcommand is None:
        list_sources(ctx)


@source.command("list")
def list_sources(
    ctx: typer.Context,
    health: Healths = None,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_csv: AsCsv = False,
) -> None:
    """List the sources: how each is doing and since when, what happened, and when it is asked next."""
    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    wanted = _wanted(health)
    options = options_of(ctx)
    settings = options.settings()
    rows = rows_of(options, settings)
    shown = [row for row in rows if wanted is None or state(row) in wanted]
    now = SystemClock().now()
    if form is not Form.TABLE:
        print_rows([as_row(row, settings.fetch) for row in shown], form, columns=COLUMNS)
    elif shown:
        console().print(sources_table(shown, settings.fetch, now=now))
        more = f" of {len(rows):,}" if len(shown) < len(rows) else ""
        console().print(
            f"[dim]{counted(len(shown), 'source')}{more}; `newsbot source why NAME` tells more[/]"
        )
    elif rows:
        console().print(f"None of {counted(len(rows), 'source')} is {' or '.join(wanted or ())}.")
    else:
        console().print("No sources yet: `newsbot source add https://site.example` finds and adds one.")


def rows_of(options: Options, settings: "Settings") -> "list[SourceRow]":
    """Return the sources as the database knows them, once it knows what is configured."""
    from bot.app import synchronise
    from bot.store import RunLock, sources

    with options.store() as store:
        if RunLock.holder(settings.database) is None:
            # A running daemon has done so already, with the configuration that it runs.
            synchronise(store, settings, clock=SystemClock())
        return store.read(sources.list_sources)


def _wanted(words: list[str] | None) -> tuple[str, ...] | None:
    if not words:
        return None
    for word in words:
        if word.lower() not in STATES:
            raise unknown("health", word, STATES)
    return tuple(dict.fromkeys(word.lower() for word in words))


def as_row(row: "SourceRow", fetch: "FetchSettings") -> dict[str, Any]:
    """Return a source with the fields of the command contract."""
    asked = row.enabled and row.paused_at is None
    interval = interval_of(row, fetch, now=SystemClock().now())
    return {
        "name": row.name,
        "key": row.key,
        "kind": row.kind,
        "url": row.url,
        "health": row.health,
        "enabled": row.enabled,
        "next_fetch_at": row.next_fetch_at if asked else None,
        "last_fetch_at": row.last_fetch_at,
        "last_outcome": row.last_outcome,
        "last_error": row.last_error,
        "entries": row.entries,
        "health_since": row.health_since,
        "health_why": row.health_why,
        "paused_at": row.paused_at,
        "paused_why": row.paused_why,
        "interval_s": round(interval.total_seconds()) if asked else None,
        "items": row.rhythm.items,
        "last_new_at": row.rhythm.last_new_at,
        "host": row.host,
        "moved_to": row.moved.to if row.moved else None,
        "moved_times": row.moved.times if row.moved else None,
        "moved_since": row.moved.since if row.moved else None,
        "found_kind": row.found.kind if row.found else None,
        "found_url": row.found.url if row.found else None,
        "language": row.source.language,
        "tags": row.source.tags,
        "tier": row.source.tier,
    }


for part in (source_add, source_try, source_io, source_fix, source_state, source_why, source_value):
    part.register(source)
