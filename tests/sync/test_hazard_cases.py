"""Two officers, two laptops, no network, one hazard case: both works count, and nothing is refused for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs.cases import acts, opening, telling, views
from app.repairs.cases.acts import Asked, Conclusion, Found
from app.repairs.cases.opening import NewCase
from app.repairs.cases.views import CaseView
from models.repairs import (
    Clock,
    HazardReport,
    Method,
    NotificationKind,
    Repair,
    ReportState,
    State,
    Trigger,
    WorkKind,
)
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_rules import answers

SAFETY = Asked(WorkKind.SAFETY, "Wash the wall")


@dataclass
class Office:
    """Two laptops that hold the same case."""

    fleet: Fleet
    first: Laptop
    second: Laptop
    case_id: str

    def do(self, laptop: Laptop, work: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """One act on one laptop."""
        return laptop.write("Act", lambda s: work(s, *given, **more))

    def view(self, laptop: Laptop) -> CaseView:
        """The case as a laptop shows it."""
        now = laptop.clock.now
        return laptop.read(lambda s: views.case_view(s, self.case_id, now))

    def same(self) -> CaseView:
        """The case once everything has come: alike on both laptops, nothing refused, no clock twice."""
        self.fleet.settle()
        mine, theirs = self.view(self.first), self.view(self.second)
        shown = [[(o.duty.key, o.duty.due_at, o.duty.met_at) for o in one.duties] for one in (mine, theirs)]
        assert shown[0] == shown[1]
        assert mine.state == theirs.state
        assert [refusals(laptop) for laptop in (self.first, self.second)] == [[], []]
        keys = self.first.read(lambda s: [(c.rule_id, c.why["look"]) for c in alive(s, self.case_id)])
        assert len(keys) == len(set(keys)) == len(mine.duties)
        return mine

    def conclude(self, laptop: Laptop, look_id: str | None = None, *works: Asked) -> str:
        """Ends a look with damp found; gives its id."""
        what = Conclusion(
            concluded_at=laptop.clock.now,
            confirmed=True,
            found=(Found("damp_mould"),),
            works=works or (SAFETY,),
            notes="Cold bridge.",
        )
        self.do(laptop, acts.conclude, self.case_id, look_id, what)
        return self.view(laptop).ended[-1].id


def alive(session: Session, case_id: str) -> list[Clock]:
    """The clocks of a case that stand."""
    return list(session.scalars(select(Clock).where(Clock.case_id == case_id, Clock.deleted.is_(False))))


def refusals(laptop: Laptop) -> list[str | None]:
    """The codes of what the server did not take."""
    return [code for state, code in answers(laptop) if code is not None or state in ("refused", "rejected")]


@pytest.fixture
def office(fleet: Fleet) -> Office:
    """Two laptops over the server's own functions, with one case that both have."""
    first, second = fleet.join("u-1", "Tomos Aldgate"), fleet.join("u-2", "Priya Senn")
    new = NewCase(
        hazard="damp_mould",
        trigger=Trigger.STAFF_REPORT,
        aware_at=first.clock.now,
        description="Mould",
        address="14 Tannery Row",
        postcode="AV3 2QT",
        tenant_name="Ffion",
    )
    case_id = first.write("Open", lambda s: opening.open_by_itself(s, new)).case_id
    fleet.settle()
    return Office(fleet, first, second, case_id)


def test_one_concludes_the_look_while_the_other_writes_an_attempt_down(office: Office) -> None:
    office.conclude(office.first)
    now = office.second.clock.now
    office.do(office.second, acts.record_attempt, office.case_id, now, "no_access", "Nobody in")
    seen = office.same()
    assert len(seen.ended) == len(seen.records.attempts) == 1
    assert seen.state is ReportState.UNDER_REVIEW


