"""The watch language: what parses to what, and what every refusal points at."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match.query import (
    MOST_CHARACTERS,
    MOST_TERMS,
    And,
    Exact,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Word,
    compose,
    parse,
)
from tests.match.strategies import queries

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("satellite", Word("satellite")),
        ('"space domain awareness"', Phrase("space domain awareness")),
        ('"satellite"', Word("satellite")),
        ("“space  domain\nawareness”", Phrase("space domain awareness")),
        ("{CSpO}", Exact("CSpO")),
        ('cs("CSpO")', Exact("CSpO")),
        ("cs( 'Aster X' )", Exact("Aster X")),
        ('cs("a}b")', Exact("a}b")),
        ("cooperat*", Prefix("cooperat")),
        ("a AND b", And((A, B))),
        ("a b", And((A, B))),
        ("a OR b OR c", Or((A, B, C))),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a -b", And((A, Not(B)))),
        ("a -(b OR c)", And((A, Not(Or((B, C)))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("(a AND b) AND c", And((A, B, C))),
        ("((a))", A),
        ("a NOT (b NOT c)", And((A, Not(And((B, Not(C))))))),
        ("C++ .NET AT&T SAMP/T", And((Word("C++"), Word(".NET"), Word("AT&T"), Word("SAMP/T")))),
        ("O'Neill F-35", And((Word("O'Neill"), Word("F-35")))),
        ('"AND"', Word("AND")),
        ("andover OR notable", Or((Word("andover"), Word("notable")))),
        ("near", Word("near")),
        ('"a:b"', Word("a:b")),
        ("10:30", Word("10:30")),
        ("連合宇宙作戦 OR Défense", Or((Word("連合宇宙作戦"), Word("Défense")))),
    ],
)
def test_parses_to(text: str, tree: Query) -> None:
    assert parse(text) == tree
    assert parse(str(tree)) == tree


@settings(max_examples=200, deadline=None)
@given(queries)
def test_a_printed_query_parses_back_equal(query: Query) -> None:
    assert parse(str(query)) == query
    assert str(parse(str(query))) == str(query)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from('ab"{}()-*?:,“” ANDORT/5'), st.characters()), max_size=30))
def test_any_text_parses_or_is_refused_at_a_character_of_it(text: str) -> None:
    fault: QueryError | None = None
    try:
        query = parse(text)
    except QueryError as error:
        fault = error
    if fault is None:
        assert parse(str(query)) == query
    else:
        assert 0 <= fault.position <= len(text)
        assert fault.width >= 1
        assert fault.query == text


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("(a OR b", 0, '"(" is not closed'),
        ("a OR (b", 5, '"(" is not closed'),
        ("a)", 1, '")" closes nothing'),
        ("a AND ()", 7, 'missing before ")"'),
        ("a AND", 5, 'missing after "AND"'),
        ("a OR OR b", 5, 'missing before "OR"'),
        ("AND a", 0, 'missing before "AND"'),
        ('a "b c', 2, "quotation mark is not closed"),
        ("a {b", 2, '"{" is not closed'),
        ("a b}", 3, '"}" closes nothing'),
        ("a - b", 2, '"-" cannot stand here'),
        ("a –b", 2, '"–" cannot stand here'),
        ("a +++", 2, "needs a letter or a digit"),
        ('a "…"', 3, "needs a letter or a digit"),
        ("*foo", 0, "cannot begin with a wildcard"),
        ("fo*o", 2, "only at the end of a word"),
        ("co*", 2, "too few letters"),
        ("AT&T&*", 5, "directly after a letter"),
        ("defen?e", 5, "? is not available in this version"),
        ('"space operat*"', 13, "wildcard * means nothing inside a phrase"),
        ("{CSpO*}", 5, "wildcard * means nothing"),
        ("cs(CSpO)", 0, "cs( is not followed by a quoted text"),
        ("a, b", 1, '"," does not separate terms'),
        ("a and b", 2, "operators are upper case"),
        ("NOT a", 0, "nothing to look for"),
        ("a OR NOT b", 5, "this branch of OR has no positive term"),
        ("a AND (b OR -c)", 12, "this branch of OR has no positive term"),
        ("a NOT NOT b", 6, "negated already"),
        ("titel:x", 0, '"titel:" is no field (did you mean title:?)'),
        ("https://example.org", 0, '"https:" is no field'),
    ],
)
def test_refused_at_the_character_with_what_was_expected(text: str, position: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "position", "name"),
    [
        ("a NEAR/5 b", 2, "NEAR/5"),
        ("a NEAR b", 2, "NEAR"),
        ("a ONEAR/5 b", 2, "ONEAR/5"),
        ("rico NOT NEAR/2 puerto", 5, "NOT NEAR/2"),
        ("a w/5 b", 2, "w/5"),
        ("a pre/5 b", 2, "pre/5"),
        ("atleast3(a OR b)", 0, "atleast3"),
        ("a title:x", 2, "title:"),
        ("lang:ja x", 0, "lang:"),
        ("re:/x+/", 0, "re:"),
    ],
)
def test_operators_of_later_versions_are_refused_by_name(text: str, position: int, name: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.message == f"{name} is not available in this version"
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "position", "readings"),
    [
        ("a OR b c", 7, ("a OR (b AND c)", "(a OR b) AND c")),
        ("a b OR c", 4, ("(a AND b) OR c", "a AND (b OR c)")),
        ("a OR b AND NOT c", 7, ("a OR (b AND NOT c)", "(a OR b) AND NOT c")),
        ("x (a AND b OR c)", 11, ("(a AND b) OR c", "a AND (b OR c)")),
    ],
)
def test_mixed_and_and_or_print_both_readings(text: str, position: int, readings: tuple[str, str]) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    for reading in readings:
        assert reading in caught.value.hint


def test_limits_of_length_terms_and_depth() -> None:
    with pytest.raises(QueryError, match="longer than 16,384 characters"):
        parse("a" * (MOST_CHARACTERS + 1))
    many = " ".join("a" for _ in range(MOST_TERMS))
    assert isinstance(parse(many), And)
    with pytest.raises(QueryError, match="more than 2,000 terms") as caught:
        parse(f"{many} b")
    assert caught.value.position == len(many) + 1
    with pytest.raises(QueryError, match="inside each other"):
        parse("a OR (b AND (" * 40 + "c" + "))" * 40)
    assert parse("(" * 8_000 + "a" + ")" * 8_000) == A


def test_compose_writes_the_lists_as_one_query() -> None:
    text = compose(
        any=[
            "CSpO",
            "Combined Space Operations",
            "連合宇宙作戦",
            "{CSpO}",
            '"Aster X"',
            "a AND b",
            "cooperat*",
        ],
        all=["space OR orbit", "Japan"],
        none=["missile", "SAMP/T battery", "x OR y"],
    )
    assert text == (
        '(CSpO OR "Combined Space Operations" OR 連合宇宙作戦 OR {CSpO} OR "Aster X" OR (a AND b) OR cooperat*)'
        ' AND (space OR orbit) AND Japan AND NOT missile AND NOT "SAMP/T battery" AND NOT (x OR y)'
    )
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("item", "query"),
    [
        ("Rock and Roll", '"Rock and Roll"'),
        ("not for sale", '"not for sale"'),
        ("Coalition - Space", '"Coalition - Space"'),
        ("  AsterX ", "AsterX"),
        ("and", '"and"'),
        ("Space: the frontier", '"Space: the frontier"'),
        ("O'Neill", "O'Neill"),
        ("a -b", "a AND NOT b"),
        ("“Aster X” exercise", '"Aster X" AND exercise'),
    ],
)
def test_an_item_without_operators_is_one_phrase(item: str, query: str) -> None:
    assert compose(any=[item], all=[], none=[]) == query


@pytest.mark.parametrize(
    ("lists", "subject", "position"),
    [
        ({"any": ["a", "b OR"], "all": [], "none": []}, "any[1]", 4),
        ({"any": ["a", ""], "all": [], "none": []}, "any[1]", 0),
        ({"any": ["a"], "all": ["space operat*"], "none": []}, "all[0]", 12),
        ({"any": ["a"], "all": [], "none": ["b", "-c"]}, "not[1]", 0),
        ({"any": ["title:foo bar"], "all": [], "none": []}, "any[0]", 0),
        ({"any": [], "all": [], "none": ["a"]}, "", 0),
    ],
)
def test_compose_names_the_item_that_is_wrong(
    lists: dict[str, list[str]], subject: str, position: int
) -> None:
    with pytest.raises(QueryError) as caught:
        compose(**lists)
    assert caught.value.subject == subject
    assert caught.value.position == position
