"""The shared-server contract for a council's own systems: slots, holds, appointments, over the same records.

A hold is a visit; what grants it is the same allocation as for laptops, so a web form and forty laptops
cannot be given one place twice. What is written here stands in the history as the scheduler's, and in the
audit with the person whose system it was.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Connection, select

from models.ids import new_id
from models.policy import MOST_CHOICES
from models.repairs import VisitState
from sync.server import audit
from sync.server.accounts import Actor
from sync.server.batch import Rec
from sync.server.denied import Denied
from sync.server.push import Malformed
from sync.server.scheduling import books, notes, writing
from sync.server.scheduling.hours import LONDON, today
from sync.server.scheduling.snapshots import best_left
from sync.server.scheduling.writing import Write
from sync.server.store import ServerStore, stamp
from sync.server.tables import change

HOLD_KEY = "hold-key"
PAGE = 500
Id = Annotated[str, Meta(max_length=36)]


class OfferedSlot(Struct, omit_defaults=True):
    """A slot with room: begin and end in London time with their offset."""

    slot_id: str
    start: str
    end: str
    label: str
    capacity_left: int
    best: bool = False
    trade: str = ""


class SlotList(Struct, omit_defaults=True):
    """The slots as the scheduler last listed them. After `expires_at` they are only good for wishes."""

    snapshot_id: str
    slots: list[OfferedSlot]
    taken_at: str | None = None
    expires_at: str | None = None


class HoldRequest(Struct):
    """Up to three slots in order of wish, none after the last day that is acceptable."""

    repair_id: Id
    choices: Annotated[list[Id], Meta(min_length=1, max_length=MOST_CHOICES)]
    latest_acceptable: date | None = None
    snapshot_id: Annotated[str, Meta(max_length=64)] = ""


class Hold(Struct, omit_defaults=True):
    """What became of a request: `granted` with the slot, or `gone` with what is left instead."""

    outcome: str
    hold_id: str | None = None
    state: str | None = None
    slot: OfferedSlot | None = None
    until: str | None = None
    alternatives: list[OfferedSlot] = []


class Appointment(Struct, omit_defaults=True):
    """A visit as it stands; only `confirmed` is booked."""

    appointment_id: str
    repair_id: str
    state: str
    sequence: int
    slot: OfferedSlot | None = None
    call_by: str | None = None


class AppointmentPage(Struct):
    """The appointments that changed after a cursor, and the cursor to go on from."""

    appointments: list[Appointment]
    cursor: str
    more: bool


class MoveRequest(Struct):
    """Where an appointment goes."""

    slot_id: Id


@dataclass(frozen=True)
class Desk:
    """Whoever asks, at one moment."""

    store: ServerStore
    actor: Actor
    now: datetime

    @property
    def tenant(self) -> str:
        """The council."""
        return self.actor.tenant

    def slots(self, trade: str, first: date | None, days: int) -> SlotList:
        """The slots with room for a trade, soonest first."""
        begins = max(first or today(self.now), today(self.now))
        last = begins + timedelta(days=days)
        with self.store.read(self.tenant) as connection:
            known = books.slots_from(connection, self.tenant, begins)
        ids = best_left(known, trade, begins.isoformat(), last.isoformat(), set(), self.now)
        listed = [known.by_id[slot_id] for slot_id in ids]
        mark = hashlib.sha256("".join(f"{rec.id}{rec.ver}" for rec in listed).encode()).hexdigest()[:32]
        seen = [str(rec.body["seen_at"]) for rec in listed]
        ends = [str(rec.body["expires_at"]) for rec in listed if rec.body.get("expires_at")]
        offered = [_offered(rec, known.left(rec.id)) for rec in listed]
        return SlotList(mark, offered, min(seen, default=None), min(ends, default=None))

    def hold(self, asked: HoldRequest, key: str) -> Hold:
        """Takes a place, once for each key. Raises Malformed, Denied."""
        kept_as = hashlib.sha256(f"{self.actor.device_id} {key}".encode()).hexdigest()
        try:
            with self.store.write(self.tenant) as connection:
                kept, _ = notes.get(connection, self.tenant, HOLD_KEY, kept_as)
                if kept:
                    return self._granted(connection, self._visit(connection, json.loads(kept)["visit"]))
                made = self._make(connection, asked)
                notes.put(connection, self.tenant, HOLD_KEY, kept_as, json.dumps({"visit": made.id}))
                self._note(connection, "appointment_held", made.id)
                return self._granted(connection, made)
        except _Gone as gone:  # nothing of it stays: no visit of somebody who is told no
            return Hold("gone", alternatives=gone.alternatives)

    def confirm(self, visit_id: str) -> Appointment:
        """Makes a held place a booking. Raises Malformed, Denied."""
        with self.store.write(self.tenant) as connection:
            rec = self._visit(connection, visit_id)
            if rec.body["state"] == VisitState.CONFIRMED.value:
                return self._told(connection, rec)
            if rec.body["state"] != VisitState.GRANTED.value:
                raise Malformed("not_held", f"This appointment is {rec.body['state']}, not held.", 409)
            fields = {"state": VisitState.CONFIRMED.value, "confirmed_at": stamp(self.now)}
            self._write(connection, rec, fields, "Confirm the visit", "appointment_confirmed")
            return self._told(connection, self._visit(connection, visit_id))

    def move(self, visit_id: str, slot_id: str) -> Appointment:
        """Brings an appointment to another slot; the worker tells the tenant. Raises Malformed, Denied."""
        with self.store.write(self.tenant) as connection:
            rec = self._visit(connection, visit_id)
            if rec.body["state"] not in books.HOLDING:
                raise Malformed("not_held", f"This appointment is {rec.body['state']}, not held.", 409)
            fields = {"slot_id": slot_id, "choices": [slot_id]}
            self._write(connection, rec, fields, "Move the visit", "appointment_moved")
            moved = self._visit(connection, visit_id)
            if moved.body["state"] not in books.HOLDING:  # it was a wish, and is lost: nothing of it stays
                raise Malformed("taken", "No place is left in this slot.", 409)
            return self._told(connection, moved)

    def cancel(self, visit_id: str) -> None:
        """Withdraws an appointment; one that is withdrawn already stays so. Raises Malformed, Denied."""
        with self.store.write(self.tenant) as connection:
            rec = self._visit(connection, visit_id)
            state = VisitState.WITHDRAWN.value
            if rec.body["state"] not in (state, VisitState.EXPIRED.value):
                self._write(connection, rec, {"state": state}, "Withdraw", "appointment_withdrawn")

    def since(self, cursor: str) -> AppointmentPage:
        """The appointments of this person's scopes that changed after a cursor. Raises Malformed."""
        after = _cursor(cursor)
        with self.store.read(self.tenant) as connection:
            heads = books.heads(connection, self.tenant)
            ids: dict[str, None] = {}
            more = False
            for scope in sorted(self.actor.scopes & heads.keys()):
                begin = after.get(scope, 0)
                where = (change.c.tenant == self.tenant, change.c.scope == scope, change.c.seq > begin)
                statement = select(change.c.id, change.c.seq).where(*where, change.c.type == books.VISIT)
                rows = connection.execute(statement.order_by(change.c.seq).limit(PAGE)).all()
                full = len(rows) == PAGE
                more = more or full
                ids |= dict.fromkeys(str(row.id) for row in rows)
                after[scope] = int(rows[-1].seq) if full else heads[scope]
            found = books.some(connection, self.tenant, books.VISIT, list(ids))
            named = {str(rec.body.get("slot_id")) for rec in found.values()}
            slots = books.some(connection, self.tenant, books.SLOT, named)
            told = [_appointment(found[i], slots) for i in ids if i in found and found[i].body]
        text = base64.urlsafe_b64encode(msgspec.json.encode(dict(sorted(after.items())))).decode()
        return AppointmentPage(told, text, more)

    # -- pieces --------------------------------------------------------------------------------------

    def _make(self, connection: Connection, asked: HoldRequest) -> Rec:
        repair = books.one(connection, self.tenant, books.REPAIR, asked.repair_id)
        if repair is None or repair.deleted or repair.scope not in self.actor.scopes:
            raise Malformed("unknown_repair", "There is no such repair that this person may read.", 404)
        wishes = list(dict.fromkeys(asked.choices))
        slots = books.some(connection, self.tenant, books.SLOT, wishes)
        if len(slots) < len(wishes):
            raise Malformed("unknown_slot", "One of the slots is not listed.", 404)
        latest = asked.latest_acceptable.isoformat() if asked.latest_acceptable else None
        if latest is not None and all(str(slot.body["day"]) > latest for slot in slots.values()):
            raise Malformed("past_deadline", f"Every choice lies after {latest}.", 422)
        fields: dict[str, Any] = {
            "repair_id": repair.id,
            "slot_id": wishes[0],
            "choices": wishes,
            "state": VisitState.REQUESTED.value,
            "asked_at": stamp(self.now),
            "latest_on": latest,
        }
        visit_id = new_id()
        self._put(connection, [Write(books.VISIT, visit_id, fields, "Ask for a visit", scope=repair.scope)])
        made = self._visit(connection, visit_id)
        if made.body["state"] != VisitState.REQUESTED.value:
            known = books.slots_from(connection, self.tenant, today(self.now))
            trade = str(repair.body.get("trade") or "")
            left = best_left(known, trade, today(self.now).isoformat(), latest, set(wishes), self.now)
            raise _Gone([_offered(known.by_id[i], known.left(i)) for i in left[:MOST_CHOICES]])
        return made

    def _visit(self, connection: Connection, visit_id: str) -> Rec:
        rec = books.one(connection, self.tenant, books.VISIT, visit_id)
        if rec is None or rec.deleted or not rec.body or rec.scope not in self.actor.scopes:
            raise Malformed("unknown_appointment", "There is no such appointment.", 404)
        return rec

    def _write(self, connection: Connection, rec: Rec, fields: dict[str, Any], label: str, act: str) -> None:
        self._put(connection, [Write(books.VISIT, rec.id, fields, label, rec)])
        self._note(connection, act, rec.id)

    def _put(self, connection: Connection, writes: Sequence[Write]) -> None:
        results = writing.put(connection, self.tenant, writes, self.now, self.store.postgres)
        if not writing.landed(results):
            code = next(str(r.code) for r in results if r.status not in writing.GOOD)
            raise Malformed(code, "The rules of the records do not allow that.", 409)

    def _note(self, connection: Connection, act: str, visit_id: str) -> None:
        actor = self.actor
        detail = {"visit": visit_id}
        audit.note(connection, actor.tenant, act, actor.user_id, actor.device_id, detail, self.now)

    def _granted(self, connection: Connection, rec: Rec) -> Hold:
        told = self._told(connection, rec)
        return Hold("granted", rec.id, told.state, told.slot)

    def _told(self, connection: Connection, rec: Rec) -> Appointment:
        return _appointment(rec, books.some(connection, self.tenant, books.SLOT, [str(rec.body["slot_id"])]))


