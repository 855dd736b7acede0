"""Suspense: what is held, how old it is, who chases it, and that taking its match apart ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError, NotFound
from app.income import service
from app.income.board import board
from app.income.office import suspense
from app.income.office.suspense import Item
from models.changes import Changed, bulk_create
from models.income import Match, Receipt, Suspense, SuspenseState
from tests.app.income.office.conftest import Act

TODAY = date(2026, 12, 17)


def put(context: Context, statement_id: str, words: str, note: str) -> str:
    """Put a line to suspense and return the id of its item."""
    line = next(one for one in context.read(lambda s: board(s, statement_id)).lines if one.words == words)
    context.write("S", lambda s: service.to_suspense(s, statement_id, line.id, note))
    return next(item.id for item in listed(context) if item.narrative == words)


def listed(context: Context, state: str = "open", today: date = TODAY) -> list[Item]:
    return context.read(lambda s: suspense.items(s, None, state, today))


def posting(account_id: str, pence: int, day: date, **more: str) -> dict[str, object]:
    """A row of the book without a fund."""
    return {
        "account_id": account_id,
        "file_id": "f",
        "line_no": 1,
        "ledger_id": "9",
        "posted_on": day,
        "amount_pence": pence,
        "reference": more.get("reference", ""),
        "fund": "",
        "mop": more.get("mop", "28"),
        "narrative": more.get("narrative", "J MARLOW"),
        "fingerprint": "x",
    }


def hold(session: Session, account_id: str, pence: int, day: date, words: str = "") -> None:
    """Bring in a posting without a fund and hold it."""
    made = bulk_create(session, Receipt, [posting(account_id, pence, day)])
    (receipt_id,) = made.ids
    suspense.hold_receipt(session, session.get_one(Receipt, receipt_id), words)


def test_a_line_in_suspense_is_an_item_of_its_day_with_the_words_it_came_with(
    context: Context, statement_id: str
) -> None:
    put(context, statement_id, "FPI NO REFERENCE", "Rang the bank.")
    (item,) = listed(context)
    assert (item.amount_pence, item.remaining_pence, item.waiting_pence) == (75_00, 75_00, 0)
    assert (item.held_on, item.age_days, item.band) == (date(2026, 12, 9), 8, "8 to 30 days")
    assert (item.account_name, item.narrative) == ("General account", "FPI NO REFERENCE")
    assert item.notes == ("Rang the bank.",)
    assert listed(context, "allocated") == []


def test_undo_of_suspense_takes_the_item_away_with_its_match(context: Context, statement_id: str) -> None:
    put(context, statement_id, "FPI NO REFERENCE", "Rang the bank.")
    context.undo()
    assert listed(context, "all") == []


def test_taking_the_match_apart_cancels_the_item_for_good(context: Context, statement_id: str) -> None:
    item_id = put(context, statement_id, "FPI NO REFERENCE", "Rang the bank.")
    match_id = context.read(lambda s: s.scalars(select(Match.id)).one())
    context.write("R", lambda s: service.reverse(s, match_id, "It is council tax."))
    assert listed(context, "all") == []
    assert context.read(lambda s: s.get_one(Suspense, item_id).state) is SuspenseState.CANCELLED
    with pytest.raises(NotFound):
        context.write("N", lambda s: suspense.note(s, item_id, "late"))
    again = put(context, statement_id, "FPI NO REFERENCE", "Back again.")
    assert again != item_id


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (-2, "0 to 7 days"),
        (7, "0 to 7 days"),
        (8, "8 to 30 days"),
        (30, "8 to 30 days"),
        (31, "31 to 90 days"),
        (90, "31 to 90 days"),
        (91, "over 90 days"),
    ],
)
def test_a_band_ends_on_its_last_day(days: int, band: str) -> None:
    assert suspense.band_of(days) == band


def test_the_bands_add_up_to_all_that_is_held_and_name_those_that_are_empty(
    context: Context, account_id: str, statement_id: str
) -> None:
    put(context, statement_id, "BANK CHARGES", "Ask the bank.")
    context.write("H", lambda s: hold(s, account_id, 40_00, date(2026, 8, 3)))
    found = listed(context)
    bands = suspense.ageing(found)
    assert [(band.name, band.count, band.pence) for band in bands] == [
        ("0 to 7 days", 1, -38_20),
        ("8 to 30 days", 0, 0),
        ("31 to 90 days", 0, 0),
        ("over 90 days", 1, 40_00),
    ]
    assert sum(band.pence for band in bands) == sum(item.held_pence for item in found)


def test_a_posting_without_a_fund_is_held_once_however_often_it_is_brought(
    context: Context, account_id: str
) -> None:
    context.write("H", lambda s: hold(s, account_id, 40_00, TODAY, "No fund: “7704” is no reference."))
    (item,) = listed(context)
    assert (item.notes, item.receipt_id != "") == (("No fund: “7704” is no reference.",), True)
    again: Callable[[Session], Changed] = lambda s: suspense.hold_receipt(  # noqa: E731
        s, s.get_one(Receipt, item.receipt_id), "again"
    )
    assert context.write("H", again) == Changed()
    context.write("C", lambda s: suspense.cancel_of_receipt(s, item.receipt_id))
    assert listed(context, "all") == []
    context.write("H", again)
    assert listed(context) == [item]
    context.write("H", lambda s: hold(s, account_id, 0, TODAY))
    assert len(listed(context, "all")) == 1


def test_an_item_whose_posting_was_taken_back_is_no_longer_listed(context: Context, account_id: str) -> None:
    context.write("H", lambda s: hold(s, account_id, 40_00, TODAY))
    (item,) = listed(context)

    def take_back(session: Session) -> None:
        session.get_one(Receipt, item.receipt_id).deleted = True

    context.write("R", take_back)
    assert listed(context, "all") == []
    context.undo()
    context.write("C", lambda s: suspense.cancel_of_receipt(s, item.receipt_id))
    assert listed(context, "all") == []


def test_a_chase_day_that_has_passed_is_overdue(context: Context, statement_id: str) -> None:
    item_id = put(context, statement_id, "FPI NO REFERENCE", "Rang the bank.")
    context.write("A", lambda s: suspense.assign(s, item_id, "u-2", "Priya Senn", TODAY))
    (item,) = listed(context)
    assert (item.owner_name, item.owner_id, item.chase_on, item.overdue) == (
        "Priya Senn",
        "u-2",
        TODAY,
        False,
    )
    assert listed(context, today=date(2026, 12, 18))[0].overdue
    context.write("A", lambda s: suspense.assign(s, item_id, None, "", None))
    assert (listed(context)[0].owner_name, listed(context)[0].overdue) == ("", False)
    with pytest.raises(HoldallError, match="has no name"):
        context.write("A", lambda s: suspense.assign(s, item_id, "u-2", " ", None))


def test_notes_stand_oldest_first_whether_left_on_the_line_or_on_the_item(
    context: Context, account_id: str, statement_id: str
) -> None:
    item_id = put(context, statement_id, "FPI NO REFERENCE", "First.")
    line_id = context.read(lambda s: s.scalars(select(Match.bank_line_id)).one())
    context.write("N", lambda s: suspense.note(s, item_id, "Second."))
    context.write("N", lambda s: service.add_note(s, account_id, line_id, "Third."))
    assert listed(context)[0].notes == ("First.", "Second.", "Third.")
    with pytest.raises(HoldallError, match="The note is empty"):
        context.write("N", lambda s: suspense.note(s, item_id, "  "))


def test_a_state_that_is_none_is_refused_in_one_sentence(context: Context) -> None:
    with pytest.raises(HoldallError, match="no state “lost”"):
        listed(context, "lost")


def test_another_accounts_items_are_not_in_the_list(context: Context, statement_id: str, mine: Act) -> None:
    put(context, statement_id, "FPI NO REFERENCE", "x")
    other = context.write("A", lambda s: service.add_account(s, "Other", "60-22-22 87654321"))[0]
    work: Callable[[Session], list[Item]] = lambda s: suspense.items(s, other, "all", TODAY)  # noqa: E731
    assert context.read(work) == []
