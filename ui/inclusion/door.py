"""The forms beside an open register: a new person, somebody who is here, closing, a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.inclusion import rules
from app.inclusion.reading import Here, Register
from app.wording import clock_time, plural
from models.errors import HoldallError
from models.inclusion import Answer
from ui.inclusion.form import Form
from ui.inclusion.items import here_words, hours_words
from ui.widgets import Button, Card, CheckBox, Field, Label, LineEdit, TextArea, WrapRow, clear_layout


@dataclass(frozen=True)
class NewPerson:
    """The three answers of a new person, with the kind of each answer."""

    name: str
    year: int | None
    postcode: str
    year_answer: Answer
    postcode_answer: Answer


class PersonForm(Form):
    """A new person in three answers. Somebody alike on record is shown as soon as the name says so."""

    added = Signal(object)  # NewPerson
    known = Signal(str)  # it is this person on record
    name_changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("New person", "Add and mark present", "person", parent)
        self._today = date(2000, 1, 1)
        self.name, self.year, self.postcode = LineEdit(), LineEdit(), LineEdit()
        self.year_unsaid, self.postcode_unsaid = CheckBox("Rather not say"), CheckBox("Rather not say")
        self.year_unsaid.setAccessibleName("Rather not say the year of birth")
        self.postcode_unsaid.setAccessibleName("Rather not say the postcode")
        for widget, name in ((self.name, "name"), (self.year, "year"), (self.postcode, "postcode")):
            widget.setObjectName(f"inclusion-person-{name}")
        self.name_field = Field("Name", self.name, "As they want to be called")
        self.year_field = Field("Year of birth", self.year, "Like 1958, or an age. Enter leaves it out")
        self.postcode_field = Field("Postcode", self.postcode, "AV3 alone is enough. Enter leaves it out")
        self.alike = QVBoxLayout()
        self.alike.setSpacing(8)
        self.add(self.name_field)
        self.fields.body.addLayout(self.alike)
        self.add(self.year_field, self.year_unsaid, self.postcode_field, self.postcode_unsaid)
        self.finish()
        for line in (self.name, self.year):
            line.textChanged.connect(lambda _text: self._look())

    def ask(self, name: str, today: date) -> None:
        """Sets the form up for a name that was typed in the search box."""
        self._today = today
        self.clear_errors()
        self.name.setText(name)
        self.year.clear()
        self.postcode.clear()
        for box in (self.year_unsaid, self.postcode_unsaid):
            box.setChecked(False)

    def _look(self) -> None:
        try:
            year = rules.read_year_of_birth(self.year.text(), self._today)
        except HoldallError:
            year = None
        self.name_changed.emit(self.name.text(), year)

    def show_alike(self, found: Sequence[rules.Likeness]) -> None:
        """Shows people on record who may be this one."""
        clear_layout(self.alike)
        for one in found[:3]:
            card = Card(tone="warn")
            card.body.addWidget(Label(f"{one.name}, {one.code}", "strong", wrap=True))
            card.body.addWidget(Label(f"On record with {one.reason}.", "body", "muted", wrap=True))
            button = Button("It is this person", on_click=partial(self.known.emit, one.person_id))
            button.setAccessibleName(f"It is this person: {one.name}, {one.code}")
            card.body.addWidget(WrapRow([button]))
            self.alike.addWidget(card)

    def submit(self) -> None:
        """Checks the three answers and hands them over."""
        self.clear_errors()
        errors: list[tuple[str, Field]] = []
        year: int | None = None
        if not self.name.text().strip():
            errors.append(("Write a name, a first name alone will do", self.name_field))
        try:
            year = rules.read_year_of_birth(self.year.text(), self._today)
        except HoldallError as error:
            errors.append((str(error), self.year_field))
        try:
            rules.read_postcode(self.postcode.text())
        except HoldallError as error:
            errors.append((str(error), self.postcode_field))
        if errors:
            self.refuse(errors)
            return
        unsaid = [
            Answer.PREFER_NOT_TO_SAY if box.isChecked() else Answer.NOT_ASKED
            for box in (self.year_unsaid, self.postcode_unsaid)
        ]
        self.added.emit(NewPerson(self.name.text(), year, self.postcode.text(), *unsaid))


class HereForm(Form):
    """Somebody in the register: what they work on, when they left, or that they were marked by mistake."""

    working = Signal(str, str)  # person, words; saved as they are typed
    left_at = Signal(str, str)  # person, time as typed
    taken_out = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "They left at this time", "here-form", parent)
        self.person_id = ""
        self.work, self.left = LineEdit(), LineEdit()
        self.work.setObjectName("inclusion-working-on")
        self.left.setObjectName("inclusion-left-at")
        self.left_field = Field("Left at", self.left, "Now, unless you write another time")
        self.add(
            Field("Working on", self.work, "A few words. Saved as you type", optional=True), self.left_field
        )
        self.out = Button(
            "Take out of the register", "danger", on_click=lambda: self.taken_out.emit(self.person_id)
        )
        self.out.setObjectName("inclusion-take-out")
        self.buttons.add(self.out)
        self.finish()
        self.work.textEdited.connect(lambda text: self.working.emit(self.person_id, text))

    def _take_out(self) -> None:
        self.taken_out.emit(self.person_id)

    def ask(self, one: Here, now: datetime) -> None:
        """Shows one person of the register."""
        self.clear_errors()
        self.person_id = one.person_id
        self.title.setText(f"{one.name}, {one.code}")
        self.intro.setText(f"Came at {clock_time(one.came_at)}.")
        self.intro.show()
        self.work.setText(one.working_on)
        self.left.setText(clock_time(one.left_at or now))

    def focus_first(self) -> None:
        """Goes to the leaving time: that is what this form is opened for most."""
        self.left.setFocus(Qt.FocusReason.OtherFocusReason)
        self.left.selectAll()

    def submit(self) -> None:
        """Hands the leaving time over."""
        self.clear_errors()
        self.left_at.emit(self.person_id, self.left.text())

    def fail(self, error: HoldallError) -> None:
        """Shows the error at the leaving time."""
        self.refuse([(str(error), self.left_field)])


class CloseForm(Form):
    """The end of a session: what is counted, who has no leaving time, a note."""

    closing = Signal(str, str, bool)  # end as typed, note, nobody came
    noted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Close the session", "Close the session", "close", parent)
        self.facts = Label("", wrap=True)
        self.missing = Label("", wrap=True)
        self.end = LineEdit()
        self.note = TextArea(name="Note", lines=3)
        self.end.setObjectName("inclusion-close-end")
        self.note.setObjectName("inclusion-close-note")
        self.nobody = CheckBox("Nobody came")
        self.nobody.setObjectName("inclusion-close-nobody")
        self.end_field = Field("Ended at", self.end)
        self.add(
            self.facts,
            self.missing,
            self.nobody,
            self.end_field,
            Field("Note", self.note, "For the next session, or the report. Saved as you type", optional=True),
        )
        self.finish()
        self.note.textChanged.connect(lambda: self.noted.emit(self.note.text()))

    def ask(self, found: Register) -> None:
        """Sets the form up for a session."""
        self.clear_errors()
        line = found.session
        counted = f", and {found.counted:,} counted without a name" if found.counted else ""
        empty = not found.here and not found.counted
        self.facts.setText("Nobody is in the register." if empty else f"{here_words(found)}{counted}.")
        length = int((line.ends_at - line.starts_at).total_seconds() // 60)
        count = found.without_leaving
        self.missing.setText(
            f"{plural(count, 'person has', 'people have')} no leaving time. "
            f"Each counts for the whole session, {rules.duration_words(length)}."
        )
        self.missing.setVisible(count > 0)
        self.nobody.setVisible(empty)
        self.nobody.setChecked(False)
        self.end.setText(clock_time(line.ends_at))
        self.end_field.set_hint(f"Planned {hours_words(line)}")
        self.note.blockSignals(True)
        self.note.set_text(found.note)
        self.note.blockSignals(False)

    def submit(self) -> None:
        """Hands the end and the note over."""
        self.clear_errors()
        self.closing.emit(self.end.text(), self.note.text(), self.nobody.isChecked())

    def fail(self, error: HoldallError) -> None:
        """Shows the error at the time."""
        self.refuse([(str(error), self.end_field)])


class ReasonForm(Form):
    """One reason in words: why a closed session is opened again, or a planned one cancelled."""

    given = Signal(str)

    def __init__(self, title: str, verb: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(title, verb, name, parent)
        self.reason = LineEdit()
        self.reason.setObjectName(f"inclusion-{name}-reason")
        self.reason_field = Field("Reason", self.reason, "It is kept in the history of the session")
        self.add(self.reason_field)
        self.finish()

    def ask(self) -> None:
        """Sets the form up anew."""
        self.clear_errors()
        self.reason.clear()

    def submit(self) -> None:
        """Hands the reason over."""
        self.clear_errors()
        if not self.reason.text().strip():
            self.refuse([("Write the reason in a few words", self.reason_field)])
            return
        self.given.emit(self.reason.text())
