"""Two officers, two laptops, no network: what the server lets through of the income office, and what not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income import service
from app.income.board import board
from app.income.office import ereturns, journals, periods, refunds, suspense
from app.income.office.as_at import as_at, canonical
from app.income.office.ereturns import LineRow
from app.income.office.journals import JournalRow
from app.income.verify import verify
from models.base import Record
from models.errors import HoldallError, MoveRefused
from models.ids import new_id
from models.income import (
    BankLine,
    EReturn,
    Journal,
    JournalState,
    Match,
    Period,
    PeriodState,
    Receipt,
    Refund,
    Suspense,
)
from models.outbox import OpState
from models.undo import undo
from sync import desk
from tests.app.income.conftest import ACCOUNT, ledger, mt940
from tests.app.income.office.conftest import CLOSING, LINES, ROWS
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_rules import _force, answers

ROLES = ("officer", "lead", "finance")  # so that nothing but the second person stops anybody
DAY = date(2026, 12, 17)


@dataclass
class Office:
    """Two laptops that hold the same statement and book, and their ids."""

    fleet: Fleet
    first: Laptop
    second: Laptop
    account_id: str
    statement_id: str

    def line(self, words: str) -> str:
        return self.first.read(lambda s: s.scalars(select(BankLine.id).where(BankLine.words == words)).one())

    def receipt(self, ledger_id: str) -> str:
        wanted = select(Receipt.id).where(Receipt.ledger_id == ledger_id)
        return self.first.read(lambda s: s.scalars(wanted).one())

    def hold(self) -> str:
        """Put the £75.00 nobody knows to suspense on the first laptop, and show it to both."""
        line_id = self.line("FPI NO REFERENCE")
        self.first.write("S", lambda s: service.to_suspense(s, self.statement_id, line_id, "unknown"))
        self.fleet.settle()
        return self.second.read(lambda s: s.scalars(select(Suspense.id)).one())


def an_office(fleet: Fleet) -> Office:
    first, second = fleet.join("u-1", "Tomos Aldgate", ROLES), fleet.join("u-2", "Priya Senn", ROLES)

    def fill(session: Session) -> tuple[str, str]:
        account_id, _ = service.add_account(session, "General account", ACCOUNT, book_opening_pence=100_00)
        brought = service.import_statements(session, mt940(LINES, closing=CLOSING))
        service.import_ledger(session, ledger(ROWS), account_id)
        return account_id, brought.ids[0]

    account_id, statement_id = first.write("Fill", fill)
    fleet.settle()
    return Office(fleet, first, second, account_id, statement_id)


@pytest.fixture
def office(fleet: Fleet) -> Office:
    """Two laptops over the server's own functions."""
    return an_office(fleet)


@pytest.fixture
def net_office(net_fleet: Fleet) -> Office:
    """Two laptops over a real server process."""
    return an_office(net_fleet)


def a_match(office: Office) -> str:
    seen = office.first.read(lambda s: board(s, office.statement_id))
    slip = next(one for one in seen.proposals if one.stage == "slip")
    office.first.write("A", lambda s: service.accept(s, office.statement_id, slip))
    return office.first.read(lambda s: s.scalars(select(Match.id)).one())


def a_journal(office: Office) -> str:
    item_id, rows = office.hold(), [JournalRow("23", "", 75_00, "x")]
    office.first.write("J", lambda s: journals.from_suspense(s, [item_id], rows, "Known."))
    return office.first.read(lambda s: s.scalars(select(Journal.id)).one())


def an_ereturn(office: Office) -> str:
    def pay_in(session: Session) -> str:
        record_id, _ = ereturns.begin(session, office.account_id, "cash", "Library", date(2026, 12, 9))
        ereturns.set_cash(session, record_id, {500: 15_00}, "0094")
        ereturns.set_lines(session, record_id, [LineRow("5M", "", "Fines", "", 15_00)])
        return record_id

    record_id = office.first.write("E", pay_in)
    office.first.write("E", lambda s: ereturns.submit(s, record_id))
    return record_id


