"""What the token index is asked, as each database's full-text search reads it."""

import sqlite3
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import AllTokens, AnyToken, Token, TokenQuery
from bot.store.token_query import fts5, simplified, tsquery

A, B, C = Token("a"), Token("b"), Token("c")

tokens = st.builds(Token, st.sampled_from(["a", "ab", "b", "ca", "c", "d"]), st.booleans())
queries = st.recursive(
    tokens,
    lambda inner: st.builds(
        lambda kind, parts: kind(tuple(parts)),
        st.sampled_from([AllTokens, AnyToken]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=30,
)


def holds(query: TokenQuery | bool, words: Collection[str]) -> bool:
    """Return what a query means, said as plainly as possible."""
    if isinstance(query, bool):
        return query
    if isinstance(query, Token):
        return any(word.startswith(query.text) if query.is_prefix else word == query.text for word in words)
    found = [holds(part, words) for part in query.parts]
    return all(found) if isinstance(query, AllTokens) else any(found)


@pytest.mark.parametrize(
    ("query", "simple"),
    [
        (AllTokens((A, AllTokens((B, C)))), AllTokens((A, B, C))),
        (AnyToken((AnyToken((A,)), AnyToken((B, A)))), AnyToken((A, B))),
        (AllTokens((AnyToken((A,)),)), A),
        (AllTokens((A, AllTokens(()))), A),
        (AnyToken((A, AnyToken(()))), A),
        (AllTokens(()), True),
        (AnyToken(()), False),
        (AnyToken((A, AllTokens(()))), True),
        (AllTokens((A, AnyToken(()))), False),
        (Token("\ud800"), True),
    ],
)
def test_nested_parts_and_parts_that_decide_nothing_are_gone(query: TokenQuery, simple: TokenQuery | bool):
    assert simplified(query) == simple


@given(queries, st.sets(st.sampled_from(["a", "ab", "abc", "b", "ca", "c", "d", "e"])))
def test_a_simplified_query_means_the_same(query: TokenQuery, words: set[str]):
    assert holds(simplified(query), words) == holds(query, words)


def test_tokens_are_quoted_for_each_database():
    query = AllTokens((Token('a"b'), Token("c'd\\e", True), AnyToken((A, Token("sat", True)))))
    assert fts5(query) == '("a" OR "sat" *) AND "a""b" AND "c\'d\\e" *'
    assert tsquery(query) == "('a' | 'sat':*) & 'a\"b' & 'c''d\\\\e':*"


def nested(levels: int, *, before: bool, prefix: bool = False) -> TokenQuery:
    """Return a query of so many levels, AND and OR in turn, the inner part before or after a token."""
    query: TokenQuery = Token("deepest", prefix)
    for level in range(levels):
        parts = (query, Token(f"w{level}", prefix))
        query = (AllTokens if level % 2 else AnyToken)(parts if before else parts[::-1])
    return query


@pytest.fixture(scope="module")
def index():
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE words USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='ascii')"
    )
    connection.execute("INSERT INTO words (rowid, tokens) VALUES (1, 'deepest w0 w1 leaf')")
    yield lambda text: connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (text,)).fetchall()
    connection.close()


@pytest.mark.parametrize("levels", [1, 25, 50, 85, 120, 200])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("prefix", [True, False])
def test_however_deep_a_query_is_fts5_takes_it(index, levels: int, before: bool, prefix: bool):
    index(fts5(nested(levels, before=before, prefix=prefix)))


def test_a_query_that_branches_on_every_level_is_taken(index):
    for kinds in range(2):
        query: TokenQuery = A
        for level in range(60):
            inner = (query, AnyToken((B, AllTokens((C, Token(f"x{level}"))))))
            query = (AllTokens, AnyToken)[(level + kinds) % 2](inner)
        index(fts5(simplified(query)))


def test_fifty_levels_are_asked_exactly(index):
    for before in (True, False):
        text = fts5(nested(50, before=before))
        assert all(f'"w{level}"' in text for level in range(50))


def is_found(query: TokenQuery, article: Collection[str]) -> bool:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(tokens, detail=none, tokenize='ascii')")
    connection.execute("INSERT INTO words VALUES (?)", (" ".join(article),))
    found = connection.execute("SELECT 1 FROM words WHERE words MATCH ?", (fts5(query),)).fetchall()
    connection.close()
    return bool(found)


@given(st.integers(91, 200), st.booleans(), st.sets(st.integers(0, 200), max_size=200), st.booleans())
def test_what_is_asked_more_loosely_loses_nothing(levels: int, before: bool, words: set[int], deepest: bool):
    """What satisfies a query that is too deep satisfies what is asked instead of it."""
    query = nested(levels, before=before)
    article = {f"w{word}" for word in words} | ({"deepest"} if deepest else set())
    assert is_found(query, article) >= holds(query, article)


@pytest.mark.parametrize("before", [True, False])
def test_an_article_that_satisfies_a_deep_query_by_its_depth_alone_is_found(before: bool):
    """All that every level needs is there, and of what any level offers just one word."""
    query = nested(120, before=before)
    needed = {f"w{level}" for level in range(1, 120, 2)}
    for one in ["deepest", *(f"w{level}" for level in range(0, 120, 2))]:
        assert holds(query, needed | {one})
        assert is_found(query, needed | {one}), one
