"""Reads what decides a case: its facts for the duties, its clocks as they were promised, its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.repairs.cases.clocks import Facts, Look, Told, Work, key_of
from app.repairs.dated_tables import tables_at
from app.repairs.rules import Deadline
from app.repairs.tables import Tables, tables
from models.base import Record
from models.ids import is_id
from models.repairs import (
    AccessAttempt,
    CaseNotice,
    Clock,
    Escalation,
    EscalationKind,
    HazardReport,
    HazardWork,
    Investigation,
    InvestigationHazard,
    NotificationKind,
)

R = TypeVar("R", HazardWork, AccessAttempt, Escalation, CaseNotice, Investigation)


@dataclass(frozen=True)
class Records:
    """The records of one case, each list in the order of what happened."""

    report: HazardReport
    looks: tuple[Investigation, ...] = ()
    hazards: dict[str, tuple[InvestigationHazard, ...]] = field(default_factory=dict)  # by look
    works: tuple[HazardWork, ...] = ()
    attempts: tuple[AccessAttempt, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    notices: tuple[CaseNotice, ...] = ()
    clocks: tuple[Clock, ...] = ()
    known: Tables = field(default_factory=tables)  # the rules, hazards and holidays of this store

    @property
    def facts(self) -> Facts:
        """The same as the duties see it."""
        report = self.report
        offered = [
            one.offered_at
            for one in self.escalations
            if one.kind is EscalationKind.ALTERNATIVE_ACCOMMODATION and one.offered_at
        ]
        return Facts(
            hazard=report.hazard,
            emergency=report.emergency,
            kind=report.kind,
            aware_at=report.aware_at,
            looks=tuple(_look(one, self.hazards.get(one.id, ())) for one in self.looks),
            works=tuple(
                Work(w.investigation_id, w.kind, w.steps_at, w.begun_at, w.done_at) for w in self.works
            ),
            told=tuple(
                Told(one.investigation_id, one.sent_at)
                for one in self.notices
                if one.kind is NotificationKind.RESULT
            ),
            offered_at=min(offered, default=None),
        )

    @property
    def promised(self) -> dict[str, Deadline]:
        """The dates as they were written down, by the key of their duty."""
        return {row_key(one): Deadline.from_json(one.why) for one in self.clocks}


def row_key(clock: Clock) -> str:
    """The key of the duty that a clock row keeps."""
    return key_of(clock.rule_id, str(clock.why.get("look", "")))


def report_of(session: Session, case_id: str) -> HazardReport:
    """The case with this id; raises NotFound."""
    report = session.get(HazardReport, case_id)
    if report is None or report.deleted:
        raise NotFound("This hazard case is not on this laptop.", "Sync, or look for its address.")
    return report


def find_case(session: Session, wanted: str) -> str:
    """The id of the case with this id or reference; of the open one due first for "". Raises NotFound."""
    statement = select(HazardReport.id).where(HazardReport.deleted.is_(False))
    if is_id(wanted):
        statement = statement.where(HazardReport.id == wanted)
    elif wanted:
        statement = statement.where(HazardReport.reference == wanted.strip().upper()[:20])
    order = (
        HazardReport.closed_at.is_not(None),
        HazardReport.target_at.is_(None),
        HazardReport.target_at,
        HazardReport.id,
    )
    case_id = session.scalars(statement.order_by(*order).limit(1)).first()
    if case_id is None:
        raise NotFound(
            f"There is no hazard case “{wanted[:60]}” here."
            if wanted
            else "There is no hazard case to make a paper of.",
            "Name its reference, like AV-20417-H." if wanted else "Open one from a repair first.",
        )
    return case_id


def part_of(session: Session, kind: type[R], record_id: str) -> R:
    """A look, work, attempt, notice or escalation by its id; raises NotFound."""
    found = session.get(kind, record_id)
    if found is None or found.deleted:
        words = kind.__policy__.title
        raise NotFound(f"This {words} is not there any more.", "Undo brings it back if it was just removed.")
    return found


def records_of(session: Session, reports: Sequence[HazardReport]) -> list[Records]:
    """The records of some cases, read by one query for each kind."""
    session.flush()
    known = tables_at(session)
    ids = [one.id for one in reports]
    looks = _by(session, Investigation, ids)
    look_ids = [one.id for group in looks.values() for one in group]
    statement = select(InvestigationHazard).where(
        InvestigationHazard.investigation_id.in_(look_ids), InvestigationHazard.deleted.is_(False)
    )
    hazards: dict[str, list[InvestigationHazard]] = {}
    for each in session.scalars(statement.order_by(InvestigationHazard.id)):
        hazards.setdefault(each.investigation_id, []).append(each)
    found = {look_id: tuple(group) for look_id, group in hazards.items()}
    works, attempts = _by(session, HazardWork, ids), _by(session, AccessAttempt, ids)
    escalations, notices = _by(session, Escalation, ids), _by(session, CaseNotice, ids)
    clocks: dict[str, list[Clock]] = {}
    rows = select(Clock).where(Clock.case_id.in_(ids), Clock.deleted.is_(False))
    for row in session.scalars(rows.order_by(Clock.due_at, Clock.id)):
        clocks.setdefault(str(row.case_id), []).append(row)
    return [
        Records(
            report,
            _order(looks.get(report.id, ()), "scheduled_at"),
            {one.id: found.get(one.id, ()) for one in looks.get(report.id, ())},
            tuple(works.get(report.id, ())),
            _order(attempts.get(report.id, ()), "at"),
            tuple(escalations.get(report.id, ())),
            _order(notices.get(report.id, ()), "sent_at"),
            tuple(clocks.get(report.id, ())),
            known,
        )
        for report in reports
    ]


def records(session: Session, report: HazardReport) -> Records:
    """The records of one case."""
    return records_of(session, [report])[0]


def _by(session: Session, kind: type[R], ids: Sequence[str]) -> dict[str, list[R]]:
    statement = select(kind).where(kind.report_id.in_(ids), kind.deleted.is_(False))
    grouped: dict[str, list[R]] = {}
    for each in session.scalars(statement.order_by(kind.id)):
        grouped.setdefault(each.report_id, []).append(each)
    return grouped


T = TypeVar("T", bound=Record)


def _order(found: Iterable[T], name: str) -> tuple[T, ...]:
    return tuple(sorted(found, key=lambda one: (getattr(one, name) or one.created_at, one.id)))


def _look(one: Investigation, hazards: Sequence[InvestigationHazard]) -> Look:
    return Look(
        id=one.id,
        kind=one.kind,
        asked_at=one.asked_at,
        concluded_at=one.concluded_at,
        in_person=one.in_person,
        confirmed=bool(one.hazard_confirmed),
        emergency=bool(one.hazard_confirmed) and one.emergency_found,
        safety_needed=one.work_needed,
        lasting_needed=one.lasting_work_needed,
        hazards=frozenset(each.hazard for each in hazards),
    )
