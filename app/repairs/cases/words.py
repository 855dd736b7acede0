"""Sentences of hazard cases: what each state, act and duty is called, and what has to happen next."""

from __future__ import annotations

from datetime import datetime

from app.repairs.cases import clocks
from app.repairs.cases.clocks import Duty, DutyState
from app.repairs.days import Unit
from app.repairs.rules import Deadline
from app.repairs.tables import EMERGENCY_HAZARD, tables
from app.wording import clock_time, date_year, local_date
from models.repairs import (
    EscalationKind,
    EscalationStage,
    InvestigationKind,
    Method,
    NotificationKind,
    ReportState,
    Severity,
    Trigger,
)

STATES = {
    ReportState.OPEN: "Open",
    ReportState.UNDER_REVIEW: "Under review",
    ReportState.MADE_SAFE: "Made safe",
    ReportState.CLOSED: "Closed",
}
TRIGGERS = {
    Trigger.TENANT_REPORT: "The tenant told us",
    Trigger.ROUTINE_CHECK: "A routine check",
    Trigger.SENSOR: "A sensor in the home",
    Trigger.STAFF_REPORT: "Somebody on our staff",
}
LOOKS = {
    InvestigationKind.STANDARD: "Look",
    InvestigationKind.RENEWED: "Look in person, asked for by the tenant",
    InvestigationKind.FURTHER: "Further look",
    InvestigationKind.EMERGENCY: "Emergency look",
}
SEVERITIES = {Severity.HIGH: "high", Severity.MEDIUM: "medium", Severity.LOW: "low"}
NOTICES = {
    NotificationKind.SCHEDULED: "A look was announced",
    NotificationKind.RESULT: "The findings were sent",
    NotificationKind.ADVICE: "Advice was given",
    NotificationKind.DELAY: "A delay was explained",
    NotificationKind.ESCALATION: "The tenant was told that it goes further",
}
METHODS = {Method.EMAIL: "e-mail", Method.SMS: "text message", Method.LETTER: "letter"}
ESCALATIONS = {
    EscalationKind.SENIOR_REVIEW: "Senior review",
    EscalationKind.LEGAL_ACTION: "Legal action",
    EscalationKind.COMPENSATION: "Compensation",
    EscalationKind.ALTERNATIVE_ACCOMMODATION: "Somewhere else to stay",
}
STAGES = {
    EscalationStage.OPEN: "open",
    EscalationStage.IN_PROGRESS: "in progress",
    EscalationStage.RESOLVED: "resolved",
    EscalationStage.REJECTED: "refused",
}
ATTEMPTS = {
    "no_access": "Nobody let us in",
    "refused": "The tenant refused",
    "rescheduled": "The tenant asked for another day",
    "specialist": "No specialist was free",
    "got_in": "We got in",
}
DUTY_STATES = {
    DutyState.WAITING: "Waiting",
    DutyState.NOT_REQUIRED: "Not required",
    DutyState.OPEN: "Open",
    DutyState.DUE_SOON: "Due soon",
    DutyState.DUE_TODAY: "Due today",
    DutyState.OVERDUE: "Overdue",
    DutyState.MET: "Met",
    DutyState.MET_LATE: "Met late",
}
DUTIES = {
    clocks.INV: "Look at it",
    clocks.EMERGENCY_INV: "Look at it",
    clocks.RENEW: "Look again in person",
    clocks.SUMMARY: "Send the findings in writing",
    clocks.SAFE: "Make it safe",
    clocks.UPGRADE: "Make the emergency safe",
    clocks.EMERGENCY_SAFE: "Make it safe",
    clocks.OUTER: "Make it safe, outer reading",
    clocks.BEGIN: "Begin the lasting work, or take steps to",
    clocks.LONGSTOP: "Start the lasting work on site",
    clocks.ELSEWHERE: "Offer somewhere else to stay, if it is not safe",
}


def hazard_title(code: str) -> str:
    """A hazard as people call it: "Damp and mould"."""
    if code == EMERGENCY_HAZARD:
        return "Emergency hazard"
    known = tables().hazards.get(code)
    return known.title if known is not None else code.replace("_", " ").capitalize()


def moment(value: datetime) -> str:
    """A moment with its day and time: "14 December 2026 at 10:20"."""
    return f"{date_year(local_date(value))} at {clock_time(value)}"


def due(deadline: Deadline) -> str:
    """When something is due: "21 December 2026", or with its time where hours count."""
    if deadline.rule.unit is Unit.HOURS:
        return moment(deadline.due_at)
    return date_year(deadline.due_on)


def duty_title(duty: Duty) -> str:
    """What a duty asks, in a few words."""
    return DUTIES.get(duty.rule_id, duty.deadline.rule.duty)


def duty_line(duty: Duty, state: DutyState) -> str:
    """What became of a duty, in a sentence."""
    if state is DutyState.NOT_REQUIRED:
        return duty.not_required
    if duty.met_at is not None:
        late = ", late" if state is DutyState.MET_LATE else ""
        return f"Due {due(duty.deadline)}. Done {moment(duty.met_at)}{late}."
    if state is DutyState.WAITING:
        return f"Only if it is not safe by {due(duty.deadline)}."
    if duty.outer:
        return f"Due {due(duty.deadline)}, if the 24 hours run from the end of the look."
    return f"{'Was due' if state is DutyState.OVERDUE else 'Due'} {due(duty.deadline)}."
