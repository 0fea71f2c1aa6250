"""Grammar, the operators: AND, OR, NOT, parentheses, the NEAR family, atleast."""

import pytest

from bot.match.query import parse
from tests.match.language.reading import found, holds, pointed, refusal, words

# `a AND b`, `a b`; `a OR b`; `NOT a`, `-a`


@pytest.mark.parametrize("query", ["alpha AND beta", "alpha beta", "alpha\nbeta", "(alpha) (beta)"])
def test_and_is_both_anywhere_in_the_article(query: str) -> None:
    assert holds(query, f"beta {words(500)} alpha")
    assert holds(query, "beta", title="alpha")
    assert not holds(query, "alpha alpha")


def test_or_is_either() -> None:
    assert [holds("alpha OR beta", text) for text in ("alpha", "beta", "alpha beta", "gamma")] == [
        True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query", ["alpha NOT beta", "alpha AND NOT beta", "alpha -beta", "-beta alpha", "NOT beta alpha"]
)
def test_not_is_absent_from_the_whole_article(query: str) -> None:
    assert holds(query, "alpha")
    assert not holds(query, f"alpha {words(500)} beta")
    assert not holds(query, "alpha", title="Beta")
    assert not holds(query, "gamma")


def test_a_minus_negates_whatever_stands_directly_behind_it() -> None:
    assert str(parse('a -b -"c d" -{E} -(f OR g) -title:h -re:/i/')) == (
        'a AND NOT b AND NOT "c d" AND NOT {E} AND NOT (f OR g) AND NOT title:h AND NOT re:/i/'
    )
    assert pointed(refusal("alpha - beta")) == "-"


def test_a_hyphen_inside_a_word_negates_nothing() -> None:
    assert str(parse("anti-satellite F-35")) == "anti-satellite AND F-35"
    assert found("anti-satellite", "an anti-satellite test, a satellite") == ["anti-satellite"]


def test_a_group_may_be_negated_and_hold_a_negation() -> None:
    assert [holds("a -(b c)", text) for text in ("a b", "a c", "a b c")] == [True, True, False]
    assert [holds("a NOT (b NOT c)", text) for text in ("a", "a b", "a b c")] == [True, False, True]


def test_what_is_negated_twice_is_refused() -> None:
    for query in ("a NOT NOT b", "a -(-b)", "a NOT (NOT b)"):
        assert refusal(query).message == "what is negated is negated already"


# `( … )`


def test_parentheses_group() -> None:
    texts = ("a", "a b", "a c", "b c")
    assert [holds("a AND (b OR c)", text) for text in texts] == [False, True, True, False]
    assert [holds("(a AND b) OR c", text) for text in texts] == [False, True, True, True]


@pytest.mark.parametrize(
    ("query", "sign", "readings"),
    [
        ("a OR b AND c", "AND", ("a OR (b AND c)", "(a OR b) AND c")),
        ("a AND b OR c", "OR", ("(a AND b) OR c", "a AND (b OR c)")),
        ("a b OR c", "OR", ("(a AND b) OR c", "a AND (b OR c)")),
        ("a OR b c", "c", ("a OR (b AND c)", "(a OR b) AND c")),
        ("a OR b -c", "-", ("a OR (b AND NOT c)", "(a OR b) AND NOT c")),
        ("x AND (a OR b c)", "c", ("a OR (b AND c)", "(a OR b) AND c")),
        ("title:(a b OR c)", "OR", ("(a AND b) OR c", "a AND (b OR c)")),
    ],
)
def test_and_and_or_mixed_on_one_level_are_an_error_that_prints_both_readings(
    query: str, sign: str, readings: tuple[str, str]
) -> None:
    """Professional tools disagree on the precedence, so nobody guesses here."""
    error = refusal(query)
    assert error.message == "AND and OR are mixed without parentheses"
    assert pointed(error) == sign
    assert all(reading in error.hint for reading in readings)
    for reading in readings:
        parse(reading)


# `a NEAR/5 b`


def apart(between: int, first: str = "a", second: str = "b") -> str:
    """Return a text with so many words between two others."""
    return f"{words(9, 'x')} {first} {words(between)} {second} {words(9, 'x')}"


@pytest.mark.parametrize("most", [1, 5, 100])
def test_near_is_at_most_so_many_words_between_them_in_any_order(most: int) -> None:
    query = f"a NEAR/{most} b"
    for between, expected in ((0, True), (1, True), (most, True), (most + 1, False)):
        assert holds(query, apart(between)) is expected
        assert holds(query, apart(between, "b", "a")) is expected


