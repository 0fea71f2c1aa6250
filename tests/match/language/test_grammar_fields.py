"""Grammar, the fields: what each of them is, and what may stand in it."""

import pytest

from bot.match.query import parse
from bot.match.tree import FIELDS
from tests.match.language.reading import found, holds, pointed, refusal, words

FACTS = {
    "url": "https://News.Example.org/space/AsterX-24?page=1",
    "canonical_url": "https://ledger.example/first",
    "authors": ("Jane Doe", "Émile Zöllner"),
    "site": "Orbital Ledger",
    "source": "orbital-ledger",
    "more_sources": ("space-wire",),
    "tags": ("space defence", "uk"),
    "language": "ja",
}


def of_facts(query: str) -> bool:
    """Tell whether an article with these facts, and nothing of them in its text, satisfies a query."""
    return holds(query, "Nothing of it stands in the text.", title="A title", **FACTS)


def test_every_field_of_the_language_is_there_and_no_other() -> None:
    assert set(FIELDS) == {"title", "lead", "body", "url", "author", "site", "source", "tag", "lang"}
    for field in FIELDS:
        parse(f"{field}:space")


def test_a_bare_term_looks_in_title_and_body() -> None:
    assert found("AsterX", "AsterX began", title="On AsterX") == ["AsterX", "AsterX"]
    assert not any(of_facts(term) for term in ("AsterX", "Jane", "Orbital", "uk", "ja", "ledger"))


def test_a_field_looks_there_only() -> None:
    assert found("title:AsterX", "AsterX", title="AsterX") == ["AsterX"]
    assert not holds("title:AsterX", "AsterX")
    assert not holds("body:AsterX", "", title="AsterX")
    assert not holds("lead:AsterX", "", title="AsterX")
    assert not of_facts("title:Jane OR body:Orbital OR lead:uk OR url:Jane OR author:Orbital OR site:Doe")


def test_a_field_holds_for_everything_in_its_parentheses() -> None:
    query = 'title:((a OR "b c") -d) body:d'
    assert holds(query, "d", title="b c")
    assert not holds(query, "d b c", title="x")
    assert not holds(query, "d", title="a d")


# lead


@pytest.mark.parametrize(("before", "is_lead"), [(0, True), (99, True), (100, False), (500, False)])
def test_lead_is_the_first_100_words_of_the_body(before: int, is_lead: bool) -> None:
    assert holds("lead:AsterX", f"{words(before)} AsterX") is is_lead
    assert holds("lead:re:/AsterX/", f"{words(before)} AsterX") is is_lead
    assert holds("-lead:AsterX AsterX", f"{words(before)} AsterX") is not is_lead


def test_the_title_is_no_part_of_the_lead_and_takes_nothing_from_it() -> None:
    assert not holds("lead:AsterX", words(5), title="AsterX")
    assert holds("lead:AsterX", f"{words(99)} AsterX", title=words(200))


def test_a_phrase_stands_in_the_lead_with_its_last_word() -> None:
    assert holds('lead:"space domain"', f"{words(98)} space domain")
    assert not holds('lead:"space domain"', f"{words(99)} space domain")


@pytest.mark.parametrize("letter", ["あ", "宇", "ガ", "か\u3099", "ｶﾞ", "한", "น้", "ຊ", "កា", "မ"], ids=ascii)
def test_each_character_of_a_spaceless_run_is_a_word_of_the_lead(letter: str) -> None:
    """A mark is no character of its own."""
    assert holds("lead:CSpO", letter * 99 + "CSpO")
    assert not holds("lead:CSpO", letter * 100 + "CSpO")


def test_the_lead_of_a_japanese_article_ends_at_its_hundredth_character() -> None:
    assert holds("lead:宇宙", "あ" * 98 + "宇宙")
    assert not holds("lead:宇宙", "あ" * 99 + "宇宙")


# url, author, site: words in them


