"""``newsbot trace``: why somebody was not told of an article, or when he was."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding

from bot.cli.context import Options, options_of
from bot.cli.dropped import chosen_watches
from bot.cli.output import (
    AsCsv,
    Form,
    clean,
    console,
    console_err,
    counted,
    form_of,
    print_json,
    print_rows,
    table,
)
from bot.clock import SystemClock

if TYPE_CHECKING:
    from bot.pipeline.trace import Trace, Tracer, Way

#: the fields of the command contract, as CSV has them
COLUMNS = (
    "url", "step", "watch", "subject", "detail", "hint", "title", "listed_by", "article_id", "mention_id",
    "told_at",
)  # fmt: skip
#: what each step is called, alone and in a summary; by the word of ``Step``
_STEPS = {
    "told": ("TOLD", "told", "green"),
    "waiting": ("WAITING", "waiting for a digest", "cyan"),
    "undelivered": ("NOT DELIVERED", "not delivered", "red"),
    "held_back": ("HELD BACK", "held back", "yellow"),
    "unmatched": ("NOT MATCHED YET", "not matched yet", "yellow"),
    "out_of_scope": ("OUT OF SCOPE", "out of the watches' scope", "yellow"),
    "no_match": ("NO MATCH", "that no watch matches", "yellow"),
    "incomplete": ("INCOMPLETE TEXT", "with an incomplete text", "yellow"),
    "unread": ("NOT READ", "listed but not read", "red"),
    "unlisted": ("NOT LISTED", "that no source lists", "red"),
}
#: watches whose way is shown
_MOST_WAYS = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("trace")(trace)


def trace(
    ctx: typer.Context,
    url: Annotated[str | None, typer.Argument(metavar="URL", help="The address, as you have it.")] = None,
    watch: Annotated[str | None, typer.Option("--watch", "-w", help="Ask only this watch.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE.csv", help="Trace every address of another tool's export."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: one object, or an array with --from.")
    ] = False,
    as_csv: AsCsv = False,
) -> None:
    """Say why you were not told of an article: the first step that lost it, and what to do next."""
    from bot.cli.export_file import addresses_in

    form = form_of(as_json=as_json, as_csv=as_csv)
    if (url is None) == (file is None):
        raise typer.BadParameter("name one address, or a file with --from", param_hint="URL")
    addresses = [url] if url is not None else _valid(addresses_in(file or Path()))
    traces = _traced(options_of(ctx), addresses, watch)
    if form is Form.CSV:
        print_rows([_row(one) for one in traces], form, columns=COLUMNS)
    elif form is Form.JSON:
        print_json([_as_json(one) for one in traces] if file is not None else _as_json(traces[0]))
    elif file is not None:
        _print_many(traces)
    else:
        _print_one(traces[0])


def _traced(options: Options, addresses: Sequence[str], watch: str | None) -> "list[Trace]":
    from bot.app import digest_plan
    from bot.pipeline.trace import Tracer

    settings = options.settings()
    watches = chosen_watches(settings.watches, watch)
    if watch is None:
        watches = [each for each in watches if each.enabled]
    with options.store() as store:
        tracer = Tracer(
            store,
            watches=watches,
            sources=settings.sources,
            digests=[digest_plan(digest) for digest in settings.digests],
            now=SystemClock().now(),
        )
        return asyncio.run(_all(tracer, addresses))


def _valid(addresses: Sequence[str]) -> list[str]:
    """Return what can be traced of a file, after saying how much of it cannot."""
    from bot.errors import NewsbotError
    from bot.pipeline.trace import addressed

    found = []
    for address in addresses:
        try:
            found.append(addressed(address))
        except NewsbotError:
            console_err().print(f"[yellow]left out[/]: {clean(address)} is no web address")
    return found


async def _all(tracer: "Tracer", addresses: Sequence[str]) -> "list[Trace]":
    from rich.progress import Progress

    err = console_err()
    hidden = not err.is_terminal or len(addresses) == 1
    with Progress(console=err, transient=True, disable=hidden, redirect_stdout=False) as bar:
        task = bar.add_task("tracing", total=len(addresses))
        traces = []
        for address in addresses:
            traces.append(await tracer.trace(address))
            bar.advance(task)
        return traces


def _row(one: "Trace") -> dict[str, Any]:
    """Return a trace with the fields of the command contract."""
    fields = {name: getattr(one, name) for name in COLUMNS if name not in ("mention_id", "told_at")}
    way = next((way for way in one.ways if way.watch == one.watch), None)
    sent = [
        delivery.sent_at
        for digest in (way.digests if way is not None else ())
        for delivery in digest.deliveries
        if delivery.sent_at is not None
    ]
    return fields | {"mention_id": way and way.mention_id, "told_at": min(sent, default=None)}


def _as_json(one: "Trace") -> dict[str, Any]:
    """Return a trace with the way of each watch."""
    return {**_row(one), "listed_by": list(one.listed_by), "ways": list(one.ways)}


def _print_one(one: "Trace") -> None:
    out = console()
    word, _, colour = _STEPS[one.step]
    out.print(f"[bold {colour}]{word}[/]  [bold]{clean(one.title or one.url)}[/]", soft_wrap=True)
    if one.title:
        out.print(f"[dim]{clean(one.url)}[/]", soft_wrap=True)
    out.print()
    name = f"[bold]{clean(one.watch)}[/]: " if one.watch and len(one.ways) > 1 else ""
    out.print(Padding(f"{name}{clean(one.detail)}", (0, 0, 0, 2)))
    if one.hint:
        out.print(Padding(f"[cyan]{clean(one.hint)}[/]", (0, 0, 0, 2)))
    # what was said of one watch is not said again
    ways = [way for way in one.ways if way.reasons or way.watch != one.watch]
    if len(one.ways) > 1 and ways:
        out.print()
        _print_ways(ways)


def _print_ways(ways: "Sequence[Way]") -> None:
    """Print how far the address came with some watches, the furthest first."""
    order = list(_STEPS)
    ways = sorted(ways, key=lambda way: (order.index(way.step), len(way.reasons)))
    shown = table(("watch", "came to", "because"))
    for way in ways[:_MOST_WAYS]:
        word, _, colour = _STEPS[way.step]
        shown.add_row(clean(way.watch), f"[{colour}]{word.lower()}[/]", clean(_because(way)))
    console().print(shown)
    if len(ways) > _MOST_WAYS:
        console().print(f"[dim]and {len(ways) - _MOST_WAYS} more; --watch W shows one of them[/]")


def _because(way: "Way") -> str:
    return "; ".join(way.reasons) if way.reasons else way.detail


def _print_many(traces: "Sequence[Trace]") -> None:
    out = console()
    shown = table(("came to", "address", "because"))
    for one in traces:
        word, _, colour = _STEPS[one.step]
        title = f"{clean(one.title)}\n" if one.title else ""
        shown.add_row(f"[{colour}]{word.lower()}[/]", f"{title}[dim]{clean(one.url)}[/]", clean(one.detail))
    out.print(shown)
    steps = Counter(str(one.step) for one in traces)
    parts = [f"{steps[step]:,} {words}" for step, (_, words, _) in _STEPS.items() if steps[step]]
    out.print(f"\nof {counted(len(traces), 'address', 'addresses')}: {', '.join(parts)}", soft_wrap=True)
