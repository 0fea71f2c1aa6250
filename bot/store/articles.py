"""Articles: entries whose pages are to be read, and the articles that came of them.

What a read leaves behind is saved in ``bot.store.reads``, which is part of this face.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from bot.model import Article, Entry, Source, SourceKind, TextFrom
from bot.store import blocks
from bot.store.base import Tx
from bot.store.hosts import free
from bot.store.listers import Lister, listers_of
from bot.store.reads import ReadResult, ReadSave, save_reads
from bot.store.source_rows import SOURCE_COLUMNS, source_from, tags_of, tier_of
from bot.store.statements import AnyRow, param
from bot.store.tables import articles, entries, hosts, revisions, sources, stories
from bot.store.types import Utc

__all__ = [
    "EntryToRead",
    "ReadResult",
    "ReadSave",
    "Unmatched",
    "by_url",
    "counts",
    "entries_due",
    "entries_pending",
    "entries_to_read",
    "get",
    "hosts_to_read",
    "list_articles",
    "save_reads",
    "unmatched",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryToRead:
    """An entry whose page is to be asked for."""

    id: int
    #: unique in its source
    key: str
    source: Source
    #: None where the entry has no address of its own
    url: str | None
    host: str
    #: what the source said of it; its identifier is not kept
    entry: Entry
    #: how often its page was asked for so far
    attempts: int
    baseline: bool
    #: set where a stop-gap text was stored earlier, or where its source changed it since
    article_id: int | None
    #: it was done before, and its source changed its text
    changed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmatched:
    """An article to match, at its present revision."""

    article: Article
    #: whether only first sights of sources lead to it: history, no news
    baseline: bool
    #: when what it says was: of a watched page its present text, of all others the article
    first_seen_at: datetime
    #: the article with only those sources for which it is news; None where it has one source
    as_news: Article | None = None
    #: its text holds blocks that belong to the site
    furnished: bool = False


_NOW = sa.bindparam("now", type_=Utc())
_MOST = sa.bindparam("most", type_=sa.Integer())
_waiting = (
    sa.select(entries.c.host, sa.func.min(entries.c.next_read_at).label("due_at"))
    .where(entries.c.next_read_at <= _NOW)
    .group_by(entries.c.host)
    .subquery()
)
_HOSTS = (
    sa.select(_waiting.c.host)
    .select_from(_waiting.outerjoin(hosts, hosts.c.host == _waiting.c.host))
    .where(free(_NOW))
    .order_by(_waiting.c.due_at, _waiting.c.host)
    .limit(_MOST)
)
_TO_READ = (
    sa.select(
        entries.c.id,
        entries.c.key.label("entry_key"),
        entries.c.url.label("entry_url"),
        entries.c.host,
        entries.c.title,
        entries.c.published_at,
        entries.c.updated_at,
        entries.c.authors,
        entries.c.language,
        entries.c.summary,
        entries.c.content,
        entries.c.attempts,
        entries.c.baseline,
        entries.c.article_id,
        entries.c.outlet,
        entries.c.done_at,
        *SOURCE_COLUMNS,
    )
    .join(sources, sources.c.id == entries.c.source_id)
    .where(entries.c.host == param("of", entries.c.host), entries.c.next_read_at <= _NOW)
    .order_by(entries.c.next_read_at, entries.c.id)
    .limit(_MOST)
)
_PENDING = sa.select(sa.func.count()).where(entries.c.next_read_at.is_not(None))
_DUE = sa.select(sa.func.count()).where(entries.c.next_read_at <= _NOW)

_BARE = (
    articles.c.id,
    articles.c.url,
    articles.c.canonical_url,
    articles.c.site,
    articles.c.authors,
    articles.c.language,
    articles.c.published_at,
    articles.c.modified_at,
    articles.c.first_seen_at,
    articles.c.text_from,
    articles.c.story_id,
    articles.c.archivable,
    articles.c.confidence,
    articles.c.paywalled,
    articles.c.declared_language,
    articles.c.section,
    articles.c.image,
    articles.c.pages,
    articles.c.extractor,
    articles.c.furnished,
    revisions.c.number,
    revisions.c.title,
    sources.c.key.label("source"),
    sources.c.settings,
)
_present = sa.and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
_joined = articles.join(sources, sources.c.id == articles.c.source_id).join(revisions, _present)
_LIST = sa.select(*_BARE).select_from(_joined)
_WHOLE = sa.select(*_BARE, revisions.c.text).select_from(_joined)
_at_revision = sa.and_(
    revisions.c.article_id == articles.c.id, revisions.c.number == param("at", revisions.c.number)
)
_AT_REVISION = (
    sa.select(*_BARE, revisions.c.text)
    .select_from(articles.join(sources, sources.c.id == articles.c.source_id).join(revisions, _at_revision))
    .where(articles.c.id == param("is_id", articles.c.id))
)
_BY_ID = _WHOLE.where(articles.c.id == param("is_id", articles.c.id))
_BY_URL = _WHOLE.where(articles.c.url_key == param("is_key", articles.c.url_key))
_news = sa.exists().where(entries.c.article_id == articles.c.id, ~entries.c.baseline)
#: A page that is watched has one article for ever: there, news is each new text of it.
_said_at = sa.case(
    (sources.c.kind == SourceKind.PAGE.value, revisions.c.seen_at), else_=articles.c.first_seen_at
)
#: Everything that matching needs of an article.
MATCHABLE = sa.select(
    *_BARE, revisions.c.text, (~_news).label("baseline"), _said_at.label("said_at")
).select_from(_joined)
_UNMATCHED = MATCHABLE.where(articles.c.matched_at.is_(None)).order_by(articles.c.id).limit(_MOST)
_COUNTS = sa.select(articles.c.text_from, sa.func.count()).group_by(articles.c.text_from)


def hosts_to_read(tx: Tx, *, now: datetime, limit: int) -> list[str]:
    """Return hosts with an entry to read now, which nobody works on; the longest waiting first."""
    return list(tx.execute(_HOSTS, {"now": now, "most": limit}).scalars())


def entries_to_read(tx: Tx, host: str, *, now: datetime, limit: int) -> list[EntryToRead]:
    """Return the entries of a host whose pages are to be asked for now, the longest waiting first."""
    found = tx.execute(_TO_READ, {"of": host, "now": now, "most": limit})
    return [
        EntryToRead(
            id=row.id,
            key=row.entry_key,
            source=source_from(row),
            url=row.entry_url,
            host=row.host,
            entry=Entry(
                link=row.entry_url,
                title=row.title,
                published_at=row.published_at,
                updated_at=row.updated_at,
                authors=tuple(row.authors),
                summary=row.summary,
                content=row.content,
                language=row.language,
                outlet=row.outlet,
            ),
            attempts=row.attempts,
            baseline=row.baseline,
            article_id=row.article_id,
            changed=row.done_at is not None,
        )
        for row in found
    ]


def entries_pending(tx: Tx) -> int:
    """Return how many entries wait to be read, now or later."""
    return int(tx.execute(_PENDING).scalar_one())


def entries_due(tx: Tx, *, now: datetime) -> int:
    """Return how many entries could be read now."""
    return int(tx.execute(_DUE, {"now": now}).scalar_one())


def unmatched(tx: Tx, *, limit: int) -> list[Unmatched]:
    """Return articles whose present revision was not matched yet, with their text, the oldest first."""
    return with_listers(tx, [unmatched_from(row) for row in tx.execute(_UNMATCHED, {"most": limit})])


def with_listers(tx: Tx, rows: list[Unmatched]) -> list[Unmatched]:
    """Return the same articles with all that matching needs.

    That is all sources that list them, for watches may look at one of those only, and where their texts
    belong to the site.
    """
    found = listers_of(tx, [row.article.id for row in rows if row.article.id is not None])
    return [_listed(row, found.get(row.article.id or 0, [])) for row in _with_furniture(tx, rows)]


def _with_furniture(tx: Tx, rows: list[Unmatched]) -> list[Unmatched]:
    texts = {row.article.id or 0: (row.article.url, row.article.text) for row in rows if row.furnished}
    found = blocks.furniture(tx, texts) if texts else {}
    return [
        replace(row, article=replace(row.article, furniture=found[row.article.id or 0]))
        if row.article.id in found
        else row
        for row in rows
    ]


def _listed(row: Unmatched, listers: list[Lister]) -> Unmatched:
    if all(lister.key == row.article.source for lister in listers):
        return row
    news = [lister for lister in listers if not lister.baseline]
    return replace(
        row, article=_listed_by(row.article, listers), as_news=_listed_by(row.article, news, alone=True)
    )


def _listed_by(article: Article, listers: list[Lister], *, alone: bool = False) -> Article:
    """Return an article with the sources that list it; ``alone``: these, whoever listed it first."""
    if alone:
        article = replace(article, source="", tier=None, tags=())
    others = [lister for lister in listers if lister.key != article.source]
    tags = dict.fromkeys((*article.tags, *(tag for lister in others for tag in tags_of(lister.settings))))
    tiers = dict.fromkeys(tier for lister in others if (tier := tier_of(lister.settings)) is not None)
    return replace(
        article,
        tags=tuple(tags),
        more_sources=tuple(dict.fromkeys(lister.key for lister in others)),
        more_tiers=tuple(tiers),
    )


def list_articles(
    tx: Tx,
    *,
    source: str | None = None,
    since: datetime | None = None,
    limit: int | None = 50,
    text: bool = False,
) -> list[Article]:
    """Return articles, the last seen first; their text is "" unless ``text`` is asked for.

    ``source`` is a source's key; ``since`` restricts to those first seen then or later.
    """
    query = _WHOLE if text else _LIST
    if source is not None:
        query = query.where(sources.c.key == source)
    if since is not None:
        query = query.where(articles.c.first_seen_at >= since)
    query = query.order_by(articles.c.first_seen_at.desc(), articles.c.id.desc())
    if limit is not None:
        query = query.limit(limit)
    return [_article(row, text=row.text if text else "") for row in tx.execute(query)]


def get(tx: Tx, article_id: int, *, revision: int | None = None) -> Article | None:
    """Return an article at its present or a former revision, None where there is no such one."""
    if revision is None:
        row = tx.execute(_BY_ID, {"is_id": article_id}).first()
    else:
        row = tx.execute(_AT_REVISION, {"is_id": article_id, "at": revision}).first()
    return None if row is None else _article(row, text=row.text)


def by_url(tx: Tx, url_key: bytes) -> Article | None:
    """Return the article of an address by its key, None where it is not stored."""
    row = tx.execute(_BY_URL, {"is_key": url_key}).first()
    return None if row is None else _article(row, text=row.text)


def counts(tx: Tx) -> dict[str, int]:
    """Return how many there are: articles, stories, in_full, from_feed, summary_only."""
    found = {row[0]: int(row[1]) for row in tx.execute(_COUNTS)}
    return {
        "articles": sum(found.values()),
        "stories": int(tx.execute(sa.select(sa.func.count()).select_from(stories)).scalar_one()),
        "in_full": found.get(TextFrom.PAGE.value, 0),
        "from_feed": found.get(TextFrom.FEED.value, 0),
        "summary_only": found.get(TextFrom.SUMMARY.value, 0),
    }


def unmatched_from(row: AnyRow) -> Unmatched:
    """Return the article of a row of ``MATCHABLE``."""
    return Unmatched(
        article=_article(row, text=row.text),
        baseline=bool(row.baseline),
        first_seen_at=row.said_at,
        furnished=row.furnished,
    )


def _article(row: AnyRow, *, text: str) -> Article:
    return Article(
        id=row.id,
        url=row.url,
        canonical_url=row.canonical_url,
        title=row.title,
        text=text,
        authors=tuple(row.authors),
        language=row.language,
        published_at=row.published_at,
        modified_at=row.modified_at,
        first_seen_at=row.first_seen_at,
        site=row.site,
        text_from=TextFrom(row.text_from),
        source=row.source,
        tags=tags_of(row.settings),
        tier=tier_of(row.settings),
        story_id=row.story_id,
        revision=row.number,
        archivable=row.archivable,
        # what an earlier version read says nothing of it
        confidence=1.0 if row.confidence is None else row.confidence,
        paywalled=row.paywalled,
        declared_language=row.declared_language,
        section=row.section,
        image=row.image,
        pages=row.pages,
        extractor=row.extractor,
    )
