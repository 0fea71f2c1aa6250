"""``newsbot source import`` and ``export``: lists of sources that come from, or go to, another program."""

import re
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.context import options_of
from bot.cli.output import as_csv, clean, console, console_err, counted, write
from bot.cli.source_add import say_what_is_next
from bot.cli.source_fields import Fields, outline_fields, outline_of, shown, without_faults
from bot.cli.source_known import Known
from bot.errors import FailureKind, NewsbotError
from bot.model import SourceKind

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.parse.outline import Outline, Outlines

#: lines that are told one by one
_MOST_TOLD: Final = 20
#: an address that is a feed's by its looks, and needs no discovery
_FEED: Final = re.compile(r"rss|atom|feed|\.xml|\.rdf|\.json", re.IGNORECASE)
_CSV: Final = ("name", "kind", "url", "language", "tags")


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("import")(import_sources)
    group.command("export")(export)


class ExportFormat(StrEnum):
    """What a list of sources is written as."""

    OPML = "opml"
    CSV = "csv"
    YAML = "yaml"
    #: an address a line
    URLS = "urls"


def import_sources(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="OPML, CSV with a column `url`, or addresses; - is stdin.")
    ],
    tags: Annotated[
        list[str] | None, typer.Option("--tags", "--tag", metavar="TAG", help="Given to each of them, too.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written.")] = False,
) -> None:
    """Add the sources of a list to sources.yaml: of an OPML file, folders become tags.

    Nobody is asked: `newsbot once` or `run` reads them, and `newsbot status` tells which do not answer.
    """
    from bot.config import plan_add
    from bot.parse.outline import Refused
    from bot.parse.source_list import read

    options = options_of(ctx)
    settings = options.settings()
    listed = read(_bytes(file))
    more = tuple(tag.strip() for text in tags or () for tag in text.split(",") if tag.strip())
    known = Known(options, settings)
    wanted: list[Fields | str] = []
    refused = list(listed.refused)
    repeated = 0
    for outline in listed.outlines:
        if known.key_of(outline.url) is not None:
            repeated += 1
            continue
        try:
            wanted.append(known.take(_item(outline, more)))
        except NewsbotError as error:
            refused.append(Refused(line=outline.line, what=outline.name, why=error.message))
    listed = replace(listed, refused=tuple(sorted(refused, key=lambda one: one.line)))
    _tell(listed, file)
    if not listed.outlines:
        raise typer.Exit(1)
    edit = plan_add(settings.folder, wanted) if wanted else None
    if dry_run:
        for item in wanted:
            for line in shown(item) if isinstance(item, dict) else [f"  - {item}"]:
                write(f"{line}\n")
    elif edit is not None:
        edit.write()
    _summarise(listed, len(wanted), repeated, str(edit.path) if edit else "", dry_run=dry_run)
    if wanted and not dry_run:
        say_what_is_next(settings)
    if listed.refused or listed.fault:
        raise typer.Exit(4)


def _bytes(file: str) -> bytes:
    from bot.parse.outline import MAX_BYTES

    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise NewsbotError(
            f"cannot be read: {(error.strerror or str(error)).lower()}",
            kind=FailureKind.CONFIG,
            subject=file,
            hint="name an OPML file, a CSV file with a column `url`, or a list of addresses",
        ) from None


def _item(outline: "Outline", more: tuple[str, ...]) -> Fields | str:
    """Return what is written for a source of a list; an address of which nothing is known stands alone."""
    if outline.kind is SourceKind.AUTO and _FEED.search(outline.url):
        outline = replace(outline, kind=SourceKind.FEED)
    tags = tuple(dict.fromkeys((*outline.tags, *more)))
    if outline.kind is SourceKind.AUTO:
        # What it is has to be discovered, and only an address alone is.
        return outline.url
    return without_faults(outline_fields(replace(outline, tags=tags)))[0]


def _tell(listed: "Outlines", file: str) -> None:
    """Say what of a list could not be used, line by line."""
    err = console_err()
    name = clean("stdin" if file == "-" else file)
    for refused in listed.refused[:_MOST_TOLD]:
        what = f" {clean(refused.what)}" if refused.what else ""
        err.print(f"[yellow]{name}:{refused.line}[/]{what}: {clean(refused.why)}", soft_wrap=True)
    if len(listed.refused) > _MOST_TOLD:
        err.print(f"[yellow]and {len(listed.refused) - _MOST_TOLD:,} more[/]")
    if listed.fault:
        err.print(
            f"[{'yellow' if listed.outlines else 'red'}]{name}[/]: {clean(listed.fault)}", soft_wrap=True
        )


def _summarise(listed: "Outlines", added: int, repeated: int, path: str, *, dry_run: bool) -> None:
    parts = [f"{'would add' if dry_run else 'added'} {counted(added, 'source')}"]
    if path and not dry_run:
        parts[0] += f" to {clean(path)}"
    for count, says in (
        (repeated, "configured already"),
        (listed.repeated, "named twice in the list"),
        (len(listed.refused), "refused"),
    ):
        if count:
            parts.append(f"{count:,} {says}")
    out = console_err() if dry_run else console()
    out.print(f"[green]{parts[0]}[/]{''.join(f', {part}' for part in parts[1:])}", soft_wrap=True)


def export(
    ctx: typer.Context,
    form: Annotated[
        ExportFormat, typer.Option("--format", help="What it is written as.")
    ] = ExportFormat.OPML,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; stdout without.")
    ] = None,
) -> None:
    """Write the configured sources as a list for other programs: OPML, CSV, YAML or plain addresses.

    What a source is trusted with (passwords, headers, private addresses) does not go along.
    """
    options = options_of(ctx)
    settings = options.settings()
    text = _exported(settings, form)
    if output is None:
        write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NewsbotError(
            f"cannot be written: {(error.strerror or str(error)).lower()}",
            kind=FailureKind.CONFIG,
            subject=str(output),
            hint="name a file in a folder that is there",
        ) from None
    count = counted(len(settings.sources), "source")
    console_err().print(f"[green]written[/]  {count} to {clean(str(output))}", soft_wrap=True)


def _exported(settings: "Settings", form: ExportFormat) -> str:
    from bot.parse import opml
    from bot.parse.outline import OPTIONS

    outlines = [outline_of(source) for source in settings.sources]
    if form is ExportFormat.OPML:
        return opml.write(outlines, title="Sources of newsbot").decode("utf-8")
    if form is ExportFormat.URLS:
        return "".join(f"{outline.url}\n" for outline in outlines)
    if form is ExportFormat.CSV:
        columns = (*_CSV, *(name for name in OPTIONS if name != "title"))
        return as_csv([_row(outline, columns) for outline in outlines], columns=columns)
    items = [_plain_item(outline) for outline in outlines]
    lines = [line for item in items for line in (shown(item) if isinstance(item, dict) else [f"  - {item}"])]
    return "".join(f"{line}\n" for line in ("sources:" if lines else "sources: []", *lines))


def _plain_item(outline: "Outline") -> Fields | str:
    return outline.url if outline.kind is SourceKind.AUTO else outline_fields(outline)


def _row(outline: "Outline", columns: tuple[str, ...]) -> dict[str, Any]:
    known: dict[str, Any] = {
        "name": outline.name,
        "kind": outline.kind,
        "url": outline.url,
        "language": outline.language,
        "tags": list(outline.tags),
    }
    return dict.fromkeys(columns) | known | dict(outline.options)
