"""One hop of a fetch: what the server is told, and what it means that it answers so.

What all hops of a fetch share is an ``Ask``; each may lead to the next by a ``Redirect``.
"""

import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import httpx

from bot.clock import Clock
from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import guard, proxy
from bot.fetch.answers import lean_headers, status_error
from bot.fetch.body import read_body
from bot.fetch.budget import Share
from bot.fetch.cookies import Jar
from bot.fetch.terms import Terms, secret_headers
from bot.fetch.transport import Answer, Header
from bot.model import NotModified, Page

#: every hop before this one: (status, address)
Hops = tuple[tuple[int, str], ...]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: what may stand in a header value; anything else was never sent by a server
_VALIDATOR: Final = re.compile(r"[\x20-\x7e\x80-\xff]{1,4096}")
_CODINGS: Final = (b"Accept-Encoding", b"gzip, deflate")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What all hops of one fetch have in common."""

    terms: Terms
    #: what every server is told
    headers: list[Header]
    conditional: bool
    max_body: int
    cut: bool
    total_s: float

    def told(self, hop: httpx.URL, jar: Jar) -> list[Header]:
        """Return what the server of this hop is told: its own cookies, and secrets that are meant for it."""
        headers = self.headers
        if self.terms.secret:
            own = secret_headers(self.terms, hop)
            names = {name.lower() for name, _ in own}
            headers = [*(header for header in headers if header[0].lower() not in names), *own]
        return jar.joined(headers, hop)


@dataclass(frozen=True, kw_only=True, slots=True)
class Redirect:
    """An answer that leads elsewhere."""

    status: int
    #: as the server wrote it
    location: str
    headers: list[Header]


def plain_headers(agent: Header, accept: str | None, validators: list[Header]) -> list[Header]:
    """Return what every server is told."""
    wanted = b"*/*" if accept is None else accept.encode("ascii", "replace")
    return [agent, _CODINGS, (b"Accept", wanted), *validators]


def agent_line(user_agent: str) -> Header:
    """Return the line that says who asks."""
    return b"User-Agent", re.sub(r"[^\x20-\x7e]", "?", user_agent).encode("ascii")


def validator_lines(etag: str | None, last_modified: str | None) -> list[Header]:
    """Return the conditional headers, byte for byte as the server gave them."""
    pairs = ((b"If-None-Match", etag), (b"If-Modified-Since", last_modified))
    return [(name, value.encode("latin-1")) for name, value in pairs if value and _VALIDATOR.fullmatch(value)]


async def understood(
    answer: Answer,
    hop: httpx.URL,
    subject: str,
    ask: Ask,
    *,
    redirects: Hops,
    clock: Clock,
    take: Callable[[int], Awaitable[Share]],
) -> Page | NotModified | Redirect:
    """Return what an answer means; the content is read only where it is wanted.

    A large one is read when ``take`` has given it memory. Raises FetchError.
    """
    status = answer.status
    headers = lean_headers(answer.headers)
    if status == 304:
        if not ask.conditional:
            raise FetchError(
                "the server says “not modified” to somebody who has nothing yet",
                kind=FailureKind.PROTOCOL,
                subject=subject,
                retry=Retry.LATER,
                status=status,
            )
        return NotModified(url=str(hop), headers=headers, redirects=redirects)
    if status in _REDIRECTS and headers.get("location", "").strip():
        return Redirect(status=status, location=_location(headers["location"]), headers=answer.headers)
    if status == 407 and (via := ask.terms.policy.proxy) is not None:
        raise proxy.answered(via, status, guard.host_of(hop), subject)
    if not 200 <= status < 300 or status == 206:  # a part that nobody asked for is not the content
        raise status_error(status, headers, subject=subject, now=clock.now())
    body = await read_body(
        answer.content(), headers, max_body=ask.max_body, subject=subject, take=take, cut=ask.cut
    )
    return Page(url=str(hop), status=status, headers=headers, body=body, redirects=redirects)


def followed(location: str, hop: httpx.URL, terms: Terms, *, max_url: int) -> httpx.URL:
    """Return where a redirect leads, checked like any address; raises FetchError."""
    with contextlib.suppress(ValueError):  # check_url says what is wrong with it
        location = urljoin(str(hop), location)
    following = guard.check_url(location, max_url=max_url)
    if terms.secret and hop.scheme == "https" and following.scheme == "http":
        raise FetchError(
            "it leads away from https, and this source is asked with credentials",
            kind=FailureKind.REDIRECTS,
            subject=guard.shown(str(following)),
            retry=Retry.NEVER,
            hint="is its address right? take the credentials out if it needs none",
        )
    return following


def on_the_way(error: FetchError, subject: str) -> FetchError:
    """Return the error of a later hop as one of the address that was asked for."""
    return FetchError(
        f"redirected to {error.subject}: {error.message}" if error.subject != subject else error.message,
        kind=error.kind,
        subject=subject,
        retry=error.retry,
        hint=error.hint,
        status=error.status,
        retry_after=error.retry_after,
    )


def _location(value: str) -> str:
    """Return where a redirect leads; servers write UTF-8 there, against the rules, or latin-1."""
    try:
        return value.strip().encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value.strip()
