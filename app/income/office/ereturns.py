"""eReturns: what a paying-in site sends, cash or cheques, from the first coin counted to its postings.

A site begins one, writes what it took and what for, and submits it once both sides come to the same. Another
person authorises it; each line then becomes a receipt that names the bag or slip, so the bank's credit finds
it. Every act takes a write session and returns Changed; the policy of models.income refuses the same person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income import rules
from app.income.office import cash
from app.income.office.chain import Chain, chain
from app.income.office.ereturn_views import ChequeRow, EReturnView, LineRow, ereturn, ereturns, mop_of
from app.income.office.periods import refuse_closed
from app.income.office.vocabulary import Codes, codes
from app.income.reading import ReceiptRead
from app.income.vat import vat_code_of, vat_within
from app.wording import local_date
from models.base import Record, mark_deleted
from models.changes import Author, Changed
from models.ids import new_id
from models.income import (
    Account,
    EReturn,
    EReturnCheque,
    EReturnKind,
    EReturnLine,
    EReturnState,
    Receipt,
)
from models.types import clean_text

__all__ = [
    "Chain",
    "ChequeRow",
    "EReturnView",
    "LineRow",
    "authorise",
    "begin",
    "chain",
    "delete",
    "ereturn",
    "ereturns",
    "number_of",
    "send_back",
    "set_cash",
    "set_cheques",
    "set_lines",
    "submit",
    "void",
]

LONGEST_REASON = 4_000
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which people misread
_SINCE = 1_577_836_800_000  # milliseconds at 1 January 2020

_R = TypeVar("_R", bound=Record)


def begin(
    session: Session,
    account_id: str,
    kind: EReturnKind | str,
    site: str,
    taken_on: date,
    office: str = "",
    ereturn_id: str = "",
) -> tuple[str, Changed]:
    """Begin an eReturn for the account it will be paid into; return its id and what changed.

    `taken_on` is the day of the money. Raises HoldallError without a site or an account.
    """
    account = session.get(Account, account_id)
    if account is None or account.deleted:
        raise NotFound("This bank account is not here.", "Choose the account that the money is paid into.")
    where = clean_text(site, 80).strip()
    if not where:
        raise HoldallError("The site is missing.", "Write where the money was taken, then begin.")
    record_id = ereturn_id or new_id()
    record = EReturn(
        id=record_id,
        account_id=account_id,
        number=number_of(record_id),
        kind=EReturnKind(kind),
        site=where,
        office=office.strip(),
        taken_on=taken_on,
    )
    session.add(record)
    session.flush()
    return record_id, Changed.of(record)


def number_of(record_id: str) -> str:
    """Return the number an eReturn goes by: ER and eleven signs, in the order of making.

    It is the millisecond and 15 random bits of the record's id, so no two laptops give the same one.
    """
    digits = record_id.replace("-", "")
    value = (int(digits[:12], 16) - _SINCE) % (1 << 40) << 15 | int(digits[-4:], 16) & 0x7FFF
    return "ER" + "".join(_DIGITS[value >> 5 * place & 31] for place in range(10, -1, -1))


def set_cash(session: Session, ereturn_id: str, denominations: Mapping[int, int], slip: str) -> Changed:
    """Keep the cash as counted: pence by the value of one note or coin, and the bag's number.

    Raises HoldallError naming the denomination whose value is not a whole number of it.
    """
    record = _open(session, ereturn_id, EReturnKind.CASH)
    record.denominations = {str(one): pence for one, pence in cash.checked(denominations).items()}
    record.slip = _slip(slip)
    return Changed.of(record)


def set_cheques(session: Session, ereturn_id: str, rows: Sequence[ChequeRow], slip: str) -> Changed:
    """Keep the cheques in the order given, and the number of their paying-in slip.

    Raises HoldallError for a cheque of nothing or less.
    """
    record = _open(session, ereturn_id, EReturnKind.CHEQUE)
    for place, row in enumerate(rows, 1):
        if row.pence <= 0:
            raise HoldallError(f"Cheque {place} has no amount above nothing.", "Write the cheque’s amount.")
    record.slip = _slip(slip)
    values = [
        {"item_no": place, "name": row.name.strip(), "amount_pence": row.pence}
        for place, row in enumerate(rows, 1)
    ]
    return Changed.of(record) | _replace(session, EReturnCheque, ereturn_id, "item_no", values)


def set_lines(session: Session, ereturn_id: str, rows: Sequence[LineRow]) -> Changed:
    """Keep what the money was taken for, in the order given. Raises HoldallError for less than nothing."""
    _open(session, ereturn_id)
    for place, row in enumerate(rows, 1):
        if row.pence < 0:
            raise HoldallError(f"Line {place} is less than nothing.", "Pay money back as a refund instead.")
    values = [
        {
            "line_no": place,
            "fund": row.fund.strip(),
            "reference": row.reference.strip(),
            "description": row.description.strip(),
            "vat_code": row.vat_code.strip(),
            "amount_pence": row.pence,
        }
        for place, row in enumerate(rows, 1)
    ]
    return _replace(session, EReturnLine, ereturn_id, "line_no", values)


def submit(session: Session, ereturn_id: str) -> Changed:
    """Send an eReturn to be authorised. Raises HoldallError with the first thing that is missing."""
    record = _open(session, ereturn_id)
    _refuse_faulty(session, ereturn_id)
    author = _author(session)
    record.state = EReturnState.SUBMITTED
    record.submitted_by = author.user_id
    record.submitted_by_name = author.name
    record.submitted_at = session.info["now"]
    return Changed.of(record)


def send_back(session: Session, ereturn_id: str, reason: str) -> Changed:
    """Give a submitted eReturn back to its site, with what has to be put right."""
    record = _submitted(session, ereturn_id)
    return _decide(session, record, EReturnState.IN_PROGRESS, _reason(reason, "Sending an eReturn back"))


def authorise(session: Session, ereturn_id: str) -> Changed:
    """Post a submitted eReturn: one receipt for each line above zero, on the day it was submitted.

    The receipts have stable ids, so two laptops that authorise the same one make the same receipts. Raises
    MoveRefused for who submitted it, and HoldallError when its sides no longer agree or its period is closed.
    """
    record = _submitted(session, ereturn_id)
    _refuse_faulty(session, ereturn_id)
    refuse_closed(session, record.account_id, _posted_on(session, record), "an eReturn")
    changed = _decide(session, record, EReturnState.AUTHORISED, record.note)
    session.flush()
    return changed | _post(session, record)


def void(session: Session, ereturn_id: str, reason: str = "") -> Changed:
    """Give up an eReturn before it is submitted; its record stays."""
    record = _open(session, ereturn_id)
    return _decide(session, record, EReturnState.VOIDED, clean_text(reason, LONGEST_REASON).strip())


def delete(session: Session, ereturn_id: str, reason: str) -> Changed:
    """Refuse a submitted eReturn for good, with a reason; an authorised one can never be deleted."""
    record = _submitted(session, ereturn_id)
    return _decide(session, record, EReturnState.DELETED, _reason(reason, "Deleting an eReturn"))


def _post(session: Session, record: EReturn) -> Changed:
    """Write the receipts of an authorised eReturn; one that a colleague's laptop brought already is left."""
    account = session.get_one(Account, record.account_id)
    lines = _kept(session, EReturnLine, record.id)
    posted_on, known = _posted_on(session, record), codes(session, ())
    made = []
    for line in sorted(lines, key=lambda one: one.line_no):
        if not line.amount_pence:
            continue
        read = _receipt_of(known, record, line, posted_on)
        receipt_id = rules.stable_id(posted_on, "receipt", account.key, read.ledger_id)
        if session.get(Receipt, receipt_id) is None:
            made.append(_receipt(account, record, read, receipt_id))
    session.add_all(made)
    return Changed.of(*made)


