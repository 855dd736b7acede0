"""Hazard cases: a report, its investigations, the work, escalations, what the tenant was told.

Names and code lists follow the data dictionary of the Ministry's "Damp and mould data model" (June 2025),
with moments in place of days where a 24-hour clock needs them. Holdall never scores a hazard: a severity is
what a qualified surveyor wrote.

Where a case stands, its target and its clocks follow from its looks, works and notices, and are worked out
anew at each act (app.repairs.cases.settling). So `state` and `target_at` are the later writer's, and no look
or work is refused because a colleague moved the case on meanwhile; only closing is a decision.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Merge, Policy, SearchFields
from models.repairs.triage import Kind
from models.types import Choice, DateOnly, Json, LongText, Pence, ShortText, UtcDateTime


class ReportState(StrEnum):
    """Where a hazard report stands."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    MADE_SAFE = "made_safe"
    CLOSED = "closed"


class Trigger(StrEnum):
    """How we came to know."""

    TENANT_REPORT = "tenant_report"
    ROUTINE_CHECK = "routine_check"
    SENSOR = "environmental_sensor"
    STAFF_REPORT = "staff_report"


class InvestigationKind(StrEnum):
    """Which look it is; `renewed` is one in person that a tenant asked for after a remote one."""

    STANDARD = "standard"
    RENEWED = "renewed"
    FURTHER = "further"
    EMERGENCY = "emergency"


class Severity(StrEnum):
    """The surveyor's own word, never worked out here."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class EscalationStage(StrEnum):
    """Where an escalation stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    REJECTED = "rejected"


class EscalationKind(StrEnum):
    """What an escalation is."""

    SENIOR_REVIEW = "senior_review"
    LEGAL_ACTION = "legal_action"
    COMPENSATION = "compensation"
    ALTERNATIVE_ACCOMMODATION = "alternative_accommodation"


class NotificationKind(StrEnum):
    """What the tenant was told."""

    SCHEDULED = "scheduled"
    RESULT = "result"
    ADVICE = "advice"
    DELAY = "delay"
    ESCALATION = "escalation"


class Method(StrEnum):
    """How the tenant was told."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"


class WorkKind(StrEnum):
    """Work that makes safe, and the supplementary work that keeps the hazard from coming back."""

    SAFETY = "safety"
    SUPPLEMENTARY = "supplementary"


class HazardReport(Record):
    """One hazard case, from the moment we knew; its clocks are `repairs_clock` rows with its id."""

    __tablename__ = "repairs_hazard_report"
    __policy__ = Policy(
        title="hazard case",
        merge={
            "reference": Merge.ONCE,
            "aware_at": Merge.MIN,
            "reported_at": Merge.MIN,
            "description": Merge.ASK,
        },
        search=SearchFields(
            title="title", body=("reference", "description"), detail=("reference", "tenant_name", "address")
        ),
    )
    __table_args__ = (
        Index("ix_repairs_hazard_report_state", "state", "target_at", "id"),
        Index("ix_repairs_hazard_report_place", "place_key"),
        Index("ix_repairs_hazard_report_repair", "repair_id"),
    )

    reference: Mapped[str] = mapped_column(ShortText(20))
    title: Mapped[str] = mapped_column(ShortText(200))
    state: Mapped[ReportState] = mapped_column(Choice(ReportState), default=ReportState.OPEN)
    kind: Mapped[Kind] = mapped_column(Choice(Kind), default=Kind.TENANT)  # whose home; the law is tenants'
    repair_id: Mapped[str | None] = mapped_column(ShortText(36))  # the repair it came from
    property_id: Mapped[str | None] = mapped_column(ShortText(36))
    uprn: Mapped[str | None] = mapped_column(ShortText(12))
    tenancy_ref: Mapped[str] = mapped_column(ShortText(40), default="")
    tenant_name: Mapped[str] = mapped_column(ShortText(120), default="")
    telephone: Mapped[str] = mapped_column(ShortText(20), default="")
    address: Mapped[str] = mapped_column(ShortText(200), default="")
    postcode: Mapped[str] = mapped_column(ShortText(10), default="")
    place_key: Mapped[str] = mapped_column(ShortText(220), default="")
    hazard: Mapped[str] = mapped_column(ShortText(40))  # a code of resources/repairs/rules.json
    emergency: Mapped[bool] = mapped_column(default=False)
    trigger: Mapped[Trigger] = mapped_column(Choice(Trigger), default=Trigger.TENANT_REPORT)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    aware_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the clocks start here
    reported_by_name: Mapped[str] = mapped_column(ShortText(120), default="")
    officer_id: Mapped[str] = mapped_column(ShortText(36))
    officer_name: Mapped[str] = mapped_column(ShortText(100))
    description: Mapped[str] = mapped_column(LongText(4_000), default="")
    location_details: Mapped[str] = mapped_column(ShortText(400), default="")
    at_risk: Mapped[bool] = mapped_column(default=False)
    emergency_action_taken: Mapped[bool] = mapped_column(default=False)
    made_safe_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    further_work_required: Mapped[bool | None]
    further_work_due_on: Mapped[date | None] = mapped_column(DateOnly)
    target_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the earliest clock still open
    target_rule: Mapped[str | None] = mapped_column(ShortText(40))
    closing_note: Mapped[str] = mapped_column(ShortText(400), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_name: Mapped[str] = mapped_column(ShortText(100), default="")
    unmet: Mapped[dict[str, str]] = mapped_column(Json, default=dict)  # duty -> why not met


class Investigation(Record):
    """One look at a hazard: planned, done, and what it found."""

    __tablename__ = "repairs_investigation"
    __policy__ = Policy(title="investigation", merge={"concluded_at": Merge.ONCE, "notes": Merge.ASK})
    __table_args__ = (Index("ix_repairs_investigation_report", "report_id", "scheduled_at"),)

    report_id: Mapped[str] = mapped_column(ShortText(36))
    kind: Mapped[InvestigationKind] = mapped_column(
        Choice(InvestigationKind), default=InvestigationKind.STANDARD
    )
    trigger: Mapped[Trigger] = mapped_column(Choice(Trigger), default=Trigger.TENANT_REPORT)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of a renewed one: when they asked
    scheduled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    concluded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the later clocks start here
    investigator_name: Mapped[str] = mapped_column(ShortText(100), default="")
    in_person: Mapped[bool] = mapped_column(default=True)
    hazard_confirmed: Mapped[bool | None]  # None: not concluded
    emergency_found: Mapped[bool] = mapped_column(default=False)
    work_needed: Mapped[bool | None]  # relevant safety work
    lasting_work_needed: Mapped[bool | None]  # supplementary work, so that it does not come back
    summary_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the day it is sent counts
    notes: Mapped[str] = mapped_column(LongText(4_000), default="")


class InvestigationHazard(Record):
    """A hazard that a look found, with the surveyor's own words."""

    __tablename__ = "repairs_investigation_hazard"
    __policy__ = Policy(title="hazard found")
    __table_args__ = (Index("ix_repairs_investigation_hazard_of", "investigation_id"),)

    investigation_id: Mapped[str] = mapped_column(ShortText(36))
    hazard: Mapped[str] = mapped_column(ShortText(40))
    severity: Mapped[Severity | None] = mapped_column(Choice(Severity))  # as the surveyor wrote it
    notes: Mapped[str] = mapped_column(ShortText(400), default="")


