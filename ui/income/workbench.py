"""The board itself: bank, middle and book side by side, with lines between what belongs together."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.income.matching import OpenLine, OpenReceipt
from ui.deck import WordsForm
from ui.income.items import BANK_COLUMNS, BOOK_COLUMNS
from ui.income.panes import Pane
from ui.income.period_view import PeriodView
from ui.income.proposal import ProposalView
from ui.income.views import (
    ChooseView,
    MatchedView,
    PartsView,
    ReceiptView,
    StatementsView,
    View,
)
from ui.theme import theme
from ui.widgets import Button, Card, EmptyPage, Label, WrapRow
from ui.widgets.paint import tone_colour

GUTTER = 24


class Middle(Card):
    """The card that asks for the decision; it shows one view at a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(decision=True, margins=(17, 9, 17, 9), parent=parent)
        self.title = Label("", "section")
        self.side = Label("", "body", "muted")
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(self.side)
        self.body.setSpacing(8)
        self.body.addWidget(self.head)
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        self.proposal, self.choose, self.receipt = ProposalView(), ChooseView(), ReceiptView()
        self.parts, self.matched, self.period = PartsView(), MatchedView(), PeriodView()
        self.statements, self.words = StatementsView(), WordsForm()
        self.done = EmptyPage(
            "circle-check", "Every line is matched", "Nothing on this statement waits for you."
        )
        self.views: tuple[QWidget, ...] = (
            self.proposal,
            self.choose,
            self.receipt,
            self.parts,
            self.matched,
            self.period,
            self.statements,
            self.words,
            self.done,
        )
        for view in self.views:
            self.stack.addWidget(view)
        self._compact = False

    @property
    def current(self) -> QWidget:
        """The view on show."""
        return self.stack.currentWidget() or self.proposal

    def show_view(self, view: QWidget, focus: bool = False) -> None:
        """Shows a view with its title."""
        self.stack.setCurrentWidget(view)
        if isinstance(view, (View, ProposalView, WordsForm)):
            self.title.setText(view.title)
            self.side.setText(view.side)
        self.head.setVisible(view is not self.done and not (self._compact and view is self.proposal))
        if focus and isinstance(view, (View, WordsForm)):
            view.focus_first()

    def set_compact(self, compact: bool) -> None:
        """Passes it on."""
        self._compact = compact
        self.proposal.set_compact(compact)
        self.show_view(self.current)


class Workbench(QWidget):
    """Bank, middle and book. In one column only one of them is on show, and Lists leads to the panes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bank = Pane("Bank", "line", BANK_COLUMNS, key="/")
        self.book = Pane("Book", "receipt", BOOK_COLUMNS)
        self.middle = Middle()
        self.to_bank = Button("Bank", on_click=lambda: self.show_lists("bank"))
        self.to_book = Button("Book", on_click=lambda: self.show_lists("book"))
        self.to_match = Button("Back to the match", key="Esc", on_click=lambda: self.show_lists(""))
        self.to_match.setObjectName("income-back-to-match")
        self.sum = Label("", "section")
        self.sum.setObjectName("income-sum-line")
        self.certain = Button("", icon="check", key="Shift A")
        self.certain.setObjectName("income-certain-short")
        self.switch = WrapRow([self.to_bank, self.to_book, self.to_match, self.certain, self.sum])
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GUTTER)
        for card, share in ((self.bank, 394), (self.middle, 356), (self.book, 434)):
            self._row.addWidget(card, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.switch)
        column.addLayout(self._row, 1)
        self.compact, self.listed = False, ""
        self._line_id: str | None = None
        self._receipt_ids: tuple[str, ...] = ()
        for pane in (self.bank, self.book):
            pane.table.verticalScrollBar().valueChanged.connect(lambda _value: self.update())
            pane.items.modelReset.connect(self.update)
        QWidget.setTabOrder(self.bank.filter, self.bank.table)
        QWidget.setTabOrder(self.bank.table, self.book.table)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """One column, or three."""
        self.compact = compact
        self.middle.set_compact(compact)
        self.show_lists(self.listed if compact else "")

    def show_lists(self, which: str) -> None:
        """In one column: shows the "bank" or the "book", or with "" the match again."""
        self.listed = which if self.compact else ""
        self.switch.setVisible(bool(self.listed))
        self.bank.setVisible(not self.compact or self.listed == "bank")
        self.book.setVisible(not self.compact or self.listed == "book")
        self.middle.setVisible(not self.listed)
        if self.listed:
            pane = self.bank if self.listed == "bank" else self.book
            pane.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()

    def join(self, line: OpenLine | None, receipts: Collection[OpenReceipt], at: str | None = None) -> None:
        """Marks what belongs together in both panes and draws the lines between.

        `at` is the receipt the book stays at while nothing in it belongs to the line.
        """
        self._line_id = line.id if line is not None else None
        self._receipt_ids = tuple(receipt.id for receipt in receipts)
        self.bank.choose(self._line_id)
        if not receipts:
            self.book.choose(at)
        self.book.mark(self._receipt_ids)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draws the gutters anew."""
        self.update()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines in the gutters, from each row on show to the equation."""
        if self.compact or self._line_id is None or not self._receipt_ids:
            return
        if self.middle.current is not self.middle.proposal:
            return
        equation = self.middle.proposal.equation
        middle_y = equation.mapTo(self, QPoint(0, equation.height() // 2)).y()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(tone_colour("hue", self), 2 if not theme().contrast else 2.5)
        painter.setPen(pen)
        left, right = self.middle.geometry().left(), self.middle.geometry().right() + 1
        bank_edge, book_edge = self.bank.geometry().right() + 1, self.book.geometry().left()
        y = self._row_y(self.bank, self._line_id)
        if y is not None:
            painter.drawPath(_bracket(bank_edge, y, left, middle_y))
        for receipt_id in self._receipt_ids:
            y = self._row_y(self.book, receipt_id)
            if y is not None:
                painter.drawPath(_bracket(book_edge, y, right, middle_y))

    def _row_y(self, pane: Pane, record_id: str) -> int | None:
        y = pane.table.row_middle(record_id)
        return None if y is None else pane.table.mapTo(self, QPoint(0, y)).y()


def _bracket(x1: int, y1: int, x2: int, y2: int) -> QPainterPath:
    """A path from a row across half the gutter, up or down, and on to the middle, with round corners."""
    half, radius = (x1 + x2) / 2, 4.0
    path = QPainterPath(QPointF(x1, y1))
    if abs(y2 - y1) < 2 * radius:
        path.lineTo(x2, y1)
        return path
    down = 1 if y2 > y1 else -1
    toward = 1 if x2 > x1 else -1
    path.lineTo(half - toward * radius, y1)
    path.quadTo(half, y1, half, y1 + down * radius)
    path.lineTo(half, y2 - down * radius)
    path.quadTo(half, y2, half + toward * radius, y2)
    path.lineTo(x2, y2)
    return path
