"""The trial: what a query would find in the stored articles, and what each of its terms does there.

Somebody tries a query before it becomes a watch, or a changed one against the watch that it would
replace. Two passes over the archive: one over what the query could find without its negations, for hits,
terms and differences, and one over articles that hold any of its terms, for near misses. The matcher of
the stream decides, in batches in a thread. Reads only.
"""

import asyncio
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bot.match import Explained, Explainer, query_of
from bot.match.matcher import compile as compile_watches
from bot.match.parts import Parts, Role
from bot.match.reasons import reasons, scope_reasons
from bot.match.relaxed import without_negations
from bot.match.scope import is_within_scope
from bot.model import Article, Mention, Sense, Span, Watch
from bot.pipeline.archive import forwards, narrowed
from bot.pipeline.search import Found, dated, outlet_of, rarest
from bot.store import Store, archive
from bot.store.articles import Unmatched

#: articles that are looked at for near misses, those with rare terms first
MOST_CANDIDATES: Final = 5_000
#: keys of what is tried, of that without what it forbids, and of the watch that it is held against
_TRIED, _RELAXED, _LIVE = "tried", "relaxed", "live"
#: conditions whose near misses are shown
_MOST_MISSING: Final = 20


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A part of a query that alone stands between some articles and a hit."""

    #: in the watch language, with the field that it is looked for in
    part: str
    articles: int
    #: the newest first
    samples: tuple[Miss, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NearMisses:
    """Articles in which exactly one condition of a query is missing, and something of it is found."""

    articles: int
    #: articles with a term of the query that were looked at
    looked_at: int
    #: whether there are more of those, without rare terms and stored earlier
    is_cut: bool
    #: what is missing, the least frequent first: that most articles lack a rare term says little
    missing: tuple[Missing, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How a query and a watch differ over the same articles."""

    #: the watch's key
    watch: str
    both: int
    only_query: int
    only_watch: int
    #: the newest first, with what keeps them from the other of the two
    query_samples: tuple[Miss, ...]
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
    async for batch in forwards(store, narrowed(look.queries), since=since):
        await asyncio.to_thread(look.at, batch.rows)
        progress(batch.share / 2)
    if look.parts.has_conditions:
        async for articles, share in rarest(store, look.parts.terms, since=since):
            await asyncio.to_thread(look.nearly_at, articles)
            progress((1 + share) / 2)
            if look.is_cut:
                break
    if since is None:
        stored = await store.aread(archive.count_after, 0)
    else:
        stored = await store.aread(archive.count_since, since)
    return await asyncio.to_thread(look.result, since, stored)


