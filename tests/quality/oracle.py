"""The watch language as slowly and plainly as it can be said, for texts that are made word by word.

A text is a list of words with what stands after each of them, so that nothing has to be found in it: which
words there are, and where, is known. Every operator is judged by looking at all places, or all pairs of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.match.tree import And, AtLeast, Exact, In, Near, Not, NotNear, Or, Phrase, Prefix, Query, Word

#: what may stand between the words of a phrase
JOINING = {" ", "  ", "\n", "-", "\u00a0", " – "}


@dataclass(frozen=True)
class Made:
    """A field of an article: its words, each with where it stands and what stands before it."""

    text: str
    #: (start, end, letters, what stands before); a character of a spaceless script is a word
    words: tuple[tuple[int, int, str, str], ...]


def made(pieces: Sequence[tuple[str, str]]) -> Made:
    """Put words, each with what follows it, together."""
    text, before = "", ""
    words: list[tuple[int, int, str, str]] = []
    for piece, glue in pieces:
        for part in [piece] if piece.isascii() else piece:
            words.append((len(text), len(text) + len(part), part, before))
            text, before = text + part, ""
        text, before = text + glue, glue
    return Made(text, tuple(words))


@dataclass(frozen=True, order=True)
class At:
    """Where a term stands: a field, its first and last word there, and its characters."""

    field: str
    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True)
class Oracle:
    """One article, ready to be asked."""

    title: Made
    body: Made

    def holds(self, query: Query, field: str | None = None) -> bool:
        """Tell whether the article satisfies a query."""
        if isinstance(query, And):
            return all(self.holds(part, field) for part in query.parts)
        if isinstance(query, Or):
            return any(self.holds(part, field) for part in query.parts)
        if isinstance(query, Not):
            return not self.holds(query.part, field)
        if isinstance(query, In):
            return self.holds(query.part, query.field)
        if isinstance(query, AtLeast):
            return most_apart([at for at, _ in self.stand(query.part, field)]) >= query.count
        return bool(self.stand(query, field))

    def evidence(self, query: Query, field: str | None = None) -> set[At]:
        """Return the places that speak for a query; none where it does not hold."""
        if not self.holds(query, field) or isinstance(query, Not):
            return set()
        if isinstance(query, (And, Or)):
            return {at for part in query.parts for at in self.evidence(part, field)}
        if isinstance(query, In):
            return self.evidence(query.part, query.field)
        if isinstance(query, Near):
            pairs = self._near(query, field)
            return {at for pair in pairs for at in pair}
        part = query.part if isinstance(query, AtLeast) else query
        return {at for at, _ in self.stand(part, field)}

    def stand(self, query: Query, field: str | None) -> list[tuple[At, Query]]:
        """Return every place of a term, of terms joined by OR, or of a pair, with the term it is of."""
        if isinstance(query, Or):
            return [found for part in query.parts for found in self.stand(part, field)]
        if isinstance(query, In):
            return self.stand(query.part, query.field)
        if isinstance(query, Near):
            return [(low, query) for low, _ in self._near(query, field)]
        if isinstance(query, NotNear):
            others = self.stand(query.right, field)
            return [
                one
                for one in self.stand(query.left, field)
                if not any(beside(query, one, other) for other in others)
            ]
        return [(at, query) for at in self._places(query) if field is None or self._is_in(at, field)]

    def _near(self, query: Near, field: str | None) -> list[tuple[At, At]]:
        return [
            (one, other)
            for one, _ in self.stand(query.left, field)
            for other, _ in self.stand(query.right, field)
            if is_near(one, other, query.most, ordered=query.ordered)
        ]

    def _is_in(self, at: At, field: str) -> bool:
        return at.field == field or (field == "lead" and at.field == "body" and at.last < 100)

    def _places(self, term: Query) -> Iterator[At]:
        wanted = parts_of(term)
        for name, made in (("title", self.title), ("body", self.body)):
            for first in range(len(made.words) - len(wanted) + 1):
                words = made.words[first : first + len(wanted)]
                if all(fits(word[2]) for fits, word in zip(wanted, words, strict=True)) and joined(
                    term, words
                ):
                    yield At(name, first, first + len(wanted) - 1, words[0][0], words[-1][1])


def parts_of(term: Query) -> list[Callable[[str], bool]]:
    """Return what each word of a term asks of a word of the text."""
    if isinstance(term, Prefix):
        return [lambda word: word.lower().startswith(term.text.lower())]
    if isinstance(term, Exact):
        return [lambda word, part=part: word == part for part in term.text.split()]  # type: ignore[misc]
    assert isinstance(term, (Word, Phrase))
    parts = term.text.split() if term.text.isascii() else list(term.text)
    return [lambda word, part=part: word.lower() == part.lower() for part in parts]  # type: ignore[misc]


def joined(term: Query, words: Sequence[tuple[int, int, str, str]]) -> bool:
    """Tell whether what stands between the words may stand there."""
    gaps = {before for _, _, _, before in words[1:]}
    return gaps <= {""} if isinstance(term, Word) else gaps <= JOINING


def is_near(one: At, other: At, most: int, *, ordered: bool) -> bool:
    """Tell whether two places of one field lie apart with few words between them."""
    if one.field != other.field:
        return False
    if one.last < other.first:
        return other.first - one.last - 1 <= most
    return not ordered and other.last < one.first and one.first - other.last - 1 <= most


def beside(query: NotNear, one: tuple[At, Query], other: tuple[At, Query]) -> bool:
    """Tell whether another place stands near a place, or over it."""
    if one == other:
        return False
    low, high = one[0], other[0]
    over = low.field == high.field and low.first <= high.last and high.first <= low.last
    return is_near(low, high, query.most, ordered=query.ordered) or (over and not query.ordered)


def most_apart(places: list[At]) -> int:
    """Return how many of the places can be taken without two of them overlapping."""
    count, taken = 0, None
    for at in sorted(places, key=lambda at: (at.field, at.last, at.first)):
        if taken is None or at.field != taken.field or at.first > taken.last:
            count, taken = count + 1, at
    return count