def _posted_on(session: Session, record: EReturn) -> date:
    """Return the day an eReturn is posted on: the one it was submitted on, in London."""
    return local_date(record.submitted_at or session.info["now"])


def _receipt_of(known: Codes, record: EReturn, line: EReturnLine, posted_on: date) -> ReceiptRead:
    """Return the posting of one line: the bag or slip is its reference, the account stands in its words."""
    words = " ".join(part for part in (line.description, line.reference) if part)
    fund = known.funds.get(line.fund)
    code = vat_code_of(line.vat_code, fund.vat_code, fund.vat_override) if fund is not None else line.vat_code
    rate = known.vat_codes[code].rate if code in known.vat_codes else 0
    return ReceiptRead(
        line.line_no,
        f"{record.number}-{line.line_no}",
        posted_on,
        line.amount_pence,
        record.slip or record.number,
        line.fund,
        mop_of(record.kind, known),
        words or f"{record.site}, {record.kind.value}",
        internal_reference=record.number,
        office=record.office,
        vat_code=code,
        vat_pence=vat_within(line.amount_pence, rate),
    )


def _receipt(account: Account, record: EReturn, read: ReceiptRead, receipt_id: str) -> Receipt:
    return Receipt(
        id=receipt_id,
        account_id=account.id,
        file_id=record.id,  # no file brought it: the eReturn did
        line_no=read.file_line,
        ledger_id=read.ledger_id,
        posted_on=read.posted_on,
        amount_pence=read.pence,
        reference=read.reference,
        fund=read.fund,
        mop=read.mop,
        narrative=read.narrative,
        internal_reference=read.internal_reference,
        office=read.office,
        vat_code=read.vat_code,
        vat_pence=read.vat_pence,
        fingerprint=rules.receipt_fingerprint(account.key, read),
    )


