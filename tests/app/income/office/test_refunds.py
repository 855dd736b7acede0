"""Refunds and card fees: who asks is not who authorises, and no posting gives back more than it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.income.office import periods, refunds
from app.income.office.refunds import RefundView
from app.income.verify import verify
from models.changes import bulk_create
from models.errors import MoveRefused
from models.income import Fund, Method, Receipt, RefundState, VatCode
from tests.app.income.office.conftest import Act
from tests.app.income.office.test_journals import held, receipt_id_of
from tests.app.income.office.test_periods import explain
from tests.app.income.office.test_suspense import posting

DAY = date(2026, 12, 18)


def all_of(context: Context) -> list[RefundView]:
    return context.read(refunds.refunds)


def postings(context: Context) -> list[Receipt]:
    """What the office posted itself."""
    return context.read(
        lambda s: list(s.scalars(select(Receipt).where(Receipt.file_id == "").order_by(Receipt.id)))
    )


def methods(context: Context) -> None:
    """Bring methods of payment: a card that may be refunded and incurs a fee, and cheques."""
    lead = replace(context.author, roles=frozenset({"officer", "lead"}))
    with context.store.write(lead, "Codes", context.now()) as session:
        session.add_all(
            [
                Method(code="24", name="Cheque", kind="cheque"),
                Method(code="28", name="Card", kind="card", refundable=True, incurs_fee=True, fee_fund="13"),
                Method(code="PF", name="Card fee", kind="fee"),
                Fund(code="13", name="Miscellaneous", vat_code="W0"),
                VatCode(code="W0", rate=2_000),
            ]
        )


def authorised(context: Context, receipt_id: str, pence: int, mine: Act, hers: Act) -> str:
    mine(lambda s: refunds.request(s, receipt_id, pence, "Paid twice."))
    refund_id = next(view.id for view in all_of(context) if view.waits)
    hers(lambda s: refunds.authorise(s, refund_id))
    return refund_id


def test_a_refund_goes_from_one_officer_to_another_to_the_provider_and_into_the_book(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    receipt_id = receipt_id_of(context, "1")
    hers(lambda s: refunds.request(s, receipt_id, 62_00, "Paid twice."))
    (seen,) = all_of(context)
    assert (seen.waits, seen.pence, seen.receipt_pence, seen.fund) == (True, 62_00, 162_00, "23")
    for act in (mine, hers):
        with pytest.raises(MoveRefused):
            act(lambda s: refunds.authorise(s, seen.id))
    mine(lambda s: refunds.refuse(s, seen.id, "Ask again."))
    refund_id = authorised(context, receipt_id, 62_00, mine, hers)
    mine(lambda s: refunds.paid(s, refund_id, " PSP-1 ", DAY))
    (posted,) = postings(context)
    assert (posted.amount_pence, posted.posted_on, posted.fund) == (-62_00, DAY, "23")
    assert (posted.psp_reference, posted.internal_reference) == ("PSP-1", receipt_id)
    assert posted.narrative == "Refund: Council tax 77 0412265"
    (done,) = (view for view in all_of(context) if view.state == RefundState.PAID)
    assert (done.decided_by_name, done.psp_reference) == ("Priya Senn", "PSP-1")
    assert context.read(verify).differences == ()


def test_vat_goes_back_with_each_refund_and_all_of_it_with_the_last(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    values = posting(account_id, 1_00, date(2026, 12, 9)) | {"fund": "13", "vat_code": "W0", "vat_pence": 17}
    (receipt_id,) = mine(lambda s: bulk_create(s, Receipt, [values])).ids
    for place, pence in enumerate((33, 33, 34)):
        refund_id = authorised(context, receipt_id, pence, mine, hers)
        mine(lambda s, r=refund_id, p=place: refunds.paid(s, r, f"PSP-{p}", DAY))
    given_back = {one.psp_reference: one.vat_pence for one in postings(context)}
    assert given_back == {"PSP-0": -6, "PSP-1": -5, "PSP-2": -6}


def test_more_than_is_left_of_a_posting_is_refused_with_what_is_left(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    receipt_id = receipt_id_of(context, "1")
    mine(lambda s: refunds.request(s, receipt_id, 100_00, "Paid twice."))
    with pytest.raises(HoldallError, match=r"£62\.01 is more than the £62\.00 that is left"):
        mine(lambda s: refunds.request(s, receipt_id, 62_01, "Paid twice."))
    mine(lambda s: refunds.refuse(s, all_of(context)[0].id, "Not so."))
    mine(lambda s: refunds.request(s, receipt_id, 162_00, "Paid twice."))
    assert all_of(context)[0].notes == ()
    assert next(v for v in all_of(context) if v.state == RefundState.REFUSED).notes == ("Not so.",)


@pytest.mark.parametrize(
    ("pence", "reason", "words"),
    [(0, "x", "more than nothing"), (-1, "x", "more than nothing"), (1, " ", "needs a reason")],
)
def test_a_refund_of_nothing_or_without_a_reason_is_refused(
    context: Context, statement_id: str, mine: Act, pence: int, reason: str, words: str
) -> None:
    receipt_id = receipt_id_of(context, "1")
    with pytest.raises(HoldallError, match=words):
        mine(lambda s: refunds.request(s, receipt_id, pence, reason))


def test_a_method_that_is_not_refundable_and_suspense_are_refused(
    context: Context, account_id: str, statement_id: str, mine: Act
) -> None:
    methods(context)
    with pytest.raises(HoldallError, match="Payments by Cheque are not refundable"):
        mine(lambda s: refunds.request(s, receipt_id_of(context, "2"), 1_00, "x"))
    (item,) = held(context, account_id, [75_00])
    with pytest.raises(HoldallError, match="is in suspense"):
        mine(lambda s: refunds.request(s, item.receipt_id, 1_00, "x"))
    mine(lambda s: refunds.request(s, receipt_id_of(context, "1"), 1_00, "x"))


def test_each_paid_refund_has_a_provider_reference_of_its_own_and_an_open_day(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    receipt_id = receipt_id_of(context, "1")
    first = authorised(context, receipt_id, 10_00, mine, hers)
    second = authorised(context, receipt_id, 10_00, mine, hers)
    with pytest.raises(HoldallError, match="needs the provider's reference"):
        mine(lambda s: refunds.paid(s, first, " ", DAY))
    mine(lambda s: refunds.paid(s, first, "PSP-1", DAY))
    with pytest.raises(HoldallError, match="Another refund has the reference PSP-1"):
        mine(lambda s: refunds.paid(s, second, "PSP-1", DAY))
    with pytest.raises(HoldallError, match="is paid, not authorised"):
        mine(lambda s: refunds.paid(s, first, "PSP-2", DAY))
    explain(context, statement_id)
    mine(lambda s: periods.prepare(s, statement_id))
    hers(lambda s: periods.review(s, statement_id))
    hers(lambda s: periods.close(s, statement_id))
    with pytest.raises(HoldallError, match="so a refund cannot be posted on it"):
        mine(lambda s: refunds.paid(s, second, "PSP-2", date(2026, 12, 9)))
    mine(lambda s: refunds.failed(s, second, "The card has expired."))
    mine(lambda s: refunds.request(s, receipt_id, 152_00, "All of the rest."))


def test_a_card_fee_is_posted_once_in_the_fee_fund_with_its_vat(
    context: Context, statement_id: str, mine: Act
) -> None:
    methods(context)
    card, cheque = receipt_id_of(context, "1"), receipt_id_of(context, "2")
    for receipt_id, pence, words in ((card, 0, "more than nothing"), (cheque, 12, "24 incurs no fee")):
        with pytest.raises(HoldallError, match=words):
            mine(lambda s, r=receipt_id, p=pence: refunds.card_fee(s, r, p))
    mine(lambda s: refunds.card_fee(s, card, 1_20))
    (fee,) = postings(context)
    assert (fee.amount_pence, fee.fund, fee.mop, fee.vat_code, fee.vat_pence) == (
        -1_20,
        "13",
        "PF",
        "W0",
        -20,
    )
    assert fee.posted_on == date(2026, 12, 17)
    with pytest.raises(HoldallError, match=r"A fee of £1\.20 is posted for this payment already"):
        mine(lambda s: refunds.card_fee(s, card, 1_20))
    mine(lambda s: refunds.card_fee(s, card, 1_00))
    assert context.read(verify).differences == ()


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6), st.integers(0, 300))
def test_the_vat_of_several_refunds_adds_up_to_the_vat_of_the_posting(parts: list[int], vat: int) -> None:
    whole = sum(parts)
    receipt = Receipt(amount_pence=whole, vat_pence=min(vat, whole))
    given_back, before = 0, 0
    for part in parts:
        given_back += refunds._share(receipt, before + part) - refunds._share(receipt, before)
        before += part
    assert given_back == min(vat, whole)


def test_an_undone_fee_may_be_posted_again(context: Context, statement_id: str, mine: Act) -> None:
    methods(context)
    card = receipt_id_of(context, "1")
    mine(lambda s: refunds.card_fee(s, card, 1_20))

    def take_back(session: Session) -> None:
        session.scalars(select(Receipt).where(Receipt.file_id == "")).one().deleted = True

    mine(take_back)
    mine(lambda s: refunds.card_fee(s, card, 1_20))
    assert [fee.deleted for fee in postings(context)] == [False]
