"""All terms of all watches in one scan.

The article is folded once and searched once for every pattern; the forms that need it are then
verified on the original. Watches, operators and mentions are not known here. Pure.

Source: measured, ``benchmarks/matching.py``: 36,000 patterns cost 30–100 µs an article.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from bot.match.fold import Folded, fold
from bot.match.terms import Form, Place, forms, place
from bot.match.tree import Term

#: hits that are kept of one term in one article
MOST_HITS: Final = 1_000
#: up to here the fastest kind of automaton is small enough. Source: measured, 10 against 18 µs an article
_MOST_FOR_DFA: Final = 1_000
#: instead of a term: the pattern has to be looked at more closely
_SEVERAL: Final = -1

_Hit = tuple[int, int, int]


class Scan:
    """What one article holds: which terms, and where."""

    __slots__ = ("_automaton", "_folded", "_hits", "_places", "_verified", "present")

    def __init__(
        self,
        automaton: "Automaton",
        folded: Folded,
        hits: list[_Hit],
        present: set[int],
        verified: dict[int, list[Place]],
    ) -> None:
        self._automaton = automaton
        self._folded = folded
        self._hits = hits
        #: numbers of the terms that are found
        self.present = present
        #: by term: places that were verified on the original
        self._verified = verified
        self._places: dict[int, list[Place]] = {}

    def gather(self, terms: Iterable[int]) -> None:
        """Find the places of these terms in one pass; ``places`` needs it."""
        wanted: dict[int, list[Place]] = {}
        patterns: dict[int, list[tuple[int, Form]]] = {}
        for term in terms:
            if term in self._places:
                continue
            wanted[term] = self._places[term] = list(self._verified.get(term, ()))
            for pattern, form in self._automaton.decided[term]:
                patterns.setdefault(pattern, []).append((term, form))
        folded = self._folded
        for pattern, low, high in self._hits:
            if pattern in patterns:
                for term, form in patterns[pattern]:
                    found = wanted[term]
                    if len(found) < MOST_HITS and (spot := place(form, folded, low, high)):
                        found.append(spot)

    def places(self, term: int) -> list[Place]:
        """Return where a term stands, at most ``MOST_HITS`` places, in no order; empty where it does not."""
        if term not in self._places:
            self.gather([term])
        return self._places[term]


class Automaton:
    """One search for many terms; terms are known by their number in the given order."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms: tuple[Term, ...] = tuple(terms)
        #: by term: its patterns that need no look at the original
        self.decided: list[list[tuple[int, Form]]] = [[] for _ in self.terms]
        numbers: dict[str, int] = {}
        #: by pattern: the only term that it decides, or ``_SEVERAL``; an array, since objects far apart cost
        self._term = array("l")
        #: patterns that decide several terms, or none before the original is looked at
        self._shared: dict[int, list[int]] = {}
        self._checked: dict[int, list[tuple[int, Form]]] = {}
        for term, written in enumerate(self.terms):
            for form in forms(written):
                pattern = numbers.setdefault(form.pattern, len(numbers))
                if pattern == len(self._term):
                    self._term.append(_SEVERAL)
                if form.decided:
                    self.decided[term].append((pattern, form))
                    self._shared.setdefault(pattern, []).append(term)
                else:
                    self._checked.setdefault(pattern, []).append((term, form))
        for pattern in [pattern for pattern, found in self._shared.items() if len(found) == 1]:
            if pattern not in self._checked:
                self._term[pattern] = self._shared.pop(pattern)[0]
        self._search = AhoCorasick(
            numbers,
            matchkind=MatchKind.Standard,
            store_patterns=False,
            implementation=Implementation.DFA if len(numbers) <= _MOST_FOR_DFA else None,
        ).find_matches_as_indexes

    def scan(self, title: str, text: str) -> Scan:
        """Find which terms stand in the title and the text; nothing is found across the two."""
        folded = fold(title, text)
        hits = self._search(folded.text, overlapping=True)
        seen = {hit[0] for hit in hits}
        present = set(map(self._term.__getitem__, seen))
        verified: dict[int, list[Place]] = {}
        if _SEVERAL in present:
            present.discard(_SEVERAL)
            odd = [pattern for pattern in seen if self._term[pattern] == _SEVERAL]
            for pattern in odd:
                present.update(self._shared.get(pattern, ()))
            doubtful = {pattern for pattern in odd if pattern in self._checked}
            if doubtful:
                verified = self._verified(folded, hits, doubtful)
                present.update(verified)
        return Scan(self, folded, hits, present, verified)

    def _verified(self, folded: Folded, hits: list[_Hit], doubtful: set[int]) -> dict[int, list[Place]]:
        """Look at the original wherever one of these patterns was hit."""
        verified: dict[int, list[Place]] = {}
        for pattern, low, high in hits:
            if pattern in doubtful:
                for term, form in self._checked[pattern]:
                    if len(verified.get(term, ())) < MOST_HITS and (spot := place(form, folded, low, high)):
                        verified.setdefault(term, []).append(spot)
        return verified
