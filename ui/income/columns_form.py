"""The forms of a file that does not say enough: how its dates are written, which column is what, for whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.income.preview import Preview
from ui.deck import acts
from ui.income.proposal import ordinal
from ui.widgets import (
    Button,
    Column,
    ComboBox,
    ErrorSummary,
    Field,
    Label,
    Row,
    ScrollColumn,
    Table,
)

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_PLACES = (
    ("date", "Date", True),
    ("amount", "Amount, with a minus for money out", False),
    ("credit", "Money in", False),
    ("debit", "Money out", False),
    ("narrative", "The bank’s words", True),
    ("more", "More of its words", False),
    ("reference", "Reference", False),
    ("balance", "Balance after each line", False),
)


def date_question(example: str) -> tuple[str, str, str]:
    """The question about an ambiguous date, and both answers: 3 April, 4 March."""
    parts = [int(part) for part in re.findall(r"\d+", example)[:2]]
    if len(parts) < 2 or not all(1 <= part <= 12 for part in parts):
        return f"Is {example} written with its day first or its month first?", "Day first", "Month first"
    first, second = parts
    one, other = f"{first} {_MONTHS[second - 1]}", f"{second} {_MONTHS[first - 1]}"
    question = (
        f"Is {example} the {ordinal(first)} of {_MONTHS[second - 1]} "
        f"or the {ordinal(second)} of {_MONTHS[first - 1]}?"
    )
    return question, one, other


class QuestionPage(QWidget):
    """One question with its answers as buttons below each other, and a way to leave it."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.question = Label("", "question", wrap=True)
        self.intro = Label("", "body", "muted", wrap=True)
        self._answers = QVBoxLayout()
        self._answers.setSpacing(8)
        self.buttons: list[Button] = []
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        column.addWidget(self.question)
        column.addWidget(self.intro)
        column.addLayout(self._answers)
        column.addWidget(acts(self.cancel))
        column.addStretch(1)

    def ask(self, question: str, intro: str, answers: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """Asks; each answer is its words and what it does, and has its number as its key."""
        self.question.setText(question)
        self.intro.setText(intro)
        for button in self.buttons:
            self._answers.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for number, (words, act) in enumerate(answers, 1):
            button = Button(words, key=str(number) if number < 10 else None, on_click=act)
            button.setObjectName(f"answer-{number}")
            self.buttons.append(button)
            self._answers.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def focus_first(self) -> None:
        """Goes to the first answer."""
        self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)


class ColumnsForm(QWidget):
    """Which column is what, beside the first rows of the file."""

    left = Signal()
    said = Signal(object)  # the layout

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seen: Preview | None = None
        self.intro = Label("", wrap=True)
        self.errors = ErrorSummary()
        self._rows = QVBoxLayout()
        self.table: Table | None = None
        self.head = ComboBox()
        self.head.setObjectName("columns-head")
        self.dates = ComboBox((("Day first, like 3/12/2026", True), ("Month first, like 12/3/2026", False)))
        self.dates.setObjectName("columns-dates")
        self.boxes = {key: ComboBox() for key, _words, _needed in _PLACES}
        fields = QGridLayout()
        fields.setHorizontalSpacing(20)
        fields.setVerticalSpacing(8)
        shown = [Field("Headings", self.head), Field("Dates are written", self.dates)]
        for key, words, needed in _PLACES:
            self.boxes[key].setObjectName(f"columns-{key}")
            shown.append(Field(words, self.boxes[key], optional=not needed))
        for number, field in enumerate(shown):
            fields.addWidget(field, number // 3, number % 3, Qt.AlignmentFlag.AlignTop)
        self.read = Button("Read the file this way", "primary", key="Ctrl Enter", on_click=self.submit)
        self.read.setObjectName("columns-read")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        scroll = ScrollColumn((0, 0, 6, 0))
        scroll.body.addWidget(self.errors)
        scroll.body.addWidget(self.intro)
        scroll.body.addLayout(self._rows)
        scroll.body.addLayout(fields)
        scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll, 1)
        column.addWidget(acts(self.read, self.cancel))

    def ask(self, seen: Preview) -> None:
        """Sets the form up for the first rows of a file."""
        self.seen = seen
        self.intro.setText(
            f"Say once which column of “{seen.name}” is what. It is remembered for the account, so the next "
            "file of this kind is read by itself."
        )
        self.errors.show_errors([])
        self._show_rows(seen)
        self.head.clear()
        self.head.addItem("There are none", 0)
        for line, cells in seen.rows:
            words = ", ".join(cell for cell in cells if cell)[:40]
            self.head.addItem(f"Row {line}: {words}", line)
        headed = not any(any(mark.isdigit() for mark in cell) for cell in seen.rows[0][1])
        self.head.setCurrentIndex(1 if headed else 0)
        names = seen.rows[0][1] if headed else ()
        for key, _words, _needed in _PLACES:
            box = self.boxes[key]
            box.clear()
            box.addItem("None", None)
            for place in range(seen.width):
                name = names[place] if place < len(names) and names[place] else ""
                box.addItem(f"{place + 1}: {name}" if name else f"Column {place + 1}", place)
        for key, place in seen.guess(bool(headed)).items():
            self.boxes[key].setCurrentIndex(self.boxes[key].findData(place))

    def _show_rows(self, seen: Preview) -> None:
        if self.table is not None:
            self._rows.removeWidget(self.table)
            self.table.hide()
            self.table.deleteLater()
        columns = [Column("Row", 48, muted=True)]
        last = seen.width - 1
        columns += [Column(f"Column {place + 1}", 104, stretch=place == last) for place in range(seen.width)]
        self.table = Table(columns, name=f"The first rows of {seen.name}")
        self.table.set_rows(
            [
                Row(str(line), (str(line), *cells, *[""] * (seen.width - len(cells))))
                for line, cells in seen.rows[:6]
            ]
        )
        self._rows.addWidget(self.table)

    def submit(self) -> None:
        """Hands the layout over, or says which column is missing."""
        assert self.seen is not None  # noqa: S101 - a form on show has one
        chosen: dict[str, Any] = {
            key: box.currentData() for key, box in self.boxes.items() if box.currentData() is not None
        }
        wrong: list[tuple[str, QWidget]] = []
        if "date" not in chosen:
            wrong.append(("Choose the column with the date.", self.boxes["date"]))
        if "amount" not in chosen and not ("credit" in chosen and "debit" in chosen):
            told = "Choose the column with the amount, or both those with money in and money out."
            wrong.append((told, self.boxes["amount"]))
        if "narrative" not in chosen:
            wrong.append(("Choose the column with the bank’s words.", self.boxes["narrative"]))
        self.errors.show_errors(wrong)
        if wrong:
            return
        words = [chosen.pop("narrative")]
        if "more" in chosen:
            words.append(chosen.pop("more"))
        if "amount" in chosen:
            chosen.pop("credit", None)
            chosen.pop("debit", None)
        layout = self.seen.layout(
            {**chosen, "narrative": words}, self.head.currentData(), self.dates.currentData()
        )
        self.said.emit(layout)

    def focus_first(self) -> None:
        """Goes to the date."""
        self.boxes["date"].setFocus(Qt.FocusReason.OtherFocusReason)


def answers_of(choices: Sequence[tuple[str, str]], act: Callable[[str], object]) -> list[Any]:
    """Choices of (id, words) as answers of a QuestionPage."""
    return [(words, partial(act, record_id)) for record_id, words in choices]
