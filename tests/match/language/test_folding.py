"""Folding: both sides are brought into one form, and spans stay where the reader sees them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.matcher import compile as compile_watches
from bot.model import Watch
from tests.match.language.reading import an_article, found, holds, mention_of
from tests.match.strategies import any_text

# The rule: "Both sides are folded the same way before comparison"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡｓｔｅｒＸ", "AsterX"),
        ("straße", "STRASSE"),
        ("STRAẞE", "strasse"),
        ("İSTANBUL", "istanbul"),
        ("ISPARTA", "ısparta"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("Défense", "defense"),
        ("De\u0301fense", "Défense"),
        ("Łódź", "lodz"),
        ("Αθήνα", "αθηνα"),
        ("ёлка", "ЕЛКА"),
        ("O’Neill", "O'Neill"),
        ("F–35", "F-35"),
        ("co\u00adoperation", "cooperation"),
        ("Aster\u200bX", "AsterX"),
        ("\u202bAsterX\u202c", "AsterX"),
        ("ｶﾞｽ", "ガス"),
        ("か\u3099", "が"),
        ("ﬁnal", "FINAL"),
    ],
    ids=ascii,
)
def test_both_sides_are_folded_the_same_way(one: str, other: str) -> None:
    """Whichever of the two spellings the query has, and whichever the text."""
    for query, text in ((one, other), (other, one)):
        assert holds(query, f"the {text} rose"), (query, text)
        assert holds(query, title=text), (query, text)
        assert holds(f'"the {query} rose"', f"the {text} rose"), (query, text)


# The rule: "Unicode NFKC (full-width = AsterX), full case folding (ß = ss, Turkish i, ς = σ)"


def test_width_and_compatibility_are_folded() -> None:
    assert found("AsterX", "ＡｓｔｅｒＸ 𝐀𝐬𝐭𝐞𝐫𝐗 Ⓐⓢⓣⓔⓡⓧ ᴬˢᵗᵉʳX") == [
        "ＡｓｔｅｒＸ",
        "𝐀𝐬𝐭𝐞𝐫𝐗",
        "Ⓐⓢⓣⓔⓡⓧ",
        "ᴬˢᵗᵉʳX",
    ]
    assert found("2027", "２０２７ ²⁰²⁷") == ["２０２７", "²⁰²⁷"]


def test_case_is_folded_fully() -> None:
    assert found("straße", "Straße STRASSE strasse STRAẞE") == ["Straße", "STRASSE", "strasse", "STRAẞE"]
    assert found("istanbul", "İstanbul ISTANBUL ıstanbul i\u0307stanbul") == [
        "İstanbul", "ISTANBUL", "ıstanbul", "i\u0307stanbul",
    ]  # fmt: skip
    assert found("οδυσσεύς", "ΟΔΥΣΣΕΥΣ Οδυσσεύς οδυσσεύσ") == ["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς", "οδυσσεύσ"]


# The rule: "diacritics removed for Latin, Greek and Cyrillic; {Défense} is exact"


def test_diacritics_are_removed_for_latin_greek_and_cyrillic() -> None:
    assert found("defense", "Défense DÉFENSE De\u0301fense d\u0323efense") == [
        "Défense", "DÉFENSE", "De\u0301fense", "d\u0323efense",
    ]  # fmt: skip
    assert holds("Nguyen Thi", "Nguyễn Thị")
    assert holds("Ελλαδα", "στην Ελλάδα")
    assert found("йошкар", "Йошкар Иошкар") == ["Йошкар", "Иошкар"]


def test_in_braces_diacritics_count() -> None:
    assert found("{Défense}", "Défense Defense défense") == ["Défense"]


@pytest.mark.parametrize(
    ("one", "other"), [("か", "が"), ("ハ", "バ"), ("ハ", "パ"), ("क", "ख"), ("ก่", "ก้"), ("أ", "ا")]
)
def test_voicing_marks_tones_and_letters_of_other_scripts_are_no_diacritics(one: str, other: str) -> None:
    assert not holds(one, other)
    assert not holds(other, one)
    assert holds(one, one)


def test_half_width_kana_are_kana() -> None:
    assert found("ガス", "天然ｶﾞｽ田と天然ガス田、天然ｶｽ田") == ["ｶﾞｽ", "ガス"]
    assert found("ﾚｰﾀﾞｰ", "新型レーダー") == ["レーダー"]


# The rule: "curly quotes and all dashes made plain, soft hyphens, zero-width characters and bidi marks
# dropped"


@pytest.mark.parametrize("quote", ["’", "‘", "ʼ", "′", "`", "´", "＇"])
def test_curly_quotes_are_made_plain(quote: str) -> None:
    assert found("O'Neill", f"the O{quote}Neill cylinder") == [f"O{quote}Neill"]
    assert found(f"O{quote}Neill", "the O'Neill cylinder") == ["O'Neill"]


@pytest.mark.parametrize("dash", ["-", "‐", "‑", "‒", "–", "—", "―", "−", "﹣", "－", "־"])
def test_all_dashes_are_made_plain(dash: str) -> None:
    assert found("F-35", f"an F{dash}35 jet") == [f"F{dash}35"]
    assert found("{F-35}", f"an F{dash}35 jet") == [f"F{dash}35"]


@pytest.mark.parametrize(
    "unseen", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u200e", "\u202a", "\u2066"]
)
def test_soft_hyphens_zero_width_characters_and_bidi_marks_are_looked_through(unseen: str) -> None:
    """In a word, a phrase, an exact term, beside a symbol; the span covers them."""
    text = f"Aster{unseen}X, C{unseen}++ and space{unseen} {unseen}domain"
    assert found("AsterX", text) == [f"Aster{unseen}X"]
    assert found("{AsterX}", text) == [f"Aster{unseen}X"]
    assert found("Aster?", text) == [f"Aster{unseen}X"]
    assert found("C++", text) == [f"C{unseen}++"]
    assert found('"space domain"', text) == [f"space{unseen} {unseen}domain"]


# The rule: "Terms with symbols (C++, AT&T, .NET) are verified on the original text."


@pytest.mark.parametrize(
    ("query", "text", "stretches"),
    [
        ("C++", "C++, c++; C, C+, C+++ and C ++", ["C++", "c++"]),
        ("AT&T", "AT&T, at&t, ＡＴ＆Ｔ; AT T, AT-T, AT & T", ["AT&T", "at&t", "ＡＴ＆Ｔ"]),
        (".NET", ".NET, .net; NET, ..NET", [".NET", ".net"]),
        ("SAMP/T", "SAMP/T; SAMP-T, SAMP T", ["SAMP/T"]),
        ("#AsterX", "#AsterX; AsterX, ##AsterX", ["#AsterX"]),
        ("C#", "C#, C", ["C#"]),
        ("10:30", "10:30; 10.30, 10-30", ["10:30"]),
        ("$100", "$100; 100, €100", ["$100"]),
    ],
)
def test_symbols_of_a_term_are_verified_on_the_original(query: str, text: str, stretches: list[str]) -> None:
    assert found(query, text) == stretches


def test_symbols_that_the_term_does_not_have_do_not_matter() -> None:
    assert found("C", "C++ and C") == ["C", "C"]
    assert found("NET", ".NET") == ["NET"]


# The rule: "Two- to four-letter acronyms also find their dotted form"


@pytest.mark.parametrize(
    ("query", "text", "stretches"),
    [
        ("EU", "the E.U. and the EU, E.U", ["E.U.", "EU", "E.U"]),
        ("USA", "U.S.A.", ["U.S.A."]),
        ("NATO", "N.A.T.O. said", ["N.A.T.O."]),
        ("{EU}", "E.U. e.u. EU eu", ["E.U.", "EU"]),
        ('"EU summit"', "an E.U. summit", ["E.U. summit"]),
        ("title:EU OR EU", "Ｅ．Ｕ．", ["Ｅ．Ｕ．"]),
    ],
)
def test_acronyms_of_two_to_four_letters_find_their_dotted_form(
    query: str, text: str, stretches: list[str]
) -> None:
    assert found(query, text) == stretches


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("E", "E. U."),
        ("OTANX", "O.T.A.N.X."),
        ("Eu", "E.U."),
        ("EU", "the D.E.U. and the E.U.A."),
        ("EU", "E. U."),
    ],
)
def test_nothing_else_finds_dots_between_its_letters(query: str, text: str) -> None:
    """No longer word, no word in small letters, no part of a longer acronym."""
    assert not any("." in stretch for stretch in found(query, text))


# The rule: "Offsets of a span are code-point offsets, half-open, into the stored title or text"


def test_offsets_are_code_points_of_the_stored_text() -> None:
    text = "🚀 İstanbul’da ﬁnal, ＡｓｔｅｒＸ\u00ad–24 de\u0301fense"
    mention = mention_of("istanbul OR final OR asterx OR defense", an_article(text, title="Ⅻ ＡｓｔｅｒＸ"))
    assert mention is not None
    assert [(span.field, span.start, span.end) for span in mention.spans] == [
        ("title", 2, 8), ("body", 2, 10), ("body", 14, 18), ("body", 20, 26), ("body", 31, 39),
    ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(any_text, any_text, st.sampled_from(["AsterX", "straße", "ガス", "C++", "{Défense}", '"a b"']))
def test_a_span_never_indexes_the_folded_text(before: str, after: str, term: str) -> None:
    """Whatever stands around it: folded by itself, the stretch of a span is the term."""
    plain = term.strip('{}"')
    article = an_article(f"{before} \n{plain}\n {after}")
    mentions = compile_watches([Watch(key="w", query=term)]).find(article)
    assert mentions
    place = len(before) + 2
    assert (place, place + len(plain)) in {(span.start, span.end) for span in mentions[0].spans}
    for span in mentions[0].spans:
        assert holds(term, article.text[span.start : span.end])


# The rule: "A word boundary stands where a letter or digit meets anything that is neither"


@pytest.mark.parametrize(
    "text",
    ["AsterX-24", "AsterX's", "AsterX’s", "(AsterX)", "#AsterX", "AsterX,", "«AsterX»", "x/AsterX", "AsterX…", "🚀AsterX🚀",
     "AsterX™", "@AsterX", "AsterX\n", "\u00a0AsterX\u2003"],
)  # fmt: skip
def test_a_word_ends_where_a_letter_or_digit_meets_anything_that_is_neither(text: str) -> None:
    assert found("AsterX", text) == ["AsterX"]


@pytest.mark.parametrize(
    "text", ["AsterX24", "24AsterX", "AsterXs", "xAsterX", "AsterXé", "AsterX²", "ЖAsterX"]
)
def test_a_letter_or_digit_continues_a_word(text: str) -> None:
    assert found("AsterX", text) == []


def test_after_a_star_the_word_may_go_on() -> None:
    assert found("AsterX*", "AsterX24 AsterX AsterXs") == ["AsterX24", "AsterX", "AsterXs"]


def test_the_underscore_is_a_boundary() -> None:
    assert found("AsterX", "AsterX_24 _AsterX_ x_AsterX") == ["AsterX", "AsterX", "AsterX"]


# The rule: "Han, kana, Hangul, Thai, Lao, Khmer and Myanmar text has no spaces"


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("宇宙作戦", "連合宇宙作戦本部"),
        ("レーダー", "新型レーダー網"),
        ("うちゅう", "だいうちゅうせん"),
        ("한국", "남한국은"),
        ("กองทัพ", "ผู้บัญชาการกองทัพอากาศ"),
        ("ລາວ", "ປະເທດລາວນີ້"),
        ("កម្ពុជា", "ព្រះរាជាណាចក្រកម្ពុជា"),
        ("မြန်မာ", "ပြည်မြန်မာနိုင်ငံ"),
        ("한국", unicodedata.normalize("NFD", "남한국은")),
    ],
    ids=ascii,
)
def test_a_term_of_a_script_without_spaces_matches_as_a_substring(term: str, text: str) -> None:
    (stretch,) = found(term, text)
    assert unicodedata.normalize("NFC", stretch) == term


@pytest.mark.parametrize(
    "text",
    ["日本がCSpOに参加", "한국CSpO회의", "ไทยCSpOไทย", "ລາວCSpOລາວ", "ខ្មែរCSpOខ្មែរ", "မြန်မာCSpOမြန်မာ"],
    ids=ascii,
)
def test_a_latin_term_borders_freely_on_them(text: str) -> None:
    assert found("CSpO", text) == ["CSpO"]
    assert found("{CSpO}", text) == ["CSpO"]
    assert found("CSpO*", text) == ["CSpO"]


def test_a_latin_term_is_found_whole_among_them_all_the_same() -> None:
    assert found("CSpO", "日本がCSpOCに参加") == []


def test_a_term_of_both_kinds_of_script_is_one_term() -> None:
    assert found("日本CSpO", "日本CSpO会合、日本 CSpO") == ["日本CSpO", "日本 CSpO"]
