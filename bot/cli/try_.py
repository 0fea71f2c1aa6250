"""``newsbot try``: what a query would find in the stored articles, before it becomes a watch."""

import asyncio
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.padding import Padding
from rich.text import Text

from bot.cli.context import Options, options_of, since
from bot.cli.output import clean, console, console_err, counted, marked, print_json, table, when
from bot.clock import SystemClock
from bot.model import Sense, Watch

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.pipeline.search import Found
    from bot.pipeline.trial import Difference, Miss, Missing, NearMisses, TermCount, Trial

#: key of a query that is no watch
_KEY: Final = "try"
_USUAL: Final = "90d"
_DAYS: Final = re.compile(r"\s*(\d+)\s*d(?:ays?)?\s*")
_SENSES: Final = {Sense.CONFIRMED: "green", Sense.LIKELY: "green", Sense.CONTRADICTED: "yellow"}
_MOST_OUTLETS: Final = 6
#: terms that no hit holds, and are shown one by one
_MOST_IDLE: Final = 12
#: conditions whose near misses are shown, and how many of each
_MOST_MISSING: Final = 5
_MOST_MISSES: Final = 2
#: the chart of hits: rows, columns, what a column may stand for in days, and the blocks that fill it
_ROWS: Final = 4
_COLUMNS: Final = 91
_STEPS: Final = {1: "a day", 7: "a week", 28: "in 4 weeks", 91: "in 13 weeks", 364: "in 52 weeks"}
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("try")(try_query)


