"""The council's codes: who may change them, what they refuse, and the chain a row is checked by."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.context import Context
from app.errors import HoldallError
from app.income import sample
from app.income.board import board, current_statement
from app.income.office import vocabulary
from app.income.office.vocabulary import Codes, check_row
from app.income.repair import repairs
from app.income.sample_codes import FUNDS, HOLDERS, METHODS, fill_codes
from app.income.validators import SAMPLE, ReferenceCheck
from app.income.verify import verify
from models.base import Record
from models.changes import Author
from models.income import AccountHolder, Fund, Method, Office, Receipt, StopMessage, Validator, VatCode


@pytest.fixture
def lead(context: Context, second_officer: Author) -> Context:
    """The context of the colleague who keeps the codes."""
    return replace(context, author=second_officer)


@pytest.fixture
def known(lead: Context) -> Codes:
    """The sample's codes, read once."""
    lead.write("Sample codes", fill_codes)
    return lead.read(vocabulary.codes)


def add(lead: Context, record: Record) -> None:
    lead.write("Add", lambda s: vocabulary.add(s, record))


def test_the_sample_council_has_its_codes_and_every_account_passes_its_check(known: Codes) -> None:
    assert set(known.funds) == {one[0] for one in FUNDS}
    assert set(known.methods) == {one[0] for one in METHODS}
    assert {code: one.rate for code, one in known.vat_codes.items() if one.rate} == {"W0": 2000}
    assert [code for code, one in known.funds.items() if one.is_suspense] == ["SP"]
    assert set(known.offices) == {"S", "99", "PR", "SP", "WP"}
    assert known.broken == {}
    own = {name: one for name, one in known.validators.items() if name != "library"}
    assert own == {name: one for name, one in SAMPLE.items() if name != "library"}
    assert known.validators["library"] == replace(SAMPLE["library"], min_length=0)
    assert len(known.accounts) == len(HOLDERS)
    for fund, reference in known.accounts:
        assert check_row(known, fund, "28", reference, 10_00, {"finance"}) == []


def test_the_sample_is_filled_once_and_only_by_who_keeps_the_codes(context: Context, lead: Context) -> None:
    assert context.write("Sample codes", fill_codes).ids == frozenset()
    assert context.read(vocabulary.funds) == []
    assert lead.write("Sample codes", fill_codes).ids
    assert lead.write("Sample codes", fill_codes).ids == frozenset()


def test_the_mistyped_reference_in_the_samples_suspense_leads_to_one_account(known: Codes) -> None:
    exists = {reference for fund, reference in known.accounts if fund == "23"}
    assert repairs(SAMPLE["council-tax"], "770041226", exists) == ("770041221",)


@pytest.mark.parametrize(
    ("fund", "mop", "reference", "pence", "words"),
    [
        ("99", "28", "", 1, "There is no fund “99”."),
        ("52", "77", "", 1, "There is no method of payment “77”."),
        ("11", "28", "BJ12345673", 1000_01, "Fund 11 takes at most £1,000.00."),
        ("11", "28", "BJ12345673", -1000_01, "Fund 11 takes at most £1,000.00."),
        ("23", "28", "77041", 1, "It has 5 characters; 9 are expected."),
        ("23", "28", "77O412261", 1, "only digits are allowed"),
        ("11", "28", "XJ12345673", 1, "Character 1 is “X” where “B” is expected."),
        ("23", "28", "770412265", 1, "Its check digit is “5”; “1” would be right."),
        ("23", "28", "", 1, "It is empty."),
        ("2R", "28", "FP1234567A", 1, "There is no account “FP1234567A” in fund 2R."),
    ],
)
def test_each_link_of_the_chain_refuses_in_a_sentence(
    known: Codes, fund: str, mop: str, reference: str, pence: int, words: str
) -> None:
    (found,) = check_row(known, fund, mop, reference, pence)
    assert words in found


