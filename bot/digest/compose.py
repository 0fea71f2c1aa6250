"""From mention events to a digest: watch → story → outlets, in order, cut to what a person reads.

A pure function of what the pipeline loaded. It decides what is told and in which order; how it
looks is the deliver room's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.digest.advice import advice
from bot.model import (
    Coverage,
    Digest,
    DigestStory,
    DigestTrouble,
    DigestWatch,
    EventKind,
    Health,
    MentionEvent,
    MentionState,
    Outlet,
    QuietWatch,
    SourceFlood,
    SourceRecovery,
    SourceTrouble,
    StoredMention,
    TermHits,
    WatchHistory,
)

#: More than that nobody reads; the rest is counted.
MOST_STORIES_A_WATCH = 25
MOST_STORIES = 100
#: Mentions in these states are news to somebody; the others are held back.
_TOLD = frozenset({MentionState.NEW, MentionState.BACKFILL})
#: Days of mentions that a comparison needs behind it.
_LEAST_HISTORY = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class _Story:
    """The mentions of one story in one watch, first seen first."""

    key: tuple[str, int]
    mentions: tuple[StoredMention, ...]

    @property
    def outlets(self) -> dict[str, StoredMention]:
        """The first mention of each outlet, in order."""
        first: dict[str, StoredMention] = {}
        for mention in self.mentions:
            first.setdefault(_outlet(mention), mention)
        return first


def compose(
    *,
    key: str,
    name: str,
    slot: datetime,
    since: datetime,
    until: datetime,
    timezone: str,
    schedule: str,
    next_slot: datetime | None,
    events: Sequence[MentionEvent],
    watches: Sequence[WatchHistory],
    coverage: Coverage,
    troubles: Sequence[SourceTrouble],
    recovered: Sequence[SourceRecovery] = (),
    floods: Sequence[SourceFlood] = (),
    told_until: datetime | None = None,
    web_url: str = "",
) -> Digest:
    """Compose what one schedule has to tell at one slot.

    Watches stand in the order of ``watches``; watches that only the events know come after them.
    Stories stand by number of outlets, then newest first; of each watch at most 25 are told and of
    the digest at most 100, shared out evenly, and ``more`` counts the rest. A mention counts once
    however many events it has; one that was withdrawn, dismissed or held back is not told.
    ``told_until`` is up to when the digest before told what happened, where that is not ``since``:
    troubles of which a notice told later are new, and stand first. A flood is an event, told by what was
    held back of it: it is neither a trouble here nor a recovery.
    """
    told = _told(events)
    stories = {watch: _stories(mentions) for watch, mentions in told.items()}
    order = [watch for watch in _in_order(watches, told) if told.get(watch.key)]
    shares = _shares([len(stories[watch.key]) for watch in order])
    mentions = sum(len(told[watch.key]) for watch in order)
    days = _added([watch.days for watch in watches])
    return Digest(
        key=key,
        name=name,
        slot=slot,
        since=since,
        until=until,
        timezone=timezone,
        schedule=schedule,
        next_slot=next_slot,
        mentions=mentions,
        stories=len({story.key for watch in order for story in stories[watch.key]}),
        outlets=len({_outlet(mention) for watch in order for mention in told[watch.key]}),
        watches=tuple(
            _watch(watch, told[watch.key], stories[watch.key], share, until - since)
            for watch, share in zip(order, shares, strict=True)
        ),
        quiet=tuple(
            QuietWatch(name=watch.name, last_mention_at=watch.last_mention_at)
            for watch in watches
            if not told.get(watch.key)
        ),
        coverage=coverage,
        troubles=_troubles(troubles, told_until or since),
        recovered=tuple(one for one in recovered if one.trouble is not Health.FLOOD),
        floods=tuple(sorted(floods, key=lambda flood: -flood.entries)),
        days=days,
        daily_mean=_mean(days),
        web_url=web_url,
        change_percent=_change_percent(mentions, days, until - since),
    )


def _troubles(troubles: Iterable[SourceTrouble], told_until: datetime) -> tuple[DigestTrouble, ...]:
    """Return the troubles to tell, new ones first, else in their order."""
    told = [
        DigestTrouble(
            name=trouble.name,
            message=trouble.message,
            health=trouble.health,
            since=None if trouble.health is Health.QUIET and not trouble.paused else trouble.since,
            new=trouble.told_at is not None and trouble.told_at > told_until,
            advice=advice(
                trouble.health,
                key=trouble.key,
                host=trouble.host,
                kind=trouble.kind,
                paused=trouble.paused,
            ),
        )
        for trouble in troubles
        if trouble.health is not Health.FLOOD or trouble.paused
    ]
    return tuple(sorted(told, key=lambda trouble: not trouble.new))


def _told(events: Iterable[MentionEvent]) -> dict[str, list[StoredMention]]:
    """Return the mentions to tell by watch, each as its latest event knows it."""
    latest: dict[int, MentionEvent] = {}
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        latest[event.mention.id] = event
    told: dict[str, list[StoredMention]] = {}
    for event in latest.values():
        if event.kind is not EventKind.WITHDRAWN and _is_told(event.mention):
            told.setdefault(event.mention.watch, []).append(event.mention)
    return told


def _is_told(mention: StoredMention) -> bool:
    return mention.state in _TOLD or (mention.state is MentionState.CONTRADICTED and mention.wanted)


def _in_order(
    watches: Sequence[WatchHistory], told: Mapping[str, Sequence[StoredMention]]
) -> list[WatchHistory]:
    """Return the watches as given, then those that are no longer configured, by name."""
    given = {watch.key for watch in watches}
    others = [
        WatchHistory(key=key, name=mentions[0].watch_name or key)
        for key, mentions in told.items()
        if key not in given
    ]
    return [*watches, *sorted(others, key=lambda watch: watch.name)]


def _stories(mentions: Iterable[StoredMention]) -> list[_Story]:
    grouped: dict[tuple[str, int], list[StoredMention]] = {}
    for mention in mentions:
        key = ("article", mention.article_id) if mention.story_id is None else ("story", mention.story_id)
        grouped.setdefault(key, []).append(mention)
    stories = [
        _Story(key=key, mentions=tuple(sorted(group, key=lambda m: (m.first_seen_at, m.article_id))))
        for key, group in grouped.items()
    ]
    stories.sort(key=lambda story: story.key)
    stories.sort(key=lambda story: story.mentions[0].first_seen_at, reverse=True)
    stories.sort(key=lambda story: len(story.outlets), reverse=True)
    return stories


def _shares(wanted: Sequence[int]) -> list[int]:
    """Return how many stories each watch may tell: one after the other takes one more."""
    shares = [0] * len(wanted)
    left = MOST_STORIES
    for round_number in range(MOST_STORIES_A_WATCH):
        for place, want in enumerate(wanted):
            if want > round_number and left:
                shares[place] += 1
                left -= 1
    return shares


def _watch(
    watch: WatchHistory,
    mentions: Sequence[StoredMention],
    stories: Sequence[_Story],
    share: int,
    period: timedelta,
) -> DigestWatch:
    return DigestWatch(
        key=watch.key,
        name=watch.name,
        description=watch.description,
        mentions=len(mentions),
        outlets=len({_outlet(mention) for mention in mentions}),
        stories=tuple(_story(story) for story in stories[:share]),
        more=len(stories) - share,
        change_percent=_change_percent(len(mentions), watch.days, period),
    )


def _story(story: _Story) -> DigestStory:
    lead = story.mentions[0]
    others = list(story.outlets.items())[1:]
    return DigestStory(
        title=lead.title,
        url=lead.url,
        outlet=_outlet(lead),
        language=lead.language,
        at=lead.published_at or lead.first_seen_at,
        excerpt=lead.excerpt,
        marks=lead.marks,
        why=_why(lead),
        also=tuple(Outlet(name=name, url=mention.url) for name, mention in others),
        mention_ids=tuple(mention.id for mention in story.mentions),
    )


def _why(mention: StoredMention) -> tuple[TermHits, ...]:
    """Return how often each term was found, those of the title first, then the most frequent."""
    in_title: dict[str, int] = {}
    in_text: dict[str, int] = {}
    for span in mention.spans:
        counts = in_title if span.field == "title" else in_text
        counts[span.term] = counts.get(span.term, 0) + 1
    hits = [
        TermHits(term=term, in_title=in_title.get(term, 0), in_text=in_text.get(term, 0))
        for term in {**in_title, **in_text}
    ]
    return tuple(sorted(hits, key=lambda hit: (not hit.in_title, -hit.in_title - hit.in_text)))


def _outlet(mention: StoredMention) -> str:
    return mention.outlet or mention.source_name or mention.source


def _added(days: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """Return the sum of several counts a day, all of which end today."""
    rows = [tuple(row) for row in days]
    length = max(map(len, rows), default=0)
    padded = [(0,) * (length - len(row)) + row for row in rows]
    return tuple(map(sum, zip(*padded, strict=True)))


def _mean(days: Sequence[int]) -> float | None:
    """Return the mean of the days before today; None when the first mention is younger than a week."""
    before = days[:-1]
    if not any(before[: len(before) - _LEAST_HISTORY + 1]):
        return None
    return sum(before) / len(before)


def _change_percent(mentions: int, days: Sequence[int], period: timedelta) -> int | None:
    """Return how much more a day than the mean; None without a history, or for less than a day.

    A part of a day compared with whole days would say nothing: news has its hours.
    """
    mean = _mean(days)
    # A day of the clock change has 23 hours, a restart may shorten another.
    whole_days = round(period / timedelta(days=1))
    if mean is None or whole_days < 1:
        return None
    return round((mentions / whole_days / mean - 1) * 100)
