"""The four tables that `income reconcile --out` writes, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.income.evidence import Around, sentences, weigh
from app.income.matching import OpenLine, OpenReceipt
from app.income.reconciling import Reconciled
from app.income.rules import SECOND_OFFICER_ABOVE
from app.sheets import Pounds, csv_bytes
from app.told import write_file

Row = Sequence[Any]
_LINE = ("bank", "date", "amount", "words")
_RECEIPT = ("id", "date", "amount", "reference", "fund", "mop", "narrative")


def write(folder: Path, found: Reconciled, document: dict[str, Any]) -> None:
    """Write matches, suspense, unmatched_bank and unmatched_ledger as .csv; raises NotFound in words."""
    names = dict(zip(found.lines.ids, found.names, strict=True))
    lines = dict(zip(found.names, found.lines, strict=True))
    receipts = dict(zip(found.receipts.ids, found.receipts, strict=True))
    heads = ("stage", *_LINE, "ledger", "score", "ways", "certain", "why")
    _table(folder / "matches.csv", heads, _matches(found, names))
    suspense = ((*_line(one["bank"], lines[one["bank"]]), one["why"]) for one in document["suspense"])
    _table(folder / "suspense.csv", (*_LINE, "why"), suspense)
    unmatched = (_line(name, lines[name]) for name in document["unmatched_bank"])
    _table(folder / "unmatched_bank.csv", _LINE, unmatched)
    left = (_receipt(receipts[one]) for one in document["unmatched_ledger"])
    _table(folder / "unmatched_ledger.csv", _RECEIPT, left)


def _table(path: Path, heads: Sequence[str], rows: Iterable[Row]) -> None:
    write_file(path, csv_bytes(list(rows), heads))


def _matches(found: Reconciled, names: dict[str, int | str]) -> Iterable[Row]:
    """Yield a row for each match, with its evidence in words."""
    lines = dict(zip(found.lines.ids, found.lines, strict=True))
    receipts = dict(zip(found.receipts.ids, found.receipts, strict=True))
    around = Around(found.receipts)
    for proposal in found.outcome.proposals:
        line = lines[proposal.line_id]
        chosen = [receipts[one] for one in proposal.receipt_ids]
        evidence = weigh(
            proposal, line, chosen, around, len(lines), SECOND_OFFICER_ABOVE, found.outcome.reports
        )
        why = " ".join(one.text for one in sentences(evidence) if one.kind != "people")
        yield (
            proposal.stage,
            *_line(names[line.id], line),
            " ".join(proposal.receipt_ids),
            f"{proposal.score / 100:.2f}",
            proposal.alternatives + 1,
            "yes" if proposal.auto else "no",
            why,
        )


def _line(name: int | str, line: OpenLine) -> Row:
    return (name, line.booked_on.isoformat(), Pounds(line.pence), line.words)


def _receipt(receipt: OpenReceipt) -> Row:
    return (
        receipt.id,
        receipt.posted_on.isoformat(),
        Pounds(receipt.pence),
        receipt.reference,
        receipt.fund,
        receipt.mop,
        receipt.narrative,
    )
