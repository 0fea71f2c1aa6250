"""From a host name to its addresses, without ever blocking the loop.

``getaddrinfo`` cannot be cancelled, so it runs in threads of its own: a dead name server must not
starve other work, and a thread stuck in it must not hold up the end of the program (they are daemons,
which those of ``concurrent.futures`` are not).
Nothing here judges an address: that is the transport's, with every answer, at connect time.
"""

import asyncio
import queue
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

#: (host, port) → IP literals; raises OSError (socket.gaierror) where there are none
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

_MAX_NAMES: Final = 4096
_NO_SUCH_NAME: Final = (socket.EAI_NONAME, socket.EAI_NODATA)
_Outcome = tuple[str, ...] | OSError


def system_lookup(host: str) -> list[str]:
    """Return the IP literals of a host as the machine's resolver gives them; raises socket.gaierror."""
    # bytes, because text would go through Python's IDNA codec, which raises UnicodeError for long labels
    answers = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Resolver:
    """Look names up in up to ``threads`` threads, and remember the answers for ``ttl``.

    That there is no such name is remembered as long, that nobody could tell for ``ttl_failure``: a dead
    name is not looked up for each of the thousand sources that it carries.
    Calls for a name that is being looked up wait for the same answer. Source: measured, asyncio's own
    executor gives 58 look-ups a second at 100 ms each on two cores, 64 threads give 260.
    """

    def __init__(
        self,
        *,
        threads: int = 64,
        ttl: timedelta = timedelta(seconds=60),
        ttl_failure: timedelta = timedelta(seconds=10),
        lookup: Callable[[str], Sequence[str]] = system_lookup,
    ) -> None:
        self._ttl_s = ttl.total_seconds()
        self._ttl_failure_s = min(ttl, ttl_failure).total_seconds()
        self._lookup = lookup
        self._threads = _DaemonThreads(threads)
        #: host → (until, on the loop's clock; addresses, or why there are none), oldest first
        self._known: dict[str, tuple[float, _Outcome]] = {}
        self._asking: dict[str, asyncio.Future[tuple[str, ...]]] = {}

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:  # noqa: ARG002 a Lookup knows the port
        """Return the addresses of a host; raises OSError where there are none."""
        loop = asyncio.get_running_loop()
        known = self._known.get(host)
        if known is not None and known[0] > loop.time():
            if isinstance(known[1], OSError):
                raise _anew(known[1])
            return known[1]
        asking = self._asking.get(host)
        if asking is None:
            asking = self._asking[host] = loop.create_future()
            self._threads.submit(lambda: self._work(host, loop, asking))
        # whoever gives up waiting must not take the answer from the others
        return await asyncio.shield(asking)

    def close(self) -> None:
        """Let idle threads end; those stuck in a look-up end with the program."""
        self._threads.close()

    def _work(
        self, host: str, loop: asyncio.AbstractEventLoop, asking: asyncio.Future[tuple[str, ...]]
    ) -> None:
        outcome: _Outcome
        try:
            outcome = tuple(self._lookup(host))
        except OSError as error:
            outcome = error
        except UnicodeError:
            outcome = socket.gaierror(socket.EAI_NONAME, "not a host name")
        try:
            loop.call_soon_threadsafe(self._answer, host, loop, asking, outcome)
        except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
            return

    def _answer(
        self,
        host: str,
        loop: asyncio.AbstractEventLoop,
        asking: asyncio.Future[tuple[str, ...]],
        outcome: _Outcome,
    ) -> None:
        self._asking.pop(host, None)
        if asking.done():
            return
        if isinstance(outcome, OSError):
            asking.set_exception(outcome)
            asking.exception()  # seen, even if everybody gave up waiting
            ttl_s = self._ttl_s if outcome.errno in _NO_SUCH_NAME else self._ttl_failure_s
        else:
            asking.set_result(outcome)
            ttl_s = self._ttl_s
        self._known.pop(host, None)
        self._known[host] = (loop.time() + ttl_s, outcome)
        if len(self._known) > _MAX_NAMES:
            del self._known[next(iter(self._known))]


def _anew(error: OSError) -> OSError:
    """Return a remembered error as a new one: an instance raised again and again drags its history along."""
    return type(error)(*error.args)


class _DaemonThreads:
    """Run jobs in at most ``most`` daemon threads, started when they are needed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)

    def submit(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            threading.Thread(target=self._run, name=f"lookup-{self._started}", daemon=True).start()

    def close(self) -> None:
        for _ in range(self._started):
            self._jobs.put(None)
        self._started = 0

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job()

    def _next(self) -> Callable[[], None] | None:
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            self._idle.release()
            return self._jobs.get()
