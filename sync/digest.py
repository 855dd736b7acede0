"""The digest of a scope: one number that says whether two copies hold the very same records.

The sum, modulo 2**256, of a hash of each record that is not in the trash, so that it can be kept up to date
by adding and taking away and does not depend on any order. Fields that hold nothing, or what stands for a
missing value, do not count: it makes no difference whether a laptop was ever told of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Connection, select

from models.base import fields_of, record_types
from models.changes import get_meta
from models.outbox import Shadow
from models.types import Json
from sync.columns import columns_of

UNREAD = "sync.unread"  # {scope: {after, chain, types}}: what a newer Holdall wrote and this one cannot read
ZERO = "0" * 64
_MODULUS = 2**256
_encode = msgspec.json.Encoder(order="sorted").encode
_NOTHING = object()


def record_hash(type_name: str, record_id: str, version: int, body: Mapping[str, Any]) -> int:
    """The hash of one record; `body` in wire form."""
    missing = _missing(type_name) if type_name in record_types() else {}
    told = {k: v for k, v in body.items() if v is not None and v != missing.get(k, _NOTHING)}
    return _hash(type_name, record_id, version, told)


def first_hash(type_name: str, record_id: str, body: Mapping[str, Any], fields: bytes) -> int:
    """The hash of a new record of a declared type; `fields` is its body, which holds no null, in canonical
    form."""
    for name, value in _standing(type_name):
        if name in body and body[name] == value:
            return record_hash(type_name, record_id, 1, body)
    return int.from_bytes(sha256(f'["{type_name}","{record_id}",1,'.encode() + fields + b"]").digest())


def moved(digest: str, change: int) -> str:
    """A digest after some hashes were added and others taken away."""
    return f"{(int(digest, 16) + change) % _MODULUS:064x}"


def digest_of(connection: Connection, scope: str) -> str | None:
    """The digest of a scope as this copy has it from the server, without what waits here.

    None when the log held types that this version does not know: then nothing can be told.
    """
    if scope in get_meta(connection, UNREAD, {}):
        return None
    total = 0
    for type_name in record_types():
        total += sum(_rows(connection, type_name, scope))
    return f"{total % _MODULUS:064x}"


def _rows(connection: Connection, type_name: str, scope: str) -> Iterator[int]:
    columns = columns_of(type_name)
    statement = (
        f'SELECT id, version, {columns.listed} FROM "{type_name}"'  # noqa: S608  our own names
        " WHERE scope = ? AND version > 0 AND NOT deleted"
        " AND id NOT IN (SELECT record_id FROM shadow WHERE type = ?)"
    )
    takes = _takes(type_name)
    for record_id, version, *values in connection.exec_driver_sql(statement, (scope, type_name)):
        told = {
            name: value if take is None else take(value)
            for (name, default, take), value in zip(takes, values, strict=True)
            if value is not None and value != default
        }
        yield _hash(type_name, record_id, version, told)
    where = (Shadow.type == type_name, Shadow.scope == scope, Shadow.version > 0, Shadow.deleted.is_(False))
    for row in connection.execute(select(Shadow.__table__).where(*where)):
        yield record_hash(type_name, row.record_id, row.version, row.body or {})


def _hash(type_name: str, record_id: str, version: int, told: dict[str, Any]) -> int:
    return int.from_bytes(sha256(_encode((type_name, record_id, version, told))).digest())


@cache
def _missing(type_name: str) -> dict[str, Any]:
    """What stands for a missing value in each field, in wire form."""
    return {
        name: value if take is None or value is None else take(value)
        for name, value, take in _takes(type_name)
    }


@cache
def _standing(type_name: str) -> list[tuple[str, Any]]:
    """The fields for which something other than null stands when they are missing, and what."""
    return [(name, value) for name, value in _missing(type_name).items() if value is not None]


@cache
def _takes(type_name: str) -> list[tuple[str, Any, Callable[[Any], Any] | None]]:
    """Each field's name, what stands for a missing value in its column, and how a column's value becomes
    what the wire carries, where that is another."""
    defaults = columns_of(type_name).defaults
    return [(name, defaults[name], _take(column)) for name, column in fields_of(type_name).items()]


def _take(column: Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Json):
        return json.loads
    return bool if isinstance(column.type, Boolean) else None
