"""What stands in a text: words, phrases, exact case, symbols, acronyms, prefixes, in every script."""

import unicodedata

import pytest

from bot.match.matcher import compile as compile_watches
from bot.model import Article, Span, Watch


def spans(query: str, text: str = "", title: str = "") -> list[Span]:
    article = Article(url="https://ledger.example/one", title=title, text=text)
    mentions = compile_watches([Watch(key="w", query=query)]).find(article)
    return [span for mention in mentions for span in mention.spans]


def found(query: str, text: str) -> list[str]:
    """The stretches of the text that the query finds."""
    return [text[span.start : span.end] for span in spans(query, text)]


@pytest.mark.parametrize(
    ("text", "query", "stretches"),
    [
        ("the AsterX 24 exercise", "AsterX", ["AsterX"]),
        ("named after Asterix", "AsterX", []),
        ("CSPO training", "{CSpO}", []),
        ("CSpOC", "CSpO", []),
        ("CSpOC", "CSpO*", ["CSpOC"]),
        ("the crisis", "ISIS", []),
        ("連合宇宙作戦（CSpO）イニシアチブ", "CSpO AND 連合宇宙作戦", ["連合宇宙作戦", "CSpO"]),
        ("in co\u00adop\u00aderation with", "cooperation", ["co\u00adop\u00aderation"]),
        (
            "Combined\u00a0Space  Operations",
            '"Combined Space Operations"',
            ["Combined\u00a0Space  Operations"],
        ),
        ("Five Eyes alliance–the", "alliance", ["alliance"]),
        ("STRASSE", "straße", ["STRASSE"]),
    ],
)
def test_the_worked_cases(text: str, query: str, stretches: list[str]) -> None:
    assert found(query, text) == stretches


@pytest.mark.parametrize(
    "text",
    [
        "AsterX-24",
        "AsterX's",
        "AsterX’s",
        "(AsterX)",
        "#AsterX",
        "AsterX,",
        "x_AsterX_y",
        "AsterX™",
        "日本のAsterXに",
    ],
)
def test_a_word_is_found_between_whatever_is_no_letter_or_digit(text: str) -> None:
    assert found("AsterX", text) == ["AsterX"]


def test_a_digit_or_letter_continues_a_word() -> None:
    assert found("AsterX", "AsterX24 AsterXs") == []
    assert found("AsterX*", "AsterX24 AsterXs, xAsterX") == ["AsterX24", "AsterXs"]


@pytest.mark.parametrize(
    "gap", [" ", "   ", "\n", "\r\n", " \n\t", "\u00a0", "\u202f", "\u3000", "-", "\u2011", "–", " - ", "-\n"]
)
def test_a_phrase_spans_blanks_line_ends_and_hyphens(gap: str) -> None:
    text = f"the combined{gap}space{gap}operations initiative"
    assert found('"Combined Space Operations"', text) == [f"combined{gap}space{gap}operations"]


@pytest.mark.parametrize(
    "gap", [". ", ", ", "; ", ": ", "! ", "? ", " (", ") ", "/", "_", "… ", ".\n", "。", " “", "+", "'"]
)
def test_a_phrase_spans_no_sentence_end_comma_or_bracket(gap: str) -> None:
    assert found('"space operations"', f"of space{gap}operations") == []


def test_a_phrase_may_end_and_begin_where_another_begins_and_ends() -> None:
    assert found('"a b" OR "b c" OR "a b c"', "a b c") == ["a b", "a b c", "b c"]


def test_the_title_and_the_text_never_mix() -> None:
    assert spans('"space operations"', title="Combined Space", text="Operations began") == []
    (title, body) = spans("AsterX", title="On AsterX", text="AsterX began")
    assert (title.field, title.start, title.end) == ("title", 3, 9)
    assert (body.field, body.start, body.end) == ("body", 0, 6)


