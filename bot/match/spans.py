"""Spans: where terms stand, as mentions and explanations tell it. Pure."""

from collections.abc import Iterable, Sequence

from bot.match.terms import TITLE, Place
from bot.model import Span

#: spans by field number, start and end
Places = dict[tuple[int, int, int], Span]


def spans_at(term: str, places: Sequence[Place]) -> Places:
    """Return the spans of a term at these places; ``term`` is how people are shown it."""
    return {
        (field, start, end): Span(
            field="title" if field == TITLE else "body",
            start=start,
            end=end,
            term=term,
            all_capitals=capitals,
        )
        for field, start, end, capitals in places
    }


def merge(spans: Iterable[Places]) -> list[Span]:
    """Return the spans of several terms, title first, in order of place.

    Where two terms find the very same place, the first of them has it.
    """
    merged: Places = {}
    for places in spans:
        merged = {**places, **merged} if merged else places
    return [merged[place] for place in sorted(merged)] if len(merged) > 1 else list(merged.values())
