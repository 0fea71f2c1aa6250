"""Golden pages: each page of tests/data/pages gives what its JSON file says."""

import json
from pathlib import Path

import pytest

from bot.parse.article import extract

PAGES = Path(__file__).parents[1] / "data" / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.html"))
FACTS = ("title", "language", "site", "canonical_url")


@pytest.mark.parametrize("name", NAMES)
def test_golden_page(name):
    """Text without furniture, and the facts that the page states."""
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    article = extract((PAGES / f"{name}.html").read_bytes(), expected["url"])
    for fact in FACTS:
        if fact in expected:
            assert getattr(article, fact) == expected[fact], fact
    for fact in ("published_at", "modified_at"):
        if fact in expected:
            found = getattr(article, fact)
            assert found is not None, fact
            assert found.isoformat() == expected[fact]
    if "authors" in expected:
        assert list(article.authors) == expected["authors"]
    for text in expected["contains"]:
        assert text in article.text
    for text in expected["lacks"]:
        assert text not in article.text
    assert not article.text.startswith(article.title + "\n")


def test_there_are_pages_of_many_kinds():
    """The golden pages are found."""
    assert len(NAMES) >= 12
