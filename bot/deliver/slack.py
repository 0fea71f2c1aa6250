"""Slack: a digest posted to one channel through an incoming webhook.

A webhook cannot be asked what it got, so an answer that is lost leaves the delivery uncertain; the
short id at the end of each message lets people see a repeat. The address is a secret: it stands in
no message, error or log line of ours.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from pydantic import Field, SecretStr, field_validator

from bot.deliver import blocks
from bot.deliver.clean import shorten, web_link
from bot.deliver.judge import later, never, unknown
from bot.deliver.options import Options, Seconds
from bot.errors import DeliveryError, FailureKind
from bot.model import Digest, Receipt

_LONGEST_WAIT = timedelta(hours=1)
#: Nothing had left us when these were raised: the connection was never there.
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class SlackOptions(Options):
    """What a channel of type ``slack`` needs."""

    webhook_url: SecretStr = Field(
        description="address of an incoming webhook; use `webhook_url_env` or `_file`"
    )
    timeout: Seconds = Field(default=30, description="for the whole request")

    @field_validator("webhook_url")
    @classmethod
    def _is_https(cls, url: SecretStr) -> SecretStr:
        secret = url.get_secret_value().strip()
        host = urlsplit(secret).hostname if web_link(secret) else None
        if host is None:
            raise ValueError("is not an address such as https://hooks.slack.com/services/…")
        if not secret.startswith("https://") and not _is_loopback(host):
            raise ValueError("must begin with https://: the address is a secret")
        return SecretStr(secret)


class Slack:
    """A channel that posts to Slack, at most one message a second."""

    kind = "slack"

    def __init__(self, key: str, options: SlackOptions, *, pause: timedelta = timedelta(seconds=1)) -> None:
        self._key = key
        self._url = options.webhook_url
        self._timeout = options.timeout
        self._pause_s = pause.total_seconds()
        self._turn = asyncio.Lock()
        #: on the event loop's clock
        self._free_at = 0.0

    def targets(self) -> tuple[str, ...]:
        """Return the one target; its name is the channel's, since the address is a secret."""
        return (self._key,)

    def payload(self, digest: Digest, *, target: str, message_id: str) -> bytes:
        """Return the JSON that is posted, at most 10,000 characters."""
        return blocks.message(digest, message_id=message_id)

    async def send(self, body: bytes, *, target: str, message_id: str) -> Receipt:
        """Post the message; once more as plain text where Slack refuses its blocks."""
        async with self._turn:
            response = await self._post(body)
            if response.status_code == 400 and response.text.startswith("invalid_blocks"):
                response = await self._post(blocks.plain_message(body))
        if response.is_success:
            return Receipt(remote_id=response.headers.get("x-slack-req-id"))
        raise self._refused(response)

    def test_payload(self, *, target: str, message_id: str, now: datetime) -> bytes:
        """Return a short message that says that the channel works."""
        words = f"This is a test from Newsbot. The channel “{self._key}” works: digests will come this way."
        return blocks.note(words, message_id=message_id)

    async def _post(self, body: bytes) -> httpx.Response:
        loop = asyncio.get_running_loop()
        # Source: Slack's rate limits, one message a second and channel for webhooks
        await asyncio.sleep(max(0.0, self._free_at - loop.time()))
        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=self._timeout) as client,
            ):
                return await client.post(
                    self._url.get_secret_value(),
                    content=body,
                    headers={"Content-Type": "application/json; charset=utf-8"},
                )
        # `from None`: these errors know the request and with it the address
        except _BEFORE_SENDING as error:
            raise later(self._key, f"Slack could not be reached ({type(error).__name__})") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise unknown(self._key, f"Slack's answer was lost ({type(error).__name__})") from None
        finally:
            self._free_at = loop.time() + self._pause_s

    def _refused(self, response: httpx.Response) -> DeliveryError:
        status = response.status_code
        answer = f"Slack answered {status} {shorten(response.text[:400], 100)}".rstrip()
        if status == 429:
            return later(self._key, answer, kind=FailureKind.RATE_LIMITED, retry_after=_retry_after(response))
        if status >= 500:
            return unknown(self._key, answer)
        if status in {403, 404, 410}:
            return never(
                self._key,
                answer,
                kind=FailureKind.CHANNEL_GONE,
                hint="the webhook was revoked or its channel archived: make a new one in Slack",
            )
        hint = (
            "the address redirects: is it the webhook's own?"
            if status < 400
            else "Slack refuses this message"
        )
        return never(self._key, answer, kind=FailureKind.REJECTED, hint=hint)


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Return how long Slack wants to be left alone, at most an hour; None for junk or nothing.

    Source: RFC 9110 §10.2.3 (seconds, or a date relative to the answer's own).
    """
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=int(said[:6])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
        sent = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return None
    wait = until.replace(tzinfo=UTC) - sent.replace(tzinfo=UTC)
    return min(wait, _LONGEST_WAIT) if wait > timedelta(0) else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
