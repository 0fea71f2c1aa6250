"""One connection to one server: a request out, the answer in, checked as it comes.

Parsing is httptools' (llhttp); what that leaves open is closed here: the size of the header, the
number of its lines, answers that end too early, bytes that nobody asked for. The content waits here,
some 64 KiB of it at most, until it is read. Nothing here knows of names, judgement or keeping alive.
"""

import asyncio
import errno
import ssl
from typing import Final

import httptools

from bot.errors import FailureKind, FetchError, Retry

#: for the header lines of an answer together, and for what frames its chunks
MAX_HEAD: Final = 100 * 1024
MAX_HEADERS: Final = 200
#: 100 Continue, 103 Early Hints … before the answer
_MAX_INTERIM: Final = 10
#: bytes of framing that a byte of content may cost: the smallest chunk costs 5
_FRAMING: Final = 16
_MAX_WAITING: Final = 64 * 1024


class Connection(asyncio.Protocol):
    """Carry one exchange after another; whether another may follow says ``reusable``."""

    __slots__ = (
        "_chunks",
        "_content_size",
        "_interim",
        "_keep",
        "_length",
        "_parser",
        "_paused",
        "_read",
        "_subject",
        "_transport",
        "_until_eof",
        "_waiter",
        "_waiting",
        "closed",
        "done",
        "failure",
        "head_done",
        "headers",
        "idle_since",
        "received",
        "status",
    )

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.closed = False
        #: seconds on the loop's clock; set by whoever keeps it
        self.idle_since = 0.0
        self._reset("")
        self.done = True

    def _reset(self, subject: str) -> None:
        self._subject = subject
        self._parser: httptools.HttpResponseParser | None = None
        self.failure: FetchError | None = None
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.head_done = False
        #: the whole answer has arrived
        self.done = False
        #: bytes of this exchange, framing and all
        self.received = 0
        self._content_size = 0
        self._chunks: list[bytes] = []
        self._waiting = 0
        self._paused = False
        self._interim = 0
        self._keep = False
        self._until_eof = False
        self._length: int | None = None

    # -- what the owner asks for -------------------------------------------------------------

    @property
    def reusable(self) -> bool:
        """Whether another request may be sent here."""
        return self.done and self._keep and not self.closed

    async def exchange(self, request: bytes, *, subject: str) -> None:
        """Send a request and wait for the header of its answer; raises FetchError (reset, protocol)."""
        self._reset(subject)
        if self.closed or self._transport is None:
            self._fail_cut()
        else:
            self._parser = _lenient_parser(self)
            self._transport.write(request)
        while not self.head_done and self.failure is None:
            await self._wait()
        if self.failure is not None and not self.head_done:
            raise self.failure

    async def read(self) -> bytes:
        """Return the next piece of the content, b"" at its end; raises FetchError where it is cut short."""
        while not self._chunks:
            if self.failure is not None:
                raise self.failure
            if self.done:
                return b""
            await self._wait()
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._waiting = 0
        if self._paused and self._transport is not None:
            self._paused = False
            if not self.closed:
                self._transport.resume_reading()
        return data

    def expect_nothing(self) -> None:
        """Forget an answer whose content will never be read; raises FetchError where some of it came."""
        if self._waiting:
            self._fail(FailureKind.PROTOCOL, "the proxy speaks before it was spoken to")
        if self.failure is not None:
            raise self.failure
        self._reset("")
        self.done = True

    async def secure(self, context: ssl.SSLContext, name: str) -> None:
        """Speak TLS from here on, to the server of this name; raises OSError (ssl.SSLError is one)."""
        if self.closed or self._transport is None:
            raise ConnectionResetError(errno.ECONNRESET, "closed")
        loop = asyncio.get_running_loop()
        secured = await loop.start_tls(self._transport, self, context, server_hostname=name)
        assert secured is not None  # as the types have it: the loop itself raises
        self._transport = secured

    def abort(self) -> None:
        """Close at once."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, kind: FailureKind, why: str) -> None:
        if self.failure is None and not self.done:
            self.failure = FetchError(why, kind=kind, subject=self._subject, retry=Retry.LATER)
        self._wake()

    def _fail_cut(self) -> None:
        if not self.received:
            why = "the server closed the connection without an answer"
        elif not self.head_done:
            why = "the connection was cut in the middle of the header"
        elif self._length is not None:
            why = f"the connection was cut after {self._content_size:,} of {self._length:,} bytes"
        else:
            why = "the connection was cut before the end of the content"
        self._fail(FailureKind.RESET, why)

    # -- what asyncio calls ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way out."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Parse what came, and stop reading where nobody takes the content."""
        if self.done or self._parser is None:
            # nobody asked for this: whatever it is, it must not become the answer to the next request
            self.abort()
            return
        self.received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(FailureKind.PROTOCOL, "the server wants to switch to another protocol")
        except httptools.HttpParserError as error:
            self._keep = False
            self._fail(FailureKind.PROTOCOL, f"the answer is no valid HTTP: {str(error)[:100].lower()}")
        framing = self.received - self._content_size
        if not self.done and framing > MAX_HEAD + _FRAMING * self._content_size:
            self._fail(FailureKind.PROTOCOL, f"the header is larger than {MAX_HEAD // 1024} KiB")
        if self.failure is not None:
            self.abort()
        elif self._waiting > _MAX_WAITING and not self._paused and not self.done:
            assert self._transport is not None
            self._paused = True
            self._transport.pause_reading()
        if self.done or self.head_done or self.failure is not None:
            self._wake()

    def eof_received(self) -> None:
        """End an answer that has no length: it ends with the connection."""
        if self.head_done and self._until_eof and self.failure is None:
            self.done = True
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's signature
        """Fail what is not complete."""
        self.closed = True
        if not self.done:
            self._fail_cut()

    # -- what httptools calls ----------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Notice that more came than the answer."""
        if self.done:
            self._keep = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line; trailers are not looked at."""
        if self.head_done:
            return
        self.headers.append((name, value))
        if len(self.headers) > MAX_HEADERS:
            self._fail(FailureKind.PROTOCOL, f"the header has more than {MAX_HEADERS} lines")

    def on_headers_complete(self) -> None:
        """Check the header; skip the interim ones."""
        assert self._parser is not None
        if self.done or self.failure is not None:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._interim += 1
            self.headers.clear()
            if self._interim > _MAX_INTERIM:
                self._fail(FailureKind.PROTOCOL, "the server sends interim answers without end")
            return
        if sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            self._fail(FailureKind.PROTOCOL, f"the header is larger than {MAX_HEAD // 1024} KiB")
            return
        self.status = status
        self._look_at_framing()
        self.head_done = self.failure is None

    def on_body(self, data: bytes) -> None:
        """Take a piece of the content."""
        if self.done or not self.head_done:
            return
        self._chunks.append(data)
        self._content_size += len(data)
        self._waiting += len(data)

    def on_message_complete(self) -> None:
        """Note that the answer is whole."""
        assert self._parser is not None
        if self.head_done and not self.done:
            self._keep = self._parser.should_keep_alive() and self._keep
            self.done = True

    def _look_at_framing(self) -> None:
        self._length, coding = _framing(self.headers)
        if coding and coding != b"chunked":
            self._fail(FailureKind.PROTOCOL, "the answer comes in a transfer coding that is not supported")
        # a length beside chunks is a sign of confusion: read it, but let nothing follow
        self._keep = not (coding and self._length is not None)
        self._until_eof = not coding and self._length is None
        if coding:
            self._length = None


def _lenient_parser(connection: Connection) -> httptools.HttpResponseParser:
    parser = httptools.HttpResponseParser(connection)
    # two habits of old servers that do no harm to a client which trusts no answer with another's:
    # bare line feeds, and a length beside chunks (chunks win, RFC 9112 section 6.3)
    parser.set_dangerous_leniencies(
        lenient_optional_cr_before_lf=True,
        lenient_chunked_length=True,
        lenient_spaces_after_chunk_size=True,
    )
    return parser


def _framing(headers: list[tuple[bytes, bytes]]) -> tuple[int | None, bytes]:
    """Return the announced length, and the transfer coding in lower case."""
    length: int | None = None
    coding = b""
    for name, value in headers:
        lower = name.lower()
        if lower == b"content-length":
            length = int(value)
        elif lower == b"transfer-encoding":
            coding = value.strip().lower()
    return length, coding
