"""The sources that list an article: watches may look at the articles of some of them only.

An article belongs to the source that listed it first. When another one lists it, too, it is matched
again, so that a watch that looks only there finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.store.base import Tx
from bot.store.statements import any_of, chunks, param
from bot.store.tables import articles, entries, sources


@dataclass(frozen=True, kw_only=True, slots=True)
class Lister:
    """A source that lists an article."""

    key: str
    settings: dict[str, Any]
    #: whether it does so in its first sight only
    baseline: bool


_LISTERS = (
    sa.select(entries.c.article_id, sources.c.key, sources.c.settings, entries.c.baseline)
    .join(sources, sources.c.id == entries.c.source_id)
    .where(any_of(entries.c.article_id, "ids"))
    .order_by(entries.c.article_id, entries.c.id)
)
_AGAIN = (
    sa.update(articles)
    .where(
        articles.c.id == param("of", articles.c.id),
        articles.c.source_id != param("source", articles.c.source_id),
        ~sa.exists().where(
            entries.c.article_id == param("of", articles.c.id),
            entries.c.source_id == param("source", articles.c.source_id),
        ),
    )
    .values(matched_at=None)
)


def listers_of(tx: Tx, article_ids: Sequence[int]) -> dict[int, list[Lister]]:
    """Return the sources that list each article, by its number, the first first; one may be there twice."""
    found: dict[int, list[Lister]] = {}
    for ids in chunks(article_ids):
        for row in tx.execute(_LISTERS, {"ids": list(ids)}):
            lister = Lister(key=row.key, settings=row.settings, baseline=row.baseline)
            found.setdefault(row.article_id, []).append(lister)
    return found


def match_again(tx: Tx, listed: Sequence[tuple[int, int]]) -> None:
    """Let articles wait to be matched that a source begins to list: pairs of article and source.

    To be asked before the entries of the source lead there.
    """
    if listed:
        tx.execute(_AGAIN, [{"of": article, "source": source} for article, source in listed])
