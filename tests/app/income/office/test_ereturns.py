"""eReturns: both sides must agree, two people look, and each line becomes one receipt that names the bag."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError, NotFound
from app.income import rules, service
from app.income.office import ereturns
from app.income.office.cash import DENOMINATIONS
from app.income.office.ereturn_views import taken_between
from app.income.office.ereturns import ChequeRow, LineRow
from app.income.sample_codes import fill_codes
from app.income.validators import SAMPLE, with_check_digit
from app.income.vat import allocate, vat_within
from app.income.verify import verify
from app.sample_kit import sample_id
from models.changes import Author
from models.errors import MoveRefused, RecordFrozen
from models.ids import new_id
from models.income import EReturnLine, EReturnState, Fund, Method, Period, PeriodState, Receipt, VatCode
from tests.app.income.conftest import ACCOUNT

FRIDAY = date(2026, 12, 11)
CASH = {20_00: 100_00, 10_00: 70_00, 5_00: 20_00, 2_00: 12_00, 1_00: 12_00, 50: 4_00, 20: 2_00, 10: 90, 5: 20}
LINE = LineRow("13", "", "Room hire", "", 221_10)


@pytest.fixture
def account_id(context: Context) -> str:
    made = context.write("Add", lambda s: service.add_account(s, "General account", ACCOUNT))
    return made[0]


@pytest.fixture
def colleague(context: Context, second_officer: Author) -> Context:
    """The same store in the hands of a colleague with the role finance."""
    return replace(context, author=second_officer)


@pytest.fixture
def cash_return(context: Context, account_id: str) -> str:
    """A cash eReturn whose both sides come to £221.10."""

    def make(session: Session) -> str:
        made, _ = ereturns.begin(session, account_id, "cash", "Hadley Street", FRIDAY, "HS")
        ereturns.set_cash(session, made, CASH, "0092")
        ereturns.set_lines(session, made, [LINE])
        return made

    return context.write("Begin", make)


def seen(context: Context, ereturn_id: str) -> ereturns.EReturnView:
    return context.read(lambda s: ereturns.ereturn(s, ereturn_id))


def receipts(context: Context) -> list[Receipt]:
    return context.read(lambda s: list(s.scalars(select(Receipt).order_by(Receipt.line_no))))


def submitted(context: Context, ereturn_id: str) -> None:
    context.write("Submit", lambda s: ereturns.submit(s, ereturn_id))


def test_an_ereturn_shows_both_sides_and_what_its_bag_weighs(context: Context, cash_return: str) -> None:
    view = seen(context, cash_return)
    assert (view.counted_pence, view.lines_pence, view.difference) == (221_10, 221_10, 0)
    assert (view.state, view.kind, view.slip, view.missing) == ("in_progress", "cash", "0092", ())
    assert view.weight == "363 g"  # 72 + 105 + 64 + 50 + 58.5 + 13, from £2 coins down to 5p


def test_submitting_names_the_first_thing_that_is_missing(context: Context, account_id: str) -> None:
    made, _ = context.write("B", lambda s: ereturns.begin(s, account_id, "cash", "Hadley Street", FRIDAY))
    assert seen(context, made).missing == (
        "The bag’s number is missing.",
        "No cash is counted yet.",
        "There is no line that says what the money was taken for.",
    )
    with pytest.raises(HoldallError, match=r"The bag’s number is missing\. Put this right first\. 2 more"):
        submitted(context, made)
    context.write("C", lambda s: ereturns.set_cash(s, made, {10_00: 30_00}, "0093"))
    context.write("L", lambda s: ereturns.set_lines(s, made, [replace(LINE, pence=31_00)]))
    with pytest.raises(HoldallError, match=r"The cash comes to £1\.00 less than the lines"):
        submitted(context, made)


def test_cash_that_does_not_divide_is_refused_and_changes_nothing(context: Context, cash_return: str) -> None:
    with pytest.raises(HoldallError, match=r"£15\.00 is not a whole number of £10 notes"):
        context.write("C", lambda s: ereturns.set_cash(s, cash_return, {10_00: 15_00}, "0092"))
    assert seen(context, cash_return).counted_pence == 221_10


def test_cheques_must_be_there_and_come_to_the_lines(context: Context, account_id: str) -> None:
    made, _ = context.write("B", lambda s: ereturns.begin(s, account_id, "cheque", "Post room", FRIDAY))
    context.write("L", lambda s: ereturns.set_lines(s, made, [replace(LINE, pence=90_00)]))
    with pytest.raises(HoldallError, match="There is no cheque yet"):
        submitted(context, made)
    with pytest.raises(HoldallError, match="Cheque 2 has no amount"):
        context.write(
            "C", lambda s: ereturns.set_cheques(s, made, [ChequeRow("A", 1), ChequeRow("B", 0)], "")
        )
    rows = [ChequeRow("A. Pryce", 50_00), ChequeRow("J. Okafor", 30_00)]
    context.write("C", lambda s: ereturns.set_cheques(s, made, rows, "000319"))
    with pytest.raises(HoldallError, match=r"The cheques come to £10\.00 less than the lines"):
        submitted(context, made)
    rows[1] = ChequeRow("J. Okafor", 40_00)
    context.write("C", lambda s: ereturns.set_cheques(s, made, rows, "000319"))
    submitted(context, made)
    assert seen(context, made).cheques == tuple(rows)
    with pytest.raises(HoldallError, match="is submitted, so it does not change"):
        context.write("C", lambda s: ereturns.set_cheques(s, made, rows[:1], "000319"))


def test_lines_are_replaced_in_place_and_the_rest_goes(context: Context, cash_return: str) -> None:
    three = [replace(LINE, pence=p) for p in (10_00, 20_00, 30_00)]
    context.write("L", lambda s: ereturns.set_lines(s, cash_return, three))
    changed = context.write("L", lambda s: ereturns.set_lines(s, cash_return, [three[0], three[2]]))
    assert [line.pence for line in seen(context, cash_return).lines] == [10_00, 30_00]
    assert len(changed.ids) == 2  # the second was changed, the third taken away, the first left alone


def test_who_submits_cannot_authorise_and_a_finance_colleague_can(
    context: Context, colleague: Context, cash_return: str
) -> None:
    submitted(colleague, cash_return)
    with pytest.raises(MoveRefused, match="Somebody else"):
        colleague.write("A", lambda s: ereturns.authorise(s, cash_return))
    with pytest.raises(MoveRefused, match="needs the role"):
        context.write("A", lambda s: ereturns.authorise(s, cash_return))
    assert receipts(context) == []
    colleague.write("Back", lambda s: ereturns.send_back(s, cash_return, "The bag’s seal is broken."))
    assert seen(context, cash_return).note == "The bag’s seal is broken."
    submitted(context, cash_return)
    colleague.write("A", lambda s: ereturns.authorise(s, cash_return))
    view = seen(context, cash_return)
    assert (view.state, view.decided_by_name) == ("authorised", "Priya Senn")
    with pytest.raises(HoldallError, match="authorised, not submitted"):
        colleague.write("D", lambda s: ereturns.delete(s, cash_return, "No."))


def test_authorising_posts_one_receipt_for_each_line_with_its_vat(
    context: Context, colleague: Context, cash_return: str
) -> None:
    def codes(session: Session) -> None:
        session.add_all([VatCode(code="W0", rate=2_000), VatCode(code="N0", rate=0)])
        session.add(Fund(code="13", name="Miscellaneous", vat_code="W0", vat_override=True))
        session.add(Fund(code="52", name="Market stalls", vat_code="N0"))

    colleague.write("Codes", codes)
    lines = [
        LineRow("13", "", "Room hire", "W0", 120_00),
        LineRow("52", "ST-9", "Stall", "W0", 91_10),
        LineRow("13", "", "Nothing today", "", 0),
        LineRow("13", "", "Copies", "N0", 10_00),
    ]
    context.write("L", lambda s: ereturns.set_lines(s, cash_return, lines))
    submitted(context, cash_return)
    colleague.write("A", lambda s: ereturns.authorise(s, cash_return))
    number = seen(context, cash_return).number
    found = receipts(context)
    assert [(r.ledger_id, r.fund, r.amount_pence, r.vat_code, r.vat_pence) for r in found] == [
        (f"{number}-1", "13", 120_00, "W0", 20_00),
        (f"{number}-2", "52", 91_10, "N0", 0),  # the fund does not let a line say
        (f"{number}-4", "13", 10_00, "N0", 0),
    ]
    assert {(r.reference, r.mop, r.office, r.internal_reference) for r in found} == {
        ("0092", "1", "HS", number)
    }
    assert found[1].narrative == "Stall ST-9"
    assert {r.posted_on for r in found} == {date(2026, 12, 17)}  # the day it was submitted
    assert context.read(verify).differences == ()


def test_a_fund_the_council_does_not_keep_is_named(
    context: Context, colleague: Context, cash_return: str
) -> None:
    colleague.write("Codes", lambda s: s.add(Fund(code="52", name="Market stalls")))
    with pytest.raises(HoldallError, match="Line 1: there is no fund “13”"):
        submitted(context, cash_return)


def test_a_reference_a_limit_and_a_stop_message_hold_a_line_back(
    context: Context, colleague: Context, cash_return: str
) -> None:
    colleague.write("Codes", fill_codes)
    lines = [LineRow("23", "770412264", "Council tax", "", 200_00), LineRow("2R", "FP1", "Fine", "", 21_10)]
    context.write("L", lambda s: ereturns.set_lines(s, cash_return, lines))
    first, *others = seen(context, cash_return).missing
    assert first.startswith("Line 1: ")
    assert any("there is no account “FP1” in fund 2R" in one for one in others)
    with pytest.raises(HoldallError, match=r"^Line 1: "):
        submitted(context, cash_return)
    stopped = with_check_digit(SAMPLE["fixed-penalty"], "FP0071833@")
    context.write("L", lambda s: ereturns.set_lines(s, cash_return, [LineRow("2R", stopped, "", "", 221_10)]))
    with pytest.raises(HoldallError, match="is stopped: With the court"):
        submitted(context, cash_return)
    (told,) = seen(context, cash_return).missing
    assert "is stopped: With the court" in told
    for look in (
        lambda s: [ereturns.ereturn(s, cash_return, colleague.author.roles)],
        lambda s: ereturns.ereturns(s, roles=colleague.author.roles),
        lambda s: taken_between(s, FRIDAY, FRIDAY, roles=colleague.author.roles),
    ):
        assert [view.missing for view in colleague.read(look)] == [()]  # finance has nothing to put right
    submitted(colleague, cash_return)  # finance may


def test_a_council_with_other_codes_for_cash_posts_with_its_own(
    context: Context, colleague: Context, cash_return: str
) -> None:
    def own(session: Session) -> None:
        session.add_all(
            [Method(code="CA", name="Cash", kind="cash"), Method(code="CQ", name="Q", kind="cheque")]
        )

    colleague.write("Codes", own)
    submitted(context, cash_return)
    colleague.write("A", lambda s: ereturns.authorise(s, cash_return))
    assert [receipt.mop for receipt in receipts(context)] == ["CA"]


def test_two_laptops_that_authorise_the_same_one_make_the_same_receipts(
    context: Context, colleague: Context, cash_return: str
) -> None:
    submitted(context, cash_return)
    colleague.write("A", lambda s: ereturns.authorise(s, cash_return))
    (first,) = receipts(context)
    number = seen(context, cash_return).number
    key = rules.account_key(ACCOUNT)
    assert first.id == rules.stable_id(date(2026, 12, 17), "receipt", key, f"{number}-1")


def test_sides_that_a_merge_set_apart_are_not_posted(
    context: Context, colleague: Context, cash_return: str
) -> None:
    submitted(context, cash_return)
    with context.store.connect(write=True) as connection:  # as a colleague's line that arrives by sync
        connection.execute(EReturnLine.__table__.update().values(amount_pence=221_11))  # type: ignore[attr-defined]
    with pytest.raises(HoldallError, match=r"£0\.01 less than the lines"):
        colleague.write("A", lambda s: ereturns.authorise(s, cash_return))
    assert receipts(context) == []


def test_nothing_is_posted_into_a_closed_period(
    context: Context, colleague: Context, account_id: str, cash_return: str
) -> None:
    submitted(context, cash_return)

    def close(session: Session) -> None:
        days = {"starts_on": date(2026, 12, 14), "ends_on": date(2026, 12, 18)}
        period = Period(account_id=account_id, prepared_by="u-1", **days)
        session.add(period)
        session.flush()
        period.state = PeriodState.PREPARED
        session.flush()

    def finish(session: Session) -> None:
        period = session.scalars(select(Period)).one()
        for state in (PeriodState.REVIEWED, PeriodState.CLOSED):
            period.state = state
            session.flush()

    context.write("Prepare", close)
    colleague.write("Close", finish)
    with pytest.raises(HoldallError, match="17 December 2026 belongs to a period that is closed"):
        colleague.write("A", lambda s: ereturns.authorise(s, cash_return))
    assert receipts(context) == []


def test_a_submitted_ereturn_is_frozen_beneath_the_services(context: Context, cash_return: str) -> None:
    submitted(context, cash_return)

    def forge(session: Session) -> None:
        session.scalars(select(EReturnLine)).one().amount_pence = 1

    with pytest.raises(RecordFrozen):
        context.write("Forge", forge)


@pytest.mark.parametrize("act", ["void", "delete"])
def test_an_ereturn_is_given_up_before_and_deleted_after_it_is_submitted(
    context: Context, cash_return: str, act: str
) -> None:
    if act == "void":
        context.write("V", lambda s: ereturns.void(s, cash_return))
        assert seen(context, cash_return).state == EReturnState.VOIDED
        return
    submitted(context, cash_return)
    with pytest.raises(HoldallError, match="needs a reason"):
        context.write("D", lambda s: ereturns.delete(s, cash_return, " "))
    context.write("D", lambda s: ereturns.delete(s, cash_return, "Taken twice."))
    view = seen(context, cash_return)
    assert (view.state, view.note) == (EReturnState.DELETED, "Taken twice.")


def test_lists_are_by_state_and_newest_first(context: Context, account_id: str, cash_return: str) -> None:
    later, _ = context.write(
        "B", lambda s: ereturns.begin(s, account_id, "cheque", "Post room", FRIDAY + timedelta(days=1))
    )
    assert [one.id for one in context.read(ereturns.ereturns)] == [later, cash_return]
    submitted(context, cash_return)
    waiting = context.read(lambda s: ereturns.ereturns(s, "submitted"))
    assert [(one.id, one.submitted_by, one.submitted_by_name) for one in waiting] == [
        (cash_return, "u-1", "Tomos Aldgate")
    ]


def test_numbers_do_not_meet_and_fit_their_column() -> None:
    source = random.Random(1)
    ids = [sample_id(source) for _ in range(5_000)]
    numbers = {ereturns.number_of(one) for one in ids}
    assert len(numbers) == len(ids)
    assert {len(one) for one in numbers} == {13}
    assert [ereturns.number_of(one) for one in sorted(ids)] == sorted(numbers)  # in the order of making
    same_moment = "0197d000-0000-7000-8000-0000000000"
    assert ereturns.number_of(f"{same_moment}01") != ereturns.number_of(f"{same_moment}02")


def test_an_account_or_a_site_that_is_missing_is_one_sentence(context: Context, account_id: str) -> None:
    with pytest.raises(NotFound, match="bank account is not here"):
        context.write("B", lambda s: ereturns.begin(s, new_id(), "cash", "Hadley Street", FRIDAY))
    with pytest.raises(HoldallError, match="The site is missing"):
        context.write("B", lambda s: ereturns.begin(s, account_id, "cash", "  ", FRIDAY))
    with pytest.raises(NotFound, match="eReturn is not here"):
        context.read(lambda s: ereturns.ereturn(s, new_id()))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(
    coins=st.dictionaries(st.sampled_from(DENOMINATIONS), st.integers(1, 400), min_size=1, max_size=12),
    shares=st.lists(st.tuples(st.sampled_from(["13", "52"]), st.integers(0, 1_000)), min_size=1, max_size=6),
)
def test_every_penny_that_was_counted_is_posted_once(
    context: Context,
    colleague: Context,
    account_id: str,
    coins: dict[int, int],
    shares: list[tuple[str, int]],
) -> None:
    counted = {one: one * number for one, number in coins.items()}
    whole = sum(counted.values())
    weights = [weight for _, weight in shares]
    parts = allocate(whole, weights) if any(weights) else (whole, *[0] * (len(shares) - 1))

    def make(session: Session) -> str:
        fill_codes(session)
        made, _ = ereturns.begin(session, account_id, "cash", "Hadley Street", FRIDAY)
        ereturns.set_cash(session, made, counted, "0092")
        rows = [
            LineRow(fund, "STALL-14", "", "", part) for (fund, _), part in zip(shares, parts, strict=True)
        ]
        ereturns.set_lines(session, made, rows)
        return made

    made = colleague.write("Make", make)
    submitted(context, made)
    colleague.write("A", lambda s: ereturns.authorise(s, made))
    followed = context.read(lambda s: ereturns.chain(s, made))
    posted = context.read(lambda s: list(s.scalars(select(Receipt).where(Receipt.file_id == made))))
    assert sum(one.amount_pence for one in posted) == whole == followed.on_its_way
    assert len(posted) == sum(part > 0 for part in parts)
    for one in posted:
        assert one.vat_pence == (vat_within(one.amount_pence, 2_000) if one.fund == "13" else 0)
    assert followed.ereturn.difference == 0
