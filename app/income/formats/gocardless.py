"""GoCardless's export of payouts: one payout a row, with what was taken and the fees kept back."""

from __future__ import annotations

from app.income.amounts import BadAmount
from app.income.formats.cells import Days, signed
from app.income.formats.settling import (
    CHARGE,
    Cells,
    Tick,
    collect,
    has_columns,
    line_of,
    payout_of,
    rows_by_name,
)
from app.income.formats.stray_days import with_stray_days
from app.income.reading import BadRow, SettlementRead

FORMAT = "GoCardless payouts"
PROVIDER = "GoCardless"
_NEEDED = ("id", "amount", "currency", "arrival date", "total payment amount", "transaction fee debit")
_COSTS = ("transaction fee debit", "app fee debit")
_GIVEN_BACK = ("transaction fee credit", "app fee credit")


def looks_like(head: str) -> bool:
    """Say whether a text has the headings of an export of payouts."""
    return has_columns(head, _NEEDED)


def read_settlements(name: str, text: str, tick: Tick | None = None) -> tuple[SettlementRead, ...]:
    """Return one payout a row; its reference, which the bank's words carry, is its id, else GoCardless's own.

    Its stated net is its amount. Refunds and failures are not itemised here: a payout that had some does not
    prove by this export. Raises BadRows naming rows that cannot be read.
    """
    payouts: list[SettlementRead] = []
    days = Days()
    seen: dict[str, int] = {}

    def make(line: int, cells: Cells) -> None:
        if not cells["id"]:
            raise BadAmount("the id is empty")
        before = seen.setdefault(cells["id"], line)
        if before != line:
            raise BadAmount(f"payout {cells['id']} is in line {before} already")
        payouts.append(_payout(line, cells, days))

    collect(name, rows_by_name(name, text, _NEEDED, tick), make)
    return with_stray_days(payouts)


def _payout(line: int, cells: Cells, days: Days) -> SettlementRead:
    arrival = days[cells["arrival date"]]
    # a debit is a cost and a credit takes it back, whichever sign the export gives them
    costs = sum(abs(signed(cells.get(column, ""))) for column in _COSTS)
    costs -= sum(abs(signed(cells.get(column, ""))) for column in _GIVEN_BACK)
    taken, paid = signed(cells["total payment amount"]), signed(cells["amount"])
    reference = cells.get("reference") or cells["id"]
    status = cells.get("status", "")
    problems = [] if status in {"", "paid", "pending"} else [BadRow(line, f"the payout is {status}")]
    words = f"Payments of payout {cells['id']}"
    created = days[cells["created at"]] if cells.get("created at") else arrival
    made = line_of(line, CHARGE, created, taken, costs, reference, cells["id"], words)
    return payout_of(PROVIDER, reference, arrival, cells["currency"], paid, [made], problems)
