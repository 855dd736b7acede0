"""What the worker reads: visits, slots and repairs as the server has them, and how many places are taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from sync.server.batch import Rec
from sync.server.scheduling.adapter import Job, Window
from sync.server.store import among
from sync.server.tables import change, holding, record, scope_counter

VISIT, SLOT, REPAIR = "repairs_visit", "repairs_slot", "repairs_repair"
HOME = "repairs_property"
HOLDING = ("requested", "granted", "confirmed")  # models.repairs.HOLDING: these states take a place


@dataclass(frozen=True)
class Slots:
    """Every slot from a day on, and how many of its places are taken."""

    by_id: dict[str, Rec]
    taken: dict[str, int]

    def left(self, slot_id: str) -> int:
        """Places that nobody has taken."""
        slot = self.by_id.get(slot_id)
        return 0 if slot is None or slot.deleted else int(slot.body["places"]) - self.taken.get(slot_id, 0)


def one(connection: Connection, tenant: str, type_: str, id_: str) -> Rec | None:
    """A record as the server has it, or None."""
    return next(_rows(connection, tenant, type_, [id_]), None)


def some(connection: Connection, tenant: str, type_: str, ids: Collection[str]) -> dict[str, Rec]:
    """Records by id."""
    return {rec.id: rec for rec in _rows(connection, tenant, type_, sorted(set(ids)))} if ids else {}


def every(connection: Connection, tenant: str, type_: str) -> list[Rec]:
    """All records of a type, the deleted ones too."""
    return list(_rows(connection, tenant, type_, None))


def slots_from(connection: Connection, tenant: str, first: date) -> Slots:
    """The slots from a day on."""
    found = {
        r.id: r for r in every(connection, tenant, SLOT) if str(r.body.get("day", "")) >= first.isoformat()
    }
    return Slots(found, taken(connection, tenant))


def taken(connection: Connection, tenant: str) -> dict[str, int]:
    """How many visits each slot has."""
    where = (holding.c.tenant == tenant, holding.c.type == VISIT)
    statement = select(holding.c.resource_id, func.sum(holding.c.amount)).where(*where)
    return {slot: int(n) for slot, n in connection.execute(statement.group_by(holding.c.resource_id))}


def heads(connection: Connection, tenant: str) -> dict[str, int]:
    """The last number of each log."""
    columns = (scope_counter.c.scope, scope_counter.c.n)
    rows = connection.execute(select(*columns).where(scope_counter.c.tenant == tenant))
    return {row.scope: int(row.n) for row in rows}


def changed(connection: Connection, tenant: str, since: dict[str, int], upto: dict[str, int]) -> set[str]:
    """The visits that changed after those numbers of the logs."""
    found: set[str] = set()
    for scope, head in upto.items():
        if head > since.get(scope, 0):
            where = (change.c.tenant == tenant, change.c.scope == scope, change.c.type == VISIT)
            after = change.c.seq > since.get(scope, 0)
            found.update(connection.execute(select(change.c.id).where(*where, after)).scalars())
    return found


def window_of(slot: Rec) -> Window:
    """A slot as an adapter sees it."""
    body = slot.body
    return Window(
        date.fromisoformat(str(body["day"])),
        int(body["starts"]),
        int(body["ends"]),
        label=str(body.get("label", "")),
        places=int(body["places"]),
        best=bool(body.get("best", False)),
        trade=str(body.get("trade", "")),
        ref=str(body.get("external_ref", "")),
    )


def job_of(visit: Rec, repair: Rec | None, home: Rec | None) -> Job:
    """A visit, its repair and the home as an adapter sees them: no name, no telephone, nothing about the
    household."""
    body: dict[str, Any] = repair.body if repair is not None else {}
    place = (home.body.get("property_ref") or home.body.get("uprn")) if home is not None else ""
    latest = visit.body.get("latest_on")
    return Job(
        visit_id=visit.id,
        reference=str(body.get("reference") or ""),
        code=str(body.get("code") or ""),
        trade=str(body.get("trade") or ""),
        band=str(body.get("band") or ""),
        place=str(place or ""),
        words=str(body.get("title") or ""),
        latest_on=date.fromisoformat(latest) if latest else None,
    )


def _rows(connection: Connection, tenant: str, type_: str, ids: Iterable[str] | None) -> Iterator[Rec]:
    statement = select(record).where(record.c.tenant == tenant, record.c.type == type_)
    if ids is not None:
        statement = statement.where(among(connection, record.c.id, list(ids)))
    for row in connection.execute(statement):
        fver, body = msgspec.json.decode(row.fver), msgspec.json.decode(row.body)
        yield Rec(row.type, row.id, row.scope, row.ver, row.seq, fver, body, row.deleted, True)
