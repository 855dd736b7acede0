"""The Reconcile section: statement at the left, book at the right, what belongs together between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import chain, islice

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.income.amounts import figure
from app.income.board import Board, board, board_size, current_statement, statements
from app.income.matching import OpenLine
from app.income.office.periods import trail, waits
from app.income.settled import settled
from app.wording import plural
from models.changes import Changed
from models.errors import HoldallError
from models.income import Period, PeriodState, Standing
from ui.income.bringing import Bringing
from ui.income.columns_form import ColumnsForm, QuestionPage
from ui.income.form import AccountForm
from ui.income.items import bank_row, book_row
from ui.income.period_view import PeriodStep, step_of
from ui.income.reading import BoardReader
from ui.income.sections import SectionHead
from ui.income.summary import Summary
from ui.income.workbench import Workbench
from ui.shell import Page, Shell
from ui.widgets import Banner, Button, Card, Chip, EmptyPage, Label

_LARGE = 4_000  # lines and receipts; beyond it a board is read off the window's thread
_TABLES = ("income_",)


class BoardPage(Page):
    """One bank statement with its sum, its lists and the view in the middle; Reconcile acts on it."""

    key = "income"
    unproved_asked = Signal()
    section_asked = Signal(str)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.statement_id: str | None = None
        self.board: Board | None = None
        self.line_id: str | None = None
        self._receipt_ids: list[str] = []
        self.reader = BoardReader(shell, self)
        self.reader.ready.connect(self._show)
        self.bringing = Bringing(shell, self._account_id, self)
        self._build()

    # What stands on it

    def _build(self) -> None:
        self.import_button = Button("Import statement", icon="file-down", on_click=self.bringing.ask)
        self.import_button.setObjectName("income-import")
        self.close_button = Button("Close the period…", on_click=self.show_period)
        self.close_button.setObjectName("income-close-period")
        self.others_button = Button("Statements", icon="list", on_click=self.show_statements)
        self.others_button.setObjectName("income-statements")
        acts = [self.others_button, self.import_button, self.close_button]
        self.head = SectionHead("reconcile", actions=acts)
        self.head.bar.asked.connect(self.section_asked)
        self.notice = Banner("", "warn", "triangle-alert")
        self._notice_does: Callable[[], object] | None = None
        self.notice_act = Button("", "word", role="strong", on_click=self._notice_acts)
        self.notice_act.setObjectName("income-notice-act")
        self.notice_close = Button("Close", "word", on_click=self.clear_notice)
        self.notice_close.setObjectName("income-notice-close")
        self.notice.acts.add(self.notice_act)
        self.notice.acts.add(self.notice_close)
        self.notice.acts.show()
        self.notice.hide()
        self.summary, self.bench = Summary(), Workbench()
        self.first = first = Button("Import statement", "primary", "file-down", on_click=self.bringing.ask)
        first.setObjectName("income-import-first")
        trial = Button("Try the sample one", on_click=self.bringing.bring_sample)
        trial.setObjectName("income-sample")
        self.empty = EmptyPage(
            "scale",
            "No bank statement yet",
            "Bring in a statement file and Holdall proposes which receipts in your book belong to each line. "
            "It reads CSV and Excel, MT940, BAI2, OFX, QIF and CAMT, ledgers, and payment reports.",
            first,
            trial,
        )
        self.full = QWidget()
        column = QVBoxLayout(self.full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.summary)
        column.addWidget(self.bench, 1)
        self.account = AccountForm()
        self.account_card = Card(decision=True, margins=(24, 16, 24, 18))
        self.account_card.body.addWidget(Label(self.account.title, "section"))
        self.account_card.body.addWidget(self.account, 1)
        self.question, self.columns = QuestionPage(), ColumnsForm()
        self.question_card = Card(decision=True, margins=(24, 20, 24, 18))
        self.question_card.body.addWidget(self.question)
        self.columns_card = Card(decision=True, margins=(24, 16, 24, 18))
        self.columns_card.body.addWidget(Label("Which column is what", "section"))
        self.columns_card.body.addWidget(self.columns, 1)
        self.pages = QStackedWidget()
        for page in (self.empty, self.full, self.account_card, self.question_card, self.columns_card):
            self.pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(10)
        for part in (self.head, self.notice):
            outer.addWidget(part)
        outer.addWidget(self.pages, 1)

    # Reading

    def refresh(self, changed: Changed | None) -> None:
        """Reads again when income changed."""
        if changed is not None and not changed.touches(*_TABLES):
            return
        known = {head.id for head in self.shell.read(statements)}
        if self.statement_id not in known:
            self.statement_id = self.shell.read(current_statement)
        if self.statement_id is None:
            self.board = None
            self._show_empty()
            return
        self.others_button.setVisible(len(known) > 1)
        statement_id = self.statement_id
        if self.shell.read(lambda session: board_size(session, statement_id)) < _LARGE:
            self.reader.stop()
            self._show(self.shell.read(lambda session: board(session, statement_id)))
            return
        self.reader.read(statement_id)

    def record(self) -> tuple[str, str] | None:
        """The bank line that is open, or its statement."""
        if self.line_id:
            return "income_bank_line", self.line_id
        return ("income_statement", self.statement_id) if self.statement_id else None

    def open_statement(self, statement_id: str) -> None:
        """Shows another statement."""
        self.statement_id, self.line_id = statement_id, None
        self.clear_notice()
        self.refresh(None)
        self.back()

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a statement, a bank line or a receipt; False when it is not here or not open."""
        if type_name == "income_statement":
            self.open_statement(record_id)
            return True
        if self.board is None:
            return False
        if record_id in self.board.line_by_id:
            self.show_line(record_id)
            return True
        if record_id in self.board.receipt_by_id:
            self.show_receipt(record_id)
            return True
        return False

    def needs_me(self) -> list[str]:
        """What waits here for an officer."""
        if self.board is None:
            return []
        seen, waits = self.board, []
        if seen.proposals:
            waits.append(f"{plural(len(seen.proposals), 'proposed match', 'proposed matches')} to look at")
        if seen.waiting_for_second:
            waits.append(f"{plural(seen.waiting_for_second, 'match', 'matches')} for a second officer")
        return waits

    def focus_first(self) -> None:
        """Puts the keyboard into the bank's list, or on the first act where the lists are away."""
        acts = self.bench.middle.proposal.acts
        if self.board is None:
            self.first.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self.compact:
            self.bench.bank.table.setFocus(Qt.FocusReason.OtherFocusReason)
        elif acts.isVisible():
            (acts.accept if acts.accept.isVisible() else acts.suspense).setFocus()

    def set_compact(self, compact: bool) -> None:
        """One column, the lists behind a button."""
        super().set_compact(compact)
        self.head.set_compact(compact)
        self.bench.set_compact(compact)
        self.summary.set_compact(compact)
        self._arrange()

    def _arrange(self) -> None:
        """The head steps aside in one column, except where the lists are on show."""
        working = self.pages.currentWidget() is self.full
        self.head.setVisible(not self.compact or bool(self.bench.listed) or not working)
        self.summary.setVisible(not (self.compact and self.bench.listed))

    def _show_empty(self) -> None:
        self.head.set_title("Bank statements")
        self.head.set_facts("")
        self.head.set_chips([])
        for button in (self.others_button, self.import_button, self.close_button):
            button.hide()
        self.pages.setCurrentWidget(self.empty)
        self._arrange()

    def _show(
        self, seen: Board, bank_texts: list[str] | None = None, book_texts: list[str] | None = None
    ) -> None:
        """Shows a board that was read; the same line stays chosen, or the next one is.

        The texts are what the two filters search, made beforehand where the board is large.
        """
        before, self.board = self.board, seen
        self.pages.setCurrentWidget(self.full)
        for button in (self.import_button, self.close_button):
            button.show()
        self._arrange()
        head = seen.head
        self.head.set_title(head.title)
        self.head.set_facts(f"{head.account_name}, {head.span}")
        self._set_chips(seen)
        self.close_button.setText(
            "Close the period…" if head.period_state != PeriodState.CLOSED else "Period…"
        )
        self.summary.show_board(seen)
        self.summary.why.setVisible(head.standing != Standing.APART and not self.compact)
        proposed, notes = seen.proposal_by_line, seen.notes
        bank = partial(bank_row, proposed=proposed, notes=notes)
        self.bench.bank.set_items(seen.lines, bank, head.currency, bank_texts)
        self.bench.book.set_items(seen.receipts, partial(book_row, notes=notes), head.currency, book_texts)
        ready = sum(proposal.auto for proposal in seen.proposals)
        self.bench.certain.setText(f"Accept {ready:,} certain")
        self.bench.certain.setVisible(bool(ready))
        self.bench.sum.setText(f"{figure(seen.sums.left, head.currency)} left to explain")
        if head.standing == Standing.APART:
            self._show_apart(seen)
        elif before is not None and before.head.id == head.id and before.head.standing != head.standing:
            self.clear_notice()
        self._choose_line(before)
        self._refresh_view()

    def _set_chips(self, seen: Board) -> None:
        proposals, look = len(seen.proposals), len(seen.lines) - len(seen.proposals)
        chips = [Chip(f"{plural(len(seen.lines), 'line')} open")]
        if seen.head.standing == Standing.UNPROVED:
            chips.append(Chip("Unproved", "warn", "triangle-alert"))
        elif seen.head.standing == Standing.APART:
            chips.append(Chip("Kept apart", "warn", "triangle-alert"))
        if proposals:
            chips.append(Chip(f"{proposals:,} with a proposal", "hue", "link"))
        if look and seen.head.standing != Standing.APART:
            chips.append(Chip(f"{look:,} to look into", "warn", "circle-question-mark"))
        if seen.head.period_state != PeriodState.OPEN:
            chips.append(Chip(PeriodState(seen.head.period_state).title(), "good", "check"))
        self.head.set_chips(chips[:4])

    def _choose_line(self, before: Board | None) -> None:
        """Keeps the chosen line, else the next with a proposal, else the next open one."""
        seen = self.board
        assert seen is not None  # noqa: S101 - called while a board is on show
        if self.line_id in seen.line_by_id:
            return
        gone = before.line_by_id.get(self.line_id) if before is not None and self.line_id else None
        after = (gone.booked_on, gone.number) if gone is not None else None
        later = next((n for n, one in enumerate(seen.lines) if after is None or _place(one) >= after), 0)
        order = chain(islice(seen.lines, later, None), seen.lines)
        ready = next((line.id for line in order if line.id in seen.proposal_by_line), None)
        self.line_id = ready or (seen.lines[later].id if seen.lines else None)

    def _refresh_view(self) -> None:
        """Shows in the middle what was on show before, or the chosen line."""
        middle = self.bench.middle
        if middle.current is middle.matched:
            self.show_matched()
        elif middle.current is middle.parts:
            self.show_parts()
        elif middle.current is middle.period:
            self.show_period()
        elif middle.current is middle.choose or middle.current is not middle.words:
            self.back()

    def showEvent(self, event: QShowEvent) -> None:
        """Puts the keyboard into the bank's list, so that arrows and letters work at once."""
        super().showEvent(event)
        if self.board is not None and not self.compact and not self.isAncestorOf(self.window().focusWidget()):
            self.bench.bank.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # The middle

    def back(self) -> None:
        """Shows the chosen line with its proposal again, with the keyboard in the bank's list."""
        self._receipt_ids = []
        middle = self.bench.middle
        if middle.current is middle.choose and self.board is not None:
            self.bench.book.remake(partial(book_row, notes=self.board.notes))
        inside = middle.isAncestorOf(middle.window().focusWidget() or self)
        if self.line_id is None:
            self.bench.join(None, ())
            middle.show_view(middle.done)
        else:
            self.show_line(self.line_id)
        if inside and not self.compact:
            self.bench.bank.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_line(self, line_id: str) -> None:
        """Shows one bank line: its proposal, or why there is none."""
        seen, middle = self.board, self.bench.middle
        line = seen.line_by_id.get(line_id) if seen is not None else None
        if seen is None or line is None:
            return
        self.line_id = line_id
        self._receipt_ids = []
        middle.proposal.show_line(seen, line)
        middle.show_view(middle.proposal)
        proposal = seen.proposal_by_line.get(line_id)
        self.bench.join(line, seen.receipts_of(proposal) if proposal is not None else ())
        if self.compact and self.bench.listed:
            self._arrange()

    def show_receipt(self, receipt_id: str) -> None:
        """Leads from a receipt to the line it is proposed for, or says that it is on its way."""
        seen, middle = self.board, self.bench.middle
        if seen is None or receipt_id not in seen.receipt_by_id or middle.current is middle.choose:
            return
        for proposal in seen.proposals:
            if receipt_id in proposal.receipt_ids:
                self.show_line(proposal.line_id)
                return
        self.bench.join(None, (), receipt_id)
        middle.receipt.show_receipt(seen, seen.receipt_by_id[receipt_id])
        middle.show_view(middle.receipt)

    def show_parts(self) -> None:
        """Shows what makes up the amount left to explain."""
        if self.board is not None:
            middle = self.bench.middle
            middle.parts.show_board(self.board)
            self.take_over(middle.parts)

    def show_matched(self) -> None:
        """Shows what is matched, and what waits for a second officer."""
        if self.board is not None and self.statement_id is not None:
            statement_id, middle = self.statement_id, self.bench.middle
            found = self.shell.read(lambda session: settled(session, statement_id))
            middle.matched.show_settled(found, self.shell.context.author.user_id, self.board.head.currency)
            self.take_over(middle.matched)

    def show_period(self) -> None:
        """Shows the period, its steps and its paper."""
        if self.board is not None:
            middle, period_id = self.bench.middle, self.board.head.period_id

            def read(session: Session) -> tuple[list[str], list[PeriodStep]]:
                period = session.get(Period, period_id)
                waiting = waits(session, period) if period is not None else []
                return waiting, [step_of(event) for event in trail(session, period_id)]

            middle.period.show_board(self.board, *self.shell.read(read), self.shell.context.today())
            self.take_over(middle.period)

    def show_statements(self) -> None:
        """Shows the statements that are here."""
        middle = self.bench.middle
        middle.statements.show_heads(self.shell.read(statements), self.statement_id or "")
        self.take_over(middle.statements)

    def take_over(self, view: QWidget) -> None:
        """Gives the middle to another view for a while."""
        if self.compact:
            self.bench.show_lists("")
            self._arrange()
        fresh = self.bench.middle.current is not view
        self.bench.join(self._line(), ())
        self.bench.middle.show_view(view, focus=fresh)

    def _line(self) -> OpenLine | None:
        return self.board.line_by_id.get(self.line_id) if self.board is not None and self.line_id else None

    def _account_id(self) -> str | None:
        return self.board.head.account_id if self.board is not None else None

    def show_page(self, card: QWidget) -> None:
        """Shows a form over all of the page."""
        self.pages.setCurrentWidget(card)
        self._arrange()

    def show_work(self) -> None:
        """Shows the board again as it was, or the empty page."""
        if self.board is None:
            self._show_empty()
            return
        self.show_page(self.full)
        self.focus_first()

    def refuse(self, error: HoldallError) -> None:
        """Says over the page what is wrong and what to do."""
        self.notify(str(error))

    def notify(self, text: str, act: str = "", on_act: Callable[[], object] | None = None) -> None:
        """Shows a sentence over the page, with a word that does something about it where there is one."""
        self._notice_does = on_act
        self.notice.set_text(text)
        self.notice_act.setText(act)
        self.notice_act.setVisible(bool(act))
        self.notice.show()
        self.notice.announce()

    def clear_notice(self) -> None:
        """Takes the sentence away."""
        self._notice_does = None
        self.notice.hide()

    def _notice_acts(self) -> None:
        if self._notice_does is not None:
            self._notice_does()

    def _show_apart(self, seen: Board) -> None:
        """Says with the pence why a statement is kept apart."""
        head = seen.head
        missing = head.difference_pence
        told = "This statement is kept apart: nothing is matched against it. "
        if missing:
            told += f"It misses its closing balance by {figure(abs(missing), head.currency)}. "
        self.notify(f"{told}{head.hint}".strip(), "Take it unproved…", self.unproved_asked.emit)

    def amount(self, pence: int) -> str:
        """An amount in the currency of the statement on show."""
        return figure(pence, self.board.head.currency if self.board is not None else "GBP")

    def subject_words(self, subject_id: str) -> str:
        """What a bank line or a receipt is called, with its amount."""
        if self.board is not None and (line := self.board.line_by_id.get(subject_id)):
            return f"{line.words}, {self.amount(line.pence)}."
        if self.board is not None and (receipt := self.board.receipt_by_id.get(subject_id)):
            return f"{receipt.narrative}, {self.amount(receipt.pence)}."
        return ""


def _place(line: OpenLine) -> tuple[date, int]:
    return line.booked_on, line.number
