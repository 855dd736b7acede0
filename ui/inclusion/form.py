"""The forms of the Inclusion tab: the frame of each, a session to plan, a place, a person on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.inclusion import rules
from app.inclusion.reading import PersonCard, VenueLine
from app.wording import clock_time, date_year, local_date, plural
from models.errors import HoldallError
from models.inclusion import SessionKind
from ui.widgets import (
    Button,
    CheckBox,
    ComboBox,
    DateBoxes,
    ErrorSummary,
    Field,
    Label,
    LineEdit,
    ScrollColumn,
    TextArea,
    WrapRow,
)


class Form(QWidget):
    """A titled column of fields over its buttons. Enter in a line goes to the next; the last one submits."""

    cancelled = Signal()

    def __init__(self, title: str, verb: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"inclusion-{name}")
        self.title = Label(title, "section", wrap=True)
        self.intro = Label("", "body", "muted", wrap=True)
        self.intro.hide()
        self.summary = ErrorSummary()
        self.save = Button(verb, "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName(f"inclusion-{name}-save")
        self.cancel = Button("Back", key="Esc", on_click=self.cancelled.emit)
        self.cancel.setObjectName(f"inclusion-{name}-back")
        self.fields = ScrollColumn((0, 0, 6, 0))
        for widget in (self.title, self.intro, self.summary):
            self.fields.body.addWidget(widget)
        self.buttons = WrapRow([self.save, self.cancel], 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.fields, 1)
        self._lines: list[LineEdit] = []
        self._fields: list[Field] = []

    def add(self, *widgets: QWidget) -> None:
        """Appends widgets; the fields among them take errors, their lines Enter."""
        for widget in widgets:
            self.fields.body.addWidget(widget)
            if isinstance(widget, Field):
                self._fields.append(widget)
                lines = widget.editor.boxes if isinstance(widget.editor, DateBoxes) else [widget.editor]
                for line in lines:
                    if isinstance(line, LineEdit):
                        self._lines.append(line)
                        line.returnPressed.connect(lambda at=line: self._next(at))

    def add_row(self, *fields: Field) -> None:
        """Appends short fields side by side."""
        self.add(*fields)
        row = QHBoxLayout()
        row.setSpacing(12)
        for field in fields:
            self.fields.body.removeWidget(field)
            row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        self.fields.body.addLayout(row)

    def finish(self) -> None:
        """Puts the buttons under the fields."""
        self.fields.body.addWidget(self.buttons)
        self.fields.body.addStretch(1)

    def _next(self, line: LineEdit) -> None:
        number = self._lines.index(line) + 1
        shown = [one for one in self._lines[number:] if one.isVisible() and one.isEnabled()]
        if shown:
            shown[0].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.submit()

    def clear_errors(self) -> None:
        """Takes every error away."""
        self.summary.show_errors([])
        for field in self._fields:
            field.set_error(None)

    def refuse(self, errors: Sequence[tuple[str, Field]]) -> None:
        """Shows what to put right; what was written stays."""
        for words, field in errors:
            field.set_error(words)
        self.summary.show_errors([(words, field.editor) for words, field in errors])

    def fail(self, error: HoldallError) -> None:
        """Shows an error that belongs to no single field, at the first one."""
        self.refuse([(str(error), self._fields[0])])

    def submit(self) -> None:
        """Hands over what was written; each form says how."""
        raise NotImplementedError

    def focus_first(self) -> None:
        """Goes to the first line."""
        if self._lines:
            self._lines[0].setFocus(Qt.FocusReason.OtherFocusReason)
            self._lines[0].selectAll()


class PlanForm(Form):
    """Where, what, when: a session to come, or one that opens at once."""

    planned = Signal(str, str, object, object, int, bool)  # place, kind, starts, ends, volunteers, open now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Plan a session", "Plan the session", "plan", parent)
        self.venue = ComboBox()
        self.kind = ComboBox([(words, kind.value) for kind, words in rules.KIND_WORDS.items()])
        self.day = DateBoxes(name="Day of the session")
        self.start, self.end, self.volunteers = LineEdit(), LineEdit(), LineEdit()
        self.open_now = CheckBox("Open the register at once")
        for widget, name in (
            (self.venue, "venue"),
            (self.kind, "kind"),
            (self.start, "start"),
            (self.end, "end"),
            (self.volunteers, "volunteers"),
            (self.open_now, "open"),
        ):
            widget.setObjectName(f"inclusion-plan-{name}")
        self.day_field = Field("Day", self.day)
        self.start_field = Field("From", self.start, "Like 13:00")
        self.end_field = Field("To", self.end, "Like 16:00")
        self.volunteers_field = Field("Volunteers", self.volunteers, "0 for none")
        self.add(
            Field("Place", self.venue),
            Field("Kind of session", self.kind),
            self.day_field,
        )
        self.add_row(self.start_field, self.end_field, self.volunteers_field)
        self.add(self.open_now)
        self.finish()

    def ask(self, venues: Sequence[VenueLine], now: datetime, venue_id: str = "") -> None:
        """Sets the form up for now: the next full hours of today."""
        self.clear_errors()
        self.venue.clear()
        for venue in venues:
            self.venue.addItem(venue.name, venue.id)
        self.venue.setCurrentIndex(max(0, self.venue.findData(venue_id)))
        self.day.set_value(local_date(now))
        start = now.replace(minute=0, second=0, microsecond=0)
        self.start.setText(clock_time(start))
        self.end.setText(clock_time(start + timedelta(hours=2)))
        self.volunteers.setText("0")
        self.open_now.setChecked(False)

    def focus_first(self) -> None:
        """Goes to the place."""
        self.venue.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Checks day, times and number, and hands them over."""
        self.clear_errors()
        errors: list[tuple[str, Field]] = []
        day = self.day.value()
        if day is None:
            errors.append(("Write a real date, like 17 12 2026", self.day_field))
        times: list[datetime] = []
        for line, field in ((self.start, self.start_field), (self.end, self.end_field)):
            try:
                times.append(rules.read_clock(line.text(), day or date(2000, 1, 1)))
            except HoldallError as error:
                errors.append((str(error), field))
        count = self.volunteers.text().strip() or "0"
        if not (count.isascii() and count.isdigit() and int(count) < 100):
            errors.append(("Write how many volunteers help, in figures", self.volunteers_field))
        if not errors and times[1] <= times[0]:
            errors.append(("The session ends before it begins", self.end_field))
        if errors:
            self.refuse(errors)
            return
        self.planned.emit(
            str(self.venue.currentData()),
            str(self.kind.currentData() or SessionKind.DROP_IN.value),
            times[0],
            times[1],
            int(count),
            self.open_now.isChecked(),
        )


