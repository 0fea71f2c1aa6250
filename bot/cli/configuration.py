"""``newsbot init``, ``check`` and ``config schema``: the configuration files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.context import options_of
from bot.cli.output import console, console_err, print_fault
from bot.errors import FailureKind, NewsbotError

config = typer.Typer(help="About the configuration files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("check")(check)
    app.add_typer(config, name="config")


def init(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
) -> None:
    """Write the three configuration files, commented, with public sources and two watches to start from."""
    from bot.config import schema_files, starter

    options = options_of(ctx)
    folder = options.config or Path("config")
    files = starter() | schema_files()
    taken = [name for name in files if (folder / name).exists()]
    if taken and not force:
        raise NewsbotError(
            f"{', '.join(taken)} {'exist' if len(taken) > 1 else 'exists'} already",
            kind=FailureKind.CONFIG,
            subject=str(folder),
            hint="edit them, or give --force to overwrite them",
        )
    write_files(folder, files)
    out = console()
    for name in starter():
        out.print(f"[green]wrote[/]  {folder / name}")
    out.print(f"[green]wrote[/]  {folder / 'schema'}/ [dim](for editors that complete and check)[/]")
    out.print(
        "\nEdit them as you like, then: [bold]newsbot check[/], [bold]newsbot once[/], [bold]newsbot run[/]"
    )


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write files into a folder, made when missing. Raises NewsbotError when it cannot be written."""
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NewsbotError(
            f"cannot be written: {error.strerror}",
            kind=FailureKind.READ_ONLY,
            subject=str(error.filename or folder),
            hint="choose another folder with --config DIR",
        ) from error


def check(ctx: typer.Context) -> None:
    """Check the configuration: every fault at once, with its place and what was meant."""
    options = options_of(ctx)
    settings = options.settings()
    out = console()
    enabled = sum(source.enabled for source in settings.sources)
    folder = settings.folder
    out.print(
        f" [green]ok[/]   [bold]{folder / 'newsbot.yaml'}[/]  {len(settings.channels)} channels, "
        f"{len(settings.digests)} digests"
    )
    out.print(f" [green]ok[/]   [bold]{folder / 'watchlists.yaml'}[/]  {len(settings.watches)} watches")
    out.print(
        f" [green]ok[/]   [bold]{folder / 'sources.yaml'}[/]  {enabled} sources"
        + (f", {len(settings.sources) - enabled} switched off" if enabled < len(settings.sources) else "")
    )
    if settings.warnings:
        console_err().print()
    for warning in settings.warnings:
        print_fault(warning, label="warning")
    count = len(settings.warnings)
    out.print(f"no errors, {count} warning{'s' if count != 1 else ''}")


@config.command("schema")
def schema(
    name: Annotated[
        str | None, typer.Argument(metavar="[newsbot|sources|watchlists]", help="Which file's schema.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Write all schemas into a folder.")
    ] = None,
) -> None:
    """Print the JSON Schema of a configuration file, or write all of them into a folder, for editors."""
    from bot.app import schemas

    made = schemas()
    if to is not None:
        write_files(
            to,
            {
                f"{key}.schema.json": json.dumps(value, indent=2, ensure_ascii=False) + "\n"
                for key, value in made.items()
            },
        )
        console().print(f"[green]wrote[/]  {', '.join(str(to / f'{key}.schema.json') for key in made)}")
        return
    if name is not None and name not in made:
        raise NewsbotError(
            "there is no such schema",
            kind=FailureKind.CONFIG,
            subject=name,
            hint=f"there are: {', '.join(made)}",
        )
    shown = made if name is None else made[name]
    typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
