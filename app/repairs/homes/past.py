"""What was reported before: at a home, in its block, in its stack of flats; and what that calls to mind.

A repair may be the same one again (same code, or same place and problem, open or completed within 28 days),
one trade may have come again and again (3 in 12 months), and leaks below each other may have one cause (3
in one stack in 60 days). The figures stand in resources/repairs/memory.json; nothing is joined by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.repairs import rules, words
from app.repairs.homes.alerts import AlertView, alerts_at
from app.repairs.homes.flags import Flag, flags_of, home_at
from app.repairs.places import fold
from app.repairs.tree import Tree
from app.repairs.trees import tree_to_show
from app.wording import LONDON, day_month, local_date
from models.repairs import EXITS, OPEN, Emergency, Outcome, Property, Repair, State

FIRST_QUESTIONS = frozenset({"danger", "kind"})
NOT_BEFORE = (State.DRAFT, State.CANCELLED)
PATTERN_LIMIT = 40
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True)
class Thresholds:
    """From how many, in how long, an earlier repair is called to mind."""

    duplicate_days: int
    repeat_count: int
    repeat_months: int
    pattern_count: int
    pattern_days: int
    leak_words: tuple[str, ...]


@cache
def thresholds() -> Thresholds:
    """The figures of resources/repairs/memory.json, read once a run."""
    text = resources.files("resources").joinpath("repairs", "memory.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return Thresholds(
        table["duplicate_days"],
        table["repeat_count"],
        table["repeat_months"],
        table["pattern_count"],
        table["pattern_days"],
        tuple(table["leak_words"]),
    )


@dataclass(frozen=True)
class PastRepair:
    """An earlier repair. `same_code` says that it may be the one that is told of now."""

    id: str
    reference: str
    title: str
    reported_at: datetime
    state: State
    same_code: bool
    address: str = ""
    trade: str = ""
    target_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it is still on its way."""
        return self.state in OPEN


@dataclass(frozen=True)
class Repeat:
    """One trade that comes to a home again and again, this time counted."""

    trade: str
    count: int
    months: int


@dataclass(frozen=True)
class Pattern:
    """Leaks in the flats of one stack, this one counted: perhaps one cause."""

    block: str
    stack: str
    count: int
    homes: int
    days: int
    repairs: tuple[PastRepair, ...]


@dataclass(frozen=True)
class Memory:
    """What a home calls to mind while a repair is asked about."""

    past: tuple[PastRepair, ...] = ()
    same: tuple[PastRepair, ...] = ()  # it may be one of these again, the newest first
    repeat: Repeat | None = None
    pattern: Pattern | None = None
    flags: tuple[Flag, ...] = ()
    alerts: tuple[AlertView, ...] = field(default=())


def memory_of(session: Session, repair: Repair, today: date) -> Memory:
    """What is known of the place of a repair, and which earlier repairs it may be again."""
    home = home_at(session, repair.property_id, repair.place_key)
    past = past_repairs(session, repair, today, limit=40)
    return Memory(
        past[:5],
        tuple(p for p in past if p.same_code),
        _repeat(repair, past),
        _pattern(session, repair, home, today),
        flags_of(home, today) if home else (),
        alerts_at(session, repair.place_key, today, home.block if home else None),
    )


# -- the same home ---------------------------------------------------------------------------------


def past_repairs(session: Session, repair: Repair, today: date, limit: int = 5) -> tuple[PastRepair, ...]:
    """Repairs at the same address in the last twelve months, newest first, those that may be this one again
    marked."""
    if not repair.place_key:
        return ()
    where = Repair.place_key == repair.place_key, Repair.id != repair.id
    found = session.scalars(_since(today, thresholds().repeat_months, *where).limit(limit))
    tree = tree_to_show(session, repair)
    return tuple(_past(r, _same(r, repair, tree, today)) for r in found)


