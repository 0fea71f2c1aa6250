"""What could tell the mentions that people dismissed from those they kept: terms for NOT, rivals, context.

Words near the places of a mention are counted in the articles of both kinds; what a suggested term
would take away or keep is then found out by the search that the matcher uses. Nothing is changed: a
person decides. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.match.candidates import Candidate, LookedUp, Sample, apart, counted, looked_up
from bot.match.common_words import common_words
from bot.match.fold import fold
from bot.match.rivals import rivals
from bot.match.tree import terms
from bot.match.version import query_of
from bot.model import Article, Watch

__all__ = ["MOST", "Sample", "Suggested", "Suggestions", "suggest"]

#: suggestions of one kind
MOST: Final = 5
#: a term that more than one in so many other articles hold tells nothing: ``said``, ``Tuesday``
_RARE_FOR_NOT: Final = 20
_RARE_FOR_CONTEXT: Final = 4
#: letters of a word that can be context
_FEWEST_LETTERS: Final = 4
#: fewer other articles than this prove nothing against a term
_FEWEST_OTHERS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggested:
    """A term, written as an item of a watch's list."""

    term: str
    #: in how many articles of each kind it stands
    dismissed: int
    kept: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestions:
    """What could be added to a watch; the best first, at most five of each."""

    #: for ``not``: in dismissed articles, and in none that was kept
    nots: tuple[Suggested, ...] = ()
    #: for ``context``: near the places in most of the kept articles, and near none in dismissed ones
    contexts: tuple[Suggested, ...] = ()
    #: for ``rivals``: what dismissed articles say that the acronym stands for, and no kept one says
    rivals: tuple[Suggested, ...] = ()
    #: how many articles of each kind were compared, copies of one text counted once
    dismissed: int = 0
    kept: int = 0

    def __bool__(self) -> bool:
        return bool(self.nots or self.contexts or self.rivals)


def suggest(
    watch: Watch, dismissed: Sequence[Sample], kept: Sequence[Sample], *, others: Sequence[Article] = ()
) -> Suggestions:
    """Return what tells the dismissed mentions of a watch from the kept ones; empty where nothing does.

    Copies of one story count once. ``others`` are articles of any kind, by which the words that stand
    in every text are told. Where only one article was dismissed, names of several words are suggested
    and nothing else. Raises QueryError, with the watch's key as subject, for a query that does not parse.
    """
    dismissed, kept = apart(dismissed), apart(kept)
    if not dismissed:
        return Suggestions(kept=len(kept))
    ours = _keys(term.text for term in terms(query_of(watch)))
    known = [
        *ours,
        *_keys([*watch.long_forms, *watch.rivals, *(item.strip('"{}*') for item in watch.context)]),
    ]
    bad, good = counted(dismissed), counted(kept)
    others_meant = [
        (term, count)
        for term, count in rivals(watch, dismissed, kept, bad)
        if not any(_holds(key, fold(term).text.strip()) for key in known)
    ][:MOST]
    told = [*known, *_keys(term for term, _ in others_meant)]
    wanted = [
        one
        for one in bad.values()
        if _is_telling(one, len(dismissed), len(kept))
        and not any(_holds(key, one.key) for key in told)
        and _is_more_than(one.key, ours, alone=len(dismissed) == 1)
    ]
    near = [
        one
        for one in good.values()
        # one dismissed mention proves nothing by what it lacks
        if len(dismissed) > 1
        and len(one.near) > max(1, len(kept) // 2)
        and (len(one.key) >= _FEWEST_LETTERS or not one.key.isascii())
        and not (one.key in bad and bad[one.key].near)
        and not any(_holds(key, one.key) or _holds(one.key, key) for key in told)
    ]
    texts = ([one.article for one in dismissed], [one.article for one in kept], others)
    everywhere = _words_everywhere(others)
    nots = [
        one
        for one in looked_up(wanted, texts)
        if not one.kept and everywhere.isdisjoint(_ends(one.candidate.key))
    ]
    contexts = [
        one for one in looked_up(near, texts) if not _is_everywhere(one.others, others, _RARE_FOR_CONTEXT)
    ]
    return Suggestions(
        nots=_best(nots, ours),
        # one word of it speaks for the right sense as well as three
        contexts=_best(sorted(contexts, key=lambda one: len(one.candidate.key.split())), ours),
        rivals=tuple(Suggested(term=term, dismissed=count, kept=0) for term, count in others_meant),
        dismissed=len(dismissed),
        kept=len(kept),
    )


def _is_telling(one: Candidate, dismissed: int, kept: int) -> bool:
    """Tell whether a sequence may be what was not wanted, as far as so few articles can tell."""
    if dismissed == 1:
        return one.is_name and " " in one.key
    return len(one.articles) > 1 and (kept > 0 or one.is_name or " " in one.key)


def _is_more_than(key: str, ours: Sequence[str], *, alone: bool) -> bool:
    """Tell whether a sequence around a term of the query says something beside it: ``space opera`` does."""
    around = any(_holds(key, one) for one in ours)
    return not around or not (alone or common_words() & set(key.split()))


def _keys(texts: Iterable[str]) -> list[str]:
    return [key for text in texts if (key := fold(text).text.strip())]


def _holds(key: str, part: str) -> bool:
    """Tell whether one sequence stands in another."""
    return part in key if not part.isascii() else f" {part} " in f" {key} "


def _words_everywhere(others: Sequence[Article]) -> frozenset[str]:
    """Return the folded words that too many articles hold for a term to begin or end with."""
    held: Counter[str] = Counter()
    for article in others:
        held.update(set(fold(article.title, article.text).text.split()))
    return frozenset(word for word, count in held.items() if _is_everywhere(count, others, _RARE_FOR_NOT))


def _is_everywhere(count: int, others: Sequence[Article], rare: int) -> bool:
    return count >= _FEWEST_OTHERS and count * rare > len(others)


def _ends(key: str) -> tuple[str, str]:
    words = key.split()
    return words[0], words[-1]


def _best(found: Sequence[LookedUp], ours: Sequence[str]) -> tuple[Suggested, ...]:
    """Choose the best, each about something else; what holds a term of the query only where it has to."""

    def rank(one: LookedUp) -> tuple[int, bool, int]:
        around = any(_holds(one.candidate.key, key) for key in ours)
        return -max(one.dismissed, len(one.candidate.near)), around, one.others

    chosen: list[LookedUp] = []
    for one in sorted(found, key=rank):
        keys = [other.candidate.key for other in chosen]
        if len(chosen) < MOST and not any(_overlap(one.candidate.key, key) for key in keys):
            chosen.append(one)
    return tuple(Suggested(term=one.term, dismissed=one.dismissed, kept=one.kept) for one in chosen)


def _overlap(one: str, other: str) -> bool:
    """Tell whether two sequences share a word that says something, or characters of one run."""
    if " " not in one and " " not in other and (one in other or other in one):
        return True
    return not (set(one.split()) & set(other.split())) <= common_words()
