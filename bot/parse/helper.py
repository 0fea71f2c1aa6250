"""Our end of one worker's socket: jobs out, answers in, and a clock on the job that is worked on.

Used by ``sandbox`` only, which decides who gets which job.
"""

import asyncio
from collections import deque
from typing import Protocol

from bot.parse import frames, wire
from bot.parse.lanes import Lane, Task

#: A small job that takes longer is dear after all, and no other waits behind it.
_SLOW_S = 0.3


class Master(Protocol):
    """Who is told what becomes of a worker."""

    def answered(self, helper: "Helper", task: Task, *, took_s: float) -> None:
        """Take note that a job is done."""

    def is_slow(self, helper: "Helper") -> None:
        """Take note that a small job takes long."""

    def ended(self, helper: "Helper", *, late: bool) -> None:
        """Take note that a worker is gone; ``late``: because its job took too long."""

    def kill(self, worker: int) -> None:
        """End a process."""


class Helper(asyncio.Protocol):
    """One worker, as the program sees it."""

    def __init__(self, pid: int, *, wall_s: float, master: Master) -> None:
        self.pid = pid
        #: in the order in which they were sent, which is the order of the answers
        self.tasks: deque[Task] = deque()
        self.done = 0
        #: it has worked on a dear job
        self.grown = False
        #: it is to take no more, and goes when it has answered what it holds
        self.spent = False
        #: it has said that its last answer was the last, and reads no more
        self.leaving = False
        #: when the job that it works on was begun, by the loop's clock
        self.since_s = 0.0
        self._wall_s = wall_s
        self._master = master
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._received = bytearray()
        self._slow = False
        self._late = False
        self._dismissed = False

    @property
    def idle(self) -> bool:
        """Whether it waits for a job."""
        return not self.tasks and not self.spent

    @property
    def dear(self) -> bool:
        """Whether it is at a job that takes its time."""
        return bool(self.tasks) and (self._slow or self.tasks[0].lane is not Lane.SMALL)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def take(self, task: Task) -> None:
        """Send a job; it is packed only now, so that who waits holds its bytes once."""
        self.tasks.append(task)
        self.grown = self.grown or task.lane is not Lane.SMALL
        if self._transport is not None:
            self._transport.write(wire.job_to_frame(task.job))
        if len(self.tasks) == 1:
            self._wind()

    def given_back(self) -> list[Task]:
        """Return the jobs that wait behind the one that is worked on; they are somebody else's now.

        They stand in the socket, so that the worker is spent where there are any.
        """
        first, *others = self.tasks
        if others:
            self.tasks = deque((first,))
            self.spent = True
        return others

    def data_received(self, data: bytes) -> None:
        """Collect answers, and hand out each as soon as it is whole."""
        self._received += data
        size = frames.HEAD.size
        while len(self._received) >= size and not self._dismissed:
            (head,) = frames.HEAD.unpack_from(self._received)
            length = head & ~frames.LAST
            if length > frames.MAX_FRAME or not self.tasks:
                self._stop(late=False)
                return
            if len(self._received) < size + length:
                return
            payload = bytes(memoryview(self._received)[size : size + length])
            del self._received[: size + length]
            self._answered(payload, last=bool(head & frames.LAST))

    def _answered(self, payload: bytes, *, last: bool) -> None:
        took_s = asyncio.get_running_loop().time() - self.since_s
        self.done += 1
        self.leaving = last
        task = self.tasks.popleft()
        if not task.answer.done():
            task.answer.set_result(payload)
        self._wind()
        self._master.answered(self, task, took_s=took_s)

    def _wind(self) -> None:
        """Start the clock for the job that is worked on now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._slow = False
        if self.tasks:
            loop = asyncio.get_running_loop()
            self.since_s = loop.time()
            if self.dear or self._wall_s <= _SLOW_S:
                self._timer = loop.call_later(self._wall_s, self._stop)
            else:
                self._timer = loop.call_later(_SLOW_S, self._is_slow)

    def _is_slow(self) -> None:
        self._slow = True
        self._timer = asyncio.get_running_loop().call_later(self._wall_s - _SLOW_S, self._stop)
        self._master.is_slow(self)

    def _stop(self, *, late: bool = True) -> None:
        """Have the worker killed; what follows is done when its socket ends."""
        self._late = late
        self._master.kill(self.pid)
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Say that the worker is gone, unless we let it go ourselves."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._dismissed:
            self._master.ended(self, late=self._late)

    def dismiss(self) -> None:
        """Let the worker go, with whatever it is at."""
        self._dismissed = True
        self.tasks.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._master.kill(self.pid)
        if self._transport is not None:
            self._transport.abort()
