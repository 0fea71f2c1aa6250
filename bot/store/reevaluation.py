"""A changed watch: what it found before is looked at again, and nobody is told anything for it.

Upper rooms reach this through ``bot.store.mentions``. The person who changed the watch knows what he
did, so no event is made. What was not told yet is not told either while the watch does not find it
any more, or finds it in a sense that it does not want: digests leave out what is no news by its
facts (``bot.store.mention_rows.NEWS``). No event is deleted, so that the next change of the watch can
take back what this one did, and what was told stays on record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.model import Mention
from bot.store.base import Tx
from bot.store.mention_rows import BY_WATCH, SEEN_AGAIN, seen_again
from bot.store.statements import param
from bot.store.tables import mentions, watches


@dataclass(frozen=True, kw_only=True, slots=True)
class Outdated:
    """A mention that another version of its watch found."""

    mention_id: int
    article_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reevaluated:
    """What the present version of a watch makes of a mention."""

    mention_id: int
    #: None where it does not find it any more
    mention: Mention | None
    #: whether digests may tell it: False for a sense that the watch does not want
    told: bool = True


_watch_id = sa.select(watches.c.id).where(watches.c.key == param("of", watches.c.key)).scalar_subquery()
_OUTDATED = (
    sa.select(mentions.c.id, mentions.c.article_id)
    .where(
        mentions.c.watch_id == _watch_id,
        mentions.c.id > param("after", mentions.c.id),
        mentions.c.watch_version != param("at_version", mentions.c.watch_version),
    )
    .order_by(mentions.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
#: No row where the watch was changed again meanwhile.
_present_id = (
    sa.select(watches.c.id)
    .where(
        watches.c.key == param("of", watches.c.key),
        watches.c.version == param("at_version", watches.c.version),
    )
    .scalar_subquery()
)
_of_watch = (mentions.c.id == param("is_id", mentions.c.id), mentions.c.watch_id == _present_id)
_KEEP = sa.update(mentions).where(*_of_watch).values(SEEN_AGAIN)
_stands = mentions.c.withdrawn_at.is_(None)
_WITHDRAW = (
    sa.update(mentions)
    .where(*_of_watch)
    .values(
        watch_version=param("at_version", mentions.c.watch_version),
        withdrawn_at=sa.case((_stands, param("now", mentions.c.withdrawn_at)), else_=mentions.c.withdrawn_at),
        withdrawn_why=sa.case((_stands, BY_WATCH), else_=mentions.c.withdrawn_why),
    )
)


def outdated(tx: Tx, watch_key: str, version: str, *, after: int, limit: int) -> list[Outdated]:
    """Return the mentions of a watch above the number ``after`` that another version found, ascending."""
    asked = {"of": watch_key, "at_version": version, "after": after, "most": limit}
    return [Outdated(mention_id=row.id, article_id=row.article_id) for row in tx.execute(_OUTDATED, asked)]


def save_reevaluated(
    tx: Tx, watch_key: str, results: Sequence[Reevaluated], *, version: str, now: datetime
) -> None:
    """Store what a version of a watch makes of its mentions.

    What it still finds gets its new facts, and is what it was where a former change of the watch
    had withdrawn it; what it does not find is withdrawn. Nothing is stored where the watch has
    another version by now.
    """
    of = {"of": watch_key, "at_version": version}
    kept = [
        of | {"is_id": result.mention_id} | seen_again(result.mention, told=result.told)
        for result in results
        if result.mention is not None
    ]
    gone = [of | {"is_id": result.mention_id, "now": now} for result in results if result.mention is None]
    if kept:
        tx.execute(_KEEP, kept)
    if gone:
        tx.execute(_WITHDRAW, gone)
