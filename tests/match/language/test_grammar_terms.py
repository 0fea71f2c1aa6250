"""Grammar, the terms: whole words, phrases, exact case, wildcards, regular expressions."""

import unicodedata

import pytest

from bot.match.query import parse
from bot.match.tree import DASHES
from tests.match.language.reading import an_article, found, holds, mention_of, pointed, refusal, words

# `satellite`: the whole word, folded


@pytest.mark.parametrize(
    "text", ["satellite", "Satellite", "SATELLITE", "ｓａｔｅｌｌｉｔｅ", "satéllite", "sat\u00adellite"]
)
def test_a_word_is_found_folded(text: str) -> None:
    assert found("satellite", f"the {text} rose") == [text]


@pytest.mark.parametrize("text", ["satellites", "microsatellite", "satellit", "satellite2", "satel lite"])
def test_a_word_is_found_whole_only(text: str) -> None:
    assert found("satellite", f"the {text} rose") == []


# `"space domain awareness"`: these words in this order


def test_a_phrase_is_its_words_in_this_order() -> None:
    assert found('"space domain awareness"', "Space Domain Awareness") == ["Space Domain Awareness"]
    assert found('"space domain awareness"', "space awareness domain, domain space awareness") == []
    assert found('"space domain awareness"', "space and domain awareness") == []


SPACES = [" ", "  ", "\t", "\u00a0", "\u202f", "\u2009", "\u3000", " \u00a0 "]
LINE_ENDS = ["\n", "\r\n", "\n\n", "  \n\t", "\u2028"]
HYPHENS = [*DASHES, " - ", "-\n", " – ", "--"]


@pytest.mark.parametrize("gap", [*SPACES, *LINE_ENDS, *HYPHENS], ids=ascii)
def test_a_phrase_stands_over_any_run_of_spaces_line_ends_hyphens_and_no_break_spaces(gap: str) -> None:
    assert found('"space domain"', f"of space{gap}domain, then") == [f"space{gap}domain"]


SENTENCE_ENDS = [". ", "! ", "? ", "… ", ".\n", "。", "؟ "]
COMMAS = [", ", ",", "; ", ": ", "、", "，", "، "]
BRACKETS = [" (", ") ", " [", "] ", " {", "（", "」", " “", "” "]
OTHERS = ["/", "_", " & ", "+", "'", " • ", "", "\u00ad", "\u200b"]


@pytest.mark.parametrize("gap", [*SENTENCE_ENDS, *COMMAS, *BRACKETS, *OTHERS], ids=ascii)
def test_a_phrase_stands_over_no_sentence_end_comma_or_bracket(gap: str) -> None:
    """Nor over another sign, nor over nothing; where the words do stand together, it is found."""
    assert found('"space domain"', f"of space{gap}domain, then") == []
    assert found('"space domain"', f"space{gap}domain, then space domain") == ["space domain"]


def test_a_phrase_is_verified_on_the_original() -> None:
    """What it writes between its words has to stand there, however the folded text looks."""
    assert found('"Operations (CSpO)"', "Operations (CSpO), Operations CSpO") == ["Operations (CSpO)"]
    assert found('"U.S. Army"', "the U.S. Army, the U S Army") == ["U.S. Army"]
    assert found('"AT&T network"', "AT&T network, AT T network") == ["AT&T network"]


def test_a_hyphen_in_a_phrase_is_a_space_in_the_text_and_the_other_way_round() -> None:
    for query in ('"space-domain awareness"', '"space domain awareness"', '"space – domain awareness"'):
        assert (
            len(found(query, "space-domain awareness; space domain awareness; space–domain awareness")) == 3
        )


def test_a_phrase_never_stands_over_the_end_of_the_title() -> None:
    assert found('"space domain"', "domain", title="space") == []


def test_a_phrase_may_be_written_in_typographic_quotes() -> None:
    for query in ("“space domain”", "„space domain“", '"space domain”'):
        assert found(query, "a space domain") == ["space domain"]


def test_a_star_may_end_a_phrase() -> None:
    """As it may end a word: the last word goes on."""
    query = '"space operat*"'
    assert found(query, "Space operations and a space-operator") == ["Space operations", "space-operator"]
    assert found(query, "space cooperation, spaces operate") == []
    assert pointed(refusal('"space* operations"')) == "*"
    assert "only at the end of a phrase" in str(refusal('"space* operations"'))


# `{CSpO}` or `cs("CSpO")`: letter case and diacritics count


@pytest.mark.parametrize("query", ["{CSpO}", 'cs("CSpO")', "cs('CSpO')", "{ CSpO }"])
def test_an_exact_term_is_written_in_braces_or_in_cs(query: str) -> None:
    assert found(query, "CSPO, CSpO, cspo and CSpOs") == ["CSpO"]


