"""Appointments with a scheduler behind SOAP: a stub on this machine, real HTTP, and every kind of bad answer.

Whatever happens on the line, nothing counts as held or booked that the service does not have, nothing is
booked twice, and no visit is lost from sight.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models.errors import HoldallError
from models.repairs import Repair, Slot, State, VisitState
from sync import desk
from sync.server.scheduling import settings, soap
from sync.server.scheduling.adapter import Down, Gone, Job, Unsure, Window
from sync.server.scheduling.drs import Drs
from sync.server.scheduling.settings import Probe
from sync.server.tables import change
from tests.sync.drs_stub import LONDON, Stub
from tests.sync.kit import Fleet
from tests.sync.test_promises import changing
from tests.sync.test_scheduling import NOW, Office, ask, office, slots, visit

TUESDAY = Window(date(2026, 12, 15), 480, 720)
WEDNESDAY = Window(date(2026, 12, 16), 720, 960)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A service that lets the server in."""
    made = Stub()
    monkeypatch.setenv(settings.LOGIN, made.login)
    monkeypatch.setenv(settings.PASSWORD, made.password)
    yield made
    made.close()


def drs(stub: Stub, **values: Any) -> settings.Drs:
    """How the service is reached."""
    return settings.Drs(
        url=stub.url, probes=[Probe(code="0012345", place="H-1")], **{"seconds": 5.0, **values}
    )


def remote(fleet: Fleet, stub: Stub, confirm: str = "at once", **values: Any) -> Office:
    """A council whose scheduler is the stub."""
    return office(fleet, scheduler="drs", confirm=confirm, days=9, drs=drs(stub, **values))


def adapter(stub: Stub, **values: Any) -> Drs:
    """The adapter by itself."""
    return Drs(drs(stub, **values), stub.login, stub.password, timedelta(hours=24), lambda: NOW)


def begin(slot: Slot | Window) -> str:
    """The beginning of a window as the service writes it."""
    return datetime(slot.day.year, slot.day.month, slot.day.day, slot.starts // 60, tzinfo=LONDON).isoformat()


# -- the adapter --------------------------------------------------------------------------------------


def test_availability_is_asked_in_periods_that_are_allowed_and_empty_days_give_nothing(stub: Stub) -> None:
    stub.off, stub.full = {date(2026, 12, 16)}, {begin(TUESDAY)}
    stub.faults["checkAvailability"] = ["warn"]
    listed = adapter(stub).availability(date(2026, 12, 14), 9)
    assert stub.calls["checkAvailability"] == 2
    assert sorted({w.day.day for w in listed.windows}) == [14, 15, 17, 18, 21, 22]
    assert [(w.free, w.best) for w in listed.windows if w.day == TUESDAY.day] == [(0, False), (1, True)]
    assert listed.windows[0].label == "Morning, 8:00 to 12:00"
    assert listed.warnings == ("Warning: skills were not checked",)
    assert listed.expires_at == NOW + timedelta(hours=24)


def test_reserve_confirm_move_cancel_and_find_again(stub: Stub) -> None:
    made, job = adapter(stub), Job("visit-1", "AVW-1", "0012345", words="Tap & “washer” <drips>\x00\ud800")
    assert made.find(job) is None
    held = made.reserve(job, TUESDAY)
    assert (held.window and held.window.when) == TUESDAY.when
    assert stub.orders["visit-1"]["words"] == "AVW-1 Tap & “washer” <drips>"
    assert made.reserve(job, TUESDAY).ref == held.ref  # again: the same
    assert made.confirm(job, held.ref, TUESDAY).ref == held.ref
    moved = made.move(job, held.ref, WEDNESDAY)
    assert (moved.window and moved.window.when) == WEDNESDAY.when
    assert stub.calls["createOrder"] == 1
    made.cancel(job, held.ref)
    made.cancel(job, held.ref)
    assert stub.orders == {}
    with pytest.raises(Gone):
        made.confirm(job, held.ref, WEDNESDAY)


def test_a_reservation_is_no_booking_until_it_is_confirmed_and_read_back(stub: Stub) -> None:
    made, job = adapter(stub, reservations=True), Job("visit-1")
    held = made.reserve(job, TUESDAY)
    assert stub.orders == {}
    assert made.confirm(job, held.ref, TUESDAY).window is not None
    assert stub.orders["visit-1"]["planned"] == begin(TUESDAY)


def test_each_kind_of_silence_is_told_apart(stub: Stub) -> None:
    made, job = adapter(stub, seconds=0.3), Job("visit-1")
    for fault, error in (
        ("fault", Gone),
        ("no", Gone),
        ("cut", Unsure),
        ("hang", Unsure),
        ("garbage", Unsure),
    ):
        stub.orders.clear()
        stub.faults["scheduleBooking"] = [fault]
        with pytest.raises(error):
            made.reserve(job, TUESDAY)
    for fault in ("cut", "fault", "garbage", "hang"):
        stub.faults["selectOrder"] = [fault]
        with pytest.raises(Down):
            made.find(job)
    stub.faults["openSession"] = ["no"]
    with pytest.raises(Down, match="let this server in"):
        Drs(drs(stub), "x", "y", timedelta(hours=1)).find(job)
    closed = Stub()
    closed.close()
    with pytest.raises(Down, match="could not be reached"):
        adapter(closed).find(job)


def test_a_session_that_has_ended_is_opened_again_and_nothing_is_done_twice(stub: Stub) -> None:
    made, job = adapter(stub), Job("visit-1")
    stub.faults |= {
        "createOrder": ["expired"],
        "scheduleBooking": ["expired"],
        "selectOrder": ["", "expired"],
    }
    made.reserve(job, TUESDAY)
    assert (stub.calls["openSession"], len(stub.orders)) == (4, 1)
    made.close()
    assert stub.sessions == set()


@pytest.mark.parametrize(
    "answer",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a",
        b"\xff\xfe",
        b"<a/>",
        b"",
    ],
)
def test_an_answer_that_is_none_is_never_taken_for_yes(answer: bytes) -> None:
    with pytest.raises(Unsure):
        soap._read("createOrder", 200, answer)


