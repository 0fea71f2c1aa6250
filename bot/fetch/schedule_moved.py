"""When a permanent redirect is believed: only time after time, and never at once.

A maintenance page, a captive network, a wall for consent redirect "for good", too. So an address is
never rewritten by itself: what was seen often enough is offered to the user.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.model import Moved

_PERMANENT: Final = frozenset({301, 308})
_ENOUGH: Final = 5
_LONG_ENOUGH: Final = timedelta(hours=24)


def moved_after(
    moved: Moved | None,
    redirects: Iterable[tuple[int, str]],
    final_url: str,
    *,
    parsed: bool,
    now: datetime,
) -> Moved | None:
    """Return where an address has been sending us for good, after one more answer; None: nowhere.

    ``redirects`` are the hops before ``final_url``, as (status, address); ``parsed`` tells whether what
    stood there could be read as this source (a "not modified" counts). Counted is only an answer whose
    hops are all 301 or 308; any other answer, and any other target, starts anew. Not to be called
    where there was no answer at all (a timeout says nothing of the address).
    Source: RFC 9110 sections 15.4.2 and 15.4.9.
    """
    hops = tuple(redirects)
    if not hops or not parsed or hops[0][1] == final_url:
        return None
    if any(status not in _PERMANENT for status, _ in hops):
        return None
    if moved is None or moved.to != final_url or moved.since > now:
        return Moved(to=final_url, times=1, since=now)
    return replace(moved, times=moved.times + 1)


def is_settled(moved: Moved | None, *, now: datetime) -> bool:
    """Tell whether a move may be offered to the user: 5 equal answers or more, over 24 h or more."""
    return moved is not None and moved.times >= _ENOUGH and now - moved.since >= _LONG_ENOUGH
