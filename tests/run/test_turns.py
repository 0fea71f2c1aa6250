"""Turns: a host whose listings are always due is asked for its pages, too, and the other way round."""

from bot.run.turns import Turns


def test_listings_and_pages_of_different_hosts_take_turns():
    due = Turns().order(["a", "b", "c"], ["d", "e"])
    assert list(due) == [
        ("refresh", "a"),
        ("read", "d"),
        ("refresh", "b"),
        ("read", "e"),
        ("refresh", "c"),
    ]


def test_at_one_host_they_take_turns_as_well():
    """The first that is yielded for a host is what it is asked for."""
    turns = Turns()
    asked = []
    for _ in range(6):
        step, host = next(turns.order(["a"], ["a"]))
        turns.began(step, host)
        asked.append(step)
    assert asked == ["refresh", "read"] * 3


def test_what_was_passed_over_still_stands_behind_all_others():
    turns = Turns()
    turns.began("refresh", "a")
    assert list(turns.order(["a", "b"], ["a"])) == [("refresh", "b"), ("read", "a"), ("refresh", "a")]


def test_a_host_without_pages_is_listed_whenever_it_is_due_and_what_that_brings_is_read_next():
    turns = Turns()
    for _ in range(3):
        assert next(turns.order(["a"], [])) == ("refresh", "a")
        turns.began("refresh", "a")
    assert next(turns.order(["a"], ["a"])) == ("read", "a")
