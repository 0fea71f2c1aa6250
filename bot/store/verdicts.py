"""What people say of mentions: "not this", which lasts for ever, and what can be learned from it.

Upper rooms reach this through ``bot.store.mentions``. Nothing else in the program touches the columns
of a dismissal: neither matching again, nor backfill, nor a new revision brings a mention back.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import MentionState, StoredMention
from bot.store.base import Tx
from bot.store.mention_rows import STATE, STORED, stored_from
from bot.store.statements import param
from bot.store.tables import mentions, watches

_of = mentions.c.id == param("is_id", mentions.c.id)
_BY_ID = STORED.where(_of)
_DISMISS = (
    sa.update(mentions)
    .where(_of)
    .values(
        dismissed_at=sa.func.coalesce(mentions.c.dismissed_at, param("now", mentions.c.dismissed_at)),
        dismissed_why=param("why", mentions.c.dismissed_why),
    )
)
_UNDO = sa.update(mentions).where(_of).values(dismissed_at=None, dismissed_why=None)
_of_watch = STORED.where(watches.c.key == param("of", watches.c.key)).limit(
    sa.bindparam("most", type_=sa.Integer())
)
_DISMISSED = _of_watch.where(mentions.c.dismissed_at.is_not(None)).order_by(
    mentions.c.dismissed_at.desc(), mentions.c.id.desc()
)
_KEPT = _of_watch.where(STATE.in_([MentionState.BACKFILL.value, MentionState.NEW.value])).order_by(
    mentions.c.found_at.desc(), mentions.c.id.desc()
)


def get(tx: Tx, mention_id: int) -> StoredMention | None:
    """Return a mention, None where there is no such one."""
    row = tx.execute(_BY_ID, {"is_id": mention_id}).first()
    return None if row is None else stored_from(row)


def dismiss(tx: Tx, mention_id: int, *, why: str, now: datetime) -> StoredMention | None:
    """Note that somebody said "not this", and return the mention; None where there is no such one.

    One that is dismissed already keeps its time and gets the new reason.
    """
    tx.execute(_DISMISS, {"is_id": mention_id, "why": why, "now": now})
    return get(tx, mention_id)


def undo_dismissal(tx: Tx, mention_id: int) -> StoredMention | None:
    """Take a dismissal back, and return the mention as it stands then; None where there is no such one."""
    tx.execute(_UNDO, {"is_id": mention_id})
    return get(tx, mention_id)


def dismissed_samples(tx: Tx, watch_key: str, *, limit: int) -> list[StoredMention]:
    """Return mentions of a watch that were dismissed, the last dismissed first."""
    return _samples(tx, _DISMISSED, watch_key, limit)


def kept_samples(tx: Tx, watch_key: str, *, limit: int) -> list[StoredMention]:
    """Return mentions of a watch that stand, as news or history, the last found first."""
    return _samples(tx, _KEPT, watch_key, limit)


def _samples(tx: Tx, query: sa.Select[Any], watch_key: str, limit: int) -> list[StoredMention]:
    return [stored_from(row) for row in tx.execute(query, {"of": watch_key, "most": limit})]
