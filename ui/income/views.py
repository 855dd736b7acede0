"""What takes the middle for a while: what makes up the rest, matched lines, the period, statements."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.income.amounts import figure
from app.income.board import Board, StatementHead
from app.income.evidence import Sentence, sentences, taken_from
from app.income.matching import OpenLine, OpenReceipt
from app.income.settled import Settled
from app.wording import date_year, day, pounds
from models.income import MatchKind, PeriodState, Standing
from ui.income.proposal import Equation, EvidenceList
from ui.widgets import (
    Button,
    Column,
    Item,
    Label,
    QuietNote,
    Row,
    ScrollColumn,
    Table,
    TotalRow,
    TwoLineList,
    WrapRow,
)


class View(QWidget):
    """One thing the middle can show: a title, a line at the right of it, and a way back."""

    left = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.side = title, ""
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(10)
        self.back = Button("Back", key="Esc", on_click=self.left.emit)

    def focus_first(self) -> None:
        """Goes to the first thing in it."""
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)


class PartsView(View):
    """What makes up the amount left to explain; each part can have a note."""

    noted = Signal(str)
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__("What makes it up")
        columns = (Column("What", 150, stretch=True), Column("Amount", 90, figures=True))
        self.table = Table(columns, name="What makes up the amount left to explain")
        self.total = TotalRow(self.table)
        self.note = Button("Write a note", "outline", "sticky-note", "N", self._note)
        self.words = Label("", "hint", "muted", wrap=True)
        self.rows.addWidget(self.table, 1)
        self.rows.addWidget(self.total)
        self.rows.addWidget(self.words)
        self.rows.addWidget(WrapRow([self.note, self.back]))
        self.table.row_opened.connect(self.opened)
        self.table.row_chosen.connect(self._chosen)
        self._notes: dict[str, str] = {}

    def show_board(self, board: Board) -> None:
        """Shows the parts of a board; they add up to what is left."""
        rows = [
            Row(part.subject_id, (part.words, pounds(part.pence)), icon="sticky-note" if part.note else None)
            for part in board.parts
        ]
        self._notes = {part.subject_id: part.note for part in board.parts}
        self.table.set_rows(rows)
        self.side = f"{len(rows):,} items"
        self.total.set_total("Left to explain", figure(board.sums.left, board.head.currency))
        self.words.setText("Enter goes to the line. A note says what is known until it is settled.")

    def _chosen(self, subject_id: str) -> None:
        note = self._notes.get(subject_id, "")
        self.words.setText(f"Note: {note}" if note else "No note yet.")

    def _note(self) -> None:
        chosen = self.table.chosen()
        if chosen:
            self.noted.emit(chosen)

    def focus_first(self) -> None:
        """Goes to the first part."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.table.chosen() is None:
            self.table.choose_row(0)


