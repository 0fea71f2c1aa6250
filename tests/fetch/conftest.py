"""What the tests of this room share: a hostile server and a fetcher that may reach it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.fetch import Fetcher, HostPacer, Limits
from tests.hostile import HostileWeb

AGENT = "newsbot/1.2.3 (+mailto:desk@newsbot.invalid)"


@pytest.fixture
async def web() -> AsyncIterator[HostileWeb]:
    async with HostileWeb() as server:
        yield server


@pytest.fixture
def pacer() -> HostPacer:
    return HostPacer(pause=timedelta(), clock=SystemClock())


@pytest.fixture
async def fetcher(pacer: HostPacer) -> AsyncIterator[Fetcher]:
    made = Fetcher(user_agent=AGENT, pacer=pacer)
    yield made
    await made.aclose()


@pytest.fixture
async def hasty(pacer: HostPacer) -> AsyncIterator[Fetcher]:
    """A fetcher whose deadline comes soon."""
    made = Fetcher(user_agent=AGENT, pacer=pacer, limits=Limits(total=timedelta(seconds=0.4)))
    yield made
    await made.aclose()
