"""What is looked for, and what is found: watches, spans, mentions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from bot.model.asking import Tier


class MentionState(StrEnum):
    """What a mention's facts amount to; the first that holds, in this order."""

    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    FURNITURE = "furniture"
    CONTRADICTED = "contradicted"
    BACKFILL = "backfill"
    NEW = "new"


class EventKind(StrEnum):
    """What happened to a mention; each event enters each digest schedule once."""

    FOUND = "found"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class Sense(StrEnum):
    """What an article says of an acronym's meaning."""

    #: it gives an expected long form
    CONFIRMED = "confirmed"
    #: it gives a rival one
    CONTRADICTED = "contradicted"
    #: it gives none, but speaks of what belongs to the right sense
    LIKELY = "likely"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """What somebody wants to be told about."""

    #: letters, digits, ``-`` and ``_``; never reused for another meaning
    key: str
    #: in the watch language; ``any``/``all``/``not`` are written into one query
    query: str
    name: str = ""
    description: str = ""
    enabled: bool = True
    #: what the acronym stands for, each a phrase
    long_forms: tuple[str, ...] = ()
    #: what else it may stand for, each a phrase
    rivals: tuple[str, ...] = ()
    #: terms of the watch language that speak for the right sense
    context: tuple[str, ...] = ()
    #: ISO 639-1; empty: every language
    languages: tuple[str, ...] = ()
    #: keys of sources; empty: every source
    sources: tuple[str, ...] = ()
    #: of the source, one is enough; empty: every source
    tags: tuple[str, ...] = ()
    #: of the source; empty: every source
    tiers: tuple[Tier, ...] = ()
    #: whether a mention in another sense is delivered all the same
    deliver_contradicted: bool = False

    @property
    def is_guarded(self) -> bool:
        """Whether an article is asked what the acronym means in it."""
        return bool(self.long_forms or self.rivals or self.context)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Where a term stands: code-point offsets, half-open, into the stored title or text."""

    #: ``title`` or ``body``
    field: str
    start: int
    end: int
    #: the term as the query writes it
    term: str
    #: an exact-case term found folded, because the title is all capitals
    all_capitals: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A watch that an article satisfies."""

    watch: str
    #: the version of the watch that matched
    watch_version: str
    #: the first revision that matches; spans index its text
    revision: int
    #: the first 200, in order of field and place
    spans: tuple[Span, ...]
    #: how many there are altogether
    total: int
    #: at most 300 characters
    excerpt: str
    #: where terms stand in the excerpt: (start, end), half-open
    marks: tuple[tuple[int, int], ...] = ()
    #: None where the watch has no sense guard
    sense: Sense | None = None
    #: only what belongs to the site makes it one: kept, and told to nobody
    furniture: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the token index, or how words of it begin."""

    text: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class AllTokens:
    """Every part is in the article."""

    parts: tuple["TokenQuery", ...]


@dataclass(frozen=True, slots=True)
class AnyToken:
    """One of the parts is in the article."""

    parts: tuple["TokenQuery", ...]


#: What the token index is asked: it narrows down candidates and never decides.
TokenQuery: TypeAlias = Token | AllTokens | AnyToken


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMention:
    """A mention with the facts of its article, as lists and digests show it."""

    id: int
    watch: str
    watch_name: str
    article_id: int
    story_id: int | None
    url: str
    title: str
    source: str
    source_name: str
    #: the outlet's name
    outlet: str
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    found_at: datetime
    state: MentionState
    sense: str | None
    revision: int
    watch_version: str
    spans: tuple[Span, ...]
    total: int
    excerpt: str
    marks: tuple[tuple[int, int], ...]
    dismissed_at: datetime | None = None
    #: what the person said to it; "" for nothing
    dismissed_why: str | None = None
    #: ``revision``: the text lost it; ``watch``: somebody changed the watch
    withdrawn_why: str | None = None
    #: whether its watch wants it told although it is another sense
    wanted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MentionEvent:
    """Something that happened to a mention and that a digest has to tell."""

    id: int
    kind: EventKind
    at: datetime
    mention: StoredMention
