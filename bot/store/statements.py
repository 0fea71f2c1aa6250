"""Helpers for statements that are made once, at import, so that SQLAlchemy compiles each only once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

#: A row of whatever columns.
AnyRow: TypeAlias = sa.Row[*tuple[Any, ...]]

#: Values in one IN list: far below SQLite's limit of 32,766 variables, enough to make trips few.
CHUNK = 400


def on_both(make: Callable[[Callable[[sa.Table], Any]], Any]) -> Mapping[str, Any]:
    """Return a statement for each dialect; ``make`` is given the INSERT that knows ON CONFLICT."""
    return {"sqlite": make(sqlite.insert), "postgresql": make(postgresql.insert)}


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield the values in runs of at most ``size``; none for no values."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def any_of(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Return ``column IN (…)`` over the parameter ``name``, a list of any length."""
    return column.in_(sa.bindparam(name, expanding=True, type_=column.type))


def param(name: str, column: sa.Column[Any]) -> sa.BindParameter[Any]:
    """Return a parameter of the type of a column."""
    return sa.bindparam(name, type_=column.type)
