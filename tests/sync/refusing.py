"""A real refusal for each code: laptops, a server, and what makes it turn an act down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from models.base import mark_deleted
from sync import desk
from sync.server.group import Group
from sync.server.rules import Refused
from sync.wire import Code
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting
from tests.things import Binder, Booking, Place, State, Thing

# What no two laptops can bring about while both and the server are of one version: the server's own rules
# are made to say it for one push.
BY_HAND = {
    Code.UNKNOWN_TYPE: {},
    Code.SCHEMA_TOO_NEW: {"field": "title"},
    Code.PAYLOAD_TOO_LARGE: {},
    Code.QUOTA: {},
    Code.BLOB_MISSING: {},
    Code.VALIDATION: {"field": "title", "why": "not a text"},
}


def refused(fleet: Fleet, code: Code) -> tuple[Laptop, desk.Refusal]:
    """A laptop of a lead that has an act refused with this code."""
    fleet.hire("u-2", "Priya Senn")
    mine = fleet.join("u-1", "Tomos Aldgate", ("officer", "lead"))
    theirs = fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    if code in BY_HAND:
        _by_hand(mine, code)
    else:
        _ACTS[code](fleet, mine, theirs)
    return mine, next(one for one in mine.read(desk.refusals) if one.code == code)


def _by_hand(mine: Laptop, code: Code) -> None:
    thing = Thing(title="Loose slab")
    mine.write("Add a thing", lambda s: s.add(thing))
    mine.sync()
    mine.write("Rename", setting(thing.id, title="Loose slab by the gate"))

    def apply(self: Group, op: Any, actor: Any) -> None:
        raise Refused(code, **BY_HAND[code])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Group, "apply", apply)
        mine.sync()


def _shared(fleet: Fleet, theirs: Laptop, **values: Any) -> Thing:
    thing = Thing(**{"title": "Loose slab", **values})
    theirs.write("Add a thing", lambda s: s.add(thing))
    fleet.settle()
    return thing


def _taken(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    places = [Place(places=1), Place(places=2), Place(places=3)]
    for place in places:
        theirs.write("Offer", lambda s, place=place: s.add(place))
    fleet.settle()
    theirs.write("Book", lambda s: s.add(Booking(place_id=places[0].id)))
    mine.write("Book", lambda s: s.add(Booking(place_id=places[0].id)))
    theirs.sync()
    mine.sync()


def _too_late(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    place = Place(places=2, day=date(2026, 12, 18))
    theirs.write("Offer", lambda s: s.add(place))
    fleet.settle()
    theirs.write("Put off", lambda s: setattr(s.get_one(Place, place.id), "day", date(2026, 12, 19)))
    mine.write("Book", lambda s: s.add(Booking(place_id=place.id, latest_on=date(2026, 12, 18))))
    theirs.sync()
    mine.sync()


def _frozen(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    binder = Binder()
    theirs.write("A binder", lambda s: s.add(binder))
    thing = _shared(fleet, theirs, binder_id=binder.id)
    theirs.write("Close", lambda s: setattr(s.get_one(Binder, binder.id), "state", "closed"))
    mine.write("Note", setting(thing.id, note="Too late"))
    theirs.sync()
    mine.sync()


def _stale(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    thing = _shared(fleet, theirs, author_id="u-2")
    theirs.write("Review", setting(thing.id, state=State.REVIEW))
    fleet.settle()
    theirs.write("Back", setting(thing.id, state=State.DRAFT))
    mine.write("Approve", setting(thing.id, state=State.DONE))
    theirs.sync()
    mine.sync()


def _second_person(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    at_home = fleet.join("u-1", "Tomos Aldgate", ("officer", "lead"))
    thing = _shared(fleet, theirs, state=State.DRAFT, author_id="u-2")
    theirs.write("Review", setting(thing.id, state=State.REVIEW))
    fleet.settle()
    at_home.write("By", setting(thing.id, author_id="u-1"))
    mine.write("Approve", setting(thing.id, state=State.DONE))
    at_home.sync()
    mine.sync()


def _written_once(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    thing = _shared(fleet, theirs)
    theirs.write("Receipt", setting(thing.id, receipt="R-1"))
    mine.write("Receipt", setting(thing.id, receipt="R-2"))
    theirs.sync()
    mine.sync()


def _record_deleted(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    thing = _shared(fleet, theirs)
    mine.write("Remove", lambda s: mark_deleted(s.get_one(Thing, thing.id)))
    fleet.settle()
    mine.write("Rename", setting(thing.id, title="After all"))
    mine.sync()


def _forbidden(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    thing = _shared(fleet, theirs, state=State.DRAFT, author_id="u-2")
    theirs.write("Review", setting(thing.id, state=State.REVIEW))
    fleet.settle()
    mine.write("Approve", setting(thing.id, state=State.DONE))
    fleet.hire("u-1", "Tomos Aldgate", ("officer",))
    mine.sync()


def _scope_left(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    thing = _shared(fleet, theirs)
    with fleet.books.write(fleet.tenant) as connection:
        connection.exec_driver_sql("UPDATE record SET scope = 'team:team-9' WHERE id = ?", (thing.id,))
    mine.write("Rename", setting(thing.id, title="Of another team"))
    mine.sync()


def _dependency(fleet: Fleet, mine: Laptop, theirs: Laptop) -> None:
    place = Place(places=1)
    theirs.write("Offer", lambda s: s.add(place))
    fleet.settle()
    theirs.write("Book", lambda s: s.add(Booking(place_id=place.id)))
    booking = Booking(place_id=place.id)
    mine.write("Book", lambda s: s.add(booking))
    mine.write("Cancel", lambda s: setattr(s.get_one(Booking, booking.id), "state", "cancelled"))
    theirs.sync()
    mine.sync()


_ACTS: dict[Code, Callable[[Fleet, Laptop, Laptop], None]] = {
    Code.TAKEN: _taken,
    Code.TOO_LATE: _too_late,
    Code.FROZEN: _frozen,
    Code.STALE_STATE: _stale,
    Code.SECOND_PERSON: _second_person,
    Code.WRITTEN_ONCE: _written_once,
    Code.RECORD_DELETED: _record_deleted,
    Code.FORBIDDEN: _forbidden,
    Code.SCOPE_LEFT: _scope_left,
    Code.DEPENDENCY_REJECTED: _dependency,
}
