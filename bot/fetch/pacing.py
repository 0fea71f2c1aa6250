"""Not too fast: one request at a time for each host, with a pause between two, in this process.

Every request takes its turn here: sources, article pages, every hop of a redirect, robots.txt.
Memory is bounded by the hosts asked within the last pause, not by all hosts ever asked.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from bot.clock import Clock

MAX_DELAY: Final = timedelta(seconds=60)
#: hosts whose Crawl-delay is remembered; the one set longest ago is forgotten first
_MAX_DELAYS: Final = 10_000


class HostPacer:
    """Give each host one request at a time, in the order asked for, ``pause`` apart."""

    def __init__(self, *, pause: timedelta, clock: Clock) -> None:
        self._pause_s = pause.total_seconds()
        self.clock = clock
        #: hosts being asked, with those who wait for their turn
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        #: hosts at rest: when (monotonic seconds) they may be asked again; oldest first
        self._free_at: dict[str, float] = {}
        self._delay_s: dict[str, float] = {}

    def set_delay(self, host: str, delay: timedelta) -> None:
        """Keep at least ``delay``, at most 60 s, between two requests to this host from now on.

        Source: Crawl-delay in robots.txt.
        """
        self._delay_s.pop(host, None)
        if delay > timedelta():
            self._delay_s[host] = min(delay, MAX_DELAY).total_seconds()
        if len(self._delay_s) > _MAX_DELAYS:
            del self._delay_s[next(iter(self._delay_s))]

    @asynccontextmanager
    async def turn(self, host: str, *, pause: timedelta | None = None) -> AsyncIterator[None]:
        """Wait until the host may be asked, and hold it until the end of the ``async with``.

        ``pause`` is what lies between the end of this turn and the next, where whoever asks has its own.
        A Crawl-delay that is longer holds all the same.
        """
        await self._enter(host)
        try:
            yield
        finally:
            self._leave(host, self._pause_s if pause is None else pause.total_seconds())

    async def _enter(self, host: str) -> None:
        queue = self._waiting.get(host)
        if queue is None:
            self._waiting[host] = deque()
        else:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            queue.append(mine)
            try:
                await mine
            except asyncio.CancelledError:
                if mine.cancelled():
                    # Whoever handed the turn on may have passed over it already.
                    with contextlib.suppress(ValueError):
                        queue.remove(mine)
                else:  # the turn was handed over in the very moment of the cancellation
                    self._hand_over(host)
                raise
        free_at = self._free_at.get(host)
        if free_at is None:
            return
        left_s = free_at - self.clock.monotonic_s()
        if left_s > 0:
            try:
                await asyncio.sleep(left_s)
            except asyncio.CancelledError:
                self._hand_over(host)
                raise

    def _leave(self, host: str, pause_s: float) -> None:
        rest_s = max(pause_s, self._delay_s.get(host, 0.0))
        if rest_s > 0:
            now = self.clock.monotonic_s()
            self._free_at.pop(host, None)
            self._free_at[host] = now + rest_s
            self._forget(now)
        self._hand_over(host)

    def _hand_over(self, host: str) -> None:
        queue = self._waiting[host]
        while queue:
            following = queue.popleft()
            if not following.done():
                following.set_result(None)
                return
        del self._waiting[host]

    def _forget(self, now: float) -> None:
        while True:
            host = next(iter(self._free_at))
            if self._free_at[host] > now:
                return
            del self._free_at[host]
