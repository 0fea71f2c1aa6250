"""Network: notice that nobody can be asked, and that it is over; what failed meanwhile is forgiven.

Whether it is down is judged by ``bot.fetch.network`` from what the refresh step tells it.
"""

from datetime import datetime

import structlog

from bot.pipeline.deps import Deps
from bot.store import Tx, sources

log = structlog.get_logger("network")


async def watch_network(deps: Deps, before: datetime | None) -> datetime | None:
    """Return since when the network has been down, None while it is not; say once that this changed.

    ``before`` is what was returned the last time.
    """
    now = deps.clock.now()
    down = deps.network.down_since(now)
    since = down or before
    if since is None or (before is None) == (down is None):
        return down
    forgiven = await deps.store.awrite(_turned, since=since, down=down, now=now)
    if down is not None:
        log.warning("network", outcome="down", since=since.isoformat(), why="no source can be reached")
    else:
        log.info("network", outcome="up", since=since.isoformat(), sources=forgiven)
    return down


def _turned(tx: Tx, *, since: datetime, down: datetime | None, now: datetime) -> int:
    sources.set_network(tx, down)
    return sources.forgive(tx, since=since, now=now)
