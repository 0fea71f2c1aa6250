"""``newsbot demo``: the whole job on a small bundled news world, with no network at all."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.panel import Panel
from rich.rule import Rule

from bot.cli.output import clean, console, table

if TYPE_CHECKING:
    from bot.cli.demo_site import DemoSite
    from bot.config import Settings
    from bot.model import Article, Digest, Source
    from bot.run.once import OnceReport
    from bot.store import Store

_WATCHLISTS = """\
watches:
  cspo:
    name: CSpO
    description: Combined Space Operations initiative
    any: ["{CSpO}", Combined Space Operations, 連合宇宙作戦]
  asterx:
    name: AsterX
    description: Annual military space exercise, Toulouse
    any: [AsterX]
"""

_NEWSBOT = """\
contact: mailto:demo@newsbot.invalid
timezone: Europe/Paris
database: {database}
fetch: {{host_pause: 0 s}}
channels:
  page: {{type: file, path: {folder}, format: html}}
digests:
  brief: {{name: Morning brief, schedule: every day at 07:00, watches: all, channels: [page]}}
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[
        Path,
        typer.Option("--folder", metavar="DIR", help="Where configuration, database and digest are left."),
    ] = Path("newsbot-demo"),
) -> None:
    """Show the whole job on a bundled news site on this machine: no network, no account, ten seconds."""
    from bot import log
    from bot.cli.demo_site import DemoSite
    from bot.clock import SystemClock
    from bot.store import deliveries

    log.configure(level=logging.CRITICAL)
    clock = SystemClock()
    out = console()
    place = _place(folder)
    with DemoSite(now=clock.now()) as site:
        settings = _settings(place, site)
        out.print(
            Panel.fit(
                f"[bold]Newsbot demo[/]\n{len(site.outlets)} invented outlets are served on this "
                "machine; nothing else is asked.\nTwo watches: [bold green]CSpO[/] (exactly so, in full, "
                "or in Japanese) and [bold green]AsterX[/].",
                border_style="dim",
            )
        )
        with _store(settings) as store:
            # As if it had been installed yesterday: the digest tells of a day, not of three seconds.
            store.write(
                deliveries.schedule_state, settings.digests[0].key, now=clock.now() - timedelta(days=1)
            )
            _first_sight(settings, store)
            _next_day(settings, store, site)
            digest, files = asyncio.run(_digest(settings, store, place))
    _show_digest(digest, files)
    _announce(_Stage(number=4, title="Your turn", says="All of it is yours to look at, and to break."))
    here = f"newsbot --config {place / 'config'}"
    out.print(f"[bold]{here} mentions[/]", soft_wrap=True)
    out.print(f"[bold]{here} explain 7[/]   why mention 7 is one", soft_wrap=True)
    out.print()
    out.print("[bold]newsbot start 'your words'[/]  looks for your own words in real sources, now")
    out.print(
        "[bold]newsbot init[/]                writes the configuration to edit; then [bold]newsbot run[/]"
    )


