"""A watched page (`page` with `watch: text`): the page is the article, each change of its text a revision."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.model import FullText, MentionState, SourceKind
from bot.pipeline import Deps, match, read, refresh
from bot.store import articles, mentions
from tests.build import FakeClock
from tests.hostile import HostileWeb, page
from tests.pipeline.wired import HOST, item, rss, source, wired

CALM = "The committee met in the morning and spoke about the weather of the season at some length. " * 6


@pytest.fixture
async def web() -> AsyncIterator[HostileWeb]:
    async with HostileWeb() as serving:
        yield serving


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def statement(text: str, *, advert: str = "") -> bytes:
    html = (
        "<html><head><title>Statements of the agency</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>Statements of the agency</h1><p>{CALM}</p><p>{text}</p></article></main>"
        f"<script>var n = '{advert}'</script></body></html>"
    )
    return page(html.encode(), content_type="text/html")


async def _round(deps: Deps, clock: FakeClock) -> None:
    clock.forward(timedelta(hours=1))
    await refresh(deps, HOST, everything=True)
    await read(deps, HOST)
    await match(deps)


async def test_a_change_of_the_text_is_a_revision_and_what_it_brings_is_news(web, clock, tmp_path):
    web.answer("/page", statement("Nothing to report."))
    watched = source(web.url("/page"), kind=SourceKind.PAGE)
    async with wired(tmp_path, clock, [watched]) as deps:
        await _round(deps, clock)
        assert not deps.store.read(mentions.list_mentions)
        web.answer("/page", statement("The exercise AsterX begins on Monday."))
        await _round(deps, clock)
        (found,) = deps.store.read(mentions.list_mentions)
        assert found.state is MentionState.NEW
        (article,) = deps.store.read(articles.list_articles)
        assert (article.url, article.revision) == (web.url("/page"), 2)


async def test_what_the_page_said_at_first_sight_is_history(web, clock, tmp_path):
    web.answer("/page", statement("The exercise AsterX begins on Monday."))
    async with wired(tmp_path, clock, [source(web.url("/page"), kind=SourceKind.PAGE)]) as deps:
        await _round(deps, clock)
        (found,) = deps.store.read(mentions.list_mentions)
        assert found.state is MentionState.BACKFILL


async def test_a_page_that_changes_around_its_text_has_no_new_revision(web, clock, tmp_path):
    web.answer("/page", statement("Nothing to report.", advert="1"))
    async with wired(tmp_path, clock, [source(web.url("/page"), kind=SourceKind.PAGE)]) as deps:
        await _round(deps, clock)
        for advert in "234":
            web.answer("/page", statement("Nothing to report.", advert=advert))
            await _round(deps, clock)
        (article,) = deps.store.read(articles.list_articles)
        assert article.revision == 1


async def test_the_page_is_asked_for_once_a_poll(web, clock, tmp_path):
    web.answer("/page", statement("Nothing to report."))
    async with wired(tmp_path, clock, [source(web.url("/page"), kind=SourceKind.PAGE)]) as deps:
        await _round(deps, clock)
        await _round(deps, clock)
        assert web.asked("/page") == 2


async def test_full_text_feed_never_asks_for_a_page(web, clock, tmp_path):
    text = f"<p>AsterX has begun.</p><p>{CALM}</p>"
    where = web.url("/story")
    web.answer("/feed", page(rss(item("one", link=where, text=text.replace("<", "&lt;")))))
    async with wired(tmp_path, clock, [source(web.url("/feed"), full_text=FullText.FEED)]) as deps:
        await _round(deps, clock)
        assert [seen.path for seen in web.seen] == ["/feed"]
        (article,) = deps.store.read(articles.list_articles, text=True)
        assert "AsterX has begun" in article.text


async def test_full_text_page_never_takes_the_feeds_text_for_the_article(web, clock, tmp_path):
    """The feed of such a source holds something else than the article."""
    more = f"<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>AsterX {CALM}</content:encoded>"
    web.answer("/feed", page(rss(item("one", link=web.url("/story"), text="A teaser.", more=more))))
    web.answer("/story", page(b"", 403))
    async with wired(tmp_path, clock, [source(web.url("/feed"), full_text=FullText.PAGE)]) as deps:
        await _round(deps, clock)
        (article,) = deps.store.read(articles.list_articles, text=True)
        assert article.text == "A teaser."


async def test_the_outlet_that_an_aggregator_names_is_the_articles(web, clock, tmp_path):
    more = "<source url='https://outlet.example'>The Outlet</source>"
    web.answer("/feed", page(rss(item("one", link=web.url("/story"), text="AsterX begins.", more=more))))
    web.answer("/story", page(b"", 403))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await _round(deps, clock)
        (article,) = deps.store.read(articles.list_articles)
        assert article.site == "The Outlet"


async def test_robots_ignored_on_purpose_reads_what_is_forbidden_and_only_there(web, clock, tmp_path):
    web.answer("/robots.txt", page(b"User-agent: *\nDisallow: /"))
    web.answer("/feed", page(rss(item("one", link=web.url("/story")))))
    web.answer("/story", statement("AsterX begins."))
    async with wired(tmp_path, clock, [source(web.url("/feed"), robots=False)]) as deps:
        await _round(deps, clock)
        assert web.asked("/story") == 1


async def test_a_page_that_wants_no_copies_is_marked_as_such(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("one", link=web.url("/story")), item("two", link=web.url("/open")))))
    html = statement("AsterX begins.").partition(b"\r\n\r\n")[2]
    web.answer("/story", page(html, content_type="text/html", X_Robots_Tag="noarchive"))
    web.answer("/open", page(html.replace(b"begins", b"ends"), content_type="text/html"))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await _round(deps, clock)
        kept = {
            article.url.rpartition("/")[2]: article.archivable
            for article in deps.store.read(articles.list_articles)
        }
        assert kept == {"story": False, "open": True}
