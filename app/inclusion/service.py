"""The acts of a session: plan, open, close, and the month report handed on.

Each takes the session of one write transaction and returns what it made or changed; none commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.inclusion import rules
from models.base import Record
from models.changes import Author, Changed
from models.inclusion import Attendance, OutreachSession, Press, SessionKind, SessionState, Venue

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Done:
    """What an act made or touched: the id of the record it was about, and the change."""

    id: str
    changed: Changed


def get(session: Session, model: type[R], record_id: str) -> R:
    """A record that is there; raises NotFound when it is not, or was deleted."""
    record = session.get(model, record_id)
    if record is None or record.deleted:
        raise NotFound(
            f"This {model.__policy__.title} is no longer here.", "Somebody may have removed it: look in Find."
        )
    return record


def author_of(session: Session) -> Author:
    """Who writes in this transaction."""
    author: Author = session.info["author"]
    return author


def now_of(session: Session) -> datetime:
    """The moment of this transaction, UTC."""
    now: datetime = session.info["now"]
    return now


def needed(text: str, what: str) -> str:
    """The text without the blanks around it; raises HoldallError when nothing is left."""
    words = " ".join(text.split())
    if not words:
        raise HoldallError(f"{what} is missing.", "Write it, then go on.")
    return words


# Places


def add_venue(session: Session, name: str, address: str = "", postcode: str = "", note: str = "") -> Done:
    """A new place; the postcode may be left out (home visits have none)."""
    venue = Venue(
        name=needed(name, "The name of the place"),
        address=address.strip(),
        postcode=rules.read_postcode(postcode),
        note=note.strip(),
    )
    session.add(venue)
    return Done(venue.id, Changed.of(venue))


def change_venue(
    session: Session,
    venue_id: str,
    name: str | None = None,
    address: str | None = None,
    postcode: str | None = None,
    note: str | None = None,
    active: bool | None = None,
) -> Done:
    """Changes what is given of a place."""
    venue = get(session, Venue, venue_id)
    if name is not None:
        venue.name = needed(name, "The name of the place")
    if address is not None:
        venue.address = address.strip()
    if postcode is not None:
        venue.postcode = rules.read_postcode(postcode)
    if note is not None:
        venue.note = note.strip()
    if active is not None:
        venue.active = active
    return Done(venue.id, Changed.of(venue))


# Sessions


def plan_session(
    session: Session,
    venue_id: str,
    kind: SessionKind,
    starts_at: datetime,
    ends_at: datetime,
    volunteers: int = 0,
    open_now: bool = False,
    lead_name: str = "",
) -> Done:
    """A new session, planned or (open_now) open at once. The lead is the author unless somebody is named.

    Raises HoldallError for times that make no session.
    """
    venue = get(session, Venue, venue_id)
    rules.check_times(starts_at, ends_at)
    author = author_of(session)
    mine = lead_name.strip() in ("", author.name)
    made = OutreachSession(
        title=rules.session_title(kind, venue.name),
        venue_id=venue.id,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        state=SessionState.OPEN if open_now else SessionState.PLANNED,
        lead_id=author.user_id if mine else "",
        lead_name=author.name if mine else lead_name.strip(),
        volunteers=max(0, volunteers),
    )
    session.add(made)
    return Done(made.id, Changed.of(made))


def change_session(
    session: Session,
    session_id: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    volunteers: int | None = None,
    note: str | None = None,
) -> Done:
    """Changes what is given of a session that is not closed."""
    found = unlocked(session, session_id)
    if starts_at is not None or ends_at is not None:
        rules.check_times(starts_at or found.starts_at, ends_at or found.ends_at)
        found.starts_at, found.ends_at = starts_at or found.starts_at, ends_at or found.ends_at
    if volunteers is not None:
        found.volunteers = max(0, volunteers)
    if note is not None:
        found.note = note.strip()
    return Done(found.id, Changed.of(found))


def open_session(session: Session, session_id: str) -> Done:
    """Opens a planned session: the register can be filled."""
    found = get(session, OutreachSession, session_id)
    found.state = SessionState.OPEN
    return Done(found.id, Changed.of(found))


def close_session(
    session: Session,
    session_id: str,
    note: str = "",
    ends_at: datetime | None = None,
    nobody_came: bool = False,
) -> Done:
    """Closes a session; who has no leaving time counts for the session's length (rules.minutes_spent).

    No leaving time is made up in the store. Raises HoldallError when nobody was marked or counted and
    `nobody_came` does not say so, and for times that make no session.
    """
    found = unlocked(session, session_id)
    if found.state is not SessionState.OPEN:
        raise HoldallError("This session is not open.", "Open it first, or cancel it.")
    empty = not _anybody(session, session_id)
    if empty and not nobody_came:
        raise HoldallError(
            "Nobody is marked present and nothing is counted.", "Say that nobody came, or go back."
        )
    if ends_at is not None:
        rules.check_times(found.starts_at, ends_at)
        found.ends_at = ends_at
    found.note = note.strip() or found.note
    found.nobody_came = empty
    found.closed_at, found.closed_by = now_of(session), author_of(session).name
    found.state = SessionState.CLOSED
    return Done(found.id, Changed.of(found))


def reopen_session(session: Session, session_id: str, reason: str) -> Done:
    """Opens a closed session again; the reason stays in its history."""
    found = get(session, OutreachSession, session_id)
    found.reopen_reason = needed(reason, "The reason for reopening")
    found.state = SessionState.OPEN
    return Done(found.id, Changed.of(found))


def cancel_session(session: Session, session_id: str, reason: str) -> Done:
    """Cancels a session that has not been held; raises HoldallError when somebody was there."""
    found = unlocked(session, session_id)
    if _anybody(session, session_id):
        raise HoldallError("People came to this session.", "Close it instead of cancelling it.")
    found.cancel_reason = needed(reason, "The reason for cancelling")
    found.state = SessionState.CANCELLED
    return Done(found.id, Changed.of(found))


def unlocked(session: Session, session_id: str) -> OutreachSession:
    """A session that may be changed here; raises HoldallError when it is closed or cancelled.

    The lock stands here and not in the policy: what a second laptop marked before it heard of the closing
    still counts when it arrives.
    """
    found = get(session, OutreachSession, session_id)
    if found.state is SessionState.CLOSED:
        raise HoldallError("This session is closed.", "Reopen it with a reason to change its register.")
    if found.state is SessionState.CANCELLED:
        raise HoldallError("This session was cancelled.", "Plan a new one.")
    return found


def _anybody(session: Session, session_id: str) -> bool:
    named = select(Attendance.id).where(Attendance.session_id == session_id, Attendance.deleted.is_(False))
    counted = select(Press.id).where(Press.session_id == session_id, Press.deleted.is_(False))
    return bool(session.scalar(named.limit(1)) or session.scalar(counted.limit(1)))
