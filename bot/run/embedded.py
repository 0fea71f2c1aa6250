"""The daemon: one asyncio process that does each step when it is due, for ever.

APScheduler only rings: once a second, and once an hour for housekeeping; a step that brought something
rings for the next one. What is due stands in the database, so a tick that comes late, twice or not at
all loses nothing.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app import take_over
from bot.errors import NewsbotError, StoreError
from bot.pipeline import (
    Deps,
    Due,
    IndexedArticles,
    Matched,
    Read,
    Refreshed,
    backfill,
    compose,
    deliver,
    due,
    index,
    judge_sources,
    match,
    read,
    refresh,
    watch_network,
)
from bot.run.patience import Patience
from bot.run.turns import Turns
from bot.store import deliveries, health, sources

log = structlog.get_logger("run")

#: How long running sends may take after SIGTERM; the promise is to be gone in 10 s.
_DRAIN_S = 8.0
#: A host at which our own code failed is left alone for so long.
_QUARANTINE = timedelta(minutes=15)
#: How often all sources are judged.
_JUDGE_EVERY_MIN = 10
#: How long the log of fetches is kept.
_FETCHES_KEPT = timedelta(days=7)


class Daemon:
    """Run the steps of one database until told to stop."""

    def __init__(self, deps: Deps, *, reload: Callable[[bool], Deps | None] | None = None) -> None:
        """Work with ``deps``; ``reload(force)`` returns new ones when the configuration changed."""
        self._deps = deps
        self._reload = reload
        self._hosts: dict[str, asyncio.Task[bool]] = {}
        #: of those, the ones that may hold their slot for long
        self._slow: set[str] = set()
        self._patience = Patience()
        self._turns = Turns()
        self._channels: dict[str, asyncio.Task[bool]] = {}
        #: steps that run at most once at a time
        self._singles: dict[str, asyncio.Task[bool]] = {}
        #: a step brought something that another can go on with
        self._more = asyncio.Event()
        self._stopping = asyncio.Event()
        self._signals = 0
        self._trouble: str | None = None
        #: since when no source can be reached
        self._down_since: datetime | None = None

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then finish what is on its way, within 10 s."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._signalled)
        loop.add_signal_handler(signal.SIGHUP, lambda: asyncio.ensure_future(self._reconfigure(force=True)))
        await self._recover()
        # What is due stands in the database: a late tick is one tick, never none and never many.
        clock = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        clock.add_job(self._tick, "interval", seconds=1, id="tick")
        clock.add_job(self._reconfigure, "interval", seconds=1, id="reload")
        clock.add_job(self._housekeeping, "interval", hours=1, id="housekeeping")
        clock.add_job(self._judge, "interval", minutes=_JUDGE_EVERY_MIN, id="judge")
        clock.start()
        log.info(
            "start",
            watches=len(self._deps.watches),
            digests=len(self._deps.digests),
            channels=len(self._deps.transports),
        )
        await self._tick()
        following = asyncio.create_task(self._follow(), name="follow")
        try:
            await self._stopping.wait()
        finally:
            following.cancel()
            clock.shutdown(wait=False)
            await self._drain()

    def stop(self) -> None:
        """Ask the daemon to end; ``run`` returns when it has."""
        self._stopping.set()

    def _signalled(self) -> None:
        self._signals += 1
        if self._signals > 1:
            # The second signal means now, threads and all: what was being sent becomes uncertain
            # at the next start.
            os._exit(1)
        self._stopping.set()

    async def _recover(self) -> None:
        """Free what a killed daemon held: nobody else works on this database."""
        freed, uncertain = await asyncio.to_thread(take_over, self._deps.store, clock=self._deps.clock)
        if freed or uncertain:
            log.info("recover", hosts=freed, uncertain_deliveries=uncertain)

    async def _tick(self) -> None:
        """Start what is due and not running; the border where trouble with the database ends."""
        if self._stopping.is_set():
            return
        try:
            await self._start_due()
        except StoreError as error:
            self._database_trouble(error)
        else:
            if self._trouble is not None:
                log.info("database", outcome="recovered")
                self._trouble = None

    async def _follow(self) -> None:
        """Tick at once when a step has brought work for the next."""
        while True:
            await self._more.wait()
            self._more.clear()
            await self._tick()

    async def _start_due(self) -> None:
        self._down_since = await watch_network(self._deps, self._down_since)
        slots = self._deps.concurrency
        self._slow &= self._hosts.keys()
        spare = max(1, slots * 3 // 4) - len(self._slow)
        free = self._deps.network.room(slots) - len(self._hosts)
        # Enough to look past those that must wait until others of their kind have ended.
        look = free + self._patience.slow if free > 0 else 0
        work = await due(
            self._deps,
            now=self._deps.clock.now(),
            hosts=look,
            troubled=min(spare, slots // 2 or 1),
            reading=look,
        )
        self._start_asking(work, free=free, spare=spare)
        if work.match:
            self._start(self._singles, "match", "match", match(self._deps))
        if work.index:
            self._start(self._singles, "index", "index", index(self._deps))
        self._start(self._singles, "backfill", "backfill", backfill(self._deps, give_way=self._give_way))
        self._start(self._singles, "compose", "compose", compose(self._deps))
        for channel, ids in work.deliver.items():
            self._start(self._channels, channel, "deliver", self._deliver(ids))

    def _start_asking(self, work: Due, *, free: int, spare: int) -> None:
        """Ask up to ``free`` hosts; at most ``spare`` of them such as may hold their slot for long.

        A host that hangs holds its slot until its time is up, and one with dear pages until they are parsed:
        neither must make the sources wait that are due and well, so a quarter of the slots is kept for those
        that were quick the last time.
        """
        for step, host in self._turns.order(work.refresh, work.read):
            if free <= 0:
                break
            if host in self._hosts:
                continue
            troubled = step == "refresh" and host in work.troubled
            if troubled or not self._patience.is_quick(step, host):
                if spare <= 0:
                    continue
                spare -= 1
                self._slow.add(host)
            free -= 1
            self._turns.began(step, host)
            work_of = refresh if step == "refresh" else read
            self._start(self._hosts, host, step, work_of(self._deps, host))

    async def _judge(self) -> None:
        if not self._stopping.is_set():
            self._start(self._singles, "judge", "judge", judge_sources(self._deps))

    async def _give_way(self) -> None:
        """Wait until what comes in is matched: news goes before history."""
        if (stream := self._singles.get("match")) is not None:
            await asyncio.wait([stream])

    async def _deliver(self, ids: tuple[int, ...]) -> None:
        """Send one channel's deliveries in their order."""
        for delivery_id in ids:
            if self._stopping.is_set():
                return
            await deliver(self._deps, delivery_id)

    def _start(
        self,
        running: dict[str, asyncio.Task[bool]],
        subject: str,
        step: str,
        work: Coroutine[Any, Any, object],
    ) -> None:
        """Run a step as a task of its own, unless its subject is busy."""
        if subject in running:
            work.close()
            return
        task = asyncio.create_task(self._guarded(step, subject, work), name=f"{step} {subject}")
        running[subject] = task
        began_s = self._deps.clock.monotonic_s()
        task.add_done_callback(lambda _task: self._ended(running, subject, step, began_s))

    def _ended(self, running: dict[str, asyncio.Task[bool]], subject: str, step: str, began_s: float) -> None:
        task = running.pop(subject)
        if running is self._hosts:
            self._patience.took(step, subject, self._deps.clock.monotonic_s() - began_s)
        if not task.cancelled() and task.result():
            self._more.set()

    async def _guarded(self, step: str, subject: str, work: Coroutine[Any, Any, object]) -> bool:
        """Await a step and return whether it brought something for the next.

        An error ends here, in one line, and costs nobody else anything.
        """
        try:
            return _brought(await work)
        except StoreError as error:
            self._database_trouble(error)
        except NewsbotError as error:
            log.error(step, outcome="failed", subject=subject, kind=error.kind.value, why=str(error))
        except Exception as error:  # noqa: BLE001 - the border of a step: a bug in one must not end all
            log.error(
                step, outcome="bug", subject=subject, why=f"{type(error).__name__}: {error}", at=_where(error)
            )
            if step in ("refresh", "read"):
                await self._quarantine(subject)
        return False

    async def _quarantine(self, host: str) -> None:
        until = self._deps.clock.now() + _QUARANTINE
        try:
            await self._deps.store.awrite(sources.hold_host, host, until=until)
        except StoreError as error:
            self._database_trouble(error)

    def _database_trouble(self, error: StoreError) -> None:
        """Say once what is wrong with the database, not once a second."""
        if self._trouble != error.kind.value:
            self._trouble = error.kind.value
            log.error("database", outcome="failed", kind=error.kind.value, why=str(error))

    async def _reconfigure(self, *, force: bool = False) -> None:
        """Take over an edited configuration; steps that run finish with the old one."""
        if self._reload is None or self._stopping.is_set():
            return
        try:
            deps = await asyncio.to_thread(self._reload, force)
        except StoreError as error:
            self._database_trouble(error)
            return
        if deps is not None:
            self._deps = deps

    async def _housekeeping(self) -> None:
        before = self._deps.clock.now() - _FETCHES_KEPT
        try:
            dropped = await self._deps.store.awrite(health.prune_fetches, before=before)
            # Answers that could not be written down, say because the disk was full.
            await self._deps.store.awrite_durable(
                deliveries.recover_sending, now=self._deps.clock.now(), expired_only=True
            )
        except StoreError as error:
            self._database_trouble(error)
            return
        log.info("housekeeping", fetches_dropped=dropped)

    async def _drain(self) -> None:
        """Stop asking, keep what was read, and let running sends finish."""
        asking = [*self._hosts.values(), *self._singles.values()]
        for task in asking:
            task.cancel()
        sending = list(self._channels.values())
        log.info("stop", reading=len(asking), sending=len(sending))
        if asking or sending:
            _, late = await asyncio.wait([*asking, *sending], timeout=_DRAIN_S)
            for task in late:
                task.cancel()
        log.info("stopped")


def _brought(outcome: object) -> bool:
    """Tell whether a step's outcome is work for the next one; what finds nothing must not ring."""
    match outcome:
        case Refreshed(new_entries=count):
            return count > 0
        case Read(results=results):
            return bool(results)
        case Matched(articles=count) | IndexedArticles(articles=count):
            return count > 0
        case list():
            return bool(outcome)
    return False


def _where(error: BaseException) -> str:
    """Return the file and line an error came from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
