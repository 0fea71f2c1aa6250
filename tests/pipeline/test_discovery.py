"""What an address leads to: the stated order, everything read before it is offered, and few requests."""

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import SystemClock
from bot.errors import FailureKind, FetchError
from bot.fetch import Fetcher, HostPacer, Policy, Robots, Terms
from bot.model import SourceKind
from bot.parse.sandbox import Sandbox
from bot.pipeline.discovery import MOST_ASKED, Discovered, discover
from tests.sites import LocalSite

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AGENT = "newsbot/0.0 (+mailto:desk@newsbot.invalid)"
LOOPBACK = Terms(policy=Policy(allow_private=("127.0.0.0/8",)))
TEXT = [
    "Ministers of ten countries met on Friday to agree on rules for manoeuvres in orbit, officials said."
] * 3


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    made = Fetcher(user_agent=AGENT, pacer=HostPacer(pause=timedelta(), clock=SystemClock()))
    yield made
    await made.aclose()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox(workers=1)
    await made.start()
    yield made
    await made.aclose()


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite(name="Ledger") as made:
        for number in range(12):
            made.add_article(
                f"ten-partners-agree-on-rules-{number}",
                f"Ten partners agree on rule number {number}",
                TEXT,
                published=NOW - timedelta(hours=number + 1),
            )
        yield made


@pytest.fixture
def look(fetcher, sandbox):
    async def look(url: str, terms: Terms = LOOPBACK) -> Discovered:
        robots = Robots(fetcher, user_agent=AGENT)
        return await discover(fetcher, sandbox, url, terms=terms, now=NOW, robots=robots)

    return look


def page(*head: str, body: Iterable[str] = ()) -> str:
    return (
        f"<!doctype html><html lang=en><head><title>Ledger</title>{''.join(head)}</head><body>{''.join(body)}"
    )


