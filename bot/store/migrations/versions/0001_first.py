"""The first schema: sources, articles, watches, mentions, digests and deliveries.

A revision is history: it names every column itself and does not follow ``bot.store.tables``.
"""

from alembic import op
from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, UniqueConstraint, text

from bot.store.types import Binary, Count, Flag, Id, Json, Number, Real, Text, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, in the order of their foreign keys."""
    _sources()
    _hosts()
    _stories()
    _articles()
    _revisions()
    _entries()
    _fetches()
    _watches()
    _mentions()
    _mention_events()
    _schedules()
    _digests()
    _digest_items()
    _deliveries()
    _attempts()
    _leases()
    _installation()


def _sources() -> None:
    op.create_table(
        "sources",
        Column("id", Id, nullable=False),
        Column("key", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("url", Text, nullable=False),
        Column("host", Text, nullable=False),
        Column("settings", Json, nullable=False),
        Column("enabled", Flag, nullable=False),
        Column("feed_title", Text),
        Column("next_fetch_at", Utc, nullable=False),
        Column("last_fetch_at", Utc),
        Column("last_outcome", Text),
        Column("last_error", Text),
        Column("failing_since", Utc),
        Column("etag", Text),
        Column("last_modified", Text),
        Column("body_hash", Binary),
        Column("health", Text, nullable=False),
        Column("fail_weight", Real, nullable=False),
        Column("baseline_done", Flag, nullable=False),
        PrimaryKeyConstraint("id", name="pk_sources"),
        UniqueConstraint("key", name="uq_sources_key"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_sources_due",
        "sources",
        ["next_fetch_at", "host"],
        sqlite_where=text("enabled = 1"),
        postgresql_where=text("enabled"),
    )
    op.create_index("ix_sources_host", "sources", ["host"])


def _hosts() -> None:
    op.create_table(
        "hosts",
        Column("host", Text, nullable=False),
        Column("claimed_by", Text),
        Column("claimed_until", Utc),
        Column("not_before", Utc),
        PrimaryKeyConstraint("host", name="pk_hosts"),
        sqlite_strict=True,
    )


def _stories() -> None:
    op.create_table(
        "stories",
        Column("id", Id, nullable=False),
        Column("title", Text, nullable=False),
        Column("first_article_id", Id),
        Column("first_seen_at", Utc, nullable=False),
        Column("outlets", Number, nullable=False),
        PrimaryKeyConstraint("id", name="pk_stories"),
        sqlite_strict=True,
    )


def _articles() -> None:
    op.create_table(
        "articles",
        Column("id", Id, nullable=False),
        Column("url_key", Binary, nullable=False),
        Column("url", Text, nullable=False),
        Column("canonical_url", Text),
        Column("source_id", Id, ForeignKey("sources.id", name="fk_articles_source_id"), nullable=False),
        Column("site", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("authors", Json, nullable=False),
        Column("language", Text),
        Column("published_at", Utc),
        Column("modified_at", Utc),
        Column("first_seen_at", Utc, nullable=False),
        Column("read_at", Utc, nullable=False),
        Column("story_id", Id, ForeignKey("stories.id", name="fk_articles_story_id")),
        Column("copy_hash", Binary),
        Column("revision", Number, nullable=False),
        Column("text_from", Text, nullable=False),
        Column("matched_at", Utc),
        PrimaryKeyConstraint("id", name="pk_articles"),
        UniqueConstraint("url_key", name="uq_articles_url_key"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_articles_copy_hash",
        "articles",
        ["copy_hash"],
        sqlite_where=text("copy_hash IS NOT NULL"),
        postgresql_where=text("copy_hash IS NOT NULL"),
    )
    op.create_index("ix_articles_first_seen_at", "articles", ["first_seen_at"])
    op.create_index("ix_articles_read_at", "articles", ["read_at"])
    op.create_index("ix_articles_source_id_first_seen_at", "articles", ["source_id", "first_seen_at"])
    op.create_index("ix_articles_story_id", "articles", ["story_id"])
    op.create_index(
        "ix_articles_unmatched",
        "articles",
        ["id"],
        sqlite_where=text("matched_at IS NULL"),
        postgresql_where=text("matched_at IS NULL"),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        Column(
            "article_id",
            Id,
            ForeignKey("articles.id", ondelete="CASCADE", name="fk_revisions_article_id"),
            nullable=False,
        ),
        Column("number", Number, nullable=False),
        Column("seen_at", Utc, nullable=False),
        Column("text_hash", Binary, nullable=False),
        Column("title", Text, nullable=False),
        Column("text", Text, nullable=False),
        PrimaryKeyConstraint("article_id", "number", name="pk_revisions"),
        sqlite_strict=True,
    )


def _entries() -> None:
    op.create_table(
        "entries",
        Column("id", Id, nullable=False),
        Column(
            "source_id",
            Id,
            ForeignKey("sources.id", ondelete="CASCADE", name="fk_entries_source_id"),
            nullable=False,
        ),
        Column("key", Text, nullable=False),
        Column("url", Text),
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
        Column("state", Text, nullable=False),
        Column("attempts", Number, nullable=False),
        Column("next_read_at", Utc),
        Column("done_at", Utc),
        Column("error", Text),
        Column("error_kind", Text),
        Column(
            "article_id", Id, ForeignKey("articles.id", ondelete="SET NULL", name="fk_entries_article_id")
        ),
        Column("summary", Text, nullable=False),
        Column("content", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_entries"),
        UniqueConstraint("source_id", "key", name="uq_entries_source_id_key"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_entries_article_id",
        "entries",
        ["article_id"],
        sqlite_where=text("article_id IS NOT NULL"),
        postgresql_where=text("article_id IS NOT NULL"),
    )
    op.create_index(
        "ix_entries_due",
        "entries",
        ["host", "next_read_at"],
        sqlite_where=text("next_read_at IS NOT NULL"),
        postgresql_where=text("next_read_at IS NOT NULL"),
    )
    op.create_index(
        "ix_entries_read",
        "entries",
        ["url_key"],
        sqlite_where=text("article_id IS NOT NULL"),
        postgresql_where=text("article_id IS NOT NULL"),
    )
    op.create_index("ix_entries_source_id_id_key", "entries", ["source_id", "id_key"])
    op.create_index("ix_entries_source_id_title_key", "entries", ["source_id", "title_key"])
    op.create_index("ix_entries_source_id_url_key", "entries", ["source_id", "url_key"])
    op.create_index(
        "ix_entries_unread",
        "entries",
        ["done_at"],
        sqlite_where=text("state = 'unread'"),
        postgresql_where=text("state = 'unread'"),
    )


def _fetches() -> None:
    op.create_table(
        "fetches",
        Column("id", Id, nullable=False),
        Column(
            "source_id",
            Id,
            ForeignKey("sources.id", ondelete="CASCADE", name="fk_fetches_source_id"),
            nullable=False,
        ),
        Column("at", Utc, nullable=False),
        Column("duration_ms", Number, nullable=False),
        Column("status", Number),
        Column("bytes", Count, nullable=False),
        Column("new", Number, nullable=False),
        Column("kind", Text),
        Column("error", Text),
        PrimaryKeyConstraint("id", name="pk_fetches"),
        sqlite_strict=True,
    )
    op.create_index("ix_fetches_source_id_at", "fetches", ["source_id", "at"])


def _watches() -> None:
    op.create_table(
        "watches",
        Column("id", Id, nullable=False),
        Column("key", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("query", Text, nullable=False),
        Column("version", Text, nullable=False),
        Column("active_since", Utc, nullable=False),
        Column("enabled", Flag, nullable=False),
        Column("backfilled_version", Text),
        Column("backfill_after", Id, nullable=False),
        PrimaryKeyConstraint("id", name="pk_watches"),
        UniqueConstraint("key", name="uq_watches_key"),
        sqlite_strict=True,
    )


def _mentions() -> None:
    op.create_table(
        "mentions",
        Column("id", Id, nullable=False),
        Column("watch_id", Id, ForeignKey("watches.id", name="fk_mentions_watch_id"), nullable=False),
        Column("article_id", Id, ForeignKey("articles.id", name="fk_mentions_article_id"), nullable=False),
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
        PrimaryKeyConstraint("id", name="pk_mentions"),
        UniqueConstraint("watch_id", "article_id", name="uq_mentions_watch_id_article_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_mentions_article_id", "mentions", ["article_id"])
    op.create_index("ix_mentions_found_at", "mentions", ["found_at"])
    op.create_index("ix_mentions_watch_id_found_at", "mentions", ["watch_id", "found_at"])


def _mention_events() -> None:
    op.create_table(
        "mention_events",
        Column("id", Id, nullable=False),
        Column(
            "mention_id",
            Id,
            ForeignKey("mentions.id", ondelete="CASCADE", name="fk_mention_events_mention_id"),
            nullable=False,
        ),
        Column("kind", Text, nullable=False),
        Column("revision", Number, nullable=False),
        Column("at", Utc, nullable=False),
        PrimaryKeyConstraint("id", name="pk_mention_events"),
        sqlite_strict=True,
    )
    op.create_index("ix_mention_events_at", "mention_events", ["at"])
    op.create_index("ix_mention_events_mention_id", "mention_events", ["mention_id"])


def _schedules() -> None:
    op.create_table(
        "schedules",
        Column("key", Text, nullable=False),
        Column("last_slot", Utc, nullable=False),
        Column("started_at", Utc, nullable=False),
        PrimaryKeyConstraint("key", name="pk_schedules"),
        sqlite_strict=True,
    )


def _digests() -> None:
    op.create_table(
        "digests",
        Column("id", Id, nullable=False),
        Column("schedule_key", Text, nullable=False),
        Column("slot", Utc, nullable=False),
        Column("created_at", Utc, nullable=False),
        PrimaryKeyConstraint("id", name="pk_digests"),
        UniqueConstraint("schedule_key", "slot", name="uq_digests_schedule_key_slot"),
        sqlite_strict=True,
    )


def _digest_items() -> None:
    op.create_table(
        "digest_items",
        Column("schedule_key", Text, nullable=False),
        Column(
            "event_id", Id, ForeignKey("mention_events.id", name="fk_digest_items_event_id"), nullable=False
        ),
        Column("digest_id", Id, ForeignKey("digests.id", name="fk_digest_items_digest_id"), nullable=False),
        PrimaryKeyConstraint("schedule_key", "event_id", name="pk_digest_items"),
        sqlite_strict=True,
    )
    op.create_index("ix_digest_items_digest_id", "digest_items", ["digest_id"])
    op.create_index("ix_digest_items_event_id", "digest_items", ["event_id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        Column("id", Id, nullable=False),
        Column("dedup_key", Text, nullable=False),
        Column("digest_id", Id, ForeignKey("digests.id", name="fk_deliveries_digest_id"), nullable=False),
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
        PrimaryKeyConstraint("id", name="pk_deliveries"),
        UniqueConstraint("dedup_key", name="uq_deliveries_dedup_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_deliveries_digest_id", "deliveries", ["digest_id"])
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_attempt_at"],
        sqlite_where=text("next_attempt_at IS NOT NULL"),
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_sending",
        "deliveries",
        ["id"],
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        Column(
            "delivery_id",
            Id,
            ForeignKey("deliveries.id", ondelete="CASCADE", name="fk_attempts_delivery_id"),
            nullable=False,
        ),
        Column("number", Number, nullable=False),
        Column("at", Utc, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("kind", Text),
        Column("error", Text),
        PrimaryKeyConstraint("delivery_id", "number", name="pk_attempts"),
        sqlite_strict=True,
    )


def _leases() -> None:
    op.create_table(
        "leases",
        Column("name", Text, nullable=False),
        Column("holder", Text, nullable=False),
        Column("since", Utc, nullable=False),
        Column("until", Utc),
        Column("epoch", Count, nullable=False),
        PrimaryKeyConstraint("name", name="pk_leases"),
        sqlite_strict=True,
    )


def _installation() -> None:
    op.create_table(
        "installation",
        Column("id", Number, nullable=False),
        Column("created_at", Utc, nullable=False),
        PrimaryKeyConstraint("id", name="pk_installation"),
        sqlite_strict=True,
    )
