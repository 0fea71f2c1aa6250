"""Furniture: the blocks of text that belong to a site, learned from what its articles share.

Upper rooms reach this through ``bot.store.articles``. Of each block of a site the first two articles are
known that held it, so that they can be judged anew when a third one shows that it is furniture. Copies
of one story count once: a text that a site carries under two addresses is still its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import site_of
from bot.model.blocks import block_keys
from bot.store.base import Tx
from bot.store.statements import AnyRow, Many, any_of, chunks, on_both, param
from bot.store.tables import articles, blocks

#: Articles of one site that share a block of furniture.
SHARED = 3

_KNOWN = sa.select(blocks).where(any_of(blocks.c.key, "keys"))
_FURNITURE = sa.select(blocks.c.key).where(any_of(blocks.c.key, "keys"), blocks.c.seen >= SHARED)
_ADD = Many(
    on_both(lambda insert: insert(blocks).on_conflict_do_nothing(index_elements=["key"])),
    columns=("key", "first_article_id", "seen", "noted_at"),
)
_SEEN_AGAIN = Many(
    sa.update(blocks)
    .where(blocks.c.key == param("of", blocks.c.key))
    .values(
        second_article_id=param("second", blocks.c.second_article_id),
        seen=param("times", blocks.c.seen),
        noted_at=param("now", blocks.c.noted_at),
    )
)
_STORIES = sa.select(articles.c.id, articles.c.story_id).where(any_of(articles.c.id, "ids"))
_JUDGE_ANEW = (
    sa.update(articles)
    .where(any_of(articles.c.id, "ids"), articles.c.furnished.is_(sa.false()))
    # What is matched again gets its mentions judged anew; what waits to be matched still waits.
    .values(furnished=sa.true(), matched_at=None)
)
_FURNISH = sa.update(articles).where(articles.c.id == param("of", articles.c.id)).values(furnished=sa.true())
_NEXT = (
    sa.select(blocks.c.key, blocks.c.seen, blocks.c.noted_at)
    .where(blocks.c.key > param("after", blocks.c.key))
    .order_by(blocks.c.key)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_DROP = sa.delete(blocks).where(any_of(blocks.c.key, "keys"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pruned:
    """How far the blocks were looked through."""

    #: the last key that was looked at; None at the end
    reached: int | None
    dropped: int


def note(tx: Tx, article_id: int, *, url: str, text: str, now: datetime) -> None:
    """Take note of the blocks of an article's new text.

    An article that holds furniture is marked; its mark from an earlier text is to be taken away before.
    Where it shows that a block is furniture, the two articles that held it before are matched again.
    """
    keys = list(dict.fromkeys(key for _, key in block_keys(site_of(url), text)))
    known: dict[int, AnyRow] = {}
    for some in chunks(keys):
        known.update((row.key, row) for row in tx.execute(_KNOWN, {"keys": list(some)}))
    new = [
        {"key": key, "first_article_id": article_id, "seen": 1, "noted_at": now}
        for key in keys
        if key not in known
    ]
    if new:
        _ADD(tx, new)
    open_rows = [row for row in known.values() if row.seen < SHARED]
    shows = bool(open_rows) and _share(tx, article_id, open_rows, now)
    if shows or len(open_rows) < len(known):
        tx.execute(_FURNISH, {"of": article_id})


def _share(tx: Tx, article_id: int, rows: Sequence[AnyRow], now: datetime) -> bool:
    """Count an article that holds blocks which others held, and tell whether one became furniture."""
    others = {row.first_article_id for row in rows} | {row.second_article_id for row in rows}
    wanted = sorted({article_id, *(number for number in others if number is not None)})
    stories: dict[int, int | None] = {}
    for ids in chunks(wanted):
        stories.update((row.id, row.story_id) for row in tx.execute(_STORIES, {"ids": list(ids)}))
    seen_again: list[dict[str, Any]] = []
    judged: set[int] = set()
    for row in rows:
        before = [number for number in (row.first_article_id, row.second_article_id) if number is not None]
        if any(_same(article_id, number, stories) for number in before):
            continue
        times = row.seen + 1
        second = article_id if row.second_article_id is None else row.second_article_id
        seen_again.append({"of": row.key, "second": second, "times": times, "now": now})
        if times >= SHARED:
            judged.update(before)
    if seen_again:
        _SEEN_AGAIN(tx, seen_again)
    for some in chunks(sorted(judged)):
        tx.execute(_JUDGE_ANEW, {"ids": list(some)})
    return bool(judged)


def _same(one: int, other: int, stories: Mapping[int, int | None]) -> bool:
    """Tell whether two articles are one, or copies of one text. One that was dropped is like no other."""
    return one == other or (stories.get(one) is not None and stories.get(one) == stories.get(other))


def furniture(tx: Tx, texts: Mapping[int, tuple[str, str]]) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return where the texts of articles (address, text) belong to the site; those without are left out."""
    placed = {number: block_keys(site_of(url), text) for number, (url, text) in texts.items()}
    keys = sorted({key for found in placed.values() for _, key in found})
    shared: set[int] = set()
    for some in chunks(keys):
        shared.update(tx.execute(_FURNITURE, {"keys": list(some)}).scalars())
    spans = {number: tuple(span for span, key in found if key in shared) for number, found in placed.items()}
    return {number: found for number, found in spans.items() if found}


def prune_blocks(tx: Tx, *, before: datetime, after: int, limit: int) -> Pruned:
    """Drop, of the next ``limit`` blocks above the key ``after`` (-1: from the first), those that no three
    articles share and that were last noted before this time.
    """
    rows = tx.execute(_NEXT, {"after": after, "most": limit}).all()
    old = [row.key for row in rows if row.seen < SHARED and row.noted_at < before]
    for some in chunks(old):
        tx.execute(_DROP, {"keys": list(some)})
    return Pruned(reached=rows[-1].key if len(rows) == limit else None, dropped=len(old))
