"""``newsbot articles``: what was read."""

from typing import Annotated, Any

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
    form_of,
    print_rows,
    table,
    when,
)
from bot.clock import SystemClock
from bot.model import Article

#: the fields of the command contract
COLUMNS = (
    "id", "url", "canonical_url", "title", "authors", "language", "published_at", "first_seen_at",
    "source", "story_id", "revision", "text_from",
)  # fmt: skip

articles = typer.Typer(help="Show the articles that were read.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(articles, name="articles")


@articles.callback()
def list_articles(
    ctx: typer.Context,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only from this source.")] = None,
    since_text: Annotated[
        str | None, typer.Option("--since", help="Only what was first seen since then: 24h, 7d, 2026-11-23.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", min=1, max=MOST_ROWS, help="At most so many (a table shows 50)."),
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="With the text.")] = False,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_csv: AsCsv = False,
) -> None:
    """List articles, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from bot.store import articles as stored
    from bot.store import sources

    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    now = SystemClock().now()
    if limit is None and form is Form.TABLE:
        limit = 50
    after = since(since_text, now=now)
    with options_of(ctx).store() as store:
        known = {row.key: row.name for row in store.read(sources.list_sources)}
        chosen = next((key for key, name in known.items() if source in (key, name)), source)
        rows = store.read(stored.list_articles, source=chosen, since=after, limit=limit, text=text)
    if chosen is not None and not rows and chosen not in known:
        raise unknown("source", chosen, [*known, *known.values()], hint="`newsbot source list` shows them")
    if form is Form.TABLE:
        _print_table(rows, text=text, filtered=source is not None or after is not None)
        if rows and len(rows) == limit:
            console_err().print(f"[dim]the newest {limit}; --limit N shows more[/]")
    else:
        print_rows([as_row(row, text=text) for row in rows], form, columns=COLUMNS + ("text",) * text)


def as_row(row: Article, *, text: bool) -> dict[str, Any]:
    """Return an article with the fields of the command contract."""
    fields: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    return fields | {"text": row.text} if text else fields


def _print_table(rows: list[Article], *, text: bool, filtered: bool) -> None:
    out = console()
    if not rows and filtered:
        out.print("No article is like that. `newsbot articles` shows them all.")
        return
    if not rows:
        out.print("No articles yet. `newsbot once` reads the sources now.")
        return
    now = SystemClock().now()
    if text:
        for row in rows:
            out.print(f"[bold]{clean(row.title)}[/]\n[dim]{clean(row.url)}[/]\n")
            out.print("\n\n".join(clean(paragraph) for paragraph in row.text.split("\n\n")))
            out.print()
        return
    shown = table(("id", "title", "source", "published", "language", "text from"))
    for row in rows:
        shown.add_row(
            str(row.id),
            f"{clean(row.title)}\n[dim]{clean(row.url)}[/]",
            clean(row.source),
            when(row.published_at or row.first_seen_at, now=now),
            row.language or "–",
            row.text_from.value,
        )
    out.print(shown)
