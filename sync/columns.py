"""From wire values straight to what SQLite keeps: pages of thousands are applied without the ORM.

Every value is checked against its column on the way, as a server may be broken or hostile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any
from unicodedata import is_normalized

import msgspec
from sqlalchemy import Boolean, Column, Integer

from models.base import fields_of
from models.types import (
    LONG_LIMIT,
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
Raws = Sequence[bytes | msgspec.Raw]


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

    @property
    def listed(self) -> str:
        """The field columns as a SELECT names them."""
        return ", ".join(f'"{name}"' for name in self.names)

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


class Plain:
    """Reads many whole records of one type at once, column by column, in the decoder and not in a loop.

    It takes what is plain, which nearly every record is: right types, text already in NFC without escapes
    by number, no empty value where one must be. For anything else it raises, and `Columns.row` decides.
    """

    def __init__(self, columns: Columns, fields: Mapping[str, Column[Any]]) -> None:
        made = [_member(column, columns.defaults[name]) for name, column in fields.items()]
        kind = msgspec.defstruct(f"{columns.table}_fields", made, kw_only=True, gc=False)
        self._decode = msgspec.json.Decoder(kind).decode
        self._checks = [
            (index, convert, columns.defaults[name])
            for index, name in enumerate(columns.names)
            if (convert := columns.converts[name]) in (_moment, _day, _json)
        ]

    def read(self, raws: Raws) -> list[Sequence[Any]]:
        """The database values of each column, for records given as the JSON of their fields.

        Raises TypeError, ValueError or BadText when some record is not plain or does not fit.
        """
        if not is_plain(raws):
            raise ValueError("text that may not be in NFC")
        rows = map(msgspec.structs.astuple, map(self._decode, raws))
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for index, convert, default in self._checks:
            values = columns[index]
            if convert is _json:
                columns[index] = [default if value is None else _json(value) for value in values]
            else:
                for value in set(values):
                    if value is not None:
                        convert(value)
        return columns


def is_plain(raws: Raws) -> bool:
    """Whether the text in these pieces of JSON can be kept as it stands: in NFC, nothing hidden behind an
    escape by number, nothing over the limit. (A part of a text in NFC is in NFC.)"""
    return max(map(len, raws), default=0) < LONG_LIMIT and in_nfc(b"\n".join(raws))


def in_nfc(data: bytes) -> bool:
    """Whether all text in a piece of JSON is known to be in NFC without a NUL."""
    if b"\\u" in data:
        return False
    try:
        return data.isascii() or is_normalized("NFC", data.decode())
    except UnicodeDecodeError:
        return False


@cache
def plain_of(type_name: str) -> Plain:
    """The quick reader of a type; KeyError when no slice declares it."""
    return Plain(columns_of(type_name), fields_of(type_name))


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


def _member(column: Column[Any], default: Any) -> Any:
    """The column as a member of a struct: (name, type) or (name, type, default)."""
    convert = _convert(column)
    if convert is _json:
        return column.name, Any, None
    kind: Any = _WHOLE if convert is _number else bool if convert is _flag else str
    if column.nullable:
        return column.name, kind | None, None
    if column.name == "created_at":
        return column.name, kind  # one that came without it is no plain record
    return column.name, kind, default


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


_WHOLE = Annotated[int, msgspec.Meta(ge=-INT_LIMIT, le=INT_LIMIT)]


def _day(value: Any) -> str:
    if not isinstance(value, str) or date.fromisoformat(value).isoformat() != value:
        raise ValueError("a day as 2026-12-17 expected")
    return value
