"""A trace: every step that can lose an address, reached by real rows, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.app import opened, synchronise
from bot.config import defaults
from bot.digest.due import parse_schedule
from bot.errors import DeliveryError, FailureKind, NewsbotError, QueryError, Retry
from bot.model import DeliveryState, Health, MentionState, Source, TextFrom, Watch
from bot.parse.identity import url_key
from bot.pipeline import Deps, DigestPlan, backfill, compose_plan, deliver, match
from bot.pipeline.trace import Step, Trace, Tracer, Way, trace
from bot.pipeline.trace_steps import MOST_EXPLAINED
from bot.store import Store, articles, deliveries, mentions, sources
from tests.build import FakeClock
from tests.fakes import FakeTransport
from tests.store.build import (
    MINUTE,
    NOW,
    a_read,
    a_save,
    a_source,
    add_entries,
    add_revision,
    an_article,
    an_entry,
    source_id,
)

URL = "https://orbit.example/launch"
LONG = "Sixteen nations take part in AsterX this year, and they say so. " * 6
OTHER = "Nothing of the kind is said in this text, which is long enough. " * 6
ORBIT = a_source("orbit")
ASTERX = Watch(key="asterx", query="AsterX", name="AsterX")
MORNING = DigestPlan(
    key="morning",
    name="Morning brief",
    schedule=parse_schedule("every day at 07:00"),
    zone=ZoneInfo("Europe/Paris"),
    watches=None,
    channels=("desk",),
    send_empty=True,
)


@dataclass
class World:
    """A store with its configuration, and the steps of the pipeline on it."""

    store: Store
    watches: tuple[Watch, ...] = (ASTERX,)
    sources: tuple[Source, ...] = (ORBIT,)
    digests: tuple[DigestPlan, ...] = (MORNING,)
    now: datetime = NOW

    def configure(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        settings = replace(defaults(), sources=self.sources, watches=self.watches)
        synchronise(self.store, settings, clock=FakeClock(self.now))
        for plan in self.digests:
            self.store.write(deliveries.schedule_state, plan.key, now=self.now)

    def list(self, url: str = URL, source: Source = ORBIT, **values: Any) -> int:
        """List an entry, and return its number."""
        values = {"url": url, "url_key": url_key(url), "next_read_at": self.now} | values
        entry = an_entry(url, title="Launch", **values)
        add_entries(self.store, source_id(self.store, source), entry, now=self.now)
        waiting = self.store.read(
            articles.entries_to_read, entry.host, now=self.now + timedelta(days=9), limit=9
        )
        return next((task.id for task in waiting if task.url == url), 0)

    def read(self, entry_id: int, text: str = LONG, url: str = URL, **values: Any) -> int:
        """Read an entry as an article, and return the article's number."""
        state = {
            name: values.pop(name) for name in ("state", "error", "kind", "next_read_at") if name in values
        }
        article = an_article(url=url, text=text, **values)
        save = a_read(entry_id, article, url_key=url_key(url), **state)
        (result,) = self.store.write(articles.save_reads, [save], now=self.now)
        assert result.article_id is not None
        return result.article_id

    async def step(self, step: Callable[..., Any], *args: Any, transport: Any = None, **options: Any) -> Any:
        settings = replace(defaults(), sources=self.sources, watches=self.watches)
        async with opened(settings, store=self.store, clock=FakeClock(self.now), reading=False) as deps:
            wired: Deps = replace(
                deps, digests=self.digests, transports={"desk": transport or FakeTransport("ann@x.example")}
            )
            return await step(wired, *args, **options)

    async def found(self, text: str = LONG, **values: Any) -> int:
        """List, read and match one article, and return its number."""
        number = self.read(self.list(**values), text)
        await self.step(match)
        return number

    async def told(self, transport: FakeTransport | None = None) -> None:
        """Compose the digest of this moment and hand it over."""
        self.now += timedelta(hours=1)
        done = await self.step(compose_plan, MORNING, slot=self.now)
        for number in self.store.read(deliveries.of_digest, done.digest_id):
            await self.step(deliver, number, transport=transport)

    async def trace(self, url: str = URL, **changes: Any) -> Trace:
        given = {"watches": self.watches, "sources": self.sources, "digests": self.digests, "now": self.now}
        return await trace(self.store, url, **given | changes)

    def mention(self) -> int:
        (stored,) = self.store.read(mentions.list_mentions)
        return stored.id


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    made.configure()
    return made


def ended(found: Trace) -> tuple[Step, str]:
    return found.step, found.detail


# No source lists it.


