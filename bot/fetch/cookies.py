"""The cookies of one fetch: enough to pass a cookie wall, and forgotten with it.

Those that the user gave for a source are secrets and live in ``terms``; these come from the servers.
"""

from collections.abc import Sequence
from typing import Final

import httpx

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import guard
from bot.fetch.transport import Header

#: more from one fetch is no cookie wall
MAX_COOKIES: Final = 50


class Jar:
    """Keep what redirects set, and say what the next hop is told."""

    def __init__(self) -> None:
        self._cookies: httpx.Cookies | None = None

    def take(self, hop: httpx.URL, headers: Sequence[Header]) -> None:
        """Keep the cookies of an answer; raises FetchError (redirects) for more than fifty."""
        lines = [(name, value) for name, value in headers if name.lower() == b"set-cookie"]
        if not lines:
            return
        if self._cookies is None:
            self._cookies = httpx.Cookies()
        self._cookies.extract_cookies(httpx.Response(200, headers=lines, request=httpx.Request("GET", hop)))
        if len(self._cookies.jar) > MAX_COOKIES:
            raise FetchError(
                f"sets more than {MAX_COOKIES} cookies",
                kind=FailureKind.REDIRECTS,
                subject=guard.shown(str(hop)),
                retry=Retry.LATER,
            )

    def joined(self, headers: list[Header], hop: httpx.URL) -> list[Header]:
        """Return the headers of a hop with the cookies that its server, or its domain, set on the way."""
        if self._cookies is None:
            return headers
        probe = httpx.Request("GET", hop)
        self._cookies.set_cookie_header(probe)
        found: Sequence[bytes] = [value for name, value in probe.headers.raw if name.lower() == b"cookie"]
        if not found:
            return headers
        former = [value for name, value in headers if name == b"Cookie"]
        kept = [(name, value) for name, value in headers if name != b"Cookie"]
        return [*kept, (b"Cookie", b"; ".join([*former, *found]))]