class VenueForm(Form):
    """A place, with a note for whoever opens up. An existing one is saved as it is typed."""

    added = Signal(str, str, str, str)
    edited = Signal(str, str)  # field, text
    plan_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("New place", "Add the place", "venue", parent)
        self.venue_id = ""
        self.name, self.address, self.postcode = LineEdit(), LineEdit(), LineEdit()
        self.note = TextArea(name="Note", lines=2)
        self.name.setObjectName("inclusion-venue-name")
        self.name_field = Field("Name", self.name, "As people call it, like Hadley Street Library")
        self.postcode_field = Field("Postcode", self.postcode, "Like AV3 2QT", optional=True)
        self.add(
            self.name_field,
            Field("Address", self.address, optional=True),
            self.postcode_field,
            Field("For whoever opens up", self.note, "Where the key is, which door", optional=True),
        )
        self.plan = Button("Plan a session here…", on_click=lambda: self.plan_asked.emit(self.venue_id))
        self.buttons.add(self.plan)
        self.finish()
        for key, line in (("name", self.name), ("address", self.address), ("postcode", self.postcode)):
            line.textEdited.connect(lambda text, k=key: self._touched(k, text))
        self.note.textChanged.connect(lambda: self._touched("note", self.note.text()))

    def ask(self, venue: VenueLine | None) -> None:
        """Shows a place, or an empty form for a new one."""
        self.clear_errors()
        self.venue_id = ""
        self.title.setText("New place" if venue is None else venue.name)
        self.name.setText("" if venue is None else venue.name)
        self.address.setText("" if venue is None else venue.address)
        self.postcode.setText("" if venue is None else venue.postcode)
        self.note.set_text("" if venue is None else venue.note)
        self.venue_id = "" if venue is None else venue.id
        self.save.setVisible(venue is None)
        self.plan.setVisible(venue is not None)

    def _touched(self, key: str, text: str) -> None:
        if not self.venue_id:
            return
        problem = self._problem(key, text)
        field = self.name_field if key == "name" else self.postcode_field
        field.set_error(problem)
        if problem is None:
            self.edited.emit(key, text)

    def _problem(self, key: str, text: str) -> str | None:
        if key == "name" and not text.strip():
            return "Write what people call the place"
        try:
            if key == "postcode":
                rules.read_postcode(text)
        except HoldallError as error:
            return str(error)
        return None

    def submit(self) -> None:
        """Hands a new place over."""
        if self.venue_id:
            self.cancelled.emit()
            return
        self.clear_errors()
        checks = (
            ("name", self.name.text(), self.name_field),
            ("postcode", self.postcode.text(), self.postcode_field),
        )
        errors = [(words, field) for key, text, field in checks if (words := self._problem(key, text))]
        if errors:
            self.refuse(errors)
            return
        self.added.emit(self.name.text(), self.address.text(), self.postcode.text(), self.note.text())


