"""The fetch itself: one GET within limits, redirects by hand, and what came of it as a value or an error.

Called by the pipeline's steps and by ``Robots``. Every hop is checked (``guard``), takes its turn
(``pacing``) and goes through the judging transport; the deadline covers all hops together, from the
look-up of the name to the last byte, but not the waiting for a turn, or for memory (``budget``).
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import httpx

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import guard, proxy
from bot.fetch.answers import PRODUCT
from bot.fetch.budget import Budget, Share
from bot.fetch.cookies import Jar
from bot.fetch.hops import (
    Ask,
    Hops,
    Redirect,
    agent_line,
    followed,
    on_the_way,
    plain_headers,
    understood,
    validator_lines,
)
from bot.fetch.pacing import HostPacer
from bot.fetch.resolve import Lookup, Resolver
from bot.fetch.terms import PUBLIC_TERMS, Terms
from bot.fetch.transport import Transport
from bot.model import NotModified, Page, PauseScope, domain_of

#: bytes of a page, decoded, that whoever reads articles asks for; a listing may be as large as Limits says
MAX_PAGE: Final = 3 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much one fetch may take."""

    #: for everything: look-up, connecting, redirects, content
    total: timedelta = timedelta(seconds=30)
    #: for one look-up with its connecting and TLS
    connect: timedelta = timedelta(seconds=10)
    #: bytes of content, decoded
    max_body: int = 5 * 1024 * 1024
    #: bytes of all large contents that are fetched and not yet parsed; who brings more waits
    memory: int = 20 * 1024 * 1024
    max_redirects: int = 5
    #: characters
    max_url: int = guard.MAX_URL


def user_agent(version: str, contact: str | None) -> str:
    """Return how we name ourselves to servers: ``newsbot/0.1.0 (+mailto:desk@example.org)``.

    ``contact`` is a mail or web address; without one the name stands alone.
    """
    name = f"{PRODUCT}/{version}"
    shown = re.sub(r"[^\x21-\x27\x2a-\x7e]", "", contact or "")
    if not shown:
        return name
    return f"{name} (+{shown})" if ":" in shown else f"{name} (+mailto:{shown})"


