"""Composition by hand: settings in, working parts out. The only place where rooms are plugged together."""

import ctypes
import gc
import os
import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import __version__
from bot.clock import Clock, SystemClock
from bot.config import DigestSettings, Settings, Validators
from bot.config import load as load_settings
from bot.config import schemas as make_schemas
from bot.deliver import KINDS, Transport
from bot.digest.due import parse_cron, parse_schedule
from bot.fetch import Fetcher, HostPacer, Limits, Robots, user_agent
from bot.fetch.network import Network
from bot.match import search_text, watch_version
from bot.match.advice import advise
from bot.match.items import context_term, phrase
from bot.match.matcher import compile as compile_watches
from bot.match.query import compose as compose_query
from bot.match.query import parse as parse_query
from bot.parse.sandbox import Sandbox
from bot.pipeline import Deps, DigestPlan, NextDigest, filled
from bot.store import Store, Tx, deliveries, sources, watches
from bot.store.sources import SyncReport
from bot.store.watches import WatchReport

#: Source: malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


@cache
def validators() -> Validators:
    """Return the rules of other rooms that the configuration is checked with.

    They are the same ones each time, and remember what they judged: a reload judges only what changed.
    """
    return Validators(
        query=lambda text: _discard(parse_query(text)),
        compose=compose_query,
        phrase=phrase,
        context=context_term,
        advice=lambda watch: ((said.message, said.hint, (said.term, *said.also)) for said in advise(watch)),
        schedule=lambda text: _discard(parse_schedule(text)),
        cron=lambda text: _discard(parse_cron(text)),
        searchable=lambda text: search_text(text) is not None,
        channels={name: kind.options for name, kind in KINDS.items()},
    )


def _discard(_value: object) -> None:
    return None


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each configuration file, by its name."""
    return make_schemas({name: kind.options for name, kind in KINDS.items()})


def settings_from(
    folder: Path, *, database: str | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Read the configuration folder; ``database`` overrides what it says. Raises ConfigError."""
    settings = load_settings(
        folder, validators=validators(), environ=os.environ if environ is None else environ
    )
    return settings if database is None else replace(settings, database=database)


def open_store(settings: Settings, *, clock: Clock) -> Store:
    """Open the database of the settings, made and migrated as needed. Raises StoreError."""
    return Store.open(settings.database, clock_now=clock.now())


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    store: Store,
    clock: Clock | None = None,
    host_pause: timedelta | None = None,
    workers: int | None = None,
    reading: bool = True,
) -> AsyncIterator[Deps]:
    """Yield what the steps work with, and close it afterwards; the store stays open.

    ``host_pause`` overrides the configured pause; ``workers`` is the number of parsing processes.
    Without ``reading`` none is started: for steps that ask nobody (match, compose, deliver).
    """
    clock = clock or SystemClock()
    async with parts(settings, clock=clock, host_pause=host_pause, workers=workers, reading=reading) as (
        fetcher,
        robots,
        sandbox,
    ):
        yield Deps(
            clock=clock,
            store=store,
            fetcher=fetcher,
            robots=robots,
            sandbox=sandbox,
            matcher=compile_watches(settings.watches),
            holder=f"{socket.gethostname()}:{os.getpid()}",
            jitter=random.random,
            network=Network(hosts=hosts_of(settings), alive=store.read(sources.answering_hosts)),
            **_configured(settings),
        )


@asynccontextmanager
async def parts(
    settings: Settings,
    *,
    clock: Clock,
    host_pause: timedelta | None = None,
    workers: int | None = None,
    reading: bool = True,
) -> AsyncIterator[tuple[Fetcher, Robots, Sandbox]]:
    """Yield what reads the world: fetcher, robots and sandbox; no database is needed for these."""
    agent = settings.fetch.user_agent or user_agent(version=__version__, contact=settings.contact)
    pacer = HostPacer(pause=settings.fetch.host_pause if host_pause is None else host_pause, clock=clock)
    fetcher = Fetcher(user_agent=agent, limits=Limits(total=settings.fetch.timeout), pacer=pacer)
    calm_collector()
    return_memory()
    sandbox = Sandbox(workers=workers or max(1, (os.cpu_count() or 2) - 1))
    if reading:
        await sandbox.start()
    try:
        yield fetcher, Robots(fetcher, user_agent=agent), sandbox
    finally:
        await fetcher.aclose()
        await sandbox.aclose()


