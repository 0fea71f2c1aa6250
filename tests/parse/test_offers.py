"""Discovery: what a page offers, what is clearly best, and where else a feed may be."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Offer, SourceKind
from bot.parse import discover, offers, source
from bot.parse.jobs import ListingJob
from tests.quality.listings import LISTINGS

URL = "https://gazette.example/"
RSS, ATOM = "application/rss+xml", "application/atom+xml"


def page(*head: str, body: str = "", lang: str = "en") -> str:
    return f"<!doctype html><html lang={lang}><head>{''.join(head)}</head><body>{body}</body></html>"


def link(href: str, kind: str = RSS, title: str = "", more: str = "") -> str:
    return f"<link rel='alternate' type='{kind}' href='{href}' title='{title}' {more}>"


def urls(text: str, url: str = URL, **more: str) -> list[str]:
    return [offer.url for offer in offers.of_page(text, url, **more)]


def chosen(text: str, url: str = URL) -> str | None:
    best = offers.choose(offers.of_page(text, url), url=url)
    return None if best is None else best.url


def test_declared_feeds_come_before_linked_ones_and_sitemaps() -> None:
    text = page(
        "<link rel=sitemap type=application/xml href=/sitemap.xml>",
        link("/feed.xml", title="Gazette"),
        body="<a href='/rss/sport.xml'>Sport RSS</a>",
    )
    found = offers.of_page(text, URL)
    assert [(offer.kind, offer.url) for offer in found] == [
        (SourceKind.FEED, "https://gazette.example/feed.xml"),
        (SourceKind.FEED, "https://gazette.example/rss/sport.xml"),
        (SourceKind.SITEMAP, "https://gazette.example/sitemap.xml"),
    ]
    assert [offer.title for offer in found] == ["Gazette", "Sport RSS", ""]
    assert offers.choose(found) == found[0]


@pytest.mark.parametrize(
    "declared",
    [
        link("/f", "application/feed+json"),
        link("/f", "TEXT/RSS+XML; charset=utf-8"),
        link("/f", "application/rdf+xml"),
        link("/feed/", "text/xml"),
        link("/rss.xml", "application/xml"),
        link("/feed.json", "application/json"),
        link("/index.rss", ""),
        "<link rel='feed' href='/f'>",
        "<link rel=ALTERNATE type=application/rss+xml href=' feed '>",
    ],
)
def test_mistyped_feeds_are_feeds(declared: str) -> None:
    assert len(urls(page(declared))) == 1


@pytest.mark.parametrize(
    "declared",
    [
        link("/comments/feed/", title="Gazette » Comments Feed"),
        link("/?feed=comments-rss2"),
        link("/feeds/comments/default", ATOM),
        link("/2026/01/pier/feed/", title="Gazette » Pier Kommentar-Feed"),
        link("/x/feed/", title="Flux des commentaires de Gazette"),
        link("/x/feed/", title="Лента комментариев"),
        link("/wp-json/oembed/1.0/embed?url=x", "application/json+oembed"),
        link("/wp-json/wp/v2/posts/7", "application/json"),
        link("/de/", "text/html", more="hreflang=de"),
        link("android-app://x/y", ""),
        "<link rel='alternate stylesheet' type='text/css' href='/rss.xml'>",
        "<link rel=EditURI type=application/rsd+xml href=/xmlrpc.php?rsd>",
        link("javascript:x()"),
        link(""),
    ],
)
def test_what_lists_no_news_is_not_offered(declared: str) -> None:
    assert urls(page(declared)) == []


@pytest.mark.parametrize(
    ("href", "title", "found"),
    [
        ("/feed/", "Subscribe", "https://gazette.example/feed/"),
        ("feed://gazette.example/all.rss", "RSS", "http://gazette.example/all.rss"),
        ("/en/rss/news.xml", "News", "https://gazette.example/en/rss/news.xml"),
        ("/export/rss2/index.xml", "RSS", "https://gazette.example/export/rss2/index.xml"),
        ("/news.aspx?format=rss", "RSS feed", "https://gazette.example/news.aspx?format=rss"),
        ("/data/news.xml", "RSS-Feed", "https://gazette.example/data/news.xml"),
        ("https://feedly.com/i/subscription/feed/https://gazette.example/feed/", "Feedly", None),
        ("/data/prices.xml", "Prices", None),
        ("/feedback", "Feedback", None),
        ("/rss", "About RSS", "https://gazette.example/rss"),
        ("/press/feedstock-report", "Feedstock report", None),
    ],
)
def test_links_that_look_like_feeds_are_offered(href: str, title: str, found: str | None) -> None:
    assert urls(page(body=f"<a href='{href}'>{title}</a>")) == ([] if found is None else [found])


def test_one_feed_in_several_formats_is_one_choice() -> None:
    text = page(link("/feed/", title="RSS"), link("/feed/atom/", ATOM, title="Atom"), link("/feed/rdf/"))
    assert chosen(text) == "https://gazette.example/feed/"
    assert (
        chosen(page(link("/?feed=rss2"), link("/?feed=atom", ATOM))) == "https://gazette.example/?feed=rss2"
    )


def test_several_feeds_are_no_choice_of_ours() -> None:
    assert chosen(page(link("/news/feed.xml"), link("/sport/feed.xml"))) is None
    assert chosen(page(body="<a href=/rss/a.xml>A</a><a href=/rss/b.xml>B</a>")) is None
    assert chosen(page()) is None


def test_the_feed_of_the_pages_own_section_is_the_clear_one() -> None:
    text = page(link("/feed/", title="All"), link("/sport/feed/", title="Sport"))
    assert chosen(text, "https://gazette.example/sport/") == "https://gazette.example/sport/feed/"
    assert chosen(text) is None


def test_a_podcast_beside_the_feed_is_no_second_choice() -> None:
    text = page(link("/podcast.xml", title="The Gazette podcast"), link("/feed/", title="Gazette"))
    assert chosen(text) == "https://gazette.example/feed/"


def test_feeds_in_the_pages_language_come_first() -> None:
    text = page(link("/de/f.xml", more="hreflang=de"), link("/en/f.xml", more="hreflang=en-GB"))
    assert urls(text)[0] == "https://gazette.example/en/f.xml"
    assert urls(text, language="de")[0] == "https://gazette.example/de/f.xml"


def test_at_most_twenty_are_offered() -> None:
    assert len(urls(page(*(link(f"/{number}.rss") for number in range(50))))) == 20


def test_a_page_of_which_only_the_address_is_known_says_what_it_offers() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    listed = next(one for one in LISTINGS if one.name == "cards")
    html = listed.html.replace("<head>", f"<head>{link('/feed.xml', title='Gazette')}")
    found = source.parse(ListingJob(data=html.encode(), url=listed.url, now=now))
    assert found.entries == ()
    assert found.fault is not None
    assert "it offers 1 feed(s), such as https://ostwick.example/feed.xml" in found.fault
    assert [offer.kind for offer in found.offers] == [SourceKind.FEED, SourceKind.LISTING]
    assert found.alternates == ("https://ostwick.example/feed.xml",)
    assert found.offers[-1].url == listed.url
    assert "10 look like articles" in found.offers[-1].found_by
    assert offers.choose(found.offers) == found.offers[0]


def test_a_listing_is_chosen_where_nothing_else_is_offered() -> None:
    itself = Offer(kind=SourceKind.LISTING, url=URL, found_by=f"{offers.STRUCTURE}: 9 look like articles")
    sitemap = Offer(kind=SourceKind.SITEMAP, url=f"{URL}sitemap.xml", found_by=offers.DECLARED)
    assert offers.choose((itself,)) == itself
    assert offers.choose((sitemap, itself)) == sitemap


def test_the_sitemaps_of_a_robots_file() -> None:
    robots = (
        "\ufeffUser-agent: *\nDisallow: /x\nSITEMAP : https://gazette.example/sitemap.xml # all\n"
        "Sitemap: /news-sitemap.xml\r\n# Sitemap: /no.xml\nSitemap:\nsitemap: javascript:x\nSitemap: /news-sitemap.xml"
    )
    assert discover.sitemaps(robots, f"{URL}robots.txt") == (
        "https://gazette.example/news-sitemap.xml",
        "https://gazette.example/sitemap.xml",
    )
    assert discover.sitemaps("", URL) == ()
    assert len(discover.sitemaps("\n".join(f"Sitemap: /{n}.xml" for n in range(99)), URL)) == 20


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        ("https://www.youtube.com/channel/UCabc-1_x/videos", "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc-1_x"),
        ("https://www.youtube.com/playlist?list=PL9", "https://www.youtube.com/feeds/videos.xml?playlist_id=PL9"),
        ("https://www.reddit.com/r/harbours/", "https://www.reddit.com/r/harbours/.rss"),
        ("https://github.com/o/r", "https://github.com/o/r/releases.atom"),
        ("https://github.com/o/r/releases", "https://github.com/o/r/releases.atom"),
        ("https://github.com/o/r/commits/main", "https://github.com/o/r/commits/main.atom"),
        ("https://mastodon.example/@ola", "https://mastodon.example/@ola.rss"),
        ("https://medium.com/@ola", "https://medium.com/feed/@ola"),
        ("https://medium.com/pier-notes", "https://medium.com/feed/pier-notes"),
        ("https://pier.substack.com/archive", "https://pier.substack.com/feed"),
        ("https://pier.blogspot.com/2026/01/x.html", "https://pier.blogspot.com/feeds/posts/default"),
        ("https://bsky.app/profile/ola.example", "https://bsky.app/profile/ola.example/rss"),
    ],
)  # fmt: skip
def test_sites_whose_rules_are_known_have_one_address(url: str, feed: str) -> None:
    assert discover.usual_paths(url) == (feed,)


def test_usual_paths_beside_the_page_then_at_the_root() -> None:
    found = discover.usual_paths("https://gazette.example/news/index.html?x=1")
    assert found[0] == "https://gazette.example/news/feed/"
    assert "https://gazette.example/feed/" in found
    assert "https://gazette.example/news/rss.xml" in found
    assert found.index("https://gazette.example/news/rss.xml") < found.index("https://gazette.example/feed/")
    assert len(found) == len(set(found)) <= 18
    assert discover.usual_paths("https://gazette.example")[0] == "https://gazette.example/feed/"
    assert discover.usual_paths("mailto:x@y.example") == ()
    assert discover.usual_paths("http://[broken") == ()


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(["<link rel=alternate type=application/rss+xml href='", "/feed", "'>", "<a href=", "<base href='", "http://["])
        | st.text(max_size=6),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_no_page_makes_it_raise(text: str) -> None:
    found = offers.of_page(text, URL)
    assert all(offer.url.startswith(("http://", "https://", "HTTP")) for offer in found)
    offers.choose(found, url=text)
    discover.usual_paths(text)
    discover.sitemaps(text, URL)
