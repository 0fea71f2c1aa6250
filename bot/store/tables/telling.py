"""From watches to deliveries: what was found, and who was told."""

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint

from bot.store.tables.base import table, where
from bot.store.types import Binary, Flag, Id, Json, Number, Text, Utc

watches = table(
    "watches",
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("active_since", Utc, nullable=False),
    Column("enabled", Flag, nullable=False),
    Column("backfilled_version", Text),
    # the last article that this version has been matched against
    Column("backfill_after", Id, nullable=False),
    # when any version of it was last matched against all stored articles
    Column("last_backfill", Utc),
)

mentions = table(
    "mentions",
    Column("id", Id, primary_key=True),
    Column("watch_id", Id, ForeignKey("watches.id"), nullable=False),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False),
    Column("revision", Number, nullable=False),
    Column("watch_version", Text, nullable=False),
    Column("found_at", Utc, nullable=False),
    Column("backfill", Flag, nullable=False),
    Column("sense", Text),
    Column("furniture", Flag, nullable=False),
    Column("dismissed_at", Utc),
    Column("dismissed_why", Text),
    Column("withdrawn_at", Utc),
    Column("read_at", Utc),
    Column("starred_at", Utc),
    Column("note", Text),
    Column("total", Number, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("marks", Json, nullable=False),
    Column("spans", Json, nullable=False),
    # revision: the text lost it; watch: somebody changed the watch
    Column("withdrawn_why", Text),
    # in a sense that the watch does not want delivered: nothing of it is told
    Column("unwanted", Flag),
    UniqueConstraint("watch_id", "article_id"),
    Index(None, "article_id"),
    Index(None, "found_at"),
    Index(None, "watch_id", "found_at"),
    Index(None, "watch_id", "id"),
    Index("ix_mentions_dismissed", "watch_id", "dismissed_at", **where("dismissed_at IS NOT NULL")),
)

mention_events = table(
    "mention_events",
    Column("id", Id, primary_key=True),
    Column("mention_id", Id, ForeignKey("mentions.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("revision", Number, nullable=False),
    Column("at", Utc, nullable=False),
    Index(None, "mention_id"),
    Index(None, "at"),
)

schedules = table(
    "schedules",
    Column("key", Text, primary_key=True),
    Column("last_slot", Utc, nullable=False),
    Column("started_at", Utc, nullable=False),
)

digests = table(
    "digests",
    Column("id", Id, primary_key=True),
    Column("schedule_key", Text, nullable=False),
    Column("slot", Utc, nullable=False),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("schedule_key", "slot"),
)

digest_items = table(
    "digest_items",
    Column("schedule_key", Text, primary_key=True),
    Column("event_id", Id, ForeignKey("mention_events.id"), primary_key=True),
    Column("digest_id", Id, ForeignKey("digests.id"), nullable=False),
    Index(None, "digest_id"),
    Index(None, "event_id"),
)

deliveries = table(
    "deliveries",
    Column("id", Id, primary_key=True),
    Column("dedup_key", Text, nullable=False, unique=True),
    Column("digest_id", Id, ForeignKey("digests.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("next_attempt_at", Utc),
    Column("claimed_by", Text),
    Column("claimed_until", Utc),
    Column("sent_at", Utc),
    Column("remote_id", Text),
    Column("error", Text),
    Column("error_kind", Text),
    Column("body", Binary, nullable=False),
    Index("ix_deliveries_due", "next_attempt_at", **where("next_attempt_at IS NOT NULL")),
    Index("ix_deliveries_sending", "id", **where("state = 'sending'")),
    Index(None, "digest_id"),
)

attempts = table(
    "attempts",
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Number, primary_key=True),
    Column("at", Utc, nullable=False),
    # sent, retry, failed, uncertain
    Column("outcome", Text, nullable=False),
    Column("kind", Text),
    Column("error", Text),
)
