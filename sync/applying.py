"""Many whole records of one type become rows here at once: a page of new ones, or a snapshot's.

Checked as every value that comes in is, in the decoder; what Find has to read of them is left for after.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from models import arrivals, search
from models.errors import BadText
from models.outbox import PENDING
from sync import wire
from sync.columns import columns_of, plain_of
from sync.wire import Kind

_MAKING = (Kind.CREATE.value, Kind.SEALED.value)
_MET = (
    'SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM "{table}" WHERE id = value)'
    " OR EXISTS (SELECT 1 FROM shadow WHERE type = ? AND record_id = value)"
    " OR EXISTS (SELECT 1 FROM outbox WHERE type = ? AND record_id = value AND state IN (PENDING))"
).replace("PENDING", ", ".join(f"'{state.value}'" for state in PENDING))
READ_LATER = 200  # more records than this at once: history is written and Find reads them afterwards


class Whole(NamedTuple):
    """A record as it stands on the server: `fields` is the JSON of them, `at` when it last changed."""

    id: str
    version: int
    deleted: bool
    at: str
    fields: bytes | msgspec.Raw


def split(
    connection: Connection, changes: Sequence[wire.RawChange], mine: Container[str]
) -> tuple[dict[str, list[Whole]], list[wire.RawChange]]:
    """The changes that only make a record which this copy has never heard of, by type; and all the others,
    in their order. `mine` are the operations of this copy."""
    made: dict[str, dict[str, wire.RawChange | None]] = {}
    for change in changes:
        only = change.ver == 1 and change.kind in _MAKING and not change.c and change.d is None
        here = made.setdefault(change.t, {})
        here[change.id] = change if only and change.id not in here and change.op not in mine else None
    fresh: dict[str, list[Whole]] = {}
    for type_name, changed in made.items():
        ids = [record_id for record_id, change in changed.items() if change is not None]
        for record_id in _met(connection, type_name, ids):
            changed[record_id] = None
        found = [Whole(c.id, 1, False, c.at, c.f) for c in changed.values() if c is not None]
        if found:
            fresh[type_name] = found
    return fresh, [change for change in changes if made[change.t][change.id] is None]


def _met(connection: Connection, type_name: str, ids: list[str]) -> Iterable[str]:
    """Those of the records that stand here already, or that operations here wait for."""
    if not ids:
        return ()
    asked = (wire.encode(ids).decode(), type_name, type_name)
    return connection.exec_driver_sql(_MET.replace("{table}", type_name), asked).scalars().all()


def for_later(
    fresh: Mapping[str, Sequence[Whole]], raws: Sequence[bytes | msgspec.Raw]
) -> arrivals.Waiting | None:
    """The history of many records that are made here (`raws`, the changes that make them), to be kept for
    after; None when they are few, or hide something behind an escape by number."""
    if len(raws) <= READ_LATER:
        return None
    data = b"[" + b",".join(raws) + b"]"
    if b"\\u" in data:
        return None
    ids = {name: [whole.id for whole in made] for name, made in fresh.items()}
    return arrivals.Waiting(ids, [whole.at for made in fresh.values() for whole in made], data)


def insert_records(
    connection: Connection, type_name: str, scope: str, records: Sequence[Whole], noted: bool = False
) -> None:
    """Puts whole records that are not here yet into the table of their type and, unless Find has been told
    of them, into Find.

    Raises TypeError, ValueError, BadText or msgspec.DecodeError for a value that does not fit, and then the
    caller's rollback is what leaves everything as it was.
    """
    if not records:
        return
    columns = columns_of(type_name)
    ids, versions, deleted, ats, raws = zip(*records, strict=True)
    try:
        values: Iterable[Any] = zip(*plain_of(type_name).read(raws), strict=True)
    except (TypeError, ValueError, BadText, msgspec.ValidationError):
        values = [_row(type_name, record) for record in records]
    own = zip(ids, repeat(scope), versions, map(int, deleted), ats, strict=False)
    connection.exec_driver_sql(
        columns.insert, [(*head, *rest) for head, rest in zip(own, values, strict=True)]
    )
    if not noted:
        note_for_find(connection, type_name, records)


def note_for_find(connection: Connection, type_name: str, records: Sequence[Whole]) -> None:
    """Lets Find know new records: a few at once, many by a note that it reads afterwards."""
    if not search.is_read(type_name):
        return
    shown = [record for record in records if not record.deleted]
    if len(shown) > READ_LATER:
        search.read_later(connection, type_name, [record.id for record in shown])
    else:
        documents = [{**_decoded(record.fields), "id": record.id} for record in shown]
        search.index_new(connection, type_name, documents)


def _row(type_name: str, record: Whole) -> list[Any]:
    """The values of one record that is not plain, each looked at by itself."""
    body = _decoded(record.fields)
    if body.get("created_at") is None:
        body["created_at"] = record.at
    return columns_of(type_name).row(body)


def _decoded(fields: bytes | msgspec.Raw) -> dict[str, Any]:
    return msgspec.json.decode(fields, type=dict[str, Any])
