"""Answers to one question: whole rows to choose from, by mouse, arrows or number key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.flow import clear_layout
from ui.widgets.paint import keycap, keycap_size, panel
from ui.widgets.text import Label


@dataclass(frozen=True)
class Answer:
    """One possible answer: the value it stands for, its words, and what helps to choose it."""

    key: str
    text: str
    hint: str = ""


class AnswerRow(QRadioButton):
    """One answer as a row: ring, words, hint, number key. The whole row is the target."""

    def __init__(self, answer: Answer, number: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answer, self.number = answer, number
        self.setText(answer.text.replace("&", "&&"))
        self.setAccessibleName(answer.text)
        self.setAccessibleDescription(answer.hint)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def _left(self) -> int:
        return 18 + theme().icon_size(20) + 16

    def _room(self, width: int) -> int:
        right = keycap_size(self.number)[0] + 32 if self.number else 18
        return max(60, width - self._left() - right)

    def _heights(self, width: int) -> tuple[int, int]:
        t, flags = theme(), Qt.TextFlag.TextWordWrap.value
        box = QRectF(0, 0, self._room(width), 10_000)
        role = "section" if self.isChecked() else "lead"
        words = t.metrics(role).boundingRect(box, flags, self.answer.text).height()
        hint = 0.0
        if self.answer.hint:
            hint = t.metrics("body").boundingRect(box, flags, self.answer.hint).height()
        return round(words), round(hint)

    def hasHeightForWidth(self) -> bool:
        """Long answers wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """52 for one line, 60 with a hint, more where words wrap."""
        words, hint = self._heights(width)
        return words + hint + (18 if hint else 29)

    def sizeHint(self) -> QSize:
        """As wide as answers may be."""
        width = theme().wide(420)
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Narrower, and then taller."""
        return QSize(theme().wide(200), self.heightForWidth(max(theme().wide(200), self.width())))

    def hitButton(self, pos: object) -> bool:
        """Anywhere on the row."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Row, ring, words, keycap."""
        t, painter = theme(), QPainter(self)
        on = self.isChecked()
        fill = t.colour("selection") if on and not t.contrast else t.colour("surface")
        border, width = (t.colour("primary"), 2) if on else (t.colour("edge"), t.stroke)
        panel(painter, self.rect(), fill, border, width + (1 if on and t.contrast else 0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, middle = t.icon_size(20), self.height() / 2
        centre = QPointF(18 + side / 2, middle)
        painter.setPen(QPen(t.colour("primary" if on else "edge"), 2))
        painter.setBrush(t.colour("surface"))
        painter.drawEllipse(centre, side / 2, side / 2)
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("primary"))
            painter.drawEllipse(centre, side / 4, side / 4)
        words, hint = self._heights(self.width())
        top = round((self.height() - words - hint) / 2)
        wrap = Qt.TextFlag.TextWordWrap.value
        painter.setFont(t.font("section" if on else "lead"))
        painter.setPen(t.colour("text"))
        painter.drawText(QRect(self._left(), top, self._room(self.width()), words), wrap, self.answer.text)
        if hint:
            painter.setFont(t.font("body"))
            painter.setPen(t.colour("muted"))
            box = QRect(self._left(), top + words, self._room(self.width()), hint)
            painter.drawText(box, wrap, self.answer.hint)
        if self.number:
            x = self.width() - keycap_size(self.number)[0] - 19
            keycap(painter, x, self.height() // 2, self.number, t.colour("muted"), t.colour("edge"))


class AnswerList(QWidget):
    """The answers to one question. Number keys choose; `chosen` carries the answer's key.

    With `or_last` the last answer stands apart under "or": "They do not know".
    """

    chosen = Signal(str)

    def __init__(
        self,
        answers: Sequence[Answer] = (),
        or_last: bool = True,
        name: str = "Answers",
        numbers: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._numbers = numbers
        self.rows: list[AnswerRow] = []
        self._shortcuts: list[QShortcut] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self.restyle()
        self.set_answers(answers, or_last)

    def restyle(self) -> None:
        """Answers are at most 750 wide at 100 %."""
        self.setMaximumWidth(theme().wide(750))

    def set_answers(self, answers: Sequence[Answer], or_last: bool = True, value: str | None = None) -> None:
        """Replaces the answers; `value` is the one already given."""
        clear_layout(self._column)
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self.rows, self._shortcuts = [], []
        for number, answer in enumerate(answers, 1):
            if or_last and number == len(answers) and number > 1:
                self._column.addWidget(Label("or", "hint", "muted"))
            key = str(number) if self._numbers and number < 10 else ""
            row = AnswerRow(answer, key)
            row.setChecked(answer.key == value)
            row.toggled.connect(lambda on, a=answer, r=row: self._moved(on, r, a.key))
            self._column.addWidget(row)
            self.rows.append(row)
            if key:
                self._bind(key, row)

    def _bind(self, key: str, row: AnswerRow) -> None:
        shortcut = QShortcut(QKeySequence(key), row)
        shortcut.activated.connect(lambda: self._by_key(row))
        self._shortcuts.append(shortcut)

    @staticmethod
    def _by_key(row: AnswerRow) -> None:
        row.setFocus(Qt.FocusReason.ShortcutFocusReason)
        row.setChecked(True)

    def _moved(self, on: bool, row: AnswerRow, key: str) -> None:
        row.updateGeometry()
        if on:
            self.chosen.emit(key)

    def value(self) -> str | None:
        """The chosen answer's key; None while nothing is chosen."""
        return next((row.answer.key for row in self.rows if row.isChecked()), None)

    def set_value(self, key: str | None) -> None:
        """Chooses an answer without a signal."""
        for row in self.rows:
            row.blockSignals(True)
            row.setAutoExclusive(key is not None)
            row.setChecked(row.answer.key == key)
            row.setAutoExclusive(True)
            row.blockSignals(False)
            row.update()

    def focus_first(self) -> None:
        """Puts the focus on the chosen answer, or the first."""
        rows = [row for row in self.rows if row.isChecked()] or self.rows
        if rows:
            rows[0].setFocus(Qt.FocusReason.TabFocusReason)
