"""Candidates: sequences of the articles of one kind, counted, and looked up as the matcher would. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from bot.errors import QueryError
from bot.match.automaton import Automaton
from bot.match.fold_tables import IGNORABLE
from bot.match.query import parse_item
from bot.match.sequences import Found, sequences
from bot.match.tree import Phrase, Term, Word
from bot.model import Article, Span

#: sequences that are looked at closely
_MOST_TRIED: Final = 2_000
#: places of one sequence by which it is judged how it is written
_MOST_PLACES: Final = 100
_IGNORED: Final = str.maketrans(dict.fromkeys(IGNORABLE, ""))
#: articles of the dismissed, of the kept, and others
Texts: TypeAlias = tuple[Sequence[Article], Sequence[Article], Sequence[Article]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """An article that was found, at the revision that the spans index."""

    article: Article
    spans: tuple[Span, ...]


def apart(samples: Sequence[Sample]) -> list[Sample]:
    """Return one sample of each story: what copies agree in proves nothing."""
    first: dict[object, Sample] = {}
    for sample in samples:
        story = sample.article.story_id
        first.setdefault(sample.article.text if story is None else story, sample)
    return list(first.values())


@dataclass(slots=True)
class Candidate:
    """A sequence of the articles of one kind."""

    key: str
    #: numbers of the articles in which it stands, and in which it stands near a span
    articles: set[int] = field(default_factory=set)
    near: set[int] = field(default_factory=set)
    #: the first places: the title or text, start and end there
    places: list[tuple[str, int, int]] = field(default_factory=list)
    names: int = 0
    in_text: int = 0

    @property
    def is_name(self) -> bool:
        """Whether the texts write it with capitals, mostly; a headline proves nothing."""
        return self.names * 2 > self.in_text

    @property
    def written(self) -> Counter[str]:
        """In which ways it is written, with how often each is found."""
        return Counter(
            " ".join(text[start:end].translate(_IGNORED).split()) for text, start, end in self.places
        )

    @property
    def usual(self) -> str:
        """As it is written most often, of equals in small letters."""
        written = self.written
        return max(written, key=lambda text: (written[text], text.islower()))

    def add(self, number: int, article: Article, found: Found) -> None:
        """Count one more place."""
        self.articles.add(number)
        if found.is_near:
            self.near.add(number)
        if len(self.places) < _MOST_PLACES:
            text = article.title if found.field == "title" else article.text
            self.places.append((text, found.start, found.end))
        if found.field == "body":
            self.in_text += 1
            self.names += found.is_name

    @property
    def rank(self) -> tuple[Any, ...]:
        """Return what puts the candidates of most articles first, of equals names and the longest."""
        return -len(self.articles), not self.is_name, -len(self.key.split()), -len(self.key), self.key


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A candidate, with the number of articles in which the matcher finds it, wherever it stands."""

    candidate: Candidate
    term: str
    dismissed: int
    kept: int
    others: int


def counted(samples: Sequence[Sample]) -> dict[str, Candidate]:
    """Return the sequences of some articles by their folded words."""
    found: dict[str, Candidate] = {}
    for number, sample in enumerate(samples):
        for one in sequences(sample.article, sample.spans):
            found.setdefault(one.key, Candidate(one.key)).add(number, sample.article, one)
    return found


def looked_up(candidates: Iterable[Candidate], texts: Texts) -> Iterator[LookedUp]:
    """Yield the candidates that can be items of a watch, the best first."""
    tried: list[tuple[Candidate, str, Term]] = []
    for candidate in sorted(candidates, key=lambda one: one.rank)[:_MOST_TRIED]:
        written = candidate.usual
        if (term := _item(written)) is not None:
            tried.append((candidate, written, term))
    automaton = Automaton([term for _, _, term in tried])
    counts: tuple[Counter[int], ...] = tuple(Counter() for _ in texts)
    for articles, count in zip(texts, counts, strict=True):
        for article in articles:
            count.update(automaton.scan(article.title, article.text).present)
    for number, (candidate, written, _) in enumerate(tried):
        yield LookedUp(candidate, written, *(count[number] for count in counts))


def _item(written: str) -> Term | None:
    """Return the term that a watch's list would read; None where it would read something else."""
    try:
        term = parse_item(written)
    except QueryError:
        return None
    return term if isinstance(term, Word | Phrase) and term.text == written else None
