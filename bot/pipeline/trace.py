"""Trace: why somebody was not told of an address, or when he was.

An address goes from a source's listing over its page, its text and the watches to a digest and its
deliveries. A ``Tracer`` loads all that is known of it and returns the first step that lost it; what
each step says is decided in ``bot.pipeline.trace_steps``. Reads only, and asks nobody outside.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from bot.errors import FailureKind, NewsbotError
from bot.model import Source, Watch, host_of
from bot.parse.identity import url_key
from bot.pipeline.deps import DigestPlan
from bot.pipeline.trace_steps import decide
from bot.pipeline.trace_values import Facts, Step, Told, ToldDelivery, Trace, Way
from bot.store import Store, Tx, articles, deliveries, mentions, sources, watches
from bot.store.deliveries import ScheduleState
from bot.store.sources import SourceRow
from bot.store.trail import TrailDigest, trail
from bot.store.watches import WatchRow

__all__ = ["Step", "Told", "Trace", "Tracer", "Way", "addressed", "trace", "url_keys"]

_HTTP: Final = ("http://", "https://")
#: an address as people say it
_BARE: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]\S*)?")


async def trace(
    store: Store,
    url: str,
    *,
    watches: Sequence[Watch],
    sources: Sequence[Source],
    digests: Sequence[DigestPlan],
    now: datetime,
) -> Trace:
    """Return where the way of one address ended; see ``Tracer``."""
    return await Tracer(store, watches=watches, sources=sources, digests=digests, now=now).trace(url)


class Tracer:
    """Traces addresses for the same watches; what all of them need is loaded once."""

    def __init__(
        self,
        store: Store,
        *,
        watches: Sequence[Watch],
        sources: Sequence[Source],
        digests: Sequence[DigestPlan],
        now: datetime,
    ) -> None:
        """Take the watches to look at, and the sources and digests of the configuration."""
        self._store = store
        self._now = now
        self._watches = tuple(watches)
        self._sources = tuple(sources)
        self._digests = tuple(digests)
        self._known: _Known | None = None

    async def trace(self, url: str) -> Trace:
        """Return where the way of an address ended.

        ``url`` is an address as somebody pasted it: with tracking parameters, of an AMP or mobile page,
        wrapped by a search engine. Raises NewsbotError for what is no address, QueryError for a watch
        whose query does not parse.
        """
        address = addressed(url)
        if self._known is None:
            self._known = await self._store.aread(_load_known, self._digests)
        facts = await self._store.aread(self._load, address, self._known)
        # Explaining is CPU: in a thread, so that whoever serves others goes on.
        return await asyncio.to_thread(decide, facts)

    def _load(self, tx: Tx, address: str, known: "_Known") -> Facts:
        found = trail(tx, url_keys(address))
        there = [articles.get(tx, number) for number in found.article_ids]
        return Facts(
            url=address,
            now=self._now,
            watches=self._watches,
            sources=self._sources,
            digests=self._digests,
            entries=found.entries,
            articles=tuple(article for article in there if article is not None),
            mentions=tuple(
                mention for number in found.article_ids for mention in mentions.for_article(tx, number)
            ),
            told={one.id: tuple(map(_told, one.digests)) for one in found.mentions},
            watch_rows=known.watches,
            source_rows=known.sources,
            schedules=known.schedules,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What is the same for every address."""

    watches: dict[str, WatchRow]
    sources: dict[str, SourceRow]
    schedules: dict[str, ScheduleState | None]


def _load_known(tx: Tx, digests: Sequence[DigestPlan]) -> _Known:
    return _Known(
        watches={row.key: row for row in watches.active(tx)},
        sources={row.key: row for row in sources.list_sources(tx)},
        schedules={plan.key: deliveries.find_schedule(tx, plan.key) for plan in digests},
    )


def addressed(url: str) -> str:
    """Return an address with its scheme. Raises NewsbotError for what is no http address."""
    text = url.strip().strip("<>\"'")
    address = f"https://{text}" if _BARE.fullmatch(text) else text
    if not address.lower().startswith(_HTTP) or not host_of(address) or any(map(str.isspace, address)):
        raise NewsbotError(
            "this is no web address",
            kind=FailureKind.CONFIG,
            subject=url,
            hint="write it as the browser shows it: https://example.org/news/1",
        )
    return address


def url_keys(address: str) -> set[bytes]:
    """Return the keys of an address, and of one that it carries: search engines and mail wrap their links."""
    try:
        carried = [value for _, value in parse_qsl(urlsplit(address).query)]
    except ValueError:
        carried = []
    return {url_key(one) for one in (address, *(value for value in carried if value.startswith(_HTTP)))}


def _told(digest: TrailDigest) -> Told:
    return Told(
        digest=digest.schedule,
        slot=digest.slot,
        deliveries=tuple(
            ToldDelivery(
                channel=one.channel,
                target=one.target,
                state=one.state,
                sent_at=one.sent_at,
                error=one.error,
            )
            for one in digest.deliveries
        ),
    )
