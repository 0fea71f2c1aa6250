"""What is said to hold wherever something else does, does so for every article."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.implied import covers, implies
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.match.tree import Query, is_positive, leaves, parts_of
from tests.build import a_watch, an_article
from tests.match.strategies import leaves as leaf_queries
from tests.match.strategies import news_text, whole_queries


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("aster*", "AsterX"),
        ("aster*", "Asterix*"),
        ("space", '"Space Operations"'),
        ('"Space Operations"', '"combined space operations"'),
        ("cspo", "{CSpO}"),
        ("défense", "DEFENSE"),
        ("宇宙", "連合宇宙作戦"),
        ("EU", "EU"),
        ("aster*", "aster?x*"),
        ('"space oper*"', '"Space Operations Command"'),
    ],
)
def test_a_term_is_found_wherever_a_narrower_one_is(wide: str, narrow: str) -> None:
    """Beginnings, words of a phrase, folded spellings, parts of a run without spaces."""
    assert covers(parse(wide), parse(narrow))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("AsterX", "aster*"),
        ("{CSpO}", "cspo"),
        ("eu", "EU"),  # EU is found as E.U., too
        ('"Space Operations"', '"Space, Operations"'),
        ("operations", '"Space Operational"'),
        ("C++", "C"),
        ("aster?x", "AsterXX"),
        ("宇宙作", "宇宙"),
        ("か", "が"),
        ("re:/x/", "x"),
    ],
)
def test_a_term_is_not_said_to_be_found_where_it_may_not_be(wide: str, narrow: str) -> None:
    """Where the two meet only by chance, nothing is said."""
    assert not covers(parse(wide), parse(narrow))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("premise", "conclusion"),
    [
        ("a AND b", "b"),
        ("a OR b", "b OR c OR a"),
        ("(AsterX OR Asterix) AND x", "aster*"),
        ("a NEAR/5 b", "b"),
        ("a NOT NEAR/5 b", "a"),
        ("atleast3(a)", "a"),
        ("title:a", "a"),
        ("lead:a", "body:a"),
        ("title:(a AND b)", "title:b"),
        ("tag:space", "tag:space"),
        ("a NEAR/5 b", "a NEAR/5 b"),
        ("a AND b", "a AND b"),
    ],
)
def test_a_part_holds_wherever_the_whole_does(premise: str, conclusion: str) -> None:
    """For every operator."""
    assert implies(parse(premise), parse(conclusion))


@pytest.mark.parametrize(
    ("premise", "conclusion"),
    [
        ("a OR b", "a"),
        ("a", "title:a"),
        ("body:a", "lead:a"),
        ("title:a", "body:a"),
        ("a NOT NEAR/5 b", "b"),
        ("a", "atleast2(a)"),
        ("a", "a AND b"),
        ("tag:space", "space"),
        ("space", "tag:space"),
        ("a NEAR/5 b", "a NEAR/3 b"),
        ("title:(a NEAR/5 b)", "lead:(a NEAR/5 b)"),
    ],
)
def test_nothing_is_said_where_it_may_not_hold(premise: str, conclusion: str) -> None:
    """A field narrows, an OR leaves it open, and negated terms are not found."""
    assert not implies(parse(premise), parse(conclusion))


def parts(query: Query) -> list[Query]:
    """Return the query and everything in it."""
    return [query, *(inner for part in parts_of(query) for inner in parts(part))]


@given(
    st.lists(leaf_queries, min_size=2, max_size=5),
    st.lists(whole_queries.filter(is_positive), max_size=3),
    news_text,
    news_text,
)
@settings(max_examples=150, deadline=None)
def test_what_is_said_to_hold_does(terms: list[Query], wholes: list[Query], title: str, text: str) -> None:
    """Of any two queries, and of their parts, in any article."""
    queries = [*terms, *(part for whole in wholes for part in parts(whole) if is_positive(part))][:20]
    watches = [a_watch(str(query), key=f"w{number}") for number, query in enumerate(queries)]
    article = an_article(text, title=title, language="ja", tags=("defence",), authors=("Doe",))
    found = {mention.watch for mention in compile_watches(watches).find(article)}
    for one, premise in enumerate(queries):
        if f"w{one}" in found:
            said = [other for other, query in enumerate(queries) if implies(premise, query)]
            assert {f"w{other}" for other in said} <= found
            assert one in said or not list(leaves(premise))
