"""The Right to Repair on the promise page: how it stands, and what the tenant may ask for now."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.repairs.clock_words import right_words
from app.repairs.right_to_repair import Stage
from app.repairs.views import RepairView
from app.wording import money
from models.repairs import OPEN, State
from ui.shell import Shell
from ui.widgets import Button, QuietNote, WrapRow

ENDED = (Stage.REFUSED, Stage.NOT_QUALIFYING, Stage.MENDED)


class RightCard(QuietNote):
    """One note with up to three acts. It asks upward: another contractor, nobody let in, costs too much."""

    second_asked = Signal()
    refused = Signal()
    dear = Signal()

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__("Right to Repair", "", parent=parent)
        self.shell = shell
        self.second = Button(
            "They ask for another contractor", icon="wrench", on_click=self.second_asked.emit
        )
        self.no_access = Button("Nobody was let in", on_click=self.refused.emit)
        self.costs = Button("It costs too much", on_click=self.dear.emit)
        for name, button in (
            ("repairs-second", self.second),
            ("repairs-no-access", self.no_access),
            ("repairs-dear", self.costs),
        ):
            button.setObjectName(name)
        self.acts = WrapRow([self.second, self.no_access, self.costs], 10)
        self.body.setSpacing(8)
        self.body.addWidget(self.acts)

    def show_view(self, view: RepairView) -> None:
        """Shows how the right stands in a saved repair; hides where there is none."""
        right = None if view.state is State.DRAFT else view.right(self.shell.context.now())
        law = view.tables.right_to_repair
        words = right_words(right, law) if right is not None else ""
        self.setVisible(bool(words))
        self.set_text(words)
        if right is None:
            return
        runs = view.state in OPEN and right.stage not in ENDED
        cap = money(law.cost_cap).removesuffix(".00")
        self.costs.setText(f"It costs more than {cap}")
        self.second.setVisible(runs and right.stage is Stage.MAY_ASK)
        self.no_access.setVisible(runs)
        self.costs.setVisible(runs and right.stage is not Stage.OWED)
        self.acts.setVisible(runs)
        self.acts.updateGeometry()