def test_letter_case_and_diacritics_count_in_an_exact_term() -> None:
    assert found("{Défense}", "Défense défense Defense DÉFENSE") == ["Défense"]
    assert found("{Defense}", "Défense Defense") == ["Defense"]
    assert found("{Combined Space}", "Combined-Space, combined Space, Combined\nSpace") == [
        "Combined-Space", "Combined\nSpace",
    ]  # fmt: skip


def test_an_exact_term_is_verified_on_the_original_however_it_is_encoded() -> None:
    text = f"{unicodedata.normalize('NFD', 'Défense')} ＣＳｐＯ CS\u00adpO"
    assert found("{Défense} {CSpO}", text) == ["De\u0301fense", "ＣＳｐＯ", "CS\u00adpO"]


def test_in_a_title_of_capitals_case_carries_no_information() -> None:
    """There an exact term matches folded, diacritics included, and the mention says so."""
    mention = mention_of("{CSpO}", an_article(title="JAPAN JOINS CSPO TALKS"))
    assert mention is not None
    assert [span.all_capitals for span in mention.spans] == [True]
    mention = mention_of("{Défense}", an_article(title="LE MINISTERE DE LA DEFENSE"))
    assert mention is not None
    assert mention.spans[0].all_capitals


@pytest.mark.parametrize(
    ("title", "is_found"),
    [
        ("JAPAN JOINS CSPO TALKS", True),
        ("2ª CITA: ESPAÑA, CSPO Y LA OTAN", True),
        ("Japan Joins CSPO Talks", False),
        ("JAPAN joins CSPO talks", False),
        ("CSPO", False),
        ("CSPO 2027", False),
        ("日本がCSPOに参加", False),
    ],
)
def test_only_a_title_that_is_all_capitals_is_one(title: str, is_found: bool) -> None:
    """The acronym itself proves nothing."""
    assert holds("{CSpO}", title=title) is is_found


def test_capitals_of_the_text_are_no_title_of_capitals() -> None:
    """Neither of the body nor of an address."""
    assert not holds("{CSpO}", "JAPAN JOINS CSPO TALKS")
    assert not holds("url:{CSpO}", url="https://X.EXAMPLE/JAPAN/JOINS/CSPO")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("title:{CSpO}", True),
        ("{CSpO} NEAR/1 talks", True),
        ("atleast2({CSpO} OR {Talks})", True),
        ("japan -{CSpO}", False),
        ("talks NOT NEAR/1 {CSpO}", False),
        ("body:{CSpO}", False),
    ],
)
def test_it_matches_folded_there_in_every_operator(query: str, is_found: bool) -> None:
    assert holds(query, title="JAPAN JOINS CSPO TALKS") is is_found


def test_a_word_that_stands_in_its_own_letters_is_not_marked_as_all_capitals() -> None:
    mention = mention_of("{NATO}", an_article("NATO", title="JAPAN JOINS NATO TALKS"))
    assert mention is not None
    assert [span.all_capitals for span in mention.spans] == [False, False]


# `cooperat*` and `defen?e`


def test_a_star_lets_a_word_go_on() -> None:
    text = "cooperat, Cooperation; coopérative’s uncooperative co-operate"
    assert found("cooperat*", text) == ["cooperat", "Cooperation", "coopérative"]


@pytest.mark.parametrize("query", ["abc*", "né1*", "a?b*", "宇宙戦*", "F-35*"])
def test_a_star_stands_after_three_letters_or_more(query: str) -> None:
    parse(query)


@pytest.mark.parametrize("query", ["a*", "ab*", "né*", "宇宙*", "C++*", "a?*"])
def test_a_star_after_fewer_than_three_letters_is_refused(query: str) -> None:
    error = refusal(query)
    assert "too few letters" in error.message
    assert pointed(error) == "*"
    assert "3 letters or more" in error.hint


def test_a_question_mark_is_exactly_one_letter() -> None:
    text = "defense defence défence defene defenxxe defen1e defen-e defen e"
    assert found("defen?e", text) == ["defense", "defence", "défence"]
    assert found("宇?作戦", "宇宙作戦 宇作戦 宇宙宙作戦") == ["宇宙作戦"]


def test_a_question_mark_is_one_letter_of_the_original() -> None:
    """However folding writes it, and whatever marks it bears."""
    assert found("stra?e", "straße strasse stra\u0301ße") == ["straße", "stra\u0301ße"]
    assert found("Ast?rX", "AstérX Aste\u0301rX Aste\u0301\u0323rX") == [
        "AstérX", "Aste\u0301rX", "Aste\u0301\u0323rX",
    ]  # fmt: skip


