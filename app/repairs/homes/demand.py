"""Failure demand: how much of what people ring about is a repair that was not done right the first time.

A call is a new report, a chase, something new about a repair, or a visit where nobody was let in. Calls that
the council makes itself are told beside them and not counted as demand. Chases are failure demand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs import rules
from app.repairs.homes.contacts import REASON_WORDS
from app.sheets import csv_bytes
from app.wording import local_date
from models.repairs import ChaseReason, Contact, ContactKind, Repair, State

WEEKS = 8
NOT_REPORTED = (State.DRAFT, State.CANCELLED)
MOST_CHASED = 10
NO_TRADE = "No trade yet"


@dataclass(frozen=True)
class WeekOfCalls:
    """The calls of one week, from its Monday."""

    monday: date
    reports: int
    chases: int
    updates: int
    no_access: int

    @property
    def calls(self) -> int:
        """Everything that people rang about."""
        return self.reports + self.chases + self.updates + self.no_access


@dataclass(frozen=True)
class Chased:
    """A repair with the chases of the period and its date."""

    reference: str
    title: str
    address: str
    trade: str
    chases: int
    target_at: datetime | None
    state: State


@dataclass(frozen=True)
class TradeDemand:
    """The reports and chases of one trade."""

    trade: str
    reports: int
    chases: int


@dataclass(frozen=True)
class Demand:
    """The calls of a period, whole weeks from Monday to Sunday."""

    start: date
    end: date
    weeks: tuple[WeekOfCalls, ...]
    reasons: tuple[tuple[ChaseReason, int], ...]  # every reason, the most first
    chased: tuple[Chased, ...]  # the ten most
    repairs_chased: int  # how many repairs in all
    trades: tuple[TradeDemand, ...]
    called: int  # times the council rang

    @property
    def reports(self) -> int:
        """New repairs reported."""
        return sum(week.reports for week in self.weeks)

    @property
    def chases(self) -> int:
        """Chases in all."""
        return sum(week.chases for week in self.weeks)

    @property
    def calls(self) -> int:
        """Everything that people rang about."""
        return sum(week.calls for week in self.weeks)

    @property
    def share(self) -> int:
        """Chases of all calls in per cent, rounded half up; 0 without calls."""
        return per_cent(self.chases, self.calls)


def per_cent(part: int, whole: int) -> int:
    """A share in whole per cent, rounded half up; 0 of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def read_demand(session: Session, start: date, end: date) -> Demand:
    """The calls of the weeks from that of `start` to that of `end`."""
    first = start - timedelta(days=start.weekday())
    last = end + timedelta(days=6 - end.weekday())
    after, until = rules.end_of_day(first - timedelta(days=1)), rules.end_of_day(last)
    contacts = list(
        session.scalars(
            select(Contact).where(Contact.deleted.is_(False), Contact.at > after, Contact.at <= until)
        )
    )
    reports = list(
        session.scalars(
            select(Repair).where(
                Repair.deleted.is_(False),
                Repair.state.not_in(NOT_REPORTED),
                Repair.reported_at > after,
                Repair.reported_at <= until,
            )
        )
    )
    chases = [c for c in contacts if c.kind is ContactKind.CHASE]
    repairs = {r.id: r for r in reports} | _repairs(session, {c.repair_id for c in chases})
    reasons = Counter(c.reason or ChaseReason.OTHER for c in chases)
    return Demand(
        first,
        last,
        _weeks(first, last, reports, contacts),
        tuple(sorted(((each, reasons[each]) for each in ChaseReason), key=lambda pair: -pair[1])),
        _chased(chases, repairs),
        len({c.repair_id for c in chases}),
        _trades(reports, chases, repairs),
        sum(c.kind is ContactKind.CALLED for c in contacts),
    )


def _repairs(session: Session, ids: set[str]) -> dict[str, Repair]:
    return {r.id: r for r in session.scalars(select(Repair).where(Repair.id.in_(ids)))}


def _weeks(
    first: date, last: date, reports: Sequence[Repair], contacts: Sequence[Contact]
) -> tuple[WeekOfCalls, ...]:
    def monday(moment: datetime) -> date:
        the_day = local_date(moment)
        return the_day - timedelta(days=the_day.weekday())

    told = Counter(monday(r.reported_at) for r in reports)
    kinds = Counter((monday(c.at), c.kind) for c in contacts)
    return tuple(
        WeekOfCalls(
            day,
            told[day],
            kinds[day, ContactKind.CHASE],
            kinds[day, ContactKind.UPDATE],
            kinds[day, ContactKind.NO_ACCESS],
        )
        for day in (first + timedelta(days=7 * n) for n in range((last - first).days // 7 + 1))
    )


def _chased(chases: Sequence[Contact], repairs: dict[str, Repair]) -> tuple[Chased, ...]:
    counts = Counter(c.repair_id for c in chases if c.repair_id in repairs)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], repairs[pair[0]].reference))
    return tuple(
        Chased(
            (r := repairs[repair_id]).reference,
            r.title,
            f"{r.address} {r.postcode}".strip(),
            r.trade or NO_TRADE,
            count,
            r.target_at,
            r.state,
        )
        for repair_id, count in ranked[:MOST_CHASED]
    )


def _trades(
    reports: Sequence[Repair], chases: Sequence[Contact], repairs: dict[str, Repair]
) -> tuple[TradeDemand, ...]:
    told = Counter(r.trade or NO_TRADE for r in reports)
    chased = Counter(repairs[c.repair_id].trade or NO_TRADE for c in chases if c.repair_id in repairs)
    names = sorted(told.keys() | chased.keys(), key=lambda name: (-chased[name], -told[name], name))
    return tuple(TradeDemand(name, told[name], chased[name]) for name in names)


def demand_csv(demand: Demand) -> bytes:
    """The figures as one table for a spreadsheet: what is counted, of what, how many."""
    rows: list[tuple[str, str, int]] = []
    for week in demand.weeks:
        name = week.monday.isoformat()
        rows += [
            ("week", f"{name} new reports", week.reports),
            ("week", f"{name} chases", week.chases),
            ("week", f"{name} something new", week.updates),
            ("week", f"{name} no access", week.no_access),
        ]
    rows += [("reason", REASON_WORDS[reason], count) for reason, count in demand.reasons]
    for trade in demand.trades:
        rows += [("trade reports", trade.trade, trade.reports), ("trade chases", trade.trade, trade.chases)]
    rows += [("repair", f"{each.reference} {each.title}", each.chases) for each in demand.chased]
    rows += [
        ("all", "calls", demand.calls),
        ("all", "chases", demand.chases),
        ("all", "chases of all calls, per cent", demand.share),
        ("all", "calls made by the council, not counted", demand.called),
    ]
    return csv_bytes(rows, ("What", "Of", "Count"))