def test_near_counts_words_and_neither_signs_nor_line_ends() -> None:
    assert holds("a NEAR/1 b", "a – «word», …\n\n – b")
    assert holds("a NEAR/1 b", "a co\u00adope\u00adration b")
    assert not holds("a NEAR/1 b", "a one-two b")
    assert not holds("a NEAR/1 b", "a one_two b")


def test_near_is_in_the_same_field() -> None:
    assert not holds("a NEAR/100 b", "b", title="a")
    assert holds("a NEAR/100 b", "x", title="a b")
    assert holds("a NEAR/100 b", "b a", title="a")


def test_a_phrase_counts_as_one_word_for_near() -> None:
    assert holds('"one two three" NEAR/1 b', "one two three word b")
    assert holds('b NEAR/1 "one two three"', "b word one two three")
    assert not holds('"one two three" NEAR/1 b', "one two three word word b")


def test_operands_of_near_may_be_or_groups() -> None:
    query = '(a OR "one two") NEAR/2 (b OR c)'
    assert holds(query, "one two word word c")
    assert holds(query, "b a")
    assert not holds(query, "one two word word word c")
    assert not holds(query, "a one two")


@pytest.mark.parametrize("operand", ["cooperat*", "defen?e", "{CSpO}", "re:/F-?35/", "C++", "(a NEAR/2 b)"])
def test_any_term_may_stand_beside_near(operand: str) -> None:
    text = "cooperation, defence, CSpO, F35, C++, a b"
    assert holds(f"{operand} NEAR/9 end", f"{text} end")
    assert not holds(f"{operand} NEAR/9 end", f"{text} {words(12)} end")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("(b AND c) NEAR/5 a", "AND cannot stand beside NEAR"),
        ("a NEAR/5 (b OR (c d))", "AND cannot stand beside NEAR"),
        ("a NEAR/5 NOT b", '"NOT" cannot stand after NEAR/5'),
        ("a NEAR/5 -b", '"-" cannot stand after NEAR/5'),
        ("a NEAR/5 (NOT b)", "NOT cannot stand beside NEAR"),
        ("a NEAR/5 atleast2(b)", "atleast cannot stand beside NEAR"),
        ("a NEAR/5 url:b", "url: cannot stand beside NEAR"),
        ("lang:ja NEAR/5 b", "lang: cannot stand beside NEAR"),
    ],
)
def test_what_stands_at_no_place_of_the_text_cannot_stand_beside_near(query: str, says: str) -> None:
    error = refusal(query)
    assert error.message == says
    assert error.hint


@pytest.mark.parametrize("number", ["0", "101", "1000", "-1", "x", "1.5", "５"])
def test_the_number_of_near_is_from_1_to_100(number: str) -> None:
    for sign in ("NEAR", "ONEAR", "NOT NEAR"):
        error = refusal(f"a {sign}/{number} b")
        assert error.message == f"the number of {sign} is from 1 to 100"
        assert pointed(error) == f"{sign}/{number}"


@pytest.mark.parametrize("sign", ["NEAR", "ONEAR", "NOT NEAR", "NOT ONEAR"])
def test_bare_near_is_refused_with_a_hint(sign: str) -> None:
    error = refusal(f"a {sign} b")
    assert error.message == f"{sign} needs a number"
    assert error.hint == f"write the words that may stand between: {sign}/5"
    assert pointed(error) == sign


def test_w_is_accepted_for_near_and_pre_for_onear() -> None:
    assert parse("a w/5 b") == parse("a W/5 b") == parse("a NEAR/5 b")
    assert parse("a pre/5 b") == parse("a PRE/5 b") == parse("a ONEAR/5 b")
    assert parse("a NOT w/5 b") == parse("a NOT NEAR/5 b")
    assert parse("a NOT pre/5 b") == parse("a NOT ONEAR/5 b")


def test_places_that_near_joins_do_not_overlap() -> None:
    assert not holds('space NEAR/3 "space operations"', "the space operations")
    assert holds('space NEAR/3 "space operations"', "space operations in space")
    assert not holds("a NEAR/3 a", "a")
    assert holds("a NEAR/3 a", "a a")


def test_what_near_joins_may_be_joined_again_in_parentheses() -> None:
    """The stretch from one to the other counts as one word."""
    assert holds("(a NEAR/2 b) NEAR/1 c", "a word word b word c")
    assert not holds("(a NEAR/2 b) NEAR/1 c", "a word word b word word c")
    assert not holds("(a NEAR/2 b) NEAR/1 c", "a c b")


