"""Who is who: whom two letters mean, who is here for the first time, which two records may be one person."""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.inclusion import codes, rules
from app.inclusion.service import get
from models.inclusion import Attendance, NotTheSame, OutreachSession, Person

OFFERED = 6
PAIRS = 5
ALIKE_LIMIT = 200
SEARCHED = 60


@dataclass(frozen=True)
class Pair:
    """Two records that may be one person."""

    keep: rules.Likeness
    other: rules.Likeness


def candidates(
    session: Session, session_id: str, typed: str, now: datetime, limit: int = OFFERED
) -> list[rules.Known]:
    """Who may be meant by what is typed in a register's search box, the likeliest first.

    Two letters or figures at least; words of the name by their beginnings, accents or none, or a code.
    People of this place come first, then everybody on record.
    """
    words = rules.typed_words(typed)
    if sum(map(len, words)) < 2:
        return []
    held = get(session, OutreachSession, session_id)
    signs = codes.tidy(typed) if codes.looks_like_code(typed) or codes.parse(typed) else ""
    marked = {v.person_id for v in visits_of(session, session_id, joined(session))}
    known = _regulars(session, held, words, signs, marked)
    if len(known) < limit:
        have = {one.person_id for one in known}
        known += [one for one in _anybody(session, words, signs, marked) if one.person_id not in have]
    known = [one for one in known if rules.matches(words, one.folded) or _coded(one.code, signs)]
    return rules.ranked(known, now, words)[:limit]


def _regulars(
    session: Session, held: OutreachSession, words: Sequence[str], signs: str, marked: Container[str]
) -> list[rules.Known]:
    """Those who have been to this place before and may be meant, the latest first."""
    wanted = and_(*(Person.folded.like(f"% {word}%") for word in words))
    if signs:
        wanted = or_(wanted, func.replace(Person.code, "-", "").like(f"{signs}%"))
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            Person.folded,
            Person.code,
            func.count(Attendance.session_id.distinct()),
            func.max(Attendance.came_at),
        )
        .join(Attendance, Attendance.person_id == Person.id)
        .where(
            Attendance.venue_id == held.venue_id,
            Attendance.deleted.is_(False),
            Attendance.session_id != held.id,
            Person.deleted.is_(False),
            Person.merged_into.is_(None),
            wanted,
        )
        .group_by(Person.id)
        .order_by(func.max(Attendance.came_at).desc())
        .limit(SEARCHED)
    )
    return [rules.Known(r[0], r[1], r[2], r[3], r[4], r[5], r[0] in marked) for r in rows]


def _anybody(session: Session, words: Sequence[str], signs: str, marked: Container[str]) -> list[rules.Known]:
    """Anybody on record who may be meant; ids come from an index alone, so that 50,000 people are quick."""
    likes = (Person.folded.like(f"% {word}%") for word in words)
    by_name = select(Person.folded, Person.id).where(*likes).order_by(Person.folded, Person.id)
    ids = [row[1] for row in session.execute(by_name.limit(SEARCHED))]
    if signs:
        start = signs[: codes.LENGTH]
        by_code = select(Person.id).where(Person.code >= start, Person.code < f"{start}~")
        ids += session.scalars(by_code.limit(SEARCHED))
    rows = session.execute(
        select(Person.id, Person.name, Person.folded, Person.code).where(
            Person.id.in_(ids), Person.deleted.is_(False), Person.merged_into.is_(None)
        )
    )
    return [rules.Known(r[0], r[1], r[2], r[3], here_now=r[0] in marked) for r in rows]


def _coded(code: str, signs: str) -> bool:
    return bool(signs) and code.replace("-", "").startswith(signs)


def alike_to(
    session: Session, name: str, year_of_birth: int | None, apart_from: str = ""
) -> list[rules.Likeness]:
    """Who on record may be the person of this name, at most six; the first are the likeliest."""
    words = rules.typed_words(name)
    if not words:
        return []
    statement = select(Person.id, Person.name, Person.code, Person.year_of_birth).where(
        Person.folded.like(f"% {words[-1]} %"),
        Person.deleted.is_(False),
        Person.merged_into.is_(None),
        Person.id != apart_from,
    )
    found = []
    for row in session.execute(statement.order_by(Person.folded, Person.id).limit(ALIKE_LIMIT)):
        reason = rules.alike(name, year_of_birth, row.name, row.year_of_birth)
        if reason is not None:
            found.append(rules.Likeness(row.id, row.name, row.code, reason))
    return sorted(found, key=lambda one: (not one.reason.startswith("the same name"), one.name))[:6]


