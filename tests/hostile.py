"""A web server on loopback that answers as badly as it is told to; for every test that needs one.

::

    async with HostileWeb() as web:
        web.answer("/feed", page(b"<rss/>", etag='"1"'))
        web.answer("/cut", head(200, content_length=100), b"only this", RESET)
        await fetcher.get(web.url("/feed"), terms=LOOPBACK)
        assert web.seen[0].headers["user-agent"] == …

A script is a row of bytes to send and of things to do: ``CLOSE``, ``RESET``, ``HANG`` (says nothing more
until the client goes away), or ``Again(bytes, pause_s)`` (sends these for ever). Without an end of its own
a script leaves the connection open for the next request. ``respond`` takes a function instead.
``trouble()`` installs a whole set of misbehaviour and says what each address should come to.
"""

import asyncio
import contextlib
import gzip
import ssl
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

from bot.errors import FailureKind
from bot.fetch import Policy, Terms

#: the terms that let a source reach these servers
LOOPBACK = Terms(policy=Policy(allow_private=("127.0.0.0/8",)))


def reaching(*blocks: str) -> Terms:
    """Return terms that open these blocks of private addresses, and no others."""
    return Terms(policy=Policy(allow_private=blocks))


class Act(Enum):
    """What a script does besides sending."""

    CLOSE = auto()
    RESET = auto()
    HANG = auto()


CLOSE, RESET, HANG = Act.CLOSE, Act.RESET, Act.HANG


@dataclass(frozen=True)
class Again:
    """Send this again and again, until the client goes away."""

    data: bytes
    pause_s: float = 0.0


Step = bytes | Act | Again
Script = tuple[Step, ...]


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    path: str
    #: names in lower case
    headers: dict[str, str]
    #: the address it was sent to
    host: str
    #: which connection of this server, counted from 1
    connection: int
    #: of every header line, in order, in lower case
    names: tuple[str, ...] = ()


