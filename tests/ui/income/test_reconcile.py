"""The Income page by keyboard and mouse, over a real store and real lanes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.context import Context
from app.income import sample, service
from app.wording import money
from models.changes import Author
from ui.income.reconcile import Reconcile as Tab
from ui.shell import Shell
from ui.widgets import ROW_ROLE, Button

TODAY_FILE = ":20:X\n:25:601111/12345678\n:28C:7/1\n:60F:C261207GBP100,00\n"


@pytest.fixture
def tab(qtbot: QtBot, shell: Shell) -> Tab:
    """The page over the sample week, as large as the smallest window."""
    return opened(qtbot, shell)


@pytest.fixture
def bare(qtbot: QtBot, shell: Shell) -> Tab:
    """The page of a store with no statement."""
    return opened(qtbot, shell)


def opened(qtbot: QtBot, shell: Shell) -> Tab:
    made = Tab(shell)
    qtbot.addWidget(made)
    shell.changed.connect(made.refresh)
    made.resize(1232, 628)
    made.refresh(None)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def named(tab: Tab, name: str) -> Button:
    found = tab.findChild(Button, name)
    assert found is not None, name
    return found


def press(qtbot: QtBot, tab: Tab, key: Qt.Key) -> None:
    focus = tab.focusWidget()
    assert isinstance(focus, QWidget)
    qtbot.keyClick(focus, key)


def until(qtbot: QtBot, true: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(true()), timeout=5_000)


def settled_down_to(tab: Tab, proposals: int) -> bool:
    return tab.board is not None and len(tab.board.proposals) == proposals and not tab._busy


def left(tab: Tab) -> int:
    assert tab.board is not None
    return tab.board.sums.left


def test_the_page_opens_on_the_first_proposal_with_the_sum_in_view(tab: Tab) -> None:
    assert tab.summary.left.text() == "−£77.20"
    assert tab.head.title.text() == "Bank statement 241"
    assert tab.head.facts.text() == "General account, 7 to 11 December 2026"
    assert tab.bench.middle.side.text() == "1st of 9 proposals"
    assert tab.summary.matched.label() == "23 of 35 bank lines matched"
    assert tab.summary.hint.text() == "32 once all 9 are accepted"


def test_the_slip_shows_its_evidence_and_marks_its_three_receipts(qtbot: QtBot, tab: Tab) -> None:
    for _ in range(3):
        press(qtbot, tab, Qt.Key.Key_Down)
    told = [sentence.text for sentence in tab.bench.middle.proposal.evidence.told]
    assert told[0] == "Paying-in slip 000318 is on the bank line and on all three receipts."
    assert told[-1] == "Over £500, so a second officer will confirm it."
    book = tab.bench.book
    rows = [book.items.index(row, 0).data(ROW_ROLE) for row in range(13)]
    marked = [row.cells[1] for number, row in enumerate(rows) if book.table.is_marked(number, row)]
    assert marked == ["Cheque, council tax", "Cheque, market stalls", "Cheque, building control"]


def test_a_accepts_and_moves_to_the_next_proposal_and_undo_brings_it_back(
    qtbot: QtBot, tab: Tab, context: Context
) -> None:
    with qtbot.waitSignal(tab.shell.toast_asked, timeout=5_000) as told:
        press(qtbot, tab, Qt.Key.Key_A)
    assert told.args == ["Match accepted.", True]
    assert tab.board is not None
    assert len(tab.board.proposals) == 8
    assert tab.bench.middle.side.text() == "1st of 8 proposals"
    assert tab.board.line_by_id[tab.line_id or ""].words == "STRIPE PAYOUT PO-7731"
    assert left(tab) == -77_20
    _, changed = context.undo()
    tab.refresh(changed)
    assert len(tab.board.proposals) == 9


def test_nine_keys_accept_nine_proposals(qtbot: QtBot, tab: Tab) -> None:
    for wanted in range(8, -1, -1):
        press(qtbot, tab, Qt.Key.Key_A)
        until(
            qtbot, lambda n=wanted: tab.board is not None and len(tab.board.proposals) == n and not tab._busy
        )
    assert tab.summary.matched.label() == "32 of 35 bank lines matched"
    assert tab.summary.hint.text() == "6 wait for a second officer"
    assert tab.summary.left.text() == "−£59.20"


def test_r_rejects_and_the_line_says_why_nothing_is_proposed(qtbot: QtBot, tab: Tab) -> None:
    line_id = tab.line_id
    press(qtbot, tab, Qt.Key.Key_R)
    until(qtbot, lambda: tab.board is not None and len(tab.board.proposals) == 8)
    tab.show_line(line_id or "")
    assert tab.bench.middle.title.text() == "No proposal yet"
    assert not tab.bench.middle.proposal.wide_acts.accept.isVisible()
    assert left(tab) == -77_20 + 2_318_40


def test_u_asks_for_a_note_and_keeps_what_was_written_when_it_is_refused(qtbot: QtBot, tab: Tab) -> None:
    assert tab.board is not None
    lost = next(line for line in tab.board.lines if line.words == "FPI NO REFERENCE")
    tab.show_line(lost.id)
    press(qtbot, tab, Qt.Key.Key_U)
    form = tab.bench.middle.words
    assert tab.bench.middle.current is form
    form.submit()
    until(qtbot, lambda: form.field.problem)
    assert "needs a note" in form.field.problem
    form.editor.setPlainText("Rang twice. ")
    QGuiApplication.clipboard().setText("x" * 1_000_000)
    form.editor.paste()
    assert "1,000,000 characters" in form.field.problem
    assert form.editor.text() == "Rang twice. "
    form.editor.setPlainText("Asked the bank on 14 December.")
    form.submit()
    until(qtbot, lambda: left(tab) == -77_20 - 75_00)
    assert tab.bench.middle.current is tab.bench.middle.proposal


def test_s_lets_receipts_be_chosen_with_space_and_matched_by_hand(qtbot: QtBot, tab: Tab) -> None:
    assert tab.board is not None
    slip = next(p for p in tab.board.proposals if p.stage == "slip")
    tab.show_line(slip.line_id)
    press(qtbot, tab, Qt.Key.Key_S)
    book, choose = tab.bench.book, tab.bench.middle.choose
    assert tab.bench.middle.current is choose
    book.choose(slip.receipt_ids[0])
    qtbot.keyClick(book.table, Qt.Key.Key_Space)
    assert "would stay open" in choose.words.text()
    for receipt_id in slip.receipt_ids[1:]:
        book.choose(receipt_id)
        qtbot.keyClick(book.table, Qt.Key.Key_Space)
    assert choose.words.text() == "They make up the line to the penny."
    choose.match.click()
    until(qtbot, lambda: slip.line_id not in (tab.board.line_by_id if tab.board else ()))
    assert left(tab) == -77_20


def test_a_receipt_leads_to_its_line_or_says_it_is_on_its_way(tab: Tab) -> None:
    assert tab.board is not None
    slip = next(p for p in tab.board.proposals if p.stage == "slip")
    tab.bench.book.table.choose(slip.receipt_ids[1])
    assert tab.line_id == slip.line_id
    bag = tab.board.receipts[-1]
    tab.bench.book.table.choose(bag.id)
    assert tab.bench.middle.current is tab.bench.middle.receipt
    assert tab.bench.middle.receipt.heading.text() == "Cash bag, Tannery Row"


def test_typing_filters_both_lists_by_words_and_amount(qtbot: QtBot, tab: Tab) -> None:
    qtbot.keyClick(tab.focusWidget(), Qt.Key.Key_Slash)
    assert tab.bench.bank.filter.hasFocus()
    qtbot.keyClicks(tab.bench.bank.filter, "845.3")
    assert tab.bench.bank.count.text() == "1 found"
    assert tab.bench.middle.side.text() == "4th of 9 proposals"
    tab.bench.bank.filter.clear()
    tab.bench.book.filter.setText("cheque STALLS")
    assert [receipt.pence for receipt in tab.bench.book.items.shown] == [300_00]


def test_what_makes_it_up_adds_up_and_takes_notes(qtbot: QtBot, tab: Tab) -> None:
    named(tab, "income-why").click()
    parts = tab.bench.middle.parts
    assert tab.bench.middle.current is parts
    model = parts.table.model()
    figures = [model.index(row, 1).data() for row in range(model.rowCount())]
    assert figures == ["−18.00", "−96.00", "75.00", "−38.20"]
    parts.table.choose_row(1)
    parts.note.click()
    form = tab.bench.middle.words
    form.editor.setPlainText("The bank sent it back, tenant rung.")
    form.submit()
    until(qtbot, lambda: tab.board is not None and tab.board.notes)
    named(tab, "income-why").click()
    parts.table.choose_row(0)
    parts.table.choose_row(1)
    assert "tenant rung" in parts.words.text()


def test_a_second_officer_confirms_and_the_maker_cannot(
    qtbot: QtBot, tab: Tab, context: Context, second_officer: Author
) -> None:
    press(qtbot, tab, Qt.Key.Key_A)
    until(qtbot, lambda: tab.board is not None and tab.board.waiting_for_second == 1)
    named(tab, "income-matched").click()
    matched = tab.bench.middle.matched
    assert "waits for a colleague" in matched.who.text()
    assert not matched.confirm.isVisible()
    context.author = second_officer
    tab.show_matched()
    assert matched.confirm.isVisible()
    matched.confirm.click()
    until(qtbot, lambda: tab.board is not None and tab.board.waiting_for_second == 0)


def test_taking_a_match_apart_asks_for_a_reason(qtbot: QtBot, tab: Tab) -> None:
    named(tab, "income-matched").click()
    tab.bench.middle.matched.reverse.click()
    form = tab.bench.middle.words
    form.editor.setPlainText("It belongs to another account.")
    form.submit()
    until(qtbot, lambda: tab.board is not None and tab.board.matched_lines == 22)


def test_the_empty_page_offers_the_sample_and_takes_it(qtbot: QtBot, bare: Tab) -> None:
    assert bare.pages.currentWidget() is bare.empty
    named(bare, "income-sample").click()
    until(qtbot, lambda: bare.board is not None)
    assert bare.board is not None
    assert money(bare.board.sums.bank) == "£214,180.62"
    assert bare.pages.currentWidget() is bare.full


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("renamed.sta", b"%PDF-1.7", "a PDF"),
        ("empty.sta", b"", "is empty"),
        ("letter.sta", b"Dear all", "not a bank statement"),
        ("nul.csv", b"id,date,amount\n1,1/1/26,\x001\n", "no text file may hold"),
        ("bad.csv", b"id,date,amount\n1,31/02/2026,1\n", "Line 2"),
    ],
)
def test_a_bad_file_is_one_sentence_on_the_page_and_loses_nothing(
    qtbot: QtBot, tab: Tab, tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    before = tab.board
    tab.import_file(path)
    until(qtbot, tab.notice.isVisible)
    assert told in tab.notice.text.text()
    assert tab.board is before


def test_a_missing_file_is_one_sentence(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    tab.import_file(tmp_path / "gone.sta")
    until(qtbot, tab.notice.isVisible)
    assert "cannot be opened" in tab.notice.text.text()


def test_a_file_for_another_account_leads_to_a_form_that_adds_it(
    qtbot: QtBot, bare: Tab, tmp_path: Path
) -> None:
    path = tmp_path / "other.sta"
    path.write_text(TODAY_FILE + ":61:261208C5,00NTRFX\n:62F:C261208GBP105,00\n-\n", "ascii")
    bare.import_file(path)
    until(qtbot, bare.notice.isVisible)
    assert "not one of the council’s accounts" in bare.notice.text.text()
    named(bare, "income-notice-act").click()
    assert bare.pages.currentWidget() is bare.account_card
    named(bare, "income-account-save").click()
    assert bare.account.name_field.problem
    bare.account.name.setText("Housing rents")
    named(bare, "income-account-save").click()
    until(qtbot, lambda: bare.board is not None)
    assert bare.board is not None
    assert bare.board.head.account_name == "Housing rents"
    assert left(bare) == 5_00


def test_a_statement_that_does_not_prove_says_so_and_is_taken_only_on_purpose(
    qtbot: QtBot, tab: Tab, tmp_path: Path, context: Context
) -> None:
    good = sample.statement_242(context.today())
    path = tmp_path / "bad.sta"
    path.write_bytes(good.data.replace(b"C221,10", b"C221,11") if b"C221,10" in good.data else b"")
    tab.import_file(path)
    until(qtbot, lambda: tab.board is not None and tab.board.head.number == "242")
    assert "kept apart" in tab.notice.text.text()
    assert "£0.01" in tab.notice.text.text()
    assert tab.others_button.isVisible()
    named(tab, "income-notice-act").click()
    form = tab.bench.middle.words
    form.editor.setPlainText("Finance agreed while the bank looks into it.")
    form.submit()
    until(qtbot, lambda: tab.board is not None and tab.board.head.standing == "unproved")
    assert not tab.notice.isVisible()


def test_the_same_file_twice_offers_to_open_what_is_here(
    qtbot: QtBot, tab: Tab, tmp_path: Path, context: Context
) -> None:
    good = sample.statement_242(context.today())
    path = tmp_path / good.name
    path.write_bytes(good.data)
    tab.import_file(path)
    until(qtbot, lambda: tab.board is not None and tab.board.head.number == "242")
    tab.import_file(path)
    until(qtbot, tab.notice.isVisible)
    assert "was imported on" in tab.notice.text.text()


def test_in_one_column_the_lists_stand_behind_a_button_and_the_acts_stay(qtbot: QtBot, tab: Tab) -> None:
    tab.set_compact(True)
    assert not tab.head.isVisible()
    assert not tab.bench.bank.isVisible()
    assert tab.bench.middle.proposal.short_acts.isVisible()
    assert not tab.bench.middle.proposal.wide_acts.isVisible()
    named(tab, "income-lists-short").click()
    assert tab.bench.bank.isVisible()
    assert not tab.bench.middle.isVisible()
    named(tab, "income-back-to-match").click()
    assert tab.bench.middle.isVisible()
    qtbot.keyClick(tab.bench.middle.proposal.short_acts.accept, Qt.Key.Key_A)
    until(qtbot, lambda: tab.board is not None and len(tab.board.proposals) == 8)
    tab.set_compact(False)
    assert tab.head.isVisible()
    assert tab.bench.book.isVisible()


def test_find_leads_to_a_line_or_a_receipt(tab: Tab) -> None:
    assert tab.board is not None
    line = tab.board.lines[6]
    assert tab.open_record("income_bank_line", line.id)
    assert tab.line_id == line.id
    assert not tab.open_record("income_bank_line", "nothing")
    assert tab.needs_me() == ["9 proposed matches to look at"]


def test_the_page_asks_for_its_paper(qtbot: QtBot, tab: Tab) -> None:
    named(tab, "income-close-period").click()
    with qtbot.waitSignal(tab.shell.preview_asked, timeout=2_000) as asked:
        named(tab, "income-paper").click()
    assert asked.args is not None
    assert asked.args[1] == {"statement": tab.statement_id}
    named(tab, "income-period-step").click()
    until(qtbot, tab.notice.isVisible)
    assert "no explanation yet" in tab.notice.text.text()


def test_coming_to_the_other_pane_by_tab_does_not_change_what_is_chosen(qtbot: QtBot, tab: Tab) -> None:
    assert tab.board is not None
    charges = next(line for line in tab.board.lines if line.words == "BANK CHARGES NOVEMBER")
    tab.show_line(charges.id)
    press(qtbot, tab, Qt.Key.Key_Tab)
    assert tab.bench.book.table.hasFocus()
    assert tab.line_id == charges.id
    assert tab.bench.middle.current is tab.bench.middle.proposal


def test_every_part_that_takes_the_keyboard_has_a_name(tab: Tab) -> None:
    for widget in tab.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            assert widget.accessibleName(), widget


def test_all_that_are_certain_are_accepted_by_one_key_and_come_back_with_one_undo(
    qtbot: QtBot, tab: Tab, context: Context
) -> None:
    assert tab.board is not None
    certain = sum(proposal.auto for proposal in tab.board.proposals)
    assert certain > 1
    others = len(tab.board.proposals) - certain
    assert named(tab, "income-certain").label() == f"Accept all {certain} that are certain"
    with qtbot.waitSignal(tab.shell.toast_asked, timeout=5_000) as told:
        qtbot.keyClick(tab.focusWidget(), Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert told.args == [f"{certain} matches accepted.", True]
    assert len(tab.board.proposals) == others
    assert not any(proposal.auto for proposal in tab.board.proposals)
    assert left(tab) == -77_20
    assert not named(tab, "income-certain").isVisible()
    _, changed = context.undo()
    tab.refresh(changed)
    assert len(tab.board.proposals) == certain + others


def test_a_fee_that_is_written_off_stands_in_the_equation(tab: Tab) -> None:
    assert tab.board is not None
    payout = next(p for p in tab.board.proposals if p.write_offs)
    tab.show_line(payout.line_id)
    equation = tab.bench.middle.proposal.equation
    assert equation.book[0].text() == "One receipt, −£18.00"
    assert equation.bank[1].text() == equation.book[1].text() == "£1,046.25"
    assert equation.sign.text() == "="


def test_the_period_says_what_is_in_the_way_and_keeps_its_trail(
    qtbot: QtBot, tab: Tab, context: Context, second_officer: Author
) -> None:
    assert tab.board is not None
    tab.show_period()
    view = tab.bench.middle.period
    assert view.doubts.told[0].text == "4 items left to explain need a match, suspense or a note."
    account_id = tab.board.head.account_id
    for part in tab.board.parts:
        context.write("Note", lambda s, p=part: service.add_note(s, account_id, p.subject_id, "Known."))
    tab.refresh(None)
    assert view.words.text() == "Everything left to explain has a note, so it can be prepared."
    named(tab, "income-period-step").click()
    until(qtbot, lambda: tab.board is not None and tab.board.head.period_state == "prepared")
    assert view.trail.told[-1].text.startswith("Tomos Aldgate prepared it today at")
    assert "−£77.20 left to explain" in view.trail.told[-1].text
    context.author = second_officer
    for state, label in (("reviewed", "Close the period"), ("closed", "Reopen…")):
        until(qtbot, lambda: not tab._busy)
        named(tab, "income-period-step").click()
        until(qtbot, lambda s=state: tab.board is not None and tab.board.head.period_state == s)
        assert view.act.label() == label
    until(qtbot, lambda: not tab._busy)
    named(tab, "income-period-step").click()
    tab.bench.middle.words.editor.setPlainText("A late receipt belongs into it.")
    tab.bench.middle.words.submit()
    until(qtbot, lambda: tab.board is not None and tab.board.head.period_state == "reopened")
    tab.show_period()
    assert view.reopened.text.text() == "A late receipt belongs into it."
    assert len(view.trail.told) == 4


@pytest.mark.parametrize("name", ["income-paper", "income-audit-pack", "income-paying-in"])
def test_the_period_offers_its_papers(qtbot: QtBot, tab: Tab, name: str, context: Context) -> None:
    tab.show_period()
    with qtbot.waitSignal(tab.shell.preview_asked, timeout=2_000) as asked:
        named(tab, name).click()
    assert asked.args is not None
    report, options = asked.args
    assert report.build(context, options).title


def test_the_sum_stays_in_sight_while_the_lists_are_on_show_in_one_column(tab: Tab) -> None:
    tab.set_compact(True)
    named(tab, "income-lists-short").click()
    assert tab.bench.sum.isVisible()
    assert tab.bench.sum.text() == "−£77.20 left to explain"
    tab.show_parts()
    assert tab.summary.isVisible()


def test_typing_in_a_large_pane_waits_for_a_rest_before_a_line_is_weighed(
    qtbot: QtBot, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.income.items._LARGE", 5)
    pane = tab.bench.bank
    before = tab.line_id
    pane.filter.setText("845.3")
    assert pane.count.text() == "1 found"
    assert tab.line_id == before
    until(qtbot, lambda: tab.line_id != before)


def test_on_a_large_board_the_next_proposal_is_there_at_once_and_the_board_is_read_when_one_rests(
    qtbot: QtBot, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.income.page._LARGE", 1)
    tab.reader._rest.setInterval(60)
    tab.refresh(None)
    until(qtbot, lambda: tab.reader.last is not None)
    first = tab.line_id
    press(qtbot, tab, Qt.Key.Key_A)
    until(qtbot, lambda: not tab._busy)
    assert tab.board is not None
    assert len(tab.board.proposals) == 8
    assert tab.line_id != first
    assert tab.summary.matched.label() == "24 of 35 bank lines matched"
    shown = tab.board
    until(qtbot, lambda: not tab.reader.waits)
    assert tab.board is not shown
    assert [line.id for line in tab.board.lines] == [line.id for line in shown.lines]
    assert [receipt.id for receipt in tab.board.receipts] == [receipt.id for receipt in shown.receipts]
    assert tab.board.waiting_for_second == shown.waiting_for_second == 1
    assert left(tab) == -77_20
    tab.bench.bank.filter.setText("845.30")
    assert tab.bench.bank.count.text() == "1 found"
