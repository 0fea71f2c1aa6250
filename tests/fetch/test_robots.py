"""May a page be asked for (N14)."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from bot.clock import SystemClock
from bot.fetch import Fetcher, HostPacer, Policy, Robots, RobotsVerdict
from bot.fetch.robots import only_ours
from tests.build import NOW
from tests.fetch.conftest import AGENT
from tests.hostile import CLOSE, HANG, LOOPBACK, HostileWeb, Step, page, redirect


@pytest.fixture
def robots(fetcher: Fetcher) -> Robots:
    return Robots(fetcher, user_agent=AGENT)


async def ask(
    robots: Robots, web: HostileWeb, path: str = "/news/1", *, after: timedelta = timedelta()
) -> RobotsVerdict:
    return await robots.verdict(web.url(path), policy=LOOPBACK, now=NOW + after)


async def test_rules_hold_for_pages(web: HostileWeb, robots: Robots) -> None:
    web.answer(
        "/robots.txt", page(b"User-agent: *\nDisallow: /private/\nAllow: /private/open\nDisallow: /*.pdf$\n")
    )
    assert (await ask(robots, web)).allowed
    assert (await ask(robots, web, "/private/open")).allowed
    assert (await ask(robots, web, "/a.pdf?x")).allowed
    for path in ("/private/x", "/a.pdf"):
        verdict = await ask(robots, web, path)
        assert not verdict.allowed
        assert not verdict.temporary
        assert "robots.txt" in verdict.why
    assert web.asked("/robots.txt") == 1
    assert web.seen[0].headers["user-agent"] == AGENT


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: newsbot\nDisallow: /", False),
        ("user-agent:NewsBot # that is us\ndisallow:/", False),
        ("User-agent: Newsbot/2.0\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: newsbot\nDisallow:", True),
        ("User-agent: other\nUser-agent: newsbot\nDisallow: /", False),
        ("User-agent: newsbot\nDisallow: /x\n\nUser-agent: newsbot\nDisallow: /news", False),
        ("User-agent: news\nDisallow: /", True),
        ("User-agent: bot\nDisallow: /", True),
        ("User-agent: newsbot-images\nDisallow: /", True),
        ("User-agent: *bot\nDisallow: /", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\rDisallow: /\r", False),
        ("Disallow: /", True),
        ("", True),
        ("<html><h1>Not found</h1>Disallow: /</html>", True),
    ],
)
async def test_only_our_own_group_or_everybodys_applies(
    web: HostileWeb, robots: Robots, text: str, allowed: bool
) -> None:
    """RFC 9309: the product token, not a part of it."""
    web.answer("/robots.txt", page(text.encode()))
    assert (await ask(robots, web)).allowed is allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
async def test_no_robots_txt_allows_everything(web: HostileWeb, robots: Robots, status: int) -> None:
    web.answer("/robots.txt", page(b"", status))
    assert (await ask(robots, web)).allowed
    assert (await ask(robots, web, after=timedelta(hours=23))).allowed
    assert web.asked("/robots.txt") == 1


@pytest.mark.parametrize(
    "script",
    [(page(b"", 500),), (page(b"", 503, retry_after="60"),), (CLOSE,), (b"junk\r\n\r\n", CLOSE), (HANG,)],
)
async def test_a_robots_txt_that_cannot_be_read_allows_nothing_for_now(
    web: HostileWeb, hasty: Fetcher, script: tuple[Step, ...]
) -> None:
    robots = Robots(hasty, user_agent=AGENT)
    web.answer("/robots.txt", *script)
    verdict = await ask(robots, web)
    assert not verdict.allowed
    assert verdict.temporary
    assert "not for now" in verdict.why
    web.answer("/robots.txt", page(b""))
    assert not (await ask(robots, web, after=timedelta(minutes=9))).allowed
    assert (await ask(robots, web, after=timedelta(minutes=11))).allowed


async def test_a_name_that_does_not_resolve_allows_nothing_for_now(pacer: HostPacer) -> None:
    async def none(_host: str, _port: int) -> list[str]:
        return []

    robots = Robots(Fetcher(user_agent=AGENT, pacer=pacer, resolver=none), user_agent=AGENT)
    verdict = await robots.verdict("https://site.test/a", policy=Policy(), now=NOW)
    assert not verdict.allowed
    assert verdict.temporary
    assert "no such host name" in verdict.why


async def test_retry_after_holds_for_robots_txt(web: HostileWeb, robots: Robots) -> None:
    web.answer("/robots.txt", page(b"", 503, retry_after="7200"))
    await ask(robots, web)
    await ask(robots, web, after=timedelta(minutes=110))
    assert web.asked("/robots.txt") == 1


async def test_what_may_not_be_connected_to_is_no_matter_of_time(web: HostileWeb, robots: Robots) -> None:
    verdict = await robots.verdict(web.url("/a"), policy=Policy(), now=NOW)
    assert (verdict.allowed, verdict.temporary) == (False, False)
    assert "allow_private" in verdict.why
    verdict = await robots.verdict("ftp://site.test/", policy=Policy(), now=NOW)
    assert (verdict.allowed, verdict.temporary) == (False, False)


async def test_rules_are_kept_for_a_day(web: HostileWeb, robots: Robots) -> None:
    web.answer("/robots.txt", page(b"User-agent: *\nDisallow: /"))
    assert not (await ask(robots, web)).allowed
    web.answer("/robots.txt", page(b""))
    assert not (await ask(robots, web, after=timedelta(hours=23))).allowed
    assert (await ask(robots, web, after=timedelta(hours=25))).allowed
    assert web.asked("/robots.txt") == 2


async def test_redirects_are_followed_and_too_many_mean_none(web: HostileWeb, robots: Robots) -> None:
    web.answer("/robots.txt", redirect("/elsewhere"))
    web.answer("/elsewhere", page(b"User-agent: *\nDisallow: /"))
    assert not (await ask(robots, web)).allowed
    web.answer("/robots.txt", redirect("/robots.txt"))
    assert (await ask(robots, web, after=timedelta(hours=25))).allowed


async def test_only_the_first_half_mebibyte_is_read(web: HostileWeb, robots: Robots) -> None:
    rules = b"User-agent: *\nDisallow: /first\n" + b"# " + b"x" * 600_000 + b"\nDisallow: /last\n"
    web.answer("/robots.txt", page(rules))
    assert not (await ask(robots, web, "/first")).allowed
    assert (await ask(robots, web, "/last")).allowed


async def test_a_hostile_file_is_read_in_time(web: HostileWeb, robots: Robots) -> None:
    """Half a MiB of wildcards against a long address."""
    web.answer("/robots.txt", page(b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*a*b\n" * 15_000))
    assert (await ask(robots, web, "/" + "a" * 3000)).allowed


@pytest.mark.parametrize(
    ("value", "delay_s"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("9999", 60),
        ("inf", None),
        ("nan", None),
        ("-3", None),
        ("0", None),
        ("x", None),
    ],
)
async def test_a_crawl_delay_is_told_up_to_a_minute(
    web: HostileWeb, robots: Robots, value: str, delay_s: float | None
) -> None:
    web.answer("/robots.txt", page(f"User-agent: *\nCrawl-delay: {value}\n".encode()))
    delay = (await ask(robots, web)).crawl_delay
    assert delay == (None if delay_s is None else timedelta(seconds=delay_s))


async def test_many_who_ask_at_once_cause_one_request(web: HostileWeb, robots: Robots) -> None:
    web.answer("/robots.txt", page(b""))
    await asyncio.gather(*(ask(robots, web, f"/{number}") for number in range(10)))
    assert web.asked("/robots.txt") == 1


async def test_each_origin_has_its_own(robots: Robots) -> None:
    async with HostileWeb() as one, HostileWeb() as two:
        one.answer("/robots.txt", page(b"User-agent: *\nDisallow: /"))
        two.answer("/robots.txt", page(b""))
        assert not (await ask(robots, one)).allowed
        assert (await ask(robots, two)).allowed


async def test_robots_txt_takes_its_turn(web: HostileWeb) -> None:
    """Manners hold for it as for any other request."""
    pacer = HostPacer(pause=timedelta(), clock=SystemClock())
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer)
    web.answer("/robots.txt", page(b""))
    async with pacer.turn("127.0.0.1"):
        asking = asyncio.create_task(ask(Robots(fetcher, user_agent=AGENT), web))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not web.seen
    assert (await asking).allowed
    await fetcher.aclose()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_any_text_is_read(text: str) -> None:
    rules = Protego.parse(only_ours(text, "newsbot"))
    assert rules.can_fetch("https://site.example/a?b=c", "newsbot") in (True, False)
    rules.crawl_delay("newsbot")
