"""``newsbot source fix``: what is settled about sources, offered as changes of ``sources.yaml``."""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.context import Options, options_of
from bot.cli.output import clean, console, console_err, counted, when
from bot.cli.source_fields import ADDRESS_KEYS, OWN_KEYS
from bot.cli.source_names import chosen, stored
from bot.cli.source_try import address_of, offers_table, quiet_settings
from bot.cli.source_words import PAUSED, state
from bot.clock import SystemClock
from bot.errors import FailureKind, NewsbotError
from bot.model import Offer, Source, SourceKind

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.pipeline.discovery import Discovered
    from bot.store.sources import SourceRow

#: sources whose addresses are looked at anew in one run: each may take a dozen questions
_MOST_LOOKED: Final = 20


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("fix")(fix)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fix:
    """A change that is offered."""

    source: Source
    #: in words
    why: str
    #: keys of the source's item, with their new values
    changes: Mapping[str, object]
    remove: tuple[str, ...] = ()


def fix(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this source.")] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="URL", help="Give it this address; its history stays.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Write down what is settled: addresses that moved for good, feeds that were found, sources now gone.

    Shows each change of sources.yaml, and writes it when you agree. Keys and history stay.
    """
    if address and not name:
        raise typer.BadParameter("say which source gets the address", param_hint="NAME")
    options = options_of(ctx)
    settings = quiet_settings(options)
    now = SystemClock().now()
    with stored(options, settings) as (_, rows):
        found = [chosen(rows, name)] if name else rows
    rows = [row for row in found if row.source.parent is None]
    if address:
        offered = [_to_address(settings, rows, address)]
        open_questions = 0
    else:
        offered, open_questions = _offered(settings, rows, now=now, may_ask=_can_ask() and not yes)
    written = sum(_wrote(options, one, yes=yes) for one in offered)
    for row in rows:
        if state(row) == PAUSED and row.last_outcome != FailureKind.GONE.value:
            since = when(row.paused_at, now=now)
            console().print(
                f"[magenta]paused[/] since {since}: {clean(row.name)}; "
                f"`newsbot source resume {clean(row.key)}` asks it again",
                soft_wrap=True,
            )
    if not offered and not open_questions:
        console().print("Nothing to fix.")
    if offered and not written:
        raise typer.Exit(1)
    if open_questions:
        raise typer.Exit(4 if written else 2)


def _offered(
    settings: "Settings", rows: "Sequence[SourceRow]", *, now: datetime, may_ask: bool
) -> tuple[list[_Fix], int]:
    """Return what is offered, and of how many sources the user has to say what is meant."""
    fixes = [one for row in rows if (one := _settled(row, now=now)) is not None]
    fixed = {one.source.key for one in fixes}
    left = [(row, _to_look_at(row, now=now)) for row in rows if row.key not in fixed]
    lost = [(row, source) for row, source in left if source is not None][:_MOST_LOOKED]
    open_questions = 0
    looked = asyncio.run(_look_at_all(settings, [source for _, source in lost])) if lost else []
    for (row, _), discovered in zip(lost, looked, strict=True):
        if isinstance(discovered, NewsbotError):
            console_err().print(f"[yellow]{clean(row.name)}[/]: {clean(str(discovered))}", soft_wrap=True)
            continue
        offer = _decided(row, discovered, may_ask=may_ask)
        if offer is not None:
            fixes.append(_as_offered(row.source, offer, f"its address leads to this {offer.kind.value}"))
        open_questions += offer is None and bool(discovered.offers)
    return fixes, open_questions


def _settled(row: "SourceRow", *, now: datetime) -> _Fix | None:
    """Return what the database knows well enough to be written down."""
    from bot.fetch.schedule import is_settled

    source = row.source
    if not row.enabled:
        return None
    if row.last_outcome == FailureKind.GONE.value:
        return _Fix(
            source=source,
            why="its server says that it is gone for good (HTTP 410)",
            changes=_with_address(source, {"enabled": False}),
        )
    if is_settled(row.moved, now=now) and row.moved is not None and _kind(row) is not SourceKind.AUTO:
        times = f"{counted(row.moved.times, 'time')} since {when(row.moved.since, now=now)}"
        moved = Offer(kind=_kind(row), url=row.moved.to)
        return _as_offered(source, moved, f"it moved for good to this address ({times})")
    if row.found is not None and source.kind is SourceKind.AUTO:
        return _as_offered(source, row.found, f"this {row.found.kind.value} was found at its address")
    return None


def _kind(row: "SourceRow") -> SourceKind:
    """Return what a source is read as."""
    return row.found.kind if row.found is not None and row.kind is SourceKind.AUTO else row.kind


def _to_look_at(row: "SourceRow", *, now: datetime) -> Source | None:
    """Return the source whose address has to be looked at anew: it answers what it is not, or moved."""
    from bot.fetch.schedule import is_settled

    kinds = (SourceKind.FEED, SourceKind.AUTO, SourceKind.SITEMAP)
    if not row.enabled or row.kind not in kinds:
        return None
    if row.moved is not None and is_settled(row.moved, now=now):
        return replace(row.source, url=row.moved.to)
    return row.source if row.last_outcome == FailureKind.NOT_A_FEED.value else None


def _as_offered(source: Source, offer: Offer, why: str) -> _Fix:
    kind = SourceKind.FEED if offer.kind is SourceKind.AUTO else offer.kind
    key = ADDRESS_KEYS[kind]
    former = ADDRESS_KEYS.get(source.kind)
    return _Fix(
        source=source,
        why=why,
        changes={key: offer.url},
        remove=(former, *OWN_KEYS.get(former, ())) if former is not None and former != key else (),
    )


def _with_address(source: Source, changes: Mapping[str, object]) -> dict[str, object]:
    """Return changes; an address alone has to say what it is before it has further keys."""
    return {"feed": source.url, **changes} if source.kind is SourceKind.AUTO else dict(changes)


def _to_address(settings: "Settings", rows: "Sequence[SourceRow]", text: str) -> _Fix:
    """Return the change to an address that the user gives, once it was read."""
    (row,) = rows
    url = address_of(text)
    (came,) = asyncio.run(_look_at_all(settings, [replace(row.source, url=url)]))
    if isinstance(came, NewsbotError):
        raise came
    if not came.direct:
        raise NewsbotError(
            "is no feed and no sitemap",
            kind=FailureKind.NOT_A_FEED,
            subject=url,
            hint=f"`newsbot source try {url}` shows what it leads to",
        )
    return _as_offered(row.source, came.offers[0], f"you give it this {came.offers[0].kind.value}")


async def _look_at_all(settings: "Settings", sources: Sequence[Source]) -> "list[Discovered | NewsbotError]":
    from bot.app import parts
    from bot.fetch import terms_of
    from bot.pipeline.discovery import discover

    clock = SystemClock()
    found: list[Discovered | NewsbotError] = []
    async with parts(settings, clock=clock, workers=1) as (fetcher, robots, sandbox):
        for source in sources:
            terms = terms_of(source, settings.access_of(source))
            try:
                found.append(
                    await discover(fetcher, sandbox, source.url, terms=terms, now=clock.now(), robots=robots)
                )
            except NewsbotError as error:
                found.append(error)
    return found


def _decided(row: "SourceRow", discovered: "Discovered", *, may_ask: bool) -> Offer | None:
    """Return the source that a lost one has become; None where there is none, or nobody says which."""
    from bot.parse.offers import choose

    err = console_err()
    offers = discovered.offers
    if not offers:
        err.print(
            f"[yellow]{clean(row.name)}[/]: no feed, sitemap or list of articles is found at its address",
            soft_wrap=True,
        )
        return None
    clear = offers[0] if len(offers) == 1 else choose(offers, url=row.url)
    if clear is not None:
        return clear
    err.print(f"[bold]{clean(row.name)}[/] leads to {len(offers)} sources:\n")
    err.print(offers_table(offers, discovered, now=SystemClock().now()))
    if may_ask:
        answer: int = typer.prompt(f"Which one? 1-{len(offers)}, 0 for none", type=int, default=1, err=True)
        return offers[answer - 1] if 1 <= answer <= len(offers) else None
    err.print("\nchoose one:")
    for offer in offers:
        err.print(f"  newsbot source fix {clean(row.key)} --address {clean(offer.url)}", soft_wrap=True)
    return None


def _wrote(options: Options, one: _Fix, *, yes: bool) -> bool:
    """Show a change, and write it when the user agrees; tell whether it was written."""
    from bot.config import plan_change

    out = console()
    edit = plan_change(options.folder(), one.source.key, set=one.changes, remove=one.remove)
    out.print(f"[bold]{clean(one.source.name)}[/]: {clean(one.why)}", soft_wrap=True)
    out.print(f"[dim]{clean(str(edit.path))}[/]", soft_wrap=True)
    for line, colour in _diff(edit.diff()):
        out.print(f"[{colour}]{line}[/]", soft_wrap=True)
    if not yes:
        if not _can_ask():
            out.print("[dim]--yes writes it[/]")
            return False
        if not typer.confirm("Write this?", default=True, err=True):
            return False
    edit.write()
    out.print(f"[green]written[/]  {clean(one.source.key)}\n")
    return True


def _diff(text: str) -> Iterator[tuple[str, str]]:
    from bot.cli.source_try import clean_line

    for line in text.splitlines():
        colour = {"+": "green", "-": "red"}.get(line[:1], "dim")
        if not line.startswith("@@"):
            yield f"{line[:1]}{clean_line(line[1:])}", colour


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
