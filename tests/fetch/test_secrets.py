"""What a source is asked with goes to its own origin only, and is never shown (N6, N7, O7)."""

import base64
import logging
import ssl
from collections.abc import AsyncIterator

import pytest

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import Fetcher, HostPacer, Robots, Terms, terms_of
from bot.model import Access, Page
from tests.build import NOW, a_source
from tests.fetch.conftest import AGENT, TLS, named, speaking
from tests.hostile import CLOSE, HostileWeb, Seen, page, redirect

CANARIES = ("canary-key", "canary-cookie", "canary-user", "canary-password", "canary-proxy")
ACCESS = Access(
    headers=(("X-Api-Key", "canary-key"), ("Accept-Language", "de")),
    cookies=(("session", "canary-cookie"), ("edition", "2")),
    basic_auth=("canary-user", "canary-password"),
)
#: names of the headers that carry them
SECRET = {"x-api-key", "accept-language", "cookie", "authorization"}
LOCAL = ("127.0.0.0/8",)


def told(seen: Seen) -> set[str]:
    """Return which of the secrets a server was told."""
    return SECRET & set(seen.headers)


def for_source(url: str, access: Access = ACCESS, **source: object) -> Terms:
    return terms_of(a_source(url=url, allow_private=LOCAL, **source), access)


@pytest.fixture
async def trusting(pacer: HostPacer) -> AsyncIterator[Fetcher]:
    """A fetcher that knows the authority of these tests; every name is 127.0.0.1."""
    context = ssl.create_default_context(cafile=TLS / "authority.pem")
    fetcher, _ = named(pacer, ["127.0.0.1"], ssl_context=context)
    yield fetcher
    await fetcher.aclose()


# -- to the own origin ---------------------------------------------------------------------------


async def test_the_source_itself_is_told(web: HostileWeb, fetcher: Fetcher) -> None:
    url = web.answer("/feed", page(b"x"))
    await fetcher.get(url, terms=for_source(url), etag='"1"')
    assert web.seen[0].headers == {
        "host": f"127.0.0.1:{web.port}",
        "user-agent": AGENT,
        "accept-encoding": "gzip, deflate",
        "accept": "*/*",
        "if-none-match": '"1"',
        "x-api-key": "canary-key",
        "accept-language": "de",
        "cookie": "session=canary-cookie; edition=2",
        "authorization": "Basic " + base64.b64encode(b"canary-user:canary-password").decode(),
    }


async def test_other_addresses_of_the_origin_are_told_too(web: HostileWeb, fetcher: Fetcher) -> None:
    """Article pages behind the same login."""
    await fetcher.get(web.answer("/article", page(b"x")), terms=for_source(web.url("/feed")))
    assert told(web.seen[0]) == SECRET


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_another_host_is_told_nothing_and_the_own_one_again(fetcher: Fetcher, status: int) -> None:
    """There and back: each hop is looked at anew."""
    async with HostileWeb("127.0.0.1") as own, HostileWeb("127.0.0.2") as other:
        url = own.answer("/feed", redirect(other.url("/through"), status))
        other.answer("/through", redirect(own.url("/home"), status))
        own.answer("/home", page(b"x"))
        await fetcher.get(url, terms=for_source(url))
        assert [told(seen) for seen in own.seen] == [SECRET, SECRET]
        assert [told(seen) for seen in other.seen] == [set()]


async def test_another_port_is_another_origin(fetcher: Fetcher) -> None:
    async with HostileWeb() as own, HostileWeb() as other:
        url = own.answer("/feed", redirect(other.url("/b")))
        other.answer("/b", page(b"x"))
        await fetcher.get(url, terms=for_source(url))
        assert told(other.seen[0]) == set()


async def test_another_spelling_of_the_own_host_is_the_own_host(fetcher: Fetcher) -> None:
    async with HostileWeb() as own:
        own.answer("/feed", page(b"x"))
        await fetcher.get(own.url("/feed", host="0x7f.1"), terms=for_source(own.url("/other")))
        assert told(own.seen[0]) == SECRET


@pytest.mark.parametrize("other", ["sub.site.test", "test", "site.test.evil.test", "site.test."])
async def test_a_name_that_looks_like_the_own_one_is_another(
    web: HostileWeb, pacer: HostPacer, other: str
) -> None:
    fetcher, _ = named(pacer, ["127.0.0.1"])
    terms = for_source(web.url("/feed", host="site.test"))
    web.answer("/feed", redirect(web.url("/b", host=other)))
    web.answer("/b", page(b"x"))
    await fetcher.get(web.url("/feed", host="site.test"), terms=terms)
    assert [told(seen) for seen in web.seen] == [SECRET, set()]
    await fetcher.aclose()


async def test_from_http_to_https_nothing_is_told(web: HostileWeb, trusting: Fetcher) -> None:
    """The scheme is part of the origin; nothing was configured for the other one."""
    async with HostileWeb(tls=speaking("good")) as secure:
        url = web.url("/a", host="site.test")
        web.answer("/a", redirect(secure.url("/b", host="site.test")))
        secure.answer("/b", page(b"x"))
        await trusting.get(url, terms=for_source(url))
        assert told(web.seen[0]) == SECRET
        assert told(secure.seen[0]) == set()


async def test_robots_txt_is_asked_as_by_anybody(web: HostileWeb, fetcher: Fetcher) -> None:
    """What it says is kept for other sources, too."""
    web.answer("/robots.txt", page(b""))
    robots = Robots(fetcher, user_agent=AGENT)
    await robots.verdict(web.url("/a"), terms=for_source(web.url("/feed")), now=NOW)
    assert told(web.seen[0]) == set()


async def test_a_source_without_an_address_tells_nobody(web: HostileWeb, fetcher: Fetcher) -> None:
    url = web.answer("/a", page(b"x"))
    await fetcher.get(url, terms=for_source("no address"))
    assert told(web.seen[0]) == set()


# -- away from https (N6) ------------------------------------------------------------------------


async def test_with_credentials_https_is_not_left(web: HostileWeb, trusting: Fetcher) -> None:
    async with HostileWeb(tls=speaking("good")) as secure:
        url = secure.url("/a", host="site.test")
        secure.answer("/a", redirect(web.url("/b", host="site.test")))
        with pytest.raises(FetchError) as caught:
            await trusting.get(url, terms=for_source(url))
        assert (caught.value.kind, caught.value.retry) == (FailureKind.REDIRECTS, Retry.NEVER)
        assert "leads away from https" in str(caught.value)
        assert not web.seen


async def test_without_credentials_it_may_be_left(web: HostileWeb, trusting: Fetcher) -> None:
    async with HostileWeb(tls=speaking("good")) as secure:
        url = secure.url("/a", host="site.test")
        secure.answer("/a", redirect(web.url("/b", host="site.test")))
        web.answer("/b", page(b"x"))
        assert isinstance(await trusting.get(url, terms=for_source(url, Access())), Page)


# -- what may be sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Host", "Content-Length", "Connection", "Transfer-Encoding", "Accept-Encoding", "TE", "Upgrade",
        "If-None-Match", "If-Modified-Since", "Range", "Proxy-Authorization", "Expect", "host", "HOST",
        "", "X Y", "X:Y", "X\r\nY", "Ü", "X\0",
    ],
)  # fmt: skip
async def test_headers_that_frame_a_request_are_left_out(
    web: HostileWeb, fetcher: Fetcher, name: str
) -> None:
    """The configuration refuses them; here is the second lock."""
    url = web.answer("/a", page(b"x"))
    await fetcher.get(url, terms=for_source(url, Access(headers=((name, "evil"), ("X-Good", "1")))))
    assert "evil" not in web.seen[0].headers.values()
    assert web.seen[0].headers["x-good"] == "1"
    assert web.seen[0].host == f"127.0.0.1:{web.port}"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0", "\ud800"])
async def test_values_that_would_end_their_line_are_left_out(
    web: HostileWeb, fetcher: Fetcher, value: str
) -> None:
    url = web.answer("/a", page(b"x"))
    access = Access(headers=(("X-A", value),), cookies=(("a", value), ("b", "1; c=2"), ("d", "3")))
    await fetcher.get(url, terms=for_source(url, access))
    assert "x-evil" not in web.seen[0].headers
    assert "x-a" not in web.seen[0].headers
    assert web.seen[0].headers["cookie"] == "d=3"


async def test_the_users_own_headers_come_in_place_of_ours(web: HostileWeb, fetcher: Fetcher) -> None:
    url = web.answer("/a", page(b"x"))
    access = Access(
        headers=(
            ("Accept", "text/csv"),
            ("user-agent", "Desk/1"),
            ("Authorization", "Bearer 1"),
            ("Cookie", "a=1"),
        ),
        cookies=(("b", "2"),),
        basic_auth=("user", "password"),
    )
    await fetcher.get(url, terms=for_source(url, access))
    headers = web.seen[0].headers
    assert (headers["accept"], headers["user-agent"]) == ("text/csv", "Desk/1")
    assert (headers["authorization"], headers["cookie"]) == ("Bearer 1", "a=1; b=2")
    assert len(web.seen[0].names) == len(set(web.seen[0].names))


async def test_a_password_in_any_script_is_sent_as_utf_8(web: HostileWeb, fetcher: Fetcher) -> None:
    """RFC 7617."""
    url = web.answer("/a", page(b"x"))
    await fetcher.get(url, terms=for_source(url, Access(basic_auth=("käthe", "пароль:1"))))
    sent = web.seen[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "käthe:пароль:1"


# -- cookies that are configured, and cookies that are set on the way ----------------------------


async def test_a_cookie_wall_is_passed_with_the_users_cookies(web: HostileWeb, fetcher: Fetcher) -> None:
    def wall(seen: Seen) -> bytes:
        return page(b"in") if "ok=1" in seen.headers.get("cookie", "") else redirect("/wall")

    url = web.respond("/a", wall)
    web.answer("/wall", redirect("/a", set_cookie="ok=1; Path=/"))
    await fetcher.get(url, terms=for_source(url))
    assert web.seen[-1].headers["cookie"] == "session=canary-cookie; edition=2; ok=1"
    assert web.seen[-1].names.count("cookie") == 1


async def test_cookies_set_elsewhere_stay_there(fetcher: Fetcher) -> None:
    async with HostileWeb("127.0.0.1") as own, HostileWeb("127.0.0.2") as other:
        url = own.answer("/feed", redirect(other.url("/b"), set_cookie="own=1"))
        other.answer("/b", redirect(own.url("/c"), set_cookie="session=stolen; Domain=127.0.0.1"))
        own.answer("/c", page(b"x"))
        await fetcher.get(url, terms=for_source(url))
        assert "cookie" not in other.seen[0].headers
        assert "stolen" not in own.seen[-1].headers["cookie"]


# -- never shown ---------------------------------------------------------------------------------


async def test_no_secret_is_ever_shown(
    web: HostileWeb, fetcher: Fetcher, caplog: pytest.LogCaptureFixture
) -> None:
    """In errors of every sort, in what they come from, in values as text, in the log at its loudest."""
    caplog.set_level(logging.DEBUG)
    access = Access(
        headers=ACCESS.headers,
        cookies=ACCESS.cookies,
        basic_auth=ACCESS.basic_auth,
        proxy="http://canary-user:canary-proxy@127.0.0.1:9",
    )
    shown: list[str] = [
        repr(access),
        repr(for_source(web.url("/"), access)),
        str(for_source(web.url("/"), access)),
    ]
    web.answer("/reset", CLOSE)
    web.answer("/junk", b"junk\r\n\r\n", CLOSE)
    web.answer("/loop", redirect("/loop"))
    web.answer("/401", page(b"", 401))
    web.answer("/out", redirect("http://10.0.0.1/"))
    for path in ("/reset", "/junk", "/loop", "/401", "/out", "/404"):
        for one in (ACCESS, access):
            with pytest.raises(FetchError) as caught:
                await fetcher.get(web.url(path), terms=for_source(web.url("/"), one))
            error: BaseException | None = caught.value
            while error is not None:
                shown += [str(error), repr(error)]
                error = error.__cause__ or error.__context__
    shown.append(caplog.text)
    assert not [canary for canary in CANARIES if canary in "\n".join(shown)]
