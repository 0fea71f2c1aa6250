"""A search source: a template that is filled once for each watch."""

from datetime import timedelta

from bot.match import child_key, is_within_scope
from bot.model import SourceKind
from bot.pipeline import filled, refresh
from bot.store import sources
from tests.build import FakeClock, a_watch, an_article
from tests.hostile import HostileWeb, page
from tests.pipeline.wired import HOST, item, row, rss, source, wired


def search(**fields: object) -> object:
    return source("https://search.example/?q={query}&format=rss", "news", SourceKind.SEARCH, **fields)


CSPO = a_watch('CSpO OR "Combined Space Operations"', key="cspo", name="CSpO")
ASTERX = a_watch("AsterX", key="asterx", name="AsterX")


def test_each_watch_has_a_source_of_its_own():
    one, two = filled([search()], [CSPO, ASTERX])
    assert (one.key, one.parent, one.watch) == ("news--cspo", "news", "cspo")
    assert (two.key, two.url) == ("news--asterx", "https://search.example/?q=AsterX&format=rss")
    assert "%22Combined%20Space%20Operations%22" in one.url


def test_other_sources_stay_as_they_are():
    other = source("https://ledger.example/feed")
    assert filled([other, search()], []) == (other,)


def test_a_watch_that_looks_elsewhere_is_not_searched_for():
    elsewhere = a_watch(sources=("ledger",))
    here = a_watch(sources=("news",), key="here")
    assert [one.watch for one in filled([search()], [elsewhere, here])] == ["here"]


def test_a_query_that_no_search_engine_understands_has_no_source():
    assert filled([search()], [a_watch(r"re:/aster-?x/")]) == ()


def test_a_watch_that_names_the_search_sees_what_its_sources_list():
    watch = a_watch(sources=("news",))
    assert is_within_scope(watch, an_article(source="news--cspo"))
    assert is_within_scope(watch, an_article(source="other", more_sources=("news--cspo",)))
    assert not is_within_scope(watch, an_article(source="newsroom--cspo"))


def test_two_watches_never_share_a_key():
    long = "a" * 60
    keys = {
        child_key("news", watch) for watch in ("cspo", "CSpO", "cs_po", "cs-po", long, long + "b", long + "c")
    }
    assert len(keys) == 7
    assert all(len(key) <= 64 for key in keys)


async def test_a_new_watch_begins_with_a_baseline_of_its_own(tmp_path):
    """What the search finds for it at first is history, and the other watch's source goes on."""
    clock = FakeClock()
    async with HostileWeb() as web:
        for name in ("AsterX", "Orbit"):
            web.answer(f"/?q={name}", page(rss(item(name.lower()))))
        listed = [source(web.url("/?q={query}"), "news", SourceKind.SEARCH)]
        async with wired(tmp_path, clock, listed, watches=(ASTERX,)) as deps:
            assert (await refresh(deps, HOST)).ok == ("news--asterx",)
            clock.forward(timedelta(hours=1))
        both = (ASTERX, a_watch("Orbit", key="orbit"))
        async with wired(tmp_path, clock, listed, watches=both) as deps:
            await refresh(deps, HOST, everything=True)
            assert row(deps, "news--orbit").entries == 1
        async with wired(tmp_path, clock, listed, watches=both[1:]) as deps:
            assert not row(deps, "news--asterx").enabled
            assert [found.key for found in deps.store.read(sources.list_sources) if found.enabled] == [
                "news--orbit"
            ]