async def test_an_address_of_an_unknown_site_is_unlisted(world: World) -> None:
    found = await world.trace("https://elsewhere.example/one")
    assert ended(found) == (
        Step.UNLISTED, "no source lists it, and none is configured for elsewhere.example",
    )  # fmt: skip
    assert found.subject == "elsewhere.example"
    assert "newsbot source try https://elsewhere.example" in found.hint
    assert (found.title, found.article_id, found.watch, found.ways) == ("", None, None, ())


async def test_the_sources_of_the_same_site_are_named_with_their_health(world: World) -> None:
    assert (await world.trace("https://www.orbit.example/two")).detail == (
        "no source lists it; of the same site: Orbit (not asked yet)"
    )
    world.list()
    found = await world.trace("https://www.orbit.example/two")
    assert found.detail == (
        "no source lists it; of the same site: Orbit (ok, asked last at 2026-02-03 09:30 UTC, 1 entry so far)"
    )
    assert "newsbot source try orbit" in found.hint


async def test_a_failing_source_of_the_same_site_says_why(world: World) -> None:
    save = a_save(
        source_id(world.store, ORBIT),
        health=Health.FAILING,
        kind=FailureKind.FORBIDDEN,
        error="the server refuses us (HTTP 403)",
    )
    world.store.write(sources.save_refreshes, [save], now=NOW)
    found = await world.trace("https://orbit.example/two")
    assert "Orbit (failing: the server refuses us (HTTP 403), asked last at" in found.detail


async def test_a_source_that_is_off_or_gone_says_so(world: World) -> None:
    world.configure(sources=(replace(ORBIT, enabled=False),))
    assert "Orbit (switched off)" in (await world.trace()).detail
    world.configure(sources=())
    assert "'Orbit' did, and is no longer configured" in (await world.trace()).detail


# Listed, and not read.


async def test_a_page_that_was_not_asked_for_yet_is_unread(world: World) -> None:
    world.list()
    found = await world.trace()
    assert ended(found) == (
        Step.UNREAD, "Orbit lists it since 2026-02-03 09:30 UTC, but its page was not asked for yet",
    )  # fmt: skip
    assert (found.subject, found.title, found.listed_by) == ("orbit", "Launch", ("orbit",))
    assert "newsbot once" in found.hint


@pytest.mark.parametrize(
    ("save", "said", "hint"),
    [
        (
            {"state": "retry", "next_read_at": NOW + 30 * MINUTE, "error": "no answer", "kind": FailureKind.TIMEOUT},
            "its page could not be read (timeout): no answer; asked 1 time, again at 2026-02-03 10:00 UTC",
            "asked again by itself",
        ),
        (
            {"state": "unread", "error": "nothing there", "kind": FailureKind.NOT_FOUND},
            "its page could not be read (not found): nothing there; asked 1 time, given up",
            "newsbot source try",
        ),
        (
            {"state": "unread", "error": "refused", "kind": FailureKind.FORBIDDEN},
            "its page could not be read (forbidden): refused; asked 1 time, given up",
            "only the publisher",
        ),
    ],
)  # fmt: skip
async def test_a_page_that_could_not_be_read_says_why_and_when_again(
    world: World, save: dict[str, Any], said: str, hint: str
) -> None:
    world.store.write(articles.save_reads, [a_read(world.list(), None, **save)], now=NOW)
    found = await world.trace()
    assert found.step is Step.UNREAD
    assert said in found.detail
    assert hint in found.hint


async def test_a_page_that_gave_nothing_at_all_says_so(world: World) -> None:
    world.store.write(articles.save_reads, [a_read(world.list(), None, state="read")], now=NOW)
    found = await world.trace()
    assert found.step is Step.UNREAD
    assert "but neither its page nor its source gave a text" in found.detail


# Read, and no match.


async def test_a_query_that_does_not_hold_says_what_is_missing(world: World) -> None:
    number = await world.found(OTHER)
    found = await world.trace()
    assert ended(found) == (
        Step.NO_MATCH, "its page was read, 78 words, and the query does not hold: AsterX is not in it",
    )  # fmt: skip
    assert (found.article_id, found.watch) == (number, "asterx")
    assert found.hint == f"`newsbot explain asterx {number}` shows the whole query"
    assert found.ways[0].reasons == ("AsterX is not in it",)


async def test_an_incomplete_text_comes_before_the_query(world: World) -> None:
    entry = world.list()
    world.read(
        entry,
        "Three words only",
        text_from=TextFrom.SUMMARY,
        state="unread",
        error="refused",
        kind=FailureKind.FORBIDDEN,
    )
    found = await world.trace()
    assert ended(found) == (
        Step.INCOMPLETE,
        (
            "only the summary that its source gives was read, 3 words, for its page could not be read (forbidden): "
            "refused; asked 1 time, given up; AsterX is not in it"
        ),
    )


