"""The form of a contact: what they ring about, and what they say. A chase needs its reason."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.repairs.homes.contacts import LONGEST_WORDS, REASON_WORDS
from models.repairs import ChaseReason, ContactKind
from ui.deck import DeckView
from ui.widgets import Button, ComboBox, ErrorSummary, Field, Label, TextArea, WrapRow


class ChaseForm(DeckView):
    """Asks for one contact. `saved` carries kind, reason (None for news) and the words; `left` leaves it."""

    saved = Signal(object, object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("They rang about it", parent)
        self.kind = ContactKind.CHASE
        self.intro = Label("", wrap=True)
        self.errors = ErrorSummary()
        self.reason = ComboBox(name="What do they ring about?")
        self.reason.setObjectName("repairs-chase-reason")
        self.reason.addItem("Choose one", None)
        for reason, words in REASON_WORDS.items():
            self.reason.addItem(words, reason)
        self.reason_field = Field("What do they ring about?", self.reason)
        self.words = TextArea(lines=3, most=8, longest=LONGEST_WORDS)
        self.words.setObjectName("repairs-chase-words")
        self.words_field = Field("What they say", self.words, optional=True)
        self.carried = Label("", "hint", "muted", wrap=True)
        for widget in (self.intro, self.errors, self.reason_field, self.words_field, self.carried):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.save = Button("Record the chase", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("repairs-chase-save")
        self.cancel = Button("Back", icon="arrow-left", key="Esc", on_click=self.left.emit)
        self.cancel.setObjectName("repairs-chase-cancel")
        self.foot.addWidget(WrapRow([self.save, self.cancel], 8))

    def ask(self, kind: ContactKind, about: str, words: str = "", carried: str = "") -> None:
        """Sets the form up: for a chase or for news about a repair, with the words typed so far."""
        chase = kind is ContactKind.CHASE
        self.kind = kind
        self.title = "This is a chase" if chase else "Something new about it"
        self.intro.setText(f"About {about}. No second repair is made of it.")
        self.reason_field.setVisible(chase)
        self.reason_field.set_error(None)
        self.reason.setCurrentIndex(0)
        self.words.set_text(words)
        self.carried.setText(carried)
        self.carried.setVisible(bool(carried))
        self.errors.show_errors([])
        self.save.setText("Record the chase" if chase else "Record what is new")

    def focus_first(self) -> None:
        """The reason, or the words where none is asked."""
        target = self.reason if self.kind is ContactKind.CHASE else self.words
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Hands the contact on, or says what is missing."""
        found = self.reason.currentData()
        reason = ChaseReason(found) if found is not None else None
        if self.kind is ContactKind.CHASE and reason is None:
            self.reason_field.set_error("Choose what they ring about")
            self.errors.show_errors([("Choose what they ring about", self.reason)])
            return
        if self.kind is not ContactKind.CHASE and not self.words.text().strip():
            self.words_field.set_error("Write what is new")
            self.errors.show_errors([("Write what is new", self.words)])
            return
        self.saved.emit(self.kind, reason, self.words.text())
