"""The error tree: what can go wrong, drawn here, and whether trying again can help.

::

    NewsbotError                 subject, kind, retry, what to do next
    ├── ConfigError              a configuration that cannot be used; carries all faults at once
    ├── QueryError               a watch's query that does not parse; knows the character
    ├── ScheduleError            a digest's schedule that does not parse
    ├── FetchError               an address that could not be read
    ├── ParseError               bytes that could not be understood
    ├── StoreError               a database that could not be used
    ├── AlreadyRunning           another program works on this database
    └── DeliveryError            a digest that could not be handed over

Expected outcomes (not modified, nothing due, taken by another) are values, not errors.
An error that is not in this tree is a bug and is raised, loudly.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Retry(StrEnum):
    """Whether the same attempt can succeed later."""

    LATER = "later"
    #: the attempt cannot succeed before somebody changes something
    NEVER = "never"
    #: nobody can know whether it succeeded (an answer was lost after the message was handed over)
    UNKNOWN = "unknown"


class FailureKind(StrEnum):
    """The fixed list of ways to fail; logs, tables, metrics and screens use these words."""

    # fetching
    BAD_URL = "bad_url"
    REFUSED_ADDRESS = "refused_address"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    TOO_LARGE = "too_large"
    BAD_CODING = "bad_coding"
    REDIRECTS = "redirects"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    HTTP_STATUS = "http_status"
    ROBOTS = "robots"
    # parsing
    NOT_A_FEED = "not_a_feed"
    NOT_A_PAGE = "not_a_page"
    EMPTY = "empty"
    TOO_COMPLEX = "too_complex"
    CRASHED = "crashed"
    MALFORMED = "malformed"
    # configuration
    CONFIG = "config"
    QUERY = "query"
    SCHEDULE = "schedule"
    # store
    LOCKED = "locked"
    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    NOT_A_DATABASE = "not_a_database"
    DATABASE = "database"
    RUNNING = "running"
    # delivery
    TEMPORARY = "temporary"
    REJECTED = "rejected"
    AUTHENTICATION = "authentication"
    CHANNEL_GONE = "channel_gone"
    UNCERTAIN = "uncertain"


class NewsbotError(Exception):
    """Say what failed, on which subject, why, and what to do next."""

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        subject: str = "",
        retry: Retry = Retry.NEVER,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        #: what failed and why, one line, no trailing stop
        self.message = message
        self.kind = kind
        #: the address, file, watch or channel that it happened to
        self.subject = subject
        self.retry = retry
        #: what to do next; empty where there is nothing to do
        self.hint = hint

    def __str__(self) -> str:
        line = f"{self.subject}: {self.message}" if self.subject else self.message
        return f"{line} ({self.hint})" if self.hint else line


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One mistake in a configuration file, with its place."""

    file: str
    #: 1-based
    line: int
    #: 1-based, in characters
    column: int
    message: str
    #: what to write instead; empty where nothing is near
    hint: str = ""
    #: the line of the file itself, for the pointer under it
    source_line: str = ""
    #: how many characters the pointer underlines
    width: int = 1

    def __str__(self) -> str:
        line = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{line} ({self.hint})" if self.hint else line


class ConfigError(NewsbotError):
    """A configuration that cannot be used; carries every fault at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), kind=FailureKind.CONFIG)
        self.faults = faults


class QueryError(NewsbotError):
    """A query that does not parse; ``position`` is the 0-based character it stumbled over."""

    def __init__(self, message: str, *, query: str, position: int, hint: str = "", width: int = 1) -> None:
        super().__init__(message, kind=FailureKind.QUERY, hint=hint)
        self.query = query
        self.position = position
        self.width = width


class ScheduleError(NewsbotError):
    """A schedule that does not parse."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, kind=FailureKind.SCHEDULE, hint=hint)


class FetchError(NewsbotError):
    """An address that could not be read."""

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        subject: str,
        retry: Retry,
        hint: str = "",
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, kind=kind, subject=subject, retry=retry, hint=hint)
        #: the HTTP status, where there was an answer
        self.status = status
        #: how long the server asked us to stay away, at most 24 h; None when it did not
        self.retry_after = retry_after


class ParseError(NewsbotError):
    """Bytes that could not be understood."""


class StoreError(NewsbotError):
    """A database that could not be used."""


class AlreadyRunning(NewsbotError):  # noqa: N818 - a state of affairs, told as such
    """Another program already works on this database."""

    def __init__(self, message: str, *, subject: str = "") -> None:
        super().__init__(message, kind=FailureKind.RUNNING, subject=subject, retry=Retry.LATER)


class DeliveryError(NewsbotError):
    """A digest that could not be handed over."""

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        subject: str,
        retry: Retry,
        hint: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, kind=kind, subject=subject, retry=retry, hint=hint)
        self.retry_after = retry_after
