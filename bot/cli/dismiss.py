"""``newsbot mentions dismiss``, ``undo`` and ``suggest``: "not this", and what can be learned from it."""

import asyncio
import json
import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.context import HIGHEST_ID, options_of
from bot.cli.output import clean, console, counted, print_json, table
from bot.clock import SystemClock
from bot.errors import FailureKind, NewsbotError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.match.suggest import Suggestions
    from bot.model import StoredMention, Watch
    from bot.store import Store, Tx

Ids = Annotated[
    list[int],
    typer.Argument(metavar="ID", min=1, max=HIGHEST_ID, help="The numbers that `newsbot mentions` shows."),
]
AsOneJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def dismiss(
    ctx: typer.Context,
    ids: Ids,
    why: Annotated[
        str | None, typer.Option("--why", help="What is wrong with it; whoever looks later reads this.")
    ] = None,
    as_json: AsOneJson = False,
) -> None:
    """Say "not this": a dismissed mention is in no digest any more, and never comes back."""
    from bot.store import mentions

    reason = " ".join((why if why is not None else _asked()).split())
    if not reason:
        raise _without_why()
    now = SystemClock().now()
    options = options_of(ctx)
    # before anything is changed: a faulty configuration is told first
    watches = options.settings().watches if options.folder().is_dir() else ()
    with options.store() as store:
        known = _known(store, ids)
        done = store.write(
            lambda tx: [mentions.dismiss(tx, number, why=reason, now=now) for number in dict.fromkeys(ids)]
        )
        concerned = {row.watch for row in done if row}
        learned = _learned(store, [watch for watch in watches if watch.key in concerned])
    if as_json:
        print_json({"mentions": [_row(row) for row in done if row], "suggestions": _as_json(learned)})
        return
    out = console()
    for row in done:
        if row is not None:
            again = "was dismissed already, for " + clean(known[row.id].dismissed_why or "no reason")
            said = again + "; now for" if known[row.id].dismissed_at else "dismissed for"
            out.print(f"{_shown(row)} [dim]{said}[/] {clean(reason)}", soft_wrap=True)
    out.print(f"[dim]`newsbot mentions undo {' '.join(map(str, dict.fromkeys(ids)))}` takes it back[/]")
    for watch, found in learned:
        if found:
            out.print()
            _print_suggestions(watch, found)


def undo(ctx: typer.Context, ids: Ids, as_json: AsOneJson = False) -> None:
    """Take dismissals back: each mention is again what it was before."""
    from bot.store import mentions

    with options_of(ctx).store() as store:
        known = _known(store, ids)
        done = store.write(lambda tx: [mentions.undo_dismissal(tx, number) for number in dict.fromkeys(ids)])
    if as_json:
        print_json({"mentions": [_row(row) for row in done if row]})
        return
    for row in done:
        if row is not None:
            what = "is again" if known[row.id].dismissed_at else "was not dismissed: it is"
            console().print(f"{_shown(row)} [dim]{what}[/] {row.state.value}", soft_wrap=True)


def suggest(
    ctx: typer.Context,
    watch: Annotated[str, typer.Argument(metavar="WATCH", help="Which watch.")],
    as_json: AsOneJson = False,
) -> None:
    """Show what could be added to a watch, learned from the mentions that were dismissed."""
    from bot.cli.dropped import chosen_watches

    options = options_of(ctx)
    (chosen,) = chosen_watches(options.settings().watches, watch)[:1]
    with options.store() as store:
        learned = _learned(store, [chosen])
    if as_json:
        print_json(_as_json(learned)[0])
        return
    (_, found) = learned[0]
    out = console()
    if found.dismissed == 0:
        out.print(
            f"No mention of '{clean(chosen.key)}' was dismissed, so there is nothing to learn from. "
            "`newsbot mentions dismiss ID --why TEXT` says what was not meant.",
            soft_wrap=True,
        )
    elif not found:
        out.print(
            f"Nothing tells the {counted(found.dismissed, 'dismissed article')} of '{clean(chosen.key)}' "
            f"from the {found.kept:,} kept. More of them may.",
            soft_wrap=True,
        )
    else:
        _print_suggestions(chosen, found)