def test_a_request_is_escaped_and_names_every_member_in_order() -> None:
    sent = soap.envelope("createOrder", {"a": "<&>", "b": None, "c": [{"d": 1}, {"d": 2}]}).decode()
    assert "<createOrder><a>&lt;&amp;&gt;</a><c><d>1</d></c><c><d>2</d></c></createOrder>" in sent


# -- the worker with it --------------------------------------------------------------------------------


def test_a_list_from_outside_is_kept_fresh_and_written_only_when_it_differs(fleet: Fleet, stub: Stub) -> None:
    made = remote(fleet, stub)
    stub.full = {begin(TUESDAY)}
    made.round()
    listed = {(s.day, s.starts): s for s in slots(made.lead)}
    assert listed[TUESDAY.day, 480].places == 0
    assert listed[TUESDAY.day, 720].best
    assert {(s.source, s.expires_at) for s in listed.values()} == {("drs", NOW + timedelta(hours=24))}
    before = made.rows(change)
    made.now += timedelta(minutes=16)
    assert made.round() == {}
    assert made.rows(change) == before
    stub.full.clear()
    made.now += timedelta(minutes=16)
    assert made.round() == {"listed": 1}
    made.now += timedelta(hours=12)
    assert made.round()["listed"] == len(listed) - 1  # half of its time has gone
    assert made.runner._workers[fleet.tenant].scheduler.remote


def test_a_visit_is_held_and_booked_there_before_anybody_says_so(fleet: Fleet, stub: Stub) -> None:
    made = remote(fleet, stub)
    made.round()
    (slot,) = [s for s in slots(made.lead) if (s.day, s.starts) == (TUESDAY.day, 480)]
    repair_id, visit_id = ask(made.lead, [slot])
    stub.faults["scheduleBooking"] = ["warn"]
    assert made.round() == {"reserve": 1, "confirm": 1, "tell": 1}
    booked = visit(made.lead, visit_id)
    assert (booked.state, booked.hold_ref) == (VisitState.CONFIRMED, stub.orders[visit_id]["booking"])
    assert made.lead.get(Repair, repair_id).state is State.SCHEDULED
    assert stub.orders[visit_id]["planned"] == begin(slot)
    made.lead.write("Withdraw", changing(visit_id, {"state": VisitState.WITHDRAWN}))
    made.lead.sync()
    made.round()
    assert stub.orders == {}


@pytest.mark.parametrize("operation", ["createOrder", "scheduleBooking", "selectOrder"])
@pytest.mark.parametrize("fault", ["cut", "lost", "garbage", "hang", "fault"])
def test_a_lost_answer_is_looked_into_and_never_taken_for_a_booking(
    fleet: Fleet, stub: Stub, operation: str, fault: str
) -> None:
    made = remote(fleet, stub, seconds=0.3)
    made.round()
    _, visit_id = ask(made.lead, slots(made.lead)[2:3])
    stub.faults[operation] = [fault]
    made.round()
    seen = visit(made.lead, visit_id)
    if seen.state is VisitState.CONFIRMED:
        assert stub.orders[visit_id].get("planned")  # only what was read back
    for _ in range(6):
        made.now += timedelta(minutes=5)
        made.round()
        now = visit(made.lead, visit_id)
        if now.state is VisitState.CONFIRMED:
            break
        if now.state is VisitState.RE_OFFERED:  # a fault said no to the one place: others are offered
            made.lead.write(
                "Agree", changing(visit_id, {"state": VisitState.REQUESTED, "slot_id": now.choices[0]})
            )
            made.lead.sync()
    assert now.state is VisitState.CONFIRMED
    assert len(stub.orders) == 1
    assert begin(made.lead.get(Slot, now.slot_id)) == stub.orders[visit_id]["planned"]
    assert made.notifier.heard == [("confirmed", visit_id, 0)]


