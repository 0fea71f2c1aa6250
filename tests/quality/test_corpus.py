"""The corpus of the matching gate is what it claims to be: large, varied, honest, and readable."""

import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from bot.match.fold import fold
from tests.quality import corpus

ARTICLES = corpus.articles()
WATCHES = {watch.key: watch for watch in corpus.watches()}


def test_it_holds_hundreds_of_articles_in_many_languages() -> None:
    counts = Counter(labelled.language for labelled in ARTICLES)
    assert len(ARTICLES) >= 400
    assert len(counts) >= 20
    assert min(counts.values()) >= 12


def test_articles_are_short() -> None:
    """A title and a few sentences: what a person reads at a glance, and can check."""
    assert max(len(labelled.article.text) for labelled in ARTICLES) <= 800
    assert all(labelled.article.title and labelled.article.text for labelled in ARTICLES)


def test_no_article_stands_there_twice() -> None:
    """Neither as it is written, nor folded."""
    texts = Counter(fold(labelled.article.text).text for labelled in ARTICLES)
    titles = Counter(str(labelled) for labelled in ARTICLES)
    assert not [text for text, count in (texts + titles).items() if count > 1]


def test_every_kind_of_trap_is_laid_and_told() -> None:
    laid = {trap for labelled in ARTICLES for trap in labelled.traps}
    assert laid == corpus.traps().keys()


def test_labels_name_watches_and_give_a_sense_where_the_watch_asks_for_one() -> None:
    for labelled in ARTICLES:
        for key, expected in labelled.finds.items():
            assert key in WATCHES, f"{labelled}: {key}"
            assert WATCHES[key].is_guarded == (expected.sense is not None), f"{labelled}: {key}"


def test_every_watch_is_found_in_several_articles_and_absent_from_most() -> None:
    found = Counter(key for labelled in ARTICLES for key in labelled.finds)
    assert {key: count for key, count in found.items() if not 2 <= count <= len(ARTICLES) / 4} == {}
    assert found.keys() == WATCHES.keys()


def test_articles_without_any_mention_are_there_too() -> None:
    assert sum(not labelled.finds for labelled in ARTICLES) >= 40


def test_every_sense_is_told() -> None:
    senses = Counter(expected.sense for labelled in ARTICLES for expected in labelled.finds.values())
    assert min(senses.values()) >= 8
    assert len(senses) == 5


@pytest.mark.parametrize("path", sorted(corpus.FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_characters_that_nobody_sees_are_written_as_escapes(path: Path) -> None:
    """Who reads the file sees what is in it."""
    text = path.read_text(encoding="utf-8")
    hidden = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Zs"}}
    assert hidden <= {"\n", " "}


@pytest.mark.parametrize(
    ("written", "places"),
    [
        (["b"], [(2, 3)]),
        (["a", "a"], [(0, 1), (4, 5)]),
        (["b ⟦a⟧ c"], [(4, 5)]),
        (["⟦a⟧ b"], [(0, 1)]),
    ],
)
def test_a_label_is_every_place_of_its_letters_or_the_marked_one(
    written: list[str], places: list[tuple[int, int]]
) -> None:
    assert list(corpus.places("a b a c", written)) == places


@pytest.mark.parametrize("written", [["a"], ["a", "a", "a"], ["d"], ["⟦a⟧"], ["c ⟦a⟧"]])
def test_a_label_that_fits_no_place_or_several_is_refused(written: list[str]) -> None:
    with pytest.raises(ValueError, match="stands"):
        list(corpus.places("a b a c", written))
