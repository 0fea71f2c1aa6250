"""The ``newsbot`` command itself: its global options, and where every error ends."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.cli import (
    articles,
    backfill,
    channel,
    configuration,
    deliveries,
    demo,
    digest,
    explain,
    mentions,
    once,
    run,
    search,
    source,
    start,
    status,
    trace,
    try_,
    watch,
)
from bot.cli.context import LogFormat, Options
from bot.cli.output import console_err, end_quietly, print_error
from bot.errors import AlreadyRunning, ConfigError, FailureKind, NewsbotError, QueryError, ScheduleError

app = typer.Typer(
    name="newsbot",
    help="Reads the news sources you name and tells you, once, whenever one of your watches is mentioned.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: What was asked for, or set up, cannot be done as it is: somebody has to change something first.
_SETUP_KINDS = {FailureKind.CONFIG, FailureKind.READ_ONLY, FailureKind.NOT_A_DATABASE}


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsbot {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="DIR",
            help="Folder of the configuration \\[default: $NEWSBOT_CONFIG, ./config, /etc/newsbot]",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="URL", help="Database to use instead of the configured one."),
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="How log lines look.")
    ] = LogFormat.HUMAN,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    ctx.obj = Options(
        config=config, database=database, log_format=log_format, verbosity=-1 if quiet else verbose
    )


for group in (
    start,
    demo,
    configuration,
    once,
    run,
    status,
    watch,
    try_,
    mentions,
    explain,
    trace,
    search,
    articles,
    digest,
    channel,
    deliveries,
    source,
    backfill,
):
    group.register(app)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line, ``words`` or what the program was started with, and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or a pipe that cannot show a letter must not cost the whole result.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(words, prog_name="newsbot")
    except BaseExceptionGroup as group:
        _exit(_first(group))
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - the last border
        _exit(error)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error of a group that a user can do something about, else the first."""
    leaves: list[BaseException] = []
    waiting: list[BaseException] = [group]
    while waiting:
        error = waiting.pop(0)
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
        else:
            leaves.append(error)
    return next((error for error in leaves if isinstance(error, NewsbotError)), leaves[0])


def _exit(error: BaseException) -> None:
    """Say what went wrong and exit with its code."""
    if isinstance(error, KeyboardInterrupt):
        console_err().print("interrupted")
        sys.exit(130)
    if isinstance(error, BrokenPipeError):
        end_quietly()
    print_error(error)
    if isinstance(error, ConfigError | QueryError | ScheduleError):
        sys.exit(2)
    if isinstance(error, AlreadyRunning):
        sys.exit(3)
    sys.exit(2 if isinstance(error, NewsbotError) and error.kind in _SETUP_KINDS else 1)
