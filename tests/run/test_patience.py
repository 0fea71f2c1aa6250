"""Which hosts may hold a slot for long, told from how long they took the last time."""

from bot.run.patience import Patience


def test_a_host_that_was_never_asked_may_be_anything():
    assert not Patience().is_quick("refresh", "one.example")


def test_the_last_time_counts_for_each_step_of_its_own():
    known = Patience()
    known.took("refresh", "one.example", 0.1)
    known.took("read", "one.example", 9.0)
    assert known.is_quick("refresh", "one.example")
    assert not known.is_quick("read", "one.example")
    known.took("refresh", "one.example", 30.0)
    assert not known.is_quick("refresh", "one.example")


def test_the_slow_ones_are_counted_each_once():
    known = Patience()
    for seconds in (9.0, 9.0, 0.1, 9.0):
        known.took("refresh", "one.example", seconds)
    known.took("refresh", "two.example", 5.0)
    assert known.slow == 2
    known.took("refresh", "two.example", 0.5)
    assert known.slow == 1


def test_the_longest_not_asked_is_forgotten_first():
    known = Patience(most=3)
    for number in range(4):
        known.took("refresh", f"h{number}.example", 9.0)
    known.took("refresh", "h1.example", 0.1)
    known.took("refresh", "h4.example", 0.1)
    assert known.slow == 1
    assert not known.is_quick("refresh", "h0.example")
    assert known.is_quick("refresh", "h1.example")
