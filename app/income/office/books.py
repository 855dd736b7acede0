"""What the council's codes say of a row that is about to be posted: whether it may be, and its VAT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from models.income import (
    JOURNAL_HOLDS,
    Account,
    Fund,
    JournalLine,
    Refund,
    RefundState,
    VatCode,
)

if TYPE_CHECKING:
    from app.income.office.journal_views import JournalRow

REFUND_HOLDS = (RefundState.REQUESTED.value, RefundState.AUTHORISED.value, RefundState.PAID.value)


@dataclass(frozen=True)
class Books:
    """The funds, VAT rates and suspense funds of a store, read once for a whole act."""

    funds: Mapping[str, Fund]
    rates: Mapping[str, int]  # basis points by VAT code
    suspense_funds: Mapping[str, str]  # by account id

    def suspense_fund(self, account_id: str) -> str:
        """Return the fund that an account's suspense is kept in."""
        return self.suspense_funds.get(account_id, "SP")

    def check(self, place: int, row: JournalRow, account_id: str) -> None:
        """Raise HoldallError when row number `place` may not be posted to its fund.

        A store without any funds knows no codes yet, so there each code passes.
        """
        code = row.fund.strip()
        if not code:
            raise HoldallError(f"Line {place} has no fund.", "Choose the fund that the money goes to.")
        fund = self.funds.get(code)
        if code == self.suspense_fund(account_id) or (fund is not None and fund.is_suspense):
            raise HoldallError(
                f"Line {place} goes to the suspense fund {code}.", "Choose the fund that the money is for."
            )
        if self.funds and fund is None:
            raise HoldallError(f"Line {place}: there is no fund {code}.", "Choose one from the list.")
        if fund is not None and fund.disabled:
            raise HoldallError(f"Line {place}: fund {code} is no longer used.", "Choose another one.")

    def vat(self, row: JournalRow) -> tuple[str, int]:
        """Return the VAT code of a row and the VAT within its pence, with the same sign.

        The fund's code counts, unless the fund lets a row say its own.
        """
        fund = self.funds.get(row.fund)
        code = row.vat_code
        if fund is not None and not (fund.vat_override and row.vat_code):
            code = fund.vat_code
        return code, vat_within(row.pence, self.rates.get(code, 0))


def books_of(session: Session) -> Books:
    """Return the codes as they are now."""
    rates = select(VatCode.code, VatCode.rate).where(VatCode.deleted.is_(False))
    return Books(
        {fund.code: fund for fund in session.scalars(select(Fund).where(Fund.deleted.is_(False)))},
        {row[0]: row[1] for row in session.execute(rates)},
        {row[0]: row[1] for row in session.execute(select(Account.id, Account.suspense_fund))},
    )


def vat_within(gross_pence: int, rate: int) -> int:
    """Return the VAT in a gross amount at `rate` basis points, rounded half to even, the sign kept."""
    whole = 10_000 + rate
    pence, rest = divmod(abs(gross_pence) * rate, whole)
    if 2 * rest > whole or (2 * rest == whole and pence % 2):
        pence += 1
    return pence if gross_pence >= 0 else -pence


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
