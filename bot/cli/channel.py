"""``newsbot channel test``: does a message arrive?"""

from typing import Annotated

import typer

from bot.cli.context import options_of, unknown
from bot.cli.output import clean, console, table
from bot.errors import DeliveryError

channel = typer.Typer(help="Show and test the channels.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(channel, name="channel")


@channel.callback()
def list_channels(ctx: typer.Context) -> None:
    """List the channels."""
    if ctx.invoked_subcommand is not None:
        return
    settings = options_of(ctx).settings()
    if not settings.channels:
        console().print("No channels yet: add them to newsbot.yaml under `channels:`.")
        return
    used: dict[str, list[str]] = {}
    for digest in settings.digests:
        for name in digest.channels:
            used.setdefault(name, []).append(digest.key)
    shown = table(("channel", "kind", "digests"))
    for configured in settings.channels:
        shown.add_row(configured.key, configured.kind, ", ".join(used.get(configured.key, [])) or "–")
    console().print(shown)


@channel.command("test")
def test(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CHANNEL", help="Which channel.")],
) -> None:
    """Send a short test message to each target of a channel."""
    import asyncio

    from bot.app import transports
    from bot.clock import SystemClock
    from bot.deliver import message_id

    settings = options_of(ctx).settings()
    known = transports(settings)
    if name not in known:
        raise unknown("channel", name, known)
    transport, now = known[name], SystemClock().now()
    failed = 0
    for target in transport.targets():
        mid = message_id(digest="channel-test", slot=now, channel=name, target=target)
        body = transport.test_payload(target=target, message_id=mid, now=now)
        try:
            asyncio.run(transport.send(body, target=target, message_id=mid))
        except DeliveryError as error:
            failed += 1
            console().print(f"[red]failed[/]  {clean(str(error))}", soft_wrap=True)
        else:
            console().print(f"[green]sent[/]  {clean(target)}")
    if failed:
        raise typer.Exit(1)
