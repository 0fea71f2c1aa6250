"""Sketches: copies of one text are told from different texts, however they were edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.copies import MARKS, Likeness, are_copies, likeness, marks
from bot.parse import sketch
from tests.texts import Texts


@pytest.fixture
def texts() -> Texts:
    return Texts(7)


def alike(one: str, other: str) -> Likeness:
    return likeness(sketch.of(one), sketch.of(other))


def copies(one: str, other: str, *, same_site: bool = False) -> bool:
    return are_copies(alike(one, other), same_site=same_site)


def test_a_text_is_wholly_in_itself(texts):
    text = texts.article()
    found = alike(text, text)
    assert (found.contained, found.length) == (1.0, 1.0)
    assert found.spread == pytest.approx(1.0)
    assert copies(text, text, same_site=True)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 0.25])
def test_edited_copies_are_copies(texts, share):
    originals = [texts.article() for _ in range(30)]
    found = [copies(text, texts.edited(text, share)) for text in originals]
    assert sum(found) >= 29


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_a_copy_may_be_shortened_to_a_third_and_more_be_added_to_one(texts, share):
    text = texts.article(9)
    assert copies(text, texts.cut(text, share))
    assert copies(text, texts.with_more(text, share))
    assert copies(text, texts.rearranged(text, 0.1))


def test_what_was_typed_otherwise_is_the_same(texts):
    text = texts.article()
    assert sketch.of(text.upper()) == sketch.of(text)
    assert sketch.of(text.replace(". ", "; ").replace("\n\n", "\n")) == sketch.of(text)


def test_different_texts_are_no_copies(texts):
    stored = [sketch.of(texts.article()) for _ in range(60)]
    pairs = [likeness(one, other) for place, one in enumerate(stored) for other in stored[:place]]
    assert not any(are_copies(pair, same_site=False) for pair in pairs)


def test_a_background_paragraph_in_common_makes_no_copy(texts):
    background = texts.paragraph(70)
    one, other = (f"{texts.article(5)}\n\n{background}\n\n{texts.article(2)}" for _ in range(2))
    assert alike(one, other).contained > 0.1
    assert not copies(one, other)


def test_a_brief_in_a_round_up_is_no_copy_of_it(texts):
    briefs = [texts.paragraph(60) for _ in range(8)]
    assert not copies(briefs[3], "\n\n".join(briefs))


def test_what_one_site_makes_by_template_is_no_copy(texts):
    """Every tenth word of the page is the day's own."""
    template = texts.words(200)

    def page() -> str:
        return " ".join(
            texts.words(1)[0] if number % 10 == 0 else word for number, word in enumerate(template)
        )

    one, other = page(), page()
    assert copies(one, other)
    assert not copies(one, other, same_site=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("連合宇宙作戦構想の参加国は、静止軌道における監視の協力を強化することで合意した。次回の会合は秋に東京で開かれる。", True),
        ("นานาชาติร่วมกันเฝ้าระวังในอวกาศและตกลงแลกเปลี่ยนข้อมูลการติดตามดาวเทียมทางทหารในปีหน้า", True),
        ("Too short a text to be told from any other.", False),
        ("one of the " * 40, False),
        ("", False),
    ],
)  # fmt: skip
def test_scripts_without_spaces_count_by_letters_and_short_texts_not_at_all(text, told):
    assert (sketch.of(text) != b"") is told
    if told:
        assert copies(text, text[: len(text) // 2] + text[len(text) // 2 :])


@given(st.text(max_size=3000))
def test_any_text_has_a_sketch_or_none(text):
    made = sketch.of(text)
    found = marks(made)
    assert len(found) <= MARKS
    assert sorted(found) == found
    assert all(0 <= mark < 1 << 60 for mark in found)
    assert bool(found) is bool(made)
    if made:
        assert likeness(made, made).contained == 1.0
        assert len(made) < 1100


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_bytes_that_are_no_sketch_compare_without_an_error(one, other):
    found = likeness(one, other)
    assert 0 <= found.contained <= 1


@given(st.integers(0, 2**32))
def test_likeness_does_not_ask_which_text_comes_first(seed):
    texts = Texts(seed % 50, words=300)
    one, other = texts.article(4), texts.article(2)
    assert alike(one, other) == alike(other, one)
