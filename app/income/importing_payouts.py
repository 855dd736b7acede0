"""How payment providers' reports come in: each payout once, proved by its lines or taken unproved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.income import rules
from app.income.files import SettlementFile
from app.income.formats.settling import payout_of
from app.income.payouts import PayoutProof, is_list, proof_words, prove_payout
from app.income.reading import SettlementLineRead, SettlementRead, Unproved
from app.income.storing import AlreadyImported, Imported, chunks, create, file_record, refuse_same_file
from app.wording import plural
from models.changes import Author, Changed
from models.income import Account, FileKind, Settlement, SettlementLine

LISTS = frozenset({"GOV.UK Pay"})  # providers whose reports never name a payout
_EPOCH = date(2000, 1, 1)  # a payout's id does not hang on its day, which some reports leave out
_LONGEST_REASON = 4_000


def import_settlements(
    session: Session, read: SettlementFile, account_id: str | None, *, unproved_reason: str = ""
) -> Imported:
    """Bring in every payout of a provider's report; those that are here are passed over.

    `ids` of the result are the payouts, `new` and `known` count their lines. Raises AlreadyImported; Unproved
    with the pence and the likeliest line for a payout that does not prove, unless `unproved_reason` says why
    it is taken all the same; HoldallError for one that is here and now says something else.
    """
    refuse_same_file(session, read.sha256, read.name)
    if account_id is not None and session.get(Account, account_id) is None:
        raise HoldallError("This account is not here.", "Import a bank statement first, then its payouts.")
    reason = unproved_reason.strip()[:_LONGEST_REASON]
    payouts, remarks = _closed(read.settlements)
    proofs = [prove_payout(payout) for payout in payouts]
    if not reason:
        _refuse_unproved(read, payouts, proofs)
    by_place: list[tuple[SettlementRead, str]] = []
    known = 0
    for payout in payouts:
        record_id = _payout_id(payout, read.sha256)
        if is_list(payout):
            fresh = _unknown_lines(session, payout)
            known += len(payout.lines) - len(fresh.lines)
            if fresh.lines:
                by_place.append((fresh, record_id))
            continue
        if _is_here(session, payout, record_id):
            known += len(payout.lines)
            continue
        by_place.append((payout, record_id))
    if not by_place:
        what = "Every payout" if any(not is_list(payout) for payout in payouts) else "Every payment"
        raise AlreadyImported(f"{what} of “{read.name}” is here already.", "Nothing was imported twice.")
    file_id = file_record(session, read, FileKind.SETTLEMENT, account_id)
    rows, lines = _values(session, by_place, account_id, file_id, reason)
    changed = Changed(frozenset({"income_file"}), frozenset({file_id}))
    changed |= create(session, Settlement, rows) | create(session, SettlementLine, lines)
    ids = tuple(row["id"] for row in rows)
    remarks += [
        f"Taken unproved. {proof_words(payout, proof)}"
        for payout, proof in zip(payouts, proofs, strict=True)
        if not proof.ok
    ]
    return Imported(changed, ids, len(lines), known, remarks=tuple(remarks))


def _closed(settlements: Sequence[SettlementRead]) -> tuple[list[SettlementRead], list[str]]:
    """Return the payouts of a report, without rows that a later payout will pay, and a remark on those."""
    payouts: list[SettlementRead] = []
    remarks: list[str] = []
    for one in settlements:
        if is_list(one) and one.provider not in LISTS and len(settlements) > 1:
            told = plural(len(one.lines), "row is", "rows are")
            remarks.append(f"{told} not paid out yet; a later report brings them with their payout.")
        else:
            payouts.append(one)
    return payouts, remarks


def _refuse_unproved(
    read: SettlementFile, payouts: Sequence[SettlementRead], proofs: Sequence[PayoutProof]
) -> None:
    """Raise Unproved naming the first payout that does not prove."""
    failing = [place for place, proof in enumerate(proofs) if not proof.ok]
    if not failing:
        return
    told = proof_words(payouts[failing[0]], proofs[failing[0]])
    more = f" {plural(len(failing) - 1, 'more payout does', 'more payouts do')} not prove either."
    raise Unproved(
        f"“{read.name}” does not prove, so nothing was imported. {told}{more if len(failing) > 1 else ''}",
        "Ask the provider’s site for the report again, or take it unproved on purpose, with a reason.",
    )


def _payout_id(payout: SettlementRead, sha256: str) -> str:
    parts = (payout.provider, payout.merchant, payout.payout_id)
    return rules.stable_id(_EPOCH, "settlement", *(parts if payout.payout_id else (*parts, sha256)))


def _is_here(session: Session, payout: SettlementRead, record_id: str) -> bool:
    """Say whether a payout is in the store; raises HoldallError when it says something else there."""
    here = session.get(Settlement, record_id)
    if here is None or here.deleted:
        return False
    same = (here.net_pence, here.gross_pence, here.fees_pence, here.line_count) == (
        *(payout.net, payout.gross, payout.fees),
        len(payout.lines),
    )
    if not same:
        raise HoldallError(
            f"Payout {payout.payout_id} is here already and says something else, so nothing was imported.",
            "Compare the two reports. A payout that was taken stays as it was.",
        )
    return True


def _unknown_lines(session: Session, payout: SettlementRead) -> SettlementRead:
    """Return a list of payments without those that an earlier list brought."""
    ids = _line_ids(payout)
    here = {
        record_id
        for part in chunks(ids)
        for record_id in session.scalars(
            select(SettlementLine.id).where(SettlementLine.id.in_(part), SettlementLine.deleted.is_(False))
        )
    }
    fresh = [line for line, record_id in zip(payout.lines, ids, strict=True) if record_id not in here]
    return payout_of(payout.provider, "", payout.paid_on, payout.currency, None, fresh, payout.problems)


def _line_ids(payout: SettlementRead) -> list[str]:
    """Return ids of a list's lines that another list with the same payments gives too."""
    marks = [
        rules.fingerprint(payout.provider, line.psp_reference, line.kind, str(line.gross), str(line.net))
        for line in payout.lines
    ]
    return [
        rules.stable_id(line.made_on, "settlement line", mark, str(count))
        for line, mark, count in zip(payout.lines, marks, rules.occurrences(marks), strict=True)
    ]


