"""GOV.UK Pay's export of transactions: payments, refunds and disputes, by the names of its columns.

It names no payout, so that one list comes of a file and nothing states its net; `app.income.payouts` infers
which bank credit paid which of them. Fees stand in it only for services that Stripe settles.
"""

from __future__ import annotations

from app.income.amounts import BadAmount, figure
from app.income.formats.cells import Days, signed
from app.income.formats.settling import (
    CHARGE,
    DISPUTE,
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
from app.income.reading import BadRow, NotASettlement, SettlementLineRead, SettlementRead

FORMAT = "GOV.UK Pay"
PROVIDER = "GOV.UK Pay"
_NEEDED = ("reference", "amount", "state", "gov uk payment id", "date created", "total amount")
_SAME = ("gov uk payment id", "state", "amount", "date created", "time created")
_NOT_MOVED = ("error", "declined", "cancelled", "timed out", "in progress", "failed", "expired", "rejected")


def looks_like(head: str) -> bool:
    """Say whether a text has the headings of an export of transactions."""
    return has_columns(head, _NEEDED)


def read_settlements(name: str, text: str, tick: Tick | None = None) -> tuple[SettlementRead, ...]:
    """Return one list of all that moved money: its payout id is empty and its stated net None.

    Rows of payments that were not taken are passed over. Raises BadRows naming rows that cannot be read; a
    row whose total less fee is not its net, or that is there twice, is a problem of the list.
    """
    lines: list[SettlementLineRead] = []
    problems: list[BadRow] = []
    days = Days()
    seen: dict[tuple[str, ...], int] = {}

    def make(number: int, cells: Cells) -> None:
        line, problem = _line(number, cells, days)
        told = tuple(cells.get(column, "") for column in _SAME)
        if line is not None:
            if seen.setdefault(told, number) != number:
                problem = f"it says the same as line {seen[told]}"
            lines.append(line)
        if problem:
            problems.append(BadRow(number, problem))

    collect(name, rows_by_name(name, text, _NEEDED, tick), make)
    if not lines:
        raise NotASettlement(
            f"No payment in “{name}” was taken, so there is nothing to settle.", "Ask for another period."
        )
    return with_stray_days([payout_of(PROVIDER, "", None, "GBP", None, lines, problems)])


def _line(number: int, cells: Cells, days: Days) -> tuple[SettlementLineRead | None, str]:
    """Return the line of one row, None where no money moved, and what is wrong with it."""
    state = cells["state"].casefold()
    payment_id = cells["gov uk payment id"]
    if not state:
        raise BadAmount("the state is empty")
    if not payment_id:
        raise BadAmount("the GOV.UK payment ID is empty")
    total_text, net_text, amount = cells["total amount"], cells.get("net", ""), signed(cells["amount"])
    total, fee = signed(total_text), signed(cells.get("fee", ""))
    disputed = "dispute" in state
    kind = DISPUTE if disputed else REFUND if amount < 0 or total < 0 else CHARGE
    if kind == DISPUTE and not total_text:
        total = signed(net_text) + fee if net_text else amount
    if any(word in state for word in _NOT_MOVED) or not (total or fee):
        return None, ""
    day = days[cells["date created"]]
    problem = ""
    if net_text and total - fee != signed(net_text):
        net = signed(net_text)
        problem = f"{figure(total)} less a fee of {figure(fee)} is not its net of {figure(net)}"
    surcharge = signed(cells.get("corporate card surcharge", ""))
    if kind == CHARGE and total not in {amount, amount + surcharge}:
        problem = f"its total of {figure(total)} is not its amount of {figure(amount)}"
    words = cells.get("description") or cells["state"]
    return line_of(number, kind, day, total, fee, cells["reference"], payment_id, words), problem