@pytest.mark.parametrize(
    ("query", "text", "stretches"),
    [
        ("C++", "C++, C, C+ and C+++; C++17", ["C++", "C++"]),
        ("C", "C++ and C", ["C", "C"]),
        (".NET", "ASP.NET, .net, NET and . NET", [".NET", ".net"]),
        ("AT&T", "AT&T, AT & T, AT-T, ＡＴ＆Ｔ", ["AT&T", "ＡＴ＆Ｔ"]),
        ('"SAMP/T"', "SAMP/T, SAMP T, samp/t", ["SAMP/T", "samp/t"]),
        ("O'Neill", "O’Neill, O'Neill, ONeill, O Neill", ["O’Neill", "O'Neill"]),
        ('"Ben & Jerry"', "Ben & Jerry, Ben&Jerry, Ben and Jerry", ["Ben & Jerry"]),
        ("#AsterX", "#AsterX AsterX", ["#AsterX"]),
        ("F-35", "F-35, F–35, F‑35, F 35, F35, F/35", ["F-35", "F–35", "F‑35", "F 35"]),
        ("U.S.", "U.S. and US", ["U.S."]),
        ("10:30", "at 10:30 or 10.30", ["10:30"]),
    ],
)
def test_symbols_are_verified_on_the_original(query: str, text: str, stretches: list[str]) -> None:
    assert found(query, text) == stretches


@pytest.mark.parametrize(
    ("query", "text", "stretches"),
    [
        ("{CSpO}", "CSpO CSPO cspo ＣＳｐＯ CS\u00adpO", ["CSpO", "ＣＳｐＯ", "CS\u00adpO"]),
        ("{Défense}", "Défense De\u0301fense Defense défense", ["Défense", "De\u0301fense"]),
        ("{Defense}", "Défense Defense", ["Defense"]),
        ('cs("Aster X")', "Aster X, Aster-X, aster x", ["Aster X", "Aster-X"]),
        ("{straße}", "straße strasse STRASSE", ["straße"]),
        ("{AT&T}", "AT&T at&t", ["AT&T"]),
        ("{か}", "が か", ["か"]),
        ("{US}", "US us U.S. u.s.", ["US", "U.S."]),
    ],
)
def test_exact_terms_verify_letter_case_and_diacritics(query: str, text: str, stretches: list[str]) -> None:
    assert found(query, text) == stretches


def test_in_a_title_of_capitals_an_exact_term_is_found_folded_and_says_so() -> None:
    (span,) = spans("{CSpO}", title="JAPAN JOINS CSPO TALKS")
    assert (span.field, span.start, span.end, span.all_capitals) == ("title", 12, 16, True)
    (span,) = spans("{NATO}", title="JAPAN JOINS NATO TALKS")
    assert not span.all_capitals
    (span,) = spans("{Défense}", title="LE MINISTERE DE LA DEFENSE")
    assert span.all_capitals


@pytest.mark.parametrize(
    "title",
    [
        "CSPO training",
        "CSPO",
        "CSPO 2024",
        "日本がCSPOに参加",
        "CSPO、EUと協議へ",
        "CSPO EU X",
        "CSPO، NATO EU والأمم",
        "Training for a CSPO",
    ],
)
def test_capitals_of_one_word_make_no_title_of_capitals(title: str) -> None:
    assert spans("{CSpO}", title=title) == []


def test_capitals_in_the_text_say_nothing() -> None:
    assert spans("{CSpO}", text="JAPAN JOINS CSPO TALKS") == []


@pytest.mark.parametrize(
    ("query", "text", "stretches"),
    [
        ("EU", "the E.U. and the EU", ["E.U.", "EU"]),
        ("UN", "the U.N.-backed force", ["U.N."]),
        ("NATO", "N.A.T.O. said", ["N.A.T.O."]),
        ("EU", "E.U", ["E.U"]),
        ("EU", "the D.E.U., the E.U.A. and J. E. U. Smith", []),
        ("EU", "E.U.A. and E.U. then", ["E.U."]),
        ("Eu", "the E.U.", []),
        ("OTANX", "O.T.A.N.X.", []),
        ('"US Space Force"', "the U.S. Space Force, US Space Force", ["U.S. Space Force", "US Space Force"]),
        ('"Space Force US"', "a Space Force U.S. official", ["Space Force U.S."]),
        ('"US UK FR"', "U.S. U.K. F.R. and US UK FR", ["U.S. U.K. F.R.", "US UK FR"]),
    ],
)
def test_short_acronyms_also_find_their_dotted_form(query: str, text: str, stretches: list[str]) -> None:
    assert found(query, text) == stretches


