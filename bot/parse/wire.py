"""What crosses the pipe between the program and its parsing workers: plain tuples, never objects.

A worker has read hostile bytes, so nothing that it sends is believed: frames are bounded, no class is ever
looked up while unpickling, and each value's type is checked before it becomes part of the model.
"""

import io
import pickle
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from types import NoneType
from typing import Any, NoReturn, Self, TypeVar

from bot.errors import FailureKind, ParseError
from bot.model import Article, Entry, Feed, Page, Source, SourceKind, TextFrom
from bot.parse.identity import KEY_SIZE, EntryKeys, entry_keys

T = TypeVar("T")

#: Length of what follows, then the payload.
HEAD = struct.Struct("!I")
#: 2,000 entries with 20,000 characters of four bytes each are more than any listing we keep.
MAX_FRAME = 256 * 1024 * 1024

#: What the nursery is told: a verb, and the id of the process to kill; a worker's id comes back in a HEAD.
COMMAND = struct.Struct("!cI")
FORK, KILL = b"F", b"K"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
#: What the nine fields of an entry may be, in all combinations.
_ENTRY_TYPES = frozenset(
    product(
        (str,),
        (str, NoneType),
        (str,),
        (int, NoneType),
        (int, NoneType),
        (tuple,),
        (str,),
        (str,),
        (str, NoneType),
    )
)
#: Failures that a worker may report.
_KINDS = frozenset({FailureKind.NOT_A_PAGE, FailureKind.EMPTY, FailureKind.TOO_COMPLEX, FailureKind.CRASHED})


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingJob:
    """What a source answered, to be read by its kind; see ``source.parse``."""

    data: bytes
    url: str
    now: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: SourceKind = SourceKind.AUTO
    links: str | None = None
    title: str | None = None
    date: str | None = None
    newer_than: timedelta | None = None

    @classmethod
    def of(cls, source: Source, page: Page, *, now: datetime) -> Self:
        """Return the job to read what a source answered, as the source is configured."""
        return cls(
            data=page.body,
            headers=page.headers,
            url=page.url,
            kind=source.kind,
            links=source.links,
            title=source.title,
            date=source.date,
            newer_than=source.newer_than,
            now=now,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractJob:
    """A page, to be read as an article; see ``article.extract``."""

    html: bytes
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    entry: Entry | None = None


class BadFrameError(Exception):
    """A worker sent what no worker sends."""


def pack(value: object) -> bytes:
    """Return a frame: length and pickled plain value."""
    payload = pickle.dumps(value, protocol=5)
    return HEAD.pack(len(payload)) + payload


def unpack(payload: bytes) -> Any:
    """Return the plain value of a frame's payload; no class is looked up. Raises BadFrameError."""
    try:
        return _Plain(io.BytesIO(payload)).load()
    except BadFrameError:
        raise
    except Exception as error:  # a forged pickle fails in many ways
        raise BadFrameError(type(error).__name__) from error


class _Plain(pickle.Unpickler):
    """Builds numbers, texts, bytes, tuples, lists and dicts, and nothing else."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise BadFrameError(f"{module}.{name}")

    def persistent_load(self, pid: object) -> NoReturn:
        raise BadFrameError(str(pid))


def job_to_plain(job: ListingJob | ExtractJob) -> tuple[object, ...]:
    """Return a job as a plain tuple, the name of its kind first."""
    if isinstance(job, ExtractJob):
        entry = None if job.entry is None else entry_to_plain(job.entry)
        return ("extract", job.html, job.url, dict(job.headers), entry)
    newer = None if job.newer_than is None else job.newer_than // _TICK
    return (
        "listing", job.data, job.url, dict(job.headers), job.kind.value, job.links, job.title, job.date,
        newer, _ticks(job.now),
    )  # fmt: skip


def job_from_plain(plain: tuple[Any, ...]) -> ListingJob | ExtractJob:
    """Return the job of a plain tuple; it comes from our own side and is believed."""
    if plain[0] == "extract":
        _, html, url, headers, entry = plain
        return ExtractJob(
            html=html, url=url, headers=headers, entry=None if entry is None else entry_from_plain(entry)
        )
    _, data, url, headers, kind, links, title, date, newer, now = plain
    return ListingJob(
        data=data,
        url=url,
        headers=headers,
        kind=SourceKind(kind),
        links=links,
        title=title,
        date=date,
        newer_than=None if newer is None else newer * _TICK,
        now=_EPOCH + now * _TICK,
    )


def entry_to_plain(entry: Entry) -> tuple[object, ...]:
    """Return an entry as a plain tuple."""
    return (
        entry.id, entry.link, entry.title, _ticks(entry.published_at), _ticks(entry.updated_at),
        entry.authors, entry.summary, entry.content, entry.language,
    )  # fmt: skip


def entry_from_plain(plain: Any) -> Entry:
    """Return the entry of a plain tuple. Raises BadFrameError."""
    # All types at once: 2,000 entries are read in the event loop.
    if type(plain) is not tuple or tuple(map(type, plain)) not in _ENTRY_TYPES:
        raise BadFrameError("no entry")
    ident, link, title, published, updated, authors, summary, content, language = plain
    return Entry(
        id=ident,
        link=link,
        title=title,
        published_at=None if published is None else _time(published),
        updated_at=None if updated is None else _time(updated),
        authors=_texts(authors) if authors else (),
        summary=summary,
        content=content,
        language=language,
    )


def feed_to_plain(feed: Feed) -> tuple[object, ...]:
    """Return a feed as a plain tuple, "feed" first."""
    ttl = None if feed.ttl is None else feed.ttl // _TICK
    entries = [entry_to_plain(entry) for entry in feed.entries]
    return ("feed", feed.title, feed.link, entries, feed.language, feed.fault, feed.alternates, ttl)


def listing_to_plain(feed: Feed) -> tuple[object, ...]:
    """Return a feed with the keys of its entries, "listing" first: the worker has time to work them out."""
    keys = [(key.key, key.url_key, key.id_key, key.title_key) for key in entry_keys(feed.entries)]
    return ("listing", feed_to_plain(feed), keys)


def article_to_plain(article: Article) -> tuple[object, ...]:
    """Return what a page can say of an article as a plain tuple, "article" first."""
    return (
        "article", article.url, article.title, article.text, article.authors, article.language,
        _ticks(article.published_at), _ticks(article.modified_at), article.site, article.canonical_url,
        article.text_from.value,
    )  # fmt: skip


def error_to_plain(error: ParseError) -> tuple[object, ...]:
    """Return a parse error as a plain tuple, "error" first."""
    return ("error", error.kind.value, error.message, error.subject, error.hint)


def feed_from_plain(plain: Any) -> Feed:
    """Return the feed that a worker sent. Raises ParseError as the worker did, else BadFrameError."""
    title, link, entries, language, fault, alternates, ttl = _answer(plain, "feed", 7)
    return Feed(
        title=_is(title, str),
        link=_maybe(link, str),
        entries=tuple(map(entry_from_plain, _is(entries, list))),
        language=_maybe(language, str),
        fault=_maybe(fault, str),
        alternates=_texts(alternates),
        ttl=None if ttl is None else _checked(lambda: _is(ttl, int) * _TICK),
    )


def listing_from_plain(plain: Any) -> tuple[Feed, list[EntryKeys]]:
    """Return the feed and its entries' keys that a worker sent. Raises as ``feed_from_plain`` does."""
    fields, keys = _answer(plain, "listing", 2)
    feed = feed_from_plain(fields)
    if len(_is(keys, list)) != len(feed.entries):
        raise BadFrameError("keys")
    return feed, list(map(_keys, keys))


def _keys(plain: Any) -> EntryKeys:
    key, url_key, id_key, title_key = _fields(plain, 4)
    if type(key) is not str or len(key) != 2 * KEY_SIZE:
        raise BadFrameError("no key")
    for value in (url_key, id_key, title_key):
        if value is not None and (type(value) is not bytes or len(value) != KEY_SIZE):
            raise BadFrameError("no key")
    return EntryKeys(key=key, url_key=url_key, id_key=id_key, title_key=title_key)


def article_from_plain(plain: Any) -> Article:
    """Return the article that a worker sent. Raises as ``feed_from_plain`` does."""
    url, title, text, authors, language, published, modified, site, canonical, text_from = _answer(
        plain, "article", 10
    )
    return Article(
        url=_is(url, str),
        title=_is(title, str),
        text=_is(text, str),
        authors=_texts(authors),
        language=_maybe(language, str),
        published_at=_time(published),
        modified_at=_time(modified),
        site=_is(site, str),
        canonical_url=_maybe(canonical, str),
        text_from=_checked(lambda: TextFrom(text_from)),
    )


def _answer(plain: Any, name: str, count: int) -> Any:
    """Return the fields of an answer of this name, or raise the error that was sent instead."""
    if isinstance(plain, tuple) and plain[:1] == ("error",):
        kind, message, subject, hint = _fields(plain[1:], 4)
        known = _checked(lambda: FailureKind(kind))
        if known not in _KINDS:
            raise BadFrameError(known)
        raise ParseError(_is(message, str), kind=known, subject=_is(subject, str), hint=_is(hint, str))
    if not isinstance(plain, tuple) or plain[:1] != (name,):
        raise BadFrameError(name)
    return _fields(plain[1:], count)


def _ticks(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _TICK


def _time(ticks: object) -> datetime | None:
    if ticks is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=_is(ticks, int))
    except OverflowError as error:
        raise BadFrameError(str(error)) from error


def _fields(plain: Any, count: int) -> Any:
    if not isinstance(plain, tuple) or len(plain) != count:
        raise BadFrameError(f"{count} fields")
    return plain


def _texts(value: object) -> tuple[str, ...]:
    texts = _is(value, tuple)
    for text in texts:
        _is(text, str)
    return texts


def _maybe(value: object, kind: type[T]) -> T | None:
    return None if value is None else _is(value, kind)


def _is(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise BadFrameError(type(value).__name__)
    return value


def _checked(make: Callable[[], T]) -> T:
    try:
        return make()
    except (ValueError, OverflowError, TypeError) as error:
        raise BadFrameError(str(error)) from error
