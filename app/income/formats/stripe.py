"""Stripe's itemised balance and payout reports: charges, refunds, disputes and fees up to each payout."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from app.income.amounts import BadAmount, figure
from app.income.formats.cells import Days, signed
from app.income.formats.settling import (
    CHARGE,
    DISPUTE,
    FEE,
    OTHER,
    REFUND,
    Cells,
    Tick,
    collect,
    has_columns,
    line_of,
    payout_of,
    rows_by_name,
)
from app.income.formats.stray_days import with_stray_days
from app.income.reading import BadRow, SettlementLineRead, SettlementRead

FORMAT = "Stripe itemised"
PROVIDER = "Stripe"
_NEEDED = ("balance transaction id", "gross", "fee", "net", "reporting category")
_WHEN = ("created utc", "created", "available on utc", "available on")
_EFFECTIVE = ("automatic payout effective at utc", "automatic payout effective at")
_REFERENCES = ("payment metadata reference", "metadata reference", "reference", "customer id")
_PAYOUT = "payout"
_KINDS = {
    "charge": CHARGE,
    "partial_capture_reversal": CHARGE,
    "refund": REFUND,
    "refund_failure": REFUND,
    "partial_refund": REFUND,
    "dispute": DISPUTE,
    "dispute_reversal": DISPUTE,
    "fee": FEE,
}


class _Row(NamedTuple):
    """One row that was read: what it moved, and which payout it names; `line` is None for a payout itself."""

    number: int
    when: str
    payout_id: str
    effective: date | None
    currency: str
    net: int
    day: date
    line: SettlementLineRead | None
    problem: str


def looks_like(head: str) -> bool:
    """Say whether a text has the headings of an itemised report."""
    return has_columns(head, _NEEDED)


def read_settlements(name: str, text: str, tick: Tick | None = None) -> tuple[SettlementRead, ...]:
    """Return one payout per automatic payout id; without ids, the rows up to each row of a payout, by time.

    Rows that no payout has closed yet come last, as one without an id and without a stated net. Raises
    BadRows naming rows that cannot be read.
    """
    rows: list[_Row] = []
    days = Days()
    seen: dict[str, int] = {}

    def make(number: int, cells: Cells) -> None:
        rows.append(_row(number, cells, days, seen))

    collect(name, rows_by_name(name, text, _NEEDED, tick), make)
    groups = _by_id(rows) if any(row.payout_id for row in rows if row.line) else _by_order(rows)
    return with_stray_days([_payout(payout_id, members) for payout_id, members in groups if members])


def _row(number: int, cells: Cells, days: Days, seen: dict[str, int]) -> _Row:
    """Read one row; raises BadAmount with the reason."""
    category = cells["reporting category"].casefold()
    if not category:
        raise BadAmount("the reporting category is empty")
    when = next((cells[column] for column in _WHEN if cells.get(column)), "")
    gross, fee, net = (signed(cells[column]) for column in ("gross", "fee", "net"))
    own = cells["balance transaction id"]
    problem = ""
    if own and seen.setdefault(own, number) != number:
        problem = f"{own} is in line {seen[own]} already"
    elif gross - fee != net:
        problem = f"{figure(gross)} less a fee of {figure(fee)} is not its net of {figure(net)}"
    payout_id = cells.get("automatic payout id", "")
    told = next((cells[column] for column in _EFFECTIVE if cells.get(column)), "")
    effective = days[told] if told else None
    line = None
    if category == _PAYOUT:
        payout_id = payout_id or cells.get("source id", "")
    else:
        source = cells.get("payment intent id") or cells.get("charge id") or cells.get("source id") or own
        reference = next((cells[column] for column in _REFERENCES if cells.get(column)), "")
        words = cells.get("description") or category
        line = line_of(number, _KINDS.get(category, OTHER), days[when], gross, fee, reference, source, words)
    return _Row(number, when, payout_id, effective, cells.get("currency", ""), net, days[when], line, problem)


def _by_id(rows: list[_Row]) -> list[tuple[str, list[_Row]]]:
    """Return the rows of each payout id; those without one wait for a payout that is still to come."""
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.payout_id, []).append(row)
    waiting = groups.pop("", [])
    return [*groups.items(), ("", waiting)]


def _by_order(rows: list[_Row]) -> list[tuple[str, list[_Row]]]:
    """Return the rows up to each payout, oldest first; Stripe's own order is newest first."""
    newest_first = bool(rows) and rows[0].when > rows[-1].when
    groups: list[tuple[str, list[_Row]]] = []
    members: list[_Row] = []
    for row in reversed(rows) if newest_first else rows:
        members.append(row)
        if row.line is None:
            groups.append((row.payout_id, members))
            members = []
    return [*groups, ("", members)]


def _payout(payout_id: str, rows: list[_Row]) -> SettlementRead:
    """Return the payout of these rows; what it states is the row of the payout itself, turned round."""
    paid = [row for row in rows if row.line is None]
    stated = -sum(row.net for row in paid) if paid else None
    day = paid[0].day if paid else None
    if day is None and payout_id:
        day = next((row.effective for row in rows if row.effective is not None), None)
    lines = [row.line for row in rows if row.line is not None]
    problems = [BadRow(row.number, row.problem) for row in rows if row.problem]
    problems += [BadRow(row.number, "it is the second payout of its id") for row in paid[1:]]
    dates = sorted({row.effective for row in rows if row.effective is not None})
    if payout_id and len(dates) > 1:
        last = next(row for row in rows if row.effective == dates[-1])
        told = ", ".join(one.isoformat() for one in dates)
        problems.append(BadRow(last.number, f"payout {payout_id} has two dates: {told}"))
    currency = next((row.currency for row in rows if row.currency), "")
    return payout_of(PROVIDER, payout_id, day, currency, stated, lines, problems)
