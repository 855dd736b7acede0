"""The doors of the vault: setting it up, the recovery code shown once, the lock, a new passphrase."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.context import Council
from app.wellbeing.vault import LEAST_LETTERS
from models.errors import HoldallError
from ui.wellbeing.parts import HelpNote, Points, Sheet, named
from ui.widgets import Button, Card, CheckBox, ErrorSummary, Field, Label, LineEdit, WrapRow

_HINT = f"At least {LEAST_LETTERS} letters. Three or four words that only you would put together are good."


class _Secret(LineEdit):
    """A line whose letters are hidden until the person wants to see them."""

    def __init__(self, name: str, object_name: str) -> None:
        super().__init__(name=name)
        self.setObjectName(f"wellbeing-{object_name}")
        self.show_letters(False)

    def show_letters(self, on: bool) -> None:
        """Shows or hides what is typed."""
        self.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)


class PassphraseFields(QWidget):
    """A new passphrase, typed twice, with a box to see it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = _Secret("Passphrase", "new-passphrase")
        self.second = _Secret("The same again", "same-again")
        self.field = Field("Passphrase", self.first, _HINT)
        self.again = Field("The same again", self.second)
        self.seen = CheckBox("Show what I type")
        self.seen.toggled.connect(self.first.show_letters)
        self.seen.toggled.connect(self.second.show_letters)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self.field, self.again, self.seen):
            column.addWidget(part)

    def checked(self) -> tuple[str | None, list[tuple[str, QWidget]]]:
        """The passphrase, or None and what is to be put right."""
        words, errors = self.first.text(), list[tuple[str, QWidget]]()
        self.field.set_error(None)
        self.again.set_error(None)
        if len(words.strip()) < LEAST_LETTERS:
            self.field.set_error(f"This needs at least {LEAST_LETTERS} letters")
            errors.append((f"Make the passphrase {LEAST_LETTERS} letters or longer", self.first))
        elif words != self.second.text():
            self.again.set_error("This is not the same as above")
            errors.append(("Type the same passphrase twice", self.second))
        return (None if errors else words), errors

    def clear(self) -> None:
        """Forgets what was typed."""
        for line in (self.first, self.second):
            line.clear()
        self.seen.setChecked(False)
        self.field.set_error(None)
        self.again.set_error(None)


class SetupView(Sheet):
    """The first time: what the vault is, and a passphrase for it. Also used to choose a new passphrase."""

    asked = Signal(str)  # the passphrase
    left = Signal()
    who_asked = Signal()

    def __init__(self, council: Council, parent: QWidget | None = None) -> None:
        super().__init__("How work is for you", "A private check of your working life", parent=parent)
        self.errors = ErrorSummary()
        self.title = Label("First, a vault that only you can open", "question", wrap=True)
        self.points = Points(
            [
                ("lock", "What you answer is sealed on this laptop before it is kept or sent anywhere."),
                ("eye-off", "Nobody else can read it: not your manager, not IT, not the server."),
                ("key-round", "It opens with a passphrase of yours, or with a recovery code on paper."),
                ("triangle-alert", "Lose both, and it stays shut for good. Nobody can help you then."),
            ]
        )
        self.fields = PassphraseFields()
        self.make = named(
            Button("Make my vault", "primary", key="Enter", big=True, on_click=self._ask), "make"
        )
        self.who = named(Button("Who can read what?", "word", on_click=self.who_asked.emit), "who-first")
        self.cancel = Button("Not now", big=True, on_click=self.left.emit)
        self.help = HelpNote(council)
        for part in (self.errors, self.title, self.points, self.fields):
            self.body.addWidget(part)
        for button in (self.make, self.cancel, self.who):
            self.acts.add(button)
        self.beside(self.help)
        self.set_purpose(False)

    def set_purpose(self, renewing: bool) -> None:
        """Asks for a first passphrase, or for a new one in place of an old."""
        self.points.setVisible(not renewing)
        self.who.setVisible(not renewing)
        self.cancel.setVisible(renewing)
        self.title.setText("Choose a new passphrase" if renewing else "First, a vault that only you can open")
        self.make.setText("Change the passphrase" if renewing else "Make my vault")
        self.fields.clear()
        self.errors.show_errors([])

    def _ask(self) -> None:
        words, errors = self.fields.checked()
        self.errors.show_errors(errors)
        if words is not None:
            self.asked.emit(words)

    def busy(self, on: bool) -> None:
        """While the key is being made, a second press does nothing."""
        self.make.setEnabled(not on)


