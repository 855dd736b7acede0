"""Journals: legs that add up to nothing, pence that are never taken twice, and two people for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.income import service
from app.income.office import journals, refunds, suspense
from app.income.office.journals import JournalRow, JournalView
from app.income.office.suspense import Item
from models.errors import MoveRefused
from models.income import (
    AccountHolder,
    Fund,
    JournalKind,
    JournalState,
    Receipt,
    StopMessage,
    Suspense,
    Validator,
    VatCode,
)
from tests.app.income.office.conftest import Act
from tests.app.income.office.test_suspense import TODAY, hold, listed, put

CHECK = {
    "type": 1,
    "modulus": 10,
    "weightings": [3, 7, 1, 3, 7, 1, 3, 7, 0],
    "result_substitutions": "10:0",
    "apply_subtraction": True,
}


def row(fund: str, pence: int, reference: str = "770412265", vat_code: str = "") -> JournalRow:
    return JournalRow(fund, reference, pence, "Council tax", vat_code)


def made(context: Context, state: str | None = None) -> list[JournalView]:
    return context.read(lambda s: journals.journals(s, state))


def held(context: Context, account_id: str, amounts: Sequence[int]) -> list[Item]:
    """Hold postings of these amounts, and return the items in the same order."""
    for place, pence in enumerate(amounts):
        day = date(2026, 12, 1 + place)
        context.write("H", lambda s, p=pence, d=day: hold(s, account_id, p, d))
    return listed(context)


def receipt_id_of(context: Context, ledger_id: str) -> str:
    def find(session: Session) -> str:
        return session.query(Receipt.id).filter(Receipt.ledger_id == ledger_id).scalar() or ""

    return context.read(find)


def test_a_journal_takes_from_the_largest_item_first_and_its_legs_add_up_to_nothing(
    context: Context, account_id: str, mine: Act
) -> None:
    small, large = held(context, account_id, [20_00, 75_00])
    mine(
        lambda s: journals.from_suspense(
            s, [small.id, large.id], [row("23", 50_00), row("5", 30_00)], "Known."
        )
    )
    (seen,) = made(context, "proposed")
    assert (seen.kind, seen.total_pence, seen.waits) == (JournalKind.SUSPENSE, 80_00, True)
    assert sum(line.pence for line in seen.lines) == 0
    assert [(line.fund, line.pence) for line in seen.lines] == [
        ("23", 50_00),
        ("5", 30_00),
        ("SP", -75_00),
        ("SP", -5_00),
    ]
    assert [line.receipt_id for line in seen.lines] == ["", "", large.receipt_id, small.receipt_id]
    after = {item.id: item for item in listed(context)}
    assert (after[large.id].remaining_pence, after[large.id].waiting_pence) == (0, 75_00)
    assert (after[small.id].remaining_pence, after[small.id].waiting_pence) == (15_00, 5_00)
    assert after[large.id].state == "open"


def test_only_another_person_with_the_role_approves_and_then_the_item_is_allocated(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    (item,) = held(context, account_id, [75_00])
    hers(lambda s: journals.from_suspense(s, [item.id], [row("23", 75_00)], "Known."))
    (seen,) = made(context)
    for act in (mine, hers):  # the one lacks the role, the other made it
        with pytest.raises(MoveRefused):
            act(lambda s: journals.approve(s, seen.id))
    hers(lambda s: journals.refuse(s, seen.id, "Mine to withdraw."))
    mine(lambda s: journals.from_suspense(s, [item.id], [row("23", 75_00)], "Known."))
    (again,) = made(context, "proposed")
    hers(lambda s: journals.approve(s, again.id))
    (done,) = made(context, "approved")
    assert (done.decided_by_name, done.made_by_name) == ("Priya Senn", "Tomos Aldgate")
    assert listed(context) == []
    (gone,) = listed(context, "allocated")
    assert (gone.remaining_pence, gone.waiting_pence) == (0, 0)
    with pytest.raises(HoldallError, match="approved already"):
        hers(lambda s: journals.approve(s, again.id))


def test_a_refused_journal_says_why_and_frees_what_it_held(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    (item,) = held(context, account_id, [75_00])
    mine(lambda s: journals.from_suspense(s, [item.id], [row("23", 75_00)], "Known."))
    (seen,) = made(context)
    with pytest.raises(HoldallError, match="needs a reason"):
        hers(lambda s: journals.refuse(s, seen.id, ""))
    hers(lambda s: journals.refuse(s, seen.id, "Another account."))
    (refused,) = made(context)
    assert (refused.state, refused.notes) == (JournalState.REFUSED, ("Another account.",))
    assert listed(context) == [item]


def test_an_undo_is_proposed_approved_by_another_and_gives_the_suspense_back(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    (item,) = held(context, account_id, [75_00])
    mine(lambda s: journals.from_suspense(s, [item.id], [row("23", 75_00)], "Known."))
    (first,) = made(context)
    with pytest.raises(HoldallError, match="Only an approved journal"):
        mine(lambda s: journals.undo(s, first.id, "Wrong."))
    hers(lambda s: journals.approve(s, first.id))
    mine(lambda s: journals.undo(s, first.id, "Wrong account."))
    turned = made(context, "proposed")[0]
    assert [line.pence for line in turned.lines] == [-75_00, 75_00]
    assert listed(context) == []
    with pytest.raises(HoldallError, match="undone already"):
        mine(lambda s: journals.undo(s, first.id, "Again."))
    with pytest.raises(MoveRefused):
        mine(lambda s: journals.approve(s, turned.id))
    hers(lambda s: journals.approve(s, turned.id))
    assert listed(context) == [item]
    states = {view.id: (view.state, view.undoes) for view in made(context)}
    assert states == {first.id: (JournalState.UNDONE, ""), turned.id: (JournalState.APPROVED, first.id)}
    for journal_id, words in ((first.id, "undone already"), (turned.id, "An undo is not undone")):
        with pytest.raises(HoldallError, match=words):
            mine(lambda s, one=journal_id: journals.undo(s, one, "Again."))
    posted = [line.pence for view in made(context) if view.state in journals.POSTED for line in view.lines]
    assert sum(pence for pence in posted if pence > 0) == -sum(pence for pence in posted if pence < 0)


def test_a_refused_undo_leaves_the_journal_and_may_be_tried_again(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    (item,) = held(context, account_id, [75_00])
    mine(lambda s: journals.from_suspense(s, [item.id], [row("23", 75_00)], "Known."))
    (first,) = made(context)
    hers(lambda s: journals.approve(s, first.id))
    mine(lambda s: journals.undo(s, first.id, "Wrong."))
    hers(lambda s: journals.refuse(s, made(context, "proposed")[0].id, "It was right."))
    assert context.read(lambda s: journals.journal(s, first.id)).state == JournalState.APPROVED
    mine(lambda s: journals.undo(s, first.id, "Wrong all the same."))
    assert len(made(context, "proposed")) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "has no lines"),
        ([row("23", 80_00)], "come to £80.00, and £75.00 remains"),
        ([row("23", 0)], "Line 1 has to be more than nothing and money in"),
        ([row("23", 10_00), row("5", -5_00)], "Line 2 has to be more than nothing and money in"),
        ([row("SP", 10_00)], "Line 1 goes to the suspense fund SP"),
        ([row(" ", 10_00)], "Line 1 has no fund"),
        ([row("99", 10_00)], "Line 1: there is no fund “99”"),
        ([row("44", 10_00)], "fund 44 is no longer used"),
        ([row("OS", 10_00)], "goes to the suspense fund OS"),
        ([row("66", 10_00, "123456789")], "Line 1: Reference “123456789” of fund 66"),
        ([row("66", 10_00, "770412261")], "Line 1: There is no account “770412261” in fund 66"),
        ([row("66", 20_01)], "Line 1: Fund 66 takes at most £20.00"),
        ([row("66", 10_00, "770000000")], "Line 1: Account 770000000 is stopped: Bailiffs have it"),
    ],
)
def test_a_journal_that_may_not_be_is_refused_in_one_sentence(
    context: Context, account_id: str, mine: Act, rows: list[JournalRow], words: str
) -> None:
    codes(context)
    (item,) = held(context, account_id, [75_00])
    with pytest.raises(HoldallError, match=words) as caught:
        mine(lambda s: journals.from_suspense(s, [item.id], rows, "Known."))
    assert caught.value.title.endswith(".")
    assert made(context) == []


def codes(context: Context) -> None:
    """Bring a handful of funds, one with VAT that its lines may override, and one for suspense."""
    lead = replace(context.author, roles=frozenset({"officer", "lead"}))
    with context.store.write(lead, "Codes", context.now()) as session:
        session.add_all(
            [
                Fund(code="23", name="Council tax"),
                Fund(code="5", name="Housing rents"),
                Fund(code="13", name="Miscellaneous", vat_code="W0", vat_override=True),
                Fund(code="31", name="Building control", vat_code="W0"),
                Fund(code="44", name="Old", disabled=True),
                Fund(code="OS", name="Old suspense", is_suspense=True),
                VatCode(code="W0", rate=2_000),
                VatCode(code="N0", rate=0),
                Fund(code="66", name="Tax", validator="tax", account_must_exist=True, maximum_pence=20_00),
                Validator(name="tax", min_length=9, max_length=9, mask="########@", check_digit=CHECK),
                AccountHolder(reference="770000000", fund="66", stop_message="B"),
                StopMessage(code="B", fund="66", message="Bailiffs have it."),
            ]
        )


def test_nothing_chosen_nothing_left_and_items_that_go_opposite_ways_are_refused(
    context: Context, account_id: str, mine: Act
) -> None:
    good, other_way = held(context, account_id, [75_00, -20_00])
    with pytest.raises(HoldallError, match="No suspense is chosen"):
        mine(lambda s: journals.from_suspense(s, [], [row("23", 1)], "Known."))
    with pytest.raises(HoldallError, match="money in and some is money out"):
        mine(lambda s: journals.from_suspense(s, [good.id, other_way.id], [row("23", 1)], "Known."))
    mine(lambda s: journals.from_suspense(s, [good.id], [row("23", 75_00)], "Known."))
    with pytest.raises(HoldallError, match="Nothing remains"):
        mine(lambda s: journals.from_suspense(s, [good.id], [row("23", 1)], "Known."))
    with pytest.raises(HoldallError, match="needs a reason"):
        mine(lambda s: journals.from_suspense(s, [good.id], [row("23", 1)], " "))
    mine(lambda s: journals.from_suspense(s, [other_way.id], [row("23", -20_00)], "A returned cheque."))
    assert [line.pence for line in made(context, "proposed")[0].lines] == [-20_00, 20_00]


def test_a_write_off_takes_all_that_remains_and_opposite_items_clear_each_other(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    paid, recalled = held(context, account_id, [75_00, -75_00])
    mine(lambda s: journals.write_off(s, [paid.id, recalled.id], "13", "Recalled by its bank."))
    (seen,) = made(context)
    assert (seen.kind, [line.pence for line in seen.lines]) == (
        JournalKind.WRITE_OFF,
        [75_00, -75_00, -75_00, 75_00],
    )
    hers(lambda s: journals.approve(s, seen.id))
    assert listed(context) == []
    with pytest.raises(HoldallError, match="Nothing remains"):
        mine(lambda s: journals.write_off(s, [paid.id], "13", "Again."))


def test_a_match_whose_suspense_a_journal_took_stays_until_the_journal_is_undone(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    item_id = put(context, statement_id, "FPI NO REFERENCE", "Rang.")
    (item,) = listed(context)
    mine(lambda s: journals.from_suspense(s, [item_id], [row("23", 10_00)], "Known."))
    with pytest.raises(HoldallError, match="so its match stays"):
        mine(lambda s: service.reverse(s, item.match_id, "Wrong."))
    hers(lambda s: journals.refuse(s, made(context)[0].id, "No."))
    mine(lambda s: service.reverse(s, item.match_id, "Wrong."))
    assert listed(context, "all") == []


def test_a_journal_whose_suspense_was_removed_is_refused_and_never_approved(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    (item,) = held(context, account_id, [75_00])
    mine(lambda s: journals.from_suspense(s, [item.id], [row("23", 75_00)], "Known."))
    (seen,) = made(context)

    def remove(session: Session) -> None:
        session.get_one(Suspense, item.id).deleted = True

    with pytest.raises(MoveRefused, match="something has taken from it"):
        mine(remove)
    came_without = update(Suspense).where(Suspense.id == item.id).values(deleted=True)
    hers(lambda s: s.connection().execute(came_without))
    with pytest.raises(HoldallError, match="not held any more"):
        hers(lambda s: journals.approve(s, seen.id))
    hers(lambda s: journals.refuse(s, seen.id, "Taken back."))
    assert made(context, "refused")[0].notes == ("Taken back.",)


def test_a_posting_is_moved_in_part_and_refunds_and_journals_share_what_is_left(
    context: Context, statement_id: str, mine: Act
) -> None:
    receipt_id = receipt_id_of(context, "2")
    mine(lambda s: journals.transfer(s, receipt_id, [row("5", 150_00), row("52", 50_00)], "Rent."))
    (seen,) = made(context)
    assert [(line.fund, line.pence) for line in seen.lines] == [("5", 150_00), ("52", 50_00), ("23", -200_00)]
    assert seen.lines[-1].receipt_id == receipt_id
    mine(lambda s: refunds.request(s, receipt_id, 150_00, "Paid twice."))
    with pytest.raises(HoldallError, match=r"and £50\.00 is left of this posting"):
        mine(lambda s: journals.transfer(s, receipt_id, [row("5", 50_01)], "More rent."))
    mine(lambda s: journals.transfer(s, receipt_id, [row("5", 50_00)], "More rent."))
    with pytest.raises(HoldallError, match="same way as the posting"):
        mine(lambda s: journals.transfer(s, receipt_id, [row("5", -1)], "More rent."))


def test_suspense_is_not_moved_as_a_posting(context: Context, account_id: str, mine: Act) -> None:
    (item,) = held(context, account_id, [75_00])
    with pytest.raises(HoldallError, match="is in suspense"):
        mine(lambda s: journals.transfer(s, item.receipt_id, [row("5", 1_00)], "Rent."))


def test_vat_is_worked_out_again_for_each_leg_by_the_funds_code_or_the_lines_own(
    context: Context, account_id: str, mine: Act
) -> None:
    codes(context)
    (item,) = held(context, account_id, [40_00])
    rows = [
        row("31", 10_00, vat_code="N0"),
        row("13", 10_00, vat_code="N0"),
        row("13", 10_00),
        row("23", 1_00),
    ]
    mine(lambda s: journals.from_suspense(s, [item.id], rows, "Known."))
    (seen,) = made(context)
    assert [(line.vat_code, line.vat_pence) for line in seen.lines] == [
        ("W0", 1_67),
        ("N0", 0),
        ("W0", 1_67),
        ("", 0),
        ("", 0),
    ]


def test_journals_that_wait_come_first_and_then_the_newest(
    context: Context, account_id: str, mine: Act, hers: Act
) -> None:
    one, two, three = held(context, account_id, [10_00, 20_00, 30_00])
    for item in (one, two, three):
        mine(lambda s, i=item: journals.from_suspense(s, [i.id], [row("23", i.amount_pence)], "Known."))
    newest = made(context)
    assert [view.total_pence for view in newest] == [30_00, 20_00, 10_00]
    hers(lambda s: journals.approve(s, newest[0].id))
    assert [view.total_pence for view in made(context)] == [20_00, 10_00, 30_00]
    assert len(context.read(lambda s: journals.journals(s, None, 2))) == 2
    assert suspense.ageing(listed(context, today=TODAY))[1].pence == 30_00
