"""The short forms of the Content tab: new page, who looks after it, table, picture, note to the writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.content.blocks import Block, Table
from app.content.templates import TEMPLATES
from models.content import Kind
from ui.widgets import (
    Answer,
    AnswerList,
    Button,
    Card,
    CheckBox,
    DateBoxes,
    ErrorSummary,
    Field,
    Label,
    LineEdit,
    ScrollColumn,
    TextArea,
    WrapRow,
)

MOST_ROWS, MOST_COLUMNS = 40, 8


class Form(Card):
    """One question over the sheet: title, fields, an act and Cancel. Subclasses fill `fields`."""

    closed = Signal()

    def __init__(self, title: str, verb: str, parent: QWidget | None = None) -> None:
        super().__init__(margins=(20, 16, 12, 14), parent=parent)
        self.heading = Label(title, "subfigure", wrap=True)
        self.errors = ErrorSummary()
        self.column = ScrollColumn()
        self.fields: QVBoxLayout = self.column.body
        self.act = Button(verb, "primary", key="Ctrl Enter", on_click=self.submit)
        self.act.setObjectName("content-form-act")
        self.cancel = Button("Cancel", key="Esc", on_click=self.closed.emit)
        self.body.addWidget(self.heading)
        self.body.addWidget(self.errors)
        self.body.addWidget(self.column)
        self.acts = WrapRow([self.act, self.cancel], 8)
        self.body.addWidget(self.acts)
        self.body.addStretch(1)

    def submit(self) -> None:
        """Checks the fields and hands them over."""
        raise NotImplementedError

    def focus_first(self) -> None:
        """Goes to the first field."""


class NewPageForm(Form):
    """Which kind of page, in which language."""

    chosen = Signal(str, str)  # kind, language

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What will people do with this page?", "Begin the page", parent)
        answers = [Answer(t.kind.value, t.name, t.purpose) for t in TEMPLATES]
        self.answers = AnswerList(answers, or_last=False, name="Kind of page")
        self.answers.setObjectName("content-new-kind")
        self.welsh = CheckBox("This page is in Welsh")
        self.fields.addWidget(self.answers)
        self.fields.addWidget(self.welsh)
        self.fields.addStretch(1)
        self.answers.set_value(Kind.SERVICE_PAGE.value)

    def submit(self) -> None:
        """Hands over the kind."""
        kind = self.answers.value() or Kind.SERVICE_PAGE.value
        self.chosen.emit(kind, "cy" if self.welsh.isChecked() else "en-GB")

    def focus_first(self) -> None:
        """Goes to the first answer."""
        self.answers.focus_first()


class PageForm(Form):
    """Who looks after the page, where it will stand, the day of a news article."""

    chosen = Signal(str, str, str, object)  # name, telephone, path, day or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("About this page", "Keep this", parent)
        self.name, self.phone, self.path = LineEdit(), LineEdit(), LineEdit()
        self.name.setObjectName("content-contact")
        self.day = DateBoxes(name="Day of the news")
        self.name_field = Field(
            "Who looks after it", self.name, "A team is better than a person: people move on."
        )
        self.day_field = Field("Day of the news", self.day)
        self.fields.setSpacing(18)
        for field in (
            self.name_field,
            Field("Their telephone", self.phone, optional=True),
            Field("Where it will stand", self.path, "After the council’s address, like bins/missed"),
            self.day_field,
        ):
            self.fields.addWidget(field)
        self.fields.addStretch(1)

    def show_page(self, name: str, phone: str, path: str, day: date | None, news: bool) -> None:
        """Fills the form."""
        self.name.setText(name)
        self.phone.setText(phone)
        self.path.setText(path)
        self.day.set_value(day)
        self.day_field.setVisible(news)
        self.name_field.set_error(None)
        self.day_field.set_error(None)
        self.errors.show_errors([])

    def submit(self) -> None:
        """Hands over the fields, or says what to put right."""
        if problem := self.day.problem():
            self.day_field.set_error(problem)
            self.errors.show_errors([(problem, self.day)])
            return
        self.chosen.emit(self.name.text(), self.phone.text(), self.path.text(), self.day.value())

    def focus_first(self) -> None:
        """Goes to the name."""
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)


class NoteForm(Form):
    """What the writer should change, when a page is sent back."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Send it back with a note", "Send it back", parent)
        self.editor = TextArea(lines=5)
        self.editor.setObjectName("content-note")
        self.field = Field("What should change?", self.editor, "One sentence is enough.")
        self.fields.addWidget(self.field)
        self.fields.addStretch(1)

    def submit(self) -> None:
        """Hands over the note."""
        if not self.editor.text().strip():
            self.field.set_error("Say what to change, so that the writer knows")
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.field.set_error(None)
        self.chosen.emit(self.editor.text().strip())

    def focus_first(self) -> None:
        """Begins with an empty note."""
        self.editor.set_text("")
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)


