"""The shipped watches find what they are for, and not what only looks like it."""

import pytest

from bot.config import starter
from bot.match.matcher import compile as compile_watches
from bot.model import Article
from tests.config.folder import Folder


def found(folder: Folder, *, title: str, text: str = "") -> set[str]:
    for name, content in starter().items():
        folder.write(name, content)
    matcher = compile_watches(folder.read().watches)
    return {
        mention.watch for mention in matcher.find(Article(url="https://x.example/a", title=title, text=text))
    }


@pytest.mark.parametrize(
    ("text", "watch"),
    [
        ("Ministers of the CSpO initiative met in Florence.", "cspo"),
        ("The Combined Space Operations initiative has ten members.", "cspo"),
        ("日本は連合宇宙作戦（CSpO）イニシアチブに参加した。", "cspo"),
        ("The AsterX 2027 exercise opens in Toulouse.", "asterx"),
        ("L'exercice Aster X débute lundi.", "asterx"),
    ],
)
def test_what_the_watches_are_for_is_found(folder: Folder, text: str, watch: str) -> None:
    """Each spelling, in each language."""
    assert found(folder, title="News", text=text) == {watch}


@pytest.mark.parametrize(
    "text",
    [
        "How I passed my CSPO exam: the Certified Scrum Product Owner course in two days.",
        "RSPO and CSPO: what certified sustainable palm oil means.",
        "Asterix and the Roman legion.",
        "The Aster X variant of the missile was shown beside the SAMP/T battery.",
        "The crisis of cspos.",
    ],
)
def test_what_only_looks_like_it_is_not(folder: Folder, text: str) -> None:
    """The scrum certificate, palm oil, the comic and the missile."""
    assert found(folder, title="News", text=text) == set()


def test_the_certificate_in_a_headline_of_capitals_is_not_found(folder: Folder) -> None:
    """There letter case carries no information, and the words of the certificate decide."""
    assert found(folder, title="CSPO TRAINING", text="The Certified Scrum Product Owner course.") == set()
