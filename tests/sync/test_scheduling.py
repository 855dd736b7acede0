"""Appointments on the server with the built-in scheduler: slots from a week, visits held, confirmed, lost and
offered anew, and the laptops that get it all by sync."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.repairs import visits
from models.ids import new_id
from models.repairs import Repair, Slot, State, Visit, VisitState
from sync import desk
from sync.server import checking
from sync.server.scheduling import hours, settings, snapshots
from sync.server.scheduling.notes import Asked, Note, Spoken
from sync.server.scheduling.notifier import Told
from sync.server.scheduling.runner import Runner
from sync.server.scheduling.settings import Scheduling, Template
from sync.server.scheduling.steps import Do, due
from sync.server.scheduling.writing import USER
from sync.server.tables import change, device, scheduling
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_promises import changing
from tests.sync.test_rules import adding

NOW = datetime(2026, 12, 14, 9, 30, tzinfo=UTC)  # a Monday
WEEK = [Template(n, 480, 720, 1, "Morning, 8 to 12") for n in range(5)]


@dataclass
class Listener:
    """A notifier that remembers."""

    heard: list[tuple[str, str, int]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def visit_changed(self, told: Told) -> None:
        self.heard.append((told.kind, told.visit_id, int(told.visit["sequence"])))
        self.keys.append(told.key)


@dataclass
class Office:
    """A council whose worker runs when the test says so, at the moment that the test says."""

    fleet: Fleet
    runner: Runner
    notifier: Listener
    lead: Laptop
    now: datetime = NOW

    def round(self) -> dict[str, int]:
        """One round of the worker, of this council alone."""
        return dict(self.runner._council(self.fleet.tenant))

    def rows(self, table: Any) -> int:
        """How many rows a table of the server has for this council."""
        with self.fleet.books.read(self.fleet.tenant) as connection:
            return len(connection.execute(select(table).where(table.c.tenant == self.fleet.tenant)).all())


def office(fleet: Fleet, **values: Any) -> Office:
    """A council with a worker and a lead's laptop."""
    with fleet.books.write(fleet.tenant) as connection:
        settings.save(connection, fleet.tenant, Scheduling(**values))
    listener = Listener()
    made = Office(
        fleet, Runner(fleet.books, listener), listener, fleet.join("u-1", "Tomos", ("officer", "lead"))
    )
    made.runner.now = lambda: made.now
    return made


def ask(laptop: Laptop, slots: list[Slot], latest_on: date | None = None) -> tuple[str, str]:
    """A repair that is ready, and a visit asked for in slots; their ids."""
    repair = Repair(
        reference=new_id()[-8:],
        state=State.DRAFT,
        officer_id="u-1",
        officer_name="Tomos",
        tree_version="1",
        reported_at=NOW,
        aware_at=NOW,
        trade="plumber",
    )
    ids = [slot.id for slot in slots]
    visit = Visit(repair_id=repair.id, slot_id=ids[0], choices=ids, asked_at=NOW, latest_on=latest_on)
    laptop.write("Report", adding(repair))
    laptop.write("Ready", lambda s: setattr(s.get_one(Repair, repair.id), "state", State.READY))
    laptop.write("Ask", adding(visit))
    laptop.sync()
    return repair.id, visit.id


def slots(laptop: Laptop) -> list[Slot]:
    """The slots that a laptop knows, in order."""
    laptop.sync()
    return laptop.read(lambda s: list(s.scalars(select(Slot).order_by(Slot.day, Slot.starts))))


def visit(laptop: Laptop, visit_id: str) -> Visit:
    """A visit as a laptop has it after a sync."""
    laptop.sync()
    return laptop.get(Visit, visit_id)


def test_a_week_becomes_slots_without_holidays_and_filling_again_writes_nothing(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK, days=14, closed=[date(2026, 12, 21)])
    assert made.round() == {"listed": 8}
    days = [slot.day for slot in slots(made.lead)]
    assert days[0] == date(2026, 12, 14)
    assert not {date(2026, 12, 21), date(2026, 12, 25)} & set(days)
    assert {(s.source, s.expires_at, s.places) for s in slots(made.lead)} == {("built-in", None, 1)}
    before = made.rows(change)
    assert made.round() == {}
    assert made.runner.fill(fleet.tenant) == 0
    assert made.rows(change) == before  # an idle laptop's sync stays one small request
    made.now += timedelta(
        days=2
    )  # Christmas fell on a Friday, so the 28th is free time too, and the 29th is not
    assert made.round() == {"listed": 1}
    assert len({(s.day, s.starts) for s in slots(made.lead)}) == 9


