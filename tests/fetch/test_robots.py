"""May a page be asked for (N14)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.fetch import PUBLIC_TERMS, Fetcher, HostPacer, Robots, RobotsVerdict, terms_of
from bot.fetch.robots import MAX_BODY
from bot.model import Access
from tests.build import NOW, a_source
from tests.fetch.conftest import AGENT
from tests.fetch.proxies import LoopbackProxy
from tests.hostile import CLOSE, HANG, LOOPBACK, HostileWeb, Step, page, redirect


@pytest.fixture
def robots(fetcher: Fetcher) -> Robots:
    return Robots(fetcher, user_agent=AGENT)


async def ask(
    robots: Robots, web: HostileWeb, path: str = "/news/1", *, after: timedelta = timedelta()
) -> RobotsVerdict:
    return await robots.verdict(web.url(path), terms=LOOPBACK, now=NOW + after)


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
    verdict = await robots.verdict("https://site.test/a", terms=PUBLIC_TERMS, now=NOW)
    assert not verdict.allowed
    assert verdict.temporary
    assert "no such host name" in verdict.why


async def test_retry_after_holds_for_robots_txt(web: HostileWeb, robots: Robots) -> None:
    web.answer("/robots.txt", page(b"", 503, retry_after="7200"))
    await ask(robots, web)
    await ask(robots, web, after=timedelta(minutes=110))
    assert web.asked("/robots.txt") == 1


async def test_what_may_not_be_connected_to_is_no_matter_of_time(web: HostileWeb, robots: Robots) -> None:
    verdict = await robots.verdict(web.url("/a"), terms=PUBLIC_TERMS, now=NOW)
    assert (verdict.allowed, verdict.temporary) == (False, False)
    assert "allow_private" in verdict.why
    verdict = await robots.verdict("ftp://site.test/", terms=PUBLIC_TERMS, now=NOW)
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


async def test_rules_that_cannot_be_read_again_still_hold(web: HostileWeb, robots: Robots) -> None:
    """RFC 9309 section 2.4: what was read before is gone by while the server is ill, and asked for again."""
    web.answer("/robots.txt", page(b"User-agent: *\nDisallow: /private\n"))
    assert (await ask(robots, web)).allowed
    web.answer("/robots.txt", page(b"", 503))
    for hours in (25, 30, 24 * 29):
        assert (await ask(robots, web, after=timedelta(hours=hours))).allowed
        assert not (await ask(robots, web, "/private", after=timedelta(hours=hours))).allowed
    assert web.asked("/robots.txt") == 4
    late = await ask(robots, web, after=timedelta(days=31))
    assert (late.allowed, late.temporary) == (False, True)
    web.answer("/robots.txt", page(b"User-agent: *\nDisallow: /\n"))
    fresh = await ask(robots, web, after=timedelta(days=32))
    assert (fresh.allowed, fresh.temporary) == (False, False)


async def test_an_absent_file_still_counts_as_absent_while_the_server_is_ill(
    web: HostileWeb, robots: Robots
) -> None:
    web.answer("/robots.txt", page(b"", 404))
    await ask(robots, web)
    web.answer("/robots.txt", page(b"", 500))
    assert (await ask(robots, web, after=timedelta(hours=25))).allowed


async def test_of_two_failures_the_last_is_told(web: HostileWeb, robots: Robots) -> None:
    for status in (500, 503):
        web.answer("/robots.txt", page(b"", status))
        verdict = await ask(robots, web, after=timedelta(hours=status))
        assert f"HTTP {status}" in verdict.why
        assert verdict.temporary


async def test_a_file_that_is_cut_loses_no_more_than_its_end(web: HostileWeb, robots: Robots) -> None:
    """The cut goes through “Disallow: /private” behind its first slash."""
    start, last = b"User-agent: *\nDisallow: /first\n#", b"\nDisallow: /"
    filler = b"x" * (MAX_BODY - len(start) - len(last))
    web.answer("/robots.txt", page(start + filler + last + b"private\n"))
    assert (await ask(robots, web, "/news")).allowed
    assert not (await ask(robots, web, "/first")).allowed


@pytest.mark.parametrize("count", [5, 6])
async def test_five_redirects_are_followed_also_to_another_host(robots: Robots, count: int) -> None:
    """RFC 9309 section 2.3.1.2: five at least, across authorities; more count as no robots.txt."""
    async with HostileWeb("127.0.0.1") as one, HostileWeb("127.0.0.2") as two:
        webs = [one, two]
        one.answer("/robots.txt", redirect(two.url("/1")))
        for number in range(1, count):
            webs[number % 2].answer(f"/{number}", redirect(webs[(number + 1) % 2].url(f"/{number + 1}")))
        webs[count % 2].answer(f"/{count}", page(b"User-agent: *\nDisallow: /"))
        assert (await ask(robots, one)).allowed is (count > 5)


async def test_the_rules_that_one_source_may_read_are_not_anothers(web: HostileWeb, robots: Robots) -> None:
    """What is kept is kept apart for each policy and each name."""
    web.answer("/robots.txt", page(b"User-agent: *\nDisallow: /private\n"))
    assert (await ask(robots, web)).allowed
    closed = await robots.verdict(web.url("/news/1"), terms=PUBLIC_TERMS, now=NOW)
    assert not closed.allowed
    assert "allow_private" in closed.why
    other = replace(LOOPBACK, user_agent="Desk/1")
    assert (await robots.verdict(web.url("/news/1"), terms=other, now=NOW)).allowed
    assert [seen.headers["user-agent"] for seen in web.seen] == [AGENT, "Desk/1"]


async def test_whoever_gives_us_another_name_still_obeys_what_is_said_to_us(
    web: HostileWeb, fetcher: Fetcher
) -> None:
    rules = b"User-agent: newsbot\nDisallow: /ours\n\nUser-agent: mozilla\nDisallow: /theirs\n"
    web.answer("/robots.txt", page(rules))
    robots = Robots(fetcher, user_agent="Mozilla/5.0 (Desk)")
    assert [(await ask(robots, web, path)).allowed for path in ("/ours", "/theirs", "/x")] == [
        False,
        False,
        True,
    ]


async def test_robots_txt_goes_through_the_proxy_of_its_source(web: HostileWeb, robots: Robots) -> None:
    async with LoopbackProxy() as proxy:
        proxy.leads("127.0.0.1", web)
        web.answer("/robots.txt", page(b"User-agent: *\nDisallow: /"))
        terms = terms_of(a_source(allow_private=("127.0.0.1/32",)), Access(proxy=proxy.address))
        assert not (await robots.verdict(web.url("/a"), terms=terms, now=NOW)).allowed
        assert proxy.asked == [f"GET {web.url('/robots.txt')}"]


async def test_spellings_of_one_origin_share_their_rules(web: HostileWeb, robots: Robots) -> None:
    web.answer("/robots.txt", page(b""))
    for host in ("127.0.0.1", "0x7f.1", "127.1"):
        await robots.verdict(web.url("/a", host=host), terms=LOOPBACK, now=NOW)
    assert web.asked("/robots.txt") == 1


async def test_what_is_kept_is_bounded(web: HostileWeb, robots: Robots) -> None:
    """Files with rules for thousands of others weigh nothing; those full of our own make room in turn."""
    others = b"".join(b"User-agent: bot-%d\nDisallow: /%d\n" % (number, number) for number in range(12_000))
    web.answer("/robots.txt", page(others + b"User-agent: *\nDisallow: /private\n"))
    assert not (await ask(robots, web, "/private")).allowed
    assert robots._kept < 100
    ours = b"User-agent: *\n" + b"Disallow: /some/where\n" * 22_000
    web.answer("/robots.txt", page(ours))
    for number in range(20):
        terms = replace(LOOPBACK, user_agent=f"Desk{'x' * number}")
        assert not (await robots.verdict(web.url("/some/where"), terms=terms, now=NOW)).allowed
    assert robots._kept <= 8 * 1024 * 1024
    assert robots._kept == sum(rules.size for rules in robots._known.values())
