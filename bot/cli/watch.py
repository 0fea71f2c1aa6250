"""``newsbot watch``: what is looked for, how each watch is doing, and adding one."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.padding import Padding
from rich.table import Table

from bot.cli.context import options_of
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
    print_json,
    print_rows,
    span,
    table,
    when,
)
from bot.clock import SystemClock
from bot.model import MentionState, Watch

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import Tx
    from bot.store.watches import WatchRow

#: the fields of the command contract
COLUMNS = (
    "key", "name", "enabled", "query", "terms", "mentions", "new", "backfill", "dismissed", "last_found_at",
    "active_since", "backfilled",
)  # fmt: skip
#: what is looked through before a watch is added
_TRIED: Final = timedelta(days=30)
_SAMPLES: Final = 3
_LONGEST: Final = 90

watch = typer.Typer(help="Show the watches, and add one.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(watch, name="watch")


@watch.callback()
def bare(ctx: typer.Context) -> None:
    """List the watches."""
    if ctx.invoked_subcommand is None:
        list_watches(ctx)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Facts:
    """What the database knows of the watches, by key."""

    rows: "Mapping[str, WatchRow]"
    states: Mapping[str, Counter[MentionState]]
    last_found: Mapping[str, datetime]
    #: the highest number of an article; 0 before the first
    last_article: int

    def backfilled(self, watch: Watch, version: str) -> float | None:
        """Return the share of the archive that a watch was matched against; None before it is taken over."""
        row = self.rows.get(watch.key)
        if row is None or row.version != version:
            return None
        if row.backfilled_version == version or not self.last_article:
            return 1.0
        return min(1.0, row.backfill_after / self.last_article)


def _facts(tx: "Tx") -> _Facts:
    from bot.store import archive, mentions, watches

    states: dict[str, Counter[MentionState]] = {}
    last_found: dict[str, datetime] = {}
    for key, state, count, last in mentions.counts_by_state(tx):
        states.setdefault(key, Counter())[state] = count
        last_found[key] = max(last, last_found.get(key, last))
    return _Facts(
        rows={row.key: row for row in watches.active(tx)},
        states=states,
        last_found=last_found,
        last_article=archive.last_number(tx),
    )


@watch.command("list")
def list_watches(
    ctx: typer.Context,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_csv: AsCsv = False,
) -> None:
    """List the watches: what each looks for, what it found, and when last."""
    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    options = options_of(ctx)
    watches = options.settings().watches
    with options.store() as store:
        facts = store.read(_facts)
    rows = [_row(watch, facts) for watch in watches]
    if form is not Form.TABLE:
        print_rows(rows, form, columns=COLUMNS)
    elif rows:
        _print_table(rows)
    else:
        console().print("No watches yet: `newsbot watch add cspo 'CSpO'` adds one.")


def _row(watch: Watch, facts: _Facts) -> dict[str, Any]:
    """Return a watch with the fields of the command contract."""
    from bot.match import query_of, watch_version
    from bot.match.tree import leaves

    query = query_of(watch)
    states = facts.states.get(watch.key, Counter())
    row = facts.rows.get(watch.key)
    return {
        "key": watch.key,
        "name": watch.name or watch.key,
        "enabled": watch.enabled,
        "query": str(query),
        "terms": len(set(leaves(query))),
        "mentions": states.total(),
        "new": states[MentionState.NEW],
        "backfill": states[MentionState.BACKFILL],
        "dismissed": states[MentionState.DISMISSED],
        "last_found_at": facts.last_found.get(watch.key),
        "active_since": row.active_since if row is not None else None,
        "backfilled": facts.backfilled(watch, watch_version(watch)),
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    now = SystemClock().now()
    out = console()
    shown = table(("watch", "query", "terms", "new", "backfill", "dismissed", "last found", ""))
    for column in shown.columns[2:6]:
        column.justify = "right"
    for row in rows:
        is_told_apart = row["name"].casefold() != row["key"].casefold()
        name = f"\n[dim]{clean(row['name'])}[/]" if is_told_apart else ""
        shown.add_row(
            f"{clean(row['key'])}{name}",
            clean(_cut(row["query"])),
            f"{row['terms']:,}",
            *(f"{row[state]:,}" if row[state] else "[dim]0[/]" for state in ("new", "backfill", "dismissed")),
            when(row["last_found_at"], now=now),
            _progress(row),
        )
    out.print(shown)
    out.print(f"[dim]{counted(len(rows), 'watch', 'watches')}; `newsbot watch show KEY` shows one whole[/]")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2].rsplit(' ', 1)[0]} …"


def _progress(row: Mapping[str, Any]) -> str:
    """Return what stands between a watch and all that it could find; "" where nothing does."""
    if not row["enabled"]:
        return "[dim]switched off[/]"
    if row["backfilled"] is None:
        return "[yellow]waits for `newsbot once` or `run`[/]"
    if row["backfilled"] < 1:
        return f"[yellow]{row['backfilled']:.0%} of the stored articles[/]"
    return ""


@watch.command("show")
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="WATCH", help="Its key or its name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one watch whole: its query as it is understood, scope, guard, mentions, and who tells it."""
    from bot.cli.dropped import chosen_watches
    from bot.cli.try_ import print_advice
    from bot.match.advice import advise

    options = options_of(ctx)
    settings = options.settings()
    (chosen,) = chosen_watches(settings.watches, name)[:1]
    advice = advise(chosen)
    with options.store() as store:
        facts = store.read(_facts)
    document = _document(chosen, facts, settings)
    if as_json:
        said = [{"message": one.message, "hint": one.hint, "term": one.term} for one in advice]
        print_json(document | {"advice": said})
        return
    _print_watch(document)
    print_advice(options, advice)


