"""The steps of a trace, decided from what is known; ``bot.pipeline.trace`` loads it.

::

    unlisted ► unread ► incomplete ► no_match ► out_of_scope ► unmatched      here
    held_back ► waiting ► undelivered ► told                                  bot.pipeline.trace_told

One function a step: it says where the way of an address ended, in words, and what to do next.
"""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from bot.match import Examined, Explainer, Matcher, watch_version
from bot.match.matcher import compile as compile_watches
from bot.match.reasons import reasons, scope_reasons
from bot.model import Article, TextFrom, Watch, host_of
from bot.parse.prune import same_site
from bot.pipeline.trace_told import mention_way
from bot.pipeline.trace_values import Facts, Step, Trace, Way
from bot.pipeline.trace_words import at, health_in_words, joined, length, text_in_words, tries, why_unread

#: a page with fewer words is a caption, a notice, or cut off
SHORT: Final = 50
#: with more watches, only those that hold are told of
MOST_EXPLAINED: Final = 200
#: sources of the same site that are named
_MOST_NAMED: Final = 3
_ORDER: Final = {step: number for number, step in enumerate(Step)}


def decide(facts: Facts) -> Trace:
    """Return the first step that lost an address; with several watches, of the one that came furthest."""
    if not facts.entries and not facts.articles:
        return _unlisted(facts)
    if not facts.articles:
        return _unread(facts)
    ways = tuple(_way(facts, watch) for watch in _worth_explaining(facts))
    if not ways:
        none = "no watch holds" if facts.watches else "there is no watch"
        hint = "`--watch W` says of one watch why" if facts.watches else "add one to watchlists.yaml"
        return _ended(facts, Step.NO_MATCH, detail=f"it was read, but {none}", hint=hint)
    best = max(ways, key=lambda way: (_ORDER[way.step], -len(way.reasons)))
    article = _article_of(facts, best)
    detail = best.detail
    if len(ways) > 1 and best.reasons:
        said, _ = _how_read(facts, article)
        detail = f"{said}, and none of {len(ways)} watches holds"
    return _ended(facts, best.step, subject=best.watch, detail=detail, hint=best.hint, best=best, ways=ways)


def _ended(
    facts: Facts,
    step: Step,
    *,
    detail: str,
    subject: str = "",
    hint: str = "",
    best: Way | None = None,
    ways: tuple[Way, ...] = (),
) -> Trace:
    article = _article_of(facts, best) if facts.articles else None
    titles = [article.title if article else "", *(entry.title for entry in facts.entries)]
    return Trace(
        url=facts.url,
        step=step,
        subject=subject,
        detail=detail,
        hint=hint,
        title=next(filter(None, titles), ""),
        listed_by=tuple(dict.fromkeys(entry.source for entry in facts.entries)),
        article_id=None if article is None else article.id,
        watch=None if best is None else best.watch,
        ways=ways,
    )


def _article_of(facts: Facts, way: Way | None) -> Article:
    """Return the article that a way is about."""
    numbers = {mention.article_id for mention in facts.mentions if way and mention.id == way.mention_id}
    return next((article for article in facts.articles if article.id in numbers), facts.articles[0])


# unlisted, unread


def _unlisted(facts: Facts) -> Trace:
    """Say which sources could have listed it."""
    host = host_of(facts.url)
    near = [source for source in facts.sources if same_site(source.host, host)]
    parts = urlsplit(facts.url)
    root = tries(f"{parts.scheme}://{parts.netloc}")
    if not near:
        former = [row for row in facts.source_rows.values() if same_site(row.host, host)]
        gone = f"; '{former[0].name}' did, and is no longer configured" if former else ""
        return _ended(
            facts,
            Step.UNLISTED,
            subject=host,
            detail=f"no source lists it, and none is configured for {host}{gone}",
            hint=f"{root} shows what could be read there",
        )
    named = [
        f"{one.name} ({health_in_words(one, facts.source_rows.get(one.key), facts.now)})"
        for one in near[:_MOST_NAMED]
    ]
    more = len(near) - len(named)
    shown = joined([*named, f"{more} more"] if more else named)
    return _ended(
        facts,
        Step.UNLISTED,
        subject=host,
        detail=f"no source lists it; of the same site: {shown}",
        hint=f"{tries(near[0].key)} shows what it lists now, {root} what else there is",
    )


def _unread(facts: Facts) -> Trace:
    """Say why the page was not read; of several entries, the one that comes first to its turn."""
    waiting = [entry for entry in facts.entries if entry.next_read_at is not None]
    entry = min(waiting, key=lambda one: one.next_read_at or facts.now, default=facts.entries[0])
    why, hint = why_unread(entry, facts.now)
    listed = f"{entry.source_name} lists it since {at(entry.first_seen_at)}"
    return _ended(facts, Step.UNREAD, subject=entry.source, detail=f"{listed}, but {why}", hint=hint)


