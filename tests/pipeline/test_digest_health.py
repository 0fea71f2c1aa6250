"""What a digest says of sources: what lasts, once as new; that it is over; a flood as one line."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.digest.due import parse_schedule
from bot.errors import FailureKind
from bot.model import Digest, Health
from bot.pipeline import Deps, DigestPlan, compose_plan, judge_sources, preview
from bot.store import deliveries, sources
from tests.build import FakeClock
from tests.pipeline.wired import source, wired
from tests.store.build import a_save, an_entry

PLAN = DigestPlan(
    key="morning",
    name="Morning brief",
    schedule=parse_schedule("every day at 07:00"),
    zone=ZoneInfo("Europe/Paris"),
    watches=None,
    channels=(),
    send_empty=True,
)
DAY = timedelta(days=1)


@pytest.fixture
async def deps(tmp_path: Path, clock: FakeClock):
    """The steps, with two sources that have answered, and a digest that was sent."""
    listed = [source(f"http://127.0.0.1:1/{key}", key=key) for key in ("ledger", "wire")]
    async with wired(tmp_path, clock, listed) as opened:
        for key in ("ledger", "wire"):
            await _answers(opened, key)
        opened.store.write(deliveries.schedule_state, PLAN.key, now=clock.now())
        clock.forward(DAY)
        await _sent(opened)
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def _answers(deps: Deps, key: str, **changes) -> None:
    ids = {row.source.key: row.id for row in deps.store.read(sources.facts, now=deps.clock.now())}
    deps.clock.forward(timedelta(minutes=1))
    save = a_save(ids[key], next_fetch_at=deps.clock.now() + DAY, **{"listed": 10, **changes})
    await deps.store.awrite(sources.save_refreshes, [save], now=deps.clock.now())
    await judge_sources(deps)


async def _fails(deps: Deps, key: str, kind: FailureKind = FailureKind.SERVER_ERROR) -> None:
    error = f"no luck ({kind.value})"
    failed = {"kind": kind, "error": error, "health_why": error, "keep_validators": True}
    await _answers(deps, key, health=Health.FAILING, listed=None, status=503, **failed)


async def _sent(deps: Deps) -> Digest:
    """Return the digest that is composed a minute later."""
    deps.clock.forward(timedelta(minutes=1))
    shown = await preview(deps, PLAN)
    assert await compose_plan(deps, PLAN, slot=deps.clock.now()) is not None
    return shown


async def test_what_passes_by_itself_is_counted_and_not_told(deps, clock):
    await _fails(deps, "wire")
    digest = await _sent(deps)
    assert (digest.coverage.sources_failing, digest.troubles) == (1, ())
    await _answers(deps, "wire")
    digest = await _sent(deps)
    assert (digest.coverage.sources_failing, digest.troubles, digest.recovered) == (0, (), ())


async def test_a_trouble_that_lasts_is_new_once_and_told_until_it_is_over(deps, clock):
    await _fails(deps, "wire", FailureKind.FORBIDDEN)
    began = clock.now()
    clock.forward(DAY)
    await _fails(deps, "wire", FailureKind.FORBIDDEN)
    (first,) = (await _sent(deps)).troubles
    assert (first.name, first.new, first.since) == ("Wire", True, began)
    assert first.message == "no luck (forbidden)"
    assert first.advice
    clock.forward(DAY)
    (again,) = (await _sent(deps)).troubles
    assert (again.new, again.since) == (False, began)
    clock.forward(DAY)
    await _answers(deps, "wire")
    over = await _sent(deps)
    assert over.troubles == ()
    assert [(one.name, one.message, one.since) for one in over.recovered] == [
        ("Wire", "it answers again", began)
    ]
    assert (await _sent(deps)).recovered == ()


async def test_a_flood_is_one_line_in_one_digest(deps, clock):
    flood = [an_entry(f"old {n}", held="flood", next_read_at=None, baseline=True) for n in range(300)]
    await _answers(deps, "wire", health=Health.FLOOD, new=flood, listed=300)
    digest = await _sent(deps)
    assert [(one.name, one.entries) for one in digest.floods] == [("Wire", 300)]
    assert (digest.mentions, digest.troubles, digest.coverage.sources_flooding) == (0, (), 1)
    clock.forward(DAY)
    await _answers(deps, "wire")
    digest = await _sent(deps)
    assert (digest.floods, digest.recovered) == ((), ())


async def test_what_happens_between_a_slot_and_its_digest_is_told_once(deps, clock):
    clock.forward(DAY)
    slot = clock.now()
    clock.forward(timedelta(hours=3))
    flood = [an_entry(f"old {n}", held="flood", next_read_at=None, baseline=True) for n in range(40)]
    await _answers(deps, "wire", new=flood)
    clock.forward(timedelta(minutes=1))
    assert (await preview(deps, PLAN)).floods
    assert await compose_plan(deps, PLAN, slot=slot) is not None
    clock.forward(DAY)
    assert (await preview(deps, PLAN)).floods == ()


async def test_while_the_network_is_down_an_empty_digest_is_no_evidence_and_says_so(deps, clock):
    since = clock.now()
    await deps.store.awrite(sources.set_network, since)
    clock.forward(DAY)
    down = await _sent(deps)
    assert (down.coverage.network_down_since, down.coverage.sources_checked) == (since, 0)
    await deps.store.awrite(sources.set_network, None)
    assert (await _sent(deps)).coverage.network_down_since is None