def reconfigured(deps: Deps, settings: Settings) -> Deps:
    """Return the same parts under new settings; what ``parts`` makes (user agent, pauses) needs a restart."""
    deps.network.hosts = hosts_of(settings)
    return replace(
        deps,
        matcher=compile_watches(settings.watches, before=deps.matcher),
        **_configured(settings),
    )


def _configured(settings: Settings) -> dict[str, Any]:
    """Return what of a step's parts the settings decide, and an edit of them changes."""
    digests = tuple(digest_plan(digest) for digest in settings.digests)
    return {
        "watches": settings.watches,
        "digests": digests,
        "transports": transports(settings),
        "concurrency": settings.fetch.concurrency,
        "shortest": settings.fetch.shortest,
        "longest": settings.fetch.longest,
        "access": settings.access,
        "next_digest": NextDigest(digests),
    }


def hosts_of(settings: Settings) -> int:
    """Return how many hosts the configured sources are asked at."""
    return len({source.host for source in settings.sources if source.enabled})


def calm_collector() -> None:
    """Have the garbage collector look less often, and never again at what is loaded.

    Measured: polling makes many small frozen values that die young; the default thresholds cost a
    sixth of the CPU of a first poll.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def return_memory() -> None:
    """Have the C library give the memory of large answers back to the system when they are done with.

    Measured: with its own settings, which grow by what was asked for, the program kept 100 MB of answers that
    were long gone. Source: mallopt(3); where the library has no such thing, nothing happens.
    """
    settings = {_M_MMAP_THRESHOLD: 256 * 1024, _M_TRIM_THRESHOLD: 256 * 1024, _M_ARENA_MAX: 2}
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for name, value in settings.items():
            mallopt(name, value)


def digest_plan(settings: DigestSettings) -> DigestPlan:
    """Return a configured digest with its schedule parsed and its zone looked up."""
    schedule = (
        parse_cron(settings.cron) if settings.cron is not None else parse_schedule(settings.schedule or "")
    )
    return DigestPlan(
        key=settings.key,
        name=settings.name,
        schedule=schedule,
        zone=ZoneInfo(settings.timezone),
        watches=None if settings.watches is None else frozenset(settings.watches),
        channels=settings.channels,
        send_empty=settings.when_empty == "send",
    )


def transports(settings: Settings) -> dict[str, Transport]:
    """Return the transport of each configured channel, by the channel's key."""
    return {
        channel.key: KINDS[channel.kind].build(channel.key, channel.options) for channel in settings.channels
    }


def take_over(store: Store, *, clock: Clock) -> tuple[int, int]:
    """Free what a killed program held; only for who holds the run lock: nobody else works on this database.

    Returns how many hosts were freed, and how many deliveries are now uncertain and go out again.
    """
    freed = store.write(sources.release_all_hosts)
    # Whether the network is down is to be found out anew.
    store.write(sources.set_network, None)
    return freed, store.write_durable(deliveries.recover_sending, now=clock.now())


def synchronise(store: Store, settings: Settings, *, clock: Clock) -> tuple[SyncReport, WatchReport]:
    """Bring the database's sources, watches and schedules in line with the settings; history is kept."""
    return store.write(_synchronise, settings, clock)


def _synchronise(tx: Tx, settings: Settings, clock: Clock) -> tuple[SyncReport, WatchReport]:
    now = clock.now()
    for digest in settings.digests:
        # A digest tells what happens from the moment it is first known.
        deliveries.schedule_state(tx, digest.key, now=now)
    return (
        sources.sync(tx, filled(settings.sources, settings.watches), now=now),
        watches.sync(tx, [(watch, watch_version(watch)) for watch in settings.watches], now=now),
    )
