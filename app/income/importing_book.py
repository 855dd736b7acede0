"""How the book comes in: postings of a ledger extract, taken once, with the import rules run over them.

A posting that no rule gives a fund is posted in the account's suspense fund and held as suspense. An import
of which nothing was used yet can be reversed; it is never half there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.income import rules
from app.income.amounts import figure
from app.income.files import LedgerFile
from app.income.office.kept_rules import running
from app.income.office.suspense import IMPORTER, hold_receipt
from app.income.office.vocabulary import check_row, codes
from app.income.reading import BadRow, BadRows, Control, ReceiptRead, Unproved
from app.income.row_rules import RuleSet
from app.income.rule_names import joined_names
from app.income.storing import AlreadyImported, Imported, chunks, create, file_record, refuse_same_file
from models import garbage
from models.changes import Changed, bulk_create
from models.income import Account, FileKind, Note, Receipt, RuleUse, Suspense

_MANY = 2_000  # rows from which the whole book is read at once
_LONGEST_RULES = 500
_MOST_REMARKS = 20


@dataclass
class _Kept:
    """What the store has of one account's book, by the ledger's ids; `gone` are postings taken back."""

    marks: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)


def import_ledger(
    session: Session, read: LedgerFile, account_id: str, *, unproved_reason: str = ""
) -> Imported:
    """Bring in the rows of a ledger extract as the book of one account; rows that are here are passed over.

    Raises AlreadyImported; BadRows when a row that is here says something else now; Unproved when a total
    that the file states is not what its rows make, unless `unproved_reason` says why it is taken still.
    """
    refuse_same_file(session, read.sha256, read.name)
    account = session.get(Account, account_id)
    if account is None or account.deleted:
        raise HoldallError("This account is not here.", "Import a bank statement first, then its ledger.")
    failing = [control for control in read.controls if not control.holds]
    if failing and not unproved_reason.strip():
        raise Unproved(
            f"“{read.name}” does not prove: {control_words(failing[0], account.currency)}. "
            "Nothing was imported.",
            "Ask for the file again, or take it unproved on purpose, with a reason.",
        )
    with garbage.held_back():
        fresh = _fresh(session, read, account)
        if not fresh:
            raise AlreadyImported(
                f"Every row of “{read.name}” is here already.", "Nothing was imported twice."
            )
        file_id = file_record(session, read, FileKind.LEDGER, account_id)
        changed = Changed(frozenset({"income_file"}), frozenset({file_id}))
        touched, odd = _post(session, account, read, file_id, fresh)
    changed |= touched
    remarks = [*(str(problem) for problem in read.problems), *odd]
    if failing:
        told = f"Taken unproved: {control_words(failing[0], account.currency)}. {unproved_reason.strip()}"
        changed |= note_file(session, account_id, file_id, told)
        remarks.insert(0, told)
    known = len(read.receipts) - len(fresh)
    return Imported(changed, (file_id,), len(fresh), known, remarks=tuple(remarks))


def control_words(control: Control, currency: str) -> str:
    """Return what a total that does not hold says, without a full stop."""
    if control.stated is None:
        return f"the {control.name} is missing"
    if control.unit == "pence":
        stated, counted = figure(control.stated, currency), figure(control.counted, currency)
    else:
        stated, counted = f"{control.stated:,}", f"{control.counted:,}"
    return f"the {control.name} is {stated}, but its rows make {counted}"


def note_file(session: Session, account_id: str, file_id: str, text: str) -> Changed:
    """Keep words on an imported file, in the author's name."""
    note = Note(account_id=account_id, subject_id=file_id, text=text, written_by=session.info["author"].name)
    session.add(note)
    return Changed.of(note)


def _fresh(session: Session, read: LedgerFile, account: Account) -> list[tuple[ReceiptRead, str, str | None]]:
    """Return the postings that are not here yet: each with its file's mark, and the mark of one taken back.

    Raises BadRows when one that is here says something else now.
    """
    marks = rules.receipt_fingerprints(account.key, read.receipts)
    kept = _kept(session, account.id, [receipt.ledger_id for receipt in read.receipts])
    fresh: list[tuple[ReceiptRead, str, str | None]] = []
    changed_rows: list[BadRow] = []
    here, gone = kept.marks, kept.gone
    for receipt, mark in zip(read.receipts, marks, strict=True):
        before = here.get(receipt.ledger_id)
        if before is None:
            fresh.append((receipt, mark, gone.get(receipt.ledger_id)))
        elif mark not in before and _bare_mark(account.key, receipt) not in before:
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
    return fresh


def _bare_mark(account: str, receipt: ReceiptRead) -> str:
    """Return the mark that a posting had when only seven columns of its file were read."""
    bare = receipt._replace(psp_reference="", internal_reference="", office="", vat_code="", vat_pence=0)
    return rules.receipt_fingerprint(account, bare)


def _kept(session: Session, account_id: str, ledger_ids: Sequence[str]) -> _Kept:
    wanted = select(Receipt.ledger_id, Receipt.fingerprint, Receipt.given, Receipt.deleted).where(
        Receipt.account_id == account_id
    )
    kept = _Kept()
    parts: Iterable[Any] = [None] if len(ledger_ids) > _MANY else chunks(ledger_ids)
    for part in parts:
        asked = wanted if part is None else wanted.where(Receipt.ledger_id.in_(part))
        for ledger_id, mark, given, deleted in session.execute(asked):
            if deleted:
                kept.gone[ledger_id] = mark
            else:
                kept.marks[ledger_id] = (mark, given)
    return kept


