"""The language of a text, or None rather than a guess."""

import pytest

from bot.parse.language import detect


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Pier to be rebuilt", "The council voted on Tuesday to rebuild the northern pier.", "en"),
        (
            "Mole wird neu gebaut",
            "Der Rat hat am Dienstag beschlossen, die nördliche Mole neu zu bauen.",
            "de",
        ),
        ("La jetée sera reconstruite", "Le conseil a voté mardi la reconstruction de la jetée nord.", "fr"),
        ("北部の桟橋、再建へ", "町議会は十日、桟橋を再建する案を可決した。", "ja"),
        ("المجلس يقرر إعادة بناء الرصيف", "قرر مجلس الميناء يوم الثلاثاء إعادة بناء الرصيف الشمالي", "ar"),
        (
            "Совет решил восстановить пирс",
            "Совет порта во вторник проголосовал за восстановление пирса.",
            "ru",
        ),
        ("PIER TO BE REBUILT AFTER THE WINTER STORM SAYS COUNCIL", "", "en"),
    ],
)
def test_languages_are_told(title, text, expected):
    assert detect(title, text) == expected


@pytest.mark.parametrize(
    ("title", "text"), [("", ""), ("CSpO", ""), ("AsterX", "U4"), ("12 34 56", "7 %"), (" \n ", "…")]
)
def test_too_little_to_tell(title, text):
    assert detect(title, text) is None
