"""The tables, the same on SQLite and PostgreSQL; a change here needs a revision in ``migrations/``.

::

    hosts    sources ─► fetches          watches ─┐
                ├─► health_notices                │
                └─► entries ─► articles ─► mentions ─► mention_events ─► digest_items
                        stories ◄┘  ├─► revisions                            │
                                    ├─► sketches, story_marks                │
                                    └─► index_queue, article_tokens          │
    installation   leases   blocks   schedules ─► digests ◄──────────────────┘
                                                     └─► deliveries ─► attempts

Facts are stored, states of a mention are derived from them. Times that something waits for
(``next_read_at``, ``next_attempt_at``) are NULL as soon as it does not wait any more: the partial
indexes of the due queries say IS NOT NULL, which both planners can prove from a bound parameter.
"""

from bot.store.tables.base import metadata
from bot.store.tables.house import installation, leases
from bot.store.tables.reading import (
    articles,
    blocks,
    entries,
    fetches,
    health_notices,
    hosts,
    revisions,
    sketches,
    sources,
    stories,
    story_marks,
)
from bot.store.tables.search import article_tokens, index_queue, postgresql_metadata
from bot.store.tables.telling import (
    attempts,
    deliveries,
    digest_items,
    digests,
    mention_events,
    mentions,
    schedules,
    watches,
)

__all__ = [
    "article_tokens",
    "articles",
    "attempts",
    "blocks",
    "deliveries",
    "digest_items",
    "digests",
    "entries",
    "fetches",
    "health_notices",
    "hosts",
    "index_queue",
    "installation",
    "leases",
    "mention_events",
    "mentions",
    "metadata",
    "postgresql_metadata",
    "revisions",
    "schedules",
    "sketches",
    "sources",
    "stories",
    "story_marks",
    "watches",
]
