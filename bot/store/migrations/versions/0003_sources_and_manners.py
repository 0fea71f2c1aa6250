"""What is learned of sources, what was said of their health, and what was held back of a flood.

Columns are added in place: a table of millions of entries is not written anew. What can be told of
the sources that are there already is filled in.
"""

from alembic import op
from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, text, true

from bot.store.types import Flag, Id, Json, Number, Real, Text, Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what is new."""
    _sources()
    _health_notices()
    op.add_column("articles", Column("archivable", Flag, nullable=False, server_default=true()))
    op.add_column("installation", Column("network_down_since", Utc))
    _entries()


def _sources() -> None:
    for column in (
        Column("heard", Real, nullable=False, server_default=text("0")),
        Column("watched_s", Real, nullable=False, server_default=text("0")),
        Column("last_new_at", Utc),
        Column("longest_gap_s", Real, nullable=False, server_default=text("0")),
        Column("items", Number, nullable=False, server_default=text("0")),
        Column("recent_new", Json),
        Column("next_reason", Json),
        Column("listed", Number),
        Column("answered_at", Utc),
        Column("whole_at", Utc),
        Column("moved_to", Text),
        Column("moved_times", Number),
        Column("moved_since", Utc),
        Column("found_url", Text),
        Column("found_kind", Text),
        Column("first_asked_at", Utc),
        Column("paused_at", Utc),
        Column("paused_why", Text),
        Column("paused_by_answer", Flag),
        Column("health_since", Utc),
        Column("health_why", Text),
        Column("noticed_health", Text),
    ):
        op.add_column("sources", column)
    op.drop_index("ix_sources_due", "sources")
    op.create_index(
        "ix_sources_due",
        "sources",
        ["next_fetch_at", "host"],
        sqlite_where=text("enabled = 1 AND paused_at IS NULL"),
        postgresql_where=text("enabled AND paused_at IS NULL"),
    )
    # Its first entries came when it was first asked. What listed nothing was said to fail, too: that is a
    # health of its own now.
    op.execute(
        "UPDATE sources SET health_since = failing_since, health_why = last_error, first_asked_at = coalesce("
        "(SELECT min(first_seen_at) FROM entries WHERE entries.source_id = sources.id), last_fetch_at)"
    )
    op.execute("UPDATE sources SET failing_since = NULL WHERE health <> 'failing'")
    op.execute("UPDATE sources SET answered_at = last_fetch_at WHERE last_outcome IN ('ok', 'not_modified')")


def _health_notices() -> None:
    op.create_table(
        "health_notices",
        Column("id", Id, nullable=False),
        Column(
            "source_id",
            Id,
            ForeignKey("sources.id", ondelete="CASCADE", name="fk_health_notices_source_id"),
            nullable=False,
        ),
        Column("at", Utc, nullable=False),
        Column("health", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("since", Utc),
        PrimaryKeyConstraint("id", name="pk_health_notices"),
        sqlite_strict=True,
    )
    op.create_index("ix_health_notices_at", "health_notices", ["at"])
    op.create_index("ix_health_notices_source_id", "health_notices", ["source_id"])


def _entries() -> None:
    op.add_column("entries", Column("outlet", Text, nullable=False, server_default=text("''")))
    op.add_column("entries", Column("held", Text))
    op.create_index(
        "ix_entries_done",
        "entries",
        ["source_id", "done_at"],
        sqlite_where=text("done_at IS NOT NULL"),
        postgresql_where=text("done_at IS NOT NULL"),
    )
    op.create_index(
        "ix_entries_held",
        "entries",
        ["first_seen_at"],
        sqlite_where=text("held IS NOT NULL"),
        postgresql_where=text("held IS NOT NULL"),
    )
