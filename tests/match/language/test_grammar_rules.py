"""Grammar, what holds for all of it: letter case of operators, limits, binding, counting, what is needed."""

import pytest

from bot.errors import QueryError
from bot.match.advice import advise
from bot.match.query import And, In, Near, Not, NotNear, Or, Word, parse
from tests.build import a_watch
from tests.match.language.reading import found, holds, pointed, refusal, words

A, B, C = Word("a"), Word("b"), Word("c")


# The rule: "Operators are upper case."


@pytest.mark.parametrize(("query", "sign"), [
    ("a and b", "and"), ("a or b", "or"), ("a not b", "not"), ("not a b", "not"), ("a Or b", "Or"), ("a And b", "And"),
])  # fmt: skip
def test_operators_are_upper_case(query: str, sign: str) -> None:
    error = refusal(query)
    assert error.message == "operators are upper case"
    assert pointed(error) == sign
    assert error.hint == f'write {sign.upper()}, or "{sign}" in quotes for the word'


@pytest.mark.parametrize(("query", "sign"), [
    ("a near/5 b", "near/5"), ("a Near/5 b", "Near/5"), ("a onear/5 b", "onear/5"), ("a NOT near/5 b", "near/5"),
    ("a Pre/5 b", "Pre/5"), ("(a near/5 b) OR c", "near/5"),
])  # fmt: skip
def test_operators_of_the_near_family_are_upper_case_too(query: str, sign: str) -> None:
    """But for ``w/5`` and ``pre/5``, which are accepted in either."""
    error = refusal(query)
    assert error.message == "operators are upper case"
    assert pointed(error) == sign
    assert error.hint == f'write {sign.upper()}, or "{sign}" in quotes for the word'


def test_the_words_themselves_are_written_in_quotes() -> None:
    assert found('near "near/5"', "near/5 and near") == ["near", "near/5", "near"]
    assert found('rock "and" roll', "rock and roll") == ["rock", "and", "roll"]
    assert found('"AND" -"OR"', "and") == ["and"]
    assert found('"rock and roll"', "Rock AND Roll") == ["Rock AND Roll"]


def test_a_word_that_only_begins_like_an_operator_is_a_word() -> None:
    assert str(parse("ANDROID ORBIT NOTE NEARBY")) == "ANDROID AND ORBIT AND NOTE AND NEARBY"


# The rule: "A query is at most 16,384 characters and 2,000 terms."


def test_a_query_has_at_most_16384_characters() -> None:
    longest = "a" * 16_384
    assert parse(longest) == Word(longest)
    assert parse(f"a{' ' * 16_382}b") == And((A, B))
    error = refusal("a" * 16_385)
    assert error.message == "the query is longer than 16,384 characters"
    assert error.position == 16_384


@pytest.mark.parametrize("joint", [" ", " OR "])
def test_a_query_has_at_most_2000_terms(joint: str) -> None:
    most = joint.join(["a"] * 2_000)
    parse(most)
    error = refusal(f"{most}{joint}b")
    assert error.message == "the query has more than 2,000 terms"
    assert pointed(error) == "b"


# The rule: "Binding: field prefix > NEAR family > NOT > AND > OR"


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("title:a NEAR/5 b", Near(In("title", A), B, 5)),
        ("title:a b", And((In("title", A), B))),
        ("NOT title:a b", And((Not(In("title", A)), B))),
        ("c NOT a NEAR/5 b", And((C, Not(Near(A, B, 5))))),
        ("-a NEAR/5 b c", And((Not(Near(A, B, 5)), C))),
        ("c a NOT NEAR/5 b", And((C, NotNear(A, B, 5)))),
        ("a NEAR/5 b OR c", Or((Near(A, B, 5), C))),
        ("a NOT b c", And((A, Not(B), C))),
        ("(a -b) OR c", Or((And((A, Not(B))), C))),
    ],
)
def test_a_field_binds_tighter_than_near_near_than_not_and_not_than_and(query: str, tree: object) -> None:
    assert parse(query) == tree


def test_near_does_not_chain_without_parentheses() -> None:
    error = refusal("a NEAR/5 b ONEAR/6 c")
    assert error.message == "NEAR stands twice without parentheses"
    assert pointed(error) == "ONEAR/6"
    assert "(a NEAR/5 b) ONEAR/6 c  or  a NEAR/5 (b ONEAR/6 c)" in error.hint


def test_two_terms_side_by_side_count_as_and_so_that_an_or_beside_them_is_mixed() -> None:
    assert refusal("a b OR c").message == "AND and OR are mixed without parentheses"


# The rule: "NEAR never crosses fields; `atleast` sums title and body; each character of a spaceless run
# counts as one word (for NEAR, `lead` and context)."


@pytest.mark.parametrize(
    "query", ["a NEAR/100 b", "a ONEAR/100 b", "title:a NEAR/100 b", "title:a NEAR/100 body:b"]
)
def test_near_never_crosses_fields(query: str) -> None:
    assert not holds(query, "b", title="a")


def test_not_near_does_not_look_into_the_other_field_either() -> None:
    assert holds("a NOT NEAR/100 b", "a", title="b")


def test_atleast_sums_title_and_body() -> None:
    assert holds("atleast2(a)", "a", title="a")


