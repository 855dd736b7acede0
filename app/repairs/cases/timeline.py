"""What happened in a case, in the order of the day it happened: one line each, with who and how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from app.repairs.cases import words
from app.repairs.cases.reading import Records
from app.wording import LONDON, money
from models.repairs import Escalation, EscalationKind, HazardWork, Investigation, NotificationKind, WorkKind


@dataclass(frozen=True)
class Happening:
    """One thing that happened: when, what, more of it, by whom, and the icon it is drawn with."""

    at: datetime
    what: str
    more: str = ""
    by: str = ""
    icon: str = "circle"


def timeline(found: Records) -> tuple[Happening, ...]:
    """Everything that happened in a case, the oldest first."""
    report = found.report
    made = [
        Happening(
            report.reported_at,
            f"Reported: {words.hazard_title(report.hazard).lower()}",
            f"{words.TRIGGERS[report.trigger]}. {report.description}".strip(),
            report.reported_by_name or report.officer_name,
            "siren" if report.emergency else "flag",
        )
    ]
    if report.aware_at != report.reported_at:
        made.append(Happening(report.aware_at, "We knew of it: the clocks start here", icon="clock"))
    for look in found.looks:
        made.extend(_look(found, look))
    for work in found.works:
        made.extend(_work(work))
    made.extend(
        Happening(one.at, words.ATTEMPTS.get(one.outcome, one.outcome), one.words, one.by_name, "door-open")
        for one in found.attempts
    )
    made.extend(
        Happening(
            one.sent_at,
            f"{words.NOTICES[one.kind]}, by {words.METHODS[one.method]}",
            "" if one.kind is NotificationKind.RESULT else one.words,
            one.sent_by_name,
            "mail",
        )
        for one in found.notices
    )
    for escalation in found.escalations:
        made.extend(_escalation(escalation))
    if report.closed_at is not None:
        made.append(
            Happening(report.closed_at, "Closed", report.closing_note, report.closed_by_name, "check")
        )
    return tuple(sorted(made, key=lambda one: one.at))


def _look(found: Records, look: Investigation) -> Iterator[Happening]:
    title = words.LOOKS[look.kind]
    who = look.investigator_name
    if look.asked_at is not None:
        yield Happening(look.asked_at, "The tenant asked for a look in person", icon="user-round")
    if look.scheduled_at is not None and look.concluded_at is None:
        yield Happening(look.scheduled_at, f"{title} planned", by=who, icon="calendar")
    if look.concluded_at is None:
        return
    told = found_words(found, look)
    way = "" if look.in_person else " The look was not in person."
    yield Happening(look.concluded_at, f"{title} ended: {told}", f"{look.notes}{way}".strip(), who, "eye")


def found_words(found: Records, look: Investigation) -> str:
    """What a look found, inside a sentence: "damp and mould (surveyor: high) found"."""
    if not look.hazard_confirmed:
        return "no hazard found"
    named = []
    for one in found.hazards.get(look.id, ()):
        severity = f" (surveyor: {words.SEVERITIES[one.severity]})" if one.severity else ""
        named.append(f"{words.hazard_title(one.hazard).lower()}{severity}")
    told = ", ".join(named) or "a hazard"
    return f"{told} found, an emergency" if look.emergency_found else f"{told} found"


def _work(work: HazardWork) -> Iterator[Happening]:
    kind = "Safety work" if work.kind is WorkKind.SAFETY else "Lasting work"
    if work.steps_at is not None:
        yield Happening(work.steps_at, f"{kind}: steps taken to begin", work.words, icon="clipboard")
    if work.begun_at is not None and work.begun_at != work.done_at:
        yield Happening(work.begun_at, f"{kind} begun", work.words, icon="wrench")
    if work.done_at is not None:
        yield Happening(work.done_at, f"{kind} done", work.words, icon="check")


def _escalation(one: Escalation) -> Iterator[Happening]:
    title = words.ESCALATIONS[one.kind]
    begun = one.offered_at or datetime.combine(one.opened_on, time(12), LONDON)
    told = one.accommodation if one.kind is EscalationKind.ALTERNATIVE_ACCOMMODATION else one.action_taken
    if one.compensation_pence:
        title = f"{title} of {money(one.compensation_pence)}"
    to = f" To: {one.escalated_to}." if one.escalated_to else ""
    verb = " offered" if one.offered_at or one.compensation_pence else ""
    yield Happening(begun, f"{title}{verb}", f"{told}{to}".strip(), icon="flag")
    if one.resolved_on is not None:
        said = "accepted" if one.accepted else "not accepted"
        answer = words.STAGES[one.stage] if one.accepted is None else said
        ended = max(begun, datetime.combine(one.resolved_on, time(12), LONDON))
        yield Happening(ended, f"{words.ESCALATIONS[one.kind]}: {answer}", one.action_taken, icon="flag")
