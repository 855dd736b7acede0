"""The sample week: figures of the General account that agree to the penny."""

from __future__ import annotations

import random
from datetime import date

from sqlalchemy import func, select

from app.context import Context
from app.income import sample, service
from app.income.board import board, current_statement
from app.income.files import read_statement_file
from app.income.office import ereturns, journals, suspense
from app.income.verify import verify
from app.wording import money
from models.income import BankLine, Match

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


def test_the_office_of_the_sample_waits_for_people_and_leaves_the_sum_alone(context: Context) -> None:
    sample.fill(context, random.Random(1))
    views = context.read(ereturns.ereturns)
    assert [(view.site, view.state, view.counted_pence) for view in views] == [
        ("Post room", "in_progress", 396_50),
        ("Tannery Row", "submitted", 130_40),
        ("Hadley Street", "authorised", 221_10),
    ]
    assert [view.missing for view in views] == [
        ("The cheques come to £84.00 more than the lines.",),
        (),
        (),
    ]
    held = context.read(lambda s: suspense.items(s, None, "open", TODAY))
    assert [item.band for item in held] == [
        "over 90 days",
        "31 to 90 days",
        "8 to 30 days",
        "0 to 7 days",
    ]
    (journal,) = context.read(lambda s: journals.journals(s, "proposed"))
    assert (journal.made_by_name, journal.total_pence, journal.waits) == ("J. Marlow", 86_40, True)


def test_the_bag_of_hadley_street_can_be_followed_to_the_bank(context: Context) -> None:
    sample.fill(context, random.Random(1))
    hadley = context.read(ereturns.ereturns)[-1]
    assert context.read(lambda s: ereturns.chain(s, hadley.id)).on_its_way == 221_10
    statement_id = sample.bring_in(context, (sample.statement_242(TODAY), sample.ledger_242(TODAY)))
    seen = context.read(lambda s: board(s, statement_id))
    bag = next(line for line in seen.lines if line.words.endswith("BAG 0092"))
    proposal = seen.proposal_by_line[bag.id]
    context.write("Accept", lambda s: service.accept(s, statement_id, proposal))
    followed = context.read(lambda s: ereturns.chain(s, hadley.id))
    assert (followed.on_its_way, followed.credits[0].words) == (0, "CASH CENTRE BAG 0092")


def test_the_sample_was_imported_before_it_was_matched(context: Context) -> None:
    sample.fill(context, random.Random(1))
    imported, matched = context.read(
        lambda s: (
            s.scalar(select(func.max(BankLine.created_at))),
            s.scalar(select(func.min(Match.created_at))),
        )
    )
    assert imported is not None
    assert matched is not None
    assert imported < matched