async def test_a_very_short_page_is_incomplete_too(world: World) -> None:
    await world.found("Subscribe to read on.")
    found = await world.trace()
    assert ended(found) == (Step.INCOMPLETE, "its page was read, 4 words; AsterX is not in it")
    assert "newsbot source try https://orbit.example/launch" in found.hint


async def test_a_short_text_that_matches_is_no_loss(world: World) -> None:
    await world.found("AsterX begins.")
    assert (await world.trace()).step is Step.WAITING


async def test_characters_of_a_script_without_spaces_count_as_half_a_word(world: World) -> None:
    await world.found("宇宙作戦に関する会合が東京で開かれた。" * 6)
    assert (await world.trace()).step is Step.NO_MATCH


async def test_the_scope_of_a_watch_is_a_step_of_its_own(world: World) -> None:
    world.configure(watches=(replace(ASTERX, languages=("fr",), sources=("ledger",)),))
    await world.found()
    found = await world.trace()
    assert ended(found) == (
        Step.OUT_OF_SCOPE,
        (
            "the query holds, but its language is en, and the watch is for fr; its source is orbit, and the watch "
            "is for ledger"
        ),
    )


# Not matched yet.


async def test_an_article_that_waits_to_be_matched_says_so(world: World) -> None:
    world.read(world.list())
    found = await world.trace()
    assert ended(found) == (
        Step.UNMATCHED, "the watch holds, but was not matched yet: the article waits for its turn",
    )  # fmt: skip
    assert "newsbot once" in found.hint


async def test_a_watch_that_the_database_does_not_know_yet_says_so(world: World) -> None:
    await world.found(OTHER)
    new = Watch(key="kind", query="kind")
    assert "the database does not know it yet" in (await world.trace(watches=[new])).detail
    changed = replace(ASTERX, query="kind")
    assert "the database has its former version" in (await world.trace(watches=[changed])).detail
    off = replace(new, enabled=False)
    assert "it is switched off" in (await world.trace(watches=[off])).detail


async def test_a_watch_that_waits_for_its_backfill_says_so(world: World) -> None:
    await world.found(OTHER)
    world.configure(watches=(ASTERX, Watch(key="kind", query="kind")), now=NOW + timedelta(days=1))
    found = await world.trace()
    assert found.step is Step.UNMATCHED
    assert "what is stored was not looked through yet" in found.detail
    assert found.hint.startswith("`newsbot backfill kind`")


# Held back.


async def test_a_dismissed_mention_says_who_it_was_not_meant_for(world: World) -> None:
    await world.found()
    world.store.write(mentions.dismiss, world.mention(), why="a race, no exercise", now=NOW)
    found = await world.trace()
    assert ended(found) == (
        Step.HELD_BACK, "somebody dismissed it at 2026-02-03 09:30 UTC: a race, no exercise",
    )  # fmt: skip
    assert found.hint == f"`newsbot mentions undo {world.mention()}` takes that back"
    assert found.ways[0].state is MentionState.DISMISSED


async def test_a_mention_that_a_changed_watch_withdrew_says_so(world: World) -> None:
    await world.found()
    world.configure(watches=(replace(ASTERX, query="AsterX NOT nations"),))
    await world.step(backfill)
    found = await world.trace()
    assert ended(found) == (Step.HELD_BACK, "the watch was changed since, and does not find it any more")


async def test_furniture_says_so(world: World) -> None:
    await world.found()
    _set(world.store, furniture=True)
    found = await world.trace()
    assert found.step is Step.HELD_BACK
    assert "other articles of the site share" in found.detail


async def test_another_sense_is_told_with_its_evidence(world: World) -> None:
    world.configure(watches=(replace(ASTERX, rivals=("Asterisk Exchange",)),))
    await world.found(f"The Asterisk Exchange (AsterX) opened. {OTHER}")
    found = await world.trace()
    assert found.step is Step.HELD_BACK
    assert "held back for another sense: “Asterisk Exchange (AsterX)” gives a rival long form" in found.detail
    assert "deliver_contradicted" in found.hint


async def test_another_sense_that_is_wanted_all_the_same_goes_on(world: World) -> None:
    wanted = replace(ASTERX, rivals=("Asterisk Exchange",), deliver_contradicted=True)
    world.configure(watches=(wanted,))
    text = f"The Asterisk Exchange (AsterX) opened. {OTHER}"
    await world.found(text)
    found = await world.trace()
    assert (found.step, found.ways[0].state) == (Step.WAITING, MentionState.CONTRADICTED)
    old = "https://orbit.example/old"
    world.read(world.list(old, baseline=True), f"{text} Once more.", old)
    await world.step(match)
    assert (await world.trace(old)).step is Step.HELD_BACK


