"""The slots as the scheduler last listed them, kept as records that laptops get by sync.

A list that says the same writes nothing, so that an idle laptop's sync stays one small request. Only the
moment up to which a list from outside is good is written anew, when half of its time has gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.ids import new_id
from sync.server.batch import Rec
from sync.server.scheduling import books, notes
from sync.server.scheduling.adapter import Availability, Window
from sync.server.scheduling.books import SLOT, Slots
from sync.server.scheduling.hours import today
from sync.server.scheduling.writing import Write
from sync.server.store import stamp

LABEL = "List slots"
Key = tuple[str, int, int, str]  # day, starts, ends, trade


def writes(
    connection: Connection,
    tenant: str,
    source: str,
    trades: Collection[str],
    listed: Availability,
    now: datetime,
) -> list[Write]:
    """What has to be written so that the slots of a source, for some trades, are as listed: new ones, changed
    ones, and no place left in those that are listed no more. A slot that somebody removed stays removed."""
    slots = books.slots_from(connection, tenant, today(now))
    there = Counter(note.held for _, note in notes.held(connection, tenant))
    mine = {
        _key(rec): rec
        for rec in slots.by_id.values()
        if rec.body.get("source", "built-in") == source and rec.body.get("trade", "") in trades
    }
    made: list[Write] = []
    windows = _merged(listed.windows)
    for key, window in windows.items():
        rec = mine.get(key)
        if rec is None:
            made.append(Write(SLOT, new_id(), _fields(window, source, listed, 0), LABEL))
        elif not rec.deleted and listed.expires_at is not None:
            made += _renewed(rec, _fields(window, source, listed, there[rec.id]), listed, slots, now)
    if listed.expires_at is not None:
        first, last = listed.first.isoformat(), listed.last.isoformat()
        for key, rec in mine.items():
            if first <= key[0] <= last and key not in windows and not rec.deleted:
                made.append(Write(SLOT, rec.id, {"places": slots.taken.get(rec.id, 0)}, LABEL, rec))
    return made


def _renewed(
    rec: Rec, fields: dict[str, Any], listed: Availability, slots: Slots, now: datetime
) -> list[Write]:
    """The write of a slot that is listed again, where it says something else or would soon be too old."""
    seen = {name: fields.pop(name) for name in ("seen_at", "expires_at")}
    fields["places"] = max(slots.taken.get(rec.id, 0), fields["places"])  # what is promised stays promised
    changed = any(rec.body.get(name) != value for name, value in fields.items())
    if not changed and listed.expires_at is not None:
        half = (listed.expires_at - listed.taken_at) / 2
        changed = str(rec.body.get("expires_at") or "") < stamp(now + half)
    return [Write(SLOT, rec.id, {**fields, **seen}, LABEL, rec)] if changed else []


def _fields(window: Window, source: str, listed: Availability, there: int) -> dict[str, Any]:
    """The fields of a window's slot; `there` is how many visits the scheduler itself holds in it, which a
    number of free places leaves out."""
    places = window.places if window.places is not None else there + (window.free or 0)
    return {
        "day": window.day.isoformat(),
        "starts": window.starts,
        "ends": window.ends,
        "label": window.label[:40],
        "places": places,
        "trade": window.trade,
        "best": window.best,
        "source": source,
        "external_ref": window.ref[:80],
        "seen_at": stamp(listed.taken_at),
        "expires_at": stamp(listed.expires_at) if listed.expires_at is not None else None,
    }


def _merged(windows: Sequence[Window]) -> dict[Key, Window]:
    """Each stretch of time once: a service may list it twice, once as its best."""
    found: dict[Key, Window] = {}
    for window in windows:
        key = (*window.when, window.trade)
        before = found.get(key)
        if before is None or (window.best and not before.best):
            found[key] = window
    return found


def _key(rec: Rec) -> Key:
    body: Mapping[str, Any] = rec.body
    day, starts, ends = str(body.get("day", "")), int(body.get("starts", 0)), int(body.get("ends", 0))
    return day, starts, ends, str(body.get("trade", ""))


def best_left(
    slots: Slots, trade: str, first: str, last: str | None, not_these: set[str], now: datetime
) -> list[str]:
    """The slots with a place left for a trade between two days, soonest first, the scheduler's best of a day
    before the others; none of a list that is too old."""
    found = []
    for rec in slots.by_id.values():
        body = rec.body
        day = str(body.get("day", ""))
        fits = not rec.deleted and body.get("trade", "") in ("", trade) and rec.id not in not_these
        inside = first <= day and (last is None or day <= last)
        fresh = not body.get("expires_at") or str(body["expires_at"]) > stamp(now)
        if fits and inside and fresh and slots.left(rec.id) > 0:
            found.append((day, not body.get("best", False), int(body.get("starts", 0)), rec.id))
    return [slot_id for *_, slot_id in sorted(found)]
