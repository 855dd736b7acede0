"""What the tenant is told, who a case is taken to, and how it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs.cases import clocks, words
from app.repairs.cases.reading import Records, part_of, records, report_of
from app.repairs.cases.settling import open_case, past, settle
from app.repairs.records import author_of, now_of
from app.wording import local_date
from models.changes import Changed
from models.repairs import (
    CaseNotice,
    Clock,
    Escalation,
    EscalationKind,
    EscalationStage,
    HazardReport,
    Investigation,
    Method,
    NotificationKind,
    ReportState,
)

ENDED = (EscalationStage.RESOLVED, EscalationStage.REJECTED)


@dataclass(frozen=True)
class Missing:
    """Something that has to be done before a case can be closed: its duty's key or "", and a sentence."""

    key: str
    words: str


def tell(
    session: Session,
    case_id: str,
    kind: NotificationKind,
    method: Method,
    words: str,
    sent_at: datetime | None = None,
    look_id: str | None = None,
) -> Changed:
    """Records what the tenant was told. Holdall sends nothing here: it notes what was sent."""
    report = open_case(session, case_id)
    if not words.strip():
        raise HoldallError("This message says nothing.", "Write what the tenant was told.")
    notice = CaseNotice(
        report_id=report.id,
        investigation_id=look_id,
        kind=kind,
        method=method,
        sent_at=past(session, report, sent_at or now_of(session), "The message"),
        sent_by_name=author_of(session).name,
        words=words.strip(),
    )
    session.add(notice)
    return Changed.of(notice) | settle(session, report)


def summary_sent(
    session: Session, look_id: str, method: Method, words: str, sent_at: datetime | None = None
) -> Changed:
    """The findings of a look went to the tenant in writing; the day they were sent counts.

    `words` are those of the letter. Raises HoldallError for a look that has not ended, for findings that
    were sent already, and for a text message: the law asks for writing that the tenant can keep.
    """
    look = part_of(session, Investigation, look_id)
    if look.concluded_at is None:
        raise HoldallError("This look has not ended, so it has no findings.", "Write down what it found.")
    if look.summary_sent_at is not None:
        raise HoldallError("The findings of this look were sent already.", "Tell the tenant what is new.")
    if method is Method.SMS:
        raise HoldallError("A text message is no written summary.", "Send it as a letter or an e-mail.")
    at = sent_at or now_of(session)
    if at < look.concluded_at:
        raise HoldallError("Findings cannot be sent before the look ended.", "Write when they were sent.")
    changed = tell(session, look.report_id, NotificationKind.RESULT, method, words, at, look.id)
    look.summary_sent_at = at
    return changed | Changed.of(look)


def delay(session: Session, clock_id: str, reason: str, method: Method) -> Changed:
    """Tells the tenant that a duty is late, and why. The reason is kept; no date moves (facts 4.3)."""
    row = session.get(Clock, clock_id)
    if row is None or row.deleted or not row.case_id:
        raise NotFound("This promise is not there any more.", "Look at the case again.")
    if not reason.strip():
        raise HoldallError("A delay needs its reason.", "Write what stands in the way, and what was tried.")
    row.delay_reason = reason.strip()
    return Changed.of(row) | tell(session, row.case_id, NotificationKind.DELAY, method, reason)


# -- taking it further -----------------------------------------------------------------------------


def escalate(
    session: Session,
    case_id: str,
    kind: EscalationKind,
    to: str,
    action: str = "",
    compensation_pence: int = 0,
) -> Changed:
    """Takes a case further: senior review, legal action, compensation. Raises HoldallError for a negative
    sum."""
    report = open_case(session, case_id)
    if compensation_pence < 0:
        raise HoldallError("Compensation cannot be less than nothing.", "Write the sum that is offered.")
    if kind is EscalationKind.COMPENSATION and not compensation_pence:
        raise HoldallError("Say how much is offered.", "Write a sum in pounds and pence, like 50.00.")
    record = Escalation(
        report_id=report.id,
        kind=kind,
        escalated_to=to.strip(),
        opened_on=local_date(now_of(session)),
        action_taken=action.strip(),
        compensation_pence=compensation_pence,
    )
    session.add(record)
    return Changed.of(record) | settle(session, report)