class PictureForm(Form):
    """A picture in words, for people who do not see it."""

    chosen = Signal(object)  # Block

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("The picture in words", "Keep these words", parent)
        self.editor = TextArea(lines=3)
        self.editor.setObjectName("content-alt")
        hint = "What does it show that matters here? A screen reader reads this out."
        self.field = Field("In words", self.editor, hint)
        self.fields.addWidget(self.field)
        self.fields.addStretch(1)
        self._block: Block | None = None

    def show_block(self, block: Block) -> None:
        """Opens for a picture."""
        self._block = block
        self.editor.set_text(block.alt)

    def submit(self) -> None:
        """Hands over the picture with its words."""
        if self._block is not None:
            self.chosen.emit(replace(self._block, alt=" ".join(self.editor.text().split())))

    def focus_first(self) -> None:
        """Goes to the words."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)


class TableForm(Form):
    """A table as a grid of fields; the first row names the columns."""

    chosen = Signal(object)  # Block

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("The table", "Keep the table", parent)
        self.caption = LineEdit()
        self.fields.addWidget(Field("What the table shows", self.caption, optional=True))
        self._grid_host = QWidget()
        self._grid = QGridLayout(self._grid_host)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setSpacing(6)
        self.fields.addWidget(self._grid_host)
        sizes = [Button(words, "word", icon=icon, on_click=act) for words, icon, act in self._words()]
        self.fields.addWidget(WrapRow(list(sizes), 18))
        self.fields.addStretch(1)
        self.cells: list[list[LineEdit]] = []
        self._block: Block | None = None

    def _words(self) -> list[tuple[str, str, Callable[[], None]]]:
        return [
            ("Add a row", "plus", lambda: self._resize(1, 0)),
            ("Add a column", "plus", lambda: self._resize(0, 1)),
            ("Take the last row away", "minus", lambda: self._resize(-1, 0)),
            ("Take the last column away", "minus", lambda: self._resize(0, -1)),
        ]

    def show_block(self, block: Block) -> None:
        """Opens for a table."""
        self._block = block
        table = block.table or Table.of([["", ""], ["", ""]])
        self.caption.setText(table.caption)
        self._show([list(row) for row in table.rows])

    def rows(self) -> list[list[str]]:
        """The words in the grid."""
        return [[cell.text() for cell in row] for row in self.cells]

    def _show(self, rows: list[list[str]]) -> None:
        for old in self._flat():
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.cells = []
        for y, row in enumerate(rows):
            line = []
            for x, words in enumerate(row):
                name = f"Name of column {x + 1}" if y == 0 else f"Row {y}, column {x + 1}"
                cell = LineEdit(words, name if y == 0 else "", name)
                self._grid.addWidget(cell, y, x)
                line.append(cell)
            self.cells.append(line)
        for before, after in zip(self._flat(), self._flat()[1:], strict=False):
            QWidget.setTabOrder(before, after)

    def _flat(self) -> list[LineEdit]:
        return [cell for row in self.cells for cell in row]

    def _resize(self, more_rows: int, more_columns: int) -> None:
        rows = self.rows()
        height = min(MOST_ROWS, max(1, len(rows) + more_rows))
        width = min(MOST_COLUMNS, max(1, len(rows[0]) + more_columns))
        grown = [[*row, *[""] * width][:width] for row in rows] + [[""] * width for _ in range(height)]
        self._show(grown[:height])
        self.cells[-1][0].setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Hands over the table."""
        if self._block is not None:
            rows = [[" ".join(cell.split()) for cell in row] for row in self.rows()]
            table = Table.of(rows, " ".join(self.caption.text().split()))
            self.chosen.emit(replace(self._block, table=table))

    def focus_first(self) -> None:
        """Goes to the first cell."""
        if self.cells:
            self.cells[0][0].setFocus(Qt.FocusReason.OtherFocusReason)
