"""Excerpts: short, cut where one may cut, with the terms in them marked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.matcher import compile as compile_watches
from bot.model import Article, Mention, Watch
from tests.match.strategies import news_text

FILLER = "Ministers met again on Friday and agreed on very little of substance. "


def mention(query: str, text: str = "", title: str = "") -> Mention:
    (found,) = compile_watches([Watch(key="w", query=query)]).find(
        Article(url="https://ledger.example/", title=title, text=text)
    )
    return found


def marked(found: Mention) -> list[str]:
    return [found.excerpt[low:high] for low, high in found.marks]


def test_a_short_text_is_shown_whole() -> None:
    found = mention("AsterX", "The AsterX exercise began.")
    assert found.excerpt == "The AsterX exercise began."
    assert marked(found) == ["AsterX"]


def test_whole_sentences_need_no_sign_that_they_were_cut() -> None:
    found = mention("AsterX", FILLER * 10 + "The AsterX exercise began. " + FILLER * 10)
    assert found.excerpt.startswith("The AsterX exercise began. Ministers met")
    assert found.excerpt.endswith("substance.")
    assert "…" not in found.excerpt


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    found = mention("AsterX", "word " * 200 + "AsterX " + "word " * 200)
    assert found.excerpt.startswith("… word")
    assert found.excerpt.endswith("word…")
    assert marked(found) == ["AsterX"]
    assert len(found.excerpt) <= 300


def test_the_text_with_most_different_terms_is_chosen() -> None:
    text = "First CSpO met. " + FILLER * 8 + "Then CSpO and AsterX and Japan met. " + FILLER * 8
    found = mention("CSpO AND AsterX AND Japan", text)
    assert found.excerpt.startswith("Then CSpO and AsterX and Japan met.")
    assert marked(found) == ["CSpO", "AsterX", "Japan"]


def test_text_is_preferred_to_the_title() -> None:
    found = mention("AsterX", "The AsterX exercise began.", title="AsterX")
    assert found.excerpt == "The AsterX exercise began."


def test_for_a_term_in_the_title_alone_the_beginning_of_the_text_is_shown_without_marks() -> None:
    found = mention("AsterX", FILLER * 10, title="AsterX begins")
    assert found.excerpt == (FILLER * 4).strip()
    assert found.marks == ()


def test_without_text_the_title_is_shown() -> None:
    found = mention("AsterX", " \n ", title="On AsterX")
    assert found.excerpt == "On AsterX"
    assert marked(found) == ["AsterX"]


def test_line_ends_and_runs_of_blanks_become_one_space_and_marks_follow() -> None:
    found = mention(
        '"Combined Space Operations" CSpO', "A\n\nB  Combined\u00a0Space \n Operations\t(CSpO)\nC"
    )
    assert found.excerpt == "A B Combined Space Operations (CSpO) C"
    assert marked(found) == ["Combined Space Operations", "CSpO"]


def test_initials_end_no_sentence() -> None:
    text = FILLER * 8 + "Gen. J. Smith of the U.S. Army led AsterX. " + FILLER * 8
    assert "J. Smith of the U.S. Army led AsterX." in mention("AsterX", text).excerpt


def test_scripts_without_blanks_are_cut_at_their_own_sentence_ends() -> None:
    text = (
        "政府は金曜日に会議を開いた。" * 30 + "日本はCSpOに参加した。" + "政府は金曜日に会議を開いた。" * 30
    )
    found = mention("CSpO", text)
    assert found.excerpt.startswith("日本はCSpOに参加した。政府は")
    assert found.excerpt.endswith("。")
    found = mention("CSpO", "宇" * 900 + "CSpO" + "宙" * 900)
    assert marked(found) == ["CSpO"]
    assert 200 < len(found.excerpt) <= 300


def test_a_cut_parts_no_letter_from_its_marks() -> None:
    found = mention("CSpO", "น้" * 900 + " CSpO " + "น้" * 900)
    assert found.excerpt.endswith("น้…")


def test_overlapping_terms_make_one_mark() -> None:
    assert marked(mention('"Aster X" OR "X 24"', "the Aster X 24 exercise")) == ["Aster X 24"]


def test_a_term_longer_than_an_excerpt_is_cut() -> None:
    found = mention("cooperat*", "The " + "cooperation" * 60 + " ended.")
    assert len(found.excerpt) <= 300
    assert len(found.marks) == 1


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(news_text, st.just(FILLER), st.text(max_size=80)), max_size=12).map("".join),
    st.integers(0, 400),
)
def test_every_excerpt_is_short_and_holds_a_marked_term(text: str, size: int) -> None:
    text = text[:size] + " AsterX " + text[size:]
    found = mention("AsterX OR CSpO OR 宇宙 OR space", text)
    assert len(found.excerpt) <= 300
    assert "\n" not in found.excerpt
    assert found.marks
    ends = [0, *(end for mark in found.marks for end in mark), len(found.excerpt)]
    assert ends == sorted(ends)
    shown = {span.term for span in found.spans}
    stretches = {" ".join(text[span.start : span.end].split()) for span in found.spans}
    assert shown
    assert any(mark in stretches or any(one in mark for one in stretches) for mark in marked(found))
