"""The fetch itself: one GET within limits, redirects by hand, and what came of it as a value or an error.

Called by the pipeline's steps and by ``Robots``. Every hop is checked (``guard``), takes its turn
(``pacing``) and goes through the judging transport; the deadline covers all hops together, from the
look-up of the name to the last byte, but not the waiting for a turn.
"""

import asyncio
import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urljoin

import httpx

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import guard
from bot.fetch.answers import lean_headers, status_error
from bot.fetch.body import read_body
from bot.fetch.guard import Policy
from bot.fetch.pacing import HostPacer
from bot.fetch.resolve import Lookup, Resolver
from bot.fetch.transport import Transport
from bot.model import NotModified, Page

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: more from one fetch is no cookie wall
_MAX_COOKIES: Final = 50
#: what may stand in a header value; anything else was never sent by a server
_VALIDATOR: Final = re.compile(r"[\x20-\x7e\x80-\xff]{1,4096}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much one fetch may take."""

    #: for everything: look-up, connecting, redirects, content
    total: timedelta = timedelta(seconds=30)
    #: for one look-up with its connecting and TLS
    connect: timedelta = timedelta(seconds=10)
    #: bytes of content, decoded
    max_body: int = 5 * 1024 * 1024
    max_redirects: int = 5
    #: characters
    max_url: int = guard.MAX_URL


def user_agent(version: str, contact: str | None) -> str:
    """Return how we name ourselves to servers: ``newsbot/0.1.0 (+mailto:desk@example.org)``.

    ``contact`` is a mail or web address; without one the name stands alone.
    """
    name = f"newsbot/{version}"
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
        #: idle, without a thread, where another one is given
        self._resolver = Resolver()
        self._transport = Transport(
            resolver=resolver or self._resolver,
            connect=limits.connect,
            ssl_context=ssl_context,
        )
        self._common = [
            (b"User-Agent", user_agent.encode("ascii", "replace")),
            (b"Accept-Encoding", b"gzip, deflate"),
        ]

    async def get(
        self,
        url: str,
        *,
        policy: Policy = guard.PUBLIC,
        etag: str | None = None,
        last_modified: str | None = None,
        max_body: int | None = None,
        accept: str | None = None,
        cut: bool = False,
    ) -> Page | NotModified:
        """Return what an address answers with 2xx, after at most ``max_redirects`` redirects.

        ``etag`` and ``last_modified`` are those of the answer we have; NotModified says it still holds.
        ``max_body`` is in decoded bytes; more is an error, or with ``cut`` left unread.
        Raises FetchError for everything else, of every fetching kind.
        """
        hop = guard.check_url(url, max_url=self._limits.max_url)
        validators = _validators(etag, last_modified)
        headers = [*self._common, (b"Accept", (accept or "*/*").encode("ascii", "replace")), *validators]
        ask = _Ask(
            conditional=bool(validators),
            max_body=self._limits.max_body if max_body is None else max_body,
            cut=cut,
        )
        jar: httpx.Cookies | None = None
        redirects: tuple[tuple[int, str], ...] = ()
        subject = guard.shown(url)
        left_s = self._limits.total.total_seconds()
        loop = asyncio.get_running_loop()
        while True:
            extensions = {"policy": policy, "subject": subject}
            request = httpx.Request("GET", hop, headers=headers, extensions=extensions)
            if jar is not None:
                jar.set_cookie_header(request)
            try:
                async with self.pacer.turn(guard.host_of(hop).removesuffix(".")):
                    began_s = loop.time()
                    answer = await self._ask(request, ask, left_s=left_s, redirects=redirects)
                    left_s -= loop.time() - began_s
                if not isinstance(answer, _Redirect):
                    return answer
                redirects = (*redirects, (answer.status, str(hop)))
                hop = self._follow(answer, hop, redirects)
                jar = _collected(jar, answer.response)
                subject = guard.shown(str(hop))
            except FetchError as error:
                if redirects:
                    raise _on_the_way(error, guard.shown(url)) from error
                raise

    async def aclose(self) -> None:
        """Close every connection; nothing may be fetched afterwards."""
        await self._transport.aclose()
        self._resolver.close()

    async def _ask(
        self, request: httpx.Request, ask: "_Ask", *, left_s: float, redirects: tuple[tuple[int, str], ...]
    ) -> "Page | NotModified | _Redirect":
        """Ask once, within what is left of the time."""
        subject = str(request.extensions["subject"])
        try:
            async with asyncio.timeout(left_s):
                response = await self._transport.handle_async_request(request)
                try:
                    return await _understood(response, request, ask, redirects=redirects)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise FetchError(
                f"took longer than {self._limits.total.total_seconds():g} s",
                kind=FailureKind.TIMEOUT,
                subject=subject,
                retry=Retry.LATER,
            ) from error

    def _follow(
        self, answer: "_Redirect", hop: httpx.URL, redirects: tuple[tuple[int, str], ...]
    ) -> httpx.URL:
        """Return where a redirect leads, checked like any address."""
        if len(redirects) > self._limits.max_redirects:
            raise FetchError(
                f"more than {self._limits.max_redirects} redirects",
                kind=FailureKind.REDIRECTS,
                subject=guard.shown(str(hop)),
                retry=Retry.LATER,
            )
        try:
            location = urljoin(str(hop), answer.location)
        except ValueError:
            location = answer.location
        return guard.check_url(location, max_url=self._limits.max_url)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ask:
    """What all hops of one fetch have in common."""

    conditional: bool
    max_body: int
    cut: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Redirect:
    status: int
    #: as the server wrote it
    location: str
    response: httpx.Response


async def _understood(
    response: httpx.Response, request: httpx.Request, ask: _Ask, *, redirects: tuple[tuple[int, str], ...]
) -> Page | NotModified | _Redirect:
    """Return what an answer means; the content is read only where it is wanted."""
    status = response.status_code
    headers = lean_headers(response.headers.raw)
    url, subject = str(request.url), str(request.extensions["subject"])
    if status == 304:
        if not ask.conditional:
            raise FetchError(
                "the server says “not modified” to somebody who has nothing yet",
                kind=FailureKind.PROTOCOL,
                subject=subject,
                retry=Retry.LATER,
                status=status,
            )
        return NotModified(url=url, headers=headers)
    if status in _REDIRECTS and headers.get("location", "").strip():
        response.request = request
        return _Redirect(status=status, location=_location(headers["location"]), response=response)
    if not 200 <= status < 300 or status == 206:  # a part that nobody asked for is not the content
        raise status_error(status, headers, subject=subject)
    assert isinstance(response.stream, httpx.AsyncByteStream)
    body = await read_body(response.stream, headers, max_body=ask.max_body, subject=subject, cut=ask.cut)
    return Page(url=url, status=status, headers=headers, body=body, redirects=redirects)


def _location(value: str) -> str:
    """Return where a redirect leads; servers write UTF-8 there, against the rules, or latin-1."""
    try:
        return value.strip().encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value.strip()


def _validators(etag: str | None, last_modified: str | None) -> list[tuple[bytes, bytes]]:
    """Return the conditional headers, byte for byte as the server gave them."""
    pairs = ((b"If-None-Match", etag), (b"If-Modified-Since", last_modified))
    return [(name, value.encode("latin-1")) for name, value in pairs if value and _VALIDATOR.fullmatch(value)]


def _collected(jar: httpx.Cookies | None, response: httpx.Response) -> httpx.Cookies | None:
    """Return the cookies of this fetch, for cookie walls; they end with it."""
    if "set-cookie" not in response.headers:
        return jar
    jar = httpx.Cookies() if jar is None else jar
    jar.extract_cookies(response)
    if len(jar.jar) > _MAX_COOKIES:
        raise FetchError(
            f"sets more than {_MAX_COOKIES} cookies",
            kind=FailureKind.REDIRECTS,
            subject=guard.shown(str(response.request.url)),
            retry=Retry.LATER,
        )
    return jar


def _on_the_way(error: FetchError, subject: str) -> FetchError:
    """Return the error of a later hop as one of the address that was asked for."""
    return FetchError(
        f"redirected to {error.subject}: {error.message}" if error.subject != subject else error.message,
        kind=error.kind,
        subject=subject,
        retry=error.retry,
        hint=error.hint,
        status=error.status,
        retry_after=error.retry_after,
    )
