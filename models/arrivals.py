"""New records that came in by the thousand: a page of the log is kept as it is until there is time for its
history. Nobody sees the difference: `Told` reads what is written out and what still lies in a page."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, literal, select
from sqlalchemy import union_all as both
from sqlalchemy.orm import Session, aliased

from models import search
from models.base import Base, record_types
from models.outbox import Arrival, History
from models.types import UtcDateTime

_PAGES = Base.metadata.tables[Arrival.__tablename__]
_HISTORY = Base.metadata.tables[History.__tablename__]
_MEMBERS = {  # column of the history -> member of a change in the log
    "type": "t",
    "record_id": "id",
    "op_id": "op",
    "kind": "kind",
    "fields": "f",
    "version": "ver",
    "author_name": "name",
    "at": "at",
}
_WRITE = f"INSERT OR IGNORE INTO history ({', '.join(_MEMBERS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608


def unpack(data: bytes) -> str:
    """The changes in a page as one JSON array; the store's connections know it as the function `unpacked`."""
    return zlib.decompress(data).decode()


class Waiting:
    """Changes (a JSON array), each of which makes one of these records (ids by type) at one of these moments,
    on their way into a page. They are packed on another thread meanwhile."""

    def __init__(self, ids: Mapping[str, list[str]], ats: Sequence[str], changes: bytes) -> None:
        self._head = {
            "ids": json.dumps(ids),
            "count": len(ats),
            "first_at": min(ats),
            "last_at": max(ats),
        }
        self._data = _packer().submit(zlib.compress, changes, 1)

    def keep(self, connection: Connection) -> None:
        """Keeps them in the caller's transaction."""
        connection.execute(_PAGES.insert(), {**self._head, "data": self._data.result()})


@cache
def _packer() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "holdall-pack")


def is_behind(connection: Connection) -> bool:
    """Whether a page waits."""
    return connection.execute(select(_PAGES.c.n).limit(1)).first() is not None


def received_since(session: Session, since: datetime) -> int:
    """How many changes by others, written since a moment, this copy has. Pages are opened only where the
    moment lies within them, as a screen asks this."""
    moment = UtcDateTime().to_wire(since)
    whole = select(func.sum(_PAGES.c.count)).where(_PAGES.c.first_at >= moment)
    split = select(_PAGES.c.n).where(_PAGES.c.first_at < moment, _PAGES.c.last_at >= moment).limit(1)
    if session.execute(split).first() is not None:
        return session.scalar(select(func.count()).where(Told.at >= since)) or 0
    written = select(func.count()).where(History.at >= since)
    return (session.scalar(written) or 0) + (session.scalar(whole) or 0)


def settle(connection: Connection) -> bool:
    """Writes out the oldest page, in the caller's transaction: its history, and the note for Find. Returns
    whether another waits."""
    row = connection.execute(select(_PAGES).order_by(_PAGES.c.n).limit(1)).first()
    if row is None:
        return False
    connection.exec_driver_sql(_WRITE, _rows(zlib.decompress(row.data)))
    for type_name, ids in json.loads(row.ids).items():
        if type_name in record_types() and search.is_read(type_name):
            search.read_later(connection, type_name, ids)
    connection.execute(_PAGES.delete().where(_PAGES.c.n == row.n))
    return is_behind(connection)


def _rows(changes: bytes) -> list[tuple[Any, ...]]:
    """Changes as rows of the history; the decoder is quicker than SQLite where it is all of a page."""
    import msgspec  # not before it is needed: nobody waits for it at the start

    members = [(member, msgspec.Raw if member == "f" else Any) for member in _MEMBERS.values()]
    shape = msgspec.defstruct("_Change", members, gc=False)
    made: list[Any] = msgspec.json.decode(changes, type=list[shape])  # type: ignore[valid-type]
    return [(c.t, c.id, c.op, c.kind, str(c.f, "utf-8"), c.ver, c.name, c.at) for c in made]


def _waiting() -> Select[tuple[object, ...]]:
    """The changes in all pages, as rows of the history."""
    change = func.json_each(func.unpacked(_PAGES.c.data)).table_valued("value", name="change")

    def member(name: str) -> ColumnElement[object]:
        found = func.json_extract(change.c.value, f"$.{_MEMBERS[name]}", type_=_HISTORY.c[name].type)
        return found.label(name)

    rest = (literal("").label("label"), literal({}, _HISTORY.c.base.type).label("base"))
    columns = (*(member(name) for name in _MEMBERS), *rest, literal("received").label("state"))
    return select(*columns).select_from(_PAGES).join(change, literal(True))


def _told() -> type[History]:
    waiting = _waiting().subquery()
    key = ("type", "record_id", "op_id")
    known = exists().where(and_(*(_HISTORY.c[name] == waiting.c[name] for name in key)))
    written = select(*(_HISTORY.c[column.name] for column in waiting.c))
    rows = both(written, select(*waiting.c).where(~known)).subquery("told")
    return aliased(History, rows, adapt_on_names=True)


Told = _told()
