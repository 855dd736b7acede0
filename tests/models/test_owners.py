"""Where a screen goes for a record that has no page of its own."""

from __future__ import annotations

from datetime import date

from app.context import Context
from models.owners import owners
from models.repairs import Repair, Slot, Visit
from tests.conftest import NOW
from tests.things import Binder, Booking, Place, Thing


def test_a_record_leads_to_what_it_takes_from_and_what_may_freeze_it(context: Context) -> None:
    place, binder = Place(places=1), Binder()
    booking, thing = Booking(place_id=place.id), Thing(title="Loose slab", binder_id=binder.id)
    context.write("Add", lambda s: s.add_all([place, binder, booking, thing]))
    of_booking = context.read(lambda s: list(owners(s, "test_booking", booking.id)))
    assert of_booking == [("test_booking", booking.id), ("test_place", place.id)]
    of_thing = context.read(lambda s: list(owners(s, "test_thing", thing.id)))
    assert of_thing == [("test_thing", thing.id), ("test_binder", binder.id)]


def test_a_visit_leads_to_its_repair_also_when_it_was_refused(context: Context) -> None:
    named = {"reference": "AV-20417", "officer_id": "u-1", "officer_name": "Tomos Aldgate"}
    repair = Repair(**named, tree_version="1", reported_at=NOW, aware_at=NOW)
    slot = Slot(day=date(2026, 12, 18), starts=480, ends=720, label="Morning", places=1, seen_at=NOW)
    visit = Visit(repair_id=repair.id, slot_id=slot.id, choices=[slot.id], asked_at=NOW)
    context.write("Ask for a visit", lambda s: s.add_all([repair, slot, visit]))
    assert ("repairs_repair", repair.id) in context.read(lambda s: list(owners(s, "repairs_visit", visit.id)))
    with context.store.connect(write=True) as connection:  # as after a refusal: only the outbox has it
        connection.exec_driver_sql("DELETE FROM repairs_visit")
    here = context.read(lambda s: list(owners(s, "repairs_visit", visit.id)))
    assert ("repairs_repair", repair.id) in here
    assert context.read(lambda s: list(owners(s, "of_a_newer_holdall", "x"))) == []
