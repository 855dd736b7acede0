"""What is known of bank statements before their lines are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.wording import date_year, day_month
from models.income import Account, Period, PeriodState, Standing, Statement


@dataclass(frozen=True)
class StatementHead:
    """What is known of a statement before its lines are read."""

    id: str
    account_id: str
    account_name: str
    currency: str
    number: str
    starts_on: date
    ends_on: date
    opening_pence: int | None
    closing_pence: int | None
    line_count: int
    standing: Standing
    difference_pence: int | None
    hint: str
    unproved_reason: str
    period_id: str
    period_state: PeriodState
    prepared_by: str
    reviewed_by: str
    second_officer_above: int

    @property
    def title(self) -> str:
        """What an officer calls it: Bank statement 241."""
        return f"Bank statement {self.number}" if self.number.strip("0") else "Bank statement"

    @property
    def span(self) -> str:
        """Its days in words: 7 to 11 December 2026."""
        first, last = self.starts_on, self.ends_on
        if first == last:
            return date_year(last)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day} to {date_year(last)}"
        return f"{day_month(first) if first.year == last.year else date_year(first)} to {date_year(last)}"


def statements(session: Session, limit: int = 60) -> list[StatementHead]:
    """Return the latest statements, newest first."""
    rows = session.execute(
        _heads().order_by(Statement.ends_on.desc(), Statement.created_at.desc()).limit(limit)
    )
    return [_head(row[0], row[1], row[2]) for row in rows]


def head_of(session: Session, statement_id: str) -> StatementHead:
    """Return one statement's head. Raises NotFound."""
    row = session.execute(_heads().where(Statement.id == statement_id)).first()
    if row is None:
        raise NotFound("This statement is not here.", "It may have been undone. Choose another one.")
    return _head(row[0], row[1], row[2])


def current_statement(session: Session) -> str | None:
    """Return the statement to open first: the latest that is not closed, else the latest of all."""
    heads = statements(session)
    ready = (head.id for head in heads if head.period_state != PeriodState.CLOSED)
    return next(ready, heads[0].id if heads else None)


def _heads() -> Select[Statement, Account, Period]:
    return (
        select(Statement, Account, Period)
        .join(Account, Account.id == Statement.account_id)
        .join(Period, Period.id == Statement.period_id)
        .where(Statement.deleted.is_(False))
    )


def _head(statement: Statement, account: Account, period: Period) -> StatementHead:
    return StatementHead(
        statement.id,
        account.id,
        account.name,
        account.currency,
        statement.number,
        statement.starts_on,
        statement.ends_on,
        statement.opening_pence,
        statement.closing_pence,
        statement.line_count,
        statement.standing,
        statement.difference_pence,
        statement.hint,
        statement.unproved_reason or "",
        period.id,
        period.state,
        period.prepared_by_name or "",
        period.reviewed_by_name or "",
        account.second_officer_above,
    )
