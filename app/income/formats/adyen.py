"""Adyen's settlement detail report (SmartPay is built on it): every batch closes with what was paid out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

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

FORMAT = "Adyen settlement"
PROVIDER = "Adyen"
_NEEDED = (
    *("type", "creation date", "gross debit gc", "gross credit gc", "net debit nc", "net credit nc"),
    *("batch number", "psp reference", "merchant reference"),
)
_COSTS = ("commission nc", "markup nc", "scheme fees nc", "interchange nc")
_PAID_OUT = "merchantpayout"
_KINDS = {
    "settled": CHARGE,
    "refunded": REFUND,
    "refundedreversed": REFUND,
    "chargeback": DISPUTE,
    "secondchargeback": DISPUTE,
    "chargebackreversed": DISPUTE,
    "fee": FEE,
    "misccosts": FEE,
    "invoicededuction": FEE,
    "paymentcost": FEE,
}  # all others move money without being a payment: corrections, reserves, transfers


class _Batch:
    """The rows of one batch of one merchant account."""

    def __init__(self) -> None:
        self.lines: list[SettlementLineRead] = []
        self.problems: list[BadRow] = []
        self.paid: int | None = None
        self.paid_on: date | None = None
        self.currency = "GBP"


def looks_like(head: str) -> bool:
    """Say whether a text has the headings of a settlement detail report."""
    return has_columns(head, _NEEDED)


def read_settlements(name: str, text: str, tick: Tick | None = None) -> tuple[SettlementRead, ...]:
    """Return one payout a batch; its number is what the bank's words name. Its stated net is MerchantPayout.

    Raises BadRows naming rows that cannot be read. A row whose gross less costs is not its net is a problem
    of its payout.
    """
    batches: dict[tuple[str, str], _Batch] = defaultdict(_Batch)
    days = Days()

    def make(line: int, cells: Cells) -> None:
        number = cells.get("batch number", "")
        if not number:
            raise BadAmount("the batch number is empty")
        _take(batches[cells.get("merchant account", ""), number], line, cells, days)

    collect(name, rows_by_name(name, text, _NEEDED, tick), make)
    return with_stray_days(
        [
            replace(
                payout_of(PROVIDER, number, one.paid_on, one.currency, one.paid, one.lines, one.problems),
                merchant=merchant,
            )
            for (merchant, number), one in batches.items()
        ]
    )


def _take(batch: _Batch, line: int, cells: Cells, days: Days) -> None:
    """Put one row into its batch; raises BadAmount with the reason."""
    kind = cells["type"].casefold()
    net = _amount(cells, "net credit nc") - _amount(cells, "net debit nc")
    day = days[cells["creation date"]]
    batch.currency = cells.get("net currency") or batch.currency
    if kind == _PAID_OUT:
        if batch.paid is not None:
            batch.problems.append(BadRow(line, "it is the second payout of its batch"))
        batch.paid, batch.paid_on = (batch.paid or 0) - net, day
        return
    if not kind:
        raise BadAmount("the type is empty")
    costs = sum(_amount(cells, column) for column in _COSTS)
    gross = _amount(cells, "gross credit gc") - _amount(cells, "gross debit gc")
    words = cells["type"]
    foreign = cells.get("gross currency", "") not in {"", batch.currency}
    if foreign:
        words, gross = f"{words} {figure(gross, cells['gross currency'])}", net + costs
    elif not gross and not costs:
        gross = net  # a row that is no payment states its net alone
    elif gross - costs != net:
        told = f"{figure(gross)} less costs of {figure(costs)} is not its net of {figure(net)}"
        batch.problems.append(BadRow(line, told))
    batch.lines.append(
        line_of(
            line,
            _KINDS.get(kind, OTHER),
            day,
            gross,
            costs,
            cells["merchant reference"],
            cells["psp reference"],
            words,
        )
    )


def _amount(cells: Cells, column: str) -> int:
    return signed(cells.get(column, ""))
