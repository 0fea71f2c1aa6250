"""``newsbot status``: how it is doing, in plain words."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.context import options_of
from bot.cli.output import clean, console, counted, print_json, span, table, when
from bot.cli.status_sources import counts_of, moved_for_good, remarks, summary, troubles
from bot.clock import SystemClock

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import Store
    from bot.store.health import StatusCounts


#: watches that are named, of those that still go through the stored articles
_MOST_NAMED = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what runs, what waits, which sources need a look, and when the next digest is due."""
    from bot.app import synchronise
    from bot.cli.source import as_row
    from bot.store import health, search, sources, watches
    from bot.store.lock import RunLock

    options = options_of(ctx)
    settings = options.settings()
    clock = SystemClock()
    now = clock.now()
    with options.store() as store:
        holder = RunLock.holder(settings.database)
        if holder is None:
            # A running daemon has done so already, with the configuration it runs.
            synchronise(store, settings, clock=clock)
        rows = store.read(sources.list_sources)
        down_since = store.read(sources.network_down_since)
        counts = store.read(health.status_counts, now=now)
        filling = [row.name for row in store.read(watches.to_backfill)]
        indexed, stored = store.read(search.indexed)
        digests = _digests(store, settings, now)
    if as_json:
        archive = {"articles": stored, "indexed": indexed, "backfilling": filling}
        print_json(
            {
                "running": holder,
                "counts": counts,
                "archive": archive,
                "digests": digests,
                "health": counts_of(rows),
                "network_down_since": down_since,
                "moved": [row.key for row in moved_for_good(rows, now=now)],
                "sources": [as_row(row, settings.fetch) for row in rows],
            }
        )
        return
    out = console()
    if holder is None:
        out.print("[yellow]not running[/]: `newsbot run` reads on schedule, `newsbot once` reads now")
    else:
        out.print(
            f"[green]running[/] since {when(holder.since, now=now)} ({clean(holder.what)}, pid {holder.pid})"
        )
    out.print(_counts(counts))
    for line in _archive(filling, waiting=stored - indexed):
        out.print(line)
    out.print()
    if digests:
        out.print(_digest_table(digests, now))
    else:
        out.print("No digests yet: nobody is told. Add one to newsbot.yaml under `digests:`.")
    out.print()
    out.print(summary(rows))
    for line in remarks(rows, network_down_since=down_since, now=now):
        out.print(line, soft_wrap=True)
    if (ill := troubles(rows, now=now)) is not None:
        out.print()
        out.print(ill)


def _counts(counts: "StatusCounts") -> str:
    parts = [
        counted(counts.articles, "article"),
        counted(counts.mentions, "mention"),
        f"{counted(counts.entries_waiting, 'page')} waiting",
        f"database {counts.database_bytes / 1e6:.1f} MB",
    ]
    if counts.deliveries_open:
        parts.append(f"[yellow]{counted(counts.deliveries_open, 'delivery', 'deliveries')} waiting[/]")
    if counts.deliveries_failed:
        parts.append(
            f"[red]{counted(counts.deliveries_failed, 'delivery', 'deliveries')} failed[/] "
            "(`newsbot deliveries --state failed`)"
        )
    return ", ".join(parts)


def _archive(filling: list[str], *, waiting: int) -> list[str]:
    """Return what is still to be done with the stored articles, in lines; none where all is done."""
    lines = []
    if filling:
        names = ", ".join(map(clean, filling[:_MOST_NAMED]))
        more = f" and {len(filling) - _MOST_NAMED} more" if len(filling) > _MOST_NAMED else ""
        lines.append(f"[dim]not matched against all stored articles yet:[/] {names}{more}")
    if waiting:
        lines.append(f"[dim]{counted(waiting, 'article')} not indexed yet: found all the same, but slower[/]")
    return lines


def _digests(store: "Store", settings: "Settings", now: datetime) -> list[dict[str, Any]]:
    from bot.app import digest_plan
    from bot.digest.due import next_slots
    from bot.store import deliveries

    rows = []
    for configured in settings.digests:
        plan = digest_plan(configured)
        following = next_slots(plan.schedule, zone=plan.zone, after=now, count=1)
        rows.append(
            {
                "digest": plan.key,
                "name": plan.name,
                "schedule": str(plan.schedule),
                "timezone": plan.zone.key,
                "last": store.read(deliveries.last_digest, plan.key),
                "next": following[0] if following else None,
                "channels": list(plan.channels),
            }
        )
    return rows


def _digest_table(rows: list[dict[str, Any]], now: datetime) -> Any:
    shown = table(("digest", "schedule", "last", "next", "channels"))
    for row in rows:
        shown.add_row(
            clean(row["name"]),
            row["schedule"],
            when(row["last"], now=now),
            span(row["next"], now=now) if row["next"] else "on each mention",
            ", ".join(row["channels"]),
        )
    return shown
