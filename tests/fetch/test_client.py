"""The fetch: what comes back, what is refused, and how long it may take."""

import asyncio
import gzip
import zlib
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest

from bot.clock import SystemClock
from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import PUBLIC_TERMS, Fetcher, HostPacer, Limits, user_agent
from bot.model import NotModified, Page
from tests.fetch.conftest import AGENT
from tests.hostile import (
    CLOSE,
    HANG,
    LOOPBACK,
    HostileWeb,
    Seen,
    chunked,
    head,
    page,
    reaching,
    redirect,
    trouble,
)


async def fault(fetcher: Fetcher, url: str, **options: object) -> FetchError:
    """Return the error that a fetch raises."""
    options = {"terms": LOOPBACK} | options
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return caught.value


# -- what comes back -----------------------------------------------------------------------------


async def test_a_page_has_its_bytes_headers_and_address(web: HostileWeb, fetcher: Fetcher) -> None:
    url = web.answer(
        "/feed?x=1", page(b"<rss/>", etag='"v1"', last_modified="yesterday", content_type="text/xml")
    )
    answer = await fetcher.get(url + "#part", terms=LOOPBACK)
    assert answer == Page(
        url=url,
        status=200,
        headers={
            "content-length": "6",
            "etag": '"v1"',
            "last-modified": "yesterday",
            "content-type": "text/xml",
        },
        body=b"<rss/>",
    )
    assert isinstance(answer, Page)
    assert (answer.etag, answer.last_modified) == ('"v1"', "yesterday")


async def test_we_say_who_we_are_and_what_we_understand(web: HostileWeb, fetcher: Fetcher) -> None:
    url = web.answer("/a", page())
    await fetcher.get(url, terms=LOOPBACK, accept="text/html")
    assert web.seen[0].headers == {
        "host": f"127.0.0.1:{web.port}",
        "user-agent": AGENT,
        "accept-encoding": "gzip, deflate",
        "accept": "text/html",
    }


@pytest.mark.parametrize(
    ("contact", "name"),
    [
        (None, "newsbot/1.0"),
        ("", "newsbot/1.0"),
        ("desk@site.example", "newsbot/1.0 (+mailto:desk@site.example)"),
        ("mailto:desk@site.example", "newsbot/1.0 (+mailto:desk@site.example)"),
        ("https://site.example/bot", "newsbot/1.0 (+https://site.example/bot)"),
        ("a@b\r\nX-Evil: (1) ö", "newsbot/1.0 (+a@bX-Evil:1)"),
    ],
)
def test_the_name_carries_the_contact(contact: str | None, name: str) -> None:
    assert user_agent("1.0", contact) == name


@pytest.mark.parametrize(
    "answer",
    [
        page(b"news"),
        chunked(b"ne", b"ws"),
        b"HTTP/1.1 200 OK\ncontent-length: 4\n\nnews",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n4  \r\nnews\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + page(b"news"),
        page(gzip.compress(b"news", mtime=0), content_encoding="gzip"),
        page(zlib.compress(b"news"), content_encoding="deflate"),
        chunked(gzip.compress(b"ne", mtime=0), gzip.compress(b"ws", mtime=0), content_encoding="x-gzip"),
        chunked(b"news", trailer="t")[:-2] + b"t: 1\r\n\r\n",
    ],
)
async def test_every_lawful_way_to_send_content_is_read(
    web: HostileWeb, fetcher: Fetcher, answer: bytes
) -> None:
    got = await fetcher.get(web.answer("/a", answer), terms=LOOPBACK)
    assert isinstance(got, Page)
    assert got.body == b"news"


@pytest.mark.parametrize("status", ["HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 200"])
async def test_an_answer_without_length_ends_with_the_connection(
    web: HostileWeb, fetcher: Fetcher, status: str
) -> None:
    url = web.answer("/a", f"{status}\r\n\r\nne".encode(), b"ws", CLOSE)
    got = await fetcher.get(url, terms=LOOPBACK)
    assert isinstance(got, Page)
    assert got.body == b"news"


async def test_a_large_page_comes_whole(web: HostileWeb, fetcher: Fetcher) -> None:
    """More than the connection holds back at once."""
    body = bytes(range(256)) * 12_000
    got = await fetcher.get(web.answer("/a", page(body)), terms=LOOPBACK)
    assert isinstance(got, Page)
    assert got.body == body


