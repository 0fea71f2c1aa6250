"""Which articles the token index holds: the queue of those that wait, and how they are put in.

Upper rooms reach this through ``bot.store.search``. ``bot.store.reads`` puts an article into the queue
whenever its text changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from bot.store.base import Tx
from bot.store.gin_search import buckets
from bot.store.statements import any_of, chunks, on_both, param
from bot.store.tables import articles, index_queue, installation, revisions


@dataclass(frozen=True, kw_only=True, slots=True)
class ToIndex:
    """An article that waits to be indexed, at its present revision."""

    article_id: int
    revision: int
    title: str
    text: str
    #: of the revision that the index still holds; None where it holds none
    old_title: str | None
    old_text: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexed:
    """The tokens of an article."""

    article_id: int
    #: the revision that they were made of
    revision: int
    #: each once, joined by single spaces
    tokens: str
    #: of the old title and text, made by the same folding; None where there are none
    old_tokens: str | None = None


#: A ``tsvector`` holds less than 1 MiB of words, and silently spoils what is more.
#: Source: https://www.postgresql.org/docs/current/textsearch-limitations.html
_LONGEST: Final = 1_000_000
#: From so many rows on it pays to sort what PostgreSQL collected into its index at once.
_BATCH: Final = 500

_former = revisions.alias("former")
_present = sa.and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
_held = sa.and_(_former.c.article_id == articles.c.id, _former.c.number == index_queue.c.former)
_TO_INDEX = (
    sa.select(
        articles.c.id,
        articles.c.revision,
        revisions.c.title,
        revisions.c.text,
        _former.c.title.label("old_title"),
        _former.c.text.label("old_text"),
    )
    .select_from(
        index_queue.join(articles, articles.c.id == index_queue.c.article_id)
        .join(revisions, _present)
        .outerjoin(_former, _held)
    )
    .where(sa.not_(index_queue.c.too_long))
    .order_by(index_queue.c.article_id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_LOCK = (
    sa.select(articles.c.id, articles.c.revision, index_queue.c.former)
    .join(index_queue, index_queue.c.article_id == articles.c.id)
    .where(any_of(articles.c.id, "ids"))
    .order_by(articles.c.id)
    # On PostgreSQL: what gets a new revision at this moment stays in the queue, and nobody waits for anybody.
    .with_for_update(read=True, skip_locked=True, of=articles)
)
_DONE = sa.delete(index_queue).where(any_of(index_queue.c.article_id, "ids"))
_TOO_LONG = (
    sa.update(index_queue)
    .where(any_of(index_queue.c.article_id, "ids"))
    .values(too_long=True, former=sa.null())
)
_NONE_WAIT = sa.delete(index_queue)
_ALL_WAIT = on_both(
    lambda insert: (
        insert(index_queue)
        .from_select(
            ["article_id", "too_long"],
            # SQLite takes the ON of ON CONFLICT for that of a join where no WHERE stands before it.
            # Source: https://sqlite.org/lang_upsert.html#parsing_ambiguity
            sa.select(articles.c.id, sa.false()).where(articles.c.id > 0).order_by(articles.c.id),
        )
        # one that came while the others were put in
        .on_conflict_do_nothing(index_elements=["article_id"])
    )
)
_VERSION = sa.select(installation.c.index_version)
_LOCK_VERSION = _VERSION.with_for_update()
_SET_VERSION = sa.update(installation).values(index_version=param("version", installation.c.index_version))
_ARTICLES = sa.select(sa.func.count()).select_from(articles)
_QUEUED = sa.select(sa.func.count()).select_from(index_queue)

_FTS5_ADD = "INSERT INTO article_tokens (rowid, tokens) VALUES (?, ?)"
#: FTS5 keeps no text: what an article had has to be told, or it stays findable by it.
#: Source: https://sqlite.org/fts5.html#the_delete_command
_FTS5_DROP = "INSERT INTO article_tokens (article_tokens, rowid, tokens) VALUES ('delete', ?, ?)"
#: Nearly the database's own page (``bot.store.engines``). Two of FTS5's usual 4,050 bytes fit less well.
#: Measured on 100,000 articles: the index 8 % smaller, as quick to fill and to ask.
#: Source: https://sqlite.org/fts5.html#the_pgsz_configuration_option
_FTS5_PAGE = sa.text("INSERT INTO article_tokens (article_tokens, rank) VALUES ('pgsz', 8000)")
_PG_PUT = sa.text(
    "INSERT INTO article_tokens (article_id, tokens)"
    " SELECT id, array_to_tsvector(string_to_array(words, ' '))"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:words AS text[])) AS new (id, words)"
    " ON CONFLICT (article_id) DO UPDATE SET tokens = excluded.tokens"
)
_PG_DROP = sa.text("DELETE FROM article_tokens WHERE article_id = ANY(CAST(:ids AS bigint[]))")
_PG_SORT = sa.text("SELECT gin_clean_pending_list('ix_article_tokens_tokens')")
_EMPTY = {
    "sqlite": sa.text("INSERT INTO article_tokens (article_tokens) VALUES ('delete-all')"),
    "postgresql": sa.text("TRUNCATE article_tokens"),
}


def put(tx: Tx, rows: Sequence[Indexed]) -> None:
    """Index articles, in place of what the index held of them.

    Left out are articles that do not wait any more, and those that are at another revision by now:
    these wait on. Raises ValueError where an indexed revision is to be replaced without its old tokens.
    """
    given = {row.article_id: row for row in rows}
    due: list[tuple[Indexed, int | None]] = []
    for ids in chunks(sorted(given)):
        found = tx.execute(_LOCK, {"ids": list(ids)})
        due += [(given[row.id], row.former) for row in found if row.revision == given[row.id].revision]
    done = (_put_fts5 if tx.dialect.name == "sqlite" else _put_postgresql)(tx, due)
    for ids in chunks(done):
        tx.execute(_DONE, {"ids": list(ids)})


def unindexed(tx: Tx, *, limit: int) -> list[ToIndex]:
    """Return articles that the index does not hold at their present revision, the newest first.

    Without those that it cannot hold, see ``unindexed_ids``.
    """
    return [
        ToIndex(
            article_id=row.id,
            revision=row.revision,
            title=row.title,
            text=row.text,
            old_title=row.old_title,
            old_text=row.old_text,
        )
        for row in tx.execute(_TO_INDEX, {"most": limit})
    ]


def indexed(tx: Tx) -> tuple[int, int]:
    """Return how many articles are indexed at their present revision, and how many there are."""
    everything = int(tx.execute(_ARTICLES).scalar_one())
    return everything - int(tx.execute(_QUEUED).scalar_one()), everything


def version(tx: Tx) -> str | None:
    """Return which folding made what the index holds; None before anything was indexed.

    Where that is not the asker's own, candidates would be wrong: every article has to be looked at.
    """
    found: str | None = tx.execute(_VERSION).scalar()
    return found


def match_version(tx: Tx, version: str) -> bool:
    """Note which folding is indexed from now on, and return whether the index had to be emptied for it.

    Where it was another one, all articles wait to be indexed anew. That is quick: an article's own row
    is not touched (a million of them on SQLite: a second).
    """
    found = tx.execute(_LOCK_VERSION).scalar()
    if found == version:
        return False
    tx.execute(_SET_VERSION, {"version": version})
    if tx.dialect.name == "sqlite":
        tx.execute(_FTS5_PAGE)
    if found is None and not indexed(tx)[0]:
        return False
    tx.execute(_EMPTY[tx.dialect.name])
    tx.execute(_NONE_WAIT)
    tx.execute(_ALL_WAIT[tx.dialect.name])
    return True


def _put_fts5(tx: Tx, due: Sequence[tuple[Indexed, int | None]]) -> list[int]:
    """Index articles, in order of their numbers; return which."""
    old = [(row.article_id, _old_tokens(row)) for row, former in due if former is not None]
    # In two runs of ascending numbers: FTS5 writes out what it has collected whenever a number is lower.
    if old:
        tx.exec_driver_sql(_FTS5_DROP, old)
    if due:
        tx.exec_driver_sql(_FTS5_ADD, [(row.article_id, row.tokens) for row, _ in due])
    return [row.article_id for row, _ in due]


def _old_tokens(row: Indexed) -> str:
    if row.old_tokens is None:
        message = f"article {row.article_id} is indexed at a former revision, whose tokens were not given"
        raise ValueError(message)
    return row.old_tokens


def _put_postgresql(tx: Tx, due: Sequence[tuple[Indexed, int | None]]) -> list[int]:
    """Index articles, in order of their numbers, but not those with too many words; return which."""
    fits = [row for row, _ in due if _bytes(row.tokens) < _LONGEST]
    done = [row.article_id for row in fits]
    if fits:
        words = [" ".join(filter(None, [row.tokens, *buckets(row.article_id)])) for row in fits]
        tx.execute(_PG_PUT, {"ids": done, "words": words})
    if len(fits) >= _BATCH:
        tx.execute(_PG_SORT)
    if left := [row.article_id for row, _ in due if _bytes(row.tokens) >= _LONGEST]:
        tx.execute(_PG_DROP, {"ids": left})
        for ids in chunks(left):
            tx.execute(_TOO_LONG, {"ids": list(ids)})
    return done


def _bytes(tokens: str) -> int:
    return len(tokens) if tokens.isascii() else len(tokens.encode())
