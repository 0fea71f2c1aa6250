"""Who is parsed next: what is small does not wait for what is dear, and no host for another's many jobs.

Used by ``sandbox``. A job is *small*, *large* by its bytes, or *suspect*: its host's last parse took long,
too much memory, or a worker's life. Small ones go first; the other two lanes share the time that is left.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.model import host_of
from bot.parse.jobs import ExtractJob, ListingJob

#: Bytes up to which a job is small: nine feeds and pages of ten are.
SMALL = 256 * 1024
#: Bytes that a suspect job counts as, whatever it is made of.
_SUSPECT = 2 * 1024 * 1024
#: How long a host stays suspect, and how many are remembered, those of late first.
_SUSPECT_S = 3600.0
_MOST_SUSPECTS = 4096


class Lane(Enum):
    """Which queue a job waits in."""

    SMALL = auto()
    LARGE = auto()
    SUSPECT = auto()


@dataclass(eq=False, slots=True)
class Task:
    """A job on its way, and who waits for it."""

    job: ListingJob | ExtractJob
    answer: asyncio.Future[bytes]
    lane: Lane = Lane.SMALL
    #: how many workers have died of it
    attempts: int = 0
    host: str = field(init=False)

    def __post_init__(self) -> None:
        """Note whose job it is: the host that was asked, wherever it sent us."""
        asked = self.job.address if isinstance(self.job, ListingJob) else ""
        self.host = host_of(asked or self.job.url)

    @property
    def size(self) -> int:
        """The bytes to be parsed."""
        return len(self.job.data if isinstance(self.job, ListingJob) else self.job.html)

    @property
    def weight(self) -> int:
        """The bytes that it counts as among dear jobs."""
        return max(self.size, _SUSPECT) if self.lane is Lane.SUSPECT else self.size


class Turns:
    """A queue in which hosts take turns, each with its tasks in their order."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, deque[Task]] = OrderedDict()

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return bool(self._hosts)

    def __iter__(self) -> Iterator[Task]:
        """Go through what waits."""
        for tasks in self._hosts.values():
            yield from tasks

    def add(self, task: Task) -> None:
        """Have a task wait behind those of its host."""
        self._hosts.setdefault(task.host, deque()).append(task)

    def put_back(self, task: Task) -> None:
        """Have a task be the next."""
        self._hosts.setdefault(task.host, deque()).appendleft(task)
        self._hosts.move_to_end(task.host, last=False)

    def first(self) -> Task:
        """Return the next task, which stays. Raises KeyError where nothing waits."""
        return self._hosts[next(iter(self._hosts))][0]

    def take(self) -> Task:
        """Return the next task; its host's others wait behind all other hosts. Raises KeyError."""
        host, tasks = self._hosts.popitem(last=False)
        task = tasks.popleft()
        if tasks:
            self._hosts[host] = tasks
        return task


class Suspects:
    """The hosts whose last parse was dear, each for an hour; ``now_s`` is of any clock that only goes on."""

    def __init__(self) -> None:
        self._until_s: OrderedDict[str, float] = OrderedDict()

    def add(self, host: str, now_s: float) -> None:
        """Suspect a host from now on."""
        self._until_s[host] = now_s + _SUSPECT_S
        self._until_s.move_to_end(host)
        if len(self._until_s) > _MOST_SUSPECTS:
            self._until_s.popitem(last=False)

    def clear(self, host: str) -> None:
        """Suspect a host no longer."""
        self._until_s.pop(host, None)

    def holds(self, host: str, now_s: float) -> bool:
        """Tell whether a host is suspect."""
        return self._until_s.get(host, now_s) > now_s


class Lanes:
    """The tasks that wait for a worker."""

    def __init__(self) -> None:
        self.suspects = Suspects()
        self._lanes = {lane: Turns() for lane in Lane}
        self.small = self._lanes[Lane.SMALL]
        self._dear = {lane: self._lanes[lane] for lane in (Lane.LARGE, Lane.SUSPECT)}
        #: seconds that each of the two has had of the workers
        self._had_s = dict.fromkeys(self._dear, 0.0)

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return any(self._lanes.values())

    @property
    def dear(self) -> bool:
        """Whether anything waits that is not small."""
        return any(self._dear.values())

    def add(self, task: Task, now_s: float) -> None:
        """Have a new task wait in the lane where it belongs."""
        if self.suspects.holds(task.host, now_s):
            task.lane = Lane.SUSPECT
        elif task.size > SMALL:
            task.lane = Lane.LARGE
        self._lanes[task.lane].add(task)

    def put_back(self, task: Task) -> None:
        """Have a task be the next of its lane."""
        self._lanes[task.lane].put_back(task)

    def suspect(self, task: Task, now_s: float) -> None:
        """Suspect a task's host, and the task itself, should it be tried again."""
        self.suspects.add(task.host, now_s)
        task.lane = Lane.SUSPECT

    def next_small(self) -> Task | None:
        """Take the next small task that somebody still waits for."""
        while self.small:
            task = self.small.take()
            if not task.answer.done():
                return task
        return None

    def next_dear(self, room: int) -> Task | None:
        """Take the next dear task that somebody still waits for, unless it weighs more than ``room``.

        It is of the lane that has had less time: a large one does not wait for each of many that hang.
        """
        for turns in self._dear.values():
            while turns and turns.first().answer.done():
                turns.take()
        waiting = [lane for lane, turns in self._dear.items() if turns]
        if not waiting:
            return None
        lane = min(waiting, key=self._had_s.__getitem__)
        if len(waiting) == 1:
            # Who did not wait meanwhile has nothing to make up for.
            self._had_s = dict.fromkeys(self._dear, self._had_s[lane])
        return None if self._dear[lane].first().weight > room else self._dear[lane].take()

    def took(self, task: Task, seconds: float) -> None:
        """Take note of how long a worker was at a task."""
        if task.lane in self._had_s:
            self._had_s[task.lane] += seconds

    def empty(self) -> list[Task]:
        """Take all that waits."""
        waiting = [task for lane in self._lanes.values() for task in lane]
        for lane in self._lanes.values():
            while lane:
                lane.take()
        return waiting