def offer_elsewhere(
    session: Session, case_id: str, where: str, to: str = "", offered_at: datetime | None = None
) -> Changed:
    """Offers somewhere else to stay at the landlord's cost: what the law asks when it cannot be made safe
    in time."""
    report = open_case(session, case_id)
    if not where.strip():
        raise HoldallError("Say what was offered.", "Write where, from when, and for whom.")
    at = past(session, report, offered_at or now_of(session), "The offer")
    record = Escalation(
        report_id=report.id,
        kind=EscalationKind.ALTERNATIVE_ACCOMMODATION,
        escalated_to=to.strip(),
        opened_on=local_date(at),
        accommodation=where.strip(),
        offered_at=at,
    )
    session.add(record)
    return Changed.of(record) | settle(session, report)


def answer_offer(session: Session, escalation_id: str, accepted: bool, words: str = "") -> Changed:
    """What the tenant said to the offer; a refused one stays on record as an offer."""
    record = part_of(session, Escalation, escalation_id)
    record.accepted = accepted
    return settle_escalation(
        session, escalation_id, EscalationStage.RESOLVED if accepted else EscalationStage.REJECTED, words
    )


def settle_escalation(session: Session, escalation_id: str, stage: EscalationStage, action: str) -> Changed:
    """Moves an escalation on and says what was done."""
    record = part_of(session, Escalation, escalation_id)
    report = open_case(session, record.report_id)
    record.stage = stage
    if action.strip():
        record.action_taken = action.strip()
    record.resolved_on = local_date(now_of(session)) if stage in ENDED else None
    return Changed.of(record) | settle(session, report)


# -- the end ---------------------------------------------------------------------------------------


def missing_to_close(found: Records) -> list[Missing]:
    """What stands in the way of closing: open duties, an untold tenant, open offers; each in a sentence."""
    report = found.report
    duties = clocks.duties(found.facts, found.known, found.promised)
    missing = [Missing(one.key, f"{_duty(one)} is not done.") for one in duties if one.open]
    if not found.facts.concluded and not missing:
        missing.append(Missing("look", "Nobody has looked at it."))
    waived = [one for one in duties if one.not_required == clocks.WAIVED]
    for duty in waived:
        ended = duty.deadline.starts_at
        if not any(notice.sent_at >= ended for notice in found.notices):
            missing.append(Missing(f"told|{duty.look_id}", "The tenant was not told that the work is done."))
    for one in found.escalations:
        if one.stage not in ENDED:
            missing.append(Missing(f"escalation|{one.id}", _still_open(one)))
    return [one for one in missing if one.key not in report.unmet]


def _duty(duty: clocks.Duty) -> str:
    return f"“{words.duty_title(duty)}” ({duty.rule_id})"


def _still_open(one: Escalation) -> str:
    what = one.kind.value.replace("_", " ")
    return f"The {what} of {one.opened_on.day} {one.opened_on:%B} is still open."


def close(session: Session, case_id: str, note: str, reasons: Mapping[str, str] | None = None) -> Changed:
    """Closes a case. Every duty has to be met, or to have its reason in `reasons`, by `Missing.key`.

    Raises HoldallError with the first thing that is missing.
    """
    report = open_case(session, case_id)
    given = {key: words.strip() for key, words in (reasons or {}).items() if words.strip()}
    report.unmet = {**report.unmet, **given}
    left = missing_to_close(records(session, report))
    if left:
        more = f" {len(left) - 1} more." if len(left) > 1 else ""
        raise HoldallError(
            f"Case {report.reference} cannot be closed yet. {left[0].words}{more}",
            "Do it, or write the reason why it was not done.",
        )
    if not note.strip():
        raise HoldallError("Say how the case ended.", "One sentence is enough.")
    report.closing_note = note.strip()
    report.closed_at, report.closed_by_name = now_of(session), author_of(session).name
    report.state = ReportState.CLOSED
    return settle(session, report)


def reopen(session: Session, case_id: str, reason: str) -> Changed:
    """Opens a closed case again; what was closed stays in its history."""
    report: HazardReport = report_of(session, case_id)
    if report.closed_at is None:
        raise HoldallError(f"Case {report.reference} is open.", "There is nothing to open again.")
    if not reason.strip():
        raise HoldallError("Say why it is opened again.", "As: the mould came back.")
    report.closed_at, report.closed_by_name = None, ""
    report.closing_note = f"Opened again: {reason.strip()}"[:400]
    report.unmet = {}
    return settle(session, report)
