"""What a refresh hands to the store, and what it is told of what is stored.

Upper rooms reach this through ``bot.store.sources``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from bot.errors import FailureKind
from bot.model import Health, Moved, Offer, Rhythm

#: A field of RefreshSave is called ``bytes`` as well.
Hash: TypeAlias = bytes


class EntryKeysLike(Protocol):
    """The keys that an entry is known again by; all 16 bytes or None."""

    @property
    def url_key(self) -> bytes | None:
        """Of the canonical address."""

    @property
    def id_key(self) -> bytes | None:
        """Of the identifier that the source gave."""

    @property
    def title_key(self) -> bytes | None:
        """Of the folded title."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRow:
    """An entry of a source that was stored before."""

    entry_id: int
    url_key: bytes | None
    id_key: bytes | None
    title_key: bytes | None
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEntry:
    """An entry to store."""

    #: unique in its source, for ever
    key: str
    url: str | None
    #: the host that its page is asked from
    host: str
    url_key: bytes | None
    id_key: bytes | None
    title_key: bytes | None
    title: str
    published_at: datetime | None
    updated_at: datetime | None
    authors: tuple[str, ...]
    summary: str
    content: str
    language: str | None
    #: whether it stands for what was there before us, and is no news
    baseline: bool
    #: None: it will not be read
    next_read_at: datetime | None
    #: whom an aggregator names as where it comes from
    outlet: str = ""
    #: why it is history although it came later: ``flood``; None for all others
    held: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedEntry:
    """A known entry whose text its source changed: it is read again, from what the source says now."""

    entry_id: int
    title: str
    content: str
    summary: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefreshSave:
    """What one fetch of one source came to."""

    source_id: int
    next_fetch_at: datetime
    fail_weight: float
    #: None keeps what is known, with its reason; a failure then does not count
    health: Health | None
    #: of HTTP; None when there was no answer
    status: int | None
    #: None when it went well
    kind: FailureKind | None
    error: str | None
    duration_ms: int
    bytes: int
    etag: str | None
    last_modified: str | None
    body_hash: Hash | None
    #: the validators and the hash stay as they are, whatever stands in those fields
    keep_validators: bool
    new: Sequence[NewEntry]
    #: numbers of known entries that are listed again
    seen: Sequence[int]
    #: the source's first sight is over
    baseline: bool
    #: what the source calls itself; None keeps what is known
    title: str | None
    #: known entries with another text
    changed: Sequence[ChangedEntry] = ()
    #: how many entries were listed; None where nothing was read
    listed: int | None = None
    #: in words, with ``health``
    health_why: str | None = None
    #: None keeps what is known; ``items`` and ``recent_new`` are saved with new entries only
    rhythm: Rhythm | None = None
    #: where it has been sending us for good; None: nowhere, whatever was known
    moved: Moved | None = None
    #: it was asked without validators, and answered
    whole: bool = False
    #: what was discovered at a bare address; None keeps what is known
    found: Offer | None = None
    #: the facts that led to ``next_fetch_at``
    next_reason: Mapping[str, Any] | None = None
    #: why it is not asked any more before somebody resumes it; None: it is
    pause: str | None = None
    #: the address that the source had when it was asked: where it has another one by now, only entries are
    #: saved; None: whatever it has
    asked_url: str | None = None
