"""The shipped watches find what they are for, and not what only looks like it."""

import pytest

from bot.config import starter
from bot.match.matcher import compile as compile_watches
from bot.model import Article, Sense
from tests.config.folder import Folder


def found(folder: Folder, *, title: str, text: str = "") -> dict[str, Sense | None]:
    """Return the watches that an article satisfies, with what it says of their acronym."""
    for name, content in starter().items():
        folder.write(name, content)
    matcher = compile_watches(folder.read().watches)
    article = Article(url="https://x.example/a", title=title, text=text)
    return {mention.watch: mention.sense for mention in matcher.find(article)}


@pytest.mark.parametrize(
    ("text", "watch", "sense"),
    [
        ("Ministers of the CSpO initiative met in orbit.", "cspo", Sense.LIKELY),
        ("Ministers of the CSpO initiative met in Florence.", "cspo", Sense.UNKNOWN),
        ("The Combined Space Operations initiative has ten members.", "cspo", Sense.CONFIRMED),
        ("Les opérations spatiales combinées réunissent dix nations.", "cspo", Sense.CONFIRMED),
        ("日本は連合宇宙作戦（CSpO）イニシアチブに参加した。", "cspo", Sense.CONFIRMED),
        ("日本は宇宙でCSpOに参加した。", "cspo", Sense.LIKELY),
        ("The AsterX 2027 exercise opens in Toulouse.", "asterx", None),
        ("L'exercice Aster X débute lundi.", "asterx", None),
    ],
)
def test_what_the_watches_are_for_is_found(
    folder: Folder, text: str, watch: str, sense: Sense | None
) -> None:
    """Each spelling, in each language."""
    assert found(folder, title="News", text=text) == {watch: sense}


@pytest.mark.parametrize(
    "text",
    [
        "How I passed my CSPO exam: the Certified Scrum Product Owner course in two days.",
        "RSPO and CSPO: what certified sustainable palm oil means.",
        "The Certified Scrum Product Owner (CSPO) training of our space systems team.",
    ],
)
def test_another_meaning_of_the_acronym_is_kept_and_marked(folder: Folder, text: str) -> None:
    """The scrum certificate and palm oil; what is so marked is not delivered."""
    assert found(folder, title="News", text=text) == {"cspo": Sense.CONTRADICTED}
    assert found(folder, title="CSPO TRAINING", text=text) == {"cspo": Sense.CONTRADICTED}


@pytest.mark.parametrize(
    "text",
    [
        "Asterix and the Roman legion.",
        "The Aster X variant of the missile was shown beside the SAMP/T battery.",
        "The crisis of cspos.",
    ],
)
def test_what_only_looks_like_it_is_not_found(folder: Folder, text: str) -> None:
    """The comic, the missile, a word that is longer."""
    assert found(folder, title="News", text=text) == {}


def test_a_missile_elsewhere_in_the_article_loses_no_exercise(folder: Folder) -> None:
    """Each Aster X is judged by what stands near it."""
    text = (
        "The Aster X missile was on show. Far away, in the halls of the space centre in Toulouse, the "
        "yearly exercise Aster X opened with its teams."
    )
    assert set(found(folder, title="News", text=text)) == {"asterx"}
