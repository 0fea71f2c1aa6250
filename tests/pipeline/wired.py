"""The steps, wired to a database of their own and to a web server that a test scripts."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import opened, synchronise
from bot.config import defaults
from bot.model import Source, SourceKind, Watch
from bot.pipeline import Deps
from bot.store import Store, sources
from bot.store.sources import SourceRow
from tests.build import FakeClock, a_watch

HOST = "127.0.0.1"


def source(url: str, key: str = "ledger", kind: SourceKind = SourceKind.FEED, **fields: Any) -> Source:
    """Return a source on loopback."""
    return Source(key=key, name=key.title(), kind=kind, url=url, allow_private=("127.0.0.0/8",), **fields)


@asynccontextmanager
async def wired(
    folder: Path,
    clock: FakeClock,
    listed: Iterable[Source],
    *,
    watches: tuple[Watch, ...] = (a_watch(),),
    **changes: Any,
) -> AsyncIterator[Deps]:
    """Open the bot on these sources; ``changes`` are of the settings."""
    settings = replace(
        defaults(),
        database=f"sqlite:///{folder}/newsbot.db",
        sources=tuple(listed),
        watches=watches,
        **changes,
    )
    store = Store.open(settings.database, clock_now=clock.now())
    try:
        synchronise(store, settings, clock=clock)
        async with opened(settings, store=store, clock=clock, host_pause=timedelta(0), workers=1) as deps:
            yield replace(deps, jitter=lambda: 0.5)
    finally:
        store.close()


def row(deps: Deps, key: str = "ledger") -> SourceRow:
    """Return a source as lists show it."""
    return next(found for found in deps.store.read(sources.list_sources) if found.key == key)


def rss(*items: str, title: str = "Ledger", extra: str = "") -> bytes:
    """Return a feed of these items."""
    return (
        f"<rss version='2.0'><channel><title>{title}</title>{extra}{''.join(items)}</channel></rss>".encode()
    )


def item(
    slug: str, title: str | None = None, *, link: str | None = None, text: str = "", more: str = ""
) -> str:
    """Return an item; its address is made of the slug."""
    where = link or f"http://{HOST}:1/{slug}"
    return (
        f"<item><title>{title or f'Story {slug} about orbits'}</title><link>{where}</link><guid>{slug}</guid>"
        f"<description>{text}</description>{more}</item>"
    )
