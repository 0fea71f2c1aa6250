"""Each step: done · nothing to do · taken by another · failed; on a real site, database and sandbox."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app import opened, synchronise
from bot.config import Settings, defaults
from bot.digest.due import parse_schedule
from bot.errors import DeliveryError, FailureKind, Retry
from bot.model import DeliveryState, MentionState, SourceKind, TextFrom
from bot.pipeline import (
    Deps,
    DigestPlan,
    backfill,
    compose,
    compose_plan,
    deliver,
    due,
    match,
    preview,
    read,
    refresh,
    stop_gap,
)
from bot.store import Store, articles, deliveries, mentions, sources
from tests.build import NOW, FakeClock, a_watch
from tests.fakes import FakeTransport
from tests.sites import LocalSite

TEXT = [
    "The seventh edition of the exercise AsterX will open in Toulouse on 8 March, the space command said on Monday.",
    "Sixteen nations take part, and a simulated collision in low Earth orbit stands at its centre this time around.",
    "Commercial operators will send flight-dynamics teams for the first time, several confirmed their invitations.",
]


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite(host="127.0.0.1", name="Orbital Ledger") as made:
        made.add_article("old", "An old story", TEXT, published=NOW - timedelta(days=2))
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def channel() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def wired(site: LocalSite, clock: FakeClock, channel: FakeTransport, tmp_path: Path):
    """Open the bot on the site; a test may change the settings first."""

    @asynccontextmanager
    async def wire(**changes: object) -> AsyncIterator[Deps]:
        usual = {
            "database": f"sqlite:///{tmp_path}/newsbot.db",
            "sources": (site.source("ledger"),),
            "watches": (a_watch(),),
        }
        settings: Settings = replace(defaults(), **usual | changes)
        store = Store.open(settings.database, clock_now=clock.now())
        try:
            synchronise(store, settings, clock=clock)
            pause = timedelta(0)
            async with opened(settings, store=store, clock=clock, host_pause=pause, workers=1) as deps:
                store.write(deliveries.schedule_state, PLAN.key, now=clock.now())
                yield replace(deps, digests=(PLAN,), transports={"desk": channel}, jitter=lambda: 0.5)
        finally:
            store.close()

    return wire


PLAN = DigestPlan(
    key="morning",
    name="Morning brief",
    schedule=parse_schedule("every day at 07:00"),
    zone=ZoneInfo("Europe/Paris"),
    watches=None,
    channels=("desk",),
    send_empty=True,
)


async def _baseline(deps: Deps) -> None:
    """See the source for the first time."""
    await refresh(deps, "127.0.0.1", everything=True)
    await read(deps, "127.0.0.1")
    await match(deps)


async def _news(deps: Deps, site: LocalSite, clock: FakeClock, *slugs: str) -> None:
    """Let the site publish, and read it."""
    for slug in slugs:
        site.add_article(
            slug, f"AsterX story {slug}", [*TEXT, f"This is the story {slug}."], published=clock.now()
        )
    clock.forward(timedelta(minutes=30))
    await refresh(deps, "127.0.0.1", everything=True)
    await read(deps, "127.0.0.1")
    await match(deps)


# refresh


async def test_refresh_stores_what_a_source_lists(wired):
    async with wired() as deps:
        done = await refresh(deps, "127.0.0.1")
        assert (done.ok, done.new_entries) == (("ledger",), 1)
        assert [row.entries for row in deps.store.read(sources.list_sources)] == [1]


async def test_refresh_asks_nothing_that_is_not_due(wired, site):
    async with wired() as deps:
        await refresh(deps, "127.0.0.1")
        site.forget()
        done = await refresh(deps, "127.0.0.1")
        assert not (done.ok or done.not_modified or site.requests)


async def test_refresh_leaves_a_host_that_another_holds(wired, site, clock):
    async with wired() as deps:
        deps.store.write(
            sources.claim_host, "127.0.0.1", holder="another", now=clock.now(), lease=timedelta(minutes=5)
        )
        assert (await refresh(deps, "127.0.0.1")).taken
        assert not site.requests


async def test_refresh_takes_over_a_claim_whose_lease_ran_out(wired, clock):
    async with wired() as deps:
        deps.store.write(
            sources.claim_host, "127.0.0.1", holder="dead", now=clock.now(), lease=timedelta(minutes=5)
        )
        clock.forward(timedelta(minutes=6))
        assert (await refresh(deps, "127.0.0.1")).ok == ("ledger",)


async def test_a_source_that_fails_is_asked_again_later_and_later(wired, site, clock):
    site.fault("/feed.xml", status=500)
    async with wired() as deps:
        waits = []
        for _ in range(4):
            done = await refresh(deps, "127.0.0.1", everything=True)
            assert done.failures[0].kind is FailureKind.SERVER_ERROR
            row = deps.store.read(sources.list_sources)[0]
            waits.append(row.next_fetch_at - clock.now())
            clock.forward(timedelta(hours=1))
        assert waits == sorted(waits)
        assert waits[0] < waits[-1] <= timedelta(days=1)


async def test_retry_after_holds_the_whole_host(wired, site, clock):
    site.fault("/feed.xml", status=429, headers={"Retry-After": "3600"}, times=1)
    async with wired() as deps:
        await refresh(deps, "127.0.0.1")
        clock.forward(timedelta(minutes=59))
        assert (await due(deps, now=clock.now(), hosts=10)).refresh == ()
        clock.forward(timedelta(hours=1))
        assert (await due(deps, now=clock.now(), hosts=10)).refresh == ("127.0.0.1",)


async def test_a_page_that_is_no_feed_is_a_failure_that_offers_the_feed(wired, site):
    site.set_page(
        "/feed.xml",
        '<html><head><link rel="alternate" type="application/rss+xml" href="/real.xml"></head>'
        "<body><p>Our new home page</p></body></html>",
    )
    async with wired() as deps:
        failure = (await refresh(deps, "127.0.0.1")).failures[0]
        assert failure.kind is FailureKind.NOT_A_FEED
        assert "/real.xml" in failure.detail


async def test_an_unchanged_body_is_not_modified_even_when_the_server_sends_it_all(wired, site, clock):
    """A server whose validators change at every answer is caught by the hash of what it sends."""
    async with wired() as deps:
        await _baseline(deps)
        for turn in range(3):
            site.fault(
                "/feed.xml", headers={"ETag": f'"{turn}"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
            )
            clock.forward(timedelta(hours=1))
            done = await refresh(deps, "127.0.0.1", everything=True)
            assert (done.not_modified, done.new_entries) == (("ledger",), 0)


# read


async def test_read_stores_the_article_of_each_entry(wired, site):
    async with wired() as deps:
        await refresh(deps, "127.0.0.1")
        done = await read(deps, "127.0.0.1")
        assert [result.what for result in done.results] == ["new"]
        article = deps.store.read(articles.list_articles, text=True)[0]
        assert article.title == "An old story"
        assert article.text_from is TextFrom.PAGE
        assert TEXT[0] in article.text


async def test_read_with_nothing_to_read_does_nothing(wired):
    async with wired() as deps:
        assert (await read(deps, "127.0.0.1")).results == ()


async def test_a_page_that_fails_is_stored_from_its_listing_and_upgraded_later(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        site.add_article("new", "Exercise AsterX begins", TEXT, published=clock.now(), summary="It begins.")
        site.fault("/news/new", status=503, times=1)
        clock.forward(timedelta(minutes=30))
        await refresh(deps, "127.0.0.1", everything=True)
        await read(deps, "127.0.0.1")
        first = deps.store.read(articles.list_articles, text=True)[0]
        assert (first.text_from, first.revision) == (TextFrom.SUMMARY, 1)
        assert [saved.backfill for saved in (await match(deps)).mentions] == [False]
        clock.forward(timedelta(hours=1))
        done = await read(deps, "127.0.0.1")
        assert [result.what for result in done.results] == ["revision"]
        better = deps.store.read(articles.get, first.id)
        assert (better.text_from, better.revision) == (TextFrom.PAGE, 2)
        assert TEXT[2] in better.text
        assert (await match(deps)).mentions == ()
        assert len(deps.store.read(mentions.list_mentions, state=MentionState.NEW)) == 1


async def test_a_page_that_never_comes_is_given_up_but_its_listing_is_kept(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        site.add_article("new", "Exercise AsterX begins", TEXT, published=clock.now(), summary="It begins.")
        site.fault("/news/new", status=503)
        await refresh(deps, "127.0.0.1", everything=True)
        for _ in range(8):
            await read(deps, "127.0.0.1")
            clock.forward(timedelta(days=1))
        assert (await due(deps, now=clock.now(), hosts=10)).read == ()
        assert deps.store.read(articles.list_articles)[0].text_from is TextFrom.SUMMARY


async def test_a_stop_gap_costs_no_request_and_the_page_is_still_read(wired, site, clock):
    async with wired() as deps:
        await refresh(deps, "127.0.0.1")
        site.forget()
        assert [result.what for result in (await stop_gap(deps, "127.0.0.1")).results] == ["new"]
        assert not site.requests
        assert [result.what for result in (await read(deps, "127.0.0.1")).results] == ["revision"]


async def test_pages_that_robots_txt_forbids_are_not_asked_for(wired, site):
    site.robots = "User-agent: newsbot\nDisallow: /news/\n"
    async with wired() as deps:
        await refresh(deps, "127.0.0.1")
        await read(deps, "127.0.0.1")
        assert "/news/old" not in {seen.path for seen in site.requests}
        assert deps.store.read(articles.list_articles)[0].title == "An old story"


async def test_a_long_crawl_delay_is_left_to_whoever_has_the_patience(wired, site):
    site.robots = "User-agent: *\nCrawl-delay: 30\n"
    async with wired() as deps:
        await refresh(deps, "127.0.0.1")
        done = await read(deps, "127.0.0.1", longest_crawl_delay=timedelta(seconds=5))
        assert done.left_to_daemon
        assert "/news/old" not in {seen.path for seen in site.requests}


async def test_a_redirect_to_the_front_page_is_not_the_article(wired, site):
    site.set_page("/news/old", "", status=302, headers={"Location": "/"})
    site.set_page("/", f"<html><body><h1>Home</h1>{''.join(f'<p>{line}</p>' for line in TEXT)}</body></html>")
    async with wired() as deps:
        await refresh(deps, "127.0.0.1")
        await read(deps, "127.0.0.1")
        assert deps.store.read(articles.list_articles)[0].title == "An old story"
        assert deps.store.read(articles.list_articles)[0].text_from is TextFrom.SUMMARY


# match and backfill


async def test_a_first_sight_is_history_and_the_next_is_news(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        await _news(deps, site, clock, "one")
        states = {m.title: m.state for m in deps.store.read(mentions.list_mentions)}
        assert states == {"An old story": MentionState.BACKFILL, "AsterX story one": MentionState.NEW}


async def test_match_with_nothing_to_match_does_nothing(wired):
    async with wired() as deps:
        assert (await match(deps)).articles == 0


async def test_polling_ten_times_announces_each_story_once(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        await _news(deps, site, clock, "one", "two")
        for turn in range(10):
            site.edit_article("one", guid=f"guid-{turn}")
            site.edit_article("two", title=f"AsterX story two, updated {turn} times")
            await _news(deps, site, clock)
        assert len(deps.store.read(mentions.list_mentions, state=MentionState.NEW)) == 2


async def test_backfill_matches_a_new_watch_against_what_is_stored(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        await _news(deps, site, clock, "one")
        assert (await backfill(deps)).watches == ("asterx",)
    clock.forward(timedelta(hours=1))
    async with wired(watches=(a_watch(), a_watch("Toulouse", key="toulouse", name="Toulouse"))) as deps:
        done = await backfill(deps)
        assert (done.watches, len(done.mentions)) == (("toulouse",), 2)
        assert {m.state for m in deps.store.read(mentions.list_mentions, watch="toulouse")} == {
            MentionState.BACKFILL
        }
        assert (await backfill(deps)).articles == 0


async def test_backfill_is_for_the_past_and_leaves_news_to_the_stream(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        site.add_article("one", "AsterX story one", TEXT, published=clock.now())
        clock.forward(timedelta(minutes=30))
        await refresh(deps, "127.0.0.1", everything=True)
        await read(deps, "127.0.0.1")
        await backfill(deps, again=True)
        await match(deps)
        states = {m.title: m.state for m in deps.store.read(mentions.list_mentions)}
        assert states["AsterX story one"] is MentionState.NEW


# compose and deliver


async def test_a_digest_tells_what_is_new_once(wired, site, clock, channel):
    async with wired() as deps:
        await _baseline(deps)
        await _news(deps, site, clock, "one")
        clock.forward(timedelta(days=1))
        (done,) = await compose(deps)
        assert done.mentions == 1
        waiting = await due(deps, now=clock.now(), hosts=0)
        assert [(await deliver(deps, n)).state for n in waiting.deliver["desk"]] == [DeliveryState.SENT]
        body = channel.taken[0][2].decode()
        assert "AsterX story one" in body
        assert "An old story" not in body
        assert await compose(deps) == []
        clock.forward(timedelta(days=1))
        (empty,) = await compose(deps)
        assert empty.mentions == 0


async def test_a_schedule_that_skips_empty_digests_sends_none(wired, clock):
    async with wired() as deps:
        deps = replace(deps, digests=(replace(PLAN, send_empty=False),))
        clock.forward(timedelta(days=1))
        (done,) = await compose(deps)
        assert done.digest_id is None
        assert await compose(deps) == []
        assert (await due(deps, now=clock.now(), hosts=0)).deliver == {}


async def test_a_slot_is_composed_once_by_whoever_comes_first(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        await _news(deps, site, clock, "one")
        slot = clock.now()
        first = await compose_plan(deps, PLAN, slot=slot)
        assert first is not None
        assert await compose_plan(deps, PLAN, slot=slot) is None


async def test_days_of_downtime_give_one_catch_up(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        await _news(deps, site, clock, "one")
        clock.forward(timedelta(days=5))
        assert [done.mentions for done in await compose(deps)] == [1]
        assert await compose(deps) == []


async def test_immediately_means_when_there_is_something_to_tell(wired, site, clock):
    async with wired() as deps:
        deps = replace(deps, digests=(replace(PLAN, schedule=parse_schedule("immediately")),))
        await _baseline(deps)
        assert await compose(deps) == []
        await _news(deps, site, clock, "one")
        assert [done.mentions for done in await compose(deps)] == [1]
        assert await compose(deps) == []


async def test_a_preview_stores_nothing(wired, site, clock):
    async with wired() as deps:
        await _baseline(deps)
        await _news(deps, site, clock, "one")
        assert (await preview(deps, PLAN)).mentions == 1
        assert (await preview(deps, PLAN)).mentions == 1
        assert (await preview(deps, PLAN, history=True)).mentions == 2


def _failing(retry: Retry, kind: FailureKind, times: int):
    left = [times]

    def fail(target: str) -> DeliveryError | None:
        if left[0] <= 0:
            return None
        left[0] -= 1
        return DeliveryError("no", kind=kind, subject=target, retry=retry)

    return fail


@pytest.mark.parametrize(
    ("retry", "kind", "state"),
    [
        (Retry.LATER, FailureKind.TEMPORARY, DeliveryState.PENDING),
        (Retry.UNKNOWN, FailureKind.UNCERTAIN, DeliveryState.UNCERTAIN),
        (Retry.NEVER, FailureKind.REJECTED, DeliveryState.FAILED),
    ],
)
async def test_a_delivery_that_fails_is_kept_with_what_is_known(wired, clock, channel, retry, kind, state):
    channel.fail = _failing(retry, kind, times=1)
    async with wired() as deps:
        await compose_plan(deps, PLAN, slot=clock.now())
        (delivery_id,) = (await due(deps, now=clock.now(), hosts=0)).deliver["desk"]
        assert (await deliver(deps, delivery_id)).state is state
        assert (await due(deps, now=clock.now(), hosts=0)).deliver == {}
        clock.forward(timedelta(days=1))
        again = (await due(deps, now=clock.now(), hosts=0)).deliver
        assert again == ({} if state is DeliveryState.FAILED else {"desk": (delivery_id,)})


async def test_a_repeat_is_the_same_message(wired, clock, channel):
    async with wired() as deps:
        await compose_plan(deps, PLAN, slot=clock.now())
        (delivery_id,) = (await due(deps, now=clock.now(), hosts=0)).deliver["desk"]
        frozen = deps.store.read(deliveries.get_delivery, delivery_id)
        channel.fail = _failing(Retry.UNKNOWN, FailureKind.UNCERTAIN, times=1)
        await deliver(deps, delivery_id)
        clock.forward(timedelta(days=1))
        assert (await deliver(deps, delivery_id)).state is DeliveryState.SENT
        assert channel.taken == [("desk", frozen.message_id, frozen.body)]


async def test_a_delivery_is_sent_by_one_only(wired, clock, channel):
    async with wired() as deps:
        await compose_plan(deps, PLAN, slot=clock.now())
        (delivery_id,) = (await due(deps, now=clock.now(), hosts=0)).deliver["desk"]
        assert (await deliver(deps, delivery_id)).state is DeliveryState.SENT
        assert (await deliver(replace(deps, holder="another"), delivery_id)).state is None
        assert len(channel.taken) == 1


async def test_a_channel_that_is_gone_says_so_and_gets_what_waits_once_it_is_back(wired, clock, channel):
    async with wired() as deps:
        await compose_plan(deps, PLAN, slot=clock.now())
        (delivery_id,) = (await due(deps, now=clock.now(), hosts=0)).deliver["desk"]
        done = await deliver(replace(deps, transports={}), delivery_id)
        assert done.state is DeliveryState.PENDING
        assert "no longer configured" in (done.error or "")
        clock.forward(timedelta(hours=1))
        assert (await deliver(deps, delivery_id)).state is DeliveryState.SENT
        assert len(channel.taken) == 1


async def test_a_channel_that_stays_away_fails_for_good(wired, clock):
    async with wired() as deps:
        await compose_plan(deps, PLAN, slot=clock.now())
        (delivery_id,) = (await due(deps, now=clock.now(), hosts=0)).deliver["desk"]
        gone = replace(deps, transports={})
        while (await due(gone, now=clock.now(), hosts=0)).deliver:
            done = await deliver(gone, delivery_id)
            clock.forward(timedelta(hours=13))
        assert done.state is DeliveryState.FAILED


# every kind of source


@pytest.mark.parametrize("kind", [SourceKind.FEED, SourceKind.SITEMAP, SourceKind.LISTING, SourceKind.AUTO])
async def test_every_kind_of_source_is_read(wired, site, kind):
    async with wired(sources=(site.source("ledger", kind),)) as deps:
        await _baseline(deps)
        (article,) = deps.store.read(articles.list_articles, text=True)
        assert article.title == "An old story"
        assert article.published_at is not None
        assert article.published_at.astimezone(UTC).date() == (NOW - timedelta(days=2)).date()