def try_query(
    ctx: typer.Context,
    query: Annotated[
        str | None, typer.Argument(metavar="QUERY", help="In the watch language; nothing is saved.")
    ] = None,
    watch: Annotated[
        str | None, typer.Option("--watch", "-w", help="Try a configured watch instead of a query.")
    ] = None,
    since_text: Annotated[
        str, typer.Option("--since", help="Only articles first seen since then: 24h, 90d, 2026-11-23.")
    ] = _USUAL,
    everything: Annotated[bool, typer.Option("--all", help="All stored articles.")] = False,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="WATCH", help="Show the difference to a configured watch."),
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", "-n", min=0, max=1_000, help="Articles of each kind that are shown.")
    ] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a query would find in the stored articles: hits, what each term brings, near misses."""
    from bot.match.advice import advise
    from bot.match.query import parse
    from bot.match.scope import is_everywhere

    if (query is None) == (watch is None):
        raise typer.BadParameter("give one query, or a watch with --watch", param_hint="QUERY")
    if query is not None:
        parse(query)
    options = options_of(ctx)
    settings = _settings(options)
    tried, live = _watches(settings, query, watch, against)
    advice = advise(tried)
    print_advice(options, advice)
    after = None if everything else since(since_text, now=SystemClock().now())
    done = run_trial(options, settings, tried, since=after, samples=samples, against=live)
    if as_json:
        said = [{"message": one.message, "hint": one.hint, "term": one.term} for one in advice]
        print_json(as_document(done, watch=watch and tried.key) | {"advice": said})
        return
    if live is not None and query is not None and (tried.is_guarded or not is_everywhere(tried)):
        console_err().print(f"[dim]with the scope and the sense guard of {clean(live.key)}[/]")
    print_trial(done, window="" if everything else _window(since_text), zone=ZoneInfo(settings.timezone))


def _settings(options: Options) -> "Settings":
    """Return the configuration; without one, but with a database, that of a new installation."""
    from bot.config import defaults

    if options.database is not None and not options.folder().is_dir():
        return replace(defaults(), database=options.database)
    return options.settings()


def _watches(
    settings: "Settings", query: str | None, watch: str | None, against: str | None
) -> tuple[Watch, Watch | None]:
    """Return what is tried, and what it is held against.

    A query that is held against a watch has its scope and its sense guard: it is meant to take its place.
    """
    from bot.cli.dropped import chosen_watches

    live = None if against is None else chosen_watches(settings.watches, against)[0]
    if query is None:
        return chosen_watches(settings.watches, watch)[0], live
    if live is None:
        return Watch(key=_KEY, query=query), None
    return replace(live, key=_KEY, name="", description="", query=query), live


def run_trial(
    options: Options,
    settings: "Settings",
    watch: Watch,
    *,
    since: datetime | None,
    samples: int,
    against: Watch | None = None,
) -> "Trial":
    """Return the trial of a watch, with a bar on a terminal while it goes on."""
    from rich.progress import Progress

    from bot.pipeline.trial import trial

    err = console_err()
    with (
        options.store() as store,
        Progress(console=err, transient=True, disable=not err.is_terminal, redirect_stdout=False) as bar,
    ):
        task = bar.add_task("looking through the articles", total=1.0)
        return asyncio.run(
            trial(
                store,
                watch,
                since=since,
                zone=ZoneInfo(settings.timezone),
                samples=samples,
                against=against,
                progress=lambda share: bar.update(task, completed=share),
            )
        )


def print_advice(options: Options, advice: Iterable[tuple[str, str, str, tuple[str, ...]]]) -> None:
    """Say on stderr what of a query works but was hardly meant."""
    if options.verbosity < 0:
        return
    err = console_err()
    for message, hint, *_ in advice:
        err.print(f"[yellow]warning[/]: {clean(message)}", soft_wrap=True)
        err.print(f"  [cyan]{clean(hint)}[/]", soft_wrap=True)


def _window(since_text: str) -> str:
    days = _DAYS.fullmatch(since_text)
    return f"of the last {days[1]} days" if days else f"since {clean(since_text)}"


# For people.


def print_trial(done: "Trial", *, window: str, zone: ZoneInfo) -> None:
    """Print a trial for people; ``window`` says which articles count, "" for all of them."""
    print_summary(done, window=window, zone=zone)
    if not done.articles:
        return
    out = console()
    out.print()
    out.print(_terms_table(done.terms))
    out.print("[dim]only this one: hits lost without the term; for not: hits that it keeps out[/]")
    if done.samples:
        shown = "" if done.hits <= len(done.samples) else f", the newest {len(done.samples)}"
        out.print(f"\n[bold cyan]hits[/] [dim]{done.hits:,}{shown}[/]")
        for found in done.samples:
            print_found(found)
    if done.near.articles:
        _print_near(done.near)
    if done.against is not None:
        _print_difference(done.against)


def print_summary(done: "Trial", *, window: str, zone: ZoneInfo) -> None:
    """Print how many hits there are, where, when, and what of them would not be told."""
    out = console()
    if not done.articles:
        hint = "`newsbot status` shows what was read" if window else "`newsbot once` reads the sources now"
        out.print(f"No stored articles {window or 'yet'}: {hint}.")
        return
    looked_at = f"{counted(done.articles, 'article')} {window}".strip()
    out.print(f"[bold green]{counted(done.hits, 'hit')}[/] in {looked_at}")
    if done.hits:
        names = [f"{clean(outlet)} ({hits:,})" for outlet, hits in done.outlets[:_MOST_OUTLETS]]
        if more := len(done.outlets) - len(names):
            names.append(f"{more:,} more")
        out.print(f"[dim]{counted(len(done.outlets), 'outlet')}:[/] {', '.join(names)}")
    if done.hits and done.senses is not None:
        parts = [
            f"[{_SENSES.get(sense, 'default')}]{count:,} {sense.value}[/]"
            for sense, count in done.senses
            if count
        ]
        out.print(f"[dim]sense:[/] {', '.join(parts)}")
    if done.dropped:
        out.print(f"[dim]taken away by NOT:[/] {counted(done.dropped, 'article')}")
    if done.out_of_scope:
        out.print(f"[dim]of other languages or sources than the watch's:[/] {done.out_of_scope:,} more")
    if len(done.days) > 1:
        out.print()
        for line in _chart(done, zone, width=min(_COLUMNS, out.width)):
            out.print(line)


def _chart(done: "Trial", zone: ZoneInfo, *, width: int) -> list[Text]:
    """Return the hits over time as columns, from the first one in the window until today."""
    first, last = done.days[0][0], done.days[-1][0]
    end = max(last, SystemClock().now().astimezone(zone).date())
    begin = first if done.since is None else max(first, done.since.astimezone(zone).date())
    length = max(1, (end - begin).days + 1)
    step = next((step for step in _STEPS if length <= step * width), max(_STEPS))
    heights = [0] * min(width, -(-length // step))
    for day, hits in done.days:
        back = (end - day).days // step
        if back < len(heights):
            heights[-1 - back] += hits
    before = done.hits - sum(heights)
    if not sum(heights):
        return []
    wide = max(1, min(3, width // len(heights)))
    lines = [Text(row, style="green") for row in _columns(heights, wide)]
    notes = [f"hits {_STEPS[step]}, at most {max(heights):,}"]
    if before:
        notes.append(f"{before:,} published before")
    left, right = _short(begin, end), _short(end, end)
    gap = " " * (len(heights) * wide - len(left) - len(right))
    axis = f"{left}{gap}{right}" if len(gap) > 1 else f"{left} – {right}"
    return [*lines, Text(f"{axis}  {'; '.join(notes)}", style="dim")]


def _columns(heights: Sequence[int], wide: int) -> list[str]:
    """Return the rows of a chart, the top one first; whatever is not nothing can be seen."""
    blocks = _BLOCKS if (sys.stdout.encoding or "").lower().startswith("utf") else " " + "#" * 8
    most = max(heights)
    eighths = [-(-height * _ROWS * 8 // most) for height in heights]
    return [
        "".join(blocks[max(0, min(8, filled - 8 * row))] * wide for filled in eighths)
        for row in range(_ROWS - 1, -1, -1)
    ]


def _short(day: date, today: date) -> str:
    return f"{day:%d %b}" if today - day < timedelta(days=300) else f"{day:%d %b %Y}"


def _terms_table(terms: "Sequence[TermCount]") -> Any:
    """Return what each term does; of many that no hit holds some are only counted."""
    shown = table(("", "term", "articles", "only this one"))
    for column in shown.columns[2:]:
        column.justify = "right"
    idle = [term for term in terms if not term.articles]
    hidden = idle[_MOST_IDLE:] if len(idle) > _MOST_IDLE + 1 else []
    skipped = {id(term) for term in hidden}
    for term in terms:
        if id(term) in skipped:
            continue
        colour = "dim" if not term.articles else "yellow" if term.role.value == "not" else "default"
        numbers = (f"[{colour}]{number:,}[/]" for number in (term.articles, term.only))
        shown.add_row(f"[dim]{term.role.value}[/]", f"[{colour}]{clean(term.term)}[/]", *numbers)
    if hidden:
        shown.add_row("", f"[dim]… and {len(hidden):,} more that nothing holds (--json has them)[/]", "", "")
    return shown


def print_found(found: "Found", *, why: Iterable[str] = ()) -> None:
    """Print an article with its excerpt, and why it is shown, after a blank line."""
    from bot.cli.search import title_marks

    out = console()
    article = found.article
    badge = f"  [{_SENSES.get(found.sense, 'default')}]{found.sense.value}[/]" if found.sense else ""
    at = when(article.published_at or article.first_seen_at, now=SystemClock().now())
    title = marked(article.title or "(no title)", title_marks(found))
    title.stylize("bold")
    out.print()
    out.print(title.append_text(Text.from_markup(badge)), soft_wrap=True)
    out.print(f"  [dim]{clean(found.outlet)} · {at} · {clean(article.url)}[/]", soft_wrap=True)
    if found.excerpt:
        out.print(Padding(marked(found.excerpt, found.marks), (0, 0, 0, 2), expand=False))
    for line in why:
        out.print(Padding(f"[yellow]{clean(line)}[/]", (0, 0, 0, 2), expand=False))


def _print_near(near: "NearMisses") -> None:
    out = console()
    more = "; the first that were looked at of many" if near.is_cut else ""
    among = f"{near.articles:,} of {near.looked_at:,} with a term of the query"
    out.print(f"\n[bold cyan]near misses[/] [dim]{among} lack one condition{more}[/]")
    for missing in near.missing[:_MOST_MISSING]:
        _print_missing(missing)
    if near.missing[_MOST_MISSING:]:
        more = counted(len(near.missing) - _MOST_MISSING, "other condition")
        out.print(f"\n[dim]and {more}; --json has them[/]")


def _print_missing(missing: "Missing") -> None:
    says = "kept out by" if missing.part.startswith("NOT ") else "without"
    console().print(f"\n[yellow]{missing.articles:,} {says}[/] {clean(missing.part)}")
    for miss in missing.samples[:_MOST_MISSES]:
        # that a term is simply not there has just been said
        print_found(miss.found, why=[line for line in miss.why if not line.endswith("in it")])


def _print_difference(difference: "Difference") -> None:
    key = clean(difference.watch)
    sides = (
        ("only here", difference.only_query, difference.query_samples),
        (f"only in {key}", difference.only_watch, difference.watch_samples),
    )
    out = console()
    counts = ", ".join(f"{count:,} {says}" for says, count, _ in sides)
    out.print(f"\n[bold cyan]against {key}[/] [dim]{difference.both:,} in both, {counts}[/]")
    for says, _, misses in sides:
        if misses:
            out.print(f"\n[yellow]{says}[/]")
        for miss in misses:
            print_found(miss.found, why=miss.why)


# For programs.


def as_document(done: "Trial", *, watch: str | None) -> dict[str, Any]:
    """Return a trial as JSON has it; ``watch`` is the key of a configured one."""
    near = done.near
    return {
        "query": done.query,
        "watch": watch,
        "since": done.since,
        "articles": done.articles,
        "hits": done.hits,
        "outlets": [{"outlet": outlet, "hits": hits} for outlet, hits in done.outlets],
        "first_at": done.first_at,
        "last_at": done.last_at,
        "days": [{"day": day.isoformat(), "hits": hits} for day, hits in done.days],
        "terms": done.terms,
        "senses": None if done.senses is None else {sense.value: count for sense, count in done.senses},
        "dropped": done.dropped,
        "out_of_scope": done.out_of_scope,
        "samples": [_row(found) for found in done.samples],
        "near_misses": {
            "articles": near.articles,
            "looked_at": near.looked_at,
            "is_cut": near.is_cut,
            "missing": [
                {"part": one.part, "articles": one.articles, "samples": _miss_rows(one.samples)}
                for one in near.missing
            ],
        },
        "against": None if done.against is None else _difference(done.against),
    }


def _difference(difference: "Difference") -> dict[str, Any]:
    return {
        "watch": difference.watch,
        "both": difference.both,
        "only_query": difference.only_query,
        "only_watch": difference.only_watch,
        "query_samples": _miss_rows(difference.query_samples),
        "watch_samples": _miss_rows(difference.watch_samples),
    }


def _row(found: "Found") -> dict[str, Any]:
    from bot.cli.search import as_row

    return as_row(found) | {"sense": found.sense}


def _miss_rows(misses: "Iterable[Miss]") -> list[dict[str, Any]]:
    return [_row(miss.found) | {"why": miss.why} for miss in misses]
