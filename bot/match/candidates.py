"""Candidates: sequences of the articles of one kind, counted, and looked up as the matcher would. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from bot.errors import QueryError
from bot.match.automaton import Automaton
from bot.match.query import compose, parse
from bot.match.sequences import Found, sequences
from bot.match.tree import Phrase, Term, Word
from bot.model import Article, Span

#: sequences that are looked at closely
_MOST_TRIED: Final = 400
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
    written: Counter[str] = field(default_factory=Counter)
    names: int = 0
    in_text: int = 0

    @property
    def is_name(self) -> bool:
        """Whether the texts write it with capitals, mostly; a headline proves nothing."""
        return self.names * 2 > self.in_text

    @property
    def usual(self) -> str:
        """As it is written most often, of equals in small letters."""
        return max(self.written, key=lambda text: (self.written[text], text.islower()))

    def add(self, number: int, found: Found) -> None:
        """Count one more place."""
        self.articles.add(number)
        if found.distance is not None:
            self.near.add(number)
        self.written[found.written] += 1
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
            found.setdefault(one.key, Candidate(one.key)).add(number, one)
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
        term = parse(compose(any=[written], all=[], none=[]))
    except QueryError:
        return None
    return term if isinstance(term, Word | Phrase) and term.text == written else None
