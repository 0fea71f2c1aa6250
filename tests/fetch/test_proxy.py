"""The way through a proxy (N4): only a configured one, and nothing private behind it."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import Fetcher, HostPacer, Limits, Terms, terms_of
from bot.fetch.proxy import proxy_of
from bot.model import Access, Page
from tests.build import a_source
from tests.fetch.conftest import AGENT, TLS, named, speaking
from tests.fetch.proxies import LoopbackProxy
from tests.hostile import CLOSE, HANG, Again, HostileWeb, Step, head, page, redirect
from tests.tripwire import tripwire

#: stands for any address of the public network; nothing in these tests may connect to it
PUBLIC = "93.184.216.34"
UNKNOWN = socket.gaierror(socket.EAI_NONAME, "no such name")


@pytest.fixture
async def proxy() -> AsyncIterator[LoopbackProxy]:
    async with LoopbackProxy() as server:
        yield server


def through(proxy: LoopbackProxy | str, **source: object) -> Terms:
    """Return the terms of a source that is asked through a proxy; it may reach nothing private."""
    address = proxy if isinstance(proxy, str) else proxy.address
    return terms_of(a_source(url="http://site.test/feed", **source), Access(proxy=address))


async def fault(fetcher: Fetcher, url: str, terms: Terms) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, terms=terms)
    assert "\n" not in str(caught.value)
    return caught.value


# -- what goes through ---------------------------------------------------------------------------


@pytest.mark.parametrize("resolved", [[PUBLIC], UNKNOWN], ids=["known here", "not known here"])
async def test_http_goes_to_the_proxy_with_its_whole_address(
    web: HostileWeb, proxy: LoopbackProxy, pacer: HostPacer, resolved: list[str] | OSError
) -> None:
    """The proxy resolves the name again; what only it can resolve is left to it."""
    fetcher, _ = named(pacer, resolved)
    web.answer("/feed?a=1", page(b"news"))
    proxy.leads("site.test", web)
    with tripwire() as wire:
        got = await fetcher.get("http://site.test/feed?a=1", terms=through(proxy))
    assert isinstance(got, Page)
    assert (got.body, got.url) == (b"news", "http://site.test/feed?a=1")
    assert proxy.asked == ["GET http://site.test/feed?a=1"]
    assert proxy.headers[0]["host"] == "site.test"
    assert wire.touched[0] == ("127.0.0.9", proxy.port)
    assert PUBLIC not in wire.hosts
    await fetcher.aclose()


@pytest.mark.parametrize("to_proxy", ["http", "https"])
async def test_https_goes_through_a_tunnel_that_is_kept(
    proxy: LoopbackProxy, pacer: HostPacer, to_proxy: str
) -> None:
    """The proxy sees a host and a port; the certificate is the server's own, checked by its own name."""
    fetcher, _ = named(pacer, [PUBLIC])
    proxy = LoopbackProxy(host="127.0.0.1", tls=speaking("good") if to_proxy == "https" else None)
    async with proxy, HostileWeb(tls=speaking("good")) as web:
        proxy.leads("site.test", web)
        web.answer("/feed", page(b"secret news" * 9000))
        terms = through(proxy, ca_file=str(TLS / "authority.pem"))
        for _ in range(2):
            got = await fetcher.get("https://site.test/feed", terms=terms)
            assert isinstance(got, Page)
            assert len(got.body) == 99_000
        assert proxy.asked == ["CONNECT site.test:443"]
        assert proxy.headers[0] == {"host": "site.test:443"}
        assert web.seen[0].headers["host"] == "site.test"
        assert web.connections == 1
        await fetcher.aclose()


async def test_the_password_goes_to_the_proxy_and_nowhere_else(
    proxy: LoopbackProxy, pacer: HostPacer
) -> None:
    fetcher, _ = named(pacer, UNKNOWN)
    address = proxy.address.replace("//", "//desk:p%40ss%3Aword@")
    async with HostileWeb(tls=speaking("good")) as secure, HostileWeb() as plain:
        proxy.leads("site.test", secure)
        secure.answer("/a", page(b"x"))
        terms = through(address, ca_file=str(TLS / "authority.pem"))
        await fetcher.get("https://site.test/a", terms=terms)
        proxy.leads("site.test", plain)
        plain.answer("/a", page(b"x"))
        await fetcher.get("http://site.test/a", terms=terms)
        # base64 of desk:p@ss:word
        assert [seen["proxy-authorization"] for seen in proxy.headers] == ["Basic ZGVzazpwQHNzOndvcmQ="] * 2
        assert "proxy-authorization" not in secure.seen[0].headers
        assert "p@ss" not in repr(terms) and "p%40ss" not in repr(terms) and "ZGVz" not in repr(terms)
    await fetcher.aclose()


