"""Answers that are read aloud as one list: in two columns, so that none has to be scrolled to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.widgets import Answer, AnswerRow, Label, clear_layout


class WideAnswers(QWidget):
    """Answers in one or two columns, chosen by number key, arrows or mouse."""

    chosen = Signal(str)

    def __init__(self, row: type[AnswerRow] = AnswerRow, gap: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = row
        self.rows: list[AnswerRow] = []
        self._shortcuts: list[QShortcut] = []
        self._columns = 2
        self._or_last = True
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(gap)

    def set_answers(self, answers: Sequence[Answer], or_last: bool = True, value: str | None = None) -> None:
        """Replaces the answers; `value` is the one already given."""
        clear_layout(self._grid)
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self.rows, self._shortcuts, self._or_last = [], [], or_last
        for number, answer in enumerate(answers, 1):
            row = self._row(answer, str(number) if number < 10 else "", self)
            row.setObjectName(f"repairs-answer-{answer.key}")
            row.setChecked(answer.key == value)
            row.toggled.connect(partial(self._toggled, answer.key))
            self.rows.append(row)
            if number < 10:
                shortcut = QShortcut(QKeySequence(str(number)), row)
                shortcut.activated.connect(partial(self._by_key, row))
                self._shortcuts.append(shortcut)
        self._place()

    def set_columns(self, columns: int) -> None:
        """One column where the page is narrow, else two."""
        if columns != self._columns:
            self._columns = columns
            self._place()

    def _place(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if isinstance(label := item.widget(), Label):
                label.hide()
                label.deleteLater()
        last = self.rows[-1:] if self._or_last and len(self.rows) > 1 else []
        first = self.rows[: len(self.rows) - len(last)]
        per = -(-len(first) // self._columns)
        for number, row in enumerate(first):
            self._grid.addWidget(row, number % per, number // per)
        if last:
            self._grid.addWidget(Label("or", "hint", "muted"), per, 0)
            self._grid.addWidget(last[0], per + 1, 0)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        self.updateGeometry()

    def _toggled(self, key: str, on: bool) -> None:
        for row in self.rows:
            row.updateGeometry()
        if on:
            self.chosen.emit(key)

    def _by_key(self, row: AnswerRow) -> None:
        row.setFocus(Qt.FocusReason.ShortcutFocusReason)
        row.setChecked(True)

    def value(self) -> str | None:
        """The chosen answer; None while nothing is chosen."""
        return next((row.answer.key for row in self.rows if row.isChecked()), None)

    def focus_first(self) -> None:
        """Puts the focus on the chosen answer, or the first."""
        rows = [row for row in self.rows if row.isChecked()] or self.rows
        if rows:
            rows[0].setFocus(Qt.FocusReason.TabFocusReason)
