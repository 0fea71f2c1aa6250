"""One connection a host, kept alive between two polls, and the requests that go over it.

A transport of our own, because httpx's pool walks all its connections at every request (8.9 ms of CPU
over 200 hosts, measured) and cannot judge an address at connect time. Connections are kept apart for each
policy: one opened under one source's rules is never lent to another's. GET only; HTTP/1.1; no proxy is
taken from the environment. Sockets are opened by ``dial``.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final

import httpx

from bot.errors import FailureKind, FetchError
from bot.fetch import guard
from bot.fetch.connection import Connection
from bot.fetch.dial import Dialler, Key
from bot.fetch.policy import PUBLIC, Policy
from bot.fetch.resolve import Lookup

#: servers close idle connections after 5 to 60 s; the next poll comes much later anyway
KEEP_ALIVE_S: Final = 15.0
_MAX_IDLE: Final = 256


#: name and value of a line, as they stand there
Header = tuple[bytes, bytes]


class Answer:
    """What a server answers: its header is there, its content comes as it is asked for.

    Whoever was given one must ``close`` it: that gives the connection back.
    """

    __slots__ = ("_connection", "_key", "_transport", "headers", "status")

    def __init__(self, transport: "Transport", connection: Connection, key: Key) -> None:
        self._transport = transport
        self._connection: Connection | None = connection
        self._key = key
        self.status = connection.status
        self.headers: list[Header] = connection.headers

    async def content(self) -> AsyncIterator[bytes]:
        """Yield the content piece by piece, as it was sent; raises FetchError where it is cut short."""
        while self._connection is not None and (data := await self._connection.read()):
            yield data

    def close(self) -> None:
        """Give the connection back; it is kept where the whole content was read."""
        if self._connection is not None:
            self._transport.release(self._connection, self._key)
            self._connection = None


class Transport:
    """Ask one address at a time under a Policy.

    Raises FetchError, not a library's errors: kinds and words are the same all over the program.
    Made outside or inside a running loop, used in one.
    """

    def __init__(
        self, *, resolver: Lookup, connect: timedelta, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._dialler = Dialler(
            resolver=resolver, connect=connect, ssl_context=ssl_context, relieve=self._close_idle
        )
        #: longest idle first
        self._idle: dict[Key, Connection] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    async def get(
        self, url: httpx.URL, *, headers: Sequence[Header], policy: Policy = PUBLIC, subject: str
    ) -> Answer:
        """Return the answer of a checked address once its header is there; ``subject`` is who errors name.

        ``headers`` are sent as they are, after Host. Raises FetchError (refused_address, dns, connect, tls,
        timeout, reset, protocol).
        """
        scheme = url.scheme
        key = (policy, scheme, guard.host_of(url), url.port or (443 if scheme == "https" else 80))
        wire = _serialised(url, headers, policy)
        connection = self._take(key)
        if connection is not None:
            try:
                return await self._exchange(connection, key, wire, subject)
            except FetchError as error:
                # the server had closed the kept connection before it saw the request: nothing happened,
                # and asking is harmless (RFC 9112 section 9.3.1)
                if error.kind is not FailureKind.RESET or connection.received:
                    raise
        connection = await self._dialler.connect(key, subject)
        return await self._exchange(connection, key, wire, subject)

    async def aclose(self) -> None:
        """Close every kept connection."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        self._close_idle()
        # asyncio closes sockets in the loop's next rounds; TLS takes one more
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _close_idle(self) -> None:
        for connection in self._idle.values():
            connection.abort()
        self._idle.clear()

    # -- keeping connections -----------------------------------------------------------------

    async def _exchange(self, connection: Connection, key: Key, wire: bytes, subject: str) -> Answer:
        try:
            await connection.exchange(wire, subject=subject)
        except BaseException:  # a deadline cancels: the answer may still come and must find nobody
            connection.abort()
            raise
        return Answer(self, connection, key)

    def _take(self, key: Key) -> Connection | None:
        connection = self._idle.pop(key, None)
        if connection is None or not connection.reusable:
            return None
        if asyncio.get_running_loop().time() - connection.idle_since > KEEP_ALIVE_S:
            connection.abort()
            return None
        return connection

    def release(self, connection: Connection, key: Key) -> None:
        """Take a connection back: keep it where another answer can follow, else close it."""
        if not connection.reusable:
            connection.abort()
            return
        other = self._idle.pop(key, None)
        if other is not None:
            other.abort()
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle[key] = connection
        if len(self._idle) > _MAX_IDLE:
            self._idle.pop(next(iter(self._idle))).abort()
        if self._sweeper is None:
            self._sweeper = loop.call_later(KEEP_ALIVE_S, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        loop = asyncio.get_running_loop()
        oldest = loop.time() - KEEP_ALIVE_S
        for key, connection in list(self._idle.items()):
            if connection.closed or connection.idle_since <= oldest:
                del self._idle[key]
                connection.abort()
        if self._idle:
            self._sweeper = loop.call_later(KEEP_ALIVE_S, self._sweep)


def _serialised(url: httpx.URL, headers: Sequence[Header], policy: Policy) -> bytes:
    target, host = url.raw_path, url.netloc
    proxied = policy.proxy if url.scheme == "http" else None
    if proxied is not None:  # a proxy is told the whole address. Source: RFC 9112 section 3.2.2
        target = b"http://" + host + target
    lines = [b"GET " + target + b" HTTP/1.1\r\nHost: " + host]
    lines += [name + b": " + value for name, value in headers]
    if proxied is not None and proxied.authorization is not None:
        lines.append(b"Proxy-Authorization: " + proxied.authorization)
    return b"\r\n".join(lines) + b"\r\n\r\n"
