"""The way through a proxy: reading its address, asking it for a tunnel, and saying what it did wrong.

Only a proxy that the configuration names is ever used; nothing is read from the environment. What an
https address says goes through a tunnel, so that the proxy sees a host and a port and no more; http goes
to it in the clear. Who may be reached behind it is its own affair as well: it must enforce egress.
"""

import base64
import re
from functools import lru_cache
from typing import Final

import httpx

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch.connection import Connection
from bot.fetch.policy import Proxy

_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
#: failures in which the proxy may have had a hand
_ITS_PART: Final = frozenset(
    (
        FailureKind.CONNECT,
        FailureKind.DNS,
        FailureKind.PROTOCOL,
        FailureKind.RESET,
        FailureKind.TIMEOUT,
        FailureKind.TLS,
    )
)


@lru_cache(maxsize=64)
def proxy_of(address: str) -> Proxy:
    """Read ``http(s)://[user:password@]host[:port]``; one without a host where that cannot be used."""
    try:
        url = httpx.URL(address.strip())
        host = url.raw_host.decode("ascii")
        port = url.port or _PORTS[url.scheme]
        user, password = url.username, url.password
        if not _HOST.fullmatch(host):
            raise ValueError(host)
    except (httpx.InvalidURL, ValueError, KeyError):
        return Proxy(scheme="http", host="", port=0)
    secret = f"{user}:{password}".encode() if user or password else b""
    return Proxy(
        scheme=url.scheme,
        host=host,
        port=port,
        authorization=b"Basic " + base64.b64encode(secret) if secret else None,
    )


def usable(proxy: Proxy, subject: str) -> None:
    """Raise FetchError (bad_url) for a proxy whose address could not be read: nobody goes round it."""
    if not proxy.host:
        raise FetchError(
            "its proxy has an address that cannot be used",
            kind=FailureKind.BAD_URL,
            subject=subject,
            retry=Retry.NEVER,
            hint="write http://host:port, or https://host:port",
        )


async def open_tunnel(connection: Connection, proxy: Proxy, host: str, port: int, *, subject: str) -> None:
    """Ask the proxy for a way to a host; the connection then leads there. Raises FetchError.

    Source: RFC 9110 section 9.3.6.
    """
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1".encode("ascii"), b"Host: " + target.encode("ascii")]
    if proxy.authorization is not None:
        lines.append(b"Proxy-Authorization: " + proxy.authorization)
    try:
        await connection.exchange(b"\r\n".join(lines) + b"\r\n\r\n", subject=subject)
        status = connection.status
        if not 200 <= status < 300:
            raise answered(proxy, status, target, subject)
        connection.expect_nothing()
    except BaseException:
        connection.abort()
        raise


def answered(proxy: Proxy, status: int, target: str, subject: str) -> FetchError:
    """Return the error of a proxy that does not let us through."""
    hint = "ask whoever runs the proxy"
    if status == 407:
        why = f"the proxy {proxy.name} wants another user and password"
        if proxy.authorization is None:
            why = f"the proxy {proxy.name} wants a user and a password"
        hint = "write http://user:password@host:port as the proxy, in an environment variable or a file"
    elif status in (502, 503, 504):
        why, hint = f"the proxy {proxy.name} could not reach {target}", ""
    else:
        why = f"the proxy {proxy.name} does not let us through to {target}"
    return FetchError(
        f"{why} (HTTP {status})",
        kind=FailureKind.CONNECT,
        subject=subject,
        retry=Retry.LATER,
        hint=hint,
    )


def by_way_of(error: FetchError, proxy: Proxy | None) -> FetchError:
    """Return the error with the proxy named, where there is one that may have had a hand in it."""
    if (
        proxy is None
        or error.kind not in _ITS_PART
        or error.status is not None
        or proxy.name in error.message
    ):
        return error
    return FetchError(
        f"{error.message} (through the proxy {proxy.name})",
        kind=error.kind,
        subject=error.subject,
        retry=error.retry,
        hint=error.hint,
    )
