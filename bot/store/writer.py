"""The writer's line: what several callers want written at once goes into one transaction.

SQLite has one writer, and beginning and committing cost as much as a small save. So whoever comes
while the writer is busy is taken along with the next transaction. Nobody is told of success before
the commit, and nobody suffers from another one's error: then each is done again, alone.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")

#: How many are taken along at most, so that another program gets its turn.
_MOST = 32


class Writer:
    """One thread that runs functions in transactions of one engine, several in each when they wait."""

    def __init__(
        self, run: Callable[[Callable[[sa.Connection], Any]], Any], thread: ThreadPoolExecutor
    ) -> None:
        """``run`` runs a function in a transaction and commits it; ``thread`` has one thread."""
        self._run = run
        self._thread = thread
        self._waiting: deque[tuple[Callable[[sa.Connection], Any], Future[Any]]] = deque()

    async def __call__(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what ``work`` returns, once it is committed; raises what it raises.

        ``work`` may be run twice, the first time rolled back. Cancelled while it waits, it is not
        run; once begun, it ends whole.
        """
        future: Future[T] = Future()
        self._waiting.append((work, future))
        self._thread.submit(self._drain)
        return await asyncio.wrap_future(future)

    def _drain(self) -> None:
        batch: list[tuple[Callable[[sa.Connection], Any], Future[Any]]] = []
        while self._waiting and len(batch) < _MOST:
            work, future = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                batch.append((work, future))
        if len(batch) > 1 and self._together(batch):
            return
        for work, future in batch:
            try:
                future.set_result(self._run(work))
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who waits in another thread
                future.set_exception(error)

    def _together(self, batch: list[tuple[Callable[[sa.Connection], Any], Future[Any]]]) -> bool:
        try:
            results = self._run(lambda tx: [work(tx) for work, _ in batch])
        except Exception:  # noqa: BLE001 - whose it is shows when each is run alone
            return False
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
        return True
