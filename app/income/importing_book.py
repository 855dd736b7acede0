"""How the book comes in: the postings of a ledger extract, taken once and never changed by a second file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.income import rules
from app.income.files import LedgerFile
from app.income.reading import BadRow, BadRows, ReceiptRead
from app.income.storing import AlreadyImported, Imported, chunks, create, file_record, refuse_same_file
from models.changes import Changed
from models.income import Account, FileKind, Receipt


def import_ledger(session: Session, read: LedgerFile, account_id: str) -> Imported:
    """Bring in the rows of a ledger extract as the book of one account; rows that are here are passed over.

    Raises AlreadyImported, or BadRows when a row that is here before now says something else.
    """
    refuse_same_file(session, read.sha256, read.name)
    account = session.get(Account, account_id)
    if account is None or account.deleted:
        raise HoldallError("This account is not here.", "Import a bank statement first, then its ledger.")
    kept = {
        ledger_id: mark
        for chunk in chunks([receipt.ledger_id for receipt in read.receipts])
        for ledger_id, mark in session.execute(
            select(Receipt.ledger_id, Receipt.fingerprint).where(
                Receipt.account_id == account_id, Receipt.ledger_id.in_(chunk), Receipt.deleted.is_(False)
            )
        )
    }
    rows: list[dict[str, Any]] = []
    changed_rows: list[BadRow] = []
    file_id = file_record(session, read, FileKind.LEDGER, account_id)
    for receipt in read.receipts:
        mark = rules.receipt_fingerprint(account.key, receipt)
        before = kept.get(receipt.ledger_id)
        if before is None:
            rows.append(_receipt_values(account, file_id, receipt, mark))
        elif before != mark:
            changed_rows.append(
                BadRow(receipt.file_line, f"id {receipt.ledger_id} says something else than it did before")
            )
    if changed_rows:
        told = " ".join(str(row) for row in changed_rows[:8])
        raise BadRows(
            f"“{read.name}” changes rows that are in the book already, so nothing was imported. {told}",
            "A posting is put right by another posting. Ask the ledger team.",
            tuple(changed_rows),
        )
    if not rows:
        raise AlreadyImported(f"Every row of “{read.name}” is here already.", "Nothing was imported twice.")
    changed = create(session, Receipt, rows) | Changed(frozenset({"income_file"}), frozenset({file_id}))
    return Imported(changed, (file_id,), len(rows), len(read.receipts) - len(rows))


def _receipt_values(account: Account, file_id: str, receipt: ReceiptRead, mark: str) -> dict[str, Any]:
    return {
        "id": rules.stable_id(receipt.posted_on, "receipt", account.key, receipt.ledger_id),
        "account_id": account.id,
        "file_id": file_id,
        "line_no": receipt.file_line,
        "ledger_id": receipt.ledger_id,
        "posted_on": receipt.posted_on,
        "amount_pence": receipt.pence,
        "reference": receipt.reference,
        "fund": receipt.fund,
        "mop": receipt.mop,
        "narrative": receipt.narrative,
        "fingerprint": mark,
        "psp_reference": receipt.psp_reference,
        "internal_reference": receipt.internal_reference,
        "office": receipt.office,
        "vat_code": receipt.vat_code,
        "vat_pence": receipt.vat_pence,
        "rules": receipt.rules,
    }
