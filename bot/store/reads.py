"""What reading an entry's page leaves behind: an article, a revision of one, or a duplicate of one.

Upper rooms reach this through ``bot.store.articles``. An article is known by the key of its
address. A stop-gap (text that the source itself gave) is replaced by the page's text as a revision
of the same article; the other way round never.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import FailureKind
from bot.model import Article, TextFrom
from bot.model.copies import marks
from bot.store import blocks, stories
from bot.store.base import Tx
from bot.store.listers import match_again
from bot.store.statements import AnyRow, Many, any_of, chunks, on_both, param
from bot.store.stories import Telling
from bot.store.tables import articles, entries, index_queue, mentions, revisions


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadSave:
    """What reading one entry came to."""

    entry_id: int
    #: None where there is nothing to store
    article: Article | None
    #: of the article's own address, after redirects; 16 bytes
    url_key: bytes
    #: over title and text; 16 bytes
    text_hash: bytes
    #: over the folded words of the text; None for a short one
    copy_hash: bytes | None
    #: ``read``; ``retry``: again at ``next_read_at``; ``unread``: given up
    state: str
    next_read_at: datetime | None
    error: str | None
    kind: FailureKind | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadResult:
    """What became of an entry that was read."""

    entry_id: int
    article_id: int | None
    #: ``new``, ``revision``, ``duplicate``, ``unchanged``; without an article ``retry`` or ``unread``
    what: str


_RANK = {TextFrom.SUMMARY.value: 0, TextFrom.FEED.value: 1, TextFrom.PAGE.value: 2}
_FINAL = ("read", "unread")

_ENTRIES = sa.select(
    entries.c.id,
    entries.c.source_id,
    entries.c.article_id,
    entries.c.first_seen_at,
    entries.c.done_at,
    entries.c.baseline,
).where(any_of(entries.c.id, "ids"))
_STORED = sa.select(
    articles.c.id,
    articles.c.text_from,
    articles.c.revision,
    articles.c.story_id,
    articles.c.copy_hash,
    articles.c.first_seen_at,
    revisions.c.text_hash,
).join(revisions, sa.and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision))
_KEYS = sa.select(articles.c.url_key).where(any_of(articles.c.url_key, "keys"))
_HASHES = sa.select(articles.c.copy_hash).where(any_of(articles.c.copy_hash, "hashes"))
_BY_KEY = _STORED.where(articles.c.url_key == param("is_key", articles.c.url_key))
_BY_ID = _STORED.where(articles.c.id == param("is_id", articles.c.id))
_COPIES = (
    sa.select(articles.c.id, articles.c.title)
    .where(
        articles.c.source_id == param("is_source", articles.c.source_id),
        articles.c.copy_hash == param("is_copy", articles.c.copy_hash),
    )
    .order_by(articles.c.id)
)
_ADD = sa.insert(articles).returning(articles.c.id)
_ADD_REVISION = Many(
    sa.insert(revisions), columns=("article_id", "number", "seen_at", "text_hash", "title", "text")
)
#: One that waits already keeps what the index holds of it, and may have fewer words than before.
_TO_INDEX = Many(
    on_both(
        lambda insert: insert(index_queue).on_conflict_do_update(
            index_elements=["article_id"], set_={"too_long": sa.false()}
        )
    ),
    columns=("article_id", "former", "too_long"),
)
_MENTIONED = sa.select(sa.exists().where(mentions.c.article_id == param("of", mentions.c.article_id)))
_LEAD_ON = (
    sa.update(entries)
    .where(entries.c.article_id == param("of", entries.c.article_id))
    .values(article_id=param("to", entries.c.article_id))
)
_DROP = sa.delete(articles).where(articles.c.id == param("of", articles.c.id))
_NO_TEXT: sa.ColumnElement[str] = sa.literal_column("''", sa.Text())
_done_at = param("done", entries.c.done_at)
_CLOSE = Many(
    sa.update(entries)
    .where(entries.c.id == param("of", entries.c.id))
    .values(
        state=param("now_is", entries.c.state),
        attempts=entries.c.attempts + param("asked", entries.c.attempts),
        next_read_at=param("next_at", entries.c.next_read_at),
        # one that its source changed was done before, and stays so while its reading fails
        done_at=sa.func.coalesce(_done_at, entries.c.done_at),
        error=param("why", entries.c.error),
        error_kind=param("why_kind", entries.c.error_kind),
        article_id=sa.func.coalesce(param("leads_to", entries.c.article_id), entries.c.article_id),
        baseline=param("history", entries.c.baseline),
        # needed only for a stop-gap or a change; the article holds what was worth keeping
        summary=sa.case((_done_at.is_(None), entries.c.summary), else_=_NO_TEXT),
        content=sa.case((_done_at.is_(None), entries.c.content), else_=_NO_TEXT),
    )
)
_LOCKED_MARKS = 8
_LOCK = sa.text("SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(:keys AS bigint[])) AS k")


def save_reads(tx: Tx, saves: Sequence[ReadSave], *, now: datetime) -> list[ReadResult]:
    """Store what reading entries came to; return what became of each, in their order.

    An article with the same key, or from the same source with the same text and title, makes the
    entry a duplicate that leads there, and has the article matched again where it is another source's.
    A better text (page over feed over summary), or a new one for the entry's own stop-gap, is a new
    revision, to be matched again. A text that its source changed after its first sight is news, whatever
    that first sight was. Equal texts of whatever sources are one story. Entries that are not in the
    database any more are left out.
    """
    _lock(tx, saves)
    known = _Known(tx, saves)
    stored: dict[int, AnyRow] = {}
    for ids in chunks([save.entry_id for save in saves]):
        stored.update((row.id, row) for row in tx.execute(_ENTRIES, {"ids": list(ids)}))
    results, closed = [], []
    for save in saves:
        entry = stored.get(save.entry_id)
        if entry is None:
            continue
        if save.article is None:
            article_id, what = entry.article_id, "unchanged" if save.state == "read" else save.state
        else:
            article_id, what = _save_article(tx, save, save.article, entry, known, now)
            known.add(save)
            if what == "duplicate":
                match_again(tx, [(article_id, entry.source_id)])
        results.append(ReadResult(entry_id=save.entry_id, article_id=article_id, what=what))
        # Done before, so not a stop-gap that is only now replaced.
        news = what == "revision" and entry.done_at is not None
        closed.append(_closed(save, article_id, now) | {"history": entry.baseline and not news})
    if closed:
        _CLOSE(tx, closed)
    return results


def _lock(tx: Tx, saves: Sequence[ReadSave]) -> None:
    """Let only one program at a time decide on these keys; SQLite has one writer anyway.

    In order of the locks' numbers, so that two programs never wait for each other.
    """
    if tx.dialect.name != "postgresql":
        return
    keys = {save.url_key for save in saves} | {save.copy_hash for save in saves if save.copy_hash}
    numbers = {int.from_bytes(key[:8], "big", signed=True) for key in keys}
    for save in saves:
        if save.article is not None:
            # Two copies share some of their lowest marks: the second comes after the first.
            numbers.update(marks(save.article.sketch)[:_LOCKED_MARKS])
    tx.execute(_LOCK, {"keys": sorted(numbers)})


def _closed(save: ReadSave, article_id: int | None, now: datetime) -> dict[str, Any]:
    final = save.state in _FINAL
    # A stop-gap put in because there was no time is not an attempt at the page.
    asked = final or save.error is not None
    return {
        "of": save.entry_id,
        "now_is": save.state,
        "asked": int(asked),
        "next_at": None if final else save.next_read_at,
        "done": now if final else None,
        "why": save.error,
        "why_kind": None if save.kind is None else save.kind.value,
        "leads_to": article_id,
    }


class _Known:
    """Which keys of a batch may belong to a stored article: asked once, for nearly all of them are new."""

    def __init__(self, tx: Tx, saves: Sequence[ReadSave]) -> None:
        self._keys: set[bytes] = set()
        self._hashes: set[bytes] = set()
        for keys in chunks([save.url_key for save in saves]):
            self._keys.update(tx.execute(_KEYS, {"keys": list(keys)}).scalars())
        for hashes in chunks([save.copy_hash for save in saves if save.copy_hash is not None]):
            self._hashes.update(tx.execute(_HASHES, {"hashes": list(hashes)}).scalars())

    def add(self, save: ReadSave) -> None:
        """Take note of what this batch itself has stored."""
        self._keys.add(save.url_key)
        if save.copy_hash is not None:
            self._hashes.add(save.copy_hash)

    def has_key(self, save: ReadSave) -> bool:
        """Tell whether an article may have this key."""
        return save.url_key in self._keys

    def has_text(self, save: ReadSave) -> bool:
        """Tell whether an article may have this text."""
        return save.copy_hash in self._hashes


def _save_article(
    tx: Tx, save: ReadSave, article: Article, entry: AnyRow, known: _Known, now: datetime
) -> tuple[int, str]:
    """Return the article's number and what became of it."""
    same = tx.execute(_BY_KEY, {"is_key": save.url_key}).first() if known.has_key(save) else None
    if same is not None:
        if same.id == entry.article_id:
            return same.id, _replace(tx, same, save, article, now)
        if entry.article_id is not None:
            _drop_stop_gap(tx, entry.article_id, same.id)
        if _RANK[article.text_from] > _RANK[same.text_from]:
            return same.id, _replace(tx, same, save, article, now)
        return same.id, "duplicate"
    own = None if entry.article_id is None else tx.execute(_BY_ID, {"is_id": entry.article_id}).first()
    if own is not None:
        return own.id, _replace(tx, own, save, article, now)
    if known.has_text(save) and (copy := _copy(tx, save, article, entry)) is not None:
        return copy, "duplicate"
    return _add(tx, save, article, entry, known, now), "new"


