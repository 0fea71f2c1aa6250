"""May this page be asked for? robots.txt as RFC 9309 has it, fetched like anything else and remembered.

Asked by the pipeline before article pages; feeds are not asked for (somebody subscribed to them, and
a subscription is a request). In memory only: a restart asks again.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx
from protego import Protego

from bot.errors import FailureKind, FetchError
from bot.fetch import guard
from bot.fetch.client import Fetcher
from bot.fetch.guard import Policy
from bot.fetch.pacing import MAX_DELAY
from bot.model import Page

#: the first so many bytes are read. Source: RFC 9309 section 2.5 wants 500 KiB at least
MAX_BODY: Final = 512 * 1024
_KEEP: Final = timedelta(hours=24)
_KEEP_FAILURE: Final = timedelta(minutes=10)
#: of rules kept in memory, over all origins; and so many origins
_MAX_KEPT: Final = 8 * 1024 * 1024
_MAX_ORIGINS: Final = 5000
#: characters above which the rules are read in a thread: half a MiB takes a fifth of a second (measured)
_LARGE: Final = 32 * 1024

#: Source: RFC 9309 section 2.2.1, the product token is letters, "_" and "-"
_AGENT_LINE: Final = re.compile(
    r"user[- ]?agent[ \t:]+(?P<token>\*(?=[ \t]*(?:#|$))|[a-z_-]*)", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RobotsVerdict:
    """Whether a page may be asked for."""

    allowed: bool
    #: at most 60 s; None when the site says nothing
    crawl_delay: timedelta | None = None
    #: in words; also for what is allowed
    why: str = ""
    #: not for now: only the rules could not be read, they do not forbid it
    temporary: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rules:
    until: datetime
    #: None: everything is allowed or nothing, as ``fallback`` says
    parsed: Protego | None
    fallback: RobotsVerdict
    size: int = 0


class Robots:
    """Answer from the rules of each origin: kept for 24 h, a failure to read them for 10 min."""

    def __init__(self, fetcher: Fetcher, *, user_agent: str) -> None:
        self._fetcher = fetcher
        self._token = re.sub(r"[^A-Za-z_-].*", "", user_agent, flags=re.DOTALL).lower()
        #: oldest first
        self._known: dict[tuple[Policy, str], _Rules] = {}
        #: characters of their rules
        self._kept = 0
        self._asking: dict[tuple[Policy, str], asyncio.Lock] = {}

    async def verdict(self, url: str, *, policy: Policy, now: datetime) -> RobotsVerdict:
        """Say whether we may ask for a page now, and how long to pause between two (``HostPacer.set_delay``).

        No robots.txt (4xx) allows all; one that cannot be read (5xx, timeout, no such name …) allows
        nothing for now. Never raises FetchError: an address that cannot be asked is not allowed.
        Source: RFC 9309 section 2.3.1.
        """
        try:
            page = guard.check_url(url)
        except FetchError as error:
            return RobotsVerdict(allowed=False, why=error.message)
        rules = await self._rules(page, policy, now)
        if rules.parsed is None:
            return rules.fallback
        if rules.size > _LARGE:
            return await asyncio.to_thread(_judged, rules.parsed, self._token, page)
        return _judged(rules.parsed, self._token, page)

    async def _rules(self, page: httpx.URL, policy: Policy, now: datetime) -> _Rules:
        origin = f"{page.scheme}://{page.netloc.decode('ascii')}"
        key = (policy, origin)
        if (known := self._known.get(key)) is not None and known.until > now:
            return known
        lock = self._asking.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (known := self._known.get(key)) is not None and known.until > now:
                    return known  # somebody else asked while we waited
                rules = await self._read(f"{origin}/robots.txt", policy, now)
        finally:
            self._asking.pop(key, None)
        self._keep(key, rules)
        return rules

    def _keep(self, key: tuple[Policy, str], rules: _Rules) -> None:
        former = self._known.pop(key, None)
        self._kept += rules.size - (former.size if former else 0)
        self._known[key] = rules
        while len(self._known) > _MAX_ORIGINS or self._kept > _MAX_KEPT:
            self._kept -= self._known.pop(next(iter(self._known))).size

    async def _read(self, url: str, policy: Policy, now: datetime) -> _Rules:
        try:
            page = await self._fetcher.get(
                url, policy=policy, max_body=MAX_BODY, cut=True, accept="text/plain,*/*;q=0.5"
            )
        except FetchError as error:
            return _without(error, now)
        assert isinstance(page, Page)  # nothing conditional was asked
        text = only_ours(page.body.decode("utf-8", "replace").removeprefix("\ufeff"), self._token)
        if len(text) > _LARGE:
            parsed = await asyncio.to_thread(Protego.parse, text)
        else:
            parsed = Protego.parse(text)
        return _Rules(until=now + _KEEP, parsed=parsed, fallback=RobotsVerdict(allowed=True), size=len(text))


def _without(error: FetchError, now: datetime) -> _Rules:
    """Return what holds where robots.txt could not be read."""
    # RFC 9309 section 2.3.1.2: more than five redirects count as no robots.txt
    missing = error.status is not None and 400 <= error.status < 500
    if missing or error.kind is FailureKind.REDIRECTS:
        verdict = RobotsVerdict(allowed=True, why=f"no robots.txt: {error.message}")
        return _Rules(until=now + _KEEP, parsed=None, fallback=verdict)
    if error.kind in (FailureKind.REFUSED_ADDRESS, FailureKind.BAD_URL):
        verdict = RobotsVerdict(
            allowed=False, why=f"{error.message} ({error.hint})" if error.hint else error.message
        )
    else:
        why = f"not for now, its robots.txt could not be read: {error.message}"
        verdict = RobotsVerdict(allowed=False, why=why, temporary=True)
    keep = max(_KEEP_FAILURE, error.retry_after or timedelta())
    return _Rules(until=now + min(keep, _KEEP), parsed=None, fallback=verdict)


def _judged(parsed: Protego, token: str, page: httpx.URL) -> RobotsVerdict:
    allowed = parsed.can_fetch(str(page), token)
    delay_s = parsed.crawl_delay(token)
    forbidden = f"robots.txt of {guard.host_of(page)} does not allow {token} to read this"
    return RobotsVerdict(
        allowed=allowed,
        crawl_delay=timedelta(seconds=min(delay_s, MAX_DELAY.total_seconds())) if delay_s else None,
        why="robots.txt allows it" if allowed else forbidden,
    )


def only_ours(text: str, token: str) -> str:
    """Return robots.txt with the agents of others renamed, so that only our own group, or *, can apply.

    The parser takes a group for ``news`` as one for ``newsbot``; the token must be the same.
    Source: RFC 9309 section 2.2.1.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if agent := _AGENT_LINE.match(line.strip()):
            named = agent["token"].lower()
            lines[number] = f"user-agent: {named if named in ('*', token) else 'somebody-else'}"
    return "\n".join(lines)
