"""What a refresh finds and leaves behind: entries known already, entries new, entries changed.

Upper rooms reach this through ``bot.store.sources``. Many sources of a host are saved at once:
every statement runs over all of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.store.base import Tx
from bot.store.listers import match_again
from bot.store.outcomes import save_outcomes
from bot.store.refresh_values import ChangedEntry, EntryKeysLike, KnownRow, NewEntry, RefreshSave
from bot.store.statements import Many, any_of, chunks, on_both, param
from bot.store.tables import articles, entries
from bot.store.types import Binary

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
#: The half of a title's key that is the title alone, without its time.
_TITLE_SIZE = 8
_title = sa.func.substr(entries.c.title_key, 1, _TITLE_SIZE, type_=Binary)
_TITLES = (
    sa.select(_title)
    .distinct()
    .where(entries.c.source_id == param("source", entries.c.source_id), entries.c.title_key.is_not(None))
)
_ADD = Many(
    on_both(lambda insert: insert(entries).on_conflict_do_nothing(index_elements=["source_id", "key"])),
    columns=(
        *("source_id", "key", "url", "host", "url_key", "id_key", "title_key", "title", "published_at"),
        *("updated_at", "authors", "language", "first_seen_at", "last_listed_at", "baseline", "state"),
        *("attempts", "next_read_at", "done_at", "article_id", "summary", "content", "outlet", "held"),
    ),
)
#: ``done_at`` stays: that an entry was done before tells, when it is read, that its source changed it.
_CHANGED = (
    sa.update(entries)
    .where(entries.c.id == param("of", entries.c.id))
    .values(
        title=param("new_title", entries.c.title),
        content=param("new_content", entries.c.content),
        summary=param("new_summary", entries.c.summary),
        updated_at=param("new_updated_at", entries.c.updated_at),
        last_listed_at=param("now", entries.c.last_listed_at),
        state=sa.text("'retry'"),
        attempts=0,
        next_read_at=param("now", entries.c.next_read_at),
        error=None,
        error_kind=None,
    )
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


def known_titles(tx: Tx, source_id: int, title_keys: Collection[bytes]) -> set[bytes]:
    """Return which of these title keys name a title that entries of a source carry, whatever its time.

    Walks the titles of the source: for the rare listing that has many new items at once.
    """
    known = set(tx.execute(_TITLES, {"source": source_id}).scalars())
    return {key for key in title_keys if key[:_TITLE_SIZE] in known}


def save_refreshes(tx: Tx, saves: Sequence[RefreshSave], *, now: datetime) -> list[int]:
    """Store what fetches of many sources came to; return how many entries were new, for each.

    Entries come first and the validators that would hide them next time after them. An entry whose
    page was read already, for whatever source, is stored as read, with that article.
    """
    if not saves:
        return []
    read = _read_elsewhere(tx, [entry for save in saves for entry in save.new])
    counts = [_save_entries(tx, save, read, now) for save in saves]
    save_outcomes(tx, list(zip(saves, counts, strict=True)), now=now)
    return counts


def _save_entries(tx: Tx, save: RefreshSave, read: dict[bytes, int], now: datetime) -> int:
    new = 0
    if save.new:
        rows = [_entry_row(save.source_id, entry, read, now) for entry in save.new]
        match_again(
            tx, [(row["article_id"], save.source_id) for row in rows if row["article_id"] is not None]
        )
        new = _ADD(tx, rows)
    for ids in chunks(save.seen):
        tx.execute(_SEEN, {"ids": list(ids), "now": now})
    if save.changed:
        tx.execute(_CHANGED, [_changed_row(entry, now) for entry in save.changed])
    return new


def _changed_row(entry: ChangedEntry, now: datetime) -> dict[str, Any]:
    return {
        "of": entry.entry_id,
        "new_title": entry.title,
        "new_content": entry.content,
        "new_summary": entry.summary,
        "new_updated_at": entry.updated_at,
        "now": now,
    }


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
        "baseline": entry.baseline or entry.held is not None,
        "state": "read" if done else "new",
        "attempts": 0,
        "next_read_at": None if done else entry.next_read_at,
        "done_at": now if done else None,
        "article_id": article_id,
        "summary": "" if done else entry.summary,
        "content": "" if done else entry.content,
        "outlet": entry.outlet,
        "held": entry.held,
    }