@pytest.mark.parametrize(
    ("fund", "mop", "reference", "pence"),
    [
        ("23", "28", "770412261", 500_00),
        ("23", "", "770412261", -500_00),
        ("11", "28", "bj12345673", 1000_00),
        ("5M", "1", "", 96_40),
        ("52", "28", "anything at all", 1),
        ("SP", "28", "", 1),
    ],
)
def test_a_right_row_passes(known: Codes, fund: str, mop: str, reference: str, pence: int) -> None:
    assert check_row(known, fund, mop, reference, pence) == []


def test_a_stopped_account_is_refused_with_its_message_to_all_but_finance(known: Codes) -> None:
    (stopped,) = [key for key, stop in known.accounts.items() if stop == "COURT"]
    (words,) = check_row(known, *stopped[:1], "28", stopped[1], 1, {"officer", "lead"})
    assert words.startswith(f"Account {stopped[1]} is stopped: With the court.")
    assert check_row(known, stopped[0], "28", stopped[1], 1, {"finance"}) == []


def test_a_store_without_codes_lets_every_row_pass(context: Context) -> None:
    assert context.read(lambda s: check_row(s, "23", "28", "x", 1)) == []


def test_limits_of_a_method_and_codes_no_longer_used_are_told(lead: Context, known: Codes) -> None:
    card = known.methods["90"]
    lead.write("Limit", lambda s: vocabulary.change(s, Method, card.id, minimum_pence=100, maximum_pence=200))
    lead.write("Disable", lambda s: vocabulary.change(s, Fund, known.funds["52"].id, disabled=True))
    fresh = lead.read(vocabulary.codes)
    assert check_row(fresh, "13", "90", "", 99) == ["Method 90 takes at least £1.00."]
    assert check_row(fresh, "13", "90", "", 201) == ["Method 90 takes at most £2.00."]
    assert check_row(fresh, "52", "28", "", 1) == ["Fund 52 is no longer used."]
    lead.write("Disable", lambda s: vocabulary.change(s, Method, card.id, disabled=True))
    assert lead.read(lambda s: check_row(s, "13", "90", "", 150)) == ["Method 90 is no longer used."]


def test_only_lead_and_finance_change_the_codes(context: Context, lead: Context) -> None:
    with pytest.raises(HoldallError, match="needs the role finance or lead"):
        add(context, Fund(code="1", name="One"))
    add(lead, Fund(code="1", name="One"))
    fund_id = context.read(vocabulary.funds)[0].id
    with pytest.raises(HoldallError, match="needs the role"):
        context.write("Change", lambda s: vocabulary.change(s, Fund, fund_id, name="Two"))
    lead.write("Change", lambda s: vocabulary.change(s, Fund, fund_id, name="Two"))
    assert context.read(vocabulary.funds)[0].name == "Two"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Fund(code=" ", name="x"), "has no code"),
        (Fund(code="23", name="x"), "a fund “23” already"),
        (Fund(code=" 23 ", name="x"), "a fund “23” already"),
        (Fund(code="7", name="x", validator="nobody"), "names a reference check that is not there: “nobody”"),
        (Fund(code="7", name="x", vat_code="Q9"), "names a VAT code that is not there"),
        (Fund(code="7", name="x", maximum_pence=-1), "a limit below nothing"),
        (Method(code="1", name="x"), "a method of payment “1” already"),
        (Method(code="7", name="x", minimum_pence=3, maximum_pence=2), "at least more than it takes at most"),
        (Method(code="7", name="x", fee_fund="99"), "names a fund for its fee that is not there"),
        (VatCode(code="Z", rate=10_000), "odd rate"),
        (Office(code="PR", name="x"), "an office “PR” already"),
        (StopMessage(code="S", fund="23", message=" "), "needs words"),
        (StopMessage(code="S", fund="99", message="x"), "names a fund that is not there"),
        (AccountHolder(reference="770412265", fund="23"), "Its check digit is “5”"),
        (AccountHolder(reference="770412261", fund="23"), "an account holder “770412261” already"),
        (AccountHolder(reference="770412260", fund="99"), "names a fund that is not there"),
        (AccountHolder(reference="X1", fund="52", stop_message="COURT"), "not one of fund 52"),
        (Validator(name="parking"), "reference check “parking” already"),
        (Validator(name="odd", regex="(a+)+"), "has a Regex that repeats"),
    ],
)
def test_a_code_that_may_not_be_is_refused(lead: Context, known: Codes, record: Record, words: str) -> None:
    copy = type(record)(**{k: v for k, v in vars(record).items() if not k.startswith("_") and k != "id"})
    with pytest.raises(HoldallError) as raised:
        add(lead, copy)
    assert words in f"{raised.value.title}"


