"""``newsbot search``: the watch language over all stored articles, for a question that is asked once."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.context import MOST_ROWS, options_of, since, unknown
from bot.cli.output import (
    AsCsv,
    AsJson,
    AsJsonLines,
    Form,
    clean,
    console,
    console_err,
    counted,
    form_of,
    marked,
    print_rows,
    table,
    when,
)
from bot.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.pipeline.search import Found

#: the fields of the command contract
COLUMNS = (
    "id", "url", "title", "source", "outlet", "language", "published_at", "first_seen_at", "spans", "excerpt",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("search")(search)


def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="In the watch language.")],
    since_text: Annotated[
        str | None, typer.Option("--since", help="Only what was first seen since then: 24h, 7d, 2026-11-23.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only from this source.")] = None,
    best: Annotated[
        bool, typer.Option("--best", help="Those that answer best first, instead of the newest.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST_ROWS, help="At most so many.")] = 20,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_csv: AsCsv = False,
) -> None:
    """Search the stored articles, newest first."""
    from rich.progress import Progress

    from bot.match.query import parse
    from bot.pipeline.search import search as step
    from bot.store import sources

    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    parse(query)
    after = since(since_text, now=SystemClock().now())
    err = console_err()
    with (
        options_of(ctx).store() as store,
        Progress(console=err, transient=True, disable=not err.is_terminal, redirect_stdout=False) as bar,
    ):
        known = {row.key: row.name for row in store.read(sources.list_sources)} if source else {}
        chosen = next((key for key, name in known.items() if source in (key, name)), None)
        if source is not None and chosen is None:
            hint = "`newsbot source list` shows them"
            raise unknown("source", source, [*known, *known.values()], hint=hint)
        task = bar.add_task("searching", total=1.0)
        results = asyncio.run(
            step(
                store,
                query,
                since=after,
                source=chosen,
                limit=limit,
                best=best,
                progress=lambda share: bar.update(task, completed=share),
            )
        )
    if form is not Form.TABLE:
        print_rows([as_row(found) for found in results.found], form, columns=COLUMNS)
    else:
        _print_table(results.found, filtered=source is not None or after is not None)
        if results.found and not results.more:
            console().print(f"[dim]{counted(len(results.found), 'article')}[/]")
    if results.more:
        order = "best" if best else "newest"
        err.print(f"[dim]the {order} {len(results.found):,}; --limit N shows more[/]")


def as_row(found: "Found") -> dict[str, Any]:
    """Return an article that was found with the fields of the command contract."""
    spans = [
        {"field": span.field, "start": span.start, "end": span.end, "term": span.term} for span in found.spans
    ]
    own = {"outlet": found.outlet, "spans": spans, "excerpt": found.excerpt}
    return {name: own[name] if name in own else getattr(found.article, name) for name in COLUMNS}


def title_marks(found: "Found") -> list[tuple[int, int]]:
    """Return where terms stand in the title."""
    return [(span.start, span.end) for span in found.spans if span.field == "title"]


def _print_table(rows: "Sequence[Found]", *, filtered: bool) -> None:
    out = console()
    if not rows:
        where = "like that" if filtered else "among the stored ones"
        out.print(f"No article {where} satisfies this query. `newsbot try QUERY --all` shows near misses.")
        return
    now = SystemClock().now()
    shown = table(("id", "title, and where it stands", "outlet", "published"))
    for found in rows:
        article = found.article
        title = marked(article.title, title_marks(found))
        title.stylize("bold")
        title.append("\n").append(article.url, style="dim")
        if any(span.field == "body" for span in found.spans):
            title.append("\n").append(marked(found.excerpt, found.marks))
        shown.add_row(
            str(article.id),
            title,
            clean(found.outlet),
            when(article.published_at or article.first_seen_at, now=now),
        )
    out.print(shown)
