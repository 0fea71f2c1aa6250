"""What the steps work with: made once by ``bot.app``, handed to every step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.deliver import Transport
from bot.digest.due import Schedule, next_slots
from bot.fetch import Fetcher, Robots
from bot.fetch.network import Network
from bot.match import Matcher
from bot.model import Access, Source, Watch
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


class NextDigest:
    """When the next of the configured digests closes; worked out once, not for every source asked."""

    def __init__(self, plans: tuple[DigestPlan, ...]) -> None:
        self._plans = plans
        self._from = self._at = datetime.min.replace(tzinfo=UTC)

    def after(self, now: datetime) -> datetime | None:
        """Return the first slot after ``now``; None where no digest has times of its own."""
        if not self._plans:
            return None
        if not self._from <= now < self._at:
            following = [
                slot
                for plan in self._plans
                for slot in next_slots(plan.schedule, zone=plan.zone, after=now, count=1)
            ]
            self._from, self._at = now, min(following, default=_NEVER)
        return None if self._at == _NEVER else self._at


_NO_ACCESS = Access()
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deps:
    """Everything a step needs; what is configured does not change while it is in use."""

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
    #: bounds of the intervals that follow what a source brings
    shortest: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(hours=2)
    #: by the key of the source as configured: what it is asked with that nobody may read
    access: Mapping[str, Access] = field(default_factory=dict, repr=False)
    #: whether anybody answers at all
    network: Network = field(default_factory=Network)
    next_digest: NextDigest = field(default_factory=lambda: NextDigest(()))
    #: how long a claim on a host holds before another program may take it over
    host_lease: timedelta = timedelta(minutes=5)

    def access_of(self, source: Source) -> Access:
        """Return what a source is asked with; those of a search have what the search has."""
        return self.access.get(source.parent or source.key, _NO_ACCESS)
