"""From an article to its mentions: all watches against one article in one scan.

``compile`` once, ``find`` for every article. A watch that asks for any one of its terms is matched as
soon as one is found; every other watch is looked at only where a term of its anchor is found, the
rarest group of terms of which it needs one. Pure.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from bot.match.automaton import Automaton, Scan
from bot.match.evaluate import Plan, anchor, evidence, plan
from bot.match.excerpt import Excerpter
from bot.match.spans import Places, merge, spans_of
from bot.match.terms import forms
from bot.match.tree import Prefix, Query, Term, label, terms
from bot.match.version import query_of, watch_version
from bot.model import Article, Mention, Watch

#: spans that a mention carries
MOST_SPANS: Final = 200
#: frequencies are counted on every article up to here, later on every sixteenth
_COUNT_ALL: Final = 1_024
_COUNT_EVERY: Final = 16
#: anchors are chosen anew when this many times as many articles were seen
_LEARN_FACTOR: Final = 8
_FIRST_LESSON: Final = 128


@dataclass(frozen=True, slots=True)
class _Compiled:
    watch: Watch
    version: str
    plan: Plan
    #: the numbers of the terms in its groups, in the order of the query, each once
    wanted: tuple[int, ...]


def _compiled(watch: Watch, query: Query, numbers: Mapping[Term, int]) -> _Compiled:
    shaped = plan(query, numbers)
    grouped = frozenset().union(*shaped.groups)
    wanted = tuple(dict.fromkeys(number for term in terms(query) if (number := numbers[term]) in grouped))
    return _Compiled(watch, watch_version(watch), shaped, wanted)


class Matcher:
    """Watches, ready to be matched against articles; made by ``compile``."""

    def __init__(self, watches: Iterable[Watch], frequencies: Mapping[str, int] | None) -> None:
        read = [(watch, query_of(watch)) for watch in watches if watch.enabled]
        #: the watches that take part, in the given order
        self.watches: tuple[Watch, ...] = tuple(watch for watch, _ in read)
        numbers: dict[Term, int] = {}
        for _, query in read:
            for term in terms(query):
                numbers.setdefault(term, len(numbers))
        self._automaton = Automaton(list(numbers))
        self._compiled = [_compiled(watch, query, numbers) for watch, query in read]
        self._labels = [label(term) for term in numbers]
        #: by term: the watches that it satisfies all by itself
        self._at_once: list[list[int] | None] = [None] * len(numbers)
        for number, compiled in enumerate(self._compiled):
            if compiled.plan.is_any:
                for needed in compiled.plan.groups[0]:
                    _append(self._at_once, needed, number)
        self._articles = 0
        self._next_lesson = _FIRST_LESSON
        self._learns = frequencies is None
        self._counts = [0] * len(numbers) if frequencies is None else _estimates(numbers, frequencies)
        self._anchored = self._anchors()

    def find(self, article: Article) -> list[Mention]:
        """Return the mentions of an article, in the order of the watches; empty where no watch holds.

        Spans are code-point offsets into the article's title and text as they are given.
        """
        scan = self._automaton.scan(article.title, article.text)
        if not scan.present:
            if self._learns:
                self._articles += 1
            return []
        if self._learns:
            self._learn(scan.present)
        found = sorted(self._satisfied(scan.present))
        if not found:
            return []
        evident = {number: self._evidence(number, scan) for number in found}
        scan.gather({term for shown in evident.values() for term in shown})
        spans: dict[int, Places] = {}
        excerpter = Excerpter(article)
        return [self._mention(number, evident[number], scan, spans, excerpter, article) for number in found]

    def _satisfied(self, present: set[int]) -> set[int]:
        satisfied: set[int] = set()
        candidates: set[int] = set()
        at_once, anchored = self._at_once, self._anchored
        for term in present:
            if (watches := at_once[term]) is not None:
                satisfied.update(watches)
            if (watches := anchored[term]) is not None:
                candidates.update(watches)
        compiled = self._compiled
        satisfied.update([number for number in candidates if compiled[number].plan.holds(present)])
        return satisfied

    def _evidence(self, number: int, scan: Scan) -> list[int]:
        """Return the terms that give a mention its spans."""
        compiled, present = self._compiled[number], scan.present
        if compiled.plan.rest:
            return list(dict.fromkeys(evidence(compiled.plan.root, present)))
        # every group holds, so every term of a group that is present is evidence
        return [term for term in compiled.wanted if term in present]

    def _mention(
        self,
        number: int,
        shown: list[int],
        scan: Scan,
        spans: dict[int, Places],
        excerpter: Excerpter,
        article: Article,
    ) -> Mention:
        compiled = self._compiled[number]
        for term in shown:
            if term not in spans:
                spans[term] = spans_of(self._labels[term], scan, term)
        merged = merge([spans[term] for term in shown])
        excerpt, marks = excerpter.make(merged)
        return Mention(
            watch=compiled.watch.key,
            watch_version=compiled.version,
            revision=article.revision,
            spans=tuple(merged[:MOST_SPANS]),
            total=len(merged),
            excerpt=excerpt,
            marks=marks,
        )

    def _learn(self, present: set[int]) -> None:
        """Count what articles hold, and choose the anchors anew now and then."""
        self._articles += 1
        if self._articles <= _COUNT_ALL or self._articles % _COUNT_EVERY == 0:
            counts, weight = self._counts, 1 if self._articles <= _COUNT_ALL else _COUNT_EVERY
            for term in present:
                counts[term] += weight
        if self._articles >= self._next_lesson:
            self._next_lesson = self._articles * _LEARN_FACTOR
            self._anchored = self._anchors()

    def _anchors(self) -> list[list[int] | None]:
        """Return, by term, the watches that are reached through it."""
        anchored: list[list[int] | None] = [None] * len(self._counts)
        for number, compiled in enumerate(self._compiled):
            if not compiled.plan.is_any:
                for term in anchor(compiled.plan.root, self._counts.__getitem__):
                    _append(anchored, term, number)
        return anchored


def compile(watches: Iterable[Watch], *, frequencies: Mapping[str, int] | None = None) -> Matcher:  # noqa: A001
    """Make a matcher of watches; disabled ones take no part.

    ``frequencies`` says how many articles hold a folded word or phrase (``"combined space
    operations"``); without it the matcher learns from the articles it sees. It changes the speed only,
    never what is found. Raises QueryError, with the watch's key as subject, for a query that does not
    parse.
    """
    return Matcher(watches, frequencies)


def _append(lists: list[list[int] | None], at: int, number: int) -> None:
    known = lists[at]
    if known is None:
        lists[at] = [number]
    else:
        known.append(number)


def _estimates(terms: Iterable[Term], frequencies: Mapping[str, int]) -> list[int]:
    """Return in how many articles each term may stand.

    A phrase that is not known is as rare as its rarest word; a prefix is as frequent as all its words.
    """
    words = sorted(frequencies)
    sums = [0, *accumulate(frequencies[word] for word in words)]
    estimates: list[int] = []
    for term in terms:
        written = forms(term)[0].pattern.strip()
        if isinstance(term, Prefix):
            first, after = bisect_left(words, written), bisect_left(words, written + "\U0010ffff")
            estimates.append(sums[after] - sums[first])
        elif written in frequencies:
            estimates.append(frequencies[written])
        else:
            estimates.append(min(frequencies.get(word, 0) for word in written.split()))
    return estimates