def _post(
    session: Session,
    account: Account,
    read: LedgerFile,
    file_id: str,
    fresh: Sequence[tuple[ReceiptRead, str, str | None]],
) -> tuple[Changed, list[str]]:
    """Write the postings as the rules leave them, and hold as suspense those that have no fund.

    Return what changed, and what the council's codes say against them: they are in the ledger, so they come
    in all the same.
    """
    ready = running(session, RuleUse.IMPORT, account.id)
    ruled = [_ruled(ready, receipt) if len(ready) else receipt for receipt, _, _ in fresh]
    fund = account.suspense_fund if read.tells_fund or len(ready) else ""
    homeless = [place for place, receipt in enumerate(ruled) if not receipt.fund and fund]
    for place in homeless:
        ruled[place] = ruled[place]._replace(fund=fund)
    changed_here = {
        place for place, receipt in enumerate(ruled) if receipt is not fresh[place][0]
    }  # by identity: most files have no rule and no row without a fund
    posted = rules.receipt_fingerprints(account.key, [ruled[place] for place in sorted(changed_here)])
    marks = dict(zip(sorted(changed_here), posted, strict=True))
    rows = []
    for place, (_, given, gone) in enumerate(fresh):
        mark = marks.get(place, given)
        values = _receipt_values(account, file_id, ruled[place], mark, gone)
        rows.append(values | {"given": given} if mark != given else values)
    changed = create(session, Receipt, rows)
    changed |= _hold(session, read.name, [rows[place] for place in homeless])
    return changed, _code_remarks(session, ruled)


def _code_remarks(session: Session, receipts: Sequence[ReceiptRead]) -> list[str]:
    """Return what is wrong with postings by the council's codes: each once, with its first line."""
    references = {receipt.reference for receipt in receipts}
    known = codes(session, references if len(references) <= _MANY else None)
    if not known.funds:
        return []
    first: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for receipt in receipts:
        for told in check_row(known, receipt.fund, receipt.mop, receipt.reference, receipt.pence):
            first.setdefault(told, receipt.file_line)
            counts[told] += 1
    shown = [
        f"Line {line}: {told}" if counts[told] == 1 else f"Line {line} and {counts[told] - 1:,} more: {told}"
        for told, line in list(first.items())[:_MOST_REMARKS]
    ]
    if len(first) > _MOST_REMARKS:
        shown.append(f"And {len(first) - _MOST_REMARKS:,} more remarks like these.")
    return shown


def _ruled(ready: RuleSet, receipt: ReceiptRead) -> ReceiptRead:
    """Return a posting as the import rules leave it, with the names of those that fired."""
    row = {
        "AccountReference": receipt.reference,
        "Reference": receipt.reference,
        "Amount": receipt.pence,
        "FundCode": receipt.fund,
        "MopCode": receipt.mop,
        "OfficeCode": receipt.office,
        "VatCode": receipt.vat_code,
        "Narrative": receipt.narrative,
    }
    after, fired = ready.run(row)
    if not fired:
        return receipt
    account = after["AccountReference"]
    reference = account if account != receipt.reference else after["Reference"]
    return receipt._replace(
        reference=reference[:64],
        fund=after["FundCode"][:16],
        mop=after["MopCode"][:16],
        office=after["OfficeCode"][:2],
        vat_code=after["VatCode"][:2],
        narrative=after["Narrative"][:200],
        rules=joined_names(fired, _LONGEST_RULES),
    )


def _hold(session: Session, name: str, rows: Sequence[dict[str, Any]]) -> Changed:
    """Hold postings without a fund, many at once, as app.income.office.suspense.hold_receipt holds one.

    It holds those itself that were held before their import was taken back.
    """
    moved = [row for row in rows if row["amount_pence"]]
    held = {rules.stable_id(row["posted_on"], "suspense", row["id"]): row for row in moved}
    before = {
        item_id
        for part in chunks(list(held))
        for item_id in session.scalars(select(Suspense.id).where(Suspense.id.in_(part)))
    }
    changed = Changed()
    for item_id in sorted(before):
        changed |= hold_receipt(session, session.get_one(Receipt, held[item_id]["id"]), "")
    items, notes = [], []
    for item_id, row in held.items():
        if item_id in before:
            continue
        items.append(
            {
                "id": item_id,
                "account_id": row["account_id"],
                "receipt_id": row["id"],
                "held_on": row["posted_on"],
                "amount_pence": row["amount_pence"],
                "reference": row["reference"],
                "narrative": row["narrative"],
                "office": row["office"],
                "mop": row["mop"][:5],
            }
        )
        notes.append(
            {
                "id": rules.stable_id(row["posted_on"], "suspense note", row["id"]),
                "account_id": row["account_id"],
                "subject_id": item_id,
                "text": f"It came without a fund, in line {row['line_no']} of “{name}”.",
                "written_by": IMPORTER,
            }
        )
    return changed | bulk_create(session, Suspense, items) | bulk_create(session, Note, notes)


def _receipt_values(
    account: Account, file_id: str, receipt: ReceiptRead, mark: str, gone: str | None
) -> dict[str, Any]:
    """Return one posting's columns. One that was taken back and now says something else gets another id."""
    parts = (account.key, receipt.ledger_id, *((mark,) if gone not in {None, mark} else ()))
    return {
        "id": rules.stable_id(receipt.posted_on, "receipt", *parts),
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
