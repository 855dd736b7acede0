"""What is done about a hazard: looks, attempts to get in, work planned, begun and done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.repairs.cases.reading import part_of, report_of
from app.repairs.cases.settling import open_case, past, settle
from app.repairs.dated_tables import tables_at
from app.repairs.records import author_of, now_of
from app.repairs.tables import Tables
from app.wording import local_date
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import (
    AccessAttempt,
    HazardReport,
    HazardWork,
    Investigation,
    InvestigationHazard,
    InvestigationKind,
    Severity,
    WorkKind,
)

OUTCOMES = ("no_access", "refused", "rescheduled", "specialist", "got_in")


@dataclass(frozen=True)
class Found:
    """A hazard that a look found, with the severity in the surveyor's own word, or none."""

    hazard: str
    severity: Severity | None = None
    notes: str = ""


@dataclass(frozen=True)
class Asked:
    """Work that a look asks for."""

    kind: WorkKind
    words: str
    planned_on: date | None = None


@dataclass(frozen=True)
class Conclusion:
    """What a look found, as the surveyor wrote it."""

    concluded_at: datetime
    confirmed: bool
    emergency: bool = False
    found: Sequence[Found] = ()
    works: Sequence[Asked] = ()
    notes: str = ""
    investigator: str = ""
    in_person: bool = True


def plan_look(
    session: Session,
    case_id: str,
    scheduled_at: datetime,
    investigator: str = "",
    kind: InvestigationKind = InvestigationKind.STANDARD,
    in_person: bool = True,
) -> Changed:
    """Plans a look. Raises HoldallError for a moment before the report, or on a closed case."""
    report = open_case(session, case_id)
    if scheduled_at < report.reported_at:
        raise HoldallError("A look cannot be before the report.", "Write the day and time of the visit.")
    if kind is InvestigationKind.STANDARD and report.emergency:
        kind = InvestigationKind.EMERGENCY
    look = Investigation(
        report_id=report.id,
        kind=kind,
        trigger=report.trigger,
        scheduled_at=scheduled_at,
        investigator_name=investigator.strip(),
        in_person=in_person,
    )
    session.add(look)
    return Changed.of(look) | settle(session, report)


def move_look(session: Session, look_id: str, scheduled_at: datetime, investigator: str) -> Changed:
    """Plans a look for another time; one that has ended stays as it is."""
    look, report = _open_look(session, look_id)
    look.scheduled_at, look.investigator_name = scheduled_at, investigator.strip()
    return Changed.of(look) | settle(session, report)


def call_off_look(session: Session, look_id: str) -> Changed:
    """Takes a planned look away; Undo brings it back."""
    look, report = _open_look(session, look_id)
    mark_deleted(look)
    return Changed.of(look) | settle(session, report)


def ask_again(session: Session, case_id: str, asked_at: datetime) -> Changed:
    """The tenant asks for a look in person after a remote one: 10 working days from the request."""
    report = open_case(session, case_id)
    look = Investigation(
        report_id=report.id,
        kind=InvestigationKind.RENEWED,
        trigger=report.trigger,
        asked_at=past(session, report, asked_at, "The request"),
        in_person=True,
    )
    session.add(look)
    return Changed.of(look) | settle(session, report)


def conclude(session: Session, case_id: str, look_id: str | None, what: Conclusion) -> Changed:
    """Writes down what a look found; the later clocks start at its end. `look_id` None: it was not planned.

    Raises HoldallError for a moment before the report or in the future, for a hazard that is confirmed
    without being named, and for a look that has ended already.
    """
    report = open_case(session, case_id)
    at = past(session, report, what.concluded_at, "The end of the look")
    _check(what, tables_at(session))
    look = _the_look(session, report, look_id)
    look.concluded_at, look.hazard_confirmed = at, what.confirmed
    look.emergency_found = what.confirmed and what.emergency
    look.in_person, look.notes = what.in_person, what.notes.strip()
    look.investigator_name = what.investigator.strip() or look.investigator_name or author_of(session).name
    kinds = {one.kind for one in what.works} if what.confirmed else set()
    look.work_needed, look.lasting_work_needed = WorkKind.SAFETY in kinds, WorkKind.SUPPLEMENTARY in kinds
    report.further_work_required = look.lasting_work_needed
    days = [one.planned_on for one in what.works if one.kind is WorkKind.SUPPLEMENTARY and one.planned_on]
    report.further_work_due_on = max(days, default=None)
    changed = Changed.of(look)
    for found in what.found if what.confirmed else ():
        hazard = InvestigationHazard(
            investigation_id=look.id,
            hazard=found.hazard,
            severity=found.severity,
            notes=found.notes.strip(),
        )
        session.add(hazard)
        changed |= Changed.of(hazard)
    for asked in what.works if what.confirmed else ():
        changed |= _add_work(session, report, asked, look.id)
    return changed | settle(session, report)