async def test_nothing_is_read_from_the_environment(
    web: HostileWeb, proxy: LoopbackProxy, pacer: HostPacer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.address)
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    fetcher, _ = named(pacer, ["127.0.0.1"])
    web.answer("/a", page(b"x"))
    terms = terms_of(a_source(allow_private=("127.0.0.1/32",)), Access())
    await fetcher.get(web.url("/a", host="site.test"), terms=terms)
    assert not proxy.asked
    await fetcher.aclose()


async def test_a_source_with_a_proxy_shares_no_connection_with_one_without(
    web: HostileWeb, proxy: LoopbackProxy, pacer: HostPacer
) -> None:
    fetcher, _ = named(pacer, ["127.0.0.1"])
    url = web.answer("/a", page(b"x"))
    proxy.leads("127.0.0.1", web)
    opened = ("127.0.0.1/32",)
    await fetcher.get(url, terms=terms_of(a_source(allow_private=opened), Access()))
    await fetcher.get(url, terms=through(proxy, allow_private=opened))
    assert len(proxy.asked) == 1
    assert web.connections == 2
    await fetcher.aclose()


# -- what may be reached behind it ---------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("host", "resolved"),
    [
        ("127.0.0.1", UNKNOWN),
        ("2130706433", UNKNOWN),
        ("169.254.169.254", UNKNOWN),
        ("[::1]", UNKNOWN),
        ("[::ffff:10.0.0.1]", UNKNOWN),
        ("intranet.test", ["10.1.2.3"]),
        ("mixed.test", [PUBLIC, "192.168.0.1"]),
        ("six.test", ["fd00::1"]),
    ],
)
async def test_what_is_or_resolves_to_a_private_address_is_refused(
    proxy: LoopbackProxy, pacer: HostPacer, scheme: str, host: str, resolved: list[str] | OSError
) -> None:
    """Before the proxy is told anything."""
    fetcher, _ = named(pacer, resolved)
    error = await fault(fetcher, f"{scheme}://{host}/", through(proxy))
    assert error.kind is FailureKind.REFUSED_ADDRESS
    assert proxy.connections == 0


async def test_a_redirect_to_the_proxy_itself_is_refused(
    web: HostileWeb, proxy: LoopbackProxy, pacer: HostPacer
) -> None:
    """Its address is open to us as a proxy, not as a server."""
    fetcher, _ = named(pacer, [PUBLIC])
    proxy.leads("site.test", web)
    web.answer("/a", redirect(f"{proxy.address}/admin"))
    error = await fault(fetcher, "http://site.test/a", through(proxy))
    assert error.kind is FailureKind.REFUSED_ADDRESS
    assert proxy.asked == ["GET http://site.test/a"]


async def test_a_name_that_hangs_here_is_left_to_the_proxy(
    web: HostileWeb, proxy: LoopbackProxy, pacer: HostPacer
) -> None:
    """Networks behind a proxy often have no name server that knows the world."""
    limits = Limits(connect=timedelta(seconds=0.4))
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer, limits=limits, resolver=hanging)
    proxy.leads("site.test", web)
    web.answer("/a", page(b"x"))
    assert isinstance(await fetcher.get("http://site.test/a", terms=through(proxy)), Page)
    await fetcher.aclose()


async def hanging(_host: str, _port: int) -> list[str]:
    """Never answer."""
    return await asyncio.Event().wait() and []


# -- proxies that do not do their work -----------------------------------------------------------


@pytest.mark.parametrize("url", ["http://site.test/a", "https://site.test/a"])
@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ((b"\x00\xffjunk\r\n\r\n",), FailureKind.PROTOCOL, "no valid HTTP"),
        ((b"SSH-2.0-OpenSSH_9.6\r\n",), FailureKind.PROTOCOL, "no valid HTTP"),
        ((page(b"go away", 407),), FailureKind.CONNECT, "wants a user and a password (HTTP 407)"),
        ((b"HTTP/1.1 200 OK\r\nx: ", Again(b"y" * 1000)), FailureKind.PROTOCOL, "larger than 100 KiB"),
        ((b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 300,), FailureKind.PROTOCOL, "more than 200 lines"),
        ((Again(b"HTTP/1.1 103 Early\r\n\r\n"),), FailureKind.PROTOCOL, "interim answers"),
        ((HANG,), FailureKind.TIMEOUT, ""),
        ((b"HTTP/1.1 200", HANG), FailureKind.TIMEOUT, ""),
        ((CLOSE,), FailureKind.RESET, "closed the connection without an answer"),
        ((b"HTTP/1.1 2", CLOSE), FailureKind.RESET, "cut in the middle of the header"),
    ],
    ids=["junk", "ssh", "407", "endless header", "many lines", "interim", "hang", "half", "close", "cut"],
)
async def test_a_hostile_proxy_gives_one_clean_error_that_names_it(
    proxy: LoopbackProxy, pacer: HostPacer, url: str, script: tuple[Step, ...], kind: FailureKind, words: str
) -> None:
    limits = Limits(total=timedelta(seconds=0.4))
    fetcher, _ = named(pacer, [PUBLIC], limits=limits)
    proxy.misbehave(*script)
    error = await fault(fetcher, url, through(proxy))
    assert error.kind is kind
    assert words in error.message
    assert f"127.0.0.9:{proxy.port}" in error.message
    assert error.subject == url
    await fetcher.aclose()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page(b"", 403), "does not let us through to site.test:443 (HTTP 403)"),
        (page(b"", 502), "could not reach site.test:443 (HTTP 502)"),
        (page(b"", 504), "could not reach site.test:443 (HTTP 504)"),
        (redirect("http://login.test/"), "does not let us through to site.test:443 (HTTP 302)"),
        (head(200) + b"content before the tunnel", "speaks before it was spoken to"),
    ],
)
async def test_a_tunnel_that_is_not_opened_says_why(
    proxy: LoopbackProxy, pacer: HostPacer, answer: bytes, words: str
) -> None:
    fetcher, _ = named(pacer, [PUBLIC])
    proxy.misbehave(answer)
    error = await fault(fetcher, "https://site.test/a", through(proxy))
    assert words in error.message
    assert f"127.0.0.9:{proxy.port}" in error.message
    assert (error.status, error.retry) == (None, Retry.LATER)