def _drop_stop_gap(tx: Tx, article_id: int, successor: int) -> None:
    """Remove a stop-gap that turned out to be another article, unless somebody was told of it."""
    if tx.execute(_MENTIONED, {"of": article_id}).scalar():
        return
    story_id = tx.execute(_BY_ID, {"is_id": article_id}).one().story_id
    tx.execute(_LEAD_ON, {"of": article_id, "to": successor})
    stories.forget(tx, [article_id])
    tx.execute(_DROP, {"of": article_id})
    if story_id is not None:
        stories.count_anew(tx, story_id)


def _copy(tx: Tx, save: ReadSave, article: Article, entry: AnyRow) -> int | None:
    """Return the article of this source with the same text and title: the same page under another address."""
    title = _folded(article.title)
    for row in tx.execute(_COPIES, {"is_source": entry.source_id, "is_copy": save.copy_hash}):
        if _folded(row.title) == title:
            number: int = row.id
            return number
    return None


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


def _facts(save: ReadSave, article: Article, now: datetime) -> dict[str, Any]:
    return {
        "url_key": save.url_key,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "site": article.site,
        "title": article.title,
        "authors": article.authors,
        "language": article.language,
        "published_at": article.published_at,
        "modified_at": article.modified_at,
        "read_at": now,
        "text_from": article.text_from.value,
        "copy_hash": save.copy_hash,
        "archivable": article.archivable,
        "confidence": article.confidence,
        "paywalled": article.paywalled,
        "declared_language": article.declared_language,
        "section": article.section,
        "image": article.image,
        "pages": article.pages,
        "extractor": article.extractor,
    }


