"""Once: ask every source, read, match, compose and deliver, one time, and report."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import MentionState, StoredMention
from bot.pipeline import (
    Deps,
    Failure,
    Read,
    Refreshed,
    backfill,
    compose,
    deliver,
    index,
    judge_sources,
    match,
    read,
    refresh,
    stop_gap,
)
from bot.store import Tx, articles, deliveries, mentions, sources
from bot.store.mentions import SavedMention

#: A host that asks for a longer pause than this is left to the daemon.
_LONGEST_CRAWL_DELAY = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """What to do once."""

    #: keys of sources; None means all that are enabled
    only: frozenset[str] | None = None
    #: respect the schedule: ask only sources that are due
    due: bool = False
    #: False treats a first sight as news
    baseline: bool = True
    deliver: bool = True
    #: seconds after which nobody is asked any more; entries are stored as their source lists them
    budget_s: float | None = None


@dataclass(kw_only=True, slots=True)
class OnceReport:
    """What came of it; filled while it runs, so that a progress bar can look at it."""

    hosts: int = 0
    hosts_done: int = 0
    ok: list[str] = field(default_factory=list)
    not_modified: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    entries_new: int = 0
    #: entries whose pages are still to be asked for
    entries_waiting: int = 0
    articles_new: int = 0
    pages_read: int = 0
    mentions_new: int = 0
    mentions_backfill: int = 0
    digests: int = 0
    delivered: int = 0
    undelivered: int = 0
    #: hosts that asked to be left alone, and until when
    held: list[tuple[str, datetime]] = field(default_factory=list)
    #: hosts of sources for which the time did not suffice
    unasked: list[str] = field(default_factory=list)
    #: hosts that ask for long pauses; the daemon reads them
    left_to_daemon: list[str] = field(default_factory=list)
    duration_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """Who is told while it runs."""

    mention: Callable[[StoredMention], None] = lambda _mention: None
    progress: Callable[[OnceReport], None] = lambda _report: None


async def run_once(deps: Deps, once: Once, *, listener: Listener | None = None) -> OnceReport:
    """Do the whole job one time and return the report."""
    journey = _Journey(deps, once, listener or Listener())
    started = deps.clock.monotonic_s()
    try:
        await journey.run()
    finally:
        journey.report.duration_s = round(deps.clock.monotonic_s() - started, 3)
    return journey.report


class _Journey:
    """One run: hosts are refreshed side by side, and read as soon as they are."""

    def __init__(self, deps: Deps, once: Once, listener: Listener) -> None:
        self._deps = deps
        self._once = once
        self._listener = listener
        #: keys of the sources to ask; None means all
        self._only: frozenset[str] | None = once.only
        self._slots = asyncio.Semaphore(deps.concurrency)
        self._matching = asyncio.Lock()
        self._started = deps.clock.monotonic_s()
        self.report = OnceReport()

    async def run(self) -> None:
        # What a new or changed watch finds in the stored articles is found now, too.
        await self._announce((await backfill(self._deps)).mentions)
        self._only, hosts = await self._deps.store.aread(_chosen, self._once, self._deps)
        self.report.hosts = len(hosts)
        async with asyncio.TaskGroup() as group:
            for host in hosts:
                group.create_task(self._refresh(host))
        await self._read_all()
        await self._match()
        await judge_sources(self._deps)
        if self._once.deliver:
            await self._deliver()
        while (await index(self._deps)).articles:
            pass

    async def _refresh(self, host: str) -> None:
        report = self.report
        async with self._slots:
            done = await self._refreshed(host)
        report.hosts_done += 1
        if done is None:
            report.unasked.append(host)
            self._listener.progress(report)
            return
        report.ok += done.ok
        report.not_modified += done.not_modified
        report.failures += done.failures
        if done.held_until is not None:
            report.held.append((host, done.held_until))
        report.entries_new += done.new_entries
        report.entries_waiting += done.new_entries
        self._listener.progress(report)

    async def _refreshed(self, host: str) -> Refreshed | None:
        """Ask a host's sources; None where the time is up."""
        if self._out_of_time():
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._time_left_s()):
                return await refresh(
                    self._deps,
                    host,
                    everything=not self._once.due,
                    only=self._only,
                    baseline=self._once.baseline,
                )
        return None

    async def _read_all(self) -> None:
        """Read every host's entries, hosts side by side, until none waits."""
        hosts = await self._hosts_to_read()
        async with asyncio.TaskGroup() as group:
            for host in hosts:
                group.create_task(self._read_host(host))

    async def _hosts_to_read(self) -> list[str]:
        now = self._deps.clock.now()
        self.report.entries_waiting = await self._deps.store.aread(articles.entries_due, now=now)
        return await self._deps.store.aread(articles.hosts_to_read, now=now, limit=1_000_000)

    async def _read_host(self, host: str) -> None:
        async with self._slots:
            while True:
                if self._out_of_time():
                    done = await stop_gap(self._deps, host)
                    self._count(done)
                    break
                try:
                    async with asyncio.timeout(self._time_left_s()):
                        done = await read(self._deps, host, limit=5, longest_crawl_delay=_LONGEST_CRAWL_DELAY)
                except TimeoutError:
                    # What was read until now is kept; the rest is stored as its source lists it.
                    continue
                self._count(done)
                if done.left_to_daemon:
                    self.report.left_to_daemon.append(host)
                if done.taken or done.left_to_daemon or not done.results:
                    break
                await self._match()
        await self._match()

    def _time_left_s(self) -> float | None:
        """Return the seconds that are left; None where there is no limit."""
        budget = self._once.budget_s
        return None if budget is None else budget - (self._deps.clock.monotonic_s() - self._started)

    def _out_of_time(self) -> bool:
        left = self._time_left_s()
        return left is not None and left <= 0

    def _count(self, done: Read) -> None:
        report = self.report
        report.pages_read += len(done.results)
        report.entries_waiting = max(0, report.entries_waiting - len(done.results))
        report.articles_new += done.new_articles
        self._listener.progress(report)

    async def _match(self) -> None:
        """Match what was stored, and tell of each mention as it is found."""
        async with self._matching:
            while (done := await match(self._deps)).articles:
                await self._announce(done.mentions)

    async def _announce(self, found: Iterable[SavedMention]) -> None:
        for saved in found:
            stored = await self._deps.store.aread(mentions.get, saved.id)
            if stored is None:
                continue
            if stored.state is MentionState.NEW:
                self.report.mentions_new += 1
            else:
                self.report.mentions_backfill += 1
            self._listener.mention(stored)
        self._listener.progress(self.report)

    async def _deliver(self) -> None:
        composed = await compose(self._deps)
        self.report.digests = sum(done.digest_id is not None for done in composed)
        waiting = await self._deps.store.aread(
            deliveries.due_deliveries, now=self._deps.clock.now(), limit=1000
        )
        for delivery_id in waiting:
            done = await deliver(self._deps, delivery_id)
            if done.error is None:
                self.report.delivered += 1
            else:
                self.report.undelivered += 1


def _chosen(tx: Tx, once: Once, deps: Deps) -> tuple[frozenset[str] | None, list[str]]:
    """Return the sources to ask, None for all, and their hosts, each once; a search is all that it became."""
    if once.due:
        return once.only, sources.due_hosts(tx, now=deps.clock.now(), limit=1_000_000)
    rows = [row for row in sources.list_sources(tx) if row.enabled]
    only = once.only
    if only is not None:
        only = frozenset(row.key for row in rows if row.key in only or row.source.parent in only)
        rows = [row for row in rows if row.key in only]
    return only, list(dict.fromkeys(row.host for row in rows))
