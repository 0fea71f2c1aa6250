"""What is told: digests, and their way to a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.asking import Health


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    #: handed over, but the answer was lost: nobody can know
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What was looked at, so that an empty digest is evidence."""

    #: sources that are switched on, paused ones too
    sources: int = 0
    #: asked in the period, and known to answer or to fail: not those that a dead network kept from both
    sources_checked: int = 0
    #: of those that were checked: gave no good answer in all the period
    sources_unanswered: int = 0
    #: how those that are not well are doing at the end of the period, each counted once
    sources_failing: int = 0
    #: they list, and most of their pages cannot be read
    sources_partial: int = 0
    #: they answer well, and list nothing
    sources_empty: int = 0
    #: nothing new for longer than their own history explains
    sources_quiet: int = 0
    #: they listed again, as new, what they had listed before
    sources_flooding: int = 0
    sources_paused: int = 0
    #: never read so far
    sources_unknown: int = 0
    articles: int = 0
    in_full: int = 0
    from_feed: int = 0
    summary_only: int = 0
    #: entries whose page could not be read
    unread: int = 0
    #: since when no source can be reached; None while some can
    network_down_since: datetime | None = None

    @property
    def sources_answered(self) -> int:
        """How many sources gave a good answer in the period."""
        return self.sources_checked - self.sources_unanswered


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceTrouble:
    """A source that needs a look."""

    key: str = ""
    #: of its address
    host: str = ""
    name: str
    message: str
    since: datetime | None = None
    health: Health = Health.FAILING
    #: how it fails: a word of FailureKind
    kind: str | None = None
    #: it is not asked any more
    paused: bool = False
    #: when a notice told of it; None where none did
    told_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestTrouble:
    """A source that needs a look, as a digest tells it."""

    name: str
    message: str
    health: Health
    #: None also where the message says how long it lasts
    since: datetime | None
    #: told for the first time in this digest
    new: bool
    #: what can be done, commands and settings in backticks; "" where there is nothing to do
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRecovery:
    """A source that is well again after a trouble that was told."""

    name: str
    message: str
    #: what is over
    trouble: Health
    #: when the trouble began
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFlood:
    """What a source listed again, as new, and what was held back: one line, however much."""

    name: str
    entries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchHistory:
    """What a digest says of a watch beside its new mentions."""

    key: str
    name: str
    description: str = ""
    #: mentions a day, oldest first, today last; 14 numbers
    days: tuple[int, ...] = ()
    last_mention_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """One place that carries a story."""

    name: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TermHits:
    """How often a term was found: why a mention is one."""

    term: str
    in_title: int = 0
    in_text: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestStory:
    """A story as a digest tells it: the article first seen leads."""

    title: str
    url: str
    outlet: str
    language: str | None
    #: the publication time where it is known, else when it was first seen
    at: datetime
    excerpt: str
    marks: tuple[tuple[int, int], ...]
    why: tuple[TermHits, ...]
    #: the other outlets that carry it
    also: tuple[Outlet, ...] = ()
    mention_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestWatch:
    """One watch's part of a digest."""

    key: str
    name: str
    description: str
    #: mentions, stories and outlets before anything was cut
    mentions: int
    outlets: int
    stories: tuple[DigestStory, ...]
    #: stories that were cut
    more: int = 0
    #: per cent against the 14-day mean; None without a history
    change_percent: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietWatch:
    """A watch with nothing new."""

    name: str
    last_mention_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What one schedule has to tell at one slot; the same for every channel."""

    #: the schedule's key
    key: str
    name: str
    slot: datetime
    #: the period it covers, half-open
    since: datetime
    until: datetime
    #: IANA name; times are shown in this zone
    timezone: str
    #: the schedule in words
    schedule: str
    next_slot: datetime | None
    mentions: int
    stories: int
    outlets: int
    watches: tuple[DigestWatch, ...]
    quiet: tuple[QuietWatch, ...]
    coverage: Coverage
    troubles: tuple[DigestTrouble, ...] = ()
    #: sources that are well again
    recovered: tuple[SourceRecovery, ...] = ()
    #: what was held back because it only came again, the most first
    floods: tuple[SourceFlood, ...] = ()
    #: mentions a day, oldest first, today last
    days: tuple[int, ...] = ()
    #: mean of the days before today; None without a history
    daily_mean: float | None = None
    #: address of the web part; "" where there is none
    web_url: str = ""
    #: per cent of mentions a day against the mean; None without a history
    change_percent: int | None = None

    @property
    def id(self) -> str:
        """A short readable name, the same for the same slot."""
        return f"d-{self.slot:%Y%m%d-%H%M%S}-{self.key}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A way to a person, as configured; what its kind needs stands in the transport."""

    key: str
    #: ``email``, ``slack``, ``file``, ``stdout`` …
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One digest on its way to one target, with its body frozen."""

    id: int
    digest_id: int
    #: the schedule's key
    digest: str
    channel: str
    target: str
    body: bytes
    message_id: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    remote_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDelivery:
    """A delivery before it is stored."""

    channel: str
    target: str
    body: bytes
    message_id: str
    #: unique for ever: schedule, slot, channel and target
    dedup_key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the other side said when it accepted a delivery."""

    remote_id: str | None = None