def a_refund(office: Office) -> str:
    receipt_id = office.receipt("1")
    office.first.write("R", lambda s: refunds.request(s, receipt_id, 62_00, "Paid twice."))
    return office.first.read(lambda s: s.scalars(select(Refund.id)).one())


def a_period(office: Office) -> str:
    seen = office.first.read(lambda s: board(s, office.statement_id))
    for part in seen.parts:
        office.first.write(
            "N", lambda s, one=part: service.add_note(s, office.account_id, one.subject_id, "known")
        )
    office.first.write("P", lambda s: periods.prepare(s, office.statement_id))
    return seen.head.period_id


FORGED: list[tuple[Callable[[Office], str], type[Record], str, Callable[[Session, Office, str], object]]] = [
    (a_match, Match, "confirmed", lambda s, o, one: service.confirm(s, one)),
    (a_journal, Journal, "approved", lambda s, o, one: journals.approve(s, one)),
    (an_ereturn, EReturn, "authorised", lambda s, o, one: ereturns.authorise(s, one)),
    (a_refund, Refund, "authorised", lambda s, o, one: refunds.authorise(s, one)),
    (a_period, Period, "reviewed", lambda s, o, one: periods.review(s, o.statement_id)),
]


def test_ones_own_work_is_approved_neither_on_the_laptop_nor_by_the_server(net_office: Office) -> None:
    office = net_office
    for make, model, state, act in FORGED:
        record_id = make(office)
        office.fleet.settle()
        with pytest.raises(MoveRefused):
            office.first.write("Approve", lambda s, a=act, r=record_id: a(s, office, r))
        version = office.first.get(model, record_id).version
        before = state_of(office.second, model, record_id)
        _force(office.first, model.__tablename__, record_id, {"state": state}, base=version)
        assert office.first.sync().rejected == 1, model
        assert answers(office.first)[-1] == (OpState.REJECTED.value, "second_person")
        office.fleet.settle()
        assert state_of(office.second, model, record_id) == before
        office.second.write("Approve", lambda s, a=act, r=record_id: a(s, office, r))
        assert office.second.sync().rejected == 0
        office.first.sync()
        assert state_of(office.first, model, record_id) == state


def state_of(laptop: Laptop, model: type[Record], record_id: str) -> str:
    return laptop.read(lambda s: str(s.get_one(model, record_id).state))  # type: ignore[attr-defined]


def begun(office: Office) -> str:
    """An eReturn that is counted and not submitted, on both laptops and the server."""

    def pay_in(session: Session) -> str:
        record_id, _ = ereturns.begin(session, office.account_id, "cash", "Library", date(2026, 12, 9))
        ereturns.set_cash(session, record_id, {500: 15_00}, "0094")
        ereturns.set_lines(session, record_id, [LineRow("5M", "", "Fines", "", 15_00)])
        return record_id

    record_id = office.first.write("E", pay_in)
    office.fleet.settle()
    return record_id


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        ({"state": "authorised", "submitted_by": "u-1"}, "second_person"),  # two steps in one
        ({"state": "authorised", "submitted_by": "u-2"}, "stale_state"),  # for the first is not theirs
        ({"state": "authorised"}, "stale_state"),
        ({"state": "submitted"}, "validation"),  # unsigned
        ({"state": "submitted", "submitted_by": "u-2"}, "validation"),  # in somebody else's name
    ],
)
def test_there_is_no_way_round_the_second_person(office: Office, forged: dict[str, str], code: str) -> None:
    record_id = begun(office)
    version = office.first.get(EReturn, record_id).version
    _force(office.first, "income_ereturn", record_id, forged, base=version)
    assert office.first.sync().rejected == 1
    assert answers(office.first)[-1] == (OpState.REJECTED.value, code)
    office.fleet.settle()
    assert state_of(office.second, EReturn, record_id) == "in_progress"


