"""``newsbot mentions``: what was found."""

from typing import Annotated, Any

import typer

from bot.cli.context import options_of, since
from bot.cli.output import Form, clean, console, form_of, print_rows, table, when
from bot.clock import SystemClock
from bot.model import MentionState, StoredMention

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
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="At most so many.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """List mentions, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from bot.store import mentions as stored

    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    now = SystemClock().now()
    with options_of(ctx).store() as store:
        rows = store.read(
            stored.list_mentions, watch=watch, since=since(since_text, now=now), state=state, limit=limit
        )
    if form is Form.TABLE:
        _print_table(rows)
    else:
        print_rows([as_row(row) for row in rows], form)


def as_row(row: StoredMention) -> dict[str, Any]:
    """Return a mention with the fields of the command contract."""
    return {
        "id": row.id,
        "watch": row.watch,
        "article_id": row.article_id,
        "url": row.url,
        "title": row.title,
        "source": row.source,
        "outlet": row.outlet,
        "language": row.language,
        "published_at": row.published_at,
        "found_at": row.found_at,
        "state": row.state,
        "sense": row.sense,
        "revision": row.revision,
        "spans": [
            {"field": span.field, "start": span.start, "end": span.end, "term": span.term}
            for span in row.spans
        ],
        "excerpt": row.excerpt,
        "story_id": row.story_id,
    }


def _print_table(rows: list[StoredMention]) -> None:
    out = console()
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
    out.print(f"[dim]{len(rows)} mention{'s' if len(rows) != 1 else ''}; `newsbot explain ID` tells why[/]")
