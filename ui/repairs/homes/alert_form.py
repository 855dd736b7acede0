"""The form of an alert: about a person or the place, what to know, until when."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.repairs.homes.alerts import LONGEST_WORDS
from app.repairs.service import months_later
from models.errors import HoldallError
from models.repairs import AlertKind
from ui.deck import DeckView
from ui.widgets import Button, ComboBox, DateBoxes, ErrorSummary, Field, Label, TextArea, WrapRow

KINDS = ((AlertKind.PERSON, "Somebody who lives there"), (AlertKind.LOCATION, "The place"))
USUAL_MONTHS = 12


class AlertForm(DeckView):
    """Asks for one alert. `saved` carries kind, words and the last day (or None)."""

    saved = Signal(object, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add an alert", parent)
        self.errors = ErrorSummary()
        self.kind = ComboBox(name="What is it about?")
        self.kind.setObjectName("repairs-alert-kind")
        for kind, words in KINDS:
            self.kind.addItem(words, kind)
        self.words = TextArea(lines=2, most=4, longest=LONGEST_WORDS)
        self.words.setObjectName("repairs-alert-words")
        self.until = DateBoxes(name="Until")
        self.words_field = Field("What to know before anybody goes there", self.words)
        self.until_field = Field("Until", self.until, "Needed for a person; then it is looked at again.")
        self.note = Label(
            "Say what to do, not what is wrong with somebody: “Two to visit”. They may ask to read it.",
            "hint",
            "muted",
            wrap=True,
        )
        for widget in (
            self.errors,
            Field("What is it about?", self.kind),
            self.words_field,
            self.note,
            self.until_field,
        ):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.save = Button("Add the alert", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("repairs-alert-save")
        self.cancel = Button("Back", icon="arrow-left", key="Esc", on_click=self.left.emit)
        self.cancel.setObjectName("repairs-alert-cancel")
        self.foot.addWidget(WrapRow([self.save, self.cancel], 8))

    def ask(self, where: str, today: date) -> None:
        """Empties the form for a home; a year is proposed."""
        self.side = where
        self.kind.setCurrentIndex(0)
        self.words.set_text("")
        self.until.set_value(months_later(today, USUAL_MONTHS))
        self.errors.show_errors([])
        for field in (self.words_field, self.until_field):
            field.set_error(None)

    def focus_first(self) -> None:
        """What it is about."""
        self.kind.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Hands the alert on; a date that is none is said at its field."""
        problem = self.until.problem()
        self.until_field.set_error(problem)
        if problem:
            self.errors.show_errors([(problem, self.until)])
            return
        self.saved.emit(AlertKind(self.kind.currentData()), self.words.text(), self.until.value())

    def refuse(self, error: HoldallError) -> None:
        """Says above the form what cannot stand."""
        target: QWidget = self.until if "day" in error.title or "past" in error.title else self.words
        self.errors.show_errors([(str(error), target)])
