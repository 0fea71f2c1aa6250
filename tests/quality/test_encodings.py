"""The corpus in other code points: what a reader takes for the same text finds the same mentions.

Nothing is labelled here. Every article is written anew, as another system would have sent it, and has to
give the mentions that it gives as it stands, with stretches that are written anew in the same way.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import pytest

from bot.match.matcher import Matcher
from bot.match.matcher import compile as compile_watches
from bot.model import Article
from tests.quality import corpus

Rewrite = Callable[[str], str]


def full_width(text: str) -> str:
    """Every sign of ASCII as wide as an ideograph."""
    return text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000})


def softly_hyphenated(text: str) -> str:
    """A hyphen that does not show between every two letters."""
    shown = ""
    for char in text:
        if shown and shown[-1].isalpha() and char.isalpha():
            shown += "\u00ad"
        shown += char
    return shown


def between_marks(text: str) -> str:
    """Every word between marks that set the direction of writing."""
    return " ".join(f"\u2068{word}\u2069" if word else "" for word in text.split(" "))


REWRITES: dict[str, Rewrite] = {
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "blanks that do not break": lambda text: text.replace(" ", "\u00a0"),
    "lines of one word": lambda text: text.replace(" ", "\r\n"),
    "full width": full_width,
    "soft hyphens": softly_hyphenated,
    "bidi marks": between_marks,
    "curly apostrophes": lambda text: text.replace("'", "’"),
    "straight apostrophes": lambda text: text.replace("’", "'"),
    "hyphens that do not break": lambda text: text.replace("-", "\u2011"),
}
#: regular expressions see the text as it is; a field of the watch is no text
AS_WRITTEN = {"fighters"}


@lru_cache(maxsize=1)
def matcher() -> Matcher:
    return compile_watches([watch for watch in corpus.watches() if watch.key not in AS_WRITTEN])


def told(article: Article, rewrite: Rewrite) -> list[tuple[str, str, str, str]]:
    """Every stretch that is found, written anew: watch, sense, field and letters."""
    return [
        (
            mention.watch,
            str(mention.sense or ""),
            span.field,
            bare(rewrite(_stretch(article, span.field, span.start, span.end))),
        )
        for mention in matcher().find(article)
        for span in mention.spans
    ]


def bare(stretch: str) -> str:
    """A stretch without what nobody sees, so that it does not matter where it was written."""
    return "".join(char for char in stretch if unicodedata.category(char) != "Cf")


def _stretch(article: Article, field: str, start: int, end: int) -> str:
    return (article.title if field == "title" else article.text)[start:end]


@pytest.mark.parametrize("name", REWRITES)
def test_a_text_in_other_code_points_finds_the_same(name: str) -> None:
    rewrite = REWRITES[name]
    wrong = []
    for labelled in corpus.articles():
        article = labelled.article
        written_anew = Article(
            url=article.url,
            title=rewrite(article.title),
            text=rewrite(article.text),
            language=article.language,
            tags=article.tags,
        )
        expected, found = told(article, rewrite), told(written_anew, str)
        if expected != found:
            wrong.append(f"{labelled}\n    expected {expected}\n    found    {found}")
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
