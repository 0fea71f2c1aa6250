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
from bot.match.tree import Leaf, Regex

#: hits that are kept of one term in one article
MOST_HITS: Final = 1_000
#: up to here the fastest kind of automaton is small enough. Source: measured, 10 against 18 µs an article
_MOST_FOR_DFA: Final = 1_000
#: instead of a term: the pattern has to be looked at more closely
_SEVERAL: Final = -1

_Hit = tuple[int, int, int]


class Scan:
    """What one article holds: which terms, and where."""

    __slots__ = ("_automaton", "_by_pattern", "_hits", "_places", "_verified", "folded", "present")

    def __init__(
        self,
        automaton: "Automaton",
        folded: Folded,
        hits: list[_Hit],
        present: set[int],
        verified: dict[int, list[Place]],
    ) -> None:
        self._automaton = automaton
        self.folded = folded
        self._hits = hits
        #: numbers of the searched terms that are found
        self.present = present
        #: by term: places that were verified on the original
        self._verified = verified
        self._places: dict[int, list[Place]] = {}
        self._by_pattern: dict[int, list[tuple[int, int]]] = {}

    def has(self, term: int) -> bool:
        """Tell whether a term is found, searched or not."""
        if term in self.present:
            return True
        unsearched = self._automaton.unsearched.get(term)
        return unsearched is not None and self._is_there(term, unsearched)

    def has_any(self, terms: frozenset[int]) -> bool:
        """Tell whether one of some terms is found."""
        if not self.present.isdisjoint(terms):
            return True
        unsearched = self._automaton.unsearched
        for term in terms:  # noqa: SIM110 - a generator costs as much as the look
            if term in unsearched and self._is_there(term, unsearched[term]):
                return True
        return False

    def _is_there(self, term: int, forms: tuple[Form, ...]) -> bool:
        text = self.folded.text
        for form in forms:  # noqa: SIM110 - as above
            if form.pattern in text and (form.decided or self.places(term)):
                return True
        return False

    def places(self, term: int) -> list[Place]:
        """Return where a term stands, at most ``MOST_HITS`` places, in no order; empty where it does not."""
        found = self._places.get(term)
        if found is None:
            unsearched = self._automaton.unsearched.get(term)
            found = self._searched(term) if unsearched is None else self._look_up(unsearched)
            self._places[term] = found
        return found

    def _searched(self, term: int) -> list[Place]:
        """Return the places of a term among what the automaton found."""
        hits = self._by_pattern
        if not hits:
            for pattern, low, high in self._hits:
                hits.setdefault(pattern, []).append((low, high))
        found = list(self._verified.get(term, ()))
        for pattern, form in self._automaton.decided[term]:
            # what is decided by its pattern stands at every hit
            spots = [place(form, self.folded, *hit) for hit in hits.get(pattern, ())[:MOST_HITS]]
            found += [spot for spot in spots if spot is not None]
        return found if len(found) <= MOST_HITS else found[:MOST_HITS]

    def _look_up(self, forms: tuple[Form, ...]) -> list[Place]:
        """Find a term that the automaton does not search for."""
        found: list[Place] = []
        text = self.folded.text
        for form in forms:
            low = text.find(form.pattern)
            while low >= 0 and len(found) < MOST_HITS:
                if spot := place(form, self.folded, low, low + len(form.pattern)):
                    found.append(spot)
                low = text.find(form.pattern, low + 1)
        return found


class Automaton:
    """One search for many terms; terms are known by their number in the given order."""

    def __init__(self, leaves: Sequence[Leaf], *, searched: Iterable[int] | None = None) -> None:
        """``searched`` are the numbers of the terms to look for in every article, None for all.

        Regular expressions have numbers, too, but are never found here.

        The others are looked up when they are asked for: what only decides between few articles costs
        the many nothing.
        """
        self.terms: tuple[Leaf, ...] = tuple(leaves)
        terms = {number: leaf for number, leaf in enumerate(leaves) if not isinstance(leaf, Regex)}
        #: numbers of the terms that every scan searches for
        self.searched = frozenset(terms if searched is None else searched)
        #: by number: the forms of the terms that are looked up when they are asked for
        self.unsearched = {
            number: forms(term) for number, term in terms.items() if number not in self.searched
        }
        #: by term: its patterns that need no look at the original
        self.decided: dict[int, list[tuple[int, Form]]] = {}
        numbers: dict[str, int] = {}
        #: by pattern: the only term that it decides, or ``_SEVERAL``; an array, since objects far apart cost
        self._term = array("l")
        #: patterns that decide several terms, or none before the original is looked at
        self._shared: dict[int, list[int]] = {}
        self._checked: dict[int, list[tuple[int, Form]]] = {}
        for term in sorted(self.searched):
            decided = self.decided[term] = []
            for form in forms(terms[term]):
                pattern = numbers.setdefault(form.pattern, len(numbers))
                if pattern == len(self._term):
                    self._term.append(_SEVERAL)
                if form.decided:
                    decided.append((pattern, form))
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
