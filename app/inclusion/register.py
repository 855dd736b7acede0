"""The acts at the door: mark present, leave, working on, a new person, one press of the tally pad."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.inclusion import codes, rules
from app.inclusion.people import canonical_id
from app.inclusion.service import Done, author_of, get, needed, now_of, unlocked
from app.wording import local_date
from models.base import mark_deleted
from models.changes import Changed
from models.inclusion import (
    AgeBand,
    Answer,
    Attendance,
    NotTheSame,
    OutreachSession,
    Person,
    Press,
    SessionState,
)

MANY_PEOPLE = 2_000  # past this number codes get a fifth sign: one chance in a million turns into thirty


@dataclass(frozen=True)
class Counted:
    """One press, or one taken back: the band it was about, and the change."""

    band: AgeBand
    changed: Changed


def mark_present(session: Session, session_id: str, person_id: str, at: datetime | None = None) -> Done:
    """Marks a person present (now, unless `at` is given); the Done names the person.

    Marking somebody twice changes nothing; marking somebody who left means that they are back. A planned
    session is opened by its first arrival.
    """
    held = _for_register(session, session_id)
    person = get(session, Person, canonical_id(session, person_id))
    rows = _rows(session, held.id, person.id)
    if rows:
        for row in rows:
            row.left_at = None
        return Done(person.id, Changed.of(held, person, *rows))
    row = Attendance(
        session_id=held.id, venue_id=held.venue_id, person_id=person.id, came_at=at or now_of(session)
    )
    session.add(row)
    return Done(person.id, Changed.of(held, person, row))


def unmark(session: Session, session_id: str, person_id: str) -> Done:
    """Takes a person out of the register of a session: they were marked by mistake."""
    unlocked(session, session_id)
    rows = _needed_rows(session, session_id, person_id)
    for row in rows:
        mark_deleted(row)
    return Done(person_id, Changed.of(*rows))


def leave(session: Session, session_id: str, person_id: str, at: datetime | None = None) -> Done:
    """Writes down when a person left (now, unless `at` is given).

    Raises HoldallError for a time before they came or after now.
    """
    unlocked(session, session_id)
    rows = _needed_rows(session, session_id, person_id)
    left = at or now_of(session)
    if left < min(row.came_at for row in rows):
        raise HoldallError("The leaving time is before they came.", "Write a later time.")
    if left > now_of(session):
        raise HoldallError("The leaving time has not come yet.", "Write it when they leave.")
    for row in rows:
        row.left_at = left
    return Done(person_id, Changed.of(*rows))


def work_on(session: Session, session_id: str, person_id: str, words: str) -> Done:
    """Writes down what a person is working on, in a few words; empty takes it away."""
    unlocked(session, session_id)
    rows = _needed_rows(session, session_id, person_id)
    for row in rows:
        row.working_on = " ".join(words.split())
    return Done(person_id, Changed.of(*rows))


def add_person(
    session: Session,
    name: str,
    year_of_birth: int | None = None,
    postcode: str = "",
    year_answer: Answer | None = None,
    postcode_answer: Answer | None = None,
    pick: Callable[[str], str] = secrets.choice,
) -> Done:
    """A new person with a fresh learner code.

    An answer that was not given is kept as the kind of non-answer it is (not asked, unless said).
    """
    found = rules.read_postcode(postcode)
    person = Person(
        name=needed(name, "The name"),
        code=_fresh_code(session, pick),
        year_of_birth=year_of_birth,
        year_answer=Answer.GIVEN if year_of_birth is not None else year_answer or Answer.NOT_ASKED,
        postcode=found,
        postcode_answer=Answer.GIVEN if found else postcode_answer or Answer.NOT_ASKED,
    )
    session.add(person)
    return Done(person.id, Changed.of(person))


def change_person(
    session: Session,
    person_id: str,
    name: str | None = None,
    year_of_birth: str | None = None,
    postcode: str | None = None,
) -> Done:
    """Changes what is given of a person; year and postcode as typed, empty takes the answer away."""
    person = get(session, Person, person_id)
    if name is not None:
        person.name = needed(name, "The name")
    if year_of_birth is not None:
        year = rules.read_year_of_birth(year_of_birth, local_date(now_of(session)))
        person.year_of_birth = year
        person.year_answer = Answer.GIVEN if year is not None else Answer.NOT_ASKED
    if postcode is not None:
        person.postcode = rules.read_postcode(postcode)
        person.postcode_answer = Answer.GIVEN if person.postcode else Answer.NOT_ASKED
    return Done(person.id, Changed.of(person))


def add_and_mark(
    session: Session,
    session_id: str,
    name: str,
    year_of_birth: int | None = None,
    postcode: str = "",
    year_answer: Answer | None = None,
    postcode_answer: Answer | None = None,
) -> Done:
    """A new person, marked present in the same act, so that one Undo takes back both."""
    made = add_person(session, name, year_of_birth, postcode, year_answer, postcode_answer)
    session.flush()
    marked = mark_present(session, session_id, made.id)
    return Done(made.id, made.changed | marked.changed)


def join_people(session: Session, keep_id: str, other_id: str) -> Done:
    """Says that two records are one person: the other points at the kept one, and can be parted again.

    Raises HoldallError when they are joined already.
    """
    keep, other = get(session, Person, keep_id), get(session, Person, other_id)
    if keep.merged_into or other.merged_into or keep.id == other.id:
        raise HoldallError("These two are joined already.", "Look at the list again.")
    for joined in session.scalars(select(Person).where(Person.merged_into == other.id)):
        joined.merged_into = keep.id
    other.merged_into = keep.id
    if keep.year_of_birth is None and other.year_of_birth is not None:
        keep.year_of_birth, keep.year_answer = other.year_of_birth, Answer.GIVEN
    if not keep.postcode and other.postcode:
        keep.postcode, keep.postcode_answer = other.postcode, Answer.GIVEN
    return Done(keep.id, Changed.of(keep, other))


def keep_apart(session: Session, one_id: str, other_id: str) -> Done:
    """Says that two records that look alike are two people."""
    low, high = sorted((one_id, other_id))
    answer = NotTheSame(one_id=low, other_id=high)
    session.add(answer)
    return Done(answer.id, Changed.of(answer))


def press(session: Session, session_id: str, band: AgeBand) -> Counted:
    """Counts one visit without a name."""
    held = _for_register(session, session_id)
    row = Press(
        session_id=held.id, band=band, pressed_at=now_of(session), device_id=author_of(session).device_id
    )
    session.add(row)
    return Counted(band, Changed.of(held, row))


def take_back(session: Session, session_id: str) -> Counted:
    """Takes back the last press made on this laptop; raises HoldallError when there is none."""
    unlocked(session, session_id)
    statement = select(Press).where(
        Press.session_id == session_id,
        Press.deleted.is_(False),
        Press.device_id == author_of(session).device_id,
    )
    row = session.scalars(statement.order_by(Press.pressed_at.desc(), Press.id.desc()).limit(1)).first()
    if row is None:
        raise HoldallError("There is no press of this laptop to take back.", "The count is as you left it.")
    mark_deleted(row)
    return Counted(row.band, Changed.of(row))


def _for_register(session: Session, session_id: str) -> OutreachSession:
    held = unlocked(session, session_id)
    if held.state is SessionState.PLANNED:
        if local_date(held.starts_at) > local_date(now_of(session)):
            raise HoldallError(
                "This session is on a later day.", "Open today’s session, or plan one for now."
            )
        held.state = SessionState.OPEN
    return held


def _rows(session: Session, session_id: str, person_id: str) -> list[Attendance]:
    """The live rows of one person at one session, whichever of their joined records they were made for."""
    same = select(Person.id).where(or_(Person.id == person_id, Person.merged_into == person_id))
    statement = select(Attendance).where(
        Attendance.session_id == session_id,
        Attendance.person_id.in_(same),
        Attendance.deleted.is_(False),
    )
    return list(session.scalars(statement.order_by(Attendance.id)))


def _needed_rows(session: Session, session_id: str, person_id: str) -> list[Attendance]:
    rows = _rows(session, session_id, canonical_id(session, person_id))
    if not rows:
        raise HoldallError("This person is not in the register.", "Mark them present first.")
    return rows


def _fresh_code(session: Session, pick: Callable[[str], str]) -> str:
    class Taken:
        """The codes on record, asked one at a time."""

        def __contains__(self, code: object) -> bool:
            return session.scalar(select(Person.id).where(Person.code == str(code)).limit(1)) is not None

    some = select(Person.id).limit(MANY_PEOPLE + 1).subquery()
    many = (session.scalar(select(func.count()).select_from(some)) or 0) > MANY_PEOPLE
    return codes.new_code(pick, Taken(), codes.LENGTH + 1 if many else codes.LENGTH)
