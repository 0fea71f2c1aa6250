"""Sitemaps: plain, news, indexes, packed, lists of addresses, damaged ones."""

import gzip
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Feed
from bot.parse import sitemap

URL = "https://n.example/sitemap.xml"
PLAIN = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = (
    f'<?xml version="1.0" encoding="UTF-8"?><urlset {PLAIN}'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
    "<url><loc> https://n.example/a?x=1&amp;y=2 </loc><lastmod>2026-11-23</lastmod>"
    "<image:image><image:loc>https://n.example/p.jpg</image:loc><image:title>A picture</image:title>"
    "</image:image>"
    "<news:news><news:publication><news:name>The N</news:name><news:language>en-GB</news:language>"
    "</news:publication>"
    "<news:publication_date>2026-11-23T14:05:00+01:00</news:publication_date>"
    "<news:title>R&amp;D &amp;amp; more</news:title></news:news></url><url><loc>/b</loc></url></urlset>"
)


def parse(data: bytes | str, url: str = URL) -> Feed:
    return sitemap.parse(data.encode() if isinstance(data, str) else data, {}, url)


def test_a_news_sitemap_gives_titles_dates_and_languages() -> None:
    found = parse(NEWS)
    assert found.fault is None
    assert found.title == "The N"
    first, second = found.entries
    assert first.link == "https://n.example/a?x=1&y=2"
    assert first.title == "R&D & more"
    assert first.published_at == datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert first.language == "en"
    assert (second.link, second.published_at) == ("https://n.example/b", None)


def test_the_children_of_an_index_come_newest_first() -> None:
    children = "".join(
        f"<sitemap><loc>https://n.example/{name}.xml</loc>{when}</sitemap>"
        for name, when in [
            ("old", "<lastmod>2024-01-01</lastmod>"),
            ("undated", ""),
            ("news", "<lastmod>2026-11-23T10:00:00Z</lastmod>"),
            ("posts-2025-06", ""),
        ]
    )
    found = parse(f"<sitemapindex {PLAIN}>{children}</sitemapindex>")
    assert [url.rpartition("/")[2] for url in found.alternates] == [
        "news.xml",
        "posts-2025-06.xml",
        "old.xml",
        "undated.xml",
    ]
    assert found.entries == ()
    assert found.fault is None


def test_a_packed_sitemap_is_unpacked_also_when_its_end_is_missing() -> None:
    packed = gzip.compress(NEWS.encode())
    assert len(parse(packed).entries) == 2
    assert parse(gzip.compress(packed)) == parse(packed)
    many = "".join(
        f"<url><loc>https://n.example/{hashlib.sha256(bytes(n)).hexdigest()}</loc></url>" for n in range(3000)
    )
    cut = parse(gzip.compress(f"<urlset {PLAIN}>{many}</urlset>".encode())[:-5000])
    assert cut.entries
    assert cut.fault is not None


def test_a_plain_list_of_addresses_is_a_sitemap() -> None:
    found = parse("\ufeffhttps://n.example/a\r\nhttps://n.example/b\n\nhttps://n.example/a\n")
    assert [entry.link for entry in found.entries] == ["https://n.example/a", "https://n.example/b"]


def test_the_two_thousand_newest_entries_are_taken_in_the_order_of_the_source() -> None:
    urls = "".join(
        f"<url><loc>https://n.example/{n}</loc><lastmod>2026-{1 + n % 12:02}-{1 + n % 28:02}</lastmod></url>"
        for n in range(9000)
    )
    found = parse(f"<urlset {PLAIN}>{urls}</urlset>")
    assert len(found.entries) == 2000
    numbers = [int((entry.link or "").rpartition("/")[2]) for entry in found.entries]
    assert numbers == sorted(numbers)
    assert all(entry.updated_at and entry.updated_at.month >= 10 for entry in found.entries)


