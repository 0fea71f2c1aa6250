"""A small HTTP server on a loopback address, for pages that are made beforehand.

It speaks HTTP/1.1 with keep-alive, answers conditional requests and writes nothing to the terminal.
It never decides what to say: it is given a function from path to reply.
"""

import contextlib
import hashlib
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

#: a browser's idle connection is given up after this many seconds
_IDLE_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a path answers."""

    body: bytes
    content_type: str
    status: int = 200
    #: when the content last changed, to the second; None sends no validators
    changed_at: datetime | None = None

    @property
    def etag(self) -> str:
        """A strong validator of the body."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'

    @property
    def last_modified(self) -> str | None:
        """The moment of the last change as an HTTP date, or None."""
        if self.changed_at is None:
            return None
        return format_datetime(self.changed_at.astimezone(UTC).replace(microsecond=0), usegmt=True)

    def is_known_to(self, *, none_match: str | None, modified_since: str | None) -> bool:
        """Tell whether a client with these validators already has this body.

        Where both are given, the entity tag alone decides.
        Source: RFC 9110, sections 13.1.2, 13.1.3 and 13.2.2.
        """
        if self.changed_at is None or self.status != HTTPStatus.OK:
            return False
        if none_match is not None:
            tags = {tag.strip().removeprefix("W/") for tag in none_match.split(",")}
            return "*" in tags or self.etag in tags
        if modified_since is None:
            return False
        try:
            since = parsedate_to_datetime(modified_since)
        except ValueError:
            return False
        if since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        return self.changed_at.replace(microsecond=0) <= since


class LoopbackServer:
    """Serve one host's paths in threads of its own, from ``start`` to ``stop``."""

    def __init__(self, host: str, answer: Callable[[str], Reply]) -> None:
        """Bind to a free port of ``host``; ``answer`` is called with the path, without its query.

        Raises OSError where this machine has no such address.
        """
        self._http = _Server((host, 0), _handler(answer))
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self.url = f"http://{host}:{self._http.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, close every connection and free the port."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.close_all()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._lock = threading.Lock()
        self._open: dict[Any, threading.Thread] = {}
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # HTTPServer asks the DNS for the name of its own address here, which may hang without a network.
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._lock:
            self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet where a client hung up; a fault of ours stays loud."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close_all(self) -> None:
        self.server_close()
        with self._lock:
            still_open = dict(self._open)
        for connection, thread in still_open.items():
            # Wakes the thread that waits for the next request of a kept connection.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)


def _handler(answer: Callable[[str], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "newsbot-demo"
        sys_version = ""
        timeout = _IDLE_S
        # Head and body go out in one piece; waiting for more would cost 40 ms a request.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._reply(with_body=True)

        def do_HEAD(self) -> None:
            self._reply(with_body=False)

        def _reply(self, *, with_body: bool) -> None:
            reply = answer(self.path.partition("?")[0])
            known = reply.is_known_to(
                none_match=self.headers.get("If-None-Match"),
                modified_since=self.headers.get("If-Modified-Since"),
            )
            self.send_response(HTTPStatus.NOT_MODIFIED if known else reply.status)
            if reply.last_modified is not None:
                self.send_header("ETag", reply.etag)
                self.send_header("Last-Modified", reply.last_modified)
            if not known:
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if with_body and not known:
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Say nothing: the terminal belongs to the demo."""

    return Handler
