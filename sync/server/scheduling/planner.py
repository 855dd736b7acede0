"""What the planner did at the scheduler, brought into the visits: moved to another window, or taken away."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from models.ids import new_id
from models.repairs import State, VisitState
from sync.server.scheduling import answers, books, notes
from sync.server.scheduling.adapter import Change, Known, Window
from sync.server.scheduling.hours import today
from sync.server.scheduling.worker import View, Worker
from sync.server.scheduling.writing import Write
from sync.server.store import stamp

MOVED, TAKEN = "The planner moved it", "The planner took it away"
KEPT = (VisitState.GRANTED, VisitState.CONFIRMED)


def known(worker: Worker) -> list[Known]:
    """What the scheduler holds for visits whose day has not passed."""
    found = []
    with worker.store.read(worker.tenant) as connection:
        for visit_id, note in notes.held(connection, worker.tenant):
            view = worker.view(connection, visit_id)
            if view is None or note.asked is not None or view.state not in KEPT or view.visit.deleted:
                continue
            slot = books.one(connection, worker.tenant, books.SLOT, note.held)
            window = books.window_of(slot) if slot is not None else None
            if window is not None and window.day >= today(worker.now()):
                found.append(Known(view.job, note.ref, window))
    return found


def bring_in(worker: Worker, changes: tuple[Change, ...]) -> Counter[str]:
    """Writes what the planner did into the visits, and takes each as far as it goes from there."""
    done: Counter[str] = Counter()
    for change in changes:
        with worker.transaction() as connection:
            view = worker.view(connection, change.visit_id)
            if view is None or view.note.asked is not None or view.state not in KEPT:
                continue
            if change.window is None:
                _taken_away(worker, connection, view, change.words)
            else:
                _moved(worker, connection, view, change.window)
            done["moved" if change.window is not None else "taken away"] += 1
        done += worker.work([change.visit_id])
    return done


def _moved(worker: Worker, connection: Connection, view: View, window: Window) -> None:
    slots = books.slots_from(connection, worker.tenant, window.day)
    source, trade = (
        worker.scheduler.name,
        str(view.slot.body.get("trade", "")) if view.slot is not None else "",
    )
    slot = next(
        (
            rec
            for rec in slots.by_id.values()
            if books.window_of(rec).when == window.when
            and (rec.body.get("source"), rec.body.get("trade", "")) == (source, trade)
            and not rec.deleted
        ),
        None,
    )
    taken = slots.taken.get(slot.id, 0) if slot is not None else 0
    if slot is None:
        fields = {
            "day": window.day.isoformat(),
            "starts": window.starts,
            "ends": window.ends,
            "label": window.label[:40],
            "places": 1,
            "trade": trade,
            "source": source,
            "seen_at": stamp(worker.now()),
        }
        slot_id = new_id()
        worker.put(connection, [Write(books.SLOT, slot_id, fields, MOVED)])
    else:
        slot_id = slot.id
        room = max(int(slot.body["places"]), taken + 1)  # the planner has made room there
        worker.put(connection, [Write(books.SLOT, slot_id, {"places": room}, MOVED, slot)])
    worker.put(connection, [Write(books.VISIT, view.visit.id, {"slot_id": slot_id}, MOVED, view.visit)])
    booked = slot_id if view.note.booked else ""
    note = answers.replaced(view.note, held=slot_id, booked=booked)
    notes.keep(connection, worker.tenant, view.visit.id, note)


def _taken_away(worker: Worker, connection: Connection, view: View, words: str) -> None:
    why = f"The planner took the visit away: {words}."[:200] if words else "The planner took the visit away."
    group = view.visit.id
    fields = {"state": VisitState.LOST.value, "lost_why": why}
    writes = [Write(books.VISIT, view.visit.id, fields, TAKEN, view.visit, group=group)]
    if view.repair is not None and view.repair.body.get("state") == State.SCHEDULED.value:
        ready = {"state": State.READY.value}
        writes.append(Write(books.REPAIR, view.repair.id, ready, TAKEN, view.repair, group=group))
    worker.put(connection, writes)
    note = answers.replaced(view.note, ref="", held="", booked="")
    notes.keep(connection, worker.tenant, view.visit.id, note)
