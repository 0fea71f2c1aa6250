"""A query without its negations, and the negation that keeps an article out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match.explain import explain
from bot.match.query import parse
from bot.match.relaxed import Negations, Removal, without_negations
from bot.match.tree import And, AtLeast, In, Near, Not, NotNear, Or, Query, Word, join
from bot.model import Article, Watch


def an_article(text: str, title: str = "") -> Article:
    return Article(url="https://ledger.example/one", title=title, text=text)


def removals(query: str, text: str, title: str = "") -> list[Removal]:
    return Negations(Watch(key="w", query=query)).removals(an_article(text, title))


@pytest.mark.parametrize(
    ("query", "relaxed"),
    [
        ("a", "a"),
        ("a NOT b", "a"),
        ("a b -c -d", "a AND b"),
        ("a NOT (b OR (c NOT d))", "a"),
        ("a NOT NEAR/3 b", "a"),
        ("(a OR b) NOT NEAR/3 c", "a OR b"),
        ("(a NOT b) OR (c NOT NEAR/2 d)", "a OR c"),
        ("((a NOT NEAR/2 b) NOT NEAR/3 c) NEAR/9 d", "a NEAR/9 d"),
        ("atleast2(a NOT NEAR/2 b)", "atleast2(a)"),
        ("title:(a NOT b) c", "title:a AND c"),
        ("a title:(NOT b)", "a"),
        ("a AND (b OR (c NOT d)) NOT e", "a AND (b OR c)"),
    ],
)
def test_every_negation_is_left_out(query: str, relaxed: str) -> None:
    assert str(without_negations(parse(query))) == relaxed


@pytest.mark.parametrize(
    ("query", "text", "removed_by"),
    [
        ("a NOT b", "a b", ["NOT b"]),
        ("a NOT b", "a", []),
        ("a NOT b", "b", []),
        ("a -b -c", "a c", ["NOT c"]),
        ("a -b -c", "a b c", ["NOT b", "NOT c"]),
        ("a NOT NEAR/1 b", "a b", ["a NOT NEAR/1 b"]),
        ("a NOT NEAR/1 b", "a b x y z a", []),
        # another branch takes nothing away where it could not hold anyway
        ("(a NOT b) OR (c NOT d)", "a b d", ["NOT b"]),
        # either branch would do: only both negations together keep the article out
        ("(a NOT b) OR (c NOT d)", "a b c d", ["NOT b", "NOT d"]),
        ("(a NOT NEAR/1 b) NEAR/2 c", "a b c", ["a NOT NEAR/1 b"]),
        ("a NOT (b c)", "a b c", ["NOT (b AND c)"]),
    ],
)
def test_the_negation_that_keeps_an_article_out_is_told(query: str, text: str, removed_by: list[str]) -> None:
    assert [removal.negation for removal in removals(query, text)] == removed_by


def test_a_removal_says_where_it_stands() -> None:
    (removal,) = removals("AsterX NOT missile", "the missile and the missiles", "AsterX: a missile")
    assert [(span.field, span.start, span.term) for span in removal.spans] == [
        ("title", 10, "missile"), ("body", 4, "missile"),
    ]  # fmt: skip
    (removal,) = removals("rico NOT NEAR/2 puerto", "puerto rico, far from any puerto")
    assert [(span.start, span.term) for span in removal.spans] == [(0, "puerto"), (7, "rico")]


def test_a_negation_in_a_field_is_told_with_its_field() -> None:
    assert [removal.negation for removal in removals("title:(a NOT b)", "", "a b")] == ["title:(NOT b)"]
    (removal,) = removals("a NOT url:ledger", "a")
    assert (removal.negation, removal.spans) == ("NOT url:ledger", ())


def test_a_query_without_negations_has_none() -> None:
    assert not Negations(Watch(key="w", query="a OR b"))
    assert Negations(Watch(key="w", query="a NOT NEAR/2 b"))


def test_a_query_that_does_not_parse_names_its_watch() -> None:
    with pytest.raises(QueryError) as caught:
        Negations(Watch(key="w", query="a AND"))
    assert caught.value.subject == "w"


_words: st.SearchStrategy[Query] = st.sampled_from("abcd").map(Word)
_placed: st.SearchStrategy[Query] = st.recursive(
    _words,
    lambda inner: st.one_of(
        st.builds(lambda one, other: join(Or, [one, other]), inner, inner),
        st.builds(Near, inner, inner, st.integers(1, 3), st.booleans()),
        st.builds(NotNear, inner, inner, st.integers(1, 3), st.booleans()),
    ),
    max_leaves=4,
)
_queries: st.SearchStrategy[Query] = st.recursive(
    st.one_of(
        _placed, st.builds(AtLeast, st.integers(1, 2), _placed), st.builds(In, st.just("title"), _words)
    ),
    lambda inner: st.one_of(
        st.builds(lambda one, other: join(Or, [one, other]), inner, inner),
        st.builds(lambda one, other: join(And, [one, other]), inner, inner),
        st.builds(lambda one, other: join(And, [one, Not(other)]), inner, inner),
    ),
    max_leaves=6,
)
_texts = st.lists(st.sampled_from(["a", "b", "c", "d", "x"]), max_size=8).map(" ".join)


def _has_negation(query: Query) -> bool:
    from bot.match.tree import parts_of

    return isinstance(query, Not | NotNear) or any(map(_has_negation, parts_of(query)))


@given(query=_queries, title=_texts, text=_texts)
@settings(max_examples=300, deadline=None)
def test_whatever_a_query_holds_for_satisfies_it_without_its_negations(
    query: Query, title: str, text: str
) -> None:
    """And what only the latter holds for has a negation to blame, which is then in the query."""
    article = an_article(text, title)
    relaxed = without_negations(query)
    assert not _has_negation(relaxed)
    assert parse(str(relaxed)) == relaxed
    holds = explain(Watch(key="w", query=str(query)), article).matched
    would = explain(Watch(key="w", query=str(relaxed)), article).matched
    assert would or not holds
    found = removals(str(query), text, title)
    assert bool(found) == (would and not holds)
    assert all(removal.negation in str(query) for removal in found)
