"""Is the network down?"""

import heapq
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind
from bot.fetch.network import NETWORK_KINDS, Network
from tests.build import NOW

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def fail(
    network: Network, *hosts: str, at: datetime = NOW, kind: FailureKind = FailureKind.DNS
) -> list[bool]:
    return [network.failed(host, kind, at) for host in hosts]


def test_three_hosts_that_fail_while_nobody_answers_for_20_s_are_an_outage() -> None:
    network = Network(hosts=15)
    assert network.answered("a.example", NOW - MINUTE) is None
    assert fail(network, "a.example", "b.example", "c.example") == [False, False, False]
    assert network.down_since(NOW + 19 * SECOND) is None
    assert network.down_since(NOW + 20 * SECOND) == NOW
    assert fail(network, "d.example", at=NOW + 21 * SECOND) == [True]


def test_of_twenty_living_hosts_or_more_five_must_fail() -> None:
    network = Network(hosts=21)
    fail(network, "dead")
    network.answered("z", NOW)
    fail(network, *"abcz")
    assert network.down_since(NOW + HOUR) is None
    fail(network, "d", at=NOW + SECOND)
    assert network.down_since(NOW + HOUR) == NOW


def test_two_hosts_are_not_enough_where_there_are_more() -> None:
    network = Network(hosts=15)
    for turn in range(9):
        assert fail(network, "a.example", "b.example", at=NOW + turn * HOUR) == [False, False]
    assert network.down_since(NOW + 10 * HOUR) is None


@pytest.mark.parametrize("kind", sorted(set(FailureKind) - NETWORK_KINDS))
def test_what_only_a_server_can_say_is_no_outage(kind: FailureKind) -> None:
    network = Network(hosts=15)
    assert fail(network, *"abcdef", kind=kind) == [False] * 6
    assert network.down_since(NOW + HOUR) is None


def test_any_answer_from_anywhere_ends_it_and_says_since_when_it_was() -> None:
    network = Network(hosts=15)
    fail(network, *"abc")
    fail(network, "d", at=NOW + HOUR)
    assert network.answered("z", NOW + 2 * HOUR) == NOW
    assert network.down_since(NOW + 2 * HOUR) is None
    assert network.answered("a", NOW + 2 * HOUR) is None


def test_an_answer_in_between_starts_the_count_anew() -> None:
    network = Network(hosts=15)
    fail(network, *"ab")
    network.answered("z", NOW + SECOND)
    fail(network, *"cd", at=NOW + MINUTE)
    assert network.down_since(NOW + HOUR) is None


def test_hosts_that_are_dead_while_others_answer_bear_no_witness() -> None:
    """Three dead hosts are asked time after time while the healthy ones are not due for two hours."""
    network = Network(hosts=10)
    fail(network, *"abc")
    network.answered("z", NOW + SECOND)
    for turn in range(1, 100):
        assert fail(network, *"abc", at=NOW + turn * MINUTE) == [False] * 3
    assert network.down_since(NOW + 2 * HOUR) is None
    fail(network, *"def", at=NOW + 2 * HOUR)
    assert network.down_since(NOW + 3 * HOUR) is None
    fail(network, "z", at=NOW + 3 * HOUR)
    assert network.down_since(NOW + 4 * HOUR) == NOW + 3 * HOUR


def test_a_dead_host_that_came_back_is_a_witness_again() -> None:
    network = Network(hosts=10)
    fail(network, *"abc")
    for host in "zabc":
        network.answered(host, NOW + SECOND)
    fail(network, *"abc", at=NOW + HOUR)
    assert network.down_since(NOW + 2 * HOUR) == NOW + HOUR


