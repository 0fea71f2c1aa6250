"""The engine finds what the slow and obvious reading of the language finds: every operator, every span."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.explain import Explainer
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.match.tree import (
    And,
    AtLeast,
    Exact,
    In,
    Near,
    Not,
    NotNear,
    Or,
    Phrase,
    Prefix,
    Query,
    Word,
    is_positive,
    join,
)
from bot.model import Article, Watch
from tests.quality.oracle import JOINING, Oracle, made

WORDS = ["alpha", "Alpha", "beta", "gamma", "alphabet", "宇宙", "宇宙作戦", "作", "q"]
GLUE = [*sorted(JOINING), " ", " ", ", ", ". ", " (", "_", "、", "/", "🚀", " | "]

pieces = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GLUE)), max_size=14)
#: words that lead up to the end of what a lead is
filler = st.integers(0, 104).map(lambda count: [("q", " ")] * count)

terms: st.SearchStrategy[Query] = st.sampled_from(
    [
        Word("alpha"), Word("beta"), Word("gamma"), Word("宇宙"), Word("作"), Word("宇宙作戦"), Exact("Alpha"),
        Prefix("alp"), Phrase("alpha beta"), Phrase("beta alpha beta"), Phrase("alpha alpha"),
    ]
)  # fmt: skip
choices = st.one_of(terms, st.lists(terms, min_size=2, max_size=3).map(lambda parts: join(Or, parts)))
sides = st.tuples(choices, choices, st.sampled_from([1, 2, 5, 100]), st.booleans())
placed: st.SearchStrategy[Query] = st.one_of(
    terms,
    sides.map(lambda made: Near(*made)),
    sides.map(lambda made: NotNear(*made)),
    st.tuples(st.integers(1, 4), choices).map(lambda made: AtLeast(*made)),
)
within: st.SearchStrategy[Query] = st.one_of(
    placed,
    st.tuples(st.sampled_from(["title", "body", "lead"]), placed).map(lambda made: In(*made)),
)


def _all_of(parts: tuple[list[Query], list[Query]]) -> Query:
    return join(And, [*parts[0], *(Not(part) for part in parts[1])])


queries = st.recursive(
    within,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: join(Or, parts)),
        st.tuples(st.lists(inner, min_size=1, max_size=3), st.lists(inner, max_size=2)).map(_all_of),
    ),
    max_leaves=5,
).filter(is_positive)


@settings(max_examples=300, deadline=None)
@given(queries, pieces, filler, pieces)
def test_the_engine_finds_what_the_obvious_reading_finds(
    query: Query, title: list[tuple[str, str]], lead: list[tuple[str, str]], body: list[tuple[str, str]]
) -> None:
    oracle = Oracle(made(title), made([*lead, *body]))
    assert parse(str(query)) == query
    watch = Watch(key="w", query=str(query))
    article = Article(url="https://x.example/", title=oracle.title.text, text=oracle.body.text)
    mentions = compile_watches([watch]).find(article)
    assert bool(mentions) is oracle.holds(query)
    found = {(span.field, span.start, span.end) for mention in mentions for span in mention.spans}
    assert found == {(at.field, at.start, at.end) for at in oracle.evidence(query)}
    assert Explainer(watch).explain(article).matched is bool(mentions)
