"""``newsbot digest``: what the next digest will say, and sending one now."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import options_of, unknown
from bot.cli.output import clean, console, console_err, span, table

if TYPE_CHECKING:
    from bot.config import DigestSettings, Settings
    from bot.model import Digest

digest = typer.Typer(help="Show, preview and send digests.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(digest, name="digest")


@digest.callback()
def bare(ctx: typer.Context) -> None:
    """List the digests with their next times."""
    if ctx.invoked_subcommand is None:
        list_digests(ctx)


@digest.command("list")
def list_digests(ctx: typer.Context) -> None:
    """List the digests with their next times."""
    from bot.app import digest_plan
    from bot.clock import SystemClock
    from bot.digest.due import next_slots

    settings = options_of(ctx).settings()
    if not settings.digests:
        console().print("No digests yet: add one to newsbot.yaml under `digests:`.")
        return
    now = SystemClock().now()
    shown = table(("digest", "schedule", "next", "", "channels"))
    for configured in settings.digests:
        plan = digest_plan(configured)
        following = next_slots(plan.schedule, zone=plan.zone, after=now, count=1)
        at = following[0].astimezone(plan.zone) if following else None
        shown.add_row(
            f"{clean(plan.name)} [dim]({plan.key})[/]",
            str(plan.schedule),
            f"{at:%a %d %b %H:%M} {plan.zone.key}" if at else "on each mention",
            span(following[0], now=now) if following else "",
            ", ".join(plan.channels),
        )
    console().print(shown)


@digest.command("preview")
def preview(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DIGEST", help="Which digest.")],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the HTML mail to a file.")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the HTML mail in the browser.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="With mentions that are history or were told already.")
    ] = False,
) -> None:
    """Show the digest that would be sent now; nothing is sent and nothing is stored."""
    from bot.cli.configuration import write_files
    from bot.deliver import render

    options = options_of(ctx)
    settings = options.settings()
    made = previewed(ctx, settings, _digest_of(settings, name), history=history)
    if html is None and not open_it:
        console().print(clean_text(render.text(made)), soft_wrap=True)
        return
    path = html or Path("newsbot-digest.html")
    write_files(path.parent, {path.name: render.html(made)})
    console_err().print(f"written to {path}")
    if open_it:
        webbrowser.open(path.resolve().as_uri())


def clean_text(text: str) -> str:
    """Return a rendered text for the terminal, line by line."""
    return "\n".join(clean(line) for line in text.splitlines())


def previewed(
    ctx: typer.Context, settings: "Settings", chosen: "DigestSettings", *, history: bool
) -> "Digest":
    """Return the digest that would be composed now."""
    import asyncio

    from bot.app import digest_plan, opened
    from bot.pipeline import preview as step

    with options_of(ctx).store() as store:

        async def work() -> "Digest":
            async with opened(settings, store=store, reading=False) as deps:
                return await step(deps, digest_plan(chosen), history=history)

        return asyncio.run(work())


@digest.command("send")
def send(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DIGEST", help="Which digest.")],
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="CHANNEL", help="To these channels instead.")
    ] = None,
) -> None:
    """Compose a digest now, of all that was not told yet, and send it."""
    import asyncio
    import logging

    from bot.app import digest_plan, opened
    from bot.clock import SystemClock
    from bot.pipeline import Delivered, compose_plan, deliver
    from bot.store import deliveries

    options = options_of(ctx)
    settings = options.settings()
    options.configure_log(settings, usual=logging.ERROR)
    plan = digest_plan(_digest_of(settings, name))
    channels = to or list(plan.channels)
    _check_channels(settings, channels)
    clock = SystemClock()
    with options.store() as store:
        store.write(deliveries.schedule_state, plan.key, now=clock.now())

        async def work() -> list[Delivered]:
            async with opened(settings, store=store, clock=clock, reading=False) as deps:
                done = await compose_plan(deps, plan, slot=clock.now(), channels=channels, empty=True)
                if done is None or done.digest_id is None:
                    return []
                mine = await store.aread(deliveries.of_digest, done.digest_id)
                return [await deliver(deps, delivery_id) for delivery_id in mine]

        outcomes = asyncio.run(work())
    _tell(outcomes)


def _tell(outcomes: list) -> None:  # type: ignore[type-arg]  # Delivered, imported lazily
    out = console()
    for outcome in outcomes:
        if outcome.state is None:
            # A daemon on the same database looks every second: it was quicker.
            out.print("[green]sent[/]  by the running daemon; `newsbot deliveries` shows the outcome")
        elif outcome.error is None:
            out.print(f"[green]sent[/]  {clean(outcome.channel)}")
        else:
            out.print(f"[red]{outcome.state.value}[/]  {clean(outcome.error)}")
    if not outcomes or any(outcome.error for outcome in outcomes):
        raise typer.Exit(1)


def _digest_of(settings: "Settings", name: str) -> "DigestSettings":
    known = {configured.key: configured for configured in settings.digests}
    if name in known:
        return known[name]
    raise unknown("digest", name, known)


def _check_channels(settings: "Settings", names: list[str]) -> None:
    known = [channel.key for channel in settings.channels]
    for name in names:
        if name not in known:
            raise unknown("channel", name, known)
