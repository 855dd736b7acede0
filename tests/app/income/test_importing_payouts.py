"""Payouts coming in: once each, proved or taken unproved on purpose, and lists that overlap."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.errors import HoldallError
from app.income.files import SettlementFile, read_any
from app.income.importing_payouts import import_settlements
from app.income.reading import Unproved
from app.income.storing import AlreadyImported, Imported
from models.base import Record
from models.income import Settlement, SettlementLine
from tests.app.income import samples_book as made

R = TypeVar("R", bound=Record)
SAMPLES = [name for name in {**made.SAMPLES, **made.ROW_BY_ROW} if name != "allpay"]


def take(
    context: Context, data: bytes, account_id: str | None, reason: str = "", name: str = "p.csv"
) -> Imported:
    read = read_any(name, data)
    assert isinstance(read, SettlementFile)
    return context.write("P", lambda s: import_settlements(s, read, account_id, unproved_reason=reason))


def every(context: Context, model: type[R]) -> list[R]:
    find: Callable[[Any], list[R]] = lambda s: list(  # noqa: E731
        s.scalars(select(model).where(model.deleted.is_(False)).order_by(model.id))
    )
    return context.read(find)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_payout_is_kept_with_lines_that_make_its_net(
    context: Context, account_id: str, name: str
) -> None:
    brought = take(context, (made.SAMPLES | made.ROW_BY_ROW)[name](random.Random(3)), account_id)
    payouts = every(context, Settlement)
    assert set(brought.ids) == {payout.id for payout in payouts}
    sums = dict(
        context.read(
            lambda s: s.execute(
                select(SettlementLine.settlement_id, func.sum(SettlementLine.net_pence)).group_by(
                    SettlementLine.settlement_id
                )
            ).all()
        )
    )
    for payout in payouts:
        made_of = payout.gross_pence - payout.fees_pence - payout.refunds_pence - payout.disputes_pence
        assert payout.net_pence == made_of + payout.other_pence == sums[payout.id]
        assert (payout.difference_pence, payout.unproved_reason) == (0, None)
    assert brought.new == sum(payout.line_count for payout in payouts)


def test_the_same_file_and_the_same_payouts_in_another_come_in_once(
    context: Context, account_id: str
) -> None:
    rows = made.adyen_rows(random.Random(3))
    one = made.sheet(made.ADYEN_HEAD, [row for row in rows if row[22] != "103"])
    take(context, one, account_id)
    with pytest.raises(AlreadyImported, match="imported on"):
        take(context, one, account_id)
    with pytest.raises(AlreadyImported, match="Every payout"):
        take(context, one + b"\r\n", account_id)
    whole = take(context, made.sheet(made.ADYEN_HEAD, rows), account_id)
    assert (len(whole.ids), whole.new, whole.known) == (1, 13, 26)
    assert [payout.payout_id for payout in every(context, Settlement)].count("103") == 1


def test_a_payout_that_says_something_else_now_is_refused(context: Context, account_id: str) -> None:
    rows = made.adyen_rows(random.Random(3), batches=1)
    take(context, made.sheet(made.ADYEN_HEAD, rows), account_id)
    other = made.adyen_rows(random.Random(4), batches=1)
    with pytest.raises(HoldallError, match="Payout 101 is here already and says something else"):
        take(context, made.sheet(made.ADYEN_HEAD, other), account_id)
    for row in other:
        row[1] = "AverwickPOS"
    take(context, made.sheet(made.ADYEN_HEAD, other), account_id)
    assert len(every(context, Settlement)) == 2


def test_a_payout_that_does_not_prove_is_refused_with_its_pence_and_taken_only_with_a_reason(
    context: Context, account_id: str
) -> None:
    rows = made.adyen_rows(random.Random(3), batches=2)
    data = made.sheet(made.ADYEN_HEAD, [rows[0], *rows])
    with pytest.raises(Unproved, match="Line 2 may be there twice") as caught:
        take(context, data, account_id)
    assert "Payout 101 states £" in caught.value.title
    assert "apart" in caught.value.title
    assert every(context, Settlement) == []
    brought = take(context, data, account_id, "Agreed with the provider by telephone.")
    assert "Taken unproved" in brought.remarks[0]
    marked = {payout.payout_id: payout.unproved_reason for payout in every(context, Settlement)}
    assert marked == {"101": "Agreed with the provider by telephone.", "102": None}
    (odd,) = [payout for payout in every(context, Settlement) if payout.payout_id == "101"]
    assert odd.difference_pence
    assert odd.unproved_by == "Tomos Aldgate"


def test_rows_that_no_payout_closed_wait_for_the_report_that_does(context: Context, account_id: str) -> None:
    rows = made.stripe_rows(random.Random(3), with_ids=False)
    brought = take(context, made.sheet(made.STRIPE_HEAD, rows[:-1]), account_id)
    assert len(brought.ids) == 2
    assert "12 rows are not paid out yet" in brought.remarks[0]
    later = take(context, made.sheet(made.STRIPE_HEAD, rows), account_id)
    assert (len(later.ids), later.new) == (1, 12)


def test_lists_that_overlap_bring_each_payment_once(context: Context, account_id: str) -> None:
    paid = [made.govuk_row(f"77041226{n}", 10_00 + n, "Success", f"pid{n}") for n in range(5)]
    refund = made.govuk_row("770412260", -10_00, "Refund success", "pid0")
    first = take(context, made.sheet(made.GOVUK_HEAD, paid[:3]), account_id)
    second = take(context, made.sheet(made.GOVUK_HEAD, [*paid, refund]), account_id)
    assert (first.new, second.new, second.known) == (3, 3, 3)
    payouts = every(context, Settlement)
    assert sum(payout.net_pence for payout in payouts) == sum(10_00 + n for n in range(5)) - 10_00
    assert {payout.payout_id for payout in payouts} == {""}
    with pytest.raises(AlreadyImported, match="Every payment"):
        take(context, made.sheet(made.GOVUK_HEAD, paid[1:4]), account_id)


def test_an_import_of_payouts_that_was_undone_can_come_again(context: Context, account_id: str) -> None:
    data = made.stripe(random.Random(3))
    take(context, data, account_id)
    context.undo()
    assert every(context, Settlement) == []
    assert len(take(context, data, account_id).ids) == 3
    with pytest.raises(HoldallError, match="not here"):
        take(context, made.gocardless(random.Random(1)), "nobody")


def test_the_name_of_every_format_fits_its_column() -> None:
    from importlib import import_module

    from app.income.files import _FORMATS

    modules = [import_module(f"app.income.formats.{name}") for name, _ in _FORMATS]
    assert {module.FORMAT for module in modules if len(module.FORMAT) > 20} == set()