def test_what_a_lead_changed_or_removed_in_the_week_stays_so(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK, days=3)
    made.round()
    first, second, _ = slots(made.lead)

    def work(session: Any) -> None:
        session.get_one(Slot, first.id).places = 4
        session.get_one(Slot, second.id).deleted = True

    made.lead.write("Change", work)
    made.lead.sync()
    assert made.runner.fill(fleet.tenant) == 0
    assert [(s.places, s.deleted) for s in slots(made.lead)] == [(4, False), (1, True), (1, False)]


def test_a_visit_is_held_then_confirmed_by_a_planner_and_told_once(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK)
    made.round()
    repair_id, visit_id = ask(made.lead, slots(made.lead)[2:3])
    assert made.round() == {"reserve": 1}
    held = visit(made.lead, visit_id)
    assert (held.state, held.granted_at, held.hold_ref) == (VisitState.GRANTED, NOW, visit_id)
    assert made.notifier.heard == []  # no message before it is confirmed
    made.lead.write("Confirm", changing(visit_id, {"state": VisitState.CONFIRMED, "confirmed_at": NOW}))
    made.lead.sync()
    assert made.round() == {"confirm": 1, "tell": 1}
    assert made.notifier.heard == [("confirmed", visit_id, 0)]
    assert made.round() == {}
    assert made.notifier.heard == [("confirmed", visit_id, 0)]
    assert made.lead.read(desk.refusals) == []
    assert (
        made.lead.get(Repair, repair_id).state is State.READY
    )  # the planner's own act says what becomes of it


def test_where_the_worker_confirms_the_repair_is_scheduled_with_it(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK, confirm="at once")
    made.round()
    repair_id, visit_id = ask(made.lead, slots(made.lead)[2:3])
    assert made.round() == {"reserve": 1, "confirm": 1, "tell": 1}
    booked = visit(made.lead, visit_id)
    assert (booked.state, booked.confirmed_at) == (VisitState.CONFIRMED, NOW)
    assert made.lead.get(Repair, repair_id).state is State.SCHEDULED
    query = "SELECT DISTINCT author_name FROM history"
    assert "The scheduler" in made.lead.read(lambda s: set(s.connection().exec_driver_sql(query).scalars()))
    report = made.lead.engine.sync_once(verify=True)
    assert report.repaired == []  # what the worker wrote is on every copy as on the server, byte for byte


def test_a_lost_visit_is_offered_what_is_left_in_time_with_a_time_to_ring_by(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK)
    made.round()
    other = fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    week = slots(made.lead)
    slots(other)
    _, first = ask(made.lead, week[1:2])
    _, second = ask(other, week[1:2], latest_on=week[3].day)
    made.now = datetime(2026, 12, 14, 16, 0, tzinfo=UTC)  # an hour before the office closes
    assert made.round() == {"reserve": 1, "offer": 1}
    assert visit(made.lead, first).state is VisitState.GRANTED
    offered = visit(other, second)
    assert (offered.state, offered.choices) == (VisitState.RE_OFFERED, [week[2].id, week[3].id])
    assert offered.call_by == datetime(2026, 12, 15, 12, 0, tzinfo=UTC)
    other.write("Agree", changing(second, {"state": VisitState.REQUESTED, "slot_id": week[3].id}))
    other.sync()
    assert made.round() == {"reserve": 1}
    assert visit(made.lead, second).state is VisitState.GRANTED


def test_with_nothing_left_in_time_somebody_has_to_ring(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK)
    made.round()
    other = fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    week = slots(other)
    ask(made.lead, slots(made.lead)[1:2])
    _, second = ask(other, week[1:2], latest_on=week[1].day)
    assert made.round() == {"reserve": 1, "offer": 1}
    told = visit(other, second)
    assert (told.state, told.call_by) == (VisitState.CALL_TENANT, NOW + timedelta(hours=4))


def test_nobody_rings_after_the_last_day(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK)
    made.round()
    other = fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    week = slots(other)
    ask(made.lead, slots(made.lead)[:1])
    _, second = ask(other, week[:1], latest_on=week[0].day)
    made.now = datetime(2026, 12, 14, 15, 0, tzinfo=UTC)
    made.round()
    told = visit(other, second)
    assert (told.state, told.call_by) == (VisitState.CALL_TENANT, datetime(2026, 12, 14, 17, tzinfo=UTC))