def test_the_same_reference_may_stand_in_two_funds_but_not_twice_in_one(lead: Context, known: Codes) -> None:
    add(lead, AccountHolder(reference="X1", fund="52"))
    add(lead, AccountHolder(reference="X1", fund="3U"))
    with pytest.raises(HoldallError, match="already"):
        add(lead, AccountHolder(reference="X1", fund="52"))


def test_a_code_is_never_renamed_because_records_carry_it(lead: Context, known: Codes) -> None:
    fund = known.funds["52"]
    with pytest.raises(HoldallError, match="The code of a fund stays"):
        lead.write("Change", lambda s: vocabulary.change(s, Fund, fund.id, code="53"))
    with pytest.raises(HoldallError, match="not here any more"):
        lead.write("Change", lambda s: vocabulary.change(s, Fund, "nothing", name="x"))


def test_a_reference_check_of_the_councils_own_is_added_and_changed(lead: Context, known: Codes) -> None:
    stall = ReferenceCheck("stall", 8, 8, mask="STALL-##")
    lead.write("Add", lambda s: vocabulary.add_validator(s, stall))
    assert lead.read(vocabulary.validators)["stall"] == stall
    lead.write("Use", lambda s: vocabulary.change(s, Fund, known.funds["52"].id, validator="stall"))
    assert lead.read(lambda s: check_row(s, "52", "28", "STALL-14", 1)) == []
    assert len(lead.read(lambda s: check_row(s, "52", "28", "STALL-A", 1))) == 1
    kept = lead.read(lambda s: s.query(Validator).filter_by(name="stall").one().id)
    wider = replace(stall, mask="STALL-#?")
    lead.write("Change", lambda s: vocabulary.change_validator(s, kept, wider))
    assert lead.read(lambda s: check_row(s, "52", "28", "STALL-1A", 1)) == []


def test_a_stored_check_that_cannot_be_used_is_told_and_stops_its_fund(lead: Context, known: Codes) -> None:
    def spoil(session: object) -> None:
        session.query(Validator).filter_by(name="parking").one().check_digit = {"type": 9}  # type: ignore[attr-defined]

    lead.write("Spoil", spoil)
    fresh = lead.read(vocabulary.codes)
    assert "parking" not in fresh.validators
    (words,) = check_row(fresh, "11", "28", "BJ12345673", 1)
    assert words.startswith("The check “parking” of fund 11 cannot be used.")


def test_account_holders_are_found_by_reference_name_and_postcode(lead: Context, known: Codes) -> None:
    def found(search: str) -> list[str]:
        return [one.name for one in lead.read(lambda s: vocabulary.account_holders(s, search))]

    assert found("pryce") == ["Megan Pryce", "Morgan Pryce"]
    assert found("pryce av5") == ["Morgan Pryce"]
    assert found("77004") == ["Oona Ferris"]
    assert found("%") == []
    assert len(found("")) == len(HOLDERS)


def test_a_hundred_thousand_rows_are_checked_against_codes_read_once(known: Codes) -> None:
    for _ in range(10_000):
        assert check_row(known, "23", "28", "770412261", 10_00) == []


def test_the_sample_week_keeps_its_figures_beside_the_codes(lead: Context) -> None:
    sample.fill(lead, random.Random(1))
    statement_id = lead.read(current_statement)
    assert statement_id is not None
    assert lead.read(lambda s: board(s, statement_id)).sums.left == -77_20
    assert len(lead.read(vocabulary.funds)) == len(FUNDS)
    assert lead.read(verify).differences == ()
    touched = lead.read(lambda s: s.scalars(select(Receipt).where(Receipt.rules != "")).all())
    assert {(one.mop, one.office, one.rules) for one in touched} == {("24", "PR", "Post room cheques")}