def _asked() -> str:
    """Ask on a terminal what is wrong; nobody to ask is an error that says how to say it."""
    if not sys.stdin.isatty():
        raise _without_why()
    return str(typer.prompt("Why? Whoever looks later reads this", err=True))


def _without_why() -> NewsbotError:
    return NewsbotError(
        "a dismissal lasts for ever, and needs a reason",
        kind=FailureKind.CONFIG,
        subject="--why",
        hint='such as --why "another CSPO: the Scrum certificate"',
    )


def _known(store: "Store", ids: "Sequence[int]") -> "dict[int, StoredMention]":
    """Return the mentions of these numbers. Raises NewsbotError where one is missing."""
    from bot.store import mentions

    def load(tx: "Tx") -> "dict[int, StoredMention | None]":
        return {number: mentions.get(tx, number) for number in ids}

    found = store.read(load)
    missing = [str(number) for number, row in found.items() if row is None]
    if missing:
        what = "there is no such mention" if len(missing) == 1 else "there are no such mentions"
        raise NewsbotError(
            f"{what}, and nothing was changed" if len(missing) < len(found) else what,
            kind=FailureKind.CONFIG,
            subject=", ".join(missing),
            hint="`newsbot mentions` shows them with their numbers",
        )
    return {number: row for number, row in found.items() if row is not None}


def _shown(row: "StoredMention") -> str:
    return f"[bold]{row.id}[/] {clean(row.title)} [dim]({clean(row.watch)})[/]"


def _row(row: "StoredMention") -> dict[str, Any]:
    names = ("id", "watch", "article_id", "url", "title", "state", "dismissed_at", "dismissed_why")
    return {name: getattr(row, name) for name in names}


def _learned(store: "Store", watches: "Sequence[Watch]") -> "list[tuple[Watch, Suggestions]]":
    from bot.pipeline.suggestions import suggestions

    return [(watch, asyncio.run(suggestions(store, watch))) for watch in watches]


def _as_json(learned: "Sequence[tuple[Watch, Suggestions]]") -> list[dict[str, Any]]:
    return [
        {
            "watch": watch.key,
            "dismissed": found.dismissed,
            "kept": found.kept,
            "not": found.nots,
            "rivals": found.rivals,
            "context": found.contexts,
        }
        for watch, found in learned
    ]


def _print_suggestions(watch: "Watch", found: "Suggestions") -> None:
    """Print the terms with what speaks for them, the lines to add, and how to try them."""
    out = console()
    name = clean(watch.name or watch.key)
    out.print(
        f"What tells the {counted(found.dismissed, 'dismissed article')} of [bold]{name}[/] "
        f"from the {found.kept:,} kept [dim](copies count once)[/]:\n"
    )
    lists = (
        ("not", found.nots),
        ("rivals", found.rivals),
        ("context", found.contexts),
    )
    shown = table(("list", "term", "dismissed", "kept"))
    for key, terms in lists:
        for term in terms:
            shown.add_row(
                key,
                clean(term.term),
                f"{term.dismissed} of {found.dismissed}",
                f"{term.kept} of {found.kept}",
            )
    out.print(shown)
    out.print(f"\n[dim]in watchlists.yaml, under[/] {clean(watch.key)}[dim], what you agree with:[/]")
    for key, terms in lists:
        if terms:
            line = json.dumps([term.term for term in terms], ensure_ascii=False)
            out.print(f"  [bold]{key}: {clean(line)}[/]", soft_wrap=True)
    if found.nots:
        query = _with_nots(watch, [term.term for term in found.nots])
        out.print(
            "[dim]a watch that is written as one `query:` takes the query below instead of `not:`[/]",
            soft_wrap=True,
        )
        out.print("[dim]see first what it would change:[/]")
        tried = f"newsbot try {shlex.quote(query)} --against {watch.key}"
        out.print(f"  [bold]{clean(tried)}[/]", soft_wrap=True)


def _with_nots(watch: "Watch", terms: "Sequence[str]") -> str:
    """Return the query of a watch with these terms forbidden."""
    from bot.match import query_of
    from bot.match.query import compose

    return compose(any=[], all=[f"({query_of(watch)})"], none=terms)