def test_after_an_outage_the_same_hosts_make_no_second_one_unless_one_that_answers_is_among_them() -> None:
    """Three sites of one provider went down for long, and it looked like the network once."""
    network = Network(hosts=10, alive="abcz")
    fail(network, *"abc")
    assert network.answered("z", NOW + MINUTE) == NOW
    fail(network, *"abc", at=NOW + HOUR)
    assert network.down_since(NOW + 2 * HOUR) is None
    fail(network, "z", at=NOW + 2 * HOUR)
    assert network.down_since(NOW + 3 * HOUR) == NOW + 2 * HOUR


@pytest.mark.parametrize(
    ("hosts", "failing", "down"), [(1, "a", False), (2, "a", False), (2, "ab", True), (3, "ab", False)]
)
def test_few_hosts_must_fail_all_and_one_alone_cannot_tell(hosts: int, failing: str, down: bool) -> None:
    network = Network(hosts=hosts)
    fail(network, *failing)
    fail(network, *failing, at=NOW + HOUR)
    assert (network.down_since(NOW + HOUR) is not None) is down


def test_where_one_of_three_is_dead_the_other_two_tell() -> None:
    network = Network(hosts=3)
    fail(network, "c")
    network.answered("a", NOW)
    fail(network, *"ab", at=NOW + MINUTE)
    assert network.down_since(NOW + 2 * MINUTE) == NOW + MINUTE


def test_requests_that_began_in_the_outage_are_not_counted_after_it() -> None:
    network = Network(hosts=15)
    fail(network, *"abc")
    network.answered("z", NOW + HOUR)
    assert fail(network, "d", at=NOW + HOUR + 30 * SECOND, kind=FailureKind.TIMEOUT) == [True]
    assert fail(network, "d", at=NOW + HOUR + 2 * MINUTE, kind=FailureKind.TIMEOUT) == [False]


def test_once_ten_hosts_failed_and_nobody_answered_only_a_few_are_asked_at_a_time() -> None:
    network = Network(hosts=15)
    fail(network, *"abcdefghi")
    assert network.room(64) == 64
    fail(network, "j")
    assert (network.room(64), network.room(2)) == (3, 2)
    network.answered("z", NOW)
    assert network.room(64) == 64


@settings(max_examples=200)
@given(
    down=st.timedeltas(min_value=timedelta(), max_value=90 * HOUR), jitter=st.floats(0, 1, exclude_max=True)
)
def test_the_next_attempt_comes_after_one_to_five_minutes_later_and_later(
    down: timedelta, jitter: float
) -> None:
    network = Network(hosts=15)
    fail(network, *"abc")
    wait = network.retry_in(NOW + down, jitter=jitter)
    assert MINUTE <= wait <= 5 * MINUTE
    assert wait <= network.retry_in(NOW + down + HOUR, jitter=jitter)


def test_a_clock_that_goes_back_does_not_hide_an_outage() -> None:
    network = Network(hosts=15)
    fail(network, *"abc")
    fail(network, "a", at=NOW - HOUR)
    assert network.down_since(NOW - HOUR + MINUTE) == NOW - HOUR


def test_who_answered_before_the_start_may_be_told() -> None:
    """Three dead hosts are the first to be asked after a restart: they answered no better before it."""
    network = Network(hosts=15, alive=["x", "y", "z"])
    fail(network, *"abc")
    assert network.down_since(NOW + HOUR) is None
    fail(network, *"xyz", at=NOW + HOUR)
    assert network.down_since(NOW + 2 * HOUR) == NOW + HOUR


