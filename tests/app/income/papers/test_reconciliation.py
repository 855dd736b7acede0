"""The reconciliation statement: figures on paper that are the figures of the store."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.errors import NotFound
from app.income import sample, service
from app.income.board import board
from app.income.papers import common
from app.report import Document, render
from models.income import BankLine, MatchReceipt, Receipt
from tests.app.income.conftest import mt940
from tests.app.income.papers.conftest import build, pence, printed, tables, totals_hold, under

NAME = "reconciliation-statement"


def line_of(context: Context, statement_id: str, amount: int) -> str:
    lines = context.read(lambda s: board(s, statement_id)).lines
    return next(line.id for line in lines if line.pence == amount)


def test_every_table_of_the_statement_adds_up(context: Context, week: str) -> None:
    document = build(context, NAME)
    assert totals_hold(document) == 7
    assert "General account" in document.title
    assert "7 to 11 December 2026" in document.subtitle


def test_the_pdf_holds_the_figures_and_comes_out_the_same_twice(context: Context, week: str) -> None:
    assert render(build(context, NAME)) == render(build(context, NAME))
    text = printed(build(context, NAME))
    for figure in ("−£77.20", "214,180.62", "−214,618.92", "£361.10", "17 December 2026 at 14:21"):
        assert figure in text


def test_both_sides_go_from_opening_to_closing_with_the_figures_of_the_store(
    context: Context, week: str
) -> None:
    line = line_of(context, week, 75_00)
    context.write("S", lambda s: service.to_suspense(s, week, line, "Asked the branch."))
    table = under(build(context, NAME), "From opening to closing")
    assert table.total is not None
    assert [row[0] for row in table.rows][-2:] == ["Bank lines put to suspense", "Written off with matches"]
    bank = [pence(row[1]) for row in table.rows]
    book = [pence(row[2]) for row in table.rows]
    assert (
        (sum(bank), sum(book)) == (pence(table.total[1]), pence(table.total[2])) == (214_180_62, 214_693_92)
    )
    moved = context.read(lambda s: s.scalar(select(func.sum(BankLine.amount_pence))))
    assert bank[1] + bank[2] == moved
    assert book[3] == 75_00


def test_the_closing_book_of_one_statement_opens_the_next(context: Context, week: str) -> None:
    seen = context.read(lambda s: board(s, week))
    payout = next(one for one in seen.proposals if one.stage == "payout")
    context.write("Accept", lambda s: service.accept(s, week, payout))
    line = line_of(context, week, 75_00)
    context.write("S", lambda s: service.to_suspense(s, week, line, "Asked the branch."))
    today = context.today()
    later = sample.bring_in(context, (sample.statement_242(today), sample.ledger_242(today)))
    before = under(build(context, NAME, statement=week), "From opening to closing")
    after = under(build(context, NAME, statement=later), "From opening to closing")
    assert before.total is not None
    assert [pence(row[2]) for row in before.rows][3:] == [75_00, -18_00]
    assert [pence(row[2]) for row in after.rows][3:] == [0, 0]
    assert pence(after.rows[0][2]) == pence(before.total[2])


@pytest.mark.parametrize(
    ("heading", "column"),
    [("fund", Receipt.fund), ("method of payment", Receipt.mop)],
    ids=["fund", "method"],
)
def test_totals_by_fund_and_by_method_are_those_of_the_postings(
    context: Context, week: str, heading: str, column: InstrumentedAttribute[str]
) -> None:
    table = under(build(context, NAME), f"Posted in these days, by {heading}")
    seen = context.read(lambda s: board(s, week)).head
    posted = (
        Receipt.account_id == seen.account_id,
        Receipt.posted_on.between(seen.starts_on, seen.ends_on),
    )
    wanted = (
        select(column, func.count(), func.sum(Receipt.amount_pence))
        .where(*posted)
        .group_by(column)
        .order_by(column)
    )
    rows = context.read(lambda s: [tuple(row) for row in s.execute(wanted)])
    assert [(row[0].split()[0], int(row[1]), pence(row[3])) for row in table.rows] == rows
    taken = (
        select(func.sum(MatchReceipt.amount_pence))
        .join(Receipt, Receipt.id == MatchReceipt.receipt_id)
        .where(*posted)
    )
    assert sum(pence(row[2]) for row in table.rows) == context.read(lambda s: s.scalar(taken))


def test_suspense_stands_on_the_statement_with_its_note(context: Context, week: str) -> None:
    line = line_of(context, week, 75_00)
    context.write("S", lambda s: service.to_suspense(s, week, line, "Asked the Llŷn branch."))
    rows = [row for table in tables(build(context, NAME, statement=week)) for row in table.rows]
    assert ("11 Dec", "FPI NO REFERENCE", "Asked the Llŷn branch.", "75.00") in rows


def test_a_fee_that_was_written_off_stands_there_with_its_fund_and_who_did_it(
    context: Context, week: str
) -> None:
    seen = context.read(lambda s: board(s, week))
    payout = next(one for one in seen.proposals if one.stage == "payout")
    context.write("Accept", lambda s: service.accept(s, week, payout))
    document = build(context, NAME)
    (row,) = under(document, "Written off").rows
    assert row[-1] == "−18.00"
    assert "Tomos Aldgate" in row[2]
    assert row[2].startswith("Fund ")
    assert "−18.00" in [line[2] for line in under(document, "From opening to closing").rows]


def test_every_step_of_the_period_is_on_paper_with_its_reason(
    context: Context, colleague: Context, bring: Callable[..., str]
) -> None:
    statement_id = bring(mt940([("1208", "C10,00", "X 0001")], closing="110,00"))
    line = line_of(context, statement_id, 10_00)
    context.write("N", lambda s: service.to_suspense(s, statement_id, line, "Nobody knows."))
    context.write("P", lambda s: service.prepare(s, statement_id))
    colleague.write("R", lambda s: service.review(s, statement_id))
    colleague.write("O", lambda s: service.reopen(s, statement_id, "The caretaker called."))
    rows = under(build(context, NAME), "The steps of this period").rows
    assert [(row[1], row[2], row[3]) for row in rows] == [
        ("Prepared", "Tomos Aldgate", ""),
        ("Reviewed", "Priya Senn", ""),
        ("Open", "Priya Senn", "The caretaker called."),
    ]


def test_an_unproved_statement_says_so_for_ever(context: Context, account_id: str) -> None:
    def words(document: Document) -> str:
        return f"{document.subtitle} {document.reference} {document.blocks[0]}"

    read = mt940([("1208", "C10,00", "X")], closing="110,01")
    brought = context.write("I", lambda s: service.import_statements(s, read))
    assert "Kept apart" in words(build(context, NAME))
    assert "£0.01" in words(build(context, NAME))
    context.write("U", lambda s: service.take_unproved(s, brought.ids[0], "Agreed with the bank."))
    document = build(context, NAME)
    assert "Unproved." in document.subtitle
    assert document.reference.endswith("unproved")  # so it stands at the foot of every page
    assert "Agreed with the bank." in printed(document)


def test_no_statement_is_a_page_that_helps_and_a_wrong_id_is_one_sentence(context: Context) -> None:
    assert "Import a bank statement" in printed(build(context, NAME))
    with pytest.raises(NotFound, match="statement is not here"):
        build(context, NAME, statement="0197d000-0000-7000-8000-000000000009")


def test_a_list_too_long_for_paper_says_how_many_there_are_and_what_they_come_to(
    context: Context, week: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "MOST_ROWS", 3)
    document = build(context, NAME)
    assert totals_hold(document) == 6  # the list that is cut bears no total
    text = printed(document)
    assert "The first 3 of 4 parts are printed here" in text
    assert "Together they come to −£77.20." in text
