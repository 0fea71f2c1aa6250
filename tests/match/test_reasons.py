"""Why an article does not satisfy a query, in sentences."""

import pytest
from hypothesis import given, settings

from bot.match.explain import explain
from bot.match.reasons import reasons, scope_reasons
from bot.match.tree import Query
from bot.model import Article, Tier, Watch
from tests.match.strategies import news_text, queries


def said(query: str, text: str, title: str = "") -> list[str]:
    article = Article(
        url="https://blog.example/one", title=title, text=text, source="ledger", authors=("Ada Moreau",)
    )
    return reasons(explain(Watch(key="w", query=query), article), article)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("a", "b", ["a is not in it"]),
        ("a OR b", "x", ["neither a nor b is in it"]),
        ("a OR b OR c", "x", ["none of a, b or c is in it"]),
        ("a OR b OR c OR d OR e OR f OR g", "x", ["none of a, b, c, d, e or 2 more is in it"]),
        ("a b c", "b", ["a is not in it", "c is not in it"]),
        ("a (b OR c)", "a", ["neither b nor c is in it"]),
        ("(a b) OR (c d)", "a c", ["b is not in it; or d is not in it"]),
        ("a NOT b", "a b, b", ["b (2×) is in it, which NOT forbids"]),
        ("a NOT (b OR c)", "a b c", ["b (1×) and c (1×) are in it, which NOT forbids"]),
        ("a NEAR/2 b", "a x y z b", ["what it asks for stands too far apart: a NEAR/2 b"]),
        ("a NEAR/2 b", "a", ["b is not in it"]),
        ("a NOT NEAR/2 b", "b a", ["b stands beside every a: a NOT NEAR/2 b"]),
        ("a NOT NEAR/2 (b OR c)", "b a", ["(b OR c) stands beside every a: a NOT NEAR/2 (b OR c)"]),
        ("atleast3(a)", "a a", ["it is there too seldom, 2×: atleast3(a)"]),
        ("title:a", "b", ["a is not in the title"]),
        ("title:a", "a", ["a is not in the title (“a” is elsewhere)"]),
        ("a source:orbit", "a", ["its source is ledger, not orbit"]),
        ("a site:orbit", "a", ["its site is blog.example, not orbit"]),
        ("a lang:fr", "a", ["its language is unknown, not fr"]),
        ("a NOT url:blog", "a", ["its address holds blog, which NOT forbids"]),
        ("a NOT author:moreau", "a", ["its author holds moreau, which NOT forbids"]),
    ],
)
def test_every_condition_that_does_not_hold_is_one_line(query: str, text: str, expected: list[str]) -> None:
    assert said(query, text) == expected


@pytest.mark.parametrize(
    ("query", "text", "nearly"),
    [
        ("{CSpO}", "the CSPO course", "“CSPO” is, but letter case counts in {CSpO}"),
        ("AsterX", "the AsterX24 exercise", "“AsterX24” is, a longer word; write AsterX* to find it"),
        ('"space operation"', "of space operations", "“space operations” is, a longer word; write space operation* to find it"),
    ],
)  # fmt: skip
def test_a_term_that_is_nearly_there_is_told(query: str, text: str, nearly: str) -> None:
    (line,) = said(query, text)
    assert f"({nearly})" in line


def test_an_article_that_satisfies_the_query_has_no_reason() -> None:
    assert said("a", "a") == []


@given(query=queries, title=news_text, text=news_text)
@settings(max_examples=200, deadline=None)
def test_there_is_a_reason_exactly_where_the_query_does_not_hold(query: Query, title: str, text: str) -> None:
    article = Article(url="https://ledger.example/one", title=title, text=text)
    tree = explain(Watch(key="w", query=str(query)), article)
    lines = reasons(tree, article)
    assert bool(lines) != tree.matched
    assert all(line.strip() for line in lines)


def test_what_is_out_of_scope_is_told_with_what_the_watch_is_for() -> None:
    article = Article(
        url="https://x.example/", language="de", source="ledger", tags=("space",), tier=Tier.GENERAL
    )
    watch = Watch(
        key="w",
        query="a",
        languages=("en", "fr"),
        sources=("orbit",),
        tags=("defence",),
        tiers=(Tier.OFFICIAL,),
    )
    assert scope_reasons(watch, article) == [
        "its language is de, and the watch is for en or fr",
        "its source is ledger, and the watch is for orbit",
        "its source has the tags space, and the watch is for defence",
        "its source has the tier general, and the watch is for official",
    ]
    assert scope_reasons(Watch(key="w", query="a", languages=("de",)), article) == []