@pytest.mark.parametrize(
    ("query", "is_held"),
    [
        ("url:asterx", True), ("url:AsterX-24", True), ("url:space", True), ('url:"example.org/space"', True),
        ("url:{AsterX}", True), ("url:{asterx}", False), ("url:aste*", True), ("url:exam", False),
        (r"url:re:/page=\d$/", True), ("url:first", True), ("url:other", False),
        ("author:jane", True), ('author:"Jane Doe"', True), ("author:emile", True), ("author:zöll*", True),
        ('author:"Doe Émile"', False), ("author:{jane}", False), ("author:Do", False),
        ("site:ledger", True), ('site:"Orbital Ledger"', True), ("site:orbit*", True), ("site:Orbita", False),
        ("site:example.org", True), ("site:News.Example.org", True), ("site:example.com", False),
        ('site:"Orbital Ledger News"', False),
    ],
)  # fmt: skip
def test_url_author_and_site_look_for_words_in_them(query: str, is_held: bool) -> None:
    """``url``: the address, and the one that the page calls its own; ``site``: the outlet's name and the host."""
    assert of_facts(query) is is_held


# source, tag, lang: whole values


@pytest.mark.parametrize(
    ("query", "is_held"),
    [
        ("source:orbital-ledger", True), ("source:space-wire", True), ("source:orbital", False),
        ("source:orbital*", True), ("source:ORBITAL-LEDGER", True), ("source:ledger", False),
        ('tag:"space defence"', True), ("tag:uk", True), ("tag:UK", True), ("tag:space", False),
        ("tag:space*", True), ("tag:defence", False),
        ("lang:ja", True), ("lang:JA", True), ("lang:j", False), ("lang:en", False), ("lang:(en OR ja)", True),
    ],
)  # fmt: skip
def test_source_tag_and_lang_compare_whole_values(query: str, is_held: bool) -> None:
    """A ``*`` at the end lets them go on; every source that lists the article counts."""
    assert of_facts(query) is is_held


def test_lang_knows_the_language_without_its_region() -> None:
    assert holds("lang:zh", language="zh-Hant")
    assert holds("lang:zh-Hant", language="zh-Hant")
    assert not holds("lang:zh-Hant", language="zh")


def test_of_an_unknown_language_lang_holds_for_none() -> None:
    """A scope of a watch, in contrast, lets it pass."""
    assert not holds("lang:ja", language=None)
    assert holds("AsterX -lang:ja", "AsterX", language=None)


def test_fields_join_with_everything_else() -> None:
    assert of_facts("(url:space OR text) AND lang:ja AND NOT tag:us")
    assert not of_facts("url:space AND -author:doe")


# what cannot stand in a field


@pytest.mark.parametrize("query", ["Title:a", "TITLE:a", "titel:a", "auther:a", "sites:a", "urls:a"])
def test_a_name_that_is_no_field_is_refused_with_the_nearest_one(query: str) -> None:
    error = refusal(query)
    assert pointed(error) == f"{query.partition(':')[0]}:"
    assert error.hint.startswith("did you mean ")


def test_an_address_is_no_field_and_is_put_in_quotes() -> None:
    error = refusal("https://example.org/a")
    assert (pointed(error), error.message) == ("https:", '"https:" is no field')
    assert "quotes" in error.hint
    assert found('"https://example.org/a"', "see https://example.org/a") == ["https://example.org/a"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("title:(a lead:b)", "lead: stands inside title:"),
        ("title:title:a", "title: stands inside title:"),
        ("title:-a", '"-" cannot stand after title:'),
        ("title:NOT a", '"NOT" cannot stand after title:'),
        ("url:(a NEAR/2 b)", "NEAR cannot stand inside url:"),
        ("site:atleast2(a)", "atleast cannot stand inside site:"),
        ("tag:re:/x/", "cannot stand inside tag:"),
        ("lang:e?", "cannot stand inside lang:"),
    ],
)
def test_what_means_nothing_in_a_field_is_refused(query: str, says: str) -> None:
    assert says in refusal(query).message
