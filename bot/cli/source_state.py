"""``newsbot source pause`` and ``resume``: a source left alone for a while, and asked again."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import options_of
from bot.cli.output import clean, console, counted
from bot.cli.source_names import chosen, stored
from bot.clock import SystemClock

if TYPE_CHECKING:
    from bot.store.sources import SourceRow

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Its key, its name, its address, or how one of them begins.")
]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("pause")(pause)
    group.command("resume")(resume)


def pause(
    ctx: typer.Context,
    name: Name,
    why: Annotated[str, typer.Option("--why", help="What `newsbot status` says of it.")] = "",
) -> None:
    """Leave a source alone until it is resumed; what it brought stays. Holds at once, also for a daemon."""
    from bot.store import sources

    options = options_of(ctx)
    settings = options.settings()
    now = SystemClock().now()
    with stored(options, settings) as (store, rows):
        meant = _meant(rows, name)
        for row in meant:
            store.write(sources.pause, row.key, why=why.strip(), now=now)
    console().print(
        f"[magenta]paused[/]  {_named(meant)}; `newsbot source resume {meant[0].key}` asks it again"
    )


def resume(ctx: typer.Context, name: Name) -> None:
    """Ask a paused source again, now and with its failures forgotten."""
    from bot.store import sources

    options = options_of(ctx)
    settings = options.settings()
    now = SystemClock().now()
    with stored(options, settings) as (store, rows):
        meant = _meant(rows, name)
        for row in meant:
            store.write(sources.resume, row.key, now=now)
    off = [row for row in meant if not row.enabled]
    if off:
        console().print(
            f"[yellow]still off[/]  {_named(off)}: `enabled: false` stands in sources.yaml", soft_wrap=True
        )
    elif any(row.paused_at for row in meant):
        console().print(f"[green]resumed[/]  {_named(meant)}: due now")
    else:
        console().print(f"{_named(meant)} was not paused: due now, its failures forgotten")


def _meant(rows: "list[SourceRow]", name: str) -> "list[SourceRow]":
    """Return the source that a name means; of a search, those of all its watches."""
    filled = [row for row in rows if row.source.parent is not None and row.source.parent == name.strip()]
    return filled or [chosen(rows, name)]


def _named(rows: "list[SourceRow]") -> str:
    if len(rows) == 1:
        return clean(rows[0].name)
    return f"{clean(rows[0].source.parent or rows[0].name)} ({counted(len(rows), 'watch', 'watches')})"
