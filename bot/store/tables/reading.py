"""From sources to articles: what is read, when, and what came of it."""

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint

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
    # what else the configuration says of it, so that a step needs no configuration
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
    Index("ix_sources_due", "next_fetch_at", "host", **where("enabled = 1", "enabled")),
    Index(None, "host"),
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
    # when it became read or unread
    Column("done_at", Utc),
    Column("error", Text),
    Column("error_kind", Text),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="SET NULL")),
    # kept until the page has been read; empty afterwards
    Column("summary", Text, nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("source_id", "key"),
    Index(None, "source_id", "url_key"),
    Index(None, "source_id", "id_key"),
    Index(None, "source_id", "title_key"),
    Index(None, "article_id", **where("article_id IS NOT NULL")),
    # across sources only what was read: keys are random, and a listing brings many at once
    Index("ix_entries_read", "url_key", **where("article_id IS NOT NULL")),
    Index("ix_entries_due", "host", "next_read_at", **where("next_read_at IS NOT NULL")),
    Index("ix_entries_unread", "done_at", **where("state = 'unread'")),
)

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
