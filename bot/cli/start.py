"""``newsbot start 'CSpO' …``: from your own words to real mentions within a minute."""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import Options, options_of
from bot.cli.output import clean, console

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.model import Digest
    from bot.run.once import OnceReport

#: Pages are asked for so long; what is left is stored as its source lists it, and read by `newsbot run`.
_BUDGET_S = 40.0
#: A source that takes longer than this must not cost the newcomer their minute.
_PATIENCE = timedelta(seconds=12)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("start")(start)


def start(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORD...", help="What to look for: words, phrases, {ExactCase}, prefix*."),
    ],
) -> None:
    """Look for your own words now: writes a configuration if there is none, reads, shows what it finds."""
    from bot.app import open_store
    from bot.cli import journey
    from bot.cli.digest import clean_text
    from bot.clock import SystemClock
    from bot.deliver import render
    from bot.run.once import Once

    options = options_of(ctx)
    _check_words(words)
    folder = _write(options, words)
    options = replace(options, config=folder)
    settings = options.settings()
    settings = replace(
        settings, fetch=replace(settings.fetch, timeout=min(_PATIENCE, settings.fetch.timeout))
    )
    options.configure_log(settings, usual=logging.CRITICAL)
    clock = SystemClock()
    out = console()
    enabled = sum(source.enabled for source in settings.sources)
    out.print(f"Asking {enabled} sources for {clean(', '.join(words))} …\n")
    store = open_store(settings, clock=clock)
    try:
        report = journey.travel(
            settings,
            store,
            journey.Journey(
                what="newsbot start",
                once=Once(deliver=False, budget_s=_BUDGET_S),
                mention=journey.print_mention,
            ),
        )
        digest = asyncio.run(_preview(settings, store)) if _found(report) else None
    finally:
        store.close()
    if digest is not None:
        out.print("\n[bold]This is how your digest would look:[/]\n")
        out.print(clean_text(render.text(digest)), soft_wrap=True)
    _sum_up(report, folder)
    if code := _code(report):
        raise typer.Exit(code)


def _found(report: "OnceReport") -> bool:
    return report.mentions_new + report.mentions_backfill > 0


def _code(report: "OnceReport") -> int:
    """Return 1 when no source could be read; a source or two that fail are no failure of this command."""
    return 1 if report.failures and not (report.ok or report.not_modified) else 0


def _check_words(words: Sequence[str]) -> None:
    """Refuse what does not parse before anything is written. Raises QueryError."""
    from bot.match.query import compose, parse

    for word in words:
        parse(compose(any=[word], all=[], none=[]))


def _write(options: Options, words: Sequence[str]) -> Path:
    """Write what is missing of the configuration and return its folder."""
    from bot.cli.configuration import write_files
    from bot.config import schema_files, starter

    folder = options.folder()
    if not folder.is_dir() or not any((folder / name).exists() for name in starter()):
        files = starter()
        files["watchlists.yaml"] = _watchlist(files["watchlists.yaml"].splitlines()[0], words)
        write_files(folder, files | schema_files())
        console().print(f"[green]wrote[/]  {folder}/ (newsbot.yaml, watchlists.yaml, sources.yaml)")
        return folder
    settings = options.settings()
    known = {watch.key for watch in settings.watches}
    new = [word for word in words if watch_key(word) not in known]
    if new:
        path = f"watchlists.d/{'-'.join(watch_key(word) for word in new)[:60]}.yaml"
        write_files(folder, {path: _watchlist(None, new)})
        console().print(f"[green]wrote[/]  {folder / path}")
    return folder


def watch_key(word: str) -> str:
    """Return a watch's key for a word: letters, digits and dashes."""
    slug = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")[:60]
    return slug or "word-" + "".join(f"{ord(character):x}" for character in word)[:40]


def _watchlist(first_line: str | None, words: Sequence[str]) -> str:
    """Return a watchlists file with one watch a word."""
    import json

    lines = [first_line] if first_line else []
    lines += ["# What to look for: one entry a topic. Run `newsbot check` after an edit.", "watches:"]
    for word in words:
        name = word.strip('{}"')
        # JSON's quotes are YAML's: whatever stands in a word, it stays text.
        lines += [
            f"  {watch_key(word)}:",
            f"    name: {json.dumps(name, ensure_ascii=False)}",
            f"    any: [{json.dumps(word, ensure_ascii=False)}]",
        ]
    return "\n".join(lines) + "\n"


async def _preview(settings: "Settings", store: object) -> "Digest":
    from zoneinfo import ZoneInfo

    from bot.app import digest_plan, opened
    from bot.digest.due import parse_schedule
    from bot.pipeline import DigestPlan, preview
    from bot.store import Store

    assert isinstance(store, Store)
    if settings.digests:
        plan = replace(digest_plan(settings.digests[0]), watches=None)
    else:
        plan = DigestPlan(
            key="preview",
            name="Your digest",
            schedule=parse_schedule("every day at 07:00"),
            zone=ZoneInfo(settings.timezone),
            watches=None,
            channels=(),
            send_empty=True,
        )
    async with opened(settings, store=store, workers=1) as deps:
        return await preview(deps, plan, history=True)


def _sum_up(report: "OnceReport", folder: Path) -> None:
    out = console()
    sources = len(report.ok) + len(report.not_modified)
    found = report.mentions_new + report.mentions_backfill
    out.print()
    if not sources and report.failures:
        out.print(f"[red]None of {len(report.failures)} sources could be read[/]: is this machine online?")
        first = report.failures[0]
        out.print(f"  {clean(first.source)}: {clean(first.detail)}")
        return
    if found:
        out.print(f"[bold]{found} mentions[/] in {report.articles_new} articles from {sources} sources.")
    else:
        out.print(f"[bold]None[/] in {report.articles_new} articles from {sources} sources.")
    if report.failures:
        out.print(f"[yellow]{len(report.failures)} sources could not be read[/]: `newsbot status` says why")
    out.print(
        f"Edit {folder}/ as you like; [bold]newsbot run[/] keeps watching, and tells you of what is new."
    )
