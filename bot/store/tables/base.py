"""What all tables share: names of constraints, STRICT on SQLite, partial indexes on both databases."""

from typing import Any

from sqlalchemy import MetaData, Table, text
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *items: SchemaItem, **options: Any) -> Table:
    """Return a table of this database; STRICT, so that SQLite refuses wrong types as PostgreSQL does."""
    return Table(name, metadata, *items, sqlite_strict=True, **options)


def where(sqlite: str, postgresql: str | None = None) -> dict[str, Any]:
    """Return the arguments that make an index partial; one text serves both databases by default."""
    return {"sqlite_where": text(sqlite), "postgresql_where": text(postgresql or sqlite)}
