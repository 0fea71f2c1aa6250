"""What the tests of this room share: a hostile server and a fetcher that may reach it."""

import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.fetch import Fetcher, HostPacer, Limits
from tests.hostile import HostileWeb

AGENT = "newsbot/1.2.3 (+mailto:desk@newsbot.invalid)"


#: certificates of a test authority; see make.sh there
TLS = Path(__file__).parent / "tls"


class Names:
    """A name server that answers as told, the last answer for ever, and counts."""

    def __init__(self, *answers: Sequence[str] | OSError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer


def named(pacer: HostPacer, *answers: Sequence[str] | OSError, **options: object) -> tuple[Fetcher, Names]:
    """Return a fetcher for which every name resolves to these answers in turn."""
    names = Names(*answers)
    return Fetcher(user_agent=AGENT, pacer=pacer, resolver=names, **options), names  # type: ignore[arg-type]


def speaking(certificate: str) -> ssl.SSLContext:
    """Return how a server speaks TLS with one of the test certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem")
    return context


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
