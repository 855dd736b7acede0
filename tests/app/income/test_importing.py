"""Files coming in: twice, overlapping, for the wrong account, with sums that do not prove."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.context import Context
from app.errors import HoldallError
from app.income import service
from app.income.board import board, statements
from app.income.files import StatementFile
from app.income.importing import AlreadyImported, WrongAccount
from app.income.reading import BadRows
from models.income import BankLine, Standing, Statement
from tests.app.income.conftest import ledger, mt940

Bring = Callable[..., str]
TWO = [("1208", "C10,00", "BACS SMITH"), ("1208", "C10,00", "BACS SMITH")]


def lines_of(context: Context) -> list[tuple[str, int]]:
    def read(session: object) -> list[tuple[str, int]]:
        from sqlalchemy import select
        from sqlalchemy.orm import Session

        assert isinstance(session, Session)
        rows = session.execute(
            select(BankLine.words, BankLine.occurrence)
            .join(Statement, Statement.id == BankLine.statement_id)
            .where(BankLine.deleted.is_(False), Statement.standing != Standing.APART)
            .order_by(BankLine.words, BankLine.occurrence)
        )
        return [(row[0], row[1]) for row in rows]

    return context.read(read)


def take(context: Context, read: StatementFile) -> object:
    return context.write("Import", lambda s: service.import_statements(s, read))


def test_a_file_that_was_imported_before_is_noticed(context: Context, bring: Bring) -> None:
    first = mt940(TWO, closing="120,00")
    statement_id = bring(first)
    with pytest.raises(AlreadyImported) as caught:
        take(context, replace(first, name="copy.sta"))
    assert "17 December 2026 at 14:21 by Tomos Aldgate" in caught.value.title
    assert caught.value.record_id == statement_id


def test_the_same_lines_in_another_file_are_not_taken_twice(context: Context, bring: Bring) -> None:
    bring(mt940(TWO, closing="120,00"))
    with pytest.raises(AlreadyImported, match="Every line"):
        take(context, mt940(TWO, closing="120,00", number="9"))
    assert lines_of(context) == [("BACS SMITH", 1), ("BACS SMITH", 2)]


def test_an_overlapping_export_adds_only_what_is_new(context: Context, bring: Bring) -> None:
    bring(mt940(TWO, closing="120,00"))
    longer = mt940(
        [*TWO, ("1208", "C10,00", "BACS SMITH"), ("1209", "C5,00", "RENT")], closing="135,00", number="2"
    )
    brought = context.write("Import", lambda s: service.import_statements(s, longer))
    assert (brought.new, brought.known) == (2, 2)
    assert lines_of(context) == [("BACS SMITH", 1), ("BACS SMITH", 2), ("BACS SMITH", 3), ("RENT", 1)]


def test_an_equal_line_in_the_statement_that_follows_is_a_new_line(context: Context, bring: Bring) -> None:
    bring(mt940([("1211", "C10,00", "BACS SMITH")], closing="110,00"))
    afternoon = mt940([("1211", "C10,00", "BACS SMITH")], opening="110,00", closing="120,00", number="2")
    bring(afternoon)
    assert lines_of(context) == [("BACS SMITH", 1), ("BACS SMITH", 2)]


def test_a_gap_between_statements_is_remarked(context: Context, bring: Bring) -> None:
    bring(mt940(TWO, closing="120,00"))
    later = mt940([("1214", "C1,00", "X")], opening="150,00", closing="151,00", number="3")
    brought = context.write("Import", lambda s: service.import_statements(s, later))
    assert "opens at £150.00, but statement 1 closed at £120.00" in brought.remarks[0]


def test_a_statement_for_an_account_that_is_not_ours_is_refused(context: Context) -> None:
    with pytest.raises(WrongAccount) as caught:
        take(context, mt940(TWO, closing="120,00"))
    assert "601111/12345678" in caught.value.title
    assert caught.value.key == "60111112345678"
    assert context.read(statements) == []


def test_a_sum_that_does_not_prove_is_kept_apart_with_its_pence(context: Context, bring: Bring) -> None:
    statement_id = bring(mt940(TWO, closing="120,01"), "1,08/12/2026,10.00,,,,SMITH\n")
    seen = context.read(lambda s: board(s, statement_id))
    assert seen.head.standing is Standing.APART
    assert seen.head.difference_pence == 1
    assert seen.proposals == ()
    with pytest.raises(HoldallError, match="kept apart"):
        context.write("S", lambda s: service.to_suspense(s, statement_id, seen.lines[0].id, "who knows"))


def test_a_statement_kept_apart_is_taken_unproved_only_on_purpose_and_marked_for_ever(
    context: Context, bring: Bring
) -> None:
    statement_id = bring(mt940(TWO))
    assert context.read(lambda s: board(s, statement_id)).head.difference_pence is None
    with pytest.raises(HoldallError, match="reason"):
        context.write("U", lambda s: service.take_unproved(s, statement_id, "  "))
    context.write("U", lambda s: service.take_unproved(s, statement_id, "The bank’s site was down."))
    head = context.read(lambda s: board(s, statement_id)).head
    assert head.standing is Standing.UNPROVED
    assert head.unproved_reason == "The bank’s site was down."
    with pytest.raises(HoldallError):
        context.write("U", lambda s: service.take_unproved(s, statement_id, "again"))


def test_a_better_file_can_follow_one_kept_apart_and_blocks_taking_it(context: Context, bring: Bring) -> None:
    apart = bring(mt940(TWO, closing="120,01"))
    bring(mt940(TWO, closing="120,00", number="1"))
    assert len(lines_of(context)) == 2
    with pytest.raises(HoldallError, match="come in with another"):
        context.write("U", lambda s: service.take_unproved(s, apart, "on purpose"))


def test_an_undone_import_can_be_imported_again(context: Context, bring: Bring) -> None:
    read = mt940(TWO, closing="120,00")
    bring(read)
    context.undo()
    assert context.read(statements) == []
    bring(read)
    assert len(lines_of(context)) == 2


def test_a_ledger_row_is_taken_once_and_may_not_change_its_story(
    context: Context, bring: Bring, account_id: str
) -> None:
    bring(mt940(TWO, closing="120,00"), "1,08/12/2026,10.00,,,,SMITH\n")
    more = ledger("1,08/12/2026,10.00,,,,SMITH\n2,08/12/2026,10.00,,,,JONES\n", "more.csv")
    brought = context.write("L", lambda s: service.import_ledger(s, more, account_id))
    assert (brought.new, brought.known) == (1, 1)
    other = ledger("1,08/12/2026,10.01,,,,SMITH\n3,08/12/2026,1.00,,,,X\n", "other.csv")
    with pytest.raises(BadRows, match="id 1 says something else"):
        context.write("L", lambda s: service.import_ledger(s, other, account_id))
    again = ledger("1,08/12/2026,10.00,,,,SMITH\n", "again.csv")
    with pytest.raises(AlreadyImported):
        context.write("L", lambda s: service.import_ledger(s, again, account_id))


def test_a_stopped_import_leaves_nothing_behind(context: Context, account_id: str) -> None:
    class Enough(Exception):
        """Raised in the middle of the write."""

    def half(session: object) -> None:
        from sqlalchemy.orm import Session

        assert isinstance(session, Session)
        service.import_statements(session, mt940(TWO, closing="120,00"))
        raise Enough

    with pytest.raises(Enough):
        context.write("Import", half)
    assert lines_of(context) == []
    assert context.read(statements) == []


def test_a_statement_in_another_currency_is_refused(context: Context, account_id: str) -> None:
    read = mt940(TWO, closing="120,00")
    foreign = replace(read, statements=tuple(replace(s, currency="EUR") for s in read.statements))
    with pytest.raises(HoldallError, match="EUR"):
        take(context, foreign)
