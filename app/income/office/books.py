"""What the council's codes say of a row that is about to be posted: whether it may be, and its VAT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.income.office.vocabulary import Codes, check_row, codes
from app.income.vat import vat_code_of, vat_within
from app.wording import money
from models.changes import Author
from models.income import JOURNAL_HOLDS, Account, JournalLine, Receipt, Refund, RefundState

if TYPE_CHECKING:
    from app.income.office.journal_views import JournalRow

REFUND_HOLDS = (RefundState.REQUESTED.value, RefundState.AUTHORISED.value, RefundState.PAID.value)


@dataclass(frozen=True)
class Books:
    """The codes and suspense funds of a store, read once for a whole act, and the roles of its author."""

    codes: Codes
    suspense_funds: Mapping[str, str]  # by account id
    roles: frozenset[str]

    def suspense_fund(self, account_id: str) -> str:
        """Return the fund that an account's suspense is kept in."""
        return self.suspense_funds.get(account_id, "SP")

    def check(self, place: int, row: JournalRow, account_id: str, *, reference: bool = True) -> None:
        """Raise HoldallError when row number `place` may not be posted: its fund, amount, account reference.

        `reference` False leaves the account out, for a write-off, which has none. A store without any funds
        knows no codes yet, so there each code passes.
        """
        code = row.fund.strip()
        if not code:
            raise HoldallError(f"Line {place} has no fund.", "Choose the fund that the money goes to.")
        fund = self.codes.funds.get(code)
        if code == self.suspense_fund(account_id) or (fund is not None and fund.is_suspense):
            raise HoldallError(
                f"Line {place} goes to the suspense fund {code}.", "Choose the fund that the money is for."
            )
        if self.codes.funds and fund is None:
            raise HoldallError(f"Line {place}: there is no fund “{code}”.", "Choose one from the list.")
        if fund is not None and fund.disabled:
            raise HoldallError(f"Line {place}: fund {code} is no longer used.", "Choose another one.")
        if not reference:
            return
        wrong = check_row(self.codes, code, "", row.account_reference, row.pence, self.roles)
        if wrong:
            raise HoldallError(f"Line {place}: {wrong[0]}", "Put this line right, then propose it again.")

    def vat(self, row: JournalRow) -> tuple[str, int]:
        """Return the VAT code of a row and the VAT within its pence, with the same sign.

        The fund's code counts, unless the fund lets a row say its own.
        """
        fund = self.codes.funds.get(row.fund)
        code = row.vat_code
        if fund is not None:
            code = vat_code_of(row.vat_code, fund.vat_code, fund.vat_override)
        rate = self.codes.vat_codes.get(code)
        return code, vat_within(row.pence, 0 if rate is None else rate.rate)


def books_of(session: Session) -> Books:
    """Return the codes as they are now."""
    author: Author = session.info["author"]
    funds = session.execute(select(Account.id, Account.suspense_fund))
    return Books(codes(session), {row[0]: row[1] for row in funds}, author.roles)


def refuse_overdrawn(session: Session, receipt_id: str) -> None:
    """Raise HoldallError when refunds and journals together ask for more of a posting than it is.

    The server holds each kind to the posting alone, so two laptops can ask for one of each.
    """
    receipt = session.get(Receipt, receipt_id)
    if receipt is None:
        return
    taken = spoken_for(session, receipt_id)
    if taken > abs(receipt.amount_pence):
        raise HoldallError(
            f"Refunds and journals ask for {money(taken)} of this posting, which is "
            f"{money(abs(receipt.amount_pence))}.",
            "Refuse one of them first.",
        )


def spoken_for(session: Session, receipt_id: str) -> int:
    """Return the pence of a posting, without a sign, that live refunds and journals have taken of it."""
    refunds = session.scalar(
        select(func.sum(func.abs(Refund.amount_pence))).where(
            Refund.receipt_id == receipt_id, Refund.state.in_(REFUND_HOLDS), Refund.deleted.is_(False)
        )
    )
    journals = session.scalar(
        select(func.sum(func.abs(JournalLine.amount_pence))).where(
            JournalLine.receipt_id == receipt_id,
            JournalLine.state.in_(JOURNAL_HOLDS),
            JournalLine.deleted.is_(False),
        )
    )
    return (refunds or 0) + (journals or 0)
