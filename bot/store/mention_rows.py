"""A mention as it is stored: its columns, the state that follows from them, and what makes it news.

For the modules on mentions and on digests; upper rooms reach these through ``bot.store.mentions``.
"""

from typing import Any, Final

import sqlalchemy as sa

from bot.model import Mention, MentionState, Span, StoredMention
from bot.store.statements import AnyRow, param
from bot.store.tables import articles, mentions, revisions, sources, watches

#: ``mentions.withdrawn_why`` of what a changed watch does not find any more.
BY_WATCH: Final = "watch"
#: ``mentions.withdrawn_why`` of what the text lost.
BY_REVISION: Final = "revision"

#: The first fact that holds decides.
STATE = sa.case(
    (mentions.c.dismissed_at.is_not(None), MentionState.DISMISSED.value),
    (mentions.c.withdrawn_at.is_not(None), MentionState.WITHDRAWN.value),
    (mentions.c.furniture, MentionState.FURNITURE.value),
    (mentions.c.sense == sa.literal(MentionState.CONTRADICTED.value), MentionState.CONTRADICTED.value),
    (mentions.c.backfill, MentionState.BACKFILL.value),
    else_=MentionState.NEW.value,
)
#: Everything a StoredMention is made of; the title is that of the revision which the spans index.
STORED = (
    sa.select(
        mentions.c.id.label("mention_id"),
        watches.c.key.label("watch"),
        watches.c.name.label("watch_name"),
        mentions.c.article_id,
        articles.c.story_id,
        articles.c.url,
        revisions.c.title,
        sources.c.key.label("source"),
        sources.c.name.label("source_name"),
        articles.c.site,
        articles.c.language,
        articles.c.published_at,
        articles.c.first_seen_at,
        mentions.c.found_at,
        STATE.label("state"),
        mentions.c.sense,
        mentions.c.revision,
        mentions.c.watch_version,
        mentions.c.spans,
        mentions.c.total,
        mentions.c.excerpt,
        mentions.c.marks,
        mentions.c.dismissed_at,
        mentions.c.dismissed_why,
        mentions.c.withdrawn_why,
        mentions.c.unwanted,
    )
    .select_from(mentions)
    .join(watches, watches.c.id == mentions.c.watch_id)
    .join(articles, articles.c.id == mentions.c.article_id)
    .join(sources, sources.c.id == articles.c.source_id)
    .join(
        revisions,
        sa.and_(revisions.c.article_id == mentions.c.article_id, revisions.c.number == mentions.c.revision),
    )
)
#: What digests may tell, now or earlier: no history, nothing that its watch does not find any more, nothing
#: that only the site's furniture says, and no sense that the watch does not want. All of that can be taken
#: back, so nothing is deleted for it.
NEWS = sa.and_(
    sa.not_(mentions.c.backfill),
    sa.not_(mentions.c.furniture),
    mentions.c.withdrawn_why.is_distinct_from(BY_WATCH),
    mentions.c.unwanted.is_not(sa.true()),
)
#: What ``facts_of`` gives, as parameters of an UPDATE, which also takes back what a change of the watch did.
SEEN_AGAIN = {
    name: param(f"new_{name}", mentions.c[name])
    for name in (
        "revision",
        "watch_version",
        "sense",
        "total",
        "excerpt",
        "marks",
        "spans",
        "unwanted",
        "furniture",
    )
} | {
    "withdrawn_at": sa.case((mentions.c.withdrawn_why == BY_WATCH, None), else_=mentions.c.withdrawn_at),
    "withdrawn_why": sa.case((mentions.c.withdrawn_why == BY_WATCH, None), else_=mentions.c.withdrawn_why),
}


def facts_of(mention: Mention, *, told: bool) -> dict[str, Any]:
    """Return the columns that say what was found, by name."""
    return {
        "revision": mention.revision,
        "watch_version": mention.watch_version,
        "sense": None if mention.sense is None else mention.sense.value,
        "total": mention.total,
        "excerpt": mention.excerpt,
        "marks": mention.marks,
        "spans": [(span.field, span.start, span.end, span.term, span.all_capitals) for span in mention.spans],
        "unwanted": not told,
        "furniture": mention.furniture,
    }


def seen_again(mention: Mention, *, told: bool) -> dict[str, Any]:
    """Return the parameters of ``SEEN_AGAIN``."""
    return {f"new_{name}": value for name, value in facts_of(mention, told=told).items()}


def stored_from(row: AnyRow) -> StoredMention:
    """Return the mention of a row of ``STORED``."""
    return StoredMention(
        id=row.mention_id,
        watch=row.watch,
        watch_name=row.watch_name,
        article_id=row.article_id,
        story_id=row.story_id,
        url=row.url,
        title=row.title,
        source=row.source,
        source_name=row.source_name,
        outlet=row.site or row.source_name,
        language=row.language,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        found_at=row.found_at,
        state=MentionState(row.state),
        sense=row.sense,
        revision=row.revision,
        watch_version=row.watch_version,
        spans=tuple(
            Span(field=field, start=start, end=end, term=term, all_capitals=all_capitals)
            for field, start, end, term, all_capitals in row.spans
        ),
        total=row.total,
        excerpt=row.excerpt,
        marks=tuple((start, end) for start, end in row.marks),
        dismissed_at=row.dismissed_at,
        dismissed_why=row.dismissed_why,
        withdrawn_why=row.withdrawn_why,
        wanted=row.unwanted is False,
    )
