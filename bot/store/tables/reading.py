"""From sources to articles: what is read, when, and what came of it."""

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint, false, text, true

from bot.store.tables.base import table, where
from bot.store.types import Binary, Count, Flag, Id, Json, Number, Real, Text, Utc

sources = table(
    "sources",
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    # what else the configuration says of it where that is not the default, so that a step needs no
    # configuration; never a secret
    Column("settings", Json, nullable=False),
    Column("enabled", Flag, nullable=False),
    # what the source calls itself
    Column("feed_title", Text),
    Column("next_fetch_at", Utc, nullable=False),
    Column("last_fetch_at", Utc),
    # ok, not_modified or a word of FailureKind
    Column("last_outcome", Text),
    Column("last_error", Text),
    Column("failing_since", Utc),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Binary),
    Column("health", Text, nullable=False),
    Column("fail_weight", Real, nullable=False),
    Column("baseline_done", Flag, nullable=False),
    # what was learned of how often it brings something: ``model.Rhythm``
    Column("heard", Real, nullable=False, server_default=text("0")),
    Column("watched_s", Real, nullable=False, server_default=text("0")),
    Column("last_new_at", Utc),
    Column("longest_gap_s", Real, nullable=False, server_default=text("0")),
    Column("items", Number, nullable=False, server_default=text("0")),
    Column("recent_new", Json),
    # why next_fetch_at is what it is
    Column("next_reason", Json),
    # entries in its last listing; NULL before the first
    Column("listed", Number),
    # when it last answered well, changed or not
    Column("answered_at", Utc),
    # when it was last asked without validators, and answered
    Column("whole_at", Utc),
    # where it has been sending us for good
    Column("moved_to", Text),
    Column("moved_times", Number),
    Column("moved_since", Utc),
    # what was discovered at a bare address
    Column("found_url", Text),
    Column("found_kind", Text),
    Column("first_asked_at", Utc),
    # not asked until somebody resumes it
    Column("paused_at", Utc),
    Column("paused_why", Text),
    # whether its own answer did that (410), not a person: a new address then ends it
    Column("paused_by_answer", Flag),
    Column("health_since", Utc),
    Column("health_why", Text),
    # the health that was last told
    Column("noticed_health", Text),
    Index(
        "ix_sources_due",
        "next_fetch_at",
        "host",
        **where("enabled = 1 AND paused_at IS NULL", "enabled AND paused_at IS NULL"),
    ),
    Index(None, "host"),
)

