"""The Journals section by keyboard: a second person approves, refuses with a reason, turns round, pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.income import service
from app.income.office import journals, refunds
from app.income.office.journal_views import JournalRow
from app.income.office.postings import find_postings
from models.changes import Changed
from models.ids import new_id
from models.income import Fund, JournalState, Receipt, RefundState
from tests.ui.income.kit import button, colleague, key, shown, until
from ui.income.journals import SectionPage
from ui.shell import Shell


@pytest.fixture
def bare() -> None:
    """Asks for a fresh store."""


@pytest.fixture
def page(qtbot: QtBot, shell: Shell, bare: None) -> SectionPage:
    """A transfer and a refund by a colleague, and a transfer by the person at the laptop."""
    context = shell.context
    ids: list[str] = []

    def account(session: Session) -> Changed:
        account_id, changed = service.add_account(session, "General account", "000000/12345678")
        session.add_all([Fund(code="05", name="Housing rents"), Fund(code="23", name="Council tax")])
        for number in range(3):
            ids.append(new_id())
            session.add(_posting(account_id, ids[-1], number))
        session.flush()
        return changed

    context.write("Begin", account)
    mine = context.author
    context.author = colleague(context)
    context.write("Move", lambda s: journals.transfer(s, ids[0], [_row(60_00)], "It is council tax."))
    context.write("Refund", lambda s: refunds.request(s, ids[1], 25_00, "Paid twice."))
    context.author = mine
    context.write("Move", lambda s: journals.transfer(s, ids[2], [_row(10_00)], "Part of it is council tax."))
    context.author = colleague(context, mine.name, mine.user_id)  # with the roles to approve
    return shown(qtbot, shell, SectionPage(shell))


def _row(pence: int) -> JournalRow:
    return JournalRow("23", "770412265", pence, "Moved")


def _posting(account_id: str, record_id: str, number: int) -> Receipt:
    return Receipt(
        id=record_id,
        account_id=account_id,
        file_id="f",
        line_no=number,
        ledger_id=f"L{number}",
        posted_on=date(2026, 12, 10),
        amount_pence=100_00,
        reference="6000418876",
        fund="05",
        mop="90",
        narrative=f"Posting {number}",
        fingerprint=f"f{number}",
    )


def journal(context: Context, pence: int) -> journals.JournalView:
    return next(one for one in context.read(journals.journals) if one.total_pence == pence)


def test_what_waits_for_me_stands_first_and_a_approves_it(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    assert page.head.facts.text() == "2 wait for you to decide."
    page.open(journal(context, 60_00).id)
    figures = [page.journal.table.model().index(n, 4).data() for n in range(2)]
    assert figures == ["60.00", "−60.00"]
    assert page.journal.sum.accessibleName() == "Together: 0.00"
    key(qtbot, Qt.Key.Key_A)
    until(qtbot, lambda: page.head.facts.text() == "1 waits for you to decide.")
    assert page.deck.current is page.refund
    assert journal(context, 60_00).state == JournalState.APPROVED


def test_ones_own_journal_offers_no_approval_but_can_be_withdrawn(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    page.open(journal(context, 10_00).id)
    assert not button(page, "journal-approve").isVisible()
    assert "a colleague approves it" in page.journal.own.text()
    key(qtbot, Qt.Key.Key_R)
    words = page.deck.words
    words.submit()
    until(qtbot, lambda: words.field.problem)
    words.editor.setPlainText("The wrong posting.")
    words.submit()
    until(qtbot, lambda: journal(context, 10_00).state == JournalState.REFUSED and not page.shell.jobs.busy)
    page.choose(journal(context, 10_00).id)
    assert page.journal.trail.told[-1].text.endswith("The wrong posting.")


def test_an_approved_journal_is_turned_round_by_another_that_waits(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    made = journal(context, 60_00)
    page.open(made.id)
    button(page, "journal-approve").click()
    until(qtbot, lambda: page.kept[made.id].state == JournalState.APPROVED)
    until(qtbot, lambda: not page.shell.jobs.busy)
    page.open(made.id)
    button(page, "journal-undo").click()
    page.deck.words.editor.setPlainText("It was rent after all.")
    page.deck.words.submit()
    until(qtbot, lambda: len(context.read(journals.journals)) == 3)
    undo = next(one for one in context.read(journals.journals) if one.undoes == made.id)
    assert undo.waits
    assert [line.pence for line in undo.lines] == [-60_00, 60_00]


def test_a_refund_is_authorised_then_posted_with_the_providers_reference(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    refund = context.read(refunds.refunds)[0]
    page.open(refund.id)
    key(qtbot, Qt.Key.Key_A)
    until(qtbot, lambda: page.kept[refund.id].state == RefundState.AUTHORISED)
    until(qtbot, lambda: not page.shell.jobs.busy)
    page.open(refund.id)
    assert not button(page, "refund-authorise").isVisible()
    key(qtbot, Qt.Key.Key_P)
    assert page.deck.current is page.paid
    button(page, "refund-post").click()
    assert page.paid.reference_field.problem
    page.paid.reference.setText("PSP-881")
    page.paid.submit()
    until(qtbot, lambda: context.read(refunds.refunds)[0].state == RefundState.PAID)
    negative = context.read(lambda s: s.scalar(select(Receipt.amount_pence).where(Receipt.amount_pence < 0)))
    assert negative == -25_00


def test_an_officer_without_the_role_is_told_so_and_nothing_is_approved(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    context.author = colleague(context, "Tomos Aldgate", "u-9")
    context.author = replace(context.author, roles=frozenset({"officer"}))
    page.refresh(None)
    page.open(journal(context, 60_00).id)
    key(qtbot, Qt.Key.Key_A)
    until(qtbot, page.notice.isVisible)
    assert journal(context, 60_00).waits
    assert page.isAncestorOf(QApplication.focusWidget())


def found(qtbot: QtBot, page: SectionPage, words: str) -> str:
    button(page, "journals-new").click()
    assert page.finder.search.hasFocus()
    qtbot.keyClicks(page.finder.search, words)
    until(qtbot, lambda: [one.narrative for one in page.finder.found.values()] == ["Posting 2"])
    key(qtbot, Qt.Key.Key_Return)
    chosen = page.finder.table.chosen()
    assert chosen is not None
    return chosen


def test_a_posting_is_found_and_a_refund_of_it_asked_for(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    posting_id = found(qtbot, page, "posting 2")
    assert "£90.00 is left" in page.finder.facts.text()
    key(qtbot, Qt.Key.Key_R)
    form = page.amount
    assert form.amount.pence() == 90_00
    form.submit()
    assert form.reason_field.problem == "Write why the money goes back"
    form.amount.set_pence(95_00)
    form.reason.setPlainText("Paid too much.")
    form.submit()
    until(qtbot, form.errors.isVisible)
    assert "£90.00" in form.errors.accessibleName()
    form.amount.set_pence(15_00)
    form.submit()
    until(qtbot, lambda: len(context.read(refunds.refunds)) == 2)
    asked = next(one for one in context.read(refunds.refunds) if one.receipt_id == posting_id)
    assert (asked.pence, asked.reason, asked.waits) == (15_00, "Paid too much.", True)


def test_a_posting_is_moved_to_another_fund_with_the_rest_in_sight(
    qtbot: QtBot, page: SectionPage, context: Context
) -> None:
    found(qtbot, page, "posting 2")
    key(qtbot, Qt.Key.Key_M)
    form = page.move_form
    form.lines.set_values([{"fund": "23", "reference": "", "words": "Moved", "pence": 40_00}])
    form._tell()
    assert form.left_over.text() == "£50.00 of £90.00 would stay where it is."
    form.reason.setPlainText("It is council tax.")
    form.submit()
    until(qtbot, lambda: any(one.total_pence == 40_00 for one in context.read(journals.journals)))


def test_a_posting_is_found_by_its_amount_too(context: Context, page: SectionPage) -> None:
    assert len(context.read(lambda s: find_postings(s, "£100.00"))) == 3
    assert context.read(lambda s: find_postings(s, "7.77")) == []
