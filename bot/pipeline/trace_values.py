"""The values of a trace: what is known of an address, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model import Article, DeliveryState, MentionState, Source, StoredMention, Watch
from bot.pipeline.deps import DigestPlan
from bot.store.deliveries import ScheduleState
from bot.store.sources import SourceRow
from bot.store.trail import TrailEntry
from bot.store.watches import WatchRow


class Step(StrEnum):
    """Where the way of an address ended, in the order of the way."""

    #: no source lists it
    UNLISTED = "unlisted"
    #: listed, but its page was not read
    UNREAD = "unread"
    #: read, but not the whole text, and the query does not hold in what there is
    INCOMPLETE = "incomplete"
    #: the query does not hold
    NO_MATCH = "no_match"
    #: the query holds, but the watch is not for this language or source
    OUT_OF_SCOPE = "out_of_scope"
    #: the watch holds, but the article was not matched against it yet
    UNMATCHED = "unmatched"
    #: a mention that is not told, by its state
    HELD_BACK = "held_back"
    #: a mention that a digest will tell
    WAITING = "waiting"
    #: a mention that no digest tells, or whose delivery failed
    UNDELIVERED = "undelivered"
    TOLD = "told"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldDelivery:
    """Where a digest went."""

    channel: str
    target: str
    state: DeliveryState
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A digest that tells a mention."""

    #: the schedule's key
    digest: str
    slot: datetime
    deliveries: tuple[ToldDelivery, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How far an address came with one watch."""

    #: the watch's key
    watch: str
    step: Step
    #: what happened, for people
    detail: str
    #: what to do next; "" where there is nothing to do
    hint: str = ""
    #: what keeps the query from holding, one line each
    reasons: tuple[str, ...] = ()
    mention_id: int | None = None
    state: MentionState | None = None
    #: the oldest slot first
    digests: tuple[Told, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """The first step that lost an address; with several watches, the one that came furthest counts."""

    #: as it was asked for
    url: str
    step: Step
    #: what it happened to: a host, a source, a watch
    subject: str
    #: what happened, for people
    detail: str
    #: what to do next; "" where there is nothing to do
    hint: str = ""
    #: "" where the address was never listed
    title: str = ""
    #: keys of the sources that list it, the first to do so first
    listed_by: tuple[str, ...] = ()
    article_id: int | None = None
    #: the key of the watch that came furthest; None where it came to no watch
    watch: str | None = None
    #: every watch that was asked for, in the order of the configuration
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """All that is known of an address."""

    url: str
    now: datetime
    #: those that are asked for, as configured
    watches: tuple[Watch, ...]
    sources: tuple[Source, ...]
    digests: tuple[DigestPlan, ...]
    #: the first seen first
    entries: tuple[TrailEntry, ...]
    #: at their present revisions
    articles: tuple[Article, ...]
    mentions: tuple[StoredMention, ...]
    #: by the mention's number
    told: Mapping[int, tuple[Told, ...]]
    #: of the watches that the database knows and that are switched on, by key
    watch_rows: Mapping[str, WatchRow]
    #: by key
    source_rows: Mapping[str, SourceRow]
    #: by the digest's key; None for one that was never heard of
    schedules: Mapping[str, ScheduleState | None]
