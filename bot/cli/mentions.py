"""``newsbot mentions``: what was found, what was held back, and what people say to it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.context import MOST_ROWS, Options, options_of, since, unknown
from bot.cli.dismiss import dismiss, suggest, undo
from bot.cli.output import (
    AsCsv,
    AsJson,
    AsJsonLines,
    Form,
    clean,
    console,
    counted,
    form_of,
    print_rows,
    table,
    when,
)
from bot.clock import SystemClock
from bot.model import MentionState, Sense, StoredMention

if TYPE_CHECKING:
    from bot.store import Store

#: the fields of the command contract
COLUMNS = (
    "id", "watch", "article_id", "url", "title", "source", "outlet", "language", "published_at",
    "found_at", "state", "sense", "revision", "spans", "excerpt", "story_id",
)  # fmt: skip
_STATES = {
    MentionState.DISMISSED: "dim",
    MentionState.WITHDRAWN: "dim",
    MentionState.FURNITURE: "yellow",
    MentionState.CONTRADICTED: "yellow",
}
_SENSES = {Sense.CONFIRMED: "green", Sense.LIKELY: "green", Sense.CONTRADICTED: "yellow"}

mentions = typer.Typer(
    help="Show the mentions that were found, and dismiss those that were not meant.",
    invoke_without_command=True,
)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(mentions, name="mentions")


for command in (dismiss, undo, suggest):
    mentions.command(command.__name__)(command)


@mentions.callback()
def list_mentions(
    ctx: typer.Context,
    watch: Annotated[str | None, typer.Option("--watch", "-w", help="Only this watch.")] = None,
    since_text: Annotated[
        str | None, typer.Option("--since", help="Only what was found since then: 24h, 7d, 2026-11-23.")
    ] = None,
    state: Annotated[MentionState | None, typer.Option("--state", help="Only this state.")] = None,
    sense: Annotated[Sense | None, typer.Option("--sense", help="Only this sense of the acronym.")] = None,
    dropped: Annotated[
        bool, typer.Option("--dropped", help="What a NOT took away and the sense guard held back, instead.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, max=MOST_ROWS, help="At most so many.")
    ] = None,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_csv: AsCsv = False,
) -> None:
    """List mentions, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    if dropped:
        from bot.cli.dropped import list_dropped

        if state is not None or sense is not None:
            raise typer.BadParameter("what was dropped has no --state and no --sense", param_hint="--dropped")
        list_dropped(options_of(ctx), watch=watch, since_text=since_text, limit=limit, form=form)
        return
    from bot.store import mentions as stored

    after = since(since_text, now=SystemClock().now())
    options = options_of(ctx)
    with options.store() as store:
        known = _watches(options, store) if watch is not None else {}
        chosen = next((key for key, name in known.items() if watch in (key, name)), watch)
        rows = store.read(
            stored.list_mentions, watch=chosen, since=after, state=state, sense=sense, limit=limit
        )
    if chosen is not None and not rows and chosen not in known:
        raise unknown("watch", chosen, [*known, *known.values()])
    if form is not Form.TABLE:
        print_rows([as_row(row) for row in rows], form, columns=COLUMNS)
    else:
        _print_table(rows, filtered=any(value is not None for value in (watch, after, state, sense)))


def _watches(options: Options, store: "Store") -> dict[str, str]:
    """Return the name of each watch by its key: the configured ones, or those that the database knows."""
    from bot.store import watches

    if options.folder().is_dir():
        return {watch.key: watch.name for watch in options.settings().watches}
    return {row.key: row.name for row in store.read(watches.active)}


def as_row(row: StoredMention) -> dict[str, Any]:
    """Return a mention with the fields of the command contract."""
    spans = [
        {"field": span.field, "start": span.start, "end": span.end, "term": span.term} for span in row.spans
    ]
    return {name: spans if name == "spans" else getattr(row, name) for name in COLUMNS}


def _print_table(rows: list[StoredMention], *, filtered: bool) -> None:
    out = console()
    if not rows and filtered:
        out.print("No mention is like that. `newsbot mentions` shows them all.")
        return
    if not rows:
        out.print("No mentions yet. `newsbot status` shows what was read; `newsbot once` reads now.")
        return
    now = SystemClock().now()
    senses = any(row.sense for row in rows)
    shown = table(("id", "watch", "title", "outlet", "published", "state", *(["sense"] if senses else [])))
    for row in rows:
        cells = [
            str(row.id),
            clean(row.watch),
            f"{clean(row.title)}\n[dim]{clean(row.url)}[/]",
            clean(row.outlet),
            when(row.published_at or row.first_seen_at, now=now),
            _state(row),
        ]
        shown.add_row(*cells, *([_sense(row)] if senses else []))
    out.print(shown)
    out.print(f"[dim]{counted(len(rows), 'mention')}; `newsbot explain ID` tells why[/]")


def _state(row: StoredMention) -> str:
    """Return the state, and what a person said when he dismissed it."""
    colour = _STATES.get(row.state, "default")
    why = f"\n[dim]{clean(row.dismissed_why)}[/]" if row.dismissed_why else ""
    return f"[{colour}]{row.state.value}[/]{why}"


def _sense(row: StoredMention) -> str:
    return f"[{_SENSES.get(Sense(row.sense), 'default')}]{row.sense}[/]" if row.sense else ""