def _document(watch: Watch, facts: _Facts, settings: "Settings") -> dict[str, Any]:
    """Return all there is to say of a watch."""
    from bot.match import query_of, watch_version
    from bot.match.parts import Parts

    states = facts.states.get(watch.key, Counter())
    parts = Parts(query_of(watch)).all
    return _row(watch, facts) | {
        "description": watch.description,
        "version": watch_version(watch),
        "query_terms": [{"term": part.text, "role": part.role} for part in parts if part.node.kind is None],
        "languages": watch.languages,
        "sources": watch.sources,
        "tags": watch.tags,
        "tiers": watch.tiers,
        "long_forms": watch.long_forms,
        "rivals": watch.rivals,
        "context": watch.context,
        "deliver_contradicted": watch.deliver_contradicted,
        "states": {state.value: states[state] for state in MentionState},
        "digests": _digests(watch, settings),
    }


def _digests(watch: Watch, settings: "Settings") -> list[dict[str, Any]]:
    """Return the digests that tell a watch, each with its next time; None where it tells at once."""
    from bot.app import digest_plan
    from bot.digest.due import next_slots

    now = SystemClock().now()
    plans = [digest_plan(digest) for digest in settings.digests]
    return [
        {
            "digest": plan.key,
            "name": plan.name,
            "schedule": str(plan.schedule),
            "timezone": plan.zone.key,
            "next": next(iter(next_slots(plan.schedule, zone=plan.zone, after=now, count=1)), None),
            "channels": list(plan.channels),
        }
        for plan in plans
        if plan.watches is None or watch.key in plan.watches
    ]


def _print_watch(document: Mapping[str, Any]) -> None:
    out = console()
    key = f"  [dim]{clean(document['key'])}[/]" if document["name"] != document["key"] else ""
    out.print(f"[bold]{clean(document['name'])}[/]{key}")
    if document["description"]:
        out.print(f"[dim]{clean(document['description'])}[/]")
    out.print()
    out.print(Padding(clean(document["query"]), (0, 0, 1, 2), expand=False))
    shown = Table.grid(padding=(0, 2, 0, 0))
    for label, says in _lines(document):
        shown.add_row(f"[dim]{label}[/]", says)
    out.print(shown)


