"""What the income tables promise whatever the screen does."""

from __future__ import annotations

from models.base import policy_of, record_types
from models.income import ACTIVE, MatchState, PeriodState
from models.policy import Merge


def test_every_income_record_is_declared_under_its_slice() -> None:
    names = {name for name in record_types() if name.startswith("income_")}
    assert names == {
        "income_account",
        "income_account_holder",
        "income_bank_line",
        "income_ereturn",
        "income_ereturn_cheque",
        "income_ereturn_line",
        "income_file",
        "income_fund",
        "income_journal",
        "income_journal_line",
        "income_match",
        "income_match_receipt",
        "income_method",
        "income_note",
        "income_office",
        "income_period",
        "income_period_event",
        "income_receipt",
        "income_refund",
        "income_rule",
        "income_settlement",
        "income_settlement_line",
        "income_statement",
        "income_stop_message",
        "income_suspense",
        "income_suspense_allocation",
        "income_validator",
        "income_vat_code",
        "income_write_off",
    }


def test_a_match_takes_the_pence_of_its_bank_line_while_it_is_active() -> None:
    allocation = policy_of("income_match").allocation
    assert allocation is not None
    body = {"bank_line_id": "x", "amount_pence": -500, "state": "accepted"}
    assert allocation.holds(body)
    assert allocation.takes(body) == 500
    assert not allocation.holds({**body, "state": "reversed"})
    assert not allocation.holds({**body, "state": "rejected"})
    assert set(ACTIVE) == {MatchState.ACCEPTED.value, MatchState.CONFIRMED.value}


def test_a_second_officer_is_another_person_for_a_match_and_for_a_period() -> None:
    moves = policy_of("income_match").moves
    assert moves is not None
    confirming = moves.step("accepted", "confirmed")
    assert confirming is not None
    assert confirming.distinct_from == "matched_by"
    period = policy_of("income_period").moves
    assert period is not None
    reviewing = period.step("prepared", "reviewed")
    assert reviewing is not None
    assert reviewing.distinct_from == "prepared_by"
    assert period.step("open", "closed") is None
    assert period.step("closed", "open") is None


def test_nobody_approves_what_they_made_themselves() -> None:
    for name, before, after, maker in (
        ("income_ereturn", "submitted", "authorised", "submitted_by"),
        ("income_journal", "proposed", "approved", "made_by"),
        ("income_refund", "requested", "authorised", "requested_by"),
    ):
        moves = policy_of(name).moves
        assert moves is not None
        step = moves.step(before, after)
        assert step is not None
        assert step.distinct_from == maker
        assert step.roles == {"lead", "finance"}


def test_pence_of_suspense_and_of_a_posting_are_given_once() -> None:
    held = policy_of("income_suspense_allocation").allocation
    assert held is not None
    assert held.holds({"suspense_id": "x", "state": "proposed"})
    assert not held.holds({"suspense_id": "x", "state": "undone"})
    for name in ("income_journal_line", "income_refund", "income_match_receipt"):
        allocation = policy_of(name).allocation
        assert allocation is not None
        assert allocation.resource == "income_receipt"


def test_a_closed_period_freezes_what_was_settled_in_it() -> None:
    for name in ("income_match", "income_match_receipt", "income_statement", "income_write_off"):
        frozen = policy_of(name).frozen_by
        assert frozen is not None
        assert frozen.values == (PeriodState.CLOSED.value,)


def test_amounts_that_came_from_a_bank_are_written_once() -> None:
    assert policy_of("income_bank_line").merge_of("amount_pence") is Merge.ONCE
    assert policy_of("income_receipt").merge_of("amount_pence") is Merge.ONCE
    assert policy_of("income_statement").merge_of("unproved_reason") is Merge.ONCE