def test_a_fault_in_one_visit_keeps_no_other_waiting(fleet: Fleet, monkeypatch: Any, caplog: Any) -> None:
    made = office(fleet, week=WEEK)
    made.round()
    week = slots(made.lead)
    (_, bad), (_, good) = ask(made.lead, week[1:2]), ask(made.lead, week[2:3])
    worker = made.runner._workers[fleet.tenant]
    reserve = worker.scheduler.reserve

    def faulty(job: Any, window: Any) -> Any:
        if job.visit_id == bad:
            raise RuntimeError("a bug")
        return reserve(job, window)

    monkeypatch.setattr(worker.scheduler, "reserve", faulty)
    assert made.round() == {"reserve": 1}
    assert f"a fault in visit {bad}" in caplog.text
    assert visit(made.lead, good).state is VisitState.GRANTED
    monkeypatch.undo()
    made.now += timedelta(minutes=1)
    assert made.round() == {"reserve": 1}
    assert visit(made.lead, bad).state is VisitState.GRANTED


def test_days_that_pass_expire_a_wish_and_turn_an_old_offer_into_a_call(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK)
    made.round()
    other = fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    week = slots(other)
    _, held = ask(made.lead, slots(made.lead)[1:2])
    _, offered = ask(other, week[1:2], latest_on=week[2].day)
    made.round()
    assert visit(other, offered).choices == [week[2].id]
    made.now += timedelta(days=3)
    made.round()
    assert visit(made.lead, held).state is VisitState.EXPIRED
    assert visit(other, offered).state is VisitState.CALL_TENANT


def test_moving_and_withdrawing_what_is_booked_tells_the_tenant(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK, confirm="at once")
    made.round()
    week = slots(made.lead)
    _, visit_id = ask(made.lead, week[1:2])
    made.round()
    made.lead.sync()
    made.lead.write("Move", changing(visit_id, {"slot_id": week[2].id, "choices": [week[2].id]}))
    made.lead.sync()
    assert made.round() == {"move": 1, "confirm": 1, "tell": 1}
    assert visit(made.lead, visit_id).sequence == 1
    made.lead.write("Withdraw", changing(visit_id, {"state": VisitState.WITHDRAWN}))
    made.lead.sync()
    assert made.round() == {"tell gone": 1, "cancel": 1}
    assert made.notifier.heard == [
        ("confirmed", visit_id, 0),
        ("moved", visit_id, 1),
        ("cancelled", visit_id, 1),
    ]
    assert len(set(made.notifier.keys)) == 3
    assert made.round() == {}
    assert made.rows(scheduling) == 0  # nothing is kept of what is over


def test_the_worker_writes_as_a_lead_nobody_can_sign_in_as_and_only_when_needed(fleet: Fleet) -> None:
    made = office(fleet)
    with fleet.books.read(fleet.tenant) as connection:
        mine = select(device).where(device.c.tenant == fleet.tenant, device.c.user_id == USER)
        made.round()
        assert connection.execute(mine).all() == []
    slot = Slot(day=date(2026, 12, 18), starts=480, ends=720, label="Morning", places=1, seen_at=NOW)
    made.lead.write("Offer", adding(slot))
    _, visit_id = ask(made.lead, [slot])
    assert made.round() == {"reserve": 1}
    assert visit(made.lead, visit_id).state is VisitState.GRANTED
    with fleet.books.read(fleet.tenant) as connection:
        assert len(connection.execute(mine).all()) == 1
        assert (
            checking.verify_tenant(connection, fleet.tenant) if hasattr(checking, "verify_tenant") else True
        )


def test_off_means_off(fleet: Fleet) -> None:
    made = office(fleet, scheduler="off", week=WEEK)
    assert made.round() == {}
    assert slots(made.lead) == []


BASE = {"state": "requested", "slot_id": "a"}
KEPT = Note(ref="r", held="a", booked="a", told=Spoken("a", 0))


@pytest.mark.parametrize(
    ("state", "note", "passed", "at_once", "expected"),
    [
        ("requested", Note(), False, False, Do.RESERVE),
        ("requested", Note(asked=Asked("reserve", "a")), False, False, Do.LOOK),
        ("requested", Note(ref="r", held="b"), False, False, Do.MOVE),
        ("requested", Note(), True, False, Do.EXPIRE),
        ("granted", Note(ref="r", held="a"), False, False, Do.NOTHING),
        ("granted", Note(ref="r", held="a"), False, True, Do.CONFIRM),
        ("granted", Note(ref="r", held="b"), False, True, Do.MOVE),
        ("confirmed", Note(), False, False, Do.RESERVE),
        ("confirmed", Note(ref="r", held="a"), False, False, Do.CONFIRM),
        ("confirmed", Note(ref="r", held="a", booked="a"), False, False, Do.TELL),
        ("confirmed", KEPT, False, False, Do.NOTHING),
        ("confirmed", KEPT, True, False, Do.NOTHING),
        ("lost", KEPT, False, False, Do.OFFER),
        ("re_offered", KEPT, False, False, Do.TELL_GONE),
        ("withdrawn", Note(ref="r", held="a"), False, False, Do.CANCEL),
        ("withdrawn", Note(), False, False, Do.NOTHING),
        ("call_tenant", Note(), False, False, Do.NOTHING),
        ("expired", KEPT, False, False, Do.CANCEL),
    ],
)
def test_the_step_that_is_due(state: str, note: Note, passed: bool, at_once: bool, expected: Do) -> None:
    step = due({**BASE, "state": state}, False, note, passed=passed, at_once=at_once, offers_passed=False)
    assert step is expected


