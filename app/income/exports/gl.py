"""The general ledger batch: what was posted in a period, by fund with its VAT apart, balanced by the banks.

A batch carries its own proof: counts, totals and the SHA-256 of its rows, so that a penny, a row dropped or a
row doubled on the way to the ledger is found by `check`. Amounts are pence; credits are income.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app import sheet_reading as sheets
from app.errors import BadFile, HoldallError
from app.income.amounts import BadAmount, figure
from app.income.exports.gl_postings import BANK, FUND, VAT, GlRow, postings_of, rows_of_postings
from app.income.formats.cells import csv_rows, pence_of, text_of
from app.income.vat import VAT_RULE
from app.sheets import Cell, Pounds, csv_bytes, xlsx_bytes
from app.wording import listed, plural

FORMAT = "General ledger batch"
HEADINGS = (
    *("Row", "Kind", "GL code", "Fund", "Name", "VAT code", "Postings", "Gross", "VAT", "Debit", "Credit"),
)
_HEADER = (
    *("Batch", "Council", "From", "To", "Rows", "Postings", "Control total", "VAT total", "SHA-256"),
    *("VAT rule",),
)
_LARGEST = 20_000_000  # bytes of a batch that is checked: one by fund is a few kilobytes
_ASK = "Export the batch again."


@dataclass(frozen=True)
class GlBatch:
    """A balanced batch: its period, its rows, and remarks a person should read before it is sent."""

    council: str
    start: date
    end: date
    rows: tuple[GlRow, ...]
    remarks: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The control total: all credits, which are all debits."""
        return sum(row.credit for row in self.rows)

    @property
    def postings(self) -> int:
        """How many postings the rows of funds hold."""
        return sum(row.postings for row in self.rows if row.kind == FUND)

    @property
    def vat(self) -> int:
        """The VAT within the rows of funds."""
        return sum(row.vat for row in self.rows if row.kind == FUND)

    @property
    def sha256(self) -> str:
        """The SHA-256 of its council, days and rows, whichever kind of file carries them."""
        return digest((self.council, self.start.isoformat(), self.end.isoformat()), self.rows)


class Finding(NamedTuple):
    """Something about a batch that is not so: the row it stands in (0: the whole), and what, in words."""

    row: int
    words: str


def export(session: Session, start: date, end: date, council: str = "") -> GlBatch:
    """Return the batch of all that was posted from `start` to `end`, both included.

    Receipts and suspense by their day, write-offs by the day of their bank line, journals by the day they
    were approved. Raises HoldallError when the period is turned round or nothing was posted in it.
    """
    if end < start:
        raise HoldallError("The last day comes before the first.", "Turn the two days round.")
    found = postings_of(session, start, end)
    if not found.postings:
        raise HoldallError(
            f"Nothing was posted from {start.isoformat()} to {end.isoformat()}.", "Choose another period."
        )
    rows = rows_of_postings(found)
    return GlBatch(council, start, end, rows, _remarks(rows))


def digest(head: tuple[str, str, str], rows: Iterable[GlRow]) -> str:
    """Return the SHA-256 of council, first day, last day and rows, written the same way whatever file they
    came in."""
    told = "\n".join("\x1f".join(map(str, row)) for row in (head, *rows))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def as_csv(batch: GlBatch) -> bytes:
    """Return the batch as a CSV file: its header, then its rows."""
    return csv_bytes(map(_cells, batch.rows), HEADINGS, _header(batch))


def as_xlsx(batch: GlBatch) -> bytes:
    """Return the batch as a workbook."""
    return xlsx_bytes(map(_cells, batch.rows), HEADINGS, _header(batch), FORMAT)


