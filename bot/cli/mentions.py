"""``newsbot mentions``: what was found."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.context import MOST_ROWS, Options, options_of, since, unknown
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
from bot.model import MentionState, StoredMention

if TYPE_CHECKING:
    from bot.store import Store

#: the fields of the command contract
COLUMNS = (
    "id", "watch", "article_id", "url", "title", "source", "outlet", "language", "published_at",
    "found_at", "state", "sense", "revision", "spans", "excerpt", "story_id",
)  # fmt: skip

mentions = typer.Typer(help="Show the mentions that were found.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(mentions, name="mentions")


@mentions.callback()
def list_mentions(
    ctx: typer.Context,
    watch: Annotated[str | None, typer.Option("--watch", "-w", help="Only this watch.")] = None,
    since_text: Annotated[
        str | None, typer.Option("--since", help="Only what was found since then: 24h, 7d, 2026-11-23.")
    ] = None,
    state: Annotated[MentionState | None, typer.Option("--state", help="Only this state.")] = None,
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
    from bot.store import mentions as stored

    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    now = SystemClock().now()
    after = since(since_text, now=now)
    options = options_of(ctx)
    with options.store() as store:
        known = _watches(options, store) if watch is not None else {}
        chosen = next((key for key, name in known.items() if watch in (key, name)), watch)
        rows = store.read(stored.list_mentions, watch=chosen, since=after, state=state, limit=limit)
    if chosen is not None and not rows and chosen not in known:
        raise unknown("watch", chosen, [*known, *known.values()])
    if form is not Form.TABLE:
        print_rows([as_row(row) for row in rows], form, columns=COLUMNS)
    else:
        _print_table(rows, filtered=any(value is not None for value in (watch, after, state)))


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
    shown = table(("id", "watch", "title", "outlet", "published", "state"))
    for row in rows:
        shown.add_row(
            str(row.id),
            clean(row.watch),
            f"{clean(row.title)}\n[dim]{clean(row.url)}[/]",
            clean(row.outlet),
            when(row.published_at or row.first_seen_at, now=now),
            row.state.value,
        )
    out.print(shown)
    out.print(f"[dim]{counted(len(rows), 'mention')}; `newsbot explain ID` tells why[/]")
