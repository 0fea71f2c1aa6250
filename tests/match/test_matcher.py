"""The matcher: which watches an article satisfies, and what a mention carries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match.explain import Explained, explain
from bot.match.matcher import MOST_SPANS
from bot.match.matcher import compile as compile_watches
from bot.match.tree import Exact, Or, Prefix, Query, Word, join
from bot.match.version import watch_version
from bot.model import Article, Mention, Watch
from tests.match import fold_oracle
from tests.match.strategies import any_text, news_text, queries


def an_article(text: str = "", title: str = "", revision: int = 1) -> Article:
    return Article(url="https://ledger.example/one", title=title, text=text, revision=revision)


def a_watch(query: object, key: str = "w", *, enabled: bool = True) -> Watch:
    return Watch(key=key, query=str(query), enabled=enabled)


def holds(query: str, text: str) -> bool:
    return bool(compile_watches([a_watch(query)]).find(an_article(text)))


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("a b", "b and a", True),
        ("a b", "only a", False),
        ("a OR b", "only b", True),
        ("a NOT b", "only a", True),
        ("a NOT b", "a and b", False),
        ("a -b", "a and b", False),
        ("(a OR b) (c OR d)", "b d", True),
        ("(a OR b) (c OR d)", "a b", False),
        ("a NOT (b c)", "a b", True),
        ("a NOT (b c)", "a b c", False),
        ("a NOT (b NOT c)", "a b c", True),
        ("a NOT (b NOT c)", "a b", False),
        ("(a NOT b) OR (c NOT d)", "a b c", True),
        ("(a NOT b) OR (c NOT d)", "a b c d", False),
        ("a OR (b AND (c OR (d AND e)))", "b d e", True),
        ("a OR (b AND (c OR (d AND e)))", "b d", False),
    ],
)
def test_operators(query: str, text: str, *, expected: bool) -> None:
    assert holds(query, text) is expected


def test_only_positive_terms_that_count_give_spans() -> None:
    (mention,) = compile_watches([a_watch("(a AND x) OR (b NOT y) OR c")]).find(an_article("a b c"))
    assert [span.term for span in mention.spans] == ["b", "c"]
    (mention,) = compile_watches([a_watch("a NOT (b NOT c)")]).find(an_article("a b c"))
    assert [span.term for span in mention.spans] == ["a"]


def test_a_mention_carries_watch_version_revision_and_total() -> None:
    watch = a_watch("AsterX OR CSpO", key="asterx")
    (mention,) = compile_watches([watch]).find(an_article("AsterX " * 150 + "CSpO " * 150, revision=7))
    assert mention.watch == "asterx"
    assert mention.watch_version == watch_version(watch)
    assert mention.revision == 7
    assert mention.total == 300
    assert len(mention.spans) == MOST_SPANS
    assert list(mention.spans) == sorted(mention.spans, key=lambda span: (span.field != "title", span.start))


def test_spans_come_title_first_and_in_order() -> None:
    article = an_article("b a", title="a b")
    (mention,) = compile_watches([a_watch("b OR a")]).find(article)
    assert [(span.field, span.start, span.term) for span in mention.spans] == [
        ("title", 0, "a"), ("title", 2, "b"), ("body", 0, "b"), ("body", 2, "a"),
    ]  # fmt: skip


def test_two_spellings_of_one_term_find_a_place_once() -> None:
    (mention,) = compile_watches([a_watch("AsterX OR ASTERX OR {AsterX} OR Aster*")]).find(
        an_article("AsterX")
    )
    assert [(span.start, span.end, span.term) for span in mention.spans] == [(0, 6, "AsterX")]
    assert mention.total == 1


def test_mentions_come_in_the_order_of_the_watches_and_disabled_ones_not_at_all() -> None:
    matcher = compile_watches(
        [
            a_watch("x", "third"),
            a_watch("x y", "first"),
            a_watch("x", "off", enabled=False),
            a_watch("z OR y", "last"),
        ]
    )
    assert [watch.key for watch in matcher.watches] == ["third", "first", "last"]
    assert [mention.watch for mention in matcher.find(an_article("x y"))] == ["third", "first", "last"]


def test_no_watch_and_no_text_find_nothing() -> None:
    assert compile_watches([]).find(an_article("AsterX")) == []
    assert compile_watches([a_watch("AsterX")]).find(an_article()) == []


def test_a_query_that_does_not_parse_names_its_watch() -> None:
    with pytest.raises(QueryError, match=r"^broken: AND and OR are mixed") as caught:
        compile_watches([a_watch("fine"), a_watch("a OR b c", "broken")])
    assert caught.value.subject == "broken"
    with pytest.raises(QueryError) as caught:
        explain(a_watch("a OR b c", "broken"), an_article())
    assert caught.value.subject == "broken"


def places(mentions: list[Mention]) -> list[tuple[str, list[tuple[str, int, int, str]]]]:
    return [
        (mention.watch, [(span.field, span.start, span.end, span.term) for span in mention.spans])
        for mention in mentions
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(queries, min_size=1, max_size=5), news_text, news_text)
def test_many_watches_together_find_what_each_finds_alone(many: list[Query], title: str, text: str) -> None:
    article = an_article(text, title)
    watches = [a_watch(query, f"w{number}") for number, query in enumerate(many)]
    together = compile_watches(watches).find(article)
    alone = [mention for watch in watches for mention in compile_watches([watch]).find(article)]
    assert together == alone


@settings(max_examples=200, deadline=None)
@given(queries, news_text, news_text)
def test_explain_says_what_the_matcher_finds(query: Query, title: str, text: str) -> None:
    watch, article = a_watch(query), an_article(text, title)
    mentions = compile_watches([watch]).find(article)
    explained = explain(watch, article)
    assert explained.matched == bool(mentions)
    for mention in mentions:
        assert {(span.field, span.start, span.end) for span in mention.spans} <= {
            (span.field, span.start, span.end) for span in all_spans(explained)
        }


def all_spans(node: Explained) -> list[object]:
    return [*node.spans, *(span for part in node.parts for span in all_spans(part))]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(queries, min_size=1, max_size=4), st.lists(news_text, min_size=1, max_size=5), st.integers(0, 9)
)
def test_frequencies_and_what_was_seen_change_no_answer(
    many: list[Query], texts: list[str], seed: int
) -> None:
    watches = [a_watch(query, f"w{number}") for number, query in enumerate(many)]
    words = ["cspo", "space", "eu", "operations", "asterx", "c", "us", "strasse"]
    given_them = compile_watches(
        watches, frequencies={word: (seed * at) % 7 for at, word in enumerate(words)}
    )
    seasoned = compile_watches(watches)
    for _ in range(130):
        seasoned.find(an_article(texts[0]))
    for text in texts:
        fresh = places(compile_watches(watches).find(an_article(text)))
        assert places(given_them.find(an_article(text))) == fresh
        assert places(seasoned.find(an_article(text))) == fresh


@settings(max_examples=200, deadline=None)
@given(queries, any_text, any_text)
def test_any_text_gives_spans_and_marks_inside_it(query: Query, title: str, text: str) -> None:
    """Lone surrogates, unassigned characters and marks without letters included."""
    watch = a_watch(
        join(Or, [query, *map(Word, ("a", "日", "ก", "한", "1", "ss")), Exact("É"), Prefix("xss")])
    )
    for mention in compile_watches([watch]).find(an_article(text, title)):
        for span in mention.spans:
            field = title if span.field == "title" else text
            assert 0 <= span.start < span.end <= len(field)
        assert len(mention.excerpt) <= 300
        assert all(0 <= low < high <= len(mention.excerpt) for low, high in mention.marks)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["a", "日", "ss", "x1", "café", "ガ", "ก", "한국"]), any_text)
def test_a_word_is_found_exactly_where_the_obvious_folding_has_it(word: str, text: str) -> None:
    folded, origins = fold_oracle.fold(text)
    needle = fold_oracle.fold(word)[0].strip()
    edge = "" if fold_oracle.is_spaceless(needle[0]) else " "
    pattern = f"{edge}{needle}{edge}"
    expected = []
    at = folded.find(pattern)
    while at >= 0:
        first = at + len(edge)
        expected.append((origins[first][0], origins[first + len(needle) - 1][1]))
        at = folded.find(pattern, at + 1)
    mentions = compile_watches([a_watch(word)]).find(an_article(text))
    assert [(span.start, span.end) for mention in mentions for span in mention.spans] == sorted(set(expected))


def test_the_words_of_an_article_do_not_meet_across_its_end() -> None:
    matcher = compile_watches([a_watch('"one two"')])
    assert matcher.find(an_article("two", title="one")) == []
    assert matcher.find(an_article("one")) == []
    assert len(matcher.find(an_article("one two"))) == 1
