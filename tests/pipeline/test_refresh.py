"""The refresh step: what is saved of an answer, of every kind of source."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.errors import FailureKind
from bot.fetch import schedule
from bot.model import Access, Health, PauseScope, SourceKind
from bot.pipeline import refresh
from bot.store import articles, sources
from tests.build import FakeClock
from tests.hostile import CLOSE, HostileWeb, page, redirect
from tests.pipeline.wired import HOST, item, row, rss, source, wired


@pytest.fixture
async def web() -> AsyncIterator[HostileWeb]:
    async with HostileWeb() as serving:
        yield serving


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_once_a_day_a_source_is_asked_without_validators_and_its_lie_is_found_out(web, clock, tmp_path):
    """A server that says “not modified” for ever hides its news for a day at most."""
    items = [item("one")]
    web.respond(
        "/feed",
        lambda seen: page(b"", 304) if "if-none-match" in seen.headers else page(rss(*items), etag='"x"'),
    )
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await refresh(deps, HOST)
        items.append(item("two"))
        new = 0
        for _ in range(26):
            clock.forward(timedelta(hours=1))
            new += (await refresh(deps, HOST, everything=True)).new_entries
    assert new == 1
    assert sum("if-none-match" not in seen.headers for seen in web.seen) in (2, 3)


async def test_an_etag_that_always_changes_says_nothing(web, clock, tmp_path):
    counter = iter(range(100))
    web.respond("/feed", lambda _: page(rss(item("one")), etag=f'"{next(counter)}"'))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await refresh(deps, HOST)
        clock.forward(timedelta(hours=1))
        done = await refresh(deps, HOST, everything=True)
        assert done.not_modified == ("ledger",)


async def test_what_a_server_says_of_freshness_stretches_the_interval_to_two_hours(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("one")), cache_control="max-age=86400"))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await refresh(deps, HOST)
        wait = row(deps).next_fetch_at - clock.now()
        assert timedelta(minutes=50) < wait <= timedelta(hours=3)
        assert row(deps).next_reason["reason"] == "hint"


async def test_an_interval_of_its_own_is_kept_whatever_the_server_says(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("one")), cache_control="max-age=86400"))
    every = timedelta(minutes=5)
    async with wired(tmp_path, clock, [source(web.url("/feed"), every=every, adapts=False)]) as deps:
        await refresh(deps, HOST)
        assert row(deps).next_fetch_at - clock.now() <= 1.6 * every


async def test_gone_pauses_a_source_with_one_notice_and_it_is_never_asked_again(web, clock, tmp_path):
    web.answer("/feed", page(b"", 410))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        done = await refresh(deps, HOST)
        assert done.failures[0].kind is FailureKind.GONE
        clock.forward(timedelta(days=3))
        await refresh(deps, HOST, everything=True)
        assert len(web.seen) == 1
        assert row(deps).paused_at is not None
        told = deps.store.read(sources.notices, since=clock.now() - timedelta(days=9), until=clock.now())
        assert len(told) == 1
        assert "gone for good" in told[0].why


async def test_a_permanent_redirect_is_remembered_and_never_followed_blindly(web, clock, tmp_path):
    web.answer("/old", redirect("/feed", 301))
    web.answer("/feed", page(rss(item("one"))))
    async with wired(tmp_path, clock, [source(web.url("/old"))]) as deps:
        for _ in range(6):
            await refresh(deps, HOST, everything=True)
            clock.forward(timedelta(hours=6))
        moved = row(deps).moved
        assert moved is not None
        assert moved.to == web.url("/feed")
        assert schedule.is_settled(moved, now=clock.now())
        assert web.asked("/old") == 6
        web.answer("/old", page(rss(item("one"), item("two"))))
        await refresh(deps, HOST, everything=True)
        assert row(deps).moved is None


async def test_a_temporary_redirect_is_never_remembered(web, clock, tmp_path):
    web.answer("/old", redirect("/feed", 302))
    web.answer("/feed", page(rss(item("one"))))
    async with wired(tmp_path, clock, [source(web.url("/old"))]) as deps:
        await refresh(deps, HOST)
        assert row(deps).moved is None


async def test_retry_after_holds_the_whole_host(web, clock, tmp_path):
    web.answer("/a", page(b"", 429, retry_after="3600"))
    web.answer("/b", page(rss(item("one"))))
    both = [source(web.url("/a"), "a"), source(web.url("/b"), "b")]
    async with wired(tmp_path, clock, both) as deps:
        await refresh(deps, HOST)
        clock.forward(timedelta(minutes=59))
        assert (await refresh(deps, HOST, everything=True)).held_until is not None
        clock.forward(timedelta(minutes=2))
        assert not (await refresh(deps, HOST, everything=True)).taken


async def test_retry_after_of_a_source_with_scope_source_is_its_own(web, clock, tmp_path):
    """One host may carry thousands of routes: the others go on."""
    web.answer("/a", page(b"", 429, retry_after="3600"))
    web.answer("/b", page(rss(item("one"))))
    both = [source(web.url("/a"), "a", scope=PauseScope.SOURCE), source(web.url("/b"), "b")]
    async with wired(tmp_path, clock, both) as deps:
        await refresh(deps, HOST)
        clock.forward(timedelta(minutes=40))
        assert (await refresh(deps, HOST)).ok + (await refresh(deps, HOST)).not_modified != ("a",)
        assert web.asked("/a") == 1
        assert row(deps, "a").next_fetch_at >= clock.now() + timedelta(minutes=19)


async def test_a_bare_address_of_a_page_is_read_as_the_one_feed_that_it_declares(web, clock, tmp_path):
    link = "<link rel='alternate' type='application/rss+xml' href='/the-feed'>"
    web.answer(
        "/",
        page(f"<html><head>{link}</head><body><p>Hello</p></body></html>".encode(), content_type="text/html"),
    )
    web.answer("/the-feed", page(rss(item("one")), etag='"1"'))
    async with wired(tmp_path, clock, [source(web.url("/"), kind=SourceKind.AUTO)]) as deps:
        done = await refresh(deps, HOST)
        assert (done.ok, done.new_entries) == (("ledger",), 1)
        assert row(deps).found.url == web.url("/the-feed")
        web.seen.clear()
        clock.forward(timedelta(hours=1))
        await refresh(deps, HOST, everything=True)
        assert {seen.path for seen in web.seen} == {"/the-feed"}


async def test_what_was_discovered_and_is_lost_is_looked_for_again(web, clock, tmp_path):
    def front(_seen: object) -> bytes:
        html = f"<html><head><link rel='alternate' type='application/rss+xml' href='{where[0]}'></head><body></body></html>"
        return page(html.encode(), content_type="text/html")

    where = ["/first"]
    web.respond("/", front)
    web.answer("/first", page(rss(item("one"))))
    async with wired(tmp_path, clock, [source(web.url("/"), kind=SourceKind.AUTO)]) as deps:
        await refresh(deps, HOST)
        where[0] = "/second"
        web.answer("/first", page(b"", 404))
        web.answer("/second", page(rss(item("one"), item("two"))))
        clock.forward(timedelta(hours=1))
        done = await refresh(deps, HOST, everything=True)
        assert done.new_entries == 1
        assert row(deps).found.url == web.url("/second")


async def test_several_feeds_at_a_bare_address_are_offered_and_none_is_guessed(web, clock, tmp_path):
    links = "".join(
        f"<link rel='alternate' type='application/rss+xml' title='{n}' href='/{n}.xml'>"
        for n in ("news", "sport")
    )
    web.answer(
        "/", page(f"<html><head>{links}</head><body></body></html>".encode(), content_type="text/html")
    )
    web.answer("/news.xml", page(rss(item("one"), title="News")))
    web.answer("/sport.xml", page(rss(item("two"), title="Sport")))
    async with wired(tmp_path, clock, [source(web.url("/"), kind=SourceKind.AUTO)]) as deps:
        failure = (await refresh(deps, HOST)).failures[0]
        assert web.url("/news.xml") in failure.detail
        assert web.url("/sport.xml") in failure.detail
        assert "newsbot source fix ledger" in failure.detail
        assert row(deps).found is None


async def test_the_pages_of_a_listing_are_read_as_one(web, clock, tmp_path):
    def listing(number: int) -> bytes:
        following = f"<a rel='next' href='/list/{number + 1}'>older</a>" if number < 9 else ""
        links = "".join(
            f"<article><h2><a href='/news/{number}-{n}'>Story {number} {n} of the day</a></h2></article>"
            for n in range(3)
        )
        return page(
            f"<html><body><main>{links}</main>{following}</body></html>".encode(), content_type="text/html"
        )

    for number in range(1, 6):
        web.answer(f"/list/{number}", listing(number))
    listed = source(web.url("/list/1"), kind=SourceKind.LISTING, links="main h2 a", pages=3)
    async with wired(tmp_path, clock, [listed]) as deps:
        assert (await refresh(deps, HOST)).new_entries == 9
        assert web.asked("/list/4") == 0


async def test_a_flood_of_known_titles_is_held_and_told_as_one(web, clock, tmp_path):
    """A new publishing system gives all its old items new addresses, identifiers and dates."""

    def item_of(number: int, age: str) -> str:
        date = f"<pubDate>{'Mon, 23 Nov' if age == 'new' else 'Sun, 22 Nov'} 2026 08:{number % 60:02}:00 GMT</pubDate>"
        return item(f"{age}-{number}", f"The report number {number} of the orbital ledger", more=date)

    web.answer("/feed", page(rss(*(item_of(number, "old") for number in range(60)))))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await refresh(deps, HOST)
        news = item("fresh", "AsterX: an exercise that nobody had heard of")
        web.answer("/feed", page(rss(news, *(item_of(number, "new") for number in range(60)))))
        clock.forward(timedelta(hours=1))
        await refresh(deps, HOST, everything=True)
        assert row(deps).health is Health.FLOOD
        assert "60" in row(deps).health_why
        waiting = deps.store.read(articles.entries_to_read, HOST, now=clock.now(), limit=500)
        assert {entry.entry.title for entry in waiting if not entry.baseline} == {
            "AsterX: an exercise that nobody had heard of"
        }


async def test_a_flood_of_new_titles_is_news(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("start"))))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await refresh(deps, HOST)
        web.answer(
            "/feed",
            page(rss(*(item(f"n{n}", f"A story of its own, number {n}, in orbit") for n in range(200)))),
        )
        clock.forward(timedelta(hours=1))
        assert (await refresh(deps, HOST, everything=True)).new_entries == 200
        waiting = deps.store.read(articles.entries_to_read, HOST, now=clock.now(), limit=500)
        assert sum(not entry.baseline for entry in waiting) == 200


async def test_old_pages_that_a_sitemap_shows_later_are_history(web, clock, tmp_path):
    def sitemap(*places: tuple[str, str]) -> bytes:
        urls = "".join(
            f"<url><loc>{web.url(path)}</loc><lastmod>{day}</lastmod></url>" for path, day in places
        )
        return page(f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode())

    web.answer("/map.xml", sitemap(("/a", "2026-11-22")))
    async with wired(tmp_path, clock, [source(web.url("/map.xml"), kind=SourceKind.SITEMAP)]) as deps:
        await refresh(deps, HOST)
        web.answer("/map.xml", sitemap(("/a", "2026-11-22"), ("/old", "2019-01-01"), ("/new", "2026-11-23")))
        clock.forward(timedelta(hours=1))
        await refresh(deps, HOST, everything=True)
        waiting = deps.store.read(articles.entries_to_read, HOST, now=clock.now(), limit=50)
        assert {entry.url for entry in waiting if not entry.baseline} == {web.url("/new")}


async def test_secrets_of_a_source_are_sent_and_never_stored(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("one"))))
    access = Access(headers=(("X-Api-Key", "canary-1"),), basic_auth=("desk", "canary-2"))
    async with wired(tmp_path, clock, [source(web.url("/feed"))], access={"ledger": access}) as deps:
        await refresh(deps, HOST)
        assert web.seen[0].headers["x-api-key"] == "canary-1"
        assert "authorization" in web.seen[0].headers
    data = b"".join(path.read_bytes() for path in tmp_path.glob("newsbot.db*"))
    assert b"canary" not in data


async def test_a_dead_network_costs_no_source_anything(clock, tmp_path):
    """All hosts fail at once: nothing is counted, and the first answer ends it."""
    async with HostileWeb("127.0.3.1") as web:
        listed = [source(web.url("/feed", host=f"127.0.3.{n}"), f"s{n}") for n in range(1, 7)]
        web.answer("/feed", CLOSE)
        async with wired(tmp_path, clock, listed) as deps:
            for n in range(1, 7):
                await refresh(deps, f"127.0.3.{n}")
                clock.forward(timedelta(seconds=15))
            down = deps.network.down_since(clock.now())
            assert down is not None
            deps.store.write(sources.forgive, since=down, now=clock.now())
            rows = deps.store.read(sources.list_sources)
            assert all(found.health is not Health.FAILING for found in rows)
            assert all(found.failing_since is None for found in rows)
            web.answer("/feed", page(rss(item("one"))))
            clock.forward(timedelta(minutes=5))
            assert (await refresh(deps, "127.0.3.1", everything=True)).ok
            assert deps.network.down_since(clock.now()) is None
