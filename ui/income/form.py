"""The short forms of the Income tab: a note or reason, and a new bank account."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.income.reading import StatementRead
from ui.widgets import Button, Field, Label, LineEdit, MoneyEdit, ScrollColumn, WrapRow


class AccountForm(QWidget):
    """A new bank account for a statement whose account is not here yet."""

    cancelled = Signal()
    saved = Signal(str, str, int)  # sort code and number or IBAN, name, book balance at the start in pence

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.side = "Add this account", ""
        self.intro = Label("", wrap=True)
        self.name = LineEdit()
        self.name.setObjectName("income-account-name")
        self.opening = MoneyEdit()
        self.opening.setObjectName("income-account-opening")
        self.number = LineEdit()
        self.number.setObjectName("income-account-number")
        self.number_field = Field(
            "Sort code and number",
            self.number,
            "Like 20-00-00 12345678, or the IBAN; the file does not say it",
        )
        self._named = ""
        self.name_field = Field("What you call it", self.name, "Like General account or Housing rents")
        self.opening_field = Field(
            "What the book says at the start",
            self.opening,
            "The bank’s own opening balance, unless you know better",
        )
        self.save = Button("Add account and import", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("income-account-save")
        self.cancel = Button("Cancel", key="Esc", on_click=self.cancelled.emit)
        scroll = ScrollColumn()
        acts = WrapRow([self.save, self.cancel], 8)
        for widget in (self.intro, self.number_field, self.name_field, self.opening_field, acts):
            scroll.body.addWidget(widget)
        scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll, 1)

    def ask(self, statement: StatementRead) -> None:
        """Sets the form up for the account of a statement."""
        self._named = statement.account
        told = f"The statement is for account {statement.account}." if self._named else "A new bank account."
        self.intro.setText(f"{told} Add it only when it is one of the council’s.")
        self.number.setText("")
        self.number_field.setVisible(not self._named)
        self.name.setText("")
        self.opening.set_pence(statement.opening.pence if statement.opening is not None else 0)
        for field in (self.number_field, self.name_field, self.opening_field):
            field.set_error(None)

    def submit(self) -> None:
        """Checks both fields and hands them over."""
        name, pence = self.name.text().strip(), self.opening.pence()
        number = self._named or self.number.text().strip()
        self.number_field.set_error(None if number else "Write the sort code and number, or the IBAN")
        self.name_field.set_error(None if name else "Write what your office calls this account")
        self.opening_field.set_error(
            None if pence is not None else "Write a sum in pounds and pence, like 1,250.00"
        )
        if not number:
            self.number.setFocus()
        elif not name:
            self.name.setFocus()
        elif pence is None:
            self.opening.setFocus()
        else:
            self.saved.emit(number, name, pence)

    def focus_first(self) -> None:
        """Goes to the first field."""
        first = self.name if self._named else self.number
        first.setFocus(Qt.FocusReason.OtherFocusReason)