class Fetcher:
    """Read addresses: one instance for the program, used in one event loop, made anywhere."""

    def __init__(
        self,
        *,
        user_agent: str,
        limits: Limits = Limits(),
        pacer: HostPacer,
        resolver: Lookup | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.pacer = pacer
        self._limits = limits
        self._budget = Budget(limits.memory)
        #: idle, without a thread, where another one is given
        self._resolver = Resolver()
        self._transport = Transport(
            resolver=resolver or self._resolver,
            connect=limits.connect,
            ssl_context=ssl_context,
        )
        self._agent = agent_line(user_agent)

    async def get(
        self,
        url: str,
        *,
        terms: Terms = PUBLIC_TERMS,
        etag: str | None = None,
        last_modified: str | None = None,
        max_body: int | None = None,
        accept: str | None = None,
        cut: bool = False,
    ) -> Page | NotModified:
        """Return what an address answers with 2xx, after at most ``max_redirects`` redirects.

        ``etag`` and ``last_modified`` are those of the answer we have; NotModified says it still holds.
        ``max_body`` is in decoded bytes, unless the terms have their own; more is an error, or with
        ``cut`` left unread. Raises FetchError for everything else, of every fetching kind.
        """
        hop = guard.check_url(url, max_url=self._limits.max_url)
        validators = validator_lines(etag, last_modified)
        agent = self._agent if terms.user_agent is None else agent_line(terms.user_agent)
        ask = Ask(
            terms=terms,
            headers=plain_headers(agent, accept, validators),
            conditional=bool(validators),
            max_body=terms.max_body or (self._limits.max_body if max_body is None else max_body),
            cut=cut,
            total_s=(terms.total or self._limits.total).total_seconds(),
        )
        jar = Jar()
        redirects: Hops = ()
        left_s = ask.total_s
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with self._turn(hop, terms):
                    began_s = loop.time()
                    answer = await self._ask(hop, ask, jar, left_s=left_s, redirects=redirects)
                    left_s -= loop.time() - began_s
                if not isinstance(answer, Redirect):
                    return answer
                redirects = (*redirects, (answer.status, str(hop)))
                jar.take(hop, answer.headers)
                self._count(redirects, hop)
                hop = followed(answer.location, hop, terms, max_url=self._limits.max_url)
            except FetchError as error:
                if redirects:
                    raise on_the_way(error, guard.shown(url)) from error
                raise

    def slow_down(self, url: str, delay: timedelta, *, terms: Terms = PUBLIC_TERMS) -> None:
        """Ask the host of an address no more often than every ``delay``, at most a minute, from now on.

        Source: Crawl-delay in robots.txt. Raises FetchError (bad_url).
        """
        self.pacer.set_delay(_paced_by(guard.check_url(url), terms.scope), delay)

    async def aclose(self) -> None:
        """Close every connection; nothing may be fetched afterwards."""
        await self._transport.aclose()
        self._resolver.close()

    def _turn(self, hop: httpx.URL, terms: Terms) -> AbstractAsyncContextManager[None]:
        host = _paced_by(hop, PauseScope.HOST)
        name = _paced_by(hop, terms.scope)
        turn = self.pacer.turn(name, pause=terms.pause)
        # whoever takes turns with a whole domain takes them with the host as well: others ask it by that name
        return turn if name == host else _both(turn, self.pacer.turn(host, pause=terms.pause))

    def _count(self, redirects: Hops, hop: httpx.URL) -> None:
        if len(redirects) > self._limits.max_redirects:
            raise FetchError(
                f"more than {self._limits.max_redirects} redirects",
                kind=FailureKind.REDIRECTS,
                subject=guard.shown(str(hop)),
                retry=Retry.LATER,
            )

    async def _ask(
        self, hop: httpx.URL, ask: Ask, jar: Jar, *, left_s: float, redirects: Hops
    ) -> Page | NotModified | Redirect:
        """Ask once, within what is left of the time."""
        subject = guard.shown(str(hop))
        try:
            async with asyncio.timeout(left_s) as deadline:
                answer = await self._transport.get(
                    hop, headers=ask.told(hop, jar), policy=ask.terms.policy, subject=subject
                )
                try:
                    return await understood(
                        answer,
                        hop,
                        subject,
                        ask,
                        redirects=redirects,
                        clock=self.pacer.clock,
                        take=partial(self._take, deadline),
                    )
                finally:
                    answer.close()
        except TimeoutError as error:
            failure = FetchError(
                f"took longer than {ask.total_s:g} s",
                kind=FailureKind.TIMEOUT,
                subject=subject,
                retry=Retry.LATER,
            )
            raise proxy.by_way_of(failure, ask.terms.policy.proxy) from error
        except FetchError as error:
            named = proxy.by_way_of(error, ask.terms.policy.proxy)
            if named is error:
                raise
            raise named from error

    async def _take(self, deadline: asyncio.Timeout, size: int) -> Share:
        """Take memory for a large content; the server is not to blame for how long that takes."""
        loop = asyncio.get_running_loop()
        ends_s, began_s = deadline.when(), loop.time()
        deadline.reschedule(None)
        share = await self._budget.take(size)
        deadline.reschedule(None if ends_s is None else ends_s + loop.time() - began_s)
        return share


def _paced_by(hop: httpx.URL, scope: PauseScope) -> str:
    """Return the name that turns are taken by; only a Retry-After can be a source's own affair."""
    host = guard.host_of(hop).removesuffix(".")
    return domain_of(host) if scope is PauseScope.DOMAIN else host


@asynccontextmanager
async def _both(
    first: AbstractAsyncContextManager[None], second: AbstractAsyncContextManager[None]
) -> AsyncIterator[None]:
    async with first, second:
        yield