# the watches


def _worth_explaining(facts: Facts) -> list[Watch]:
    """Return the watches whose ways are told: all of them, where they are not too many."""
    if len(facts.watches) <= MOST_EXPLAINED:
        return list(facts.watches)
    matcher = _matcher(facts.watches)
    found = {mention.watch for mention in facts.mentions}
    for article in facts.articles:
        found |= {mention.watch for mention in matcher.find(article, excerpts=False)}
    return [watch for watch in facts.watches if watch.key in found]


# Many addresses are traced in a row, for the same watches.
@lru_cache(maxsize=2)
def _matcher(watches: tuple[Watch, ...]) -> Matcher:
    return compile_watches(watches)


@lru_cache(maxsize=MOST_EXPLAINED)
def _explainer(watch: Watch) -> Explainer:
    return Explainer(watch)


def _way(facts: Facts, watch: Watch) -> Way:
    """Return how far an address came with one watch: of several articles, the one that came furthest."""
    ways = [mention_way(facts, watch, mention) for mention in facts.mentions if mention.watch == watch.key]
    if not ways:
        ways = [_without_mention(facts, watch, article) for article in facts.articles]
    return max(ways, key=lambda way: (_ORDER[way.step], -len(way.reasons)))


def _without_mention(facts: Facts, watch: Watch, article: Article) -> Way:
    """Return why an article is no mention of a watch."""
    examined = _explainer(watch).examine(article)
    if not examined.query.matched:
        return _no_match(facts, watch, article, examined)
    if not examined.in_scope:
        return _out_of_scope(watch, article)
    return _unmatched(facts, watch, article)


def _no_match(facts: Facts, watch: Watch, article: Article, examined: Examined) -> Way:
    """Say what keeps the query from holding, and whether there was enough to look at."""
    lacking = tuple(reasons(examined.query, article))
    said, hint = _how_read(facts, article)
    whole = _is_whole(article)
    link = ", and the query does not hold: " if whole else "; "
    return Way(
        watch=watch.key,
        step=Step.NO_MATCH if whole else Step.INCOMPLETE,
        detail=f"{said}{link}{'; '.join(lacking)}",
        hint=hint or f"`newsbot explain {watch.key} {article.id}` shows the whole query",
        reasons=lacking,
    )


def _is_whole(article: Article) -> bool:
    return article.text_from is TextFrom.PAGE and length(article) >= SHORT


def _how_read(facts: Facts, article: Article) -> tuple[str, str]:
    """Return how much of an article was read, why not more, and what to do about that."""
    said = text_in_words(article)
    if _is_whole(article):
        return said, ""
    leading = [entry for entry in facts.entries if entry.article_id == article.id]
    unread = [entry for entry in leading if entry.state != "read" or article.text_from is not TextFrom.PAGE]
    if not unread:
        return said, f"{tries(article.url)} shows what the page gives now"
    why, hint = why_unread(unread[0], facts.now)
    return f"{said}, for {why}", hint


def _out_of_scope(watch: Watch, article: Article) -> Way:
    return Way(
        watch=watch.key,
        step=Step.OUT_OF_SCOPE,
        detail=f"the query holds, but {'; '.join(scope_reasons(watch, article))}",
        hint=f"widen the `languages` or `sources` of '{watch.key}' in watchlists.yaml",
    )


def _unmatched(facts: Facts, watch: Watch, article: Article) -> Way:
    """Say why there is no mention although the watch holds."""
    row = facts.watch_rows.get(watch.key)
    hint = "`newsbot once` does it now; `newsbot run` does it by itself"
    if not watch.enabled:
        why, hint = "it is switched off", f"set `enabled: true` for '{watch.key}' in watchlists.yaml"
    elif row is None:
        why = "it is new, and the database does not know it yet"
    elif row.version != watch_version(watch):
        why = "it was changed, and the database has its former version"
    elif (
        row.backfilled_version != row.version
        and article.first_seen_at
        and (article.first_seen_at < row.active_since)
    ):
        since = at(row.active_since)
        why = f"it is younger than the article (since {since}), and what is stored was not looked through yet"
        hint = f"`newsbot backfill {watch.key}` does it now; `newsbot run` does it by itself"
    else:
        why = "the article waits for its turn"
    return Way(
        watch=watch.key,
        step=Step.UNMATCHED,
        detail=f"the watch holds, but was not matched yet: {why}",
        hint=hint,
    )
