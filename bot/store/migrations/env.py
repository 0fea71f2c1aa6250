"""Alembic's door: runs the revisions on the connection, and in the transaction, that it is handed.

Batch mode, because SQLite cannot alter a table in place. ``bot.store.migrate`` calls it.
"""

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
