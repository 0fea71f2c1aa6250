"""What works and was hardly meant is said in words, and what is said is so."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.advice import advise
from bot.match.common_words import common_words
from bot.match.fold import fold
from bot.match.matcher import compile as compile_watches
from bot.match.tree import And, Not, NotNear, Or, Phrase, Query, Word, is_positive, join, parts_of
from tests.build import a_watch, an_article
from tests.match.strategies import leaves, news_text, whole_queries


def said(query: str, **fields: object) -> list[str]:
    """Return what is said of a query."""
    return [advice.message for advice in advise(a_watch(query, **fields))]


@pytest.mark.parametrize(
    "query",
    [
        "AsterX",
        "NATO",
        "SpaceX OR CubeSat",
        '"Combined Space Operations" OR 連合宇宙作戦',
        "AsterX NEAR/10 Toulouse",
        '"Aster X" NOT NEAR/8 (missile OR "SAMP/T")',
        "rico NOT NEAR/2 puerto",
        "AsterX AND the",
        '"the who"',
        "{EU} OR {CSpO}",
        "G7 OR 5G OR C++",
        "UAVs",
        "宇宙 OR 한국",
        "من AND AsterX",
        "(AsterX OR Asterix) NOT AsterX",
        "AsterX NOT title:AsterX",
        "AsterX AND lang:ja AND tag:uk",
        "title:AsterX",
    ],
)
def test_of_a_query_that_was_meant_nothing_is_said(query: str) -> None:
    """A warning that is wrong once is not read a second time."""
    assert said(query) == []


@pytest.mark.parametrize(
    ("query", "message", "term"),
    [
        ("EU", "'EU' is two letters long, and letter case does not count: it finds 'eu', too", "EU"),
        (
            "Kosovo AND un",
            "'un' is two letters long, and letter case does not count: it finds 'UN', too",
            "un",
        ),
        ("title:ЕС", "'ЕС' is two letters long, and letter case does not count: it finds 'ес', too", "ЕС"),
        ("Kosovo NOT X", "'X' is one letter long, and letter case does not count: it finds 'x', too", "X"),
        ("軍", "'軍' is a single character, which is found inside other words, too", "軍"),
        ("CSpO", "'CSpO' will also find 'CSPO': letter case does not count", "CSpO"),
        ("Kosovo AND (PhD OR foo)", "'PhD' will also find 'PHD': letter case does not count", "PhD"),
        ("AsterX OR WHO", "'WHO' also finds 'who', a very common word: nearly every article", "WHO"),
        ("UN", "'UN' also finds 'un', a very common word: nearly every article", "UN"),
        ("the", "'the' is a very common word: the watch will find nearly every article", "the"),
        (
            "der AND die",
            "'der', 'die' are very common words: the watch will find nearly every article",
            "der",
        ),
        ("AsterX OR Это", "'Это' is a very common word: the watch will find nearly every article", "Это"),
        ("being OR être", "'être' is a very common word: the watch will find nearly every article", "être"),
        ("の NOT foo", "'の' is a very common word: the watch will find nearly every article", "の"),
        ("AsterX NOT aster*", "'NOT aster*' removes every article in which 'AsterX' is found", "NOT aster*"),
        ('"foo bar" NOT bar', "'NOT bar' removes every article in which 'foo bar' is found", "NOT bar"),
        ("{Foo} -foo", "'NOT foo' removes every article in which '{Foo}' is found", "NOT foo"),
        (
            "AsterX AND (foo OR (bar NOT aster*))",
            "'NOT aster*' removes every article in which 'AsterX' is found",
            "NOT aster*",
        ),
        (
            '"Puerto Rico" NOT NEAR/2 rico',
            "'rico' stands wherever 'Puerto Rico' does: nothing can be found",
            "NOT NEAR/2",
        ),
        (
            "foo NEAR/11 bar",
            "11 words may stand between: so far apart, two words seldom belong together",
            "NEAR/11",
        ),
        (
            "foo NOT NEAR/50 bar",
            "50 words may stand between: so far apart, two words seldom belong together",
            "NEAR/50",
        ),
        (
            "site:example.org",
            "no word of the text has to be there: the watch is looked at for every article, which takes time",
            "site:example.org",
        ),
        (
            "AsterX OR (tag:space NOT foo)",
            "no word of the text has to be there: the watch is looked at for every article, which takes time",
            "tag:space",
        ),
        (
            "re:/F-?35/",
            "no word of the text has to be there: the watch is looked at for every article, which takes time",
            "re:/F-?35/",
        ),
        ("AsterX OR aster*", "'AsterX' adds nothing: 'aster*' finds it already", "AsterX"),
        ("AsterX OR ASTERX", "'ASTERX' adds nothing: 'AsterX' finds it already", "ASTERX"),
        ("Défense OR defense", "'defense' adds nothing: 'Défense' finds it already", "defense"),
        (
            '"space operations" OR "combined space operations"',
            "'combined space operations' adds nothing: 'space operations' finds it already",
            '"combined space operations"',
        ),
        ("宇宙 OR 連合宇宙作戦", "'連合宇宙作戦' adds nothing: '宇宙' finds it already", "連合宇宙作戦"),
        ("{AsterX} OR AsterX", "'{AsterX}' adds nothing: 'AsterX' finds it already", "{AsterX}"),
    ],
)
def test_what_was_hardly_meant_is_said_with_its_term(query: str, message: str, term: str) -> None:
    """One sentence, and what of the query it speaks of."""
    (advice,) = advise(a_watch(query))
    assert (advice.message, advice.term) == (message, term)
    assert advice.hint


def test_long_forms_answer_for_lost_capitals() -> None:
    """The article itself tells CSpO from CSPO then."""
    assert said("CSpO", long_forms=("Combined Space Operations",)) == []


def test_of_a_negated_acronym_capitals_are_not_asked() -> None:
    """What is not to be found may be found in any letter case."""
    assert said("foo NOT CSpO") == []
    assert said("foo NOT NEAR/3 CSpO") == []


def test_everything_is_said_at_once() -> None:
    """In one list, whatever else is said."""
    assert len(said("(the OR NOx) NOT the")) == 2
    assert len(said("EU OR CSpO OR (foo NEAR/20 bar)")) == 3


def test_a_wide_near_is_found_however_it_is_written() -> None:
    """The canonical sign may not be the one that stands in the file."""
    (advice,) = advise(a_watch("foo pre/25 bar"))
    assert "pre/25" in advice.also


@pytest.mark.parametrize(
    "words", [("the", "of"), ("le", "dans"), ("nicht",), ("для",), ("これ",), ("في",), ("的",)]
)
def test_common_words_are_known_folded(words: tuple[str, ...]) -> None:
    """As terms are compared."""
    assert {fold(word).text.strip() for word in words} <= common_words()
    assert not {"space", "asterx", "defense", "minister"} & common_words()


def every(query: Query) -> Iterator[Query]:
    """Yield the query and everything in it."""
    yield query
    for part in parts_of(query):
        yield from every(part)


@given(st.data(), whole_queries.filter(is_positive), news_text, news_text)
@settings(max_examples=200, deadline=None)
def test_a_query_of_which_nothing_is_left_finds_nothing(
    data: st.DataObject, wanted: Query, title: str, text: str
) -> None:
    """Where a NOT is said to remove everything, no article is found."""
    parts = [part for part in every(wanted) if is_positive(part)]
    unwanted = Not(data.draw(st.sampled_from(parts)))
    watch = a_watch(str(join(And, [wanted, unwanted])))
    if any("removes every" in advice.message and advice.term == str(unwanted) for advice in advise(watch)):
        article = an_article(text, title=title, language="ja", tags=("defence",))
        assert not compile_watches([watch]).find(article)


@given(st.lists(leaves, min_size=1, max_size=2), st.lists(leaves, min_size=1, max_size=2), news_text)
@settings(max_examples=200, deadline=None)
def test_what_lies_over_its_own_negation_finds_nothing(
    left: list[Query], right: list[Query], text: str
) -> None:
    """Where NOT NEAR is said to leave nothing, no article is found."""
    watch = a_watch(str(NotNear(join(Or, left), join(Or, [*right, *map(shortened, left)]), 2)))
    if any("nothing can be found" in advice.message for advice in advise(watch)):
        assert not compile_watches([watch]).find(an_article(text, title=text))


def shortened(query: Query) -> Query:
    """Return the last word of a phrase, anything else as it is."""
    return Word(query.text.split()[-1]) if isinstance(query, Phrase) else query


@given(st.lists(leaves, min_size=2, max_size=5, unique_by=str), news_text, news_text)
@settings(max_examples=200, deadline=None)
def test_a_branch_that_adds_nothing_can_be_left_out(parts: list[Query], title: str, text: str) -> None:
    """The rest of the OR finds the same articles."""
    watch = a_watch(" OR ".join(map(str, parts)))
    vain = {advice.term for advice in advise(watch) if "adds nothing" in advice.message}
    left = [str(part) for part in parts if str(part) not in vain]
    assert left
    article = an_article(text, title=title)
    found = compile_watches([a_watch(" OR ".join(left))]).find(article)
    assert bool(compile_watches([watch]).find(article)) == bool(found)


@given(whole_queries.filter(is_positive))
@settings(max_examples=100, deadline=None)
def test_any_query_can_be_advised_on(query: Query) -> None:
    """And what is said is one line, with a hint."""
    for advice in advise(a_watch(str(query))):
        assert advice.message and advice.hint and advice.term
        assert "\n" not in advice.hint
