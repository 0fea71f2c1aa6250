"""``newsbot source try``: what an address, or a configured source, would bring; nothing is stored."""

import asyncio
import ipaddress
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.padding import Padding

from bot.cli.context import Options, options_of
from bot.cli.output import clean, console, counted, print_json, table, when
from bot.cli.source_fields import fields, name_for, shown
from bot.cli.source_names import chosen, matching
from bot.clock import SystemClock
from bot.errors import FailureKind, NewsbotError
from bot.model import Article, Entry, Offer, Source, SourceKind

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.pipeline.discovery import Discovered
    from bot.pipeline.sample import Sample

_MOST_ENTRIES: Final = 15
_MOST_OFFERS: Final = 12
_EXCERPT: Final = 400

AllowPrivate = Annotated[
    list[str] | None,
    typer.Option("--allow-private", metavar="CIDR", help="Addresses that are not public and may be asked."),
]


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("try")(try_source)


def try_source(
    ctx: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="SOURCE|URL", help="A configured source, or any address.")
    ],
    links: Annotated[
        str | None,
        typer.Option("--links", metavar="CSS", help="Read the address as a page; its links are these."),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="CSS", help="With --links: the title, near each link.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="CSS", help="With --links: the date, near each link.")
    ] = None,
    allow_private: AllowPrivate = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what would be read: the entries, one article as it would be stored, and what looks wrong.

    Of an address that is no source itself: the sources that it leads to. Nothing is stored.
    """
    options = options_of(ctx)
    settings = quiet_settings(options)
    source = _source_of(settings, address)
    if title or date or links:
        if not links:
            raise typer.BadParameter("--title and --date go with --links", param_hint="--links")
        source = replace(source, kind=SourceKind.LISTING, links=links, title=title, date=date)
    if allow_private:
        source = replace(source, allow_private=networks(allow_private))
    found = asyncio.run(_sample(settings, source))
    if as_json:
        print_json(_document(found))
    else:
        _print(found, now=SystemClock().now())
    if not found.feed.entries and found.feed.fault is not None:
        raise typer.Exit(1)


def quiet_settings(options: Options) -> "Settings":
    """Return the settings, or the defaults where nothing is configured; the log says what is wrong only."""
    from bot import log
    from bot.config import defaults

    is_there = options.config is not None or options.folder().is_dir()
    settings = options.settings() if is_there else defaults()
    log.configure(style=options.log_format.value, level=logging.ERROR, secrets=settings.secrets)
    return settings


def networks(written: Sequence[str]) -> tuple[str, ...]:
    """Return the networks of --allow-private. Raises a usage error for what is none."""
    for network in written:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise typer.BadParameter(
                f"'{network}' is no network; write it as 10.1.0.0/16", param_hint="--allow-private"
            ) from None
    return tuple(str(ipaddress.ip_network(network, strict=False)) for network in written)


def address_of(text: str) -> str:
    """Return the address that somebody typed, ``https://`` before a bare host. Raises NewsbotError."""
    from bot.parse.outline import address, without_password

    url, why = address(text if "://" in text or text.startswith("feed:") else f"https://{text}")
    if url is None:
        raise NewsbotError(
            why,
            kind=FailureKind.CONFIG,
            subject=without_password(text),
            hint="write a whole address, such as https://site.example",
        )
    return url


def _source_of(settings: "Settings", text: str) -> Source:
    """Return the configured source that a text means (of a search, for one watch), or any address."""
    from bot.pipeline.searches import filled

    # what looks like an address is one, unless a source is called so
    is_address = any(sign in text for sign in "./:")
    known = matching(settings.sources, text, whole=is_address)
    if known or not is_address:
        known = [chosen(settings.sources, text)]
        ready = [
            one for one in filled(known, settings.watches) if one.kind is not SourceKind.SEARCH or one.watch
        ]
        if not ready:
            raise NewsbotError(
                "no watch can be looked for with this search",
                kind=FailureKind.CONFIG,
                subject=known[0].key,
                hint="`newsbot watch` lists them",
            )
        return ready[0]
    return settings.fetch.source(address_of(text), key="tried")


async def _sample(settings: "Settings", source: Source) -> "Sample":
    from bot.app import parts
    from bot.pipeline.sample import sample

    clock = SystemClock()
    async with parts(settings, clock=clock, workers=1) as (fetcher, robots, sandbox):
        access = settings.access_of(source)
        return await sample(fetcher, robots, sandbox, source, access=access, now=clock.now())


def _document(found: "Sample") -> dict[str, Any]:
    source, discovered = found.source, found.discovered
    return {
        "source": source.url,
        "kind": source.kind,
        "links": source.links,
        "title": found.feed.title,
        "entries": found.feed.entries,
        "fault": None if found.feed.entries else found.feed.fault,
        "alternates": found.feed.alternates,
        "article": found.article,
        "article_problem": found.problem,
        "warnings": found.warnings,
        "offers": offer_rows(discovered) if discovered else [],
    }