def look_alikes(session: Session, limit: int = PAIRS) -> tuple[Pair, ...]:
    """Pairs of records that may be one person and about which nobody has answered yet.

    Only people with the very same name are compared here, so that it stays quick; the form for a new
    person looks further (register.alike_to).
    """
    doubled = (
        select(Person.folded)
        .where(Person.folded != " ")  # nothing else, so that the index alone is read
        .group_by(Person.folded)
        .having(func.count() > 1)
        .order_by(Person.folded)
        .limit(50)
    )
    names = list(session.scalars(doubled))
    if not names:
        return ()
    people = session.execute(
        select(Person.id, Person.name, Person.code, Person.year_of_birth, Person.folded)
        .where(Person.folded.in_(names), Person.deleted.is_(False), Person.merged_into.is_(None))
        .order_by(Person.folded, Person.id)
    ).all()
    apart = {
        tuple(row)
        for row in session.execute(
            select(NotTheSame.one_id, NotTheSame.other_id).where(NotTheSame.deleted.is_(False))
        )
    }
    pairs: list[Pair] = []
    for one, other in itertools.pairwise(people):
        reason = rules.alike(one.name, one.year_of_birth, other.name, other.year_of_birth)
        if one.folded != other.folded or reason is None or tuple(sorted((one.id, other.id))) in apart:
            continue
        keep = rules.Likeness(one.id, one.name, one.code, reason)
        pairs.append(Pair(keep, rules.Likeness(other.id, other.name, other.code, reason)))
    return tuple(pairs[:limit])


def canonical_id(session: Session, person_id: str) -> str:
    """The id of the record that a person's joined records point to; a ring ends at one of them."""
    seen: set[str] = set()
    while person_id not in seen:
        seen.add(person_id)
        into = session.scalar(select(Person.merged_into).where(Person.id == person_id))
        if into is None:
            return person_id
        person_id = into
    return min(seen)


def joined(session: Session) -> dict[str, str]:
    """Person id -> the id of the record that stands for them, for people with joined records."""
    joins = Person.merged_into > ""  # a range, which the index answers; "is not null" reads every person
    rows = session.execute(select(Person.id, Person.merged_into).where(joins))
    into = {one: str(other) for one, other in rows}
    return {one: _end(one, into) for one in into}


def _end(one: str, into: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while one in into and one not in seen:
        seen.add(one)
        one = into[one]
    return min(seen) if one in seen else one


def first_sessions(session: Session, person_ids: Sequence[str], same: Mapping[str, str]) -> dict[str, str]:
    """Person id -> the session of their very first attendance anywhere."""
    wanted = set(person_ids)
    asked = [*wanted, *(one for one, into in same.items() if into in wanted)]
    firsts: dict[str, tuple[datetime, str]] = {}
    for start in range(0, len(asked), 500):
        rows = session.execute(
            select(Attendance.person_id, Attendance.session_id, func.min(Attendance.came_at))
            .where(Attendance.person_id.in_(asked[start : start + 500]), Attendance.deleted.is_(False))
            .group_by(Attendance.person_id)
        )
        for person_id, session_id, came_at in rows:
            who = same.get(person_id, person_id)
            if who not in firsts or (came_at, session_id) < firsts[who]:
                firsts[who] = (came_at, session_id)
    return {who: session_id for who, (_, session_id) in firsts.items()}


def visits_of(session: Session, session_id: str, same: Mapping[str, str]) -> list[rules.Visit]:
    """Who was at one session, each person once; `same` is what `joined` gives."""
    rows = session.execute(
        select(
            Attendance.id,
            Attendance.person_id,
            Attendance.came_at,
            Attendance.left_at,
            Attendance.working_on,
        ).where(Attendance.session_id == session_id, Attendance.deleted.is_(False))
    )
    return rules.folded_visits(
        rules.Marking(row[0], same.get(row[1], row[1]), row[2], row[3], row[4]) for row in rows
    )


def names_of(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Person id -> name and code."""
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(ids), 500):
        rows = session.execute(
            select(Person.id, Person.name, Person.code).where(Person.id.in_(ids[start : start + 500]))
        )
        found.update({row[0]: (row[1], row[2]) for row in rows})
    return found
