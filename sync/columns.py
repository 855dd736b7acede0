"""From wire values straight to what SQLite keeps: pages of thousands are applied without the ORM.

Every value is checked against its column on the way, as a server may be broken or hostile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, Integer

from models.base import fields_of
from models.types import (
    Choice,
    DateOnly,
    Json,
    LongText,
    Pence,
    ShortText,
    UtcDateTime,
    canonical_json,
    clean_text,
)

INT_LIMIT = 2**63 - 1
Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Columns:
    """The field columns of one type, each with its conversion and what stands for a missing value."""

    table: str
    names: tuple[str, ...]
    converts: Mapping[str, Convert]
    defaults: Mapping[str, Any]

    @property
    def insert(self) -> str:
        """The statement for a new row: id, scope, version, deleted, updated_at, then the fields."""
        own = ("id", "scope", "version", "deleted", "updated_at", *self.names)
        names = ", ".join(f'"{name}"' for name in own)
        return f'INSERT INTO "{self.table}" ({names}) VALUES ({", ".join("?" * len(own))})'  # noqa: S608  our names

    def update(self, names: tuple[str, ...]) -> str:
        """The statement for an old row: the named columns, then the id."""
        sets = ", ".join(f'"{name}" = ?' for name in names)
        return f'UPDATE "{self.table}" SET {sets} WHERE "id" = ?'  # noqa: S608  our own names

    def value(self, name: str, value: Any) -> Any:
        """A field's database value; raises TypeError, ValueError or BadText for one that does not fit."""
        return self.defaults[name] if value is None else self.converts[name](value)

    def row(self, body: Mapping[str, Any]) -> list[Any]:
        """The database values of a whole record; unknown fields are left out, missing ones filled."""
        defaults, converts = self.defaults, self.converts
        return [
            defaults[name] if (value := body.get(name)) is None else converts[name](value)
            for name in self.names
        ]


@cache
def columns_of(type_name: str) -> Columns:
    """The columns of a type; KeyError when no slice declares it."""
    fields = fields_of(type_name)
    return Columns(
        table=type_name,
        names=tuple(fields),
        converts={name: _convert(column) for name, column in fields.items()},
        defaults={name: _default(column) for name, column in fields.items()},
    )


def _convert(column: Column[Any]) -> Convert:
    kind = column.type
    if isinstance(kind, ShortText | LongText | Choice):
        return _text
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, DateOnly):
        return _day
    if isinstance(kind, Json):
        return _json
    if isinstance(kind, Boolean):
        return _flag
    if isinstance(kind, Integer | Pence):
        return _number
    return _text


def _default(column: Column[Any]) -> Any:
    """What stands in a column for a value that did not come: null, its default, or emptiness."""
    if column.nullable:
        return None
    default: Any = column.default
    kind = column.type
    if default is not None:
        value = default.arg(None) if default.is_callable else default.arg
    elif isinstance(kind, Json):
        value = []
    elif isinstance(kind, Integer | Pence | Boolean):
        value = 0
    elif isinstance(kind, UtcDateTime):
        return "1970-01-01T00:00:00.000000Z"
    elif isinstance(kind, DateOnly):
        return "1970-01-01"
    else:
        value = ""
    if isinstance(kind, Json):
        return canonical_json(value)
    return str(value) if isinstance(kind, Choice) else value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return clean_text(value)


def _json(value: Any) -> str:
    return canonical_json(value)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > INT_LIMIT:
        raise TypeError("a whole number expected")
    return value


def _flag(value: Any) -> int:
    if not isinstance(value, bool):
        raise TypeError("yes or no expected")
    return int(value)


def _moment(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 27 or value[-1] != "Z":
        raise ValueError("a moment in UTC expected")
    datetime.fromisoformat(value)
    return value


def _day(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("a day expected")
    date.fromisoformat(value)
    return value
