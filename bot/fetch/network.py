"""Is the network down? Judged from who answers and who does not.

When the network is down all sources fail at once, and none of them is to blame: nothing is counted, one
notice is given, and somebody is asked again every few minutes. Told of every attempt, this holds
values in memory only; what follows from them, its callers do.

What speaks for an outage is that several hosts fail while nobody at all answers, none of them known to
be dead, and one at least that answered the last time. One dead host says nothing, nor do many; 64 hosts
asked at once fail before the first answers, so that judgement waits for a while; and an installation
with one living host cannot tell its own network from that host.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from bot.errors import FailureKind

#: Failures that come about without a single byte from the host.
NETWORK_KINDS: Final = frozenset(
    {FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT, FailureKind.RESET}
)
#: so many hosts must have failed with none that answered in between: all there are, where they are fewer
_ENOUGH: Final = 3
#: and more of many: when one provider of a third of them is down, three in a row are no wonder
_ENOUGH_OF_MANY: Final = 5
_MANY_HOSTS: Final = 20
#: but never fewer
_FEWEST: Final = 2
#: and nobody must have answered for so long since the first of them
_QUIET_FOR: Final = timedelta(seconds=20)
#: Requests that began during an outage fail for so long after it.
_AFTERMATH: Final = timedelta(seconds=60)
_RETRY_FIRST: Final = timedelta(minutes=1)
_RETRY_LAST: Final = timedelta(minutes=5)
#: the pause before the next attempt is this part of the time that it has been down
_RETRY_GROWTH: Final = 0.1
_RETRY_JITTER: Final = 0.2
#: when so many have failed and nobody answered, the others are not thrown after them
_MANY: Final = 10
#: hosts asked at a time then
_PROBES: Final = 3


class Network:
    """Tell an outage of the network from the troubles of single hosts: those of the sources.

    ``hosts`` is how many there are, 0 where that is not known (taken for many); ``alive`` are those
    that answered the last time, as far as that is known when the program starts.
    """

    def __init__(self, hosts: int = 0, *, alive: Iterable[str] = ()) -> None:
        #: how many hosts there are; a reload of the configuration may set it anew
        self.hosts = hosts
        #: hosts by what came of their last attempt; those that failed in an outage are in neither
        self._alive = set(alive)
        self._dead: set[str] = set()
        #: hosts not known to be dead that failed since the last answer from anywhere, with the first time
        self._failed: dict[str, datetime] = {}
        self._recovered_at: datetime | None = None

    def answered(self, host: str, now: datetime) -> datetime | None:
        """Note that a host answered, whatever it said; return since when the network was down until now.

        None where it was not. What was counted since then is to be forgiven.
        """
        down = self.down_since(now)
        if down is None:
            # While another answers, they fail by themselves.
            self._dead.update(self._failed)
        else:
            self._recovered_at = now
        # Whether it was an outage or three sites of one provider, their own next answers will tell.
        self._alive.difference_update(self._failed)
        self._failed.clear()
        self._alive.add(host)
        self._dead.discard(host)
        return down

    def failed(self, host: str, kind: FailureKind, now: datetime) -> bool:
        """Note that a host could not be asked; return whether the network is to blame: it does not count.

        Failures of other kinds than DNS, CONNECT, TIMEOUT and RESET say nothing of the network. Those
        shortly after an outage belong to it.
        """
        if kind not in NETWORK_KINDS:
            return False
        if host not in self._dead:
            self._failed[host] = min(self._failed.get(host, now), now)
        if self.down_since(now) is not None:
            return True
        return self._recovered_at is not None and timedelta() <= now - self._recovered_at < _AFTERMATH

    def down_since(self, now: datetime) -> datetime | None:
        """Return since when the network has been down; None while it is not, or nobody can tell yet.

        What failed since then, before it was judged, is to be forgiven, too.
        """
        witnesses = self._witnesses()
        if not witnesses:
            return None
        since = min(witnesses)
        return since if now - since >= _QUIET_FOR else None

    def room(self, slots: int) -> int:
        """Return how many hosts to ask at a time: all slots, or a few once many failed and nobody answered.

        While only a few have failed all slots stay in use: the sooner somebody answers.
        """
        return min(slots, _PROBES) if len(self._failed) >= _MANY and self._witnesses() else slots

    def retry_in(self, now: datetime, *, jitter: float) -> timedelta:
        """Return how long to wait before a host is asked again while the network is down: 1 to 5 min.

        It grows with the time that it has been down; ``jitter`` lies in [0, 1).
        """
        since = self.down_since(now)
        down = timedelta() if since is None else now - since
        longest = _RETRY_LAST / (1 + _RETRY_JITTER)
        return min(_RETRY_FIRST + _RETRY_GROWTH * down, longest) * (1 + _RETRY_JITTER * jitter)

    def _witnesses(self) -> list[datetime]:
        """Return when hosts that are known to answer failed, where that may be an outage; else [].

        Enough hosts must have failed. Before anybody has answered, all of them are witnesses.
        """
        living = self.hosts - len(self._dead) if self.hosts else _ENOUGH
        enough = _ENOUGH if living < _MANY_HOSTS else _ENOUGH_OF_MANY
        if len(self._failed) < min(max(living, _FEWEST), enough):
            return []
        return [at for host, at in self._failed.items() if host in self._alive or not self._alive]
