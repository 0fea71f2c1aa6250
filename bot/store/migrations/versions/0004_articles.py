"""What is known of articles beyond their text: furniture, copies, revisions, evidence.

Columns are added in place: a table of millions of articles is not written anew.
"""

from alembic import op
from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, false, text

from bot.store.types import Binary, Count, Flag, Id, Number, Real, Text, Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what is new."""
    _articles()
    _stories()
    _blocks()


def _articles() -> None:
    for column in (
        Column("confidence", Real),
        Column("paywalled", Flag, nullable=False, server_default=false()),
        Column("declared_language", Text),
        Column("section", Text, nullable=False, server_default=text("''")),
        Column("image", Text),
        Column("pages", Number, nullable=False, server_default=text("1")),
        Column("extractor", Number, nullable=False, server_default=text("0")),
        Column("furnished", Flag, nullable=False, server_default=false()),
    ):
        op.add_column("articles", column)


def _stories() -> None:
    op.create_table(
        "sketches",
        Column(
            "article_id",
            Id,
            ForeignKey("articles.id", ondelete="CASCADE", name="fk_sketches_article_id"),
            nullable=False,
        ),
        Column("data", Binary, nullable=False),
        PrimaryKeyConstraint("article_id", name="pk_sketches"),
        sqlite_strict=True,
    )
    op.create_table(
        "story_marks",
        Column("mark", Count, nullable=False, autoincrement=False),
        Column("article_id", Id, nullable=False, autoincrement=False),
        PrimaryKeyConstraint("mark", "article_id", name="pk_story_marks"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _blocks() -> None:
    op.create_table(
        "blocks",
        Column("key", Count, nullable=False, autoincrement=False),
        Column("first_article_id", Id, nullable=False),
        Column("second_article_id", Id),
        Column("seen", Number, nullable=False),
        Column("noted_at", Utc, nullable=False),
        PrimaryKeyConstraint("key", name="pk_blocks"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
