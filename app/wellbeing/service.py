"""The acts: begin a check, answer, finish, keep a note. Every one writes sealed entries only.

All take the open Ring. Outside this person's memory an act has one name (vault.ACT), so neither history nor
the server learns which it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.wellbeing import entries, rules
from app.wellbeing.entries import Check, Note, PrivateLife
from app.wellbeing.instrument import HIGHEST, LOWEST, Instrument, bundled
from app.wellbeing.rules import SKIPPED, Answer, LastTime, Standing, Topic
from app.wellbeing.vault import Ring
from app.wording import local_date, plural
from models.base import mark_deleted
from models.changes import Author, Changed
from models.ids import new_id
from models.sealing import Randomness, SealBroken
from models.types import clean_text
from models.wellbeing import Entry

NOTE_LIMIT = 20_000


@dataclass(frozen=True)
class Result:
    """A finished check as it is shown: every area, what was found, the one thing to talk about."""

    check: Check
    before: Check | None
    last: LastTime | None
    standings: tuple[Standing, ...]
    finding: str
    topic: Topic | None


def start(
    session: Session, ring: Ring, check_id: str | None = None, randomness: Randomness = os.urandom
) -> tuple[Changed, str]:
    """Begins a check of the bundled questionnaire; gives what changed and the check's id."""
    instrument = bundled()
    check = Check(check_id or new_id(), instrument.id, instrument.edition, session.info["now"], None, {})
    body = entries.check_body(check)
    return _seal(session, ring, _part(session, check.id), None, body, randomness), check.id


def answer(
    session: Session,
    ring: Ring,
    check_id: str,
    number: int,
    code: Answer | None,
    randomness: Randomness = os.urandom,
) -> Changed:
    """Keeps one answer at once: a code 1 to 5, SKIPPED, or None to take it back.

    Raises NotFound for a check or statement that is not there, HoldallError for a code that is none.
    """
    if number not in {item.number for item in bundled().items}:
        raise NotFound(f"There is no question {number}.", "The check has 35.")
    if code is not None and code != SKIPPED and code not in range(LOWEST, HIGHEST + 1):
        raise HoldallError(f"“{code}” is no answer.", "Choose one of the five, or leave it out.")
    moment = session.info["now"]

    def change(body: dict[str, Any]) -> None:
        body["answers"][str(number)] = [code, entries.since(body["started"], moment)]

    return _change(session, ring, check_id, change, randomness)


def finish(session: Session, ring: Ring, check_id: str, randomness: Randomness = os.urandom) -> Changed:
    """Ends a check; raises HoldallError while a statement has neither answer nor "rather not say"."""
    check = _check(session, ring, check_id)
    left = check.left(bundled())
    if left:
        raise HoldallError(
            f"{plural(len(left), 'question')} {'is' if len(left) == 1 else 'are'} still open.",
            f"The next one is number {left[0]}; you may also leave it out.",
        )
    moment = session.info["now"]

    def change(body: dict[str, Any]) -> None:
        body["finished"] = entries.stamp(moment)

    return _change(session, ring, check_id, change, randomness)


def put_off(session: Session, ring: Ring, check_id: str) -> Changed:
    """Puts the one thing to talk about away ("Not now")."""

    def change(body: dict[str, Any]) -> None:
        body["put_off"] = True

    return _change(session, ring, check_id, change, os.urandom)


def keep_note(
    session: Session,
    ring: Ring,
    text: str,
    about: str = "",
    note_id: str | None = None,
    randomness: Randomness = os.urandom,
) -> tuple[Changed, str]:
    """Keeps a note, or the new wording of one; gives what changed and its id.

    Raises HoldallError for an empty note and BadText for text that cannot be kept.
    """
    words = clean_text(text, NOTE_LIMIT).strip()
    if not words:
        raise HoldallError("The note is empty.", "Write a word, or leave it.")
    note = Note(note_id or new_id(), words, about, session.info["now"])
    part = _part(session, note.id)
    record = session.get(Entry, part)
    return _seal(session, ring, part, record, entries.note_body(note), randomness), note.id


def remove(session: Session, ring: Ring, thing_id: str) -> Changed:
    """Removes a check or a note, every laptop's part of it; Undo brings it back."""
    changed = Changed()
    for entry in _live(session):
        try:
            body = ring.unseal(entries.TYPE, entry.id, entry.sealed)
        except SealBroken:
            continue
        if body.get("thing") == thing_id:
            mark_deleted(entry)
            changed |= Changed.of(entry)
    if not changed.ids:
        raise NotFound("This is not in your vault any more.", "It may have been removed on another laptop.")
    return changed


def result(life: PrivateLife, check: Check, instrument: Instrument | None = None) -> Result:
    """A finished check with its figures, held against the one before."""
    made = instrument or bundled()
    before = life.before(check)
    last = rules.last_time(local_date(before.at), local_date(check.at)) if before else None
    earlier = before.answers if before else None
    stood = rules.standings(made, check.answers, earlier)
    found = rules.finding(stood, last)
    return Result(check, before, last, stood, found, rules.topic(made, stood, check.answers, earlier))


def topic_for(shown: Result, key: str, instrument: Instrument | None = None) -> Topic:
    """What is behind one area of a result, chosen by the person."""
    standing = next(s for s in shown.standings if s.scale.key == key)
    earlier = shown.before.answers if shown.before else None
    return rules.topic_of(instrument or bundled(), standing, shown.check.answers, earlier)


# -- writing -----------------------------------------------------------------------------------------


def _live(session: Session) -> list[Entry]:
    author: Author = session.info["author"]
    statement = select(Entry).where(Entry.scope == author.scope("user"), Entry.deleted.is_(False))
    return list(session.scalars(statement.order_by(Entry.id)))


def _check(session: Session, ring: Ring, check_id: str) -> Check:
    check = entries.read(session, ring, session.info["author"]).check(check_id)
    if check is None:
        raise NotFound(
            "This check is not in your vault any more.", "It may have been removed on another laptop."
        )
    return check


def _part(session: Session, thing_id: str) -> str:
    """The id of this laptop's part of a thing."""
    author: Author = session.info["author"]
    return entries.part_id(thing_id, author.device_id)


def _change(
    session: Session,
    ring: Ring,
    check_id: str,
    change: Callable[[dict[str, Any]], None],
    randomness: Randomness,
) -> Changed:
    """Changes this laptop's part of a check, making it first where only others have one.

    Raises NotFound when the check was removed.
    """
    part = _part(session, check_id)
    record = session.get(Entry, part)
    if record is None or record.deleted:
        body = entries.check_body(_check(session, ring, check_id))
        body["started"] = entries.stamp(session.info["now"])
    else:
        body = ring.unseal(entries.TYPE, part, record.sealed)
    change(body)
    return _seal(session, ring, part, record, body, randomness)


def _seal(
    session: Session,
    ring: Ring,
    record_id: str,
    record: Entry | None,
    body: dict[str, Any],
    randomness: Randomness,
) -> Changed:
    sealed = ring.seal(entries.TYPE, record_id, body, randomness)
    if record is None:
        record = Entry(id=record_id, sealed=sealed)
        session.add(record)
    else:
        record.sealed = sealed
        record.deleted = False
    return Changed.of(record)
