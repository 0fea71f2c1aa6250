"""``newsbot source``: where is read, and what an address would bring."""

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding

from bot.cli.context import options_of
from bot.cli.output import (
    AsCsv,
    AsJson,
    AsJsonLines,
    Form,
    clean,
    console,
    counted,
    form_of,
    print_json,
    print_rows,
    span,
    table,
    when,
)
from bot.clock import SystemClock
from bot.model import Article, Feed, Source, SourceKind

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store.sources import SourceRow

#: the fields of the command contract, and more
COLUMNS = (
    "name", "key", "kind", "url", "health", "enabled", "next_fetch_at", "last_fetch_at", "last_outcome",
    "last_error", "entries",
)  # fmt: skip

source = typer.Typer(help="Show the sources, and try an address.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(source, name="source")


@source.callback()
def bare(ctx: typer.Context) -> None:
    """List the sources."""
    if ctx.invoked_subcommand is None:
        list_sources(ctx)


@source.command("list")
def list_sources(
    ctx: typer.Context,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_csv: AsCsv = False,
) -> None:
    """List the sources with their health."""
    from bot.app import synchronise
    from bot.store import sources

    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    options = options_of(ctx)
    settings = options.settings()
    clock = SystemClock()
    with options.store() as store:
        synchronise(store, settings, clock=clock)
        rows = store.read(sources.list_sources)
    if form is not Form.TABLE:
        print_rows([as_row(row) for row in rows], form, columns=COLUMNS)
        return
    if not rows:
        console().print("No sources yet: add them to sources.yaml.")
        return
    console().print(sources_table(rows))


def sources_table(rows: "list[SourceRow]") -> Any:
    """Return the table of sources: how each is doing, and when it is asked next."""
    now = SystemClock().now()
    shown = table(("source", "kind", "health", "entries", "last asked", "next", "what happened"))
    colours = {"ok": "green", "failing": "red", "empty": "yellow"}
    for row in rows:
        health = row.health.value if row.enabled else "off"
        shown.add_row(
            clean(row.name),
            row.kind.value,
            f"[{colours.get(health, 'dim')}]{health}[/]",
            str(row.entries),
            when(row.last_fetch_at, now=now),
            span(row.next_fetch_at, now=now) if row.enabled else "–",
            clean(row.last_error or row.last_outcome or ""),
        )
    return shown


def as_row(row: "SourceRow") -> dict[str, Any]:
    """Return a source with the fields of the command contract."""
    fields = {name: getattr(row, name) for name in COLUMNS}
    return fields if row.enabled else fields | {"next_fetch_at": None}


@source.command("try")
def try_source(
    ctx: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="SOURCE|URL", help="A configured source, or any address.")
    ],
    links: Annotated[
        str | None, typer.Option("--links", help="CSS selector of the links of a listing page.")
    ] = None,
    allow_private: Annotated[
        list[str] | None,
        typer.Option("--allow-private", metavar="CIDR", help="Private addresses that may be asked."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what would be read from an address: its entries, and one article; nothing is stored."""
    import asyncio
    import logging

    from bot import log
    from bot.config import defaults

    options = options_of(ctx)
    settings = options.settings() if options.folder().is_dir() else defaults()
    log.configure(style=options.log_format.value, level=logging.ERROR, secrets=settings.secrets)
    tried = _source_of(settings, address, links, tuple(allow_private or ()))
    feed, article, problem = asyncio.run(_try(settings, tried))
    if as_json:
        print_json(
            {
                "source": tried.url,
                "title": feed.title,
                "entries": feed.entries,
                "fault": feed.fault,
                "alternates": feed.alternates,
                "article": article,
                "article_problem": problem,
            }
        )
    else:
        _show(feed, article, problem)
    if feed.fault is not None and not feed.entries:
        raise typer.Exit(1)


def _source_of(
    settings: "Settings", address: str, links: str | None, allow_private: tuple[str, ...]
) -> Source:
    for known in settings.sources:
        if address in (known.key, known.name):
            return known
    url = address if "://" in address else f"https://{address}"
    kind = SourceKind.LISTING if links else SourceKind.AUTO
    for network in allow_private:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise typer.BadParameter(
                f"'{network}' is no network; write it as 127.0.0.0/8", param_hint="--allow-private"
            ) from None
    return Source(key="tried", name=url, kind=kind, url=url, links=links, allow_private=allow_private)


async def _try(settings: "Settings", tried: Source) -> tuple[Feed, Article | None, str | None]:
    """Fetch and parse one listing and its first article; raises FetchError when the listing cannot be had."""
    from bot.app import parts
    from bot.errors import NewsbotError
    from bot.fetch import Policy
    from bot.model import Page
    from bot.parse.sandbox import ExtractJob, ListingJob

    clock = SystemClock()
    policy = Policy(allow_private=tried.allow_private)
    async with parts(settings, clock=clock, workers=1) as (fetcher, robots, sandbox):
        page = await fetcher.get(tried.url, policy=policy)
        assert isinstance(page, Page)
        feed = await sandbox.listing(ListingJob.of(tried, page, now=clock.now()))
        entry = next((entry for entry in feed.entries if entry.link), None)
        if entry is None or entry.link is None:
            return feed, None, None
        try:
            verdict = await robots.verdict(entry.link, policy=policy, now=clock.now())
            if not verdict.allowed:
                return feed, None, verdict.why
            answer = await fetcher.get(entry.link, policy=policy)
            assert isinstance(answer, Page)
            article = await sandbox.extract(
                ExtractJob(html=answer.body, url=answer.url, headers=answer.headers, entry=entry)
            )
        except NewsbotError as error:
            return feed, None, str(error)
        return feed, replace(article, source=tried.key), None


def _show(feed: Feed, article: Article | None, problem: str | None) -> None:
    out = console()
    now = SystemClock().now()
    if feed.fault is not None:
        out.print(f"[yellow]{clean(feed.fault)}[/]")
        for alternate in feed.alternates:
            out.print(f"  did you mean {clean(alternate)}")
    if feed.entries:
        count = counted(len(feed.entries), "entry", "entries")
        out.print(f"[bold]{clean(feed.title) or '(no title)'}[/]  {count}\n")
        shown = table(("published", "title", "address"))
        for entry in feed.entries[:15]:
            shown.add_row(when(entry.published_at, now=now), clean(entry.title), clean(entry.link or "–"))
        out.print(shown)
        if len(feed.entries) > 15:
            out.print(f"[dim]and {len(feed.entries) - 15} more[/]")
    elif feed.fault is None:
        out.print("A valid listing with nothing in it.")
    if problem is not None:
        out.print(f"\n[yellow]the first article could not be read:[/] {clean(problem)}")
    if article is not None:
        out.print(f"\n[dim]the first article[/]\n[bold]{clean(article.title)}[/]")
        facts = [
            article.site,
            ", ".join(article.authors),
            when(article.published_at, now=now),
            article.language or "–",
        ]
        out.print(f"[dim]{clean(' · '.join(fact for fact in facts if fact))}[/]")
        words = len(article.text.split())
        shown_text = f"{article.text[:400]}{'…' if len(article.text) > 400 else ''}"
        for paragraph in shown_text.split("\n\n"):
            out.print(Padding(clean(paragraph), (0, 0, 1, 2)))
        out.print(f"[dim]{counted(words, 'word')}, text from {article.text_from.value}[/]")