def test_the_work_is_done_on_one_laptop_and_the_findings_are_sent_on_the_other(office: Office) -> None:
    look_id = office.conclude(office.first)
    office.fleet.settle()
    work_id = office.view(office.first).records.works[0].id
    office.do(office.first, acts.finish_work, work_id)
    office.do(office.second, telling.summary_sent, look_id, Method.LETTER, "We found damp.")
    seen = office.same()
    assert seen.state is ReportState.MADE_SAFE
    assert {o.duty.rule_id for o in seen.duties if o.duty.met_at} == {"AW-SIG-INV", "AW-SUM", "AW-SIG-SAFE"}


def test_made_safe_and_planned_at_once_refuse_nobody(office: Office) -> None:
    now = office.first.clock.now
    office.do(office.first, acts.emergency_action, office.case_id, now, "Heater lent, wall washed")
    office.do(office.second, acts.plan_look, office.case_id, now + timedelta(days=1), "Huw Bassett")
    seen = office.same()
    assert seen.report.emergency_action_taken
    assert len(seen.planned) == 1
    office.do(office.first, telling.tell, office.case_id, NotificationKind.ADVICE, Method.SMS, "Tomorrow")
    assert office.same().report.made_safe_at is not None


def test_the_same_work_done_twice_counts_from_the_earlier_moment(office: Office) -> None:
    office.conclude(office.first)
    office.fleet.settle()
    work_id = office.view(office.first).records.works[0].id
    early = office.first.clock.now
    office.do(office.second, acts.finish_work, work_id, early + timedelta(seconds=1))
    office.do(office.first, acts.finish_work, work_id, early)
    seen = office.same()
    assert seen.records.works[0].done_at == early


def test_the_earlier_moment_of_knowing_wins(office: Office) -> None:
    told = office.view(office.first).report.aware_at
    office.do(office.first, opening.knew_earlier, office.case_id, told - timedelta(days=1))
    office.do(office.second, opening.knew_earlier, office.case_id, told - timedelta(days=3))
    office.fleet.settle()
    office.do(office.first, telling.tell, office.case_id, NotificationKind.ADVICE, Method.SMS, "We come")
    seen = office.same()
    assert seen.report.aware_at == told - timedelta(days=3)
    assert seen.duty("AW-SIG-INV").duty.deadline.starts_at == told - timedelta(days=3)  # type: ignore[union-attr]


def test_two_ends_of_one_look_leave_the_first_and_keep_the_other_for_a_person(office: Office) -> None:
    now = office.first.clock.now
    office.do(office.first, acts.plan_look, office.case_id, now + timedelta(minutes=1))
    office.fleet.settle()
    look_id = office.view(office.first).planned[0].id
    office.conclude(office.first, look_id)
    office.conclude(office.second, look_id)
    office.first.sync()
    office.second.sync()
    assert refusals(office.first) == []
    assert set(refusals(office.second)) <= {"written_once", "dependency_rejected"}
    assert "written_once" in refusals(office.second)


def test_both_open_the_case_of_one_repair_and_it_is_one_case(office: Office) -> None:
    first, second = office.first, office.second

    def told(session: Session) -> str:
        now = first.clock.now
        repair = Repair(
            reference="AV-1",
            title="Mould",
            officer_id="u-1",
            officer_name="Tomos Aldgate",
            tree_version="t",
            hazard="damp_mould",
            address="3 Mill Lane",
            postcode="AV1 4BD",
            reported_at=now,
            aware_at=now,
        )
        session.add(repair)
        return repair.id

    repair_id = first.write("Repair", told)

    def ready(session: Session) -> None:
        session.get_one(Repair, repair_id).state = State.READY

    first.write("Save", ready)
    office.fleet.settle()
    ids = [office.do(laptop, opening.open_from_repair, repair_id).case_id for laptop in (first, second)]
    assert ids[0] == ids[1]
    office.case_id = ids[0]
    seen = office.same()
    assert seen.report.reference == "AV-1-H"
    count = first.read(lambda s: len(list(s.scalars(select(HazardReport.id)))))
    assert count == 2
