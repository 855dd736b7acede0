"""Learned rules: what is proposed, what never is, and that none starts on a past that speaks against it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.income import learning, sample, service
from app.income.board import board
from app.income.learning import BackTest, Past, back_test, phrases_in, propose_rules
from app.income.matching import Proposal
from app.income.office import journals, kept_rules, suspense
from app.income.office.journals import JournalRow
from app.income.row_rules import Action, Condition, Operator, Rule, compile_rules
from app.income.rules import stable_id
from models.changes import Author
from models.income import Match, RuleState, RuleUse
from models.income import Rule as KeptRule
from tests.app.income.conftest import mt940

DAY = date(2026, 11, 2)


def past(words: str, fund: str, account: str = "", by_hand: bool = True) -> Past:
    """A case of ten pounds; the words tell them apart."""
    return Past(words, 10_00, fund, account, DAY, by_hand)


STALLS = [past(f"BACS MARKET STALLS 0{n}1126", "52") for n in range(3)]


def test_three_equal_matches_by_hand_become_a_readable_rule() -> None:
    (made,) = propose_rules(STALLS)
    assert made.words == "When the bank’s words contain MARKET STALLS, it is fund 52."
    assert made.name == "MARKET STALLS is fund 52"
    assert made.back_test == BackTest(3, 0)
    assert made.back_test.words == "It would have been right in 3 of 3 past cases."
    assert compile_rules([made.rule]).run({"BankWords": "FPI MARKET STALLS 9"})[0]["FundCode"] == "52"


def test_two_equal_matches_are_not_enough_and_matches_a_machine_made_do_not_count() -> None:
    assert propose_rules(STALLS[:2]) == ()
    assert propose_rules([*STALLS[:2], STALLS[2]._replace(by_hand=False)]) == ()


def test_a_rule_with_one_conflict_is_never_proposed() -> None:
    for other in (past("MARKET STALLS DEPOSIT 7", "13"), past("MARKET STALLS 8", "", by_hand=False)):
        found = propose_rules([*STALLS, other])
        assert all(one.back_test.wrong == 0 and one.phrase not in other.bank_words for one in found)
    assert propose_rules([*STALLS, past("BACS MARKET STALLS 9", "13")]) == ()


def test_a_conflict_is_found_where_the_words_only_contain_the_phrase() -> None:
    rents = [past(f"RENTAL GARAGE {n}", "5") for n in range(3)]
    assert [one.phrase for one in propose_rules(rents)] == ["RENTAL GARAGE"]
    assert propose_rules([*rents, past("PARENTAL GARAGES RENTAL GARAGE", "13")]) == ()


def test_the_account_is_set_only_where_it_was_always_the_same() -> None:
    same = [past(f"FPI J MARLOW CTAX {n}", "23", "770412261") for n in range(3)]
    (made,) = propose_rules(same)
    assert (made.phrase, made.account_reference) == ("J MARLOW CTAX", "770412261")
    assert made.words.endswith("it is fund 23, account 770412261.")
    (wider,) = propose_rules([*same[:2], same[2]._replace(account_reference="770412270")])
    assert wider.account_reference == ""


def test_days_numbers_and_the_banks_own_words_are_no_phrase() -> None:
    assert phrases_in("BACS 77 0412265") == frozenset()
    assert phrases_in("FPI FROM BANK CREDIT DECEMBER") == frozenset()
    assert phrases_in("BACS MARKET STALLS 011126") == {"MARKET", "STALLS", "MARKET STALLS"}
    assert phrases_in("RENT 6 GARAGE") == {"RENT", "GARAGE"}
    assert phrases_in("A B C") == frozenset()
    assert phrases_in("DWP HB 4471") == {"DWP HB"}
    assert "MARKET  STALLS" not in phrases_in("MARKET  STALLS")


def test_cases_that_a_running_rule_answers_need_no_new_one() -> None:
    known = Rule("r", (Condition("BankWords", Operator.CONTAIN, "MARKET"),), (Action("FundCode", "52"),))
    assert propose_rules(STALLS, compile_rules([known])) == ()
    wrong = Rule("r", (Condition("BankWords", Operator.CONTAIN, "MARKET"),), (Action("FundCode", "13"),))
    assert len(propose_rules(STALLS, compile_rules([wrong]))) == 1


def test_a_refused_rule_is_not_proposed_again_in_other_clothes() -> None:
    assert propose_rules(STALLS, None, [("MARKET STALLS", "52")]) == ()
    assert propose_rules(STALLS, None, [("STALLS", "52")]) == ()
    assert len(propose_rules(STALLS, None, [("MARKET STALLS", "13")])) == 1


def test_few_rules_are_proposed_and_the_order_of_the_past_does_not_matter() -> None:
    history = [*STALLS, *[past(f"DWP HB REMITTANCE {n}", "25") for n in range(5)]]
    found = propose_rules(history)
    assert [(one.phrase, one.fund, one.back_test.of) for one in found] == [
        ("DWP HB", "25", 5),
        ("MARKET STALLS", "52", 3),
    ]
    assert propose_rules(history[::-1]) == found


def test_the_back_test_counts_right_and_wrong_among_the_cases_it_fires_on() -> None:
    rule = Rule("r", (Condition("BankWords", Operator.CONTAIN, "MARKET"),), (Action("FundCode", "52"),))
    history = [*STALLS, past("MARKET HALL", "13"), past("RENT", "5"), past("MARKET", "")]
    assert back_test(rule, history) == BackTest(3, 2)
    assert back_test(propose_rules(STALLS)[0], history) == BackTest(3, 0)


ROWS = "".join(f"{n},0{n}/12/2026,{n}0.00,S{n},52,28,Stall {n}\n" for n in range(1, 6))


@pytest.fixture
def statement_id(bring: Callable[..., str]) -> str:
    """Five payments of stall holders, whose postings carry other references."""
    lines = [(f"12{7 + n:02d}", f"C{n}0,00", f"BACS MARKET STALLS {n}") for n in range(1, 6)]
    return bring(mt940(lines, closing="250,00"), ROWS)


def match(context: Context, statement_id: str, count: int) -> None:
    """Match the next lines by hand with their postings, as an officer would."""
    for _ in range(count):
        seen = context.read(lambda s: board(s, statement_id))
        match_one(context, statement_id, seen.lines[0].pence)


def match_one(context: Context, statement_id: str, pence: int) -> None:
    """Match the line and the posting of so many pence by hand."""
    seen = context.read(lambda s: board(s, statement_id))
    line = next(one for one in seen.lines if one.pence == pence)
    receipt = next(one for one in seen.receipts if one.pence == pence)
    context.write("Match", lambda s: service.match_by_hand(s, statement_id, line.id, [receipt.id]))


def kept(context: Context) -> list[kept_rules.RuleView]:
    return context.read(lambda s: kept_rules.rules(s, RuleUse.BANK))


def test_a_learned_rule_waits_for_a_person_and_then_runs(
    context: Context, account_id: str, statement_id: str
) -> None:
    match(context, statement_id, 2)
    assert context.write("Learn", lambda s: learning.learn(s, account_id)).ids == frozenset()
    match(context, statement_id, 1)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    (rule,) = kept(context)
    assert (rule.state, rule.learned, rule.right, rule.of) == (RuleState.PROPOSED, True, 3, 3)
    assert len(context.read(lambda s: kept_rules.running(s, RuleUse.BANK))) == 0
    assert context.write("Learn", lambda s: learning.learn(s, account_id)).ids == frozenset()
    match(context, statement_id, 1)
    context.write("Start", lambda s: learning.switch_rule(s, rule.id, True))
    (rule,) = kept(context)
    assert (rule.state, rule.right, rule.decided_by) == (RuleState.RUNNING, 4, "Tomos Aldgate")
    ready = context.read(lambda s: kept_rules.running(s, RuleUse.BANK, account_id))
    assert ready.run({"BankWords": "FPI MARKET STALLS 77"})[0]["FundCode"] == "52"
    assert len(context.read(lambda s: kept_rules.running(s, RuleUse.BANK, "another account"))) == 0


def test_a_rule_that_became_wrong_does_not_start(
    context: Context, account_id: str, statement_id: str, bring: Callable[..., str]
) -> None:
    match(context, statement_id, 3)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    (rule,) = kept(context)
    later = bring(
        mt940([("1211", "C77,00", "BACS MARKET STALLS DEPOSIT")], "250,00", "327,00", number="2"),
        "77,11/12/2026,77.00,D1,13,28,Deposit\n",
    )
    match_one(context, later, 77_00)
    with pytest.raises(HoldallError, match="wrong in 1 of 4 past cases"):
        context.write("Start", lambda s: learning.start(s, rule.id))
    assert kept(context)[0].state == RuleState.PROPOSED


def test_a_rule_whose_matches_were_taken_apart_does_not_start(
    context: Context, account_id: str, statement_id: str
) -> None:
    match(context, statement_id, 3)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    (rule,) = kept(context)
    cases = context.read(lambda s: learning.past_of(s, account_id))
    assert [(one.fund, one.by_hand) for one in cases] == [("52", True)] * 3
    match_id = context.read(lambda s: s.scalars(select(Match.id)).first())
    context.write("Reverse", lambda s: service.reverse(s, str(match_id), "Wrong payer"))
    with pytest.raises(HoldallError, match="Only 2 past cases"):
        context.write("Start", lambda s: learning.start(s, rule.id))


def test_a_rejected_rule_is_not_proposed_again(context: Context, account_id: str, statement_id: str) -> None:
    match(context, statement_id, 3)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    (rule,) = kept(context)
    context.write("No", lambda s: learning.stop(s, rule.id))
    match(context, statement_id, 2)
    assert context.write("Learn", lambda s: learning.learn(s, account_id)).ids == frozenset()
    assert [one.state for one in kept(context)] == [RuleState.OFF]


def test_a_proposal_that_was_undone_can_be_made_again(
    context: Context, account_id: str, statement_id: str
) -> None:
    match(context, statement_id, 3)
    for _ in range(2):
        context.write("Learn", lambda s: learning.learn(s, account_id))
        assert [one.state for one in kept(context)] == [RuleState.PROPOSED]
        context.undo()
        assert kept(context) == []
    context.write("Learn", lambda s: learning.learn(s, account_id))

    def gone(session: Session) -> None:
        session.scalars(select(KeptRule)).one().deleted = True

    context.write("Gone", gone)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    assert [one.of for one in kept(context)] == [3]


def test_what_spoke_for_a_rejected_rule_speaks_for_no_wider_one(
    context: Context, account_id: str, statement_id: str, bring: Callable[..., str]
) -> None:
    match(context, statement_id, 3)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    context.write("No", lambda s: learning.stop(s, kept(context)[0].id))
    later = bring(
        mt940([("1211", "C77,00", "BACS MARKET PITCH")], "250,00", "327,00", number="2"),
        "77,11/12/2026,77.00,D1,52,28,Pitch\n",
    )
    match_one(context, later, 77_00)  # now four cases share MARKET, three of them those of the rejected rule
    assert context.write("Learn", lambda s: learning.learn(s, account_id)).ids == frozenset()


def test_journals_out_of_suspense_teach_once_they_are_approved(
    context: Context, account_id: str, statement_id: str, second_officer: Author
) -> None:
    lines = context.read(lambda s: board(s, statement_id)).lines[:3]
    for line in lines:
        context.write("S", lambda s, one=line: service.to_suspense(s, statement_id, one.id, "Whose?"))
    items = context.read(lambda s: suspense.items(s, account_id, "open", DAY))
    for item in items:
        row = JournalRow("52", "STALL-14", item.amount_pence, "Stall")
        context.write("J", lambda s, i=item, r=row: journals.from_suspense(s, [i.id], [r], "Known now."))
    assert context.read(lambda s: learning.past_of(s, account_id)) == ()
    lead = replace(context, author=second_officer)
    for one in context.read(lambda s: journals.journals(s, "proposed", 10)):
        lead.write("Approve", lambda s, j=one: journals.approve(s, j.id))
    cases = context.read(lambda s: learning.past_of(s, account_id))
    assert {(one.fund, one.account_reference, one.by_hand) for one in cases} == {("52", "STALL-14", True)}
    context.write("Learn", lambda s: learning.learn(s, account_id))
    assert kept(context)[0].words == (
        "When what the bank wrote contains “MARKET STALLS”, the fund becomes 52 "
        "and the account reference becomes STALL-14."
    )


def test_a_match_that_a_rule_made_is_no_proof_of_rules(
    context: Context, account_id: str, statement_id: str
) -> None:
    match(context, statement_id, 2)
    seen = context.read(lambda s: board(s, statement_id))
    line = seen.lines[0]
    receipt = next(one for one in seen.receipts if one.pence == line.pence)
    proposal = Proposal("rule", line.id, (receipt.id,), rules=("Stalls",))
    context.write("Accept", lambda s: service.accept(s, statement_id, proposal))
    assert len(context.read(lambda s: learning.past_of(s, account_id))) == 2


def test_nothing_is_learned_from_another_account(
    context: Context, account_id: str, statement_id: str
) -> None:
    match(context, statement_id, 3)
    other, _ = context.write("Add", lambda s: service.add_account(s, "Other", "601111/99999999"))
    assert context.read(lambda s: learning.past_of(s, other)) == ()
    assert context.write("Learn", lambda s: learning.learn(s, other)).ids == frozenset()


def test_two_laptops_that_learn_the_same_rule_make_the_same_record(
    context: Context, account_id: str, statement_id: str
) -> None:
    match(context, statement_id, 3)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    (first,) = context.read(lambda s: [one.id for one in s.scalars(select(KeptRule))])
    wanted = stable_id(date(2000, 1, 1), "learned rule", account_id, "MARKET STALLS", "52", "")
    assert first == wanted


def test_no_more_is_proposed_at_a_time_than_a_person_reads(
    context: Context, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [f"PAYER {chr(65 + n) * 5}" for n in range(25)]
    history = tuple(past(f"{one} {n}", one[-5:-2]) for one in words for n in range(3))
    monkeypatch.setattr(learning, "past_of", lambda session, account: history)
    context.write("Learn", lambda s: learning.learn(s, account_id))
    assert len(kept(context)) == 20
    context.write("Learn", lambda s: learning.learn(s, account_id))
    assert len(kept(context)) == 25


def test_the_sample_has_a_rule_that_waits_with_its_back_test(context: Context) -> None:
    sample.fill(context, random.Random(1))
    (rule,) = kept(context)
    assert (rule.state, rule.right, rule.wrong, rule.of) == (RuleState.PROPOSED, 6, 0, 6)
    assert rule.words == "When what the bank wrote contains “RENT”, the fund becomes 5."
