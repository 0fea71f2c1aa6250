"""A watch's query as search engines understand it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match import tree
from bot.match.matcher import compile as compiled
from bot.match.query import parse
from bot.match.searchable import LONGEST, search_text
from bot.match.tree import And, Not, Or, Query
from bot.model import Article, Watch
from tests.match.strategies import leaves, news_text, whole_queries


@pytest.mark.parametrize(
    ("query", "searched"),
    [
        ("harbour", "harbour"),
        ("harbour AND pier", "harbour pier"),
        ('"northern pier" OR quay', '"northern pier" OR quay'),
        ("(harbour OR port) AND (pier OR quay)", "(harbour OR port) (pier OR quay)"),
        ("(harbour AND pier) OR quay", "(harbour pier) OR quay"),
        ("harbour AND NOT (pearl OR film)", "harbour"),
        ('"northern pier" NEAR/5 storm', '"northern pier" storm'),
        ("pier NOT NEAR/3 film", "pier"),
        ("atleast3(pier)", "pier"),
        ("title:pier AND site:gazette", "pier"),
        ("{CSpO} OR AT&T", 'CSpO OR "AT&T"'),
        ("harbour AND organi*", "harbour"),
        ("organi*", "organi"),
        ('"space operat*"', "space"),
        ("harbour OR defen?e", "harbour"),
        ("harbour AND defen?e", "harbour"),
        ("harbour AND re:/F-?35/", "harbour"),
        ('"OR" AND harbour', '"OR" harbour'),
        ("aster OR ASTER", "aster"),
        ('aster OR "Aster Corp"', "aster"),
        ('harbour OR "northern pier" OR "the northern pier"', 'harbour OR "northern pier"'),
    ],
)
def test_a_query_is_said_in_the_engines_words(query: str, searched: str) -> None:
    assert search_text(query) == searched
    assert search_text(parse(query)) == searched


@pytest.mark.parametrize("query", ["re:/F-?35/", "defen?e", "lang:ja", "re:/a/ OR site:gazette"])
def test_what_cannot_be_said_is_none(query: str) -> None:
    assert search_text(query) is None


def test_a_long_and_loses_its_longest_parts() -> None:
    names = " OR ".join(f'"council of harbour {number}"' for number in range(30))
    assert search_text(f"({names}) AND pier") == "pier"


def test_too_many_alternatives_are_not_asked_in_part() -> None:
    assert search_text(" OR ".join(f'"council of harbour {number}"' for number in range(30))) is None


def test_alternatives_of_several_conditions_lose_conditions() -> None:
    query = " OR ".join(
        f'(pier{number} AND "council of the harbour of place {number}")' for number in range(12)
    )
    found = search_text(query)
    assert found is not None
    assert len(found) <= LONGEST
    assert all(f"pier{number}" in found or f"place {number}" in found for number in range(12))


def test_what_is_no_query_is_refused() -> None:
    with pytest.raises(QueryError):
        search_text('"unclosed')


#: words, phrases, AND, OR, NOT: what is searched for is never less
exact_leaves = leaves.filter(lambda leaf: not isinstance(leaf, tree.Prefix))
plain: st.SearchStrategy[Query] = st.recursive(
    st.one_of(
        exact_leaves, st.builds(tree.Near, exact_leaves, exact_leaves, st.integers(1, 4), st.booleans())
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: tree.join(Or, parts)),
        st.tuples(st.lists(inner, min_size=1, max_size=3), st.lists(inner, max_size=2)).map(
            lambda parts: tree.join(And, [*parts[0], *map(Not, parts[1])])
        ),
    ),
    max_leaves=8,
)


def _finds(query: str, text: str) -> bool:
    watch = Watch(key="w", query=query)
    return bool(compiled([watch]).find(Article(url="https://gazette.example/1", title="", text=text)))


@settings(deadline=None, max_examples=300)
@given(plain, news_text)
def test_whatever_the_watch_finds_the_search_finds(query: Query, text: str) -> None:
    """The search's own words, read as a watch, find each text that the watch finds."""
    searched = search_text(query)
    assert searched is not None or len(str(query)) > LONGEST
    # Its own terms, so that the watch mostly finds something.
    text = f"{text}. {'. '.join(tree.label(leaf) for leaf, _ in tree.leaves(query))}"
    assert searched is None or not _finds(str(query), text) or _finds(searched, text)


@settings(deadline=None, max_examples=300)
@given(whole_queries)
def test_every_query_is_said_shortly_or_not_at_all(query: Query) -> None:
    searched = search_text(query)
    assert searched is None or 0 < len(searched) <= LONGEST
    assert searched is None or search_text(searched) is not None
