"""From an article to its mentions: all watches against one article in one scan.

``compile`` once, ``find`` for every article. A watch that asks for any one of its terms is matched as
soon as one is found; every other watch is looked at only where a term of its anchor is found, the
rarest group of terms of which it needs one. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.match.automaton import Automaton, Scan
from bot.match.evaluate import Plan, anchor, evidence, plan, text_leaves
from bot.match.excerpt import Excerpter
from bot.match.frequencies import Frequencies
from bot.match.scope import is_everywhere, is_within_scope
from bot.match.sense import Guard
from bot.match.spans import Places, merge, spans_at
from bot.match.terms import Place
from bot.match.tree import Leaf, Query, Regex, label
from bot.match.version import query_of, watch_version
from bot.match.view import View
from bot.model import Article, Mention, Watch
from bot.model.blocks import masked

#: spans that a mention carries
MOST_SPANS: Final = 200
#: a matcher is not taken over when so many times fewer of its terms are in use
_WORN: Final = 2


@dataclass(frozen=True, slots=True)
class _Compiled:
    watch: Watch
    version: str
    plan: Plan
    #: the numbers of all its leaves, each once
    numbers: tuple[int, ...]
    #: the numbers of the terms in its groups, in the order of the query, each once
    wanted: tuple[int, ...]
    #: whether articles of every language and source count
    is_everywhere: bool
    #: None where the watch has no sense guard
    guard: Guard | None


def _compiled(watch: Watch, query: Query, numbers: Mapping[Leaf, int]) -> _Compiled:
    shaped = plan(query, numbers)
    grouped = frozenset().union(*shaped.groups)
    used = tuple(dict.fromkeys(numbers[leaf] for leaf in text_leaves(query)))
    wanted = tuple(number for number in used if number in grouped)
    guard = Guard(watch) if watch.is_guarded else None
    return _Compiled(watch, watch_version(watch), shaped, used, wanted, is_everywhere(watch), guard)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What one matcher leaves to the next."""

    #: by leaf: its number; what is compiled refers to it
    numbers: Mapping[Leaf, int] = field(default_factory=dict)
    #: by key of the watch
    compiled: Mapping[str, _Compiled] = field(default_factory=dict)
    frequencies: Frequencies | None = None


