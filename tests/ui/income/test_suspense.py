"""The Suspense section by keyboard: placed in funds by a journal, written off, chased, noted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.income import service
from app.income.office import journals, suspense, vocabulary
from app.income.validators import SAMPLE, with_check_digit
from models.changes import Changed
from models.ids import new_id
from models.income import AccountHolder, Fund, Receipt
from tests.ui.income.kit import CONTROL, button, colleague, key, keys, shown, until
from ui.income.suspense import SectionPage
from ui.shell import Shell


@pytest.fixture
def bare() -> None:
    """Asks for a fresh store."""


@pytest.fixture
def page(qtbot: QtBot, shell: Shell, bare: None) -> SectionPage:
    """Three items of different age in one account, two funds, one account holder."""
    today = shell.context.today()

    def work(session: Session) -> Changed:
        account_id, changed = service.add_account(session, "General account", "000000/12345678")
        session.add(Fund(code="05", name="Housing rents"))
        session.add(Fund(code="23", name="Council tax"))
        session.add(AccountHolder(reference="770412265", fund="23", name="Gwen Ashdown"))
        for age, pence, words in (
            (100, 48_00, "PAYPOINT CASH"),
            (20, 75_00, "FPI ASHDOWN 770412265"),
            (2, -20_00, "RECALLED"),
        ):
            receipt = _posting(account_id, today - timedelta(days=age), pence, words)
            session.add(receipt)
            session.flush()
            changed = changed | suspense.hold_receipt(session, receipt, "")
        return changed

    shell.context.write("Hold three", work)
    return shown(qtbot, shell, SectionPage(shell))


def _posting(account_id: str, on: date, pence: int, words: str) -> Receipt:
    return Receipt(
        id=new_id(),
        account_id=account_id,
        file_id="f",
        line_no=1,
        ledger_id=words,
        posted_on=on,
        amount_pence=pence,
        reference="",
        fund="",
        mop="",
        narrative=words,
        fingerprint=words,
    )


def named(page: SectionPage, words: str) -> str:
    return next(item.id for item in page.items.values() if item.narrative == words)


def headings(page: SectionPage) -> list[str]:
    entries = [page.cards.list.entry(n) for n in range(page.cards.list.model().rowCount())]
    return [entry.text for entry in entries if hasattr(entry, "text")]


def test_items_stand_under_their_age_the_oldest_first_and_add_up(page: SectionPage) -> None:
    assert headings(page) == ["Over 90 days, £48.00", "8 to 30 days, £75.00", "0 to 7 days, −£20.00"]
    assert page.cards.foot.figure.text() == "£103.00"
    page.focus_first()
    assert page.card.amount.text() == "£48.00"
    assert page.card.owner.text() == "Nobody chases it yet."


def test_whose_it_could_be_is_said_with_why_and_goes_into_the_form(qtbot: QtBot, page: SectionPage) -> None:
    page.open(named(page, "FPI ASHDOWN 770412265"))
    until(qtbot, lambda: page.card.candidates.shown)
    first = page.card.candidates.shown[0]
    assert (first.name, first.account_reference) == ("Gwen Ashdown", "770412265")
    page.card.candidates.used.emit(first)
    row = page.allocate.lines.rows[0].values()
    assert (row["fund"], row["reference"], row["pence"]) == ("23", "770412265", 75_00)
    assert page.allocate.reason.text() == first.why


def test_an_item_is_placed_in_two_funds_by_keyboard_with_the_rest_in_sight(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    page.open(named(page, "PAYPOINT CASH"))
    key(qtbot, Qt.Key.Key_A)
    form = page.allocate
    assert page.deck.current is form
    assert form.left_over.text() == "All of it is here; choose its fund."
    keys(qtbot, "23\n770412265\n\n")
    assert form.left_over.text() == "All of it is placed."
    form.lines.rows[0].editors["pence"].setText("")
    keys(qtbot, "30\n05\n\n\n30\n")
    assert form.left_over.text() == "£12.00 more than there is."
    form.lines.rows[1].editors["pence"].setText("10")
    assert form.left_over.text() == "£8.00 of £48.00 would stay in suspense."
    key(qtbot, Qt.Key.Key_Return, CONTROL)
    assert "Write why it belongs there" in form.errors.accessibleName()
    form.reason.setPlainText("The shop named both accounts.")
    form.reason.setFocus()
    key(qtbot, Qt.Key.Key_Return, CONTROL)
    until(qtbot, lambda: page.deck.current is page.card)
    item = page.items[named(page, "PAYPOINT CASH")]
    assert (item.remaining_pence, item.waiting_pence) == (8_00, 40_00)
    assert "£40.00 waits for a colleague’s approval" in page.card.beside.text()
    made = context.read(journals.journals)[0]
    assert sorted((line.fund, line.pence) for line in made.lines if line.pence > 0) == [
        ("05", 10_00),
        ("23", 30_00),
    ]


def test_more_than_there_is_is_refused_in_the_form_and_nothing_is_lost(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    page.open(named(page, "PAYPOINT CASH"))
    page.act("allocate")
    page.allocate.lines.set_values([{"fund": "23", "reference": "1", "words": "x", "pence": 50_00}])
    page.allocate.reason.setPlainText("Because.")
    page.allocate.submit()
    until(qtbot, page.allocate.errors.isVisible)
    assert "£48.00 remains" in page.allocate.errors.accessibleName()
    assert page.allocate.lines.total() == 50_00
    assert context.read(journals.journals) == []


def test_space_takes_items_along_and_they_are_written_off_together(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    page.focus_first()
    key(qtbot, Qt.Key.Key_Space)
    page.cards.list.choose(named(page, "RECALLED"))
    key(qtbot, Qt.Key.Key_Space)
    assert page.cards.foot.words.text() == "2 chosen together"
    assert page.card.amount.text() == "£28.00"
    page.act("write_off")
    page.write_off.submit()
    assert "Choose the fund" in page.write_off.errors.accessibleName()
    page.write_off.fund.focus_first()
    keys(qtbot, "05")
    page.write_off.reason.setPlainText("Both are from one payment that was recalled in part.")
    page.write_off.submit()
    until(qtbot, lambda: context.read(journals.journals))
    made = context.read(journals.journals)[0]
    assert made.kind == "write_off"
    assert len(made.suspense_ids) == 2


def test_an_item_gets_an_owner_and_a_day_and_is_then_due(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    item_id = named(page, "PAYPOINT CASH")
    page.open(item_id)
    key(qtbot, Qt.Key.Key_O)
    form = page.owner
    form.chase_on.boxes[0].setText("45")
    form.submit()
    assert form.day_field.problem
    form.chase_on.set_value(context.today() - timedelta(days=1))
    form.submit()
    until(qtbot, lambda: page.items[item_id].overdue)
    assert page.items[item_id].owner_name == context.author.name
    assert "was due on" in page.card.owner.text()
    assert page.head.facts.text().startswith("1 item to chase now")


def test_a_note_is_kept_and_shown(qtbot: QtBot, page: SectionPage) -> None:
    page.open(named(page, "PAYPOINT CASH"))
    key(qtbot, Qt.Key.Key_N)
    words = page.deck.words
    words.submit()
    until(qtbot, lambda: words.field.problem)
    words.editor.setPlainText("Rang the shop.")
    words.submit()
    until(qtbot, lambda: page.deck.current is page.card)
    assert page.card.notes.text.text() == "Rang the shop."


def test_escape_leaves_a_form_and_in_one_column_the_list_is_a_key_away(
    qtbot: QtBot, page: SectionPage
) -> None:
    page.open(named(page, "PAYPOINT CASH"))
    key(qtbot, Qt.Key.Key_A)
    key(qtbot, Qt.Key.Key_Escape)
    assert page.deck.current is page.card
    assert page.cards.list.hasFocus()
    page.set_compact(True)
    assert not page.deck.isVisible() or not page.cards.isVisible()
    page.open(named(page, "PAYPOINT CASH"))
    assert page.deck.isVisible()
    key(qtbot, Qt.Key.Key_L)
    assert page.cards.isVisible()
    assert not page.deck.isVisible()
    assert button(page, "suspense-paper") is page.paper


def test_a_wrong_reference_is_named_under_its_line_while_it_is_written(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    context.author = colleague(context, context.author.name, context.author.user_id)

    def check(session: Session) -> Changed:
        changed = vocabulary.add_validator(session, SAMPLE["council-tax"])
        session.flush()
        fund = session.scalars(select(Fund).where(Fund.code == "23")).one()
        return changed | vocabulary.change(session, Fund, fund.id, validator="council-tax")

    context.write("Check council tax", check)
    good = with_check_digit(SAMPLE["council-tax"], "770412260")
    assert good is not None
    page.open(named(page, "PAYPOINT CASH"))
    page.act("allocate")
    until(qtbot, lambda: not page.shell.jobs.busy)
    row = page.allocate.lines.rows[0]
    row.editors["fund"].setFocus()
    keys(qtbot, f"23\n{good[:-1]}{(int(good[-1]) + 1) % 10}")
    assert "check digit" in row.said.text()
    assert row.editors["reference"].accessibleDescription() == row.said.text()
    keys(qtbot, "\b" + good[-1])
    assert row.said.text() == "Council tax takes this reference."


def test_thousands_of_items_are_read_off_the_windows_thread(
    qtbot: QtBot, page: SectionPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.income.suspense._LARGE", 1)
    page.items = {}
    page.refresh(None)
    assert page.items == {}
    until(qtbot, lambda: len(page.items) == 3)
    assert page.cards.foot.figure.text() == "£103.00"


def test_in_one_column_a_click_on_the_list_leads_to_the_item(qtbot: QtBot, page: SectionPage) -> None:
    page.set_compact(True)
    listed = page.cards.list
    place = listed.visualRect(listed.model().index(1, 0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.deck.isVisible()
    assert page.card.narrative.text() == "PAYPOINT CASH"
