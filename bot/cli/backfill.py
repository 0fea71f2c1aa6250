"""``newsbot backfill``: match watches against the articles that are stored already."""

from typing import Annotated

import typer

from bot.cli.context import options_of, unknown
from bot.cli.output import console, console_err, counted


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backfill")(backfill)


def backfill(
    ctx: typer.Context,
    watches: Annotated[
        list[str] | None, typer.Argument(metavar="[WATCH]...", help="Only these watches.")
    ] = None,
) -> None:
    """Match all stored articles against the watches again; what is found is history, not news."""
    import asyncio
    import logging

    from rich.progress import Progress

    from bot.app import opened, synchronise
    from bot.clock import SystemClock
    from bot.pipeline import Backfilled
    from bot.pipeline import backfill as step
    from bot.store import articles

    options = options_of(ctx)
    settings = options.settings()
    options.configure_log(settings, usual=logging.ERROR)
    known = [watch.key for watch in settings.watches]
    for name in watches or []:
        if name not in known:
            raise unknown("watch", name, known)
    clock, err = SystemClock(), console_err()
    progress = Progress(console=err, transient=True, disable=not err.is_terminal, redirect_stdout=False)
    with options.store() as store, progress as bar:
        synchronise(store, settings, clock=clock)
        task = bar.add_task("matching stored articles", total=1.0)

        async def work() -> Backfilled:
            async with opened(settings, store=store, clock=clock, reading=False) as deps:
                return await step(
                    deps,
                    only=watches or None,
                    again=True,
                    progress=lambda share: bar.update(task, completed=share),
                )

        done = asyncio.run(work())
        stored = store.read(articles.counts)["articles"]
    console().print(
        f"{counted(stored, 'article')} searched, {counted(len(done.mentions), 'mention')} found "
        f"that {'was' if len(done.mentions) == 1 else 'were'} not known"
        + (f", {counted(done.withdrawn, 'mention')} no longer matched" if done.withdrawn else "")
    )
