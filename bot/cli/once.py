"""``newsbot once``: do the whole job one time."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import options_of, unknown
from bot.cli.output import print_json

if TYPE_CHECKING:
    from bot.config import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("once")(once)


def once(
    ctx: typer.Context,
    only: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sources.")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Respect the schedule: ask only sources that are due.")
    ] = False,
    no_baseline: Annotated[
        bool, typer.Option("--no-baseline", help="Treat what a first sight finds as news, not as history.")
    ] = False,
    no_deliver: Annotated[
        bool, typer.Option("--no-deliver", help="Neither compose nor send digests.")
    ] = False,
    host_pause: Annotated[
        float | None,
        typer.Option(
            "--host-pause",
            min=0,
            max=3600,
            help="Seconds between requests to a host (only with allow_private).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Ask every source now, read, match, and deliver the digests that are due."""
    import logging

    from bot.cli import journey
    from bot.run.once import Once

    options = options_of(ctx)
    settings = options.settings()
    options.configure_log(settings, usual=logging.ERROR)
    pause = None if host_pause is None else timedelta(seconds=host_pause)
    chosen = _chosen(settings, only or [])
    _check_pause(settings, chosen, pause)
    with options.store() as store:
        report = journey.travel(
            settings,
            store,
            journey.Journey(
                what="newsbot once",
                once=Once(only=chosen, due=due, baseline=not no_baseline, deliver=not no_deliver),
                host_pause=pause,
                mention=None if as_json else journey.print_mention,
            ),
        )
    if as_json:
        print_json(journey.as_json(report))
    else:
        journey.print_report(report)
    if code := journey.exit_code(report):
        raise typer.Exit(code)


def _chosen(settings: "Settings", names: list[str]) -> frozenset[str] | None:
    """Return the keys that names or keys mean; none given means all. Raises NewsbotError."""
    if not names:
        return None
    by_name = {source.name: source.key for source in settings.sources} | {
        s.key: s.key for s in settings.sources
    }
    for name in names:
        if name not in by_name:
            raise unknown("source", name, by_name, hint="`newsbot source list` shows them all")
    return frozenset(by_name[name] for name in names)


def _check_pause(settings: "Settings", chosen: frozenset[str] | None, pause: timedelta | None) -> None:
    """Refuse to hurry hosts that are not ours."""
    if pause is None or pause >= settings.fetch.host_pause:
        return
    foreign = [
        source.name
        for source in settings.sources
        if source.enabled and not source.allow_private and (chosen is None or source.key in chosen)
    ]
    if foreign:
        raise typer.BadParameter(
            f"a shorter pause is only for hosts of your own (allow_private); '{foreign[0]}' is not one",
            param_hint="--host-pause",
        )
