"""The steps of a period: who made them, what each was left with, and what keeps a period open."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.income import service
from app.income.board import board
from app.income.office import periods
from models.errors import MoveRefused
from models.ids import new_id
from models.income import EReturn, EReturnKind, EReturnState, Journal, JournalKind, Period, PeriodState
from tests.app.income.office.conftest import Act


def explain(context: Context, statement_id: str) -> str:
    """Write a note on every part that is left, and return the id of the period."""
    seen = context.read(lambda s: board(s, statement_id))
    for part in seen.parts:
        context.write(
            "N", lambda s, one=part: service.add_note(s, seen.head.account_id, one.subject_id, "known")
        )
    return seen.head.period_id


def test_every_step_is_written_down_with_what_was_left_to_explain(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    period_id = explain(context, statement_id)
    mine(lambda s: service.prepare(s, statement_id))
    hers(lambda s: service.review(s, statement_id))
    hers(lambda s: service.close(s, statement_id))
    hers(lambda s: service.reopen(s, statement_id, "A refund was missed."))
    steps = context.read(lambda s: periods.trail(s, period_id))
    assert [(e.state, e.made_by_name, e.reason, e.left_pence) for e in steps] == [
        (PeriodState.PREPARED, "Tomos Aldgate", "", 36_80),
        (PeriodState.REVIEWED, "Priya Senn", "", 36_80),
        (PeriodState.CLOSED, "Priya Senn", "", 36_80),
        (PeriodState.REOPENED, "Priya Senn", "A refund was missed.", 36_80),
    ]
    assert context.read(lambda s: s.get_one(Period, period_id).reopened_reason) == "A refund was missed."


def test_a_period_that_was_only_prepared_goes_back_to_open(
    context: Context, statement_id: str, mine: Act
) -> None:
    period_id = explain(context, statement_id)
    mine(lambda s: service.prepare(s, statement_id))
    mine(lambda s: service.reopen(s, statement_id, "One more line."))
    steps = context.read(lambda s: periods.trail(s, period_id))
    assert [e.state for e in steps] == [PeriodState.PREPARED, PeriodState.OPEN]
    with pytest.raises(HoldallError, match="needs a reason"):
        mine(lambda s: service.reopen(s, statement_id, " "))


def test_closing_looks_again_at_what_is_explained(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    explain(context, statement_id)
    seen = context.read(lambda s: board(s, statement_id))
    mine(lambda s: service.prepare(s, statement_id))
    hers(lambda s: service.review(s, statement_id))
    mine(lambda s: service.reject(s, statement_id, seen.proposals[0]))
    with pytest.raises(HoldallError, match="BACS 77 0412265” has no explanation"):
        hers(lambda s: service.close(s, statement_id))
    assert context.read(lambda s: periods.why_open(s, statement_id)) == [
        "“BACS 77 0412265” has no explanation yet."
    ]


def test_a_match_that_waits_for_a_second_officer_keeps_its_period_open(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    explain(context, statement_id)
    seen = context.read(lambda s: board(s, statement_id))
    large = next(one for one in seen.proposals if one.stage == "slip")
    mine(lambda s: service.accept(s, statement_id, large))
    mine(lambda s: service.prepare(s, statement_id))
    hers(lambda s: service.review(s, statement_id))
    with pytest.raises(HoldallError, match="cannot be closed yet: 1 match waits for a second officer"):
        hers(lambda s: service.close(s, statement_id))


def test_journals_and_ereturns_of_the_period_keep_it_open_and_later_ones_do_not(
    context: Context, account_id: str, statement_id: str, mine: Act, hers: Act
) -> None:
    explain(context, statement_id)
    mine(lambda s: service.prepare(s, statement_id))
    hers(lambda s: service.review(s, statement_id))
    journal = {"account_id": account_id, "kind": JournalKind.TRANSFER, "reason": "r", "made_by": "u-1"}
    for day, number in ((date(2026, 12, 8), "ER1"), (date(2026, 12, 12), "ER2")):
        paid_in = EReturn(
            account_id=account_id, number=number, kind=EReturnKind.CASH, site="Library", taken_on=day
        )
        mine(lambda s, one=paid_in: s.add(one))

        def submit(session: Session, one: str = paid_in.id) -> None:
            record = session.get_one(EReturn, one)
            record.state, record.submitted_by = EReturnState.SUBMITTED, "u-1"

        mine(submit)
        made = Journal(id=new_id(), made_on=day, made_by_name="Tomos Aldgate", **journal)
        mine(lambda s, one=made: s.add(one))
    told = context.read(lambda s: periods.why_open(s, statement_id))
    assert told == ["1 journal waits for approval.", "1 eReturn waits for authorisation."]
    with pytest.raises(HoldallError, match="1 journal waits for approval"):
        hers(lambda s: service.close(s, statement_id))


def test_the_preparer_cannot_review_and_an_officer_without_the_role_cannot_close(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    explain(context, statement_id)
    hers(lambda s: service.prepare(s, statement_id))
    with pytest.raises(MoveRefused):
        hers(lambda s: service.review(s, statement_id))
    with pytest.raises(MoveRefused):
        mine(lambda s: service.review(s, statement_id))


def test_nothing_is_posted_into_a_closed_period(
    context: Context, account_id: str, statement_id: str, mine: Act, hers: Act
) -> None:
    explain(context, statement_id)
    mine(lambda s: service.prepare(s, statement_id))
    hers(lambda s: service.review(s, statement_id))
    inside = date(2026, 12, 8)
    context.read(lambda s: periods.refuse_closed(s, account_id, inside, "a refund"))
    hers(lambda s: service.close(s, statement_id))
    with pytest.raises(HoldallError, match="8 December 2026 belongs to a period that is closed"):
        context.read(lambda s: periods.refuse_closed(s, account_id, inside, "a refund"))
    context.read(lambda s: periods.refuse_closed(s, account_id, date(2026, 12, 30), "a refund"))
