"""The council's rules: added, changed, ordered, switched, and tried before they run."""

from __future__ import annotations

import pytest

from app.context import Context
from app.errors import HoldallError
from app.income import learning
from app.income.office import kept_rules
from app.income.row_rules import Action, BadRule, Condition, Operator, Rule
from app.income.service import import_ledger
from models.income import RuleState, RuleUse
from tests.app.income.conftest import ledger


def rule(name: str, word: str, fund: str) -> Rule:
    """A rule that sends postings with a word to a fund."""
    return Rule(name, (Condition("Narrative", Operator.CONTAIN, word),), (Action("FundCode", fund),))


@pytest.fixture
def ids(context: Context) -> list[str]:
    """The ids of three rules, in the order they run in."""
    for one in (rule("A", "STALL", "52"), rule("B", "RENT", "5"), rule("C", "STALL", "13")):
        context.write("Add rule", lambda s, r=one: kept_rules.add_rule(s, r))
    return [one.id for one in context.read(kept_rules.rules)]


def names(context: Context) -> list[str]:
    return [one.name for one in context.read(kept_rules.rules)]


def test_rules_run_in_the_order_that_officers_gave_them(context: Context, ids: list[str]) -> None:
    assert names(context) == ["A", "B", "C"]
    ready = context.read(lambda s: kept_rules.running(s, RuleUse.IMPORT))
    assert ready.run({"Narrative": "STALL"}) == ({"Narrative": "STALL", "FundCode": "13"}, ("A", "C"))
    context.write("Order", lambda s: kept_rules.reorder(s, [ids[2], ids[0], ids[1]]))
    assert names(context) == ["C", "A", "B"]
    ready = context.read(lambda s: kept_rules.running(s, RuleUse.IMPORT))
    assert ready.run({"Narrative": "STALL"})[0]["FundCode"] == "52"
    context.write("Move", lambda s: kept_rules.move_rule(s, ids[1], -2))
    assert names(context) == ["B", "C", "A"]
    assert context.write("Move", lambda s: kept_rules.move_rule(s, ids[1], -1)).ids == frozenset()


def test_an_order_that_misses_a_rule_is_refused(context: Context, ids: list[str]) -> None:
    for wrong in (ids[:2], [*ids, ids[0]], []):
        with pytest.raises(HoldallError, match="order was left"):
            context.write("Order", lambda s, w=wrong: kept_rules.reorder(s, w))
    assert names(context) == ["A", "B", "C"]


def test_a_rule_that_is_switched_off_stays_and_does_not_run(context: Context, ids: list[str]) -> None:
    context.write("Off", lambda s: learning.switch_rule(s, ids[2], False))
    assert context.read(lambda s: kept_rules.running(s, RuleUse.IMPORT)).run({"Narrative": "STALL"})[1] == (
        "A",
    )
    view = context.read(kept_rules.rules)[2]
    assert (view.state, view.decided_by) == (RuleState.OFF, "Tomos Aldgate")
    assert view.words == "When the narrative contains “STALL”, the fund becomes 13."
    context.write("On", lambda s: learning.switch_rule(s, ids[2], True))
    assert context.read(lambda s: kept_rules.running(s, RuleUse.IMPORT)).run({"Narrative": "STALL"})[1] == (
        "A",
        "C",
    )


def test_rules_of_imports_and_of_bank_lines_are_kept_apart(context: Context, ids: list[str]) -> None:
    bank = Rule("Bank", (Condition("BankWords", Operator.CONTAIN, "X"),), (Action("FundCode", "1"),))
    context.write("Add", lambda s: kept_rules.add_rule(s, bank, RuleUse.BANK))
    assert len(context.read(lambda s: kept_rules.running(s, RuleUse.IMPORT))) == 3
    assert [r.name for r in context.read(lambda s: kept_rules.running(s, RuleUse.BANK)).rules] == ["Bank"]


def test_a_rule_can_be_changed_but_not_to_a_name_that_is_taken(context: Context, ids: list[str]) -> None:
    context.write("Change", lambda s: kept_rules.change_rule(s, ids[0], rule("A", "MARKET", "52")))
    assert context.read(kept_rules.rules)[0].words.startswith("When the narrative contains “MARKET”")
    with pytest.raises(HoldallError, match="a rule “B” already"):
        context.write("Change", lambda s: kept_rules.change_rule(s, ids[0], rule("B", "MARKET", "52")))
    with pytest.raises(HoldallError, match="a rule “A” already"):
        context.write("Add", lambda s: kept_rules.add_rule(s, rule("A", "x", "1")))
    with pytest.raises(HoldallError, match="“A; B” has a semicolon"):
        context.write("Add", lambda s: kept_rules.add_rule(s, rule("A; B", "x", "1")))
    with pytest.raises(BadRule, match="sets nothing"):
        context.write("Change", lambda s: kept_rules.change_rule(s, ids[0], Rule("A")))


def test_a_dry_run_says_what_would_change_and_why_and_changes_nothing(
    context: Context, account_id: str, ids: list[str]
) -> None:
    rows = "1,08/12/2026,20.00,R1,99,28,STALL 4\n2,08/12/2026,2.00,R2,99,28,Bins\n"
    context.write("Off", lambda s: learning.switch_rule(s, ids[1], False))
    context.write("Off", lambda s: learning.switch_rule(s, ids[0], False))
    context.write("Off", lambda s: learning.switch_rule(s, ids[2], False))
    context.write("Import", lambda s: import_ledger(s, ledger(rows), account_id))
    rule_set = [rule("A", "STALL", "52"), rule("C", "STALL", "13")]
    (tried,) = context.read(lambda s: kept_rules.dry_run(s, rule_set))
    assert tried.changes == (("FundCode", "99", "13"),)
    assert tried.rules == ("A", "C")
    assert tried.reasons[0] == "A: The narrative contains “STALL”: yes, it is “STALL 4”."
    then = Rule("D", (Condition("FundCode", Operator.EQUAL, "13"),), (Action("MopCode", "1"),))
    (more,) = context.read(lambda s: kept_rules.dry_run(s, [*rule_set, then]))
    assert more.changes == (("FundCode", "99", "13"), ("MopCode", "28", "1"))
    assert more.reasons[-1] == "D: The fund is “13”: yes, it is “13”."
    receipts = context.read(kept_rules.latest_receipts)
    assert sorted(one.fund for one in receipts) == ["99", "99"]
    assert context.read(lambda s: kept_rules.dry_run(s, rule_set, [])) == []


def test_a_stored_rule_that_cannot_be_read_says_so_in_its_words(context: Context, ids: list[str]) -> None:
    def spoil(session: object) -> None:
        record = kept_rules.kept_rule(session, ids[0])  # type: ignore[arg-type]
        record.conditions = [{"field": "Colour", "operator": "Equal", "value": "red"}]

    context.write("Spoil", spoil)
    assert "has a Field “Colour”" in context.read(kept_rules.rules)[0].words
    with pytest.raises(HoldallError, match="Rule “A” of the council"):
        context.read(lambda s: kept_rules.running(s, RuleUse.IMPORT))
