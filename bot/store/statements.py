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

_SQLITE = sqlite.dialect(paramstyle="qmark")


class Many:
    """A statement that is executed for many rows at once, with the least work for each.

    Measured on SQLite: SQLAlchemy's own work for a row of 20 columns costs more than storing it. So there the
    statement is written once, and only the columns' own processors see the values.
    """

    def __init__(
        self, statement: Mapping[str, Any] | sa.UpdateBase, *, columns: Sequence[str] | None = None
    ) -> None:
        """``statement`` may be one for each dialect, as ``on_both`` gives them.

        ``columns`` are those that an INSERT fills; an UPDATE names its parameters itself.
        """
        self._statement = statement
        written = self._of("sqlite").compile(dialect=_SQLITE, column_keys=columns)
        self._text = str(written)
        #: of each place: the parameter's name, and what makes its value one of the driver's
        self._places = [
            (name, written.binds[name].type.dialect_impl(_SQLITE).bind_processor(_SQLITE))
            for name in written.positiontup or ()
        ]

    def _of(self, dialect: str) -> Any:
        return self._statement[dialect] if isinstance(self._statement, Mapping) else self._statement

    def __call__(self, tx: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute it for rows (≥ 1) by parameter name; return how many rows of the table it touched."""
        counted = {"preserve_rowcount": True}
        if tx.dialect.name != "sqlite":
            return tx.execute(self._of(tx.dialect.name), rows, execution_options=counted).rowcount
        columns = [_column([row[name] for row in rows], make) for name, make in self._places]
        values = list(zip(*columns, strict=True))
        return tx.exec_driver_sql(self._text, values, execution_options=counted).rowcount


def _column(values: list[Any], make: Callable[[Any], Any] | None) -> list[Any]:
    """Return the values as the driver takes them; what all rows share is made once."""
    if make is None:
        return values
    if values.count(values[0]) == len(values):
        return [make(values[0])] * len(values)
    return list(map(make, values))


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
