"""The chain from a site's counted cash to the bank's credit: each step as it happens, to the penny."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.context import Context
from app.income import service
from app.income.board import board
from app.income.office import ereturns
from app.income.office.ereturns import LineRow
from models.changes import Author
from tests.app.income.conftest import mt940

FRIDAY = date(2026, 12, 11)


@pytest.fixture
def bag(context: Context, account_id: str, second_officer: Author) -> str:
    """A cash bag of two lines, £45.00, authorised by a colleague."""

    def make(session: Session) -> str:
        made, _ = ereturns.begin(session, account_id, "cash", "Tannery Row", FRIDAY)
        ereturns.set_cash(session, made, {20_00: 40_00, 1_00: 5_00}, "0093")
        lines = [LineRow("5M", "", "Library fines", "", 12_50), LineRow("13", "", "Copies", "", 32_50)]
        ereturns.set_lines(session, made, lines)
        return made

    made = context.write("Begin", make)
    context.write("Submit", lambda s: ereturns.submit(s, made))
    colleague = replace(context, author=second_officer)
    colleague.write("Authorise", lambda s: ereturns.authorise(s, made))
    return made


def test_a_bag_on_its_way_says_how_much_and_since_when(context: Context, bag: str) -> None:
    seen = context.read(lambda s: ereturns.chain(s, bag))
    assert (seen.total_pence, seen.banked_pence, seen.on_its_way) == (45_00, 0, 45_00)
    assert seen.words == (
        "Tannery Row counted £45.00 on 11 December 2026.",
        "Tomos Aldgate submitted it as 0093.",
        "Priya Senn authorised it: 2 receipts, posted on 17 December 2026.",
        "£45.00 is still on its way to the bank.",
    )


def test_the_banks_credit_ends_the_chain_and_taking_it_apart_opens_it_again(
    context: Context, bag: str
) -> None:
    read = mt940([("1218", "C45,00", "CASH CENTRE BAG 0093")], closing="145,00")
    read_on = replace(read.statements[0], closing=replace(read.statements[0].closing, day=date(2026, 12, 18)))  # type: ignore[type-var]
    read = replace(read, statements=(read_on,))
    statement_id = context.write("Import", lambda s: service.import_statements(s, read)).ids[0]
    (proposal,) = context.read(lambda s: board(s, statement_id)).proposals
    assert len(proposal.receipt_ids) == 2  # both lines of the bag, found by its number
    context.write("Accept", lambda s: service.accept(s, statement_id, proposal))
    seen = context.read(lambda s: ereturns.chain(s, bag))
    (credit,) = seen.credits
    assert (credit.pence, credit.words, credit.booked_on) == (
        45_00,
        "CASH CENTRE BAG 0093",
        date(2026, 12, 18),
    )
    assert seen.on_its_way == 0
    assert [receipt.taken_pence for receipt in seen.receipts] == [12_50, 32_50]
    assert seen.words[-2:] == (
        "The bank credited £45.00 on 18 December 2026: “CASH CENTRE BAG 0093”.",
        "Every penny has reached the bank.",
    )
    context.write("Apart", lambda s: service.reverse(s, credit.match_id, "Wrong bag."))
    assert context.read(lambda s: ereturns.chain(s, bag)).on_its_way == 45_00


def test_what_is_not_submitted_is_not_on_its_way(context: Context, account_id: str) -> None:
    made, _ = context.write("B", lambda s: ereturns.begin(s, account_id, "cash", "Hadley Street", FRIDAY))
    context.write("C", lambda s: ereturns.set_cash(s, made, {10_00: 30_00}, "0094"))
    seen = context.read(lambda s: ereturns.chain(s, made))
    assert (seen.total_pence, seen.on_its_way, seen.receipts, seen.credits) == (30_00, 0, (), ())