def declared(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


def empty_feed(title: str) -> str:
    return f'<rss version="2.0"><channel><title>{title}</title></channel></rss>'


def paths(site: LocalSite) -> list[str]:
    return [seen.path for seen in site.requests]


@pytest.mark.parametrize("kind", [SourceKind.FEED, SourceKind.SITEMAP])
async def test_an_address_that_is_a_source_is_asked_once_and_offered(site, look, kind):
    url = site.feed_url if kind is SourceKind.FEED else site.sitemap_url
    found = await look(url)
    assert found.direct
    (offer,) = found.offers
    assert (offer.kind, offer.url) == (kind, url)
    assert len(site.requests) == 1
    came = found.of(offer)
    assert (came.entries, came.newest_at) == (12, NOW - timedelta(hours=1))


async def test_the_feed_that_a_page_declares_is_read_before_it_is_offered(site, look):
    home = site.set_page("/", page(declared("/feed.xml", "All news")))
    found = await look(home)
    assert not found.direct
    assert [(offer.kind, offer.url, offer.title) for offer in found.offers] == [
        (SourceKind.FEED, site.feed_url, "Ledger")
    ]
    assert found.of(found.offers[0]).entries == 12
    assert paths(site) == ["/", "/feed.xml"]


async def test_several_feeds_are_all_read_and_offered_and_dead_ones_are_not(site, look):
    feed = "".join(
        f"<item><title>Item {number} of the world today</title><link>/w/{number}</link></item>"
        for number in range(3)
    )
    site.set_page("/world.rss", f'<rss version="2.0"><channel><title>World</title>{feed}</channel></rss>')
    home = site.set_page(
        "/",
        page(declared("/world.rss", "World"), declared("/gone.rss", "Gone"), declared("/feed.xml", "All")),
    )
    found = await look(home)
    assert {offer.url for offer in found.offers} == {f"{site.url}/world.rss", site.feed_url}
    assert {one.offer.url: one.kind for one in found.tried if not one.usable} == {
        f"{site.url}/": None,
        f"{site.url}/gone.rss": FailureKind.NOT_FOUND,
    }


async def test_an_empty_feed_gives_way_to_a_filled_one(site, look):
    site.set_page("/empty.rss", empty_feed("Empty"))
    home = site.set_page("/", page(declared("/empty.rss", "Empty"), declared("/feed.xml", "All")))
    assert [offer.url for offer in (await look(home)).offers] == [site.feed_url]


async def test_an_empty_feed_is_better_than_none(site, look):
    site.set_page("/empty.rss", empty_feed("Empty"))
    home = site.set_page("/", page(declared("/empty.rss", "Empty")))
    found = await look(home)
    assert f"{site.url}/empty.rss" in {offer.url for offer in found.offers}


async def test_a_usual_path_is_tried_where_the_page_offers_nothing(site, look):
    found = await look(site.set_page("/", page()))
    assert [(offer.url, offer.found_by) for offer in found.offers] == [(site.feed_url, "a usual path")]
    assert paths(site).count("/feed.xml") == 1


async def test_guesses_are_not_made_where_robots_txt_forbids_them(site, look):
    site.robots = "User-agent: *\nDisallow: /feed\nDisallow: /rss\n"
    await look(site.set_page("/", page()))
    assert set(paths(site)) == {"/", "/robots.txt"}


async def test_the_sitemap_of_robots_txt_comes_before_the_links_of_the_page(site, look):
    site.fault("/feed.xml", status=404)
    site.robots = f"User-agent: *\nDisallow: /private\nSitemap: {site.sitemap_url}\n"
    found = await look(site.listing_url)
    # the listing page declares /feed.xml, which is gone
    assert [(offer.kind, offer.url) for offer in found.offers] == [(SourceKind.SITEMAP, site.sitemap_url)]
    assert SourceKind.LISTING in {offer.kind for offer in found.also}


async def test_a_sitemap_index_is_offered_by_what_its_newest_child_lists(site, look):
    site.fault("/feed.xml", status=404)
    index = site.set_page(
        "/index-of-sitemaps.xml",
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<sitemap><loc>{site.sitemap_url}</loc></sitemap></sitemapindex>",
    )
    site.robots = f"Sitemap: {index}\n"
    found = await look(site.set_page("/", page()))
    assert [offer.url for offer in found.offers] == [index]
    assert found.of(found.offers[0]).entries == 12


async def test_an_index_that_was_named_itself_is_offered_by_what_its_newest_child_lists(site, look):
    index = site.set_page(
        "/index-of-sitemaps.xml",
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<sitemap><loc>{site.sitemap_url}</loc></sitemap></sitemapindex>",
    )
    found = await look(index)
    assert (found.direct, [offer.url for offer in found.offers]) == (True, [index])
    assert found.of(found.offers[0]).entries == 12


async def test_a_sitemap_without_news_gives_way_to_the_links_of_the_page(site, look):
    site.fault("/feed.xml", status=404)
    site.set_page(
        "/old.xml",
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>'
        f"<loc>{site.url}/imprint</loc><lastmod>2019-01-01</lastmod></url></urlset>",
    )
    site.robots = f"Sitemap: {site.url}/old.xml\n"
    found = await look(site.listing_url)
    (offer,) = found.offers
    assert (offer.kind, offer.url) == (SourceKind.LISTING, site.listing_url)
    came = found.of(offer)
    assert came.entries == 12
    assert came.feed.chosen
    assert f"{site.url}/old.xml" in {other.url for other in found.also}


async def test_what_leads_nowhere_gives_no_offer_and_asks_few(site, look):
    site.fault("/feed.xml", status=404)
    found = await look(site.set_page("/about", page(body=["<p>Nothing to see here."])))
    assert found.offers == ()
    assert len(site.requests) <= MOST_ASKED + 1


async def test_a_site_that_answers_every_path_with_a_page_is_soon_left_alone(look):
    with LocalSite() as site:
        for name in ("feed/", "rss.xml", "feed.xml", "rss", "atom.xml", "index.xml", "feed.json"):
            site.set_page(f"/{name}", page())
        await look(site.set_page("/", page()))
        guesses = [path for path in paths(site) if path not in ("/", "/robots.txt")]
        assert len(guesses) == 3


async def test_a_host_that_wants_no_more_requests_is_asked_none(site, look):
    site.fault("/a.rss", status=429)
    home = site.set_page("/", page(*(declared(f"/{name}.rss", name) for name in "abcdefgh")))
    found = await look(home)
    assert found.offers == ()
    assert paths(site).count("/a.rss") == 1
    assert "/b.rss" not in paths(site)


async def test_an_offered_address_that_is_not_public_is_never_asked(site, look):
    with LocalSite(host="127.0.0.9") as inside:
        home = site.set_page("/", page(declared(inside.feed_url, "Inside"), declared("/feed.xml", "All")))
        terms = Terms(policy=Policy(allow_private=("127.0.0.1/32",)))
        found = await look(home, terms)
        assert [offer.url for offer in found.offers] == [site.feed_url]
        assert inside.requests == ()


async def test_an_address_that_moved_for_good_is_offered_as_its_new_one(site, look):
    site.set_page("/old.xml", "", status=301, headers={"Location": "/feed.xml"})
    site.set_page("/today.xml", "", status=302, headers={"Location": "/feed.xml"})
    assert [offer.url for offer in (await look(f"{site.url}/old.xml")).offers] == [site.feed_url]
    assert [offer.url for offer in (await look(f"{site.url}/today.xml")).offers] == [f"{site.url}/today.xml"]


async def test_an_address_that_cannot_be_had_raises(site, look):
    with pytest.raises(FetchError) as raised:
        await look(f"{site.url}/nothing")
    assert raised.value.kind is FailureKind.NOT_FOUND


async def test_two_declared_addresses_of_one_feed_are_one_offer(site, look):
    for name in ("one", "two"):
        site.set_page(f"/{name}.xml", "", status=301, headers={"Location": "/feed.xml"})
    home = site.set_page("/", page(declared("/one.xml", "News"), declared("/two.xml", "Other news")))
    found = await look(home)
    assert [offer.url for offer in found.offers] == [site.feed_url]
    assert found.also == ()