class _Gone(Exception):
    """No choice has a place."""

    def __init__(self, alternatives: list[OfferedSlot]) -> None:
        super().__init__("gone")
        self.alternatives = alternatives


def check_writer(actor: Actor) -> None:
    """Raises Denied for a person who may not ask for visits."""
    if not {"officer", "lead", "finance"} & actor.roles:
        raise Denied("forbidden", "This needs the role officer or lead.", 403)


def _appointment(rec: Rec, slots: dict[str, Rec]) -> Appointment:
    body = rec.body
    slot = slots.get(str(body["slot_id"]))
    holds = body["state"] in books.HOLDING and not rec.deleted
    return Appointment(
        rec.id,
        str(body["repair_id"]),
        "removed" if rec.deleted else str(body["state"]),
        int(body.get("sequence") or 0),
        _offered(slot, 0) if slot is not None and slot.body and holds else None,
        body.get("call_by"),
    )


def _offered(rec: Rec, left: int) -> OfferedSlot:
    window = books.window_of(rec)
    midnight = datetime(window.day.year, window.day.month, window.day.day, tzinfo=LONDON)

    def at(minutes: int) -> str:
        return midnight.replace(hour=minutes // 60 % 24, minute=minutes % 60).isoformat()

    return OfferedSlot(
        rec.id, at(window.starts), at(window.ends), window.label, left, window.best, window.trade
    )


def _cursor(text: str) -> dict[str, int]:
    if not text:
        return {}
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text.encode()), type=dict[str, int])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise Malformed("malformed", "The cursor is not one that this server gave.") from None