class MatchedView(View):
    """The lines that are matched or in suspense, those that wait for a second officer first."""

    confirm_asked = Signal(str)
    reverse_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Matched lines")
        columns = (
            Column("Date", 58, muted=True),
            Column("Bank’s words", 150, stretch=True),
            Column("Amount", 90, figures=True),
        )
        self.table = Table(columns, name="Matched bank lines")
        self.table.setObjectName("income-matched-table")
        self.evidence = EvidenceList()
        self.who = Label("", "hint", "muted", wrap=True)
        self.confirm = Button("Confirm match", "primary", "check", "C", self._confirm)
        self.confirm.setObjectName("income-confirm")
        self.reverse = Button("Take apart…", "danger", key="T", on_click=self._reverse)
        self.reverse.setObjectName("income-reverse")
        scroll = ScrollColumn()
        scroll.body.addWidget(self.who)
        scroll.body.addWidget(self.evidence)
        scroll.body.addStretch(1)
        self.rows.addWidget(self.table, 3)
        self.rows.addWidget(scroll, 2)
        self.rows.addWidget(WrapRow([self.confirm, self.reverse, self.back]))
        self.table.row_chosen.connect(self._chosen)
        self._settled: dict[str, Settled] = {}
        self._me, self._currency = "", "GBP"

    def show_settled(self, found: Sequence[Settled], me: str, currency: str) -> None:
        """Shows settled lines to the person with the id `me`."""
        self._settled = {one.match_id: one for one in found}
        self._me, self._currency = me, currency
        rows = [
            Row(
                one.match_id,
                (day(one.booked_on), one.words, pounds(one.pence)),
                icon="clock" if one.waits else "inbox" if one.kind == MatchKind.SUSPENSE else "check",
                tone="warn" if one.waits else None,
            )
            for one in found
        ]
        self.table.set_rows(rows)
        waiting = sum(one.waits for one in found)
        self.side = f"{waiting:,} to confirm" if waiting else f"{len(found):,} matched"
        self._chosen(self.table.chosen() or "")

    def _chosen(self, match_id: str) -> None:
        one = self._settled.get(match_id)
        for button in (self.confirm, self.reverse):
            button.setVisible(one is not None)
        if one is None:
            self.who.setText("Choose a line to see why it was matched." if self._settled else "Nothing yet.")
            self.evidence.show_sentences(())
            return
        self.confirm.setVisible(one.waits and one.matched_by_id != self._me)
        told = f"By {one.matched_by}"
        if one.confirmed_by:
            told += f", confirmed by {one.confirmed_by}"
        elif one.waits:
            mine = one.matched_by_id == self._me
            told += ", waits for a colleague to confirm" if mine else ", waits to be confirmed"
        self.who.setText(f"{told}. {one.note}".strip())
        if one.kind == MatchKind.SUSPENSE:
            self.evidence.show_sentences((Sentence("look", "In suspense until it is moved to its fund."),))
            return
        receipts = tuple(
            Sentence("tick", f"{day(on)}, {words}: {figure(pence, self._currency)}")
            for on, words, pence in one.receipts
        )
        self.evidence.show_sentences(receipts + sentences(one.evidence, self._currency))

    def _confirm(self) -> None:
        if chosen := self.table.chosen():
            self.confirm_asked.emit(chosen)

    def _reverse(self) -> None:
        if chosen := self.table.chosen():
            self.reverse_asked.emit(chosen)

    def focus_first(self) -> None:
        """Goes to the first line."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.table.chosen() is None:
            self.table.choose_row(0)


class ChooseView(View):
    """Receipts chosen by hand for a line: a running sum, and what stays open."""

    match_asked = Signal()

    def __init__(self) -> None:
        super().__init__("Choose receipts")
        self.equation = Equation()
        self.words = Label("", wrap=True)
        self.list = EvidenceList()
        scroll = ScrollColumn()
        for widget in (self.words, self.list):
            scroll.body.addWidget(widget)
        scroll.body.addStretch(1)
        self.match = Button("Match these", "primary", "check", "A", self.match_asked.emit)
        self.match.setObjectName("income-match-these")
        self.rows.addWidget(self.equation)
        self.rows.addWidget(scroll, 1)
        self.rows.addWidget(WrapRow([self.match, self.back]))

    def show_choice(self, line: OpenLine, chosen: Sequence[OpenReceipt], currency: str) -> None:
        """Shows the line against the receipts chosen so far."""
        total = sum(receipt.pence for receipt in chosen)
        taken = sum(taken_from(line, chosen)) if chosen else 0
        count = len(chosen)
        self.equation.show_sides(
            ("One bank line", figure(line.pence, currency)),
            (f"{count:,} chosen in the book", figure(total, currency)),
            total == line.pence,
        )
        if not chosen:
            told = "In the book, press Space on each receipt that belongs to this line, or click it."
        elif taken != line.pence:
            told = f"{figure(line.pence - taken, currency)} of the bank line would stay open."
        elif total != taken:
            told = f"{figure(total - taken, currency)} of the receipts would stay open in the book."
        else:
            told = "They make up the line to the penny."
        self.words.setText(told)
        self.list.show_sentences(
            tuple(
                Sentence("tick", f"{day(r.posted_on)}, {r.narrative}: {figure(r.pence, currency)}")
                for r in chosen
            )
        )


class ReceiptView(View):
    """A receipt that belongs to no proposal: on its way to the bank, so far as the book knows."""

    noted = Signal(str)

    def __init__(self) -> None:
        super().__init__("On its way to the bank")
        self.heading = Label("", "section", wrap=True)
        self.amount = Label("", "figure")
        self.facts = Label("", "body", "muted", wrap=True)
        self.notes = QuietNote("Note")
        self.note = Button("Write a note", "outline", "sticky-note", "N", self._note)
        for widget in (self.amount, self.heading, self.facts, self.notes):
            self.rows.addWidget(widget)
        self.rows.addWidget(WrapRow([self.note, self.back]))
        self.rows.addStretch(1)
        self._receipt_id = ""

    def show_receipt(self, board: Board, receipt: OpenReceipt) -> None:
        """Shows one receipt of a board."""
        self._receipt_id = receipt.id
        partly = any(part.subject_id == receipt.id and part.kind == "rest" for part in board.parts)
        self.title = "Rest of a receipt" if partly else "On its way to the bank"
        self.amount.setText(figure(receipt.pence, board.head.currency))
        self.heading.setText(receipt.narrative or "No words")
        facts = [f"Posted on {date_year(receipt.posted_on)}"]
        if receipt.reference:
            facts.append(f"slip or reference {receipt.reference}")
        if receipt.fund:
            facts.append(f"fund {receipt.fund}")
        told = "Part of it is matched; this is the rest." if partly else "No bank line is proposed for it."
        self.facts.setText(f"{', '.join(facts)}. {told}")
        words = " ".join(board.notes.get(receipt.id, ()))
        self.notes.set_text(words)
        self.notes.setVisible(bool(words))

    def _note(self) -> None:
        self.noted.emit(self._receipt_id)


class StatementsView(View):
    """The statements that are here, newest first."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__("Statements")
        self.list = TwoLineList(name="Bank statements")
        self.list.setObjectName("income-statements-list")
        self.rows.addWidget(self.list, 1)
        self.rows.addWidget(WrapRow([self.back]))
        self.list.opened.connect(self.chosen)

    def show_heads(self, heads: Sequence[StatementHead], current: str) -> None:
        """Shows the statements in groups by account."""
        accounts: dict[str, list[Item]] = {}
        for head in heads:
            standing = {Standing.APART: ("Kept apart", "warn"), Standing.UNPROVED: ("Unproved", "warn")}
            words, tone = standing.get(
                Standing(head.standing), (PeriodState(head.period_state).title(), "muted")
            )
            item = Item(head.id, head.title, head.span, tone=tone, right=words)
            accounts.setdefault(head.account_name, []).append(item)
        self.list.set_groups(list(accounts.items()))
        self.list.choose(current)
        self.side = f"{len(heads):,} here"

    def focus_first(self) -> None:
        """Goes to the list."""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
