"""Folding: the fast one against the slow and obvious one, offsets included, and every promise by name."""

import unicodedata

import pytest
from hypothesis import given, settings

from bot.match.fold import FIELD_BREAK, Folded, fold
from tests.match import fold_oracle
from tests.match.strategies import any_text


def places(folded: Folded) -> list[tuple[str, int, int]]:
    """Every letter of a folded field with where it came from."""
    return [(char, *folded.origin(at, at + 1)[1:]) for at, char in enumerate(folded.text) if char != " "]


def words(text: str) -> str:
    return fold(text).text.strip()


@settings(max_examples=200, deadline=None)
@given(any_text)
def test_the_fast_folding_is_the_obvious_one_with_its_offsets(text: str) -> None:
    folded = fold(text)
    expected, origins = fold_oracle.fold(text)
    assert folded.text == expected
    assert places(folded) == [
        (char, *origin) for char, origin in zip(expected, origins, strict=True) if char != " "
    ]


def test_every_character_folds_as_the_obvious_one_says() -> None:
    """One character of each of the first three planes' blocks in ten, and all that decompose."""
    chars = [
        chr(point) for point in range(0x323B0) if point % 10 == 0 or unicodedata.decomposition(chr(point))
    ]
    chars = [char for char in chars if not "\uac00" <= char <= "\ud7a3" or ord(char) % 50 == 0]
    chars = [char for char in chars if not "\u4e00" <= char <= "\u9fff" or ord(char) % 50 == 0]
    chars = [char for char in chars if not "\U00020000" <= char <= "\U0002f7ff" or ord(char) % 1000 == 0]
    for char in chars:
        text = f"a{char}b ا{char} 日{char}"
        assert fold(text).text == fold_oracle.fold(text)[0], hex(ord(char))


@settings(max_examples=200, deadline=None)
@given(any_text)
def test_composed_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)).text == fold(unicodedata.normalize("NFD", text)).text


@settings(max_examples=200, deadline=None)
@given(any_text, any_text)
def test_fields_fold_side_by_side_as_they_fold_alone(title: str, body: str) -> None:
    both = fold(title, body)
    first, second = both.text.split(FIELD_BREAK)
    assert first == fold(title).text
    assert second == fold(body).text
    for at, char in enumerate(both.text):
        if char not in (" ", FIELD_BREAK):
            number, low, high = both.origin(at, at + 1)
            assert number == (0 if at < len(first) else 1)
            assert 0 <= low < high <= len(both.fields[number])


@settings(max_examples=200, deadline=None)
@given(any_text)
def test_folded_text_is_single_spaced_and_begins_and_ends_with_a_space(text: str) -> None:
    folded = fold(text).text
    assert folded == " " or (folded[0] == folded[-1] == " " and len(folded) > 2)
    assert "  " not in folded
    assert not any(char.isspace() and char != " " for char in folded)


ALIKE = [
    ("full width", "ＡｓｔｅｒＸ－２４", "AsterX-24"),
    ("sharp s", "Straße STRASSE ẞ", "strasse strasse ss"),
    ("Turkish dotted and dotless i", "İstanbul ISPARTA ıspanak", "istanbul isparta ispanak"),
    ("final sigma", "Οδυσσεύς ΟΔΥΣΣΕΥΣ", "οδυσσευσ οδυσσευσ"),
    ("Latin diacritics", "Défense façade Çelik Ångström", "defense facade celik angstrom"),
    ("Latin strokes", "Łódź Đà Nẵng København", "lodz da nang kobenhavn"),
    ("Greek diacritics", "Ελλάδα ΐ", "ελλαδα ι"),
    ("Cyrillic diacritics", "Йошкар ёлка Україна", "иошкар елка украіна"),
    ("Vietnamese", "Quân đội Nhân dân Việt Nam", "quan doi nhan dan viet nam"),
    ("decomposed", "De\u0301fense", "defense"),
    ("ligatures", "oﬃce ﬁnance", "office finance"),
    ("soft hyphens", "co\u00adop\u00aderation", "cooperation"),
    ("zero-width space", "Aster\u200bX", "asterx"),
    ("zero-width joiner and variation selector", "As\u200dter\ufe0fX", "asterx"),
    ("bidi marks", "\u200fAster\u202aX\u202c", "asterx"),
    ("byte order mark", "\ufeffAsterX", "asterx"),
    ("half-width kana with voicing marks", "ｶﾞｽ ﾊﾟﾝ", "ガス パン"),
    ("half-width prolonged sound mark", "ﾚｰﾀﾞｰ", "レーダー"),
    ("combining voicing mark", "か\u3099", "が"),
    ("tatweel", "العـــربية", "العربية"),
    ("Arabic vowel points", "العَرَبِيَّة", "العربية"),
    ("Arabic hamza, decomposed", "ا\u0654", "أ"),
    ("Hebrew points", "שָׁלוֹם", "שלום"),
    ("Hangul, decomposed", unicodedata.normalize("NFD", "한국"), "한국"),
    ("superscript and circled digits", "m² ①", "m2 1"),
    ("mathematical letters", "𝐀𝐬𝐭𝐞𝐫", "aster"),
]


@pytest.mark.parametrize(("text", "folded"), [case[1:] for case in ALIKE], ids=[case[0] for case in ALIKE])
def test_folded_alike(text: str, folded: str) -> None:
    assert words(text) == words(folded)
    assert unicodedata.normalize("NFC", words(text)) == unicodedata.normalize(
        "NFC", folded.replace("-", " ").lower()
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("か", "が"), ("ハ", "パ"), ("ハ", "バ"), ("क", "ख"), ("ก่", "ก้"), ("أ", "ا"), ("한", "하"), ("o", "0")],
)
def test_letters_that_stay_different(one: str, other: str) -> None:
    """Voicing marks, tones and hamza are letters, not diacritics."""
    assert words(one) != words(other)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("AsterX-24 AsterX's (AsterX) #AsterX AsterX_b", "asterx 24 asterx s asterx asterx asterx b"),
        ("“quoted”—dash…", "quoted dash"),
        ("日本がCSpOに参加", "日本が cspo に参加"),
        ("2024年", "2024 年"),
        ("ไทยNATOไทย", "ไทย nato ไทย"),
        ("AsterX™ 20㎏", "asterx tm 20 kg"),
        ("Hawaiʻi Oʼzbek", "hawai i o zbek"),
        ("🚀AsterX👩\u200d🚀", "asterx"),
        ("a\0b\ud800c\U000f0000d\U000e0041e", "a b c de"),
        ("\U00030001\U00031350", "\U00030001\U00031350"),
        ("", ""),
        ("… — …", ""),
    ],
)
def test_where_words_end(text: str, folded: str) -> None:
    """A boundary stands where a letter or digit meets anything that is neither, or another kind of script."""
    assert words(text) == folded


def test_offsets_cover_what_vanished_and_what_was_combined() -> None:
    text = "x co\u00adop\u00aderation e\u0301t ﬁn"
    folded = fold(text)
    found = {}
    for word in folded.text.split():
        at = folded.text.index(f" {word} ") + 1
        _, start, end = folded.origin(at, at + len(word))
        found[word] = text[start:end]
    assert found == {"x": "x", "cooperation": "co\u00adop\u00aderation", "et": "e\u0301t", "fin": "ﬁn"}


def test_marks_without_end_on_one_letter_do_no_harm() -> None:
    folded = fold("a" + "\u0301\u0323" * 50_000 + "b")
    assert folded.text == " ab "