@dataclass
class World:
    """Hosts asked through 64 slots, some of them dead, over a network that is down at times."""

    hosts: int
    dead: int = 0
    outages: tuple[tuple[int, int], ...] = ()
    seed: int = 1
    #: failures that stand against a host
    counted: dict[str, int] = field(default_factory=dict)
    #: (second when it was noticed, second since when) and when it was noticed to be over
    noticed: list[tuple[float, float]] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    asked_in_outages: int = 0

    def live(self, seconds: int) -> "World":
        chance = random.Random(self.seed)
        network = Network(hosts=self.hosts)
        names = [f"host-{number}" for number in range(self.hosts)]
        due = [(chance.uniform(0, 60), name) for name in names]
        heapq.heapify(due)
        flying: list[tuple[float, str, FailureKind | None]] = []
        failed_at: dict[str, float] = {}
        down = False
        for second in range(seconds):
            now = NOW + second * SECOND
            while flying and flying[0][0] <= second:
                at, name, kind = heapq.heappop(flying)
                moment, wait = NOW + at * SECOND, chance.uniform(600, 1200)
                if kind is None:
                    since = network.answered(name, moment)
                    self.counted.pop(name, None)
                    if since is not None:
                        self.ended.append(at)
                        down = False
                        for other in [one for one in self.counted if NOW + failed_at[one] * SECOND >= since]:
                            del self.counted[other]
                elif network.failed(name, kind, moment):
                    wait = network.retry_in(moment, jitter=chance.random()).total_seconds()
                elif name not in self.counted:
                    self.counted[name] = 1
                    failed_at[name] = at
                heapq.heappush(due, (at + wait, name))
            since = network.down_since(now)
            if since is not None and not down:
                down = True
                self.noticed.append((second, (since - NOW).total_seconds()))
            while due and due[0][0] <= second and len(flying) < network.room(64):
                name = heapq.heappop(due)[1]
                heapq.heappush(flying, self._ask(name, second, chance))
        return self

    def _ask(self, name: str, second: int, chance: random.Random) -> tuple[float, str, FailureKind | None]:
        out = any(start <= second < end for start, end in self.outages)
        self.asked_in_outages += out
        if out:
            kind = chance.choice(sorted(NETWORK_KINDS))
            return second + (30 if kind is FailureKind.TIMEOUT else chance.uniform(0.01, 10)), name, kind
        if int(name.split("-")[1]) < self.dead:
            return second + chance.choice((0.01, 30)), name, FailureKind.CONNECT
        return second + chance.uniform(0.05, 4), name, None


@pytest.mark.parametrize(("hosts", "dead"), [(1000, 100), (60, 10), (8, 3)])
@pytest.mark.parametrize("seed", range(3))
def test_an_outage_is_noticed_once_forgiven_and_over_soon(hosts: int, dead: int, seed: int) -> None:
    """The network is down for an hour: one notice, no counters of living hosts, and 6 minutes to recover."""
    world = World(hosts=hosts, dead=dead, outages=((7200, 10_800),), seed=seed).live(14_400)
    assert len(world.noticed) == len(world.ended) == 1
    noticed, since = world.noticed[0]
    assert since >= 7200
    assert noticed <= 7200 + (120 if hosts >= 60 else 1500)
    assert 10_800 <= world.ended[0] <= 10_800 + 360
    assert all(int(name.split("-")[1]) < dead for name in world.counted)
    assert len(world.counted) == dead


@pytest.mark.parametrize(("hosts", "dead"), [(1000, 400), (60, 20), (8, 3), (5, 4), (2, 1), (1, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_dead_hosts_among_living_ones_are_never_an_outage(hosts: int, dead: int, seed: int) -> None:
    world = World(hosts=hosts, dead=dead, seed=seed).live(4 * 3600)
    assert not world.noticed
    assert len(world.counted) == dead


def test_two_outages_are_two_notices_and_little_is_asked_in_them() -> None:
    world = World(hosts=1000, dead=50, outages=((3600, 7200), (9000, 12_600))).live(14_400)
    assert len(world.noticed) == len(world.ended) == 2
    assert len(world.counted) == 50
    # Unjudged, a thousand hosts would have been asked 8,000 times in the two hours.
    assert world.asked_in_outages < 4000


def test_an_installation_that_starts_without_a_network_says_so_and_blames_nobody() -> None:
    world = World(hosts=300, dead=20, outages=((0, 1800),)).live(5400)
    assert [since <= 5 for _, since in world.noticed] == [True]
    assert world.noticed[0][0] <= 30
    assert len(world.counted) == 20