LANGUAGES = [
    ("Turkish", "ISPARTA", "Isparta'da ıspanak, ısparta", ["Isparta", "ısparta"]),
    ("Turkish dotted", "istanbul", "İSTANBUL ve İstanbul", ["İSTANBUL", "İstanbul"]),
    ("German", "Außenpolitik", "AUSSENPOLITIK, Außenpolitik", ["AUSSENPOLITIK", "Außenpolitik"]),
    ("Greek", "Οδυσσέας", "ΟΔΥΣΣΕΑΣ, Οδυσσέας", ["ΟΔΥΣΣΕΑΣ", "Οδυσσέας"]),
    ("Vietnamese", "Đà Nẵng", "tại Da Nang và Đà Nẵng", ["Da", "Nang", "Đà", "Nẵng"]),
    (
        "Vietnamese phrase",
        '"Việt Nam"',
        unicodedata.normalize("NFD", "Việt Nam"),
        [unicodedata.normalize("NFD", "Việt Nam")],
    ),
    ("Polish", "Łódź", "do Lodz i Łodzi, ŁÓDŹ", ["Lodz", "ŁÓDŹ"]),
    ("Russian", "ёлка", "Елка и ЁЛКА", ["Елка", "ЁЛКА"]),
    ("Arabic with points", "العربية", "اللغة العَرَبِيَّة هي", ["العَرَبِيَّة"]),
    ("Arabic with tatweel", "العربية", "العـــربية", ["العـــربية"]),
    ("Hebrew with points", "שלום", "שָׁלוֹם עולם", ["שָׁלוֹם"]),
    ("Japanese", "宇宙作戦", "連合宇宙作戦に", ["宇宙作戦"]),
    ("Japanese half width", "ガス", "天然ｶﾞｽ田", ["ｶﾞｽ"]),
    ("Japanese voicing", "ハス", "バス", []),
    ("Japanese prolonged mark", "レーダー", "新型ﾚｰﾀﾞｰ網", ["ﾚｰﾀﾞｰ"]),
    ("Chinese", "联合", "中国联合航天", ["联合"]),
    ("Korean with particle", "한국", "한국은 오늘", ["한국"]),
    (
        "Korean, decomposed",
        "한국",
        unicodedata.normalize("NFD", "한국"),
        [unicodedata.normalize("NFD", "한국")],
    ),
    ("Thai", "กองทัพ", "ผู้บัญชาการกองทัพอากาศ", ["กองทัพ"]),
    ("Thai am", "น้ำมัน", "ราคาน้ำมันโลก", ["น้ำมัน"]),
    ("Khmer", "កម្ពុជា", "ព្រះរាជាណាចក្រកម្ពុជា", ["កម្ពុជា"]),
    ("Hindi", "भारत", "भारत ने कहा, भारतीय", ["भारत"]),
    ("Latin in Japanese", "CSpO", "日本がCSpOに参加", ["CSpO"]),
    ("mixed scripts", "日本CSpO", "日本CSpO会合", ["日本CSpO"]),
    ("emoji", "AsterX", "🚀AsterX👩\u200d🚀", ["AsterX"]),
    ("zero-width joiner", "AsterX", "Aster\u200dX", ["Aster\u200dX"]),
    ("ligature", "office", "the oﬃce", ["oﬃce"]),
    ("full width", "AsterX", "ＡｓｔｅｒＸ－２４", ["ＡｓｔｅｒＸ"]),
    ("decomposed", "défense", "la De\u0301fense,", ["De\u0301fense"]),
    ("Ukrainian apostrophe", "комп'ютер", "компʼютер", ["компʼютер"]),
]


@pytest.mark.parametrize(
    ("query", "text", "stretches"), [row[1:] for row in LANGUAGES], ids=[row[0] for row in LANGUAGES]
)
def test_in_every_script(query: str, text: str, stretches: list[str]) -> None:
    assert found(query, text) == stretches


def test_a_prefix_covers_the_whole_word() -> None:
    assert found("cooperat*", "Cooperation, coopérative-x; uncooperative") == ["Cooperation", "coopérative"]
    assert found("自衛隊*", "陸上自衛隊員") == ["自衛隊"]


def test_a_span_names_its_term_as_people_read_it() -> None:
    text = "Combined Space Operations CSpO cooperation"
    assert [span.term for span in spans('"Combined Space Operations" {CSpO} cooperat*', text)] == [
        "Combined Space Operations", "CSpO", "cooperat*",
    ]  # fmt: skip
