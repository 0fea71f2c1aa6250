"""Run parses in worker processes with limits on time, memory and files: defence P1.

The room's only impure part. Each worker takes one job after the other; what hangs is killed and
what dies is replaced, and nobody but the job that caused it notices. Nothing here reads foreign bytes: what
comes back from a worker is judged by ``wire`` first.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from bot.errors import FailureKind, ParseError, Retry
from bot.model import Article, Feed
from bot.parse import wire
from bot.parse.identity import EntryKeys
from bot.parse.nursery import Nursery
from bot.parse.wire import ExtractJob, ListingJob

T = TypeVar("T")

__all__ = ["ExtractJob", "ListingJob", "Sandbox", "SandboxLimits"]

#: Jobs that wait in a worker's socket beside the one it works on: it need not wait for us between two.
_AHEAD = 4
#: A worker is replaced after this many jobs: parsers leak a little.
_JOBS_PER_WORKER = 5_000
#: How often a job is given to a worker that then dies: the first death may have been another's doing.
_ATTEMPTS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxLimits:
    """What one parse may use."""

    #: from when a worker takes it up to its answer
    wall: timedelta = timedelta(seconds=10)
    #: bytes beyond what the loaded parsers themselves take
    memory: int = 512 * 1024 * 1024


@dataclass(eq=False, slots=True)
class _Task:
    """A job on its way, and who waits for it."""

    frame: bytes
    url: str
    answer: asyncio.Future[bytes]
    attempts: int = 0


class Sandbox:
    """A pool of parsing workers; lives in one event loop, between ``start`` and ``aclose``."""

    def __init__(self, *, workers: int, limits: SandboxLimits = SandboxLimits()) -> None:
        self._size = max(1, workers)
        self._wall_s = limits.wall.total_seconds()
        self._nursery = Nursery(memory=limits.memory)
        self._workers: set[_Worker] = set()
        self._waiting: deque[_Task] = deque()
        self._forking: set[asyncio.Task[None]] = set()
        self._open = False

    async def start(self) -> None:
        """Start the workers; returns at once, the first jobs wait until they are ready.

        Raises ParseError (CRASHED) where no process can be started.
        """
        self._open = True
        try:
            self._nursery.start()
        except OSError as error:
            raise _crashed("", f"no parsing process can be started: {error}") from error
        self._hire()

    async def aclose(self) -> None:
        """End all workers; jobs that are not answered fail as CRASHED."""
        self._open = False
        for hiring in tuple(self._forking):
            hiring.cancel()
        await asyncio.gather(*self._forking, return_exceptions=True)
        for worker in tuple(self._workers):
            self._waiting.extend(worker.tasks)
            worker.dismiss()
        self._workers.clear()
        self._nursery.close()
        self._fail_waiting("the program is stopping")

    async def listing(self, job: ListingJob) -> Feed:
        """Read what a source answered; a parse that was killed or died gives a Feed with a ``fault``."""
        return (await self.keyed_listing(job))[0]

    async def keyed_listing(self, job: ListingJob) -> tuple[Feed, list[EntryKeys]]:
        """Do ``listing``, and return the keys of its entries too (``identity.entry_keys``)."""
        try:
            return await self._answer(job, wire.listing_from_plain)
        except ParseError as error:
            return Feed(fault=error.message), []

    async def extract(self, job: ExtractJob) -> Article:
        """Read a page as an article.

        Raises ParseError: NOT_A_PAGE, EMPTY; TOO_COMPLEX when it took too long or too much memory;
        CRASHED when the worker died, twice.
        """
        return await self._answer(job, wire.article_from_plain)

    def worker_ids(self) -> tuple[int, ...]:
        """Return the process ids of the workers that are ready."""
        return tuple(worker.pid for worker in self._workers)

    async def _answer(self, job: ListingJob | ExtractJob, read: Callable[[Any], T]) -> T:
        if not self._open:
            raise _crashed(job.url, "the parsing processes are not started")
        answer = asyncio.get_running_loop().create_future()
        task = _Task(frame=wire.pack(wire.job_to_plain(job)), url=job.url, answer=answer)
        self._waiting.append(task)
        self._hand_out()
        payload = await answer
        try:
            return read(wire.unpack(payload))
        except wire.BadFrameError as error:
            raise _crashed(job.url, f"the parsing process answered nonsense ({error})") from error

    def _hand_out(self) -> None:
        """Give waiting jobs to the workers that have least to do, and hire where workers are missing."""
        while self._waiting:
            ready = [worker for worker in self._workers if len(worker.tasks) < _AHEAD]
            if not ready:
                break
            task = self._waiting.popleft()
            if not task.answer.done():
                min(ready, key=lambda worker: len(worker.tasks)).take(task)
        self._hire()

    def _hire(self) -> None:
        missing = self._size - len(self._workers) - len(self._forking)
        for _ in range(missing if self._open else 0):
            hiring = asyncio.get_running_loop().create_task(self._hire_one())
            self._forking.add(hiring)
            hiring.add_done_callback(self._forking.discard)

    async def _hire_one(self) -> None:
        try:
            pid, connection = await self._fork()
        except (OSError, TimeoutError) as error:
            # Nothing to work with: who waits is told, and the next job tries to start anew.
            if not self._workers:
                self._fail_waiting(f"no parsing process can be started: {error}")
            return
        worker = _Worker(
            pid, wall_s=self._wall_s, ended=self._ended, idle=self._idle, kill=self._nursery.kill
        )
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=connection)
        self._workers.add(worker)
        self._hand_out()

    async def _fork(self) -> tuple[int, socket.socket]:
        try:
            return await self._nursery.fork()
        except OSError:
            # It has just died, too; the second time it is started anew.
            return await self._nursery.fork()

    def _idle(self, worker: "_Worker") -> None:
        """A worker has answered: give it more, or let it go after long service."""
        if worker.done >= _JOBS_PER_WORKER:
            if not worker.tasks:
                self._workers.discard(worker)
                worker.dismiss()
                self._hire()
            return
        if self._waiting:
            self._hand_out()

    def _ended(self, worker: "_Worker", *, late: bool) -> None:
        """A worker is gone: its first job is to blame, or is tried once more; the others go on."""
        self._workers.discard(worker)
        tasks = list(worker.tasks)
        worker.tasks.clear()
        if tasks:
            first = tasks[0]
            first.attempts += 1
            if late:
                _fail(first, FailureKind.TOO_COMPLEX, f"too complex: not read within {self._wall_s:g} s")
            elif first.attempts >= _ATTEMPTS:
                _fail(first, FailureKind.CRASHED, "the parsing process died of it, twice")
        self._waiting.extendleft(task for task in reversed(tasks) if not task.answer.done())
        if not self._open:
            self._fail_waiting("the program is stopping")
        elif worker.done or tasks or self._waiting:
            self._hand_out()
        # else: it died before it did anything, and so would the next; the next job tries again

    def _fail_waiting(self, why: str) -> None:
        while self._waiting:
            _fail(self._waiting.popleft(), FailureKind.CRASHED, why)


class _Worker(asyncio.Protocol):
    """Our end of one worker's socket: frames out, frames in, and a clock on the job that it works on."""

    def __init__(
        self,
        pid: int,
        *,
        wall_s: float,
        ended: Callable[..., None],
        idle: Callable[["_Worker"], None],
        kill: Callable[[int], None],
    ) -> None:
        self.pid = pid
        #: in the order in which they were sent, which is the order of the answers
        self.tasks: deque[_Task] = deque()
        self.done = 0
        self._wall_s = wall_s
        self._ended = ended
        self._idle = idle
        self._kill = kill
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._received = bytearray()
        self._late = False
        self._dismissed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def take(self, task: _Task) -> None:
        """Send a job."""
        self.tasks.append(task)
        if self._transport is not None:
            self._transport.write(task.frame)
        if len(self.tasks) == 1:
            self._wind()

    def data_received(self, data: bytes) -> None:
        """Collect answers, and hand out each as soon as it is whole."""
        self._received += data
        size = wire.HEAD.size
        while len(self._received) >= size:
            (length,) = wire.HEAD.unpack_from(self._received)
            if length > wire.MAX_FRAME or not self.tasks:
                self._stop(late=False)
                return
            if len(self._received) < size + length:
                return
            payload = bytes(memoryview(self._received)[size : size + length])
            del self._received[: size + length]
            self._answered(self.tasks.popleft(), payload)

    def _answered(self, task: _Task, payload: bytes) -> None:
        self.done += 1
        if not task.answer.done():
            task.answer.set_result(payload)
        self._wind()
        self._idle(self)

    def _wind(self) -> None:
        """Start the clock for the job that is worked on now."""
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._wall_s, self._stop) if self.tasks else None

    def _stop(self, *, late: bool = True) -> None:
        """Have the worker killed; what follows is done when its socket ends."""
        self._late = late
        self._kill(self.pid)
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Say that the worker is gone, unless we let it go ourselves."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._dismissed:
            self._ended(self, late=self._late)

    def dismiss(self) -> None:
        """Let the worker go: it ends when it finds its socket closed."""
        self._dismissed = True
        self.tasks.clear()
        self._kill(self.pid)
        if self._transport is not None:
            self._transport.abort()


def _fail(task: _Task, kind: FailureKind, why: str) -> None:
    if not task.answer.done():
        retry = Retry.LATER if kind is FailureKind.CRASHED else Retry.NEVER
        task.answer.set_exception(ParseError(why, kind=kind, subject=task.url, retry=retry))


def _crashed(url: str, why: str) -> ParseError:
    return ParseError(why, kind=FailureKind.CRASHED, subject=url, retry=Retry.LATER)
