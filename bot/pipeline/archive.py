"""The archive: the stored articles that a query could be about, in batches.

The token index narrows down where it can; what it does not know yet is looked at all the same, so that
the answer is that of a look at every article. Deciding is for the match room.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.match import INDEX_VERSION, narrow
from bot.match.tree import Query
from bot.model import AnyToken, TokenQuery
from bot.store import Store, Tx, archive, search
from bot.store.articles import Unmatched

#: articles in one batch: some milliseconds of the matcher's time
BATCH: Final = 200
#: where the index leaves more than one article in so many, looking at all of them is cheaper.
#: Source: measured, ``benchmarks/backfill.py``
_WORTH_IT: Final = 4

#: where more than this wait for the index, it knows too little to be asked
_MOST_UNINDEXED: Final = 2_000


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
    last = await store.aread(_last)
    if since is not None:
        first = await store.aread(archive.first_since, since)
        after = max(after, last if first is None else first - 1)
    if wanted is not None and not await store.aread(_is_worth_it, wanted):
        wanted = None
    begin = after
    while after < last:
        rows, after = await store.aread(_forward, wanted, after=after, since=since, last=last)
        share = (after - begin) / max(1, last - begin)
        yield Batch(rows=rows, reached=after, share=min(1.0, share))


async def backwards(store: Store, wanted: TokenQuery | None) -> AsyncIterator[Batch]:
    """Yield the articles that may hold ``wanted``, the highest number first; each batch highest first."""
    if wanted is not None and not await store.aread(_is_worth_it, wanted):
        wanted = None
    first = last = await store.aread(_last) + 1
    while last > 0:
        rows, last = await store.aread(_backward, wanted, before=last)
        yield Batch(rows=rows, reached=last, share=1 - last / max(1, first))


def _last(tx: Tx) -> int:
    rows = archive.before(tx, 2**63 - 1, limit=1)
    return 0 if not rows else rows[0].article.id or 0


def _is_worth_it(tx: Tx, wanted: TokenQuery) -> bool:
    indexed, stored = search.indexed(tx)
    # what another folding indexed does not answer what this one asks
    if stored - indexed > _MOST_UNINDEXED or search.version(tx) != INDEX_VERSION:
        return False
    return search.count(tx, wanted, most=indexed // _WORTH_IT + 1) <= indexed // _WORTH_IT


def _forward(
    tx: Tx, wanted: TokenQuery | None, *, after: int, since: datetime | None, last: int
) -> tuple[list[Unmatched], int]:
    if wanted is None:
        rows = archive.after(tx, after, limit=BATCH)
        reached = _number(rows[-1]) if rows else last
        return [row for row in rows if since is None or row.first_seen_at >= since], reached
    # those that wait for the index first: meanwhile they may move on into it
    new = search.unindexed_ids(tx, after=after, limit=BATCH)
    ids = search.candidates(tx, wanted, after=after, limit=BATCH)
    # each list may have been cut: what lies beyond the end of a cut one comes with the next batch
    ends = [found[-1] for found in (ids, new) if len(found) == BATCH]
    reached = min(ends, default=last)
    chosen = sorted({number for number in (*ids, *new) if number <= reached})
    return archive.some(tx, chosen, since=since), reached


def _backward(tx: Tx, wanted: TokenQuery | None, *, before: int) -> tuple[list[Unmatched], int]:
    if wanted is None:
        rows = archive.before(tx, before, limit=BATCH)
        return rows, _number(rows[-1]) if rows else 0
    new = search.newest_unindexed(tx, before=before, limit=BATCH)
    ids = search.newest(tx, wanted, before=before, limit=BATCH)
    ends = [found[-1] for found in (ids, new) if len(found) == BATCH]
    reached = max(ends, default=0)
    chosen = {number for number in (*ids, *new) if number >= reached}
    return archive.some(tx, sorted(chosen))[::-1], reached


def _number(row: Unmatched) -> int:
    assert row.article.id is not None
    return row.article.id
