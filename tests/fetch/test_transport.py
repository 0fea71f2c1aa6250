"""Connections: judged, kept, never lent, never trusted twice."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.errors import FailureKind, FetchError
from bot.fetch import PUBLIC_TERMS, Fetcher, HostPacer, Limits, Terms
from bot.model import NotModified, Page
from tests.fetch.conftest import AGENT, TLS, named, speaking
from tests.hostile import (
    CLOSE,
    HANG,
    LOOPBACK,
    RESET,
    HostileWeb,
    Seen,
    chunked,
    head,
    page,
    reaching,
    redirect,
)


async def body(fetcher: Fetcher, url: str, terms: Terms = LOOPBACK) -> bytes:
    answer = await fetcher.get(url, terms=terms)
    assert isinstance(answer, Page)
    return answer.body


async def fault(fetcher: Fetcher, url: str, terms: Terms = LOOPBACK) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, terms=terms)
    return caught.value


# -- judged at connect time (N1, N2) --------------------------------------------------------------


async def test_a_name_is_looked_up_once_for_a_connection(web: HostileWeb, pacer: HostPacer) -> None:
    """N2: the address judged is the address connected to; a second answer is never asked for."""
    fetcher, names = named(pacer, ["127.0.0.1"], ["10.0.0.1"])
    web.answer("/a", page(b"x"))
    assert await body(fetcher, web.url("/a", host="site.test")) == b"x"
    assert names.asked == ["site.test"]
    assert web.seen[0].host == f"site.test:{web.port}"
    await fetcher.aclose()


async def test_a_name_that_turns_private_is_refused_at_the_next_connection(
    web: HostileWeb, pacer: HostPacer
) -> None:
    """N2: rebinding."""
    fetcher, names = named(pacer, ["127.0.0.1"], ["127.0.0.2"])
    url = web.url("/a", host="site.test")
    web.answer("/a", head(200, connection="close"), b"x", CLOSE)
    terms = reaching("127.0.0.1/32")
    assert await body(fetcher, url, terms) == b"x"
    error = await fault(fetcher, url, terms)
    assert error.kind is FailureKind.REFUSED_ADDRESS
    assert "site.test is 127.0.0.2" in error.message
    assert len(names.asked) == 2
    await fetcher.aclose()


@pytest.mark.parametrize("bad", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:192.168.0.1", "fe80::1%1"])
async def test_one_bad_answer_refuses_the_name(web: HostileWeb, pacer: HostPacer, bad: str) -> None:
    """N1: whatever the other answers are, and before anything is connected to."""
    fetcher, _ = named(pacer, ["127.0.0.1", bad])
    error = await fault(fetcher, web.url("/a", host="site.test"), reaching("127.0.0.1/32"))
    assert error.kind is FailureKind.REFUSED_ADDRESS
    assert bad in error.message
    assert web.connections == 0


async def test_the_next_address_is_tried_where_one_is_dead(web: HostileWeb, pacer: HostPacer) -> None:
    fetcher, _ = named(pacer, ["127.0.0.7", "127.0.0.1"])
    web.answer("/a", page(b"x"))
    assert await body(fetcher, web.url("/a", host="site.test")) == b"x"
    await fetcher.aclose()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "no such host name: site.test"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "the name server gave no answer for site.test"),
        (socket.gaierror(socket.EAI_FAIL, "broken"), "could not be looked up: broken"),
        ([], "no such host name: site.test"),
    ],
)
async def test_names_that_do_not_resolve_say_why(
    pacer: HostPacer, answer: OSError | list[str], words: str
) -> None:
    fetcher, _ = named(pacer, answer)
    error = await fault(fetcher, "http://site.test/")
    assert error.kind is FailureKind.DNS
    assert words in error.message


async def test_a_closed_port_is_connection_refused(fetcher: Fetcher) -> None:
    async with HostileWeb() as web:
        url = web.url("/")
    error = await fault(fetcher, url)
    assert (error.kind, error.message) == (FailureKind.CONNECT, "connection refused")


async def test_a_server_that_takes_no_connection_ends_at_the_connect_limit(pacer: HostPacer) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.create_connection(full.getsockname()) for _ in range(1)]
        with socket.socket() as last:
            last.setblocking(False)
            last.connect_ex(full.getsockname())
            limits = Limits(connect=timedelta(seconds=0.2))
            fetcher = Fetcher(user_agent=AGENT, pacer=pacer, limits=limits)
            error = await fault(fetcher, f"http://127.0.0.1:{full.getsockname()[1]}/")
        for one in waiting:
            one.close()
    assert error.kind is FailureKind.TIMEOUT
    assert "within 0.2 s" in error.message


# -- kept connections -----------------------------------------------------------------------------


async def test_one_connection_serves_a_host_again_and_again(web: HostileWeb, fetcher: Fetcher) -> None:
    def rule(seen: Seen) -> bytes:
        return head(304, content_length=999) if "if-none-match" in seen.headers else chunked(b"x")

    url = web.respond("/a", rule)
    for _ in range(3):
        assert await body(fetcher, url) == b"x"
        assert isinstance(await fetcher.get(url, terms=LOOPBACK, etag="1"), NotModified)
    assert web.connections == 1


async def test_policies_never_share_a_connection(web: HostileWeb, fetcher: Fetcher) -> None:
    """N3: a connection opened under one source's rules is not lent to another's."""
    url = web.answer("/a", page(b"x"))
    await fetcher.get(url, terms=LOOPBACK)
    assert (await fault(fetcher, url, PUBLIC_TERMS)).kind is FailureKind.REFUSED_ADDRESS
    await fetcher.get(url, terms=reaching("127.0.0.1/32"))
    assert web.connections == 2


async def test_a_kept_connection_that_was_closed_is_replaced(web: HostileWeb, fetcher: Fetcher) -> None:
    """The server forgot us between two requests."""
    url = web.answer("/a", page(b"x"), CLOSE)
    for _ in range(3):
        assert await body(fetcher, url) == b"x"
    assert web.connections == 3


@pytest.mark.parametrize("end", [CLOSE, RESET])
async def test_a_kept_connection_closed_on_the_request_is_retried_once(
    web: HostileWeb, fetcher: Fetcher, end: object
) -> None:
    """The race: the server closes without an answer just as the second request arrives."""
    url = web.respond("/a", lambda seen: page(b"x") if web.asked("/a") != 2 else (end,))  # type: ignore[arg-type,return-value]
    assert await body(fetcher, url) == b"x"
    assert await body(fetcher, url) == b"x"
    assert web.asked("/a") == 3
    assert web.connections == 2


async def test_a_fresh_connection_closed_on_the_request_is_not_retried(
    web: HostileWeb, fetcher: Fetcher
) -> None:
    url = web.answer("/a", CLOSE)
    assert (await fault(fetcher, url)).kind is FailureKind.RESET
    assert web.asked("/a") == 1


async def test_an_answer_that_began_is_not_asked_for_again(web: HostileWeb, fetcher: Fetcher) -> None:
    url = web.respond("/a", lambda seen: page(b"x") if web.asked("/a") != 2 else (b"HTTP/1.1 2", CLOSE))  # type: ignore[return-value]
    await fetcher.get(url, terms=LOOPBACK)
    assert (await fault(fetcher, url)).kind is FailureKind.RESET
    assert web.asked("/a") == 2


@pytest.mark.parametrize(
    "first",
    [
        page(b"x") + page(b"smuggled"),
        page(b"x") + b"junk",
        head(200, connection="close", content_length=1) + b"x",
        b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    ],
)
async def test_a_connection_that_cannot_be_trusted_is_not_used_again(
    web: HostileWeb, fetcher: Fetcher, first: bytes
) -> None:
    """What comes after an answer never becomes the answer to something else."""
    assert await body(fetcher, web.answer("/a", first)) == b"x"
    assert await body(fetcher, web.answer("/b", page(b"mine"))) == b"mine"
    assert web.connections == 2


async def test_what_comes_unasked_on_a_kept_connection_is_thrown_away(
    web: HostileWeb, fetcher: Fetcher
) -> None:
    url = web.answer("/a", page(b"x"))
    assert await body(fetcher, url) == b"x"
    for writer in tuple(web._writers):
        writer.write(page(b"poison"))
        await writer.drain()
    for _ in range(10):
        await asyncio.sleep(0)
    assert await body(fetcher, web.answer("/b", page(b"mine"))) == b"mine"


async def test_a_half_read_answer_closes_its_connection(web: HostileWeb, fetcher: Fetcher) -> None:
    assert (await fault(fetcher, web.answer("/a", head(404, content_length=100), b"x", HANG))).status == 404
    assert await body(fetcher, web.answer("/b", page(b"mine"))) == b"mine"


async def test_closing_closes_every_connection(web: HostileWeb, pacer: HostPacer) -> None:
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer)
    await body(fetcher, web.answer("/a", page(b"x")))
    assert web.open == 1
    await fetcher.aclose()
    await web.idle.wait()


# -- TLS (N12) ------------------------------------------------------------------------------------


@pytest.fixture
async def trusting(pacer: HostPacer) -> AsyncIterator[Fetcher]:
    """A fetcher that knows the authority of these tests; every name is 127.0.0.1."""
    context = ssl.create_default_context(cafile=TLS / "authority.pem")
    fetcher, _ = named(pacer, ["127.0.0.1"], ssl_context=context)
    yield fetcher
    await fetcher.aclose()


async def test_a_good_certificate_is_trusted_and_its_connection_kept(trusting: Fetcher) -> None:
    async with HostileWeb(tls=speaking("good")) as web:
        web.answer("/a", page(b"x" * 500_000))
        web.answer("/b", head(), b"to the end", CLOSE)
        for host in ("site.test", "site.test", "127.0.0.1", "site.test."):
            assert len(await body(trusting, web.url("/a", host=host))) == 500_000
        assert web.connections == 3
        assert await body(trusting, web.url("/b", host="site.test")) == b"to the end"


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "the server's certificate has expired"),
        ("self_signed", "the server's certificate is self-signed"),
        ("other_name", "the server's certificate is for another name than site.test"),
    ],
)
async def test_a_bad_certificate_is_refused_with_its_word(
    trusting: Fetcher, certificate: str, words: str
) -> None:
    async with HostileWeb(tls=speaking(certificate)) as web:
        web.answer("/a", page(b"x"))
        error = await fault(trusting, web.url("/a", host="site.test"))
        assert (error.kind, error.message) == (FailureKind.TLS, words)
        assert not web.seen


async def test_an_unknown_authority_is_refused(pacer: HostPacer) -> None:
    """With the machine's own authorities, as always in use."""
    fetcher, _ = named(pacer, ["127.0.0.1"])
    async with HostileWeb(tls=speaking("good")) as web:
        error = await fault(fetcher, web.url("/a", host="site.test"))
    assert error.kind is FailureKind.TLS
    assert "signed by an authority that nobody here knows" in error.message


async def test_a_server_without_tls_says_so(web: HostileWeb, trusting: Fetcher) -> None:
    error = await fault(trusting, web.answer("/a", page()).replace("http:", "https:"))
    assert (error.kind, error.message) == (FailureKind.TLS, "the server does not speak TLS on this port")


async def test_a_redirect_from_http_to_https_is_followed(web: HostileWeb, trusting: Fetcher) -> None:
    async with HostileWeb(tls=speaking("good")) as secure:
        secure.answer("/b", page(b"safe"))
        url = web.answer("/a", redirect(secure.url("/b", host="site.test")))
        assert await body(trusting, url) == b"safe"
