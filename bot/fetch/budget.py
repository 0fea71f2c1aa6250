"""How much memory bodies may take that were fetched and are not parsed yet: who brings a large one waits.

Used by ``read_body``. A body holds its share of the budget for as long as it lives, wherever it is handed on
to; small bodies are not counted and never wait.
"""

import asyncio
import contextlib
from collections import deque
from contextvars import ContextVar
from typing import Final

#: Bytes up to which a body is small.
SMALL: Final = 256 * 1024
#: Nobody waits longer: who holds the memory may himself wait for a turn that is held by who waits here.
_LONGEST_S: Final = 150.0


class Body(bytes):
    """The content of an answer; where it is large, its share of the budget goes with it."""

    share: "Share | None" = None


class Share:
    """So many bytes of a budget; given back when nobody knows it any more."""

    __slots__ = ("_account", "_budget", "_loop", "size")

    def __init__(self, budget: "Budget", account: "_Account", size: int) -> None:
        self._budget = budget
        self._account = account
        self._loop = asyncio.get_running_loop()
        self.size = size

    def keep(self, size: int) -> None:
        """Give back all but ``size``."""
        self._budget.give(self._account, self.size - size)
        self.size = size

    def __del__(self) -> None:
        """Give back the rest; the last who knew it may have been another thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._budget.give, self._account, self.size)


class _Account:
    """What one task, with those that it started, holds."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = 0


_ACCOUNT: ContextVar[_Account] = ContextVar("account")


class Budget:
    """So many bytes for the large bodies of one event loop."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> Share:
        """Return a share of ``size`` bytes, in the order of asking; one beyond the budget is had alone.

        Who holds one already does not wait for the second (a listing whose children are read): what it holds
        may be what the others wait for.
        """
        account = _ACCOUNT.get(None)
        if account is None:
            _ACCOUNT.set(account := _Account())
        if not account.held and (self._waiting or not self._fits(size)):
            await self._wait(size)
        else:
            self._taken += size
        account.held += size
        return Share(self, account, size)

    async def _wait(self, size: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            async with asyncio.timeout(_LONGEST_S):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._taken -= size
            with contextlib.suppress(ValueError):  # it may have been passed over already
                self._waiting.remove((size, turn))
            self._call_in()
            if not isinstance(error, TimeoutError):
                raise
            self._taken += size

    def give(self, account: _Account, size: int) -> None:
        """Take back so many bytes."""
        account.held -= size
        self._taken -= size
        self._call_in()

    def _fits(self, size: int) -> bool:
        return not self._taken or self._taken + size <= self._size

    def _call_in(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            size, turn = self._waiting.popleft()
            if not turn.done():
                # It is taken at once: nobody who comes before the other wakes may have it.
                self._taken += size
                turn.set_result(None)
