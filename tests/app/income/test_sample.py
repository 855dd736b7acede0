"""The sample week: figures of the General account that agree to the penny."""

from __future__ import annotations

import random
from datetime import date

from app.context import Context
from app.income import sample
from app.income.board import board, current_statement
from app.income.files import read_statement_file
from app.income.verify import verify
from app.wording import money

TODAY = date(2026, 12, 17)


def test_statement_241_shows_the_figures_of_the_week(context: Context) -> None:
    sample.fill(context, random.Random(1))
    statement_id = context.read(current_statement)
    assert statement_id is not None
    seen = context.read(lambda s: board(s, statement_id))
    sums = seen.sums
    assert [money(p) for p in (sums.bank, sums.book, sums.on_its_way, sums.left)] == [
        "£214,180.62",
        "£214,618.92",
        "£361.10",
        "−£77.20",
    ]
    assert (seen.matched_lines, seen.all_lines, len(seen.receipts), len(seen.proposals)) == (23, 35, 13, 9)
    assert sum(line.pence for line in seen.lines) == 12_176_06
    assert sum(receipt.pence for receipt in seen.receipts) == 12_614_36
    assert sum(part.pence for part in seen.parts) == sums.left
    assert seen.waiting_for_second == 0
    assert context.read(verify).differences == ()


def test_the_sample_is_the_same_for_the_same_seed_and_differs_for_another() -> None:
    first = sample.statement_241(TODAY, random.Random(1))
    assert first == sample.statement_241(TODAY, random.Random(1))
    assert first != sample.statement_241(TODAY, random.Random(2))
    assert sample.ledger_241(TODAY, random.Random(1)) == sample.ledger_241(TODAY, random.Random(1))


def test_the_next_statement_follows_on_and_finds_the_cash_that_was_on_its_way(context: Context) -> None:
    sample.fill(context, random.Random(1))
    statement_id = sample.bring_in(context, (sample.statement_242(TODAY), sample.ledger_242(TODAY)))
    seen = context.read(lambda s: board(s, statement_id))
    assert seen.head.number == "242"
    bags = [line for line in seen.lines if "CASH CENTRE" in line.words]
    assert [seen.receipts_of(seen.proposal_by_line[bag.id])[0].reference for bag in bags] == ["0092", "0093"]
    assert sum(part.pence for part in seen.parts) == seen.sums.left


def test_the_sample_statement_proves_for_any_day_it_is_made_on() -> None:
    from app.income.rules import prove

    for today in (date(2027, 1, 1), date(2028, 2, 29), date(2026, 12, 14)):
        made = sample.statement_241(today, random.Random(3))
        (statement,) = read_statement_file(made.name, made.data).statements
        assert prove(statement).ok
        assert statement.period is not None
        assert statement.period[0].weekday() == 0
