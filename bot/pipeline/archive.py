"""The archive: the stored articles that a query could be about, in batches.

The token index narrows down where it can; what it does not know yet is looked at all the same, so that
the answer is that of a look at every article. Deciding is for the match room.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.match import INDEX_VERSION, narrow
from bot.match.tree import Query
from bot.model import AllTokens, AnyToken, TokenQuery
from bot.store import Store, Tx, archive, search
from bot.store.articles import Unmatched

#: articles in one batch: some milliseconds of the matcher's time
BATCH: Final = 200
#: Numbers that the index is asked for at once: on SQLite, all words that begin alike are collected anew each
#: time. Source: measured, ``benchmarks/backfill.py``
_ASKED: Final = 10_000
#: what every article satisfies
_EVERYTHING: Final = AllTokens(())


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Some stored articles, in order of their numbers."""

    rows: list[Unmatched]
    #: every article up to this number, or down to it, was looked at
    reached: int
    #: how far one has come, from 0 to 1
    share: float


def narrowed(queries: Iterable[Query]) -> TokenQuery | None:
    """Return what an article needs so that one of the queries can hold; None where it needs nothing."""
    found = [narrow(query) for query in queries]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return known[0] if len(known) == 1 else AnyToken(tuple(dict.fromkeys(known)))


async def forwards(
    store: Store, wanted: TokenQuery | None, *, after: int = 0, since: datetime | None = None
) -> AsyncIterator[Batch]:
    """Yield the articles that may hold ``wanted``, the lowest number above ``after`` first.

    ``since`` leaves out what was first seen before. Articles that come meanwhile may be there or not.
    """
    last = await store.aread(archive.last_number)
    if since is not None:
        first = await store.aread(archive.first_since, since)
        after = max(after, last if first is None else first - 1)
    begin = after
    asked = await store.aread(_answerable, wanted)
    while after < last:
        numbers, end = await store.aread(_forward, asked, after=after, last=last)
        for some, after in _pieces(numbers, end):
            rows = await store.aread(archive.some, some, since=since)
            yield Batch(rows=rows, reached=after, share=(after - begin) / (last - begin))


async def backwards(store: Store, wanted: TokenQuery | None) -> AsyncIterator[Batch]:
    """Yield the articles that may hold ``wanted``, the highest number first; each batch highest first."""
    first = last = await store.aread(archive.last_number) + 1
    asked = await store.aread(_answerable, wanted)
    while last > 1:
        numbers, end = await store.aread(_backward, asked, before=last)
        for some, last in _pieces(numbers, end):
            rows = await store.aread(archive.some, some)
            yield Batch(rows=rows[::-1], reached=last, share=(first - last) / (first - 1))


def _answerable(tx: Tx, wanted: TokenQuery | None) -> TokenQuery:
    """Return what the index is to be asked; what another folding indexed does not answer what we ask."""
    return _EVERYTHING if wanted is None or search.version(tx) != INDEX_VERSION else wanted


def _forward(tx: Tx, asked: TokenQuery, *, after: int, last: int) -> tuple[list[int], int]:
    """Return the next numbers to look at, and up to where these are all there are."""
    # those that wait for the index first: meanwhile they may move on into it
    new = search.unindexed_ids(tx, after=after, limit=_ASKED)
    ids = search.candidates(tx, asked, after=after, limit=_ASKED)
    # each list may have been cut: what lies beyond the end of a cut one is asked for next
    end = min([last, *(found[-1] for found in (ids, new) if len(found) == _ASKED)])
    return sorted({number for number in (*ids, *new) if number <= end}), end


def _backward(tx: Tx, asked: TokenQuery, *, before: int) -> tuple[list[int], int]:
    new = search.newest_unindexed(tx, before=before, limit=_ASKED)
    ids = search.newest(tx, asked, before=before, limit=_ASKED)
    end = max([1, *(found[-1] for found in (ids, new) if len(found) == _ASKED)])
    return sorted({number for number in (*ids, *new) if number >= end}, reverse=True), end


def _pieces(numbers: list[int], end: int) -> Iterator[tuple[list[int], int]]:
    """Yield the numbers of each batch and up to where it reaches, the last one up to ``end``."""
    while len(numbers) > BATCH:
        yield numbers[:BATCH], numbers[BATCH - 1]
        numbers = numbers[BATCH:]
    yield numbers, end