async def test_a_wrong_password_is_told_apart_from_none(proxy: LoopbackProxy, pacer: HostPacer) -> None:
    fetcher, _ = named(pacer, [PUBLIC])
    proxy.misbehave(page(b"", 407))
    terms = through(proxy.address.replace("//", "//desk:hunter2@"))
    for url in ("http://site.test/a", "https://site.test/a"):
        error = await fault(fetcher, url, terms)
        assert "wants another user and password" in error.message
        assert "hunter2" not in str(error) + repr(error.__cause__)


async def test_a_proxy_that_is_not_there_is_named(pacer: HostPacer) -> None:
    async with LoopbackProxy() as gone:
        address = gone.address
    fetcher, _ = named(pacer, [PUBLIC])
    error = await fault(fetcher, "http://site.test/", through(address))
    assert (error.kind, error.message) == (
        FailureKind.CONNECT,
        f"connection refused (through the proxy {address.removeprefix('http://')})",
    )


async def test_a_proxy_whose_name_is_unknown_is_named(pacer: HostPacer) -> None:
    fetcher, _ = named(pacer, UNKNOWN)
    error = await fault(fetcher, "http://site.test/", through("http://proxy.test:3128"))
    assert error.kind is FailureKind.DNS
    assert "no such host name: proxy.test" in error.message
    assert "proxy.test:3128" in error.message


async def test_a_certificate_behind_the_proxy_is_judged_as_any_other(
    proxy: LoopbackProxy, pacer: HostPacer
) -> None:
    """N12: whoever runs the proxy cannot read along unnoticed."""
    fetcher, _ = named(pacer, [PUBLIC])
    async with HostileWeb(tls=speaking("other_name")) as web:
        proxy.leads("site.test", web)
        terms = through(proxy, ca_file=str(TLS / "authority.pem"))
        error = await fault(fetcher, "https://site.test/a", terms)
        assert error.kind is FailureKind.TLS
        assert "for another name than site.test" in error.message
        assert not web.seen


async def test_the_proxy_is_verified_even_where_the_source_is_not(pacer: HostPacer) -> None:
    """It is told a password; “tls_verify: false” speaks of the source."""
    fetcher, _ = named(pacer, [PUBLIC])
    async with LoopbackProxy(host="127.0.0.1", tls=speaking("good")) as proxy:
        error = await fault(fetcher, "https://site.test/a", through(proxy, tls_verify=False))
        assert error.kind is FailureKind.TLS
        assert not proxy.asked


# -- reading its address -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("http://proxy.test:3128", "proxy.test:3128"),
        ("http://proxy.test", "proxy.test:80"),
        ("https://Proxy.Test", "proxy.test:443"),
        ("http://u:p@10.0.0.1:8080/", "10.0.0.1:8080"),
        ("http://[fd00::1]:8080", "[fd00::1]:8080"),
    ],
)
def test_the_address_of_a_proxy_is_read(text: str, name: str) -> None:
    assert proxy_of(text).name == name


@pytest.mark.parametrize(
    "text",
    ["proxy.test:3128", "socks5://proxy.test", "http://", "http://:80", "//x", "http://a b", "http://x:y"],
)
async def test_a_proxy_that_cannot_be_used_is_not_gone_round(
    web: HostileWeb, fetcher: Fetcher, text: str
) -> None:
    url = web.answer("/a", page(b"x"))
    with tripwire() as wire:
        error = await fault(fetcher, url, through(text, allow_private=("127.0.0.1/32",)))
    assert error.kind is FailureKind.BAD_URL
    assert "http://host:port" in error.hint
    assert not wire.touched


def test_the_proxys_address_may_be_private() -> None:
    """It stands in the configuration; a source's address may come from anywhere."""
    assert ipaddress.ip_address(proxy_of("http://10.0.0.1:3128").host).is_private
