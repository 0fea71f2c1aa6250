"""What the configuration amounts to: frozen values that the rest of the program is given."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from bot.config.memory import Memory
from bot.errors import Fault
from bot.model import Access, PauseScope, Source, SourceKind, Watch

DEFAULT_DATABASE = "sqlite:///data/newsbot.db"
DEFAULT_TIMEZONE = "UTC"


@dataclass(frozen=True, kw_only=True, slots=True)
class Validators:
    """The rules of other rooms, which this one must not import."""

    #: raises QueryError
    query: Callable[[str], None]
    #: ``compose(any=, all=, none=)`` → one query text; raises QueryError
    compose: Callable[..., str]
    #: an item of ``long_forms`` or ``rivals`` → its phrase; raises QueryError
    phrase: Callable[[str], str]
    #: an item of ``context`` → its term, as a query has it; raises QueryError
    context: Callable[[str], str]
    #: what of a watch works and was hardly meant: message, hint, how the part it speaks of may be written
    advice: Callable[[Watch], Iterable[tuple[str, str, tuple[str, ...]]]]
    #: raise ScheduleError
    schedule: Callable[[str], None]
    cron: Callable[[str], None]
    #: whether a query can be put to a search engine
    searchable: Callable[[str], bool]
    #: the options of each kind of channel
    channels: Mapping[str, type[BaseModel]]
    #: what was judged by these rules before
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchSettings:
    """How sources are asked, unless they say otherwise."""

    #: of a source that sets none of its own: to begin with, then adapted to what it brings
    every: timedelta = timedelta(minutes=15)
    #: between these
    shortest: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(hours=2)
    #: between two requests to one host
    host_pause: timedelta = timedelta(seconds=2)
    #: hosts asked at the same time
    concurrency: int = 64
    #: for a whole request, redirects and body included
    timeout: timedelta = timedelta(seconds=30)
    #: bytes of one answer, decoded; None: as the program has it for listings and for pages
    max_body: int | None = None
    #: entries taken of one listing; None: as the program has it
    max_entries: int | None = None
    #: None: the program's name and version, its project and the contact
    user_agent: str | None = None
    scope: PauseScope = PauseScope.HOST
    #: whether robots.txt is obeyed
    robots: bool = True
    tls_verify: bool = True
    #: path; None: the system's certificates
    ca_file: str | None = None
    #: http(s)://[user:password@]host:port
    proxy: str | None = field(default=None, repr=False)

    def source(self, url: str, *, key: str = "unnamed", name: str = "") -> Source:
        """Return an address as a source that says nothing of itself: what is there is to be discovered."""
        return Source(
            key=key,
            name=name or url,
            kind=SourceKind.AUTO,
            url=url,
            every=self.every,
            scope=self.scope,
            max_body=self.max_body,
            max_entries=self.max_entries,
            robots=self.robots,
            tls_verify=self.tls_verify,
            ca_file=self.ca_file,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelSettings:
    """A way to people: its kind, and the options that kind asks for."""

    key: str
    kind: str
    options: BaseModel


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestSettings:
    """A digest: when, of which watches, over which channels. One of ``schedule`` and ``cron`` is set."""

    key: str
    name: str
    schedule: str | None
    cron: str | None
    #: IANA name
    timezone: str
    #: keys of watches; None means all
    watches: tuple[str, ...] | None
    channels: tuple[str, ...]
    when_empty: Literal["send", "skip"] = "send"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything that was configured, checked."""

    folder: Path
    contact: str | None = None
    #: IANA name
    timezone: str = DEFAULT_TIMEZONE
    #: may hold a password
    database: str = field(default=DEFAULT_DATABASE, repr=False)
    fetch: FetchSettings = FetchSettings()
    sources: tuple[Source, ...] = ()
    #: what sources are asked with that nobody may read, by their keys; only of those that have any
    access: Mapping[str, Access] = field(default_factory=dict, repr=False)
    watches: tuple[Watch, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    digests: tuple[DigestSettings, ...] = ()
    warnings: tuple[Fault, ...] = ()
    #: every secret value, for the log to leave out
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def access_of(self, source: Source) -> Access:
        """Return what a source is asked with: of a filled search its template's, else what all have."""
        found = self.access.get(source.parent or source.key)
        return Access(proxy=self.fetch.proxy) if found is None else found


def defaults() -> Settings:
    """Return the settings of an installation without any configuration."""
    return Settings(folder=Path("config"))
