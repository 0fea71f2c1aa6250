"""What the hostile sources have in common: how each is declared, and what it may lead into.

A hostile source is a function that installs its answers on a server of its own and returns the address of
the source; its name is the source's key. ``kind`` is the key it is configured under.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from itertools import count
from typing import Any

from tests.hostile import HostileWeb, Script, Seen, page

HTML = "text/html; charset=utf-8"
XML = "application/rss+xml"


@dataclass(frozen=True)
class Place:
    """Where a hostile source is installed, and what it tries to reach from there."""

    web: HostileWeb
    #: a server at an address that no source may reach; its port
    vault: int
    #: the same on IPv6
    vault6: int
    #: an address that may be reached, and that nobody has a reason to ask for
    trap: str
    #: a file that nobody has a reason to open
    canary: str
    #: a server that may be reached, and writes down what it is told
    ear: str

    def forbidden(self, host: str, path: str = "/secret") -> str:
        """Return an address of the vault under a spelling of its host."""
        return f"http://{host}:{self.vault6 if host == '[::1]' else self.vault}{path}"


Install = Callable[[Place], str]


@dataclass(frozen=True)
class Hostile:
    """A hostile source as declared."""

    install: Install
    #: its key in the configuration: feed, sitemap, page, search
    kind: str = "feed"
    #: further keys of its configuration
    config: dict[str, Any] = field(default_factory=dict)
    #: the certificate that its server speaks TLS with
    certificate: str | None = None
    #: where its server stands; None: at an address of its own in the world's network
    host: str | None = None
    #: whether its server is the proxy that it is asked through
    is_proxy: bool = False


HOSTILE: dict[str, Hostile] = {}


def hostile(
    kind: str = "feed", *, certificate: str | None = None, host: str | None = None, **config: Any
) -> Callable[[Install], Install]:
    """Declare a hostile source."""

    def declared(install: Install) -> Install:
        key = install.__name__.replace("_", "-")
        _register(key, Hostile(install, kind, config, certificate, host))
        return install

    return declared


def add(key: str, install: Install, kind: str = "feed", *, is_proxy: bool = False, **config: Any) -> None:
    """Declare a hostile source under a key."""
    _register(key, Hostile(install, kind, config, is_proxy=is_proxy))


def _register(key: str, declared: Hostile) -> None:
    assert key not in HOSTILE, key
    HOSTILE[key] = declared


def item(link: str | None, title: str = "A headline", *, more: str = "") -> str:
    """Return an RSS item; ``more`` is XML."""
    where = f"<link>{escape(link)}</link>" if link is not None else ""
    return f"<item><title>{title}</title>{where}{more}</item>"


def rss(*items: str, head: str = "", before: str = "") -> bytes:
    """Return an RSS feed; ``before`` stands before its root."""
    body = f"<rss version='2.0'><channel><title>A feed</title>{head}{''.join(items)}</channel></rss>"
    return f"<?xml version='1.0' encoding='utf-8'?>{before}{body}".encode("utf-8", "surrogatepass")


def feed(body: bytes, **headers: str) -> bytes:
    """Return a feed as an answer."""
    return page(body, **({"content_type": XML} | headers))


def restless(body: bytes, **headers: str) -> Callable[[Seen], bytes]:
    """Answer with a body that is another one at each request, so that it is read each time."""
    turn = count()
    return lambda _seen: feed(body + b"\n<!-- %d -->" % next(turn), **headers)


def by_turns(*answers: bytes, last: bytes | Script | None = None) -> Callable[[Seen], bytes | Script]:
    """Answer with one after the other, and then with ``last`` for ever."""
    waiting = list(answers)
    return lambda _seen: waiting.pop(0) if waiting else (last if last is not None else answers[-1])
