"""The cash sheet: every note and coin with its number and its value side by side; one makes the other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.income.office.cash import COINS, NOTES, fault, name_of
from app.wording import money
from ui.theme import theme
from ui.widgets import Label, LineEdit, MoneyEdit

_LEFT = (*NOTES, *COINS[:2])  # notes and pound coins at the left, the small coins at the right
_RIGHT = COINS[2:]


class _Denomination:
    """The two boxes of one note or coin, and what is wrong with them."""

    def __init__(self, value: int) -> None:
        self.value = value
        words = name_of(value)
        self.label = Label(words.split(" ")[0], "strong")
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.count, self.pence = LineEdit(name=f"Number of {words}"), MoneyEdit(name=f"Value of {words}")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.count.setObjectName(f"count-{value}")
        self.pence.setObjectName(f"value-{value}")
        self.error = Label("", "hint_strong", "danger", wrap=True)
        self.error.hide()


class CashSheet(QWidget):
    """Two blocks of rows: denomination, number, value. `changed` is told at every letter."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = {value: _Denomination(value) for value in (*_LEFT, *_RIGHT)}
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(16)
        for block in (_LEFT, _RIGHT):
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addLayout(self._block(block))
            column.addStretch(1)
            outer.addLayout(column)
        for row in self.rows.values():
            row.count.textChanged.connect(partial(self._counted, row))
            row.pence.textChanged.connect(partial(self._valued, row))
        self.restyle()

    def _block(self, values: tuple[int, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for place, heading in enumerate(("", "Number", "Value")):
            label = Label(heading, "hint_strong", "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label, 0, place)
        for number, value in enumerate(values):
            row = self.rows[value]
            for place, widget in enumerate((row.label, row.count, row.pence)):
                grid.addWidget(widget, 2 * number + 1, place)
            grid.addWidget(row.error, 2 * number + 2, 0, 1, 3)
        return grid

    def restyle(self) -> None:
        """Widens the boxes with the text."""
        for row in self.rows.values():
            row.label.setMinimumWidth(theme().wide(38))
            row.count.setFixedWidth(theme().wide(66))
            row.pence.setFixedWidth(theme().wide(98))

    def set_values(self, values: Mapping[int, int]) -> None:
        """Shows pence by denomination, without a signal."""
        for row in self.rows.values():
            pence = values.get(row.value, 0)
            self._write(row, pence, str(pence // row.value) if pence else "")

    def values(self) -> dict[int, int]:
        """Pence by denomination, of those that can be read; whole or not."""
        found = {}
        for row in self.rows.values():
            if pence := row.pence.pence():
                found[row.value] = pence
        return found

    def faults(self) -> list[tuple[str, QWidget]]:
        """What has to be put right, each with the box it speaks of."""
        return [
            (words, row.pence if row.pence.text().strip() else row.count)
            for row in self.rows.values()
            if (words := self._fault(row))
        ]

    def focus_first(self) -> None:
        """Goes to the number of the largest note."""
        self.rows[_LEFT[0]].count.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fault(self, row: _Denomination) -> str:
        counted, valued = row.count.text().strip(), row.pence.text().strip()
        if counted and not counted.isdecimal():
            return f"Write the number of {name_of(row.value)} in figures."
        if not valued:
            return ""
        pence = row.pence.pence()
        if pence is None:
            return row.pence.problem() or ""
        return fault(row.value, pence)

    def _write(self, row: _Denomination, pence: int | None, count: str) -> None:
        for editor in (row.count, row.pence):
            editor.blockSignals(True)
        row.pence.set_pence(pence or None)
        row.count.setText(count)
        for editor in (row.count, row.pence):
            editor.blockSignals(False)
        self._judge(row)

    def _counted(self, row: _Denomination, text: str) -> None:
        words = text.strip()
        row.pence.blockSignals(True)
        if words.isdecimal() and len(words) < 8:
            row.pence.set_pence(int(words) * row.value or None)
        else:
            row.pence.clear()
        row.pence.blockSignals(False)
        self._judge(row)
        self.changed.emit()

    def _valued(self, row: _Denomination, _text: str) -> None:
        pence = row.pence.pence()
        whole = pence is not None and pence >= 0 and pence % row.value == 0
        row.count.blockSignals(True)
        row.count.setText(str(pence // row.value) if whole and pence else "")
        row.count.blockSignals(False)
        self._judge(row)
        self.changed.emit()

    def _judge(self, row: _Denomination) -> None:
        words = self._fault(row)
        row.error.setText(words)
        row.error.setVisible(bool(words))
        said = f"To put right: {words}" if words else ""
        row.pence.setAccessibleDescription(said)
        row.count.setAccessibleDescription(said)


def total_words(values: Mapping[int, int]) -> str:
    """What the sheet comes to, in words: £412.50 in notes and coins."""
    notes = sum(pence for value, pence in values.items() if value in NOTES)
    coins = sum(values.values()) - notes
    parts = [f"{money(notes)} in notes"] if notes else []
    parts += [f"{money(coins)} in coins"] if coins else []
    return " and ".join(parts) or "nothing counted yet"