def test_nobody_puts_a_colleagues_name_where_it_says_who_did_it(office: Office) -> None:
    record_id = an_ereturn(office)
    office.fleet.settle()
    version = office.first.get(EReturn, record_id).version
    _force(office.first, "income_ereturn", record_id, {"submitted_by": "u-2"}, base=version)
    assert office.first.sync().rejected == 1
    made = {
        "account_id": office.account_id,
        "kind": "transfer",
        "state": "proposed",
        "made_on": "2026-12-17",
        "reason": "r",
        "made_by": "u-2",
        "made_by_name": "Priya Senn",
    }
    _force(office.first, "income_journal", new_id(), made, base=0, kind="create")
    assert office.first.sync().rejected == 1
    assert answers(office.first)[-1] == (OpState.REJECTED.value, "validation")
    office.fleet.settle()
    assert office.second.get(EReturn, record_id).submitted_by == "u-1"
    assert office.second.read(lambda s: s.scalars(select(Journal)).all()) == []


def test_an_officer_without_the_role_cannot_approve_by_a_forged_move(fleet: Fleet) -> None:
    office = an_office(fleet)
    journal_id = a_journal(office)
    third = fleet.join("u-3", "J. Marlow")
    fleet.settle()
    with pytest.raises(MoveRefused):
        third.write("Approve", lambda s: journals.approve(s, journal_id))
    version = third.get(Journal, journal_id).version
    _force(third, "income_journal", journal_id, {"state": "approved"}, base=version, author="u-3")
    assert third.sync().rejected == 1
    assert answers(third)[-1] == (OpState.REJECTED.value, "forbidden")


def test_a_bank_line_that_two_laptops_reconciled_offline_goes_to_the_first_and_the_other_hears_what_is_left(
    net_office: Office,
) -> None:
    office = net_office
    line_id = office.line("COUNTER CREDIT 000318")
    mine, theirs = office.receipt("2"), office.receipt("3")  # £400.00 and £500.00 of the £900.00
    for laptop, chosen in ((office.first, [mine]), (office.second, [mine, theirs])):
        laptop.write("M", lambda s, c=chosen: service.match_by_hand(s, office.statement_id, line_id, c))
    assert office.first.sync().rejected == 0
    assert office.second.sync().accepted == 0
    (refusal,) = office.second.read(desk.refusals)
    assert (refusal.code, refusal.sentence.title) == (
        "taken",
        "A colleague was there first: £500.00 is left of this bank line, and this match asks for more.",
    )
    assert office.second.read(lambda s: [m.amount_pence for m in s.scalars(select(Match))]) == [400_00]
    office.second.write("Let go", lambda s: desk.dismiss_rejected(s, refusal.op_id))
    office.second.write("M", lambda s: service.match_by_hand(s, office.statement_id, line_id, [theirs]))
    assert office.second.sync().rejected == 0
    office.fleet.settle()
    for laptop in (office.first, office.second):
        seen = laptop.read(lambda s: board(s, office.statement_id))
        assert line_id not in seen.line_by_id
        assert laptop.read(verify).differences == ()


def test_a_receipt_that_two_laptops_gave_to_different_lines_goes_to_the_first(office: Office) -> None:
    receipt_id = office.receipt("4")  # the £60.00 of a cash bag
    lines = [office.line("FPI NO REFERENCE"), office.line("BACS 77 0412265")]
    for laptop, line_id in zip((office.first, office.second), lines, strict=True):
        laptop.write(
            "M", lambda s, one=line_id: service.match_by_hand(s, office.statement_id, one, [receipt_id])
        )
    office.first.sync()
    office.second.sync()
    (refusal,) = office.second.read(desk.refusals)
    assert refusal.code == "taken"
    assert "nothing is left of this receipt" in refusal.sentence.title