# -- conditional requests ------------------------------------------------------------------------


async def test_validators_go_back_byte_for_byte(web: HostileWeb, fetcher: Fetcher) -> None:
    def rule(seen: Seen) -> bytes:
        known = (
            seen.headers.get("if-none-match") == 'W/"ä\xff"' and seen.headers.get("if-modified-since") == "d"
        )
        return head(304, etag='W/"ä\xff"', content_length=500) if known else page(b"x", etag='W/"ä\xff"')

    url = web.respond("/a", rule)
    first = await fetcher.get(url, terms=LOOPBACK)
    assert isinstance(first, Page)
    again = await fetcher.get(url, terms=LOOPBACK, etag=first.etag, last_modified="d")
    assert again == NotModified(url=url, headers={"etag": 'W/"ä\xff"', "content-length": "500"})


@pytest.mark.parametrize("value", ["", "a\r\nX-Evil: 1", "a\nb", "€", "x" * 5000, "\0"])
async def test_a_validator_that_no_server_sent_is_not_sent(
    web: HostileWeb, fetcher: Fetcher, value: str
) -> None:
    url = web.answer("/a", page(b"x"))
    await fetcher.get(url, terms=LOOPBACK, etag=value, last_modified=value)
    assert set(web.seen[0].headers) == {"host", "user-agent", "accept-encoding", "accept"}


async def test_not_modified_without_having_asked_is_a_fault(web: HostileWeb, fetcher: Fetcher) -> None:
    error = await fault(fetcher, web.answer("/a", head(304)))
    assert (error.kind, error.retry) == (FailureKind.PROTOCOL, Retry.LATER)


# -- redirects (N6) ------------------------------------------------------------------------------


async def test_redirects_are_followed_and_told(web: HostileWeb, fetcher: Fetcher) -> None:
    web.answer("/1", redirect("2", 301))
    web.answer("/2", redirect(f"//127.0.0.1:{web.port}/3?ü#x", 307))
    web.answer("/3?%C3%BC", page(b"here"))
    got = await fetcher.get(web.url("/1"), terms=LOOPBACK)
    assert isinstance(got, Page)
    assert got.url == web.url("/3?%C3%BC")
    assert got.redirects == ((301, web.url("/1")), (307, web.url("/2")))


async def test_five_redirects_are_followed_and_no_more(web: HostileWeb, fetcher: Fetcher) -> None:
    """N6."""
    for number in range(1, 7):
        web.answer(f"/{number}", redirect(f"/{number - 1}"))
    web.answer("/0", page(b"end"))
    assert isinstance(await fetcher.get(web.url("/5"), terms=LOOPBACK), Page)
    error = await fault(fetcher, web.url("/6"))
    assert error.kind is FailureKind.REDIRECTS
    assert web.asked("/0") == 1


async def test_the_content_of_a_redirect_is_not_read(web: HostileWeb, fetcher: Fetcher) -> None:
    """N6: it would never end."""
    web.answer("/a", head(302, location="/b", content_length=1000), b"x", HANG)
    web.answer("/b", page(b"end"))
    assert isinstance(await fetcher.get(web.url("/a"), terms=LOOPBACK), Page)


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("http://10.0.0.1/", FailureKind.REFUSED_ADDRESS),
        ("http://169.254.169.254/", FailureKind.REFUSED_ADDRESS),
        ("http://0x7f.1:8/", FailureKind.REFUSED_ADDRESS),
        ("http://[::1]/", FailureKind.REFUSED_ADDRESS),
        ("file:///etc/passwd", FailureKind.BAD_URL),
        ("gopher://127.0.0.1/", FailureKind.BAD_URL),
        ("http://user:secret@127.0.0.1/", FailureKind.BAD_URL),
        ("http://127.0.0.1:25/", FailureKind.BAD_URL),
        ("http://[", FailureKind.BAD_URL),
        ("/a b", FailureKind.BAD_URL),
        ("/" + "a" * 5000, FailureKind.BAD_URL),
    ],
)
async def test_every_hop_is_judged(
    web: HostileWeb, fetcher: Fetcher, location: str, kind: FailureKind
) -> None:
    """N1, N5: the error names the address that was asked for and the one it led to."""
    terms = reaching(f"{web.host}/32")
    url = web.answer("/a", redirect(location.replace("0x7f.1:8", "127.0.0.2:8")))
    error = await fault(fetcher, url, terms=terms)
    assert error.kind is kind
    assert error.subject == url
    assert "redirected to" in error.message
    assert "secret" not in str(error)


