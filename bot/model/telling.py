"""What is told: digests, and their way to a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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

    sources_checked: int = 0
    sources_failing: int = 0
    articles: int = 0
    in_full: int = 0
    from_feed: int = 0
    summary_only: int = 0
    #: entries whose page could not be read
    unread: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceTrouble:
    """A source that needs a look."""

    name: str
    message: str
    since: datetime | None = None


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
    troubles: tuple[SourceTrouble, ...] = ()
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
