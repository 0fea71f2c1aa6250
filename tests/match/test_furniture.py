"""Furniture is masked for matching: what only the site says makes a mention that nobody is told of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.match.matcher import compile as compile_watches
from bot.model import Article, Mention, Watch

OWN = "Ten nations met in Wellington. AsterX was not spoken of."
BOX = "Related: CSpO partners sign, missile test fails"


def found(
    query: str, *, text: str = f"{OWN}\n\n{BOX}", title: str = "A meeting", box: str = BOX
) -> Mention | None:
    start = text.index(box)
    article = Article(
        url="https://orbit.example/a", title=title, text=text, furniture=((start, start + len(box)),)
    )
    return next(iter(compile_watches([Watch(key="w", query=query)]).find(article)), None)


def test_what_stands_in_furniture_only_is_marked_and_keeps_its_place():
    mention = found("CSpO")
    assert mention is not None
    assert mention.furniture
    (span,) = mention.spans
    assert f"{OWN}\n\n{BOX}"[span.start : span.end] == "CSpO"
    assert "CSpO" in mention.excerpt


def test_what_the_article_says_itself_is_a_mention_with_its_own_spans_only():
    text = f"The CSpO met.\n\n{BOX}"
    mention = found("CSpO", text=text)
    assert mention is not None
    assert (mention.furniture, mention.total) == (False, 1)
    assert text[mention.spans[0].start : mention.spans[0].end] == "CSpO"
    assert mention.spans[0].start < text.index(BOX)


def test_the_headline_is_never_furniture():
    mention = found("CSpO", title="CSpO meets")
    assert mention is not None
    assert not mention.furniture


@pytest.mark.parametrize(
    ("query", "furniture"),
    [
        ("AsterX NOT missile", False),
        ("AsterX AND missile", True),
        ("AsterX NEAR/9 CSpO", True),
        ("Wellington OR CSpO", False),
        ("missile NOT AsterX", None),
    ],
)
def test_operators_see_what_the_article_says(query, furniture):
    mention = found(query)
    assert (None if mention is None else mention.furniture) is furniture


def test_excerpts_are_of_the_whole_text():
    mention = found("Wellington")
    assert mention is not None
    assert mention.excerpt.startswith("Ten nations met in Wellington.")


@given(st.lists(st.sampled_from(["CSpO", "met", "orbit", "AsterX", "space"]), min_size=1, max_size=12))
def test_an_article_that_is_all_furniture_says_nothing(words):
    text = " ".join(words)
    matcher = compile_watches([Watch(key="w", query="CSpO OR AsterX")])
    article = Article(url="https://orbit.example/a", text=text, furniture=((0, len(text)),))
    assert all(mention.furniture for mention in matcher.find(article))
    whole = matcher.find(Article(url="https://orbit.example/a", text=text))
    assert len(whole) == len(matcher.find(article))
