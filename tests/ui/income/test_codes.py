"""The Rules and codes section: rules switched, moved and tried out, learned ones decided on, codes read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app.context import Context
from app.income.office import kept_rules, vocabulary
from app.income.office.trying import try_rule
from app.income.row_rules import Action, Condition, Operator, Rule
from app.income.validators import SAMPLE, with_check_digit
from models.income import AccountHolder, Fund, Receipt, RuleState, RuleUse
from models.income import Rule as KeptRule
from tests.ui.income.kit import button, colleague, key, shown, until
from ui.income.codes import SectionPage
from ui.shell import Shell


@pytest.fixture
def page(qtbot: QtBot, shell: Shell) -> SectionPage:
    """Two rules for incoming rows over the sample week."""
    shell.context.author = colleague(shell.context, "Tomos Aldgate", "u-1")
    shell.context.write("Add rules", lambda s: kept_rules.add_rule(s, rule("Stalls", "Market stalls", "99")))
    shell.context.write("Add rules", lambda s: kept_rules.add_rule(s, rule("Tax", "Council tax", "23")))
    return shown(qtbot, shell, SectionPage(shell))


def rule(name: str, words: str, fund: str) -> Rule:
    return Rule(name, (Condition("Narrative", Operator.CONTAIN, words),), (Action("FundCode", fund),), "")


def named(page: SectionPage, name: str) -> str:
    return next(one.id for one in page.rules.values() if one.name == name)


def order(context: Context) -> list[str]:
    return [one.name for one in context.read(lambda s: kept_rules.rules(s, RuleUse.IMPORT))]


def test_a_rule_says_in_words_what_it_does(page: SectionPage) -> None:
    page.open(named(page, "Stalls"))
    assert page.card.words.text() == "When the narrative contains “Market stalls”, the fund becomes 99."
    assert page.deck.side.text() == "Running"


def test_a_rule_is_switched_off_and_on_by_key(qtbot: QtBot, page: SectionPage, context: Context) -> None:
    rule_id = named(page, "Stalls")
    page.open(rule_id)
    for wanted, words in ((RuleState.OFF, "Switch on"), (RuleState.RUNNING, "Switch off")):
        key(qtbot, Qt.Key.Key_S)
        until(qtbot, lambda state=wanted: page.rules[rule_id].state == state)
        assert page.card.switch.label() == words


def test_rules_move_up_and_down_and_run_in_that_order(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    assert order(context)[-2:] == ["Stalls", "Tax"]
    page.open(named(page, "Tax"))
    key(qtbot, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    until(qtbot, lambda: order(context)[-2:] == ["Tax", "Stalls"])
    until(qtbot, lambda: not page.shell.jobs.busy)
    key(qtbot, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    until(qtbot, lambda: order(context)[-2:] == ["Stalls", "Tax"])


def test_a_dry_run_names_what_would_change_and_changes_nothing(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    rule_id = named(page, "Stalls")
    before = context.read(lambda s: [(r.id, r.fund) for r in s.query(Receipt).order_by(Receipt.id)])
    tried = context.read(lambda s: try_rule(s, rule_id))
    assert tried.of > len(tried.trials) > 0
    page.open(rule_id)
    key(qtbot, Qt.Key.Key_T)
    until(qtbot, page.card.table.isVisible)
    changing = sum(bool(one.changes) for one in tried.trials)
    fires = f"It fires on {len(tried.trials)} of the newest {tried.of} postings and would change {changing}."
    assert page.card.tried.text() == f"{fires} Nothing has been changed."
    page.card.table.choose_row(0)
    told = [sentence.text for sentence in page.card.reasons.told]
    assert any("Market stalls" in words for words in told)
    assert any("to “99”" in words for words in told)
    after = context.read(lambda s: [(r.id, r.fund) for r in s.query(Receipt).order_by(Receipt.id)])
    assert after == before


def learned(context: Context, right: int, wrong: int) -> str:
    def work(session: Session) -> str:
        record = KeptRule(
            name="MARKET STALLS is fund 52",
            use=RuleUse.BANK,
            place=1010,
            state=RuleState.PROPOSED,
            learned=True,
            conditions=[
                {"group": 1, "field": "BankWords", "operator": "Contain", "value": "STALLS", "logical": None}
            ],
            actions=[{"field": "FundCode", "value": "52"}],
            back_test={"right": right, "wrong": wrong, "of": right + wrong, "account_id": "a"},
        )
        session.add(record)
        return record.id

    return context.write("Learn", work)


def test_a_learned_rule_waits_first_with_its_back_test_and_no_means_no(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    rule_id = learned(context, 41, 0)
    page.refresh(None)
    assert page.head.facts.text().startswith("2 learned rules wait")  # the sample has one of its own
    page.focus_first()
    assert page.rules[page.chosen_id].state == RuleState.PROPOSED
    page.open(rule_id)
    assert page.card.test.told[0].text == "It would have been right in 41 of 41 past cases."
    button(page, "rule-no").click()
    until(qtbot, lambda: page.rules[rule_id].state == RuleState.OFF)


def test_a_learned_rule_does_not_start_when_todays_history_does_not_bear_it_out(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    rule_id = learned(context, 41, 0)
    page.refresh(None)
    page.open(rule_id)
    button(page, "rule-start").click()
    until(qtbot, page.notice.isVisible)
    assert "past case" in page.notice.text.text()
    assert page.rules[rule_id].state == RuleState.PROPOSED


def test_looking_for_rules_says_how_many_were_learned(qtbot: QtBot, page: SectionPage) -> None:
    with qtbot.waitSignal(page.shell.toast_asked, timeout=5_000) as told:
        page.look_for_rules()
    assert told.args is not None
    assert told.args[0] == "No new rule held in every past case."


def test_a_reference_is_judged_at_every_letter_and_its_repairs_are_named(
    qtbot: QtBot, page: SectionPage
) -> None:
    page.open("checks")
    box = page.views["checks"].box
    assert box is not None
    assert box.reference.hasFocus()
    box.which.setCurrentIndex(box.which.findData("council-tax"))
    good = with_check_digit(SAMPLE["council-tax"], "770412260")
    assert good is not None
    qtbot.keyClicks(box.reference, good)
    assert [sentence.kind for sentence in box.verdict.told] == ["tick"]
    swapped = good[:6] + good[7] + good[6] + good[8]
    box.reference.setText(swapped)
    told = [sentence.text for sentence in box.verdict.told]
    assert told[0].startswith("Its check digit is")
    assert good in told[1]


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("funds", vocabulary.funds),
        ("methods", vocabulary.methods),
        ("vat", vocabulary.vat_codes),
        ("offices", vocabulary.offices),
        ("stops", vocabulary.stop_messages),
        ("holders", vocabulary.account_holders),
    ],
)
def test_every_kind_of_code_is_read_in_a_table(
    qtbot: QtBot, page: SectionPage, context: Context, kind: str, read: Callable[[Session], list[object]]
) -> None:
    page.open(kind)
    until(qtbot, lambda: not page.shell.jobs.busy)
    rows = page.views[kind].table.model().rowCount()
    assert rows == len(context.read(read))
    assert page.views[kind].none.isVisible() == (rows == 0)


def test_account_holders_are_found_by_name_as_one_types(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    def two(session: Session) -> None:
        session.add(AccountHolder(reference="60000331057", fund="5", name="Megan Quillfeather"))
        session.add(AccountHolder(reference="60000388422", fund="5", name="Owain Ashdown"))

    context.write("Add holders", two)
    page.open("holders")
    view = page.views["holders"]
    assert view.search.hasFocus()
    everybody = context.read(vocabulary.account_holders)
    until(qtbot, lambda: view.table.model().rowCount() == len(everybody))
    qtbot.keyClicks(view.search, "quillfe")
    until(qtbot, lambda: view.table.model().rowCount() == 1)
    assert page.deck.side.text() == "1 account holder"
    assert view.table.model().index(0, 1).data() == "Megan Quillfeather"
    assert len(everybody) > 1


def test_a_new_code_is_seen_at_once(qtbot: QtBot, page: SectionPage, context: Context) -> None:
    page.open("funds")
    before = page.views["funds"].table.model().rowCount()
    page.shell.write("Add a fund", lambda s: vocabulary.add(s, Fund(code="ZZ", name="Zoo")))
    until(qtbot, lambda: page.views["funds"].table.model().rowCount() == before + 1)


def test_a_bank_rule_is_tried_on_bank_lines(page: SectionPage, context: Context) -> None:
    rule_id = learned(context, 3, 0)
    tried = context.read(lambda s: try_rule(s, rule_id))
    assert tried.trials

    assert all("STALLS" in one.words for one in tried.trials)