def _lines(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield what is said of a watch: a label and a line each."""
    now = SystemClock().now()
    for role, says in (("any", "any of"), ("all", "needed"), ("not", "forbidden")):
        terms = [term["term"] for term in document["query_terms"] if term["role"] == role]
        if terms:
            yield says, clean(", ".join(terms))
    scope = {"languages": "languages", "sources": "sources", "tags": "tagged", "tiers": "tiers"}
    within = [f"{says} {', '.join(document[name])}" for name, says in scope.items() if document[name]]
    yield "scope", clean("; ".join(within)) or "every language, every source"
    guard = {"long_forms": "stands for", "rivals": "not for", "context": "speaks of"}
    for name, says in guard.items():
        if document[name]:
            yield says, clean(", ".join(document[name]))
    if document["rivals"] or document["long_forms"]:
        told = "told all the same" if document["deliver_contradicted"] else "held back"
        yield "another sense", f"{told}; `newsbot mentions --watch {clean(document['key'])} --dropped`"
    yield "version", f"{document['version']}, {_since(document, now)}"
    counts = [f"{count:,} {state}" for state, count in reversed(document["states"].items()) if count]
    last = document["last_found_at"]
    yield "mentions", f"{', '.join(counts)}; the last {when(last, now=now)}" if counts else "none yet"
    for digest in document["digests"]:
        at = digest["next"] and digest["next"].astimezone(ZoneInfo(digest["timezone"]))
        next_at = f"{at:%a %d %b %H:%M}, {span(digest['next'], now=now)}" if at else "on each mention"
        yield "told by", f"{clean(digest['name'])} [dim]({clean(digest['schedule'])}; next: {next_at})[/]"
    if not document["digests"]:
        yield "told by", "[yellow]no digest[/]: add it to the `watches:` of one in newsbot.yaml"


def _since(document: Mapping[str, Any], now: datetime) -> str:
    progress = _progress(document)
    if document["backfilled"] is None:
        return progress
    return f"active since {when(document['active_since'], now=now)}" + (f", {progress}" if progress else "")


@watch.command("add")
def add(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, - and _; kept for ever.")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="In the watch language.")],
    name: Annotated[
        str | None, typer.Option("--name", help="What digests call it; the ID without it.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Add a watch to watchlists.yaml, after a look at what it finds in the last 30 days."""
    from bot.app import validators
    from bot.cli.try_ import print_advice, print_found, print_summary, run_trial
    from bot.config import add_watch
    from bot.config.watches import wrong_key
    from bot.match.advice import advise
    from bot.match.query import parse

    parse(query)
    options = options_of(ctx)
    settings = options.settings()
    new = Watch(key=key, query=query, name=name or "")
    # of a key that cannot be had `add_watch` speaks
    if wrong_key(key) is None and key not in {watch.key for watch in settings.watches}:
        print_advice(options, advise(new))
        since = SystemClock().now() - _TRIED
        done = run_trial(options, settings, new, since=since, samples=_SAMPLES)
        print_summary(done, window=f"of the last {_TRIED.days} days", zone=ZoneInfo(settings.timezone))
        for found in done.samples:
            print_found(found)
        if not done.hits and done.near.articles:
            near = counted(done.near.articles, "near miss", "near misses")
            console().print(f"{near}: `newsbot try` shows them")
        console().print()
        if not yes and _can_ask() and not typer.confirm(f"Add it as '{key}'?", default=True, err=True):
            console_err().print("nothing was added")
            raise typer.Exit(1)
    path = add_watch(options.folder(), key, validators=validators(), query=query, name=name)
    console().print(f"[green]added[/]  {clean(name or key)} to {path}", soft_wrap=True)
    _say_what_is_next(new, options.settings())


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _say_what_is_next(new: Watch, settings: "Settings") -> None:
    from bot.store import RunLock

    out = console()
    holder = RunLock.holder(settings.database)
    if holder is not None and holder.what == "newsbot run":
        out.print(
            f"The running newsbot (pid {holder.pid}) takes it over by itself: what it finds in the stored "
            "articles is history, what comes from now on is news."
        )
    else:
        out.print(
            "[bold]newsbot once[/] reads now, [bold]newsbot run[/] on schedule. What they find in the stored "
            "articles is history, what comes from now on is news."
        )
    digests = [digest["name"] for digest in _digests(new, settings)]
    if digests:
        out.print(f"Told by: {clean(', '.join(digests))}.")
    else:
        out.print("[yellow]No digest tells it[/]: add it to the `watches:` of one in newsbot.yaml.")
