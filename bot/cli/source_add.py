"""``newsbot source add``: from an address to a source in ``sources.yaml``, found, read, and chosen."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import options_of
from bot.cli.output import clean, console, counted, print_error, when
from bot.cli.source_fields import Fields, fields, name_for, shown
from bot.cli.source_known import Known
from bot.cli.source_look import Found, Wishes, chosen, look_at_all, refuse_known
from bot.cli.source_try import AllowPrivate, clean_line, networks, quiet_settings
from bot.clock import SystemClock
from bot.errors import FailureKind, NewsbotError

if TYPE_CHECKING:
    from bot.config import Settings


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("add")(add)


def add(
    ctx: typer.Context,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="A site, a page, a feed, a sitemap.")],
    name: Annotated[
        str | None, typer.Option("--name", help="What it is called; its own title without.")
    ] = None,
    key: Annotated[str | None, typer.Option("--id", metavar="KEY", help="Its key: a-z, 0-9 and -.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tags", "--tag", metavar="TAG", help="Words of your own; also a,b.")
    ] = None,
    tier: Annotated[
        str | None, typer.Option("--tier", help="official, specialist, general or aggregator.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="Two letters, such as en.")] = None,
    every: Annotated[
        str | None, typer.Option("--every", metavar="SPAN", help="How often it is asked; adapted without.")
    ] = None,
    links: Annotated[
        str | None, typer.Option("--links", metavar="CSS", help="Read it as a page; its links are these.")
    ] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Watch the page itself: its text is the article, each change news.")
    ] = False,
    first: Annotated[
        bool, typer.Option("--first", help="Where it leads to several sources, take the first.")
    ] = False,
    allow_private: AllowPrivate = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written.")] = False,
) -> None:
    """Find the source that an address leads to, and write it into sources.yaml, comments and all kept.

    The address itself, what its page declares, usual paths, robots.txt's sitemaps, then the page's own links.
    What leads to several is asked, or listed with the commands that choose; nothing is guessed.
    """
    if len(urls) > 1 and (name or key or links):
        raise typer.BadParameter("--name, --id and --links are for one address", param_hint="URL")
    options = options_of(ctx)
    options.existing_folder()
    settings = quiet_settings(options)
    wishes = Wishes(
        name=name,
        key=key,
        language=language,
        tags=tuple(tag.strip() for text in tags or () for tag in text.split(",") if tag.strip()),
        tier=tier,
        every=every,
        links=links,
        page=page,
        first=first,
        allow_private=networks(allow_private or ()),
    )
    codes, wanted = _choose_all(settings, Known(options, settings), urls, wishes)
    if wanted:
        _write(settings, wanted, dry_run=dry_run)
    if bad := [code for code in codes if code]:
        raise typer.Exit(4 if wanted else bad[0] if len(set(bad)) == 1 else 1)


def _choose_all(
    settings: "Settings", known: Known, urls: Sequence[str], wishes: Wishes
) -> tuple[list[int], list[Fields | str]]:
    """Return an exit code for each address, and what is to be written; what is wrong is said."""
    looked = asyncio.run(look_at_all(settings, known, urls, wishes))
    codes: list[int] = []
    wanted: list[Fields | str] = []
    for typed, came in zip(urls, looked, strict=True):
        try:
            if isinstance(came, NewsbotError):
                print_error(came)
                raise typer.Exit(2 if came.kind is FailureKind.CONFIG else 1)
            found = came if isinstance(came, Found) else chosen(typed, came, wishes)
            refuse_known(known, found.offer.url, typed)
            written = _fields(found, wishes)
            _say_found(found, now=SystemClock().now())
            wanted.append(known.take(written))
            codes.append(0)
        except typer.Exit as ended:
            codes.append(ended.exit_code)
        except NewsbotError as error:
            print_error(error)
            codes.append(2)
    return codes, wanted


def _fields(found: Found, wishes: Wishes) -> Fields:
    offer = found.offer
    options = (("id", wishes.key), ("tier", wishes.tier), ("every", wishes.every))
    return fields(
        offer.kind,
        offer.url,
        name=wishes.name or name_for(offer.title, offer.url),
        links=found.links,
        language=wishes.language,
        tags=wishes.tags,
        options=[(name, value) for name, value in options if value],
        allow_private=wishes.allow_private,
    )


def _say_found(found: Found, *, now: datetime) -> None:
    offer = found.offer
    parts = [offer.found_by]
    if found.entries is not None:
        parts.append(counted(found.entries, "entry", "entries"))
    if found.newest_at is not None:
        parts.append(f"the newest {when(found.newest_at, now=now)}")
    kind, title = offer.kind.value, clean(offer.title or "(no title)")
    console().print(f"[green]found[/]  {kind} [bold]{title}[/] {clean(offer.url)}", soft_wrap=True)
    console().print(f"       [dim]{clean(', '.join(parts))}[/]", soft_wrap=True)


def _write(settings: "Settings", wanted: list[Fields | str], *, dry_run: bool) -> None:
    from bot.config import plan_add

    out = console()
    edit = plan_add(settings.folder, wanted)
    if dry_run:
        out.print(f"\n[dim]would be written to {clean(str(edit.path))}:[/]")
        for item in wanted:
            for line in shown(item) if isinstance(item, dict) else [f"  - {item}"]:
                out.print(clean_line(line), soft_wrap=True)
        return
    edit.write()
    start, end, text = edit.lines
    lines = f"line {start}" if start == end else f"lines {start} to {end}"
    out.print(
        f"\n[green]added[/]  {', '.join(edit.keys)} to {clean(str(edit.path))}, {lines}:", soft_wrap=True
    )
    for line in text.splitlines():
        out.print(f"[dim]{clean_line(line)}[/]", soft_wrap=True)
    say_what_is_next(settings)


def say_what_is_next(settings: "Settings") -> None:
    """Say what becomes of sources that were just added."""
    from bot.store import RunLock

    holder = RunLock.holder(settings.database)
    if holder is not None and holder.what == "newsbot run":
        who = f"The running newsbot (pid {holder.pid}) takes them over by itself."
    else:
        who = "[bold]newsbot once[/] reads now, [bold]newsbot run[/] on schedule."
    console().print(f"{who} What is listed at first sight is history, and alerts nothing.")
