"""One story is one article and one alert, whatever its sites do to addresses, identifiers and order."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest

from bot.app import opened, synchronise
from bot.config import defaults
from bot.model import Article, MentionState, Source, TextFrom
from bot.pipeline import Deps, match, read, refresh
from bot.store import Store, articles, mentions
from tests.build import NOW, FakeClock, a_watch
from tests.sites import LocalSite
from tests.test_journey import ASTERX

Opened = Callable[..., AbstractAsyncContextManager[Deps]]
CONSENT = (
    "We and our partners store information on your device. Accept all, or manage your choices below. " * 6
)


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite(host="127.0.0.1", name="Orbital Ledger") as made:
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bot(tmp_path: Path, clock: FakeClock) -> Opened:
    """Open the bot on these sources; closing and opening again is a restart."""

    @asynccontextmanager
    async def start(*sources: Source) -> AsyncIterator[Deps]:
        url = f"sqlite:///{tmp_path}/newsbot.db"
        settings = replace(defaults(), database=url, sources=sources, watches=(a_watch(),))
        store = Store.open(url, clock_now=clock.now())
        try:
            synchronise(store, settings, clock=clock)
            async with opened(settings, store=store, clock=clock, host_pause=timedelta(), workers=1) as deps:
                yield deps
        finally:
            store.close()

    return start


async def _poll(deps: Deps, *hosts: str) -> int:
    """Do the first three steps; return the number of new entries."""
    new = 0
    for host in hosts or ("127.0.0.1",):
        new += (await refresh(deps, host, everything=True)).new_entries
        while (await read(deps, host)).results:
            pass
    while (await match(deps)).articles:
        pass
    return new


def _page(title: str, *paragraphs: str, head: str = "") -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{text}</body></html>"


def _publish(site: LocalSite, path: str, *items: dict[str, str]) -> str:
    """Answer a path with a feed of these items, whose fields are their elements; return its address."""
    listed = "".join(
        "<item>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in item.items()) + "</item>"
        for item in items
    )
    return site.set_page(
        path, f'<rss version="2.0"><channel>{listed}</channel></rss>', content_type="text/xml"
    )


def _stored(deps: Deps) -> list[Article]:
    return deps.store.read(articles.list_articles)


def _new(deps: Deps) -> list[str]:
    return sorted(found.title for found in deps.store.read(mentions.list_mentions, state=MentionState.NEW))


async def test_variants_of_an_address_in_two_feeds_are_one_article(bot, site):
    title = "AsterX opens in Toulouse in spring"
    site.set_page("/one", _page(title, *ASTERX))
    site.set_page("/one/amp", _page(title, *ASTERX, head='<link rel="canonical" href="/one">'))
    site.set_page("/r/123", "", status=302, headers={"Location": "/one?utm_source=short"})
    first = _publish(site, "/a", {"title": title, "link": f"{site.url}/one?utm_source=rss&utm_medium=feed"})
    second = _publish(
        site,
        "/b",
        {"title": f"{title}!", "link": f"{site.url}/one/amp", "guid": "9"},
        {"title": "AsterX once more", "link": f"{site.url}/r/123#top"},
    )
    sources = [site.source(key, url=url, baseline=False) for key, url in (("a", first), ("b", second))]
    async with bot(*sources) as deps:
        await _poll(deps)
        assert [article.url for article in _stored(deps)] == [f"{site.url}/one"]
        assert _new(deps) == [title]


async def test_a_page_that_calls_another_sites_article_its_own_takes_nothing_from_it(bot, site):
    with LocalSite(host="127.0.0.2", name="Copycat") as other:
        site.set_page("/one", _page("AsterX opens in Toulouse", *ASTERX))
        link = f'<link rel="canonical" href="{site.url}/one">'
        other.set_page("/two", _page("A tale of something else", *ASTERX[::-1], head=link))
        feeds = (
            site.source("a", url=_publish(site, "/f", {"link": f"{site.url}/one"})),
            other.source("b", url=_publish(other, "/f", {"link": f"{other.url}/two"})),
        )
        async with bot(*feeds) as deps:
            await _poll(deps, "127.0.0.2", "127.0.0.1")
            assert {article.title for article in _stored(deps)} == {
                "AsterX opens in Toulouse",
                "A tale of something else",
            }


@pytest.mark.parametrize("wall", ["redirect", "redirect back", "in place", "front page"])
async def test_a_wall_before_every_page_makes_no_article_and_hides_none(bot, site, wall):
    items = []
    for number in range(4):
        path = f"/n{number}"
        items.append(
            {
                "title": f"AsterX exercise, day {number}: satellites collide",
                "link": site.url + path,
                "description": f"What AsterX brought on day {number}.",
            }
        )
        target = {"redirect": "/hello", "redirect back": f"/hello?next={path}", "front page": "/"}.get(wall)
        if target is None:
            site.set_page(path, _page("Before you continue", CONSENT))
        else:
            site.set_page(path, "", status=302, headers={"Location": target})
    site.set_page("/hello", _page("Before you continue", CONSENT))
    site.set_page("/", _page("Front page", CONSENT))
    async with bot(site.source("a", url=_publish(site, "/f", *items), baseline=False)) as deps:
        await _poll(deps)
        assert {article.text_from for article in _stored(deps)} == {TextFrom.SUMMARY}
        assert _new(deps) == [item["title"] for item in items]


async def test_items_without_guid_link_or_title_are_read_once(bot, site, clock):
    site.set_page("/x", _page("AsterX on page x", *ASTERX))
    items: list[dict[str, str]] = [
        {"title": "AsterX without a link", "description": "Short text about AsterX."},
        {"description": "Only a text about AsterX, nothing else is given by this feed."},
        {"link": f"{site.url}/x"},
        {},
    ]
    _publish(site, "/f", *items)
    for turn in range(2):
        async with bot(site.source("a", url=f"{site.url}/f", baseline=False)) as deps:
            new = await _poll(deps)
            assert (new > 0) == (turn == 0)
            assert len(_new(deps)) == 3
        clock.forward(timedelta(hours=1))
        random.Random(turn).shuffle(items)
        _publish(site, "/f", *items)


def _season(site: LocalSite, turn: int, count: int, *, churn_links: bool) -> None:
    """Publish a growing feed whose identifiers, addresses and order are new at each turn."""
    items = []
    for number in range(count):
        path = f"/{turn}/s{number}" if churn_links else f"/s{number}"
        title = f"AsterX report number {number} of the season"
        site.set_page(path, _page(title, *ASTERX, f"Report {number}."))
        at = format_datetime(NOW - timedelta(hours=30 - number))
        link = f"{site.url}{path}?utm_campaign=t{turn}&ref=rss"
        items.append({"title": title, "link": link, "guid": f"urn:{turn}:{number}", "pubDate": at})
    random.Random(turn).shuffle(items)
    # One story vanishes every third time, and returns.
    kept = [item for item in items if turn % 3 != 2 or "number 2 " not in item["title"]]
    _publish(site, "/f", *kept)


@pytest.mark.parametrize("churn_links", [False, True])
async def test_ten_polls_of_churn_announce_each_new_story_once_across_restarts(bot, site, clock, churn_links):
    for first in (0, 4, 8):
        async with bot(site.source("a", url=f"{site.url}/f")) as deps:
            for turn in range(first, min(first + 4, 11)):
                _season(site, turn, 5 + turn, churn_links=churn_links)
                assert await _poll(deps) == (5 if turn == 0 else 1)
                assert len(_new(deps)) == turn
                clock.forward(timedelta(hours=1))


async def test_a_first_poll_that_fails_leaves_the_first_sight_to_the_next(bot, site, clock):
    site.add_article("old", "An old AsterX story", ASTERX, published=NOW)
    site.fault("/feed.xml", status=500, times=1)
    for _ in range(2):
        async with bot(site.source("a")) as deps:
            await _poll(deps)
        clock.forward(timedelta(hours=1))
    async with bot(site.source("a")) as deps:
        assert len(_stored(deps)) == 1
        assert not _new(deps)


async def test_a_source_that_moves_keeps_its_history_and_alerts_only_what_is_new(bot, site, clock):
    with LocalSite(host="127.0.0.2", name="Orbital Ledger") as moved:
        for place in (site, moved):
            place.add_article("old", "An old AsterX story of last week", ASTERX, published=NOW)
        async with bot(site.source("a")) as deps:
            await _poll(deps)
        clock.forward(timedelta(hours=1))
        moved.add_article("new", "AsterX after the move", [*ASTERX, "More."], published=clock.now())
        async with bot(moved.source("a")) as deps:
            await _poll(deps, "127.0.0.2")
            assert _new(deps) == ["AsterX after the move"]
            assert len(_stored(deps)) == 2
