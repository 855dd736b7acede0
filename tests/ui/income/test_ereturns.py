"""The eReturns section by keyboard: a bag counted, submitted, and authorised by a colleague."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.context import Context
from app.income import accounts, service
from app.income.office import ereturns
from app.income.office.ereturn_views import ChequeRow, EReturnView, LineRow
from models.income import EReturnState, Receipt
from tests.ui.income.kit import CONTROL, LEAD, button, colleague, keys, shown, until
from ui.income.ereturns import SectionPage
from ui.shell import Shell
from ui.widgets import Button
from ui.widgets.lists import Heading


@pytest.fixture
def bare() -> None:
    """Asks for a fresh store."""


@pytest.fixture
def page(qtbot: QtBot, shell: Shell, bare: None) -> SectionPage:
    """The section over one account, with no other eReturn than the tests make."""
    shell.context.write(
        "Add an account", lambda s: service.add_account(s, "General account", "000000/12345678")
    )
    return shown(qtbot, shell, SectionPage(shell))


def stored(context: Context, site: str) -> EReturnView:
    return next(one for one in context.read(ereturns.ereturns) if one.site == site)


def begun(qtbot: QtBot, page: SectionPage, context: Context, site: str, kind: int = 0) -> None:
    page.ask_begin()
    page.begin.kind.setCurrentIndex(kind)
    page.begin.site.setText(site)
    qtbot.keyClick(page.begin.site, Qt.Key.Key_Return, CONTROL)
    until(qtbot, lambda: page.deck.current is page.form)


def submitted_by_priya(context: Context) -> str:
    mine = context.author
    context.author = colleague(context)

    def work(session: object) -> str:
        account_id = accounts.accounts(session)[0][0]  # type: ignore[arg-type]
        made, _ = ereturns.begin(session, account_id, "cash", "Tannery Row", date(2026, 12, 14))  # type: ignore[arg-type]
        ereturns.set_cash(session, made, {1000: 50_00, 100: 12_00}, "0094")  # type: ignore[arg-type]
        row = LineRow("05", "6000418876", "Rent", "", 62_00)
        ereturns.set_lines(session, made, [row])  # type: ignore[arg-type]
        ereturns.submit(session, made)  # type: ignore[arg-type]
        return made

    made = context.write("A colleague's eReturn", work)
    context.author = mine
    return made


def test_a_bag_is_counted_by_number_or_value_and_each_makes_the_other(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    begun(qtbot, page, context, "Hadley Street Library")
    sheet = page.form.sheet
    assert sheet.rows[5000].count.hasFocus()
    keys(qtbot, "\t\t3")
    assert sheet.rows[2000].pence.text() == "60.00"
    keys(qtbot, "\t\t\t55.00")
    assert sheet.rows[1000].count.text() == ""
    assert sheet.rows[1000].error.text() == "£55.00 is not a whole number of £10 notes."
    assert sheet.rows[1000].error.isVisible()
    sheet.rows[1000].pence.setText("50.00")
    assert sheet.rows[1000].count.text() == "5"
    assert not sheet.rows[1000].error.isVisible()
    assert page.form.difference.text().startswith("Counted £110.00, lines £0.00.")
    until(qtbot, lambda: stored(context, "Hadley Street Library").denominations == {2000: 6000, 1000: 5000})


def test_an_ereturn_is_written_and_submitted_by_keyboard(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    begun(qtbot, page, context, "Hadley Street Library")
    form = page.form
    qtbot.keyClick(form.sheet.rows[5000].count, Qt.Key.Key_Return, CONTROL)
    assert form.errors.isVisible()
    assert "bag’s number is missing" in form.errors.accessibleName()
    assert "number is missing" in form.slip_field.problem
    form.sheet.rows[2000].count.setText("5")
    form.slip.setText("0093")
    row = form.lines.rows[0]
    fund = row.editors["fund"]
    fund.setFocus()
    keys(qtbot, "23\n")
    keys(qtbot, "770412265\nCounter\n\n90.00\n")
    assert len(form.lines.rows) == 2
    assert form.difference.text().endswith("The cash comes to £10.00 more than the lines.")
    keys(qtbot, "52\n\n\n\n10\n")
    assert form.difference.text() == "£100.00 counted and £100.00 in lines: they agree."
    qtbot.keyClick(form.slip, Qt.Key.Key_Return, CONTROL)
    until(qtbot, lambda: stored(context, "Hadley Street Library").state == EReturnState.SUBMITTED)
    until(qtbot, lambda: page.deck.current is page.card)
    assert not button(page, "ereturn-authorise").isVisible()
    assert "a colleague authorises it" in page.card.own.text()
    assert page.head.facts.text() == "Nothing waits for you."
    heading = page.cards.list.entry(0)
    assert isinstance(heading, Heading)
    assert heading.text == "Waits for a colleague"
    seen = stored(context, "Hadley Street Library")
    assert [line.pence for line in seen.lines] == [90_00, 10_00]


def test_cheques_are_written_one_by_one_and_enter_adds_the_next(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    begun(qtbot, page, context, "Post room", kind=1)
    form = page.form
    assert form.cheques.isVisible()
    assert not form.sheet.isVisible()
    form.cheques.focus_first()
    keys(qtbot, "J Marlow\n120\nS Barton\n45.50\n")
    assert len(form.cheques.rows) == 3
    assert form.cheques.rows[2].editors["name"].hasFocus()
    until(
        qtbot,
        lambda: (
            stored(context, "Post room").cheques
            == (ChequeRow("J Marlow", 120_00), ChequeRow("S Barton", 45_50))
        ),
    )
    button(page, "remove-1").click()
    until(qtbot, lambda: stored(context, "Post room").cheques == (ChequeRow("S Barton", 45_50),))


def test_what_waits_for_me_comes_first_and_is_authorised_by_key(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    made = submitted_by_priya(context)
    context.author = replace(context.author, roles=LEAD)
    page.refresh(None)
    assert page.head.facts.text() == "1 eReturn waits for you to authorise."
    page.focus_first()
    assert page.chosen_id == made
    qtbot.keyClick(page.cards.list, Qt.Key.Key_Return)
    assert button(page, "ereturn-authorise").hasFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_A)
    until(qtbot, lambda: stored(context, "Tannery Row").state == EReturnState.AUTHORISED)
    until(qtbot, lambda: not page.card.buttons.isVisible())
    told = [sentence.text for sentence in page.card.chain.told]
    assert told[-1] == "£62.00 is still on its way to the bank."
    posted = context.read(
        lambda s: list(s.scalars(select(Receipt.amount_pence).where(Receipt.file_id == made)))
    )
    assert posted == [62_00]


def test_one_is_sent_back_with_a_reason_that_its_site_sees(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    made = submitted_by_priya(context)
    page.refresh(None)
    page.open(made)
    button(page, "ereturn-back").click()
    words = page.deck.words
    words.submit()
    until(qtbot, lambda: words.field.problem)
    assert "needs a reason" in words.field.problem
    words.editor.setPlainText("The £1 coins come to 13.")
    words.submit()
    until(qtbot, lambda: page.deck.current is page.form)
    assert page.form.facts.text().endswith("Sent back: The £1 coins come to 13.")


def test_what_is_typed_stays_while_a_sync_changes_another_ereturn(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    begun(qtbot, page, context, "Hadley Street Library")
    page.form.slip.setText("00")
    page.form.sheet.rows[2000].pence.setText("5")
    submitted_by_priya(context)
    page.refresh(None)
    assert page.form.slip.text() == "00"
    assert page.form.sheet.rows[2000].pence.text() == "5"
    assert page.form.sheet.rows[2000].error.text() == "£5.00 is not a whole number of £20 notes."


def test_undo_brings_the_count_before_back_into_the_form(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    begun(qtbot, page, context, "Hadley Street Library")
    for count in ("5", "6"):
        page.form.sheet.rows[2000].count.setText(count)
        page.form.autosave.flush()
        until(
            qtbot,
            lambda n=count: stored(context, "Hadley Street Library").denominations.get(2000) == int(n) * 2000,
        )
    until(qtbot, lambda: not page.shell.jobs.busy)
    _, changed = context.undo()
    page.refresh(changed)
    assert page.form.sheet.rows[2000].count.text() == "5"


def test_the_empty_section_says_what_it_is_for_and_begins_the_first(qtbot: QtBot, page: SectionPage) -> None:
    assert page.none.isVisible()
    first = page.findChild(QWidget, "ereturn-first")
    assert isinstance(first, Button)
    page.focus_first()
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert page.deck.current is page.begin
    button(page, "ereturn-begin").click()
    assert page.begin.site_field.problem == "Write where the money was taken"
