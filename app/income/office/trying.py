"""Rules tried out on what came in last: what each would change and why, with nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income.office.kept_rules import (
    MOST_TRIED,
    as_rule,
    kept_rule,
    latest_receipts,
    row_of_line,
    row_of_receipt,
)
from app.income.row_rules import Rule, compile_rules, trace
from models.income import BankLine, RuleUse

FIELDS = {
    "AccountReference": "account reference",
    "Amount": "amount",
    "FundCode": "fund",
    "Narrative": "narrative",
    "MopCode": "method of payment",
    "OfficeCode": "office",
    "VatCode": "VAT code",
    "Reference": "reference",
    "BankWords": "bank’s words",
}


@dataclass(frozen=True)
class Trial:
    """One posting or bank line that a rule fires on: what would change, and why, in sentences."""

    id: str
    day: date
    words: str
    pence: int
    changes: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Tried:
    """What a rule would do to the newest rows: those it fires on, out of how many."""

    trials: tuple[Trial, ...]
    of: int


def try_rule(session: Session, rule_id: str, limit: int = MOST_TRIED) -> Tried:
    """Return what one rule would do to the newest postings, or bank lines, were it running. Raises NotFound.

    The rule is tried alone and as if it were switched on.
    """
    record = kept_rule(session, rule_id)
    rule = as_rule(record).enabled
    ready = compile_rules([rule])
    found, of = [], 0
    for record_id, day, words, pence, row in _newest(session, record.use, limit):
        of += 1
        after, fired = ready.run(row)
        if fired:
            changes = tuple(_changes(row, after))
            found.append(Trial(record_id, day, words, pence, changes, _why(rule, row)))
    return Tried(tuple(found), of)


def _newest(
    session: Session, use: RuleUse, limit: int
) -> Iterator[tuple[str, date, str, int, dict[str, Any]]]:
    if use == RuleUse.IMPORT:
        for receipt in latest_receipts(session, limit):
            words = receipt.narrative or receipt.reference
            yield receipt.id, receipt.posted_on, words, receipt.amount_pence, row_of_receipt(receipt)
        return
    wanted = select(BankLine).where(BankLine.deleted.is_(False))
    order = (BankLine.booked_on.desc(), BankLine.id.desc())
    for line in session.scalars(wanted.order_by(*order).limit(limit)):
        yield line.id, line.booked_on, line.words, line.amount_pence, row_of_line(line)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """The fields that would change, in words; a field the row does not have yet is set."""
    for name, value in after.items():
        was = str(before.get(name) or "")
        if str(value) != was:
            field = FIELDS.get(name, name)
            yield f"{field} “{was}” to “{value}”" if was else f"{field} “{value}”"


def _why(rule: Rule, row: dict[str, Any]) -> tuple[str, ...]:
    return trace(rule, row).sentences