def _add(tx: Tx, save: ReadSave, article: Article, entry: AnyRow, known: _Known, now: datetime) -> int:
    row = _facts(save, article, now) | {
        "source_id": entry.source_id,
        "first_seen_at": entry.first_seen_at,
        "revision": 1,
    }
    number: int = tx.execute(_ADD, row).scalar_one()
    _add_revision(tx, number, 1, save, article, now)
    _to_index(tx, number, former=None)
    stories.place(tx, _text_of(number, save, article, entry.first_seen_at), copied=known.has_text(save))
    blocks.note(tx, number, url=article.url, text=article.text, now=now)
    return number


def _add_revision(
    tx: Tx, article_id: int, number: int, save: ReadSave, article: Article, now: datetime
) -> None:
    row = {
        "article_id": article_id,
        "number": number,
        "seen_at": now,
        "text_hash": save.text_hash,
        "title": article.title,
        "text": article.text,
    }
    _ADD_REVISION(tx, [row])


def _to_index(tx: Tx, article_id: int, *, former: int | None) -> None:
    """Let an article wait to be indexed; where it does not wait yet, it is indexed at ``former``."""
    _TO_INDEX(tx, [{"article_id": article_id, "former": former, "too_long": False}])


def _replace(tx: Tx, row: AnyRow, save: ReadSave, article: Article, now: datetime) -> str:
    """Give a stored article the text of this read, where that is not a worse one."""
    if _RANK[article.text_from] < _RANK[row.text_from]:
        return "unchanged"
    change = sa.update(articles).where(articles.c.id == row.id)
    facts = _facts(save, article, now)
    if row.text_hash == save.text_hash:
        tx.execute(change, facts)
        return "unchanged"
    number = row.revision + 1
    _add_revision(tx, row.id, number, save, article, now)
    tx.execute(change, facts | {"revision": number, "matched_at": None, "furnished": False})
    # After the article's own row, which whoever indexes it holds on to.
    _to_index(tx, row.id, former=row.revision)
    if save.copy_hash is None or save.copy_hash != row.copy_hash:
        stories.replace(tx, _text_of(row.id, save, article, row.first_seen_at), story_id=row.story_id)
    blocks.note(tx, row.id, url=article.url, text=article.text, now=now)
    return "revision"


def _text_of(article_id: int, save: ReadSave, article: Article, seen_at: datetime) -> Telling:
    return Telling(
        article_id=article_id,
        url=article.url,
        title=article.title,
        copy_hash=save.copy_hash,
        sketch=article.sketch,
        seen_at=seen_at,
    )
