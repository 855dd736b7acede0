"""Brings a case up to date after each act: clocks written down, met or fallen away, target and state.

Rows of clocks have ids that every laptop makes alike, so two laptops that work on one case apart make one set
of clocks.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.repairs.cases import clocks
from app.repairs.cases.reading import Records, records, report_of, row_key
from app.repairs.records import now_of
from app.wording import clock_time, day_month, local_date
from models.base import mark_deleted
from models.changes import Changed
from models.ids import stable_id
from models.repairs import Clock, HazardReport, Repair, ReportState


def made_alike(parent_id: str, *parts: str) -> str:
    """An id that two laptops make alike for a record that follows from another; its day is the parent's."""
    made_ms = int(parent_id.replace("-", "")[:12], 16)
    day = datetime.fromtimestamp(made_ms / 1000, UTC).date()
    return stable_id(day, parent_id, *parts)


def open_case(session: Session, case_id: str) -> HazardReport:
    """A case that can still be worked on; raises HoldallError for a closed one."""
    report = report_of(session, case_id)
    if report.closed_at is not None:
        raise HoldallError(f"Case {report.reference} is closed.", "Open it again first, with a reason.")
    return report


def past(session: Session, report: HazardReport, moment: datetime, what: str) -> datetime:
    """A moment that lies between the report and now; raises HoldallError, naming `what` it is of."""
    if moment > now_of(session):
        raise HoldallError(f"{what} cannot be in the future.", "Write when it was.")
    if moment < report.reported_at:
        told = report.reported_at
        raise HoldallError(
            f"{what} cannot be before the report of {day_month(local_date(told))}, {clock_time(told)}.",
            "Write when it was.",
        )
    return moment


def settle(session: Session, report: HazardReport) -> Changed:
    """Writes down what follows from the records of a case; to be called at the end of each act."""
    found = records(session, report)
    duties = clocks.duties(found.facts, found.known, found.promised)
    changed = _write_clocks(session, report, found, duties)
    first = clocks.target(duties)
    safe = clocks.made_safe_at(found.facts)
    report.target_at = first.due_at if first else None
    report.target_rule = first.rule_id if first else None
    report.made_safe_at = safe
    report.state = _state(report, found, safe)
    changed |= _meet_repair(session, report, duties)
    return changed | Changed.of(report)


def _state(report: HazardReport, found: Records, safe: datetime | None) -> ReportState:
    if report.closed_at is not None:
        return ReportState.CLOSED
    if safe is not None:
        return ReportState.MADE_SAFE
    return ReportState.UNDER_REVIEW if found.looks else ReportState.OPEN


def _write_clocks(
    session: Session, report: HazardReport, found: Records, duties: tuple[clocks.Duty, ...]
) -> Changed:
    """One row for each duty; those that no longer follow become tombstones."""
    rows = {row_key(row): row for row in found.clocks}
    changed = Changed()
    for duty in duties:
        row = rows.pop(duty.key, None) or _new_row(session, report, duty)
        if row.why != (why := {**duty.deadline.as_json(), "look": duty.look_id}):
            row.due_at, row.why = duty.due_at, why
        row.met_at, row.not_required = duty.met_at, duty.not_required
        changed |= Changed.of(row)
    for row in rows.values():
        mark_deleted(row)
        changed |= Changed.of(row)
    return changed


def _new_row(session: Session, report: HazardReport, duty: clocks.Duty) -> Clock:
    made = made_alike(report.id, "hazard clock", duty.key)
    row = session.get(Clock, made)
    if row is None:
        row = Clock(
            id=made,
            repair_id="",
            case_id=report.id,
            rule_id=duty.rule_id,
            due_at=duty.due_at,
            why={**duty.deadline.as_json(), "look": duty.look_id},
        )
        session.add(row)
    row.deleted = False
    return row


def _meet_repair(session: Session, report: HazardReport, duties: tuple[clocks.Duty, ...]) -> Changed:
    """The same duties of the repair it came from are met with it, and its target is the next one."""
    met = {one.rule_id: one.met_at for one in duties if one.met_at is not None and not one.look_id}
    repair = session.get(Repair, report.repair_id) if report.repair_id else None
    if repair is None or not met:
        return Changed()
    wanted = select(Clock).where(Clock.repair_id == repair.id, Clock.deleted.is_(False))
    rows = list(session.scalars(wanted))
    changed = Changed()
    for row in rows:
        if row.met_at is None and row.rule_id in met:
            row.met_at = met[row.rule_id]
            changed |= Changed.of(row)
    left = min((row for row in rows if row.met_at is None), key=lambda row: row.due_at, default=None)
    if changed.ids and left is not None and repair.target_at != left.due_at:
        repair.target_at, repair.target_rule = left.due_at, left.rule_id
        changed |= Changed.of(repair)
    return changed
