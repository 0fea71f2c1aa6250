"""The words of a trace: times, numbers, and what is known of entries and sources."""

import shlex
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.errors import FailureKind
from bot.match.fold import fold
from bot.match.fold_tables import is_spaceless
from bot.model import Article, Health, Source, TextFrom
from bot.parse.address import without_tracking
from bot.pipeline.deps import DigestPlan
from bot.store.sources import SourceRow
from bot.store.trail import TrailEntry

#: pages that are not for programs, or not for everybody
_CLOSED: Final = frozenset({FailureKind.ROBOTS, FailureKind.FORBIDDEN, FailureKind.UNAUTHORISED})


def at(moment: datetime) -> str:
    """Return an instant in UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def slot(moment: datetime, plan: DigestPlan | None) -> str:
    """Return a digest's slot as its readers know it: in the digest's zone."""
    return at(moment) if plan is None else f"{moment.astimezone(plan.zone):%Y-%m-%d %H:%M} {plan.zone.key}"


def counted(number: int, word: str) -> str:
    """Return ``1 word``, ``2,310 words``; for the plain plurals that a trace needs."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def joined(names: Iterable[str], *, last: str = "and") -> str:
    """Return ``a, b and c``."""
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end


def length(article: Article) -> int:
    """Return how many words an article's text has; of scripts without spaces, two characters are one."""
    words = fold(article.text).text.split()
    return sum((len(word) + 1) // 2 if is_spaceless(word[0]) else 1 for word in words)


def why_unread(entry: TrailEntry, now: datetime) -> tuple[str, str]:
    """Return why the page of an entry was not read, and what to do next."""
    if entry.error is None and entry.url is None:
        return "its source gives it no address of its own", ""
    if entry.error is None and entry.state == "read":
        return (
            "neither its page nor its source gave a text",
            f"{tries(entry.url or '')} shows what there is now",
        )
    if entry.error is None:
        if entry.next_read_at is None:
            return "its page is not read", ""
        if entry.next_read_at > now:
            return f"its page is read at {at(entry.next_read_at)}", ""
        return (
            "its page was not asked for yet",
            "`newsbot once` reads it now; `newsbot run` reads on schedule",
        )
    kind = (entry.error_kind or "").replace("_", " ")
    why = f"its page could not be read ({kind}): {entry.error}"
    tried = f"{why}; asked {counted(entry.attempts, 'time')}"
    if entry.next_read_at is not None:
        return f"{tried}, again at {at(entry.next_read_at)}", "nothing to do: it is asked again by itself"
    if entry.error_kind in _CLOSED:
        return (
            f"{tried}, given up",
            "only the publisher can let newsbot in; what the source itself says is all there is",
        )
    return f"{tried}, given up", f"{tries(entry.url or '')} shows what the page answers now"


def tries(address: str) -> str:
    """Return the command that looks at an address, ready for a shell."""
    return f"`newsbot source try {shlex.quote(without_tracking(address))}`"


def text_in_words(article: Article) -> str:
    """Return how much of an article there is."""
    words = counted(length(article), "word")
    if article.text_from is TextFrom.SUMMARY:
        return f"only the summary that its source gives was read, {words}"
    if article.text_from is TextFrom.FEED:
        return f"only the text that its source gives was read, {words}"
    return f"its page was read, {words}"


def health_in_words(source: Source, row: SourceRow | None, now: datetime) -> str:
    """Return how a configured source is doing, as far as it is known."""
    if not source.enabled:
        return "switched off"
    if row is None or row.last_fetch_at is None:
        return "not asked yet"
    asked = f"asked last at {at(row.last_fetch_at)}"
    if row.health is Health.FAILING:
        why = row.last_error or str(row.last_outcome or "").replace("_", " ")
        return f"failing: {why}, {asked}, next at {at(max(row.next_fetch_at, now))}"
    listed = "1 entry" if row.entries == 1 else f"{row.entries:,} entries"
    return f"{row.health.value}, {asked}, {listed} so far"
