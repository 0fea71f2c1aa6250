"""The health step: what many answers say of a source, and what people are told of it, once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.model import Health
from bot.pipeline import Deps, judge_sources, read, refresh
from bot.store import sources
from tests.build import FakeClock
from tests.hostile import HostileWeb, page
from tests.pipeline.wired import HOST, item, row, rss, source, wired


@pytest.fixture
async def web() -> AsyncIterator[HostileWeb]:
    async with HostileWeb() as serving:
        yield serving


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def _told(deps: Deps, clock: FakeClock) -> list[tuple[Health, str]]:
    since, until = clock.now() - timedelta(days=365), clock.now() + timedelta(seconds=1)
    return [
        (notice.health, notice.why) for notice in deps.store.read(sources.notices, since=since, until=until)
    ]


async def _hours(deps: Deps, clock: FakeClock, count: int) -> None:
    for _ in range(count):
        clock.forward(timedelta(hours=1))
        await refresh(deps, HOST, everything=True)
        await judge_sources(deps)


async def test_a_passing_trouble_is_not_told(web, clock, tmp_path):
    """500, 502, 503, then well: nothing is said, and nothing is lost."""
    web.answer("/feed", page(rss(item("one"))))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await _hours(deps, clock, 1)
        for status in (500, 502, 503):
            web.answer("/feed", page(b"", status))
            await _hours(deps, clock, 1)
        assert row(deps).health is Health.FAILING
        web.answer("/feed", page(rss(item("one"), item("two"))))
        await _hours(deps, clock, 1)
        assert row(deps).health is Health.OK
        assert row(deps).entries == 2
        assert _told(deps, clock) == []


async def test_a_lasting_trouble_is_told_once_and_so_is_its_end(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("one"))))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await _hours(deps, clock, 1)
        web.answer("/feed", page(b"", 403))
        await _hours(deps, clock, 60)
        assert [health for health, _ in _told(deps, clock)] == [Health.FAILING]
        web.answer("/feed", page(rss(item("one"))))
        await _hours(deps, clock, 30)
        assert [health for health, _ in _told(deps, clock)] == [Health.FAILING, Health.OK]


async def test_a_source_that_never_worked_is_told_at_once(web, clock, tmp_path):
    async with wired(tmp_path, clock, [source(web.url("/nothing"))]) as deps:
        await _hours(deps, clock, 3)
        assert [health for health, _ in _told(deps, clock)] == [Health.FAILING]


async def test_a_source_whose_pages_cannot_be_read_is_partial(web, clock, tmp_path):
    links = [web.url(f"/walled/{n}") for n in range(8)]
    for n in range(8):
        web.answer(f"/walled/{n}", page(b"", 403))
    web.answer("/feed", page(rss(*(item(f"w{n}", link=link) for n, link in enumerate(links)))))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await refresh(deps, HOST)
        await read(deps, HOST)
        await judge_sources(deps)
        assert row(deps).health is Health.PARTIAL
        assert "8 of its last 8 pages" in row(deps).health_why
        await _hours(deps, clock, 2)
        assert row(deps).health is Health.PARTIAL
        await _hours(deps, clock, 8)
        assert [health for health, _ in _told(deps, clock)] == [Health.PARTIAL]


async def test_a_source_that_falls_silent_is_quiet_until_something_new_comes(web, clock, tmp_path):
    number = 0
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        for _ in range(24 * 20):
            number += 1
            web.answer("/feed", page(rss(*(item(f"n{n}") for n in range(max(0, number - 5), number)))))
            clock.forward(timedelta(hours=1))
            await refresh(deps, HOST, everything=True)
        await judge_sources(deps)
        assert row(deps).health is Health.OK
        await _hours(deps, clock, 24 * 6)
        assert row(deps).health is Health.QUIET
        assert "nothing new for" in row(deps).health_why
        web.answer("/feed", page(rss(item("at-last"))))
        await _hours(deps, clock, 1)
        assert row(deps).health is Health.OK
        assert [health for health, _ in _told(deps, clock)] == [Health.QUIET, Health.OK]


async def test_an_empty_listing_is_no_failure_and_is_told_after_a_day(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("one"))))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await _hours(deps, clock, 1)
        web.answer("/feed", page(rss()))
        await _hours(deps, clock, 12)
        assert (row(deps).health, _told(deps, clock)) == (Health.EMPTY, [])
        await _hours(deps, clock, 24)
        assert [health for health, _ in _told(deps, clock)] == [Health.EMPTY]


async def test_nothing_is_saved_where_nothing_changed(web, clock, tmp_path):
    web.answer("/feed", page(rss(item("one"))))
    async with wired(tmp_path, clock, [source(web.url("/feed"))]) as deps:
        await _hours(deps, clock, 2)
        judged = await judge_sources(deps)
        assert (judged.sources, judged.changes, judged.notices) == (1, (), ())