def _place(folder: Path) -> Path:
    """Return an empty folder for the demo: the one asked for, else a temporary one."""
    marker = folder / ".newsbot-demo"
    try:
        if marker.exists():
            shutil.rmtree(folder)
        elif folder.exists() and any(folder.iterdir()):
            raise typer.BadParameter(
                f"{folder} holds other files; name another folder", param_hint="--folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="newsbot-demo-"))
    return folder


def _settings(place: Path, site: "DemoSite") -> "Settings":
    """Write a configuration for the bundled site, and read it as any other is read."""
    from bot.app import settings_from
    from bot.cli.configuration import write_files

    files = {
        "newsbot.yaml": _NEWSBOT.format(
            database=f"sqlite:///{(place / 'newsbot.db').as_posix()}", folder=(place / "digests").as_posix()
        ),
        "watchlists.yaml": _WATCHLISTS,
        "sources.yaml": _sources_yaml(site.sources()),
    }
    write_files(place / "config", files)
    return settings_from(place / "config")


def _sources_yaml(sources: "tuple[Source, ...]") -> str:
    import json

    names = {"feed": "feed", "sitemap": "sitemap", "listing": "page"}
    lines = ["sources:"]
    for source in sources:
        fields: dict[str, Any] = {"id": source.key, "name": source.name, names[source.kind.value]: source.url}
        for field in ("links", "title", "date", "language"):
            if (value := getattr(source, field)) is not None:
                fields[field] = value
        if source.tier is not None:
            fields["tier"] = source.tier.value
        if source.tags:
            fields["tags"] = list(source.tags)
        fields["allow_private"] = list(source.allow_private)
        lines += [
            f"  {'-' if not index else ' '} {key}: {json.dumps(value, ensure_ascii=False)}"
            for index, (key, value) in enumerate(fields.items())
        ]
    return "\n".join(lines) + "\n"


@contextmanager
def _store(settings: "Settings") -> "Iterator[Store]":
    from bot.app import open_store
    from bot.clock import SystemClock

    store = open_store(settings, clock=SystemClock())
    try:
        yield store
    finally:
        store.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stage:
    number: int
    title: str
    says: str


def _announce(stage: _Stage) -> None:
    out = console()
    out.print()
    out.print(Rule(f"[bold]{stage.number}  {stage.title}[/]", align="left", style="dim"))
    out.print(f"[dim]{stage.says}[/]\n")


def _first_sight(settings: "Settings", store: "Store") -> None:
    from bot.cli import journey
    from bot.run.once import Once
    from bot.store import sources

    _announce(
        _Stage(
            number=1,
            title="First sight",
            says="Every source is asked for the first time. What it lists already is history: "
            "read, stored, matched, and not alerted.",
        )
    )
    report = journey.travel(settings, store, journey.Journey(what="newsbot demo", once=Once(deliver=False)))
    shown = table(("outlet", "read as", "entries", "address"))
    for row in store.read(sources.list_sources):
        shown.add_row(clean(row.name), row.kind.value, str(row.entries), f"[dim]{clean(row.url)}[/]")
    console().print(shown)
    console().print(
        f"\n{_counts(report)}, {report.mentions_backfill} mentions kept as history, none alerted "
        f"[dim]({report.duration_s:.1f} s)[/]"
    )


def _next_day(settings: "Settings", store: "Store", site: "DemoSite") -> None:
    from bot.cli import journey
    from bot.run.once import Once
    from bot.store import articles

    last = max((article.id or 0 for article in store.read(articles.list_articles, limit=None)), default=0)
    site.publish_second_day()
    _announce(
        _Stage(
            number=2,
            title="The next day",
            says="New articles appear. Sources without news answer “not modified”; the others bring theirs.",
        )
    )
    report = journey.travel(
        settings,
        store,
        journey.Journey(what="newsbot demo", once=Once(deliver=False), mention=journey.print_mention),
    )
    out = console()
    out.print(
        f"{_counts(report)}, [bold]{report.mentions_new} mentions[/] [dim]({report.duration_s:.1f} s)[/]"
    )
    again = journey.travel(settings, store, journey.Journey(what="newsbot demo", once=Once(deliver=False)))
    out.print(
        f"asked once more: {len(again.not_modified)} sources not modified, {again.articles_new} articles, "
        f"{again.mentions_new} mentions: nothing is told twice"
    )
    fresh = [
        article
        for article in store.read(articles.list_articles, limit=None, text=True)
        if (article.id or 0) > last
    ]
    _left_alone(store, site, fresh)


def _counts(report: "OnceReport") -> str:
    sources = len(report.ok) + len(report.not_modified)
    unchanged = len(report.not_modified)
    return f"{sources} sources asked, {unchanged} not modified, {report.articles_new} new articles"


def _left_alone(store: "Store", site: "DemoSite", fresh: "list[Article]") -> None:
    """Show the new articles that look like a hit and are none, each with its reason."""
    from bot.store import mentions

    hits = {mention.article_id for mention in store.read(mentions.list_mentions)}
    reasons = site.lookalikes()
    out = console()
    shown = table(("left alone", "because"))
    for article in fresh:
        # The page may name another address than its source did.
        reason = reasons.get(article.url) or reasons.get(article.canonical_url or "")
        if article.id not in hits and reason is not None:
            shown.add_row(f"{clean(article.title)}\n[dim]{clean(article.site)}[/]", clean(reason))
    if shown.row_count:
        out.print()
        out.print(shown)


async def _digest(settings: "Settings", store: "Store", place: Path) -> "tuple[Digest, list[Path]]":
    """Compose the digest as the daemon would, deliver it to its file, and return both."""
    from bot.app import digest_plan, opened
    from bot.pipeline import compose_plan, deliver, preview
    from bot.store import deliveries

    plan = digest_plan(settings.digests[0])
    async with opened(settings, store=store, reading=False) as deps:
        now = deps.clock.now()
        digest = await preview(deps, plan)
        done = await compose_plan(deps, plan, slot=now)
        if done is not None and done.digest_id is not None:
            for delivery_id in await store.aread(deliveries.of_digest, done.digest_id):
                await deliver(deps, delivery_id)
    return digest, sorted((place / "digests").glob("*.html"))


def _show_digest(digest: "Digest", files: list[Path]) -> None:
    from bot.cli.digest import clean_text
    from bot.deliver import render

    _announce(
        _Stage(
            number=3,
            title="The digest",
            says="At its time, what is new goes into one digest: by watch and story, copies under one head.",
        )
    )
    out = console()
    out.print(Panel(clean_text(render.text(digest)), border_style="dim", expand=False))
    for path in files:
        out.print(f"the same as an HTML mail: [bold]{path}[/]")
