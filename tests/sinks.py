"""Where deliveries end in tests: a real SMTP server and a real webhook, both able to misbehave.

Both run in a thread of their own on loopback, record what they got, and follow a script of faults:
``sink.faults = ["rcpt-450"]`` lets the next conversation fail in that way; an empty script is good
behaviour. Use them as context managers.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as email_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

_CERTIFICATES = Path(__file__).parent / "fetch" / "tls"
#: what a client has to trust
AUTHORITY = _CERTIFICATES / "authority.pem"
#: Faults of the SMTP sink, by the stage at which they strike.
SMTP_FAULTS = (
    "banner-hang", "banner-554", "ehlo-421", "mail-451", "mail-550", "rcpt-450", "rcpt-550",
    "data-451", "data-554", "data-drop", "data-hang",
    "body-451", "body-554", "body-drop", "body-hang", "body-garbage",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message as the server got it."""

    sender: str
    recipients: tuple[str, ...]
    body: bytes
    tls: bool
    user: str | None
    #: False where the server then answered with a fault
    answered: bool

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        return BytesParser(policy=email_policy).parsebytes(self.body)


class SmtpSink:
    """An SMTP server that records; ``with SmtpSink() as sink: … sink.port, sink.mails``."""

    def __init__(
        self, *, user: str | None = None, password: str | None = None, tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:  # fmt: skip
        self.host = "127.0.0.1"
        self.faults: list[str] = []
        #: everything that arrived whole, also where it was then refused
        self.mails: list[Mail] = []
        #: logins that were tried: (user, password, over TLS)
        self.logins: list[tuple[str, str, bool]] = []
        #: commands of all conversations, in order
        self.commands: list[str] = []
        self.conversations = 0
        self._credentials = (user, password)
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._controller: Controller | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._controller.server.sockets[0].getsockname()[1]

    @property
    def accepted(self) -> list[Mail]:
        """The mails whose sender was told that all is well."""
        return [mail for mail in self.mails if mail.answered]

    def __enter__(self) -> "SmtpSink":
        self._controller = _Controller(self)
        self._controller.start()
        # the controller has knocked at its own door
        self.conversations = 0
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop(no_assert=True)

    def server_options(self) -> dict[str, Any]:
        """What the controller and its sessions need to know."""
        user, _ = self._credentials
        starttls = None if self._implicit_tls else self._tls
        return {
            "auth_required": user is not None,
            "authenticator": self._authenticate,
            "tls_context": starttls,
            "enable_SMTPUTF8": False,
        }

    @property
    def implicit_tls(self) -> ssl.SSLContext | None:
        """The certificate, where TLS begins with the connection."""
        return self._tls if self._implicit_tls else None

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        login, password = data.login.decode(), data.password.decode()
        self.logins.append((login, password, server.transport.get_extra_info("sslcontext") is not None))
        good = (login, password) == self._credentials
        if good:
            session.user_name = login
        return AuthResult(success=good, handled=False)


class _Controller(Controller):
    """A controller that takes any free port."""

    def __init__(self, sink: SmtpSink) -> None:
        super().__init__(_Handler(sink), hostname=sink.host, port=0, ssl_context=sink.implicit_tls)
        self._sink = sink

    def factory(self) -> SMTP:
        return _Conversation(
            self.handler, sink=self._sink, hostname="sink.invalid", **self._sink.server_options()
        )

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class _Conversation(SMTP):
    """One connection; takes the next fault of the script when it begins."""

    def __init__(self, handler: "_Handler", *, sink: SmtpSink, **options: Any) -> None:
        super().__init__(handler, **options)
        # told here, since the library warns of it: this is no mail server of anybody's
        self._auth_require_tls = False
        self._sink = sink
        self.fault = ""

    def connection_made(self, transport: Any) -> None:
        if not self._over_ssl_upgrade(transport):
            self._sink.conversations += 1
            self.fault = self._sink.faults.pop(0) if self._sink.faults else ""
        super().connection_made(transport)

    def _over_ssl_upgrade(self, transport: Any) -> bool:
        return self._original_transport is not None

    async def push(self, status: Any) -> None:
        greeting = isinstance(status, str) and status.startswith("220 sink.invalid")
        if greeting and self.fault == "banner-hang":
            await self.hang()
        if greeting and self.fault == "banner-554":
            status = "554 no service here"
        await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        self._sink.commands.append("EHLO")
        if self.fault == "ehlo-421":
            await self.push("421 try again later")
            self.transport.close()
            return
        await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        self._sink.commands.append("MAIL")
        await (super().smtp_MAIL(arg) if not self.fault.startswith("mail-") else self._answer())

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        self._sink.commands.append("RCPT")
        await (super().smtp_RCPT(arg) if not self.fault.startswith("rcpt-") else self._answer())

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self._sink.commands.append("DATA")
        await (super().smtp_DATA(arg) if not self.fault.startswith("data-") else self._answer())

    async def _answer(self) -> None:
        stage, _, how = self.fault.partition("-")
        if how == "drop":
            self.transport.abort()
        elif how == "hang":
            await self.hang()
        else:
            await self.push(f"{how} said at {stage}")

    async def hang(self) -> None:
        """Say nothing more; the controller ends the conversation when the sink closes."""
        await asyncio.Event().wait()


class _Handler:
    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink

    async def handle_DATA(self, server: _Conversation, session: Session, envelope: Envelope) -> str:  # noqa: N802
        stage, _, how = server.fault.partition("-")
        struck = stage == "body"
        self._sink.mails.append(
            Mail(
                sender=envelope.mail_from,
                recipients=tuple(envelope.rcpt_tos),
                body=envelope.content,
                tls=server.transport.get_extra_info("sslcontext") is not None,
                user=getattr(session, "user_name", None),
                answered=not struck,
            )
        )
        if not struck:
            return f"250 2.0.0 Ok: queued as {len(self._sink.mails):08X}"
        if how == "drop":
            server.transport.abort()
        elif how == "hang":
            await server.hang()
        return "what?" if how == "garbage" else f"{how} said to the body" if how.isdigit() else "250 too late"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a webhook says to one request."""

    status: int = 200
    body: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    #: instead of answering: ``drop`` closes the connection, ``hang`` says nothing
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A request as the webhook got it."""

    path: str
    headers: dict[str, str]
    body: bytes


class WebhookSink:
    """An HTTP server that records posts and answers by ``sink.answers``, then with 200 ``ok``."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.posts: list[Post] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _bound(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """An address with a path that is as secret as a real one."""
        return f"http://127.0.0.1:{self.port}/services/T0/B0/canary-secret"

    def __enter__(self) -> "WebhookSink":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _bound(sink: WebhookSink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            sink.posts.append(
                Post(path=self.path, headers={k.lower(): v for k, v in self.headers.items()}, body=body)
            )
            answer = sink.answers.pop(0) if sink.answers else Answer()
            self.close_connection = True
            if answer.fault == "hang":
                sink.closing.wait()
            if answer.fault:
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            # the other side may have gone
            with contextlib.suppress(OSError):
                self.wfile.write(answer.body.encode())

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    return Handler


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port of this machine on which nobody listens, kept so while it is used."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def server_tls(name: str = "good") -> ssl.SSLContext:
    """Return a server's side of TLS with one of the test certificates; ``AUTHORITY`` signed all but one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATES / f"{name}.pem")
    return context
