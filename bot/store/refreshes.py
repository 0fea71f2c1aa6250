"""What a refresh finds and leaves behind: entries known already, entries new, validators, outcome.

Upper rooms reach this through ``bot.store.sources``. Many sources of a host are saved at once:
every statement runs over all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

import sqlalchemy as sa

from bot.errors import FailureKind
from bot.model import Health
from bot.store.base import Tx
from bot.store.listers import match_again
from bot.store.statements import Many, any_of, chunks, on_both, param
from bot.store.tables import articles, entries, fetches, sources
from bot.store.types import Flag, Utc

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


@dataclass(frozen=True, kw_only=True, slots=True)
class RefreshSave:
    """What one fetch of one source came to."""

    source_id: int
    next_fetch_at: datetime
    fail_weight: float
    health: Health
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


# Not one select with OR: SQLite would walk all entries of the source instead of three indexes.
_KNOWN = sa.union(
    *(
        sa.select(
            entries.c.id, entries.c.url_key, entries.c.id_key, entries.c.title_key, entries.c.published_at
        ).where(
            entries.c.source_id == param("source", entries.c.source_id), any_of(column, f"{column.name}s")
        )
        for column in (entries.c.url_key, entries.c.id_key, entries.c.title_key)
    )
)
_ADD = Many(
    on_both(lambda insert: insert(entries).on_conflict_do_nothing(index_elements=["source_id", "key"])),
    columns=(
        *("source_id", "key", "url", "host", "url_key", "id_key", "title_key", "title", "published_at"),
        *("updated_at", "authors", "language", "first_seen_at", "last_listed_at", "baseline", "state"),
        *("attempts", "next_read_at", "done_at", "article_id", "summary", "content"),
    ),
)
_SEEN = (
    sa.update(entries)
    .where(any_of(entries.c.id, "ids"))
    .values(last_listed_at=param("now", entries.c.last_listed_at))
)
_READ_ELSEWHERE = sa.union_all(
    sa.select(articles.c.url_key, articles.c.id).where(any_of(articles.c.url_key, "url_keys")),
    sa.select(entries.c.url_key, entries.c.article_id).where(
        any_of(entries.c.url_key, "url_keys"),
        entries.c.state == sa.text("'read'"),
        entries.c.article_id.is_not(None),
    ),
)
_TROUBLE_AT = sa.bindparam("trouble_at", type_=Utc())
_OUTCOME: dict[str, Any] = {
    "next_fetch_at": param("next_at", sources.c.next_fetch_at),
    "last_fetch_at": param("now", sources.c.last_fetch_at),
    "last_outcome": param("outcome", sources.c.last_outcome),
    "last_error": param("why", sources.c.last_error),
    "health": param("state", sources.c.health),
    "fail_weight": param("weight", sources.c.fail_weight),
    # the first time of an unbroken row; a NULL parameter ends it
    "failing_since": sa.case(
        (_TROUBLE_AT.is_not(None), sa.func.coalesce(sources.c.failing_since, _TROUBLE_AT)), else_=None
    ),
}
_KEEP = sa.bindparam("keep", type_=Flag())


def _unless_kept(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.case((_KEEP, column), else_=param(f"new_{column.name}", column))


_of_source = sa.update(sources).where(sources.c.id == param("of", sources.c.id))
_SAVE = Many(_of_source.values(_OUTCOME))
_SAVE_ANSWER = Many(
    _of_source.values(
        _OUTCOME
        | {
            "etag": _unless_kept(sources.c.etag),
            "last_modified": _unless_kept(sources.c.last_modified),
            "body_hash": _unless_kept(sources.c.body_hash),
            "feed_title": sa.func.coalesce(param("new_title", sources.c.feed_title), sources.c.feed_title),
            "baseline_done": sa.or_(sources.c.baseline_done, param("done", sources.c.baseline_done)),
        }
    )
)
_LOG = Many(
    sa.insert(fetches),
    columns=("source_id", "at", "duration_ms", "status", "bytes", "new", "kind", "error"),
)


def known_entries(tx: Tx, source_id: int, keys: Sequence[EntryKeysLike]) -> list[KnownRow]:
    """Return the entries of a source that carry any of these keys, each once."""
    found: dict[int, KnownRow] = {}
    for some in chunks(keys):
        values = {
            "source": source_id,
            "url_keys": [key.url_key for key in some if key.url_key is not None],
            "id_keys": [key.id_key for key in some if key.id_key is not None],
            "title_keys": [key.title_key for key in some if key.title_key is not None],
        }
        for entry_id, url_key, id_key, title_key, published_at in tx.execute(_KNOWN, values):
            found[entry_id] = KnownRow(
                entry_id=entry_id,
                url_key=url_key,
                id_key=id_key,
                title_key=title_key,
                published_at=published_at,
            )
    return list(found.values())


def save_refreshes(tx: Tx, saves: Sequence[RefreshSave], *, now: datetime) -> list[int]:
    """Store what fetches of many sources came to; return how many entries were new, for each.

    Entries come first and the validators that would hide them next time after them. An entry whose
    page was read already, for whatever source, is stored as read, with that article.
    """
    if not saves:
        return []
    read = _read_elsewhere(tx, [entry for save in saves for entry in save.new])
    counts = [_save_entries(tx, save, read, now) if save.new or save.seen else 0 for save in saves]
    silent: list[dict[str, Any]] = []
    telling: list[dict[str, Any]] = []
    for save in saves:
        if save.keep_validators and not save.baseline and save.title is None:
            silent.append(_outcome(save, now))
        else:
            telling.append(_outcome(save, now) | _answer(save))
    if silent:
        _SAVE(tx, silent)
    if telling:
        _SAVE_ANSWER(tx, telling)
    _LOG(tx, [_log_row(save, new, now) for save, new in zip(saves, counts, strict=True)])
    return counts


def _save_entries(tx: Tx, save: RefreshSave, read: dict[bytes, int], now: datetime) -> int:
    rows = [_entry_row(save.source_id, entry, read, now) for entry in save.new]
    match_again(tx, [(row["article_id"], save.source_id) for row in rows if row["article_id"] is not None])
    new = _ADD(tx, rows) if rows else 0
    for ids in chunks(save.seen):
        tx.execute(_SEEN, {"ids": list(ids), "now": now})
    return new


def _read_elsewhere(tx: Tx, new: Sequence[NewEntry]) -> dict[bytes, int]:
    """Return the article of each address that was read before."""
    found: dict[bytes, int] = {}
    for some in chunks([entry.url_key for entry in new if entry.url_key is not None]):
        found.update((row[0], row[1]) for row in tx.execute(_READ_ELSEWHERE, {"url_keys": list(some)}))
    return found


def _entry_row(source_id: int, entry: NewEntry, read: dict[bytes, int], now: datetime) -> dict[str, Any]:
    article_id = read.get(entry.url_key) if entry.url_key is not None else None
    done = article_id is not None
    return {
        "source_id": source_id,
        "key": entry.key,
        "url": entry.url,
        "host": entry.host,
        "url_key": entry.url_key,
        "id_key": entry.id_key,
        "title_key": entry.title_key,
        "title": entry.title,
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
        "authors": entry.authors,
        "language": entry.language,
        "first_seen_at": now,
        "last_listed_at": now,
        "baseline": entry.baseline,
        "state": "read" if done else "new",
        "attempts": 0,
        "next_read_at": None if done else entry.next_read_at,
        "done_at": now if done else None,
        "article_id": article_id,
        "summary": "" if done else entry.summary,
        "content": "" if done else entry.content,
    }


def _outcome(save: RefreshSave, now: datetime) -> dict[str, Any]:
    well = "not_modified" if save.status == 304 else "ok"
    return {
        "of": save.source_id,
        "next_at": save.next_fetch_at,
        "now": now,
        "outcome": well if save.kind is None else save.kind.value,
        "why": save.error,
        "state": save.health.value,
        "weight": save.fail_weight,
        "trouble_at": None if save.health is Health.OK else now,
    }


def _answer(save: RefreshSave) -> dict[str, Any]:
    return {
        "keep": save.keep_validators,
        "new_title": save.title,
        "done": save.baseline,
        "new_etag": save.etag,
        "new_last_modified": save.last_modified,
        "new_body_hash": save.body_hash,
    }


def _log_row(save: RefreshSave, new: int, now: datetime) -> dict[str, Any]:
    return {
        "source_id": save.source_id,
        "at": now,
        "duration_ms": save.duration_ms,
        "status": save.status,
        "bytes": save.bytes,
        "new": new,
        "kind": None if save.kind is None else save.kind.value,
        "error": save.error,
    }
