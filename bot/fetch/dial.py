"""The one place that opens sockets: resolves, judges every answer, connects to the judged literal.

A name is looked up once for a connection, and what was judged is what is connected to. Behind a proxy
the proxy connects; then the name is judged as far as it can be looked up here, and the proxy itself may
stand anywhere, since the configuration names it.
"""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import guard, proxy
from bot.fetch.connection import Connection
from bot.fetch.policy import Policy, Proxy
from bot.fetch.resolve import Lookup
from bot.fetch.tls import Trust
from bot.fetch.troubles import connect_error, dns_error, tls_error

#: addresses of one name that are tried
_MAX_TRIES: Final = 4
#: of the time for connecting, what looking a name up may take where a proxy will look it up again
_PROXIED_LOOKUP: Final = 0.2

#: policy, scheme, host, port: who may share a connection
Key = tuple[Policy, str, str, int]


class Dialler:
    """Open connections, each under a Policy; raises FetchError."""

    def __init__(
        self,
        *,
        resolver: Lookup,
        connect: timedelta,
        ssl_context: ssl.SSLContext | None = None,
        relieve: Callable[[], None] = lambda: None,
    ) -> None:
        self._resolve = resolver
        self._connect_s = connect.total_seconds()
        self._trust = Trust(ssl_context)
        #: called where this program, or the machine, has too many files open
        self._relieve = relieve

    async def connect(self, key: Key, subject: str) -> Connection:
        """Look the name up once, judge all answers, and connect to one of those very addresses."""
        via = key[0].proxy
        stage = _Stage()
        try:
            async with asyncio.timeout(self._connect_s):
                if via is not None:
                    return await self._through(via, key, stage, subject)
                return await self._straight(key, stage, subject)
        except TimeoutError as error:
            raise FetchError(
                f"{stage.why} within {self._connect_s:g} s",
                kind=stage.kind,
                subject=subject,
                retry=Retry.LATER,
            ) from error

    async def _straight(self, key: Key, stage: "_Stage", subject: str) -> Connection:
        policy, scheme, host, port = key
        addresses = await self._addresses(host, port, subject)
        for address in addresses:
            guard.judge(address, policy, host=host, subject=subject)
        stage.reached("the server did not take the connection")
        context = self._trust.context(policy, subject=subject) if scheme == "https" else None
        return await self._dial(addresses, host, port, context, subject)

    async def _through(self, via: Proxy, key: Key, stage: "_Stage", subject: str) -> Connection:
        """Connect to the proxy, and to an https server through it."""
        policy, scheme, host, port = key
        proxy.usable(via, subject)
        await self._judge_from_here(key, subject)
        context = self._trust.for_proxy(policy, subject=subject) if via.scheme == "https" else None
        addresses = await self._addresses(via.host, via.port, subject)
        stage.reached(f"the proxy {via.name} did not take the connection")
        connection = await self._dial(addresses, via.host, via.port, context, subject)
        if scheme == "http":
            return connection
        stage.reached(f"the proxy {via.name} did not open a way to {host}")
        await proxy.open_tunnel(connection, via, host, port, subject=subject)
        stage.reached(f"{host} did not answer through the proxy {via.name}")
        try:
            await connection.secure(self._trust.context(policy, subject=subject), host.removesuffix("."))
        except ssl.SSLError as error:
            raise tls_error(error, host, subject) from error
        except OSError as error:
            raise connect_error(error, subject) from error
        return connection

    async def _judge_from_here(self, key: Key, subject: str) -> None:
        """Refuse what is, or resolves here to, an address that may not be reached.

        A name that cannot be looked up here is left to the proxy: many networks know the world only
        through theirs.
        """
        policy, _, host, port = key
        try:
            async with asyncio.timeout(self._connect_s * _PROXIED_LOOKUP):
                addresses = await self._addresses(host, port, subject)
        except TimeoutError:
            return
        except FetchError as error:
            if error.kind is FailureKind.DNS:
                return
            raise
        for address in addresses:
            guard.judge(address, policy, host=host, subject=subject)

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

    async def _dial(
        self, addresses: Sequence[str], host: str, port: int, context: ssl.SSLContext | None, subject: str
    ) -> Connection:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._connect_s
        tries = _spread(addresses)[:_MAX_TRIES]
        name = host.removesuffix(".") if context is not None else None
        for number, address in enumerate(tries):
            last = number == len(tries) - 1
            # a dead first address must not eat the time of the others
            share = None if last else (end - loop.time()) / (len(tries) - number)
            try:
                async with asyncio.timeout(share):
                    _, connection = await loop.create_connection(
                        Connection, address, port, ssl=context, server_hostname=name
                    )
                    return connection
            except ssl.SSLError as error:
                raise tls_error(error, host, subject) from error
            except OSError as error:  # TimeoutError is one
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._relieve()
                if last:
                    raise connect_error(error, subject) from error
        raise AssertionError("no address to connect to")


class _Stage:
    """How far connecting has come: what to say when the time is over."""

    __slots__ = ("kind", "why")

    def __init__(self) -> None:
        self.kind = FailureKind.DNS
        self.why = "the name server did not answer"

    def reached(self, why: str) -> None:
        self.kind = FailureKind.TIMEOUT
        self.why = why


def _spread(addresses: Sequence[str]) -> list[str]:
    """Take the families in turn, so that one that leads nowhere does not fill all tries."""
    six = [address for address in addresses if ":" in address]
    four = [address for address in addresses if ":" not in address]
    first, second = (six, four) if addresses and addresses[0] in six else (four, six)
    mixed = [address for pair in zip(first, second, strict=False) for address in pair]
    rest = max(first, second, key=len)[min(len(first), len(second)) :]
    return mixed + rest
