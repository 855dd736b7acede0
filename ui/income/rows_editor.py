"""Rows of a small form: lines with fund, reference and amount, or cheques with name and amount.

Enter goes to the next box, and from the last one to a new row; an empty row counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets import Button, ComboBox, Label, LineEdit, MoneyEdit, WrapRow

Values = dict[str, str | int | None]
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True)
class Box:
    """One box of a row: its key in the values, its heading, its kind (text, money, fund), width at 100 %."""

    key: str
    heading: str
    kind: str = "text"
    width: int = 100
    stretch: bool = False


class _EditedRow(QWidget):
    """The boxes of one row, what is said about it, and the word that takes it away."""

    edited = Signal()
    left_last = Signal()

    def __init__(self, boxes: Sequence[Box], noun: str, funds: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._boxes, self._noun = tuple(boxes), noun
        self.editors: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(6)
        for box in self._boxes:
            editor = self._editor(box, funds)
            self.editors[box.key] = editor
            editor.installEventFilter(self)
            row.addWidget(editor, 1 if box.stretch else 0)
        self.remove = Button("", "word", "x")
        row.addWidget(self.remove)
        column.addLayout(row)
        self.said = Label("", "hint", "muted", wrap=True)
        self.said.hide()
        column.addWidget(self.said)
        self.restyle()

    def _editor(self, box: Box, funds: Sequence[tuple[str, str]]) -> QWidget:
        if box.kind == "fund" and funds:
            choice = ComboBox([("", ""), *((f"{code} {name}", code) for code, name in funds)])
            choice.currentIndexChanged.connect(lambda _n: self.edited.emit())
            return choice
        editor = MoneyEdit() if box.kind == "money" else LineEdit()
        editor.textChanged.connect(lambda _text: self.edited.emit())
        return editor

    def restyle(self) -> None:
        """Widens the boxes with the text."""
        for box in self._boxes:
            editor = self.editors[box.key]
            if box.stretch:
                editor.setMinimumWidth(theme().wide(box.width))
            else:
                editor.setFixedWidth(theme().wide(box.width))
        self.remove.setFixedWidth(max(24, theme().icon_size(16) + 8))

    def number(self, number: int) -> None:
        """Names the boxes by the row's number, for screen readers."""
        for box in self._boxes:
            self.editors[box.key].setAccessibleName(f"{self._noun} {number}: {box.heading.lower()}")
        self.remove.setAccessibleName(f"Remove {self._noun.lower()} {number}")
        self.remove.setObjectName(f"remove-{number}")

    def values(self) -> Values:
        """What the row holds; pence for money, None where that cannot be read."""
        found: Values = {}
        for key, editor in self.editors.items():
            if isinstance(editor, ComboBox):
                found[key] = str(editor.currentData() or "")
            elif isinstance(editor, MoneyEdit):
                found[key] = editor.pence()
            elif isinstance(editor, LineEdit):
                found[key] = editor.text().strip()
        return found

    def set_values(self, values: Values) -> None:
        """Shows values without a signal."""
        for key, editor in self.editors.items():
            value = values.get(key)
            editor.blockSignals(True)
            if isinstance(editor, ComboBox):
                number = editor.findData(value)
                if number < 0 and value:
                    editor.addItem(str(value), value)
                    number = editor.count() - 1
                editor.setCurrentIndex(max(0, number))
            elif isinstance(editor, MoneyEdit):
                editor.set_pence(value if isinstance(value, int) and value else None)
            elif isinstance(editor, LineEdit):
                editor.setText(str(value or ""))
                editor.setCursorPosition(0)
            editor.blockSignals(False)

    def unreadable(self) -> str:
        """What is wrong with an amount that cannot be read; empty when all can be."""
        wrong = [editor.problem() for editor in self.editors.values() if isinstance(editor, MoneyEdit)]
        return next((words for words in wrong if words), "")

    def empty(self) -> bool:
        """Whether nothing is written in it."""
        return not any(self.values().values()) and not self.unreadable()

    def say(self, words: str, tone: str = "muted") -> None:
        """Says something about the row beneath it."""
        self.said.setText(words)
        self.said.set_tone(tone)
        self.said.setVisible(bool(words))
        for editor in self.editors.values():
            editor.setAccessibleDescription(words)

    def focus_first(self) -> None:
        """Goes to its first box."""
        self.editors[self._boxes[0].key].setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next box, or out of the last one."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in _ENTER
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        ):
            order = [self.editors[box.key] for box in self._boxes]
            place = next(n for n, editor in enumerate(order) if editor is watched)
            if place + 1 < len(order):
                order[place + 1].setFocus(Qt.FocusReason.TabFocusReason)
            else:
                self.left_last.emit()
            return True
        return super().eventFilter(watched, event)