def check(
    data: bytes, name: str = "batch", known_funds: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with a batch that is read back: nothing, when it is as it was exported.

    Looks at counts, totals, the hash, each row's own sum, VAT against its rows, debits against credits, and,
    where `known_funds` is given, that the council has every fund. Raises BadFile for what is no batch.
    """
    header, rows, findings = _read(name, data)
    findings += _row_findings(rows)
    findings += _total_findings(header, rows)
    if known_funds is not None:
        findings += [
            Finding(row.row, f"fund {row.fund} is not one of the council’s")
            for row in rows
            if row.kind == FUND and row.fund not in known_funds
        ]
    return tuple(findings)


def _remarks(rows: Sequence[GlRow]) -> tuple[str, ...]:
    bare = sorted({row.fund or "(none)" for row in rows if row.kind == FUND and not row.gl_code})
    told = [f"No GL code for fund {listed(bare)}."] if bare else []
    banks = [row.name for row in rows if row.kind == BANK and not row.gl_code]
    return (*told, *(f"No GL code for the account {bank}." for bank in banks))


def _header(batch: GlBatch) -> list[list[Cell]]:
    days = (batch.start.isoformat(), batch.end.isoformat())
    values: list[Cell] = [FORMAT, batch.council, *days, len(batch.rows), batch.postings]
    values += [Pounds(batch.total), Pounds(batch.vat), batch.sha256, VAT_RULE]
    return [[label, value] for label, value in zip(_HEADER, values, strict=True)]


def _cells(row: GlRow) -> list[Cell]:
    cells: list[Cell] = [row.row, row.kind, row.gl_code, row.fund, row.name, row.vat_code, row.postings]
    return [*cells, *(Pounds(pence) for pence in (row.gross, row.vat, row.debit, row.credit))]


def _read(name: str, data: bytes) -> tuple[dict[str, str], list[GlRow], list[Finding]]:
    """Return the header, the rows, and rows that cannot be read."""
    if len(data) > _LARGEST:
        raise BadFile(f"“{name}” is far larger than a batch by fund.", _ASK)
    header: dict[str, str] = {}
    rows: list[GlRow] = []
    findings: list[Finding] = []
    below = False
    for line, cells in _lines(name, data):
        words = [text_of(cell) for cell in cells]
        if below and any(words):
            try:
                rows.append(_row_of(words))
            except (BadAmount, ValueError) as error:
                findings.append(Finding(0, f"line {line} cannot be read ({error})"))
        elif tuple(words[: len(HEADINGS)]) == HEADINGS:
            below = True
        elif words and words[0] in _HEADER:
            header[words[0]] = words[1] if len(words) > 1 else ""
    if header.get("Batch") != FORMAT or not below:
        raise BadFile(f"“{name}” is no general ledger batch of Holdall.", "Choose a file that it exported.")
    return header, rows, findings


def _lines(name: str, data: bytes) -> list[tuple[int, Sequence[str]]]:
    if sheets.is_sheet(data) or name.startswith("~$"):
        return list(sheets.numbered(sheets.rows_of(name, data)))
    try:
        return list(csv_rows(data.decode("utf-8-sig"), ","))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"“{name}” is no general ledger batch of Holdall.", _ASK) from error


def _row_of(words: Sequence[str]) -> GlRow:
    """Return one row; raises BadAmount or ValueError."""
    cells = [*words, *[""] * (len(HEADINGS) - len(words))]
    if len(cells) > len(HEADINGS) and any(cells[len(HEADINGS) :]):
        raise ValueError("it has too many cells")
    gross, vat, debit, credit = (pence_of(cell) for cell in cells[7 : len(HEADINGS)])
    return GlRow(
        int(cells[0]),
        *(cells[1], cells[2], cells[3], cells[4], cells[5]),
        int(cells[6]),
        *(gross, vat, debit, credit),
    )


def _row_findings(rows: Sequence[GlRow]) -> list[Finding]:
    findings = []
    for place, row in enumerate(rows, 1):
        if row.row != place:
            findings.append(Finding(row.row, f"row {row.row} stands where row {place} should"))
        if row.kind not in {FUND, VAT, BANK}:
            findings.append(Finding(row.row, f"“{row.kind[:24]}” is no kind of row"))
        if row.debit < 0 or row.credit < 0 or (row.debit and row.credit):
            findings.append(Finding(row.row, "it is neither a debit nor a credit"))
        net = row.gross - row.vat if row.kind == FUND else row.gross
        made = row.debit - row.credit if row.kind == BANK else row.credit - row.debit
        if made != net:
            told = f"its amounts make {figure(net)}, but it posts {figure(made)}"
            findings.append(Finding(row.row, told))
    return findings


def _total_findings(header: Mapping[str, str], rows: Sequence[GlRow]) -> list[Finding]:
    funds = [row for row in rows if row.kind == FUND]
    debit, credit = sum(row.debit for row in rows), sum(row.credit for row in rows)
    vat = sum(row.vat for row in funds)
    findings: list[Finding] = []
    if debit != credit:
        findings.append(Finding(0, f"debits are {figure(debit)}, credits {figure(credit)}"))
    posted = sum(row.gross for row in rows if row.kind == VAT)
    if posted != vat:
        told = f"the rows of VAT post {figure(posted)}, but the funds hold {figure(vat)}"
        findings.append(Finding(0, told))
    counts = {"Rows": len(rows), "Postings": sum(row.postings for row in funds)}
    for label, counted in counts.items():
        if header.get(label, "") != str(counted):
            told = f"its header says {header.get(label) or 'no'} {label.lower()}, and there are {counted:,}"
            findings.append(Finding(0, told))
    for label, total in {"Control total": credit, "VAT total": vat}.items():
        try:
            stated = pence_of(header.get(label, ""))
        except BadAmount:
            findings.append(Finding(0, f"its header has no {label.lower()}"))
            continue
        if stated != total:
            told = f"the {label.lower()} is {figure(stated)}, but its rows make {figure(total)}"
            findings.append(Finding(0, told))
    head = (header.get("Council", ""), header.get("From", ""), header.get("To", ""))
    if header.get("SHA-256", "").casefold() != digest(head, rows):
        findings.append(Finding(0, "rows or days are not as they were exported: their SHA-256 is another"))
    return findings


def in_words(batch: GlBatch) -> list[str]:
    """Return a batch in lines for people."""
    told = f"{plural(len(batch.rows), 'row')} of {plural(batch.postings, 'posting')}"
    return [
        f"{told}, {batch.start.isoformat()} to {batch.end.isoformat()}.",
        f"Control total {figure(batch.total)}, of it VAT {figure(batch.vat)}.",
        f"SHA-256 {batch.sha256}",
        *batch.remarks,
    ]
