"""What the evidence pack prints beside the case: digests of its records, and who changed what.

A digest is the SHA-256 of a record's fields as they are kept, in canonical JSON; the digest of the case is
that of its parts' digests in their order. Whoever holds the store can work both out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs.cases import words
from app.repairs.cases.views import CaseView
from app.wording import date_year
from models.base import Record, wire_body
from models.history import history_of
from models.repairs import (
    AccessAttempt,
    CaseNotice,
    Clock,
    Escalation,
    HazardWork,
    Investigation,
    Photo,
)
from models.types import canonical_json

FOLLOWS = frozenset({"target_at", "target_rule", "state", "made_safe_at", "why", "rule_id", "case_id"})
NAMELESS = frozenset({"report_id", "investigation_id", "repair_id", "officer_id", "place_key", "property_id"})
CHILDREN: dict[str, Any] = {
    "Look": Investigation,
    "Work": HazardWork,
    "Attempt": AccessAttempt,
    "Notice": CaseNotice,
    "Escalation": Escalation,
}
MOST_CHANGES = 400
LONGEST_VALUE = 120
LABELS = {
    "concluded_at": "ended",
    "scheduled_at": "planned for",
    "work_needed": "safety work needed",
    "lasting_work_needed": "lasting work needed",
    "hazard_confirmed": "hazard found",
    "due_at": "due",
    "met_at": "met",
    "unmet": "reasons for duties not met",
}


@dataclass(frozen=True)
class Digest:
    """One part of the pack with the SHA-256 of what is kept of it."""

    part: str
    what: str
    sha256: str


@dataclass(frozen=True)
class Change:
    """One change in the life of a record of the case: when, who, which record, what."""

    at: datetime
    who: str
    part: str
    what: str


def parts(session: Session, view: CaseView) -> list[tuple[str, str, Record]]:
    """The records of a case in the order of the pack: what each is, a few words of it, the record."""
    found = view.records
    made: list[tuple[str, str, Record]] = [("Case", found.report.reference, found.report)]
    for look in found.looks:
        at = look.concluded_at or look.scheduled_at or look.asked_at
        made.append(("Look", words.moment(at) if at else "", look))
        made += [("Found", words.hazard_title(one.hazard), one) for one in view.hazards_of(look)]
    made += [("Work", one.words, one) for one in found.works]
    made += [("Attempt", words.moment(one.at), one) for one in found.attempts]
    made += [("Notice", words.moment(one.sent_at), one) for one in found.notices]
    made += [("Escalation", words.ESCALATIONS[one.kind], one) for one in found.escalations]
    made += [("Clock", one.rule_id, one) for one in found.clocks]
    photos = [session.get_one(Photo, one.id) for one in view.photos]
    made += [("Photo", one.caption or f"Photo {number}", one) for number, one in enumerate(photos, 1)]
    return made


def digests(session: Session, view: CaseView) -> tuple[list[Digest], str]:
    """The digest of every record of a case, and the one over all of them."""
    made = [
        Digest(part, what, sha256(canonical_json(wire_body(record)).encode()).hexdigest())
        for part, what, record in parts(session, view)
    ]
    return made, sha256("\n".join(one.sha256 for one in made).encode()).hexdigest()


def changes(session: Session, view: CaseView) -> list[Change]:
    """Who changed what, the oldest first; what only follows from other changes is left out."""
    made: list[Change] = []
    for part, what, record in [*parts(session, view), *_taken_out(session, view)]:
        for entry in history_of(session, record.__tablename__, record.id):
            told = _told(entry.kind, entry.fields, entry.base, isinstance(record, Clock))
            if told:
                made.append(Change(entry.at, entry.author_name, f"{part}: {what}"[:80], told))
    return sorted(made, key=lambda one: one.at)


def _taken_out(session: Session, view: CaseView) -> list[tuple[str, str, Record]]:
    """What was on record once and was taken out; it stays in the history."""
    made: list[tuple[str, str, Record]] = []
    for part, kind in CHILDREN.items():
        statement = select(kind).where(kind.report_id == view.report.id, kind.deleted.is_(True))
        made += [(part, "taken out", one) for one in session.scalars(statement.order_by(kind.id))]
    return made


def _told(kind: str, fields: Mapping[str, Any], base: Mapping[str, Any], follows: bool = False) -> str:
    """What a change did, in words; of a clock only what a person wrote: a date that moved, a delay."""
    if follows:
        fields = {name: fields[name] for name in ("due_at", "delay_reason") if name in fields and base}
        return "; ".join(_field(name, base.get(name), value) for name, value in fields.items())
    if kind == "create":
        return "Written"
    if kind in ("delete", "restore"):
        return "Taken out" if kind == "delete" else "Brought back"
    return "; ".join(_field(name, base.get(name), value) for name, value in _counted(fields, base))


def _counted(fields: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if name not in FOLLOWS and name not in NAMELESS and base.get(name) != value:
            yield name, value


def _field(name: str, before: Any, after: Any) -> str:
    label = LABELS.get(name, name.removesuffix("_at").removesuffix("_on").replace("_", " "))
    if before in (None, "", False, {}, []):
        return f"{label}: {_value(after)}"
    return f"{label}: {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(str(one) for one in value.values())[:LONGEST_VALUE] or "nothing"
    text = str(value)
    if len(text) == 10 and text[4:5] == "-":
        try:
            return date_year(date.fromisoformat(text))
        except ValueError:
            return text
    if len(text) > 18 and text[4:5] == "-" and "T" in text[:12]:
        try:
            return words.moment(datetime.fromisoformat(text))
        except ValueError:
            return text[:LONGEST_VALUE]
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
