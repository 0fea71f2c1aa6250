"""What the steps work with: made once by ``bot.app``, handed to every step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.deliver import Transport
from bot.digest.due import Schedule
from bot.fetch import Fetcher, Robots
from bot.match import Matcher
from bot.model import Watch
from bot.parse.sandbox import Sandbox
from bot.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestPlan:
    """A configured digest: when, of which watches, to whom."""

    key: str
    name: str
    schedule: Schedule
    zone: ZoneInfo
    #: keys of watches; None means all
    watches: frozenset[str] | None
    channels: tuple[str, ...]
    #: whether a digest without mentions is sent: an empty digest is evidence
    send_empty: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Deps:
    """Everything a step needs; nothing in it changes while it is in use."""

    clock: Clock
    store: Store
    fetcher: Fetcher
    robots: Robots
    sandbox: Sandbox
    matcher: Matcher
    watches: tuple[Watch, ...]
    digests: tuple[DigestPlan, ...]
    transports: Mapping[str, Transport]
    #: who we are in claims
    holder: str
    #: a number in [0, 1) each time it is called: spreads what would come at once
    jitter: Callable[[], float]
    #: how many hosts are asked at the same time
    concurrency: int = 64
    #: how long a claim on a host holds before another program may take it over
    host_lease: timedelta = timedelta(minutes=5)
