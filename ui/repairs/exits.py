"""The page that ends triage: an emergency with its number, or a repair that is not ours to mend."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QVBoxLayout, QWidget

from app.repairs import service, words
from app.repairs.tree import TreeExit
from app.repairs.views import RepairView
from app.wording import when
from models.repairs import Outcome
from ui.repairs.cases.button import CaseButton
from ui.repairs.emergency_dates import EmergencyDates
from ui.shell import Autosave, Shell
from ui.widgets import Banner, Button, Card, Field, IconLabel, Label, LineEdit, WrapRow, clear_layout

OUTCOME_WORDS = {
    Outcome.GIVEN: "The number was given",
    Outcome.CUT_OFF: "The call ended before the number was given, noted",
}


class ExitPage(QWidget):
    """What to do now. An emergency was recorded when the page opened; here is noted what came of it.

    `acts` is laid out by whoever holds the page, outside what scrolls.
    """

    closed = Signal()
    slip_asked = Signal()
    retracted = Signal()

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.view: RepairView | None = None
        self.row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.row.setContentsMargins(0, 0, 0, 4)
        self.row.setSpacing(24)
        column = QVBoxLayout()
        column.setSpacing(12)
        self.row.addLayout(column, 3)
        self.card = Card(tone="danger")
        self.title = Label("", "section", wrap=True)
        self.lead = Label("", "body", "muted", wrap=True)
        self.number = Label("", "figure", selectable=True)
        self.who = Label("", "body", wrap=True)
        for label in (self.title, self.lead, self.number, self.who):
            self.card.body.addWidget(label)
        self.lists = QWidget()
        self.lists_grid = QGridLayout(self.lists)
        self.lists_grid.setContentsMargins(0, 0, 0, 0)
        self.lists_grid.setHorizontalSpacing(32)
        self.card.body.addWidget(self.lists)
        self.recorded = Banner("", "good", "circle-check")
        self.given = Button("I gave the number", "primary", "phone", key="Enter", big=True)
        self.cut_off = Button("The call was cut off", big=True)
        self.no_emergency = Button("It is no emergency after all", key="Esc", big=True)
        self.slip = Button("Print what to do", icon="printer", big=True)
        self.close_button = Button("Back to the list", "primary", key="Enter", big=True)
        self.case = CaseButton(shell, big=True)
        self.case.setObjectName("repairs-exit-case")
        buttons = [self.given, self.cut_off, self.no_emergency, self.close_button, self.slip, self.case]
        self.acts = WrapRow([*buttons], 10)
        self.place = self._place_form()
        self.dates = EmergencyDates()
        for widget in (self.card, self.recorded):
            column.addWidget(widget)
        column.addStretch(1)
        beside = QVBoxLayout()
        beside.setSpacing(12)
        beside.addWidget(self.place)
        beside.addWidget(self.dates)
        beside.addStretch(1)
        self.row.addLayout(beside, 2)
        self._wire()

    def _place_form(self) -> Card:
        """Where it is, while they ring: it may stay empty."""
        card = Card()
        card.body.addWidget(Label("Where it is, if they said so", "section"))
        named = {
            "address": "House number and street",
            "postcode": "Postcode",
            "tenant_name": "Name",
            "telephone": "Telephone",
        }
        self.fields: dict[str, LineEdit] = {}
        grid = QGridLayout()  # all four in sight, so that the hours below them are too
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        self.autosave = Autosave(self._save, self)
        for at, (key, label) in enumerate(named.items()):
            edit = LineEdit()
            edit.setObjectName(f"repairs-exit-{key.replace('_', '-')}")
            edit.textEdited.connect(partial(self.autosave.touch, key))
            self.fields[key] = edit
            grid.addWidget(Field(label, edit), at // 2, at % 2)
        card.body.addLayout(grid)
        return card

    def _wire(self) -> None:
        names = {
            "repairs-given": self.given,
            "repairs-cut-off": self.cut_off,
            "repairs-no-emergency": self.no_emergency,
            "repairs-exit-slip": self.slip,
            "repairs-exit-close": self.close_button,
        }
        for name, button in names.items():
            button.setObjectName(name)
        self.given.clicked.connect(lambda: self._settle(Outcome.GIVEN))
        self.cut_off.clicked.connect(lambda: self._settle(Outcome.CUT_OFF))
        self.no_emergency.clicked.connect(self.retracted.emit)
        self.slip.clicked.connect(self.slip_asked.emit)
        self.close_button.clicked.connect(self.closed.emit)

    def set_compact(self, compact: bool) -> None:
        """One column."""
        self.row.setDirection(
            QBoxLayout.Direction.TopToBottom if compact else QBoxLayout.Direction.LeftToRight
        )

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Shows the exit that the answers lead to, and what is recorded of it."""
        self.view = view
        exit_ = view.path.way.exit
        if exit_ is None:
            return
        number = self._number(view, exit_)
        emergency = exit_.emergency
        self.title.setText(exit_.title)
        self.lead.setText("Read this out now." if emergency else "Tell them:")
        self.number.setText(number)
        self.who.setText(
            f"It is {exit_.who}. Ring 999 if somebody is hurt."
            if emergency
            else words.exit_words(exit_, self.shell.context.council.telephone)
        )
        self.card.set_tone("danger" if emergency else "info")
        self._lists(exit_)
        self._record(view, emergency)
        self.dates.show_view(view)
        if fresh:
            values = (view.address, view.postcode, view.tenant, view.telephone)
            for edit, value in zip(self.fields.values(), values, strict=True):
                edit.setText(value)

    def _number(self, view: RepairView, exit_: TreeExit) -> str:
        given = view.emergency.number if view.emergency else ""
        return given or exit_.number.replace("{council}", self.shell.context.council.repairs_telephone)

    def _lists(self, exit_: TreeExit) -> None:
        clear_layout(self.lists_grid)
        groups = [("Do", "check", "good", exit_.do), ("Do not", "x", "danger", exit_.do_not)]
        for place, (heading, icon, tone, lines) in enumerate(g for g in groups if g[3]):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(Label(heading, "strong"))
            for line in lines:
                row = QGridLayout()
                row.setHorizontalSpacing(8)
                row.addWidget(IconLabel(icon, tone, 16), 0, 0, Qt.AlignmentFlag.AlignTop)
                row.addWidget(Label(line, wrap=True), 0, 1)
                row.setColumnStretch(1, 1)
                column.addLayout(row)
            column.addStretch(1)
            self.lists_grid.addLayout(column, 0, place)
            self.lists_grid.setColumnStretch(place, 1)

    def _record(self, view: RepairView, emergency: bool) -> None:
        found, today = view.emergency, self.shell.context.today()
        settled = not emergency or (found is not None and found.outcome is not None)
        for button in (self.given, self.cut_off, self.no_emergency):
            button.setVisible(not settled)
        self.slip.setVisible(emergency)
        self.close_button.setVisible(settled)
        self.case.show_for(view, emergency and settled)
        if not emergency or found is None:
            self.recorded.hide()
            return
        if found.outcome is None:
            noticed = f"{when(found.noticed_at, today)} by {found.noticed_by}"
            text = f"{noticed}. It stays on record whatever comes of it."
            self.recorded.set_text(text[0].upper() + text[1:], "Noticed")
        else:
            at = when(found.given_at, today) if found.given_at else ""
            self.recorded.set_text(
                f"{OUTCOME_WORDS.get(found.outcome, 'Noted')} {at} by {found.given_by}.", "Recorded"
            )
        self.recorded.show()

    def focus_first(self) -> None:
        """The act that comes next."""
        button = self.given if self.given.isVisible() else self.close_button
        button.setFocus(Qt.FocusReason.OtherFocusReason)

    def flush(self) -> None:
        """Writes what is still being typed."""
        self.autosave.flush()

    def _save(self, values: dict[str, Any]) -> None:
        if self.view is not None:
            repair_id = self.view.id
            self.shell.write("Type the address", lambda session: service.note(session, repair_id, values))

    def _settle(self, outcome: Outcome) -> None:
        if self.view is None:
            return
        repair_id, number = self.view.id, self.number.text()
        self.shell.write(
            "Emergency: number given" if outcome is Outcome.GIVEN else "Emergency: call cut off",
            lambda session: service.settle_emergency(session, repair_id, outcome, number),
            lambda _changed: self.focus_first(),
        )