def test_suspense_that_two_laptops_gave_away_offline_is_given_once(net_office: Office) -> None:
    office = net_office
    item_id = office.hold()
    for laptop, pence in ((office.first, 50_00), (office.second, 40_00)):
        rows = [JournalRow("23", "", pence, "x")]
        laptop.write("J", lambda s, r=rows: journals.from_suspense(s, [item_id], r, "Known."))
    assert office.first.sync().rejected == 0
    assert office.second.sync().accepted == 0
    (refusal,) = office.second.read(desk.refusals)
    assert (refusal.code, refusal.type) == ("taken", "income_suspense_allocation")
    assert "£25.00 is left of this suspense item" in refusal.sentence.title
    assert [j.total_pence for j in office.second.read(journals.journals)] == [50_00]
    item = office.second.read(lambda s: suspense.item_of(s, item_id, DAY))
    assert (item.remaining_pence, item.waiting_pence) == (25_00, 50_00)


def test_a_refund_and_a_journal_made_apart_are_not_both_approved_beyond_their_posting(office: Office) -> None:
    receipt_id = office.receipt("1")  # £162.00
    office.first.write("R", lambda s: refunds.request(s, receipt_id, 100_00, "Paid twice."))
    rows = [JournalRow("23", "", 100_00, "x")]
    office.second.write("J", lambda s: journals.transfer(s, receipt_id, rows, "Wrong fund."))
    office.fleet.settle()
    refund_id = office.first.read(lambda s: s.scalars(select(Refund.id)).one())
    journal_id = office.first.read(lambda s: s.scalars(select(Journal.id)).one())
    asked = r"ask for £200\.00 of this posting, which is £162\.00"
    with pytest.raises(HoldallError, match=asked):
        office.second.write("A", lambda s: refunds.authorise(s, refund_id))
    with pytest.raises(HoldallError, match=asked):
        office.first.write("A", lambda s: journals.approve(s, journal_id))
    office.second.write("N", lambda s: refunds.refuse(s, refund_id, "Moved instead."))
    office.fleet.settle()
    office.first.write("A", lambda s: journals.approve(s, journal_id))


def test_suspense_that_a_colleague_has_given_away_is_not_removed_by_an_undo(office: Office) -> None:
    line_id = office.line("FPI NO REFERENCE")
    office.first.write("S", lambda s: service.to_suspense(s, office.statement_id, line_id, "unknown"))
    office.fleet.settle()
    item_id = office.second.read(lambda s: s.scalars(select(Suspense.id)).one())
    rows = [JournalRow("23", "", 75_00, "x")]
    office.second.write("J", lambda s: journals.from_suspense(s, [item_id], rows, "Known."))
    office.second.sync()
    office.first.write("Undo", undo)  # it has not heard of the journal yet
    report = office.first.sync()
    assert report.accepted == 0
    assert report.rejected > 0
    (refusal,) = [one for one in office.first.read(desk.refusals) if one.code == "taken"]
    assert "has taken from this suspense item" in refusal.sentence.title
    office.fleet.settle()
    assert not office.second.get(Suspense, item_id).deleted


@pytest.mark.parametrize("journal_first", [True, False])
def test_a_match_taken_apart_and_a_journal_from_its_suspense_never_both_come_through(
    office: Office, journal_first: bool
) -> None:
    item_id = office.hold()
    match_id = office.first.read(lambda s: s.scalars(select(Match.id)).one())
    office.first.write("Apart", lambda s: service.reverse(s, match_id, "It is rent."))
    rows = [JournalRow("23", "", 75_00, "x")]
    office.second.write("J", lambda s: journals.from_suspense(s, [item_id], rows, "Known."))
    order = (office.second, office.first) if journal_first else (office.first, office.second)
    assert [laptop.sync().rejected > 0 for laptop in order] == [False, True]
    (refusal,) = order[1].read(desk.refusals)
    assert (refusal.code, refusal.type) == ("taken", "income_suspense_allocation")
    office.fleet.settle()
    for laptop in order:
        held = laptop.read(lambda s: suspense.items(s, None, "all", DAY))
        active = laptop.read(lambda s: s.get_one(Match, match_id).state == "accepted")
        assert (len(held), active) == ((1, True) if journal_first else (0, False))
        assert len(laptop.read(journals.journals)) == (1 if journal_first else 0)


