"""May this page be asked for? robots.txt as RFC 9309 has it, fetched like anything else and remembered.

Asked by the pipeline before article pages; feeds are not asked for (somebody subscribed to them, and
a subscription is a request). In memory only: a restart asks again. What the lines mean is in ``rules``.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import httpx
from protego import Protego

from bot.errors import FailureKind, FetchError
from bot.fetch import guard
from bot.fetch.answers import PRODUCT
from bot.fetch.client import Fetcher
from bot.fetch.policy import Policy
from bot.fetch.rules import Parsed, RobotsVerdict, decoded, judged, only_ours, product_token
from bot.fetch.terms import PUBLIC_TERMS, Terms, origin_of
from bot.model import Page

#: the first so many bytes are read. Source: RFC 9309 section 2.5 wants 500 KiB at least
MAX_BODY: Final = 512 * 1024
_KEEP: Final = timedelta(hours=24)
_KEEP_FAILURE: Final = timedelta(minutes=10)
#: how long rules that cannot be read again are still gone by
_KEEP_STALE: Final = timedelta(days=30)
#: of rules kept in memory, over all origins; and so many origins
_MAX_KEPT: Final = 8 * 1024 * 1024
_MAX_ORIGINS: Final = 5000
#: characters above which the rules are read in a thread: half a MiB takes a fifth of a second (measured)
_LARGE: Final = 16 * 1024

#: policy, the source's own user agent, origin: to whom rules that were read apply
_Key = tuple[Policy, str | None, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rules:
    until: datetime
    #: when they were read
    read_at: datetime
    #: None: everything is allowed or nothing, as ``fallback`` says
    text: str | None
    fallback: RobotsVerdict

    @property
    def size(self) -> int:
        return len(self.text or "")


class Robots:
    """Answer from the rules of each origin: kept for 24 h, a failure to read them for 10 min."""

    def __init__(self, fetcher: Fetcher, *, user_agent: str) -> None:
        self._fetcher = fetcher
        self._name = product_token(user_agent)
        #: oldest first
        self._known: dict[_Key, _Rules] = {}
        #: characters of their rules
        self._kept = 0
        self._parsed = Parsed()
        self._asking: dict[_Key, asyncio.Lock] = {}

    async def verdict(self, url: str, *, terms: Terms = PUBLIC_TERMS, now: datetime) -> RobotsVerdict:
        """Say whether we may ask for a page now, and how long to pause between two (``Fetcher.slow_down``).

        No robots.txt (4xx) allows all; one that cannot be read (5xx, timeout, no such name …) allows
        nothing for now, unless we know what it said before. Under a user agent of one's own, what is said
        to that one and to us is obeyed. Never raises FetchError: an address that cannot be asked is not
        allowed. Source: RFC 9309 section 2.3.1.
        """
        try:
            page = guard.check_url(url, max_url=guard.MAX_URL)  # as the fetcher will: it is worked out once
        except FetchError as error:
            return RobotsVerdict(allowed=False, why=error.message)
        rules = await self._rules(page, terms, now)
        if rules.text is None:
            return rules.fallback
        large = len(rules.text) > _LARGE
        parsed = self._parsed.get(rules.text)
        if parsed is None:
            parsed = (
                await asyncio.to_thread(Protego.parse, rules.text) if large else Protego.parse(rules.text)
            )
            self._parsed.keep(rules.text, parsed)
        asked = (parsed, PRODUCT, str(page), guard.host_of(page))
        return await asyncio.to_thread(judged, *asked) if large else judged(*asked)

    async def _rules(self, page: httpx.URL, terms: Terms, now: datetime) -> _Rules:
        origin = origin_of(page)
        key = (terms.policy, terms.user_agent, origin)
        if (known := self._known.get(key)) is not None and known.until > now:
            return known
        lock = self._asking.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (known := self._known.get(key)) is not None and known.until > now:
                    return known  # somebody else asked while we waited
                rules = await self._read(f"{page.scheme}://{page.netloc.decode('ascii')}", terms, now, known)
        finally:
            self._asking.pop(key, None)
        self._keep(key, rules)
        return rules

    def _keep(self, key: _Key, rules: _Rules) -> None:
        former = self._known.pop(key, None)
        self._kept += rules.size - (former.size if former else 0)
        self._known[key] = rules
        while len(self._known) > _MAX_ORIGINS or self._kept > _MAX_KEPT:
            self._kept -= self._known.pop(next(iter(self._known))).size

    async def _read(self, origin: str, terms: Terms, now: datetime, former: _Rules | None) -> _Rules:
        # asked as by anybody: what it says is kept for other sources, too
        terms = replace(terms.without_secrets(), max_body=None)
        try:
            page = await self._fetcher.get(
                f"{origin}/robots.txt",
                terms=terms,
                max_body=MAX_BODY,
                cut=True,
                accept="text/plain,*/*;q=0.5",
            )
        except FetchError as error:
            rules = _without(error, now)
            if rules.fallback.temporary and former is not None and former.fallback.allowed:
                # Source: RFC 9309 section 2.4, what was read before may be used while it cannot be read
                return replace(former, until=rules.until) if now - former.read_at < _KEEP_STALE else rules
            return rules
        assert isinstance(page, Page)  # nothing conditional was asked
        body = page.body
        own = self._name if terms.user_agent is None else product_token(terms.user_agent)
        tokens = (PRODUCT, own)
        if len(body) <= _LARGE:
            text = _read_as(body, tokens)
        else:
            text = await asyncio.to_thread(_read_as, body, tokens)
        return _Rules(until=now + _KEEP, read_at=now, text=text, fallback=RobotsVerdict(allowed=True))


def _read_as(body: bytes, tokens: tuple[str, ...]) -> str:
    return only_ours(decoded(body, cut=len(body) >= MAX_BODY), tokens)


def _without(error: FetchError, now: datetime) -> _Rules:
    """Return what holds where robots.txt could not be read."""
    # RFC 9309 section 2.3.1.2: more than five redirects count as no robots.txt
    missing = error.status is not None and 400 <= error.status < 500
    if missing or error.kind is FailureKind.REDIRECTS:
        verdict = RobotsVerdict(allowed=True, why=f"no robots.txt: {error.message}")
        return _Rules(until=now + _KEEP, read_at=now, text=None, fallback=verdict)
    if error.kind in (FailureKind.REFUSED_ADDRESS, FailureKind.BAD_URL):
        verdict = RobotsVerdict(
            allowed=False, why=f"{error.message} ({error.hint})" if error.hint else error.message
        )
    else:
        why = f"not for now, its robots.txt could not be read: {error.message}"
        verdict = RobotsVerdict(allowed=False, why=why, temporary=True)
    keep = max(_KEEP_FAILURE, error.retry_after or timedelta())
    return _Rules(until=now + min(keep, _KEEP), read_at=now, text=None, fallback=verdict)