async def test_a_redirect_to_another_host_keeps_the_rules_of_its_source(fetcher: Fetcher) -> None:
    """N3."""
    async with HostileWeb("127.0.0.1") as one, HostileWeb("127.0.0.2") as two:
        two.answer("/b", page(b"there"))
        url = one.answer("/a", redirect(two.url("/b")))
        got = await fetcher.get(url, terms=LOOPBACK)
        assert isinstance(got, Page)
        error = await fault(fetcher, url, terms=reaching("127.0.0.1/32"))
        assert error.kind is FailureKind.REFUSED_ADDRESS
        assert two.asked("/b") == 1


async def test_cookies_live_for_one_fetch(web: HostileWeb, fetcher: Fetcher) -> None:
    """N13: a cookie wall is passed, and forgotten."""

    def wall(seen: Seen) -> bytes:
        if SimpleCookie(seen.headers.get("cookie", "")).get("ok"):
            return page(b"behind the wall", set_cookie="ok=2")
        return redirect("/wall")

    web.respond("/a", wall)
    web.answer("/wall", redirect("/a", set_cookie="ok=1; Path=/"))
    for _ in range(2):
        got = await fetcher.get(web.url("/a"), terms=LOOPBACK)
        assert isinstance(got, Page)
        assert got.body == b"behind the wall"
        assert "set-cookie" not in got.headers
    assert web.asked("/wall") == 2


async def test_cookies_do_not_go_to_another_host(fetcher: Fetcher) -> None:
    """N7."""
    async with HostileWeb("127.0.0.1") as one, HostileWeb("127.0.0.2") as two:
        two.answer("/b", page(b"there"))
        await fetcher.get(one.answer("/a", redirect(two.url("/b"), set_cookie="a=1")), terms=LOOPBACK)
        assert "cookie" not in two.seen[0].headers


async def test_more_than_fifty_cookies_are_refused(web: HostileWeb, fetcher: Fetcher) -> None:
    """N13."""
    cookies = "".join(f"set-cookie: c{number}=1\r\n" for number in range(51)).encode()
    url = web.answer("/a", b"HTTP/1.1 302 X\r\ncontent-length: 0\r\nlocation: /b\r\n" + cookies + b"\r\n")
    assert "50 cookies" in (await fault(fetcher, url)).message


# -- what is refused -----------------------------------------------------------------------------


async def test_trouble_of_every_sort_comes_to_one_clean_error(web: HostileWeb, hasty: Fetcher) -> None:
    """N8 to N11: nothing of all this is ever content, and the next one is not disturbed."""
    expected = trouble(web)
    found = {path: (await fault(hasty, web.url(path))).kind for path in expected}
    assert found == expected


async def test_a_private_address_is_refused_without_a_packet(web: HostileWeb, fetcher: Fetcher) -> None:
    """N1."""
    error = await fault(fetcher, web.answer("/a", page()), terms=PUBLIC_TERMS)
    assert error.kind is FailureKind.REFUSED_ADDRESS
    assert "127.0.0.1 is not a public address" in str(error)
    assert "allow_private: [127.0.0.1/32]" in str(error)
    assert web.connections == 0


async def test_statuses_become_errors_with_their_wait(web: HostileWeb, fetcher: Fetcher) -> None:
    """N15."""
    error = await fault(fetcher, web.answer("/a", page(b"busy", 429, retry_after="90")))
    assert (error.kind, error.status, error.retry_after) == (
        FailureKind.RATE_LIMITED,
        429,
        timedelta(seconds=90),
    )
    error = await fault(
        fetcher, web.answer("/d", page(b"busy", 503, retry_after="Fri, 31 Dec 2100 23:59:59 GMT"))
    )
    assert error.retry_after == timedelta(hours=24)
    error = await fault(fetcher, web.answer("/b", page(b"busy", 503, retry_after="junk")))
    assert (error.kind, error.retry, error.retry_after) == (FailureKind.SERVER_ERROR, Retry.LATER, None)


