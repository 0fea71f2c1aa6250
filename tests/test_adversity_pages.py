"""Pages and listings as the web's templates make them, read end to end: the article and nothing beside it.

The pages in ``data/templates`` are ours, in the manner of ten kinds of sites; what is not the article
carries "(beside N)".
"""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pytest

from bot.parse import listing
from tests.harness import Installation
from tests.sites import LocalSite

PAGES = Path(__file__).parent / "data" / "templates"
ENGLISH = (
    "Defence ministers from ten countries met in Wellington on Friday to agree on shared rules for manoeuvres",
    "The Combined Space Operations initiative, CSpO for short, has existed since 2014 and now counts ten members",
    "who chaired the meeting for two days.",
    "windows for close approaches between military satellites would follow in the coming spring.",
    "to be published by the end of the week, with a list of points of contact for each state",
)
JAPANESE = (
    "「連合宇宙作戦」の会合がウェリントンで",
    "衛星同士の接近に関する通報",
    "来年春までに手順",
    "共同声明は週内に",
)
FRENCH = (
    "s’ouvrira le 8 mars à Toulouse",
    "Seize nations",
    "le colonel Hervé Castaing",
    "plusieurs ont déjà confirmé",
)


@dataclass(frozen=True)
class Told:
    """What the page of a template says."""

    title: str = "Ten partners agree on orbital rules"
    author: str | None = None
    at: str = "2026-11-20"
    text: tuple[str, ...] = ENGLISH


TOLD = {
    "weblog": Told(author="Ada Moreau", at="2026-11-20T08:15:00Z"),
    "ministry": Told(title="Joint statement on combined space operations"),
    "boxes_only": Told(at="2026-11-20T08:15:00Z"),
    "japanese_daily": Told(title="宇宙作戦で十カ国が会合 通報の仕組み協議", text=JAPANESE),
    "french_regional": Told(
        title="AsterX : seize nations attendues à Toulouse", author="Lucie Fabre", text=FRENCH
    ),
    "table_layout": Told(),
    "amp": Told(author="Ada Moreau", at="2026-11-20T08:15:00Z"),
    "builder_with_graph": Told(author="Ada Moreau", at="2026-11-20T08:15:00Z"),
    "press_board": Told(title="Agency opens orbital traffic desk", at="2023-12-02T21:12:15Z"),
    "line_breaks": Told(),
}
#: A feed, a listing page and a sitemap; no listing calls two pages the same.
ON_SITES = (
    ("weblog", "ministry", "japanese_daily", "press_board"),
    ("french_regional", "table_layout"),
    ("boxes_only", "amp", "builder_with_graph", "line_breaks"),
)
#: A box that belongs to the statement: whom to ask about it.
PART_OF_IT = {"ministry": {"(beside 3)"}}


def _page(name: str) -> str:
    """The template's page; each ends in its own way, for the same text twice on a site is one article."""
    html = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    return html.replace("for each state.", f"for each state, writes {name}.")


def _feed(urls: dict[str, str]) -> str:
    items = "".join(
        f"<item><title>{escape(TOLD[name].title)}</title><link>{url}</link></item>"
        for name, url in urls.items()
    )
    return f'<rss version="2.0"><channel><title>Orbit Weekly</title>{items}</channel></rss>'


def _list(urls: dict[str, str]) -> str:
    """Each link three times, relative to a base, with fragments."""
    rows = "".join(
        f'<div class="card"><a href="{path}"><img src="x.png" alt="Picture"></a>'
        f'<h3><a href="{path}">{escape(TOLD[name].title)}</a></h3><a href="{path}#more">Read more</a></div>'
        for name, path in ((name, f"{name}.html") for name in urls)
    )
    return f'<html><head><base href="/p/"><title>Press room</title></head><body>{rows}</body></html>'


def _sitemap(urls: dict[str, str]) -> str:
    found = "".join(f"<url><loc>{url}</loc></url>" for url in urls.values())
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{found}</urlset>'


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What `newsbot once` stored of three sites, by the name of the template."""
    bot = Installation(tmp_path_factory.mktemp("pages"))
    with (
        LocalSite(host="127.0.0.1") as one,
        LocalSite(host="127.0.0.2") as two,
        LocalSite(host="127.0.0.3") as three,
    ):
        sites = dict(zip((one, two, three), ON_SITES, strict=True))
        urls = {
            site: {name: site.set_page(f"/p/{name}.html", _page(name)) for name in names}
            for site, names in sites.items()
        }
        bot.configure(
            sources=[
                {"name": "One", "feed": one.set_page("/f", _feed(urls[one]), content_type="text/xml")},
                {"name": "Two", "page": two.set_page("/l", _list(urls[two])), "links": ".card a"},
                {
                    "name": "Three",
                    "sitemap": three.set_page("/s", _sitemap(urls[three]), content_type="text/xml"),
                },
            ]
        )
        summary = bot.json("once")
        assert (summary["sources"]["ok"], summary["articles_new"]) == (3, len(TOLD))
        found = bot.json("articles", "--text")
    return {Path(article["url"]).stem: article for article in found}


@pytest.mark.parametrize("name", TOLD)
def test_a_page_gives_its_article_with_its_facts_and_nothing_beside_it(stored, name):
    told, article = TOLD[name], stored[name]
    assert article["text_from"] == "page"
    for words in told.text:
        assert words in article["text"]
    beside = {f"(beside {n})" for n in range(20)} - PART_OF_IT.get(name, set())
    assert not [mark for mark in beside if mark in article["text"]]
    assert article["title"] == told.title
    assert article["authors"] == ([told.author] if told.author else [])
    assert (article["published_at"] or "").startswith(told.at)


def _listed(html: str, **selectors: str) -> list[tuple[str, str, str]]:
    found = listing.parse(html.encode(), {}, "https://a.example/press/", **selectors)
    return [
        (entry.link or "", entry.title, entry.published_at.date().isoformat() if entry.published_at else "")
        for entry in found.entries
    ]


@pytest.mark.parametrize(
    ("row", "selectors"),
    [
        ('<tr><td class="d">{day}</td><td><a href="{path}">{title}</a></td></tr>', {"date": ".d"}),
        ('<tr><td class="d">{day}</td></tr><tr><td><a href="{path}">{title}</a></td></tr>', {"date": ".d"}),
        ('<tr><td>{day} <a href="{path}">{title}</a></td></tr>', {"date": "td"}),
        (
            '<tr><td><h4>{title}</h4><i>{day}</i><a href="{path}">More</a><a href="{path}#c">2 replies</a></td></tr>',
            {"date": "i"},
        ),
        (
            '<tr><td><a href="{path}?utm_source=l"><img alt="x"></a><a href="{path}"><time>{day}</time><h3>{title}</h3></a>',
            {},
        ),
    ],
)
def test_a_listing_gives_each_page_once_with_title_and_date_wherever_they_stand(row, selectors):
    rows = [
        row.format(path=f"/{slug}", title=f"{slug} is in the news", day=day)
        for slug, day in (("Alpha", "20 November 2026"), ("Beta", "19 November 2026"))
    ]
    found = _listed(f"<table>{''.join(rows)}</table>", links="td a", **selectors)
    assert [(link.partition("?")[0], title, day) for link, title, day in found] == [
        ("https://a.example/Alpha", "Alpha is in the news", "2026-11-20"),
        ("https://a.example/Beta", "Beta is in the news", "2026-11-19"),
    ]