async def test_a_baseline_was_there_before_its_source(world: World) -> None:
    await world.found(baseline=True)
    found = await world.trace()
    assert found.step is Step.HELD_BACK
    assert found.detail == (
        "it was there before the source: Orbit listed it already when first asked, at 2026-02-03 09:30 UTC, "
        "so it was not alerted"
    )


async def test_a_backfill_was_there_before_its_watch(world: World) -> None:
    world.configure(watches=())
    await world.found()
    world.configure(watches=(ASTERX,), now=NOW + timedelta(days=1))
    await world.step(backfill)
    found = await world.trace()
    assert found.step is Step.HELD_BACK
    assert found.detail == (
        "it was there before the watch: listed at 2026-02-03 09:30 UTC, looked for since 2026-02-04 09:30 UTC, "
        "so it was not alerted"
    )
    assert "--state backfill" in found.hint


# Told, or about to be.


async def test_a_mention_waits_for_the_next_time_of_its_digest(world: World) -> None:
    await world.found()
    found = await world.trace()
    assert ended(found) == (
        Step.WAITING,
        "found at 2026-02-03 09:30 UTC, waiting for the digest 'Morning brief' of 2026-02-04 07:00 Europe/Paris",
    )
    overdue = await world.trace(now=NOW + timedelta(days=1))
    assert "due since 2026-02-04 07:00 Europe/Paris: is newsbot running?" in overdue.detail


async def test_a_mention_that_no_digest_tells_says_so(world: World) -> None:
    await world.found()
    found = await world.trace(digests=[])
    assert ended(found) == (Step.UNDELIVERED, "it was found, and no digest is for this watch")
    assert "digests:" in found.hint
    other = await world.trace(digests=[replace(MORNING, watches=frozenset({"cspo"}))])
    assert "add 'asterx' to the `watches` of a digest" in other.hint


async def test_a_digest_that_began_later_does_not_tell_it(world: World) -> None:
    await world.found()
    late = replace(MORNING, key="late", name="Late")
    world.configure(digests=(late,), now=NOW + timedelta(hours=1))
    found = await world.trace()
    assert found.step is Step.UNDELIVERED
    assert "before the digest 'Late' was set up" in found.detail
    assert found.hint == "`newsbot digest preview late --history` shows it"
    assert (await world.trace(digests=[late, MORNING])).step is Step.WAITING


async def test_what_was_told_names_digest_and_delivery(world: World) -> None:
    await world.found()
    await world.told()
    found = await world.trace()
    assert ended(found) == (
        Step.TOLD,
        (
            "told in the digest 'Morning brief' of 2026-02-03 11:30 Europe/Paris, sent to desk (ann@x.example) at "
            "2026-02-03 10:30 UTC"
        ),
    )
    (way,) = found.ways
    (digest,) = way.digests
    assert (digest.digest, digest.slot) == ("morning", world.now)
    (sent,) = digest.deliveries
    assert (sent.state, sent.sent_at, sent.error) == (DeliveryState.SENT, world.now, None)


async def test_what_was_told_stays_told_and_says_what_came_after(world: World) -> None:
    await world.found()
    await world.told()
    world.store.write(mentions.dismiss, world.mention(), why="wrong", now=world.now)
    found = await world.trace()
    assert found.step is Step.TOLD
    assert "; since then somebody dismissed it at 2026-02-03 10:30 UTC: wrong" in found.detail


@pytest.mark.parametrize(
    ("retry", "step", "said"),
    [
        (Retry.NEVER, Step.UNDELIVERED, "whose delivery to desk (ann@x.example) failed: no such mailbox"),
        (Retry.UNKNOWN, Step.UNDELIVERED, "which may have reached desk (ann@x.example): the answer was lost"),
        (Retry.LATER, Step.WAITING, "on its way to desk (ann@x.example), not accepted yet: no such mailbox"),
    ],
)
async def test_a_delivery_that_was_not_accepted_says_why(
    world: World, retry: Retry, step: Step, said: str
) -> None:
    await world.found()
    error = DeliveryError("no such mailbox", kind=FailureKind.REJECTED, subject="ann@x.example", retry=retry)
    await world.told(FakeTransport("ann@x.example", fail=lambda _target: error))
    found = await world.trace()
    assert found.step is step
    assert said in found.detail


