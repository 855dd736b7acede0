"""Private things and their parts: how a check or a note is written into sealed entries and read out again.

Each laptop writes a part of its own for each thing, under an id that follows from both, so no sealed record
is ever written on two laptops. What is read is all parts together:
- of an answer given on two laptops the later one counts
- of a note the latest wording counts
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.wellbeing.instrument import HIGHEST, LOWEST, Instrument
from app.wellbeing.rules import SKIPPED, Answer
from app.wellbeing.vault import Ring
from models.changes import Author
from models.sealing import SealBroken
from models.wellbeing import Entry

TYPE = Entry.__tablename__
CHECK, NOTE = "check", "note"


@dataclass(frozen=True)
class Check:
    """One round of a questionnaire, answered in one go or in many."""

    id: str
    instrument: str
    edition: int
    started: datetime
    finished: datetime | None
    answers: Mapping[int, Answer] = field(repr=False)
    put_off: bool = False  # the one thing to talk about was put away with "Not now"

    def left(self, instrument: Instrument) -> list[int]:
        """The numbers of the statements that have no answer yet, in order."""
        return [item.number for item in instrument.items if item.number not in self.answers]

    @property
    def at(self) -> datetime:
        """When it was finished, or begun."""
        return self.finished or self.started


@dataclass(frozen=True)
class Note:
    """Something to remember for a talk, in the person's own words."""

    id: str
    text: str = field(repr=False)
    about: str  # the key of an area, or empty
    at: datetime


@dataclass(frozen=True)
class PrivateLife:
    """Everything in a person's vault: checks and notes, newest first, and what did not open."""

    checks: tuple[Check, ...] = ()
    notes: tuple[Note, ...] = ()
    broken: int = 0

    def check(self, check_id: str) -> Check | None:
        """One check, or None."""
        return next((c for c in self.checks if c.id == check_id), None)

    def finished(self) -> tuple[Check, ...]:
        """The checks that were answered to the end, newest first."""
        return tuple(c for c in self.checks if c.finished is not None)

    def open_check(self) -> Check | None:
        """The newest check that waits to be answered to the end."""
        return next((c for c in self.checks if c.finished is None), None)

    def before(self, check: Check) -> Check | None:
        """The finished check before this one with the same statements; others are never held against it."""
        same = [
            c
            for c in self.finished()
            if (c.instrument, c.edition) == (check.instrument, check.edition) and c.at < check.at
        ]
        return same[0] if same else None


def part_id(thing_id: str, device_id: str) -> str:
    """The id of a laptop's part of a thing: the moment of the thing, the rest a hash of thing and laptop."""
    moment = int(thing_id.replace("-", "")[:12], 16)
    bits = int.from_bytes(hashlib.blake2b(f"{thing_id}|{device_id}".encode(), digest_size=10).digest(), "big")
    number = moment << 80 | 0x7 << 76 | (bits >> 62 & 0xFFF) << 64 | 0x2 << 62 | bits & ((1 << 62) - 1)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


# -- bodies ------------------------------------------------------------------------------------------


def check_body(check: Check) -> dict[str, Any]:
    """What is sealed of one laptop's part of a check, before its answers."""
    return {
        "kind": CHECK,
        "thing": check.id,
        "instrument": check.instrument,
        "edition": check.edition,
        "started": stamp(check.started),
        "finished": stamp(check.finished) if check.finished else None,
        "put_off": check.put_off,
        "answers": {},
    }


def note_body(note: Note) -> dict[str, Any]:
    """What is sealed of a note."""
    return {
        "kind": NOTE,
        "thing": note.id,
        "text": note.text,
        "about": note.about,
        "at": stamp(note.at),
    }


def stamp(moment: datetime) -> str:
    """A moment as bodies hold it: UTC, whole seconds, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def since(started: str, moment: datetime) -> int:
    """Whole seconds from the start of a part to a moment: how the time of an answer is kept."""
    return round((moment - datetime.fromisoformat(started)).total_seconds())


# -- reading -----------------------------------------------------------------------------------------


def read(session: Session, ring: Ring, author: Author) -> PrivateLife:
    """Everything a person wrote, on whichever laptop. What does not open is counted, never shown."""
    statement = select(Entry).where(Entry.scope == author.scope("user"), Entry.deleted.is_(False))
    bodies: list[dict[str, Any]] = []
    broken = 0
    for entry in session.scalars(statement.order_by(Entry.id)):
        try:
            body = ring.unseal(TYPE, entry.id, entry.sealed)
        except SealBroken:
            broken += 1
            continue
        if isinstance(body, dict):
            bodies.append(body)
    checks, notes, odd = _joined(bodies)
    return PrivateLife(checks, notes, broken + odd)


def _joined(bodies: Iterable[Mapping[str, Any]]) -> tuple[tuple[Check, ...], tuple[Note, ...], int]:
    parts: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for body in bodies:
        parts.setdefault((str(body.get("kind")), str(body.get("thing"))), []).append(body)
    checks: list[Check] = []
    notes: list[Note] = []
    odd = 0
    for (kind, _), some in parts.items():
        try:
            if kind == CHECK:
                checks.append(_check(some))
            elif kind == NOTE:
                notes.append(_note(some))
        except (KeyError, TypeError, ValueError):
            odd += len(some)
    checks.sort(key=lambda c: (c.at, c.id), reverse=True)
    notes.sort(key=lambda n: (n.at, n.id), reverse=True)
    return tuple(checks), tuple(notes), odd


def _check(parts: list[Mapping[str, Any]]) -> Check:
    """The check that its parts make together; the later answer to a statement counts."""
    given: dict[int, tuple[datetime, Answer | None]] = {}
    for part in parts:
        started = datetime.fromisoformat(part["started"])
        for number, (code, seconds) in part["answers"].items():
            at = started + timedelta(seconds=int(seconds))
            if int(number) not in given or given[int(number)][0] <= at:
                given[int(number)] = (at, _code(code))
    first = parts[0]
    ends = [datetime.fromisoformat(part["finished"]) for part in parts if part["finished"]]
    return Check(
        id=str(first["thing"]),
        instrument=str(first["instrument"]),
        edition=int(first["edition"]),
        started=min(datetime.fromisoformat(part["started"]) for part in parts),
        finished=min(ends) if ends else None,
        answers={number: code for number, (_, code) in sorted(given.items()) if code is not None},
        put_off=any(bool(part["put_off"]) for part in parts),
    )


def _code(code: Any) -> Answer | None:
    if code is None or code == SKIPPED:
        return None if code is None else SKIPPED
    if isinstance(code, bool) or not isinstance(code, int) or not LOWEST <= code <= HIGHEST:
        raise ValueError("not an answer")
    return code


def _note(parts: list[Mapping[str, Any]]) -> Note:
    latest = max(parts, key=lambda part: str(part["at"]))
    return Note(
        str(latest["thing"]),
        str(latest["text"]),
        str(latest["about"]),
        datetime.fromisoformat(latest["at"]),
    )


def put_together(check: Check, number: int, answer: Answer | None) -> Check:
    """The check with one answer more or one less: what a screen shows before the store has it."""
    answers = {n: code for n, code in check.answers.items() if n != number}
    if answer is not None:
        answers[number] = answer
    return replace(check, answers=dict(sorted(answers.items())))
