"""Repairs as a table for a spreadsheet: what was told, promised and done, and how the return counts each.

No names and no telephone numbers go out, and nothing of who lives there. A text that a spreadsheet would run
is guarded (app.sheets). Codes are texts: a leading zero is as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import HoldallError
from app.repairs import returns
from app.repairs.dated_tables import tables_at
from app.repairs.rules import end_of_day
from app.repairs.tables import BandTable, Tables
from app.sheets import Cell, csv_bytes
from app.wording import LONDON, local_date
from models.repairs import Property, Repair, State, Visit, VisitState

HEADINGS = (
    "reference",
    "state",
    "kind",
    "title",
    "description",
    "address",
    "postcode",
    "uprn",
    "schedule_of_rates_code",
    "trade",
    "priority",
    "hazard",
    "reported_at",
    "aware_at",
    "due_at",
    "due_by_rule",
    "visit",
    "completed_at",
    "tsm_measure",
    "tsm_target",
    "tsm_target_at",
    "tsm_denominator",
    "tsm_numerator",
    "questions_edition",
    "officer",
)
MOST_ROWS = 200_000


def repairs_csv(session: Session, first: date | None = None, last: date | None = None) -> bytes:
    """The repairs that were told or completed on days from `first` to `last` (all without), as CSV in UTF-8.

    Moments are London time (2026-12-17T14:21). `tsm_denominator` is 1 for a completed repair, and
    `tsm_numerator` 1 when it was within `tsm_target`; both are empty for a repair that is not completed.
    Raises HoldallError for an end before its beginning and for more than 200,000 repairs.
    """
    if first is not None and last is not None and last < first:
        raise HoldallError("The last day is before the first.", "Turn the two days round.")
    statement = (
        select(Repair, returns.own_target(), Property.uprn)
        .outerjoin(Property, Property.id == Repair.property_id)
        .where(Repair.deleted.is_(False), Repair.state != State.DRAFT)
        .order_by(Repair.reported_at, Repair.id)
    )
    told = _between(Repair.reported_at, first, last)
    done = _between(Repair.completed_at, first, last)
    if told and done:
        statement = statement.where(or_(and_(*told), and_(*done)))
    found = session.execute(statement.limit(MOST_ROWS + 1)).all()
    if len(found) > MOST_ROWS:
        raise HoldallError(f"There are more than {MOST_ROWS:,} repairs.", "Choose fewer days.")
    visits, known = _visits(session), tables_at(session)
    return csv_bytes((_row(r, target, uprn, visits, known) for r, target, uprn in found), HEADINGS)


def _between(
    column: InstrumentedAttribute[Any], first: date | None, last: date | None
) -> list[ColumnElement[bool]]:
    after = [column > end_of_day(first - timedelta(days=1))] if first is not None else []
    return [*after, column <= end_of_day(last)] if last is not None else after


def _visits(session: Session) -> Mapping[str, VisitState]:
    statement = select(Visit.repair_id, Visit.state).where(Visit.deleted.is_(False))
    return {row.repair_id: row.state for row in session.execute(statement)}


def _row(
    r: Repair, target: datetime | None, uprn: str | None, visits: Mapping[str, VisitState], known: Tables
) -> tuple[Cell, ...]:
    table = known.bands_on(local_date(r.reported_at))
    visit = visits.get(r.id)
    return (
        *(r.reference, r.state.value, r.kind.value, r.title, r.description),
        *(r.address, r.postcode, uprn or "", r.code or "", r.trade or ""),
        *(table.labels.get(r.band or "", r.band or ""), r.hazard or ""),
        *(_moment(r.reported_at), _moment(r.aware_at), _moment(r.target_at), r.target_rule or ""),
        visit.value if visit is not None else "",
        _moment(r.completed_at),
        *_counted(r, target, table),
        *(r.tree_version, r.officer_name),
    )


def _counted(r: Repair, target: datetime | None, table: BandTable) -> tuple[Cell, ...]:
    """Measure, target in words and as a moment, denominator, numerator of one repair."""
    if r.state is not State.COMPLETED or r.completed_at is None:
        return ("", returns.target_words(table, r.band or ""), _moment(target), "", "")
    one = returns.Counted(r.id, r.band or "", target, r.completed_at)
    words = returns.target_words(table, one.band)
    return (one.measure, words, _moment(target), 1, int(one.in_target))


def _moment(at: datetime | None) -> str:
    """A moment in London, to the minute: 2026-12-17T14:21; "" for none."""
    return at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M") if at else ""
