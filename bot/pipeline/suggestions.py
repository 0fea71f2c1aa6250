"""Suggestions: what could be added to a watch, learned from the mentions that people dismissed."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bot.match.suggest import Sample, Suggestions, suggest
from bot.model import Article, StoredMention, Watch
from bot.store import Store, Tx, articles, mentions

#: mentions of each kind that are compared, the newest
_MOST_DISMISSED: Final = 50
_MOST_KEPT: Final = 100
#: other articles by which common words are told
_MOST_OTHERS: Final = 200


async def suggestions(store: Store, watch: Watch) -> Suggestions:
    """Return what tells the dismissed mentions of a watch from the kept ones.

    Raises QueryError, with the watch's key as subject, for a query that does not parse.
    """
    dismissed, kept, others = await store.aread(_load, watch.key)
    # Counting words is CPU: in a thread, so that whoever serves others goes on.
    return await asyncio.to_thread(suggest, watch, dismissed, kept, others=others)


def _load(tx: Tx, watch_key: str) -> tuple[list[Sample], list[Sample], list[Article]]:
    dismissed = mentions.dismissed_samples(tx, watch_key, limit=_MOST_DISMISSED)
    kept = mentions.kept_samples(tx, watch_key, limit=_MOST_KEPT)
    found = {mention.article_id for mention in (*dismissed, *kept)}
    newest = articles.list_articles(tx, limit=_MOST_OTHERS, text=True)
    return (
        _samples(tx, dismissed),
        _samples(tx, kept),
        [article for article in newest if article.id not in found],
    )


def _samples(tx: Tx, found: Sequence[StoredMention]) -> list[Sample]:
    """Return the articles of mentions at the revisions that their spans index."""
    return [
        Sample(article=article, spans=mention.spans)
        for mention in found
        if (article := articles.get(tx, mention.article_id, revision=mention.revision)) is not None
    ]