def _values(
    session: Session,
    payouts: Sequence[tuple[SettlementRead, str]],
    account_id: str | None,
    file_id: str,
    reason: str,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the columns of payouts and of their lines."""
    author: Author = session.info["author"]
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for payout, record_id in payouts:
        proof = prove_payout(payout)
        rows.append(
            {
                "id": record_id,
                "account_id": account_id,
                "file_id": file_id,
                "provider": payout.provider,
                "payout_id": payout.payout_id,
                "paid_on": payout.paid_on,
                "currency": payout.currency,
                "gross_pence": payout.gross,
                "fees_pence": payout.fees,
                "refunds_pence": payout.refunds,
                "disputes_pence": payout.disputes,
                "other_pence": payout.other,
                "net_pence": payout.net,
                "line_count": len(payout.lines),
                "difference_pence": proof.difference,
                "unproved_by": None if proof.ok else author.name,
                "unproved_reason": None if proof.ok else reason,
            }
        )
        lines += _line_values(payout, record_id)
    return rows, lines


def _line_values(payout: SettlementRead, settlement_id: str) -> Iterator[dict[str, Any]]:
    ids = (
        _line_ids(payout)
        if is_list(payout)
        else [
            rules.stable_id(line.made_on, "settlement line", settlement_id, str(place))
            for place, line in enumerate(payout.lines)
        ]
    )
    for line, record_id in zip(payout.lines, ids, strict=True):
        yield _one_line(line, record_id, settlement_id)


def _one_line(line: SettlementLineRead, record_id: str, settlement_id: str) -> dict[str, Any]:
    return {
        "id": record_id,
        "settlement_id": settlement_id,
        "line_no": line.file_line,
        "kind": line.kind,
        "made_on": line.made_on,
        "gross_pence": line.gross,
        "fee_pence": line.fee,
        "net_pence": line.net,
        "reference": line.reference,
        "psp_reference": line.psp_reference,
        "words": line.words,
    }
