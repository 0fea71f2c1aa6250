"""The one place that opens sockets: resolves, judges every answer, connects to the judged literal.

An ``httpx.AsyncBaseTransport`` of our own, because the library's pool walks all its connections at
every request (8.9 ms of CPU over 200 hosts, measured) and cannot judge an address at connect time.
One connection a host is kept alive, apart for each policy: a connection opened under one source's
rules is never lent to another's. GET only; HTTP/1.1; no proxy, nothing is read from the environment.
"""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final

import httpx

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import guard
from bot.fetch.connection import Connection
from bot.fetch.guard import Policy
from bot.fetch.resolve import Lookup
from bot.fetch.troubles import connect_error, dns_error, tls_error

#: servers close idle connections after 5 to 60 s; the next poll comes much later anyway
KEEP_ALIVE_S: Final = 15.0
_MAX_IDLE: Final = 256
#: addresses of one name that are tried
_MAX_TRIES: Final = 4

_Key = tuple[Policy, str, str, int]


class Transport(httpx.AsyncBaseTransport):
    """Ask for what a request names, under the Policy in its extension ``policy``; errors name ``subject``.

    Raises FetchError, not the library's errors: kinds and words are the same all over the program.
    Made outside or inside a running loop, used in one.
    """

    def __init__(
        self, *, resolver: Lookup, connect: timedelta, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._resolve = resolver
        self._connect_s = connect.total_seconds()
        self._ssl = ssl_context
        #: longest idle first
        self._idle: dict[_Key, Connection] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer once its header is there; its content is read from the stream, as it was sent.

        Raises FetchError (refused_address, dns, connect, tls, timeout, reset, protocol).
        """
        if request.method != "GET":
            raise httpx.UnsupportedProtocol("this transport only reads")
        url = request.url
        policy = request.extensions.get("policy") or guard.PUBLIC
        key = (policy, url.scheme, guard.host_of(url), url.port or (443 if url.scheme == "https" else 80))
        subject = request.extensions.get("subject") or guard.shown(str(url))
        wire = _serialise(request)
        connection = self._take(key)
        if connection is not None:
            try:
                return await self._exchange(connection, key, wire, subject)
            except FetchError as error:
                # the server had closed the kept connection before it saw the request: nothing happened,
                # and asking is harmless (RFC 9112 section 9.3.1)
                if error.kind is not FailureKind.RESET or connection.received:
                    raise
        connection = await self._connect(key, subject)
        return await self._exchange(connection, key, wire, subject)

    async def aclose(self) -> None:
        """Close every kept connection."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in self._idle.values():
            connection.abort()
        self._idle.clear()
        # asyncio closes sockets in the loop's next rounds; TLS takes one more
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    # -- keeping connections -----------------------------------------------------------------

    async def _exchange(self, connection: Connection, key: _Key, wire: bytes, subject: str) -> httpx.Response:
        try:
            await connection.exchange(wire, subject=subject)
        except BaseException:  # a deadline cancels: the answer may still come and must find nobody
            connection.abort()
            raise
        return httpx.Response(
            connection.status, headers=connection.headers, stream=_Content(self, connection, key)
        )

    def _take(self, key: _Key) -> Connection | None:
        connection = self._idle.pop(key, None)
        if connection is None or not connection.reusable:
            return None
        if asyncio.get_running_loop().time() - connection.idle_since > KEEP_ALIVE_S:
            connection.abort()
            return None
        return connection

    def release(self, connection: Connection, key: _Key) -> None:
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

    # -- connecting --------------------------------------------------------------------------

    async def _connect(self, key: _Key, subject: str) -> Connection:
        """Look the name up once, judge all answers, and connect to one of those very addresses."""
        policy, _, host, port = key
        looked_up = False
        try:
            async with asyncio.timeout(self._connect_s):
                addresses = await self._addresses(host, port, subject)
                looked_up = True
                for address in addresses:
                    guard.judge(address, policy, host=host, subject=subject)
                return await self._dial(addresses, key, subject)
        except TimeoutError as error:
            if looked_up:
                why, kind = "the server did not take the connection", FailureKind.TIMEOUT
            else:
                why, kind = "the name server did not answer", FailureKind.DNS
            raise FetchError(
                f"{why} within {self._connect_s:g} s", kind=kind, subject=subject, retry=Retry.LATER
            ) from error

    async def _addresses(self, host: str, port: int, subject: str) -> Sequence[str]:
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise dns_error(error, host, subject) from error
        if not addresses:
            raise dns_error(socket.gaierror(socket.EAI_NONAME, ""), host, subject)
        return addresses

    async def _dial(self, addresses: Sequence[str], key: _Key, subject: str) -> Connection:
        _, scheme, host, port = key
        loop = asyncio.get_running_loop()
        end = loop.time() + self._connect_s
        tries = _spread(addresses)[:_MAX_TRIES]
        name = host.removesuffix(".") if scheme == "https" else None
        for number, address in enumerate(tries):
            last = number == len(tries) - 1
            # a dead first address must not eat the time of the others
            share = None if last else (end - loop.time()) / (len(tries) - number)
            try:
                async with asyncio.timeout(share):
                    _, connection = await loop.create_connection(
                        Connection, address, port, ssl=self._context() if name else None, server_hostname=name
                    )
                    return connection
            except ssl.SSLError as error:
                raise tls_error(error, host, subject) from error
            except OSError as error:  # TimeoutError is one
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    await self.aclose()
                if last:
                    raise connect_error(error, subject) from error
        raise AssertionError("no address to connect to")

    def _context(self) -> ssl.SSLContext:
        if self._ssl is None:
            self._ssl = ssl.create_default_context()
        return self._ssl


class _Content(httpx.AsyncByteStream):
    """The content of an answer as it comes; closing it gives the connection back."""

    __slots__ = ("_connection", "_key", "_transport")

    def __init__(self, transport: Transport, connection: Connection, key: _Key) -> None:
        self._transport = transport
        self._connection: Connection | None = connection
        self._key = key

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._connection is not None and (data := await self._connection.read()):
            yield data

    async def aclose(self) -> None:
        if self._connection is not None:
            self._transport.release(self._connection, self._key)
            self._connection = None


def _serialise(request: httpx.Request) -> bytes:
    lines = [b"GET " + request.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _spread(addresses: Sequence[str]) -> list[str]:
    """Take the families in turn, so that one that leads nowhere does not fill all tries."""
    six = [address for address in addresses if ":" in address]
    four = [address for address in addresses if ":" not in address]
    first, second = (six, four) if addresses and addresses[0] in six else (four, six)
    mixed = [address for pair in zip(first, second, strict=False) for address in pair]
    rest = max(first, second, key=len)[min(len(first), len(second)) :]
    return mixed + rest
