"""Run parses in worker processes with limits on time, memory and files: defence P1.

The room's only impure part. Each worker takes one job after the other; what hangs is killed and what dies is
replaced, and nobody but the job that caused it notices. One worker is always there for small jobs, however
many dear ones wait (``lanes``). Nothing here reads foreign bytes: what comes back from a worker is judged by
``wire`` first.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bot.errors import FailureKind, ParseError, Retry
from bot.model import Article, Entry, Feed
from bot.parse import frames, wire
from bot.parse.entry import as_listed
from bot.parse.helper import Helper
from bot.parse.identity import EntryKeys
from bot.parse.jobs import ExtractJob, ListingJob
from bot.parse.lanes import Lane, Lanes, Task
from bot.parse.nursery import Nursery

T = TypeVar("T")

__all__ = ["ExtractJob", "ListingJob", "Sandbox", "SandboxLimits"]

#: One for dear jobs and one for small ones, on a single core too.
_FEWEST = 2
#: Small jobs that a worker may hold, with the one that it works on: it need not wait for us between two.
_AHEAD = 4
#: Bytes of dear jobs that may be worked on at the same time: a parse takes up to 30 times as many.
_DEAR_BYTES = 8 * 1024 * 1024
#: A job that takes longer makes its host suspect.
_DEAR_S = 1.0
#: A worker is replaced after this many jobs: parsers leak a little.
_JOBS_PER_WORKER = 5_000
#: How often a job is given to a worker that then dies: the first death may have been another's doing.
_ATTEMPTS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxLimits:
    """What one parse may use."""

    #: from when a worker takes it up to its answer
    wall: timedelta = timedelta(seconds=10)
    #: bytes beyond what the loaded parsers themselves take; measured: a feed of 5 MB takes up to 100 MB
    memory: int = 128 * 1024 * 1024


class Sandbox:
    """A pool of parsing workers; lives in one event loop, between ``start`` and ``aclose``."""

    def __init__(self, *, workers: int, limits: SandboxLimits = SandboxLimits()) -> None:
        """Work with ``workers`` processes, two at least."""
        self._size = max(_FEWEST, workers)
        self._wall_s = limits.wall.total_seconds()
        self._nursery = Nursery(memory=limits.memory)
        self._helpers: set[Helper] = set()
        self._lanes = Lanes()
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
        for helper in tuple(self._helpers):
            self._let_go(helper)
        self._nursery.close()
        self._fail_waiting("the program is stopping")

    async def listing(self, job: ListingJob) -> Feed:
        """Read what a source answered; a parse that was killed or died gives a Feed with a ``fault``."""
        try:
            return (await self.keyed_listing(job))[0]
        except ParseError as error:
            return Feed(fault=error.message)

    async def keyed_listing(self, job: ListingJob) -> tuple[Feed, list[EntryKeys]]:
        """Read what a source answered, and the keys of its entries (``identity.entry_keys``).

        What is no source gives a Feed with a ``fault``. Raises ParseError: TOO_COMPLEX when it took too long
        or too much memory; CRASHED when the worker died, twice.
        """
        return await self._answer(job, wire.listing_from_payload)

    async def extract(self, job: ExtractJob) -> Article:
        """Read a page as an article.

        Raises ParseError: NOT_A_PAGE, EMPTY; TOO_COMPLEX when it took too long or too much memory;
        CRASHED when the worker died, twice.
        """
        return await self._answer(job, wire.article_from_payload)

    def worker_ids(self) -> tuple[int, ...]:
        """Return the process ids of the workers that are ready."""
        return tuple(helper.pid for helper in self._helpers)

    async def from_entry(self, entry: Entry, url: str) -> Article:
        """Return the article that an entry itself holds; its language as its words tell, where they can."""
        try:
            return await self.extract(ExtractJob(html=b"", url=url, entry=entry, alone=True))
        except ParseError:
            return as_listed(entry, url)

    async def _answer(self, job: ListingJob | ExtractJob, read: Callable[[bytes], T]) -> T:
        if not self._open:
            raise _crashed(job.url, "the parsing processes are not started")
        loop = asyncio.get_running_loop()
        task = Task(job=job, answer=loop.create_future())
        self._lanes.add(task, loop.time())
        self._hand_out()
        payload = await task.answer
        try:
            return read(payload)
        except frames.BadFrameError as error:
            raise _crashed(job.url, f"the parsing process answered nonsense ({error})") from error
        except ParseError as error:
            if error.kind is FailureKind.TOO_COMPLEX:
                self._suspect(task)
            raise

    def _hand_out(self) -> None:
        """Give waiting jobs to the workers: a dear one to one of them, then small ones, then what is left."""
        self._start_dear(most=1)
        kept = self._kept_for_dear()
        while self._lanes.small:
            ready = [
                helper
                for helper in self._helpers
                if helper is not kept and not (helper.dear or helper.spent) and len(helper.tasks) < _AHEAD
            ]
            task = self._lanes.next_small() if ready else None
            if task is None:
                break
            min(ready, key=lambda helper: len(helper.tasks)).take(task)
        if self._lanes.small:
            self._make_way()
        else:
            self._start_dear(most=self._size - 1)
        self._hire()

    def _start_dear(self, *, most: int) -> None:
        """Give dear jobs to idle workers, as long as fewer than ``most`` are at such."""
        at_work = [helper for helper in self._helpers if helper.dear]
        # The one that has grown by the last of them is taken again, rather than that another grows, too.
        idle = sorted((helper for helper in self._helpers if helper.idle), key=lambda helper: helper.grown)
        while self._lanes.dear and idle and len(at_work) < most:
            taken = sum(helper.tasks[0].weight for helper in at_work)
            task = self._lanes.next_dear(_DEAR_BYTES - taken if at_work else frames.MAX_FRAME)
            if task is None:
                break
            at_work.append(idle.pop())
            at_work[-1].take(task)

    def _kept_for_dear(self) -> Helper | None:
        """Return the worker that gets no more small jobs, so that a dear one has its turn in the end."""
        if not self._lanes.dear or any(helper.dear for helper in self._helpers):
            return None
        return min(self._helpers, key=lambda helper: len(helper.tasks), default=None)

    def _make_way(self) -> None:
        """Where small jobs wait and all workers are at dear ones: stop one that came as a small one.

        Not more than all but one are given dear jobs, so that there is such a one. It is tried again as a
        suspect's, and has cost the others no more than the moment in which it was found out.
        """
        if len(self._helpers) < self._size or not all(helper.dear for helper in self._helpers):
            return
        came_small = [helper for helper in self._helpers if helper.tasks[0].lane is Lane.SMALL]
        if came_small:
            helper = max(came_small, key=lambda helper: helper.since_s)
            self._suspect(helper.tasks[0])
            self._let_go(helper)

    def _suspect(self, task: Task) -> None:
        self._lanes.suspect(task, asyncio.get_running_loop().time())

    def _let_go(self, helper: Helper) -> None:
        """End a worker; what it held waits for another."""
        for task in reversed(helper.tasks):
            self._lanes.put_back(task)
        self._helpers.discard(helper)
        helper.dismiss()

    def _hire(self) -> None:
        missing = self._size - len(self._helpers) - len(self._forking)
        for _ in range(missing if self._open else 0):
            hiring = asyncio.get_running_loop().create_task(self._hire_one())
            self._forking.add(hiring)
            hiring.add_done_callback(self._forking.discard)

    async def _hire_one(self) -> None:
        try:
            pid, connection = await self._fork()
        except (OSError, TimeoutError) as error:
            # Nothing to work with: who waits is told, and the next job tries to start anew.
            if not self._helpers:
                self._fail_waiting(f"no parsing process can be started: {error}")
            return
        helper = Helper(pid, wall_s=self._wall_s, master=self)
        await asyncio.get_running_loop().create_unix_connection(lambda: helper, sock=connection)
        self._helpers.add(helper)
        self._hand_out()

    async def _fork(self) -> tuple[int, socket.socket]:
        try:
            return await self._nursery.fork()
        except OSError:
            # It has just died, too; the second time it is started anew.
            return await self._nursery.fork()

    def answered(self, helper: Helper, task: Task, *, took_s: float) -> None:
        """Remember what a job cost, and give its worker more, or let it go after long service."""
        self._lanes.took(task, took_s)
        if took_s > _DEAR_S:
            self._suspect(task)
        elif task.lane is Lane.SUSPECT:
            self._lanes.suspects.clear(task.host)
        helper.spent = helper.spent or helper.done >= _JOBS_PER_WORKER
        if helper.leaving or (helper.spent and not helper.tasks):
            self._let_go(helper)
            self._hand_out()
        elif self._lanes:
            self._hand_out()

    def is_slow(self, helper: Helper) -> None:
        """Give to others what waits behind a job that takes longer than a small one should."""
        for task in reversed(helper.given_back()):
            self._lanes.put_back(task)
        self._hand_out()

    def ended(self, helper: Helper, *, late: bool) -> None:
        """Blame a worker's end on its first job, which fails or is tried once more; the others go on."""
        self._helpers.discard(helper)
        tasks = list(helper.tasks)
        helper.tasks.clear()
        if tasks:
            first = tasks[0]
            self._lanes.took(first, asyncio.get_running_loop().time() - helper.since_s)
            first.attempts += 1
            self._suspect(first)
            if late:
                _fail(first, FailureKind.TOO_COMPLEX, f"too complex: not read within {self._wall_s:g} s")
            elif first.attempts >= _ATTEMPTS:
                _fail(first, FailureKind.CRASHED, "the parsing process died of it, twice")
        for task in reversed(tasks):
            self._lanes.put_back(task)
        if not self._open:
            self._fail_waiting("the program is stopping")
        elif helper.done or self._lanes:
            self._hand_out()
        # else: it died before it did anything, and so would the next; the next job tries again

    def kill(self, worker: int) -> None:
        """End a worker's process."""
        self._nursery.kill(worker)

    def _fail_waiting(self, why: str) -> None:
        for task in self._lanes.empty():
            _fail(task, FailureKind.CRASHED, why)


def _fail(task: Task, kind: FailureKind, why: str) -> None:
    if not task.answer.done():
        retry = Retry.LATER if kind is FailureKind.CRASHED else Retry.NEVER
        task.answer.set_exception(ParseError(why, kind=kind, subject=task.job.url, retry=retry))


def _crashed(url: str, why: str) -> ParseError:
    return ParseError(why, kind=FailureKind.CRASHED, subject=url, retry=Retry.LATER)