@pytest.mark.parametrize("fault", ["cut", "lost"])
def test_a_place_is_held_only_once_the_scheduler_showed_it(fleet: Fleet, stub: Stub, fault: str) -> None:
    made = remote(fleet, stub, confirm="planner")
    made.round()
    _, visit_id = ask(made.lead, slots(made.lead)[2:3])
    stub.faults["scheduleBooking"] = [fault]
    made.round()
    assert visit(made.lead, visit_id).state is VisitState.REQUESTED
    made.round()
    assert visit(made.lead, visit_id).state is VisitState.REQUESTED  # an answer may still be on its way
    made.now += timedelta(minutes=2)
    made.round()
    assert visit(made.lead, visit_id).state is VisitState.GRANTED
    assert stub.orders[visit_id]["planned"]
    assert stub.calls["createOrder"] == 1
    assert made.notifier.heard == []


def test_a_place_that_has_gone_there_gives_way_to_the_next_choice_then_to_a_call(
    fleet: Fleet, stub: Stub
) -> None:
    made = remote(fleet, stub)
    made.round()
    week = [s for s in slots(made.lead) if s.starts == 480]
    _, visit_id = ask(made.lead, week[1:3], latest_on=week[2].day)
    stub.full = {begin(week[1])}
    made.round()
    seen = visit(made.lead, visit_id)
    assert (seen.state, seen.slot_id) == (VisitState.CONFIRMED, week[2].id)
    assert made.lead.get(Slot, week[1].id).places == 0
    _, second = ask(made.lead, week[3:4], latest_on=week[3].day)
    stub.full |= {begin(s) for s in slots(made.lead)}
    made.now += timedelta(minutes=20)
    made.round()
    seen = visit(made.lead, second)
    assert seen.state in (VisitState.RE_OFFERED, VisitState.CALL_TENANT)
    assert seen.lost_why.startswith("The scheduler had no place left: ")
    assert made.lead.read(desk.refusals) == []
    assert [kind for kind, *_ in made.notifier.heard] == ["confirmed"]  # no word of what was lost


def test_what_the_planner_does_there_comes_to_the_laptops(fleet: Fleet, stub: Stub) -> None:
    made = remote(fleet, stub)
    made.round()
    week = slots(made.lead)
    asked = [ask(made.lead, [slot]) for slot in week[2:5]]
    made.round()
    moved, gone, unplanned = (visit_id for _, visit_id in asked)
    stub.orders[moved] |= {"planned": "2026-12-17T09:30:00+00:00", "until": "2026-12-17T14:30:00+00:00"}
    stub.orders[gone]["status"] = "CANCELLED"
    del stub.orders[unplanned]["planned"]
    made.now += timedelta(minutes=20)
    made.round()
    seen = visit(made.lead, moved)
    slot = made.lead.get(Slot, seen.slot_id)
    assert (seen.state, seen.sequence, slot.day, slot.starts) == (
        VisitState.CONFIRMED,
        1,
        date(2026, 12, 17),
        570,
    )
    for visit_id, (repair_id, _) in zip((gone, unplanned), asked[1:], strict=True):
        seen = visit(made.lead, visit_id)
        assert seen.state is VisitState.RE_OFFERED
        assert "planner took the visit away" in seen.lost_why
        assert made.lead.get(Repair, repair_id).state is State.READY
    kinds = sorted(kind for kind, *_ in made.notifier.heard)
    assert kinds == ["cancelled", "cancelled", "confirmed", "confirmed", "confirmed", "moved"]
    made.now += timedelta(minutes=20)
    assert made.round().keys() <= {"listed"}


def test_while_the_scheduler_is_down_visits_wait_and_the_wait_grows(fleet: Fleet, stub: Stub) -> None:
    made = remote(fleet, stub)
    made.round()
    _, visit_id = ask(made.lead, slots(made.lead)[2:3])
    stub.faults["selectOrder"] = ["garbage"] * 3
    tried = []
    for _ in itertools.repeat(None, 40):
        before = stub.calls["selectOrder"]
        made.round()
        tried.append(stub.calls["selectOrder"] - before)
        if visit(made.lead, visit_id).state is VisitState.CONFIRMED:
            break
        made.now += timedelta(seconds=10)
    assert visit(made.lead, visit_id).state is VisitState.CONFIRMED
    assert tried[:12].count(0) >= 6


def test_a_council_without_a_login_is_told_and_others_go_on(
    fleet: Fleet, stub: Stub, monkeypatch: Any, caplog: Any
) -> None:
    made = remote(fleet, stub)
    monkeypatch.delenv(settings.PASSWORD)
    made.runner.round()
    assert f"Set {settings.LOGIN}" in caplog.text
    assert stub.password not in caplog.text
    with pytest.raises(HoldallError):
        made.round()