def offer_rows(discovered: "Discovered") -> list[dict[str, Any]]:
    """Return what an address leads to, for programs: what was read first, then what was only seen."""
    rows = []
    for offer in (*discovered.offers, *discovered.also):
        came = discovered.of(offer)
        rows.append(
            {
                "kind": offer.kind,
                "url": offer.url,
                "title": offer.title,
                "found_by": offer.found_by,
                "entries": came.entries if came else None,
                "newest_at": came.newest_at if came else None,
                "links": came.feed.chosen or None if came and came.feed else None,
            }
        )
    return rows


# For people.


def _print(found: "Sample", *, now: datetime) -> None:
    out = console()
    feed, source = found.feed, found.source
    if found.discovered is not None and not found.discovered.direct:
        _print_discovered(found.discovered, now=now)
    if feed.entries:
        count = counted(len(feed.entries), "entry", "entries")
        name = clean(feed.title) or "(no title)"
        out.print(
            f"[bold]{name}[/]  {count}  [dim]{source.kind.value} {clean(source.url)}[/]\n", soft_wrap=True
        )
        out.print(_entries_table(feed.entries, now=now))
        if len(feed.entries) > _MOST_ENTRIES:
            out.print(f"[dim]and {len(feed.entries) - _MOST_ENTRIES:,} more[/]")
    elif feed.fault is None:
        out.print("A valid listing with nothing in it.")
    elif found.discovered is None:
        out.print(f"[yellow]{clean(feed.fault)}[/]")
    if found.problem is not None:
        out.print(f"\n[yellow]the first article could not be read:[/] {clean(found.problem)}")
    if found.article is not None:
        _print_article(found.article, now=now)
    for warning in found.warnings:
        out.print(f"[yellow]beware[/]  {clean(warning)}", soft_wrap=True)
    if found.discovered is not None and (feed.entries or feed.fault is None):
        _print_item(found)


def _print_discovered(discovered: "Discovered", *, now: datetime) -> None:
    out = console()
    if not discovered.offers:
        out.print("[yellow]This address is no source, and leads to none that could be read.[/]")
        for one in discovered.tried[1:]:
            out.print(f"  [dim]{clean(one.offer.url)}[/]  {clean(one.fault or '')}", soft_wrap=True)
        return
    out.print("This address is no source itself. It leads to:\n")
    out.print(offers_table((*discovered.offers, *discovered.also), discovered, now=now))
    out.print()


def offers_table(offers: Sequence[Offer], discovered: "Discovered", *, now: datetime) -> Any:
    """Return the table of what an address leads to, numbered."""
    made = table(("", "kind", "title", "entries", "newest", "address", "found"))
    for place, offer in enumerate(offers[:_MOST_OFFERS], start=1):
        came = discovered.of(offer)
        made.add_row(
            str(place),
            offer.kind.value,
            clean(offer.title or "–"),
            f"{came.entries:,}" if came else "[dim]not read[/]",
            when(came.newest_at, now=now) if came else "",
            clean(offer.url),
            f"[dim]{clean(offer.found_by)}[/]",
        )
    return made


def _entries_table(entries: Sequence[Entry], *, now: datetime) -> Any:
    made = table(("published", "title", "address"))
    for entry in entries[:_MOST_ENTRIES]:
        at = when(entry.published_at or entry.updated_at, now=now)
        title = clean(entry.title) if entry.title else "[dim](no title)[/]"
        made.add_row(at if at != "–" else "[yellow]no date[/]", title, clean(entry.link or "–"))
    return made


def _print_article(article: Article, *, now: datetime) -> None:
    out = console()
    out.print(f"\n[dim]the first article[/]\n[bold]{clean(article.title)}[/]")
    facts = [
        article.site,
        ", ".join(article.authors),
        when(article.published_at, now=now) if article.published_at else "no date",
        article.language or "language unknown",
    ]
    out.print(f"[dim]{clean(' · '.join(fact for fact in facts if fact))}[/]")
    excerpt = f"{article.text[:_EXCERPT]}{'…' if len(article.text) > _EXCERPT else ''}"
    for paragraph in excerpt.split("\n\n"):
        out.print(Padding(clean(paragraph), (0, 0, 1, 2)))
    words = counted(len(article.text.split()), "word")
    out.print(f"[dim]{words}, text from {article.text_from.value}[/]")


def _print_item(found: "Sample") -> None:
    """Print what would stand in ``sources.yaml``, and the command that writes it."""
    source = found.source
    written = fields(
        source.kind,
        source.url,
        name=name_for(found.feed.title, source.url),
        links=source.links,
        allow_private=source.allow_private,
    )
    out = console()
    out.print("\n[dim]for sources.yaml; `newsbot source add` writes it[/]")
    for line in shown(written):
        out.print(clean_line(line), soft_wrap=True)


def clean_line(line: str) -> str:
    """Return a line of YAML as it may be printed, its indentation kept."""
    text = line.lstrip(" ")
    return f"{' ' * (len(line) - len(text))}{clean(text)}"