# `a ONEAR/5 b`


def test_onear_is_near_in_this_order() -> None:
    assert holds("a ONEAR/5 b", apart(5))
    assert not holds("a ONEAR/5 b", apart(6))
    assert not holds("a ONEAR/5 b", apart(5, "b", "a"))
    assert holds("a ONEAR/5 b", "b a b")


# `a NOT NEAR/8 b`


def test_not_near_is_an_occurrence_without_the_other_within_so_many_words() -> None:
    for between, expected in ((0, False), (8, False), (9, True)):
        assert holds("a NOT NEAR/8 b", apart(between)) is expected
        assert holds("a NOT NEAR/8 b", apart(between, "b", "a")) is expected


def test_not_near_is_judged_per_occurrence_and_not_per_article() -> None:
    text = f"Aster X missiles. {words(20)} The exercise Aster X began. {words(20)} The SAMP/T with Aster X."
    query = '"Aster X" NOT NEAR/8 (missile* OR "SAMP/T")'
    assert found(query, text) == ["Aster X"]
    assert holds(query, "Aster X missiles", title="Aster X begins")
    assert not holds(query, "Aster X missiles", title="SAMP/T and Aster X")


def test_a_place_of_the_right_side_that_overlaps_counts_for_not_near() -> None:
    assert not holds('space NOT NEAR/2 "space operations"', "space operations")
    assert found('space NOT NEAR/2 "space operations"', f"space operations {words(3)} space") == ["space"]


def test_of_not_near_with_itself_a_place_is_no_other_place() -> None:
    assert holds("a NOT NEAR/3 a", "a")
    assert not holds("a NOT NEAR/3 a", "a word a")
    assert holds("a NOT NEAR/3 a", f"a {words(4)} a")


def test_for_not_onear_only_what_comes_behind_counts() -> None:
    assert holds("a NOT ONEAR/3 b", "b a")
    assert not holds("a NOT ONEAR/3 b", "a word b")


def test_not_near_may_be_negated_and_then_asks_that_no_place_stands_alone() -> None:
    query = "c NOT (a NOT NEAR/2 b)"
    assert holds(query, "c")
    assert holds(query, "c a b")
    assert not holds(query, f"c a b {words(5)} a")


# `atleast3(…)`


def test_atleast_counts_occurrences_in_the_article() -> None:
    query = "atleast3(AsterX OR ASTERX)"
    assert not holds(query, "AsterX, ASTERX")
    assert holds(query, "AsterX, ASTERX, asterx")
    assert holds('atleast2("space domain")', "a space domain, a space-domain")
    assert holds("atleast1(a)", "a")


@pytest.mark.parametrize(("title", "text"), [("a", "a a"), ("a a a", ""), ("", "a a a"), ("a a", "a")])
def test_atleast_sums_title_and_body(title: str, text: str) -> None:
    assert holds("atleast3(a)", text, title=title)
    assert not holds("atleast4(a)", text, title=title)


def test_atleast_counts_places_that_overlap_once() -> None:
    assert not holds('atleast2("space domain" OR domain)', "a space domain")
    assert not holds('atleast2("a b" OR "b c")', "a b c")
    assert holds('atleast2("a b" OR "b c")', "a b b c")


def test_atleast_may_be_negated_and_counted_in_one_field() -> None:
    assert [holds("c -atleast2(a)", text) for text in ("c", "c a", "c a a")] == [True, True, False]
    assert not holds("title:atleast2(a)", "a a", title="a")
    assert holds("title:atleast2(a)", "", title="a a")
    assert holds("atleast2(title:a OR lead:b)", "b", title="a")


def test_atleast_counts_what_near_joins_and_what_not_near_leaves() -> None:
    assert holds("atleast2(a NEAR/1 b)", f"a b {words(9)} b a")
    assert not holds("atleast2(a NEAR/1 b)", f"a b {words(9)} a")
    assert holds("atleast2(a NOT NEAR/1 b)", "a b a x x a x x a")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("atleast(a)", "needs a number"),
        ("atleast0(a)", "from 1 to 1,000"),
        ("atleast1001(a)", "from 1 to 1,000"),
        ("atleast2(a b)", "counts places of terms"),
        ("atleast2(a OR NOT b)", "no positive term"),
        ("atleast2(atleast2(a))", "counts places of terms"),
        ("atleast2(url:a)", "counts places of terms"),
        ("atleast2()", "missing"),
    ],
)
def test_what_atleast_cannot_count_is_refused(query: str, says: str) -> None:
    assert says in refusal(query).message
