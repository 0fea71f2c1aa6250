"""Items that are one phrase or one term: what they are read as, and how more than that is refused."""

import pytest

from bot.errors import QueryError
from bot.match.items import context_term, phrase


@pytest.mark.parametrize(
    ("item", "read"),
    [
        ("Combined Space Operations", "Combined Space Operations"),
        ("  Combined   Space Operations ", "Combined Space Operations"),
        ('"Combined Space Operations"', "Combined Space Operations"),
        ("{Combined Space Operations}", "Combined Space Operations"),
        ('"Command AND Control"', "Command AND Control"),
        ("Command, Control and Communications", "Command, Control and Communications"),
        ("research & development", "research & development"),
        ("opérations spatiales combinées", "opérations spatiales combinées"),
        ("連合宇宙作戦", "連合宇宙作戦"),
        ("C++ Foundation", "C++ Foundation"),
        ("anti-satellite", "anti-satellite"),
    ],
)
def test_a_phrase_is_read_as_its_words(item: str, read: str) -> None:
    """Quotes and braces are forgiven: letter case does not count here."""
    assert phrase(item) == read


@pytest.mark.parametrize(
    ("item", "at", "hint"),
    [
        ("Foo AND Bar", 4, "in quotes of their own"),
        ("Foo OR Bar", 4, "an item of each part"),
        ("Combined Space Operations (CSpO)", 26, "did you mean 'Combined Space Operations'?"),
        ("product own*", 11, "write the words out"),
        ("organi?ation", 6, "write the words out"),
        ("title:Foo", 0, "leave it out"),
        ("Foo NEAR/3 Bar", 4, ""),
        ("NOT Foo", 0, ""),
        ('"Foo" "Bar"', 0, "an item of each"),
        ("+++", 0, ""),
        ("", 0, ""),
    ],
)
def test_more_than_a_phrase_is_refused_at_its_character(item: str, at: int, hint: str) -> None:
    """And the hint says how it is written instead."""
    with pytest.raises(QueryError) as caught:
        phrase(item)
    assert caught.value.position == at
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("item", "read"),
    [
        ("space", "space"),
        ("satellit*", "satellit*"),
        ("defen?e", "defen?e"),
        ("low Earth orbit", '"low Earth orbit"'),
        ('"low Earth orbit"', '"low Earth orbit"'),
        ("{Space}", "{Space}"),
        ('"rock AND roll"', '"rock AND roll"'),
        ("宇宙", "宇宙"),
    ],
)
def test_a_context_term_is_read_as_a_query_has_it(item: str, read: str) -> None:
    """Words, phrases, beginnings and letters left open."""
    assert context_term(item) == read


@pytest.mark.parametrize(
    ("item", "at"),
    [
        ("space OR orbit", 6),
        ("NOT golf", 0),
        ("-golf", 0),
        ("(space)", 0),
        ("title:space", 0),
        ("re:/space/", 0),
        ("atleast2(space)", 0),
        ("space w/5 orbit", 6),
        ('"a b" "c d"', 0),
        ("sp*", 2),
    ],
)
def test_more_than_a_term_is_refused_at_its_character(item: str, at: int) -> None:
    """Nothing that joins, negates or looks elsewhere."""
    with pytest.raises(QueryError) as caught:
        context_term(item)
    assert caught.value.position == at
    assert caught.value.query == item
