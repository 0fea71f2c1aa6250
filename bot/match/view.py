"""One article as queries look at it: what is present, and where, found when it is asked for. Pure."""

from collections.abc import Sequence
from functools import cached_property

from bot.match import meta
from bot.match.automaton import Scan
from bot.match.proximity import Occurrence
from bot.match.regex import compiled
from bot.match.terms import TITLE, Place
from bot.match.tree import Leaf, Regex
from bot.match.words import Words
from bot.model import Article

#: places of one regular expression that are kept in one field
_MOST_PLACES = 1_000


class View:
    """An article and its scan; every answer is found once."""

    def __init__(self, article: Article, scan: Scan, leaves: Sequence[Leaf]) -> None:
        """``leaves`` by number, as the automaton knows them."""
        self.article = article
        self._scan = scan
        self._leaves = leaves
        #: numbers of the searched terms that are found
        self.present = scan.present
        #: where a term stands, at most ``MOST_HITS`` places
        self.places = scan.places
        self.has = scan.has
        self.has_any = scan.has_any
        self._found: dict[tuple[int, str | None], list[Occurrence]] = {}
        self._meta: dict[tuple[str, Leaf], bool] = {}

    @cached_property
    def _words(self) -> Words:
        return Words(self._scan.folded)

    def occurrences(self, leaf: int, field: str | None) -> list[Occurrence]:
        """Return where a leaf stands in a field of the text, None for title and body."""
        key = leaf, field
        if key not in self._found:
            if field is None:
                self._found[key] = [self._occurrence(leaf, place) for place in self._places(leaf)]
            else:
                found = self.occurrences(leaf, None)
                self._found[key] = [one for one in found if self._is_within(one, field)]
        return self._found[key]

    def in_meta(self, leaf: Leaf, field: str) -> bool:
        """Tell whether a field of what is known about the article holds a leaf."""
        key = field, leaf
        if key not in self._meta:
            self._meta[key] = meta.is_in(leaf, self.article, field)
        return self._meta[key]

    def _places(self, leaf: int) -> Sequence[Place]:
        written = self._leaves[leaf]
        if not isinstance(written, Regex):
            return self._scan.places(leaf) if self._scan.has(leaf) else ()
        find = compiled(written.pattern).find
        return [
            (field, start, end, False)
            for field, text in enumerate((self.article.title, self.article.text))
            for start, end in find(text, most=_MOST_PLACES)
        ]

    def _occurrence(self, leaf: int, place: Place) -> Occurrence:
        field, start, end, _ = place
        first, last = self._words.bounds(field, start, end)
        return Occurrence(field, start, end, first, last, ((leaf, place),))

    def _is_within(self, one: Occurrence, field: str) -> bool:
        if field == "title":
            return one.field == TITLE
        if one.field == TITLE:
            return False
        return field == "body" or self._words.ends_in_lead(one.last)
