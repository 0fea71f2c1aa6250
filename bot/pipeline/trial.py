"""The trial: what a query would find in the stored articles, and what each of its terms does there.

Somebody tries a query before it becomes a watch, or a changed one against the watch that it would
replace. Two passes over the archive: one over what the query could find without its negations, for hits,
terms and differences, and one over the newest articles that hold any of its terms, for near misses. The
matcher of the stream decides, in batches in a thread. Reads only.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from bot.match import Explained, Explainer, query_of
from bot.match.automaton import Automaton
from bot.match.evaluate import Node, holds, node_of, occurrences, text_leaves
from bot.match.excerpt import Excerpter
from bot.match.matcher import MOST_SPANS
from bot.match.matcher import compile as compile_watches
from bot.match.reasons import reasons, scope_reasons
from bot.match.scope import is_within_scope
from bot.match.tree import (
    META_FIELDS,
    And,
    AtLeast,
    In,
    Leaf,
    Near,
    Not,
    NotNear,
    Or,
    Query,
    Regex,
    is_positive,
    parts_of,
)
from bot.match.view import View
from bot.model import Article, Mention, Sense, Span, Watch
from bot.pipeline.archive import backwards, forwards, narrowed
from bot.pipeline.search import Found, dated, outlet_of
from bot.store import Store, Tx, archive
from bot.store.articles import Unmatched

#: articles that are looked at for near misses, the last stored first
MOST_CANDIDATES: Final = 5_000
#: keys of what is tried and of what it is held against: two versions of one watch may be compared
_TRIED, _LIVE = "tried", "live"
#: stands for a term that is taken out of a query: it is found nowhere
_NEVER: Final = Node(kind=Or)

T = TypeVar("T")


class Role(StrEnum):
    """What a term is for in its query."""

    #: one of several, of which one is enough
    ANY = "any"
    #: needed
    ALL = "all"
    #: forbidden, everywhere or near another one
    NOT = "not"


@dataclass(frozen=True, kw_only=True, slots=True)
class TermCount:
    """What one term does, or what NEAR, NOT NEAR or atleast make of several."""

    #: in the watch language, with the field that it is looked for in
    term: str
    role: Role
    #: hits that hold it; of a forbidden one the articles that it takes away
    articles: int
    #: hits that are none without it; of a forbidden one the articles that would be hits without it
    only: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """An article that is no hit, or none of the watch that a query is held against."""

    found: Found
    #: what keeps it out, one line each
    why: tuple[str, ...]
    #: of a near miss: the parts of the query any of which alone stands between it and a hit
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NearMisses:
    """Articles in which exactly one condition of a query is missing, and something of it is found."""

    articles: int = 0
    #: articles with a term of the query that were looked at
    looked_at: int = 0
    #: whether there are more of those, all of them stored earlier
    is_cut: bool = False
    #: parts of the query with how often each is what is missing, the most frequent first
    missing: tuple[tuple[str, int], ...] = ()
    #: the newest first
    samples: tuple[Miss, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How a query and a watch differ over the same articles."""

    #: the watch's key
    watch: str
    both: int
    only_query: int
    only_watch: int
    #: the newest first, with what keeps them from the watch
    query_samples: tuple[Miss, ...]
    #: the newest first, with what keeps them from the query
    watch_samples: tuple[Miss, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What a query would find in the stored articles."""

    #: canonical
    query: str
    #: only articles that were first seen then or later count; None: all
    since: datetime | None
    #: stored articles that count
    articles: int
    hits: int
    #: outlets with their hits, the most first
    outlets: tuple[tuple[str, int], ...]
    #: when the first and the last hit were published, or seen where that is unknown
    first_at: datetime | None
    last_at: datetime | None
    #: hits a day of the zone by the same times, the first day first; days without hits are left out
    days: tuple[tuple[date, int], ...]
    #: in written order, each once
    terms: tuple[TermCount, ...]
    #: hits by what the article says of the acronym's meaning; None without a sense guard
    senses: tuple[tuple[Sense, int], ...] | None
    #: articles that would be hits if the query forbade nothing
    dropped: int
    #: articles that satisfy the query but are of a language or source that the watch is not for
    out_of_scope: int
    #: the newest first
    samples: tuple[Found, ...]
    near: NearMisses
    #: None where it is held against no watch
    against: Difference | None


async def trial(
    store: Store,
    watch: Watch,
    *,
    since: datetime | None = None,
    zone: ZoneInfo,
    samples: int = 5,
    against: Watch | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Trial:
    """Return what a watch, configured or made up, would find in the stored articles.

    ``since`` leaves out what was first seen before; days are those of ``zone``; ``samples`` is how many
    articles of each kind are shown; ``against`` is a watch to compare with. A disabled watch counts as an
    enabled one. ``progress`` is told how far it came, from 0 to 1. Raises QueryError, with the watch's key
    as subject, for a query that does not parse.
    """
    look = await asyncio.to_thread(_Look, watch, against, zone=zone, samples=samples)
    first = 1 if since is None else await store.aread(archive.first_since, since)
    async for batch in forwards(store, narrowed(look.queries), since=since):
        await asyncio.to_thread(look.at, batch.rows)
        progress(batch.share / 2)
    if first is not None and look.parts.has_conditions:
        wanted = narrowed(look.parts.terms) if look.parts.terms else None
        async with aclosing(backwards(store, wanted)) as batches:
            async for batch in batches:
                rows = [row for row in batch.rows if since is None or row.first_seen_at >= since]
                await asyncio.to_thread(look.nearly_at, rows)
                progress((1 + batch.share) / 2)
                if look.is_cut or batch.reached <= first:
                    break
    counted = await store.aread(_stored, first)
    made = await asyncio.to_thread(look.result, since, counted)
    progress(1)
    return made


def _stored(tx: Tx, first: int | None) -> int:
    """Return how many articles have this number or a higher one; None stands for none of them."""
    return 0 if first is None else archive.count_after(tx, first - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """A term of a query, or what NEAR, NOT NEAR or atleast make of several."""

    #: in the watch language
    text: str
    role: Role
    node: Node
    query: Query
    field: str | None

    @property
    def is_negative(self) -> bool:
        """Whether this is forbidden."""
        return self.role is Role.NOT

    @property
    def key(self) -> tuple[Node, bool]:
        """What parts are told apart by: the same term may be wanted here and forbidden there."""
        return self.node, self.is_negative

    @property
    def is_term(self) -> bool:
        """Whether this is a single term."""
        return self.node.kind is None


class Parts:
    """A query taken apart: what holds if a term is taken out, and what is missing where it fails.

    A term that is taken out is found nowhere: as one of several it brings nothing, as a needed one it
    lets nothing through, as a forbidden one it takes nothing away. Pure.
    """

    def __init__(self, query: Query) -> None:
        self._query = query
        self._leaves: list[Leaf] = list(dict.fromkeys(text_leaves(query)))
        numbers = {leaf: number for number, leaf in enumerate(self._leaves)}
        self._automaton = Automaton(self._leaves)
        self._root = node_of(query, numbers)
        alone = not parts_of(query)
        found: dict[tuple[Node, bool], _Part] = {}
        for part in _parts(query, self._root, None, is_negative=False, is_choice=alone):
            found.setdefault(part.key, part)
        #: in written order, each once
        self.all: tuple[_Part, ...] = tuple(found.values())
        self.has_negations = any(part.is_negative for part in self.all)
        #: whether something of the query can hold without the query
        self.has_conditions = any(not part.is_term for part in self.all) or _has_and(query)
        positive = [part for part in self.all if part.is_term and not part.is_negative]
        #: what is looked for in the text, and not forbidden
        self.terms: tuple[Query, ...] = tuple(
            part.query
            for part in positive
            if part.field not in META_FIELDS and not isinstance(part.query, Regex)
        )
        self._wanted = frozenset(part.node.leaf for part in positive if part.node.leaf >= 0)
        self._relaxed = _changed(self._root, _without_negatives)
        #: variants of the query by the number of a part, made when they are asked for
        self._without_one: dict[int, Node] = {}
        self._with_only_one: dict[int, Node] = {}

    def view(self, article: Article) -> View:
        """Return an article as this query looks at it."""
        return View(article, self._automaton.scan(article.title, article.text), self._leaves)

    def holds(self, view: View) -> bool:
        """Tell whether the query holds."""
        return holds(self._root, view)

    def holds_anything(self, view: View) -> bool:
        """Tell whether a term is found that is not forbidden; true where none can be looked for."""
        return not self.terms or view.has_any(self._wanted)

    def holds_but_for_negations(self, view: View) -> bool:
        """Tell whether the query would hold if it forbade nothing."""
        return self.has_negations and holds(self._relaxed, view)

    def found(self, view: View) -> Iterator[tuple[int, bool]]:
        """Yield the numbers of what a hit holds, each with whether it would be none without it."""
        for number, part in enumerate(self.all):
            if not part.is_negative and holds(part.node, view):
                yield number, not holds(self._without(number), view)

    def forbidden(self, view: View) -> Iterator[tuple[int, bool]]:
        """Yield the numbers of what takes an article away, each with whether it would be a hit without it.

        A part takes it away if it would do so alone, or if all the others would not.
        """
        for number, part in enumerate(self.all):
            if part.is_negative and holds(part.node, view):
                is_needed = holds(self._without(number), view)
                if is_needed or not holds(self._with_only(number), view):
                    yield number, is_needed

    def lacking(self, view: View) -> list[tuple[Query, str | None]]:
        """Return each part that alone stands between an article and a hit, with the field it stands in.

        Only where something of the query is found beside it: an article that holds nothing is no near miss.
        """
        return list(_lacking(self._query, self._root, None, view))

    def _without(self, number: int) -> Node:
        """Return the query without a part, at all its places."""
        if number not in self._without_one:
            key = self.all[number].key

            def choose(node: Node, is_negative: bool) -> Node | None:
                return _NEVER if (node, is_negative) == key else None

            self._without_one[number] = _changed(self._root, choose)
        return self._without_one[number]

    def _with_only(self, number: int) -> Node:
        """Return the query with a part as all that it forbids."""
        if number not in self._with_only_one:
            key = self.all[number].key

            def choose(node: Node, is_negative: bool) -> Node | None:
                return node if (node, is_negative) == key else _without_negatives(node, is_negative)

            self._with_only_one[number] = _changed(self._root, choose)
        return self._with_only_one[number]


def _parts(
    query: Query, node: Node, field: str | None, *, is_negative: bool, is_choice: bool
) -> Iterator[_Part]:
    """Yield the parts of a query in written order, repeated ones again."""
    if isinstance(query, In):
        # fields are pushed down to the leaves: there is no node of their own
        yield from _parts(query.part, node, query.field, is_negative=is_negative, is_choice=is_choice)
        return
    if not parts_of(query) or isinstance(query, Near | NotNear | AtLeast):
        role = Role.NOT if is_negative else Role.ANY if is_choice else Role.ALL
        yield _Part(text=_text(query, field), role=role, node=node, query=query, field=field)
    is_choice = is_choice or isinstance(query, Or)
    for at, (part, below) in enumerate(zip(parts_of(query), node.parts, strict=True)):
        turns = _turns(node, at)
        yield from _parts(part, below, field, is_negative=is_negative is not turns, is_choice=is_choice)


def _turns(node: Node, at: int) -> bool:
    """Tell whether what stands at a place under a node is forbidden by it."""
    return node.kind is Not or (node.kind is NotNear and at == 1)


def _text(query: Query, field: str | None) -> str:
    return str(query if field is None else In(field, query))


def _has_and(query: Query) -> bool:
    return isinstance(query, And) or any(map(_has_and, parts_of(query)))


def _changed(node: Node, choose: Callable[[Node, bool], Node | None], *, is_negative: bool = False) -> Node:
    """Return a query with what ``choose`` gives in the place of its nodes; None keeps one and goes on below."""
    chosen = choose(node, is_negative)
    if chosen is not None:
        return chosen
    parts = tuple(
        _changed(part, choose, is_negative=is_negative is not _turns(node, at))
        for at, part in enumerate(node.parts)
    )
    # what is not changed is shared
    return node if all(map(_is_same, parts, node.parts)) else replace(node, parts=parts)


def _is_same(one: Node, other: Node) -> bool:
    return one is other


def _without_negatives(node: Node, is_negative: bool) -> Node | None:
    return _NEVER if is_negative and node.kind is None else None


def _lacking(query: Query, node: Node, field: str | None, view: View) -> Iterator[tuple[Query, str | None]]:
    """Yield what alone is missing under a node that does not hold."""
    if isinstance(query, In):
        yield from _lacking(query.part, node, query.field, view)
    elif isinstance(query, And):
        held = [holds(part, view) for part in node.parts]
        if held.count(False) == 1:
            at = held.index(False)
            deeper = list(_lacking(query.parts[at], node.parts[at], field, view))
            yield from deeper
            others = (part for part, is_held in zip(query.parts, held, strict=True) if is_held)
            if not deeper and any(map(is_positive, others)):
                yield query.parts[at], field
    elif isinstance(query, Or):
        for part, below in zip(query.parts, node.parts, strict=True):
            yield from _lacking(part, below, field, view)
    elif isinstance(query, Near | NotNear | AtLeast):
        needed = node.parts[:1] if isinstance(query, NotNear) else node.parts
        if any(occurrences(part, view) for part in needed):
            yield query, field


class _Newest(Generic[T]):
    """The newest of many articles, each with something."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[tuple[datetime, int, Article, T]] = []

    def add(self, article: Article, what: T) -> None:
        """Keep an article if it is new enough; each one is given once."""
        one = (dated(article), article.id or 0, article, what)
        if len(self._kept) < self._most:
            heapq.heappush(self._kept, one)
        elif self._kept:
            heapq.heappushpop(self._kept, one)

    def __iter__(self) -> Iterator[tuple[Article, T]]:
        """Yield what is kept, the newest first."""
        return ((article, what) for _, _, article, what in sorted(self._kept, key=_age, reverse=True))


def _age(kept: tuple[datetime, int, Article, object]) -> tuple[datetime, int]:
    return kept[:2]


class _Look:
    """One trial as it goes on."""

    def __init__(self, watch: Watch, against: Watch | None, *, zone: ZoneInfo, samples: int) -> None:
        query = query_of(watch)
        #: what an article is looked at for
        self.queries = [query] if against is None else [query, query_of(against)]
        self.parts = Parts(query)
        #: whether there are more candidates for near misses than are looked at
        self.is_cut = False
        self._zone = zone
        self._tried = replace(watch, key=_TRIED, enabled=True)
        self._against = against
        self._live = None if against is None else replace(against, key=_LIVE, enabled=True)
        self._matcher = compile_watches([self._tried, *([self._live] if self._live else [])])
        self._count: Counter[str] = Counter()
        self._outlets: Counter[str] = Counter()
        self._days: Counter[date] = Counter()
        self._times: list[datetime] = []
        self._senses: Counter[Sense | None] = Counter()
        #: by number of a part
        self._articles: Counter[int] = Counter()
        self._only: Counter[int] = Counter()
        self._missing: Counter[str] = Counter()
        self._samples: _Newest[None] = _Newest(samples)
        self._gained: _Newest[None] = _Newest(samples)
        self._lost: _Newest[None] = _Newest(samples)
        self._near: _Newest[list[tuple[Query, str | None]]] = _Newest(samples)

    def at(self, rows: Iterable[Unmatched]) -> None:
        """Look at articles that the query, or the watch, could be about."""
        for article in (row.article for row in rows):
            found = {mention.watch: mention for mention in self._matcher.find(article, excerpts=False)}
            hit = found.get(_TRIED)
            if hit is not None:
                self._hit(article, hit)
            else:
                self._no_hit(article)
            if self._live is not None:
                self._compare(article, is_hit=hit is not None, is_live=_LIVE in found)

    def _hit(self, article: Article, hit: Mention) -> None:
        at = dated(article)
        self._times = [min([at, *self._times]), max([at, *self._times])]
        self._count["hits"] += 1
        self._outlets[outlet_of(article)] += 1
        self._days[at.astimezone(self._zone).date()] += 1
        self._senses[hit.sense] += 1
        self._samples.add(article, None)
        self._note(self.parts.found(self.parts.view(article)))

    def _no_hit(self, article: Article) -> None:
        view = self.parts.view(article)
        if not is_within_scope(self._tried, article):
            self._count["out_of_scope"] += self.parts.holds(view)
        elif self.parts.holds_but_for_negations(view):
            self._count["dropped"] += 1
            self._note(self.parts.forbidden(view))

    def _note(self, parts: Iterable[tuple[int, bool]]) -> None:
        for number, is_needed in parts:
            self._articles[number] += 1
            self._only[number] += is_needed

    def _compare(self, article: Article, *, is_hit: bool, is_live: bool) -> None:
        if is_hit and is_live:
            self._count["both"] += 1
        elif is_hit:
            self._gained.add(article, None)
        elif is_live:
            self._count["lost"] += 1
            self._lost.add(article, None)

    def nearly_at(self, rows: Iterable[Unmatched]) -> None:
        """Look for near misses among articles that could hold a term of the query."""
        for article in (row.article for row in rows if is_within_scope(self._tried, row.article)):
            view = self.parts.view(article)
            if not self.parts.holds_anything(view):
                continue
            if self._count["looked_at"] == MOST_CANDIDATES:
                self.is_cut = True
                return
            self._count["looked_at"] += 1
            if not self.parts.holds(view) and (lacking := self.parts.lacking(view)):
                self._count["near"] += 1
                self._missing.update({_text(*part) for part in lacking})
                self._near.add(article, lacking)

    def result(self, since: datetime | None, stored: int) -> Trial:
        """Return what came of it; ``stored`` articles count."""
        hits = self._count["hits"]
        return Trial(
            query=str(self.queries[0]),
            since=since,
            articles=stored,
            hits=hits,
            outlets=tuple(self._outlets.most_common()),
            first_at=min(self._times, default=None),
            last_at=max(self._times, default=None),
            days=tuple(sorted(self._days.items())),
            terms=tuple(
                TermCount(
                    term=part.text,
                    role=part.role,
                    articles=self._articles[number],
                    only=self._only[number],
                )
                for number, part in enumerate(self.parts.all)
            ),
            senses=tuple((sense, self._senses[sense]) for sense in Sense) if self._tried.is_guarded else None,
            dropped=self._count["dropped"],
            out_of_scope=self._count["out_of_scope"],
            samples=tuple(self._shown(article, _TRIED) for article, _ in self._samples),
            near=self._near_misses(),
            against=None if self._against is None else self._difference(self._against.key),
        )

    def _shown(self, article: Article, key: str) -> Found:
        """Return a hit of the query, or of the watch, with its excerpt."""
        mentions = self._matcher.find(article)
        return Found.of(article, next(mention for mention in mentions if mention.watch == key))

    def _difference(self, key: str) -> Difference:
        assert self._live is not None
        return Difference(
            watch=key,
            both=self._count["both"],
            only_query=self._count["hits"] - self._count["both"],
            only_watch=self._count["lost"],
            query_samples=tuple(self._kept_out(self._gained, _TRIED, self._live)),
            watch_samples=tuple(self._kept_out(self._lost, _LIVE, self._tried)),
        )

    def _kept_out(self, kept: _Newest[None], key: str, watch: Watch) -> Iterator[Miss]:
        """Yield articles that one of the two finds, with what keeps them from the other one."""
        explainer = Explainer(watch)
        for article, _ in kept:
            why = reasons(explainer.explain(article), article) or scope_reasons(watch, article)
            yield Miss(found=self._shown(article, key), why=tuple(why))

    def _near_misses(self) -> NearMisses:
        explainer = Explainer(self._tried)
        return NearMisses(
            articles=self._count["near"],
            looked_at=self._count["looked_at"],
            is_cut=self.is_cut,
            missing=tuple(self._missing.most_common()),
            samples=tuple(
                _near_miss(article, explainer.explain(article), lacking) for article, lacking in self._near
            ),
        )


def _near_miss(article: Article, tree: Explained, lacking: Sequence[tuple[Query, str | None]]) -> Miss:
    """Return a near miss with its reasons; the excerpt shows what is wrong, else what is found."""
    texts = [_text(*part) for part in lacking]
    nodes = [node for text, node in _named(tree, None) if text in texts]
    wrong = _spans(nodes)
    spans = _spans([tree])
    excerpt, marks = Excerpter(article).make(wrong or spans)
    found = Found(
        article=article, spans=tuple(spans[:MOST_SPANS]), total=len(spans), excerpt=excerpt, marks=marks
    )
    why = dict.fromkeys(line for node in nodes for line in reasons(node, article))
    return Miss(found=found, why=tuple(why), missing=tuple(dict.fromkeys(texts)))


def _named(node: Explained, field: str | None) -> Iterator[tuple[str, Explained]]:
    """Yield the nodes that do not hold with their text, and the field that they stand in."""
    if not node.matched:
        yield node.text if field is None else f"{field}:{node.text}", node
    below = node.text.partition(":")[0] if node.kind == "field" else field
    for part in node.parts:
        yield from _named(part, below)


def _spans(nodes: Iterable[Explained]) -> list[Span]:
    """Return where the terms under some nodes stand, each place once, in order of field and place."""
    found: dict[tuple[bool, int, int], Span] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        waiting += node.parts
        if not node.parts:
            found |= {(span.field == "body", span.start, span.end): span for span in node.spans}
    return [found[place] for place in sorted(found)]