class RowsEditor(QWidget):
    """Rows under their headings. `changed` is told at every letter; `judge` says something of each row."""

    changed = Signal()

    def __init__(
        self,
        boxes: Sequence[Box],
        noun: str,
        judge: Callable[[Values], tuple[str, str]] | None = None,
        most: int = 200,
    ) -> None:
        super().__init__()
        self._boxes, self._noun, self._judge, self._most = tuple(boxes), noun, judge, most
        self._funds: tuple[tuple[str, str], ...] = ()
        self.rows: list[_EditedRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._heads = QHBoxLayout()
        self._heads.setSpacing(6)
        self._labels: list[tuple[Label, Box]] = []
        for box in self._boxes:
            label = Label(box.heading, "hint_strong", "muted")
            if box.kind == "money":
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._labels.append((label, box))
            self._heads.addWidget(label, 1 if box.stretch else 0)
        self._gap = QWidget()
        self._heads.addWidget(self._gap)
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.more = Button(f"Add another {noun.lower()}", "word", "plus", on_click=self.add)
        column.addLayout(self._heads)
        column.addLayout(self._column)
        column.addWidget(WrapRow([self.more]))
        self.restyle()

    def restyle(self) -> None:
        """Keeps the headings over their boxes."""
        for label, box in self._labels:
            if box.stretch:
                label.setMinimumWidth(theme().wide(box.width))
            else:
                label.setFixedWidth(theme().wide(box.width))
        self._gap.setFixedWidth(max(24, theme().icon_size(16) + 8))

    def set_funds(self, funds: Sequence[tuple[str, str]]) -> None:
        """Offers these funds, code and name, in rows made from now on."""
        self._funds = tuple(funds)

    def set_values(self, values: Sequence[Values]) -> None:
        """Replaces the rows, without a signal; there is always one to write in."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for one in values or [{}]:
            self._append().set_values(one)
        self._renumber()
        self.judge_all()

    def values(self) -> list[Values]:
        """The rows that hold something."""
        return [row.values() for row in self.rows if not row.empty()]

    def total(self, key: str = "pence") -> int:
        """What the amounts that can be read come to."""
        return sum(value for row in self.values() if isinstance(value := row.get(key), int))

    def unreadable(self) -> list[tuple[str, QWidget]]:
        """The rows whose amount cannot be read, as a sentence each with the box it speaks of."""
        found: list[tuple[str, QWidget]] = []
        for number, row in enumerate(self.rows, 1):
            if words := row.unreadable():
                box = next(box.key for box in self._boxes if box.kind == "money")
                found.append((f"{self._noun} {number}: {words}", row.editors[box]))
        return found

    def add(self, values: Values | None = None) -> None:
        """Adds a row and goes to it."""
        if len(self.rows) >= self._most:
            return
        row = self._append()
        if values:
            row.set_values(values)
            self._judged(row)
        self._renumber()
        row.focus_first()

    def focus_first(self) -> None:
        """Goes to the first row."""
        self.rows[0].focus_first()

    def judge_all(self) -> None:
        """Says of every row what there is to say."""
        for row in self.rows:
            self._judged(row)

    def _append(self) -> _EditedRow:
        row = _EditedRow(self._boxes, self._noun, self._funds)
        self.rows.append(row)
        self._column.addWidget(row)
        row.edited.connect(partial(self._edited, row))
        row.left_last.connect(partial(self._next, row))
        row.remove.clicked.connect(partial(self._remove, row))
        return row

    def _edited(self, row: _EditedRow) -> None:
        self._judged(row)
        self.changed.emit()

    def _judged(self, row: _EditedRow) -> None:
        if wrong := row.unreadable():
            row.say(wrong, "danger")
        elif self._judge is not None and not row.empty():
            words, tone = self._judge(row.values())
            row.say(words, tone)
        else:
            row.say("")

    def _next(self, row: _EditedRow) -> None:
        place = self.rows.index(row)
        if place + 1 < len(self.rows):
            self.rows[place + 1].focus_first()
        elif not row.empty():
            self.add()

    def _remove(self, row: _EditedRow, _checked: bool = False) -> None:
        place = self.rows.index(row)
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        if not self.rows:
            self._append()
        self._renumber()
        self.rows[min(place, len(self.rows) - 1)].focus_first()
        self.changed.emit()

    def _renumber(self) -> None:
        for number, row in enumerate(self.rows, 1):
            row.number(number)