class CodeView(Sheet):
    """The recovery code, shown this once. It goes on when the person says it is on paper."""

    copied = Signal()
    paper_asked = Signal()
    confirmed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Your recovery code", "It is shown this once", parent=parent)
        self.errors = ErrorSummary()
        words = Label("Write this on paper and keep it at home", "question", wrap=True)
        why = Label(
            "If you forget your passphrase, this code opens your vault on any laptop. Nobody has a copy of "
            "it. Large and small letters are the same; 0 is always nought.",
            wrap=True,
        )
        self.code = QWidget()
        self.code.setObjectName("wellbeing-code")
        self.lines = [Label("", "subfigure", selectable=True) for _ in range(2)]
        column = QVBoxLayout(self.code)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for line in self.lines:
            column.addWidget(line)
        self.card = Card(decision=True, margins=(24, 16, 24, 16))
        self.card.body.addWidget(self.code)
        self.written = CheckBox("I have written the code down")
        self.written.setObjectName("wellbeing-written")
        self.copy = named(Button("Copy the code", icon="copy", on_click=self.copied.emit), "copy-code")
        self.paper = named(
            Button("Save a sheet to print…", icon="printer", on_click=self.paper_asked.emit), "code-paper"
        )
        self.go = named(
            Button("Continue", "primary", key="Enter", big=True, on_click=self._go), "code-continue"
        )
        for part in (self.errors, words, why, self.card):
            self.body.addWidget(part)
        row = WrapRow([self.copy, self.paper], 10)
        self.body.addWidget(row)
        self.body.addWidget(self.written)
        self.acts.add(self.go)

    def show_code(self, code: str) -> None:
        """Shows a code in its groups."""
        groups = code.split("-")
        for line, part in zip(self.lines, (groups[:4], groups[4:]), strict=True):
            line.setText("   ".join(part))
            line.setAccessibleName(", ".join(" ".join(group) for group in part))
        self.written.setChecked(False)
        self.errors.show_errors([])

    def forget(self) -> None:
        """Takes the code off the screen and out of the widgets."""
        for line in self.lines:
            line.clear()
            line.setAccessibleName("Recovery code")

    def _go(self) -> None:
        if not self.written.isChecked():
            self.errors.show_errors([("Tick the box when the code is on paper", self.written)])
            return
        self.confirmed.emit()


class LockedView(Sheet):
    """The shut vault: a passphrase, or the recovery code, and help that needs neither."""

    passphrase_given = Signal(str)
    code_given = Signal(str)
    who_asked = Signal()
    left = Signal()

    def __init__(self, council: Council, sample_passphrase: str = "", parent: QWidget | None = None) -> None:
        super().__init__("How work is for you", "A private check of your working life", parent=parent)
        self._by_code = False
        self._more = False
        self._sample = sample_passphrase
        self.title = Label("Your vault is locked", "question", wrap=True)
        self.words = Label("", wrap=True)
        self.secret = _Secret("Passphrase", "passphrase")
        self.field = Field("Passphrase", self.secret)
        self.seen = CheckBox("Show what I type")
        self.seen.toggled.connect(self.secret.show_letters)
        self.open = named(
            Button("Open the vault", "primary", "lock-open", "Enter", big=True, on_click=self._ask), "open"
        )
        self.other = named(Button("Use the recovery code", "word", on_click=self._turn), "use-code")
        self.who = named(Button("Who can read what?", "word", on_click=self.who_asked.emit), "who-locked")
        self.cancel = Button("Not now", big=True, on_click=self.left.emit)
        self.help = HelpNote(council)
        for part in (self.title, self.words, self.field, self.seen):
            self.body.addWidget(part)
        for button in (self.open, self.cancel, self.other, self.who):
            self.acts.add(button)
        self.beside(self.help)
        self.ask_for(by_code=False)

    def ask_for(self, by_code: bool, more: bool = False) -> None:
        """Asks for the passphrase or the code; `more` for the part of the vault that is still shut."""
        self._by_code, self._more = by_code, more
        self.cancel.setVisible(more)
        self.title.setText("Another part of your vault is locked" if more else "Your vault is locked")
        words = "Nobody else can open it. What you wrote is safe while it is locked."
        if more:
            words = "It was set up on another laptop with a passphrase of its own. Type that one here, once."
        self.words.setText(words)
        label = "Recovery code" if by_code else "Passphrase"
        hint = (
            "Eight groups of four and one last sign. Spaces and small letters do not matter."
            if by_code
            else ""
        )
        if not by_code and self._sample and not more:
            hint = (
                f"This is the sample council, which holds nothing real. Its passphrase is “{self._sample}”."
            )
        self.field.label.setText(label)
        self.secret.setAccessibleName(label)
        self.field.set_hint(hint)
        self.other.setText("Use the passphrase" if by_code else "Use the recovery code")
        self.seen.setChecked(by_code)
        self.forget()

    def forget(self) -> None:
        """Empties the line."""
        self.secret.clear()
        self.field.set_error(None)
        self.busy(False)

    def refuse(self, error: HoldallError) -> None:
        """Says in one sentence that this does not open it, and lets the person try again."""
        self.busy(False)
        self.field.set_error(str(error))
        self.secret.setFocus()
        self.secret.selectAll()

    def busy(self, on: bool) -> None:
        """While the words are tried, a second press does nothing."""
        self.open.setEnabled(not on)
        self.open.setText("Opening…" if on else "Open the vault")

    def showEvent(self, event: QShowEvent) -> None:
        """The line is where one types."""
        super().showEvent(event)
        self.secret.setFocus()

    def _turn(self) -> None:
        self.ask_for(not self._by_code, self._more)
        self.secret.setFocus()

    def _ask(self) -> None:
        words = self.secret.text()
        if not words.strip():
            self.field.set_error("Type the recovery code" if self._by_code else "Type your passphrase")
            self.secret.setFocus()
            return
        self.busy(True)
        (self.code_given if self._by_code else self.passphrase_given).emit(words)