@pytest.mark.parametrize(("most", "is_found"), [(3, False), (4, True)])
def test_each_character_of_a_spaceless_run_is_a_word_for_near(most: int, is_found: bool) -> None:
    assert holds(f"CSpO NEAR/{most} 作戦", "CSpO連合宇宙作戦") is is_found
    assert holds(f"ไทย NEAR/{most} นาโต", "ไทยกับขอนาโต") is is_found
    assert holds(f"日本 NEAR/{most} 参加", "日本が、ガ か\u3099 ｶﾞ参加") is is_found


def test_a_term_of_a_spaceless_script_counts_as_one_word_itself() -> None:
    assert holds("連合宇宙作戦 NEAR/1 参加", "連合宇宙作戦に参加")


# The rule: "A query, or any branch of an OR, without a positive text term, field or regex is refused"


@pytest.mark.parametrize("query", ["NOT a", "-a -b", "NOT (a b)", "title:(NOT a)", "NOT lang:ja", "-re:/x/"])
def test_a_query_without_a_positive_term_is_refused(query: str) -> None:
    assert refusal(query).message == "nothing to look for: every term is negated"


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("a OR NOT b", "NOT"), ("NOT a OR b", "NOT"), ("a OR -b OR c", "-"), ("a AND (b OR -c)", "-"),
        ("a -(b OR NOT c)", "NOT"), ("a OR (-b -c)", "-"),
    ],
)  # fmt: skip
def test_a_branch_of_or_without_a_positive_term_is_refused(query: str, part: str) -> None:
    error = refusal(query)
    assert error.message == "this branch of OR has no positive term"
    assert query[error.position :].startswith(part)


@pytest.mark.parametrize(
    "query", ["lang:ja", "re:/F-?35/", "url:mil OR site:mil", "AsterX OR tag:space", "tag:space -missile"]
)
def test_a_field_or_a_regular_expression_is_enough_and_a_warning_says_what_it_costs(query: str) -> None:
    """Such a watch is looked at for every article."""
    parse(query)
    (advice,) = advise(a_watch(query))
    assert "looked at for every article" in advice.message


@pytest.mark.parametrize(
    "query", ["AsterX lang:ja", "tag:space AsterX", "re:/F-?35/ AND fighter", "title:AsterX"]
)
def test_beside_a_word_of_the_text_no_warning_is_needed(query: str) -> None:
    assert not advise(a_watch(query))


# What the grammar cannot read points at a character and says what was expected.


@pytest.mark.parametrize(
    ("query", "part", "says"),
    [
        ("(a OR b", "(", 'this "(" is not closed'),
        ("a OR b)", ")", 'this ")" closes nothing'),
        ('a "b c', '"', "this quotation mark is not closed"),
        ("a {b", "{", 'this "{" is not closed'),
        ("a b}", "}", 'this "}" closes nothing'),
        ("a AND AND b", "AND", 'a term is missing before "AND"'),
        ("OR a", "OR", 'a term is missing before "OR"'),
        ("a AND", "", 'a term is missing after "AND"'),
        ("()", ")", 'a term is missing before ")"'),
        ("a, b", ",", 'a "," does not separate terms'),
        ("a && b", "&&", "a term needs a letter or a digit"),
        ("cs(CSpO)", "cs(", 'cs( is not followed by a quoted text and ")"'),
        ("re:F35", "re:", "re: is not followed by a regular expression"),
        ("", "", "the query is empty"),
    ],
)
def test_a_stumble_points_at_its_character(query: str, part: str, says: str) -> None:
    error = refusal(query)
    assert (pointed(error), error.message) == (part, says)


@pytest.mark.parametrize(
    ("query", "sign", "meant"),
    [
        ("（CSpO OR AsterX）", "（", "write ("),
        ("CSpO OR AsterX）", "）", "write )"),
        ("｛CSpO｝", "｛", "write {"),
        ("defen？e", "？", "write ?"),
        ("cooperat＊", "＊", "write *"),
        ("«Aster X»", "«", 'write "'),
        ("「宇宙 作戦」", "「", 'write "'),
        ("a ＯＲ b", "ＯＲ", "write OR"),
    ],
)
def test_signs_of_other_keyboards_are_refused_with_what_is_meant(query: str, sign: str, meant: str) -> None:
    """They would be looked for as they stand, and never found."""
    error = refusal(query)
    assert pointed(error) == sign
    assert error.hint.startswith(meant)


def test_in_quotes_and_braces_they_are_what_they_are() -> None:
    assert found('"「宇宙」" OR {«Aster X»}', "「宇宙」、宇宙 «Aster X» Aster X") == ["「宇宙」", "«Aster X»"]
    assert found(r"re:/（\d+）/", "（24）") == ["（24）"]
    assert found('"a ＯＲ b"', "a or b") == ["a or b"]


def test_a_query_never_means_less_for_being_printed() -> None:
    """The canonical text is what versions, lists and explanations show."""
    query = 'title:("Aster X" OR {AsterX}) (a NEAR/3 b) -atleast2(c OR re:/d\\/e/) lang:ja'
    assert str(parse(query)) == (
        'title:("Aster X" OR {AsterX}) AND a NEAR/3 b AND NOT atleast2(c OR re:/d\\/e/) AND lang:ja'
    )
    assert parse(str(parse(query))) == parse(query)


def test_whatever_is_refused_is_a_query_error_with_its_query() -> None:
    error = refusal(f"{words(3)} OR")
    assert isinstance(error, QueryError)
    assert error.query == "word word word OR"
