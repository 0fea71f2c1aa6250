"""Everything one outlet serves, made beforehand: its articles, front page, feed or sitemap, style and art."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.cli.demo_site.server import Reply
from bot.cli.demo_site.world import Paper, Piece, long_date, words

_HTML = "text/html; charset=utf-8"
_FEED_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}
#: how many headlines a page shows beside its article
_BESIDE = 4


def replies(paper: Paper, *, url: str, day: int) -> dict[str, Reply]:
    """Make all of an outlet's answers by path, as they stand on a day (1 or 2).

    ``url`` is the outlet's address without a trailing slash.
    """
    pieces = [piece for piece in paper.pieces if piece.day <= day]
    # Whatever shows the headlines changes when the newest of them appears, and at no other time.
    changed_at = pieces[0].published_at
    made = {path: Reply(body=body, content_type=kind) for path, body, kind in _still(paper)}
    for path, body, kind in _lists(paper, pieces, url):
        made[path] = Reply(body=body, content_type=kind, changed_at=changed_at)
    for piece in pieces:
        if piece.status == 200:
            html = _page("article.html.j2", paper, pieces, url, piece=piece, ld=_json_ld(paper, piece, url))
            made[piece.path] = Reply(body=html, content_type=_HTML, changed_at=changed_at)
        else:
            html = _page("refusal.html.j2", paper, pieces, url)
            made[piece.path] = Reply(body=html, content_type=_HTML, status=piece.status)
        made[art_path(piece)] = _art(paper, piece, changed_at=piece.published_at)
    return made


def missing(paper: Paper, *, url: str) -> Reply:
    """Make the outlet's answer to a path that it does not have."""
    return Reply(body=_page("missing.html.j2", paper, [], url), content_type=_HTML, status=404)


def art_path(piece: Piece) -> str:
    """Return where the picture of an article stands."""
    return f"/art/{piece.slug}.svg"


def _still(paper: Paper) -> Iterator[tuple[str, bytes, str]]:
    style = _template(f"{paper.layout}.css.j2").render(colours=paper.colours)
    yield "/style.css", style.encode(), "text/css; charset=utf-8"
    rules = "".join(f"Disallow: {path}\n" for path in paper.disallow) or "Disallow:\n"
    yield "/robots.txt", f"User-agent: *\n{rules}".encode(), "text/plain; charset=utf-8"


def _lists(paper: Paper, pieces: list[Piece], url: str) -> Iterator[tuple[str, bytes, str]]:
    yield "/", _page("front.html.j2", paper, pieces, url), _HTML
    if paper.kind == "listing":
        yield paper.listing, _page("listing.html.j2", paper, pieces, url), _HTML
    elif paper.kind == "sitemap":
        text = _template("sitemap.xml.j2").render(paper=paper, pieces=pieces, url=url)
        yield paper.listing, text.encode(), "application/xml; charset=utf-8"
    elif paper.format == "json":
        yield paper.listing, _json_feed(paper, pieces, url), _FEED_TYPES["json"]
    else:
        text = _template(f"{paper.format}.xml.j2").render(paper=paper, pieces=pieces, url=url)
        yield paper.listing, text.encode(), _FEED_TYPES[paper.format]


def _page(template: str, paper: Paper, pieces: list[Piece], url: str, **more: Any) -> bytes:
    text: str = _template(template).render(
        paper=paper,
        pieces=pieces,
        beside=[piece for piece in pieces if piece is not more.get("piece")][:_BESIDE],
        url=url,
        words=words(paper.language),
        feed_type=_FEED_TYPES.get(paper.format, "").partition(";")[0],
        **more,
    )
    return text.encode()


def _art(paper: Paper, piece: Piece, *, changed_at: datetime) -> Reply:
    """Draw the article's picture: the same few shapes, thrown differently for every slug."""
    dice = hashlib.sha256(piece.slug.encode()).digest()
    svg = _template("art.svg.j2").render(paper=paper, colours=paper.colours, dice=dice)
    return Reply(body=svg.encode(), content_type="image/svg+xml", changed_at=changed_at)


def _json_feed(paper: Paper, pieces: list[Piece], url: str) -> bytes:
    """Write a JSON Feed. Source: https://www.jsonfeed.org/version/1.1/."""
    items = [
        {
            "id": url + piece.path,
            "url": url + piece.path,
            "title": piece.title,
            "summary": piece.summary,
            "content_text": "\n\n".join(piece.paragraphs),
            "date_published": piece.published_at.isoformat(),
            "authors": [{"name": name} for name in piece.authors],
        }
        for piece in pieces
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": paper.name,
        "description": paper.motto,
        "home_page_url": f"{url}/",
        "feed_url": url + paper.listing,
        "language": paper.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _json_ld(paper: Paper, piece: Piece, url: str) -> Markup:
    """Write the article's facts as schema.org tells them, safe inside a script element."""
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "datePublished": piece.published_at.isoformat(),
        "dateModified": piece.published_at.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in piece.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": paper.name, "url": f"{url}/"},
        "mainEntityOfPage": {"@type": "WebPage", "@id": url + piece.path},
        "image": url + art_path(piece),
        "articleSection": piece.section,
        "inLanguage": paper.language,
        "description": piece.summary,
    }
    # Our own text, with the one character escaped that could end the element.
    return Markup(json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704


def _template(name: str) -> Any:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    jinja = Environment(
        loader=PackageLoader("bot.cli.demo_site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters["long_date"] = long_date
    jinja.filters["art_path"] = art_path
    # With an offset, as newsrooms write it; RFC 2822 dates are what RSS asks for.
    jinja.filters["mail_date"] = format_datetime
    jinja.filters["utc"] = lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return jinja