class Matcher:
    """Watches, ready to be matched against articles; made by ``compile``."""

    def __init__(
        self, watches: Iterable[Watch], frequencies: Mapping[str, int] | None, before: "Matcher | None"
    ) -> None:
        #: the watches that take part, in the given order
        self.watches: tuple[Watch, ...] = tuple(watch for watch in watches if watch.enabled)
        known = _Known() if before is None else before.known
        self._numbers = dict(known.numbers)
        self._compiled: list[_Compiled] = self._compile(known.compiled)
        #: the version of each watch, by its key
        self.versions: Mapping[str, str] = {one.watch.key: one.version for one in self._compiled}
        self._leaves: tuple[Leaf, ...] = tuple(self._numbers)
        self._labels = [label(leaf) for leaf in self._leaves]
        #: by leaf: the watches that it satisfies all by itself
        self._at_once: list[list[int] | None] = [None] * len(self._leaves)
        for number, compiled in enumerate(self._compiled):
            if compiled.plan.is_any:
                for needed in compiled.plan.groups[0]:
                    _append(self._at_once, needed, number)
        self._frequencies = Frequencies(self._leaves, frequencies, before=known.frequencies)
        self._automaton = Automaton(())
        #: by term: the watches that are reached through it
        self._anchored: list[list[int] | None] = []
        #: the watches that no term of the text leads to
        self._always: list[int] = []
        self._choose_anchors()

    def _compile(self, known: Mapping[str, _Compiled]) -> list[_Compiled]:
        """Compile the watches; what was compiled already is taken over."""
        compiled = []
        for watch in self.watches:
            one = known.get(watch.key)
            if one is None or one.watch != watch:
                query = query_of(watch)
                for leaf in text_leaves(query):
                    self._numbers.setdefault(leaf, len(self._numbers))
                one = _compiled(watch, query, self._numbers)
            compiled.append(one)
        return compiled

    @property
    def known(self) -> "_Known":
        """What the next matcher of nearly the same watches can take over."""
        used = {number for one in self._compiled for number in one.numbers}
        if len(used) * _WORN < len(self._numbers):
            return _Known()
        return _Known(
            numbers=self._numbers,
            compiled={one.watch.key: one for one in self._compiled},
            frequencies=self._frequencies,
        )

    def find(self, article: Article, *, excerpts: bool = True) -> list[Mention]:
        """Return the mentions of an article, in the order of the watches; empty where no watch holds.

        Spans are code-point offsets into the article's title and text as they are given. Without
        ``excerpts`` they are left empty: for who only counts. What stands in the article's furniture is not
        said by it: a mention that only the furniture makes is marked as such.
        """
        shown = article if excerpts else None
        whole = self._find(article, shown)
        if not article.furniture:
            return whole
        said = replace(article, text=masked(article.text, article.furniture), furniture=())
        own = {mention.watch: mention for mention in self._find(said, shown)}
        found = {mention.watch: replace(mention, furniture=True) for mention in whole} | own
        return [found[watch.key] for watch in self.watches if watch.key in found]

    def _find(self, article: Article, shown: Article | None) -> list[Mention]:
        """Return the mentions of an article as it is; their excerpts are cut from ``shown``."""
        scan = self._automaton.scan(article.title, article.text)
        found = self._found(article, scan, shown) if scan.present or self._always else []
        # Only now: a scan answers for the anchors that were chosen before it.
        if self._frequencies.learn(scan.present, self._automaton.searched):
            self._choose_anchors()
        return found

    def _found(self, article: Article, scan: Scan, shown: Article | None) -> list[Mention]:
        view = View(article, scan, self._leaves)
        satisfied = self._satisfied(view)
        telling = _Telling(view, self._labels, Excerpter(shown) if shown else None)
        return [telling.mention(self._compiled[number], self._evidence(number, view)) for number in satisfied]

    def _satisfied(self, view: View) -> list[int]:
        """Return the numbers of the watches that hold, in their order."""
        satisfied: set[int] = set()
        candidates: set[int] = set(self._always)
        at_once, anchored = self._at_once, self._anchored
        for term in view.present:
            if (watches := at_once[term]) is not None:
                satisfied.update(watches)
            if (watches := anchored[term]) is not None:
                candidates.update(watches)
        compiled = self._compiled
        satisfied.update([number for number in candidates if compiled[number].plan.holds(view)])
        return [
            number
            for number in sorted(satisfied)
            if (one := compiled[number]).is_everywhere or is_within_scope(one.watch, view.article)
        ]

    def _evidence(self, number: int, view: View) -> list[tuple[int, list[Place] | None]]:
        """Return the leaves that give a mention its spans, with their places; None for all of a term's."""
        compiled = self._compiled[number]
        if compiled.plan.rest:
            return list(evidence(compiled.plan.root, view))
        # every group holds, so every term of a group that is present is evidence
        return [(term, None) for term in compiled.wanted if view.has(term)]

    def _choose_anchors(self) -> None:
        """Reach every watch through its rarest terms, and search for no others once they are known."""
        anchored: list[list[int] | None] = [None] * len(self._leaves)
        always: list[int] = []
        rate = self._frequencies.rate
        for number, compiled in enumerate(self._compiled):
            if not compiled.plan.is_any:
                group = anchor(compiled.plan.root, rate)
                for term in group:
                    _append(anchored, term, number)
                if not group:
                    always.append(number)
        self._anchored, self._always = anchored, always
        self._automaton = Automaton(self._leaves, searched=self._searched())

    def _searched(self) -> list[int]:
        """Return the terms to look for in every article: while nothing is known of them, all in use."""
        if self._frequencies.are_known:
            return [
                number
                for number, at_once in enumerate(self._at_once)
                if at_once is not None or self._anchored[number] is not None
            ]
        used = {number for compiled in self._compiled for number in compiled.numbers}
        return [number for number in sorted(used) if not isinstance(self._leaves[number], Regex)]


class _Telling:
    """Makes the mentions of one article; what several of them share is made once."""

    def __init__(self, view: View, labels: Sequence[str], excerpter: Excerpter | None) -> None:
        self._article = view.article
        self._places = view.places
        self._labels = labels
        self._spans: dict[int, Places] = {}
        self._excerpter = excerpter

    def mention(self, compiled: _Compiled, evident: list[tuple[int, list[Place] | None]]) -> Mention:
        """Return the mention of a watch that holds."""
        merged = merge([self._spans_of(leaf, places) for leaf, places in evident])
        excerpt, marks = ("", ()) if self._excerpter is None else self._excerpter.make(merged)
        return Mention(
            watch=compiled.watch.key,
            watch_version=compiled.version,
            revision=self._article.revision,
            spans=tuple(merged[:MOST_SPANS]),
            total=len(merged),
            excerpt=excerpt,
            marks=marks,
            sense=None if compiled.guard is None else compiled.guard.judge(self._article, merged),
        )

    def _spans_of(self, leaf: int, places: list[Place] | None) -> Places:
        if places is not None:
            return spans_at(self._labels[leaf], places)
        if leaf not in self._spans:
            self._spans[leaf] = spans_at(self._labels[leaf], self._places(leaf))
        return self._spans[leaf]


def compile(  # noqa: A001
    watches: Iterable[Watch],
    *,
    frequencies: Mapping[str, int] | None = None,
    before: Matcher | None = None,
) -> Matcher:
    """Make a matcher of watches; disabled ones take no part.

    ``frequencies`` says how many articles hold a folded word or phrase (``"combined space
    operations"``); without it the matcher learns from the articles it sees. ``before`` is a matcher of
    nearly the same watches, whose work and experience are taken over. Both change the speed only, never
    what is found. Raises QueryError, with the watch's key as subject, for a query that does not parse.
    """
    return Matcher(watches, frequencies, before)


def _append(lists: list[list[int] | None], at: int, number: int) -> None:
    known = lists[at]
    if known is None:
        lists[at] = [number]
    else:
        known.append(number)
