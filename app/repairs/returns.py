"""What the regulator's return counts: repairs completed within the council's own published time.

RP02 (1) is of repairs that were no emergencies, RP02 (2) of emergencies: completed in time, of those
completed, homes and shared parts alike (Tenant Satisfaction Measures). The time is the council's own band,
even where a law set an earlier date. What a return leaves out besides is for the council to say: each repair
is listed with its target, so it can be taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.repairs import words
from app.repairs.rules import end_of_day
from app.repairs.tables import BandTable
from models.repairs import Clock, Repair, State

EMERGENCY = "emergency"
OTHER_MEASURE, EMERGENCY_MEASURE = "RP02 (1)", "RP02 (2)"
YEAR_BEGINS = (4, 1)  # the return's year: 1 April


@dataclass(frozen=True)
class Counted:
    """One completed repair as the return counts it."""

    id: str
    band: str
    target_at: datetime | None  # by the council's own band; None where no band was kept
    completed_at: datetime

    @property
    def measure(self) -> str:
        """Which of the two measures it belongs to."""
        return EMERGENCY_MEASURE if self.band == EMERGENCY else OTHER_MEASURE

    @property
    def in_target(self) -> bool:
        """Whether it was completed by the end of the council's own time."""
        return self.target_at is not None and self.completed_at <= self.target_at


@dataclass(frozen=True)
class Share:
    """A numerator and a denominator."""

    met: int
    of: int

    @property
    def percent(self) -> str:
        """The share to one place, "–" of nothing."""
        if not self.of:
            return "–"
        tenths = (self.met * 2_000 + self.of) // (2 * self.of)  # half up, whole numbers only
        return f"{tenths // 10}.{tenths % 10}%"

    def __add__(self, other: Share) -> Share:
        return Share(self.met + other.met, self.of + other.of)


def own_target() -> ColumnElement[datetime | None]:
    """The date by the council's own band, beside a repair; the earliest date where none was kept."""
    own = (
        select(func.min(Clock.due_at))
        .where(
            Clock.repair_id == Repair.id,
            Clock.deleted.is_(False),
            Clock.case_id.is_(None),
            Clock.rule_id.like("%-" + func.upper(Repair.band)),
        )
        .correlate(Repair)
        .scalar_subquery()
    )
    return func.coalesce(own, Repair.target_at, type_=Repair.target_at.type)


def completed(session: Session, first: date, last: date) -> Iterator[Counted]:
    """The repairs completed on days from `first` to `last`, London time, oldest first."""
    after, until = end_of_day(first - timedelta(days=1)), end_of_day(last)
    statement = (
        select(Repair.id, Repair.band, own_target(), Repair.completed_at)
        .where(
            Repair.deleted.is_(False),
            and_(Repair.state == State.COMPLETED, Repair.completed_at > after, Repair.completed_at <= until),
        )
        .order_by(Repair.completed_at, Repair.id)
    )
    for repair_id, band, target_at, completed_at in session.execute(statement):
        if completed_at is not None:
            yield Counted(repair_id, band or "", target_at, completed_at)


def shares(done: Iterator[Counted] | list[Counted]) -> dict[str, Share]:
    """How many were completed in time, of how many, by band."""
    found: dict[str, Share] = {}
    for each in done:
        found[each.band] = found.get(each.band, Share(0, 0)) + Share(int(each.in_target), 1)
    return found


def year_start(day: date) -> date:
    """The first day of the return's year that a day lies in."""
    start = date(day.year, *YEAR_BEGINS)
    return start if day >= start else date(day.year - 1, *YEAR_BEGINS)


def target_words(table: BandTable, band: str) -> str:
    """The published time of a band in words: "20 working days"; "" for an unknown one."""
    rule = table.bands.get(band)
    return words.unit_words(rule.amount, rule.unit) if rule else ""


def measures(by_band: dict[str, Share]) -> dict[str, Share]:
    """The two measures from the shares by band."""
    emergency = by_band.get(EMERGENCY, Share(0, 0))
    others = sum((share for band, share in by_band.items() if band != EMERGENCY), Share(0, 0))
    return {OTHER_MEASURE: others, EMERGENCY_MEASURE: emergency}