def _check(what: Conclusion, known: Tables) -> None:
    if what.confirmed and not what.found:
        raise HoldallError("Say which hazard was found.", "Choose one, or say that none was found.")
    unknown = [one.hazard for one in what.found if one.hazard not in known.hazards]
    if unknown:
        raise HoldallError(f"“{unknown[0]}” is not in the list of hazards.", "Choose from the list.")
    if what.emergency and not any(one.kind is WorkKind.SAFETY for one in what.works):
        raise HoldallError(
            "An emergency asks for work that makes safe within 24 hours.", "Write what has to be done."
        )
    if not what.confirmed and not what.notes.strip():
        raise HoldallError("Say why it is no hazard.", "The tenant gets the reason in writing.")


def _the_look(session: Session, report: HazardReport, look_id: str | None) -> Investigation:
    if look_id:
        return _open_look(session, look_id)[0]
    kind = InvestigationKind.EMERGENCY if report.emergency else InvestigationKind.STANDARD
    look = Investigation(report_id=report.id, kind=kind, trigger=report.trigger)
    session.add(look)
    return look


def _open_look(session: Session, look_id: str) -> tuple[Investigation, HazardReport]:
    look = part_of(session, Investigation, look_id)
    if look.concluded_at is not None:
        raise HoldallError("This look has ended.", "Plan a further look; what was found stays on record.")
    return look, open_case(session, look.report_id)


# -- getting in ------------------------------------------------------------------------------------


def record_attempt(
    session: Session, case_id: str, at: datetime, outcome: str, words: str, by: str = ""
) -> Changed:
    """Somebody tried to get in, or to find a specialist: evidence of reasonable endeavours."""
    report = open_case(session, case_id)
    if outcome not in OUTCOMES:
        raise HoldallError("Say what came of it.", "Choose one of the list.")
    attempt = AccessAttempt(
        report_id=report.id,
        at=past(session, report, at, "The attempt"),
        by_name=by.strip() or author_of(session).name,
        outcome=outcome,
        words=words.strip(),
    )
    session.add(attempt)
    return Changed.of(attempt) | settle(session, report)


# -- work ------------------------------------------------------------------------------------------


def add_work(session: Session, case_id: str, asked: Asked, look_id: str | None = None) -> Changed:
    """Notes a piece of work; one before any look counts for all of them."""
    report = open_case(session, case_id)
    return _add_work(session, report, asked, look_id) | settle(session, report)


def _add_work(session: Session, report: HazardReport, asked: Asked, look_id: str | None) -> Changed:
    if not asked.words.strip():
        raise HoldallError("This work says nothing.", "Write what has to be done.")
    work = HazardWork(
        report_id=report.id,
        investigation_id=look_id,
        kind=asked.kind,
        words=asked.words.strip(),
        planned_on=asked.planned_on,
    )
    session.add(work)
    return Changed.of(work)


def emergency_action(session: Session, case_id: str, at: datetime, words: str) -> Changed:
    """Made safe on the spot, before any look was written down: work that was begun and done."""
    report = open_case(session, case_id)
    done = past(session, report, at, "The work")
    report.emergency_action_taken = True
    changed = _add_work(session, report, Asked(WorkKind.SAFETY, words), None)
    session.flush()
    for work_id in changed.ids:
        work = session.get_one(HazardWork, work_id)
        work.begun_at = work.done_at = done
    return changed | settle(session, report)


def plan_work(session: Session, work_id: str, planned_on: date) -> Changed:
    """Sets the day by which a work is to be done, as the tenant is told it."""
    work = part_of(session, HazardWork, work_id)
    report = open_case(session, work.report_id)
    if planned_on < local_date(report.reported_at):
        raise HoldallError("Work cannot be planned before the report.", "Write the day it is to be done by.")
    work.planned_on = planned_on
    return Changed.of(work) | settle(session, report)


def steps_taken(session: Session, work_id: str, at: datetime | None = None) -> Changed:
    """Steps to begin a work were taken: it is ordered, consent is asked."""
    return _work(session, work_id, at, "steps_at")


def begin_work(session: Session, work_id: str, at: datetime | None = None) -> Changed:
    """A work has physically begun."""
    return _work(session, work_id, at, "begun_at")


def finish_work(session: Session, work_id: str, at: datetime | None = None) -> Changed:
    """A work is done; it had begun by then."""
    return _work(session, work_id, at, "begun_at", "done_at")


def _work(session: Session, work_id: str, at: datetime | None, *names: str) -> Changed:
    work = part_of(session, HazardWork, work_id)
    report = open_case(session, work.report_id)
    moment = past(session, report, at or now_of(session), "The work")
    for name in names:
        before = getattr(work, name)
        if before is None or moment < before:
            setattr(work, name, moment)
    return Changed.of(work) | settle(session, report)


def drop_work(session: Session, work_id: str) -> Changed:
    """Takes a work away that was noted by mistake; one that was begun stays."""
    work = part_of(session, HazardWork, work_id)
    if work.begun_at is not None:
        raise HoldallError("This work has begun.", "It stays on record.")
    mark_deleted(work)
    return Changed.of(work) | settle(session, report_of(session, work.report_id))