def test_both_wildcards_may_stand_in_one_word() -> None:
    assert found("organi?ation*", "organisational organizations organiation") == [
        "organisational",
        "organizations",
    ]


@pytest.mark.parametrize(
    ("query", "sign"), [("*craft", "*"), ("?efense", "?"), ("a AND *b", "*"), ("*", "*")]
)
def test_no_wildcard_leads(query: str, sign: str) -> None:
    error = refusal(query)
    assert error.message == "a word cannot begin with a wildcard"
    assert pointed(error) == sign


@pytest.mark.parametrize("query", ["sp*ce", "{CSpO*}", "{defen?e}", '"space defen?e"', '"* space"'])
def test_a_wildcard_that_would_mean_nothing_is_refused(query: str) -> None:
    error = refusal(query)
    assert "wildcard" in error.message
    assert pointed(error) in ("*", "?")


# `re:/…/`


def test_a_regular_expression_runs_on_the_original_text() -> None:
    """Nothing is folded for it."""
    assert found(r"re:/défen[sc]e/", "défense defense De\u0301fense DÉFENSE") == ["défense"]
    assert found(r"re:/co.op/", "co\u00adop coop") == ["co\u00adop"]
    assert found(r"re:/A\s+B/", "A \n B", title="A B") == ["A B", "A \n B"]


def test_a_regular_expression_is_case_sensitive_unless_it_says_otherwise() -> None:
    assert found(r"re:/[A-Z]+-\d\d/", "SU-57 su-57") == ["SU-57"]
    assert found(r"re:/(?i)su-\d\d/", "SU-57 su-57 Su-57") == ["SU-57", "su-57", "Su-57"]


def test_a_slash_in_a_regular_expression_is_escaped() -> None:
    assert found(r"re:/\d+ km\/h/", "at 90 km/h") == ["90 km/h"]
    assert found(r"re:/[\/]\d/ OR other", "and/or 1/2") == ["/2"]
    assert str(parse(r"re:/a\/b/")) == r"re:/a\/b/"


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("AsterX", True), ("AsterX-24", True), ("_AsterX_", True), ("日本のAsterXに", True), ("«AsterX»", True),
        ("AsterX24", False), ("AsterXs", False), ("ÄAsterXÄ", False), ("éAsterX", False), ("AsterXж", False),
    ],
)  # fmt: skip
def test_the_word_boundary_of_a_regular_expression_is_that_of_the_language(text: str, is_found: bool) -> None:
    r"""``\b`` knows letters of every script, and the underscore is a boundary."""
    assert holds(r"re:/\bAsterX\b/", text) is is_found


def test_the_word_boundary_consumes_nothing() -> None:
    """Two neighbours share the blank between them."""
    assert found(r"re:/\bx\b/", "x x x") == ["x", "x", "x"]
    assert found(r"re:/\bétat\b/", "l'état, étatique") == ["état"]


@pytest.mark.parametrize(
    ("query", "part", "says"),
    [
        ("AsterX re:/a(b/", "(", "never closed"),
        (r"re:/(\w+) \1/", r"\1", "back-references"),
        ("re:/(?=x)y/", "(?=", "look-ahead"),
        ("re:/(?<!x)y/", "(?<!", "look-behind"),
        ("re:/x{2000}/", "{2000}", "1,000"),
        ("re://", "/", "empty"),
    ],
)
def test_what_the_linear_time_engine_does_not_compile_is_refused_at_its_place(
    query: str, part: str, says: str
) -> None:
    error = refusal(query)
    assert pointed(error) == part
    assert says in f"{error.message} {error.hint}"


def test_a_regular_expression_has_at_most_1000_characters() -> None:
    assert found(f"re:/{'a' * 1_000}/", "a" * 1_000) == ["a" * 1_000]
    assert found(rf"re:/{chr(92)}/{'a' * 999}/", "/" + "a" * 999) == ["/" + "a" * 999]
    error = refusal(f"re:/{'a' * 1_001}/")
    assert "longer than 1,000 characters" in error.message
    assert error.position == len("re:/") + 1_000


def test_a_regular_expression_takes_linear_time() -> None:
    """The engines that go back would not come to an end here."""
    assert found(r"re:/(?:a+)+b/", "a" * 200_000) == []
    assert found(r"re:/(?:a|aa)*c/", "a" * 100_000) == []


def test_question_marks_and_symbols_are_verified_on_the_original_wherever_a_piece_is_found() -> None:
    """The longest literal piece only leads there."""
    assert found("d?f?nsive*", "defensively, dXfYnsive, dfnsive, d-f-nsive") == ["defensively", "dXfYnsive"]
    assert found("C++", f"{words(50, 'C')} C+ C++ C+++") == ["C++"]
    assert found("AT&T", "AT T, AT & T, AT&T, AT-T") == ["AT&T"]