def _since(today: date, months: int, *where: ColumnElement[bool]) -> Select[Repair]:
    since = rules.end_of_day(today) - timedelta(days=366 * months // 12)
    return (
        select(Repair)
        .where(
            *where, Repair.reported_at >= since, Repair.deleted.is_(False), Repair.state.not_in(NOT_BEFORE)
        )
        .order_by(Repair.reported_at.desc(), Repair.id.desc())
    )


def _past(r: Repair, same: bool = False) -> PastRepair:
    return PastRepair(
        r.id,
        r.reference,
        r.title,
        r.reported_at,
        r.state,
        same,
        f"{r.address} {r.postcode}".strip(),
        r.trade or "",
        r.target_at,
        r.completed_at,
    )


def _same(other: Repair, repair: Repair, tree: Tree, today: date) -> bool:
    """Whether another repair may be this one: open, or ended lately, with the same code or the same place
    and problem."""
    by_code = bool(repair.code) and other.code == repair.code
    if not by_code and not _same_problem(other, repair, tree):
        return False
    if other.state in OPEN:
        return True
    ended = other.completed_at or (other.reported_at if other.state in EXITS else None)
    return ended is not None and (today - local_date(ended)).days <= thresholds().duplicate_days


def _same_problem(other: Repair, repair: Repair, tree: Tree) -> bool:
    """Whether the first two answers after danger and kind, the place and the problem, are the same."""
    given = [g for g in tree.way(repair.answers).given if g.question.id not in FIRST_QUESTIONS][:2]
    if len(given) < 2:
        return False
    return all(other.answers.get(g.question.id) == g.answer.value for g in given)


def _repeat(repair: Repair, past: Sequence[PastRepair]) -> Repeat | None:
    asked = thresholds()
    if not repair.trade:
        return None
    count = 1 + sum(p.trade == repair.trade for p in past)
    return Repeat(repair.trade, count, asked.repeat_months) if count >= asked.repeat_count else None


# -- block and stack -------------------------------------------------------------------------------


def is_leak(title: str) -> bool:
    """Whether a repair's title tells of water that gets out."""
    plain = f" {fold(title)} "
    return any(f" {word} " in plain for word in thresholds().leak_words)


def _pattern(session: Session, repair: Repair, home: Property | None, today: date) -> Pattern | None:
    if home is None or not home.block or not home.stack or not is_leak(repair.title):
        return None
    return _stack_pattern(session, home, today, repair)


def _stack_pattern(
    session: Session, home: Property, today: date, now_asked: Repair | None = None
) -> Pattern | None:
    asked = thresholds()
    since = rules.end_of_day(today) - timedelta(days=asked.pattern_days + 1)
    where = (Repair.place_key.in_(places_of(home.block or "", home.stack)), Repair.reported_at > since)
    lately = session.scalars(_since(today, asked.repeat_months, *where).limit(PATTERN_LIMIT))
    others = [r for r in lately if now_asked is None or r.id != now_asked.id]
    found = [r for r in others if is_leak(r.title)]
    count = len(found) + (now_asked is not None)
    places = {r.place_key for r in found} | ({now_asked.place_key} if now_asked is not None else set())
    if count < asked.pattern_count or len(places) < 2:
        return None
    past = tuple(_past(r) for r in found)
    return Pattern(home.block or "", home.stack, count, len(places), asked.pattern_days, past)


def places_of(block: str, stack: str = "") -> Select[str]:
    """The places of the homes of a block, or of one stack of it."""
    statement = select(Property.place_key).where(Property.block == block, Property.deleted.is_(False))
    return statement.where(Property.stack == stack) if stack else statement


@dataclass(frozen=True)
class HomePast:
    """What was reported at a home, and around it."""

    here: tuple[PastRepair, ...]
    stack: tuple[PastRepair, ...]  # flats above and below, not this one
    block: tuple[PastRepair, ...]  # the rest of the block with its shared parts
    pattern: Pattern | None


def past_of_home(session: Session, home: Property, today: date, limit: int = 20) -> HomePast:
    """The repairs of the last twelve months at a home, in its stack and in its block, newest first."""
    months = thresholds().repeat_months

    def read(*where: ColumnElement[bool]) -> tuple[PastRepair, ...]:
        return tuple(_past(r) for r in session.scalars(_since(today, months, *where).limit(limit)))

    here = read(Repair.place_key == home.place_key)
    if not home.block:
        return HomePast(here, (), (), None)
    elsewhere = Repair.place_key != home.place_key
    in_stack = Repair.place_key.in_(places_of(home.block, home.stack))
    in_block = Repair.place_key.in_(places_of(home.block))
    stack = read(elsewhere, in_stack) if home.stack else ()
    rest = (elsewhere, in_block, Repair.place_key.not_in(places_of(home.block, home.stack)))
    block = read(*rest) if home.stack else read(elsewhere, in_block)
    return HomePast(here, stack, block, _stack_pattern(session, home, today) if home.stack else None)


def emergencies_of(session: Session, repair_id: str) -> int:
    """How many emergencies of a repair stand on record and were not taken back."""
    statement = select(Emergency.id).where(
        Emergency.repair_id == repair_id,
        Emergency.deleted.is_(False),
        or_(Emergency.outcome.is_(None), Emergency.outcome != Outcome.RETRACTED),
    )
    return len(session.scalars(statement).all())


# -- words -----------------------------------------------------------------------------------------


def past_words(past: Sequence[PastRepair]) -> str:
    """What was reported before at the address, in a sentence; "" for nothing."""
    if not past:
        return ""
    same = next((p for p in past if p.same_code), None)
    newest = same or past[0]
    when = day_month(newest.reported_at.astimezone(LONDON).date())
    if same is not None:
        return (
            f"The same repair was reported here on {when} ({same.reference}). "
            "This may be a chase, not a new one."
        )
    count = words.counted(len(past), "repair")
    return (
        f"{count[0].upper()}{count[1:]} here in the last year, the newest on {when}: {newest.title.lower()}."
    )


def repeat_words(repeat: Repeat) -> str:
    """ "This is the third job for the plumber here in 12 months: ask what was not put right"."""
    ordinal = ORDINALS[repeat.count] if repeat.count < len(ORDINALS) else f"{repeat.count}th"
    trade = repeat.trade.lower()
    return (
        f"This is the {ordinal} job for the {trade} here in {repeat.months} months. Was the cause put right?"
    )


def pattern_words(pattern: Pattern) -> str:
    """ "Three leaks in 60 days in the east stack of Castle Court, in two flats: look for one cause"."""
    count = words.counted(pattern.count, "leak")
    homes = words.counted(pattern.homes, "home")
    return (
        f"{count[0].upper()}{count[1:]} in {pattern.days} days in stack “{pattern.stack}” of "
        f"{pattern.block}, in {homes}. They may have one cause: have the shared pipe looked at."
    )
