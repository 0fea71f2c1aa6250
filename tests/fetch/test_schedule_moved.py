"""When a permanent redirect is believed."""

from datetime import timedelta

import pytest

from bot.fetch.schedule import is_settled, moved_after
from bot.model import Moved
from tests.build import NOW

OLD, NEW, OTHER = "https://ledger.example/feed", "https://ledger.example/rss", "https://sorry.example/"
HOUR = timedelta(hours=1)
GOOD = ((301, OLD),)


def seen(times: int, *, apart: timedelta = 6 * HOUR) -> Moved | None:
    moved = None
    for turn in range(times):
        moved = moved_after(moved, GOOD, NEW, parsed=True, now=NOW + turn * apart)
    return moved


def test_five_equal_answers_over_a_day_settle_it() -> None:
    moved = seen(5)
    assert moved == Moved(to=NEW, times=5, since=NOW)
    assert is_settled(moved, now=NOW + 24 * HOUR)


def test_many_answers_in_an_hour_or_few_in_a_year_do_not() -> None:
    assert not is_settled(seen(50, apart=HOUR / 50), now=NOW + HOUR)
    assert not is_settled(seen(4), now=NOW + 9000 * HOUR)
    assert not is_settled(None, now=NOW)


@pytest.mark.parametrize(
    "hops", [((308, OLD),), ((301, OLD), (308, "https://ledger.example/news"))], ids=["308", "chain"]
)
def test_all_hops_must_be_for_good(hops: tuple[tuple[int, str], ...]) -> None:
    moved = moved_after(seen(3), hops, NEW, parsed=True, now=NOW)
    assert moved is not None
    assert moved.times == 4


@pytest.mark.parametrize(
    ("hops", "parsed"),
    [
        ((), True),
        (((302, OLD),), True),
        (((307, OLD),), True),
        (((301, OLD), (302, "https://ledger.example/news")), True),
        (GOOD, False),
        (((301, NEW), (301, OLD)), True),
    ],
    ids=["no redirect", "302", "307", "one hop for now", "target does not parse", "back to itself"],
)
def test_another_answer_ends_it(hops: tuple[tuple[int, str], ...], parsed: bool) -> None:
    assert moved_after(seen(9), hops, NEW, parsed=parsed, now=NOW + 60 * HOUR) is None


def test_another_target_starts_anew() -> None:
    now = NOW + 60 * HOUR
    assert moved_after(seen(9), GOOD, OTHER, parsed=True, now=now) == Moved(to=OTHER, times=1, since=now)


def test_a_clock_that_went_back_starts_it_anew() -> None:
    assert moved_after(seen(3), GOOD, NEW, parsed=True, now=NOW - HOUR) == Moved(
        to=NEW, times=1, since=NOW - HOUR
    )