@pytest.mark.parametrize(
    "damaged",
    [
        NEWS.replace("R&amp;D", "R&D"),
        NEWS.replace('xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"', ""),
        NEWS.replace("<urlset", "<!DOCTYPE x [<!ENTITY a 'b'>]><urlset"),
        NEWS.replace("</urlset>", ""),
        f"\n {NEWS}<!-- made in 3 ms -->",
        NEWS.replace("http://www.sitemaps.org/schemas", "https://www.google.com/schemas"),
        NEWS.replace(PLAIN, ""),
        NEWS.replace("x=1&amp;y=2", "x=1&y=2"),
        NEWS.replace("</loc>", "", 1),
        NEWS.replace("</url>", ""),
        NEWS.replace("<url>", "<URL>").replace("loc>", "LOC>").replace("</url>", "</URL>"),
        NEWS.replace("<urlset", "<sm:urlset").replace("<url>", "<sm:url>").replace("loc>", "sm:loc>"),
        NEWS.replace(" https://n.example/a?x=1&amp;y=2 ", "<![CDATA[https://n.example/a?x=1&y=2]]>"),
        NEWS.replace(" https://n.example/a?x=1&amp;y=2 ", "\x0b<![CDATA[https://n.example/a?x=1&y=2]]>"),
        NEWS.replace("<lastmod>", "&nbsp;<lastmod>"),
        f"<br />\n<b>Warning</b>: x in y.php\n{NEWS}",
        f"<html><body>{NEWS}</body></html>",
        f"\ufeff\ufeff{NEWS}",
        NEWS.replace(
            "<lastmod>", '<xhtml:link rel="alternate" hreflang="de" href="https://n.example/de"/><lastmod>'
        ),
    ],
)
def test_damage_costs_no_entry(damaged: str) -> None:
    assert [entry.link for entry in parse(damaged).entries] == [
        "https://n.example/a?x=1&y=2",
        "https://n.example/b",
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "empty"),
        ("<!doctype html><html><p>Hi", "an HTML page"),
        ("<rss><channel><item/></channel></rss>", "a feed"),
        ("hello", "begins with"),
    ],
)
def test_what_is_no_sitemap_says_so(data: str, why: str) -> None:
    fault = parse(data).fault
    assert fault is not None
    assert why in fault


def test_a_films_title_and_date_are_not_the_articles() -> None:
    film = (
        '<video:video xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"><video:title>Film'
        "</video:title><video:publication_date>2020-01-01</video:publication_date></video:video>"
    )
    for text in (NEWS, NEWS.replace("R&amp;D", "R&D")):
        found = parse(text.replace("<news:news>", f"{film}<news:news>", 1))
        assert found.entries == parse(text).entries
        assert found.entries[0].title == "R&D & more"


def test_a_feed_in_a_sitemaps_place_is_read_as_a_feed() -> None:
    found = parse(
        "<rss><channel><item><title>A</title><link>https://n.example/1</link></item></channel></rss>"
    )
    assert [(entry.title, entry.link) for entry in found.entries] == [("A", "https://n.example/1")]
    assert found.fault is None


@pytest.mark.parametrize("unit", ["<url>", "<loc>", "<url><loc>x", "<loc><![CDATA[", "<url ", "<", "&"])
def test_floods_are_read_in_bounded_work(unit: str) -> None:
    assert len(parse("<urlset>&" + unit * (400_000 // len(unit))).entries) <= 2000


def test_an_empty_sitemap_is_no_fault() -> None:
    assert parse(f"<urlset {PLAIN}></urlset>") == Feed(link=URL)


def test_links_that_are_no_addresses_are_left_out() -> None:
    found = parse(
        f"<urlset {PLAIN}><url><loc>javascript:x</loc></url><url/><url><loc>https://n.example/</loc></url></urlset>"
    )
    assert [entry.link for entry in found.entries] == ["https://n.example/"]


@settings(deadline=None, max_examples=150)
@given(
    where=st.floats(0, 1),
    length=st.integers(0, 40),
    put=st.binary(max_size=12)
    | st.sampled_from([b"<url>", b"&#0;", b"]]>", b"<!DOCTYPE a [", b"\x1f\x8b", b"<loc>http://["]),
    packed=st.booleans(),
)
def test_no_damage_makes_it_raise(where: float, length: int, put: bytes, packed: bool) -> None:
    data = NEWS.encode()
    place = int(where * len(data))
    data = data[:place] + put + data[place + length :]
    assert isinstance(parse(gzip.compress(data) if packed else data), Feed)


@settings(deadline=None, max_examples=100)
@given(data=st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert isinstance(parse(data), Feed)
    assert isinstance(parse(b"<urlset>" + data), Feed)
    assert isinstance(parse(b"\x1f\x8b" + data), Feed)
