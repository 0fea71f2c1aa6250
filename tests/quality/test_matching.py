"""The gate of the matching engine: what it finds in the corpus, and what it must not find.

Every article is matched against all watches at once, and every stretch is compared with its label, offsets
included. What fails is told by article and watch, with what was expected and what was found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import pytest

from bot.match.explain import Explainer
from bot.match.matcher import compile as compile_watches
from bot.model import Article, Sense, Watch
from tests.quality import corpus
from tests.quality.corpus import Labelled, Stretch

#: labels are what the language promises: less than all of it is a fault, not a matter of degree
PRECISION_FLOOR = 1.0
RECALL_FLOOR = 1.0


@dataclass(frozen=True)
class Outcome:
    """What one watch was expected to find in one article, and what it found."""

    labelled: Labelled
    watch: str
    expected: frozenset[Stretch]
    found: frozenset[Stretch]
    expected_sense: Sense | None = None
    sense: Sense | None = None

    def __str__(self) -> str:
        return (
            f"{self.labelled} [{self.watch}]\n"
            f"    expected {self._shown(self.expected)} {self.expected_sense or ''}\n"
            f"    found    {self._shown(self.found)} {self.sense or ''}"
        )

    def _shown(self, stretches: frozenset[Stretch]) -> list[str]:
        article = self.labelled.article
        return [
            f"{one.field} {one.start}–{one.end} {self._text(article, one)!r}"
            f"{' (all capitals)' if one.all_capitals else ''}"
            for one in sorted(stretches)
        ]

    @staticmethod
    def _text(article: Article, stretch: Stretch) -> str:
        return (article.title if stretch.field == "title" else article.text)[stretch.start : stretch.end]


def outcomes(watches: Iterable[Watch]) -> list[Outcome]:
    """Match every article; one outcome for each watch that finds something or should."""
    matcher = compile_watches(watches)
    results: list[Outcome] = []
    for labelled in corpus.articles():
        mentions = {mention.watch: mention for mention in matcher.find(labelled.article)}
        for key in labelled.finds.keys() | mentions.keys():
            expected, mention = labelled.finds.get(key), mentions.get(key)
            spans = mention.spans if mention else ()
            results.append(
                Outcome(
                    labelled,
                    key,
                    expected.stretches if expected else frozenset(),
                    frozenset(Stretch(span.field, span.start, span.end, span.all_capitals) for span in spans),
                    expected.sense if expected else None,
                    mention.sense if mention else None,
                )
            )
    return results


@lru_cache(maxsize=1)
def all_outcomes() -> list[Outcome]:
    """The corpus, matched with its own watches."""
    return outcomes(corpus.watches())


def precision(results: Iterable[Outcome]) -> float:
    """The share of what was found that should be found; 1 where nothing was found."""
    pairs = [(len(one.expected & one.found), len(one.found)) for one in results]
    return sum(right for right, _ in pairs) / (sum(found for _, found in pairs) or 1)


def recall(results: Iterable[Outcome]) -> float:
    """The share of what should be found that was found."""
    pairs = [(len(one.expected & one.found), len(one.expected)) for one in results]
    return sum(right for right, _ in pairs) / (sum(expected for _, expected in pairs) or 1)


def told(results: Iterable[Outcome]) -> str:
    """The outcomes that are wrong, for people; "" where none is."""
    return "\n".join(str(one) for one in results if one.expected != one.found)


def require_all_right(results: Iterable[Outcome]) -> None:
    """Fail with the outcomes that are wrong, and nothing else to read."""
    if wrong := told(results):
        pytest.fail(wrong, pytrace=False)


def test_precision_and_recall_hold() -> None:
    results = all_outcomes()
    assert sum(len(one.expected) for one in results) >= 900
    shares = precision(results), recall(results)
    if shares[0] < PRECISION_FLOOR or shares[1] < RECALL_FLOOR:
        pytest.fail(f"precision {shares[0]:.4f}, recall {shares[1]:.4f}\n{told(results)}", pytrace=False)


@pytest.mark.parametrize("trap", corpus.traps())
def test_no_trap_catches_anything(trap: str) -> None:
    """Precision and recall are exactly 1 on the articles of every trap."""
    results = [one for one in all_outcomes() if trap in one.labelled.traps]
    require_all_right(results)


@pytest.mark.parametrize("language", corpus.languages())
def test_nothing_is_lost_or_invented_in(language: str) -> None:
    results = [one for one in all_outcomes() if one.labelled.language == language]
    assert sum(len(one.found) for one in results) >= 10
    require_all_right(results)


def test_acronyms_are_taken_in_the_sense_that_the_article_gives_them() -> None:
    results = [one for one in all_outcomes() if one.expected_sense is not None]
    assert len(results) >= 60
    if wrong := [str(one) for one in results if one.sense is not one.expected_sense]:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_explanations_say_what_the_matcher_finds() -> None:
    """One evaluator: who asks why is told the same stretches and the same sense."""
    explainers = {watch.key: Explainer(watch) for watch in corpus.watches()}
    for one in all_outcomes():
        examined = explainers[one.watch].examine(one.labelled.article)
        found = {Stretch(span.field, span.start, span.end, span.all_capitals) for span in examined.spans}
        assert found == one.found, str(one)
        assert (examined.sense.verdict if examined.sense else None) is one.sense, str(one)


@pytest.mark.parametrize(
    ("query", "is_precise", "is_complete"),
    [("AsterX*", False, True), ("{AsterX}", True, False), ("Asterix", False, False)],
)
def test_the_gate_notices_a_watch_that_finds_too_much_or_too_little(
    query: str, *, is_precise: bool, is_complete: bool
) -> None:
    """A gate that nothing can fail is none: the label of one watch, another query."""
    alternatives = {"AsterX*": 'AsterX* OR ("Aster X" NOT NEAR/8 (missile OR "SAMP/T"))'}
    changed = Watch(key="asterx", query=alternatives.get(query, query))
    results = [one for one in outcomes([changed]) if one.watch == "asterx"]
    assert (precision(results) == 1) is is_precise
    assert (recall(results) == 1) is is_complete
    assert "[asterx]" in told(results)
