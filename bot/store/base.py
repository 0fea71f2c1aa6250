"""The store itself: opens a database, and runs functions in transactions on it.

Query functions take the transaction first and commit nothing: ``store.write(sources.sync, found,
now=now)`` gives them one, commits when they return and rolls back when they raise. The ``a``
variants do the same in the store's own threads, so that the event loop never waits for a disk.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

import sqlalchemy as sa

from bot.errors import FailureKind, StoreError
from bot.store.engines import READERS, WRITERS, Engines, engines_for, parse_url
from bot.store.faults import database_path, subject_of, unwritable, wrapped
from bot.store.migrate import check, current, revisions, upgrade
from bot.store.writer import Writer

#: A transaction, as query functions take it.
Tx = sa.Connection

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """One database: transactions on it, from any thread or from the event loop."""

    def __init__(self, url: str, engines: Engines) -> None:
        #: as it was given
        self.url = url
        #: ``sqlite`` or ``postgresql``
        self.dialect = engines.writer.dialect.name
        self._engines = engines
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        # SQLite has one writer at a time: in line for one thread, nobody polls for the lock.
        self._alone = self.dialect == "sqlite"
        self._writers = ThreadPoolExecutor(1 if self._alone else WRITERS, thread_name_prefix="store-write")
        self._writer = Writer(partial(self._run, engines.writer), self._writers)

    @classmethod
    def open(cls, url: str, *, migrate: bool = True, clock_now: datetime) -> Self:
        """Return the store at this address, made when it is missing, at the newest revision.

        ``url`` is ``sqlite:///path`` or ``postgresql://…``. With ``migrate`` False a missing or older
        database is refused instead of made or upgraded. Raises StoreError: READ_ONLY, NOT_A_DATABASE
        (never made anew), LOCKED, DISK_FULL or DATABASE, the last also for one of a newer newsbot.
        """
        engines = engines_for(parse_url(url))
        try:
            if path := database_path(url):
                _prepare(path, create=migrate)
            with wrapped(url):
                _bring_up(engines, url, change=migrate, now=clock_now)
        except BaseException:
            engines.dispose()
            raise
        return cls(url, engines)

    def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``fn`` reads, all of it from one moment of an SQLite database."""
        return self._run(self._engines.reader, partial(_call, fn, args, kwargs))

    def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``fn`` returns, once its changes are committed."""
        return self._run(self._engines.writer, partial(_call, fn, args, kwargs))

    def write_durable(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``fn`` returns, once its changes are on the disk: for what is sent afterwards."""
        return self._run(self._engines.outbox, partial(_call, fn, args, kwargs))

    async def aread(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do ``read`` in one of the store's threads."""
        return await self._in_thread(self._readers, self._engines.reader, partial(_call, fn, args, kwargs))

    async def awrite(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do ``write`` in a writer's thread, on SQLite together with others that wait.

        ``fn`` may be run twice, the first time rolled back. Cancelled while it waits, it is not run;
        once begun, it ends whole.
        """
        work = partial(_call, fn, args, kwargs)
        if self._alone:
            return await self._writer(work)
        return await self._in_thread(self._writers, self._engines.writer, work)

    async def awrite_durable(
        self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do ``write_durable`` in a writer's thread; cancelled once begun, it ends whole."""
        return await self._in_thread(self._writers, self._engines.outbox, partial(_call, fn, args, kwargs))

    def close(self) -> None:
        """Let running transactions end, then close every connection."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._engines.dispose()

    def _run(self, engine: sa.Engine, work: Callable[[Tx], T]) -> T:
        with wrapped(self.url), engine.begin() as tx:
            return work(tx)

    async def _in_thread(self, threads: ThreadPoolExecutor, engine: sa.Engine, work: Callable[[Tx], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, self._run, engine, work)


def _call(fn: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object], tx: Tx) -> T:
    return fn(tx, *args, **kwargs)


def _prepare(path: Path, *, create: bool) -> None:
    """Make the folder of a database; raises StoreError where we could not work there anyway."""
    try:
        if not path.exists():
            if not create:
                raise StoreError(
                    "there is no database here",
                    kind=FailureKind.DATABASE,
                    subject=str(path),
                    hint="`newsbot once` or `newsbot run` makes it",
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    except OSError as error:
        raise unwritable(path, error) from error
    # Said here, with the path and the user: SQLite says "unable to open", and in the middle of the work.
    for place in (path.parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise unwritable(place, PermissionError(13, "permission denied or read-only file system"))


def _bring_up(engines: Engines, url: str, *, change: bool, now: datetime) -> None:
    known = revisions()
    with engines.reader.begin() as connection:
        found = current(connection)
    if check(found, known=known, url=url):
        return
    if not change:
        raise StoreError(
            f"is at revision {found or 'none'}, this newsbot needs {known[-1]}",
            kind=FailureKind.DATABASE,
            subject=subject_of(url),
            hint="`newsbot run` upgrades it, after a copy",
        )
    upgrade(engines.writer, now=now)
