"""The watch language: what parses to what, and what every refusal points at."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match.query import (
    MOST_CHARACTERS,
    MOST_TERMS,
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
    Regex,
    Wild,
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
        ("a \ud800", 2, "half a character"),
        ("a - b", 2, '"-" cannot stand here'),
        ("a –b", 2, '"–" cannot stand here'),
        ("a +++", 2, "needs a letter or a digit"),
        ('a "…"', 3, "needs a letter or a digit"),
        ("*foo", 0, "cannot begin with a wildcard"),
        ("fo*o", 2, "only at the end of a word"),
        ("co*", 2, "too few letters"),
        ("AT&T&*", 5, "directly after a letter"),
        ("?efense", 0, "cannot begin with a wildcard"),
        ("AT?&", 3, 'not of "&"'),
        ("宇?space", 0, "written in one script"),
        ("a?*", 2, "too few letters"),
        ('"space defen?e"', 12, "wildcard ? means nothing inside quotes"),
        ('"space* operations"', 6, "only at the end of a phrase"),
        ('"space op*"', 9, "too few letters"),
        ('"space *"', 7, "directly after a letter"),
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
    ("text", "tree"),
    [
        ("a NEAR/5 b", Near(A, B, 5)),
        ("a ONEAR/5 b", Near(A, B, 5, ordered=True)),
        ("a w/5 b", Near(A, B, 5)),
        ("a W/5 b", Near(A, B, 5)),
        ("a pre/5 b", Near(A, B, 5, ordered=True)),
        ("a NOT NEAR/2 b", NotNear(A, B, 2)),
        ("a NOT  ONEAR/2 b", NotNear(A, B, 2, ordered=True)),
        ("a NOT w/2 b", NotNear(A, B, 2)),
        ("a NEAR/5 (b OR c)", Near(A, Or((B, C)), 5)),
        ("(a NEAR/5 b) NEAR/7 c", Near(Near(A, B, 5), C, 7)),
        ("a NEAR/5 b c", And((Near(A, B, 5), C))),
        ("a OR b NEAR/5 c", Or((A, Near(B, C, 5)))),
        ("a NOT b NEAR/5 c", And((A, Not(Near(B, C, 5))))),
        ("title:a NEAR/5 lead:b", Near(In("title", A), In("lead", B), 5)),
        ("title:a b", And((In("title", A), B))),
        ("title:(a OR b)", In("title", Or((A, B)))),
        ('author:"Jane Doe" lang:ja', And((In("author", Phrase("Jane Doe")), In("lang", Word("ja"))))),
        ("NOT lang:ja AND a", And((Not(In("lang", Word("ja"))), A))),
        ("atleast3(a OR b)", AtLeast(3, Or((A, B)))),
        ("ATLEAST2( a )", AtLeast(2, A)),
        ("atleast2(a NEAR/3 b)", AtLeast(2, Near(A, B, 3))),
        ("defen?e", Wild("defen?e")),
        ("organi?ation*", Wild("organi?ation*")),
        ('"space operat*"', Prefix("space operat")),
        (r"re:/F-?\d{2}/", Regex(r"F-?\d{2}")),
        (r"re:/km\/h (\(|\))/ a", And((Regex(r"km/h (\(|\))"), A))),
        (r"url:re:/\.mil/ a", And((In("url", Regex(r"\.mil")), A))),
    ],
)
def test_operators_parse_to(text: str, tree: Query) -> None:
    assert parse(text) == tree
    assert parse(str(tree)) == tree


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("a NEAR b", 2, "NEAR needs a number"),
        ("a NEAR/0 b", 2, "from 1 to 100"),
        ("a NEAR/101 b", 2, "from 1 to 100"),
        ("a NEAR/x b", 2, "from 1 to 100"),
        ("a NEAR/5 b NEAR/6 c", 11, "(a NEAR/5 b) NEAR/6 c  or  a NEAR/5 (b NEAR/6 c)"),
        ("a NEAR/5 (b AND c)", 10, "AND cannot stand beside NEAR"),
        ("a NEAR/5 NOT b", 9, "a NOT NEAR/5 b"),
        ("a NEAR/5 (b OR atleast2(c))", 10, "atleast cannot stand beside NEAR"),
        ("a NEAR/5 url:b", 9, "url: cannot stand beside NEAR"),
        ("a NEAR/5", 8, 'missing after "NEAR/5"'),
        ("NEAR/5 a", 0, 'missing before "NEAR/5"'),
        ("atleast(a)", 0, "atleast needs a number"),
        ("atleast0(a)", 0, "from 1 to 1,000"),
        ("atleast2(a AND b)", 9, "atleast counts places"),
        ("title:-a", 6, "NOT title:"),
        ("title:(a lead:b)", 7, "lead: stands inside title:"),
        ("site:(a NEAR/2 b)", 6, "NEAR cannot stand inside site:"),
        ("tag:re:/x/", 4, "compared as a whole"),
        ("re:x", 0, "re: is not followed by a regular expression"),
        ("a re:/(/", 6, ""),
        (r"a re:/\/\/(/", 10, ""),
        ("re:/" + "a" * 1_001 + "/", 1_004, "longer than 1,000 characters"),
    ],
)
def test_operators_are_refused_where_they_mean_nothing(text: str, position: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert says in str(caught.value)


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
        ({"any": ["a"], "all": ["space* operations"], "none": []}, "all[0]", 5),
        ({"any": ["a"], "all": [], "none": ["b", "-c"]}, "not[1]", 0),
        ({"any": ["titel:foo bar"], "all": [], "none": []}, "any[0]", 0),
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
