"""What a `LocalSite` says: its feed, sitemap, listing page and article pages, as text."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

#: What every page says beside its article, and no stored text may hold.
FURNITURE = (
    "All the sections of this site",
    "More from this outlet",
    "Get our letter every morning, free of charge",
    "We keep two cookies and a biscuit",
    "A reader writes that the crossword was too easy",
    "Printed on a loopback address, all rights imagined",
)
#: The selectors of the listing page.
LINKS, TITLE, DATE = "main ul.latest li a.headline", ".headline", "time"


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalArticle:
    """An article as its site has it."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    author: str
    published: datetime | None
    summary: str
    language: str
    #: extra lines in the box beside the article
    sidebar: tuple[str, ...]
    #: the feed's guid; "" gives none
    guid: str
    #: whether feed, listing page and sitemap show it
    listed: bool

    @property
    def path(self) -> str:
        return f"/news/{self.slug}"


def feed(articles: Iterable[LocalArticle], *, name: str, language: str, url: str) -> str:
    """Write an RSS feed with summaries."""
    items = "".join(
        f"<item><title>{escape(article.title)}</title><link>{url}{article.path}</link>"
        + (f'<guid isPermaLink="false">{escape(article.guid)}</guid>' if article.guid else "")
        + (f"<pubDate>{format_datetime(article.published)}</pubDate>" if article.published else "")
        + f"<description>{escape(article.summary)}</description></item>\n"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(name)}</title><link>{url}/</link><description>News for tests</description>"
        f"<language>{language}</language>\n{items}</channel></rss>\n"
    )


def sitemap(articles: Iterable[LocalArticle], *, name: str, url: str) -> str:
    """Write a news sitemap."""
    urls = "".join(
        f"<url><loc>{url}{article.path}</loc><n:news><n:publication><n:name>{escape(name)}</n:name>"
        f"<n:language>{article.language}</n:language></n:publication>"
        + (
            f"<n:publication_date>{article.published.isoformat()}</n:publication_date>"
            if article.published
            else ""
        )
        + f"<n:title>{escape(article.title)}</n:title></n:news></url>\n"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">\n{urls}</urlset>\n'
    )


def listing(articles: Iterable[LocalArticle], *, name: str, language: str) -> str:
    """Write a page that lists the headlines, for `LINKS`, `TITLE` and `DATE`."""
    items = "".join(
        f'<li><a class="headline" href="{article.path}">{escape(article.title)}</a> {_time(article)}'
        f'<p>{escape(article.summary)} <a href="{article.path}#comments">Comments</a></p></li>\n'
        for article in articles
    )
    main = f'<h1>Latest news</h1><ul class="latest">\n{items}</ul>'
    return _frame("Latest news", main, (), name=name, language=language)


def page(article: LocalArticle, *, name: str) -> str:
    """Write an article's page, furniture and all."""
    paragraphs = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)
    main = (
        f'<h1>{escape(article.title)}</h1><p class="byline">By <a rel="author" href="/by">'
        f"{escape(article.author)}</a> {_time(article)}</p>"
        f'<article class="article-body">\n{paragraphs}\n</article>\n'
        f'<section id="comments" class="comments"><h2>Comments</h2><p>{FURNITURE[4]}</p></section>'
    )
    return _frame(article.title, main, article.sidebar, name=name, language=article.language)


def _frame(title: str, main: str, sidebar: Iterable[str], *, name: str, language: str) -> str:
    lines = "".join(f'<li><a href="/elsewhere">{escape(line)}</a></li>' for line in sidebar)
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<title>{escape(title)} | {escape(name)}</title>
<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>
<header><p class="brand">{escape(name)}</p>
<nav><p>{FURNITURE[0]}</p>
<ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav></header>
<main>{main}</main>
<aside class="sidebar"><h2>{FURNITURE[1]}</h2><ul>{lines}</ul></aside>
<form class="newsletter"><p>{FURNITURE[2]}</p><input name="email"></form>
<div class="cookie-notice"><p>{FURNITURE[3]}</p></div>
<footer><p>{FURNITURE[5]}</p></footer></body></html>
"""


def _time(article: LocalArticle) -> str:
    if article.published is None:
        return ""
    return f'<time datetime="{article.published.isoformat()}">{article.published:%d %B %Y, %H:%M}</time>'