class PersonCardForm(Form):
    """A person on record, saved as it is typed."""

    edited = Signal(str, str)  # field, text

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "Done", "card", parent)
        self.person_id = ""
        self.name, self.year, self.postcode = LineEdit(), LineEdit(), LineEdit()
        self.name_field = Field("Name", self.name)
        self.year_field = Field("Year of birth", self.year, "Like 1958", optional=True)
        self.postcode_field = Field("Postcode", self.postcode, "AV3 alone is enough", optional=True)
        self.add(self.name_field, self.year_field, self.postcode_field)
        self.save.hide()
        self.finish()
        for key, line in (("name", self.name), ("year_of_birth", self.year), ("postcode", self.postcode)):
            line.textEdited.connect(lambda text, k=key: self._touched(k, text))

    def ask(self, card: PersonCard, today: date) -> None:
        """Shows a person."""
        self.clear_errors()
        self.person_id, self._today = card.id, today
        self.title.setText(f"{card.name}, {card.code}")
        if card.first_at is not None and card.last_at is not None:
            first, last = date_year(local_date(card.first_at)), date_year(local_date(card.last_at))
            self.intro.setText(f"{plural(card.sessions, 'session')}, first on {first}, last on {last}.")
        else:
            self.intro.setText("No session yet.")
        self.intro.show()
        self.name.setText(card.name)
        self.year.setText("" if card.year_of_birth is None else str(card.year_of_birth))
        self.postcode.setText(card.postcode)

    def _touched(self, key: str, text: str) -> None:
        field = {"name": self.name_field, "year_of_birth": self.year_field}.get(key, self.postcode_field)
        try:
            if key == "year_of_birth":
                rules.read_year_of_birth(text, self._today)
            elif key == "postcode":
                rules.read_postcode(text)
            elif not text.strip():
                raise HoldallError("Write a name.")
        except HoldallError as error:
            field.set_error(str(error))
            return
        field.set_error(None)
        self.edited.emit(key, text)

    def submit(self) -> None:
        """Everything is saved already."""
        self.cancelled.emit()
