"""``newsbot start 'CSpO' …``: from your own words to real mentions within a minute."""

import asyncio
import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import Options, options_of
from bot.cli.output import clean, console, counted
from bot.errors import FailureKind, NewsbotError

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.model import Digest
    from bot.run.once import OnceReport
    from bot.store import Store
    from bot.store.health import StatusCounts

#: Sites are asked for so long; what is left is stored as its source lists it, and read by `newsbot run`.
_BUDGET_S = 40.0
#: A source that takes longer than this must not cost the newcomer their minute.
_PATIENCE = timedelta(seconds=12)
#: What a machine without a network sees.
_UNREACHED = {FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT, FailureKind.RESET}


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
    from bot.store import health

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
    if not enabled:
        raise NewsbotError(
            "there is no source to ask",
            kind=FailureKind.CONFIG,
            subject=str(folder / "sources.yaml"),
            hint="add one, or move the folder away: then `newsbot start` writes one with public sources",
        )
    out.print(f"Asking {counted(enabled, 'source')} for {clean(', '.join(words))}; a minute at most …\n")
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
        digest = asyncio.run(_preview(settings, store, words)) if _found(report) else None
        known = store.read(health.status_counts, now=clock.now())
    finally:
        store.close()
    if digest is not None:
        out.print("\n[bold]This is how your digest would look:[/]\n")
        out.print(clean_text(render.text(digest)), soft_wrap=True)
    _sum_up(report, known, folder)
    if code := _code(report):
        raise typer.Exit(code)


def _found(report: "OnceReport") -> bool:
    return report.mentions_new + report.mentions_backfill > 0


def _code(report: "OnceReport") -> int:
    """Return 1 when no source could be read; a source or two that fail are no failure of this command."""
    return 1 if (report.failures or report.unasked) and not (report.ok or report.not_modified) else 0


def _check_words(words: Sequence[str]) -> None:
    """Refuse what does not parse before anything is written. Raises QueryError."""
    from bot.match.query import compose, parse

    for word in words:
        if not word.strip() or not word.isprintable():
            raise NewsbotError(
                "this is no word to look for",
                kind=FailureKind.CONFIG,
                subject=repr(word),
                hint="write for example: newsbot start CSpO 'Combined Space Operations'",
            )
        parse(compose(any=[word], all=[], none=[]))


def _write(options: Options, words: Sequence[str]) -> Path:
    """Write what is missing of the configuration and return its folder."""
    from bot.cli.configuration import write_files
    from bot.config import schema_files, starter
    from bot.match.query import compose

    folder = options.folder()
    words = list(dict.fromkeys(words))
    if not folder.is_dir() or not any((folder / name).exists() for name in starter()):
        files = starter()
        files["watchlists.yaml"] = _watchlist(files["watchlists.yaml"].splitlines()[0], words, taken=())
        write_files(folder, files | schema_files())
        console().print(f"[green]wrote[/]  {folder}/ (newsbot.yaml, watchlists.yaml, sources.yaml)")
        return folder
    settings = options.settings()
    known = {watch.query for watch in settings.watches}
    new = [word for word in words if compose(any=[word], all=[], none=[]) not in known]
    if new:
        stem = "-".join(watch_key(word) for word in new)[:60]
        there = {path.stem for path in (folder / "watchlists.d").glob("*")}
        path = f"watchlists.d/{_free(stem, there)}.yaml"
        write_files(folder, {path: _watchlist(None, new, taken=[watch.key for watch in settings.watches])})
        console().print(f"[green]wrote[/]  {folder / path}")
    return folder


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that nothing has yet: itself, or with a number."""
    return next(free for free in chain([name], (f"{name}-{n}" for n in count(2))) if free not in taken)


def watch_key(word: str) -> str:
    """Return a watch's key for a word: letters, digits and dashes."""
    slug = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")[:60]
    return slug or "word-" + "".join(f"{ord(character):x}" for character in word)[:40]


def _watchlist(first_line: str | None, words: Sequence[str], *, taken: Collection[str]) -> str:
    """Return a watchlists file with one watch a word, its key unlike the ones taken."""
    import json

    keys = list(taken)
    lines = [first_line] if first_line else []
    lines += ["# What to look for: one entry a topic. Run `newsbot check` after an edit.", "watches:"]
    for word in words:
        keys.append(_free(watch_key(word), keys))
        name = word.strip('{}"')
        # JSON's quotes are YAML's: whatever stands in a word, it stays text.
        lines += [
            f"  {keys[-1]}:",
            f"    name: {json.dumps(name, ensure_ascii=False)}",
            f"    any: [{json.dumps(word, ensure_ascii=False)}]",
        ]
    return "\n".join(lines) + "\n"


async def _preview(settings: "Settings", store: "Store", words: Sequence[str]) -> "Digest":
    """Return the digest as it would look for these words alone."""
    from zoneinfo import ZoneInfo

    from bot.app import digest_plan, opened
    from bot.digest.due import parse_schedule
    from bot.match.query import compose
    from bot.pipeline import DigestPlan, preview

    queries = {compose(any=[word], all=[], none=[]) for word in words}
    wanted = frozenset(watch.key for watch in settings.watches if watch.query in queries)
    if settings.digests:
        plan = replace(digest_plan(settings.digests[0]), watches=wanted)
    else:
        plan = DigestPlan(
            key="preview",
            name="Your digest",
            schedule=parse_schedule("every day at 07:00"),
            zone=ZoneInfo(settings.timezone),
            watches=wanted,
            channels=(),
            send_empty=True,
        )
    async with opened(settings, store=store, reading=False) as deps:
        return await preview(deps, plan, history=True)


def _sum_up(report: "OnceReport", known: "StatusCounts", folder: Path) -> None:
    out = console()
    sources = len(report.ok) + len(report.not_modified)
    found = report.mentions_new + report.mentions_backfill
    out.print()
    if not sources and (report.failures or report.unasked):
        _explain_silence(report, folder)
        return
    read = f"{counted(known.articles, 'article')} from {counted(sources, 'source')}"
    if not found and known.mentions:
        told = counted(known.mentions, "mention")
        out.print(f"Nothing new: {told} in {read} so far. `newsbot mentions` shows what was found.")
    else:
        out.print(f"[bold]{counted(found, 'mention') if found else 'None'}[/] in {read}.")
    if report.failures:
        failed = counted(len(report.failures), "source")
        out.print(f"[yellow]{failed} could not be read[/]: `newsbot status` says why.")
    if report.unasked:
        late = counted(len(report.unasked), "site")
        out.print(f"[yellow]{late} did not answer within this minute[/]: `newsbot run` asks again.")
    out.print(
        f"Edit {folder}/ as you like; [bold]newsbot run[/] keeps watching, and tells you of what is new."
    )


def _explain_silence(report: "OnceReport", folder: Path) -> None:
    """Say why nothing could be read at all, and what to do next."""
    out = console()
    asked = counted(len(report.failures) + len(report.unasked), "source")
    offline = all(failure.kind in _UNREACHED for failure in report.failures)
    question = ": is this machine online?" if offline else "."
    out.print(f"[red]None of {asked} could be read[/]{question}")
    for failure in report.failures[:3]:
        out.print(f"  {clean(failure.source)}: {clean(failure.detail)}", soft_wrap=True)
    if len(report.failures) > 3:
        out.print("  … [dim]`newsbot status` shows them all[/]")
    out.print(
        f"Your words stand in {folder}/ already: [bold]newsbot once[/] tries again, "
        "[bold]newsbot run[/] keeps trying."
    )
