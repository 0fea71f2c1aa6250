"""The worked cases of the watch language, each as it stands there: a text, a query, and whether it is found."""

import pytest

from bot.match.explain import Explainer
from bot.match.matcher import compile as compile_watches
from bot.model import Article, Mention, Watch

#: where the text stands, the text, the query, and the stretches that are found
CASES: list[tuple[str, str, str, list[str]]] = [
    ("body", "the AsterX 24 exercise", "AsterX", ["AsterX"]),
    ("body", "named after Asterix", "AsterX", []),
    ("body", "CSPO training", "{CSpO}", []),
    ("title", "JAPAN JOINS CSPO TALKS", "{CSpO}", ["CSPO"]),
    ("body", "CSpOC", "CSpO", []),
    ("body", "CSpOC", "CSpO*", ["CSpOC"]),
    ("body", "the crisis", "ISIS", []),
    ("body", "連合宇宙作戦（CSpO）イニシアチブ", "CSpO", ["CSpO"]),
    ("body", "連合宇宙作戦（CSpO）イニシアチブ", "連合宇宙作戦", ["連合宇宙作戦"]),
    ("body", "co\u00adop\u00aderation", "cooperation", ["co\u00adop\u00aderation"]),
    (
        "body",
        "Combined\u00a0Space  Operations",
        '"Combined Space Operations"',
        ["Combined\u00a0Space  Operations"],
    ),
    ("body", "Five Eyes alliance–the", "alliance", ["alliance"]),
    ("body", "STRASSE", "straße", ["STRASSE"]),
    # the dots of the table stand for other words
    ("body", "rico is a rich man in puerto rico", "rico NOT NEAR/2 puerto", ["rico"]),
    # what the language says beside its table
    ("body", "AsterX-24, AsterX's (AsterX) #AsterX AsterX,", "AsterX", ["AsterX"] * 5),
    ("body", "AsterX24", "AsterX", []),
    ("body", "AsterX24", "AsterX*", ["AsterX24"]),
    ("body", "x_AsterX_y", "AsterX", ["AsterX"]),
    ("body", "日本がCSpOに参加", "CSpO", ["CSpO"]),
    ("body", "ＡｓｔｅｒＸ", "AsterX", ["ＡｓｔｅｒＸ"]),
    ("body", "Défense", "defense", ["Défense"]),
    ("body", "Defense", "{Défense}", []),
    ("body", "か", "が", []),
    ("body", "the E.U. and the EU", "EU", ["E.U.", "EU"]),
    ("body", "defense, defence, defenceless", "defen?e", ["defense", "defence"]),
]


def find(field: str, text: str, query: str) -> list[Mention]:
    return compile_watches([Watch(key="w", query=query)]).find(an_article(field, text))


def an_article(field: str, text: str) -> Article:
    title, body = (text, "") if field == "title" else ("", text)
    return Article(url="https://x.example/", title=title, text=body)


@pytest.mark.parametrize(("field", "text", "query", "stretches"), CASES)
def test_found_where_the_language_says_so(field: str, text: str, query: str, stretches: list[str]) -> None:
    spans = [span for mention in find(field, text, query) for span in mention.spans]
    assert [text[span.start : span.end] for span in spans] == stretches
    assert {span.field for span in spans} <= {field}


@pytest.mark.parametrize(("field", "text", "query", "stretches"), CASES)
def test_an_explanation_says_the_same(field: str, text: str, query: str, stretches: list[str]) -> None:
    examined = Explainer(Watch(key="w", query=query)).examine(an_article(field, text))
    assert examined.matched is bool(stretches)
    assert [text[span.start : span.end] for span in examined.spans] == stretches


def test_in_a_title_of_capitals_the_span_says_that_case_told_nothing() -> None:
    (mention,) = find("title", "JAPAN JOINS CSPO TALKS", "{CSpO}")
    (span,) = mention.spans
    assert span.all_capitals


def test_not_near_judges_each_occurrence_and_finds_the_first_only() -> None:
    (mention,) = find("body", "rico is a rich man in puerto rico", "rico NOT NEAR/2 puerto")
    (span,) = mention.spans
    assert (span.start, span.end) == (0, 4)