async def test_a_digest_without_channels_goes_to_nobody(world: World) -> None:
    await world.found()
    await world.step(compose_plan, MORNING, slot=NOW, channels=[])
    found = await world.trace()
    assert found.step is Step.UNDELIVERED
    assert "which went to nobody" in found.detail


# Addresses, and several watches.


@pytest.mark.parametrize(
    "address",
    [
        "http://www.orbit.example/launch",
        "orbit.example/launch",
        " <https://orbit.example/launch/> ",
        "https://orbit.example/launch?utm_source=x&utm_medium=rss#top",
        "https://m.orbit.example/launch/amp",
        "https://www.google.com/url?rct=j&url=https%3A%2F%2Forbit.example%2Flaunch%3Futm_source%3Dga&ct=ga",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Forbit.example%2Flaunch&data=05",
    ],
)
async def test_an_address_is_known_however_it_was_passed_on(world: World, address: str) -> None:
    await world.found()
    assert (await world.trace(address)).step is Step.WAITING


async def test_the_address_that_a_source_gave_is_known_too(world: World) -> None:
    """A redirect: the source listed another address than the article's own."""
    entry = world.list("https://news.example/r/1")
    world.read(entry)
    await world.step(match)
    assert (await world.trace("https://news.example/r/1")).step is Step.WAITING
    assert (await world.trace()).listed_by == ("orbit",)


@pytest.mark.parametrize(
    "text", ["", "launch", "mailto:a@b.example", "https://", "two words.example/x", "https://[::"]
)
async def test_what_is_no_address_is_refused(world: World, text: str) -> None:
    with pytest.raises(NewsbotError) as caught:
        await world.trace(text)
    assert (caught.value.kind, caught.value.subject) == (FailureKind.CONFIG, text)


async def test_the_watch_that_came_furthest_speaks_for_all(world: World) -> None:
    others = (Watch(key="cspo", query="{CSpO} satellites"), Watch(key="orbit", query="NATO"))
    world.configure(watches=(*others, ASTERX))
    await world.found()
    found = await world.trace()
    assert (found.step, found.watch) == (Step.WAITING, "asterx")
    assert [(way.watch, way.step) for way in found.ways] == [
        ("cspo", Step.NO_MATCH), ("orbit", Step.NO_MATCH), ("asterx", Step.WAITING),
    ]  # fmt: skip
    alone = await world.trace(watches=others)
    assert (alone.watch, alone.detail) == (
        "orbit",
        "its page was read, 72 words, and none of 2 watches holds",
    )


async def test_of_very_many_watches_only_those_that_hold_are_told_of(world: World) -> None:
    many = tuple(Watch(key=f"w{number}", query=f"word{number}") for number in range(MOST_EXPLAINED))
    await world.found()
    assert [way.watch for way in (await world.trace(watches=[*many, ASTERX])).ways] == ["asterx"]
    found = await world.trace(watches=[*many, Watch(key="none", query="none")])
    assert ended(found) == (Step.NO_MATCH, "it was read, but no watch holds")
    assert (await world.trace(watches=[])).detail == "it was read, but there is no watch"


async def test_a_later_revision_is_what_is_looked_at(world: World) -> None:
    number = await world.found(OTHER)
    add_revision(world.store, number, LONG, now=world.now)
    await world.step(match)
    assert (await world.trace()).step is Step.WAITING


async def test_a_tracer_loads_once_what_all_addresses_share(world: World) -> None:
    await world.found()
    tracer = Tracer(
        world.store, watches=world.watches, sources=world.sources, digests=world.digests, now=world.now
    )
    steps = [(await tracer.trace(url)).step for url in (URL, "https://other.example/x", URL)]
    assert steps == [Step.WAITING, Step.UNLISTED, Step.WAITING]


async def test_a_query_that_does_not_parse_names_its_watch(world: World) -> None:
    await world.found()
    with pytest.raises(QueryError) as caught:
        await world.trace(watches=[Watch(key="w", query="a AND")])
    assert caught.value.subject == "w"


def test_the_steps_are_in_the_order_of_the_way() -> None:
    assert list(Step) == [
        "unlisted", "unread", "incomplete", "no_match", "out_of_scope", "unmatched", "held_back", "waiting",
        "undelivered", "told",
    ]  # fmt: skip
    assert Way(watch="w", step=Step.TOLD, detail="").reasons == ()


def _set(store: Store, **facts: Any) -> None:
    import sqlalchemy as sa

    from bot.store.tables import mentions as table

    store.write(lambda tx: tx.execute(sa.update(table).values(**facts)))