class HazardWork(Record):
    """A piece of work on a hazard: what, by when, begun and done."""

    __tablename__ = "repairs_hazard_work"
    __policy__ = Policy(
        title="hazard work", merge=dict.fromkeys(("steps_at", "begun_at", "done_at"), Merge.MIN)
    )
    __table_args__ = (Index("ix_repairs_hazard_work_report", "report_id"),)

    report_id: Mapped[str] = mapped_column(ShortText(36))
    investigation_id: Mapped[str | None] = mapped_column(ShortText(36))  # the look that asks for it
    kind: Mapped[WorkKind] = mapped_column(Choice(WorkKind))
    words: Mapped[str] = mapped_column(ShortText(400))
    planned_on: Mapped[date | None] = mapped_column(DateOnly)
    steps_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # ordered, consent asked, surveyed
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccessAttempt(Record):
    """Somebody tried to get in, or to get hold of somebody: evidence of reasonable endeavours."""

    __tablename__ = "repairs_access_attempt"
    __policy__ = Policy(
        title="attempt", merge=dict.fromkeys(("at", "by_name", "outcome", "words"), Merge.ONCE)
    )
    __table_args__ = (Index("ix_repairs_access_attempt_report", "report_id", "at"),)

    report_id: Mapped[str] = mapped_column(ShortText(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_name: Mapped[str] = mapped_column(ShortText(100))
    outcome: Mapped[str] = mapped_column(ShortText(40))  # "no_access", "refused", "specialist", "got_in"
    words: Mapped[str] = mapped_column(ShortText(400), default="")


class Escalation(Record):
    """A case taken further: senior review, legal action, compensation, somewhere else to stay."""

    __tablename__ = "repairs_escalation"
    __policy__ = Policy(title="escalation")
    __table_args__ = (Index("ix_repairs_escalation_report", "report_id"),)

    report_id: Mapped[str] = mapped_column(ShortText(36))
    kind: Mapped[EscalationKind] = mapped_column(Choice(EscalationKind))
    stage: Mapped[EscalationStage] = mapped_column(Choice(EscalationStage), default=EscalationStage.OPEN)
    escalated_to: Mapped[str] = mapped_column(ShortText(120), default="")
    opened_on: Mapped[date] = mapped_column(DateOnly)
    resolved_on: Mapped[date | None] = mapped_column(DateOnly)
    action_taken: Mapped[str] = mapped_column(ShortText(400), default="")
    compensation_pence: Mapped[int] = mapped_column(Pence, default=0)  # never negative
    accommodation: Mapped[str] = mapped_column(ShortText(400), default="")
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of somewhere else to stay
    accepted: Mapped[bool | None]  # whether the tenant took what was offered


class CaseNotice(Record):
    """What a tenant was told about a case: when, how, in what words."""

    __tablename__ = "repairs_case_notice"
    __policy__ = Policy(
        title="notification", merge=dict.fromkeys(("kind", "method", "sent_at", "words"), Merge.ONCE)
    )
    __table_args__ = (Index("ix_repairs_case_notice_report", "report_id", "sent_at"),)

    report_id: Mapped[str] = mapped_column(ShortText(36))
    investigation_id: Mapped[str | None] = mapped_column(ShortText(36))
    kind: Mapped[NotificationKind] = mapped_column(Choice(NotificationKind))
    method: Mapped[Method] = mapped_column(Choice(Method))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_by_name: Mapped[str] = mapped_column(ShortText(100), default="")
    words: Mapped[str] = mapped_column(LongText(4_000), default="")
