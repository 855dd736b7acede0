"""What they told us, on the promise page: every answer in two columns, each with a word to change it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from app.repairs import flow
from app.repairs.views import RepairView
from models.repairs import OPEN, State
from ui.repairs.facts import Told, told_of
from ui.widgets import Button, Card, FactList, Label, WrapRow

TITLE = "What they told us"
NOTES = {
    State.DRAFT: "Change an answer and you come back to the promise.",
    State.READY: "To change an answer, open the repair again. Its date is worked out anew when you save it.",
}
BOOKED = "A visit is under way, so the answers stay as they are."


class ToldCard(Card):
    """The answers of a repair. A draft has Change beside each; a saved one is opened for changes first.

    It asks upward: a page to change, or to open the repair again.
    """

    change_asked = Signal(str)  # page
    reopen_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(TITLE)
        self.note = Label("", tone="muted", wrap=True)
        self.reopen = Button("Change the answers", icon="pencil", on_click=self.reopen_asked.emit)
        self.reopen.setObjectName("repairs-reopen")
        self.links: dict[str, Button] = {}  # by page; the first where a page has two
        self._shown: object = None
        self.home, self.repair = FactList(), FactList()
        self.columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.columns.setSpacing(36)
        for title, facts in (("Home and people", self.home), ("The repair", self.repair)):
            column = QVBoxLayout()
            column.setSpacing(6)
            column.addWidget(Label(title, "strong"))
            column.addWidget(facts)
            column.addStretch(1)
            self.columns.addLayout(column, 1)
        self.body.setSpacing(8)
        self.body.addWidget(Label(TITLE, "section"))
        self.body.addWidget(self.note)
        self.body.addWidget(WrapRow([self.reopen]))
        self.body.addLayout(self.columns)

    def show_view(self, view: RepairView) -> None:
        """Shows the answers; what has not changed keeps the keyboard."""
        draft, saved = view.state is State.DRAFT, view.state is State.READY
        note = BOOKED if view.state in OPEN and not saved else NOTES.get(view.state, "")
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.reopen.setVisible(saved)
        told = told_of(view)
        if (view.id, draft, told) == self._shown:
            return
        self._shown = (view.id, draft, told)
        self.links = {}
        for facts, rows in zip((self.home, self.repair), told, strict=True):
            facts.set_facts([(row[0], row[1], self._link(row, draft)) for row in rows])

    def _link(self, row: Told, draft: bool) -> Button | None:
        """The word that changes a row; None where it is only to be read."""
        page = row[2]
        if not page or not draft:
            return None
        button = Button(
            "Add" if page == flow.PHOTOS else "Change", "word", on_click=partial(self.change_asked.emit, page)
        )
        button.setObjectName(f"repairs-told-{row[0].lower().replace(' ', '-')}")
        button.setMinimumWidth(24)
        self.links.setdefault(page, button)
        return button

    def acts(self) -> Sequence[Button]:
        """What can be pressed here, from the top."""
        return [self.reopen] if self.reopen.isVisible() else list(self.links.values())

    def focus_first(self) -> bool:
        """Goes to the first thing to press; False when it is all only to be read."""
        acts = self.acts()
        if acts:
            acts[0].setFocus(Qt.FocusReason.TabFocusReason)
        return bool(acts)

    def set_compact(self, compact: bool) -> None:
        """One column."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self.columns.setDirection(down if compact else across)
