"""What the worker keeps between two steps: of each visit what the scheduler was asked, has and was told.

A step that goes over the network is noted before it is asked. Whoever finds such a note after its time knows
that the answer was lost, and looks at the scheduler before trying again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, delete, select

from sync.server.store import among, stamp
from sync.server.tables import scheduling

VISIT, CLOCK = "visit", "clock"
PATIENCE = timedelta(seconds=90)  # an answer may take so long before somebody else looks


class Asked(Struct, omit_defaults=True):
    """A question on its way: which step, for which slot."""

    step: str
    slot: str = ""


class Spoken(Struct):
    """What the tenant was last told of: the slot, and the number of the calendar entry."""

    slot: str
    sequence: int


class Note(Struct, omit_defaults=True):
    """What stands between a visit and the scheduler."""

    asked: Asked | None = None
    ref: str = ""  # the scheduler's name for what it has
    held: str = ""  # the slot that it holds
    booked: str = ""  # the slot that it said is booked
    gone: list[str] = []  # slots that it would not give
    told: Spoken | None = None
    tries: int = 0  # that failed one after the other
    warnings: list[str] = []  # what it last said beside a success

    @property
    def empty(self) -> bool:
        """Whether nothing is worth keeping."""
        return self == Note()


def read(connection: Connection, tenant: str, visit_id: str, lock: bool = False) -> tuple[Note, str]:
    """The note of a visit and when it is to be looked at again; an empty one where there is none."""
    statement = select(scheduling.c.value, scheduling.c.at).where(*_key(tenant, VISIT, visit_id))
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return (Note(), "") if row is None else (msgspec.json.decode(row.value, type=Note), str(row.at))


def keep(connection: Connection, tenant: str, visit_id: str, note: Note, at: datetime | None = None) -> None:
    """Keeps the note of a visit, to be looked at again at a moment, or only when the visit changes."""
    put(connection, tenant, VISIT, visit_id, "" if note.empty else msgspec.json.encode(note).decode(), at)


def put(
    connection: Connection, tenant: str, kind: str, key: str, value: str, at: datetime | None = None
) -> None:
    """Keeps a value, or forgets it where there is nothing to keep and no moment to look again."""
    connection.execute(delete(scheduling).where(*_key(tenant, kind, key)))
    when = stamp(at) if at is not None else ""
    if value or when:
        row = {"tenant": tenant, "kind": kind, "key": key, "value": value or "{}", "at": when}
        connection.execute(scheduling.insert().values(**row))


def get(connection: Connection, tenant: str, kind: str, key: str) -> tuple[str, str]:
    """A value that is kept and its moment; both empty where there is none."""
    statement = select(scheduling.c.value, scheduling.c.at).where(*_key(tenant, kind, key))
    row = connection.execute(statement).first()
    return ("", "") if row is None else (str(row.value), str(row.at))


def due(connection: Connection, tenant: str, now: datetime) -> list[str]:
    """The visits that are to be looked at again by now."""
    where = (scheduling.c.tenant == tenant, scheduling.c.kind == VISIT)
    late = (scheduling.c.at > "", scheduling.c.at <= stamp(now))
    statement = select(scheduling.c.key).where(*where, *late).order_by(scheduling.c.at)
    return list(connection.execute(statement).scalars())


def every(connection: Connection, tenant: str, ids: Collection[str] | None = None) -> dict[str, Note]:
    """The notes of visits, of these or of all."""
    statement = select(scheduling.c.key, scheduling.c.value).where(
        scheduling.c.tenant == tenant, scheduling.c.kind == VISIT
    )
    if ids is not None:
        statement = statement.where(among(connection, scheduling.c.key, sorted(ids)))
    rows = connection.execute(statement).all()
    return {str(row.key): msgspec.json.decode(row.value, type=Note) for row in rows}


def held(connection: Connection, tenant: str) -> Iterable[tuple[str, Note]]:
    """Every visit that the scheduler has something for."""
    where = (scheduling.c.tenant == tenant, scheduling.c.kind == VISIT)
    statement = select(scheduling.c.key, scheduling.c.value).where(*where).order_by(scheduling.c.key)
    for row in connection.execute(statement).all():
        note = msgspec.json.decode(row.value, type=Note)
        if note.ref:
            yield str(row.key), note


def _key(tenant: str, kind: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return scheduling.c.tenant == tenant, scheduling.c.kind == kind, scheduling.c.key == key
