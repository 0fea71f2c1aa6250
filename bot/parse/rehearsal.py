"""Read invented documents once, before any foreign one: so that all that parsers load late is loaded.

Run by the nursery of ``worker``. What is loaded there is shared by all workers, and they need open no
file any more: they are not allowed to. A document here for each way that loads something of its own.
"""

import codecs
import contextlib
import encodings
import importlib
import pkgutil
from datetime import UTC, datetime

from bot.errors import ParseError
from bot.model import SourceKind
from bot.parse import article, language, slow_feed, source
from bot.parse.jobs import ListingJob

_URL = "https://rehearsal.example/news/"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: Imported where they are needed by libraries that want to start fast.
_LATE = ("_strptime", "stringprep", "encodings.idna", "html.entities", "unicodedata")

_ITEM = b"<item><title>A</title><pubDate>1 Jan 2026</pubDate></item>"
_FEED = b"<rss><channel><title>T</title>" + _ITEM + b"</channel></rss>"
#: What only the last reader of feeds takes.
_DAMAGED = b"<?xml version='1.0'?><feed><title>T &nosuch; <entry><title>A<link href='/a'></entry"
_SITEMAP = b"<urlset><url><loc>https://rehearsal.example/a</loc></url></urlset>"
_JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1"}]}'
_SENTENCE = "The harbour council voted on Tuesday to rebuild the northern pier after the winter storm. "


def _page(body: str) -> bytes:
    return f"<html lang='en'><head><title>Pier</title></head><body>{body}</body></html>".encode()


_LISTING = _page(
    "".join(
        f"<p><a href='/news/{day}-days-of-the-pier'>The {day} days of the northern pier</a> {day}.5.2025</p>"
        for day in range(10, 14)
    )
)
_ARTICLE = _page(
    '<script type="application/ld+json">{"@type": "NewsArticle"}</script>'
    f"<article>{f'<p>{_SENTENCE}</p>' * 8}</article>"
)
#: Dates that only the last reader of dates understands, and that none does.
_DATED = _page(f"<h5 class='article-posted-date'>2/26/2015 7:11 AM PST</h5><p>{_SENTENCE}</p>")
_UNDATED = _page(f"<span class='date'>45. Xyzzy 99</span><p>{_SENTENCE} On 31 Xyzzy 9.</p>")
#: So little of its text looks like an article that every way to find more is tried.
_THIN = _page("<article><p>Short.</p></article>" + f"<div><p><a href='/x'>{_SENTENCE * 3}</a></p></div>" * 5)


def rehearse() -> None:
    """Have every parser read something; what comes of it is thrown away."""
    for name in _LATE:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(encodings.__path__):
        # Those of another operating system are found, and are none here.
        with contextlib.suppress(LookupError):
            codecs.lookup(module.name)
    language.detect("", "the model of languages")
    slow_feed.parse(_DAMAGED.decode(), _URL)
    for kind, data in (
        (SourceKind.FEED, _FEED),
        (SourceKind.FEED, _JSON_FEED),
        (SourceKind.SITEMAP, _SITEMAP),
        (SourceKind.AUTO, _LISTING),
        (SourceKind.LISTING, _LISTING),
        (SourceKind.PAGE, _ARTICLE),
    ):
        source.parse(ListingJob(data=data, url=_URL, now=_NOW, kind=kind))
    for page in (_ARTICLE, _DATED, _UNDATED, _THIN):
        for selector in (None, "article"):
            # A library that reads one of them differently tomorrow is no reason to read nothing at all.
            with contextlib.suppress(ParseError):
                article.extract(page, _URL, content_selector=selector)
