"""Every operator, for any query and any article: held to the slow and obvious oracle."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match import narrow, tokens
from bot.match.explain import Explainer
from bot.match.joined import MOST_NEAR_LEVELS
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.match.tree import Query, is_positive
from bot.model import AllTokens, AnyToken, Article, Token, TokenQuery, Watch
from tests.match import query_oracle
from tests.match.strategies import any_text, news_text, whole_queries

articles = st.builds(
    Article,
    url=st.sampled_from(["https://news.example.mil/space", "https://ledger.example/"]),
    title=st.one_of(news_text, any_text),
    text=st.one_of(news_text, news_text.map(lambda text: "word " * 97 + text), any_text),
    authors=st.sampled_from([(), ("Jane Doe", "J. Mil")]),
    site=st.sampled_from(["", "Defence News"]),
    source=st.sampled_from(["news", "ledger"]),
    tags=st.sampled_from([(), ("defence",), ("space defence", "en")]),
    language=st.sampled_from([None, "en", "ja"]),
)
positive = whole_queries.filter(is_positive)
many = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


@many
@given(positive, articles)
def test_the_matcher_answers_as_the_oracle_does(query: Query, article: Article) -> None:
    found = compile_watches([Watch(key="w", query=str(query))]).find(article)
    assert bool(found) is query_oracle.holds(query, article)
    if found and found[0].total <= len(found[0].spans):
        places = {(span.field, span.start, span.end) for span in found[0].spans}
        assert places == query_oracle.marked(query, article)


@many
@given(positive, articles)
def test_an_explanation_says_what_the_matcher_found(query: Query, article: Article) -> None:
    watch = Watch(key="w", query=str(query))
    found = compile_watches([watch]).find(article)
    examined = Explainer(watch).examine(article)
    assert examined.matched is bool(found)
    if found:
        assert examined.spans[: len(found[0].spans)] == found[0].spans


@many
@given(positive)
def test_every_query_prints_as_it_parses(query: Query) -> None:
    assert parse(str(query)) == query


@many
@given(positive, articles)
def test_spans_lie_within_their_field(query: Query, article: Article) -> None:
    for mention in compile_watches([Watch(key="w", query=str(query))]).find(article):
        for span in mention.spans:
            text = article.title if span.field == "title" else article.text
            assert 0 <= span.start < span.end <= len(text)
        assert len(mention.excerpt) <= 300
        assert all(0 <= start < end <= len(mention.excerpt) for start, end in mention.marks)


def is_held(query: TokenQuery, held: set[str]) -> bool:
    match query:
        case Token():
            return (
                any(token.startswith(query.text) for token in held) if query.is_prefix else query.text in held
            )
        case AllTokens():
            return all(is_held(part, held) for part in query.parts)
        case AnyToken():
            return any(is_held(part, held) for part in query.parts)


@many
@given(positive, articles)
def test_the_index_leaves_out_nothing_that_matches(query: Query, article: Article) -> None:
    wanted = narrow(query)
    if wanted is not None and compile_watches([Watch(key="w", query=str(query))]).find(article):
        assert is_held(wanted, set(tokens(article.title, article.text).split()))


@settings(max_examples=60, deadline=None)
@given(st.lists(positive, min_size=2, max_size=6), st.lists(articles, min_size=1, max_size=4))
def test_many_watches_find_what_each_of_them_finds_alone(queries: list[Query], texts: list[Article]) -> None:
    watches = [Watch(key=f"w{number}", query=str(query)) for number, query in enumerate(queries)]
    together = compile_watches(watches)
    # one that knows frequencies looks some terms up instead of searching for them
    knowing = compile_watches(watches, frequencies={"space": 900, "cspo": 2, "operations": 40})
    grown = compile_watches(watches, before=compile_watches(watches[1:]))
    for article in texts:
        alone = [mention for watch in watches for mention in compile_watches([watch]).find(article)]
        assert together.find(article) == alone
        assert knowing.find(article) == alone
        assert grown.find(article) == alone


@pytest.mark.parametrize("seed", range(3))
def test_what_is_learned_changes_nothing_that_is_found(seed: int) -> None:
    """Over the lessons at 128, 1,024 and 8,192 articles, as words come into fashion and go out of it."""
    watches = [
        Watch(key="both", query="(alpha OR common) AND beta"),
        Watch(key="three", query="alpha AND gamma AND common"),
        Watch(key="not", query="gamma NOT (common OR delta)"),
        Watch(key="near", query='common NEAR/2 "beta one"'),
        Watch(key="any", query="alpha OR {Delta}"),
    ]
    alone = [compile_watches([watch], frequencies={}) for watch in watches]
    words = ["alpha", "beta one", "gamma", "delta", "Delta", "common"]
    rng = random.Random(seed)
    learning = compile_watches(watches)
    for number in range(8_400):
        if number % 1_000 == 0:
            fashion = [rng.choice((0.02, 0.3, 0.9)) for _ in words]
        text = " ".join(word for word, share in zip(words, fashion, strict=True) if rng.random() < share)
        article = Article(url="https://x.example/", text=text)
        expected = [mention for one in alone for mention in one.find(article, excerpts=False)]
        assert learning.find(article, excerpts=False) == expected


@pytest.mark.parametrize("count", [1, 5, 40])
def test_a_matcher_that_is_taken_over_again_and_again_stays_right(count: int) -> None:
    """Numbers of terms that nobody uses any more are thrown away at some point."""
    matcher = compile_watches([])
    for round_number in range(count):
        watches = [
            Watch(key="kept", query="alpha beta"),
            Watch(key="edited", query=f"word{round_number} OR alpha"),
        ]
        matcher = compile_watches(watches, before=matcher)
        article = Article(url="https://x.example/", text=f"beta word{round_number} alpha")
        assert [mention.watch for mention in matcher.find(article)] == ["kept", "edited"]
        assert [span.term for span in matcher.find(article)[1].spans] == [f"word{round_number}", "alpha"]
        stale = Article(url="https://x.example/", text=f"word{round_number - 1}")
        assert matcher.find(stale) == []


@pytest.mark.parametrize("sign", ["NEAR/3", "ONEAR/9", "NOT NEAR/1"])
def test_operators_within_each_other_take_no_more_places_than_there_are(sign: str) -> None:
    """Each pair of pairs would be a pair again: as deep as the language goes, places stay what they are."""
    query = "a1"
    for level in range(MOST_NEAR_LEVELS):
        query = f"({query}) {sign} {'a1' if level % 2 else 'b1'}"
    article = Article(url="https://x.example/", text="a1 b1 " * 500)
    watch = Watch(key="w", query=query)
    examined = Explainer(watch).examine(article)
    assert bool(compile_watches([watch]).find(article)) is examined.matched
    assert len(examined.spans) <= 1_000
    with pytest.raises(QueryError, match="more than 5 NEAR stand inside each other"):
        parse(f"({query}) {sign} c1")
