"""The token index: which words an article holds, so that a query need not look at every article.

``article_tokens`` is another thing on each database, and both are made in revision 0002: on SQLite
an FTS5 table that keeps no text (its rowids are the articles' numbers), on PostgreSQL the table below.
"""

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table
from sqlalchemy.dialects.postgresql import TSVECTOR

from bot.store.tables.base import metadata, table
from bot.store.tables.reading import articles
from bot.store.types import Flag, Id, Number

# Apart from the articles themselves, whose rows are wide: to index one writes a few bytes here, and to index
# all anew writes 15 bytes an article.
index_queue = table(
    "index_queue",
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    # the revision that the index still holds; NULL where it holds none
    Column("former", Number),
    # more words than PostgreSQL takes in one row: it stays here and is looked at for every query
    Column("too_long", Flag, nullable=False),
)

#: What is there on PostgreSQL only.
postgresql_metadata = MetaData(naming_convention=metadata.naming_convention)
article_tokens = Table(
    "article_tokens",
    postgresql_metadata,
    Column("article_id", Id, ForeignKey(articles.c.id, ondelete="CASCADE"), primary_key=True),
    Column("tokens", TSVECTOR, nullable=False),
    Index(None, "tokens", postgresql_using="gin"),
)
