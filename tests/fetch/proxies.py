"""A proxy on loopback that lets through what it is told, or misbehaves; for tests of the way through one.

::

    async with LoopbackProxy() as proxy:
        proxy.leads("site.test", web)
        …
        assert proxy.asked == ["CONNECT site.test:443"]
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from tests.hostile import Act, Again, HostileWeb, Step


@dataclass
class LoopbackProxy:
    """Speak to clients as an http proxy does: CONNECT, and GET with a whole address."""

    host: str = "127.0.0.9"
    tls: ssl.SSLContext | None = None
    #: "GET http://…" or "CONNECT host:port", as they came
    asked: list[str] = field(default_factory=list)
    #: their header lines, names in lower case
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._ways: dict[str, HostileWeb] = {}
        self._script: tuple[Step, ...] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def leads(self, host: str, web: HostileWeb) -> None:
        """Let what asks for this host through to that server."""
        self._ways[host] = web

    def misbehave(self, *script: Step) -> None:
        """Answer whatever comes with this; CLOSE ends the connection, otherwise it stays open."""
        self._script = script

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._one(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        self.asked.append(f"{method} {target}")
        pairs = [line.split(": ", 1) for line in lines[1:] if line]
        self.headers.append({name.lower(): value for name, value in pairs})
        if self._script is not None:
            await self._say(self._script, reader, writer)
            return
        host = urlsplit(target if method == "GET" else f"//{target}").hostname or ""
        web = self._ways[host]
        there, out = await asyncio.open_connection(web.host, web.port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
        else:
            path = target.partition("://")[2].partition("/")[2]
            out.write("\r\n".join([f"GET /{path} HTTP/1.1", *lines[1:]]).encode("latin-1"))
        try:
            await asyncio.gather(_pipe(reader, out), _pipe(there, writer))
        finally:
            out.transport.abort()

    async def _say(
        self, script: tuple[Step, ...], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for step in script:
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
                    break
                case Act():
                    return
        await reader.read()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.transport.abort()
