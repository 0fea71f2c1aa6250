"""Column types that mean the same on SQLite (STRICT tables) and PostgreSQL.

Values are mended or refused here, at the last door before the database, so that no query has to
think of it: text without NUL and lone surrogates, times aware and in UTC.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_POSTGRESQL = "postgresql"
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def clean(text: str) -> str:
    """Return the text without NUL and lone surrogates, which PostgreSQL refuses and UTF-8 cannot hold.

    Source: https://www.postgresql.org/docs/current/datatype-character.html (NUL); RFC 3629 section 3.
    """
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii():
        try:
            # The quickest full scan there is; a character class takes ten times as long.
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-8", "ignore").decode("utf-8")
    return text


def _clean_all(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(name)): _clean_all(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_all(inner) for inner in value]
    return value


def _text_in(value: str | None) -> str | None:
    return value if value is None or (value.isascii() and "\0" not in value) else clean(value)


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        message = f"naive datetime refused: {value!r}"
        raise ValueError(message)
    return value


def _microseconds(value: datetime | None) -> int | None:
    value = _aware(value)
    return None if value is None else (value - _EPOCH) // _MICROSECOND


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _instant(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


# The busiest types hand out their processors themselves: TypeDecorator's own wrapper around
# process_bind_param costs more than the work, twenty times a row.


class Text(TypeDecorator[str]):
    """Text of any length, without NUL and lone surrogates."""

    impl = sa.Text
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[str | None], str | None]:
        """Return the function that mends a value on its way in."""
        del dialect
        return _text_in

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> None:
        """Return nothing: what comes out is as it went in."""
        del dialect, coltype


class Utc(TypeDecorator[datetime]):
    """An aware instant: INTEGER microseconds since 1970 on SQLite, timestamptz on PostgreSQL."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Return the type of this database."""
        if dialect.name == _POSTGRESQL:
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.Integer())

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any]:
        """Return the function that refuses a naive value (ValueError) and counts the microseconds."""
        return _aware if dialect.name == _POSTGRESQL else _microseconds

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Return the function that makes a value an instant in UTC."""
        del coltype
        return _in_utc if dialect.name == _POSTGRESQL else _instant


class Json(TypeDecorator[Any]):
    """A JSON value: TEXT on SQLite, JSONB on PostgreSQL; never NULL inside for None outside."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Return the type of this database."""
        if dialect.name == _POSTGRESQL:
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(sa.Text())

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
        """Return the function that cleans the texts of a value and writes it."""
        return super().bind_processor(dialect) if dialect.name == _POSTGRESQL else _json_text

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        """Return the value with its texts cleaned, for the type below to write."""
        del dialect
        return _clean_all(value)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return the function that reads a value; tuples come back as lists."""
        if dialect.name == _POSTGRESQL:
            return super().result_processor(dialect, coltype)
        return _json_value


def _json_text(value: Any) -> str | None:
    if value is None:
        return None
    if type(value) is tuple and all(type(text) is str for text in value):
        # Of every entry its authors: the encoder makes a new one of itself each time.
        return f"[{','.join([encode_basestring(clean(text)) for text in value])}]"
    written = _ENCODER.encode(value)
    # What needs no cleaning shows so when it is written: NUL as its escape, a surrogate beyond ASCII.
    if written.isascii() and "\\u0000" not in written:
        return written
    return _ENCODER.encode(_clean_all(value))


def _json_value(value: str | None) -> Any:
    return None if value is None else json.loads(value)


class Flag(TypeDecorator[bool]):
    """Yes or no: INTEGER on SQLite, whose STRICT tables know no BOOLEAN."""

    impl = sa.Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Return the type of this database."""
        if dialect.name == _POSTGRESQL:
            return dialect.type_descriptor(sa.Boolean())
        return dialect.type_descriptor(sa.Integer())

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[bool | None], Any]:
        """Return the function that makes a flag what the database takes."""
        return _flag if dialect.name == _POSTGRESQL else _flag_number

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], bool | None]:
        """Return the function that makes a value a real bool."""
        del dialect, coltype
        return _flag


def _flag(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _flag_number(value: bool | None) -> int | None:
    return None if value is None else int(value)


#: A row's number. SQLite numbers rows by itself only in a column that is exactly INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: A number that may pass 2³¹, such as bytes.
Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Number = sa.Integer
Real: TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
#: Hashes and frozen bodies: BLOB or bytea.
Binary = sa.LargeBinary
