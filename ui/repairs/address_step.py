"""The address page of the interview: a home of the council's list, or typed, with what to know of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.repairs import flow, service
from app.repairs.homes.find import Home, homes
from app.repairs.views import RepairView
from ui.repairs.homes.again import MemoryNotes
from ui.repairs.steps import Done, Step
from ui.shell import Autosave, Shell
from ui.theme import theme
from ui.widgets import Card, CheckBox, ErrorSummary, Field, Item, LineEdit, SearchField, TwoLineList


class AddressStep(Step):
    """Where it is and who told us: a home of the council's list, or typed."""

    id = flow.ADDRESS
    ask = "Where is it, and who told us?"
    help = "Type a postcode, a street or a name to find the home."
    why = "With the address we see what was mended there before, and who may be at risk."

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.errors = ErrorSummary()
        self.search = SearchField("Postcode, street or name", None, "Find the home", slim=False)
        self.search.setObjectName("repairs-find-home")
        self.hits = TwoLineList(name="Homes found")
        self.hit_card = Card(flush=True)
        self.hit_card.body.addWidget(self.hits)
        self.hit_card.hide()
        self.name, self.address = LineEdit(), LineEdit()
        self.postcode, self.telephone, self.email = LineEdit(), LineEdit(), LineEdit()
        self.fields = {
            "tenant_name": Field("Name", self.name),
            "address": Field("House number and street", self.address),
            "postcode": Field("Postcode", self.postcode, "Like AV3 2QT"),
            "telephone": Field("Telephone", self.telephone, "Like 07700 900 417", optional=True),
            "email": Field("E-mail, if they would rather", self.email, "Like name@example.org"),
        }
        self.texts = CheckBox("They can have text messages")
        self.writing = CheckBox("We may write to this address")
        self.autosave = Autosave(self._save, self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        for number, field in enumerate(list(self.fields.values())[:4]):
            grid.addWidget(field, number // 2, number % 2, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self.fields["email"], 2, 0, Qt.AlignmentFlag.AlignTop)
        boxes = QVBoxLayout()
        boxes.setSpacing(4)
        boxes.addWidget(self.texts)
        boxes.addStretch(1)
        boxes.addWidget(self.writing)
        grid.addLayout(boxes, 2, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.notes = MemoryNotes()
        for widget in (self.errors, self.search, self.hit_card, self.notes):
            self.column.addWidget(widget)
        self.column.addLayout(grid)
        self.column.addStretch(1)
        for before, after in zip(
            (self.telephone, self.texts, self.email), (self.texts, self.email, self.writing), strict=True
        ):
            QWidget.setTabOrder(before, after)
        self.search.textEdited.connect(self._look)
        self.search.returnPressed.connect(self._take_first)
        self.hits.opened.connect(self._take)
        self.hits.clicked.connect(lambda _index: self._take(self.hits.value() or ""))
        for key, field in self.fields.items():
            editor = field.editor
            assert isinstance(editor, LineEdit)  # noqa: S101  made a few lines above
            editor.textEdited.connect(partial(self.autosave.touch, key))
            editor.setObjectName(f"repairs-{key.replace('_', '-')}")
        self.texts.toggled.connect(partial(self.autosave.touch, "text_allowed"))
        self.writing.toggled.connect(partial(self.autosave.touch, "email_allowed"))
        self.writing.setObjectName("repairs-email-allowed")
        self.email.textChanged.connect(self._offer_writing)
        self.writing.hide()
        self.restyle()

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Fills the boxes when the page is opened, and after a home was chosen."""
        super().show_view(view, fresh)
        self.notes.show_memory(view.memory)
        if not fresh and self.autosave.waiting:
            return
        values = (view.tenant, view.address, view.postcode, view.telephone, view.email)
        for field, value in zip(self.fields.values(), values, strict=True):
            editor = field.editor
            if isinstance(editor, LineEdit) and editor.text() != value and (fresh or not editor.hasFocus()):
                editor.setText(value)
        for box, allowed in ((self.texts, view.text_allowed), (self.writing, view.email_allowed)):
            box.blockSignals(True)
            box.setChecked(allowed)
            box.blockSignals(False)
        if fresh:
            self.search.clear()
            self.hit_card.hide()
            self.errors.show_errors([])
            for field in self.fields.values():
                field.set_error(None)

    def _offer_writing(self, address: str) -> None:
        """Whether we may write is asked once there is an address to write to."""
        self.writing.setVisible(bool(address.strip()))

    def focus_first(self) -> None:
        """The search box, or the first field that is empty."""
        (self.search if not self.address.text() else self.name).setFocus(Qt.FocusReason.OtherFocusReason)

    def flush(self) -> None:
        """Writes what is still being typed."""
        self.autosave.flush()

    def _save(self, values: dict[str, Any]) -> None:
        repair_id = self._repair_id
        self.shell.write("Type the address", lambda session: service.note(session, repair_id, values))

    def _look(self, words: str) -> None:
        found = self.shell.read(lambda session: homes(session, words[:80]))
        rows = [home_item(h) for h in found]
        self.hits.set_groups([("", rows)])
        self.hit_card.setVisible(bool(rows))
        one = self.hits.sizeHintForRow(0) if rows else theme().tall(56)
        self.hits.setFixedHeight(one * min(3, max(1, len(rows))))

    def _take_first(self) -> None:
        first = next((e for n in range(2) if isinstance(e := self.hits.entry(n), Item)), None)
        if self.hit_card.isVisible() and first is not None:
            self._take(first.id)

    def _take(self, home_id: str) -> None:
        repair_id = self._repair_id
        if home_id:
            self.autosave.forget()
            self.shell.write(
                "Choose the home",
                lambda session: service.choose_home(session, repair_id, home_id),
                lambda _changed: self._taken(),
            )

    def _taken(self) -> None:
        self.hit_card.hide()
        self.search.clear()
        if self.view is not None:
            self.show_view(self.view, fresh=True)
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, done: Done) -> None:
        """Checks the address; what is wrong is said above and at its field."""
        if self.search.hasFocus() and self.hit_card.isVisible():
            self._take_first()
            return
        problems = service.address_problems(
            self.address.text(),
            self.postcode.text(),
            self.name.text(),
            self.telephone.text(),
            self.email.text(),
        )
        for key, field in self.fields.items():
            field.set_error(problems.get(key))
        self.errors.show_errors([(words, self.fields[key].editor) for key, words in problems.items()])
        if problems:
            return
        self.flush()
        repair_id = self._repair_id
        self.shell.write(
            "Address", lambda session: service.finish_address(session, repair_id), lambda _changed: done()
        )


def home_item(home: Home) -> Item:
    """A home that was found; one where no repairs are done says so before it is chosen."""
    if home.stopped:
        words = f"No repairs here: {home.stopped[:1].lower()}{home.stopped[1:]}"
        return Item(home.id, home.where, words, "danger", "circle-x", home.tenant)
    return Item(home.id, home.where, home.tenant)
