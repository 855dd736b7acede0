"""Somebody was in touch about a repair that is reported already: a contact, never a second repair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.repairs import words
from app.repairs.dated_tables import tables_at
from app.repairs.homes.past import emergencies_of
from app.repairs.records import author_of, now_of, repair_of
from app.repairs.trees import tree_to_show
from app.repairs.visits import withdraw_visit
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import OPEN, ChaseReason, Contact, ContactKind, Photo, Repair, State

LONGEST_WORDS = 4_000
REASON_WORDS = {
    ChaseReason.NO_DATE: "Nobody gave them a date",
    ChaseReason.MISSED_VISIT: "Nobody came when they should",
    ChaseReason.NOT_MENDED: "Somebody came and it is not mended",
    ChaseReason.CAME_BACK: "It was mended and came back",
    ChaseReason.OTHER: "Something else",
}
KIND_WORDS = {
    ContactKind.CHASE: "Chase",
    ContactKind.UPDATE: "Told something new",
    ContactKind.NO_ACCESS: "No access",
    ContactKind.CALLED: "We rang them",
}


@dataclass(frozen=True)
class ContactView:
    """A contact as the page of a home or a repair shows it."""

    id: str
    kind: ContactKind
    reason: ChaseReason | None
    at: datetime
    by: str
    words: str
    repair_id: str


def contacts_of(session: Session, repair_id: str, limit: int = 20) -> tuple[ContactView, ...]:
    """The contacts about a repair, newest first."""
    statement = select(Contact).where(Contact.repair_id == repair_id, Contact.deleted.is_(False))
    found = session.scalars(statement.order_by(Contact.at.desc(), Contact.id.desc()).limit(limit))
    return tuple(ContactView(c.id, c.kind, c.reason, c.at, c.by_name, c.words, c.repair_id) for c in found)


def add_contact(
    session: Session,
    repair_id: str,
    kind: ContactKind,
    reason: ChaseReason | None = None,
    said: str = "",
) -> Changed:
    """Records that somebody was in touch about a repair. A chase needs its reason.

    Raises HoldallError in a sentence; what was said beyond 4,000 characters is not cut but refused.
    """
    repair = repair_of(session, repair_id)
    if kind is ContactKind.CHASE and reason is None:
        raise HoldallError("A chase needs its reason.", "Choose what they ring about.")
    if len(said) > LONGEST_WORDS:
        raise HoldallError(
            f"What they said has {len(said):,} characters; {LONGEST_WORDS:,} fit.", "Say it more shortly."
        )
    author = author_of(session)
    record = Contact(
        repair_id=repair.id,
        place_key=repair.place_key,
        kind=kind,
        reason=reason if kind is ContactKind.CHASE else None,
        at=now_of(session),
        by=author.user_id,
        by_name=author.name,
        words=said.strip(),
    )
    session.add(record)
    return Changed.of(record, repair)


def is_again(
    session: Session,
    draft_id: str,
    old_id: str,
    kind: ContactKind,
    reason: ChaseReason | None = None,
    said: str = "",
) -> Changed:
    """Turns a repair that was just begun into a contact about the one it is again, and takes it away.

    Nothing typed is lost: words, answers and another telephone become the contact's words, after what is
    `said` now; photos go to the old repair, a visit wished for is given back. Raises HoldallError for a
    repair that is saved or where an emergency was noticed: that one stays.
    """
    draft, old = repair_of(session, draft_id), repair_of(session, old_id)
    if draft.state is not State.DRAFT:
        raise HoldallError(
            f"Repair {draft.reference} is saved already, so it is not taken away.",
            f"Record the contact on {old.reference} instead.",
        )
    if emergencies_of(session, draft.id):
        raise HoldallError(
            "An emergency was noticed in this call, so it stays a repair of its own.",
            "Finish it; the earlier one can be named in its words.",
        )
    told = carried_words(session, draft, old, said)
    changed = add_contact(session, old.id, kind, reason, told) | withdraw_visit(session, draft.id)
    photos = list(session.scalars(select(Photo).where(Photo.repair_id == draft.id, Photo.deleted.is_(False))))
    for photo in photos:
        photo.repair_id = old.id
    mark_deleted(draft)
    return changed | Changed.of(draft, old, *photos)


def carried_words(session: Session, draft: Repair, old: Repair, said: str = "") -> str:
    """What a contact keeps of a repair that was begun: their words, what was answered, who rang."""
    lines = [said.strip(), draft.description.strip()]
    if draft.location_words:
        lines.append(f"Where: {draft.location_words}")
    path = words.path_of(tree_to_show(session, draft).way(draft.answers).given)
    if path:
        lines.append(f"Told as: {' › '.join(path)}")
    if draft.tenant_name and draft.tenant_name != old.tenant_name:
        lines.append(f"From: {draft.tenant_name}")
    if draft.telephone and draft.telephone != old.telephone:
        lines.append(f"Telephone: {draft.telephone}")
    if draft.risks and set(draft.risks) - set(old.risks):
        known = tables_at(session).risks
        named = ", ".join(known[code].label if code in known else code for code in draft.risks)
        lines.append(f"At risk, told with consent: {named}")
    elif draft.at_risk and not old.at_risk:
        lines.append("Somebody there may be at risk")
    return "\n".join(line for line in lines if line)


def risk_is_new(draft: Repair, old: Repair) -> bool:
    """Whether a call told of somebody at risk whom the open repair does not count, so that its date may be
    too late."""
    return old.state in OPEN and (
        (draft.at_risk and not old.at_risk) or bool(set(draft.risks) - set(old.risks))
    )
