"""Rivals: what an acronym stands for in articles that people dismissed, and in none that they kept. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.errors import QueryError
from bot.match.candidates import Candidate, Sample, Texts, looked_up
from bot.match.fold import fold
from bot.match.items import phrase
from bot.match.sense import Guard
from bot.match.tree import Exact, Word, terms
from bot.match.version import query_of
from bot.model import Watch

#: capitals that make a word an acronym
_FEWEST_CAPITALS: Final = 2


def rivals(
    watch: Watch, dismissed: Sequence[Sample], kept: Sequence[Sample], bad: Mapping[str, Candidate]
) -> list[tuple[str, int]]:
    """Return meanings of an acronym that are not those of the watch, each with its number of articles.

    An article gives one where it defines the acronym, and where a name has its letters. ``bad`` are
    the sequences of the dismissed articles. The most frequent comes first.
    """
    guard = Guard(watch)
    ours = {key for sample in kept for key, _ in _long_forms(guard, sample)}
    written: dict[str, Counter[str]] = {}
    articles: dict[str, set[int]] = {}
    for number, sample in enumerate(dismissed):
        for key, form in _long_forms(guard, sample):
            written.setdefault(key, Counter())[form] += 1
            articles.setdefault(key, set()).add(number)
    for name in _names(watch, bad, kept):
        written.setdefault(name.key, Counter()).update(name.written)
        articles.setdefault(name.key, set()).update(name.articles)
    found = [
        (forms.most_common(1)[0][0], len(articles[key])) for key, forms in written.items() if key not in ours
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _names(watch: Watch, bad: Mapping[str, Candidate], kept: Sequence[Sample]) -> list[Candidate]:
    """Return the names, in no kept article, whose initials are an acronym of the watch."""
    acronyms = {
        fold(term.text).text.strip()
        for term in terms(query_of(watch))
        if isinstance(term, Word | Exact) and sum(map(str.isupper, term.text)) >= _FEWEST_CAPITALS
    }
    spelt = [
        one
        for one in bad.values()
        if one.is_name and "".join(word[0] for word in one.key.split()) in acronyms
    ]
    # a plural finds its singular, too
    spelt = [one for one in spelt if not (one.key.endswith("s") and one.key[:-1] in bad)]
    texts: Texts = ([], [sample.article for sample in kept], [])
    return [one.candidate for one in looked_up(spelt, texts) if not one.kept]


def _long_forms(guard: Guard, sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield the meanings that an article gives and the watch does not know: folded, and as written."""
    for given in guard.evidence(sample.article, sample.spans).definitions:
        if given.sense is None:
            try:
                yield fold(given.long_form).text.strip(), phrase(given.long_form)
            except QueryError:
                continue
