"""Certain proposals accepted in one act, and fees that are written off with their match."""

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
from models.income import WriteOff
from tests.app.income.conftest import mt940

LINES = [
    ("1208", "C162,00", "BACS 77 0412265"),
    ("1208", "C1046,25", "STRIPE PAYOUT PO-7731"),
    ("1209", "C75,00", "FPI 56 1180427"),
]
ROWS = (
    "1,08/12/2026,162.00,,23,28,Council tax 77 0412265\n"
    "2,07/12/2026,1064.25,PO-7731,13,90,Card payments\n"
    "3,09/12/2026,75.00,561180427,24,28,Business rates\n"
)


@pytest.fixture
def statement_id(bring: Callable[..., str]) -> str:
    """A proved statement: two lines that have one receipt each, and a payout short by £18."""
    return bring(mt940(LINES, closing="1383,25"), ROWS)


def look(context: Context, statement_id: str) -> Board:
    return context.read(lambda s: board(s, statement_id))


def test_a_payout_short_of_its_fees_is_accepted_with_a_write_off_and_the_sums_agree(
    context: Context, statement_id: str
) -> None:
    seen = look(context, statement_id)
    payout = next(p for p in seen.proposals if p.write_offs)
    assert seen.sums.left == -18_00
    context.write("A", lambda s: service.accept(s, statement_id, payout))
    after = look(context, statement_id)
    assert (after.sums.left, after.parts) == (0, ())
    assert context.read(verify).differences == ()
    (made,) = context.read(lambda s: settled(s, statement_id))
    context.write("R", lambda s: service.reverse(s, made.match_id, "Wrong payout."))
    assert look(context, statement_id).sums == seen.sums
    assert context.read(verify).differences == ()


def test_a_penny_flipped_in_a_write_off_is_found(context: Context, statement_id: str) -> None:
    payout = next(p for p in look(context, statement_id).proposals if p.write_offs)
    context.write("A", lambda s: service.accept(s, statement_id, payout))
    with context.store.connect(write=True) as connection:
        connection.execute(WriteOff.__table__.update().values(amount_pence=-18_01))
    assert any("written off" in found.words for found in context.read(verify).differences)


def test_all_that_is_certain_is_accepted_in_one_act_and_undone_in_one(
    context: Context, statement_id: str
) -> None:
    seen = look(context, statement_id)
    certain = [p._replace(auto=not p.write_offs) for p in seen.proposals]
    context.write("Accept", lambda s: service.accept_ready(s, statement_id, certain))
    after = look(context, statement_id)
    assert [line.words for line in after.lines] == ["STRIPE PAYOUT PO-7731"]
    assert context.read(verify).matches == 2
    assert context.read(verify).differences == ()
    context.undo()
    assert look(context, statement_id).lines == seen.lines


def test_nothing_is_accepted_when_nothing_is_certain_or_something_is_taken(
    context: Context, statement_id: str
) -> None:
    seen = look(context, statement_id)
    unsure = [p._replace(auto=False) for p in seen.proposals]
    with pytest.raises(HoldallError, match="certain enough"):
        context.write("A", lambda s: service.accept_ready(s, statement_id, unsure))
    certain = [p._replace(auto=True) for p in seen.proposals if not p.write_offs]
    with pytest.raises(HoldallError, match="taken already"):
        context.write("A", lambda s: service.accept_ready(s, statement_id, [certain[0], certain[0]]))
    context.write("A", lambda s: service.accept(s, statement_id, certain[0]))
    with pytest.raises(HoldallError, match="taken already"):
        context.write("A", lambda s: service.accept_ready(s, statement_id, certain))
    assert len(look(context, statement_id).lines) == 2


@given(st.lists(st.sampled_from(["accept", "ready", "reject", "suspense", "reverse", "undo"]), max_size=8))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sequence_of_acts_loses_or_makes_a_penny(
    context: Context, statement_id: str, acts: list[str]
) -> None:
    for act in acts:
        seen = look(context, statement_id)
        made = context.read(lambda s: settled(s, statement_id))
        if act == "undo" and made:
            context.undo()
        elif act in {"accept", "reject"} and seen.proposals:
            work = service.accept if act == "accept" else service.reject
            context.write(act, lambda s, w=work, p=seen.proposals[-1]: w(s, statement_id, p))
        elif act == "ready" and any(p.auto for p in seen.proposals):
            context.write(act, lambda s, b=seen: service.accept_ready(s, statement_id, b.proposals))
        elif act == "suspense" and seen.lines:
            context.write(act, lambda s, b=seen: service.to_suspense(s, statement_id, b.lines[-1].id, "note"))
        elif act == "reverse" and made:
            context.write(act, lambda s, m=made[0]: service.reverse(s, m.match_id, "Not that one."))
        after = look(context, statement_id)
        assert after.sums.bank - after.sums.book + after.sums.on_its_way == after.sums.left
        assert sum(part.pence for part in after.parts) == after.sums.left
        taken = sum(one.pence for one in context.read(lambda s: settled(s, statement_id)))
        assert taken + sum(line.pence for line in after.lines) == 1_283_25
    assert context.read(verify).differences == ()