health_notices = table(
    "health_notices",
    Column("id", Id, primary_key=True),
    Column("source_id", Id, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("health", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("since", Utc),
    Index(None, "at"),
    Index(None, "source_id"),
)

hosts = table(
    "hosts",
    Column("host", Text, primary_key=True),
    Column("claimed_by", Text),
    Column("claimed_until", Utc),
    # the server asked us to stay away until then
    Column("not_before", Utc),
)

stories = table(
    "stories",
    Column("id", Id, primary_key=True),
    Column("title", Text, nullable=False),
    # no foreign key: it would close a circle with articles.story_id
    Column("first_article_id", Id),
    Column("first_seen_at", Utc, nullable=False),
    Column("outlets", Number, nullable=False),
)

# How copies of one text are found (``bot.parse.sketch``); kept for as long as copies are looked for.
sketches = table(
    "sketches",
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("data", Binary, nullable=False),
)

# The marks of each sketch. Without a foreign key, whose check would cost more than the row: who drops a
# sketch drops its marks, and a mark that leads nowhere is passed over.
story_marks = table(
    "story_marks",
    Column("mark", Count, primary_key=True, autoincrement=False),
    Column("article_id", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Paragraphs by the site that they stand on, to learn which of them belong to it (``bot.store.blocks``).
blocks = table(
    "blocks",
    # of site and paragraph
    Column("key", Count, primary_key=True, autoincrement=False),
    Column("first_article_id", Id, nullable=False),
    Column("second_article_id", Id),
    # by how many articles, up to 3
    Column("seen", Number, nullable=False),
    Column("noted_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

articles = table(
    "articles",
    Column("id", Id, primary_key=True),
    Column("url_key", Binary, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text),
    Column("source_id", Id, ForeignKey("sources.id"), nullable=False),
    Column("site", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("authors", Json, nullable=False),
    Column("language", Text),
    Column("published_at", Utc),
    Column("modified_at", Utc),
    # when it was first listed
    Column("first_seen_at", Utc, nullable=False),
    # when its present text was taken
    Column("read_at", Utc, nullable=False),
    Column("story_id", Id, ForeignKey("stories.id")),
    Column("copy_hash", Binary),
    Column("revision", Number, nullable=False),
    Column("text_from", Text, nullable=False),
    Column("matched_at", Utc),
    # false where the page asks that no copy be kept
    Column("archivable", Flag, nullable=False, server_default=true()),
    # how sure the extractor is, 0 to 1; NULL for what an earlier version read
    Column("confidence", Real),
    Column("paywalled", Flag, nullable=False, server_default=false()),
    Column("declared_language", Text),
    Column("section", Text, nullable=False, server_default=text("''")),
    Column("image", Text),
    # how many pages the text was put together from
    Column("pages", Number, nullable=False, server_default=text("1")),
    # the version of the extractor that took the text; 0: from before they were counted
    Column("extractor", Number, nullable=False, server_default=text("0")),
    # its text holds a block that belongs to the site
    Column("furnished", Flag, nullable=False, server_default=false()),
    Index(None, "first_seen_at"),
    Index(None, "read_at"),
    Index(None, "source_id", "first_seen_at"),
    Index(None, "story_id"),
    Index(None, "copy_hash", **where("copy_hash IS NOT NULL")),
    Index("ix_articles_unmatched", "id", **where("matched_at IS NULL")),
)

revisions = table(
    "revisions",
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Number, primary_key=True),
    Column("seen_at", Utc, nullable=False),
    Column("text_hash", Binary, nullable=False),
    # before the text, so that a list of titles does not walk the pages of the texts
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
)

entries = table(
    "entries",
    Column("id", Id, primary_key=True),
    Column("source_id", Id, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("url", Text),
    # of the entry's address: pages are asked for politely too
    Column("host", Text, nullable=False),
    Column("url_key", Binary),
    Column("id_key", Binary),
    Column("title_key", Binary),
    Column("title", Text, nullable=False),
    Column("published_at", Utc),
    Column("updated_at", Utc),
    Column("authors", Json, nullable=False),
    Column("language", Text),
    Column("first_seen_at", Utc, nullable=False),
    Column("last_listed_at", Utc, nullable=False),
    Column("baseline", Flag, nullable=False),
    # new, retry, read, unread
    Column("state", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("next_read_at", Utc),
    # when it became read or unread; one that waits and was done before was changed by its source
    Column("done_at", Utc),
    Column("error", Text),
    Column("error_kind", Text),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="SET NULL")),
    # kept until the page has been read; empty afterwards
    Column("summary", Text, nullable=False),
    Column("content", Text, nullable=False),
    # whom an aggregator names as where it comes from; "" where it does not
    Column("outlet", Text, nullable=False, server_default=text("''")),
    # flood: listed again as new, and no news; NULL for all others
    Column("held", Text),
    UniqueConstraint("source_id", "key"),
    Index(None, "source_id", "url_key"),
    Index(None, "source_id", "id_key"),
    Index(None, "source_id", "title_key"),
    Index(None, "article_id", **where("article_id IS NOT NULL")),
    # across sources only what was read: keys are random, and a listing brings many at once
    Index("ix_entries_read", "url_key", **where("article_id IS NOT NULL")),
    Index("ix_entries_due", "host", "next_read_at", **where("next_read_at IS NOT NULL")),
    Index("ix_entries_unread", "done_at", **where("state = 'unread'")),
    Index("ix_entries_done", "source_id", "done_at", **where("done_at IS NOT NULL")),
    Index("ix_entries_held", "first_seen_at", **where("held IS NOT NULL")),
)

# Of answers that told something: a poll that found nothing changed leaves its time with the source only.
fetches = table(
    "fetches",
    Column("id", Id, primary_key=True),
    Column("source_id", Id, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("duration_ms", Number, nullable=False),
    # of HTTP; NULL when there was no answer
    Column("status", Number),
    Column("bytes", Count, nullable=False),
    Column("new", Number, nullable=False),
    Column("kind", Text),
    Column("error", Text),
    Index(None, "source_id", "at"),
)
