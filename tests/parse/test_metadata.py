"""What a page says of itself: titles, authors, dates, addresses, and what is not believed."""

import json
from datetime import UTC, datetime

import pytest

from bot.parse import metadata, page
from bot.parse.bylines import names
from bot.parse.headline import Headlines, best_title

URL = "https://www.gazette.example/news/pier"


def read(head="", body="", url=URL, lang=""):
    html = f"<html {lang}><head>{head}</head><body>{body}<p>x</p></body></html>"
    return metadata.read(page.parse(html, url, {}), url, now=None)


def ld(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["By Jane Doe"], ("Jane Doe",)),
        (["Von Eva Kirchner-Rätsch"], ("Eva Kirchner-Rätsch",)),
        (["by Jane Doe and John Roe"], ("Jane Doe", "John Roe")),
        (["Jane Doe, Science Editor"], ("Jane Doe",)),
        (["Jane Doe, John Roe"], ("Jane Doe", "John Roe")),
        (["Doe, Jane"], ("Jane Doe",)),
        (["Jane Doe jane@paper.example"], ("Jane Doe",)),
        (["https://www.facebook.com/gazette"], ()),
        (["admin"], ()),
        (["Jane Doe", "JANE DOE"], ("Jane Doe",)),
        (["Jun 2 Written by Polly Marsh"], ("Polly Marsh",)),
        (["Par Maëlle Kerjean et Yann Le Goff"], ("Maëlle Kerjean", "Yann Le Goff")),
        (["松岡大地"], ("松岡大地",)),
        (["Jane O&#39;Neill"], ("Jane O'Neill",)),
        (["12 March 2026"], ()),
        ([""], ()),
    ],
)
def test_bylines_become_names(given, expected):
    assert names(given) == expected


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<title>Pier rebuilt | The Gazette</title>", "", "Pier rebuilt"),
        ("<title>The Gazette - Pier rebuilt</title>", "<h1>The Gazette</h1>", "Pier rebuilt"),
        (
            "<title>Pier rebuilt - Gazette</title>",
            "<h1>Gazette</h1><h1>Pier is rebuilt</h1>",
            "Pier is rebuilt",
        ),
        ("<meta property=og:title content='Pier &amp; quay'>", "<h1>News</h1>", "Pier & quay"),
        ("<title>War &#8211; a story</title>", "", "War – a story"),
        ("", "<h1>Only a heading</h1>", "Only a heading"),
        ("", "", ""),
    ],
)
def test_titles(head, body, expected):
    site = "<meta property=og:site_name content='The Gazette'>"
    assert read(site + head, body).title == expected


def test_the_listing_is_a_witness_of_the_title():
    given = Headlines(
        headings=("Section name of the day", "Pier is rebuilt at last"), listed="Pier is rebuilt"
    )
    assert best_title(given, site="", host="") == "Pier is rebuilt at last"


@pytest.mark.parametrize(
    "block",
    [
        {"@type": "NewsArticle", "headline": "H", "datePublished": "2026-03-10T09:00:00Z"},
        [
            {"@type": "Organization", "name": "X"},
            {"@type": ["NewsArticle"], "datePublished": "2026-03-10T09:00:00Z"},
        ],
        {"@graph": [{"@type": "BlogPosting", "datePublished": "2026-03-10T10:00:00+01:00"}]},
        '{"@type": "NewsArticle", "datePublished": "2026-03-10T09:00:00Z",}',
        '<!-- {"@type": "NewsArticle", "headline": "a\nb", "datePublished": "2026-03-10T09:00:00Z"} -->',
        '{"@type":"NewsArticle","datePublished":"2026-03-10T09:00:00Z"} {"@type":"Person","name":"X"}',
    ],
)
def test_json_ld_in_many_shapes(block):
    assert read(ld(block)).published_at == datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "block", ["{", "", "[[[[", "null", '"x"', "[" * 50_000, '{"@type": 7, "author": [[1]]}']
)
def test_broken_json_ld_is_left_out(block):
    assert read(ld(block), "<h1>Pier</h1>").title == "Pier"


def test_the_article_of_this_page_is_chosen_among_several():
    other = {
        "@type": "NewsArticle",
        "headline": "Other",
        "url": "https://www.gazette.example/x",
        "author": "A Bee",
    }
    this = {"@type": "NewsArticle", "headline": "Pier", "url": URL, "author": "C Dee"}
    assert read(ld([other, this])).authors == ("C Dee",)


def test_a_person_in_the_byline_comes_before_the_outlet():
    head = "<meta property=og:site_name content='The Gazette'>" + ld(
        {"@type": "NewsArticle", "author": "The Gazette"}
    )
    found = read(head, '<span class="author-name">Jane Doe</span>')
    assert found.authors == ("Jane Doe", "The Gazette")


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ('<meta name="parsely-pub-date" content="2026-03-10T09:00:00Z">', "", "2026-03-10T09:00:00+00:00"),
        ('<meta name="DC.date" content="2026-03-10">', "", "2026-03-10T00:00:00+00:00"),
        ("", '<time datetime="2026-03-10T10:00:00+01:00">today</time>', "2026-03-10T09:00:00+00:00"),
        ("", '<time class="updated" datetime="2026-03-11">x</time><time>10 March 2026</time>', "2026-03-10T00:00:00+00:00"),
        ("", '<span class="post-date">10. März 2026</span>', "2026-03-10T00:00:00+00:00"),
        ('<meta name="date" content="soon">', "", None),
    ],
)  # fmt: skip
def test_dates(head, body, expected):
    found = read(head, body).published_at
    assert (found and found.isoformat()) == expected


def test_the_day_in_the_address_is_the_last_resort():
    url = "https://www.gazette.example/2026/03/10/pier"
    assert read(url=url).published_at == datetime(2026, 3, 10, tzinfo=UTC)
    head = '<meta property="article:published_time" content="2026-03-09T22:00:00Z">'
    assert read(head, url=url).published_at == datetime(2026, 3, 9, 22, tzinfo=UTC)


def test_a_modification_before_the_publication_is_not_believed():
    block = {"@type": "NewsArticle", "datePublished": "2026-03-10", "dateModified": "2026-03-01"}
    assert read(ld(block)).modified_at is None


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://gazette.example/news/pier", "https://gazette.example/news/pier"),
        ("/news/pier?id=1", "https://www.gazette.example/news/pier?id=1"),
        ("https://www.gazette.example/", None),
        ("https://elsewhere.example.org/news/pier", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_the_canonical_address_is_believed_on_the_same_site_only(href, expected):
    assert read(f'<link rel="canonical" href="{href}">').canonical_url == expected


@pytest.mark.parametrize(
    ("head", "lang", "expected"),
    [
        ("", 'lang="de-AT"', "de"),
        ('<meta property="og:locale" content="fr_FR">', "", "fr"),
        ('<meta http-equiv="content-language" content="nl">', "", "nl"),
        (ld({"@type": "NewsArticle", "inLanguage": "pl-PL"}), "", "pl"),
        ("", 'lang="english"', None),
    ],
)
def test_declared_languages(head, lang, expected):
    assert read(head, lang=lang).language == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="og:site_name" content="The Gazette">', "The Gazette"),
        (
            ld({"@type": "NewsArticle", "publisher": {"@type": "Organization", "name": "The Gazette"}}),
            "The Gazette",
        ),
        ("<title>Pier rebuilt | Gazette</title>", "Gazette"),
        ("", "gazette.example"),
    ],
)
def test_the_outlet_has_a_name(head, expected):
    assert read(head).site == expected
