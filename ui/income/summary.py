"""The sum at the top of the board: what is left to explain, and why, always in view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.income.amounts import figure
from app.income.board import Board
from app.wording import plural
from models.income import Standing
from ui.theme import theme
from ui.widgets import Button, Card, Label, Line, Progress, Sum


class Summary(Card):
    """The card with the running difference. It asks for its parts, and for the matched lines."""

    parts_asked = Signal()
    matched_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(hue=True, margins=(18, 6, 18, 6), parent=parent)
        self.left = Label("", "figure")
        self.left.setObjectName("income-left")
        self.words = Label("left to explain", "strong")
        self.why = Button("What makes it up?", "word", on_click=self.parts_asked.emit)
        self.why.setObjectName("income-why")
        self.rule = Line(vertical=True)
        self.sum = Sum()
        self.matched = Button("", "word", on_click=self.matched_asked.emit)
        self.matched.setObjectName("income-matched")
        self.progress = Progress(name="Bank lines matched")
        self.hint = Label("", "hint", "muted")
        self.short = Label("", "lead", "muted")
        self._side = QWidget()
        self._terms: tuple[tuple[str, str] | tuple[str, str, str], ...] = ()
        self._build()
        self.set_compact(False)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.left)
        beside = QVBoxLayout()
        beside.setSpacing(1)
        beside.addStretch(1)
        beside.addWidget(self.words)
        beside.addWidget(self.why, 0, Qt.AlignmentFlag.AlignLeft)
        beside.addStretch(1)
        row.addLayout(beside)
        row.addSpacing(10)
        row.addWidget(self.rule)
        row.addSpacing(10)
        row.addWidget(self.sum, 1, Qt.AlignmentFlag.AlignVCenter)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(3)
        side.addStretch(1)
        side.addWidget(self.matched, 0, Qt.AlignmentFlag.AlignLeft)
        side.addWidget(self.progress)
        side.addWidget(self.hint)
        side.addStretch(1)
        row.addWidget(self._side)
        row.addWidget(self.short, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)

    def restyle(self) -> None:
        """Keeps the progress as wide as its words."""
        super().restyle()
        if hasattr(self, "_side"):
            self._side.setFixedWidth(theme().wide(178))

    def _say(self, terms: Sequence[tuple[str, str] | tuple[str, str, str]]) -> None:
        self._terms = tuple(terms)
        self._fit()

    def _fit(self) -> None:
        """Leaves the last term to the large figure at the left where the sum would need a second line."""
        self.sum.set_parts(self._terms)
        if self._terms and self.sum.sizeHint().width() > self.sum.width() > 0:
            self.sum.set_parts(self._terms[:-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the sum into one line."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit)

    def set_compact(self, compact: bool) -> None:
        """Keeps only the figure and the count where the page is one column."""
        for widget in (self.why, self.rule, self.sum, self._side):
            widget.setVisible(not compact)
        self.short.setVisible(compact)
        self.left.set_role("title" if compact else "figure")
        self.words.set_role("lead" if compact else "strong")
        self.words.set_tone("muted" if compact else "text")

    def show_board(self, board: Board) -> None:
        """Shows the sums of a board, or the sum that fails for a statement kept apart."""
        if board.head.standing == Standing.APART:
            self._show_failed(board)
            return
        self.words.setText("left to explain")
        sums, currency = board.sums, board.head.currency
        self.left.setText(figure(sums.left, currency))
        self.left.setAccessibleName(f"{figure(sums.left, currency)} left to explain")
        self._say(
            [
                ("Bank says", figure(sums.bank, currency)),
                ("Book says", figure(sums.book, currency), "−"),
                ("On its way to the bank", figure(sums.on_its_way, currency), "+"),
                ("Left to explain", figure(sums.left, currency), "="),
            ]
        )
        count, total = board.matched_lines, board.all_lines
        self.matched.setText(f"{count:,} of {total:,} bank lines matched")
        self.short.setText(f"{count:,} of {total:,} lines matched")
        self.progress.set_progress(count, max(total, 1))
        proposals = len(board.proposals)
        if board.waiting_for_second:
            hint = f"{plural(board.waiting_for_second, 'waits', 'wait')} for a second officer"
        elif proposals:
            hint = f"{count + proposals:,} once {_all(proposals)} accepted"
        else:
            hint = "No proposal is waiting" if count < total else "Every line is matched"
        self.hint.setText(hint)

    def _show_failed(self, board: Board) -> None:
        """The statement's own sum: opening and movements, and the closing balance that they miss."""
        head = board.head
        moved = sum(line.pence for line in board.lines)

        def say(pence: int | None) -> str:
            return "not given" if pence is None else figure(pence, head.currency)

        missing = head.difference_pence
        self.left.setText(say(missing) if missing is not None else "Not proved")
        self.left.setAccessibleName(f"{self.left.text()}, the statement’s sum does not prove")
        self.words.setText("missing in its sum" if missing else "kept apart")
        should = None if head.opening_pence is None else head.opening_pence + moved
        self._say(
            [
                ("Opens at", say(head.opening_pence)),
                ("Movements", say(moved), "+"),
                ("Should close at", say(should), "="),
                ("Closes at", say(head.closing_pence), "≠"),
            ]
        )
        self.matched.setText(f"0 of {board.all_lines:,} bank lines matched")
        self.short.setText("Kept apart")
        self.progress.set_progress(0, max(board.all_lines, 1))
        self.hint.setText("Nothing is matched against it")


def _all(proposals: int) -> str:
    return "the last one is" if proposals == 1 else f"all {proposals:,} are"