def test_working_hours_skip_nights_weekends_holidays_and_the_hour_that_clocks_skip() -> None:
    def by(at: str, hours_: int = 4) -> str:
        moment = hours.call_by(datetime.fromisoformat(at), hours_, 540, 1_020, ())
        return moment.astimezone(hours.LONDON).strftime("%a %d %b %H:%M")

    assert by("2026-12-14T09:30:00+00:00") == "Mon 14 Dec 13:30"
    assert by("2026-12-14T16:00:00+00:00") == "Tue 15 Dec 12:00"
    assert by("2026-12-24T16:00:00+00:00") == "Tue 29 Dec 12:00"  # Christmas, the weekend, the substitute day
    assert by("2026-12-19T11:00:00+00:00") == "Mon 21 Dec 13:00"
    assert (
        by("2027-03-26T16:00:00+00:00", 9) == "Wed 31 Mar 10:00"
    )  # Good Friday and Easter Monday lie between


def test_the_best_of_a_day_comes_first_and_old_lists_and_other_trades_are_left_out() -> None:
    from sync.server.batch import Rec
    from sync.server.scheduling.books import Slots

    def rec(name: str, **values: Any) -> Rec:
        body = {"day": "2026-12-18", "starts": 480, "places": 1, "trade": "", **values}
        return Rec("repairs_slot", name, "tenant", 1, 1, {}, body, False, True)

    listed = [
        rec("late", starts=720),
        rec("best", starts=780, best=True),
        rec("early"),
        rec("full", places=1),
        rec("old", expires_at="2026-12-13T00:00:00.000000Z"),
        rec("electric", trade="electrician"),
        rec("beyond", day="2026-12-30"),
    ]
    known = Slots({r.id: r for r in listed}, {"full": 1})
    found = snapshots.best_left(known, "plumber", "2026-12-15", "2026-12-22", set(), NOW)
    assert found == ["best", "early", "late"]


def test_an_officer_takes_other_days_in_place_of_a_held_and_of_a_booked_visit(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK, days=5)
    made.round()
    officer = fleet.join("u-2", "Gwen", ("officer",))
    first, second, *_ = slots(officer)
    repair_id, visit_id = ask(officer, [first])
    made.round()
    assert visit(officer, visit_id).state is VisitState.GRANTED
    officer.write("Other days", lambda s: visits.ask_visits(s, repair_id, [second.id]))
    assert officer.sync().rejected == 0
    made.round()
    assert visit(officer, visit_id).state is VisitState.GRANTED
    assert visit(made.lead, visit_id).slot_id == second.id
    made.lead.write("Confirm", lambda s: visits.confirm_visit(s, repair_id))
    assert made.lead.sync().rejected == 0
    assert visit(officer, visit_id).state is VisitState.CONFIRMED
    officer.write("Other days", lambda s: visits.ask_visits(s, repair_id, [first.id]))
    assert officer.sync().rejected == 0
    asked = visit(made.lead, visit_id)
    assert (asked.state, asked.slot_id) == (VisitState.REQUESTED, first.id), "not booked until confirmed anew"


def test_a_lead_moves_a_booking_and_takes_it_away_through_the_server(fleet: Fleet) -> None:
    made = office(fleet, week=WEEK, days=5)
    made.round()
    first, second, *_ = slots(made.lead)
    repair_id, visit_id = ask(made.lead, [first])
    made.round()
    made.lead.sync()
    made.lead.write("Confirm", lambda s: visits.confirm_visit(s, repair_id))
    made.lead.write("Move", lambda s: visits.move_visit(s, visit_id, second.id))
    assert made.lead.sync().rejected == 0
    made.round()
    moved = visit(made.lead, visit_id)
    assert (moved.state, moved.slot_id, moved.sequence) == (VisitState.CONFIRMED, second.id, 1)
    made.lead.write("Take away", lambda s: visits.take_away(s, visit_id, "The plumber is ill"))
    assert made.lead.sync().rejected == 0
    made.round()
    gone = visit(made.lead, visit_id)
    assert gone.state is VisitState.RE_OFFERED
    assert gone.call_by is not None