async def test_the_content_of_an_error_is_not_read(web: HostileWeb, fetcher: Fetcher) -> None:
    error = await fault(fetcher, web.answer("/a", head(500, content_length=1 << 40), b"x", HANG))
    assert error.kind is FailureKind.SERVER_ERROR


async def test_a_page_may_have_a_limit_of_its_own(web: HostileWeb, fetcher: Fetcher) -> None:
    """N9."""
    url = web.answer("/a", chunked(b"x" * 2000))
    assert (await fault(fetcher, url, max_body=1999)).kind is FailureKind.TOO_LARGE
    got = await fetcher.get(url, terms=LOOPBACK, max_body=1999, cut=True)
    assert isinstance(got, Page)
    assert len(got.body) == 1999


# -- time (N10) ----------------------------------------------------------------------------------


async def test_the_deadline_covers_redirects_together(web: HostileWeb, hasty: Fetcher) -> None:
    web.answer("/a", redirect("/b"))
    web.answer("/b", HANG)
    error = await fault(hasty, web.url("/a"))
    assert error.kind is FailureKind.TIMEOUT
    assert "took longer than 0.4 s" in error.message
    assert error.subject == web.url("/a")


async def test_the_deadline_covers_the_look_up(pacer: HostPacer) -> None:
    async def never(_host: str, _port: int) -> list[str]:
        return await asyncio.Event().wait() and []

    limits = Limits(total=timedelta(seconds=0.05))
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer, limits=limits, resolver=never)
    assert (await fault(fetcher, "http://site.test/")).kind is FailureKind.TIMEOUT
    limits = Limits(connect=timedelta(seconds=0.05))
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer, limits=limits, resolver=never)
    error = await fault(fetcher, "http://site.test/")
    assert (error.kind, error.message) == (FailureKind.DNS, "the name server did not answer within 0.05 s")


async def test_waiting_for_a_turn_is_not_part_of_the_deadline(web: HostileWeb) -> None:
    pacer = HostPacer(pause=timedelta(seconds=0.15), clock=SystemClock())
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer, limits=Limits(total=timedelta(seconds=0.1)))
    url = web.answer("/a", page(b"x"))
    answers = await asyncio.gather(*(fetcher.get(url, terms=LOOPBACK) for _ in range(3)))
    assert len(answers) == 3
    assert web.most_open == 1
    await fetcher.aclose()


async def test_a_slow_source_does_not_hold_up_the_others(web: HostileWeb, fetcher: Fetcher) -> None:
    """N10: its host waits, nobody else."""
    async with HostileWeb("127.0.0.2") as other:
        slow = asyncio.create_task(fetcher.get(web.answer("/a", HANG), terms=LOOPBACK))
        assert isinstance(await fetcher.get(other.answer("/b", page(b"x")), terms=LOOPBACK), Page)
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_a_cancelled_fetch_frees_its_host_and_its_connection(web: HostileWeb, fetcher: Fetcher) -> None:
    slow = asyncio.create_task(fetcher.get(web.answer("/a", HANG), terms=LOOPBACK))
    await web.busy.wait()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    got = await fetcher.get(web.answer("/b", page(b"mine")), terms=LOOPBACK)
    assert isinstance(got, Page)
    assert got.body == b"mine"
    assert web.connections == 2


def test_a_fetcher_is_made_outside_a_loop() -> None:
    pacer = HostPacer(pause=timedelta(), clock=SystemClock())
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer)

    async def use() -> Page | NotModified:
        async with HostileWeb() as web:
            try:
                return await fetcher.get(web.answer("/a", page(b"x")), terms=LOOPBACK)
            finally:
                await fetcher.aclose()

    assert isinstance(asyncio.run(use()), Page)


async def test_the_environment_is_not_asked(
    web: HostileWeb, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N4: a proxy in the environment is not used."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.9:9")
    assert isinstance(await fetcher.get(web.answer("/a", page(b"x")), terms=LOOPBACK), Page)