class _Look:
    """One trial as it goes on."""

    def __init__(self, watch: Watch, against: Watch | None, *, zone: ZoneInfo, samples: int) -> None:
        query = query_of(watch)
        self.queries = [query] if against is None else [query, query_of(against)]
        self.parts = Parts(query)
        self.is_cut = False
        self._zone = zone
        self._most = samples
        self._tried = replace(watch, key=_TRIED, enabled=True)
        self._against = against
        live = [] if against is None else [replace(against, key=_LIVE, enabled=True)]
        relaxed = Watch(key=_RELAXED, query=str(without_negations(query)))
        self._matcher = compile_watches([self._tried, relaxed, *live])
        #: how many articles of each kind there are, and the newest of them
        self._count: Counter[str] = Counter()
        self._newest: defaultdict[str, list[Article]] = defaultdict(list)
        self._outlets: Counter[str] = Counter()
        self._days: Counter[date] = Counter()
        self._times: list[datetime] = []
        self._senses: Counter[Sense | None] = Counter()
        #: by number of a part
        self._articles: Counter[int] = Counter()
        self._only: Counter[int] = Counter()
        self._lacking: Counter[str] = Counter()

    def at(self, rows: Iterable[Unmatched]) -> None:
        """Look at articles that the query, or the watch, could be about."""
        for article in (row.article for row in rows):
            found = {mention.watch: mention for mention in self._matcher.find(article, excerpts=False)}
            if _TRIED in found:
                self._hit(article, found[_TRIED])
                self._add("both" if _LIVE in found else f"only {_TRIED}", article)
                continue
            if _LIVE in found:
                self._add(f"only {_LIVE}", article)
            if _RELAXED in found:
                self._no_hit(article)

    def _hit(self, article: Article, hit: Mention) -> None:
        at = dated(article)
        self._add("hit", article)
        self._times = [min([at, *self._times]), max([at, *self._times])]
        self._outlets[outlet_of(article)] += 1
        self._days[at.astimezone(self._zone).date()] += 1
        self._senses[hit.sense] += 1
        self._note(self.parts.found(self.parts.view(article)))

    def _no_hit(self, article: Article) -> None:
        """Note what keeps an article out that would be a hit if nothing were forbidden."""
        view = self.parts.view(article)
        if not is_within_scope(self._tried, article):
            self._count["out of scope"] += self.parts.holds(view)
        else:
            self._count["dropped"] += 1
            self._note(self.parts.forbidden(view))

    def _note(self, parts: Iterable[tuple[int, bool]]) -> None:
        for number, is_needed in parts:
            self._articles[number] += 1
            self._only[number] += is_needed

    def _add(self, kind: str, article: Article) -> None:
        self._count[kind] += 1
        kept = [*self._newest[kind], article]
        self._newest[kind] = heapq.nlargest(self._most, kept, key=lambda one: (dated(one), one.id or 0))

    def nearly_at(self, articles: Iterable[Article]) -> None:
        """Look for near misses among articles that could hold a term of the query."""
        for article in (one for one in articles if is_within_scope(self._tried, one)):
            view = self.parts.view(article)
            if not self.parts.holds_anything(view):
                continue
            if self._count["candidate"] == MOST_CANDIDATES:
                self.is_cut = True
                return
            self._count["candidate"] += 1
            if not self.parts.holds(view) and (lacking := self.parts.lacking(view)):
                self._count["near"] += 1
                for part in lacking:
                    self._add(f"without {part}", article)
                self._lacking.update(lacking)

    def result(self, since: datetime | None, stored: int) -> Trial:
        """Return what came of it; ``stored`` articles count."""
        held, only = self._articles, self._only
        terms = (
            TermCount(term=part.text, role=part.role, articles=held[number], only=only[number])
            for number, part in enumerate(self.parts.all)
        )
        return Trial(
            query=str(self.queries[0]),
            since=since,
            articles=stored,
            hits=self._count["hit"],
            outlets=tuple(self._outlets.most_common()),
            first_at=min(self._times, default=None),
            last_at=max(self._times, default=None),
            days=tuple(sorted(self._days.items())),
            terms=tuple(terms),
            senses=tuple((sense, self._senses[sense]) for sense in Sense) if self._tried.is_guarded else None,
            dropped=self._count["dropped"],
            out_of_scope=self._count["out of scope"],
            samples=tuple(self._shown(article, _TRIED) for article in self._newest["hit"]),
            near=self._near_misses(),
            against=None if self._against is None else self._difference(self._against),
        )

    def _shown(self, article: Article, key: str) -> Found:
        """Return a hit of the query, or of the watch, with its excerpt."""
        mentions = self._matcher.find(article)
        return Found.of(article, next(mention for mention in mentions if mention.watch == key))

    def _difference(self, watch: Watch) -> Difference:
        return Difference(
            watch=watch.key,
            both=self._count["both"],
            only_query=self._count[f"only {_TRIED}"],
            only_watch=self._count[f"only {_LIVE}"],
            query_samples=tuple(self._kept_out(_TRIED, by=watch)),
            watch_samples=tuple(self._kept_out(_LIVE, by=self._tried)),
        )

    def _kept_out(self, key: str, *, by: Watch) -> Iterator[Miss]:
        """Yield articles that only one of the two finds, with what keeps them from the other one."""
        explainer = Explainer(by)
        for article in self._newest[f"only {key}"]:
            why = reasons(explainer.explain(article), article) or scope_reasons(by, article)
            yield Miss(found=self._shown(article, key), why=tuple(why))

    def _near_misses(self) -> NearMisses:
        explain = lru_cache(Explainer(self._tried).explain)
        missing = []
        for number, (part, count) in enumerate(sorted(self._lacking.items(), key=lambda one: one[::-1])):
            newest = self._newest[f"without {part}"] if number < _MOST_MISSING else []
            samples = tuple(_near_miss(article, explain(article), part) for article in newest)
            missing.append(Missing(part=part, articles=count, samples=samples))
        near, looked_at = self._count["near"], self._count["candidate"]
        return NearMisses(articles=near, looked_at=looked_at, is_cut=self.is_cut, missing=tuple(missing))


def _near_miss(article: Article, explained: Explained, part: str) -> Miss:
    """Return a near miss with its reasons; the excerpt shows what is wrong, else what is found."""
    node = next(node for node in _false(explained, None) if node.text == part)
    spans = _spans([explained])
    found = Found.at(article, spans, shown=_spans([node]) or spans)
    return Miss(found=found, why=tuple(reasons(node, article)))


def _false(node: Explained, field: str | None) -> Iterator[Explained]:
    """Yield the nodes that do not hold, each within the field that it stands in."""
    if not node.matched and field is None:
        yield node
    elif not node.matched:
        text = node.text if not node.parts or node.kind == "at_least" else f"({node.text})"
        yield Explained(text=f"{field}:{text}", kind="field", matched=False, parts=(node,))
    below = node.text.partition(":")[0] if node.kind == "field" else field
    for part in node.parts:
        yield from _false(part, below)


def _spans(nodes: Iterable[Explained]) -> list[Span]:
    """Return where the terms under some nodes stand, each place once, in order of field and place."""
    found = {
        (span.field == "body", span.start, span.end): span
        for node in nodes
        for span in (*node.spans, *_spans(node.parts))
    }
    return [found[place] for place in sorted(found)]