def _replace(
    session: Session, model: type[_R], ereturn_id: str, place: str, rows: Sequence[dict[str, Any]]
) -> Changed:
    """Make the rows of an eReturn these: changed in place, added at the end, or taken away."""
    there = {getattr(one, place): one for one in _kept(session, model, ereturn_id)}
    touched: list[Record] = []
    for row in rows:
        old = there.pop(row[place], None)
        if old is None:
            old = model(ereturn_id=ereturn_id, **row)
            session.add(old)
            touched.append(old)
        elif any(getattr(old, name) != value for name, value in row.items()):
            for name, value in row.items():
                setattr(old, name, value)
            touched.append(old)
    for old in there.values():
        mark_deleted(old)
        touched.append(old)
    session.flush()
    return Changed.of(*touched)


def _kept(session: Session, model: type[_R], ereturn_id: str) -> list[_R]:
    """Return the lines or cheques of an eReturn that are not taken away."""
    column: Any = model.ereturn_id  # type: ignore[attr-defined]
    return list(session.scalars(select(model).where(column == ereturn_id, model.deleted.is_(False))))


def _refuse_faulty(session: Session, ereturn_id: str) -> None:
    session.flush()
    found = ereturn(session, ereturn_id).missing
    if found:
        more = f"{len(found) - 1} more to put right after that." if len(found) > 1 else "Then try again."
        raise HoldallError(found[0], f"Put this right first. {more}")


def _decide(session: Session, record: EReturn, state: EReturnState, note: str) -> Changed:
    record.state = state
    record.note = note
    record.decided_by_name = _author(session).name
    record.decided_at = session.info["now"]
    return Changed.of(record)


def _open(session: Session, ereturn_id: str, kind: EReturnKind | None = None) -> EReturn:
    """Return an eReturn that may still be changed. Raises HoldallError."""
    record = _found(session, ereturn_id)
    if record.state != EReturnState.IN_PROGRESS:
        raise HoldallError(
            f"eReturn {record.number} is {record.state}, so it does not change any more.",
            "Ask for it to be sent back, or begin a new one.",
        )
    if kind is not None and record.kind != kind:
        raise HoldallError(
            f"eReturn {record.number} is for {record.kind.value}, not for {kind.value}.",
            f"Begin another one for {kind.value}.",
        )
    return record


def _submitted(session: Session, ereturn_id: str) -> EReturn:
    """Return an eReturn that waits to be authorised. Raises HoldallError."""
    record = _found(session, ereturn_id)
    if record.state != EReturnState.SUBMITTED:
        state = record.state.value.replace("_", " ")
        raise HoldallError(
            f"eReturn {record.number} is {state}, not submitted.",
            "Look at the fresh list: a colleague may have been quicker.",
        )
    return record


def _found(session: Session, ereturn_id: str) -> EReturn:
    record = session.get(EReturn, ereturn_id)
    if record is None or record.deleted:
        raise NotFound("This eReturn is not here.", "It may have been undone. Choose another one.")
    return record


def _slip(text: str) -> str:
    return clean_text(text, 50).strip()


def _reason(text: str, act: str) -> str:
    words = clean_text(text, LONGEST_REASON).strip()
    if not words:
        raise HoldallError(f"{act} needs a reason.", "Write what has to be put right.")
    return words


def _author(session: Session) -> Author:
    author: Author = session.info["author"]
    return author
