"""An officer's work on a statement: accept, reject, split, suspense, confirm, take apart, close."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.context import Context
from app.errors import HoldallError
from app.income import service
from app.income.board import Board, board
from app.income.settled import settled
from app.income.verify import verify
from models.changes import Author
from models.errors import BadText, MoveRefused, RecordFrozen
from models.income import MatchKind, PeriodState, Receipt
from tests.app.income.conftest import mt940

Bring = Callable[..., str]
LINES = [
    ("1208", "C162,00", "BACS 77 0412265"),
    ("1208", "C900,00", "COUNTER CREDIT 000318"),
    ("1209", "C75,00", "FPI NO REFERENCE"),
    ("1210", "D38,20", "BANK CHARGES"),
]
ROWS = (
    "1,08/12/2026,162.00,,23,28,Council tax 77 0412265\n"
    "2,07/12/2026,400.00,000318,23,24,Cheque\n"
    "3,07/12/2026,500.00,000318,23,24,Cheque\n"
    "4,10/12/2026,60.00,0092,13,1,Cash bag\n"
)
CLOSING = "1198,80"


@pytest.fixture
def statement_id(bring: Bring) -> str:
    """A proved statement of four lines and a book of four receipts."""
    return bring(mt940(LINES, closing=CLOSING), ROWS)


def look(context: Context, statement_id: str) -> Board:
    return context.read(lambda s: board(s, statement_id))


def adds_up(seen: Board) -> None:
    """bank - book + on its way = left, and the parts make up what is left."""
    assert seen.sums.bank - seen.sums.book + seen.sums.on_its_way == seen.sums.left
    assert sum(part.pence for part in seen.parts) == seen.sums.left
    assert not [part for part in seen.parts if part.kind == "gap"]


def test_the_sum_on_the_board_adds_up_to_what_is_left(context: Context, statement_id: str) -> None:
    seen = look(context, statement_id)
    assert (seen.sums.bank, seen.sums.book, seen.sums.on_its_way) == (1_198_80, 1_222_00, 60_00)
    assert seen.sums.left == 36_80
    assert [(part.words, part.pence) for part in seen.parts] == [
        ("FPI NO REFERENCE", 75_00),
        ("BANK CHARGES", -38_20),
    ]
    adds_up(seen)


def test_accepting_takes_the_pence_of_line_and_receipts_and_undo_gives_them_back(
    context: Context, statement_id: str
) -> None:
    seen = look(context, statement_id)
    context.write("Accept match", lambda s: service.accept(s, statement_id, seen.proposals[0]))
    after = look(context, statement_id)
    assert (after.matched_lines, after.all_lines) == (1, 4)
    assert after.sums == seen.sums
    adds_up(after)
    label, changed = context.undo()
    assert label == "Accept match"
    assert "income_match" in changed.tables
    assert look(context, statement_id).lines == seen.lines


def test_a_line_cannot_be_matched_twice(context: Context, statement_id: str) -> None:
    proposal = look(context, statement_id).proposals[0]
    context.write("A", lambda s: service.accept(s, statement_id, proposal))
    with pytest.raises(HoldallError, match="matched already"):
        context.write("A", lambda s: service.accept(s, statement_id, proposal))


def test_a_rejected_proposal_leaves_its_line_to_look_into_and_its_receipt_on_its_way(
    context: Context, statement_id: str
) -> None:
    seen = look(context, statement_id)
    context.write("Reject", lambda s: service.reject(s, statement_id, seen.proposals[0]))
    after = look(context, statement_id)
    assert len(after.proposals) == len(seen.proposals) - 1
    assert after.sums.left == seen.sums.left + 162_00
    adds_up(after)
    context.undo()
    assert look(context, statement_id).proposals == seen.proposals


def test_suspense_needs_a_note_and_puts_the_line_into_the_book(context: Context, statement_id: str) -> None:
    seen = look(context, statement_id)
    line = next(line for line in seen.lines if line.words == "FPI NO REFERENCE")
    with pytest.raises(HoldallError, match="needs a note"):
        context.write("S", lambda s: service.to_suspense(s, statement_id, line.id, " \n "))
    context.write(
        "S", lambda s: service.to_suspense(s, statement_id, line.id, "Rang the bank on 9 December.")
    )
    after = look(context, statement_id)
    assert after.suspense_pence == 75_00
    assert after.sums.book == seen.sums.book + 75_00
    assert after.sums.left == -38_20
    adds_up(after)
    (kept,) = context.read(lambda s: settled(s, statement_id))
    assert (kept.kind, kept.note) == (MatchKind.SUSPENSE, "Rang the bank on 9 December.")


@pytest.mark.parametrize(
    "note", ["x" * 1_000_000, "nul \x00 inside", "half \ud800 a character"], ids=["1 MB", "NUL", "surrogate"]
)
def test_a_note_that_cannot_be_kept_is_refused_in_one_sentence(
    context: Context, statement_id: str, note: str
) -> None:
    seen = look(context, statement_id)
    with pytest.raises((BadText, HoldallError)) as caught:
        context.write("S", lambda s: service.to_suspense(s, statement_id, seen.lines[0].id, note))
    assert caught.value.title.endswith(".")
    assert look(context, statement_id).lines == seen.lines


def test_splitting_a_line_leaves_the_rest_of_it_open(context: Context, statement_id: str) -> None:
    seen = look(context, statement_id)
    line = next(line for line in seen.lines if line.words.startswith("COUNTER"))
    cheque = next(receipt for receipt in seen.receipts if receipt.pence == 400_00)
    context.write("Split", lambda s: service.match_by_hand(s, statement_id, line.id, [cheque.id]))
    after = look(context, statement_id)
    assert after.line_by_id[line.id].pence == 500_00
    adds_up(after)
    context.write("Rest", lambda s: service.to_suspense(s, statement_id, line.id, "the other cheque"))
    assert line.id not in look(context, statement_id).line_by_id
    assert context.read(verify).differences == ()


def test_money_in_is_not_matched_with_money_out(context: Context, statement_id: str) -> None:
    seen = look(context, statement_id)
    charges = next(line for line in seen.lines if line.pence < 0)
    with pytest.raises(HoldallError, match="opposite ways"):
        context.write(
            "M",
            lambda s: service.match_by_hand(s, statement_id, charges.id, [seen.receipts[0].id]),
        )


def test_a_large_match_waits_for_another_officer_than_its_maker(
    context: Context, statement_id: str, second_officer: Author
) -> None:
    seen = look(context, statement_id)
    large = next(p for p in seen.proposals if p.stage == "slip")
    context.write("A", lambda s: service.accept(s, statement_id, large))
    assert look(context, statement_id).waiting_for_second == 1
    (made,) = context.read(lambda s: settled(s, statement_id))
    assert made.waits
    with pytest.raises(MoveRefused):
        context.write("C", lambda s: service.confirm(s, made.match_id))
    with context.store.write(second_officer, "Confirm", context.now()) as session:
        service.confirm(session, made.match_id)
    (confirmed,) = context.read(lambda s: settled(s, statement_id))
    assert (confirmed.waits, confirmed.confirmed_by) == (False, "Priya Senn")
    with (
        pytest.raises(HoldallError, match="Priya Senn has confirmed this match already"),
        context.store.write(second_officer, "Confirm", context.now()) as session,
    ):
        service.confirm(session, made.match_id)


def test_taking_a_match_apart_needs_a_reason_and_opens_its_pence(context: Context, statement_id: str) -> None:
    seen = look(context, statement_id)
    context.write("A", lambda s: service.accept(s, statement_id, seen.proposals[0]))
    (made,) = context.read(lambda s: settled(s, statement_id))
    with pytest.raises(HoldallError, match="reason"):
        context.write("R", lambda s: service.reverse(s, made.match_id, ""))
    context.write("R", lambda s: service.reverse(s, made.match_id, "Wrong council tax account."))
    assert look(context, statement_id).lines == seen.lines
    adds_up(look(context, statement_id))


def test_a_period_is_prepared_by_one_reviewed_by_another_and_then_frozen(
    context: Context, statement_id: str, second_officer: Author
) -> None:
    with pytest.raises(HoldallError, match="FPI NO REFERENCE” and 1 more have no explanation"):
        context.write("P", lambda s: service.prepare(s, statement_id))
    seen = look(context, statement_id)
    for part in seen.parts:
        context.write(
            "N",
            lambda s, one=part: service.add_note(s, seen.head.account_id, one.subject_id, "known since July"),
        )
    context.write("P", lambda s: service.prepare(s, statement_id))
    with pytest.raises(MoveRefused):
        context.write("R", lambda s: service.review(s, statement_id))
    with context.store.write(second_officer, "Review", context.now()) as session:
        service.review(session, statement_id)
    with context.store.write(second_officer, "Close", context.now()) as session:
        service.close(session, statement_id)
    assert look(context, statement_id).head.period_state is PeriodState.CLOSED
    with pytest.raises(RecordFrozen):
        context.write("A", lambda s: service.accept(s, statement_id, seen.proposals[0]))
    with context.store.write(second_officer, "Reopen", context.now()) as session:
        service.reopen(session, statement_id, "A refund was missed.")
    assert look(context, statement_id).head.period_state is PeriodState.REOPENED


def test_verify_finds_a_penny_flipped_in_the_store(context: Context, statement_id: str) -> None:
    for proposal in look(context, statement_id).proposals:
        context.write("A", lambda s, one=proposal: service.accept(s, statement_id, one))
    clean = context.read(verify)
    assert (clean.matches, clean.statements, clean.differences) == (2, 1, ())
    with context.store.connect(write=True) as connection:
        connection.execute(
            Receipt.__table__.update().where(Receipt.ledger_id == "2").values(amount_pence=400_01)
        )
    assert any("Receipt 2" in difference.words for difference in context.read(verify).differences)
    with context.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE income_receipt SET amount_pence = 40000 WHERE ledger_id = '2'")
        connection.exec_driver_sql("UPDATE income_match_receipt SET amount_pence = amount_pence + 1")
    assert any("add up" in difference.words for difference in context.read(verify).differences)


@given(st.lists(st.sampled_from(["accept", "reject", "suspense", "split", "undo"]), max_size=8))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_acts_conserves_every_penny(
    context: Context, statement_id: str, acts: list[str]
) -> None:
    for act in acts:
        seen = look(context, statement_id)
        if act == "undo":
            if seen.matched_lines:
                context.undo()
        elif act in {"accept", "reject"} and seen.proposals:
            work = service.accept if act == "accept" else service.reject
            context.write(act, lambda s, w=work, p=seen.proposals[0]: w(s, statement_id, p))
        elif act == "suspense" and seen.lines:
            context.write(act, lambda s, b=seen: service.to_suspense(s, statement_id, b.lines[-1].id, "note"))
        elif act == "split" and seen.lines and seen.lines[0].pence > 0 and seen.receipts:
            context.write(
                act,
                lambda s, b=seen: service.match_by_hand(s, statement_id, b.lines[0].id, [b.receipts[-1].id]),
            )
        adds_up(look(context, statement_id))
    assert context.read(verify).differences == ()


def test_what_the_officer_saw_has_to_be_so_still(context: Context, statement_id: str) -> None:
    seen = look(context, statement_id)
    slip = next(p for p in seen.proposals if p.stage == "slip")
    evidence = seen.evidence(slip)
    cheque = next(receipt for receipt in seen.receipts if receipt.pence == 400_00)
    other = next(line for line in seen.lines if line.words == "FPI NO REFERENCE")
    context.write("M", lambda s: service.match_by_hand(s, statement_id, other.id, [cheque.id]))
    with pytest.raises(HoldallError, match="changed since you looked"):
        context.write("A", lambda s: service.accept(s, statement_id, slip, evidence))
