"""Run the whole job once and show it: a progress bar, mentions as they are found, a summary.

Shared by ``once``, ``start`` and ``demo``.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.table import Table

from bot.app import opened, synchronise, take_over
from bot.cli.output import clean, console, console_err, counted, failure_kind, marked, table
from bot.clock import Clock, SystemClock
from bot.config import Settings
from bot.model import StoredMention
from bot.run.once import Listener, Once, OnceReport, run_once
from bot.store import Store
from bot.store.lock import RunLock


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """What to run, and how to show it."""

    what: str
    once: Once
    host_pause: timedelta | None = None
    #: called with each mention as it is found; None prints nothing
    mention: Callable[[StoredMention], None] | None = None


def travel(settings: Settings, store: Store, journey: Journey, *, clock: Clock | None = None) -> OnceReport:
    """Run the whole job once. Raises AlreadyRunning when another program works on this database."""
    clock = clock or SystemClock()
    lock = RunLock.acquire(settings.database, what=journey.what, now=clock.now())
    try:
        synchronise(store, settings, clock=clock)
        take_over(store, clock=clock)
        return asyncio.run(_run(settings, store, journey, clock))
    finally:
        lock.release()


async def _run(settings: Settings, store: Store, journey: Journey, clock: Clock) -> OnceReport:
    async with opened(settings, store=store, clock=clock, host_pause=journey.host_pause) as deps:
        pause = settings.fetch.host_pause if journey.host_pause is None else journey.host_pause
        with _bar() as bar:
            task = bar.add_task("asking sources", total=None, note="")

            def progress(report: OnceReport) -> None:
                shown = _progress(report, pause)
                bar.update(
                    task, description=shown.text, completed=shown.done, total=shown.total, note=shown.note
                )

            def mention(stored: StoredMention) -> None:
                if journey.mention is not None:
                    journey.mention(stored)

            return await run_once(deps, journey.once, listener=Listener(mention=mention, progress=progress))


def _bar() -> Progress:
    err = console_err()
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TextColumn("[dim]{task.fields[note]}"),
        console=err,
        transient=True,
        disable=not err.is_terminal,
        # Results that go to a file must not end on the terminal, above the bar.
        redirect_stdout=sys.stdout.isatty(),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shown:
    """What the bar shows."""

    text: str
    done: int
    total: int | None
    note: str = ""


def _progress(report: OnceReport, pause: timedelta) -> _Shown:
    """Return what the bar shows: hosts while they are asked, then pages with the time that remains."""
    if report.hosts_done < report.hosts:
        return _Shown(text="asking sources", done=report.hosts_done, total=report.hosts)
    total = report.pages_read + report.entries_waiting
    left = report.entries_waiting * pause.total_seconds() / max(1, report.hosts)
    note = f"at least {_time(left)} left: one page at a time per site" if left >= 1 else ""
    return _Shown(text="reading pages", done=report.pages_read, total=total or None, note=note)


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def print_mention(stored: StoredMention) -> None:
    """Print a mention as people read it: what, where, and why it matched."""
    out = console()
    outlet = clean(stored.outlet or stored.source_name)
    state = "" if stored.state.value == "new" else f" [dim]({stored.state.value})[/]"
    out.print(
        f"[bold green]{clean(stored.watch_name)}[/]  [bold]{clean(stored.title) or '(no title)'}[/]{state}"
    )
    out.print(f"  [dim]{outlet} · {clean(stored.url)}[/]")
    if stored.excerpt:
        out.print(Padding(marked(stored.excerpt, stored.marks), (0, 0, 0, 2)))
    out.print(f"  [dim]matched {clean(why(stored))}[/]\n")


def why(stored: StoredMention) -> str:
    """Return which terms were found how often and where."""
    counts: dict[str, list[int]] = {}
    for span in stored.spans:
        counts.setdefault(span.term, [0, 0])[0 if span.field == "title" else 1] += 1
    parts = []
    for term, (title, text) in counts.items():
        places = [*(["title"] if title else []), *([f"{text}× text"] if text else [])]
        parts.append(f"{term} ({', '.join(places)})")
    return ", ".join(parts)


def print_report(report: OnceReport) -> None:
    """Print the summary of a run."""
    out = console()
    shown = Table.grid(padding=(0, 2, 0, 0))
    for label, numbers in _numbers(report).items():
        parts = [f"{count:,} {word}" for word, count in numbers.items()]
        shown.add_row(f"[dim]{label}[/]", ", ".join(parts))
    out.print(shown)
    if report.failures:
        faults = table(("source", "failure", "detail"))
        for failure in report.failures:
            faults.add_row(
                clean(failure.source), f"[red]{failure_kind(failure.kind)}[/]", clean(failure.detail)
            )
        out.print()
        out.print(faults)
    if report.undelivered:
        failed = counted(report.undelivered, "delivery", "deliveries")
        out.print(f"[red]{failed} failed[/]: see `newsbot deliveries`")
    for host, until in report.held:
        out.print(f"[yellow]{clean(host)} asked to be left alone until {until:%d %b %H:%M} UTC[/]: not asked")
    for host in dict.fromkeys(report.left_to_daemon):
        out.print(f"[dim]{clean(host)} asks for long pauses: `newsbot run` reads its pages[/]")
    if report.mentions_backfill and not report.mentions_new:
        out.print("[dim]A first sight is history: it is kept and shown, and not alerted.[/]")
    out.print(f"[dim]done in {report.duration_s:.1f} s[/]")


def _numbers(report: OnceReport) -> dict[str, dict[str, int]]:
    return {
        "sources": {
            "read": len(report.ok),
            "not modified": len(report.not_modified),
            "failed": len(report.failures),
        },
        "articles": {"new": report.articles_new},
        "mentions": {"new": report.mentions_new, "from history": report.mentions_backfill},
        "digests": {"composed": report.digests, "delivered": report.delivered},
    }


def as_json(report: OnceReport) -> dict[str, object]:
    """Return the report as the command contract has it."""
    return {
        "sources": {
            "ok": len(report.ok),
            "failed": len(report.failures),
            "not_modified": len(report.not_modified),
        },
        "entries_new": report.entries_new,
        "articles_new": report.articles_new,
        "mentions_new": report.mentions_new,
        "mentions_backfill": report.mentions_backfill,
        "digests": report.digests,
        "delivered": report.delivered,
        "undelivered": report.undelivered,
        "duration_s": report.duration_s,
        "failures": [
            {"source": failure.source, "kind": failure.kind.value, "detail": failure.detail}
            for failure in report.failures
        ],
    }


def exit_code(report: OnceReport) -> int:
    """Return 0 when all went well, 1 when every source failed, 4 when some did."""
    if report.failures:
        return 4 if report.ok or report.not_modified else 1
    return 1 if report.undelivered else 0
