"""How many articles hold a term: what anchors are chosen by. Changes the speed only, never what is found.

Counted on the articles that are seen, or estimated from frequencies of words that are given. Pure.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

from bot.match.terms import forms
from bot.match.tree import Leaf, Prefix, Regex, Wild

#: after so many articles the anchors are chosen; each time anew, since what is in the news changes
_LESSONS: Final = (128, 1_024)
_LEARN_FACTOR: Final = 8
#: later on only every sixteenth article is counted
_COUNT_EVERY: Final = 16


class Frequencies:
    """The share of articles that holds each term, by the term's number."""

    def __init__(
        self,
        leaves: Sequence[Leaf],
        given: Mapping[str, int] | None = None,
        *,
        before: "Frequencies | None" = None,
    ) -> None:
        """``given`` tells in how many articles a folded word or phrase stands; None: learn from what comes.

        ``before`` is what was known of the first of these leaves.
        """
        self._learns = given is None
        self._rates: list[float] = [0.0] * len(leaves) if given is None else [*_estimates(leaves, given)]
        #: since the last lesson
        self._counts = [0] * len(leaves)
        self._counted = 0
        self._articles = 0
        self._next_lesson = _LESSONS[0]
        if before is not None and given is None:
            known = before.learned
            self._rates[: len(known)] = known
            self._articles, self._next_lesson = before.progress

    @property
    def learned(self) -> list[float]:
        """The rates of the last lesson, by number."""
        return self._rates

    @property
    def progress(self) -> tuple[int, int]:
        """How many articles were seen, and at how many the next lesson is."""
        return self._articles, self._next_lesson

    @property
    def are_known(self) -> bool:
        """Whether enough is known to leave terms out of the search."""
        return not self._learns or self._articles >= _LESSONS[-1]

    def rate(self, term: int) -> float:
        """Return how frequent a term is, in comparison with others."""
        return self._rates[term]

    def learn(self, present: Iterable[int], searched: Iterable[int]) -> bool:
        """Count one article that holds some of the searched terms; tell whether to choose anchors anew."""
        if not self._learns:
            return False
        self._articles += 1
        if self._articles <= _LESSONS[-1] or self._articles % _COUNT_EVERY == 0:
            self._counted += 1
            counts = self._counts
            for term in present:
                counts[term] += 1
        if self._articles < self._next_lesson:
            return False
        # What is not searched for was not counted: it keeps the rate it had.
        for term in searched:
            self._rates[term] = self._counts[term] / max(1, self._counted)
        self._counts = [0] * len(self._counts)
        self._counted = 0
        self._next_lesson *= _LEARN_FACTOR
        return True


def _estimates(leaves: Iterable[Leaf], frequencies: Mapping[str, int]) -> list[int]:
    """Return in how many articles each term may stand.

    A phrase that is not known is as rare as its rarest word; a prefix is as frequent as all its words.
    """
    words = sorted(frequencies)
    sums = [0, *accumulate(frequencies[word] for word in words)]
    estimates: list[int] = []
    for term in leaves:
        if isinstance(term, Regex):
            estimates.append(0)
            continue
        written = forms(term)[0].pattern.strip()
        if isinstance(term, (Prefix, Wild)):
            first, after = bisect_left(words, written), bisect_left(words, written + "\U0010ffff")
            estimates.append(sums[after] - sums[first])
        elif written in frequencies:
            estimates.append(frequencies[written])
        else:
            estimates.append(min(frequencies.get(word, 0) for word in written.split()))
    return estimates
