"""How the sources are doing, for ``newsbot status``: counts in words, and all that needs a look."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from bot.cli.output import clean, counted, table, when
from bot.cli.source_words import (
    OFF,
    PAUSED,
    STATES,
    advice,
    coloured,
    cut,
    happened,
    is_ill,
    lasting,
    since,
    state,
)
from bot.model import Health

if TYPE_CHECKING:
    from bot.store.sources import SourceRow

#: sources that are named one by one
_MOST_NAMED: Final = 25
#: the words of a count, where a health says too little by itself
_WORDS: Final = {
    Health.PARTIAL.value: "with unreadable pages",
    Health.QUIET.value: "unusually quiet",
    Health.FLOOD.value: "listing old news as new",
    Health.UNKNOWN.value: "not asked yet",
    OFF: "switched off",
}


def summary(rows: "Sequence[SourceRow]") -> str:
    """Return how many sources are doing how: ``214 sources: 205 ok, 3 failing, 2 unusually quiet``."""
    if not rows:
        return "No sources yet: `newsbot source add https://site.example` finds and adds one."
    counts = counts_of(rows)
    parts = [f"{counts[word]:,} {_WORDS.get(word, word)}" for word in STATES if counts[word]]
    return f"{counted(len(rows), 'source')}: {', '.join(parts)}"


def counts_of(rows: "Sequence[SourceRow]") -> Counter[str]:
    """Return how many sources are doing how, by word."""
    return Counter(map(state, rows))


def troubles(rows: "Sequence[SourceRow]", *, now: datetime) -> Any | None:
    """Return the table of sources that need a look, the longest trouble first; None where all are well."""
    ill = sorted(filter(is_ill, rows), key=lambda row: since(row) or now)
    if not ill:
        return None
    shown = table(("source", "health", "since", "what happened", "what to do"))
    for row in ill[:_MOST_NAMED]:
        shown.add_row(
            clean(row.name),
            coloured(state(row)),
            lasting(since(row), now=now),
            clean(cut(happened(row))),
            f"[cyan]{clean(advice(row))}[/]",
        )
    return shown


def remarks(
    rows: "Sequence[SourceRow]", *, network_down_since: datetime | None, now: datetime
) -> Iterator[str]:
    """Yield what else is to be said of the sources, a line each."""
    if network_down_since is not None:
        yield (
            f"[red]the network is down[/] since {when(network_down_since, now=now)}: "
            "no source can be reached, and none is blamed for it"
        )
    ill = sum(map(is_ill, rows))
    if ill > _MOST_NAMED:
        yield f"and {ill - _MOST_NAMED} more that need a look: `newsbot source list --health failing`"
    if moved := moved_for_good(rows, now=now):
        yield f"{counted(len(moved), 'source')} moved for good: `newsbot source fix`"
    if gone := [row for row in rows if row.enabled and row.last_outcome == "gone"]:
        yield f"gone for good (HTTP 410), says the server: {_names(gone)}; `newsbot source fix`"
    for row in rows:
        if state(row) == PAUSED and row not in gone:
            why = f": {clean(row.paused_why)}" if row.paused_why else ""
            yield (
                f"[magenta]paused[/] since {when(row.paused_at, now=now)}: {clean(row.name)}{why} "
                f"(`newsbot source resume {clean(row.key)}`)"
            )
    if unverified := [row for row in rows if row.enabled and not row.source.tls_verify]:
        names = _names(unverified)
        yield f"[yellow]TLS is not verified[/] for {names}: anybody between may change what is read"


def moved_for_good(rows: "Sequence[SourceRow]", *, now: datetime) -> "list[SourceRow]":
    """Return the sources that have been sent elsewhere for good often and long enough to be believed."""
    from bot.fetch.schedule import is_settled

    return [row for row in rows if row.enabled and is_settled(row.moved, now=now)]


def _names(rows: "Sequence[SourceRow]") -> str:
    names = ", ".join(clean(row.name) for row in rows[:_MOST_NAMED])
    return names if len(rows) <= _MOST_NAMED else f"{names} and {len(rows) - _MOST_NAMED} more"
