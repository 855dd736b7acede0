"""Fields for one kind of thing: a sum of money, a date. Each says what to put right in a sentence."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.fields import LineEdit
from ui.widgets.text import Label


class MoneyEdit(LineEdit):
    """A sum of money in pounds as people type it; read in whole pence."""

    def __init__(self, pence: int | None = None, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", "", name, parent)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.set_pence(pence)

    def set_pence(self, pence: int | None) -> None:
        """Shows a sum; None empties the box."""
        if pence is None:
            self.clear()
            return
        sign = "−" if pence < 0 else ""
        self.setText(f"{sign}{abs(pence) // 100:,}.{abs(pence) % 100:02d}")

    def pence(self) -> int | None:
        """The sum in pence; None when the box is empty or holds no sum (see `problem`)."""
        words = self.text().strip().replace("£", "").replace(",", "").replace(" ", "").replace("−", "-")
        sign = -1 if words.startswith("-") else 1
        pounds, point, part = words.lstrip("-").partition(".")
        if not (pounds or part) or len(part) > 2 or (point and not part):
            return None
        if not (pounds or "0").isascii() or not (pounds or "0").isdigit() or not (part or "0").isdigit():
            return None
        return sign * (int(pounds or 0) * 100 + int(part.ljust(2, "0") or 0))

    def problem(self) -> str | None:
        """What to put right, as a sentence; None when it is empty or holds a sum."""
        if not self.text().strip() or self.pence() is not None:
            return None
        return "Write a sum in pounds and pence, like 12.50"


class DateBoxes(QWidget):
    """A date as three boxes: day, month, year. Two digits of a year mean this century."""

    changed = Signal()

    def __init__(self, value: date | None = None, name: str = "Date", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.boxes: list[LineEdit] = []
        self._columns: list[tuple[LineEdit, int]] = []
        for part, width in (("Day", 52), ("Month", 52), ("Year", 76)):
            column = QVBoxLayout()
            column.setSpacing(2)
            box = LineEdit(name=f"{name}: {part.lower()}")
            box.setMaxLength(4 if part == "Year" else 2)
            label = Label(part, "hint", "muted")
            label.setBuddy(box)
            column.addWidget(label)
            column.addWidget(box)
            row.addLayout(column)
            box.textEdited.connect(lambda _text: self.changed.emit())
            self.boxes.append(box)
            self._columns.append((box, width))
        row.addStretch(1)
        self.setFocusProxy(self.boxes[0])
        self.restyle()
        self.set_value(value)

    def restyle(self) -> None:
        """Widens the boxes with the text."""
        for box, width in self._columns:
            box.setFixedWidth(theme().wide(width))

    def set_value(self, value: date | None) -> None:
        """Shows a date; None empties the boxes."""
        words = ["", "", ""] if value is None else [str(value.day), str(value.month), str(value.year)]
        for box, word in zip(self.boxes, words, strict=True):
            box.setText(word)

    def value(self) -> date | None:
        """The date; None when the boxes are empty or hold no date (see `problem`)."""
        words = [box.text().strip() for box in self.boxes]
        if not all(word.isascii() and word.isdigit() for word in words):
            return None
        day, month, year = map(int, words)
        try:
            return date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            return None

    def problem(self) -> str | None:
        """What to put right, as a sentence; None when it is empty or holds a date."""
        if not any(box.text().strip() for box in self.boxes) or self.value() is not None:
            return None
        return "Write a real date, like 17 12 2026"