def head(status: int = 200, *, reason: str = "X", content_length: int | None = None, **headers: str) -> bytes:
    """Return a header; ``retry_after="5"`` is written ``retry-after: 5``."""
    lines = [f"HTTP/1.1 {status} {reason}"]
    if content_length is not None:
        lines.append(f"content-length: {content_length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def page(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    """Return a whole answer."""
    return head(status, content_length=len(body), **headers) + body


def redirect(location: str, status: int = 302, **headers: str) -> bytes:
    """Return a redirect."""
    return page(b"", status, location=location, **headers)


def chunked(*chunks: bytes, end: bool = True, **headers: str) -> bytes:
    """Return an answer in chunks; without ``end`` the last one is missing."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head(transfer_encoding="chunked", **headers) + body + (b"0\r\n\r\n" if end else b"")


@dataclass
class HostileWeb:
    """Serve scripts on ``host`` (any 127.x.y.z) at a port of its own."""

    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    #: connections open now, and the most there ever were at once
    open: int = 0
    most_open: int = 0
    #: set while no connection is open
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    #: set once something was asked
    busy: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._routes: dict[str, Callable[[Seen], Script]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        """Return the address of a path, under another name where one is given."""
        return f"{'https' if self.tls else 'http'}://{host or self.host}:{self.port}{path}"

    def answer(self, path: str, *script: Step) -> str:
        """Answer a path with this script, always; return its address."""
        self._routes[path] = lambda _: script
        return self.url(path)

    def respond(self, path: str, rule: Callable[[Seen], bytes | Script]) -> str:
        """Answer a path with what the function makes of the request; return its address."""

        def script(seen: Seen) -> Script:
            answer = rule(seen)
            return (answer,) if isinstance(answer, bytes) else answer

        self._routes[path] = script
        return self.url(path)

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(seen.path == path for seen in self.seen)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        self.open += 1
        self.idle.clear()
        self.most_open = max(self.open, self.most_open)
        number = self.connections
        try:
            while await self._one(reader, writer, number):
                pass
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            if not self.open:
                self.idle.set()
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        """Answer one request; False where the connection ends with it."""
        first = await reader.readexactly(1)
        if first == b"\x16":  # somebody speaks TLS to a server that does not
            writer.write(page(b"speak plainly", 400))
            await writer.drain()
            return False
        lines = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = [line.split(": ", 1) for line in lines[1:] if line]
        headers = {name.lower(): value for name, value in pairs}
        seen = Seen(
            path=lines[0].split(" ")[1],
            headers=headers,
            host=headers.get("host", ""),
            connection=number,
            names=tuple(name.lower() for name, _ in pairs),
        )
        self.seen.append(seen)
        self.busy.set()
        rule = self._routes.get(seen.path, lambda _: (page(b"not here", 404),))
        for step in rule(seen):
            match step:
                case bytes():
                    writer.write(step)
                    await writer.drain()
                case Again(data, pause_s):
                    while True:
                        writer.write(data)
                        await writer.drain()
                        await asyncio.sleep(pause_s)
                case Act.HANG:
                    await reader.read()
                    return False
                case Act.RESET:
                    await _reset(writer)
                    return False
                case Act.CLOSE:
                    writer.close()
                    with contextlib.suppress(OSError):
                        await writer.wait_closed()
                    return False
        return True


async def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a TCP reset instead of a proper end."""
    await writer.drain()
    sock = writer.get_extra_info("socket")
    # SO_LINGER with no time: the kernel sends RST
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))
    writer.transport.abort()


def bomb(size: int) -> bytes:
    """Return gzip data that inflates to ``size`` zero bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    step = bytes(1 << 20)
    parts = [packer.compress(step) for _ in range(size // len(step))]
    return b"".join(parts) + packer.compress(bytes(size % len(step))) + packer.flush()


def trouble(web: HostileWeb) -> dict[str, FailureKind]:
    """Install misbehaviour of every sort; return what each path should come to.

    Those that come to a timeout need a client with a short deadline. Limits as by default, 5 MiB of content.
    """
    packed = gzip.compress(b"news " * 2000)
    header_line = b"x-more: " + b"y" * 1000 + b"\r\n"
    scripts: dict[str, tuple[Script, FailureKind]] = {
        "/silent": ((HANG,), FailureKind.TIMEOUT),
        "/slow-header": ((b"HTTP/1.1 200 OK\r\n", Again(b"x", 0.02)), FailureKind.TIMEOUT),
        "/slow-body": ((head(content_length=100_000), Again(b"x", 0.02)), FailureKind.TIMEOUT),
        "/slow-chunks": (
            (head(transfer_encoding="chunked"), Again(b"1\r\nx\r\n", 0.02)),
            FailureKind.TIMEOUT,
        ),
        "/half-then-silent": ((head(content_length=100), b"x" * 50, HANG), FailureKind.TIMEOUT),
        "/no-answer": ((CLOSE,), FailureKind.RESET),
        "/reset": ((RESET,), FailureKind.RESET),
        "/half-header": ((b"HTTP/1.1 200 OK\r\ncontent-le", CLOSE), FailureKind.RESET),
        "/reset-in-body": ((head(content_length=100_000), b"x" * 5000, RESET), FailureKind.RESET),
        "/short-body": ((head(content_length=100), b"x" * 99, CLOSE), FailureKind.RESET),
        "/open-chunks": ((chunked(b"abc", end=False), CLOSE), FailureKind.RESET),
        "/reset-without-length": ((head(), b"x" * 5000, RESET), FailureKind.RESET),
        "/endless-header": ((b"HTTP/1.1 200 OK\r\n", Again(header_line)), FailureKind.PROTOCOL),
        "/endless-header-line": ((b"HTTP/1.1 200 OK\r\nx: ", Again(b"y" * 1000)), FailureKind.PROTOCOL),
        "/many-headers": ((b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 201 + b"\r\n",), FailureKind.PROTOCOL),
        "/endless-interim": ((Again(b"HTTP/1.1 103 Early Hints\r\n\r\n"),), FailureKind.PROTOCOL),
        "/endless-chunk-extension": (
            (head(transfer_encoding="chunked"), b"5;", Again(b"x" * 1000)),
            FailureKind.PROTOCOL,
        ),
        "/endless-trailer": (
            (head(transfer_encoding="chunked"), b"1\r\nx\r\n0\r\nt: ", Again(b"x" * 1000)),
            FailureKind.PROTOCOL,
        ),
        "/garbage": ((b"\x00\xff\x16\x03 what is this\r\n\r\n", CLOSE), FailureKind.PROTOCOL),
        "/just-html": ((b"<html>hello</html>", CLOSE), FailureKind.PROTOCOL),
        "/folded-header": ((b"HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n", CLOSE), FailureKind.PROTOCOL),
        "/nul-in-header": ((b"HTTP/1.1 200 OK\r\na: b\x00c\r\n\r\n", CLOSE), FailureKind.PROTOCOL),
        "/two-lengths": (
            (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc", CLOSE),
            FailureKind.PROTOCOL,
        ),
        "/negative-length": ((head(content_length=-1), CLOSE), FailureKind.PROTOCOL),
        "/bad-chunk-size": (
            (head(transfer_encoding="chunked"), b"zz\r\nab\r\n", CLOSE),
            FailureKind.PROTOCOL,
        ),
        "/transfer-gzip": ((head(transfer_encoding="gzip"), packed, CLOSE), FailureKind.PROTOCOL),
        "/upgrade": ((head(101, connection="upgrade", upgrade="websocket"), HANG), FailureKind.PROTOCOL),
        "/unasked-304": ((head(304),), FailureKind.PROTOCOL),
        "/announced-too-large": ((head(content_length=6 << 20), HANG), FailureKind.TOO_LARGE),
        "/endless-body": ((head(), Again(b"x" * 65536)), FailureKind.TOO_LARGE),
        "/endless-chunks": (
            (head(transfer_encoding="chunked"), Again(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")),
            FailureKind.TOO_LARGE,
        ),
        "/gzip-bomb": ((page(bomb(64 << 20), content_encoding="gzip"),), FailureKind.TOO_LARGE),
        "/deflate-bomb": (
            (page(zlib.compress(bytes(64 << 20), 9), content_encoding="deflate"),),
            FailureKind.TOO_LARGE,
        ),
        "/truncated-gzip": ((page(packed[:-20], content_encoding="gzip"),), FailureKind.BAD_CODING),
        "/damaged-gzip": (
            (page(packed[:15] + b"\xff\xff\xff" + packed[18:], content_encoding="gzip"),),
            FailureKind.BAD_CODING,
        ),
        "/not-gzip": ((page(b"plain text", content_encoding="gzip"),), FailureKind.BAD_CODING),
        "/brotli": ((page(b"x", content_encoding="br"),), FailureKind.BAD_CODING),
        "/two-codings": (
            (page(gzip.compress(packed), content_encoding="gzip, gzip"),),
            FailureKind.BAD_CODING,
        ),
        "/many-members": (
            (page(gzip.compress(b"") * 2000, content_encoding="gzip"),),
            FailureKind.BAD_CODING,
        ),
        "/loop": ((redirect("/loop"),), FailureKind.REDIRECTS),
        "/to-file": ((redirect("file:///etc/passwd"),), FailureKind.BAD_URL),
        "/to-metadata": ((redirect("http://169.254.169.254/latest/"),), FailureKind.REFUSED_ADDRESS),
        "/to-private": ((redirect("http://10.1.2.3/"),), FailureKind.REFUSED_ADDRESS),
        "/to-nowhere": ((page(b"", 302),), FailureKind.HTTP_STATUS),
        "/part": ((page(b"part", 206),), FailureKind.HTTP_STATUS),
    }
    for path, (script, _) in scripts.items():
        web.answer(path, *script)
    return {path: kind for path, (_, kind) in scripts.items()}
