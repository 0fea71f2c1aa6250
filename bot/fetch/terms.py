"""On what terms one source is asked: its policy, its secrets and where they may go, its limits and manners.

Made from a Source and its Access at each poll, so it is cheap where a source has nothing of its own.
The secrets go to the source's own origin (scheme, host and port) only, at each hop anew; whatever else a
redirect, an entry or robots.txt leads to is asked without them.
"""

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import httpx

from bot.errors import FetchError
from bot.fetch import guard
from bot.fetch.policy import PUBLIC, Policy
from bot.fetch.proxy import proxy_of
from bot.fetch.transport import Header
from bot.model import OWN_HEADERS, Access, PauseScope, Source

#: Source: RFC 9110 section 5.6.2 (token) and 5.5 (field value)
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\ud7ff\ue000-\U0010ffff]*")
#: Source: RFC 6265 section 4.1.1, less strict: what would end the cookie, or the header
_COOKIE: Final = re.compile(r"[^;\x00-\x1f\x7f\ud800-\udfff]*")

_NO_ACCESS: Final = Access()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The terms on which one source is asked."""

    policy: Policy = PUBLIC
    #: ``https://host:port`` that may be told the secrets; None: nobody
    origin: str | None = None
    #: name and value
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    #: user and password
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    #: None: as for all
    user_agent: str | None = None
    #: for a whole request, redirects and content included; None: as for all
    total: timedelta | None = None
    #: bytes of content, decoded; None: as whoever asks says
    max_body: int | None = None
    scope: PauseScope = PauseScope.HOST
    #: between two requests to its host; None: as for all
    pause: timedelta | None = None

    @property
    def secret(self) -> bool:
        """Whether there is anything that not everybody may be told."""
        return bool(self.headers or self.cookies or self.basic_auth)

    def without_secrets(self) -> "Terms":
        """Return the same terms for addresses that are asked as anybody would."""
        if not self.secret:
            return self
        return replace(self, origin=None, headers=(), cookies=(), basic_auth=None)


#: the terms of a source that has nothing of its own
PUBLIC_TERMS: Final = Terms()


def terms_of(source: Source, access: Access = _NO_ACCESS) -> Terms:
    """Return the terms on which a source is asked; never raises.

    Headers that frame a request are left out (the configuration refuses them), and so is what would end
    its line. A proxy that cannot be used is not gone round: asking is then an error.
    """
    special = source.allow_private or access.proxy or source.ca_file or not source.tls_verify
    policy = _policy_of(source, access) if special else PUBLIC
    terms = Terms(
        policy=policy,
        user_agent=source.user_agent,
        total=source.timeout,
        max_body=source.max_body,
        scope=source.scope,
        pause=source.host_pause,
    )
    if not (access.headers or access.cookies or access.basic_auth):
        return terms
    return replace(
        terms,
        origin=_origin_of_text(source.url),
        headers=tuple((name, value) for name, value in access.headers if _is_sent(name, value)),
        cookies=tuple(
            (name, value)
            for name, value in access.cookies
            if _NAME.fullmatch(name) and _COOKIE.fullmatch(value)
        ),
        basic_auth=access.basic_auth,
    )


def origin_of(url: httpx.URL) -> str:
    """Return ``scheme://host:port`` of a checked address, the port always named."""
    port = url.port or (443 if url.scheme == "https" else 80)
    return f"{url.scheme}://{guard.host_of(url)}:{port}"


def secret_headers(terms: Terms, hop: httpx.URL) -> list[Header]:
    """Return what this very hop is told beyond what everybody is: nothing but at the source's own origin.

    At most one Cookie and one Authorization; a user's own header of that name comes before what is made
    of ``cookies`` and ``basic_auth``.
    """
    if not terms.secret or terms.origin is None or origin_of(hop) != terms.origin:
        return []
    headers: list[Header] = []
    named = {name.lower() for name, _ in terms.headers}
    cookies = [f"{name}={value}" for name, value in terms.cookies]
    for name, value in terms.headers:
        if name.lower() == "cookie":
            cookies.insert(0, value)
        else:
            headers.append((name.encode("ascii"), value.encode("utf-8")))
    if cookies:
        headers.append((b"Cookie", "; ".join(cookies).encode("utf-8")))
    if terms.basic_auth is not None and "authorization" not in named:
        headers.append((b"Authorization", basic(*terms.basic_auth)))
    return headers


def basic(user: str, password: str) -> bytes:
    """Return the value of an Authorization header. Source: RFC 7617, in UTF-8."""
    return b"Basic " + base64.b64encode(f"{user}:{password}".encode())


def _policy_of(source: Source, access: Access) -> Policy:
    return Policy(
        allow_private=source.allow_private,
        proxy=proxy_of(access.proxy) if access.proxy else None,
        tls_verify=source.tls_verify,
        ca_file=source.ca_file,
    )


def _origin_of_text(url: str) -> str | None:
    try:
        return origin_of(guard.check_url(url))
    except FetchError:
        return None


def _is_sent(name: str, value: str) -> bool:
    return (
        _NAME.fullmatch(name) is not None
        and name.lower() not in OWN_HEADERS
        and _VALUE.fullmatch(value) is not None
    )
