"""``newsbot init``, ``check`` and ``config schema``: the configuration files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.context import options_of, unknown
from bot.cli.output import console, console_err, counted, print_fault, print_json
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
    texts = starter()
    kept = [] if force else [name for name in texts if (folder / name).exists()]
    if len(kept) == len(texts):
        raise NewsbotError(
            f"{', '.join(kept)} exist already",
            kind=FailureKind.CONFIG,
            subject=str(folder),
            hint="edit them, or give --force to overwrite them",
        )
    write_files(folder, {name: text for name, text in texts.items() if name not in kept} | schema_files())
    out = console()
    for name in texts:
        out.print(f"[dim]kept[/]   {folder / name}" if name in kept else f"[green]wrote[/]  {folder / name}")
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
            f"cannot be written: {(error.strerror or str(error)).lower()}",
            kind=FailureKind.READ_ONLY,
            subject=str(error.filename or folder),
            hint="name another place, or see who may write there",
        ) from error


def check(ctx: typer.Context) -> None:
    """Check the configuration: every fault at once, with its place and what was meant."""
    options = options_of(ctx)
    settings = options.settings()
    out = console()
    enabled = sum(source.enabled for source in settings.sources)
    folder = settings.folder
    off = len(settings.sources) - enabled
    channels = counted(len(settings.channels), "channel")
    parts = {
        "newsbot": f"{channels}, {counted(len(settings.digests), 'digest')}",
        "watchlists": counted(len(settings.watches), "watch", "watches"),
        "sources": counted(enabled, "source") + (f", {off} switched off" if off else ""),
    }
    for name, says in parts.items():
        place = folder / f"{name}.yaml"
        shown = place if place.exists() else folder / f"{name}.d"
        out.print(f" [green]ok[/]   [bold]{shown}[/]  {says}", soft_wrap=True)
    if settings.warnings:
        console_err().print()
    for warning in settings.warnings:
        print_fault(warning, label="warning")
    out.print(f"no errors, {counted(len(settings.warnings), 'warning')}")


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
        raise unknown("schema", name, made)
    shown = made if name is None else made[name]
    print_json(shown)
