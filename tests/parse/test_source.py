"""Listings of every kind through one door."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Feed, JsonLd, Page, Source, SourceKind, Tier
from bot.parse import source
from bot.parse.jobs import ListingJob

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
URL = "https://n.example/x"
FEED = (
    b"<rss><channel><title>T</title><item><title>A</title><pubDate>23 Nov 2026 10:00:00 GMT</pubDate></item>"
    b"<item><title>B</title><pubDate>23 Nov 2027 10:00:00 GMT</pubDate></item></channel></rss>"
)
SITEMAP = (
    b"<urlset><url><loc>https://n.example/a</loc><lastmod>2026-11-22</lastmod></url>"
    b"<url><loc>https://n.example/b</loc><lastmod>2026-11-01</lastmod></url>"
    b"<url><loc>https://n.example/c</loc></url></urlset>"
)
PAGE = (
    b"<!doctype html><html><head><link rel=alternate type=application/rss+xml href=/feed></head>"
    b"<p><a href=/s>S</a></html>"
)


def parse(
    data: bytes,
    kind: SourceKind = SourceKind.AUTO,
    *,
    links: str | None = None,
    newer_than: timedelta | None = None,
) -> Feed:
    return source.parse(
        ListingJob(data=data, url=URL, kind=kind, links=links, newer_than=newer_than, now=NOW)
    )


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (FEED, SourceKind.FEED),
        (SITEMAP, SourceKind.SITEMAP),
        (b'{"items": [], "version": "1"}', SourceKind.FEED),
    ],
)
def test_auto_sees_what_it_gets(data: bytes, kind: SourceKind) -> None:
    assert parse(data) == parse(data, kind)
    assert parse(data).fault is None


def test_auto_takes_a_list_of_addresses_for_a_sitemap() -> None:
    assert [entry.link for entry in parse(b"https://n.example/1\nhttps://n.example/2").entries] == [
        "https://n.example/1",
        "https://n.example/2",
    ]


def test_auto_offers_the_feeds_of_a_page() -> None:
    found = parse(PAGE)
    assert found.fault is not None
    assert found.alternates == ("https://n.example/feed",)


def test_a_listing_is_read_by_its_selector_and_needs_one() -> None:
    assert [entry.link for entry in parse(PAGE, SourceKind.LISTING, links="a").entries] == [
        "https://n.example/s"
    ]
    assert parse(PAGE, SourceKind.LISTING).fault is not None


def test_the_wrong_kind_is_a_fault() -> None:
    for data, kind in ((SITEMAP, SourceKind.FEED), (FEED, SourceKind.SITEMAP), (PAGE, SourceKind.SITEMAP)):
        assert parse(data, kind).fault is not None


def test_dates_of_the_future_are_not_believed() -> None:
    first, second = parse(FEED).entries
    assert first.published_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert second.published_at is None


def test_only_entries_younger_than_asked_are_taken_and_undated_ones() -> None:
    found = parse(SITEMAP, SourceKind.SITEMAP, newer_than=timedelta(days=3))
    assert [entry.link for entry in found.entries] == ["https://n.example/a", "https://n.example/c"]


def test_at_most_so_many_entries_are_taken_the_newest_where_all_are_dated() -> None:
    items = "".join(
        f"<item><title>{day}</title><pubDate>{day} Nov 2026 10:00:00 GMT</pubDate></item>"
        for day in (3, 9, 5, 7)
    )
    data = f"<rss><channel><title>T</title>{items}</channel></rss>"

    def titles(text: str, limit: int) -> list[str]:
        job = ListingJob(data=text.encode(), url=URL, kind=SourceKind.FEED, max_entries=limit, now=NOW)
        return [entry.title for entry in source.parse(job).entries]

    assert titles(data, 2) == ["9", "7"]
    assert titles(data, 9) == ["3", "9", "5", "7"]
    assert titles(data.replace("<pubDate>9 Nov 2026 10:00:00 GMT</pubDate>", ""), 2) == ["3", "9"]


@pytest.mark.parametrize(
    ("kind", "tier", "unwraps"),
    [
        (SourceKind.SEARCH, None, True),
        (SourceKind.FEED, Tier.AGGREGATOR, True),
        (SourceKind.FEED, Tier.GENERAL, False),
        (SourceKind.FEED, None, False),
    ],
)
def test_links_of_searches_and_aggregators_are_unwrapped(
    kind: SourceKind, tier: Tier | None, unwraps: bool
) -> None:
    wrapped = "https://www.google.com/url?q=https%3A%2F%2Fgazette.example%2Fpier"
    data = (
        f"<rss><channel><title>T</title><item><title>A</title><link>{wrapped}</link></item></channel></rss>"
    )
    asked = Source(key="s", name="S", kind=kind, url=URL, tier=tier)
    page = Page(url=URL, status=200, body=data.encode())
    (entry,) = source.parse(ListingJob.of(asked, page, now=NOW)).entries
    assert entry.link == ("https://gazette.example/pier" if unwraps else wrapped)


def test_a_job_carries_what_its_source_says() -> None:
    asked = Source(
        key="s", name="S", kind=SourceKind.PAGE, url="https://n.example/configured", links="a", title="h2", date="time",
        next="a.next", newer_than=timedelta(days=3), max_entries=9, content_selector="main", json_ld=JsonLd.OFF,
        language="de",
    )  # fmt: skip
    page = Page(url="https://n.example/landed", status=200, headers={"etag": "x"}, body=b"x")
    assert ListingJob.of(asked, page, now=NOW) == ListingJob(
        data=b"x", url="https://n.example/landed", headers={"etag": "x"}, now=NOW, kind=SourceKind.PAGE,
        address="https://n.example/configured", links="a", title="h2", date="time", next="a.next",
        newer_than=timedelta(days=3), max_entries=9, content_selector="main", json_ld=JsonLd.OFF, language="de",
    )  # fmt: skip
