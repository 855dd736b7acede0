"""Every bank format into the store: known again, told apart, chained, and for the right account."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from app.context import Context
from app.errors import BadFile
from app.income import service
from app.income.files import StatementFile, read_statement_file
from app.income.importing import AlreadyImported, WrongAccount, missing_numbers
from app.income.storing import Imported
from app.income.verify import verify
from models.income import Account, BankLine, Standing, Statement
from tests.app.income import samples
from tests.app.income.conftest import mt940
from tests.app.income.test_ofx import SGML

ACCOUNTS = {"bank csv": "300000-12345678"}


def add(context: Context, identifier: str) -> str:
    made = context.write("A", lambda s: service.add_account(s, "General", identifier, book_opening_pence=0))
    return made[0]


def take(context: Context, read: StatementFile, account_id: str | None = None) -> Imported:
    return context.write("I", lambda s: service.import_statements(s, read, account_id))


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_a_file_exported_again_is_known_line_by_line(context: Context, name: str) -> None:
    data = samples.SAMPLES[name](random.Random(3))
    add(context, ACCOUNTS.get(name, samples.ACCOUNT))
    brought = take(context, read_statement_file("first", data))
    assert (brought.new, brought.known, brought.apart) == (samples.LINES, 0, 0)
    with pytest.raises(AlreadyImported, match="Every line"):
        take(context, read_statement_file("again", data + b"\n"))
    assert context.read(verify).differences == ()


def test_an_overlapping_csv_adds_only_its_new_lines(context: Context) -> None:
    add(context, samples.ACCOUNT)
    rows = samples.running_csv(random.Random(3)).decode().splitlines()
    head, lines = rows[0], rows[:0:-1]  # oldest first
    early = "\n".join([head, *lines[:30][::-1], ""]).encode()
    late = "\n".join([head, *lines[20:][::-1], ""]).encode()
    assert take(context, read_statement_file("early", early)).new == 30
    second = take(context, read_statement_file("late", late))
    assert (second.new, second.known) == (10, 10)


def test_a_csv_that_names_no_account_is_brought_into_the_one_chosen_and_its_columns_remembered(
    context: Context,
) -> None:
    account_id = add(context, "601111-12345678")
    text = "Date,Details,Amount,Balance\n13/12/2026,a,1.00,11.00\n14/12/2026,b,1.00,12.00\n"
    read = read_statement_file("x.csv", text.encode())
    with pytest.raises(BadFile, match="does not say which account"):
        take(context, read)
    assert take(context, read, account_id).new == 2
    kept = context.read(lambda s: s.get_one(Account, account_id).columns)
    assert (kept["date"], kept["amount"], kept["day_first"]) == ("Date", "Amount", True)
    ambiguous = "Date,Details,Amount,Balance\n03/01/2027,c,1.00,13.00\n"
    again = read_statement_file("y.csv", ambiguous.encode(), layout=kept)
    assert again.statements[0].lines[0].booked_on.isoformat() == "2027-01-03"


def test_a_file_for_another_account_than_the_one_chosen_is_refused(context: Context) -> None:
    chosen = add(context, "200000-00000001")
    add(context, "601111-12345678")
    with pytest.raises(WrongAccount, match="not for General"):
        take(context, mt940([("1208", "C10,00", "X")], closing="110,00"), chosen)


def test_a_closing_balance_alone_is_proved_by_the_statement_before_it(context: Context) -> None:
    add(context, "601111-12345678")
    take(context, mt940([("1207", "C1,00", "X")], opening="99,00", closing="100,00"))
    later = SGML.replace("20261208", "20261214").replace("20261209", "20261215")
    later = later.replace("20261201", "20261214").replace("20261211", "20261216")
    brought = take(context, read_statement_file("x.ofx", later.encode()))
    assert (brought.new, brought.apart) == (2, 0)
    wrong = SGML.replace("107.50", "107.51").replace("<FITID>F", "<FITID>G").replace("20261208", "20261217")
    wrong = (
        wrong.replace("20261209", "20261217").replace("20261201", "20261217").replace("20261211", "20261217")
    )
    assert take(context, read_statement_file("y.ofx", wrong.encode())).apart == 1


def test_a_gap_between_numbered_statements_names_the_missing_ones(context: Context) -> None:
    add(context, "601111-12345678")
    take(context, mt940([("1208", "C10,00", "X")], closing="110,00", number="241"))
    later = mt940([("1214", "C1,00", "Y")], opening="150,00", closing="151,00", number="245")
    assert "statements 242 to 244 are missing" in take(context, later).remarks[0]
    assert missing_numbers("241", "243") == "statement 242 is missing"
    assert missing_numbers("241", "242") == missing_numbers("365", "1") == missing_numbers("", "7") == ""


def test_rows_that_stand_out_are_remarked_when_they_come_in(context: Context) -> None:
    add(context, "601111-12345678")
    brought = take(context, mt940([("0812", "C10,00", "X"), ("1208", "C1,00", "Y")], closing="111,00"))
    assert "12 August 2026 lies outside" in brought.remarks[0]


def test_the_single_payments_of_a_batch_are_kept_with_their_line(context: Context) -> None:
    from tests.app.income.test_camt import batch, message

    add(context, "601111-12345678")
    take(context, read_statement_file("x.xml", message(batch("4.00", "6.00")).encode()))
    parts = context.read(lambda s: s.scalars(select(BankLine.parts)).all())
    assert parts == [[[400, "E1", "PART 1"], [600, "E2", "PART 2"]]]


def test_what_is_not_proved_is_kept_apart_whatever_its_format(context: Context) -> None:
    add(context, samples.ACCOUNT)
    cut = samples.bai2(random.Random(3)).splitlines(keepends=True)[:-1]
    brought = take(context, read_statement_file("cut.bai2", b"".join(cut)))
    assert brought.apart == 2
    standings = context.read(lambda s: set(s.scalars(select(Statement.standing))))
    assert standings == {Standing.APART}


def test_the_same_statement_in_another_format_is_remarked(context: Context) -> None:
    add(context, "601111-12345678")
    take(context, read_statement_file("x.sta", samples.mt940(random.Random(3))))
    brought = take(context, read_statement_file("x.xml", samples.camt(random.Random(3))))
    assert any("40 of its 40 lines have the day and amount" in remark for remark in brought.remarks)
    other = take(context, read_statement_file("y.xml", samples.camt(random.Random(4))))
    assert not any("same statement" in remark for remark in other.remarks)
