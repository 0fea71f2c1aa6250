"""The dialogue with a mail server: one message for one recipient, and what its answers mean.

The one moment that matters is the dot at the end of the message. Before it, nothing was accepted and
every failure is definite; after it, a lost answer means that nobody can know.
"""

import asyncio
import re
import ssl
from contextlib import suppress
from datetime import timedelta
from enum import IntEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

import aiosmtplib
from pydantic import Field, SecretStr, model_validator

from bot.deliver.clean import shorten
from bot.deliver.judge import later, never, unknown
from bot.deliver.options import Options, Seconds
from bot.errors import DeliveryError, FailureKind
from bot.model import Receipt

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LONE_BREAK = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_QUEUED_AS = re.compile(r"queued as ([\w.-]{1,80})", re.IGNORECASE)
#: Of the methods that a server offers only one is tried: each refusal counts towards a lock-out.
_AUTH_METHODS = ("plain", "login", "cram-md5")

_AFTER_REFUSED_LOGIN = timedelta(hours=1)


class SmtpOptions(Options):
    """How to reach the mail server."""

    host: str = Field(min_length=1, max_length=255, description="name of the mail server")
    port: int = Field(default=587, ge=1, le=65535, description="465 for `tls` and 25 for `none` when not set")
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = Field(default=None, description="certificates to trust beside the system's (PEM)")
    timeout: Seconds = Field(default=30, description="for each command")
    total_timeout: Seconds = Field(default=120, description="for the whole dialogue")

    @model_validator(mode="after")
    def _fits_together(self) -> "SmtpOptions":
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` (or `password_env`, `password_file`) go together")
        if self.password is not None and self.security == "none" and not _is_this_machine(self.host):
            raise ValueError("a password is never sent in clear text: set `security: starttls` or `tls`")
        if "port" not in self.model_fields_set:
            # the model is frozen for everybody else
            object.__setattr__(self, "port", _PORTS[self.security])
        return self


class _Step(IntEnum):
    """How far the dialogue came."""

    CONNECT = 1
    TLS = 2
    LOGIN = 3
    ENVELOPE = 4
    #: everything up to the final dot was handed over
    MESSAGE = 5


class _Progress:
    """Where the dialogue stands; read when it breaks off."""

    def __init__(self) -> None:
        self.step = _Step.CONNECT


async def hand_over(
    body: bytes, *, server: SmtpOptions, sender: str, recipient: str, channel: str
) -> Receipt:
    """Send one message to one recipient.

    Raises DeliveryError: LATER for a server that is away, busy, or refuses the login (not before an
    hour has gone); NEVER where it refuses sender, recipient or message for good; UNKNOWN where the
    answer to the whole message was lost.
    """
    progress = _Progress()
    client = aiosmtplib.SMTP(hostname=server.host, port=server.port, timeout=server.timeout, start_tls=False)
    try:
        async with asyncio.timeout(server.total_timeout):
            answer = await _dialogue(client, progress, server, sender, recipient, body)
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        # `from None`: what the library knows includes the login
        raise _judged(error, progress.step, server, channel) from None
    finally:
        _take_leave(client)
    queued = _QUEUED_AS.search(answer)
    return Receipt(remote_id=queued[1] if queued else shorten(answer, 120) or None)


def _take_leave(client: aiosmtplib.SMTP) -> None:
    """Say QUIT without waiting for the answer: the message is accepted or refused already."""
    with suppress(aiosmtplib.SMTPException):
        if client.protocol is not None:
            client.protocol.write(b"QUIT\r\n")
    client.close()


async def _dialogue(
    client: aiosmtplib.SMTP,
    progress: _Progress,
    server: SmtpOptions,
    sender: str,
    recipient: str,
    body: bytes,
) -> str:
    trust = None
    if server.security != "none":
        trust = await asyncio.to_thread(ssl.create_default_context)
        if server.ca_file is not None:
            await asyncio.to_thread(trust.load_verify_locations, server.ca_file)
    await client.connect(use_tls=server.security == "tls", tls_context=trust)
    if server.security == "starttls":
        progress.step = _Step.TLS
        await client.starttls(tls_context=trust)
    if server.user is not None and server.password is not None:
        progress.step = _Step.LOGIN
        await client.ehlo()
        offered = client.supported_auth_methods
        client.server_auth_methods = [method for method in _AUTH_METHODS if method in offered][:1]
        await client.login(server.user, server.password.get_secret_value())
    progress.step = _Step.ENVELOPE
    await client.mail(sender)
    await client.rcpt(recipient)
    go_ahead = await client.execute_command(b"DATA")
    if go_ahead.code != 354 or client.protocol is None:
        raise aiosmtplib.SMTPDataError(go_ahead.code, go_ahead.message)
    progress.step = _Step.MESSAGE
    client.protocol.write(_on_the_wire(body))
    accepted = await client.protocol.read_response(timeout=server.timeout)
    if not 200 <= accepted.code < 300:
        raise aiosmtplib.SMTPDataError(accepted.code, accepted.message)
    return accepted.message


def _on_the_wire(body: bytes) -> bytes:
    """Return the message with CRLF everywhere, dots doubled, and its end.

    Source: RFC 5321 §2.3.8 and §4.5.2.
    """
    lines = _LONE_BREAK.sub(b"\r\n", body).removesuffix(b"\r\n")
    return _LEADING_DOT.sub(b"..", lines) + b"\r\n.\r\n"


def _judged(error: Exception, step: _Step, server: SmtpOptions, channel: str) -> DeliveryError:
    where = f"{server.host}:{server.port}"
    code = getattr(error, "code", None)
    if isinstance(code, int) and 400 <= code < 600:
        return _refused(code, shorten(str(getattr(error, "message", "")), 200), step, channel, where)
    if step is _Step.MESSAGE:
        return unknown(channel, f"{where} took the message, but its answer was lost ({_reason(error)})")
    if isinstance(error.__cause__ or error, ssl.SSLError):
        return later(
            channel,
            f"{where} has no certificate that can be trusted: {shorten(str(error.__cause__ or error), 160)}",
            kind=FailureKind.TLS,
            hint="nothing was sent; if it is your own authority, name its certificate as `ca_file`",
        )
    if step is _Step.TLS and not isinstance(error, OSError | TimeoutError):
        return later(
            channel,
            f"{where} offers no STARTTLS, and nothing is sent in clear text",
            kind=FailureKind.TLS,
            hint="set `security: tls` with port 465, or `none` for a server on this machine",
        )
    if step is _Step.LOGIN and not isinstance(error, OSError | TimeoutError):
        return _login_refused(channel, where, _reason(error))
    doing = {_Step.CONNECT: "connecting", _Step.TLS: "STARTTLS", _Step.LOGIN: "the login"}.get(
        step, "the envelope"
    )
    return later(channel, f"{where} did not answer: {doing} failed ({_reason(error)})")


def _refused(code: int, said: str, step: _Step, channel: str, where: str) -> DeliveryError:
    answer = f"{where} answered {code} {said}".rstrip()
    # RFC 4954 §6: 530 is "authentication required", whatever was asked
    if code >= 500 and (step is _Step.LOGIN or code in {530, 535}):
        return _login_refused(channel, where, f"{code} {said}".rstrip())
    if code < 500 or step < _Step.ENVELOPE:
        return later(channel, answer)
    hint = (
        "check the address"
        if step is _Step.ENVELOPE
        else "the server refuses this message; look at it in its log"
    )
    return never(channel, answer, kind=FailureKind.REJECTED, hint=hint)


def _login_refused(channel: str, where: str, reason: str) -> DeliveryError:
    return later(
        channel,
        f"{where} refuses the login: {reason}",
        kind=FailureKind.AUTHENTICATION,
        hint="check `user` and `password`; the next try is in an hour, so that the account is not locked",
        retry_after=_AFTER_REFUSED_LOGIN,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "time out"
    return shorten(str(error), 160) or type(error).__name__


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
