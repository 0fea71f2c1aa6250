"""The threads and sockets under a `LocalSite`: one connection a thread, all of them gone when it stops."""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What goes back for one request."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: close the connection without a word
    drop: bool = False
    #: send only this many bytes of the body, and close
    cut: int | None = None


class Server:
    """Answer on ``host`` and a free port; ``answer`` gets method, target and lower-case headers."""

    def __init__(self, host: str, answer: Callable[[str, str, Mapping[str, str]], Answer]) -> None:
        self._http = _Http((host, 0), _handler(answer))
        self.url = f"http://{host}:{self._http.server_address[1]}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.close_all()


class _Http(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._lock = threading.Lock()
        self._open: dict[Any, threading.Thread] = {}
        super().__init__(address, handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # without asking the DNS for a name of the address

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
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close_all(self) -> None:
        self.server_close()
        with self._lock:
            still_open = dict(self._open)
        for connection, thread in still_open.items():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)


def _handler(answer: Callable[[str, str, Mapping[str, str]], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "local-site"
        sys_version = ""
        # Head and body leave in one piece.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            what = answer(self.command, self.path, headers)
            if what.drop:
                self.close_connection = True
                return
            self.send_response(what.status)
            for name, value in what.headers.items():
                self.send_header(name, value)
            if what.status != 304:
                self.send_header("Content-Length", str(len(what.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(what.body[: what.cut])
            if what.cut is not None:
                self.close_connection = True

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler
