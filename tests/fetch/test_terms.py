"""The terms of one source: what it has of its own, and what holds for it as for all."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.errors import FailureKind, FetchError
from bot.fetch import PUBLIC_TERMS, Fetcher, HostPacer, Limits, Robots, Terms, terms_of
from bot.model import Access, NotModified, Page, PauseScope
from tests.build import NOW, a_source
from tests.fetch.conftest import AGENT, named
from tests.fetch.test_pacing import StillClock, settle
from tests.hostile import HANG, HostileWeb, page, redirect

LOCAL = ("127.0.0.0/8",)


def of(**source: object) -> Terms:
    return terms_of(a_source(allow_private=LOCAL, **source), Access())


def test_a_source_with_nothing_of_its_own_is_asked_as_any_other() -> None:
    assert terms_of(a_source(), Access()) == terms_of(a_source()) == PUBLIC_TERMS


def test_what_a_source_has_of_its_own_is_in_its_terms() -> None:
    terms = terms_of(
        a_source(
            url="https://Desk.Example/feed",
            allow_private=("10.0.0.0/8",),
            timeout=timedelta(seconds=7),
            max_body=1000,
            user_agent="Desk/1",
            scope=PauseScope.DOMAIN,
            host_pause=timedelta(seconds=9),
            tls_verify=False,
            ca_file="ca.pem",
        ),
        Access(headers=(("X-Key", "1"),), proxy="http://proxy.test:3128"),
    )
    assert (terms.total, terms.max_body, terms.user_agent) == (timedelta(seconds=7), 1000, "Desk/1")
    assert (terms.scope, terms.pause) == (PauseScope.DOMAIN, timedelta(seconds=9))
    assert (terms.policy.tls_verify, terms.policy.ca_file) == (False, "ca.pem")
    assert terms.policy.allow_private == ("10.0.0.0/8",)
    assert terms.policy.proxy is not None and terms.policy.proxy.name == "proxy.test:3128"
    assert terms.origin == "https://desk.example:443"
    assert terms.secret
    assert terms.without_secrets().policy == terms.policy
    assert not terms.without_secrets().secret


# -- limits --------------------------------------------------------------------------------------


async def test_a_source_may_have_a_time_of_its_own(web: HostileWeb, pacer: HostPacer) -> None:
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer, limits=Limits(total=timedelta(seconds=60)))
    web.answer("/a", redirect("/b"))
    web.answer("/b", HANG)
    with pytest.raises(FetchError, match=r"took longer than 0\.3 s") as caught:
        await fetcher.get(web.url("/a"), terms=of(timeout=timedelta(seconds=0.3)))
    assert caught.value.kind is FailureKind.TIMEOUT
    await fetcher.aclose()


@pytest.mark.parametrize(("own", "asked", "size"), [(500, 2000, 500), (2000, 500, 2000), (None, 700, 700)])
async def test_the_sources_own_size_comes_before_the_askers(
    web: HostileWeb, fetcher: Fetcher, own: int | None, asked: int, size: int
) -> None:
    for more in (0, 1):
        url = web.answer("/a", page(b"x" * (size + more)))
        if more:
            with pytest.raises(FetchError, match=f"larger than {size:,} bytes"):
                await fetcher.get(url, terms=of(max_body=own), max_body=asked)
        else:
            await fetcher.get(url, terms=of(max_body=own), max_body=asked)


async def test_robots_txt_is_read_to_its_own_size(web: HostileWeb, fetcher: Fetcher) -> None:
    """However little, or much, the source may bring."""
    web.answer("/robots.txt", page(b"User-agent: *\nDisallow: /private\n"))
    robots = Robots(fetcher, user_agent=AGENT)
    assert not (await robots.verdict(web.url("/private"), terms=of(max_body=5), now=NOW)).allowed


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sent"),
    [("Desk/1 (x@y.test)", "Desk/1 (x@y.test)"), ("Desk/1\r\nX-Evil: 1", "Desk/1??X-Evil: 1")],
)
async def test_a_source_may_be_asked_by_another_name(
    web: HostileWeb, fetcher: Fetcher, name: str, sent: str
) -> None:
    url = web.answer("/a", redirect("/b"))
    web.answer("/b", page(b"x"))
    await fetcher.get(url, terms=of(user_agent=name))
    await fetcher.get(web.url("/b"), terms=of())
    assert [seen.headers["user-agent"] for seen in web.seen] == [sent, sent, AGENT]
    assert "x-evil" not in web.seen[0].headers


async def test_robots_txt_is_obeyed_by_either_name(web: HostileWeb, fetcher: Fetcher) -> None:
    """Who hides behind another name still is who it is."""
    web.answer(
        "/robots.txt",
        page(b"User-agent: newsbot\nDisallow: /ours\n\nUser-agent: desk\nDisallow: /theirs\n"),
    )
    robots = Robots(fetcher, user_agent=AGENT)

    async def allowed(path: str, name: str | None) -> bool:
        return (await robots.verdict(web.url(path), terms=of(user_agent=name), now=NOW)).allowed

    assert [await allowed(path, "Desk/1") for path in ("/ours", "/theirs", "/x")] == [False, False, True]
    assert [await allowed(path, None) for path in ("/ours", "/theirs", "/x")] == [False, True, True]


# -- turns ---------------------------------------------------------------------------------------


async def test_hosts_of_one_domain_take_turns_where_the_source_says_so(
    web: HostileWeb, pacer: HostPacer
) -> None:
    """With the domain, and with whoever asks the same host by its own name."""
    fetcher, _ = named(pacer, ["127.0.0.1"])
    web.answer("/hang", HANG)
    web.answer("/a", page(b"x"))
    domain, host = of(scope=PauseScope.DOMAIN), of()
    first = asyncio.create_task(fetcher.get(web.url("/hang", host="a.site.test"), terms=domain))
    await web.busy.wait()
    others = [
        asyncio.create_task(fetcher.get(web.url("/a", host=name), terms=terms))
        for name, terms in (("b.site.test", domain), ("site.test", host), ("a.site.test", host))
    ]
    for _ in range(5):  # meanwhile anybody else would long have been served
        assert isinstance(await fetcher.get(web.url("/a", host="b.site.test"), terms=host), Page)
    assert not any(task.done() for task in others)
    first.cancel()
    await asyncio.gather(*others)
    assert web.asked("/a") == 8
    await fetcher.aclose()


async def test_a_source_whose_pauses_are_its_own_still_takes_turns_with_its_host(
    web: HostileWeb, pacer: HostPacer
) -> None:
    """Only a Retry-After is its own affair."""
    fetcher, _ = named(pacer, ["127.0.0.1"])
    web.answer("/hang", HANG)
    first = asyncio.create_task(
        fetcher.get(web.url("/hang", host="site.test"), terms=of(scope=PauseScope.SOURCE))
    )
    await web.busy.wait()
    second = asyncio.create_task(fetcher.get(web.answer("/a", page()), terms=of()))
    third = asyncio.create_task(
        fetcher.get(web.url("/a", host="site.test"), terms=of(scope=PauseScope.SOURCE))
    )
    await second
    assert not third.done()
    first.cancel()
    await third
    await fetcher.aclose()


async def test_a_source_may_have_a_pause_of_its_own(web: HostileWeb) -> None:
    """What lies between its request and the next to that host; a Crawl-delay that is longer still holds."""
    clock = StillClock()
    pacer = HostPacer(pause=timedelta(seconds=2), clock=clock)
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer)
    url = web.answer("/a", page(b"x"))
    for own, delay_s, rest_s in ((None, 0, 2), (0, 0, 0), (60, 0, 60), (1, 30, 30), (60, 30, 60)):
        fetcher.slow_down(url, timedelta(seconds=delay_s))
        pause = None if own is None else timedelta(seconds=own)
        await fetcher.get(url, terms=of(host_pause=pause))
        assert pacer._free_at.get("127.0.0.1", clock.hand) - clock.hand == rest_s
        clock.hand += rest_s
    await fetcher.aclose()


@pytest.mark.parametrize("spelling", ["http://SITE.test./", "http://site.test:8080/x", "https://site.test/"])
async def test_a_crawl_delay_holds_for_the_host_however_it_is_spelled(web: HostileWeb, spelling: str) -> None:
    clock = StillClock()
    fetcher, _ = named(HostPacer(pause=timedelta(), clock=clock), ["127.0.0.1"])
    fetcher.slow_down(spelling, timedelta(seconds=50), terms=of())
    web.answer("/a", page(b"x"))
    await fetcher.get(web.url("/a", host="site.test"), terms=of(host_pause=timedelta()))
    waiting = asyncio.create_task(fetcher.get(web.url("/a", host="site.test"), terms=of()))
    await settle()
    assert not waiting.done()
    clock.hand += 50
    waiting.cancel()
    await fetcher.get(web.url("/a", host="site.test"), terms=of())
    await fetcher.aclose()


def test_slowing_down_what_is_no_address_is_an_error() -> None:
    fetcher = Fetcher(user_agent=AGENT, pacer=HostPacer(pause=timedelta(), clock=SystemClock()))
    with pytest.raises(FetchError):
        fetcher.slow_down("no address", timedelta(seconds=1))


# -- redirects are told --------------------------------------------------------------------------


async def test_an_unchanged_answer_tells_the_way_to_it(web: HostileWeb, fetcher: Fetcher) -> None:
    """A feed that moved for good says so only on its old address, at every poll."""
    web.answer("/old", redirect("/new", 301))
    web.answer("/new", page(b"", 304))
    got = await fetcher.get(web.url("/old"), terms=of(), etag='"1"')
    assert got == NotModified(
        url=web.url("/new"), headers={"content-length": "0"}, redirects=((301, web.url("/old")),)
    )
