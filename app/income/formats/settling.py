"""What the reports of payment providers share: rows by the names of their columns, and lines made payouts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from app.income.amounts import BadAmount
from app.income.formats.cells import bad_rows_title, csv_rows, folded, text_of
from app.income.reading import BadRow, BadRows, NotASettlement, SettlementLineRead, SettlementRead

CHARGE, REFUND, DISPUTE, FEE, OTHER = "charge", "refund", "dispute", "fee", "other"
ASK = "Ask the provider’s site for the report again. Nothing was imported."
CUT = "\x00"  # where a row that breaks off keeps the name of the column it lacks
Tick = Callable[[int, int], None]
Cells = Mapping[str, str]  # by the folded name of the column, without guards


def has_columns(head: str, needed: Sequence[str]) -> bool:
    """Say whether the first row of a text names all these columns (folded names), in whatever order."""
    try:
        cells = next((cells for _, cells in csv_rows(head) if any(cells)), ())
    except csv.Error:
        return False
    return set(needed) <= {folded(cell) for cell in cells}


def rows_by_name(
    name: str, text: str, needed: Sequence[str], tick: Tick | None = None
) -> Iterator[tuple[int, Cells]]:
    """Yield (line, cells by folded column name) below the headings; blank rows are passed over.

    Raises NotASettlement when a needed column is missing or the file breaks off.
    """
    heads: list[str] = []
    total = text.count("\n") + 1
    try:
        for index, (line, cells) in enumerate(csv_rows(text)):
            if tick is not None and index % 2000 == 0:
                tick(line, total)
            if not any(cells):
                continue
            if not heads:
                heads = [folded(cell) for cell in cells]
                missing = [column for column in needed if column not in heads]
                if missing:
                    raise NotASettlement(f"“{name}” has no column called {' or '.join(missing)}.", ASK)
                continue
            row = dict(zip(heads, map(text_of, cells), strict=False))
            if len(cells) < len(heads):  # spreadsheets leave out empty cells at the end of a row
                cut = line >= total and not text.endswith(("\n", "\r"))
                optional = heads[len(cells)] if cut else ""
                row[CUT] = next((column for column in needed if column not in row), optional)
            yield line, row
    except csv.Error as error:
        raise NotASettlement(f"“{name}” breaks off in the middle of a row ({error}).", ASK) from error


def collect(
    name: str,
    rows: Iterable[tuple[int, Cells]],
    make: Callable[[int, Cells], None],
) -> None:
    """Give every row to `make`. Raises BadRows naming those it cannot read, NotASettlement for no rows."""
    bad: list[BadRow] = []
    count = 0
    for line, cells in rows:
        count += 1
        try:
            if cells.get(CUT):
                raise BadAmount(f"it breaks off before the column {cells[CUT]}")
            make(line, cells)
        except BadAmount as error:
            bad.append(BadRow(line, str(error)))
    if bad:
        raise BadRows(bad_rows_title(name, bad), ASK, tuple(bad))
    if not count:
        raise NotASettlement(f"“{name}” has headings but no rows.", ASK)


def payout_of(
    provider: str,
    payout_id: str,
    paid_on: date | None,
    currency: str,
    stated_net: int | None,
    lines: Sequence[SettlementLineRead],
    problems: Sequence[BadRow] = (),
) -> SettlementRead:
    """Return the payout that lines make, its costs as positive pence: charges, fees, refunds, disputes."""
    sums = dict.fromkeys((CHARGE, REFUND, DISPUTE, FEE, OTHER), 0)
    for line in lines:
        sums[line.kind] += line.gross
    return SettlementRead(
        provider,
        payout_id[:64],
        paid_on,
        (currency.upper() or "GBP")[:3],
        sums[CHARGE],
        sum(line.fee for line in lines),
        -sums[REFUND],
        -sums[DISPUTE],
        sums[OTHER] + sums[FEE],
        stated_net,
        tuple(lines),
        tuple(problems),
    )


def line_of(
    number: int,
    kind: str,
    made_on: date,
    gross: int,
    fee: int,
    reference: str,
    psp_reference: str,
    words: str,
) -> SettlementLineRead:
    """Return one line of a report; its net is its gross less its fee, and a fee's own row has no gross."""
    if kind == FEE:
        gross, fee = 0, fee - gross
    return SettlementLineRead(
        number, kind, made_on, gross, fee, gross - fee, reference[:64], psp_reference[:64], words[:200]
    )