def test_a_journal_that_one_refused_is_not_approved_by_another(office: Office) -> None:
    journal_id = a_journal(office)
    office.fleet.settle()
    office.second.write("Approve", lambda s: journals.approve(s, journal_id))
    office.first.write("Withdraw", lambda s: journals.refuse(s, journal_id, "Wrong."))
    office.first.sync()
    assert office.second.sync().accepted == 0
    assert {code for _, code in answers(office.second)} >= {"stale_state"}
    office.fleet.settle()
    for laptop in (office.first, office.second):
        (seen,) = laptop.read(journals.journals)
        assert (seen.state, seen.notes) == (JournalState.REFUSED, ("Wrong.",))
        (item,) = laptop.read(lambda s: suspense.items(s, None, "open", DAY))
        assert (item.remaining_pence, item.waiting_pence) == (75_00, 0)


def test_an_undo_goes_through_the_server_with_all_that_it_releases(office: Office) -> None:
    journal_id = a_journal(office)
    office.fleet.settle()
    office.second.write("Approve", lambda s: journals.approve(s, journal_id))
    office.fleet.settle()
    office.second.write("Undo", lambda s: journals.undo(s, journal_id, "Wrong fund."))
    office.fleet.settle()
    undo_id = office.first.read(lambda s: journals.journals(s, "proposed")[0].id)
    office.first.write("Approve", lambda s: journals.approve(s, undo_id))
    assert office.first.sync().rejected == 0
    office.fleet.settle()
    for laptop in (office.first, office.second):
        states = laptop.read(lambda s: {view.id: view.state for view in journals.journals(s)})
        assert states == {journal_id: JournalState.UNDONE, undo_id: JournalState.APPROVED}
        (item,) = laptop.read(lambda s: suspense.items(s, None, "open", DAY))
        assert item.remaining_pence == 75_00


def test_nothing_enters_a_period_that_a_colleague_closed_meanwhile(office: Office) -> None:
    period_id = a_period(office)
    office.fleet.settle()
    office.second.write("Review", lambda s: periods.review(s, office.statement_id))
    office.second.write("Close", lambda s: periods.close(s, office.statement_id))
    a_match(office)
    office.second.sync()
    assert office.first.sync().accepted == 0
    assert "frozen" in {code for _, code in answers(office.first)}
    office.fleet.settle()
    assert office.first.read(lambda s: list(s.scalars(select(Match.id)))) == []
    steps = office.first.read(lambda s: periods.trail(s, period_id))
    assert [step.state for step in steps] == [PeriodState.PREPARED, PeriodState.REVIEWED, PeriodState.CLOSED]


def test_a_posting_held_on_two_laptops_is_one_item(office: Office) -> None:
    receipt_id = office.receipt("4")
    for laptop in (office.first, office.second):
        laptop.write(
            "H",
            lambda s: suspense.hold_receipt(s, s.get_one(Receipt, receipt_id), "No fund could be found."),
        )
    office.fleet.settle()
    for laptop in (office.first, office.second):
        assert laptop.read(desk.refusals) == []
        (item,) = laptop.read(lambda s: suspense.items(s, None, "all", DAY))
        assert (item.amount_pence, item.notes) == (60_00, ("No fund could be found.",))


def test_two_laptops_that_have_synced_see_the_same_past_to_the_byte(office: Office) -> None:
    moments = [office.fleet.clock.tick()]
    journal_id = a_journal(office)
    moments.append(office.fleet.clock.tick())
    office.fleet.settle()
    office.second.write("Approve", lambda s: journals.approve(s, journal_id))
    match_id = office.second.read(lambda s: s.scalars(select(Match.id)).one())
    office.second.write("Confirm", lambda s: service.confirm(s, match_id))
    moments.append(office.fleet.clock.tick())
    office.fleet.settle()
    for moment in moments:
        first, second = (
            canonical(laptop.read(lambda s, m=moment: as_at(s, m)))
            for laptop in (office.first, office.second)
        )
        assert first == second
    assert len({canonical(office.first.read(lambda s, m=m: as_at(s, m))) for m in moments}) == 3
