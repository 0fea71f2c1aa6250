"""Who works on a host, and until when nobody may: claims with a lease, and holds.

A claim is one conditional upsert, so that of any number of programs exactly one gets it; a lease
that has run out is free again. Another one's claim is never touched. Upper rooms reach this through
``bot.store.sources``.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.store.base import Tx
from bot.store.statements import on_both, param
from bot.store.tables import hosts
from bot.store.types import Utc

_NOW = sa.bindparam("now", type_=Utc())


def free(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Return the condition that a host, known or not, may be worked on now."""
    return sa.and_(
        sa.or_(hosts.c.claimed_until.is_(None), hosts.c.claimed_until <= now),
        sa.or_(hosts.c.not_before.is_(None), hosts.c.not_before <= now),
    )


_CLAIM = on_both(
    lambda insert: (
        (row := insert(hosts))
        .on_conflict_do_update(
            index_elements=["host"],
            set_={"claimed_by": row.excluded.claimed_by, "claimed_until": row.excluded.claimed_until},
            where=free(_NOW),
        )
        .returning(hosts.c.host)
    )
)
_EXTEND = (
    sa.update(hosts)
    .where(
        hosts.c.host == param("of", hosts.c.host), hosts.c.claimed_by == param("holder", hosts.c.claimed_by)
    )
    .values(claimed_until=param("until", hosts.c.claimed_until))
)
_RELEASE = (
    sa.update(hosts)
    .where(
        hosts.c.host == param("of", hosts.c.host), hosts.c.claimed_by == param("holder", hosts.c.claimed_by)
    )
    .values(claimed_by=None, claimed_until=None)
)
_RELEASE_ALL = (
    sa.update(hosts).where(hosts.c.claimed_by.is_not(None)).values(claimed_by=None, claimed_until=None)
)
_HOLD = on_both(
    lambda insert: (row := insert(hosts)).on_conflict_do_update(
        index_elements=["host"],
        set_={"not_before": row.excluded.not_before},
        # the longer of two holds is the one that both allow
        where=sa.or_(hosts.c.not_before.is_(None), hosts.c.not_before < row.excluded.not_before),
    )
)
_HELD = sa.select(hosts.c.not_before).where(
    hosts.c.host == param("of", hosts.c.host), hosts.c.not_before > _NOW
)


def claim_host(tx: Tx, host: str, *, holder: str, now: datetime, lease: timedelta) -> bool:
    """Claim a host until ``now + lease`` and return whether it is ours.

    False while anybody holds it, ourselves included, or while it asked to be left alone (``hold_host``).
    """
    values = {"host": host, "claimed_by": holder, "claimed_until": now + lease, "now": now}
    return tx.execute(_CLAIM[tx.dialect.name], values).first() is not None


def extend_claim(tx: Tx, host: str, *, holder: str, now: datetime, lease: timedelta) -> bool:
    """Make our claim last until ``now + lease``; False when another one has taken the host over."""
    return tx.execute(_EXTEND, {"of": host, "holder": holder, "until": now + lease}).rowcount == 1


def release_host(tx: Tx, host: str, *, holder: str) -> None:
    """Give a host back; nothing happens where it is not ours any more."""
    tx.execute(_RELEASE, {"of": host, "holder": holder})


def release_all_hosts(tx: Tx) -> int:
    """Free every host and return how many were claimed: for the start of the only program."""
    return tx.execute(_RELEASE_ALL).rowcount


def hold_host(tx: Tx, host: str, *, until: datetime) -> None:
    """Leave a host alone until then; a longer hold stays."""
    tx.execute(_HOLD[tx.dialect.name], {"host": host, "not_before": until})


def held_until(tx: Tx, host: str, *, now: datetime) -> datetime | None:
    """Return until when a host wants to be left alone, None when it may be asked."""
    until: datetime | None = tx.execute(_HELD, {"of": host, "now": now}).scalar()
    return until
